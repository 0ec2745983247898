"""Returning a filing for revision, and how a return ends.

Only the secretariat returns. Filing again ends the return (`end_return`, called by the filing), or the secretariat
lets the last filing count (`recalling`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from app.calls.queries import get_call_by_id
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions.asking import get_filed
from app.proposals.actions.moving import move_proposal
from app.proposals.drafts import SECTIONS
from app.proposals.models import ProposalQuestion, ProposalReturn, Submission
from app.proposals.returns import OpenReturn, list_due_problems, list_return_problems
from app.proposals.states import LIFECYCLE

CHANGED_QUESTIONS = Text(
    "มีผู้ส่งหรือตัดคำถามบางข้อไปแล้ว กรุณาตรวจคำถามก่อนส่งคืนอีกครั้ง",
    "Somebody else sent or dropped some of these questions; check them before returning it again",
)
NOT_RETURNED = Text("ยังส่งคืนไม่ได้", "The proposal was not returned")
NOTHING_OPEN = Text("ข้อเสนอนี้ไม่ได้อยู่ระหว่างการแก้ไข", "This proposal is not out for revision")


def return_proposal(
    work: Work[Actor],
    proposal_id: int,
    *,
    due_at: datetime | None,
    sections: Collection[str],
    message: str,
    question_ids: Collection[int],
) -> ProposalReturn:
    """Give a filing back for revision until `due_at`: send these questions, open these sections and every section a
    question is about.

    Raises `Refused` with every problem at once, beyond the call's cap of cycles, or once the committee has decided;
    `Stale` when a question was sent or dropped meanwhile.
    """
    require(work.actor, Permission.RETURN_PROPOSAL)
    proposal = get_filed(work, proposal_id)
    LIFECYCLE.after(proposal.state, "return")
    questions = work.session.scalars(
        select(ProposalQuestion)
        .where(
            ProposalQuestion.proposal_id == proposal_id,
            ProposalQuestion.id.in_(question_ids),
            ProposalQuestion.return_id.is_(None),
            ProposalQuestion.dropped_at.is_(None),
        )
        .with_for_update()
    ).all()
    if len(questions) != len(set(question_ids)):
        raise Stale(CHANGED_QUESTIONS)
    wanted = {*sections, *(q.section for q in questions)}
    if not wanted <= SECTIONS.keys():
        raise NotFound()
    opened = [section for section in SECTIONS if section in wanted]
    last = work.session.scalar(
        select(func.max(ProposalReturn.cycle)).where(ProposalReturn.proposal_id == proposal_id)
    )
    cycle = (last or 0) + 1
    problems = list_return_problems(
        now=work.now,
        due_at=due_at,
        cycle=cycle,
        most_cycles=get_call_by_id(work.session, proposal.call_id).limits.revision_cycles,
        sections=opened,
        questions=len(questions),
        message=message,
    )
    if problems:
        raise Refused(NOT_RETURNED, problems)
    submission_id = work.session.scalars(
        select(Submission.id)
        .where(Submission.proposal_id == proposal_id)
        .order_by(Submission.sequence.desc())
        .limit(1)
    ).one()
    returned = ProposalReturn(
        proposal_id=proposal_id,
        cycle=cycle,
        submission_id=submission_id,
        state="open",
        sections=canonical_json(opened),
        message=message,
        returned_at=work.now,
        returned_by=work.actor.id,
        due_at=due_at,
    )
    work.session.add(returned)
    work.session.flush()
    for question in questions:
        question.return_id = returned.id
    move_proposal(work, proposal, "return")
    work.audit(
        "return_proposal",
        f"proposal:{proposal_id}",
        agency_id=proposal.lead_agency_id,
        detail={"return": returned.id, "cycle": cycle, "sections": opened, "questions": len(questions)},
    )
    work.promise("notify", {"event": "returned", "return": returned.id})
    return returned


def get_open_row(work: Work[Actor], proposal_id: int) -> ProposalReturn:
    """The open return of a proposal under lock."""
    found = work.session.scalars(
        select(ProposalReturn)
        .where(ProposalReturn.proposal_id == proposal_id, ProposalReturn.state == "open")
        .with_for_update()
    ).first()
    if found is None:
        raise Refused(NOTHING_OPEN)
    return found


def end_return(work: Work[Actor], returned: OpenReturn) -> None:
    """The agency has filed again: the return is answered. Called by the filing, which has checked everything."""
    row = work.session.get_one(ProposalReturn, returned.id, with_for_update=True)
    row.state, row.ended_at = "answered", work.now
    work.audit(
        "answer_return",
        f"proposal:{row.proposal_id}",
        detail={"return": row.id, "cycle": row.cycle},
    )
    work.promise("notify", {"event": "refiled", "return": row.id})


def extend_return(work: Work[Actor], proposal_id: int, due_at: datetime | None) -> ProposalReturn:
    """Give the agency until a later moment, also when its time is over already; it is told anew."""
    require(work.actor, Permission.RETURN_PROPOSAL)
    proposal = get_filed(work, proposal_id)
    returned = get_open_row(work, proposal_id)
    problems = list_due_problems(work.now, due_at, later_than=returned.due_at)
    if problems or due_at is None:
        raise Refused(Text("ยังขยายเวลาไม่ได้", "The time was not extended"), problems)
    work.audit(
        "extend_return",
        f"proposal:{proposal_id}",
        agency_id=proposal.lead_agency_id,
        detail={"return": returned.id, "from": returned.due_at.isoformat(), "to": due_at.isoformat()},
    )
    returned.due_at = due_at
    work.promise("notify", {"event": "returned", "return": returned.id})
    return returned
