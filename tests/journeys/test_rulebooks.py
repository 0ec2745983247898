"""A version of the rules in a real browser: a broken file is told line by line and changes nothing; mended it is kept,
read, compared, tried out, adopted as looked at; what the rerun changed is there to read, and every earlier run too."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from app.kernel.db import db
from tests.journeys.conftest import Site
from tests.journeys.looking import assert_sound, assert_sound_in_both
from tests.journeys.test_main_job import Person
from tests.screening.rule_versions import informs, version_file, wording
from tests.screening.test_runs import FAILING, PASSING
from tests.world import FISCAL_YEAR, file_proposal

NEXT = 90
WHY = "ที่ประชุมให้รูปแบบการบูรณาการเป็นข้อมูลประกอบเท่านั้น"
NEW_WORDS = "กรอกข้อมูลครบทุกส่วนตามแบบแล้ว"


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_a_broken_file_to_what_it_changed(browser: Browser, site: Site, scripts: bool) -> None:
    with site.app.app_context():
        failing = file_proposal(site.world, FAILING)
        file_proposal(site.world, PASSING)
        good = version_file(
            NEXT,
            informs("integration"),
            wording("complete", "complete", NEW_WORDS, "Every part of the form is filled in"),
        )
        db.session.remove()
    person = Person(browser, site, "secretariat", scripts=scripts)
    page = person.page
    page.get_by_role("link", name="ข้อกำหนด", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ข้อกำหนดการกลั่นกรอง")
    versions = page.locator("#rulebook + table tbody tr")
    expect(versions).to_have_count(1)
    assert_sound_in_both(page, scripts=scripts)

    _offers_a_broken_one(page, good, scripts)
    page.goto(f"{site.url}/secretariat/rulebooks")
    expect(versions).to_have_count(1)  # the old one stays, alone

    _send(page, good)
    expect(page.get_by_role("status")).to_contain_text("รับไว้เป็น dgi-rules ฉบับที่ 90 แล้ว")
    expect(page.locator("main")).to_contain_text("ยังไม่มีรอบใดใช้")
    page.locator("#rule-complete details.why summary").click()
    expect(page.locator("#rule-complete .wordings")).to_contain_text("Every part of the form is filled in")
    assert_sound_in_both(page, scripts=scripts)

    _compares(page, scripts)
    page.get_by_role("link", name="ลองใช้ฉบับหลังกับข้อเสนอที่ยื่นแล้ว").click()
    _tries(page, scripts)
    page.get_by_role("link", name="นำไปใช้กับรอบนี้").click()
    _adopts(person, site, scripts)
    _reads_what_changed(page, failing, site, scripts)
    person.leave()


def _send(page: Page, data: bytes) -> None:
    page.set_input_files(
        "#rulebook-file", {"name": "rules.toml", "mimeType": "application/toml", "buffer": data}
    )
    page.get_by_role("button", name="ตรวจและเก็บเป็นฉบับ").click()


def _offers_a_broken_one(page: Page, good: bytes, scripts: bool) -> None:
    broken = good.decode().replace('check = "sums"', 'check = "suns"').replace("version = 90", "version = 0")
    broken = broken.replace('severity = "informs"', 'severty = "informs"', 1)
    rows = broken.split("\n")
    _send(page, broken.encode())
    summary = page.locator("#error-summary")
    expect(summary).to_contain_text("ดูจุดที่ต้องแก้ 3 จุดในตาราง ฉบับเดิมทุกฉบับยังอยู่ครบ")
    if scripts:
        expect(summary).to_be_focused()
    told = page.locator("table.faults tbody tr")
    expect(told).to_have_count(3)
    for row, key, said in (
        ("version = 0", "version", "ต้องเป็นจำนวนเต็ม 1 ถึง 10000"),
        ('severty = "informs"', ".severty", "ไม่รู้จักคีย์นี้"),
        ('check = "suns"', ".check", "ไม่มีการตรวจชื่อ suns"),
    ):
        found = told.filter(has_text=said)
        expect(found).to_contain_text(key)
        expect(found.locator("td").first).to_have_text(str(rows.index(row) + 1))
        expect(found).to_contain_text(row)
    assert_sound(page, scripts=scripts)


def _compares(page: Page, scripts: bool) -> None:
    page.get_by_role("button", name="เทียบ", exact=True).click()
    table = page.locator("table.versions")
    expect(table.locator("tr.row-head")).to_have_count(2)
    expect(table.locator("ins").first).to_contain_text("ตามแบบแล้ว")
    expect(table).to_contain_text("ชี้ขาด")
    assert_sound_in_both(page, scripts=scripts)


def _tries(page: Page, scripts: bool) -> None:
    expect(page.locator("table.flips tbody tr")).to_have_count(1)
    listed = page.locator("table.changed-list tbody tr")
    expect(listed).to_have_count(1)  # the one that passes anyway is not among them
    expect(listed).to_contain_text(f"{FISCAL_YEAR}-0001")
    expect(listed).to_contain_text("เดิมชี้ขาด ต่อไปอธิบายประกอบเท่านั้น")
    page.select_option("#show", "flips")
    page.get_by_role("button", name="แสดง", exact=True).click()
    expect(page).to_have_url(re.compile("show=flips"))
    with page.expect_download() as download:
        page.get_by_role("link", name="ดาวน์โหลดรายการนี้ (CSV)").click()
    assert download.value.suggested_filename == f"dgi-rules-90-{FISCAL_YEAR}.csv"
    assert_sound_in_both(page, scripts=scripts)


def _adopts(person: Person, site: Site, scripts: bool) -> None:
    page = person.page
    page.fill("#reason", "สั้น")
    page.get_by_role("button", name="นำฉบับนี้ไปใช้").click()
    expect(page.locator("#error-summary")).to_contain_text("อย่างน้อย 10 ตัวอักษร")
    expect(page.locator("#reason")).to_have_value("สั้น")
    with site.app.app_context():
        file_proposal(site.world, FAILING)  # somebody files meanwhile
        db.session.remove()
    page.fill("#reason", WHY)
    page.get_by_role("button", name="นำฉบับนี้ไปใช้").click()
    expect(page.locator("#error-summary")).to_contain_text("กรุณาดูผลที่คำนวณใหม่แล้วยืนยันอีกครั้ง")
    person.faults[:] = [fault for fault in person.faults if "status of 409" not in fault]
    expect(page.locator("#reason")).to_have_value(WHY)
    expect(page.locator("table.changed-list tbody tr")).to_have_count(2)
    assert_sound(page, scripts=scripts)
    page.get_by_role("button", name="นำฉบับนี้ไปใช้").click()
    expect(page.get_by_role("status")).to_contain_text("รอบนี้ใช้ข้อกำหนดการกลั่นกรองฉบับใหม่แล้ว")


def _reads_what_changed(page: Page, failing: int, site: Site, scripts: bool) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("การกลั่นกรองใหม่เปลี่ยนอะไร")
    changed = page.locator("table.changed-list tbody tr")
    expect(changed).to_have_count(2)
    assert_sound_in_both(page, scripts=scripts)
    changed.first.get_by_role("link", name=re.compile("เทียบสองครั้งนี้")).click()
    expect(page).to_have_url(re.compile(rf"/secretariat/proposals/{failing}/screenings\?"))
    expect(page.locator("main table tbody tr")).to_have_count(2)
    expect(page.locator(".what-changed")).to_contain_text("เป็นการบูรณาการ")
    assert_sound_in_both(page, scripts=scripts)
    page.goto(f"{site.url}/secretariat/calls/{FISCAL_YEAR}")
    expect(page.get_by_role("link", name="ข้อกำหนดการกลั่นกรอง", exact=True)).to_have_count(1)
    page.get_by_role("link", name="ข้อกำหนดการกลั่นกรอง", exact=True).click()
    expect(page.locator("main")).to_contain_text(WHY)
    expect(page.locator("main")).to_contain_text("แก้ไขไม่ได้ตั้งแต่")
