"""Filing: the facts are frozen and a receipt is given; past proposals are recorded."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from app.calls.queries import CallView, get_call_by_id
from app.identity.facts import Actor
from app.identity.queries import agency_ids
from app.identity.rules import Permission, require
from app.kernel.canonical import sha256_text
from app.kernel.errors import Refused
from app.kernel.text import Text
from app.kernel.thai_text import search_key
from app.kernel.work import Work
from app.proposals.actions.drafting import get_of_lead, new_proposal, require_open, write_agencies
from app.proposals.actions.moving import move_proposal
from app.proposals.drafts import empty_draft
from app.proposals.facts import FrozenFacts, ProposalFacts, freeze
from app.proposals.models import (
    Proposal,
    Submission,
    SubmittedLine,
)
from app.proposals.queries import (
    agency_directory,
    draft_facts,
    get_draft,
)
from app.proposals.rules import list_problems
from app.proposals.states import DRAFT

NOT_FILED = Text(
    "ยังยื่นข้อเสนอไม่ได้ กรุณาแก้ไขรายการต่อไปนี้", "The proposal cannot be filed yet; please mend the following"
)


def submit_proposal(work: Work[Actor], proposal_id: int, idempotency_key: str) -> Submission:
    """File a complete proposal: freeze its facts and give the receipt.

    The same key again, or a proposal that is filed already, gives the same submission. Raises `Refused` with every
    problem at once, or when `work.now` (the arrival of the request) lies outside the half-open window.
    """
    proposal = get_of_lead(work, proposal_id, Permission.FILE_PROPOSAL)
    key = sha256_text(f"{proposal_id}:{idempotency_key}")  # of this proposal only, whatever a browser sends
    earlier = work.session.scalars(
        select(Submission)
        .where(Submission.proposal_id == proposal_id)
        .order_by(Submission.sequence.desc())
        .limit(1)
    ).first()
    if earlier is not None and (earlier.idempotency_key == key or proposal.state != DRAFT):
        return earlier
    call = get_call_by_id(work.session, proposal.call_id)
    require_open(call, work, proposal.lead_agency_id)
    view = get_draft(work.session, work.actor, proposal_id)
    facts = draft_facts(work.session, view, call, agency_directory(work.session))
    problems = list_problems(facts, call.plan, call.limits)
    if problems:
        raise Refused(NOT_FILED, problems)
    submission = _freeze_submission(work, proposal, call, facts, key)
    move_proposal(work, proposal, "submit")
    return submission


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
    ids = agency_ids(work.session)
    write_agencies(work, proposal, facts, ids)
    _freeze_submission(work, proposal, call, facts, f"record-{proposal.number}")
    move_proposal(work, proposal, "record")
    return proposal


def _freeze_submission(
    work: Work[Actor], proposal: Proposal, call: CallView, facts: ProposalFacts, key: str
) -> Submission:
    frozen: FrozenFacts = freeze(facts)
    sequence = 1 + (
        work.session.scalar(
            select(Submission.sequence)
            .where(Submission.proposal_id == proposal.id)
            .order_by(Submission.sequence.desc())
            .limit(1)
        )
        or 0
    )
    submission = Submission(
        proposal_id=proposal.id,
        sequence=sequence,
        receipt_number=f"R{proposal.number}-{sequence}",
        idempotency_key=key,
        submitted_at=work.now,
        submitted_by=work.actor.id,
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
    work.audit(
        "freeze_submission",
        f"proposal:{proposal.id}",
        agency_id=proposal.lead_agency_id,
        after=frozen.sha256,
        detail={"receipt": submission.receipt_number},
    )
    return submission
