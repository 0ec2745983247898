"""What the minutes of a meeting are written from."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.decisions.facts import Level, Verdict
from app.decisions.models import Decision, Meeting
from app.decisions.queries.meetings import (
    ItemView,
    MemberView,
    RecusalView,
    get_meeting,
    list_agenda,
    list_members,
    list_recusals,
)
from app.decisions.states import OPEN
from app.identity.facts import Actor
from app.identity.models import Agency
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.models import Scenario
from app.proposals.models import Proposal
from app.proposals.states import RANKED_STATES


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a meeting resolved on one proposal. Amounts in satang."""

    number: str
    proposal: str
    title: Text
    agency: Text
    requested: int
    verdict: Verdict
    amount: int
    conditions: str
    resolution: str
    reason: str


@dataclass(frozen=True, slots=True)
class MinutesRecords:
    """Everything recorded of a meeting. `carried` counts the proposals that keep the decision of an earlier meeting, and
    `undecided` those that have none when it closes, or now while it is not closed."""

    meeting_id: int
    level: Level
    number: str
    subject: str
    place: str
    starts_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    quorum_note: str
    state: str
    fiscal_year: int
    call: Text
    origin: str
    members: tuple[MemberView, ...]
    items: tuple[ItemView, ...]
    recusals: tuple[RecusalView, ...]
    resolutions: tuple[Resolution, ...]
    carried: int
    undecided: int
    scenario: str = ""  # the name of the list before it; "" for the plain list


def _counted(number: str) -> list[tuple[int, str]]:
    """A number as people sort it: 4.2 before 4.10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", number)]


def list_resolutions(session: Session, meeting: Meeting) -> list[tuple[bool, Resolution]]:
    """Every decision that counted when a meeting closed, or counts now: whether it is this meeting's own, and what it
    says; in the order of the resolutions' numbers. One query."""
    counted: ColumnElement[bool] = Decision.superseded_at.is_(None)
    if meeting.closed_at is not None:
        later = or_(Decision.superseded_at.is_(None), Decision.superseded_at > meeting.closed_at)
        counted = and_(Decision.decided_at <= meeting.closed_at, later)
    rows = session.execute(
        select(Decision, Proposal.number, Proposal.title_th, Proposal.title_en, Proposal.total)
        .add_columns(Agency.name_th, Agency.name_en)
        .join(Proposal, Proposal.id == Decision.proposal_id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .where(Proposal.call_id == meeting.call_id, counted)
    )
    found = [
        (
            d.meeting_id == meeting.id,
            Resolution(
                d.number,
                number or "",
                Text(title_th, title_en),
                Text(agency_th, agency_en),
                total,
                Verdict(d.verdict),
                d.amount,
                d.conditions,
                d.resolution,
                d.reason,
            ),
        )
        for d, number, title_th, title_en, total, agency_th, agency_en in rows
    ]
    return sorted(found, key=lambda one: (_counted(one[1].number), one[1].proposal))


def read_minutes(session: Session, actor: Actor, meeting_id: int) -> MinutesRecords:
    """The records of a meeting; seven queries however much it resolved. Raises `Forbidden` without READ_PORTFOLIO,
    `NotFound`."""
    meeting = get_meeting(session, actor, meeting_id)
    year, name_th, name_en, origin, scenario = session.execute(
        select(Call.fiscal_year, Call.name_th, Call.name_en, Call.origin, Scenario.name)
        .select_from(Call)
        .outerjoin(Scenario, _list_of(meeting))
        .where(Call.id == meeting.call_id)
    ).one()
    counted = list_resolutions(session, meeting)
    ranked = session.scalar(
        select(func.count()).where(Proposal.call_id == meeting.call_id, Proposal.state.in_(RANKED_STATES))
    )
    return MinutesRecords(
        meeting_id,
        Level(meeting.level),
        meeting.number,
        meeting.subject,
        meeting.place,
        meeting.starts_at,
        meeting.opened_at,
        meeting.closed_at,
        meeting.quorum_note,
        meeting.state,
        year,
        Text(name_th, name_en),
        origin,
        tuple(list_members(session, meeting_id)),
        tuple(list_agenda(session, meeting_id)),
        tuple(list_recusals(session, meeting_id)),
        tuple(resolution for is_own, resolution in counted if is_own),
        sum(not is_own for is_own, _ in counted),
        max((ranked or 0) - len(counted), 0),
        scenario or "",
    )


def _list_of(meeting: Meeting) -> ColumnElement[bool]:
    """Which scenario is the list of a meeting; one that settles the list and is open still has the one adopted now."""
    if meeting.state == OPEN and Level(meeting.level).settles_list:
        return Scenario.adopted_for == Call.id
    return Scenario.id == meeting.scenario_id
