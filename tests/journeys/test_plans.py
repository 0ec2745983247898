"""An assignment plan in a real browser: panels and limits set, a plan made, adjusted with what the change costs,
previewed and applied; wide and narrow, in both languages, with and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select

from app.kernel.db import db
from app.reviews.models import Assignment
from tests.journeys.conftest import Site
from tests.journeys.looking import WIDTHS, assert_axe_finds_nothing, assert_fits, follow, speak
from tests.journeys.test_main_job import Person
from tests.web.desks import file_one
from tests.world import FISCAL_YEAR


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_panels_to_assignments(browser: Browser, site: Site, scripts: bool) -> None:
    with site.app.app_context():
        file_one(site.world)
        file_one(site.world, agency="beta")
        db.session.remove()
    person = Person(browser, site, "secretariat", scripts=scripts)
    page = person.page

    def look() -> None:
        """Nothing runs over the edge, nothing is closed to anybody, in the language at hand."""
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert_fits(page)
        if scripts:
            assert_axe_finds_nothing(page)
        page.set_viewport_size({"width": 1280, "height": 900})

    page.goto(f"{site.url}/secretariat/calls/{FISCAL_YEAR}/panels")
    follow(page, page.get_by_role("link", name="ตั้งคณะใหม่"))
    look()
    page.get_by_label("ชื่อคณะ (ภาษาไทย)").fill("คณะรวม")
    page.get_by_label("ชื่อคณะ (ภาษาอังกฤษ)").fill("Joint panel")
    page.get_by_label("จำนวนที่นั่งต่อข้อเสนอ").fill("1")
    page.get_by_label(re.compile("reviewer_bb")).check()
    page.get_by_label(re.compile("reviewer_dga")).check()
    page.get_by_role("button", name="บันทึกคณะ").click()
    expect(page.get_by_role("status")).to_contain_text("ตั้งคณะพิจารณาแล้ว")
    look()
    page.get_by_role("link", name=re.compile("reviewer_bb")).click()
    page.get_by_label("จำนวนเรื่องสูงสุด").fill("2")
    page.get_by_label(re.compile("^1.1 ")).check()
    look()
    follow(page, page.get_by_role("button", name="บันทึก"))

    page.goto(f"{site.url}/secretariat/calls/{FISCAL_YEAR}/assignment-plans")
    look()
    page.get_by_role("button", name="จัดทำแผน").click()
    expect(page.get_by_role("status")).to_contain_text("ยังไม่ได้มอบหมาย")
    expect(page.locator("main")).to_contain_text("ผู้ใช้ reviewer_bb")
    look()
    follow(page, page.get_by_role("link", name=re.compile("ปรับผู้พิจารณาของ")).first)
    follow(page, page.get_by_role("link", name=re.compile("เลือกคนแทน")).first)
    look()
    page.get_by_role("button", name=re.compile("ให้แทน ผู้ใช้ reviewer_dga")).click()
    expect(page.get_by_role("status")).to_contain_text("ปรับแผนแล้ว")
    follow(page, page.get_by_role("link", name=re.compile("^แผนที่")))
    follow(page, page.get_by_role("link", name="ดูตัวอย่างก่อนมอบหมาย"))
    look()
    speak(page, "en")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Preview")
    look()
    page.get_by_role("button", name=re.compile("Yes, make 2 assignments")).click()
    expect(page.get_by_role("status")).to_contain_text("2 assignments are made")
    with site.app.app_context():
        assert db.session().scalar(select(func.count()).select_from(Assignment)) == 2
        db.session.remove()
