"""A scenario in a real browser: made, given a must-fund, a project cut by hand, set beside the plain list and adopted;
wide and narrow, in both languages."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from app.kernel.db import db
from tests.journeys.conftest import Site
from tests.journeys.looking import assert_sound, follow, settle, speak
from tests.journeys.test_main_job import Person
from tests.portfolio.test_lists import asking, score
from tests.world import FISCAL_YEAR, file_proposal


def test_from_a_scenario_to_the_list(browser: Browser, site: Site) -> None:
    with site.app.app_context():
        for baht, level in ((6_000_000, 4), (5_000_000, 3), (3_000_000, 2)):
            score(site.world, file_proposal(site.world, asking(baht)), level)
        db.session.remove()
    page = Person(browser, site, "secretariat").page
    page.goto(f"{site.url}/committee/calls/{FISCAL_YEAR}/scenarios")
    assert_sound(page)
    page.get_by_label("ชื่อ", exact=True).fill("ลองต้องจัดสรร")
    follow(page, page.get_by_role("button", name="สร้างฉากทัศน์"))
    follow(page, page.get_by_role("link", name="แก้เงื่อนไข"))
    page.get_by_label("ต้องจัดสรร แถวที่ 1: เลขที่โครงการ").fill("2570-0002")
    follow(page, page.get_by_role("button", name="เพิ่มแถว").nth(1))
    expect(page.get_by_label("ต้องจัดสรร แถวที่ 1: เลขที่โครงการ")).to_have_value("2570-0002")
    expect(page.get_by_label("ต้องจัดสรร แถวที่ 5: เลขที่โครงการ")).to_be_visible()
    assert_sound(page)
    page.get_by_label("กรอบวงเงิน", exact=True).press("Enter")  # the same as the button that saves
    expect(page.get_by_role("status")).to_contain_text("บันทึกเงื่อนไขแล้ว")
    settle(page)
    assert_sound(page)
    follow(page, page.get_by_role("row", name=re.compile("2570-0001")).get_by_role("link"))
    page.get_by_label("ปรับวงเงิน").check()
    page.get_by_label(re.compile("^วงเงิน")).fill("5,000,000")
    page.get_by_label("เหตุผล").fill("ใช้คลาวด์กลางภาครัฐแทนเครื่องแม่ข่าย")
    assert_sound(page)
    follow(page, page.get_by_role("button", name="บันทึกการปรับ"))
    expect(page.locator("#ledger + p + table, #ledger ~ table").first).to_contain_text("ใช้คลาวด์กลางภาครัฐ")
    follow(page, page.get_by_role("link", name="เทียบเคียงกันทั้งหมด"))
    assert_sound(page)
    page.go_back()
    settle(page)
    follow(page, page.get_by_role("link", name="ใช้เป็นบัญชี"))
    speak(page, "en")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Adopt:")
    assert_sound(page)
    page.get_by_label("Reason").fill("The secretariat's list")
    follow(page, page.get_by_role("button", name="Adopt as the list"))
    expect(page.get_by_role("status")).to_contain_text("The list follows this scenario now")
    expect(page.locator("main")).to_contain_text("SHA-256")
    page.goto(f"{site.url}/committee/calls/{FISCAL_YEAR}/ranking")
    expect(page.locator("main")).to_contain_text("must be funded before others")
