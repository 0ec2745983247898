"""The spine, end to end through the actions, on both databases: file, screen, score, rank, decide, verify."""

from __future__ import annotations

from flask import Flask

from app.calls.queries import get_call
from app.decisions.actions import record_decision
from app.decisions.facts import Verdict
from app.decisions.queries import current_decisions
from app.kernel.audit import verify
from app.kernel.db import db
from app.kernel.work import open_work
from app.portfolio.facts import Standing
from app.portfolio.queries import ranked_list
from app.proposals.queries import get_filing, get_receipt
from app.reviews.actions import submit_review
from app.reviews.facts import Score
from app.reviews.queries import get_assignment
from app.screening.queries import find_latest_run
from tests.world import FISCAL_YEAR, NOW, World, file_proposal, give


def test_spine_from_draft_to_decision(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    receipt = get_receipt(db.session(), world.actor("officer"), proposal_id)
    assert receipt.receipt_number == f"R{FISCAL_YEAR}-0001-1"
    assert receipt.total == 100_000_100
    run = find_latest_run(db.session(), proposal_id)
    assert run is not None
    assert run.concluded == "passes"
    assert get_filing(db.session(), world.actor("secretariat"), proposal_id).state == "passed"

    (assignment_id,) = give(world, proposal_id, "reviewer_bb")
    view = get_assignment(db.session(), world.actor("reviewer_bb"), assignment_id)
    call = get_call(db.session(), FISCAL_YEAR)
    scores = {c.code: Score(3, "") for c in call.rubric.criteria}
    with open_work(world.actor("reviewer_bb"), NOW) as work:
        submit_review(work, assignment_id, scores, view.version)

    (line,) = ranked_list(db.session(), world.actor("committee"), call)
    assert (line.rank, line.mean, line.standing) == (1, 7500, Standing.IN)

    with open_work(world.actor("committee"), NOW) as work:
        record_decision(work, proposal_id, Verdict.APPROVED, line.entry.requested)
    (decision,) = current_decisions(db.session(), call.id).values()
    assert decision.amount == 100_000_100
    verdict = verify(db.session())
    assert verdict.fault is None
    assert verdict.head.count > 10
