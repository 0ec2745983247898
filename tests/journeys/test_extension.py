"""A call is extended in a real browser: for all, then for one agency, with what cannot be told at once and nothing typed
lost; the officers see by when they file, each their own moment, and the audit log has it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Site
from tests.journeys.looking import WIDTHS, assert_sound, assert_sound_in_both, follow, speak
from tests.journeys.test_main_job import Person

ALL_CLOSE = datetime.fromisoformat("2025-11-29T00:00:00+07:00")
FOR_ALL, FOR_ONE = "ระบบเครือข่ายภาครัฐขัดข้องทั้งประเทศ", "เหตุไฟไหม้ที่ทำการของกรม เอกสารเสียหาย"
ALL_UNTIL = "28 พ.ย. 2568 24:00 น."
ONE_UNTIL, ONE_UNTIL_ENGLISH = "30 พ.ย. 2568 16:30 น.", "30 Nov 2568 B.E., 16:30"
NEW = "สร้างข้อเสนอใหม่"


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_given_to_all_then_to_one(browser: Browser, site: Site, scripts: bool) -> None:
    _secretariat_extends_for_all(browser, site, scripts)
    site.clock.advance(minutes=1)
    _secretariat_extends_for_one_in_english(browser, site, scripts)
    _administrator_finds_both(browser, site, scripts)
    _officer_sees_their_own_moment(browser, site, scripts)
    _officer_of_another_sees_that_of_all(browser, site, scripts)
    site.clock.moment = ALL_CLOSE + timedelta(minutes=1)
    _only_the_one_still_begins(browser, site, scripts)
    _secretariat_ends_it(browser, site, scripts)


def _is_sound(page: Page, scripts: bool) -> None:
    """Nothing for axe to find and nothing too wide, at both widths, in the language of the page. Axe is itself a script,
    and finds the same page where the page's own scripts run."""
    assert_sound(page, scripts=scripts)


def _is_sound_in_both(page: Page, scripts: bool) -> None:
    assert_sound_in_both(page, scripts=scripts)


def _type(page: Page, agency: str, day: str, month: str, time: str, reason: str) -> None:
    page.select_option("#agency", label=agency)
    page.fill("#closes_at-day", day)
    page.select_option("#closes_at-month", month)
    page.fill("#closes_at-year", "2568")
    page.fill("#closes_at-time", time)
    page.fill("#reason", reason)


def _is_typed(page: Page, agency: str, day: str, month: str, time: str, reason: str) -> None:
    expect(page.locator("#agency option:checked")).to_have_text(agency)
    for name, value in (("day", day), ("month", month), ("year", "2568"), ("time", time)):
        expect(page.locator(f"#closes_at-{name}")).to_have_value(value)
    expect(page.locator("#reason")).to_have_value(reason)


def _secretariat_extends_for_all(browser: Browser, site: Site, scripts: bool) -> None:
    secretariat = Person(browser, site, "secretariat", scripts=scripts)
    page = secretariat.page
    page.get_by_role("link", name="รอบคำขอ", exact=True).click()
    page.get_by_role("link", name="รอบคำขอเพื่อการทดสอบ").click()
    expect(page.locator("main")).to_contain_text("ยังไม่มีการขยายเวลา")
    page.locator("#extend summary").click()
    # a day longer is offered; who is to have it and why is for a person to say
    _is_typed(page, "เลือก", "27", "11", "24:00", "")
    _is_sound(page, scripts)

    typed = ("เลือก", "๒๐", "11", "16.30", "")
    _type(page, *typed)
    page.get_by_role("button", name="ขยายเวลา", exact=True).click()
    summary = page.locator("#error-summary")
    expect(summary.get_by_role("heading")).to_have_text("มี 3 เรื่องที่ต้องแก้ไข")
    expect(summary.get_by_role("listitem")).to_contain_text(
        ["กรุณาเลือกผู้ที่ขยายเวลาให้", "ต้องหลังเวลาปิดรับปัจจุบัน คือ 26 พ.ย. 2568 24:00:00 น.", "กรุณากรอกเหตุผล"]
    )
    if scripts:
        expect(summary).to_be_focused()
    _is_typed(page, *typed)
    _is_sound(page, scripts)
    summary.get_by_role("link", name="กรุณากรอกเหตุผล").click()
    expect(page.locator("#reason")).to_be_focused()
    expect(page.locator("#reason")).to_be_in_viewport()

    _type(page, "ทุกหน่วยงาน", "๒๘", "11", "24.00", FOR_ALL)
    page.get_by_role("button", name="ขยายเวลา", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("ขยายเวลาแล้ว กำหนดใหม่มีผลทันที")
    given = page.get_by_role("row", name="ทุกหน่วยงาน")
    for said in (ALL_UNTIL, FOR_ALL, "ผู้ใช้ secretariat", "มีผล"):
        expect(given).to_contain_text(said)
    expect(page.locator(".callbar-time").first).to_contain_text(f"ปิดรับ {ALL_UNTIL}")
    _is_sound_in_both(page, scripts)
    secretariat.leave()


def _secretariat_extends_for_one_in_english(browser: Browser, site: Site, scripts: bool) -> None:
    secretariat = Person(browser, site, "secretariat", scripts=scripts)
    page = secretariat.page
    speak(page, "en")
    page.get_by_role("link", name="Calls", exact=True).click()
    page.get_by_role("link", name="Call for testing").click()
    page.locator("#extend summary").click()
    # earlier than what everybody was given already, and hardly a reason
    typed = ("Department Alpha", "28", "11", "12:00", "ไฟไหม้")
    _type(page, *typed)
    page.get_by_role("button", name="Extend", exact=True).click()
    summary = page.locator("#error-summary")
    expect(summary.get_by_role("heading")).to_have_text("There are 2 things to mend")
    expect(summary.get_by_role("listitem")).to_contain_text(
        [
            "Must be later than the present closing moment, 28 Nov 2568 B.E., 24:00:00",
            "at least 10 characters",
        ]
    )
    _is_typed(page, *typed)
    _is_sound(page, scripts)
    _type(page, "Department Alpha", "30", "11", "16:30", FOR_ONE)
    page.get_by_role("button", name="Extend", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Extended. The new deadline holds at once")
    expect(page.get_by_role("row", name="Department Alpha")).to_contain_text(ONE_UNTIL_ENGLISH)
    # the moment of everybody else is not moved by it
    expect(page.locator(".callbar-time").first).to_contain_text("Closes 28 Nov 2568 B.E., 24:00")
    speak(page, "th")
    secretariat.leave()


def _administrator_finds_both(browser: Browser, site: Site, scripts: bool) -> None:
    administrator = Person(browser, site, "admin", scripts=scripts)
    page = administrator.page
    page.get_by_role("link", name="บันทึกการใช้งาน", exact=True).click()
    found = page.get_by_role("row", name="ขยายเวลาปิดรับ")
    expect(found).to_have_count(2)
    expect(found).to_contain_text(["กรมอัลฟา", f"call:{site.world.call_id}"])  # the latest first
    for row in (found.first, found.last):
        expect(row).to_contain_text("ผู้ใช้ secretariat")
    expect(found.last).not_to_contain_text("กรมอัลฟา")
    _is_sound_in_both(page, scripts)
    administrator.leave()


def _officer_sees_their_own_moment(browser: Browser, site: Site, scripts: bool) -> None:
    officer = Person(browser, site, "officer", scripts=scripts)
    page = officer.page
    expect(page.locator(".callbar-time").first).to_contain_text(f"ปิดรับ {ONE_UNTIL}")
    panel = page.locator(".panel.deadline")
    expect(panel).to_contain_text("30 พ.ย. 2568 16:30:00 น.")
    expect(panel).to_contain_text(f"ขยายเวลาแล้ว เหตุผล: {FOR_ONE}")
    _is_sound_in_both(page, scripts)
    follow(page, page.get_by_role("button", name=NEW))
    expect(page).to_have_url(re.compile(r"/agency/proposals/\d+$"))
    base = page.url
    for form in ("names", "budget", "submit"):
        page.goto(f"{base}/{form}")
        expect(page.locator(".callbar-time").first).to_contain_text(f"ปิดรับ {ONE_UNTIL}")
    page.set_viewport_size({"width": WIDTHS[1], "height": 844})
    expect(page.locator(".callbar-time").first).to_be_visible()
    page.get_by_role("link", name="ขยายเวลาแล้ว").click()
    for agency, until, reason in (("กรมอัลฟา", ONE_UNTIL, FOR_ONE), ("ทุกหน่วยงาน", ALL_UNTIL, FOR_ALL)):
        given = page.get_by_role("row", name=agency)
        expect(given).to_contain_text(until)
        expect(given).to_contain_text(reason)
    expect(page.locator("#extend")).to_have_count(0)  # to read, not to give
    _is_sound_in_both(page, scripts)
    officer.leave()


def _officer_of_another_sees_that_of_all(browser: Browser, site: Site, scripts: bool) -> None:
    another = Person(browser, site, "officer_beta", scripts=scripts)
    page = another.page
    expect(page.locator(".callbar-time").first).to_contain_text(f"ปิดรับ {ALL_UNTIL}")
    panel = page.locator(".panel.deadline")
    expect(panel).to_contain_text("28 พ.ย. 2568 24:00:00 น.")
    expect(panel).to_contain_text(f"ขยายเวลาแล้ว เหตุผล: {FOR_ALL}")
    for unsaid in ("30 พ.ย.", FOR_ONE):
        expect(page.locator("body")).not_to_contain_text(unsaid)
    follow(page, page.get_by_role("button", name=NEW))
    expect(page).to_have_url(re.compile(r"/agency/proposals/\d+$"))
    page.goto(f"{page.url}/names")
    expect(page.locator(".callbar-time").first).to_contain_text(f"ปิดรับ {ALL_UNTIL}")
    for unsaid in ("30 พ.ย.", FOR_ONE):
        expect(page.locator("body")).not_to_contain_text(unsaid)
    another.leave()


def _only_the_one_still_begins(browser: Browser, site: Site, scripts: bool) -> None:
    officer = Person(browser, site, "officer", scripts=scripts)
    expect(officer.page.locator(".callbar-time").first).to_contain_text(f"ปิดรับ {ONE_UNTIL}")
    expect(officer.page.get_by_role("button", name=NEW)).to_be_visible()
    officer.leave()
    _finds_it_closed(browser, site, scripts, "officer_beta")


def _finds_it_closed(browser: Browser, site: Site, scripts: bool, name: str) -> None:
    officer = Person(browser, site, name, scripts=scripts)
    expect(officer.page.locator("main")).to_contain_text("ขณะนี้ไม่มีรอบคำขอที่เปิดรับ")
    expect(officer.page.locator(".callbar")).to_have_count(0)
    expect(officer.page.get_by_role("button", name=NEW)).to_have_count(0)
    officer.leave()


def _secretariat_ends_it(browser: Browser, site: Site, scripts: bool) -> None:
    secretariat = Person(browser, site, "secretariat", scripts=scripts)
    page = secretariat.page
    page.get_by_role("link", name="รอบคำขอ", exact=True).click()
    page.get_by_role("link", name="รอบคำขอเพื่อการทดสอบ").click()
    given = page.get_by_role("row", name="กรมอัลฟา")
    given.locator("summary").click()
    expect(given).to_contain_text("ข้อเสนอที่ยื่นแล้วภายในเวลาที่ขยายยังถือว่าทันเวลา")
    _is_sound(page, scripts)
    given.get_by_role("button", name="ยืนยัน ยุติ").click()
    expect(page.get_by_role("status")).to_contain_text("ยุติการขยายเวลาแล้ว")
    expect(page.get_by_role("row", name="กรมอัลฟา")).to_contain_text("ยุติแล้ว")
    expect(page.get_by_role("row", name="ทุกหน่วยงาน")).to_contain_text("มีผล")
    secretariat.leave()
    _finds_it_closed(browser, site, scripts, "officer")
