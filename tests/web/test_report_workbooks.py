"""Reports by Excel: out, filled in, back; faults by cell; another month's, agency's or revision's workbook."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from app.jobs.runner import do_chores, drain
from app.kernel.canonical import sha256_bytes
from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.files import Area, file_store
from app.kernel.work import open_work
from app.monitoring.actions import begin_correction, begin_report, save_report
from app.monitoring.models import ProgressRecord
from app.monitoring.periods import ReportKind
from app.monitoring.queries.records import cells_of
from app.workbooks.uploads import KEPT_FOR
from tests.conftest import FixedClock
from tests.monitoring.ongoing import open_projects
from tests.monitoring.reports import accept, hand_in, money_cells, number_of, report_month
from tests.proposals.earlier import LAST_YEAR
from tests.web.desks import browser, queries_of, text_of
from tests.world import World, complete_draft, write_draft

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


def save(world: World, address: str, cells: Mapping[str, str]) -> None:
    """Somebody types in the form."""
    record_id = int(address.rsplit("/", 1)[1])
    with open_work(world.actor("officer"), JANUARY) as work:
        save_report(work, record_id, cells, work.session.get_one(ProgressRecord, record_id).version)


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
    assert "<ins>1,000.50</ins>" in shown
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
    assert "1 thing is to be mended in 1 row" in shown
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


def test_what_both_changed_is_for_the_person_to_choose_and_all_else_is_kept(
    app: Flask, world: World, number: str
) -> None:
    officer, address = browser(app, "officer", "en"), begin(world, 1)
    at = f"money-{number}-capital"
    save(world, address, money_cells(number, "100.00", "5.00"))
    data = fill(template(officer, address), {(1, "เบิกจ่ายเดือนนี้"): 9})
    theirs = money_cells(number, "200.00", "7.00") | {"note": "of another person"}
    save(world, address, theirs)
    page = send(app, officer, address, data)
    shown = text_of(officer.get(page))
    assert queries_of(officer, page) <= 12
    assert "The report was saved after this template was downloaded" in shown
    assert "last by" in shown
    assert "Choose whose to use (1)" in shown
    assert f'name="choice:{at}-disbursed"' in shown
    assert f'name="choice:{at}-committed"' not in shown  # the sheet never touched it
    seen = re.search(r'name="seen" value="(\d+)"', shown)
    assert seen is not None
    answer = officer.post(page, data={"seen": seen[1], "go": "chosen"})
    assert answer.status_code == 422
    assert f'id="choice-{at}-disbursed-error"' in text_of(answer)
    assert kept(address) == theirs
    sent = {"seen": seen[1], "go": "chosen", f"choice:{at}-disbursed": "theirs"}
    assert officer.post(page, data=sent).status_code == 303
    assert kept(address) == theirs
    page = send(app, officer, address, data)
    assert officer.post(page, data=sent | {"go": "sheet"}).status_code == 303
    assert kept(address) == theirs | {f"{at}-disbursed": "9.00"}


def test_an_older_workbook_takes_nothing_back(app: Flask, world: World, number: str) -> None:
    """Nothing was filled in, and much was saved since: nothing would change."""
    officer, address = browser(app, "officer", "en"), begin(world, 1)
    data = template(officer, address)
    save(world, address, money_cells(number, "200.00", "7.00"))
    page = send(app, officer, address, data)
    assert "This workbook would change nothing" in text_of(officer.get(page))
    save(world, address, money_cells(number, "200.00", "8.00"))
    assert officer.post(page, data={"seen": "2"}).status_code == 409
    assert kept(address) == money_cells(number, "200.00", "8.00")


def test_a_report_that_was_sent_takes_no_workbook(app: Flask, world: World, number: str) -> None:
    officer, address = browser(app, "officer", "en"), begin(world, 1)
    data = fill(template(officer, address), {(1, "ผูกพันเดือนนี้"): 3})
    waiting = send(app, officer, address, data)
    save(world, address, money_cells(number, "1.00", "1.00"))
    unread = officer.post(f"{address}/workbook", data={"workbook-file": (io.BytesIO(data), "a.xlsx")})
    record_id = int(address.rsplit("/", 1)[1])
    version = hand_in(world, record_id, JANUARY)
    drain(app)
    assert "takes no workbook now" in text_of(officer.get(unread.headers["Location"]))
    for state in ("signed", "accepted"):
        answer = officer.post(f"{address}/workbook", data={"workbook-file": (io.BytesIO(data), "a.xlsx")})
        assert answer.status_code == 422
        assert "takes no workbook now" in text_of(answer)
        assert "This report was sent, so the workbook cannot" in text_of(officer.get(waiting))
        assert officer.post(waiting, data={"seen": "3"}).status_code == 422
        assert kept(address) == money_cells(number, "1.00", "1.00")
        if state == "signed":
            accept(world, record_id, version, JANUARY)


def test_workbooks_of_others_are_refused_by_name(app: Flask, world: World, clock: FixedClock) -> None:
    """Another agency's, and one of a draft."""
    clock.moment = JANUARY
    open_projects(world, joint=True)
    officer, address = browser(app, "officer", "en"), begin(world, 1)
    with open_work(world.actor("officer_beta"), JANUARY) as work:
        of_beta = begin_report(work, LAST_YEAR, world.agencies["beta"], ReportKind.MONEY, 1).id
    data = template(browser(app, "officer_beta"), f"/agency/reports/{of_beta}")
    assert "Agency is " in text_of(officer.get(send(app, officer, address, data)))
    answer = officer.post(
        f"/agency/reports/{of_beta}/workbook", data={"workbook-file": (io.BytesIO(data), "a.xlsx")}
    )
    assert answer.status_code == 404
    draft = officer.get(f"/agency/proposals/{write_draft(world, complete_draft())}/workbook/template.xlsx")
    assert "template for something else" in text_of(officer.get(send(app, officer, address, draft.data)))


def test_bytes_another_room_still_asks_for_are_kept(app: Flask, world: World, clock: FixedClock) -> None:
    """The same file sent for a draft and, a day later, for a report."""
    clock.moment = JANUARY
    open_projects(world)
    officer, address = browser(app, "officer"), begin(world, 1)
    data = template(officer, address)
    proposal_id = write_draft(world, complete_draft())
    for where in (f"/agency/proposals/{proposal_id}", address):
        answer = officer.post(f"{where}/workbook", data={"workbook-file": (io.BytesIO(data), "a.xlsx")})
        assert answer.status_code == 303
        drain(app)
        clock.advance(days=1)
        officer = browser(app, "officer")
    clock.advance(days=KEPT_FOR.days - 2)
    do_chores(app)
    assert file_store(app.config["DGI"], Area.WORKBOOKS).get(sha256_bytes(data)) == data
    clock.advance(days=1)
    do_chores(app)
    with pytest.raises(NotFound):
        file_store(app.config["DGI"], Area.WORKBOOKS).get(sha256_bytes(data))


def test_a_quarter_by_workbook(app: Flask, world: World, number: str) -> None:
    officer, address = browser(app, "officer", "en"), begin(world, 1, ReportKind.PROGRESS)
    data = fill(template(officer, address), {(1, "ผลถึงสิ้นไตรมาส"): "๔", (1, "หลักฐาน"): "หน้า 3"})
    data = fill(data, {(1, "ความช่วยเหลือ"): "ขอคน"}, sheet=2)
    page = send(app, officer, address, data)
    assert "What will change (3)" in text_of(officer.get(page))
    assert queries_of(officer, page) <= 12
    assert officer.post(page, data={"seen": "1"}).status_code == 303
    assert kept(address) == {
        f"indicator-{number}-1-result": "4",
        f"indicator-{number}-1-evidence": "หน้า 3",
        f"words-{number}-help": "ขอคน",
    }
