"""A report's way: what is refused, what counts, and that figures which count always add up."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from threading import Barrier, Thread

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.identity.facts import SYSTEM
from app.kernel.canonical import sha256_text
from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused, Stale
from app.kernel.work import open_work
from app.monitoring.actions import (
    accept_report,
    begin_correction,
    begin_report,
    drop_report,
    hand_back,
    return_report,
    save_report,
    send_report,
    sign_report,
)
from app.monitoring.facts import MoneyReport
from app.monitoring.models import Actual, MonitoredCall, ProgressRecord, Project
from app.monitoring.periods import ReportKind
from app.monitoring.queries import get_record, list_due, list_records
from app.monitoring.queries.records import report_of
from app.monitoring.states import ACTIVE, CANCELLED
from tests.monitoring.ongoing import open_projects
from tests.monitoring.reports import (
    YEAR_END,
    accept,
    begin,
    hand_in,
    money_cells,
    number_of,
    report_month,
)
from tests.proposals.earlier import LAST_YEAR
from tests.world import NOW, World

pytestmark = pytest.mark.usefixtures("app")
MONEY, PROGRESS = ReportKind.MONEY, ReportKind.PROGRESS


@pytest.fixture
def number(world: World) -> str:
    return number_of(open_projects(world)[0])


def version(record_id: int) -> int:
    found = db.session().get_one(ProgressRecord, record_id).version
    db.session.rollback()
    return found


def totals() -> tuple[int, int]:
    found = db.session.execute(select(func.sum(Actual.committed), func.sum(Actual.disbursed))).one()
    db.session.rollback()
    return int(found[0] or 0), int(found[1] or 0)


def said(refusal: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    """Where problems stand and how they begin."""
    return [(p.place.rsplit("-", 1)[-1], p.text.en.split(" ")[0]) for p in refusal.value.problems]


@pytest.mark.parametrize(
    ("committed", "disbursed", "problems"),
    [
        ("1000001.00", "1,000,001.00", []),
        ("1000001.01", "0", [("committed", "Commitments")]),
        ("5", "5.01", [("disbursed", "Payments")]),
        ("-5", "0", [("committed", "Never")]),
        ("ห้า", "1.234", [("committed", "The"), ("disbursed", "The")]),
        ("", "0", [("committed", "Enter")]),
        ("1000001.01", "2000000", [("committed", "Commitments"), ("disbursed", "Payments")]),
    ],
)
def test_what_a_month_may_say(
    world: World, number: str, committed: str, disbursed: str, problems: list[tuple[str, str]]
) -> None:
    record_id = begin(world, 1, money_cells(number, committed, disbursed))
    if not problems:
        hand_in(world, record_id)
        return
    with open_work(world.actor("officer"), YEAR_END) as work, pytest.raises(Refused) as refusal:
        send_report(work, record_id, version_of(work, record_id))
    assert said(refusal) == problems
    kept = get_record(db.session(), world.actor("officer"), record_id, YEAR_END).cells
    typed = {text for text in (committed, disbursed) if text.replace(".", "").isdigit() is False and text}
    assert typed <= set(kept.values())  # what cannot be read is kept as it was typed


@pytest.mark.parametrize(
    ("kind", "period", "at", "words"),
    [
        (MONEY, 2, NOW, "is not over yet"),  # 20 November is within month 2
        (MONEY, 2, datetime(2025, 11, 30, 0, 0, tzinfo=BANGKOK), ""),
        (MONEY, 2, datetime(2025, 11, 29, 23, 59, tzinfo=BANGKOK), "is not over yet"),
        (PROGRESS, 1, datetime(2025, 12, 31, 0, 0, tzinfo=BANGKOK), ""),
        (MONEY, 13, datetime(2027, 1, 1, tzinfo=BANGKOK), "after the year's end"),
        (PROGRESS, 5, datetime(2027, 1, 1, tzinfo=BANGKOK), "after the year's end"),
        (MONEY, 25, datetime(2028, 1, 1, tzinfo=BANGKOK), "no such period"),
        (MONEY, 0, YEAR_END, "no such period"),
    ],
)
def test_which_period_can_be_reported_when(
    world: World, number: str, kind: ReportKind, period: int, at: datetime, words: str
) -> None:
    with open_work(world.actor("officer"), at) as work:
        if not words:
            assert begin_report(work, LAST_YEAR, world.agencies["alpha"], kind, period).state == "draft"
            return
        with pytest.raises(Refused) as refusal:
            begin_report(work, LAST_YEAR, world.agencies["alpha"], kind, period)
    assert words in refusal.value.text.en


def test_a_report_is_its_agencys_alone(world: World, number: str) -> None:
    alpha = world.agencies["alpha"]
    with open_work(world.actor("officer_beta"), YEAR_END) as work, pytest.raises(NotFound):
        begin_report(work, LAST_YEAR, alpha, MONEY, 1)
    with open_work(world.actor("secretariat"), YEAR_END) as work, pytest.raises(Forbidden):
        begin_report(work, LAST_YEAR, alpha, MONEY, 1)
    record_id = begin(world, 1, money_cells(number, "10", "5"))
    for name in ("officer_beta", "secretariat"):  # the secretariat reads what was signed
        with pytest.raises(NotFound):
            get_record(db.session(), world.actor(name), record_id, YEAR_END)
    for verb in (save_report, send_report, drop_report):
        rest = ({}, 1) if verb is save_report else (1,)
        with open_work(world.actor("officer_beta"), YEAR_END) as work, pytest.raises(NotFound):
            verb(work, record_id, *rest)  # type: ignore[operator]
    with open_work(world.actor("officer"), YEAR_END) as work, pytest.raises(Forbidden):
        sign_report(work, record_id, 1)
    with open_work(world.actor("secretariat"), YEAR_END) as work, pytest.raises(NotFound):
        accept_report(work, record_id, 1)


def test_from_draft_to_figures_that_count_and_clicks_that_come_twice(world: World, number: str) -> None:
    record_id = begin(world, 1, money_cells(number, "10", "5"))
    seen = version(record_id)
    with open_work(world.actor("officer"), YEAR_END) as work:
        send_report(work, record_id, seen)
        send_report(work, record_id, seen)
        with pytest.raises(Refused):
            save_report(work, record_id, {}, seen + 1)
    with open_work(world.actor("certifier"), YEAR_END) as work:
        hand_back(work, record_id, "look again", seen + 1)
    with open_work(world.actor("officer"), YEAR_END) as work:
        with pytest.raises(Stale):
            save_report(work, record_id, money_cells(number, "10", "6"), seen)
        save_report(work, record_id, money_cells(number, "10", "6"), seen + 2)
    now = hand_in(world, record_id)
    assert totals() == (0, 0)
    with open_work(world.actor("secretariat"), YEAR_END) as work:
        with pytest.raises(Refused):
            return_report(work, record_id, " ", now)
        return_report(work, record_id, "no", now)
    now = hand_in(world, record_id, YEAR_END + timedelta(days=9))
    with open_work(world.actor("secretariat"), YEAR_END) as work:
        accept_report(work, record_id, now)
        accept_report(work, record_id, now)
        record = work.session.get_one(ProgressRecord, record_id)
        assert record.first_signed_at == YEAR_END  # coming back makes nobody late
        assert record.sha256 == sha256_text(record.content)  # what was signed is what counts
    assert totals() == (10_00, 6_00)
    view = get_record(db.session(), world.actor("secretariat"), record_id, YEAR_END)
    assert [step.move for step in view.steps] == [
        "begin", "send", "hand_back", "send", "sign", "return", "send", "sign", "accept",
    ]  # fmt: skip
    with open_work(world.actor("officer"), YEAR_END) as work, pytest.raises(Refused):
        begin_report(work, LAST_YEAR, world.agencies["alpha"], MONEY, 1)


def test_two_signed_months_cannot_pass_the_allotment_together(world: World, number: str) -> None:
    records = [begin(world, n, money_cells(number, "600000", "0")) for n in (1, 2)]
    versions = [hand_in(world, record_id) for record_id in records]
    accept(world, records[0], versions[0])
    with pytest.raises(Refused) as refusal:
        accept(world, records[1], versions[1])
    assert said(refusal) == [("committed", "Commitments")]
    assert totals() == (600_000_00, 0)


def test_two_acceptances_at_once_cannot_pass_the_allotment_together(
    app: Flask, world: World, number: str
) -> None:
    records = [begin(world, n, money_cells(number, "600000", "0")) for n in (1, 2)]
    versions = [hand_in(world, record_id) for record_id in records]
    secretariat = world.actor("secretariat")
    db.session.remove()
    start, outcomes = Barrier(2), []

    def run(at: int) -> None:
        with app.app_context():
            start.wait()
            try:
                with open_work(secretariat, YEAR_END) as work:
                    accept_report(work, records[at], versions[at])
                outcomes.append("accepted")
            except Refused:
                outcomes.append("refused")
            finally:
                db.session.remove()

    threads = [Thread(target=run, args=(at,)) for at in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["accepted", "refused"]
    assert totals() == (600_000_00, 0)


def test_a_correction_must_not_break_a_later_month(world: World, number: str) -> None:
    report_month(world, 2, money_cells(number, "0", "0"))
    third = report_month(world, 3, money_cells(number, "100", "0"))
    report_month(world, 5, money_cells(number, "0", "80"))
    report_month(world, 6, money_cells(number, "50", "0"))
    officer = world.actor("officer")
    with open_work(officer, YEAR_END) as work:
        with pytest.raises(Refused):
            begin_correction(work, third, " ")
        correction = begin_correction(work, third, "an invoice was counted twice").id
        assert begin_correction(work, third, "again").id == correction
        save_report(work, correction, money_cells(number, "70", "0"), version_of(work, correction))
    with open_work(officer, YEAR_END) as work, pytest.raises(Refused) as refusal:
        send_report(
            work, correction, version_of(work, correction)
        )  # month 5 paid 80 of 70; month 6 came later
    assert said(refusal) == [("disbursed", "With")]
    with open_work(officer, YEAR_END) as work:
        save_report(work, correction, money_cells(number, "80", "0"), version_of(work, correction))
    accept(world, correction, hand_in(world, correction))
    assert totals() == (130_00, 80_00)
    states = [
        (r.revision, r.state) for r in list_records(db.session(), officer, states=("accepted", "superseded"))
    ]
    assert sorted(states) == [(1, "accepted")] * 3 + [(1, "superseded"), (2, "accepted")]


def version_of(work: object, record_id: int) -> int:
    return db.session().get_one(ProgressRecord, record_id).version


def test_a_cancelled_project_takes_no_new_rows_and_keeps_its_old_ones(world: World) -> None:
    first, second = (number_of(i) for i in open_projects(world, joint=True))
    cells = money_cells(first, "10", "5") | money_cells(second, "0", "0")
    with open_work(world.actor("officer"), YEAR_END) as work:
        record = begin_report(work, LAST_YEAR, world.agencies["alpha"], MONEY, 1)
        save_report(work, record.id, cells, record.version)
        record_id, places = record.id, set(get_record(work.session, SYSTEM, record.id, YEAR_END).cells)
    assert {f"money-{first}-capital-committed"} <= places
    view = get_record(db.session(), world.actor("officer"), record_id, YEAR_END)
    assert view.read is not None
    for problem in view.read.missing:  # whatever else alpha has money in
        cells |= {problem.place: "0"}
    with open_work(world.actor("officer"), YEAR_END) as work:
        save_report(work, record_id, cells, version_of(work, record_id))
    accept(world, record_id, hand_in(world, record_id))
    before = totals()
    with open_work(world.actor("officer"), YEAR_END) as work:
        correction = begin_correction(work, record_id, "a reason").id
        save_report(work, correction, cells | money_cells(first, "20", "5"), version_of(work, correction))
    signed = hand_in(world, correction)
    with open_work(SYSTEM, YEAR_END) as work:
        project = work.session.scalars(select(Project).order_by(Project.id)).first()
        assert project is not None
        assert project.state == ACTIVE
        project.state, project.ended_at = CANCELLED, work.now
    with pytest.raises(Refused) as refusal:  # its row says something else than what counts
        accept(world, correction, signed)
    assert said(refusal) == [("committed", "Project")]
    with open_work(world.actor("secretariat"), YEAR_END) as work:
        return_report(work, correction, "it is over", signed)
    with open_work(world.actor("officer"), YEAR_END) as work:
        save_report(work, correction, {"note": "as it was"}, version_of(work, correction))
        view = get_record(work.session, world.actor("officer"), correction, YEAR_END)
        rest = {p.place: "0" for p in view.read.missing} if view.read else {}
        save_report(work, correction, rest, version_of(work, correction))
    accept(world, correction, hand_in(world, correction))
    assert totals() == before


def test_any_sequence_of_months_and_corrections_adds_up(world: World, number: str) -> None:
    """Months and corrections in any order: exactly those are taken that leave no month with more paid than bound or more
    bound than allotted, and what counts is the sum of the revisions that count."""
    chance = Random(2569)
    current: dict[int, int] = {}
    counting: dict[int, tuple[int, int]] = {}
    taken = 0
    for _ in range(40):
        period, committed = chance.randint(1, 12), chance.randint(0, 300_000)
        disbursed = chance.randint(0, committed + 50_000)
        month = {**counting, period: (committed, disbursed)}
        bound, paid = (list(accumulate(month.get(n, (0, 0))[i] for n in range(1, 13))) for i in (0, 1))
        fits = all(d <= c <= 1_000_001 for c, d in zip(bound, paid, strict=True))
        with open_work(SYSTEM, YEAR_END) as work:
            if period in current:
                record = begin_correction(work, current[period], "a reason")
            else:
                record = begin_report(work, LAST_YEAR, world.agencies["alpha"], MONEY, period)
            save_report(work, record.id, money_cells(number, str(committed), str(disbursed)), record.version)
            try:
                send_report(work, record.id, record.version)
                sign_report(work, record.id, record.version)
                accept_report(work, record.id, record.version)
                current[period], counting = record.id, month
                assert fits
                taken += 1
            except Refused:
                drop_report(work, record.id, record.version)
                assert not fits
        rows = [
            row
            for kept in db.session.scalars(
                select(ProgressRecord).where(ProgressRecord.current_for.is_not(None))
            )
            for report in (report_of(kept),)
            if isinstance(report, MoneyReport)
            for row in report.rows
        ]
        counted = sum(row.committed for row in rows), sum(row.disbursed for row in rows)
        db.session.rollback()
        assert counted == totals()
    assert 5 < taken < 35
    assert len(current) > 3


def test_what_is_due_and_what_is_late(world: World, number: str) -> None:
    alpha = world.agencies["alpha"]
    december = datetime(2025, 12, 11, 0, 0, tzinfo=BANGKOK)  # November was due up to the end of the 10th
    with open_work(SYSTEM, NOW) as work:
        call_id = work.session.scalars(select(MonitoredCall.call_id)).one()
    due = list_due(db.session(), december, call_id=call_id, agency_ids={alpha})
    assert [(d.kind, d.period, d.state, d.is_late(december)) for d in due] == [
        (MONEY, 1, "missing", True),  # over before the call was followed: due as long after that, 30 November
        (MONEY, 2, "missing", True),
    ]
    assert [d.days_late(december) for d in due] == [11, 1]
    assert not due[1].is_late(december - timedelta(seconds=1))
    assert due[1].is_due_soon(december - timedelta(seconds=1))
    db.session.rollback()
    record_id = begin(world, 1, money_cells(number, "1", "0"), at=december)
    hand_in(world, record_id, december)
    later = december + timedelta(days=5)
    due = list_due(db.session(), later, call_id=call_id)
    assert [(d.state, d.is_late(later), d.days_late(later)) for d in due] == [
        ("signed", False, 11),
        ("missing", True, 6),
    ]
