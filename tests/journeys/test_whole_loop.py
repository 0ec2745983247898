"""From one call to the next, in a real browser: a proposal is filed, scored and granted; its project is followed for two
quarters, month by month; the public sees what was spent; and when the next call opens, the officer goes on with it and
what it spent and reached stands beside the form."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from app.calls.actions import open_call
from app.identity.facts import SYSTEM
from app.kernel.db import db
from app.kernel.work import open_work
from app.monitoring.actions import accept_report, begin_report, save_report, send_report, sign_report
from app.monitoring.periods import ReportKind
from app.monitoring.queries import ground_of
from app.monitoring.typed_reports import list_places
from tests.journeys.conftest import Site
from tests.journeys.looking import follow
from tests.journeys.test_main_job import (
    TITLE,
    Person,
    committee_decides,
    officer_files,
    reviewer_scores,
    secretariat_assigns,
)
from tests.world import CALL, FISCAL_YEAR

NEXT_YEAR = FISCAL_YEAR + 1
# the six months of two quarters: newly bound and paid of the 2,500,000.25 baht that were granted
MONTHS = (
    ("1,500,000.25", "0"),
    ("0", "250,000.25"),
    ("500,000", "250,000"),
    ("0", "300,000"),
    ("100,000", "๒๐๐,๐๐๐"),
    ("0", "400,000"),
)
BY_HAND = (1, 3, 6)  # the months walked in the browser; the others go the same way without one
SPENT, REACHED = "1,400,000.25", "7"


def test_what_was_granted_is_followed_and_told_to_the_next_call(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    base, _ = officer_files(browser, site, tmp_path, False)
    proposal_id = base.rsplit("/", 1)[1]
    secretariat_assigns(browser, site, proposal_id, False)
    for reviewer in ("reviewer_bb", "reviewer_dga"):
        reviewer_scores(browser, site, reviewer, 3 if reviewer == "reviewer_bb" else 4, False)
    committee_decides(browser, site, proposal_id, False)

    # 5 October 2569: the year begins, and the project is followed
    site.clock.moment = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
    desk = Person(browser, site, "secretariat", scripts=False)
    page = desk.page
    page.goto(f"{site.url}/secretariat/monitoring")
    page.locator("details.sure summary").first.click()
    follow(page, page.locator("details.sure button").first)
    desk.leave()

    for month, (bound, paid) in enumerate(MONTHS, 1):
        day = datetime(2026 + (9 + month) // 12, (9 + month) % 12 + 1, 5, 3, 0, tzinfo=UTC)
        site.clock.moment = day
        if month in BY_HAND:
            _report(browser, site, "money", month, {"committed": bound, "disbursed": paid})
        else:
            _report_meanwhile(site, month, bound, paid)
        if month % 3 == 0:
            site.clock.advance(hours=1)
            _report(browser, site, "progress", month // 3, {"result": "3" if month == 3 else REACHED})

    _public_reads(browser, site)

    # the next call opens, and begins with what this one came to
    site.clock.moment += timedelta(days=7)
    _open_next_call(site)
    desk = Person(browser, site, "secretariat", scripts=False)
    page = desk.page
    page.goto(f"{site.url}/secretariat/calls/{FISCAL_YEAR}/results")
    follow(page, page.get_by_role("button", name="นำผลจากรายงานที่รับรองแล้ว"))
    expect(page.get_by_role("row", name=TITLE)).to_contain_text(SPENT)
    desk.leave()
    officer = Person(browser, site, "officer", scripts=False)
    page = officer.page
    page.goto(f"{site.url}/agency/earlier")
    follow(page, page.get_by_role("link", name=TITLE))
    follow(page, page.locator("form[action$='/continue'] button, form[data-guard] button.btn-primary").first)
    draft = page.url
    page.goto(f"{draft}/indicators")
    expect(page.locator("main")).to_contain_text("รายงานที่รับรองแล้วในระบบติดตาม ถึงมีนาคม 2570")
    expect(page.locator("td, th", has_text=re.compile(f"^{REACHED}$")).first).to_be_attached()
    page.goto(f"{draft}/budget")
    expect(page.locator("main")).to_contain_text(SPENT)
    officer.leave()


def _report(browser: Browser, site: Site, kind: str, period: int, cells: dict[str, str]) -> None:
    """A report of a period: written, signed, accepted, by three people."""
    officer = Person(browser, site, "officer", scripts=False)
    page = officer.page
    page.goto(f"{site.url}/agency/reports")
    begin = page.locator(
        f"form:has(input[name=kind][value={kind}]):has(input[name=period][value='{period}'])"
    )
    follow(page, begin.locator("button"))
    record_id = page.url.rsplit("/", 1)[1]
    for part, value in cells.items():
        page.locator(f".report-form [name$='-{part}']").first.fill(value)
    follow(page, page.locator("button[name=go][value=send]"))
    expect(page.locator("main")).to_contain_text("รอผู้รับรองลงนาม")
    officer.leave()
    certifier = Person(browser, site, "certifier", scripts=False)
    page = certifier.page
    page.goto(f"{site.url}/agency/reports/{record_id}/sign")
    follow(page, page.get_by_role("button", name="ลงนามรับรอง"))
    certifier.leave()
    desk = Person(browser, site, "secretariat", scripts=False)
    page = desk.page
    page.goto(f"{site.url}/secretariat/reports/{record_id}")
    follow(page, page.get_by_role("button", name="รับรองรายงาน"))
    desk.leave()


def _report_meanwhile(site: Site, month: int, bound: str, paid: str) -> None:
    """A month's report by the same verbs, without a browser."""
    with site.app.app_context():
        with open_work(SYSTEM, site.clock.moment) as work:
            agency_id = site.world.agencies["alpha"]
            record = begin_report(work, FISCAL_YEAR, agency_id, ReportKind.MONEY, month)
            ground = ground_of(
                work.session, record.call_id, agency_id, ReportKind.MONEY, month, site.clock.moment
            )
            cells = {
                place: bound if place.endswith("committed") else paid
                for place in list_places(ground)
                if place.startswith("money-")
            }
            record, _ = save_report(work, record.id, cells, record.version)
            for step in (send_report, sign_report, accept_report):
                record = step(work, record.id, record.version)
        db.session.remove()


def _public_reads(browser: Browser, site: Site) -> None:
    """Nothing is told before it is published; then anybody reads it without signing in."""
    visitor = browser.new_context(locale="th-TH", java_script_enabled=False)
    page: Page = visitor.new_page()
    page.goto(f"{site.url}/plan")
    expect(page.locator("main")).not_to_contain_text(TITLE)
    answer = page.goto(f"{site.url}/plan/{FISCAL_YEAR}")
    assert answer is not None
    assert answer.status == 404
    desk = Person(browser, site, "secretariat", scripts=False)
    own = desk.page
    own.goto(f"{site.url}/secretariat/publishing")
    own.locator(f"a[href$='/{FISCAL_YEAR}/new'], #fy{FISCAL_YEAR} + p a").first.click()
    follow(own, own.get_by_role("button", name="จัดทำชุดข้อมูล"))
    follow(own, own.get_by_role("button", name="เผยแพร่ชุดนี้"))
    desk.leave()
    page.goto(f"{site.url}/plan/{FISCAL_YEAR}/projects")
    follow(page, page.get_by_role("link", name=re.compile(TITLE)).first)
    expect(page.locator("main")).to_contain_text(SPENT)
    expect(page.locator("main")).to_contain_text("2,500,000.25")
    visitor.close()


def _open_next_call(site: Site) -> None:
    at = site.clock.moment
    with site.app.app_context():
        with open_work(SYSTEM, at) as work:
            open_call(
                work,
                CALL
                | {
                    "fiscal_year": NEXT_YEAR,
                    "opens_at": (at - timedelta(days=1)).replace(tzinfo=None),
                    "closes_at": (at + timedelta(days=9)).replace(tzinfo=None),
                },
            )
        db.session.remove()
