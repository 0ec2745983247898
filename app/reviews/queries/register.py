"""The register of interests of a call: who is tied to what, what that rests on, and every word on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import Actor, Body
from app.identity.models import Agency, User
from app.identity.queries import list_agencies, list_clashing, list_committee, list_reviewers
from app.identity.rules import Permission, may, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import DRAFT, RANKED_STATES, REVIEWABLE_STATES
from app.reviews.conflicts import Ground, Standing, Statement, Verdict
from app.reviews.models import Assignment, ConflictStatement, DeclaredTie
from app.reviews.queries.conflicts import read_interests
from app.reviews.states import STANDING_STATES


class Situation(StrEnum):
    """What a tied pair wants of the secretariat, the most pressing first."""

    PRESSING = "pressing"  # an assignment stands although it may not be read
    ASKED = "asked"
    BARRED = "barred"
    CLEARED = "cleared"


SITUATIONS: dict[Situation, Text] = {
    Situation.PRESSING: Text("มอบหมายแล้วแต่เปิดไม่ได้", "Assigned, and held"),
    Situation.ASKED: Text("รอคำวินิจฉัย", "To be judged"),
    Situation.BARRED: Text("พิจารณาไม่ได้", "Barred"),
    Situation.CLEARED: Text("วินิจฉัยแล้วว่าพิจารณาได้", "Judged: no conflict"),
}
_ORDER = {situation: n for n, situation in enumerate(Situation)}


@dataclass(frozen=True, slots=True)
class TiedPair:
    """A person with a tie to a proposal. `body` is None for a member of the committee. `history` are all words ever said
    of the pair, oldest first."""

    proposal_id: int
    number: str
    title: Text
    lead: Text
    user_id: int
    name: Text
    body: Body | None
    standing: Standing
    history: tuple[Statement, ...]
    assignment_id: int | None = None
    assignment_state: str = ""
    is_in: bool = False

    @property
    def key(self) -> str:
        return f"{self.proposal_id}-{self.user_id}"

    @property
    def stands(self) -> bool:
        """Whether the proposal is given to this person now."""
        return self.assignment_state in STANDING_STATES

    @property
    def situation(self) -> Situation:
        if self.stands and not self.standing.is_clear:
            return Situation.PRESSING
        return {
            Verdict.ASKED: Situation.ASKED,
            Verdict.BARRED: Situation.BARRED,
            Verdict.CLEAR: Situation.CLEARED,
        }[self.standing.verdict]


@dataclass(frozen=True, slots=True)
class TieRow:
    """A tie with an agency as a reviewer declared it; taken back when `ended_at` is set."""

    id: int
    user_id: int
    name: Text
    agency_id: int
    agency: Text
    tie: Ground
    left_on: date | None
    note: str
    at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Register:
    """All ties of a call. `people` are all who review or decide, user id -> name; `offices` those barred from every
    proposal because of what else they are; `speakers` whoever gave a word."""

    pairs: tuple[TiedPair, ...]
    people: Mapping[int, Text]
    offices: tuple[Text, ...]
    agencies: Mapping[int, Text]
    ministries: Mapping[int, Text]
    speakers: Mapping[int, Text]
    all_pairs: int

    def counts(self) -> Counter[Situation]:
        return Counter(pair.situation for pair in self.pairs)

    def rests_on(self, ground: Ground, ids: Iterable[int]) -> Text:
        """The names of the agencies or ministries a ground rests on."""
        names = self.ministries if ground is Ground.MINISTRY else self.agencies
        found = [names[i] for i in sorted(ids) if i in names]
        return Text(", ".join(n.th for n in found), ", ".join(n.en for n in found))


def read_register(session: Session, actor: Actor, call: CallView) -> Register:
    """Every pair of an active reviewer or committee member and a proposal of the call between whom anything stands: what
    presses first, then by number. Nine queries, however many pairs there are."""
    require(actor, Permission.JUDGE_CONFLICT)
    assigned = {
        (a.proposal_id, a.reviewer_id): a
        for a in session.execute(
            select(
                Assignment.id,
                Assignment.proposal_id,
                Assignment.reviewer_id,
                Assignment.state,
                Assignment.submitted_at,
            )
            .join(Proposal, Proposal.id == Assignment.proposal_id)
            .where(Proposal.call_id == call.id)
        )
    }
    proposals = {
        p.id: p
        for p in session.execute(
            select(
                Proposal.id,
                Proposal.number,
                Proposal.title_th,
                Proposal.title_en,
                Agency.name_th,
                Agency.name_en,
            )
            .join(Agency, Agency.id == Proposal.lead_agency_id)
            .where(
                Proposal.call_id == call.id,
                Proposal.state != DRAFT,
                or_(
                    Proposal.state.in_(RANKED_STATES),
                    Proposal.id.in_(
                        select(Assignment.proposal_id).where(Assignment.state.in_(STANDING_STATES))
                    ),
                ),
            )
        )
    }
    reviewers = {user_id: (name, body) for user_id, name, body, _ in list_reviewers(session)}
    deciders = list_committee(session)
    clashing = {user_id for user_id, _ in list_clashing(session)}
    people = {user_id: name for user_id, (name, _) in reviewers.items()} | deciders
    interests = read_interests(session, proposals, people)
    pairs = []
    for pair in interests.tied_pairs():
        proposal_id, user_id = pair
        if user_id not in people:
            continue
        standing = interests.standing_at_meeting(*pair) if user_id in deciders else interests.standing(*pair)
        if not standing.grounds and pair not in interests.statements:
            continue
        p, a = proposals[proposal_id], assigned.get(pair)
        pairs.append(
            TiedPair(
                proposal_id=proposal_id,
                number=p.number,
                title=Text(p.title_th, p.title_en),
                lead=Text(p.name_th, p.name_en),
                user_id=user_id,
                name=people[user_id],
                body=None if user_id in deciders else reviewers[user_id][1],
                standing=standing,
                history=interests.statements.get(pair, ()),
                assignment_id=a.id if a else None,
                assignment_state=a.state if a else "",
                is_in=bool(a and a.submitted_at),
            )
        )
    pairs.sort(key=lambda one: (_ORDER[one.situation], not one.stands, one.number, one.user_id))
    agencies = list_agencies(session)
    return Register(
        pairs=tuple(pairs),
        people=people,
        offices=tuple(people[user_id] for user_id in sorted(clashing & reviewers.keys())),
        agencies={a.id: a.name for a in agencies},
        ministries={a.ministry_id: a.ministry for a in agencies},
        speakers=_names(session, {s.by for pair in pairs for s in pair.history if s.by is not None}),
        all_pairs=len(people) * len(proposals),
    )


def _names(session: Session, user_ids: Iterable[int]) -> dict[int, Text]:
    rows = session.execute(select(User.id, User.name_th, User.name_en).where(User.id.in_(user_ids)))
    return {r.id: Text(r.name_th, r.name_en) for r in rows}


def list_ties(session: Session, actor: Actor) -> list[TieRow]:
    """What reviewers declared before anything was assigned, the latest first: everybody's for those who judge it, else
    the actor's own. One query."""
    statement = (
        select(DeclaredTie, User.name_th, User.name_en, Agency.name_th, Agency.name_en)
        .join(User, User.id == DeclaredTie.user_id)
        .join(Agency, Agency.id == DeclaredTie.agency_id)
        .order_by(DeclaredTie.ended_at.is_not(None), DeclaredTie.id.desc())
    )
    if not may(actor, Permission.JUDGE_CONFLICT):
        require(actor, Permission.DECLARE_INTEREST)
        statement = statement.where(DeclaredTie.user_id == actor.id)
    return [
        TieRow(
            row.id,
            row.user_id,
            Text(user_th, user_en),
            row.agency_id,
            Text(agency_th, agency_en),
            Ground(row.tie),
            row.left_on,
            row.note,
            row.at,
            row.ended_at,
        )
        for row, user_th, user_en, agency_th, agency_en in session.execute(statement)
    ]


@dataclass(frozen=True, slots=True)
class OwnDeclaration:
    """What a reviewer said of a proposal on which they once declared a conflict. Its title is not told."""

    proposal_id: int
    number: str
    lead: Text
    is_conflict: bool
    reason: str
    at: datetime
    is_current: bool


def list_own_declarations(session: Session, actor: Actor) -> list[OwnDeclaration]:
    """The conflicts the actor declared, taken-back ones too, the latest first. One query."""
    require(actor, Permission.DECLARE_INTEREST)
    own = (ConflictStatement.user_id == actor.id, ConflictStatement.ground == Ground.DECLARED.value)
    rows = session.execute(
        select(ConflictStatement, Proposal.number, Agency.name_th, Agency.name_en)
        .join(Proposal, Proposal.id == ConflictStatement.proposal_id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .where(
            *own,
            Proposal.state != DRAFT,
            ConflictStatement.proposal_id.in_(
                select(ConflictStatement.proposal_id).where(*own, ConflictStatement.is_conflict)
            ),
        )
        .order_by(ConflictStatement.id.desc())
    )
    found: list[OwnDeclaration] = []
    spoken: set[int] = set()
    for said, number, name_th, name_en in rows:
        found.append(
            OwnDeclaration(
                said.proposal_id,
                number,
                Text(name_th, name_en),
                said.is_conflict,
                said.reason,
                said.at,
                said.proposal_id not in spoken,
            )
        )
        spoken.add(said.proposal_id)
    return found


def count_free(session: Session, actor: Actor) -> int:
    """Of how many proposals the actor said that there is no conflict of interest, at one time or other. One query."""
    require(actor, Permission.DECLARE_INTEREST)
    said = select(func.count(ConflictStatement.proposal_id.distinct())).where(
        ConflictStatement.user_id == actor.id,
        ConflictStatement.ground == Ground.DECLARED.value,
        ConflictStatement.is_conflict.is_(False),
    )
    return session.scalar(said) or 0


def held_by_call(session: Session) -> dict[int, int]:
    """Call id -> how many standing assignments of open proposals their reviewers may not open. Two queries."""
    rows = session.execute(
        select(Proposal.call_id, Assignment.proposal_id, Assignment.reviewer_id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Assignment.state.in_(STANDING_STATES), Proposal.state.in_(REVIEWABLE_STATES))
    ).all()
    if not rows:
        return {}
    interests = read_interests(session, {r.proposal_id for r in rows}, {r.reviewer_id for r in rows})
    tied = interests.tied_pairs()
    return Counter(
        r.call_id
        for r in rows
        if ((r.proposal_id, r.reviewer_id) in tied or interests.ties[r.reviewer_id].holds_office)
        and not interests.standing(r.proposal_id, r.reviewer_id).is_clear
    )


def count_held(session: Session, actor: Actor) -> int:
    """How many of the actor's standing assignments a conflict of interest holds. Two queries."""
    require(actor, Permission.DECLARE_INTEREST)
    if actor.id is None:
        return 0
    given = session.scalars(
        select(Assignment.proposal_id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(
            Assignment.reviewer_id == actor.id,
            Assignment.state.in_(STANDING_STATES),
            Proposal.state != DRAFT,
        )
    ).all()
    interests = read_interests(session, given, [actor.id])
    return sum(not interests.standing(proposal_id, actor.id).is_clear for proposal_id in given)
