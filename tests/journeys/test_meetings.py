"""A meeting in a real browser, with the keyboard's and a reader's needs: planned, opened, decided by the list, closed;
wide and narrow, in both languages; the paper of its minutes comes as a download."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from app.kernel.db import db
from tests.journeys.conftest import Site
from tests.journeys.looking import assert_sound, assert_sound_in_both, follow
from tests.journeys.test_main_job import Person
from tests.web.desks import assign, file_one, hand_in, scores
from tests.world import FISCAL_YEAR

COMMENT = "ความเห็นที่ยาวพอสำหรับระดับที่ต้องอธิบาย"


def test_a_meeting_is_held(browser: Browser, site: Site) -> None:
    with site.app.app_context():
        for baht, level in (("3000000.00", 4), ("2500000.00", 3)):
            (assignment,) = assign(site.world, file_one(site.world, baht), "reviewer_dga")
            hand_in(site.world, "reviewer_dga", assignment, scores(level, COMMENT))
        db.session.remove()
    page = Person(browser, site, "secretariat").page
    page.goto(f"{site.url}/committee/calls/{FISCAL_YEAR}/meetings")
    assert_sound(page)
    page.get_by_label(re.compile("^สถานที่")).fill("ห้องประชุม 1")
    follow(page, page.get_by_role("button", name="นัดประชุม"))
    base = page.url
    assert_sound_in_both(page)
    page.goto(f"{base}/attendance")
    page.get_by_label(re.compile("^หรือชื่อ")).fill("นายประธาน ทดสอบ")
    page.get_by_label("หน้าที่ในที่ประชุม").select_option("chair")
    follow(page, page.get_by_role("button", name="เชิญ", exact=True))
    follow(page, page.get_by_role("button", name=re.compile("^ที่ยังไม่บันทึก")))
    assert_sound_in_both(page)
    page.goto(f"{base}/agenda")
    assert_sound(page)
    page.goto(base)
    follow(page, page.get_by_role("button", name="เปิดประชุม"))
    assert_sound(page)

    member = Person(browser, site, "committee").page
    follow(member, member.get_by_role("link", name=f"ครั้งที่ 1/{FISCAL_YEAR}"))
    follow(member, member.get_by_role("link", name="มติ", exact=True))
    assert_sound_in_both(member)
    member.get_by_label("เลือกทุกเรื่องในหน้านี้").check()
    member.get_by_label("เลื่อนการพิจารณา").check()
    member.get_by_label(re.compile("^เหตุผล")).fill("เกินกรอบวงเงินของปีนี้")
    follow(member, member.get_by_role("button", name="ดูตัวอย่างมติตามบัญชี"))
    assert_sound(member)
    follow(member, member.get_by_role("button", name="ยืนยันบันทึกมติ 2 ข้อเสนอ"))
    expect(member.get_by_role("status")).to_contain_text("บันทึกมติแล้ว 2 ข้อเสนอ")

    page.goto(f"{base}/minutes")
    expect(page.locator(".minutes")).to_contain_text("เห็นชอบ 1 โครงการ วงเงิน 6,000,000.00 บาท")
    assert_sound_in_both(page)
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("PDF")).click()
    assert download.value.suggested_filename == f"รายงานการประชุม 1-{FISCAL_YEAR}.pdf"
    page.goto(f"{base}/close")
    assert_sound(page)
    follow(page, page.get_by_role("button", name="ปิดประชุม"))
    expect(page.get_by_role("status")).to_contain_text("ปิดประชุมแล้ว")
    assert_sound(page)
