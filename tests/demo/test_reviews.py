"""The reviews of the demo: a whole round in FY2567, one in progress in the open call."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.calls.queries import get_call, list_calls
from app.cli.demo.loader import load_demo
from app.cli.demo.people import reviewer_login
from app.cli.demo.scoring import BODIES, PER_BODY, SEVERITY
from app.identity.facts import SYSTEM
from app.identity.queries import find_user_by_email, get_actor
from app.kernel.db import db
from app.proposals.queries import count_by_state
from app.reviews.facts import NamesFor
from app.reviews.models import ConflictStatement, DiscussionNote, Panel
from app.reviews.queries import get_round, list_own_assignments, list_review_records
from app.reviews.queries.calibration import read_calibration
from app.reviews.records import REOPENED
from tests.demo.conftest import LOADED_AT as NOW
from tests.moulds import demo_app, round_mould


def test_the_round_of_fy2567_went_from_phase_to_phase(demo: Flask) -> None:
    call = get_call(db.session(), 2567)
    round_ = get_round(db.session(), call.id)
    assert (round_.phase, round_.names_for) == ("locked", NamesFor.COMMITTEE)
    records = list_review_records(db.session(), SYSTEM, call.id)
    assert [m.to_phase for m in records.moves] == ["scoring", "discussion", "final", "locked"]
    assert records.moves[-1].at < datetime.fromisoformat("2023-01-26T09:00+07:00")
    assert round_.scoring_due_at is not None
    first = [e.at for e in records.events if e.cause == "handed_in"]
    assert max(first) < round_.scoring_due_at
    assert {r.panel is not None for r in records.records} == {True}
    panels = db.session.scalars(select(Panel.body).where(Panel.call_id == call.id))
    assert sorted(panels) == sorted(body.value for body in BODIES)


def test_all_that_can_happen_to_a_review_happened(demo: Flask) -> None:
    call = get_call(db.session(), 2567)
    records = list_review_records(db.session(), SYSTEM, call.id)
    assert Counter(r.state for r in records.records) == {"accepted": 285, "declined": 5, "recused": 2}
    assert all(r.answer_reason for r in records.records if r.state != "accepted")
    causes = Counter(e.cause for e in records.events)
    assert causes == {"handed_in": 285, REOPENED: 1, "rescored": 1, "final": 12}
    assert all(len(e.reason) >= 10 for e in records.events if e.cause != "handed_in")
    changed = [r for r in records.counted if r.total != r.first_total]
    assert len(changed) == 5
    assert Counter(o.outcome for o in records.outcomes) == {"rescore": 4, "stands": 2, "meeting": 1}
    notes = db.session.scalars(select(DiscussionNote)).all()
    assert {note.proposal_id for note in notes} == {o.proposal_id for o in records.outcomes}
    former = select(ConflictStatement.is_conflict).where(ConflictStatement.ground == "former")
    assert db.session.scalars(former).all() == [True]


def test_fy2567_can_be_calibrated_and_shows_who_is_severe(demo: Flask) -> None:
    view = read_calibration(db.session(), SYSTEM, get_call(db.session(), 2567))
    assert view.refusal == ()
    assert view.calibration is not None
    made_up = {}
    for at, body in enumerate(BODIES):
        for number in range(PER_BODY):
            user = find_user_by_email(db.session(), f"{reviewer_login(body.value, number)}@demo.example")
            assert user is not None
            made_up[user.id] = SEVERITY[at * PER_BODY + number]
    # strictest first: the two that were made strictest and the two mildest are found at the ends
    found = [row.figures.reviewer for row in view.reviewers]
    by_design = sorted(made_up, key=lambda user_id: made_up[user_id])
    assert set(found) == set(made_up)
    assert set(found[:2]) <= set(by_design[:3])
    assert set(found[-2:]) <= set(by_design[-4:])


def test_in_the_open_call_each_named_reviewer_meets_whatever_can_happen(demo: Flask) -> None:
    call = get_call(db.session(), 2571)
    assert get_round(db.session(), call.id).phase == "scoring"
    met: dict[str, set[str]] = {}
    for body in BODIES:
        user = find_user_by_email(db.session(), f"reviewer.{body.value}@demo.example")
        assert user is not None
        for own in list_own_assignments(db.session(), get_actor(db.session(), user.id)):
            if own.fiscal_year != call.fiscal_year:
                assert not own.is_held
                continue
            kinds = met.setdefault(body.value, set())
            is_held = own.is_held and own.assignment_state == "accepted"
            kinds.add("held" if is_held else own.assignment_state)
            kinds.add("in" if own.submitted_at else "begun" if own.scored else "untouched")
            kinds |= {"reopened"} if own.reopened_until else set()
    everybody = {"accepted", "given", "in", "untouched"}
    assert all(everybody <= kinds for kinds in met.values())
    assert set.union(*met.values()) == everybody | {"held", "begun", "declined", "recused", "reopened"}
    assert sum("held" in kinds for kinds in met.values()) >= 3


def test_fy2567_can_be_left_where_its_reviewers_are_to_be_chosen(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """On SQLite: a part of what is loaded on both."""
    shutil.copytree(round_mould(tmp_path_factory), tmp_path / "instance")
    assert "waiting for its reviewers" in (tmp_path / "instance" / "said.txt").read_text(encoding="utf-8")
    with demo_app(tmp_path / "instance").app_context():
        call = get_call(db.session(), 2567)
        states = count_by_state(db.session(), call.id)
        assert states == {"passed": 95, "failed": 18}
        round_ = get_round(db.session(), call.id)
        assert (round_.phase, round_.scoring_due_at, round_.final_due_at) == ("screening", None, None)
        assert list_review_records(db.session(), SYSTEM, call.id).records == ()
        assert [c.fiscal_year for c in list_calls(db.session())] == [2567, 2565]
        said: list[str] = []
        load_demo(NOW, said.append)
        assert "nothing changed" in said[0]
        db.session.remove()
        db.engine.dispose()
