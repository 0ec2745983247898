"""Reports by Excel: out, filled in, back; faults by cell; another month's, agency's or revision's workbook."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.jobs.runner import drain
from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.kernel.work import open_work
from app.monitoring.actions import begin_correction, begin_report
from app.monitoring.models import ProgressRecord
from app.monitoring.periods import ReportKind
from app.monitoring.queries.records import cells_of
from tests.conftest import FixedClock
from tests.monitoring.ongoing import open_projects
from tests.monitoring.reports import money_cells, number_of, report_month
from tests.proposals.earlier import LAST_YEAR
from tests.web.desks import browser, text_of
from tests.world import World

JANUARY = datetime(2026, 1, 2, 9, 0, tzinfo=BANGKOK)


@pytest.fixture
def number(world: World, clock: FixedClock) -> str:
    clock.moment = JANUARY
    return number_of(open_projects(world)[0])


def begin(world: World, period: int, kind: ReportKind = ReportKind.MONEY) -> str:
    """The address of a new report."""
    with open_work(world.actor("officer"), JANUARY) as work:
        return f"/agency/reports/{begin_report(work, LAST_YEAR, world.agencies['alpha'], kind, period).id}"


def template(client: FlaskClient, address: str) -> bytes:
    answer = client.get(f"{address}/workbook/template.xlsx")
    assert answer.status_code == 200
    return answer.data


def fill(data: bytes, cells: Mapping[tuple[int, str], Any], sheet: int = 1) -> bytes:
    """The workbook with cells of a data row (from 1) under the heading that begins with a word."""
    book = load_workbook(io.BytesIO(data))
    page = book.worksheets[sheet]
    head = next(
        row for row in page.iter_rows() if any(str(c.value or "").startswith("เลขที่โครงการ") for c in row)
    )
    for (row, heading), value in cells.items():
        column = next(c.column for c in head if heading in str(c.value or ""))
        page.cell(head[0].row + row, column).value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def send(app: Flask, client: FlaskClient, address: str, data: bytes) -> str:
    """Send it and have it read; its page's address."""
    answer = client.post(f"{address}/workbook", data={"workbook-file": (io.BytesIO(data), "เดือน.xlsx")})
    assert answer.status_code == 303, text_of(answer)
    drain(app)
    return answer.headers["Location"]


def kept(address: str) -> dict[str, str]:
    cells = cells_of(db.session().get_one(ProgressRecord, int(address.rsplit("/", 1)[1])))
    db.session.rollback()
    return cells


def test_a_month_goes_out_and_comes_back(app: Flask, world: World, number: str) -> None:
    officer, address = browser(app, "officer", "en"), begin(world, 1)
    data = fill(template(officer, address), {(1, "ผูกพันเดือนนี้"): "๑,๐๐๐.๕๐", (1, "เบิกจ่ายเดือนนี้"): 200})
    page = send(app, officer, address, data)
    shown = text_of(officer.get(page))
    assert "What will change (2)" in shown
    assert "<ins>1000.50</ins>" in shown
    assert kept(address) == {}
    assert officer.post(page, data={"seen": "99"}).status_code == 409
    assert officer.post(page, data={"seen": "1"}).status_code == 303
    assert kept(address) == money_cells(number, "1000.50", "200.00")
    assert officer.post(page, data={"seen": "2"}).status_code == 422  # it is taken in already
    assert browser(app, "officer_beta").get(page).status_code == 404


def test_faults_stand_at_their_cells_and_nothing_is_taken(app: Flask, world: World, number: str) -> None:
    officer, address = browser(app, "officer", "en"), begin(world, 1)
    data = fill(template(officer, address), {(1, "ผูกพันเดือนนี้"): 2_000_000, (1, "เบิกจ่ายเดือนนี้"): -5})
    page = send(app, officer, address, data)
    shown = text_of(officer.get(page))
    assert "Things to mend: " in shown
    assert "must not be negative" in shown
    marked = officer.get(f"{page}/marked.xlsx")
    assert marked.data.startswith(b"PK")
    data = fill(template(officer, address), {(1, "ผูกพันเดือนนี้"): 2_000_000, (1, "เบิกจ่ายเดือนนี้"): 0})
    assert "more than the 1,000,001.00 allotted" in text_of(officer.get(send(app, officer, address, data)))
    data = fill(template(officer, address), {(1, "เลขที่โครงการ"): "2569-0999"})
    assert "Project 2569-0999 is not reported here" in text_of(officer.get(send(app, officer, address, data)))
    assert kept(address) == {}


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (lambda world: begin(world, 2), "November 2568 B.E."),
        (lambda world: begin(world, 1, ReportKind.PROGRESS), ""),
    ],
)
def test_a_workbook_of_another_period_is_refused_by_name(
    app: Flask, world: World, number: str, other: Callable[[World], str], words: str
) -> None:
    officer = browser(app, "officer", "en")
    data = template(officer, other(world))
    address = begin(world, 1)
    shown = text_of(officer.get(send(app, officer, address, data)))
    assert "This workbook was not read" in shown
    assert words in shown
    assert kept(address) == {}


def test_a_workbook_of_the_revision_before_is_refused(app: Flask, world: World, number: str) -> None:
    officer, address = browser(app, "officer", "en"), begin(world, 1)
    data = template(officer, address)
    officer.post(f"{address}/drop", data={"version": "1"})
    record_id = report_month(world, 1, money_cells(number, "10", "5"), JANUARY)
    with open_work(world.actor("officer"), JANUARY) as work:
        correction = f"/agency/reports/{begin_correction(work, record_id, 'a reason').id}"
    shown = text_of(officer.get(send(app, officer, correction, data)))
    assert "Revision is 1 in the file but 2 here" in shown


def test_a_quarter_by_workbook(app: Flask, world: World, number: str) -> None:
    officer, address = browser(app, "officer", "en"), begin(world, 1, ReportKind.PROGRESS)
    data = fill(template(officer, address), {(1, "ผลถึงสิ้นไตรมาส"): "๔", (1, "หลักฐาน"): "หน้า 3"})
    data = fill(data, {(1, "ความช่วยเหลือ"): "ขอคน"}, sheet=2)
    page = send(app, officer, address, data)
    assert "What will change (3)" in text_of(officer.get(page))
    assert officer.post(page, data={"seen": "1"}).status_code == 303
    assert kept(address) == {
        f"indicator-{number}-1-result": "4",
        f"indicator-{number}-1-evidence": "หน้า 3",
        f"words-{number}-help": "ขอคน",
    }
