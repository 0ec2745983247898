"""How far discussions are: all of a call for the secretariat, and those a reviewer takes part in."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Subquery, and_, case, func, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.models import Agency, User
from app.identity.rules import Permission, Target, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import REVIEWABLE_STATES
from app.reviews.facts import RoundFacts
from app.reviews.models import Assignment, DiscussionNote, DiscussionOutcome
from app.reviews.queries.conflicts import read_interests
from app.reviews.queries.rounds import ROUND_COLUMNS, ROUNDS, read_round
from app.reviews.states import ACCEPTED, FINAL
from app.reviews.threads import WRITTEN_IN, Conclusion, FinalScore, ThreadState, given_since


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
        finals[r.proposal_id].append(
            FinalScore(Text(r.name_th, r.name_en), given_since(r.finalised_at, r.at))
        )
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
                and given_since(r.finalised_at, outcome.at) is None,
            )
        )
    return sorted(found, key=lambda d: not d.waits)
