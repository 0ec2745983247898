"""Plan against actual as people see it: the same figures on page, in Excel, PDF and CSV; an agency sees its own alone."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.calls.queries import get_call
from app.figures.facts import PaperFormat
from app.figures.monitoring_book import monitoring_document
from app.figures.monitoring_memo import NOBODY_LATE
from app.figures.monitoring_words import grouped, tell_schedule
from app.figures.pen import Pen
from app.figures.press import print_document
from app.figures.queries.monitoring import monitoring_book
from app.identity.facts import SYSTEM
from app.jobs.printing import print_paper
from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.kernel.money import format_baht
from app.monitoring.attainment import attain
from app.monitoring.facts import Aim, PlannedIndicator, ReportingRules
from app.monitoring.models import Allotment
from app.monitoring.schedule import earned_schedule
from app.web.monitoring.project import indicator_row
from reports.document import Paragraph
from tests.figures.widths import list_broken, list_too_wide
from tests.monitoring.accounts import account_month, account_quarter, call_of
from tests.monitoring.ongoing import GRANTED, open_projects
from tests.proposals.earlier import LAST_YEAR
from tests.web.desks import browser, queries_of, text_of
from tests.world import World

NOON = datetime(2026, 2, 20, 12, tzinfo=BANGKOK)
EARLY = datetime(2025, 11, 2, 12, tzinfo=BANGKOK)
PAID = 333_333_31


@pytest.fixture
def two(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Four months of "one", paid a third of what was planned to the odd satang; beta reports nothing of "joint"."""
    monkeypatch.setitem(app.config, "CLOCK", lambda: NOON)  # the application outlives the test
    one, joint = open_projects(world, joint=True)
    for month, paid in enumerate((PAID, 0, 0, 0), 1):
        account_month(world, call_of(one), "alpha", month, {(one, "capital"): (paid + 1, paid)})
    account_quarter(world, one, "alpha", 1, results={1: "2"}, problems="จัดซื้อช้ากว่าแผน")
    return one, joint


def test_the_dashboard_tells_how_the_year_stands(app: Flask, world: World, two: tuple[int, int]) -> None:
    page = text_of(browser(app, "secretariat").get(f"/monitoring/{LAST_YEAR}?month=4"))
    assert "0.3333" in page  # million baht
    assert "กรมเบตา" in page  # late
    assert "ยังไม่มีเป้าหมายของคณะรัฐมนตรี" in page
    english = text_of(browser(app, "committee", "en").get(f"/monitoring/{LAST_YEAR}?month=4&stage=upstream"))
    assert "Whose reports are missing?" in english
    assert "Is spending on plan?" in english


@pytest.mark.parametrize(("language", "is_thai"), [("th", False), ("th", True), ("en", False)])
def test_every_amount_of_the_paper_fits_its_column(
    app: Flask, two: tuple[int, int], language: str, is_thai: bool
) -> None:
    book = monitoring_book(db.session(), SYSTEM, get_call(db.session(), LAST_YEAR), 4, NOON)
    narrow, looked_at = list_too_wide(monitoring_document(book, language), in_thai_digits=is_thai)
    assert narrow == []
    assert looked_at > 20
    assert list_broken(monitoring_document(book, language), "number", "๒๕๖๘-๐๐๘๘") == []
    first = monitoring_book(db.session(), SYSTEM, get_call(db.session(), LAST_YEAR), 1, EARLY)
    said = [b.text for b in monitoring_document(first, "th").blocks if isinstance(b, Paragraph)]
    assert NOBODY_LATE.th in said  # no heading without a word beneath
    assert any(text.startswith("ยังไม่คาดการณ์") and text.endswith("2 โครงการ") for text in said)


def test_page_excel_pdf_and_csv_agree_to_the_satang(app: Flask, world: World, two: tuple[int, int]) -> None:
    client = browser(app, "secretariat")
    page = text_of(client.get(f"/monitoring/{LAST_YEAR}/projects?month=4"))
    call = get_call(db.session(), LAST_YEAR)
    book = monitoring_book(db.session(), SYSTEM, call, 4, NOON)
    document = monitoring_document(book, "th")
    workbook = openpyxl.load_workbook(io.BytesIO(print_document(document, PaperFormat.XLSX)), data_only=True)
    cells = {
        round(cell.value * 100)
        for sheet in workbook
        for row in sheet.iter_rows()
        for cell in row
        if isinstance(cell.value, int | float)
    }
    paper = _pdf_text(print_document(document, PaperFormat.PDF))
    rows = list(csv.DictReader(io.StringIO(_csv(client))))
    assert len(rows) == len(book.standing.projects) == 2
    for standing, row in zip(book.standing.projects, rows, strict=True):
        for amount in (standing.sums.allotted, standing.sums.planned, standing.sums.spent):
            assert format_baht(amount) in page
            assert format_baht(amount) in paper
            assert amount in cells
        assert row["เบิกจ่ายสะสม"] == format_baht(standing.sums.spent).replace(",", "")
    amounts = [c for table in document.tables for c in table.columns if c.kind in ("money", "percent")]
    assert [c.key for c in amounts if not c.meaning] == []  # the data dictionary says what each is
    total = book.standing.sums
    for amount in (total.allotted, total.planned, total.committed, total.spent):
        assert format_baht(amount) in page
        assert format_baht(amount) in paper
    assert total.allotted > GRANTED
    assert total.spent == PAID


def _csv(client: FlaskClient) -> str:
    answer = client.get(f"/monitoring/{LAST_YEAR}/standing.csv?month=4")
    return answer.get_data().decode("utf-8-sig")


def _pdf_text(data: bytes) -> str:
    import pypdfium2

    pages = pypdfium2.PdfDocument(data)
    return "".join(re.sub(r"\s+", " ", page.get_textpage().get_text_range()) for page in pages)


def test_the_report_is_ordered_printed_and_fetched(app: Flask, world: World, two: tuple[int, int]) -> None:
    client = browser(app, "secretariat")
    wrong = client.post(f"/monitoring/{LAST_YEAR}/papers", data={"quarter": "9", "format": "xlsx"})
    assert (wrong.status_code, 'id="quarter-error"' in text_of(wrong)) == (422, True)
    order = {"quarter": "1", "format": "xlsx", "language": "th"}
    early = client.post(f"/monitoring/{LAST_YEAR}/papers", data={**order, "quarter": "2"})
    assert (early.status_code, "ไตรมาสที่สิ้นสุดแล้ว" in text_of(early)) == (422, True)  # it is February
    answer = client.post(f"/monitoring/{LAST_YEAR}/papers", data=order)
    assert answer.status_code == 303
    print_paper(app, {"paper": 1}, True)
    page = text_of(client.get(answer.location))
    assert "ไตรมาส 1" in page
    found = client.get("/monitoring/papers/1")
    assert found.data[:2] == b"PK"
    assert browser(app, "committee").get("/monitoring/papers/1").status_code == 404


def test_carried_over_money_has_quarters_of_its_own(
    app: Flask, two: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/monitoring/{LAST_YEAR}/papers"
    monkeypatch.setitem(app.config, "CLOCK", lambda: datetime(2027, 1, 5, tzinfo=BANGKOK))
    assert "เงินกันของปีงบประมาณ" not in text_of(browser(app, "secretariat").get(path))
    db.session.execute(update(Allotment).values(carried=1))
    db.session.commit()
    page = text_of(browser(app, "secretariat").get(path))
    assert "ไตรมาส 1 ของปีถัดไป" in page
    assert "ไตรมาส 2 ของปีถัดไป" not in page
    call = get_call(db.session(), LAST_YEAR)
    book = monitoring_book(db.session(), SYSTEM, call, 15, NOON)
    assert "ไตรมาส 1 ของปีถัดไป" in monitoring_document(book, "th").title


def test_a_project_tells_its_whole_story(app: Flask, world: World, two: tuple[int, int]) -> None:
    one, _ = two
    page = text_of(browser(app, "committee").get(f"/monitoring/{LAST_YEAR}/projects/{one}?month=4"))
    assert "จัดซื้อช้ากว่าแผน" in page
    assert format_baht(PAID) in page
    assert "SPI(t)" in page
    assert "คาดว่าสิ้นปีจะพลาดแผน" in page


@pytest.mark.parametrize(
    ("result", "kind", "said"),
    [
        ("0", "bad", "0.0 %"),  # the rule of the lights is an indicator's as well
        ("7.9", "bad", "79.0 %"),
        ("8", "warn", "80.0 %"),
        ("9.5", "good", "95.0 %"),
        ("-0.769", "bad", "-7.7 %"),
        ("3142.0599", "good", "31420.5 %"),
    ],
)
def test_an_indicator_s_light_follows_the_rule_that_is_shown(
    app: Flask, result: str, kind: str, said: str
) -> None:
    planned = PlannedIndicator(1, "alpha", "บริการ", "บริการ", "0", "10", Aim.UP, ("10", "", "", ""))
    with app.test_request_context():
        _, _, _, year, light = indicator_row(
            planned, attain(planned, {1: result}, 1), ReportingRules(), Pen("th")
        )
    assert f"tag-{kind}" in light
    assert said in light
    assert f"{year} %" == said


def test_who_is_on_schedule_is_neither_ahead_nor_behind() -> None:
    assert "ตรงตามแผน" in tell_schedule(earned_schedule([10, 20], [10]), Pen("th"))
    assert "on schedule" in tell_schedule(earned_schedule([10, 20], [10]), Pen("en"))
    assert "ช้ากว่าแผน 0.50 เดือน" in tell_schedule(earned_schedule([10, 20], [5]), Pen("th"))


def test_numbers_are_grouped_as_figures_are() -> None:
    told = [grouped(text) for text in ("181000", "181,000", "-1234567.50", "ผ่าน", "", "12")]
    assert told == ["181,000", "181,000", "-1,234,567.5", "ผ่าน", "", "12"]


def test_an_agency_sees_its_own_projects_and_no_others(
    app: Flask, world: World, two: tuple[int, int]
) -> None:
    one, joint = two
    beta = browser(app, "officer_beta")
    page = text_of(beta.get("/agency/progress"))
    assert f"/agency/progress/{LAST_YEAR}/{joint}" in page
    assert f"/agency/progress/{LAST_YEAR}/{one}" not in page
    assert beta.get(f"/agency/progress/{LAST_YEAR}/{joint}").status_code == 200
    assert beta.get(f"/agency/progress/{LAST_YEAR}/{one}").status_code == 404
    assert beta.get("/agency/progress?year=2511").status_code == 404
    assert beta.get(f"/monitoring/{LAST_YEAR}").status_code == 403


def test_an_agency_without_projects_is_told_so(app: Flask, world: World) -> None:
    assert "ยังไม่มีโครงการที่ติดตาม" in text_of(browser(app, "officer").get("/agency/progress"))


@pytest.mark.both_databases
def test_pages_ask_little_and_no_more_for_more(app: Flask, world: World, two: tuple[int, int]) -> None:
    one, _ = two
    secretariat, officer = browser(app, "secretariat"), browser(app, "officer")
    pages = [
        (secretariat, "/monitoring"),
        (secretariat, f"/monitoring/{LAST_YEAR}"),
        (secretariat, f"/monitoring/{LAST_YEAR}?plan=first&category=capital"),
        (secretariat, f"/monitoring/{LAST_YEAR}/projects"),
        (secretariat, f"/monitoring/{LAST_YEAR}/projects/{one}"),
        (secretariat, f"/monitoring/{LAST_YEAR}/warnings"),
        (secretariat, "/monitoring/track-record"),
        (officer, "/agency/progress"),
        (officer, f"/agency/progress/{LAST_YEAR}/{one}"),
    ]
    for client, path in pages:
        client.get(path)
        assert queries_of(client, path) <= 12, path
