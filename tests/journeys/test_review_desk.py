"""The reviewer's desk in a real browser: scored by keyboard alone, saved by itself, never a word lost, two pages of one
reviewer, with JavaScript and without."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from app.kernel.db import db
from app.kernel.work import open_work
from app.reviews.actions import save_review, withdraw_assignment
from app.reviews.facts import Score
from app.reviews.models import Assignment, ReviewRevision
from tests.journeys.conftest import Site, sign_in
from tests.journeys.looking import assert_axe_finds_nothing, assert_sound, follow
from tests.world import NOW, PASSWORD, World, file_proposal, give

SAVED = "บันทึกแล้ว"
WORDS = "ข้อมูลและช่องทางเชื่อมโยงระบุไว้ชัดเจนทุกระบบ"


@pytest.fixture
def assignment(site: Site) -> int:
    with site.app.app_context():
        made = give(site.world, file_proposal(site.world), "reviewer_bb")[0]
        db.session.remove()
    return made


def kept(site: Site, assignment: int) -> tuple[dict[str, Any], str]:
    """The scores and notes as they are saved."""
    with site.app.app_context():
        row = db.session.get_one(Assignment, assignment)
        found = json.loads(row.scores), row.notes
        db.session.remove()
    return found


def reviewer(browser: Browser, site: Site, *, scripts: bool = True) -> tuple[BrowserContext, Page]:
    context = browser.new_context(locale="th-TH", java_script_enabled=scripts)
    page = context.new_page()
    sign_in(page, site, "reviewer_bb")
    return context, page


def desk(page: Page, site: Site, assignment: int) -> None:
    page.goto(f"{site.url}/reviewer/assignments/{assignment}")


def codes_of(page: Page) -> list[str]:
    names = page.eval_on_selector_all(".criterion", "all => all.map((e) => e.querySelector('input').name)")
    return [name.removeprefix("score-") for name in names]


def saves_elsewhere(site: Site, assignment: int, change: dict[str, Score], **more: str) -> None:
    """Another page of the same reviewer saves meanwhile."""
    with site.app.app_context():
        row = db.session.get_one(Assignment, assignment)
        scores = {code: Score(v["level"], v["comment"]) for code, v in json.loads(row.scores).items()}
        version = row.version
        db.session.remove()
        with open_work(site.world.actor("reviewer_bb"), NOW) as work:
            save_review(work, assignment, scores | change, version, **more)
        db.session.remove()


def test_a_proposal_is_scored_by_keyboard_alone(browser: Browser, site: Site, assignment: int) -> None:
    context, page = reviewer(browser, site)
    desk(page, site, assignment)
    expect(page.locator(".keys")).to_be_visible()
    codes = codes_of(page)
    page.locator(f"#score-{codes[0]}").focus()
    page.keyboard.press("4")
    expect(page.locator("[data-needs]").first).to_contain_text("อย่างน้อย 20 ตัวอักษร (ขณะนี้ 0)")
    page.keyboard.press("c")
    page.keyboard.type("n 0 1 2 ")  # keys are letters while typing
    page.keyboard.insert_text(WORDS)
    expect(page.locator(f"#comment-{codes[0]}")).to_have_value(f"n 0 1 2 {WORDS}")
    expect(page.locator("[data-needs]").first).to_contain_text("ครบตามที่กำหนดแล้ว")
    page.keyboard.press("Escape")
    expect(page.locator(f"[name='score-{codes[0]}'][value='4']")).to_be_focused()
    for code in codes[1:]:
        page.keyboard.press("n")
        expect(page.locator(f"[name='score-{code}']:focus")).to_have_count(1)
        # with a Thai layout on, the key of the 2 types another letter
        page.evaluate(
            "document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
            " {key: '/', code: 'Digit2', bubbles: true, cancelable: true}))"
        )
        expect(page.locator(f"[name='score-{code}'][value='2']")).to_be_checked()
    expect(page.locator("[data-lacks]")).to_be_empty()
    expect(page.locator("[data-total]")).to_have_text("62.50")
    expect(page.locator("[data-saved]")).to_contain_text(SAVED)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    expect(page.locator(f"[name='score-{codes[-2]}'][value='3']")).to_be_checked()
    page.keyboard.press("n")  # nothing is left: the button to hand in
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("ท่านส่งคะแนนเมื่อ")
    context.close()


def test_it_saves_itself_within_two_seconds_and_the_notes_with_it(
    browser: Browser, site: Site, assignment: int
) -> None:
    context, page = reviewer(browser, site)
    desk(page, site, assignment)
    page.check("#score-integration-3")
    page.fill("#notes", "ถามเรื่องบันทึกข้อตกลง")
    rested = time.monotonic()
    expect(page.locator("[data-saved]")).to_contain_text("บันทึกแล้ว 10:00 น.", timeout=2000)
    assert time.monotonic() - rested < 2
    scores, notes = kept(site, assignment)
    assert scores["integration"]["level"] == 3
    assert notes == "ถามเรื่องบันทึกข้อตกลง"
    page.fill("#comment-economy", "ก" * 4001)  # too long to hand in, and kept as it was typed
    expect(page.locator("#comment-economy-error")).to_contain_text("ยาวเกินไป")
    assert len(kept(site, assignment)[0]["economy"]["comment"]) == 4001
    page.reload()
    expect(page.locator("#comment-economy")).to_have_value("ก" * 4001)
    expect(page.locator("#comment-economy-error")).to_contain_text("ยาวเกินไป")
    context.close()


def test_a_session_that_ends_in_mid_sentence_and_somebody_else_signing_in(
    browser: Browser, site: Site, assignment: int
) -> None:
    context, page = reviewer(browser, site)
    desk(page, site, assignment)
    page.fill("#comment-integration", WORDS)
    expect(page.locator("[data-saved]")).to_contain_text(SAVED)
    site.clock.advance(hours=3)
    page.locator("#comment-integration").press_sequentially(" และต่อ", delay=5)
    expect(page.get_by_role("alert")).to_contain_text("ข้อความทั้งหมดยังอยู่ในหน้านี้")
    with context.expect_page() as opened:
        page.get_by_role("link", name="เข้าสู่ระบบในแท็บใหม่").click()
    other = opened.value

    def signs_in(name: str) -> None:
        other.goto(f"{site.url}/sign-in")
        other.get_by_label("อีเมล").fill(World.email(name))
        other.get_by_label("รหัสผ่าน", exact=True).fill(PASSWORD)
        other.get_by_role("button", name="เข้าสู่ระบบ").click()
        other.wait_for_url(lambda url: "/sign-in" not in url)

    signs_in("reviewer_dga")
    page.bring_to_front()
    expect(page.get_by_role("alert")).to_contain_text("เป็นคนอื่น")
    assert kept(site, assignment)[0]["integration"]["comment"] == WORDS
    # a sign-out on purpose drops what is kept in the browser, not what stands in this page
    follow(other, other.get_by_role("button", name="ออกจากระบบ"))
    signs_in("reviewer_bb")
    page.bring_to_front()
    expect(page.locator("[data-saved]")).to_contain_text(SAVED)
    assert kept(site, assignment)[0]["integration"]["comment"] == f"{WORDS} และต่อ"
    context.close()


def test_a_server_that_goes_away_and_a_page_that_is_closed(
    browser: Browser, site: Site, assignment: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, page = reviewer(browser, site)
    desk(page, site, assignment)

    def lost(route: Route) -> None:
        route.fetch()  # the server has it, and the answer never arrives
        route.abort()

    page.route("**/autosave", lost)
    page.check("#score-integration-2")
    expect(page.locator("[data-saved]")).to_contain_text("ติดต่อระบบไม่ได้")
    page.unroute("**/autosave", lost)
    page.check("#score-integration-3")  # its own text is not another page's
    expect(page.locator("[data-saved]")).to_contain_text(SAVED)
    assert kept(site, assignment)[0]["integration"]["level"] == 3
    # the last attempt of the closing page finds no server either, however late a busy machine makes it
    monkeypatch.setitem(site.app.view_functions, "reviewer.autosave", lambda **_: ("", 503))
    context.set_offline(True)
    page.fill("#comment-integration", WORDS)
    expect(page.locator("[data-saved]")).to_contain_text("ติดต่อระบบไม่ได้")
    page.close()
    context.set_offline(False)
    again = context.new_page()
    desk(again, site, assignment)
    expect(again.get_by_role("alert")).to_contain_text("ยังไม่ได้บันทึก")
    monkeypatch.undo()
    again.get_by_role("button", name="นำกลับมา").click()
    expect(again.locator("#comment-integration")).to_have_value(WORDS)
    expect(again.locator("[data-saved]")).to_contain_text(SAVED)
    assert kept(site, assignment)[0]["integration"]["comment"] == WORDS
    context.close()


def test_two_pages_in_different_fields_see_each_other(browser: Browser, site: Site, assignment: int) -> None:
    context, page = reviewer(browser, site)
    desk(page, site, assignment)
    other = context.new_page()
    desk(other, site, assignment)
    other.check("#score-economy-2")
    expect(other.locator("[data-saved]")).to_contain_text(SAVED)
    page.check("#score-integration-3")
    expect(page.get_by_role("alert")).to_contain_text("ทั้งสองหน้าอยู่ครบ")
    expect(page.locator("#score-economy-2")).to_be_checked()
    expect(page.locator("[data-given]")).to_have_text("2")
    scores, _ = kept(site, assignment)
    assert (scores["integration"]["level"], scores["economy"]["level"]) == (3, 2)
    context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_two_pages_in_one_field_choose(browser: Browser, site: Site, assignment: int, scripts: bool) -> None:
    context, page = reviewer(browser, site, scripts=scripts)
    desk(page, site, assignment)
    saves_elsewhere(site, assignment, {"integration": Score(1, "")}, notes="จากอีกหน้า")
    page.check("#score-integration-3")
    if scripts:
        expect(page.get_by_role("alert")).to_contain_text("อีกหน้าหนึ่งของท่าน")
        page.get_by_role("button", name="เทียบและเลือก").click()
    else:
        page.get_by_role("button", name="บันทึกร่าง", exact=True).last.click()
    expect(page.get_by_role("heading", name="เลือกค่าที่จะใช้")).to_be_visible()
    if scripts:
        assert_axe_finds_nothing(page)
    page.locator('input[type="radio"][value="mine"]').check()
    page.get_by_role("button", name="บันทึกสิ่งที่เลือก").click()
    expect(page.get_by_role("status").first).to_contain_text("บันทึกสิ่งที่ท่านเลือกแล้ว")
    scores, notes = kept(site, assignment)
    assert (scores["integration"]["level"], notes) == (3, "จากอีกหน้า")
    # what was not chosen is in the history, and comes back
    page.goto(f"{site.url}/reviewer/assignments/{assignment}/history")
    if page.locator("section.chapter > details:not([open])").count():
        page.locator("section.chapter > details > summary").click()
    page.locator("details.sure > summary").last.click()
    page.locator("details.sure button").last.click()
    expect(page.get_by_role("status").first).to_contain_text("นำฉบับก่อนกลับมาเป็นร่างแล้ว")
    assert kept(site, assignment)[0]["integration"]["level"] == 1
    context.close()


def test_what_was_taken_back_meanwhile_leaves_the_typed_text_and_no_more(
    browser: Browser, site: Site, assignment: int
) -> None:
    context, page = reviewer(browser, site)
    desk(page, site, assignment)
    with site.app.app_context():
        with open_work(site.world.actor("secretariat"), NOW) as work:
            withdraw_assignment(work, assignment, "ปรับภาระงาน")
        db.session.remove()
    page.fill("#comment-integration", WORDS)
    expect(page.locator("[data-saved]")).to_contain_text("ฝ่ายเลขานุการยกเลิกการมอบหมาย")
    expect(page.locator("#comment-integration")).to_have_value(WORDS)
    page.get_by_role("button", name="บันทึกร่าง", exact=True).last.click()
    expect(page.get_by_role("alert")).to_contain_text("ไม่ได้บันทึก")
    expect(page.locator("main")).to_contain_text(WORDS)
    expect(page.locator("main")).not_to_contain_text("ระบบเชื่อมโยงข้อมูลทดสอบ")
    with site.app.app_context():
        assert db.session.query(ReviewRevision).count() == 0
        db.session.remove()
    context.close()


def test_the_desk_is_clean(browser: Browser, site: Site, assignment: int) -> None:
    context, page = reviewer(browser, site)
    for path in ("", "/history"):
        page.goto(f"{site.url}/reviewer/assignments/{assignment}{path}")
        assert_sound(page)
    context.close()
