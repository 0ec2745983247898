"""Who is told what, which reminder is due, and when it is too late to tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import Enum

from app.identity.facts import Role
from app.identity.rules import Permission, Target, may
from app.notices.facts import KINDS, Event, Kind, Matter, News, Recipient


class Side(Enum):
    """Where the people of an event are."""

    NAMED = "named"  # the agencies the event itself names
    LEAD = "lead"
    OTHERS = "others"  # the proposal's agencies without the lead
    OFFICE = "office"  # the joint secretariat, where no people are named
    PEOPLE = "people"  # those the event names one by one


_OFFICERS = frozenset({Role.OFFICER})
_CERTIFIERS = frozenset({Role.CERTIFIER})
_BOTH = _OFFICERS | _CERTIFIERS
_SECRETARIAT = frozenset({Role.SECRETARIAT})
_REVIEWERS = frozenset({Role.REVIEWER})

AUDIENCES: dict[Event, Mapping[Side, frozenset[Role]]] = {
    Event.INVITED: {Side.NAMED: _BOTH},
    Event.INVITATION_ANSWERED: {Side.LEAD: _OFFICERS},
    Event.PART_CONFIRMED: {Side.LEAD: _OFFICERS},
    Event.LINK_ASKED: {Side.NAMED: _OFFICERS},
    Event.LINK_ANSWERED: {Side.NAMED: _OFFICERS},
    Event.SIGNATURE_WANTED: {Side.NAMED: _CERTIFIERS},
    Event.SIGNED: {Side.NAMED: _OFFICERS, Side.LEAD: _OFFICERS},
    Event.FILED: {Side.LEAD: _BOTH, Side.OTHERS: _BOTH},
    Event.WITHDRAWN: {Side.LEAD: _BOTH, Side.OTHERS: _BOTH},
    Event.RETURNED: {Side.LEAD: _BOTH, Side.OTHERS: _OFFICERS},
    Event.REFILED: {Side.OFFICE: _SECRETARIAT},
    Event.RECALLED: {Side.LEAD: _BOTH, Side.OTHERS: _OFFICERS},
    Event.QUESTION_ASKED: {Side.OFFICE: _SECRETARIAT},
    Event.EXTENDED: {Side.NAMED: _BOTH},
    Event.EXTENSION_ENDED: {Side.NAMED: _BOTH},
    Event.REVIEWERS_ASSIGNED: {Side.PEOPLE: _REVIEWERS},
    Event.ASSIGNMENT_WITHDRAWN: {Side.PEOPLE: _REVIEWERS},
    Event.ASSIGNMENT_DECLINED: {Side.OFFICE: _SECRETARIAT},
    Event.REVIEWER_RECUSED: {Side.OFFICE: _SECRETARIAT},
    Event.ROUND_MOVED: {Side.PEOPLE: _REVIEWERS},
    Event.REVIEW_REOPENED: {Side.PEOPLE: _REVIEWERS},
    Event.DISCUSSION_NOTE: {Side.PEOPLE: _REVIEWERS, Side.OFFICE: _SECRETARIAT},
    Event.ACCOUNT_CHANGED: {Side.PEOPLE: frozenset(Role)},
    Event.REVIEWS_WANTED: {Side.PEOPLE: _REVIEWERS},
    Event.DRAFTS_DUE: {Side.NAMED: _OFFICERS},
    Event.RETURN_DUE: {Side.LEAD: _OFFICERS},
    Event.REVIEWS_DUE: {Side.PEOPLE: _REVIEWERS},
    Event.REPORT_SENT: {Side.NAMED: _CERTIFIERS},
    Event.REPORT_RETURNED: {Side.NAMED: _BOTH},
    Event.REPORT_ACCEPTED: {Side.NAMED: _OFFICERS},
    Event.REPORT_CORRECTED: {Side.OFFICE: _SECRETARIAT},
    Event.PLAN_CHANGE_ASKED: {Side.OFFICE: _SECRETARIAT},
    Event.PLAN_CHANGE_JUDGED: {Side.LEAD: _BOTH, Side.OTHERS: _OFFICERS},
    Event.REPORTS_WANTED: {Side.NAMED: _BOTH},
    Event.REPORTS_DUE: {Side.NAMED: _OFFICERS},
    Event.REPORTS_LATE: {Side.NAMED: _BOTH},
}

KIND_OF: dict[Event, Kind] = {
    Event.INVITED: Kind.TAKING_PART,
    Event.INVITATION_ANSWERED: Kind.TAKING_PART,
    Event.PART_CONFIRMED: Kind.TAKING_PART,
    Event.LINK_ASKED: Kind.LINKS,
    Event.LINK_ANSWERED: Kind.LINKS,
    Event.SIGNATURE_WANTED: Kind.SIGNING,
    Event.SIGNED: Kind.SIGNING,
    Event.FILED: Kind.FILING,
    Event.WITHDRAWN: Kind.FILING,
    Event.RETURNED: Kind.REVISION,
    Event.REFILED: Kind.REVISION,
    Event.RECALLED: Kind.REVISION,
    Event.QUESTION_ASKED: Kind.REVISION,
    Event.EXTENDED: Kind.DEADLINE,
    Event.EXTENSION_ENDED: Kind.DEADLINE,
    Event.REVIEWERS_ASSIGNED: Kind.REVIEWING,
    Event.ASSIGNMENT_WITHDRAWN: Kind.REVIEWING,
    Event.ASSIGNMENT_DECLINED: Kind.REVIEWING,
    Event.REVIEWER_RECUSED: Kind.REVIEWING,
    Event.ROUND_MOVED: Kind.REVIEWING,
    Event.REVIEW_REOPENED: Kind.REVIEWING,
    Event.DISCUSSION_NOTE: Kind.DISCUSSION,
    Event.ACCOUNT_CHANGED: Kind.ACCOUNT,
    Event.REVIEWS_WANTED: Kind.REVIEWING,
    Event.DRAFTS_DUE: Kind.DEADLINE,
    Event.RETURN_DUE: Kind.DEADLINE,
    Event.REVIEWS_DUE: Kind.DEADLINE,
    Event.REPORT_SENT: Kind.REPORTING,
    Event.REPORT_RETURNED: Kind.REPORTING,
    Event.REPORT_ACCEPTED: Kind.REPORTING,
    Event.REPORT_CORRECTED: Kind.REPORTING,
    Event.PLAN_CHANGE_ASKED: Kind.REPORTING,
    Event.PLAN_CHANGE_JUDGED: Kind.REPORTING,
    Event.REPORTS_WANTED: Kind.REPORTING,
    Event.REPORTS_DUE: Kind.REPORTING,
    Event.REPORTS_LATE: Kind.REPORTING,
}


def agencies_on(side: Side, news: News) -> frozenset[int]:
    """The agencies of a side; none for the secretariat and for people named, who are told whatever their agency."""
    if side is Side.NAMED:
        return news.named
    if news.matter is None or side in (Side.OFFICE, Side.PEOPLE):
        return frozenset()
    lead = frozenset({news.matter.lead_id})
    return lead if side is Side.LEAD else news.matter.agency_ids - lead


def pick_audience(news: News, people: Iterable[Recipient]) -> list[Recipient]:
    """Who of `people` is told, each once."""
    groups = [(roles, agencies_on(side, news), side) for side, roles in AUDIENCES[news.event].items()]
    return [
        person
        for person in people
        if person.actor.id != news.but
        and any(
            m.role in roles and _is_on(side, agencies, m.agency_id, news, person)
            for m in person.actor.memberships
            for roles, agencies, side in groups
        )
    ]


def _is_on(
    side: Side, agencies: frozenset[int], agency_id: int | None, news: News, person: Recipient
) -> bool:
    if side is Side.PEOPLE:
        return person.actor.id in news.people
    return not news.people if side is Side.OFFICE else agency_id in agencies


def kinds_for(roles: Iterable[Role]) -> list[Kind]:
    """What people with these roles may be told of, in the order of the kinds."""
    held = frozenset(roles)
    reach = {
        KIND_OF[event] for event, sides in AUDIENCES.items() if any(held & told for told in sides.values())
    }
    return [kind for kind in KINDS if kind in reach]


def is_wanted(person: Recipient, kind: Kind) -> bool:
    """Official kinds always are."""
    return KINDS[kind].why_always is not None or kind not in person.unwanted


def may_read(person: Recipient, matter: Matter) -> bool:
    """Whether the title may be told: to the proposal's own agencies, and to who reads filings once it is filed."""
    target = Target(agency_ids=matter.agency_ids)
    if may(person.actor, Permission.READ_PROPOSAL, target):
        return True
    return not matter.is_draft and may(person.actor, Permission.READ_FILING, target)


STEPS = (timedelta(days=3), timedelta(hours=24), timedelta(hours=1))


def step_due(closes_at: datetime, since: datetime, now: datetime) -> timedelta | None:
    """Which reminder is due: the newest whose moment has come, or None.

    An older one is never sent in its place, however late this is asked. What began to wait (`since`) only after that
    moment needs no reminding yet: whoever made it knows.
    """
    left = closes_at - now
    reached = [step for step in STEPS if timedelta(0) < left <= step]
    if not reached:
        return None
    step = min(reached)
    return step if since <= closes_at - step else None


OLD_NEWS = timedelta(days=30)
LATEST_SENDING = timedelta(days=3)


def is_old_news(happened_at: datetime, now: datetime) -> bool:
    """Whether nobody need be told any more, as of a round played again years later."""
    return now - happened_at > OLD_NEWS


def is_too_late(written_at: datetime, now: datetime) -> bool:
    """Whether an e-mail has waited so long that what it asks for may be over."""
    return now - written_at > LATEST_SENDING
