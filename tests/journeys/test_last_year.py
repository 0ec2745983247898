"""A project goes on in a real browser: the secretariat records what became of it, the officer begins with it, reads last
year beside the form, finds the draft by a word inside its title, and takes all home in one file."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from app.jobs.runner import drain
from app.kernel.db import db
from tests.journeys.conftest import Site
from tests.journeys.looking import follow
from tests.journeys.test_main_job import Person
from tests.proposals.earlier import LAST_YEAR, decide, file_earlier

GRANTED = 100_000_100
SOURCE = "รายงานการเบิกจ่าย GFMIS"
TITLE = "ระบบเชื่อมโยงข้อมูลทดสอบ"


@pytest.fixture
def granted(site: Site) -> int:
    """Last year's project, granted all it asked for."""
    with site.app.app_context():
        proposal_id = file_earlier(site.world)
        decide(site.world, proposal_id, GRANTED)
        db.session.remove()
    return proposal_id


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_results_recorded_project_continued_found_and_taken_home(
    browser: Browser, site: Site, tmp_path: Path, granted: int, scripts: bool
) -> None:
    _secretariat_records(browser, site, granted, scripts)
    site.clock.advance(minutes=1)
    officer = Person(browser, site, "officer", scripts=scripts)
    page = officer.page
    address = _officer_continues(page, granted)
    _last_year_stands_beside(page, address)
    _found_by_words_inside(page)
    _taken_home(page, site, tmp_path)
    _choices_of_mail_and_calendar(page, site)
    officer.leave()


def _secretariat_records(browser: Browser, site: Site, granted: int, scripts: bool) -> None:
    secretariat = Person(browser, site, "secretariat", scripts=scripts)
    page = secretariat.page
    page.goto(f"{site.url}/secretariat/calls/{LAST_YEAR}")
    page.get_by_role("link", name="ผลการดำเนินงาน", exact=True).click()
    page.get_by_role("row", name=TITLE).get_by_role("link").click()
    expect(page.locator("#granted")).to_have_value("1,000,001.00")
    page.fill("#as_of-day", "๒๐")
    page.select_option("#as_of-month", "10")
    page.fill("#as_of-year", "2568")
    page.fill("#spent", "๑,๐๐๐,๐๐๒")
    page.fill("#result-1", "25")
    page.select_option("#reached-1", "yes")
    page.fill("#source", SOURCE)
    page.get_by_role("button", name="บันทึกผล").click()
    expect(page.locator("#error-summary")).to_contain_text("เบิกจ่ายมากกว่าวงเงินที่ใช้ได้ (1,000,001.00 บาท)")
    expect(page.locator("#result-1")).to_have_value("25")
    page.fill("#spent", "930,000.93")
    page.get_by_role("button", name="บันทึกผล").click()
    expect(page.locator("#reports + table")).to_contain_text(SOURCE)
    secretariat.leave()


def _officer_continues(page: Page, granted: int) -> str:
    page.get_by_role("link", name="เริ่มจากโครงการปีก่อน").click()
    page.fill("#q", "เชื่อมโยงข้อมูล")
    page.get_by_role("search").get_by_role("button").click()
    page.locator(f"main a[href*='/agency/earlier/{granted}']").first.click()
    follow(page, page.locator(f"form[action*='/agency/earlier/{granted}'] button"))
    expect(page).to_have_url(re.compile(r"/agency/proposals/\d+"))
    return re.sub(r"[?#].*", "", page.url)


def _last_year_stands_beside(page: Page, address: str) -> None:
    for section, said in (("budget", ("930,000.93", "(93%)", SOURCE)), ("indicators", ("25", "บรรลุ"))):
        page.goto(f"{address}/{section}")
        fold = page.locator("#last-year")
        fold.locator("summary").first.click()
        for words in said:
            expect(fold).to_contain_text(words)
        expect(fold.locator("input, textarea, select")).to_have_count(0)
    expect(page.locator("#check-heading")).to_have_text("ตรวจร่างขณะกรอก")
    expect(page.locator(".meters li.here")).to_contain_text("ตัวชี้วัด")


def _found_by_words_inside(page: Page) -> None:
    page.get_by_role("link", name="ข้อเสนอโครงการ", exact=True).first.click()
    page.fill("#q", "โยงข้อมูล")
    page.select_option("#state", "draft")
    page.get_by_role("search").get_by_role("button").click()
    row = page.locator("table.work tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("2570-0001")
    expect(row).to_contain_text("ยังขาด")


def _taken_home(page: Page, site: Site, tmp_path: Path) -> None:
    page.get_by_role("link", name="ดาวน์โหลด PDF / Excel").click()
    page.get_by_role("radio", name="Excel").check()
    follow(page, page.get_by_role("button", name="สั่งพิมพ์"))
    drain(site.app)
    page.reload()
    with page.expect_download() as download:
        page.locator("a[href*='/agency/papers/']").first.click()
    file = tmp_path / "own.xlsx"
    download.value.save_as(file)
    book = openpyxl.load_workbook(file)
    assert any(TITLE in str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


def _choices_of_mail_and_calendar(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/account")
    box = page.locator("form[action$='/account/e-mails'] input[type=checkbox]:enabled").first
    box.uncheck()
    follow(page, page.locator("form[action$='/account/e-mails'] button"))
    expect(
        page.locator("form[action$='/account/e-mails'] input[type=checkbox]:enabled").first
    ).not_to_be_checked()
    feed = page.locator("#calendar-address").input_value()
    answer = page.request.get(f"{site.url}/calendar/{feed.rpartition('/')[2]}", timeout=90_000)
    assert "BEGIN:VCALENDAR" in answer.text()
