"""Runs and overrides: runs stay, overrides stand beside them, and the proposal moves by what both conclude."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.decisions.actions import record_decision
from app.decisions.facts import Verdict
from app.kernel.db import db, write_transaction
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused
from app.kernel.findings import Outcome
from app.kernel.work import open_work
from app.proposals.actions import submit_proposal
from app.proposals.models import Proposal, ProposalMove
from app.screening.actions import override_finding, screen_call, screen_proposal
from app.screening.models import ScreeningRun
from app.screening.queries import find_latest_run, list_findings
from tests.conftest import Backend
from tests.instruments import counted_queries
from tests.world import FISCAL_YEAR, NOW, World, complete_draft, file_proposal, write_draft

PASSES, NEEDS_PERSON, FAILS = Outcome.PASSES, Outcome.NEEDS_PERSON, Outcome.FAILS
REASON = "ตรวจสอบหลักฐานเพิ่มเติมแล้ว"
LEAST_REASON = 10
UNKNOWN = 999_999


def with_partner(**partner: str) -> dict[str, Any]:
    draft = complete_draft()
    draft["integration"]["links"][0] |= {"partner": "", "partner_other": ""} | partner
    return draft


PASSING = with_partner(partner="beta")
DOUBTFUL = with_partner(partner_other="สภากาชาดไทย")
FAILING = with_partner(partner="alpha")
STATE_OF = {PASSES: "passed", NEEDS_PERSON: "questioned", FAILS: "failed"}


def state(proposal_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(Proposal, proposal_id).state


def screen_again(world: World, proposal_id: int, by: str = "secretariat") -> None:
    with open_work(world.actor(by), NOW) as work:
        screen_proposal(work, proposal_id)


def override(
    world: World,
    proposal_id: int,
    outcome: Outcome,
    reason: str = REASON,
    rule: str = "integration",
    by: str = "secretariat",
) -> None:
    with open_work(world.actor(by), NOW) as work:
        override_finding(work, proposal_id, rule, outcome, reason)


def run(proposal_id: int) -> Any:
    found = find_latest_run(db.session(), proposal_id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("draft", "outcome"),
    [(PASSING, PASSES), (DOUBTFUL, NEEDS_PERSON), (FAILING, FAILS)],
    ids=["passing", "doubtful", "failing"],
)
def test_the_conclusion_moves_the_proposal(
    app: Flask, world: World, draft: dict[str, Any], outcome: Outcome
) -> None:
    proposal_id = file_proposal(world, draft)
    assert state(proposal_id) == STATE_OF[outcome]
    assert (run(proposal_id).outcome, run(proposal_id).concluded) == (outcome, outcome)


@pytest.mark.parametrize("draft", [PASSING, DOUBTFUL, FAILING], ids=["passing", "doubtful", "failing"])
@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_override_stands_beside_the_finding_never_over_it(
    app: Flask, world: World, draft: dict[str, Any], outcome: Outcome
) -> None:
    proposal_id = file_proposal(world, draft)
    before = run(proposal_id)
    override(world, proposal_id, outcome)
    after = run(proposal_id)
    assert (after.id, after.outcome, after.findings) == (before.id, before.outcome, before.findings)
    assert after.concluded is outcome
    assert state(proposal_id) == STATE_OF[outcome]
    (judged,) = after.overrides
    assert judged.rule == "integration"
    assert (judged.outcome, judged.reason, judged.at, judged.by.en) == (
        outcome,
        REASON,
        NOW,
        "Person secretariat",
    )


def test_the_latest_override_of_a_rule_counts_and_earlier_ones_stay(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world, FAILING)
    for outcome in (PASSES, NEEDS_PERSON, PASSES, FAILS):
        override(world, proposal_id, outcome)
    assert [o.outcome for o in run(proposal_id).overrides] == [PASSES, NEEDS_PERSON, PASSES, FAILS]
    assert state(proposal_id) == "failed"


def test_overrides_of_two_rules_count_together(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world, FAILING)
    override(world, proposal_id, PASSES)
    override(world, proposal_id, NEEDS_PERSON, rule="complete")
    assert run(proposal_id).concluded is NEEDS_PERSON


@pytest.mark.parametrize("whole_call", [False, True], ids=["one proposal", "whole call"])
def test_a_new_run_keeps_the_old_one_and_carries_the_judgement_over(
    app: Flask, world: World, whole_call: bool
) -> None:
    proposal_id = file_proposal(world, FAILING)
    override(world, proposal_id, NEEDS_PERSON)
    override(world, proposal_id, PASSES)
    for _ in range(2):
        first = run(proposal_id)
        if whole_call:
            with open_work(world.actor("secretariat"), NOW) as work:
                assert screen_call(work, FISCAL_YEAR).counts == {PASSES: 1}
        else:
            screen_again(world, proposal_id)
        second = run(proposal_id)
        assert second.id != first.id
        assert (second.outcome, second.findings, second.concluded) == (FAILS, first.findings, PASSES)
        assert [(o.outcome, o.reason) for o in second.overrides] == [(PASSES, REASON)]
        assert state(proposal_id) == "passed"
    assert len(db.session.scalars(select(ScreeningRun)).all()) == 3


def test_a_whole_call_is_screened_as_one_by_one(app: Flask, world: World) -> None:
    ids = {
        outcome: file_proposal(world, draft)
        for outcome, draft in ((PASSES, PASSING), (NEEDS_PERSON, DOUBTFUL), (FAILS, FAILING))
    }
    write_draft(world, complete_draft())
    before = {proposal_id: run(proposal_id).findings for proposal_id in ids.values()}
    with open_work(world.actor("secretariat"), NOW) as work:
        assert screen_call(work, FISCAL_YEAR).counts == dict.fromkeys(Outcome, 1)
    for outcome, proposal_id in ids.items():
        assert run(proposal_id).findings == before[proposal_id]
        assert state(proposal_id) == STATE_OF[outcome]


SHORT = "ก" * (LEAST_REASON - 1)
REFUSED: list[tuple[str, str, type[DomainError]]] = [
    ("integration", "", Refused),
    ("integration", SHORT, Refused),
    ("integration", f"   {SHORT}   \n", Refused),
    ("form-1", REASON, Refused),  # only informs
    ("form-2", REASON, Refused),
    ("nonsense", REASON, NotFound),
]


@pytest.mark.parametrize(("rule", "reason", "error"), REFUSED, ids=lambda v: ascii(v)[:12])
def test_overrides_that_are_refused(
    app: Flask, world: World, rule: str, reason: str, error: type[DomainError]
) -> None:
    proposal_id = file_proposal(world, FAILING)
    with pytest.raises(DomainError) as refusal:
        override(world, proposal_id, PASSES, reason, rule)
    assert type(refusal.value) is error
    assert run(proposal_id).overrides == ()
    assert state(proposal_id) == "failed"


def test_the_shortest_reason(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world, FAILING)
    override(world, proposal_id, PASSES, "ก" * LEAST_REASON)
    assert state(proposal_id) == "passed"


def test_nothing_changes_once_the_committee_has_decided(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world, PASSING)
    with open_work(world.actor("committee"), NOW) as work:
        record_decision(work, proposal_id, Verdict.REJECTED, 0, reason="ไม่สอดคล้อง")
    before = run(proposal_id)
    with pytest.raises(Refused):
        override(world, proposal_id, FAILS)
    with pytest.raises(Refused):
        screen_again(world, proposal_id)
    with open_work(world.actor("secretariat"), NOW) as work:
        assert screen_call(work, FISCAL_YEAR).counts == {}
    assert run(proposal_id) == before
    assert state(proposal_id) == "rejected"


# person -> what running the rules over alpha's passed proposal again answers, and what overriding answers
PEOPLE: list[tuple[str, type[DomainError] | None, type[DomainError] | None]] = [
    ("secretariat", None, None),
    ("officer", Forbidden, Forbidden),
    ("officer_beta", NotFound, Forbidden),
    ("certifier", Forbidden, Forbidden),
    ("reviewer_bb", Forbidden, Forbidden),
    ("committee", Forbidden, Forbidden),
    ("admin", Forbidden, Forbidden),
]


@pytest.mark.parametrize(("person", "on_run", "on_override"), PEOPLE)
def test_who_may_run_and_override(
    app: Flask,
    world: World,
    person: str,
    on_run: type[DomainError] | None,
    on_override: type[DomainError] | None,
) -> None:
    proposal_id = file_proposal(world, PASSING)
    for try_it, error in (
        (lambda: screen_again(world, proposal_id, person), on_run),
        (lambda: override(world, proposal_id, PASSES, by=person), on_override),
    ):
        if error is None:
            try_it()
        else:
            with pytest.raises(error):
                try_it()
    with pytest.raises((NotFound, Forbidden)):
        screen_again(world, UNKNOWN, person)
    with pytest.raises((NotFound, Forbidden)):
        override(world, UNKNOWN, PASSES, by=person)


def test_the_filing_agency_sets_off_the_first_run_only(app: Flask, world: World) -> None:
    proposal_id = write_draft(world, PASSING)
    with pytest.raises(NotFound):
        screen_again(world, proposal_id)  # a draft is no filing
    with open_work(world.actor("officer"), NOW) as work:
        submit_proposal(work, proposal_id, "key")
    screen_again(world, proposal_id, "officer")
    assert state(proposal_id) == "passed"
    with pytest.raises(Forbidden):
        screen_again(world, proposal_id, "officer")


def test_every_step_is_in_the_life_of_the_proposal(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world, FAILING)
    override(world, proposal_id, PASSES)
    moves = db.session.scalars(select(ProposalMove).order_by(ProposalMove.id)).all()
    assert [(m.from_state, m.to_state) for m in moves] == [
        ("draft", "submitted"),
        ("submitted", "failed"),
        ("failed", "passed"),
    ]
    assert moves[-1].reason == REASON
    assert moves[-1].actor_id == world.users["secretariat"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE screening_runs SET outcome = 'maybe'",
        "UPDATE screening_findings SET outcome = 'maybe'",
        "UPDATE screening_overrides SET outcome = 'maybe'",
        "UPDATE screening_overrides SET reason = ''",
        "UPDATE screening_runs SET submission_id = 999999",
    ],
)
def test_the_database_refuses_other_outcomes_and_empty_reasons(
    app: Flask, world: World, statement: str
) -> None:
    override(world, file_proposal(world, FAILING), PASSES)
    with pytest.raises(IntegrityError), write_transaction():
        db.session.execute(text(statement))


FEW, MANY = 3, 30


def test_queries_do_not_grow_with_rows(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():

        def measure() -> tuple[int, int]:
            db.session.expire_all()
            with counted_queries() as queries:
                rows = list_findings(db.session(), world.call_id)
            return len(queries), len({row.proposal_id for row in rows})

        for n in range(MANY):
            proposal_id = file_proposal(world, FAILING)
            override(world, proposal_id, PASSES)
            if n + 1 == FEW:
                few = measure()
        many = measure()
        assert (few[1], many[1]) == (FEW, MANY)
        assert few[0] == many[0] <= 3
        (row, *_) = (r for r in list_findings(db.session(), world.call_id) if r.override)
        assert (row.finding.rule, row.override.outcome) == ("integration", PASSES)
        db.session.remove()
