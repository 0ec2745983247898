"""Filing: half-open window, one submission however often it is asked for, and facts that replay exactly."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.kernel.audit import verify
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.db import db, write_transaction
from app.kernel.errors import Refused
from app.kernel.work import open_work
from app.proposals.actions import submit_proposal
from app.proposals.drafts import empty_draft
from app.proposals.freezing import facts_from_json, facts_to_json, freeze
from app.proposals.models import Proposal, ProposalMove, Submission, SubmittedLine
from app.proposals.queries import (
    agency_directory,
    draft_facts,
    find_receipt_by_number,
    get_draft,
    get_filing,
    get_receipt,
)
from tests.conftest import Backend
from tests.instruments import race
from tests.world import FISCAL_YEAR, NOW, World, budget_row, complete_draft, file_proposal, write_draft

OPENS = datetime.fromisoformat("2025-11-17T00:00:00+07:00")
CLOSES = datetime.fromisoformat("2025-11-27T00:00:00+07:00")
INSTANT = timedelta(milliseconds=1)


def file_it(
    world: World, proposal_id: int, key: str = "key", *, by: str = "officer", at: datetime = NOW
) -> Submission:
    with open_work(world.actor(by), at) as work:
        return submit_proposal(work, proposal_id, key)


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


WINDOW = [
    (OPENS - INSTANT, False),
    (OPENS, True),
    (OPENS + INSTANT, True),
    (CLOSES - INSTANT, True),
    (CLOSES, False),
    (CLOSES + INSTANT, False),
]


@pytest.mark.parametrize(("at", "counts"), WINDOW, ids=lambda v: str(v))
def test_the_moment_of_arrival_decides(app: Flask, world: World, at: datetime, counts: bool) -> None:
    proposal_id = write_draft(world, complete_draft())
    if counts:
        assert file_it(world, proposal_id, at=at).submitted_at == at
        return
    with pytest.raises(Refused) as refusal:
        file_it(world, proposal_id, at=at)
    for told in ("16 พ.ย. 2568 23:59:59" if at < OPENS else "27 พ.ย. 2568 00:00:00", "17 พ.ย. 2568 00:00:00"):
        assert told in refusal.value.text.th
    assert count(Submission) == 0
    assert get_draft(db.session(), world.actor("officer"), proposal_id).state == "draft"


def test_the_content_is_what_was_hashed_and_replays_equal(app: Flask, world: World) -> None:
    proposal_id = write_draft(world, complete_draft(names={"participants": ["beta"]}))
    officer = world.actor("officer")
    from app.calls.queries import get_call

    session = db.session()
    before = draft_facts(
        session,
        get_draft(session, officer, proposal_id),
        get_call(session, FISCAL_YEAR),
        agency_directory(session),
    )
    submission = file_it(world, proposal_id)
    assert submission.sha256 == sha256_text(submission.content)
    replayed = facts_from_json(json.loads(submission.content))
    assert replayed == before
    assert freeze(replayed).content == submission.content == canonical_json(facts_to_json(before))
    filing = get_filing(session, world.actor("secretariat"), proposal_id)
    assert (filing.facts, filing.sha256, filing.total) == (before, submission.sha256, before.total)
    proposal = session.get_one(Proposal, proposal_id)
    assert (proposal.state, proposal.facts_sha256, proposal.submitted_at) == (
        "submitted",
        submission.sha256,
        NOW,
    )


def test_the_receipt_says_number_time_total_and_hash(app: Flask, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    submission = file_it(world, proposal_id)
    receipt = get_receipt(db.session(), world.actor("officer"), proposal_id)
    assert receipt.receipt_number == "R2570-0001-1"
    assert (receipt.submitted_at, receipt.total, receipt.sha256) == (NOW, 100_000_100, submission.sha256)
    assert find_receipt_by_number(db.session(), "R2570-0001-1") == receipt
    assert find_receipt_by_number(db.session(), "R2570-0001-2") is None


def test_lines_are_kept_as_rows_that_sum_to_the_total(app: Flask, world: World) -> None:
    rows = [
        budget_row(),
        budget_row(
            agency="beta", quantity="3", unit_price="0.33", q1="0.33", q2="0.66", later1="5.00", later4="0.01"
        ),
    ]
    draft = complete_draft(names={"participants": ["beta"]}, budget={"rows": rows})
    submission = file_it(world, write_draft(world, draft))
    kept = db.session.scalars(select(SubmittedLine).order_by(SubmittedLine.position)).all()
    assert [(line.position, line.agency_id, line.amount) for line in kept] == [
        (1, world.agencies["alpha"], 100_000_100),
        (2, world.agencies["beta"], 99),
    ]
    assert sum(line.amount for line in kept) == submission.total
    assert [kept[1].q0, kept[1].q1, kept[1].q2, kept[1].later1, kept[1].later4] == [0, 33, 66, 500, 1]


SAME, OTHER = "first-key", "second-key"


@pytest.mark.parametrize("again", [SAME, OTHER])
@pytest.mark.parametrize("at", [NOW, CLOSES + INSTANT], ids=["at once", "after the window"])
def test_filing_again_gives_the_same_receipt(app: Flask, world: World, again: str, at: datetime) -> None:
    proposal_id = write_draft(world, complete_draft())
    first = file_it(world, proposal_id, SAME)
    second = file_it(world, proposal_id, again, at=at)
    assert (second.id, second.receipt_number, second.submitted_at) == (first.id, first.receipt_number, NOW)
    assert count(Submission) == 1
    assert count(ProposalMove) == 1


def test_one_key_for_two_proposals_files_both(app: Flask, world: World) -> None:
    """A key made by a browser may come twice; it says nothing about another proposal."""
    ids = [write_draft(world, complete_draft()) for _ in range(2)]
    receipts = [file_it(world, proposal_id, SAME).receipt_number for proposal_id in ids]
    assert receipts == ["R2570-0001-1", "R2570-0002-1"]


@pytest.mark.parametrize("key", ["", "ก" * 500])
def test_any_key_will_do(app: Flask, world: World, key: str) -> None:
    proposal_id = write_draft(world, complete_draft())
    assert file_it(world, proposal_id, key).id == file_it(world, proposal_id, key).id


def _filing(world: World, proposal_id: int, key: str) -> Callable[[], str]:
    return lambda: file_it(world, proposal_id, key).receipt_number


@pytest.mark.parametrize("keys", [(SAME, SAME, SAME), (SAME, OTHER, "third")], ids=["one key", "three keys"])
def test_filing_at_once_gives_one_submission(backend: Backend, keys: tuple[str, ...]) -> None:
    with backend.app.app_context():
        proposal_id = write_draft(backend.world, complete_draft())
        db.session.remove()
    runs = [_filing(backend.world, proposal_id, key) for key in keys]
    assert race(backend.app, *runs) == ["R2570-0001-1"] * len(keys)
    with backend.app.app_context():
        assert count(Submission) == 1
        assert count(ProposalMove) == 1
        assert verify(db.session()).fault is None
        db.session.remove()


def test_several_proposals_filed_in_one_instant_all_go_through(backend: Backend) -> None:
    with backend.app.app_context():
        ids = [write_draft(backend.world, complete_draft()) for _ in range(5)]
        db.session.remove()
    receipts = race(backend.app, *(_filing(backend.world, pid, f"key-{pid}") for pid in ids))
    assert receipts == [f"R2570-{n:04d}-1" for n in range(1, 6)]


def test_an_empty_draft_hears_all_its_problems_at_once_and_stays_a_draft(app: Flask, world: World) -> None:
    proposal_id = write_draft(world, empty_draft())
    with pytest.raises(Refused) as refusal:
        file_it(world, proposal_id)
    sections = {problem.section for problem in refusal.value.problems}
    assert sections == {"names", "plan", "integration", "rationale", "indicators", "budget"}
    assert count(Submission) == 0


def test_a_draft_mended_after_a_refusal_is_filed_with_the_same_key(app: Flask, world: World) -> None:
    from app.proposals.actions import save_section

    proposal_id = write_draft(world, complete_draft(rationale={"outputs": ""}))
    with pytest.raises(Refused):
        file_it(world, proposal_id)
    with open_work(world.actor("officer"), NOW) as work:
        save_section(work, proposal_id, "rationale", complete_draft()["rationale"], 2)
    assert file_it(world, proposal_id).sequence == 1


def test_filing_is_logged_with_the_hash(app: Flask, world: World) -> None:
    from app.kernel.audit import AuditEntry

    proposal_id = write_draft(world, complete_draft())
    submission = file_it(world, proposal_id)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "freeze_submission")).one()
    assert entry.after_sha256 == submission.sha256
    assert (entry.actor_id, entry.agency_id, entry.at) == (
        world.users["officer"],
        world.agencies["alpha"],
        NOW,
    )
    assert entry.subject == f"proposal:{proposal_id}"


# what the database itself refuses, whatever code should go wrong
FORBIDDEN_ROWS = {
    "filed without time": "UPDATE proposals SET submitted_at = NULL",
    "filed without hash": "UPDATE proposals SET facts_sha256 = NULL",
    "unknown state": "UPDATE proposals SET state = 'lost'",
    "negative total": "UPDATE proposals SET total = -1",
    "a hash that is none": "UPDATE submissions SET sha256 = 'abc'",
    "a line that is not quantity x price": "UPDATE submitted_lines SET amount = amount + 1, q1 = q1 + 1",
    "quarters that do not sum": "UPDATE submitted_lines SET q4 = q4 + 1",
    "a second filing of the same sequence": (
        "INSERT INTO submissions (proposal_id, sequence, receipt_number, idempotency_key, submitted_at, content, "
        "sha256, total, plan_id, rubric_id, rulebook_id) SELECT proposal_id, sequence, 'R', 'k', submitted_at, "
        "content, sha256, total, plan_id, rubric_id, rulebook_id FROM submissions"
    ),
    "a proposal of no agency": "UPDATE proposals SET lead_agency_id = 999999",
    "a number given twice": "UPDATE proposals SET number = 'same'",
    "an agency twice": (
        "INSERT INTO proposal_agencies (proposal_id, agency_id, is_lead, amount) "
        "SELECT proposal_id, agency_id, is_lead, amount FROM proposal_agencies"
    ),
}


@pytest.mark.parametrize("statement", FORBIDDEN_ROWS.values(), ids=FORBIDDEN_ROWS.keys())
def test_the_database_refuses_states_without_evidence_and_wrong_sums(
    app: Flask, world: World, statement: str
) -> None:
    for _ in range(2):
        file_proposal(world)
    with pytest.raises(IntegrityError), write_transaction():
        db.session.execute(text(statement))


def test_a_draft_needs_no_evidence(app: Flask, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    row: Any = db.session.get_one(Proposal, proposal_id)
    assert (row.submitted_at, row.facts_sha256) == (None, None)
