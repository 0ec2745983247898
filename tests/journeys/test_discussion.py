"""A discussion in real browsers, as three people at once: the secretariat opens the queue, two reviewers talk about a
proposal side by side, an outcome is recorded, a final score is handed in with a reason, and the committee reads what it
came to and nothing of what was said; with and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from app.kernel.db import db
from app.reviews.models import Assignment, DiscussionNote
from tests.journeys.conftest import Site
from tests.journeys.looking import follow
from tests.journeys.test_extension import _is_sound, _is_sound_in_both
from tests.journeys.test_main_job import Person
from tests.reviews.discussed import at_phase, discussed
from tests.world import FISCAL_YEAR

TITLE = "ระบบที่ผู้พิจารณาเห็นต่าง"
ASKED = "เกณฑ์ทุกข้อต่างกันสองระดับ ขอให้แต่ละท่านอธิบาย"
FIRST = "เห็นว่าข้อมูลเชื่อมโยงครบตามเอกสารแนบ"
OTHER = "ไม่พบเอกสารแนบในครั้งแรก ขอทบทวนคะแนน"
MISTAKEN = "พิมพ์ผิดเรื่อง"
SUMMARY = "เข้าใจเอกสารตรงกันแล้ว ขอคะแนนสุดท้ายจากทั้งสองท่าน"
REASON = "พบเอกสารแนบแล้วหลังการหารือ จึงปรับคะแนน"


@pytest.fixture
def proposal(site: Site) -> int:
    """Reviewed by two, one all threes and one all ones."""
    with site.app.app_context():
        proposal_id, _ = discussed(site.world, title_th=TITLE, title_en="A system reviewers differ on")
        db.session.remove()
    return proposal_id


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_the_queue_to_the_final_score(
    browser: Browser, site: Site, proposal: int, scripts: bool
) -> None:
    secretariat = Person(browser, site, "secretariat", scripts=scripts)
    _secretariat_asks(secretariat.page, site, scripts)
    one, other = (Person(browser, site, name, scripts=scripts) for name in ("reviewer_bb", "reviewer_dga"))
    _both_open_it(one.page, other.page, scripts)
    _both_write_at_once(one.page, other.page)
    _one_takes_a_note_back(one.page, other.page)
    _secretariat_concludes(secretariat.page, scripts)
    with site.app.app_context():
        at_phase(site.world, "final")
        db.session.remove()
    _other_gives_a_final_score(other.page)
    _queue_knows_who_is_awaited(secretariat.page, site, scripts)
    committee = Person(browser, site, "committee", scripts=scripts)
    _committee_reads_the_outcome(committee.page, site, proposal, scripts)
    for person in (secretariat, one, other, committee):
        person.leave()
    with site.app.app_context():
        totals = [(a.first_total, a.total) for a in db.session.query(Assignment).order_by(Assignment.id)]
        assert totals == [(7500, 7500), (2500, 5000)]
        assert db.session.query(DiscussionNote).count() == 4  # the one taken back is kept, too
        db.session.remove()


def _look_at(page: Page, scripts: bool, *, refused: bool = False) -> None:
    """Sound at both widths, in both languages unless a form was refused; without scripts the pages are the same."""
    if scripts:
        (_is_sound if refused else _is_sound_in_both)(page, scripts)


def _secretariat_asks(page: Page, site: Site, scripts: bool) -> None:
    """Why the list stands as it does, the reviews side by side, and a question to both."""
    page.goto(f"{site.url}/secretariat/calls/{FISCAL_YEAR}/discussions")
    row = page.locator("table.talks tbody tr")
    expect(row).to_have_count(1)
    row.locator(".why summary").click()
    expect(row.locator(".why-box")).to_contain_text("คะแนนต่างกัน")
    _look_at(page, scripts)
    page.get_by_role("link", name=TITLE).click()
    expect(page.locator(".beside-scores")).to_contain_text("2 ระดับ")
    page.get_by_role("button", name="บันทึกข้อความ").click()
    expect(page.locator("#error-summary")).to_contain_text("กรุณาพิมพ์ข้อความ")
    _look_at(page, scripts, refused=True)
    page.get_by_label("เขียนถึงผู้พิจารณาของข้อเสนอนี้").fill(ASKED)
    page.get_by_role("button", name="บันทึกข้อความ").click()
    expect(page.get_by_role("status")).to_contain_text("บันทึกข้อความแล้ว")
    expect(page.locator(".thread li")).to_contain_text([ASKED])
    _look_at(page, scripts)


def _both_open_it(one: Page, other: Page, scripts: bool) -> None:
    """From their homes, where it waits; each finds the own column marked."""
    for page in (one, other):
        expect(page.locator("#talks")).to_have_text("การหารือ")
        page.get_by_role("link", name=TITLE).first.click()
        expect(page.locator(".thread li")).to_contain_text([ASKED])
        expect(page.locator(".beside-scores th.is-mine")).to_contain_text("ฉัน")
    _look_at(one, scripts)


def _both_write_at_once(one: Page, other: Page) -> None:
    """Both have the page open when both write: neither is refused, and each reads the other."""
    one.get_by_label("เขียนในการหารือ").fill(FIRST)
    other.get_by_label("เขียนในการหารือ").fill(OTHER)
    for page in (one, other):
        page.get_by_role("button", name="บันทึกข้อความ").click()
        expect(page.get_by_role("status")).to_contain_text("บันทึกข้อความแล้ว")
    one.reload()
    for page in (one, other):
        expect(page.locator(".thread li")).to_contain_text([ASKED, FIRST, OTHER])


def _one_takes_a_note_back(one: Page, other: Page) -> None:
    one.get_by_label("เขียนในการหารือ").fill(MISTAKEN)
    one.get_by_role("button", name="บันทึกข้อความ").click()
    mistaken = one.locator(".thread li").last
    expect(mistaken).to_contain_text(MISTAKEN)
    mistaken.locator("summary").click()
    mistaken.get_by_role("button", name="ยืนยัน ถอนข้อความนี้").click()
    expect(one.get_by_role("status")).to_contain_text("ถอนข้อความแล้ว")
    other.reload()
    expect(other.locator(".thread li").last).to_contain_text("ผู้เขียนถอนข้อความนี้แล้ว")
    expect(other.locator("main")).not_to_contain_text(MISTAKEN)


def _secretariat_concludes(page: Page, scripts: bool) -> None:
    """A note typed meanwhile stays while the outcome is recorded."""
    page.reload()
    expect(page.locator(".thread li")).to_have_count(4)
    page.get_by_role("button", name="บันทึกผลการหารือ").click()
    expect(page.locator("#error-summary")).to_contain_text("กรุณาเลือกผลการหารือ")
    _look_at(page, scripts, refused=True)
    page.get_by_label("เขียนถึงผู้พิจารณาของข้อเสนอนี้").fill("ยังเขียนไม่จบ")
    page.get_by_label("ขอคะแนนสุดท้ายจากผู้พิจารณา").check()
    page.get_by_label("สรุปและเหตุผล").fill(SUMMARY)
    page.get_by_role("button", name="บันทึกผลการหารือ").click()
    expect(page.get_by_role("status")).to_contain_text("บันทึกผลการหารือแล้ว")
    expect(page.locator(".outcome-now")).to_contain_text(SUMMARY)
    expect(page.get_by_label("เขียนถึงผู้พิจารณาของข้อเสนอนี้")).to_have_value("ยังเขียนไม่จบ")


def _other_gives_a_final_score(page: Page) -> None:
    """From the thread to the desk and back: a reason is asked for, and both totals stand in the thread."""
    page.reload()
    thread = page.url.split("#")[0]
    follow(page, page.locator(".note").get_by_role("link", name="ให้คะแนนสุดท้าย"))
    for level in page.locator("#rubric input[type=radio][value='2']").all():
        level.check()
    page.locator("#rubric").get_by_role("button", name="ส่งคะแนนสุดท้าย").click()
    expect(page.locator("#error-summary")).to_contain_text("กรุณาระบุเหตุผล")
    page.locator("#reason").fill(REASON)
    follow(page, page.locator("#rubric").get_by_role("button", name="ส่งคะแนนสุดท้าย"))
    expect(page.locator("#rubric")).to_be_visible()
    expect(page.locator("main")).to_contain_text("ส่งคะแนนสุดท้ายแล้ว")
    page.goto(thread)
    expect(page.get_by_role("row", name=REASON)).to_contain_text("50.00")
    expect(page.locator(".note")).to_have_count(0)


def _queue_knows_who_is_awaited(page: Page, site: Site, scripts: bool) -> None:
    page.goto(f"{site.url}/secretariat/calls/{FISCAL_YEAR}/discussions")
    page.locator("#thread").select_option("finals")
    page.get_by_role("button", name="แสดง", exact=True).click()
    expect(page).to_have_url(re.compile("thread=finals"))
    cell = page.locator("table.talks tbody tr td").last
    cell.locator("summary").click()
    expect(cell).to_contain_text("คะแนนสุดท้าย 1 จาก 2 คน")
    expect(cell.locator("li")).to_contain_text(["ผู้ใช้ reviewer_bb รอ", "ผู้ใช้ reviewer_dga"])
    _look_at(page, scripts)


def _committee_reads_the_outcome(page: Page, site: Site, proposal: int, scripts: bool) -> None:
    page.goto(f"{site.url}/committee/proposals/{proposal}")
    expect(page.locator("main")).to_contain_text(SUMMARY)
    expect(page.get_by_role("row", name=REASON)).to_contain_text("+25.00")
    for unsaid in (ASKED, FIRST, OTHER, MISTAKEN):
        expect(page.locator("body")).not_to_contain_text(unsaid)
    _look_at(page, scripts)
