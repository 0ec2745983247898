"""The roll of a call: every assignment with how far it is, to be narrowed, sorted and paged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session

from app.calls.models import CallDocument
from app.identity.facts import BODY_NAMES, Actor, Body
from app.identity.models import Agency, User
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.queries.filings import matching
from app.proposals.states import DRAFT, RANKED_STATES, REVIEWABLE_STATES
from app.reviews.facts import RoundFacts
from app.reviews.models import Assignment, Panel
from app.reviews.queries.rounds import get_round
from app.reviews.states import ACCEPTED, GIVEN, STANDING_STATES


class HowFar(StrEnum):
    """How far an assignment is: what is left to do with it."""

    UNANSWERED = "unanswered"
    UNTOUCHED = "untouched"
    BEGUN = "begun"
    MISSING = "missing"
    OVERDUE = "overdue"
    REOPENED = "reopened"
    DONE = "done"
    UNFINAL = "unfinal"
    FINAL = "final"
    ENDED = "ended"


HOW_FAR: dict[HowFar, Text] = {
    HowFar.UNANSWERED: Text("ยังไม่ตอบรับ", "Not answered"),
    HowFar.UNTOUCHED: Text("ตอบรับแล้ว ยังไม่เริ่ม", "Accepted, not begun"),
    HowFar.BEGUN: Text("เริ่มแล้ว ยังไม่ส่ง", "Begun, not in"),
    HowFar.MISSING: Text("ยังไม่ส่งทั้งหมด", "Everything not in"),
    HowFar.OVERDUE: Text("เลยกำหนด", "Overdue"),
    HowFar.REOPENED: Text("เปิดให้เป็นรายกรณี", "Reopened"),
    HowFar.DONE: Text("ส่งแล้ว", "In"),
    HowFar.UNFINAL: Text("ส่งแล้ว ไม่มีคะแนนสุดท้าย", "In, without a final score"),
    HowFar.FINAL: Text("มีคะแนนสุดท้าย", "With a final score"),
    HowFar.ENDED: Text("ไม่พิจารณา ถอนตัว หรือถูกยกเลิก", "Declined, recused or taken back"),
}


class Order(StrEnum):
    """In which order the roll stands."""

    NUMBER = "number"
    REVIEWER = "reviewer"
    QUIET = "quiet"


ORDERS: dict[Order, Text] = {
    Order.NUMBER: Text("เลขที่ข้อเสนอ", "Number of the proposal"),
    Order.REVIEWER: Text("ผู้พิจารณา", "Reviewer"),
    Order.QUIET: Text("ไม่เคลื่อนไหวนานที่สุดก่อน", "Longest without anything happening first"),
}


@dataclass(frozen=True, slots=True)
class RollFilter:
    """What to show; empty shows everything. `panel` and `reviewer` are ids."""

    text: str = ""
    how_far: HowFar | None = None
    state: str = ""
    body: str = ""
    panel: int | None = None
    reviewer: int | None = None
    stage: str = ""


@dataclass(frozen=True, slots=True)
class RollRow:
    """One assignment. `is_overdue`: a review is wanted, its date has passed, and it is not reopened. `total` of what
    counts, hundredths. `rubric_version` is the version it is scored by."""

    id: int
    proposal_id: int
    number: str
    title: Text
    agency: Text
    stage: str
    proposal_state: str
    reviewer_id: int
    reviewer: Text
    body: Text
    panel: Text | None
    state: str
    assigned_at: datetime
    answered_at: datetime | None
    answer_reason: str
    updated_at: datetime | None
    submitted_at: datetime | None
    finalised_at: datetime | None
    final_reason: str
    reopened_until: datetime | None
    total: int | None
    first_total: int | None
    version: int
    rubric_id: int
    rubric_version: int
    is_overdue: bool
    is_reopened: bool

    @property
    def is_standing(self) -> bool:
        return self.state in STANDING_STATES

    @property
    def is_in(self) -> bool:
        """Whether it is part of the proposal's mean."""
        return self.state == ACCEPTED and self.submitted_at is not None


_IN = and_(Assignment.state == ACCEPTED, Assignment.submitted_at.is_not(None))
_MISSING = and_(
    Assignment.state.in_(STANDING_STATES), or_(Assignment.state == GIVEN, Assignment.submitted_at.is_(None))
)
_QUIET: ColumnElement[datetime] = func.coalesce(
    Assignment.updated_at, Assignment.answered_at, Assignment.assigned_at
)
_SORTS: dict[Order, ColumnElement[Any]] = {
    Order.NUMBER: Proposal.number.expression,
    Order.REVIEWER: Assignment.reviewer_id.expression,
    Order.QUIET: _QUIET,
}


def _conditions(round_: RoundFacts, now: datetime) -> dict[HowFar, ColumnElement[bool]]:
    """What each stage of the work means, in columns."""
    reopened = and_(Assignment.state == ACCEPTED, Assignment.reopened_until > now)
    due = round_.scoring_due_at
    overdue = (
        false()
        if due is None or now < due
        else and_(
            _MISSING,
            Proposal.state.in_(REVIEWABLE_STATES),
            or_(Assignment.reopened_until.is_(None), Assignment.reopened_until <= now),
        )
    )
    accepted = Assignment.state == ACCEPTED
    return {
        HowFar.UNANSWERED: Assignment.state == GIVEN,
        HowFar.UNTOUCHED: and_(accepted, Assignment.updated_at.is_(None)),
        HowFar.BEGUN: and_(accepted, Assignment.updated_at.is_not(None), Assignment.submitted_at.is_(None)),
        HowFar.MISSING: _MISSING,
        HowFar.OVERDUE: overdue,
        HowFar.REOPENED: reopened,
        HowFar.DONE: _IN,
        HowFar.UNFINAL: and_(_IN, Assignment.finalised_at.is_(None)),
        HowFar.FINAL: and_(_IN, Assignment.finalised_at.is_not(None)),
        HowFar.ENDED: Assignment.state.not_in(STANDING_STATES),
    }


def _rows(round_: RoundFacts, now: datetime) -> Select[*tuple[Any, ...]]:
    conditions = _conditions(round_, now)
    return (
        select(
            Assignment.id,
            Assignment.proposal_id,
            Assignment.reviewer_id,
            Assignment.body,
            Assignment.state,
            Assignment.assigned_at,
            Assignment.answered_at,
            Assignment.answer_reason,
            Assignment.updated_at,
            Assignment.submitted_at,
            Assignment.finalised_at,
            Assignment.final_reason,
            Assignment.reopened_until,
            Assignment.total,
            Assignment.first_total,
            Assignment.version,
            Assignment.rubric_id,
            CallDocument.version.label("rubric_version"),
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.stage,
            Proposal.state.label("proposal_state"),
            Proposal.call_id,
            Agency.name_th.label("agency_th"),
            Agency.name_en.label("agency_en"),
            User.name_th,
            User.name_en,
            Panel.name_th.label("panel_th"),
            Panel.name_en.label("panel_en"),
            case((conditions[HowFar.OVERDUE], True), else_=False).label("is_overdue"),
            case((conditions[HowFar.REOPENED], True), else_=False).label("is_reopened"),
            _QUIET.label("quiet_since"),
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .join(User, User.id == Assignment.reviewer_id)
        .join(CallDocument, CallDocument.id == Assignment.rubric_id)
        .outerjoin(Panel, Panel.id == Assignment.panel_id)
    )


def _row(r: Row[*tuple[Any, ...]]) -> RollRow:
    return RollRow(
        id=r.id,
        proposal_id=r.proposal_id,
        number=r.number,
        title=Text(r.title_th, r.title_en),
        agency=Text(r.agency_th, r.agency_en),
        stage=r.stage,
        proposal_state=r.proposal_state,
        reviewer_id=r.reviewer_id,
        reviewer=Text(r.name_th, r.name_en),
        body=BODY_NAMES[Body(r.body)],
        panel=Text(r.panel_th, r.panel_en) if r.panel_th is not None else None,
        state=r.state,
        assigned_at=r.assigned_at,
        answered_at=r.answered_at,
        answer_reason=r.answer_reason,
        updated_at=r.updated_at,
        submitted_at=r.submitted_at,
        finalised_at=r.finalised_at,
        final_reason=r.final_reason,
        reopened_until=r.reopened_until,
        total=r.total,
        first_total=r.first_total,
        version=r.version,
        rubric_id=r.rubric_id,
        rubric_version=r.rubric_version,
        is_overdue=bool(r.is_overdue),
        is_reopened=bool(r.is_reopened),
    )


@dataclass(frozen=True, slots=True)
class RollPage:
    """Some rows, and the key to ask for the following ones with; None at the end."""

    rows: tuple[RollRow, ...]
    following: tuple[str, int] | None


def list_roll(
    session: Session,
    actor: Actor,
    call_id: int,
    round_: RoundFacts,
    now: datetime,
    wanted: RollFilter = RollFilter(),
    order: Order = Order.NUMBER,
    *,
    after: tuple[str, int] | None = None,
    limit: int | None = 50,
) -> RollPage:
    """Assignments of the proposals that passed screening; keyset-paged after `after` of an earlier page. One query."""
    require(actor, Permission.READ_REVIEWS)
    column = _SORTS[order]
    statement = (
        _rows(round_, now)
        .where(Proposal.call_id == call_id, Proposal.state.in_(RANKED_STATES), *matching(wanted.text))
        .order_by(column, Assignment.id)
    )
    if wanted.how_far is not None:
        statement = statement.where(_conditions(round_, now)[wanted.how_far])
    for column_, value in (
        (Assignment.state, wanted.state or None),
        (Assignment.body, wanted.body or None),
        (Assignment.panel_id, wanted.panel),
        (Assignment.reviewer_id, wanted.reviewer),
        (Proposal.stage, wanted.stage or None),
    ):
        if value is not None:
            statement = statement.where(column_ == value)
    key = None if after is None else _read_key(order, after[0])
    if after is not None and key is not None:
        statement = statement.where(or_(column > key, and_(column == key, Assignment.id > after[1])))
    if limit is not None:
        statement = statement.limit(limit + 1)
    rows = session.execute(statement).all()
    shown = rows if limit is None else rows[:limit]
    more = len(shown) < len(rows)
    return RollPage(tuple(map(_row, shown)), _key(order, shown[-1]) if more else None)


def _key(order: Order, row: Row[*tuple[Any, ...]]) -> tuple[str, int]:
    value = {Order.NUMBER: row.number, Order.REVIEWER: row.reviewer_id, Order.QUIET: row.quiet_since}[order]
    return value.isoformat() if isinstance(value, datetime) else str(value), row.id


def _read_key(order: Order, typed: str) -> str | int | datetime | None:
    """The value an address named; None where it cannot be one, and the list then begins anew."""
    try:
        if order is Order.QUIET:
            moment = datetime.fromisoformat(typed)
            return moment if moment.tzinfo is not None else None
        return int(typed) if order is Order.REVIEWER else typed
    except ValueError:
        return None


def count_roll(
    session: Session, actor: Actor, call_id: int, round_: RoundFacts, now: datetime
) -> Mapping[HowFar, int]:
    """How many assignments each stage of the work holds. One query."""
    require(actor, Permission.READ_REVIEWS)
    conditions = _conditions(round_, now)
    row = session.execute(
        select(*(func.coalesce(func.sum(case((c, 1), else_=0)), 0) for c in conditions.values()))
        .select_from(Assignment)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Proposal.call_id == call_id, Proposal.state.in_(RANKED_STATES))
    ).one()
    return dict(zip(conditions, row, strict=True))


def get_roll_row(
    session: Session, actor: Actor, assignment_id: int, now: datetime
) -> tuple[int, RoundFacts, RollRow]:
    """One assignment with its call's id and round, whatever became of its proposal since. Raises `NotFound`. Three
    queries."""
    require(actor, Permission.READ_REVIEWS)
    call_id = session.scalar(
        select(Proposal.call_id)
        .join(Assignment, Assignment.proposal_id == Proposal.id)
        .where(Assignment.id == assignment_id, Proposal.state != DRAFT)
    )
    if call_id is None:
        raise NotFound()
    round_ = get_round(session, call_id)
    return (
        call_id,
        round_,
        _row(session.execute(_rows(round_, now).where(Assignment.id == assignment_id)).one()),
    )
