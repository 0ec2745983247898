"""The screening desk in a real browser, with and without JavaScript: from the queue to a filing beside its findings, a
note, a judgement, an order for many that is read before it is confirmed, and a workbook that is opened here."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Browser, Page, expect

from app.kernel.db import db
from app.kernel.findings import Outcome
from app.kernel.work import open_work
from app.screening.actions import override_finding
from tests.journeys.conftest import Site
from tests.journeys.looking import settle, unfold
from tests.journeys.test_extension import _is_sound, _is_sound_in_both
from tests.journeys.test_main_job import Person
from tests.world import FISCAL_YEAR, NOW, complete_draft, file_proposal

NOTE = "โทรถามกองแผนแล้ว รอหนังสือยืนยันภายในวันศุกร์"
WHY = "ตรวจหนังสือยืนยันแล้ว มูลนิธินี้ทำงานแทนหน่วยงานของรัฐ"


@pytest.fixture
def filed(site: Site) -> dict[str, int]:
    """Four filings whose partner nobody has registered, and one that passes."""
    ids = {}
    with site.app.app_context():
        for title in ("ทะเบียนเรือ", "ทะเบียนป่า", "ทะเบียนน้ำ", "ทะเบียนดิน", "ระบบที่ดี"):
            draft = complete_draft(names={"title_th": f"ระบบ{title}", "title_en": f"System {title}"})
            if title != "ระบบที่ดี":
                draft["integration"]["links"][0] |= {"partner": "", "partner_other": "มูลนิธิข้อมูลเปิด"}
            ids[title] = file_proposal(site.world, draft)
        db.session.remove()
    return ids


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_from_the_queue_to_the_file(
    browser: Browser, site: Site, filed: dict[str, int], tmp_path: Path, scripts: bool
) -> None:
    person = Person(browser, site, "secretariat", scripts=scripts)
    page = person.page
    expect(page.locator("main")).to_contain_text("ข้อเสนอ 4 รายการต้องมีเจ้าหน้าที่วินิจฉัย")
    page.get_by_role("link", name="ในจำนวนนี้ 4 รายการยังไม่มีผู้รับผิดชอบ").click()
    expect(page.locator("table.queue tbody tr")).to_have_count(4)
    _is_sound_in_both(page, scripts)

    _find_in_the_queue(page)
    _hand_one_over(page, scripts)
    _read_note_and_judge(page, scripts)
    _judge_the_rest_at_once(page, site, filed, scripts)
    _take_the_file(page, tmp_path)
    person.faults = [fault for fault in person.faults if "status of 409" not in fault]
    person.leave()


def _find_in_the_queue(page: Page) -> None:
    """A word within a word; the filter stands in the address."""
    page.get_by_label("เลขที่ ชื่อโครงการ หรือหน่วยงาน").fill("เบียนเรือ")
    page.get_by_role("button", name="แสดง", exact=True).click()
    expect(page.locator("table.queue tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile("q="))
    page.get_by_label("เลขที่ ชื่อโครงการ หรือหน่วยงาน").fill("ไม่มีสิ่งนี้")
    page.get_by_role("button", name="แสดง", exact=True).click()
    expect(page.locator(".empty-title")).to_have_text("ไม่มีเรื่องที่ตรงตามที่กรอง")
    page.get_by_role("link", name="ดูทั้งคิว").click()
    expect(page.locator("table.queue tbody tr")).to_have_count(5)
    page.locator("#standing").select_option("needs_person")
    page.locator("#sort").select_option("number")
    page.get_by_role("button", name="แสดง", exact=True).click()
    expect(page.locator("table.queue tbody tr")).to_have_count(4)


def _hand_one_over(page: Page, scripts: bool) -> None:
    """Nothing picked is told; one picked is previewed and handed over."""
    page.get_by_role("button", name="ดูตัวอย่างการมอบหมาย").click()
    expect(page.locator("#error-summary")).to_contain_text("กรุณาเลือกข้อเสนออย่างน้อยหนึ่งเรื่อง")
    _is_sound(page, scripts)
    page.locator("table.queue input[name=pick]").first.check()
    if scripts:
        expect(page.locator("[data-picked]")).to_have_text("(1 เรื่อง)")
    page.get_by_role("button", name="ดูตัวอย่างการมอบหมาย").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("มอบหมายผู้รับผิดชอบ")
    row = page.locator("main tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("ระบบทะเบียนเรือ")
    expect(row).to_contain_text("ผู้ใช้ secretariat")
    _is_sound(page, scripts)
    page.get_by_role("button", name="ยืนยันทำกับ 1 เรื่อง").click()
    expect(page.get_by_role("status")).to_contain_text("มอบหมายแล้ว 1 เรื่อง")
    expect(page.locator("table.queue tbody tr").first).to_contain_text("ผู้ใช้ secretariat")
    expect(page).to_have_url(re.compile("standing=needs_person"))


def _read_note_and_judge(page: Page, scripts: bool) -> None:
    """From a finding to its place and back, by keyboard; then a note and a judgement; then the next of the queue."""
    page.get_by_role("link", name="ระบบทะเบียนเรือ").click()
    expect(page.locator(".desk-bar")).to_contain_text("ลำดับที่ 1 จาก 4 ในคิว")
    _is_sound_in_both(page, scripts)
    if scripts:  # a folded part opens when a finding points into it
        page.locator("#filed-integration").click()
        expect(page.locator("#filed-integration-1")).to_be_hidden()
    place = page.locator("#rule-integration").get_by_role("link", name="การเชื่อมโยงที่ 1")
    place.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#filed-integration-1")).to_be_in_viewport()
    page.get_by_label("เพิ่มบันทึก").fill(NOTE)
    page.locator("form[action*='/notes'] button").click()
    expect(page.get_by_role("status")).to_contain_text("บันทึกแล้ว")
    expect(page.locator(".notes")).to_contain_text(NOTE)

    rule = page.locator("#rule-integration")
    settle(page)
    unfold(rule.locator("details.judge"))
    rule.get_by_label("ผลการวินิจฉัย").select_option("passes")
    rule.get_by_label("เหตุผล").fill("สั้นไป")
    rule.get_by_role("button", name="บันทึกคำวินิจฉัย").click()
    expect(page.locator("#error-summary")).to_contain_text("อย่างน้อย 10 ตัวอักษร")
    expect(rule.get_by_label("เหตุผล")).to_have_value("สั้นไป")
    _is_sound(page, scripts)
    rule.get_by_label("เหตุผล").fill(WHY)
    rule.get_by_role("button", name="บันทึกคำวินิจฉัย").click()
    expect(page.get_by_role("status")).to_contain_text("บันทึกคำวินิจฉัยแล้ว")
    expect(rule.locator(".override")).to_contain_text(WHY)
    page.get_by_role("link", name="เรื่องถัดไป").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ระบบทะเบียนป่า")
    expect(page.locator(".desk-bar")).to_contain_text("ลำดับที่ 1 จาก 3 ในคิว")
    page.get_by_role("link", name="กลับไปคิว").click()


def _judge_the_rest_at_once(page: Page, site: Site, filed: dict[str, int], scripts: bool) -> None:
    """All that match, with one reason. Somebody judges one of them before the confirmation: nothing is done, the new
    preview says why, and that one is confirmed."""
    expect(page.locator("table.queue tbody tr")).to_have_count(3)
    page.get_by_label("ทุกเรื่องที่ตรงตามที่กรอง").check()
    page.locator("#override-rule").select_option("integration")
    page.locator("#override-outcome").select_option("passes")
    page.locator("#override-reason").fill(WHY)
    page.get_by_role("button", name="ดูตัวอย่างการวินิจฉัย").click()
    expect(page.locator("main tbody tr")).to_have_count(3)
    expect(page.locator("main tbody")).not_to_contain_text("ระบบทะเบียนเรือ")
    _is_sound(page, scripts)
    with site.app.app_context():
        with open_work(site.world.actor("secretariat"), NOW) as work:
            override_finding(work, filed["ทะเบียนป่า"], "integration", Outcome.FAILS, WHY)
        db.session.remove()
    page.get_by_role("button", name="ยืนยันทำกับ 3 เรื่อง").click()
    expect(page.get_by_role("alert")).to_contain_text("จึงยังไม่ได้ทำสิ่งใด")
    expect(page.locator("main")).to_contain_text("แทนคำวินิจฉัยเดิมของ ผู้ใช้ secretariat: ไม่ผ่าน")
    _is_sound(page, scripts)
    page.get_by_role("button", name="ยืนยันทำกับ 3 เรื่อง").click()
    expect(page.get_by_role("status")).to_contain_text("บันทึกคำวินิจฉัยแล้ว 3 เรื่อง")
    expect(page.locator(".empty-title")).to_have_text("ไม่มีเรื่องที่ตรงตามที่กรอง")


def _take_the_file(page: Page, folder: Path) -> None:
    """What was judged, as a workbook: the list, every finding, and no note."""
    page.goto(page.url.split("?")[0] + f"?call={FISCAL_YEAR}&judged=yes")
    expect(page.locator("table.queue tbody tr")).to_have_count(4)
    page.get_by_text("ส่งออกรายการนี้").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="สมุดงาน Excel").click()
    path = folder / "queue.xlsx"
    download.value.save_as(path)
    book = openpyxl.load_workbook(path)
    words = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {"ระบบทะเบียนเรือ", "ระบบทะเบียนดิน", WHY, "Counts as integration"} <= words
    assert "ระบบระบบที่ดี" not in words
    assert not any(NOTE in word for word in words)
