"""Who may be given which proposal, and why not: everything that decides it, read once for any number of pairs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.identity.facts import Body
from app.identity.queries import list_reviewers
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import DRAFT, REVIEWABLE_STATES
from app.reviews.conflicts import GROUND_NAMES, Ground, Standing, Verdict
from app.reviews.facts import RoundFacts
from app.reviews.models import Assignment, ReviewerProfile
from app.reviews.queries.conflicts import Interests, Pair, read_interests
from app.reviews.queries.rounds import get_round
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
    everybody who reviews, `loads` how many proposals of the call each has."""

    round: RoundFacts
    states: Mapping[int, str]
    people: Mapping[int, tuple[Text, Body]]
    held: Mapping[Pair, Held]
    interests: Interests
    limits: Mapping[int, int | None]
    loads: Mapping[int, int]

    def limit_of(self, user_id: int) -> int | None:
        """The most proposals a reviewer may have: the person's own limit, else the call's; None is no limit."""
        return self.limits.get(user_id, self.round.load_limit)

    def bar_of(self, proposal_id: int) -> Text | None:
        """Why nobody can be given a proposal now."""
        if self.round.phase == LOCKED:
            return IS_LOCKED
        return None if self.states[proposal_id] in REVIEWABLE_STATES else NOT_REVIEWABLE

    def interest_of(self, proposal_id: int, user_id: int) -> Text | None:
        """Why a reviewer must not have a proposal: a conflict of interest, or what may be one."""
        return why_not(self.people[user_id][0], self.interests.standing(proposal_id, user_id))

    def full(self, user_id: int, load: int) -> Text | None:
        """Why a reviewer who has `load` proposals of the call cannot be given one more."""
        limit = self.limit_of(user_id)
        if limit is None or load < limit:
            return None
        return FULL.fill(name=self.people[user_id][0], limit=limit)


def read_seating(
    session: Session, call_id: int, proposal_ids: Collection[int], user_ids: Collection[int] | None = None
) -> Seating:
    """Read it for some proposals of a call and some people (None: everybody who reviews). Seven queries."""
    people = {user_id: (name, body) for user_id, name, body, _ in list_reviewers(session)}
    asked = set(people) if user_ids is None else set(user_ids)
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
    limits = {
        user_id: limit
        for user_id, limit in session.execute(
            select(ReviewerProfile.user_id, ReviewerProfile.load_limit).where(
                ReviewerProfile.call_id == call_id, ReviewerProfile.load_limit.is_not(None)
            )
        )
    }
    loads = {
        user_id: count
        for user_id, count in session.execute(
            select(Assignment.reviewer_id, func.count())
            .join(Proposal, Proposal.id == Assignment.proposal_id)
            .where(Proposal.call_id == call_id, Assignment.state.in_(STANDING_STATES))
            .group_by(Assignment.reviewer_id)
        )
    }
    return Seating(
        round=get_round(session, call_id),
        states=states,
        people=people,
        held=held,
        interests=read_interests(session, states, asked),
        limits=limits,
        loads=loads,
    )
