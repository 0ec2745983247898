"""A workbook in a real browser, with and without script: fetched, sent, waited for, mended, taken in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.jobs.runner import drain
from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.actions import save_section
from app.proposals.queries import read_draft
from tests.journeys.conftest import Site, sign_in
from tests.journeys.looking import assert_sound_in_both, follow
from tests.proposals.consortium import answer, gather, invite, joint
from tests.web.agency.workbook import BUDGET, INDICATORS, put
from tests.workbooks.made_up import edited
from tests.world import NOW, complete_draft, write_draft


def begin(site: Site) -> int:
    with site.app.app_context():
        proposal_id = write_draft(site.world, complete_draft())
        db.session.remove()
    return proposal_id


def read_all(site: Site) -> None:
    """What the runner does."""
    assert drain(site.app)


def send(page: Page, path: Path) -> None:
    page.get_by_label("ไฟล์ Excel ที่กรอกแล้ว").set_input_files(path)
    follow(page, page.get_by_role("button", name="นำเข้าและตรวจ"))
    expect(page).to_have_url(re.compile(r"/agency/workbooks/\d+$"))


@pytest.mark.parametrize("scripts", [True, False], ids=["script", "no script"])
def test_from_the_form_to_the_sheet_and_back(
    browser: Browser, site: Site, tmp_path: Path, scripts: bool
) -> None:
    proposal_id = begin(site)
    page = browser.new_context(java_script_enabled=scripts, accept_downloads=True).new_page()
    sign_in(page, site, "officer")
    page.goto(f"{site.url}/agency/proposals/{proposal_id}/budget")
    page.get_by_role("link", name="กรอกด้วย Excel").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="ดาวน์โหลดแบบกรอก (.xlsx)").click()
    assert download.value.suggested_filename == "2570-0001-alpha.xlsx"
    template = Path(download.value.path()).read_bytes()
    sheet = tmp_path / "กรอกแล้ว.xlsx"
    sheet.write_bytes(edited(template, put(BUDGET, D4="ศูนย์", C5="เครื่องพิมพ์", D5=4, F5="1,200.50")))

    send(page, sheet)
    expect(page.locator("main")).to_contain_text("รอเริ่มอ่าน")
    waiting = page.url
    if scripts:
        assert_sound_in_both(page)
    page.goto(f"{site.url}/agency/proposals/{proposal_id}/workbook")  # left, and found again
    page.get_by_role("link", name="กรอกแล้ว.xlsx").click()
    expect(page).to_have_url(waiting)
    read_all(site)
    expect(page.locator("main")).to_contain_text("ต้องแก้ 1 ข้อ ใน 1 แถว")  # by itself
    if scripts:
        assert_sound_in_both(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="ดาวน์โหลดไฟล์เดิมที่ทำเครื่องหมายแล้ว").click()
    assert download.value.suggested_filename == "กรอกแล้ว ทำเครื่องหมายแล้ว.xlsx"
    sheet.write_bytes(edited(Path(download.value.path()).read_bytes(), put(BUDGET, D4="๓")))

    send(page, sheet)
    read_all(site)
    expect(page.locator("main")).to_contain_text("สิ่งที่จะเปลี่ยน")
    expect(page.locator("main")).to_contain_text("4,802.00")
    if scripts:
        assert_sound_in_both(page)
    page.get_by_role("button", name="นำเข้าทั้งหมด").click()
    page.wait_for_url(f"{site.url}/agency/proposals/{proposal_id}/budget")
    expect(page.locator("main")).to_contain_text("นำเข้าจาก “กรอกแล้ว.xlsx” แล้ว")
    expect(page.locator("#budget-2-item")).to_have_value("เครื่องพิมพ์")
    expect(page.locator("#budget-1-quantity")).to_have_value("3")
    page.context.close()


def test_two_at_once_choose_and_a_look_that_is_too_old_is_shown_anew(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    proposal_id = begin(site)
    page = browser.new_context(accept_downloads=True).new_page()
    sign_in(page, site, "officer")
    page.goto(f"{site.url}/agency/proposals/{proposal_id}/workbook")
    with page.expect_download() as download:
        page.get_by_role("link", name="ดาวน์โหลดแบบกรอก (.xlsx)").click()
    sheet = tmp_path / "a.xlsx"
    template = Path(download.value.path()).read_bytes()
    sheet.write_bytes(edited(template, put(BUDGET, F4=9, C4="ระบบคอมพิวเตอร์ใหม่")))
    send(page, sheet)
    read_all(site)
    expect(page.locator("main")).to_contain_text("สิ่งที่จะเปลี่ยน")
    change(site, proposal_id, unit_price="7.00")
    page.get_by_role("button", name="นำเข้าทั้งหมด").click()
    expect(page.locator("[role=alert]")).to_contain_text("ร่างเปลี่ยนไปหลังจากที่ท่านเปิดหน้านี้")
    expect(page.locator("[role=alert]")).to_be_focused()
    page.get_by_role("button", name="นำเข้าทั้งหมด", exact=True).click()
    expect(page.locator(".conflict .error")).to_contain_text("กรุณาเลือกว่าจะใช้ของใคร")
    expect(page.locator(".conflict .error")).to_have_count(1)
    page.goto(page.url)  # what answers a form can be opened again
    assert_sound_in_both(page)
    page.get_by_label("ใช้ของผู้ใช้ officer").check()
    page.get_by_role("button", name="นำเข้าทั้งหมด", exact=True).click()
    page.wait_for_url(f"{site.url}/agency/proposals/{proposal_id}/budget")
    expect(page.locator("#budget-1-unit_price")).to_have_value("7.00")
    expect(page.locator("#budget-1-item")).to_have_value("ระบบคอมพิวเตอร์ใหม่")
    page.context.close()


def change(site: Site, proposal_id: int, **cells: str) -> None:
    """Somebody types in the form meanwhile."""
    with site.app.app_context():
        view = read_draft(db.session(), proposal_id)
        rows = [{**view.draft["budget"]["rows"][0], **cells}]
        with open_work(site.world.actor("officer"), NOW) as work:
            save_section(work, proposal_id, "budget", {"rows": rows}, view.section_versions["budget"])
        db.session.remove()


def test_pages_of_a_workbook_are_sound(browser: Browser, site: Site, tmp_path: Path) -> None:
    """The page to begin at with what was sent, one refused as a whole, one with nothing to change, one dropped."""
    proposal_id = begin(site)
    page = browser.new_context(accept_downloads=True).new_page()
    sign_in(page, site, "officer")
    home = f"{site.url}/agency/proposals/{proposal_id}/workbook"
    page.goto(home)
    assert_sound_in_both(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="ดาวน์โหลดแบบกรอก (.xlsx)").click()
    template = Path(download.value.path()).read_bytes()
    for name, data, words in (
        ("letter.xlsx", b"a letter", "ไม่ใช่ไฟล์ Excel"),
        ("same.xlsx", template, "ตรงกับร่างทุกช่อง"),
        ("both.xlsx", edited(template, put(INDICATORS, A5="ใหม่")), "สิ่งที่จะเปลี่ยน"),
    ):
        (tmp_path / name).write_bytes(data)
        page.goto(home)
        send(page, tmp_path / name)
        read_all(site)
        expect(page.locator("main")).to_contain_text(words)
        assert_sound_in_both(page)
    page.get_by_role("button", name="ไม่นำเข้าไฟล์นี้").click()
    page.wait_for_url(home)
    expect(page.locator("main")).to_contain_text("ร่างไม่เปลี่ยน")
    assert_sound_in_both(page)
    follow(page, page.get_by_role("link", name="both.xlsx"))
    assert_sound_in_both(page)
    page.goto(home)
    page.get_by_role("button", name="นำเข้าและตรวจ").click()
    expect(page.locator("#error-summary")).to_be_focused()
    page.context.close()


def test_a_participant_without_script(browser: Browser, site: Site, tmp_path: Path) -> None:
    """Its own part by the same pages; the lead's lines are not in its workbook."""
    with site.app.app_context():
        here = gather(site.world)
        proposal_id = write_draft(site.world, joint())
        invite(here, proposal_id)
        answer(here, proposal_id)
        db.session.remove()
    page = browser.new_context(java_script_enabled=False, accept_downloads=True).new_page()
    sign_in(page, site, "officer_beta")
    page.goto(f"{site.url}/agency/proposals/{proposal_id}/parts/beta/budget")
    page.get_by_role("link", name="กรอกด้วย Excel").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="ดาวน์โหลดแบบกรอก (.xlsx)").click()
    assert download.value.suggested_filename == "2570-0001-beta.xlsx"
    template = Path(download.value.path()).read_bytes()
    sheet = tmp_path / "beta.xlsx"
    sheet.write_bytes(edited(template, put(BUDGET, C4="เครื่องพิมพ์", D4=2, F4=500)))
    send(page, sheet)
    read_all(site)
    expect(page.locator("main")).to_contain_text("สิ่งที่จะเปลี่ยน")
    expect(page.locator("main")).not_to_contain_text("ระบบคอมพิวเตอร์")
    page.get_by_role("button", name="นำเข้าทั้งหมด").click()
    page.wait_for_url(f"{site.url}/agency/proposals/{proposal_id}/parts/beta/budget")
    expect(page.locator("#budget-1-item")).to_have_value("เครื่องพิมพ์")
    expect(page.locator("#budget-1-agency")).to_have_value("beta")
    page.context.close()
