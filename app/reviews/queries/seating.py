"""Who may be given which proposal, and why not: everything that decides it, read once for any number of pairs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.identity.facts import Actor, Body, Role
from app.identity.models import User, UserMembership
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import DRAFT, REVIEWABLE_STATES
from app.reviews.conflicts import GROUND_NAMES, Ground, Standing, Verdict
from app.reviews.facts import RoundFacts
from app.reviews.models import Assignment, ReviewerProfile
from app.reviews.queries.conflicts import Interests, Pair, read_interests
from app.reviews.queries.rounds import ROUND_COLUMNS, ROUNDS, get_round, read_round
from app.reviews.states import LOCKED, STANDING_STATES

NOT_REVIEWABLE = Text(
    "มอบหมายได้เฉพาะข้อเสนอที่ผ่านการกลั่นกรองและยังไม่มีมติ",
    "Only proposals that passed screening and are not yet decided can be assigned",
)
IS_LOCKED = Text(
    "รอบพิจารณาปิดแล้ว จึงมอบหมายเพิ่มหรือยกเลิกไม่ได้",
    "The round is locked, so nothing can be assigned or taken back",
)
OWN_AGENCY = Text(
    "{name} สังกัดหน่วยงานของข้อเสนอนี้ (ผลประโยชน์ทับซ้อน)",
    "{name} belongs to an agency of this proposal (conflict of interest)",
)
IN_CONFLICT = Text(
    "{name} มีผลประโยชน์ทับซ้อน: {ground}",
    "{name} has a conflict of interest: {ground}",
)
TO_BE_JUDGED = Text(
    "{name} มีเหตุที่ต้องวินิจฉัยก่อน: {ground} กรุณาบันทึกคำวินิจฉัยในหน้าผลประโยชน์ทับซ้อน",
    "{name} has an interest that must be judged first: {ground}. Record your word on the page of conflicts",
)
FULL = Text(
    "{name} ได้รับมอบหมายครบ {limit} เรื่องตามที่กำหนดแล้ว", "{name} already has {limit} proposals, the most allowed"
)
REASON_WANTED = Text(
    "ผู้พิจารณาเริ่มให้คะแนนแล้ว กรุณาระบุเหตุผลที่ยกเลิกการมอบหมาย",
    "The reviewer has begun; say why the assignment is taken back",
)


def why_not(name: Text, standing: Standing) -> Text | None:
    """Why a reviewer cannot be given a proposal, in words for the secretariat; None when clear."""
    decisive = standing.decisive
    if decisive is None:
        return None
    if decisive.ground in (Ground.MEMBERSHIP, Ground.PARTICIPATION):
        return OWN_AGENCY.fill(name=name)
    words = TO_BE_JUDGED if standing.verdict is Verdict.ASKED else IN_CONFLICT
    return words.fill(name=name, ground=GROUND_NAMES[decisive.ground])


def find_proposal(session: Session, actor: Actor, assignment_id: int) -> int:
    """Which filed proposal an assignment is of. Raises `NotFound`."""
    require(actor, Permission.ASSIGN_REVIEWER)
    found = session.scalar(
        select(Assignment.proposal_id)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Assignment.id == assignment_id, Proposal.state != DRAFT)
    )
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody who reviews, within a call: `load` proposals, `done` of them in. `limit` None is no limit."""

    user_id: int
    name: Text
    body: Body
    load: int
    done: int
    limit: int | None

    def full(self, load: int) -> Text | None:
        """Why the person cannot be given one more when there are `load` already."""
        if self.limit is None or load < self.limit:
            return None
        return FULL.fill(name=self.name, limit=self.limit)


def read_crew(session: Session, call_id: int) -> tuple[RoundFacts, dict[int, Reviewer]]:
    """The round of a call, and everybody active who reviews, by body. One query (two where nobody reviews)."""
    given = (
        select(
            Assignment.reviewer_id,
            func.count().label("load"),
            func.count(Assignment.submitted_at).label("done"),
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Proposal.call_id == call_id, Proposal.state != DRAFT, Assignment.state.in_(STANDING_STATES))
        .group_by(Assignment.reviewer_id)
        .subquery()
    )
    rows = session.execute(
        select(
            User.id,
            User.name_th,
            User.name_en,
            UserMembership.body,
            given.c.load,
            given.c.done,
            ReviewerProfile.load_limit.label("own_limit"),
            *ROUND_COLUMNS,
        )
        .join(UserMembership, UserMembership.user_id == User.id)
        .outerjoin(given, given.c.reviewer_id == User.id)
        .outerjoin(
            ReviewerProfile, (ReviewerProfile.user_id == User.id) & (ReviewerProfile.call_id == call_id)
        )
        .outerjoin(ROUNDS, ROUNDS.c.call_id == call_id)
        .where(UserMembership.role == Role.REVIEWER.value, User.disabled_at.is_(None))
        .order_by(UserMembership.body, User.id)
    ).all()
    round_ = read_round(rows[0]) if rows else get_round(session, call_id)
    return round_, {
        r.id: Reviewer(
            r.id,
            Text(r.name_th, r.name_en),
            Body(r.body),
            r.load or 0,
            r.done or 0,
            round_.load_limit if r.own_limit is None else r.own_limit,
        )
        for r in rows
    }


@dataclass(frozen=True, slots=True)
class Held:
    """An assignment that is there already, in whatever state."""

    assignment_id: int
    state: str
    has_begun: bool

    @property
    def stands(self) -> bool:
        return self.state in STANDING_STATES


@dataclass(frozen=True, slots=True)
class Seating:
    """What decides who may be given what in a call. `states` are of the proposals asked for that are filed, `people`
    everybody who reviews."""

    round: RoundFacts
    states: Mapping[int, str]
    people: Mapping[int, Reviewer]
    held: Mapping[Pair, Held]
    interests: Interests

    def bar_of(self, proposal_id: int) -> Text | None:
        """Why nobody can be given a proposal now."""
        if self.round.phase == LOCKED:
            return IS_LOCKED
        return None if self.states[proposal_id] in REVIEWABLE_STATES else NOT_REVIEWABLE

    def interest_of(self, proposal_id: int, user_id: int) -> Text | None:
        """Why a reviewer must not have a proposal: a conflict of interest, or what may be one."""
        return why_not(self.people[user_id].name, self.interests.standing(proposal_id, user_id))


def read_seating(
    session: Session, call_id: int, proposal_ids: Collection[int], user_ids: Collection[int] | None = None
) -> Seating:
    """Read it for some proposals of a call and some people (None: everybody who reviews). Four queries."""
    round_, people = read_crew(session, call_id)
    states = {
        proposal_id: state
        for proposal_id, state in session.execute(
            select(Proposal.id, Proposal.state).where(
                Proposal.call_id == call_id, Proposal.id.in_(proposal_ids), Proposal.state != DRAFT
            )
        )
    }
    held = {
        (r.proposal_id, r.reviewer_id): Held(r.id, r.state, r.updated_at is not None)
        for r in session.execute(
            select(
                Assignment.id,
                Assignment.proposal_id,
                Assignment.reviewer_id,
                Assignment.state,
                Assignment.updated_at,
            ).where(Assignment.proposal_id.in_(states))
        )
    }
    asked = set(people) if user_ids is None else set(user_ids)
    return Seating(round_, states, people, held, read_interests(session, states, asked))
