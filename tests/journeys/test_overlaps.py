"""The overlap radar in a real browser: two agencies file the same, the runner finds it, the secretariat judges, the one
that gives way fails, and an officer's draft tells no more of others than it may."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from app.kernel.db import db
from tests.journeys.conftest import Site
from tests.journeys.looking import assert_sound, follow
from tests.journeys.test_main_job import Person, kept_promises
from tests.similarity.scene import WATER, draft_of, file
from tests.world import FISCAL_YEAR, write_draft

WHY = "เซนเซอร์ชุดเดียวกันในแม่น้ำสายเดียวกัน จ่ายครั้งเดียวพอ"
TITLE = WATER["names"]["title_th"]
FIRST, COPY = f"{FISCAL_YEAR}-0001", f"{FISCAL_YEAR}-0002"


@pytest.fixture
def draft(site: Site) -> int:
    """A filing of alpha and its copy by beta, neither compared yet, and a draft of alpha's on the same."""
    with site.app.app_context():
        file(site.world, WATER)
        file(site.world, WATER, "beta")
        made = write_draft(site.world, draft_of(WATER))
        db.session.remove()
    return made


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_found_judged_and_told(browser: Browser, site: Site, draft: int, scripts: bool) -> None:
    assert kept_promises(site, "compare_filing") == 2
    _secretariat_judges(browser, site, scripts)
    _who_gives_way_is_told(browser, site, scripts)
    _a_draft_is_told_what_it_may_know(browser, site, draft, scripts)


def _secretariat_judges(browser: Browser, site: Site, scripts: bool) -> None:
    secretariat = Person(browser, site, "secretariat", scripts=scripts)
    page = secretariat.page
    page.get_by_role("link", name="ข้อเสนอที่คล้ายกัน 1 คู่รอท่านวินิจฉัย").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    _look(page, scripts)
    page.get_by_role("link", name=re.compile("เทียบกัน")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{COPY} เทียบกับ {FIRST}")
    # by keyboard from a passage to the same one on the other side, and back
    page.locator("#left-1").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#right-1$"))
    expect(page.locator("#right-1 + mark")).to_have_text(TITLE)
    page.locator("#right-1").click()
    expect(page).to_have_url(re.compile("#left-1$"))
    _look(page, scripts)
    # a duplicate without saying which one gives way
    page.get_by_role("radio", name="ซ้ำซ้อน", exact=True).check()
    page.fill("#reason", WHY)
    page.get_by_role("button", name="บันทึกคำวินิจฉัย").click()
    expect(page.locator("#error-summary")).to_contain_text("กรุณาเลือกว่าเรื่องใดควรหลีกทาง")
    expect(page.locator("#reason")).to_have_value(WHY)
    expect(page.get_by_role("radio", name="ซ้ำซ้อน", exact=True)).to_be_checked()
    _look(page, scripts)
    page.get_by_role("radio", name=re.compile(f"^{COPY}")).check()
    page.get_by_role("button", name="บันทึกคำวินิจฉัย").click()
    expect(page.locator("[role=status]")).to_contain_text("บันทึกคำวินิจฉัยแล้ว")
    expect(page.locator("main table").last).to_contain_text(WHY)
    _look(page, scripts)
    # the one that gives way has failed, with the reason; the other stands
    page.get_by_role("link", name=TITLE).first.click()
    expect(page.locator(".lead-line")).to_contain_text("ไม่ผ่าน")
    expect(page.locator("#rule-duplicate")).to_contain_text(WHY)
    expect(page.locator("#rule-duplicate")).to_contain_text(FIRST)
    page.get_by_role("link", name=TITLE).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{COPY} เทียบกับ {FIRST}")
    page.get_by_role("link", name="ข้อเสนอที่คล้ายกัน").first.click()
    expect(page.locator(".empty")).to_contain_text("ไม่มีคู่ที่รอวินิจฉัย")
    page.get_by_role("link", name="ดูทุกคู่ของรอบนี้").click()
    expect(page.locator("tbody tr")).to_contain_text("ซ้ำซ้อน")
    secretariat.leave()


def _who_gives_way_is_told(browser: Browser, site: Site, scripts: bool) -> None:
    officer = Person(browser, site, "officer_beta", scripts=scripts)
    page = officer.page
    page.goto(f"{site.url}/agency/proposals/2")
    expect(page.locator("#rule-duplicate")).to_contain_text("เป็นฝ่ายที่ต้องหลีกทาง")
    expect(page.locator("main")).not_to_contain_text(FIRST)
    expect(page.locator("main")).not_to_contain_text(WHY)
    page.get_by_role("link", name="ดูความคล้ายกับโครงการอื่น").click()
    expect(page.locator("#hidden + ul li")).to_have_count(1)
    expect(page.locator("main")).to_contain_text("ฝ่ายเลขานุการจะติดต่อท่าน")
    expect(page.locator("main")).not_to_contain_text(FIRST)
    expect(page.locator("main mark")).to_have_count(0)
    _look(page, scripts)
    officer.leave()


def _a_draft_is_told_what_it_may_know(browser: Browser, site: Site, draft: int, scripts: bool) -> None:
    officer = Person(browser, site, "officer", scripts=scripts)
    page = officer.page
    page.goto(f"{site.url}/agency/proposals/{draft}")
    page.get_by_role("link", name="ตรวจความคล้ายกับโครงการอื่น").click()
    page.get_by_role("button", name="เปรียบเทียบตอนนี้").click()
    expect(page.locator("main")).to_contain_text("กำลังเปรียบเทียบ ขอเมื่อ")
    _look(page, scripts)
    assert kept_promises(site, "compare_draft") == 1
    page.get_by_role("link", name="ดูว่าเสร็จหรือยัง").click()
    # alpha's own filing with its passages; of beta's, that it is there
    expect(page.locator(".similar")).to_have_count(1)
    expect(page.locator(".similar")).to_contain_text(FIRST)
    expect(page.locator("#hidden + ul li")).to_have_count(1)
    expect(page.locator("main")).not_to_contain_text(COPY)
    page.get_by_text("ดูรายการและข้อความเทียบกัน").click()
    expect(page.locator("#mine-1-1")).to_be_visible()
    page.locator("#mine-1-1").click()
    expect(page).to_have_url(re.compile("#theirs-1-1$"))
    _look(page, scripts)
    page.goto(f"{site.url}/agency/proposals/{draft}/rationale")
    page.fill("#rationale-outputs", "ผลผลิตที่เขียนใหม่ทั้งหมด")
    follow(page, page.get_by_role("button", name="บันทึก", exact=True))
    page.goto(f"{site.url}/agency/proposals/{draft}/overlaps")
    expect(page.locator("main")).to_contain_text("ร่างเปลี่ยนไปหลังการเปรียบเทียบ")
    expect(page.locator("main mark")).to_have_count(0)
    _look(page, scripts)
    officer.leave()


def _look(page: Page, scripts: bool) -> None:
    """The page as it stands, wide and on a phone: nothing sticks out, and axe finds nothing."""
    if scripts:
        assert_sound(page)


def test_the_pages_in_english(browser: Browser, site: Site, draft: int) -> None:
    """Every word of the interface in English; what people wrote stays as they wrote it."""
    kept_promises(site, "compare_filing")
    secretariat = Person(browser, site, "secretariat")
    page = secretariat.page
    follow(page, page.locator("button[lang=en]").first)
    for path, words in (
        ("/secretariat/overlaps", ("Similar proposals", "Not judged", "Budget items")),
        ("/secretariat/overlaps/1", ("Why they resemble each other", "Side by side", "Record the verdict")),
    ):
        page.goto(f"{site.url}{path}")
        for word in words:
            expect(page.locator("main")).to_contain_text(word)
        said = page.locator(
            "nav a, button:not([lang]), label, legend, thead th, dt, .tag, .hint, h2, h4"
        ).all_inner_texts()
        thai = [w for w in said if re.search(r"[\u0e00-\u0e7f]", w) and TITLE not in w]
        assert thai == []
        _look(page, scripts=True)
    secretariat.leave()
