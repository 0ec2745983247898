"""The agency's answers to the questions of a return."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select

from app.identity.facts import Actor
from app.identity.rules import Permission, Target, may, require
from app.kernel.canonical import sha256_text
from app.kernel.clock import format_closing
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions.returning import NOTHING_OPEN, get_open_row
from app.proposals.models import Participation, Proposal, ProposalQuestion
from app.proposals.queries.owners import target_of
from app.proposals.returns import PART_OF_PARTICIPANTS, list_answer_problems, mark_of
from app.proposals.states import RETURNED

RETURN_OVER = Text(
    "พ้นกำหนดแก้ไขแล้ว (ก่อน {due}) จึงตอบหรือยื่นใหม่ไม่ได้ คำตอบและร่างที่บันทึกไว้ยังอยู่ครบ หากต้องการเวลาเพิ่มกรุณาติดต่อฝ่ายเลขานุการ",
    "The time for revision is over (it ended before {due}), so nothing can be answered or filed again. What was saved "
    "is kept. If you need more time, ask the secretariat",
)
NOT_ANSWERED = Text("ยังบันทึกคำตอบไม่ได้", "The answers were not saved")
ANSWERED_MEANWHILE = Text(
    "มีผู้อื่นบันทึกคำตอบข้อนี้ไปแล้วหลังจากที่ท่านเปิดหน้านี้ ข้อความของท่านยังอยู่ กรุณาเทียบก่อนบันทึกอีกครั้ง",
    "Somebody else saved this answer after you opened the page. Your text is still here; compare before saving again",
)


def require_time_left(due_at: datetime, now: datetime) -> None:
    """Raise `Refused` unless what arrives now is in time; the moment it is due is out."""
    if now >= due_at:
        moment = Text(format_closing(due_at, "th", "second"), format_closing(due_at, "en", "second"))
        raise Refused(RETURN_OVER.fill(due=moment))


def may_answer(actor: Actor, section: str, lead_id: int, joined_ids: Collection[int]) -> bool:
    """Whether this person may answer a question about a section: the lead's officers every one, a participant's
    officers those about what participants fill in themselves."""
    agencies = {lead_id, *joined_ids} if section in PART_OF_PARTICIPANTS else {lead_id}
    return may(actor, Permission.WRITE_PROPOSAL, Target(agency_ids=frozenset(agencies)))


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer as sent; `seen` is `mark_of` the answer the form was opened with."""

    text: str
    seen: str


def answer_questions(work: Work[Actor], proposal_id: int, answers: Mapping[int, GivenAnswer]) -> int:
    """Save answers to questions of the open return, all of them or none; returns how many changed.

    Raises `Refused` when the time is over, `Stale` with every answer somebody else changed since, and `NotFound` for
    questions that are not this person's to answer.
    """
    require(work.actor, Permission.WRITE_PROPOSAL)
    target = target_of(work.session, proposal_id)
    require(work.actor, Permission.WRITE_PROPOSAL, target)
    proposal = work.session.get_one(Proposal, proposal_id, with_for_update=True)
    if proposal.state != RETURNED:
        raise Refused(NOTHING_OPEN)
    returned = get_open_row(work, proposal_id)
    require_time_left(returned.due_at, work.now)
    asked = {
        q.id: q
        for q in work.session.scalars(
            select(ProposalQuestion).where(ProposalQuestion.return_id == returned.id).with_for_update()
        )
    }
    joined = joined_agencies(work, proposal_id)
    changed, problems, stale = [], [], []
    for question_id, given in answers.items():
        question = asked.get(question_id)
        if question is None or not may_answer(work.actor, question.section, proposal.lead_agency_id, joined):
            raise NotFound()
        if given.text == question.answer or mark_of(given.text) == given.seen:
            continue  # nothing of this person's own: what somebody else saved meanwhile stays
        if given.seen != mark_of(question.answer):
            stale.append(Problem(f"answer-{question_id}", ANSWERED_MEANWHILE))
        problems += list_answer_problems(question_id, given.text)
        changed.append((question, given.text))
    if problems:
        raise Refused(NOT_ANSWERED, problems)
    if stale:
        raise Stale(ANSWERED_MEANWHILE, stale)
    for question, text in changed:
        work.audit(
            "answer_question",
            f"proposal:{proposal_id}",
            before=sha256_text(question.answer),
            after=sha256_text(text),
            detail={"question": question.id},
        )
        question.answer = text
        question.answered_at = work.now if text else None
        question.answered_by = work.actor.id if text else None
    return len(changed)


def joined_agencies(work: Work[Actor], proposal_id: int) -> frozenset[int]:
    """The participants that joined and fill in a part of their own."""
    return frozenset(
        work.session.scalars(
            select(Participation.agency_id).where(
                Participation.proposal_id == proposal_id, Participation.state == "joined"
            )
        )
    )
