"""Discussions of proposals, as the secretariat and the reviewers who take part in them read them. Nobody else does."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.facts import Actor
from app.identity.models import Agency, User
from app.identity.rules import Permission, Target, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import DRAFT, RECORDED
from app.reviews.facts import RoundFacts
from app.reviews.models import DiscussionNote, DiscussionOutcome
from app.reviews.queries.own import AssignmentView, Sealed, get_assignment
from app.reviews.queries.reviews import ReviewView, read_reviews
from app.reviews.queries.rounds import ROUND_COLUMNS, ROUNDS, read_round
from app.reviews.threads import Conclusion, FinalScore, given_since, why_silent

OWN_FIRST = Text(
    "การหารือเปิดให้อ่านหลังจากท่านส่งผลคะแนนของท่านแล้ว",
    "The discussion opens once your own scores are in",
)
UNNAMED = Text("ไม่ระบุชื่อ", "No name")


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note of a discussion. `author` is named as the round shows names to the reader; `text` is empty where the
    author has taken it back."""

    id: int
    author: Text
    body: Text | None
    is_reviewer: bool
    is_mine: bool
    text: str
    at: datetime
    taken_back_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """What somebody of the secretariat recorded as the outcome of a discussion."""

    id: int
    conclusion: Conclusion
    text: str
    at: datetime
    by: Text


@dataclass(frozen=True, slots=True)
class Discussion:
    """A discussion as its reader may see it. `reviews` are those that count; `outcomes` the latest first, of which the
    first one counts."""

    proposal_id: int
    call_id: int
    number: str
    title: Text
    agency: Text
    state: str
    round: RoundFacts
    reviews: tuple[ReviewView, ...]
    notes: tuple[NoteView, ...]
    outcomes: tuple[OutcomeView, ...]

    @property
    def outcome(self) -> OutcomeView | None:
        return self.outcomes[0] if self.outcomes else None

    @property
    def why_silent(self) -> Text | None:
        """Why nothing can be written now; None when it can."""
        return why_silent(self.round.phase, self.state)

    @property
    def finals(self) -> tuple[FinalScore, ...]:
        """From whom final scores are expected, and who has given one since they were asked for."""
        if self.outcome is None or self.outcome.conclusion is not Conclusion.RESCORE:
            return ()
        return tuple(
            FinalScore(r.reviewer, given_since(r.finalised_at, self.outcome.at)) for r in self.reviews
        )

    def owes_final(self, assignment_id: int) -> bool:
        """Whether the reviewer of this assignment was asked for a final score and has not given it."""
        pairs = zip(self.reviews, self.finals, strict=False)
        return any(r.assignment_id == assignment_id and final.given_at is None for r, final in pairs)


def get_discussion(session: Session, actor: Actor, proposal_id: int) -> Discussion:
    """The discussion of a proposal for the secretariat. Raises `NotFound` for anybody else. Four queries."""
    require(actor, Permission.DISCUSS_PROPOSAL, Target())
    return _read(session, actor, proposal_id)


def get_own_discussion(
    session: Session, actor: Actor, assignment_id: int
) -> tuple[AssignmentView, Discussion]:
    """The discussion that an assignment of the actor's own opens, conflicts being judged anew. Raises `NotFound`, and
    `Sealed` where the assignment cannot be opened or its scores are not in. Seven queries."""
    own = get_assignment(session, actor, assignment_id)
    require(actor, Permission.DISCUSS_PROPOSAL, Target(user_ids=frozenset({own.reviewer_id})))
    if own.submitted_at is None:
        raise Sealed(OWN_FIRST)
    return own, _read(session, actor, own.proposal_id)


def _read(session: Session, actor: Actor, proposal_id: int) -> Discussion:
    row = session.execute(
        select(
            Proposal.call_id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.state,
            Agency.name_th,
            Agency.name_en,
            *ROUND_COLUMNS,
        )
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .outerjoin(ROUNDS, ROUNDS.c.call_id == Proposal.call_id)
        .where(Proposal.id == proposal_id, Proposal.state.not_in((DRAFT, RECORDED)))
    ).first()
    if row is None:
        raise NotFound()
    reviews = read_reviews(session, actor, proposal_id)
    return Discussion(
        proposal_id=proposal_id,
        call_id=row.call_id,
        number=row.number,
        title=Text(row.title_th, row.title_en),
        agency=Text(row.name_th, row.name_en),
        state=row.state,
        round=read_round(row),
        reviews=tuple(r for r in reviews if r.counts),
        notes=_notes(session, actor, proposal_id, reviews),
        outcomes=tuple(read_outcomes(session, proposal_id)),
    )


def _notes(
    session: Session, actor: Actor, proposal_id: int, reviews: list[ReviewView]
) -> tuple[NoteView, ...]:
    # a reviewer is called in the thread as beside the scores: by name, or by the same number
    called = {r.reviewer_id: (r.reviewer, r.body) for r in reviews}
    rows = session.execute(
        select(DiscussionNote, User.name_th, User.name_en)
        .join(User, User.id == DiscussionNote.author_id)
        .where(DiscussionNote.proposal_id == proposal_id)
        .order_by(DiscussionNote.id)
    )
    notes = []
    for note, name_th, name_en in rows:
        author, body = (
            called.get(note.author_id, (UNNAMED, None))
            if note.is_reviewer
            else (Text(name_th, name_en), None)
        )
        notes.append(
            NoteView(
                id=note.id,
                author=author,
                body=body,
                is_reviewer=note.is_reviewer,
                is_mine=note.author_id == actor.id,
                text="" if note.taken_back_at is not None else note.text,
                at=note.at,
                taken_back_at=note.taken_back_at,
            )
        )
    return tuple(notes)


def read_outcomes(session: Session, proposal_id: int) -> list[OutcomeView]:
    """What was recorded as the outcome of a proposal's discussion, the latest first. The caller has asked whether the
    actor may read it."""
    rows = session.execute(
        select(DiscussionOutcome, User.name_th, User.name_en)
        .outerjoin(User, User.id == DiscussionOutcome.by)
        .where(DiscussionOutcome.proposal_id == proposal_id)
        .order_by(DiscussionOutcome.id.desc())
    )
    return [
        OutcomeView(
            outcome.id,
            Conclusion(outcome.outcome),
            outcome.text,
            outcome.at,
            Text(name_th, name_en) if name_th is not None else UNNAMED,
        )
        for outcome, name_th, name_en in rows
    ]


def list_outcomes(session: Session, actor: Actor, proposal_id: int) -> list[OutcomeView]:
    """The outcomes of a proposal's discussion for those who read reviews, the latest first; never what was said."""
    require(actor, Permission.READ_REVIEWS)
    return read_outcomes(session, proposal_id)
