"""Filing: the facts are frozen and a receipt is given; past proposals are recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from app.calls.queries import CallView, get_call_by_id
from app.identity.facts import Actor
from app.identity.queries import agency_ids
from app.identity.rules import Permission, require
from app.kernel.canonical import sha256_text
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.thai_text import search_key
from app.kernel.work import Work
from app.proposals.actions.answering import require_time_left
from app.proposals.actions.drafting import get_of_lead, new_proposal, require_open
from app.proposals.actions.keeping import mirror_draft, write_agencies
from app.proposals.actions.moving import move_proposal
from app.proposals.actions.returning import end_return
from app.proposals.drafts import SECTIONS, empty_draft
from app.proposals.facts import ProposalFacts, item_key
from app.proposals.freezing import FrozenFacts, freeze
from app.proposals.models import Proposal, Submission, SubmittedLine
from app.proposals.queries import (
    agency_directory,
    draft_facts,
    find_open_return,
    list_filing_problems,
    read_draft,
)
from app.proposals.states import RETURNED, WRITABLE_STATES

COMPARE_FILING = "compare_filing"
LONGEST_REASON = 2000
REASON_TOO_LONG = Text("เหตุผลยาวเกิน {most} ตัวอักษร", "The reason is longer than {most} characters").fill(
    most=f"{LONGEST_REASON:,}"
)
NOT_FILED = Text(
    "ยังยื่นข้อเสนอไม่ได้ กรุณาแก้ไขรายการต่อไปนี้", "The proposal cannot be filed yet; please mend the following"
)


def submit_proposal(work: Work[Actor], proposal_id: int, idempotency_key: str) -> Submission:
    """File a complete proposal, for the first time or again after a return: freeze its facts and give the receipt.

    The same key again, or a proposal that is filed already, gives the same submission. Raises `Refused` with every
    problem at once, or when `work.now` (the arrival of the request) lies outside the agency's half-open window, or for
    a returned proposal at or after the moment it was due.
    """
    proposal = get_of_lead(work, proposal_id, Permission.FILE_PROPOSAL)
    key = sha256_text(f"{proposal_id}:{idempotency_key}")  # of this proposal only, whatever a browser sends
    earlier = _latest(work, proposal_id)
    if earlier is not None and (earlier.idempotency_key == key or proposal.state not in WRITABLE_STATES):
        return earlier
    call = get_call_by_id(work.session, proposal.call_id)
    returned = find_open_return(work.session, proposal_id) if proposal.state == RETURNED else None
    if returned is None:
        deadline = require_open(call, work, proposal.lead_agency_id)
    else:
        require_time_left(returned.due_at, work.now)
        deadline = returned.due_at
    view = read_draft(work.session, proposal_id)
    facts = draft_facts(work.session, view, call, agency_directory(work.session))
    problems = list_filing_problems(work.session, view, call, facts, returned)
    if problems:
        raise Refused(NOT_FILED, problems)
    submission = _freeze_submission(work, proposal, call, facts, key, deadline)
    if returned is not None:
        mirror_draft(work, proposal, view.draft, view.joined, SECTIONS)
        end_return(work, returned)
    move_proposal(work, proposal, "refile" if returned else "submit")
    work.promise("notify", {"event": "filed", "submission": submission.id})
    work.promise(COMPARE_FILING, {"submission": submission.id})
    return submission


def withdraw_proposal(work: Work[Actor], proposal_id: int, reason: str = "") -> None:
    """Take a filing back inside the window, to change it and file it again. What was filed stays on record, and counts
    for nothing until the proposal is filed again. Raises `Refused` outside the window or once it was decided."""
    proposal = get_of_lead(work, proposal_id, Permission.FILE_PROPOSAL)
    call = get_call_by_id(work.session, proposal.call_id)
    require_open(call, work, proposal.lead_agency_id)
    if len(reason) > LONGEST_REASON:
        raise Refused(REASON_TOO_LONG, [Problem("withdraw-reason", REASON_TOO_LONG)])
    proposal.least = None
    move_proposal(work, proposal, "withdraw", reason)
    work.promise("notify", {"event": "withdrawn", "proposal": proposal_id})


def _latest(work: Work[Actor], proposal_id: int) -> Submission | None:
    return work.session.scalars(
        select(Submission)
        .where(Submission.proposal_id == proposal_id)
        .order_by(Submission.sequence.desc())
        .limit(1)
    ).first()


def record_proposal(work: Work[Actor], call: CallView, agency_id: int, facts: ProposalFacts) -> Proposal:
    """Record a past proposal known only from published budget documents: frozen, never screened or scored.

    `facts.number` is replaced by the number given here. Used by imports; needs MANAGE_CALL.
    """
    require(work.actor, Permission.MANAGE_CALL)
    proposal = new_proposal(work, call, agency_id, empty_draft())
    facts = replace(facts, number=proposal.number)
    proposal.title_th, proposal.title_en = facts.title.th, facts.title.en
    proposal.stage, proposal.guideline = facts.stage, facts.guideline
    proposal.strategy, proposal.focus_area = facts.strategy, facts.focus_area
    proposal.total = facts.total
    proposal.search_key = search_key(
        " ".join((proposal.number, facts.title.th, facts.title.en, facts.lead.name.th, facts.lead.name.en))
    )
    write_agencies(
        work,
        proposal,
        [a.code for a in facts.participants],
        {a.code: facts.total_of(a.code) for a in facts.agencies},
    )
    _freeze_submission(work, proposal, call, facts, f"record-{proposal.number}", None)
    move_proposal(work, proposal, "record")
    return proposal


def _freeze_submission(
    work: Work[Actor],
    proposal: Proposal,
    call: CallView,
    facts: ProposalFacts,
    key: str,
    deadline: datetime | None,
) -> Submission:
    frozen: FrozenFacts = freeze(facts)
    earlier = _latest(work, proposal.id)
    sequence = earlier.sequence + 1 if earlier else 1
    submission = Submission(
        proposal_id=proposal.id,
        sequence=sequence,
        receipt_number=f"R{proposal.number}-{sequence}",
        idempotency_key=key,
        submitted_at=work.now,
        submitted_by=work.actor.id,
        deadline_at=deadline,
        content=frozen.content,
        sha256=frozen.sha256,
        total=facts.total,
        plan_id=call.plan_id,
        rubric_id=call.rubric_id,
        rulebook_id=call.rulebook_id,
    )
    work.session.add(submission)
    work.session.flush()
    ids = agency_ids(work.session)
    rows = []
    for position, line in enumerate(facts.lines, 1):
        later = (*line.later_years, 0, 0, 0, 0)[:4]
        rows.append(
            {
                "submission_id": submission.id,
                "position": position,
                "agency_id": ids[line.agency],
                "category": line.category,
                "item": line.item,
                "item_key": item_key(line.item, line.unit),
                "quantity": line.quantity or 0,
                "unit": line.unit,
                "unit_price": line.unit_price or 0,
                "amount": line.amount,
                "q0": line.amount - sum(line.quarters),
                "q1": line.quarters[0],
                "q2": line.quarters[1],
                "q3": line.quarters[2],
                "q4": line.quarters[3],
                "later1": later[0],
                "later2": later[1],
                "later3": later[2],
                "later4": later[3],
                "source": line.source,
            }
        )
    if rows:
        work.session.execute(SubmittedLine.__table__.insert(), rows)  # type: ignore[attr-defined]
    proposal.submitted_at = work.now
    proposal.facts_sha256 = frozen.sha256
    proposal.least = facts.reduced.amount if facts.reduced else None
    work.audit(
        "freeze_submission",
        f"proposal:{proposal.id}",
        agency_id=proposal.lead_agency_id,
        after=frozen.sha256,
        detail={"receipt": submission.receipt_number},
    )
    return submission
