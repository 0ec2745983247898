"""Reports on the agency's desk: what is due, the forms, saving that loses no word, sending, signing, correcting."""

from __future__ import annotations

import io
import re
from datetime import datetime
from types import SimpleNamespace
from typing import cast

import pytest
from flask import Flask

from app.calls.queries import CallView
from app.jobs.runner import drain
from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.monitoring.actions import accept_report, begin_report
from app.monitoring.facts import Ground, MoneyReport, MoneyRow
from app.monitoring.models import ProgressRecord
from app.monitoring.periods import ReportKind
from app.monitoring.reporting import Past
from app.web.report_money import money_table
from tests.conftest import FixedClock
from tests.monitoring.ongoing import open_projects
from tests.monitoring.reports import money_cells as cells_of
from tests.monitoring.reports import number_of, report_month
from tests.proposals.earlier import LAST_YEAR
from tests.web.agency.samples import PDF
from tests.web.desks import browser, counting, text_of
from tests.world import World

JANUARY = datetime(2026, 1, 2, 9, 0, tzinfo=BANGKOK)  # months 1 to 3 and the first quarter are over


@pytest.fixture
def number(world: World, clock: FixedClock) -> str:
    clock.moment = JANUARY
    return number_of(open_projects(world)[0])


def begin(world: World, kind: ReportKind, period: int) -> tuple[int, int]:
    with open_work(world.actor("officer"), JANUARY) as work:
        record = begin_report(work, LAST_YEAR, world.agencies["alpha"], kind, period)
        return record.id, record.version


def test_the_way_of_a_month_through_the_pages(app: Flask, world: World, number: str) -> None:
    officer, certifier = browser(app, "officer", "en"), browser(app, "certifier", "en")
    page = text_of(officer.get("/agency/reports"))
    assert "October 2568 B.E." in page
    assert re.search(r"\d+ days late", page)
    sent = {
        "agency": str(world.agencies["alpha"]),
        "fiscal_year": str(LAST_YEAR),
        "kind": "money",
        "period": "1",
    }
    answer = officer.post("/agency/reports", data=sent)
    address = answer.headers["Location"]
    assert officer.post("/agency/reports", data=sent).headers["Location"] == address  # a double click
    record_id = int(address.rsplit("/", 1)[1])
    bad = cells_of(number, "หนึ่งล้าน", "-5") | {"note": "คำชี้แจง", "version": "1", "go": "send"}
    answer = officer.post(address, data=bad)
    page = text_of(answer)
    assert answer.status_code == 422
    assert f'id="money-{number}-capital-committed-error"' in page
    assert "correct the report of that month itself" in page
    assert (
        f"{number} Capital – Committed this month: The amount must be a number" in page
    )  # where, in the list on top
    assert "Cells to be mended: 2" in page  # never "all filled" beside what cannot be read
    assert "Every needed cell is filled" not in page
    assert 'value="หนึ่งล้าน"' in text_of(officer.get(address))  # kept as typed
    saved = officer.post(f"{address}/autosave", data=bad | {"version": "2"}).get_json()
    assert (saved["state"], saved["version"]) == ("saved", 2)
    good = cells_of(number, "1,000.50", "๑๐๐") | {"note": "คำชี้แจง", "version": "2", "go": "send"}
    stale = officer.post(address, data=good | {"version": "1"})
    assert stale.status_code == 409
    assert 'value="1,000.50"' in text_of(stale)
    assert officer.post(address, data=good).status_code == 303
    assert certifier.get(f"{address}").status_code == 200
    page = text_of(certifier.get(f"{address}/sign"))
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    assert "1,000.50" in page
    assert officer.post(f"{address}/sign", data={"version": version[1]}).status_code == 403
    assert certifier.post(f"{address}/sign", data={"version": version[1]}).status_code == 303
    with open_work(world.actor("secretariat"), JANUARY) as work:
        accept_report(work, record_id, work.session.get_one(ProgressRecord, record_id).version)
    assert "Begin a correction" in text_of(officer.get(address))
    assert officer.post(f"{address}/correct", data={"reason": ""}).status_code == 422
    answer = officer.post(f"{address}/correct", data={"reason": "a bill came late"})
    correction = answer.headers["Location"]
    officer.post(correction, data=cells_of(number, "1000.50", "200") | {"version": "1", "go": "stay"})
    page = text_of(officer.get(correction))
    assert "<del>100.00</del>" in page
    assert "<ins>200.00</ins>" in page
    assert officer.post(f"{correction}/drop", data={"version": "2"}).status_code == 303
    assert officer.get(correction).status_code == 404


def seen_on(page: str) -> dict[str, str]:
    """What a page of the form says of the report as it was opened."""
    version, seen = (
        re.search(r'id="version" value="(\d+)"', page),
        re.search(r"name=\"seen\" value='?\"?(.*?)\"?'?>", page),
    )
    assert version is not None
    assert seen is not None
    return {"version": version[1], "seen": seen[1]}


def test_two_officers_in_one_report_keep_each_other_s_cells(app: Flask, world: World, number: str) -> None:
    record_id, _ = begin(world, ReportKind.MONEY, 1)
    address, officer = f"/agency/reports/{record_id}", browser(app, "officer", "en")
    opened = seen_on(text_of(officer.get(address)))
    theirs = cells_of(number, "700", "") | {"note": ""}
    assert officer.post(address, data=theirs | opened).status_code == 303
    mine = cells_of(number, "", "50") | {"note": "ของฉัน"}
    answer = officer.post(f"{address}/autosave", data=mine | opened).get_json()
    assert answer["state"] == "saved"
    assert answer["fields"] == {f"money-{number}-capital-committed": "700.00"}
    assert "both texts are kept" in answer["merged"]
    later = {"version": str(answer["version"]), "seen": answer["seen"]}
    clash = officer.post(address, data=cells_of(number, "800", "") | {"note": "ของเขา"} | opened)
    page = text_of(clash)
    assert clash.status_code == 409
    shown = re.findall(r"<del>(.*?)</del>.*?<ins>(.*?)</ins>", page)
    assert shown == [("700.00", "800.00"), ("ของฉัน", "ของเขา")]  # and not the cell that came in
    assert 'value="50.00"' in page
    assert "data-clash" in page
    assert officer.post(address, data=mine | opened | {"seen": "[1"}).status_code == 409
    assert officer.post(address, data=cells_of(number, "700", "60") | later).status_code == 303


def test_words_sent_too_late_or_too_long_are_given_back(app: Flask, world: World, number: str) -> None:
    record_id, _ = begin(world, ReportKind.MONEY, 1)
    address, officer = f"/agency/reports/{record_id}", browser(app, "officer", "en")
    certifier = browser(app, "certifier", "en")
    long, cells = "ก" * 10_000, cells_of(number, "5", "5")
    answer = officer.post(address, data=cells | {"note": long, "version": "1", "go": "send", "kept": "17"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert long in page
    assert page.count("Note to the secretariat: Longer than 4000 characters") == 1
    assert 'data-heard="17"' in page  # the script is told that this text arrived
    good = cells | {"note": "", "version": "2", "go": "send"}
    assert officer.post(address, data=good).status_code == 303
    late = officer.post(address, data=cells_of(number, "9", "5") | {"note": "อีกคำ", "version": "2"})
    page = text_of(late)
    assert late.status_code == 422
    assert re.findall(r"<ins>(.*?)</ins>", page) == ["9.00", "อีกคำ"]
    assert certifier.post(f"{address}/hand-back", data={"version": "4", "note": " "}).status_code == 422
    answer = certifier.post(f"{address}/hand-back", data={"version": "4", "note": long})
    assert long in text_of(answer)
    assert certifier.post(f"{address}/hand-back", data={"version": "4", "note": "ดูอีกครั้ง"}).status_code == 303
    assert "ดูอีกครั้ง" in text_of(officer.get(address))
    record_id = report_month(world, 2, cells_of(number, "0", "0"), JANUARY)
    answer = officer.post(f"/agency/reports/{record_id}/correct", data={"reason": long})
    assert answer.status_code == 422
    assert long in text_of(answer)


def test_a_project_that_is_over_takes_nothing_from_what_is_left() -> None:
    rows = (
        MoneyRow("1", "capital", 50, 30),
        MoneyRow("2", "capital", 700, 700),
    )  # the second is cancelled by now
    ground = Ground(
        LAST_YEAR, "alpha", {"1": Text("ก", "A")}, {("1", "capital"): 1000}, {("1", "capital"): 200}
    )
    plan = SimpleNamespace(name=lambda _key, code: Text(code, code))
    call = cast("CallView", SimpleNamespace(plan=plan))
    table = money_table(MoneyReport(rows), ground, Past(), {}, call)
    assert [(p.title.en, p.lines[0].is_over, p.lines[0].left) for p in table.projects] == [
        ("A", False, 750),
        ("A project that is over", True, 0),
    ]
    assert (table.sums.left, table.sums.paid_so_far, table.sums.committed) == (750, 30, 750)


def test_another_agency_and_the_public_find_no_report(app: Flask, world: World, number: str) -> None:
    record_id, _ = begin(world, ReportKind.MONEY, 1)
    address = f"/agency/reports/{record_id}"
    other = browser(app, "officer_beta")
    assert other.get(address).status_code == 404
    assert other.post(address, data={"version": "1"}).status_code == 404
    for rest in ("autosave", "correct", "drop", "hand-back"):
        assert other.post(f"{address}/{rest}", data={"version": "1"}).status_code == 404
    sent = {
        "agency": str(world.agencies["alpha"]),
        "fiscal_year": str(LAST_YEAR),
        "kind": "money",
        "period": "1",
    }
    assert other.post("/agency/reports", data=sent).status_code == 404
    assert browser(app, "committee").get(address).status_code in (403, 404)


def test_a_quarter_with_its_indicators_and_evidence(app: Flask, world: World, number: str) -> None:
    record_id, version = begin(world, ReportKind.PROGRESS, 1)
    officer, address = browser(app, "officer", "en"), f"/agency/reports/{record_id}"
    page = text_of(officer.get(address))
    assert f'name="indicator-{number}-1-result"' in page
    cells = {
        f"indicator-{number}-1-result": "๔",
        f"words-{number}-help": "more hands",
        "version": str(version),
    }
    assert officer.post(address, data=cells | {"go": "stay"}).status_code == 303
    page = text_of(officer.get(address))
    assert 'value="4"' in page
    assert "asks for help" in page
    files = {"indicator": f"{number}-1", "evidence-file": (io.BytesIO(b"no picture"), "proof.png")}
    assert officer.post(f"{address}/evidence", data=files).status_code == 422
    files |= {"evidence-file": (io.BytesIO(PDF), "proof.pdf")}
    assert officer.post(f"{address}/evidence", data=files).status_code == 303
    files |= {"evidence-file": (io.BytesIO(PDF), "again.pdf")}
    assert officer.post(f"{address}/evidence", data=files).status_code == 422
    page = text_of(officer.get(address))
    found = re.search(r'href="([^"]+/evidence/\d+)">proof.pdf', page)
    assert found is not None
    assert officer.get(found[1]).headers["Content-Disposition"].startswith("attachment")
    assert browser(app, "officer_beta").get(found[1]).status_code == 404
    officer.post(address, data=cells | {"go": "send", "version": "2"})
    assert db.session.get_one(ProgressRecord, record_id).state == "sent"
    db.session.rollback()
    assert officer.post(f"{address}/hand-back", data={"version": "3"}).status_code == 303


def test_pages_ask_few_queries(app: Flask, world: World, number: str) -> None:
    officer, certifier = browser(app, "officer"), browser(app, "certifier")
    report_month(world, 1, cells_of(number, "10", "5"), JANUARY)
    money, _ = begin(world, ReportKind.MONEY, 2)
    quarter, _ = begin(world, ReportKind.PROGRESS, 1)
    data = officer.get(f"/agency/reports/{money}/workbook/template.xlsx").data
    answer = officer.post(
        f"/agency/reports/{money}/workbook", data={"workbook-file": (io.BytesIO(data), "a.xlsx")}
    )
    drain(app)
    signed, _ = begin(world, ReportKind.MONEY, 3)
    cells = cells_of(number, "0", "0") | {"version": "1", "go": "send"}
    assert officer.post(f"/agency/reports/{signed}", data=cells).status_code == 303
    pages = {
        "/agency/": officer,
        "/agency/reports": officer,
        f"/agency/reports/{money}": officer,
        f"/agency/reports/{quarter}": officer,
        f"/agency/reports/{money}/workbook": officer,
        f"/agency/reports/{money}/workbook/template.xlsx": officer,
        answer.headers["Location"]: officer,
        f"/agency/reports/{signed}/sign": certifier,
    }
    for address, client in pages.items():
        with counting() as statements:
            assert client.get(address).status_code == 200
        assert len(statements) <= 12, (address, len(statements), statements)
