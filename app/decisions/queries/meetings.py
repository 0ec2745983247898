"""What is asked of meetings: when they are, who comes, what stands on the agenda, who takes no part in what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.calls.queries import CallView
from app.decisions.facts import DECIDING, OWN_WORD, Duty, ItemKind, Level, Presence, Quorum
from app.decisions.models import AgendaItem, Decision, Meeting, MeetingMember, Recusal
from app.decisions.queries.sitting import find_sitting as find_sitting
from app.decisions.rules import quorum_of
from app.decisions.states import CANCELLED, OPEN, PLANNED, UNDERWAY
from app.identity.facts import Actor, Role
from app.identity.models import User, UserMembership
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import Allocation, Terms
from app.portfolio.models import Scenario
from app.portfolio.queries import adopted_terms, entries_under, terms_of
from app.proposals.models import Proposal
from app.reviews.conflicts import GROUND_NAMES, Ground

OWN_WORD_NAME = Text("แจ้งขอถอนตัว", "Asked not to take part")


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A meeting in a list. `resolved` counts the decisions it recorded that nothing in the same meeting replaced."""

    id: int
    fiscal_year: int
    level: Level
    number: str
    subject: str
    place: str
    starts_at: datetime
    state: str
    opened_at: datetime | None
    closed_at: datetime | None
    resolved: int


def _rows() -> Select[*tuple[object, ...]]:
    resolved = (
        select(func.count(func.distinct(Decision.proposal_id)))
        .where(Decision.meeting_id == Meeting.id)
        .correlate(Meeting)
        .scalar_subquery()
    )
    return select(
        Meeting.id,
        Call.fiscal_year,
        Meeting.level,
        Meeting.number,
        Meeting.subject,
        Meeting.place,
        Meeting.starts_at,
        Meeting.state,
        Meeting.opened_at,
        Meeting.closed_at,
        resolved,
    ).join(Call, Call.id == Meeting.call_id)


def _row(values: Iterable[object]) -> MeetingRow:
    meeting_id, year, level, *rest = values
    return MeetingRow(meeting_id, year, Level(level), *rest)  # type: ignore[arg-type]  # a row of `_rows`


def list_meetings(session: Session, actor: Actor, call_id: int) -> list[MeetingRow]:
    """The meetings of a call, latest first. One query. Raises `Forbidden` without READ_PORTFOLIO."""
    require(actor, Permission.READ_PORTFOLIO)
    chosen = _rows().where(Meeting.call_id == call_id).order_by(Meeting.starts_at.desc(), Meeting.id.desc())
    return [_row(values) for values in session.execute(chosen)]


def meetings_ahead(session: Session) -> list[MeetingRow]:
    """Meetings that are open or planned, of any call: open ones first, then by when they begin. One query."""
    chosen = (
        _rows()
        .where(Meeting.state.in_(UNDERWAY))
        .order_by(case((Meeting.state == OPEN, 0), else_=1), Meeting.starts_at, Meeting.id)
    )
    return [_row(values) for values in session.execute(chosen)]


def get_meeting(session: Session, actor: Actor, meeting_id: int) -> Meeting:
    """One meeting. Raises `Forbidden` without READ_PORTFOLIO, `NotFound`."""
    require(actor, Permission.READ_PORTFOLIO)
    meeting = session.get(Meeting, meeting_id)
    if meeting is None:
        raise NotFound()
    return meeting


@dataclass(frozen=True, slots=True)
class MemberView:
    """Somebody invited."""

    id: int
    user_id: int | None
    name: str
    post: str
    duty: Duty
    presence: Presence
    note: str

    @property
    def decides(self) -> bool:
        return self.duty in DECIDING


def list_members(session: Session, meeting_id: int) -> list[MemberView]:
    """Who is invited, in the order of the papers: chair, members, secretaries, others. One query."""
    order = case({duty.value: n for n, duty in enumerate(Duty)}, value=MeetingMember.role)
    return [
        MemberView(m.id, m.user_id, m.name, m.post, Duty(m.role), Presence(m.presence), m.note)
        for m in session.scalars(
            select(MeetingMember)
            .where(MeetingMember.meeting_id == meeting_id)
            .order_by(order, MeetingMember.position, MeetingMember.id)
        )
    ]


def quorum_among(members: Iterable[MemberView]) -> Quorum:
    """Whether those who are there may decide."""
    return quorum_of((m.duty, m.presence) for m in members)


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item of the agenda."""

    id: int
    position: int
    kind: ItemKind
    title: str
    text: str
    resolution: str


def list_agenda(session: Session, meeting_id: int) -> list[ItemView]:
    """The agenda in its order. One query."""
    return [
        ItemView(i.id, i.position, ItemKind(i.kind), i.title, i.text, i.resolution)
        for i in session.scalars(
            select(AgendaItem)
            .where(AgendaItem.meeting_id == meeting_id)
            .order_by(AgendaItem.position, AgendaItem.id)
        )
    ]


@dataclass(frozen=True, slots=True)
class RecusalView:
    """Somebody who takes no part in one proposal."""

    id: int
    member_id: int
    user_id: int | None
    member: str
    proposal_id: int
    number: str
    title: Text
    ground: str
    note: str

    @property
    def is_own_word(self) -> bool:
        return self.ground == OWN_WORD

    @property
    def ground_name(self) -> Text:
        return OWN_WORD_NAME if self.is_own_word else GROUND_NAMES[Ground(self.ground)]


def list_recusals(session: Session, meeting_id: int) -> list[RecusalView]:
    """Who takes no part in what, by proposal number. One query."""
    rows = session.execute(
        select(Recusal, MeetingMember, Proposal.number, Proposal.title_th, Proposal.title_en)
        .join(MeetingMember, MeetingMember.id == Recusal.member_id)
        .join(Proposal, Proposal.id == Recusal.proposal_id)
        .where(MeetingMember.meeting_id == meeting_id)
        .order_by(Proposal.number, MeetingMember.position, Recusal.id)
    )
    return [
        RecusalView(
            r.id, m.id, m.user_id, m.name, r.proposal_id, number or "", Text(th, en), r.ground, r.note
        )
        for r, m, number, th, en in rows
    ]


def numbers_taken(session: Session, meeting_id: int) -> Mapping[str, int]:
    """Number of a resolution -> the proposal it is on, of one meeting's decisions that count. One query."""
    rows = session.execute(
        select(Decision.number, Decision.proposal_id).where(
            Decision.meeting_id == meeting_id, Decision.superseded_at.is_(None), Decision.number != ""
        )
    )
    return {number: proposal_id for number, proposal_id in rows}


def meeting_terms(session: Session, call: CallView, meeting: Meeting) -> Terms:
    """What the list laid before a meeting is laid by: the scenario adopted when it was opened; for one that is not open
    yet, or that settles the list and is not closed yet, the one adopted now. At most three queries."""
    is_settling = meeting.state == OPEN and Level(meeting.level).settles_list
    if meeting.state in (PLANNED, CANCELLED) or is_settling:
        return adopted_terms(session, call)
    if meeting.scenario_id is None:
        return Terms(call.ceiling)
    return terms_of(session, session.get_one(Scenario, meeting.scenario_id))


def meeting_list(session: Session, actor: Actor, call: CallView, meeting: Meeting) -> Allocation:
    """The list laid before a meeting. Raises `Forbidden` without READ_PORTFOLIO."""
    require(actor, Permission.READ_PORTFOLIO)
    terms = meeting_terms(session, call, meeting)
    return allocate(entries_under(session, call, terms), terms)


def list_invitable(session: Session, meeting_id: int) -> dict[int, tuple[Text, frozenset[Role]]]:
    """Active accounts of the committee and the secretariat that are not invited yet: id -> name and roles. One query."""
    rows = session.execute(
        select(User.id, User.name_th, User.name_en, UserMembership.role)
        .join(UserMembership, UserMembership.user_id == User.id)
        .where(User.disabled_at.is_(None))
        .where(UserMembership.role.in_([Role.COMMITTEE.value, Role.SECRETARIAT.value]))
        .where(
            User.id.not_in(
                select(MeetingMember.user_id).where(
                    MeetingMember.meeting_id == meeting_id, MeetingMember.user_id.is_not(None)
                )
            )
        )
        .order_by(User.name_th, User.id)
    )
    found: dict[int, tuple[Text, frozenset[Role]]] = {}
    for user_id, th, en, role in rows:
        roles = found[user_id][1] if user_id in found else frozenset()
        found[user_id] = (Text(th, en), roles | {Role(role)})
    return found
