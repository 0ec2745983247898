"""The main job in a real browser, as four people: an officer files, the secretariat assigns, reviewers score, the
committee decides and downloads an Excel and a PDF that are opened here and agree to the satang."""

from __future__ import annotations

import io
import re
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from app.cli.demo.attachments import synthetic_page
from app.figures.actions import TOPIC as PRINT_PAPER
from app.jobs.runner import drain, run_once
from app.kernel.outbox import Topics
from tests.journeys.conftest import Site, sign_in
from tests.journeys.looking import follow
from tests.world import FISCAL_YEAR

TITLE = "ระบบเชื่อมโยงทะเบียนน้ำเพื่อการจัดสรรงบกำลังคน"
REQUESTED, APPROVED = "3,000,000.50", "2,500,000.25"
REASON = "ปรับลดให้ตรงกับความพร้อมของหน่วยงาน"


class Person:
    """One of the four, in a browser of their own that talks to this site only."""

    def __init__(self, browser: Browser, site: Site, name: str, *, scripts: bool = True):
        self.context: BrowserContext = browser.new_context(
            locale="th-TH", java_script_enabled=scripts, accept_downloads=True
        )
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.site = site
        self.page.on("request", self._watch)
        if scripts:
            self.page.on("pageerror", lambda error: self.faults.append(str(error)))
            self.page.on("console", self._listen)
        sign_in(self.page, site, name)

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((self.site.url, "data:", "blob:")):
            self.faults.append(f"asked another host: {request.url}")

    def _listen(self, message: ConsoleMessage) -> None:
        # the browser notes a page answered 422 as an error; that page is what the journey asks for
        if message.type == "error" and "status of 422" not in message.text:
            self.faults.append(message.text)

    def leave(self) -> None:
        assert self.faults == []
        self.context.close()


def kept_promises(site: Site, topic: str) -> int:
    """Keep what was promised under a topic; how many promises that were."""
    kept = 0
    while run_once(site.app, Topics(only=(topic,))):
        kept += 1
    return kept


def _save(page: Page) -> None:
    follow(page, page.get_by_role("button", name=re.compile("บันทึก")).first)


def _fill_proposal(page: Page, base: str) -> None:
    """Every section, each saved and left for the next."""
    page.goto(f"{base}/names")
    page.fill("#names-title_th", TITLE)
    page.fill("#names-title_en", "Water registry linkage for workforce budgeting")
    _save(page)
    page.goto(f"{base}/plan")
    page.check("#plan-stage")
    page.select_option("#plan-guideline", "1.1")
    page.select_option("#plan-strategy", "1")
    _save(page)
    page.goto(f"{base}/integration")
    page.check("#integration-forms")
    page.select_option("#integration-1-kind", "data")
    page.fill("#integration-1-name", "ทะเบียนแหล่งน้ำ")
    page.select_option("#integration-1-direction", "both")
    page.select_option("#integration-1-channel", "gdx")
    page.select_option("#integration-1-partner", "gamma")
    _save(page)
    page.goto(f"{base}/rationale")
    for field in ("rationale", "objectives", "outputs"):
        page.fill(f"#rationale-{field}", "เพื่อให้ข้อมูลน้ำและกำลังคนเชื่อมโยงกันทั้งระบบ")
    _save(page)
    page.goto(f"{base}/indicators")
    page.fill("#indicators-1-name", "จำนวนหน่วยงานที่เชื่อมโยง")
    page.fill("#indicators-1-unit", "หน่วยงาน")
    page.fill("#indicators-1-target", "๑๒")
    _save(page)
    page.goto(f"{base}/budget")
    page.select_option("#budget-1-agency", "alpha")
    page.select_option("#budget-1-category", "capital")
    page.fill("#budget-1-item", "ระบบเชื่อมโยงข้อมูล")
    page.fill("#budget-1-quantity", "๑")
    page.fill("#budget-1-unit", "ระบบ")
    page.fill("#budget-1-unit_price", "๓,๐๐๐,๐๐๐.๕๐")  # Thai digits are understood
    page.fill("#budget-1-q1", "1,000,000.50")
    page.fill("#budget-1-q2", "2 000 000")
    _save(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_main_job_from_draft_to_papers(browser: Browser, site: Site, tmp_path: Path, scripts: bool) -> None:
    base, receipt_number = officer_files(browser, site, tmp_path, scripts)
    proposal_id = base.rsplit("/", 1)[1]
    secretariat_assigns(browser, site, proposal_id, scripts)
    for reviewer, level in (("reviewer_bb", 3), ("reviewer_dga", 4)):
        reviewer_scores(browser, site, reviewer, level, scripts)
    committee_decides(browser, site, proposal_id, scripts)
    workbook, pdf = _committee_downloads(browser, site, scripts)
    _check_workbook(workbook)
    _check_pdf(pdf)
    assert receipt_number == f"R{FISCAL_YEAR}-0001-1"


def officer_files(browser: Browser, site: Site, tmp_path: Path, scripts: bool) -> tuple[str, str]:
    officer = Person(browser, site, "officer", scripts=scripts)
    page = officer.page
    expect(page.get_by_role("heading", level=1)).to_have_text("งานของฉัน")
    follow(page, page.get_by_role("button", name="สร้างข้อเสนอใหม่"))
    expect(page).to_have_url(re.compile(r"/agency/proposals/\d+$"))
    base = page.url
    # filing an empty draft lists everything at once, each with a link to its field
    page.goto(f"{base}/submit")
    assert page.locator("a[href*='#']").filter(has_text="กรุณา").count() >= 10
    _fill_proposal(page, base)
    page.goto(f"{base}/attachments")
    paper = tmp_path / "ขอบเขตงาน.pdf"
    paper.write_bytes(synthetic_page("Draft terms of reference", "1", "Scope of work"))
    page.select_option("#attachments-kind", index=1)
    page.set_input_files("#attachments-file", paper)
    page.locator("form[enctype] button").click()
    expect(page.get_by_role("link", name="ขอบเขตงาน.pdf")).to_be_visible()
    page.goto(f"{base}/check")
    expect(page.locator("main")).to_contain_text("เข้ารูปแบบที่ 1")
    page.goto(f"{base}/submit")
    expect(page.locator("main")).to_contain_text(REQUESTED)
    follow(page, page.locator(f"form[action$='{base.removeprefix(site.url)}/submit'] button"))
    expect(page).to_have_url(re.compile(r"/receipt$"))
    receipt = page.locator("main").inner_text()
    number = re.search(r"R\d{4}-\d{4}-\d+", receipt)
    assert number, receipt
    sha256 = re.search(r"[0-9a-f]{64}", receipt.replace("\n", "").replace(" ", ""))
    assert sha256, receipt
    answer = page.request.get(f"{base}/receipt.pdf", timeout=90_000)
    words = _pdf_text(answer.body())
    assert TITLE in words
    assert REQUESTED in words
    # anybody holding the receipt can check it
    page.goto(f"{site.url}/receipts/verify/{number[0]}?sha256={sha256[0]}")
    expect(page.locator("main")).to_contain_text("ตรง")
    officer.leave()
    return base, number[0]


def secretariat_assigns(browser: Browser, site: Site, proposal_id: str, scripts: bool) -> None:
    secretariat = Person(browser, site, "secretariat", scripts=scripts)
    page = secretariat.page
    page.goto(f"{site.url}/secretariat/proposals/{proposal_id}")
    own = page.locator(f"#reviewer-{site.world.users['reviewer_alpha']}")
    expect(own).to_be_disabled()  # an agency's own people are refused
    for name in ("reviewer_bb", "reviewer_dga"):
        page.check(f"#reviewer-{site.world.users[name]}")
    page.locator("form[action$='/assign'] button").click()
    expect(page.locator("main")).to_contain_text("ผู้ใช้ reviewer_bb")
    secretariat.leave()


def reviewer_scores(browser: Browser, site: Site, name: str, level: int, scripts: bool) -> None:
    reviewer = Person(browser, site, name, scripts=scripts)
    page = reviewer.page
    page.get_by_role("link", name=re.compile(TITLE)).first.click()
    page.wait_for_url(re.compile(r"/reviewer/assignments/\d+"))
    page.get_by_label("ไม่มีผลประโยชน์ทับซ้อน และรับพิจารณา").check()
    follow(page, page.get_by_role("button", name="บันทึกคำตอบ"))
    expect(page.locator("#rubric")).to_be_visible()
    fieldsets = page.locator("input[type=radio][value='0'][name^='score-']")
    codes = [fieldsets.nth(i).get_attribute("name") or "" for i in range(fieldsets.count())]
    assert len(codes) >= 5
    for score in codes:
        page.check(f"input[name='{score}'][value='{level}']")
    page.get_by_role("button", name="ส่งผลคะแนน").click()
    if level == 4:  # the extremes need a comment; what was chosen is still there
        expect(page.locator("main")).to_contain_text("ความเห็น")
        for score in codes:
            expect(page.locator(f"input[name='{score}'][value='4']")).to_be_checked()
            page.fill(f"[name='{score.replace('score-', 'comment-')}']", "หลักฐานชัดเจนครบถ้วนทุกข้อ")
        page.get_by_role("button", name="ส่งผลคะแนน").click()
    expect(page.locator("main")).to_contain_text(f"{level * 25}.00")
    reviewer.leave()


def committee_decides(browser: Browser, site: Site, proposal_id: str, scripts: bool) -> None:
    committee = Person(browser, site, "committee", scripts=scripts)
    page = committee.page
    page.goto(f"{site.url}/committee/calls/{FISCAL_YEAR}/ranking")
    row = page.locator("tr", has_text=TITLE)
    expect(row).to_contain_text("87.50")
    page.goto(f"{site.url}/committee/proposals/{proposal_id}")
    page.check("#decision-verdict")
    page.fill("#decision-amount", "99,999,999,999")
    page.locator("form:has(#decision-amount) button").last.click()
    expect(page.locator("main")).to_contain_text("เกินที่ขอ")
    expect(page.locator("#decision-amount")).to_have_value(re.compile(r"99,999,999,999(\.00)?"))
    page.fill("#decision-amount", APPROVED)
    page.fill("#decision-reason", REASON)
    page.fill("#decision-resolution", "มติที่ประชุมครั้งที่ 1")
    page.locator("form:has(#decision-amount) button").last.click()
    expect(page.locator("main")).to_contain_text(APPROVED)
    committee.leave()


def _committee_downloads(browser: Browser, site: Site, scripts: bool) -> tuple[bytes, bytes]:
    committee = Person(browser, site, "committee", scripts=scripts)
    page = committee.page
    files = []
    for paper_format in ("xlsx", "pdf"):
        page.goto(f"{site.url}/committee/papers")
        page.check(f"input[name=format][value={paper_format}]")
        follow(page, page.locator("form[action$='/papers'] button"))
        assert kept_promises(site, PRINT_PAPER) == 1
        drain(site.app)  # what there is to tell by e-mail
        page.goto(f"{site.url}/committee/papers")
        link = page.locator("a[href*='/committee/papers/']").first
        with page.expect_download() as download:
            link.click()
        assert download.value.suggested_filename.endswith(paper_format)
        files.append(Path(download.value.path()).read_bytes())
    committee.leave()
    return files[0], files[1]


def _check_workbook(content: bytes) -> None:
    book = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert any(isinstance(c, str) and TITLE in c for c in cells)
    numbers = [c for c in cells if isinstance(c, int | float)]
    assert 2_500_000.25 in numbers  # approved, to the satang
    assert 3_000_000.5 in numbers
    formulas = openpyxl.load_workbook(io.BytesIO(content))
    assert any(
        isinstance(cell, str) and cell.startswith("=SUBTOTAL")
        for sheet in formulas
        for row in sheet.iter_rows(values_only=True)
        for cell in row
    )


def _check_pdf(content: bytes) -> None:
    words = _pdf_text(content)
    assert TITLE in words
    assert "2.5000" in words  # million baht, four decimals
    assert REASON in words


def _pdf_text(content: bytes) -> str:
    """The text of a PDF with the line breaks of narrow columns taken out."""
    text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))
    return re.sub(r"[\r\n\ufffe]+", "", text)
