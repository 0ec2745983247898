"""Questions about a filing: asked by reviewers and the secretariat, mended or dropped before they are sent."""

from __future__ import annotations

from app.identity.facts import Actor
from app.identity.rules import Permission, Target, require
from app.kernel.canonical import sha256_text
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal, ProposalQuestion
from app.proposals.returns import RETURNABLE_STATES, list_question_problems, mark_of
from app.proposals.states import DRAFT, STATES

NOT_ASKED = Text("ยังบันทึกคำถามไม่ได้", "The question was not kept")
NOT_ASKABLE = Text(
    "ถามเรื่องข้อเสนอนี้ไม่ได้ เพราะขณะนี้สถานะคือ “{state}”",
    "Nothing can be asked about this proposal while its state is “{state}”",
)
ALREADY_SENT = Text("คำถามนี้ส่งถึงหน่วยงานหรือตัดออกไปแล้ว", "This question was sent or dropped already")
EDITED_MEANWHILE = Text(
    "มีผู้อื่นแก้คำถามนี้ไปแล้วหลังจากที่ท่านเปิดหน้านี้ ข้อความของท่านยังอยู่ กรุณาเทียบก่อนบันทึกอีกครั้ง",
    "Somebody else changed this question after you opened the page. Your text is still here; compare before saving again",
)


def get_filed(work: Work[Actor], proposal_id: int) -> Proposal:
    """The proposal under lock, once filed. What is a draft, or a draft again, does not exist for those who ask."""
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None or proposal.state == DRAFT:
        raise NotFound()
    return proposal


def ask_question(
    work: Work[Actor], proposal_id: int, section: str, text: str, assigned_to: frozenset[int] = frozenset()
) -> ProposalQuestion:
    """Pin a question to a section; it waits for the secretariat to send or drop it.

    `assigned_to` are the reviewers the caller's room knows of: one of them asks as a reviewer, anybody else as the
    secretariat. Raises `Refused` once the committee has decided, or while the agency has the proposal back.
    """
    require(work.actor, Permission.ASK_QUESTION)
    proposal = get_filed(work, proposal_id)
    require(work.actor, Permission.ASK_QUESTION, Target(user_ids=assigned_to))
    if proposal.state not in RETURNABLE_STATES:
        raise Refused(NOT_ASKABLE.fill(state=STATES[proposal.state]))
    problems = list_question_problems(section, text)
    if problems:
        raise Refused(NOT_ASKED, problems)
    is_reviewer = work.actor.id in assigned_to
    question = ProposalQuestion(
        proposal_id=proposal_id,
        section=section,
        question=text,
        asked_as="reviewer" if is_reviewer else "secretariat",
        asked_at=work.now,
        asked_by=work.actor.id,
    )
    work.session.add(question)
    work.session.flush()
    # of no agency: who asked is not for the agency's part of the log
    work.audit(
        "ask_question",
        f"proposal:{proposal_id}",
        after=sha256_text(text),
        detail={"question": question.id, "section": section},
    )
    if is_reviewer:
        work.promise("notify", {"event": "question_asked", "question": question.id})
    return question


def _pending(work: Work[Actor], question_id: int) -> ProposalQuestion:
    """A question that still waits, under lock."""
    require(work.actor, Permission.RETURN_PROPOSAL)
    found = work.session.get(ProposalQuestion, question_id)
    if found is None:
        raise NotFound()
    get_filed(work, found.proposal_id)
    work.session.refresh(found, with_for_update=True)
    if found.return_id is not None or found.dropped_at is not None:
        raise Refused(ALREADY_SENT)
    return found


def edit_question(work: Work[Actor], question_id: int, section: str, text: str, seen: str) -> int:
    """Mend the wording of a question before it is sent; the audit log keeps what was asked. Returns the proposal's id.

    `seen` is `mark_of` the text the form was opened with; raises `Stale` when it has changed since.
    """
    question = _pending(work, question_id)
    problems = list_question_problems(section, text)
    if problems:
        raise Refused(NOT_ASKED, problems)
    if seen != mark_of(question.question):
        raise Stale(EDITED_MEANWHILE, [Problem("question-text", EDITED_MEANWHILE)])
    if (section, text) != (question.section, question.question):
        work.audit(
            "edit_question",
            f"proposal:{question.proposal_id}",
            before=sha256_text(question.question),
            after=sha256_text(text),
            detail={"question": question_id, "section": question.section, "was": question.question},
        )
        question.section, question.question = section, text
    return question.proposal_id


def drop_question(work: Work[Actor], question_id: int) -> int:
    """Decide not to send a question; it stays on record, and its reviewer sees that it was not sent. Returns the id of
    its proposal."""
    question = _pending(work, question_id)
    question.dropped_at = work.now
    work.audit("drop_question", f"proposal:{question.proposal_id}", detail={"question": question_id})
    return question.proposal_id
