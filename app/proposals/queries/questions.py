"""Questions about a filing and their answers, and the returns they were sent with, as each reader may know them.

Agencies never learn a reviewer's name, nor what has not been sent to them. Nobody else reads an answer before the
agency has filed again: until then it is as much a draft as the rest.
"""

from __future__ import annotations

import json
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.identity.facts import Actor
from app.identity.models import User
from app.identity.rules import Permission, Target, may, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.drafts import SECTIONS
from app.proposals.models import Proposal, ProposalQuestion, ProposalReturn, Submission
from app.proposals.queries.filings import Filing
from app.proposals.queries.owners import OWNERS, read_owners
from app.proposals.returns import ASKED_AS, OpenReturn, Question
from app.proposals.states import DRAFT

_asker, _answerer = aliased(User, name="asker"), aliased(User, name="answerer")
_QUESTION = (
    *ProposalQuestion.__table__.c,
    _asker.name_th.label("asker_th"),
    _asker.name_en.label("asker_en"),
    _answerer.name_th.label("answerer_th"),
    _answerer.name_en.label("answerer_en"),
)
_REVIEWER = Text("{name} (ผู้พิจารณา)", "{name} (reviewer)")


def _with_questions(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """`statement` over returns, a row for each question that was not dropped, as they were asked; one row without `id`
    for a return without any."""
    return _with_people(
        statement.add_columns(*_QUESTION).outerjoin(
            ProposalQuestion,
            and_(ProposalQuestion.return_id == ProposalReturn.id, ProposalQuestion.dropped_at.is_(None)),
        )
    )


def _with_people(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        statement.outerjoin(_asker, _asker.id == ProposalQuestion.asked_by)
        .outerjoin(_answerer, _answerer.id == ProposalQuestion.answered_by)
        .order_by(ProposalQuestion.id)
    )


def _question(row: Row[*tuple[Any, ...]], *, names: bool, answers: bool) -> Question:
    asker = ASKED_AS[row.asked_as]
    if names and row.asker_th:
        name = Text(row.asker_th, row.asker_en)
        asker = _REVIEWER.fill(name=name) if row.asked_as == "reviewer" else name
    return Question(
        id=row.id,
        section=row.section,
        text=row.question,
        asked_as=row.asked_as,
        asker=asker,
        asked_at=row.asked_at,
        answer=row.answer if answers else "",
        answered_at=row.answered_at if answers else None,
        answerer=Text(row.answerer_th, row.answerer_en) if answers and row.answerer_th else None,
    )


def _in_order(questions: list[Question]) -> tuple[Question, ...]:
    places = list(SECTIONS)
    return tuple(sorted(questions, key=lambda q: places.index(q.section)))


def find_open_return(session: Session, proposal_id: int) -> OpenReturn | None:
    """The return that waits for the agency, with its questions; None when there is none."""
    rows = session.execute(
        _with_questions(select(ProposalReturn)).where(
            ProposalReturn.proposal_id == proposal_id, ProposalReturn.state == "open"
        )
    ).all()
    if not rows:
        return None
    found = rows[0].ProposalReturn
    return OpenReturn(
        id=found.id,
        proposal_id=proposal_id,
        cycle=found.cycle,
        submission_id=found.submission_id,
        sections=frozenset(json.loads(found.sections)),
        message=found.message,
        returned_at=found.returned_at,
        due_at=found.due_at,
        questions=_in_order([_question(q, names=False, answers=True) for q in rows if q.id]),
    )


@dataclass(frozen=True, slots=True)
class ReturnView:
    """One return in the life of a proposal. `sequence` is the filing that was returned; `state` open, answered (filed
    again) or closed (the last filing counts). `answered` counts the questions with an answer, whoever looks."""

    id: int
    cycle: int
    state: str
    sequence: int
    sections: tuple[str, ...]
    message: str
    returned_at: datetime
    returned_by: Text
    due_at: datetime
    ended_at: datetime | None
    questions: tuple[Question, ...]
    answered: int


def list_returns(
    session: Session, actor: Actor, proposal_id: int, assigned_to: frozenset[int] = frozenset()
) -> list[ReturnView]:
    """Every return of a proposal, oldest first, as much of it as the actor may know; two queries.

    `assigned_to` are the reviewers the caller's room knows of. Raises `NotFound`.
    """
    row = session.execute(select(Proposal.state, OWNERS).where(Proposal.id == proposal_id)).first()
    if row is None:
        raise NotFound()
    agency_ids = read_owners(row.owners)
    if not may(actor, Permission.READ_PROPOSAL, Target(agency_ids)):
        require(actor, Permission.READ_FILING, Target(agency_ids, assigned_to))
        if row.state == DRAFT:
            raise NotFound()
    return _returns(session, actor, proposal_id, agency_ids)


def list_returns_of_filing(session: Session, actor: Actor, filing: Filing) -> list[ReturnView]:
    """The same for a caller who has got `filing` by `get_filing`; one query."""
    return _returns(session, actor, filing.proposal_id, filing.agency_ids)


def _returns(
    session: Session, actor: Actor, proposal_id: int, agency_ids: frozenset[int]
) -> list[ReturnView]:
    is_own = may(actor, Permission.READ_PROPOSAL, Target(agency_ids))
    names = may(actor, Permission.RETURN_PROPOSAL)
    found = []
    for _, group in groupby(
        session.execute(
            _with_questions(
                select(ProposalReturn, Submission.sequence, User.name_th, User.name_en)
                .join(Submission, Submission.id == ProposalReturn.submission_id)
                .outerjoin(User, User.id == ProposalReturn.returned_by)
                .where(ProposalReturn.proposal_id == proposal_id)
                .order_by(ProposalReturn.cycle)
            )
        ),
        key=lambda row: row.ProposalReturn.id,
    ):
        rows = list(group)
        r, first, asked = rows[0].ProposalReturn, rows[0], [row for row in rows if row.id]
        answers = is_own or r.state == "answered"
        found.append(
            ReturnView(
                id=r.id,
                cycle=r.cycle,
                state=r.state,
                sequence=first.sequence,
                sections=tuple(json.loads(r.sections)),
                message=r.message,
                returned_at=r.returned_at,
                returned_by=Text(first.name_th, first.name_en)
                if names and first.name_th
                else ASKED_AS["secretariat"],
                due_at=r.due_at,
                ended_at=r.ended_at,
                questions=_in_order([_question(q, names=names, answers=answers) for q in asked]),
                answered=sum(1 for q in asked if q.answer),
            )
        )
    return found


def list_pending(session: Session, actor: Actor, proposal_id: int) -> tuple[Question, ...]:
    """Questions the secretariat has neither sent nor dropped. Raises `Forbidden` without RETURN_PROPOSAL."""
    require(actor, Permission.RETURN_PROPOSAL)
    rows = session.execute(
        _with_people(select(*_QUESTION)).where(
            ProposalQuestion.proposal_id == proposal_id,
            ProposalQuestion.return_id.is_(None),
            ProposalQuestion.dropped_at.is_(None),
        )
    )
    return _in_order([_question(q, names=True, answers=False) for q in rows])


def count_pending(session: Session, proposal_id: int) -> int:
    """How many questions about a proposal wait for the secretariat."""
    return session.execute(
        select(func.count())
        .select_from(ProposalQuestion)
        .where(
            ProposalQuestion.proposal_id == proposal_id,
            ProposalQuestion.return_id.is_(None),
            ProposalQuestion.dropped_at.is_(None),
        )
    ).scalar_one()


def find_question(session: Session, actor: Actor, question_id: int) -> int:
    """The proposal a question is about, for the page it is mended on. Raises `NotFound`."""
    require(actor, Permission.RETURN_PROPOSAL)
    found = session.scalar(select(ProposalQuestion.proposal_id).where(ProposalQuestion.id == question_id))
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question of the reader's own and what became of it: waiting, dropped, sent, or answered in a later filing."""

    section: str
    text: str
    asked_at: datetime
    fate: str
    answer: str


FATES = {
    "waiting": Text("รอฝ่ายเลขานุการส่ง", "Waits for the secretariat"),
    "dropped": Text("ฝ่ายเลขานุการไม่ส่ง", "Not sent by the secretariat"),
    "sent": Text("ส่งถึงหน่วยงานแล้ว", "Sent to the agency"),
    "answered": Text("หน่วยงานตอบแล้ว", "Answered"),
    "closed": Text("หน่วยงานไม่ได้ยื่นใหม่", "The agency did not file again"),
}


def list_own_questions(session: Session, actor: Actor, proposal_id: int) -> list[OwnQuestion]:
    """What the actor asked about a proposal as a reviewer, oldest first."""
    require(actor, Permission.ASK_QUESTION)
    rows = session.execute(
        select(ProposalQuestion, ProposalReturn.state)
        .outerjoin(ProposalReturn, ProposalReturn.id == ProposalQuestion.return_id)
        .where(
            ProposalQuestion.proposal_id == proposal_id,
            ProposalQuestion.asked_by == actor.id,
            ProposalQuestion.asked_as == "reviewer",
        )
        .order_by(ProposalQuestion.id)
    )
    return [_own(question, state) for question, state in rows]


def _own(q: ProposalQuestion, state: str | None) -> OwnQuestion:
    if q.dropped_at is not None:
        fate = "dropped"
    elif state is None:
        fate = "waiting"
    else:
        fate = {"open": "sent"}.get(state, state)
    return OwnQuestion(q.section, q.question, q.asked_at, fate, q.answer if state == "answered" else "")
