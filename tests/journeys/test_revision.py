"""Returned for revision in a real browser: a reviewer asks, the secretariat sends, the officer answers, mends only what
was opened and files again, and everybody sees what changed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from app.kernel.db import db
from tests.journeys.conftest import Site
from tests.journeys.looking import follow
from tests.journeys.test_main_job import Person
from tests.world import file_proposal, give

ASKED = "ราคาต่อหน่วยมาจากแหล่งใด"
ANSWER = "สืบราคาจากผู้ขายสามราย และปรับลดราคาลงแล้ว"


@pytest.fixture
def proposal_id(site: Site) -> int:
    """A filing that passed and was given to a reviewer."""
    with site.app.app_context():
        made = file_proposal(site.world)
        give(site.world, made, "reviewer_bb")
        db.session.remove()
    return made


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_asked_sent_answered_and_filed_again(
    browser: Browser, site: Site, proposal_id: int, scripts: bool
) -> None:
    _reviewer_asks(browser, site, scripts)
    site.clock.advance(minutes=1)
    _secretariat_sends(browser, site, proposal_id, scripts)
    site.clock.advance(minutes=1)
    _officer_revises(browser, site, proposal_id, scripts)
    _reviewer_sees(browser, site, scripts)


def _reviewer_asks(browser: Browser, site: Site, scripts: bool) -> None:
    reviewer = Person(browser, site, "reviewer_bb", scripts=scripts)
    page = reviewer.page
    page.locator("main a[href*='/assignments/']").first.click()
    page.locator(".criterion").first.locator("input[type=radio]").nth(3).check()
    page.select_option("#question-section", "budget")
    page.fill("#question-text", ASKED)
    page.get_by_role("button", name="บันทึกคำถาม").click()
    expect(page.locator(".questions")).to_contain_text(ASKED)
    # the score entered before asking came along
    expect(page.locator(".criterion").first.locator("input[type=radio]").nth(3)).to_be_checked()
    reviewer.leave()


def _secretariat_sends(browser: Browser, site: Site, proposal_id: int, scripts: bool) -> None:
    secretariat = Person(browser, site, "secretariat", scripts=scripts)
    page = secretariat.page
    page.get_by_role("link", name="คำถาม 1 ข้อรอท่านส่งหรือตัดออก").click()
    page.locator(f"a[href*='/proposals/{proposal_id}/returns']").click()
    expect(page.get_by_role("checkbox", name="ส่งคำถามนี้")).to_be_checked()
    page.get_by_role("button", name="ส่งคืนให้หน่วยงานแก้ไข").click()
    expect(page.locator("#open")).to_contain_text("ตอบแล้ว 0 จาก 1 ข้อ")
    expect(page.locator("#open")).to_contain_text("27 พ.ย. 2568 16:30 น.")
    secretariat.leave()


def _officer_revises(browser: Browser, site: Site, proposal_id: int, scripts: bool) -> None:
    officer = Person(browser, site, "officer", scripts=scripts)
    page = officer.page
    base = f"{site.url}/agency/proposals/{proposal_id}"
    page.goto(f"{base}/returned")
    expect(page.locator("main")).to_contain_text("ยังขาดคำตอบ 1 ข้อ")
    expect(page.locator("main")).not_to_contain_text("reviewer_bb")
    box = page.get_by_role("textbox", name=re.compile(ASKED))
    if scripts:
        box.press_sequentially(ANSWER, delay=5)
        expect(page.locator("[data-saved]")).to_contain_text("บันทึกแล้ว", timeout=2500)
        expect(page.locator("[data-panel]")).to_contain_text("ตอบครบแล้ว")
    else:
        box.fill(ANSWER)
        follow(page, page.get_by_role("button", name="บันทึกคำตอบ"))
        expect(page.locator("main")).to_contain_text("ตอบครบแล้ว")
    # a section that was not opened has nothing to type into
    page.goto(f"{base}/rationale")
    expect(page.locator("#rationale-outputs:enabled")).to_have_count(0)
    page.goto(f"{base}/returned")
    page.get_by_role("link", name="แก้ไขส่วนนี้").click()
    page.fill("#budget-1-unit_price", "400000.50")
    page.fill("#budget-1-q1", "800001.00")
    page.fill("#budget-1-q2", "")
    follow(page, page.get_by_role("button", name=re.compile("บันทึก")).first)
    page.goto(f"{base}/changes")
    expect(page.locator("main")).to_contain_text("400,000.50")
    page.goto(f"{base}/submit")
    follow(page, page.locator("form[action$='/submit'] button"))
    expect(page).to_have_url(re.compile(r"/receipt$"))
    expect(page.locator("main")).to_contain_text(re.compile(r"R\d{4}-0001-2"))
    officer.leave()


def _reviewer_sees(browser: Browser, site: Site, scripts: bool) -> None:
    reviewer = Person(browser, site, "reviewer_bb", scripts=scripts)
    page = reviewer.page
    page.locator("main a[href*='/assignments/']").first.click()
    expect(page.locator(".note-warn").first).to_contain_text("หน่วยงานยื่นใหม่")
    expect(page.locator(".questions")).to_contain_text(ANSWER)
    expect(page.locator(".criterion").first.locator("input[type=radio]").nth(3)).to_be_checked()
    page.get_by_role("link", name="ดูสิ่งที่เปลี่ยนไป").click()
    for said in ("400,000.50", "500,000.50", ASKED, ANSWER):
        expect(page.locator("main")).to_contain_text(said)
    reviewer.leave()
