"""Decisions as recorded: never over the ceiling, even at once; every amended one kept; never over somebody else's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.decisions.actions import record_decision
from app.decisions.facts import Verdict
from app.decisions.models import Decision
from app.decisions.queries import approved_total, current_decisions, decisions_and_rest
from app.kernel.audit import verify
from app.kernel.db import db, write_transaction
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused, Stale
from app.kernel.findings import Outcome
from app.kernel.work import open_work
from app.proposals.models import Proposal
from app.screening.actions import override_finding
from tests.conftest import Backend
from tests.instruments import counted_queries, race
from tests.world import NOW, World, budget_row, complete_draft, file_proposal, write_draft

APPROVED, CONDITIONAL, DEFERRED, REJECTED = Verdict
ASKED = 100_000_100
CEILING = 10 * 100_000_000
REASON = "ปรับลดตามกรอบวงเงิน"
UNKNOWN = 999_999
NEXT = NOW + timedelta(days=1)


def asking(baht: int) -> dict[str, Any]:
    row = budget_row(quantity="1", unit_price=f"{baht}.00", q1=f"{baht}.00", q2="")
    return complete_draft(budget={"rows": [row]})


def decide(
    world: World,
    proposal_id: int,
    verdict: Verdict = APPROVED,
    amount: int = ASKED,
    *,
    by: str = "committee",
    at: Any = NOW,
    **rest: Any,
) -> Decision:
    with open_work(world.actor(by), at) as work:
        return record_decision(work, proposal_id, verdict, amount, **rest)


def state(proposal_id: int) -> str:
    db.session.rollback()
    return db.session.get_one(Proposal, proposal_id).state


VERDICTS: list[tuple[Verdict, int, dict[str, str], int]] = [
    (APPROVED, ASKED, {}, ASKED),
    (APPROVED, 1, {"reason": REASON}, 1),
    (CONDITIONAL, ASKED, {"conditions": " ต้องใช้ GDX "}, ASKED),
    (DEFERRED, ASKED, {"reason": REASON}, 0),
    (REJECTED, ASKED, {"reason": REASON, "resolution": "มติ 1/2568"}, 0),
]


@pytest.mark.parametrize(("verdict", "amount", "words", "kept"), VERDICTS)
def test_a_decision_moves_the_proposal_and_is_kept_as_said(
    app: Flask, world: World, verdict: Verdict, amount: int, words: dict[str, str], kept: int
) -> None:
    proposal_id = file_proposal(world)
    decide(world, proposal_id, verdict, amount, **words)
    assert state(proposal_id) == verdict.value
    (view,) = current_decisions(db.session(), world.call_id).values()
    assert (view.proposal_id, view.verdict, view.amount, view.decided_at, view.decided_by.en) == (
        proposal_id,
        verdict,
        kept,
        NOW,
        "Person committee",
    )
    assert (view.conditions, view.reason, view.resolution) == tuple(
        words.get(key, "").strip() for key in ("conditions", "reason", "resolution")
    )
    assert approved_total(db.session(), world.call_id) == kept


def test_a_faulty_decision_changes_nothing_and_says_all(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    with pytest.raises(Refused) as refusal:
        decide(world, proposal_id, CONDITIONAL, ASKED - 1)
    assert [p.place for p in refusal.value.problems] == ["decision-reason", "decision-conditions"]
    assert state(proposal_id) == "passed"
    assert decisions_and_rest(db.session(), world.call_id, proposal_id)[0] == []


def test_the_ceiling_counts_what_is_approved_to_the_satang(app: Flask, world: World) -> None:
    first, second = file_proposal(world, asking(6_000_000)), file_proposal(world, asking(6_000_000))
    left = CEILING - 600_000_000
    decide(world, first, amount=600_000_000)
    with pytest.raises(Refused) as refusal:
        decide(world, second, amount=left + 1, reason=REASON)
    assert [p.place for p in refusal.value.problems] == ["decision-amount"]
    decide(world, second, amount=left, reason=REASON)
    assert approved_total(db.session(), world.call_id) == CEILING
    # amending one's own decision counts the old amount no more
    decide(world, second, amount=left, reason=REASON)
    decide(world, first, REJECTED, 0, reason=REASON)
    decide(world, second, amount=600_000_000)
    assert approved_total(db.session(), world.call_id) == 600_000_000


def _approving(world: World, proposal_id: int, amount: int) -> Callable[[], int]:
    return lambda: decide(world, proposal_id, amount=amount).amount


def test_decisions_at_once_never_pass_the_ceiling_together(backend: Backend) -> None:
    world, amount = backend.world, 400_000_000
    with backend.app.app_context():
        ids = [file_proposal(world, asking(4_000_000)) for _ in range(4)]
        db.session.remove()
    results = race(backend.app, *(_approving(world, proposal_id, amount) for proposal_id in ids))
    assert sorted(type(r).__name__ for r in results) == ["Refused", "Refused", "int", "int"]
    with backend.app.app_context():
        assert approved_total(db.session(), world.call_id) == 2 * amount
        assert verify(db.session()).fault is None
        db.session.remove()


def test_deciding_one_proposal_twice_at_once_the_second_hears_of_the_first(backend: Backend) -> None:
    world = backend.world
    with backend.app.app_context():
        proposal_id = file_proposal(world)
        db.session.remove()
    results = race(
        backend.app,
        lambda: decide(world, proposal_id, expected=0).verdict,
        lambda: decide(world, proposal_id, REJECTED, 0, reason=REASON, expected=0).verdict,
    )
    assert sorted(isinstance(r, Stale) for r in results) == [False, True], results
    with backend.app.app_context():
        (kept,) = decisions_and_rest(db.session(), world.call_id, proposal_id)[0]
        assert state(proposal_id) == kept.verdict
        db.session.remove()


def test_deciding_while_screening_changes_ends_in_one_of_the_two(backend: Backend) -> None:
    world = backend.world
    with backend.app.app_context():
        ids = [file_proposal(world) for _ in range(4)]
        db.session.remove()

    def judge(proposal_id: int) -> None:
        with open_work(world.actor("secretariat"), NOW) as work:
            override_finding(work, proposal_id, "integration", Outcome.FAILS, REASON)

    for proposal_id in ids:
        decided, judged = race(
            backend.app,
            lambda pid=proposal_id: decide(world, pid).verdict,
            lambda pid=proposal_id: judge(pid),
        )
        outcomes = (type(decided).__name__, type(judged).__name__)
        with backend.app.app_context():
            after = state(proposal_id)
            db.session.remove()
        assert (outcomes, after) in [
            (("str", "Refused"), "approved"),
            (("Refused", "NoneType"), "failed"),
            (("NotFound", "NoneType"), "failed"),
        ]


def test_an_amended_decision_keeps_the_one_before(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    decide(world, proposal_id, DEFERRED, 0, reason="รอข้อมูล")
    decide(world, proposal_id, APPROVED, ASKED, at=NEXT)
    decide(world, proposal_id, APPROVED, 5, reason=REASON, at=NEXT)
    assert [
        (d.verdict, d.amount, d.is_current)
        for d in decisions_and_rest(db.session(), world.call_id, proposal_id)[0]
    ] == [
        (APPROVED, 5, True),
        (APPROVED, ASKED, False),
        (DEFERRED, 0, False),
    ]
    assert current_decisions(db.session(), world.call_id)[proposal_id].amount == 5
    assert state(proposal_id) == "approved"


def test_a_form_opened_before_somebody_elses_decision_is_stale(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    first = decide(world, proposal_id, expected=0).id
    for expected in (0, UNKNOWN):
        with pytest.raises(Stale):
            decide(world, proposal_id, REJECTED, 0, reason=REASON, expected=expected)
    assert [d.id for d in decisions_and_rest(db.session(), world.call_id, proposal_id)[0]] == [first]
    decide(world, proposal_id, REJECTED, 0, reason=REASON, expected=first)


@pytest.mark.parametrize("person", ["officer", "certifier", "reviewer_bb", "secretariat", "admin"])
def test_only_the_committee_decides(app: Flask, world: World, person: str) -> None:
    proposal_id = file_proposal(world)
    for target in (proposal_id, UNKNOWN):
        with pytest.raises(Forbidden):
            decide(world, target, by=person)


def failing() -> dict[str, Any]:
    draft = complete_draft()
    draft["integration"]["links"][0]["partner"] = "alpha"
    return draft


UNRANKED: dict[str, Callable[[World], int]] = {
    "draft": lambda world: write_draft(world, complete_draft()),
    "failed": lambda world: file_proposal(world, failing()),
    "unknown": lambda world: UNKNOWN,
}


@pytest.mark.parametrize("make", UNRANKED.values(), ids=UNRANKED.keys())
def test_what_is_not_on_the_list_is_not_decided(
    app: Flask, world: World, make: Callable[[World], int]
) -> None:
    error: type[DomainError] = NotFound
    with pytest.raises(error):
        decide(world, make(world))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE decisions SET verdict = 'maybe'",
        "UPDATE decisions SET amount = 0",
        "UPDATE decisions SET amount = -1",
        "UPDATE decisions SET verdict = 'rejected'",
        "INSERT INTO decisions (proposal_id, verdict, amount, conditions, resolution, reason, decided_at) SELECT "
        "proposal_id, verdict, amount, conditions, resolution, reason, decided_at FROM decisions",
    ],
)
def test_the_database_refuses_grants_without_amounts_and_two_current_decisions(
    app: Flask, world: World, statement: str
) -> None:
    decide(world, file_proposal(world))
    with pytest.raises(IntegrityError), write_transaction():
        db.session.execute(text(statement))


FEW, MANY = 3, 30


def test_queries_do_not_grow_with_rows(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():

        def measure() -> tuple[int, int]:
            with counted_queries() as queries:
                found = current_decisions(db.session(), world.call_id)
            return len(queries), len(found)

        for n in range(MANY):
            decide(world, file_proposal(world), amount=100, reason=REASON)
            if n + 1 == FEW:
                few = measure()
        assert (few, measure()) == ((1, FEW), (1, MANY))
        db.session.remove()
