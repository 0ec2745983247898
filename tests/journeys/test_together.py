"""Several agencies, one proposal, in a real browser: the lead invites, a participant fills in and confirms, a partner
answers a link, both certifiers sign, the lead's files in the same step, and the officer withdraws and files again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from app.kernel.db import db
from tests.journeys.conftest import Site
from tests.journeys.looking import follow
from tests.journeys.test_main_job import Person
from tests.proposals.consortium import begin, certify, gather, joint
from tests.world import World

CHANGED = "ผลผลิตที่แก้ไขหลังผู้รับรองอ่านแล้ว"
NOTE = "ขอให้รับผิดชอบฐานข้อมูลนิติบุคคล"
ITEM = "ค่าเชื่อมโยงฐานข้อมูลนิติบุคคล"


@pytest.fixture
def here(site: Site) -> World:
    """The call asks for signatures; three agencies have an officer and a certifier each."""
    with site.app.app_context():
        certify()
        people = gather(site.world)
        db.session.remove()
    site.world.users.update(people.users)
    return people


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_invited_filled_in_signed_filed_and_filed_again(
    browser: Browser, site: Site, here: World, scripts: bool
) -> None:
    with site.app.app_context():
        proposal_id = begin(here, joint())
        db.session.remove()
    base = f"{site.url}/agency/proposals/{proposal_id}"
    _lead_invites_and_asks(browser, site, base, scripts)
    _participant_fills_in(browser, site, base, scripts)
    _partner_declines(browser, site, scripts)
    _participants_certifier_signs(browser, site, base, scripts)
    _leads_certifier_reads(browser, site, base, scripts)
    site.clock.advance(minutes=1)
    _lead_changes(browser, site, base, scripts)
    _leads_certifier_signs_and_files(browser, site, base, scripts)
    site.clock.advance(minutes=1)
    _lead_withdraws_and_files_again(browser, site, base, scripts)


def _lead_invites_and_asks(browser: Browser, site: Site, base: str, scripts: bool) -> None:
    lead = Person(browser, site, "officer", scripts=scripts)
    page = lead.page
    page.goto(base)
    page.get_by_role("link", name="กรมเบตา").click()
    expect(page.locator("#partners-beta")).to_contain_text("ยังไม่ได้เชิญ")
    expect(page.get_by_role("checkbox", name="กรมเบตา")).to_be_checked()
    page.fill("#partners-note", NOTE)
    page.get_by_role("button", name="ส่งคำเชิญ").click()
    expect(page.locator("#partners-beta")).to_contain_text("รอตอบรับ")
    page.get_by_role("button", name="ขอคำยืนยันจากหน่วยงานคู่เชื่อม (1)").click()
    expect(page.locator(".partner-links")).to_contain_text("รอหน่วยงานคู่เชื่อมยืนยัน")
    # what still stands between this and the filing is a link away
    page.goto(f"{base}/submit")
    page.get_by_role("link", name="กรมเบตา: ยังไม่ตอบรับคำเชิญ").click()
    expect(page).to_have_url(re.compile(r"/partners#partners-beta$"))
    lead.leave()


def _participant_fills_in(browser: Browser, site: Site, base: str, scripts: bool) -> None:
    participant = Person(browser, site, "officer_beta", scripts=scripts)
    page = participant.page
    page.goto(base)
    page.get_by_role("link", name="ตอบคำเชิญ").click()
    expect(page.locator("main")).to_contain_text(NOTE)
    page.get_by_role("radio", name="เข้าร่วม", exact=True).check()
    page.get_by_role("button", name="ส่งคำตอบ").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ส่วนของกรมเบตา")
    page.get_by_role("link", name="รายการงบประมาณของหน่วยงาน").click()
    page.select_option("#budget-1-category", "operations")
    page.fill("#budget-1-item", ITEM)
    page.fill("#budget-1-quantity", "1")
    page.fill("#budget-1-unit_price", "๒๕๐,๐๐๐")
    page.fill("#budget-1-q1", "250,000")
    follow(page, page.get_by_role("button", name="บันทึก", exact=True))
    expect(page.locator("main")).to_contain_text("บันทึก")
    page.goto(f"{base}/parts/beta")
    page.get_by_role("link", name="รายการที่ 1: กรุณากรอกหน่วยนับ").click()
    page.fill("#budget-1-unit", "งาน")
    follow(page, page.get_by_role("button", name="บันทึก", exact=True))
    page.goto(f"{base}/parts/beta")
    page.get_by_role("button", name="ยืนยันว่าครบถ้วน").click()
    expect(page.locator(".lead-line")).to_contain_text("ยืนยันแล้ว รอลงนาม")
    participant.leave()


def _partner_declines(browser: Browser, site: Site, scripts: bool) -> None:
    partner = Person(browser, site, "officer_gamma", scripts=scripts)
    page = partner.page
    page.get_by_role("link", name="การเชื่อมโยงที่ขอให้ยืนยัน").first.click()
    page.locator("main table a").click()
    page.get_by_role("radio", name="ปฏิเสธ", exact=True).check()
    page.get_by_role("button", name="ส่งคำตอบ").click()
    expect(page.locator("#error-summary")).to_contain_text("กรุณาบอกเหตุผลที่ปฏิเสธ")
    expect(page.get_by_role("radio", name="ปฏิเสธ", exact=True)).to_be_checked()
    page.get_by_role("radio", name="ยืนยัน", exact=True).check()
    page.get_by_role("radio", name="ไม่ขอ", exact=True).check()
    page.get_by_role("button", name="ส่งคำตอบ").click()
    expect(page.locator("main table")).to_contain_text("ยืนยันแล้ว")
    partner.leave()


def _participants_certifier_signs(browser: Browser, site: Site, base: str, scripts: bool) -> None:
    certifier = Person(browser, site, "certifier_beta", scripts=scripts)
    page = certifier.page
    page.goto(base)
    page.get_by_role("link", name="เปิดส่วนของหน่วยงาน").click()
    page.get_by_role("link", name="เปิดหน้าลงนามส่วนของหน่วยงาน").click()
    expect(page.locator("#sign-part")).to_contain_text("สองแสนห้าหมื่นบาทถ้วน")
    page.get_by_role("button", name="ลงนามรับรอง").click()
    expect(page.locator("#sign-part")).to_contain_text("ใช้ได้กับฉบับนี้")
    certifier.leave()


def _leads_certifier_reads(browser: Browser, site: Site, base: str, scripts: bool) -> None:
    certifier = Person(browser, site, "certifier", scripts=scripts)
    page = certifier.page
    page.goto(f"{base}/sign")
    expect(page.locator("main")).to_contain_text(ITEM)
    page.get_by_role("button", name="ข้าพเจ้าอ่านแล้ว").click()
    expect(page.locator("main")).to_contain_text("ไม่มีสิ่งใดเปลี่ยนตั้งแต่ท่านอ่าน")
    certifier.leave()


def _lead_changes(browser: Browser, site: Site, base: str, scripts: bool) -> None:
    lead = Person(browser, site, "officer", scripts=scripts)
    page = lead.page
    page.goto(f"{base}/rationale")
    page.fill("#rationale-outputs", CHANGED)
    follow(page, page.get_by_role("button", name="บันทึก", exact=True))
    page.goto(f"{base}/sign")
    page.get_by_role("button", name="แจ้งผู้รับรองให้ลงนาม").click()
    expect(page.locator("main")).to_contain_text("แจ้งผู้รับรองให้ลงนามแล้ว")
    lead.leave()


def _leads_certifier_signs_and_files(browser: Browser, site: Site, base: str, scripts: bool) -> None:
    certifier = Person(browser, site, "certifier", scripts=scripts)
    page = certifier.page
    page.goto(f"{base}/sign")
    since = page.locator("section[aria-labelledby=since]")
    expect(since).to_contain_text("เปลี่ยน 1 แห่ง")
    expect(since.locator("ins").first).to_be_visible()
    page.get_by_role("button", name="ลงนามและยื่นข้อเสนอ").click()
    expect(page).to_have_url(f"{base}/receipt")
    expect(page.locator(".receipt")).to_contain_text("ผู้ใช้ certifier_beta")
    expect(page.locator(".receipt")).to_contain_text("ทั้งฉบับ")
    certifier.leave()


def _lead_withdraws_and_files_again(browser: Browser, site: Site, base: str, scripts: bool) -> None:
    lead = Person(browser, site, "officer", scripts=scripts)
    page = lead.page
    page.goto(base)
    page.get_by_role("link", name="ถอนกลับมาแก้ไข").click()
    page.fill("#withdraw-reason", "ตรวจทานอีกครั้ง")
    page.get_by_role("button", name="ถอนข้อเสนอ").click()
    expect(page.locator("main")).to_contain_text("ถือว่ายังไม่ได้ยื่นจนกว่าจะยื่นอีกครั้ง")
    site.clock.advance(minutes=1)
    # nothing has changed, so every signature still holds
    page.goto(f"{base}/submit")
    page.get_by_role("button", name="ยื่นข้อเสนอโครงการ").click()
    expect(page.locator(".receipt-number")).to_contain_text("-2")
    page.get_by_role("link", name=re.compile(r"^R\d+-\d+-1$")).click()
    expect(page.locator("main")).to_contain_text("มีการยื่นภายหลังใบรับนี้")
    lead.leave()
