"""Discussions of proposals, as the secretariat and the reviewers who take part in them read them. Nobody else does."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Subquery, and_, case, func, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency, User
from app.identity.rules import Permission, Target, require
from app.kernel.errors import NotFound
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import DRAFT, RECORDED, REVIEWABLE_STATES
from app.reviews.facts import RoundFacts
from app.reviews.models import Assignment, DiscussionNote, DiscussionOutcome
from app.reviews.queries.conflicts import read_interests
from app.reviews.queries.own import AssignmentView, Sealed, get_assignment
from app.reviews.queries.reviews import ReviewView, read_reviews
from app.reviews.queries.rounds import ROUND_COLUMNS, ROUNDS, read_round
from app.reviews.states import ACCEPTED, FINAL
from app.reviews.threads import WRITTEN_IN, Conclusion, FinalScore, ThreadState, why_silent

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
        return tuple(FinalScore(r.reviewer, _since(r.finalised_at, self.outcome.at)) for r in self.reviews)


def _since(given_at: datetime | None, asked_at: datetime) -> datetime | None:
    return given_at if given_at is not None and given_at >= asked_at else None


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


def list_threads(session: Session, actor: Actor, call_id: int) -> dict[int, ThreadState]:
    """Proposal id -> how far its discussion is, for the secretariat; proposals nobody has said anything about are not
    in it. Three queries for any number of proposals."""
    require(actor, Permission.DISCUSS_PROPOSAL, Target())
    said = {
        r.proposal_id: r
        for r in session.execute(
            select(
                DiscussionNote.proposal_id,
                func.count().label("notes"),
                func.max(DiscussionNote.at).label("last_at"),
                func.max(case((DiscussionNote.is_reviewer, DiscussionNote.id))).label("reviewer"),
                func.max(case((DiscussionNote.is_reviewer, DiscussionNote.at))).label("reviewer_at"),
                func.max(case((DiscussionNote.is_reviewer, None), else_=DiscussionNote.id)).label(
                    "secretariat"
                ),
            )
            .join(Proposal, Proposal.id == DiscussionNote.proposal_id)
            .where(Proposal.call_id == call_id, DiscussionNote.taken_back_at.is_(None))
            .group_by(DiscussionNote.proposal_id)
        )
    }
    latest = _latest_outcomes()
    concluded = {
        r.proposal_id: r
        for r in session.execute(
            select(
                DiscussionOutcome.proposal_id,
                DiscussionOutcome.outcome,
                DiscussionOutcome.text,
                DiscussionOutcome.at,
            )
            .join(latest, latest.c.id == DiscussionOutcome.id)
            .join(Proposal, Proposal.id == DiscussionOutcome.proposal_id)
            .where(Proposal.call_id == call_id)
        )
    }
    finals = _finals(session, call_id)
    threads = {}
    for proposal_id in said.keys() | concluded.keys():
        note, outcome = said.get(proposal_id), concluded.get(proposal_id)
        asks = (
            note is not None
            and note.reviewer is not None
            and note.reviewer > (note.secretariat or 0)
            and (outcome is None or outcome.at < note.reviewer_at)
        )
        threads[proposal_id] = ThreadState(
            notes=note.notes if note else 0,
            last_at=note.last_at if note else None,
            is_unanswered=asks,
            conclusion=Conclusion(outcome.outcome) if outcome else None,
            text=outcome.text if outcome else "",
            concluded_at=outcome.at if outcome else None,
            finals=tuple(finals.get(proposal_id, ())),
        )
    return threads


def _latest_outcomes() -> Subquery:
    return (
        select(func.max(DiscussionOutcome.id).label("id")).group_by(DiscussionOutcome.proposal_id).subquery()
    )


def _finals(session: Session, call_id: int) -> dict[int, list[FinalScore]]:
    """Proposal id -> whose final scores are expected, where the latest outcome asks for them."""
    latest = _latest_outcomes()
    finals: defaultdict[int, list[FinalScore]] = defaultdict(list)
    for r in session.execute(
        select(
            Assignment.proposal_id, Assignment.finalised_at, DiscussionOutcome.at, User.name_th, User.name_en
        )
        .join(DiscussionOutcome, DiscussionOutcome.proposal_id == Assignment.proposal_id)
        .join(latest, latest.c.id == DiscussionOutcome.id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(User, User.id == Assignment.reviewer_id)
        .where(
            Proposal.call_id == call_id,
            DiscussionOutcome.outcome == Conclusion.RESCORE.value,
            Assignment.state == ACCEPTED,
            Assignment.submitted_at.is_not(None),
        )
        .order_by(Assignment.id)
    ):
        finals[r.proposal_id].append(FinalScore(Text(r.name_th, r.name_en), _since(r.finalised_at, r.at)))
    return finals


@dataclass(frozen=True, slots=True)
class OwnDiscussion:
    """A discussion a reviewer takes part in. `notes` counts everybody's, not taken back; `has_new`: somebody else wrote
    after the reviewer's last note; `wants_final`: a final score is asked for, can be given now and was not."""

    assignment_id: int
    proposal_id: int
    fiscal_year: int
    number: str
    title: Text
    agency: Text
    round: RoundFacts
    notes: int
    last_at: datetime | None
    has_new: bool
    conclusion: Conclusion | None
    wants_final: bool

    @property
    def waits(self) -> bool:
        return self.has_new or self.wants_final


def list_own_discussions(session: Session, actor: Actor) -> list[OwnDiscussion]:
    """The discussions going on in which this reviewer takes part and something was said or recorded: those that wait
    for the reviewer first, then by number. Nothing that a conflict of interest holds is in it. Four queries."""
    require(actor, Permission.SCORE_PROPOSAL)
    rows = session.execute(
        select(
            Assignment.id,
            Assignment.proposal_id,
            Assignment.finalised_at,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Agency.name_th,
            Agency.name_en,
            Call.fiscal_year,
            *ROUND_COLUMNS,
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .join(Call, Call.id == Proposal.call_id)
        .join(ROUNDS, ROUNDS.c.call_id == Call.id)
        .where(
            Assignment.reviewer_id == actor.id,
            Assignment.state == ACCEPTED,
            Assignment.submitted_at.is_not(None),
            Proposal.state.in_(REVIEWABLE_STATES),
            ROUNDS.c.phase.in_(WRITTEN_IN),
        )
        .order_by(Proposal.number)
    ).all()
    if not rows or actor.id is None:
        return []
    interests = read_interests(session, [r.proposal_id for r in rows], [actor.id])
    open_ = [r for r in rows if interests.standing(r.proposal_id, actor.id).is_clear]
    mine = select(Assignment.proposal_id).where(Assignment.reviewer_id == actor.id)
    is_own = DiscussionNote.author_id == actor.id
    stands = DiscussionNote.taken_back_at.is_(None)
    said = {
        r.proposal_id: r
        for r in session.execute(
            select(
                DiscussionNote.proposal_id,
                func.count(case((stands, DiscussionNote.id))).label("notes"),
                func.max(case((stands, DiscussionNote.at))).label("last_at"),
                func.max(case((is_own, DiscussionNote.id))).label("own"),
                func.max(case((and_(~is_own, stands), DiscussionNote.id))).label("others"),
            )
            .where(DiscussionNote.proposal_id.in_(mine))
            .group_by(DiscussionNote.proposal_id)
        )
    }
    latest = _latest_outcomes()
    concluded = {
        r.proposal_id: r
        for r in session.execute(
            select(DiscussionOutcome.proposal_id, DiscussionOutcome.outcome, DiscussionOutcome.at)
            .join(latest, latest.c.id == DiscussionOutcome.id)
            .where(DiscussionOutcome.proposal_id.in_(mine))
        )
    }
    found = []
    for r in open_:
        note, outcome, round_ = said.get(r.proposal_id), concluded.get(r.proposal_id), read_round(r)
        if (note is None or not note.notes) and outcome is None:
            continue
        conclusion = Conclusion(outcome.outcome) if outcome else None
        found.append(
            OwnDiscussion(
                assignment_id=r.id,
                proposal_id=r.proposal_id,
                fiscal_year=r.fiscal_year,
                number=r.number,
                title=Text(r.title_th, r.title_en),
                agency=Text(r.name_th, r.name_en),
                round=round_,
                notes=note.notes if note else 0,
                last_at=note.last_at if note else None,
                has_new=note is not None and (note.others or 0) > (note.own or 0),
                conclusion=conclusion,
                wants_final=outcome is not None
                and conclusion is Conclusion.RESCORE
                and round_.phase == FINAL
                and _since(r.finalised_at, outcome.at) is None,
            )
        )
    return sorted(found, key=lambda d: not d.waits)
