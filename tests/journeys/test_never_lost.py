"""Never lose a word: saving by itself, a session that ends in mid-sentence, a server that goes away, a page that is closed,
two people in one section; in a real browser."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.actions import save_section
from app.proposals.models import ProposalDraft
from tests.journeys.conftest import Site, sign_in
from tests.world import NOW, PASSWORD, World, complete_draft, write_draft

LONG = "เพื่อให้ข้อมูลน้ำและกำลังคนเชื่อมโยงกันทั้งระบบ โดยประชาชนไม่ต้องยื่นเอกสารซ้ำ "


@pytest.fixture
def proposal_id(site: Site) -> int:
    with site.app.app_context():
        made = write_draft(site.world, complete_draft())
        db.session.remove()
    return made


def kept(site: Site, proposal_id: int, section: str) -> dict[str, Any]:
    with site.app.app_context():
        value: dict[str, Any] = json.loads(db.session.get_one(ProposalDraft, proposal_id).content)[section]
        db.session.remove()
    return value


def officer(browser: Browser, site: Site, *, scripts: bool = True) -> tuple[BrowserContext, Page]:
    context = browser.new_context(locale="th-TH", java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page, site, "officer")
    return context, page


def section(page: Page, site: Site, proposal_id: int, name: str) -> None:
    page.goto(f"{site.url}/agency/proposals/{proposal_id}/{name}")


SAVED = "บันทึกแล้ว"


def test_a_field_saves_itself_within_two_seconds_of_rest(
    browser: Browser, site: Site, proposal_id: int
) -> None:
    context, page = officer(browser, site)
    section(page, site, proposal_id, "rationale")
    page.locator("#rationale-rationale").press_sequentially("ก่อนเที่ยงคืน", delay=10)
    rested = time.monotonic()
    expect(page.locator("[data-saved]")).to_contain_text(SAVED, timeout=2000)
    assert time.monotonic() - rested < 2
    expect(page.locator("[data-saved]")).to_contain_text("10:00 น.")
    assert "ก่อนเที่ยงคืน" in kept(site, proposal_id, "rationale")["rationale"]
    # the panel follows: an emptied field is missed at once, with a link to it
    page.fill("#rationale-outputs", "")
    expect(page.locator("[data-panel]")).to_contain_text("กรุณากรอกผลผลิต")
    page.locator("[data-panel]").get_by_role("link", name="กรุณากรอกผลผลิต").first.click()
    expect(page.locator("#rationale-outputs")).to_be_focused()
    context.close()


def test_rows_added_and_removed_save_themselves(browser: Browser, site: Site, proposal_id: int) -> None:
    context, page = officer(browser, site)
    section(page, site, proposal_id, "indicators")
    page.get_by_role("button", name="เพิ่มตัวชี้วัด").click()
    page.fill("#indicators-3-name", "ความพึงพอใจ")  # the second row is left blank
    page.fill("#indicators-3-target", "๘๕")
    expect(page.locator("[data-saved]")).to_contain_text(SAVED)
    assert [row["name"] for row in kept(site, proposal_id, "indicators")["rows"]] == [
        "จำนวนชุดข้อมูล",
        "ความพึงพอใจ",
    ]
    with page.expect_response("**/autosave"):
        page.locator("[data-row]").first.get_by_role("button", name="ลบ").click()
    expect(page.locator("[data-saved]")).to_contain_text(SAVED)
    assert [row["name"] for row in kept(site, proposal_id, "indicators")["rows"]] == ["ความพึงพอใจ"]
    context.close()


def test_an_amount_that_cannot_be_read_is_told_and_kept(
    browser: Browser, site: Site, proposal_id: int
) -> None:
    context, page = officer(browser, site)
    section(page, site, proposal_id, "budget")
    page.fill("#budget-1-unit_price", "สามล้าน")
    expect(page.locator("#budget-1-unit_price-error")).to_contain_text("ต้องเป็นตัวเลข")
    assert kept(site, proposal_id, "budget")["unread"] == {"budget-1-unit_price": "สามล้าน"}
    page.reload()
    expect(page.locator("#budget-1-unit_price")).to_have_value("สามล้าน")
    page.fill("#budget-1-unit_price", "๓,๐๐๐,๐๐๐")
    expect(page.locator("#budget-1-unit_price-error")).to_have_count(0)
    assert kept(site, proposal_id, "budget")["rows"][0]["unit_price"] == "3000000.00"
    context.close()


def test_a_session_that_ends_in_mid_sentence_loses_not_one_letter(
    browser: Browser, site: Site, proposal_id: int
) -> None:
    context, page = officer(browser, site)
    section(page, site, proposal_id, "rationale")
    page.fill("#rationale-rationale", LONG)
    expect(page.locator("[data-saved]")).to_contain_text(SAVED)
    site.clock.advance(hours=3)  # idle for too long: the server has ended the session
    page.locator("#rationale-rationale").press_sequentially("และเขียนต่อกลางประโยค", delay=5)
    expect(page.get_by_role("alert")).to_contain_text("ข้อความทั้งหมดยังอยู่ในหน้านี้")
    page.locator("#rationale-rationale").press_sequentially(" แม้จะออกจากระบบแล้ว", delay=5)
    typed = page.input_value("#rationale-rationale")
    with context.expect_page() as opened:
        page.get_by_role("link", name="เข้าสู่ระบบในแท็บใหม่").click()
    other = opened.value
    other.get_by_label("อีเมล").fill(World.email("officer"))
    other.get_by_label("รหัสผ่าน", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="เข้าสู่ระบบ").click()
    other.wait_for_url(lambda url: "/sign-in" not in url)
    page.bring_to_front()
    expect(page.locator("[data-saved]")).to_contain_text(SAVED)
    assert kept(site, proposal_id, "rationale")["rationale"] == typed
    assert typed.endswith("และเขียนต่อกลางประโยค แม้จะออกจากระบบแล้ว")
    expect(page.get_by_role("alert")).to_have_count(0)
    # the form itself goes on with the new session, too
    page.get_by_role("button", name="บันทึก", exact=True).last.click()
    expect(page.get_by_role("status").first).to_contain_text("บันทึก “หลักการและเหตุผล” แล้ว")
    context.close()


def test_somebody_else_signing_in_does_not_file_my_text(
    browser: Browser, site: Site, proposal_id: int
) -> None:
    context, page = officer(browser, site)
    section(page, site, proposal_id, "rationale")
    site.clock.advance(hours=3)
    page.fill("#rationale-rationale", "ข้อความของฉัน")
    with context.expect_page() as opened:
        page.get_by_role("link", name="เข้าสู่ระบบในแท็บใหม่").click()
    other = opened.value
    other.get_by_label("อีเมล").fill(World.email("certifier"))
    other.get_by_label("รหัสผ่าน", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="เข้าสู่ระบบ").click()
    other.wait_for_url(lambda url: "/sign-in" not in url)
    page.bring_to_front()
    expect(page.get_by_role("alert")).to_contain_text("เป็นคนอื่น")
    expect(page.locator("#rationale-rationale")).to_have_value("ข้อความของฉัน")
    assert kept(site, proposal_id, "rationale")["rationale"] == "เหตุผล"
    context.close()


def test_a_server_that_goes_away_is_waited_for(browser: Browser, site: Site, proposal_id: int) -> None:
    context, page = officer(browser, site)
    section(page, site, proposal_id, "names")

    def gone(route: Route) -> None:
        route.abort()

    page.route("**/autosave", gone)
    page.fill("#names-title_th", "ชื่อที่พิมพ์ตอนระบบล่ม")
    expect(page.locator("[data-saved]")).to_contain_text("ติดต่อระบบไม่ได้")
    page.unroute("**/autosave", gone)
    expect(page.locator("[data-saved]")).to_contain_text(SAVED)
    assert kept(site, proposal_id, "names")["title_th"] == "ชื่อที่พิมพ์ตอนระบบล่ม"
    context.close()


def test_a_page_closed_before_it_was_saved_offers_the_text_again(
    browser: Browser, site: Site, proposal_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, page = officer(browser, site)
    section(page, site, proposal_id, "rationale")
    # the last attempt of the closing page finds no server either, however late a busy machine makes it
    monkeypatch.setitem(site.app.view_functions, "agency.autosave", lambda **_: ("", 503))
    context.set_offline(True)
    page.fill("#rationale-objectives", "ข้อความที่ยังไม่ถึงระบบ")
    expect(page.locator("[data-saved]")).to_contain_text("ติดต่อระบบไม่ได้")
    page.close()  # the browser is closed
    context.set_offline(False)
    again = context.new_page()
    section(again, site, proposal_id, "rationale")
    expect(again.get_by_role("alert")).to_contain_text("ยังไม่ได้บันทึก")
    monkeypatch.undo()
    again.get_by_role("button", name="นำกลับมา").click()
    expect(again.locator("#rationale-objectives")).to_have_value("ข้อความที่ยังไม่ถึงระบบ")
    expect(again.locator("[data-saved]")).to_contain_text(SAVED)
    assert kept(site, proposal_id, "rationale")["objectives"] == "ข้อความที่ยังไม่ถึงระบบ"
    context.close()


def colleague_saves(site: Site, proposal_id: int, **fields: str) -> None:
    """Somebody else of the agency saves the rationale meanwhile."""
    with site.app.app_context():
        kept_now = db.session.get_one(ProposalDraft, proposal_id)
        value = json.loads(kept_now.content)["rationale"] | fields
        version = json.loads(kept_now.section_versions)["rationale"]
        with open_work(site.world.actor("reviewer_alpha"), NOW) as work:
            save_section(work, proposal_id, "rationale", value, version)
        db.session.remove()


def test_two_people_in_different_fields_see_each_other(
    browser: Browser, site: Site, proposal_id: int
) -> None:
    context, page = officer(browser, site)
    section(page, site, proposal_id, "rationale")
    colleague_saves(site, proposal_id, outputs="ผลผลิตที่เพื่อนเขียน")
    page.fill("#rationale-rationale", "เหตุผลที่ฉันเขียน")
    expect(page.get_by_role("alert")).to_contain_text("ข้อความของทั้งสองฝ่ายอยู่ครบ")
    expect(page.locator("#rationale-outputs")).to_have_value("ผลผลิตที่เพื่อนเขียน")
    assert kept(site, proposal_id, "rationale")["rationale"] == "เหตุผลที่ฉันเขียน"
    assert kept(site, proposal_id, "rationale")["outputs"] == "ผลผลิตที่เพื่อนเขียน"
    context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_two_people_in_one_field_choose(
    browser: Browser, site: Site, proposal_id: int, scripts: bool
) -> None:
    context, page = officer(browser, site, scripts=scripts)
    section(page, site, proposal_id, "rationale")
    colleague_saves(site, proposal_id, rationale="เหตุผลของเพื่อน")
    page.fill("#rationale-rationale", "เหตุผลของฉันเอง")
    if scripts:
        expect(page.get_by_role("alert")).to_contain_text("ผู้ใช้ reviewer_alpha")
        page.get_by_role("button", name="เทียบและเลือก").click()
    else:
        page.get_by_role("button", name="บันทึก", exact=True).last.click()
    expect(page.get_by_role("heading", name="เลือกข้อความที่จะใช้")).to_be_visible()
    expect(page.locator("main")).to_contain_text("เพื่อน")
    page.locator('input[type="radio"][value="mine"]').check()
    page.get_by_role("button", name="บันทึกข้อความที่เลือก").click()
    expect(page.get_by_role("status").first).to_contain_text("บันทึกข้อความที่ท่านเลือกแล้ว")
    assert kept(site, proposal_id, "rationale")["rationale"] == "เหตุผลของฉันเอง"
    page.goto(f"{site.url}/agency/proposals/{proposal_id}/rationale/history")
    expect(page.locator("main")).to_contain_text("ผู้ใช้ reviewer_alpha")
    page.get_by_role("row", name="ผู้ใช้ reviewer_alpha").locator("summary").click()
    page.get_by_role("row", name="ผู้ใช้ reviewer_alpha").get_by_role("button").click()
    expect(page.get_by_role("status").first).to_contain_text("กลับมาใช้แล้ว")
    assert kept(site, proposal_id, "rationale")["rationale"] == "เหตุผลของเพื่อน"
    context.close()
