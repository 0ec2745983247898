"""From an event's ids to news that can be told: what happened is read when it is heard, not when it was promised."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.facts import deadline_of
from app.calls.models import CallExtension
from app.identity.models import Agency
from app.kernel.clock import format_closing, format_moment
from app.kernel.text import LANGUAGES, Text
from app.notices.account_news import read_account_news
from app.notices.facts import Event, News
from app.notices.matters import read_matter, read_window
from app.notices.plan_news import PLAN_READERS
from app.notices.report_news import REPORT_READERS
from app.notices.review_news import REVIEW_READERS
from app.notices.wording import ANSWERS, EVERYBODY, LINK_ANSWERS, ONE_AGENCY, SCOPES
from app.proposals.models import (
    LinkRequest,
    Participation,
    Proposal,
    ProposalAgency,
    ProposalQuestion,
    ProposalReturn,
    Submission,
)

Payload = Mapping[str, Any]


def read_news(session: Session, payload: Payload, now: datetime) -> list[News]:
    """What a promised event is about; nothing when it is no longer so, as an invitation that was answered meanwhile.

    Raises `ValueError` for an event nobody knows.
    """
    event = Event(payload["event"])
    if event in REVIEW_READERS:
        return REVIEW_READERS[event](session, event, payload, now)
    if event in REPORT_READERS:
        return REPORT_READERS[event](session, event, payload, now)
    if event in PLAN_READERS:
        return PLAN_READERS[event](session, event, payload, now)
    reader = READERS.get(event)
    if reader is None:
        raise ValueError(f"{event} is not promised by any room")
    news = reader(session, event, payload, now)
    return [] if news is None else [news]


def _about(
    session: Session,
    event: Event,
    proposal_id: int,
    *,
    named: int | None = None,
    by: datetime | None = None,
    closing_after: datetime | None = None,
    **words: Text | str,
) -> News | None:
    """News of a proposal. With `closing_after` (now), it is to be done before the lead's own closing moment, while
    that lies ahead."""
    found = read_matter(session, proposal_id)
    if found is None:
        return None
    matter, call_id = found
    window = read_window(session, call_id)
    if closing_after is not None:
        closes_at = deadline_of(window, matter.lead_id).closes_at
        by = closes_at if closes_at > closing_after else None
    agencies = frozenset() if named is None else frozenset({named})
    return News(event, window.name, matter, agencies, by, words)


def _agency(session: Session, agency_id: int) -> Text:
    row = session.get_one(Agency, agency_id)
    return Text(row.name_th, row.name_en)


def _participation(session: Session, payload: Payload) -> Participation | None:
    return session.scalars(
        select(Participation).where(
            Participation.proposal_id == payload["proposal"], Participation.agency_id == payload["agency"]
        )
    ).first()


def _invited(session: Session, event: Event, payload: Payload, now: datetime) -> News | None:
    part = _participation(session, payload)
    if part is None or part.state != "invited":
        return None
    agency = _agency(session, part.agency_id)
    return _about(session, event, part.proposal_id, named=part.agency_id, closing_after=now, agency=agency)


def _answered(session: Session, event: Event, payload: Payload, _now: datetime) -> News | None:
    part = _participation(session, payload)
    if part is None or part.state not in ANSWERS:
        return None
    agency = _agency(session, part.agency_id)
    return _about(session, event, part.proposal_id, agency=agency, answer=ANSWERS[part.state])


def _confirmed(session: Session, event: Event, payload: Payload, _now: datetime) -> News | None:
    part = _participation(session, payload)
    if part is None or part.confirmed_at is None:
        return None
    return _about(session, event, part.proposal_id, agency=_agency(session, part.agency_id))


def _claimant(session: Session, request: LinkRequest) -> tuple[int, Text]:
    """The agency that claims the link: the one its content names, else the lead."""
    code = json.loads(request.content).get("agency", "")
    row = session.scalars(select(Agency).where(Agency.code == code)).first()
    if row is None:
        lead = session.scalars(
            select(Proposal.lead_agency_id).where(Proposal.id == request.proposal_id)
        ).one()
        row = session.get_one(Agency, lead)
    return row.id, Text(row.name_th, row.name_en)


def _link_asked(session: Session, event: Event, payload: Payload, now: datetime) -> News | None:
    request = session.get(LinkRequest, payload["request"])
    if request is None or request.state != "asked":
        return None
    _, claimant = _claimant(session, request)
    return _about(
        session,
        event,
        request.proposal_id,
        named=request.partner_id,
        closing_after=now,
        agency=_agency(session, request.partner_id),
        claimant=claimant,
    )


def _link_answered(session: Session, event: Event, payload: Payload, _now: datetime) -> News | None:
    request = session.get(LinkRequest, payload["request"])
    if request is None or request.state not in LINK_ANSWERS:
        return None
    claimant_id, _ = _claimant(session, request)
    return _about(
        session,
        event,
        request.proposal_id,
        named=claimant_id,
        agency=_agency(session, request.partner_id),
        answer=LINK_ANSWERS[request.state],
    )


def _signing(session: Session, event: Event, payload: Payload, now: datetime) -> News | None:
    agency = _agency(session, payload["agency"])
    return _about(
        session,
        event,
        payload["proposal"],
        named=payload["agency"],
        closing_after=now if event is Event.SIGNATURE_WANTED else None,
        agency=agency,
        scope=SCOPES[payload["scope"]].fill(agency=agency),
    )


def _filed(session: Session, event: Event, payload: Payload, _now: datetime) -> News | None:
    filing = session.get(Submission, payload["submission"])
    if filing is None:
        return None
    at = Text(*(format_moment(filing.submitted_at, language) for language in LANGUAGES))
    return _about(session, event, filing.proposal_id, receipt=filing.receipt_number, at=at)


def _withdrawn(session: Session, event: Event, payload: Payload, now: datetime) -> News | None:
    return _about(session, event, payload["proposal"], closing_after=now)


def _returned(session: Session, event: Event, payload: Payload, _now: datetime) -> News | None:
    row = session.get(ProposalReturn, payload["return"])
    if row is None or row.state != "open":
        return None
    return _about(session, event, row.proposal_id, by=row.due_at, cycle=str(row.cycle))


def _refiled(session: Session, event: Event, payload: Payload, _now: datetime) -> News | None:
    row = session.get(ProposalReturn, payload["return"])
    if row is None or row.state == "open":
        return None
    return _about(session, event, row.proposal_id, cycle=str(row.cycle))


def _question(session: Session, event: Event, payload: Payload, _now: datetime) -> News | None:
    row = session.get(ProposalQuestion, payload["question"])
    if row is None or row.dropped_at is not None or row.return_id is not None:
        return None
    return _about(session, event, row.proposal_id)


def _recalled(session: Session, event: Event, payload: Payload, _now: datetime) -> News | None:
    row = session.get(ProposalReturn, payload["return"])
    if row is None or row.state != "closed":
        return None
    return _about(session, event, row.proposal_id, cycle=str(row.cycle))


def _concerned(session: Session, row: CallExtension) -> tuple[set[int], Text]:
    """The agencies an extension is for, and how a letter names them: one, or all with a proposal in the call."""
    if row.agency_id is not None:
        return {row.agency_id}, ONE_AGENCY.fill(agency=_agency(session, row.agency_id))
    agencies = session.scalars(
        select(ProposalAgency.agency_id)
        .join(Proposal, Proposal.id == ProposalAgency.proposal_id)
        .where(Proposal.call_id == row.call_id)
    )
    return set(agencies), EVERYBODY


def _extended(session: Session, event: Event, payload: Payload, now: datetime) -> News | None:
    row = session.get(CallExtension, payload["extension"])
    if row is None or row.ended_at is not None or row.closes_at <= now:
        return None
    window = read_window(session, row.call_id)
    agencies, whom = _concerned(session, row)
    # for an agency that was given longer already nothing has changed
    named = frozenset(a for a in agencies if deadline_of(window, a).closes_at == row.closes_at)
    words: dict[str, Text | str] = {"whom": whom, "reason": row.reason}
    return News(event, window.name, None, named, row.closes_at, words)


def _extension_ended(session: Session, event: Event, payload: Payload, _now: datetime) -> News | None:
    row = session.get(CallExtension, payload["extension"])
    if row is None or row.ended_at is None:
        return None
    window = read_window(session, row.call_id)
    agencies, whom = _concerned(session, row)
    closings = {a: deadline_of(window, a).closes_at for a in agencies}
    named = frozenset(a for a, closes_at in closings.items() if closes_at < row.closes_at)
    # told only where it is the same for all of them; the text sends the others to their desk
    moments = {closings[a] for a in named}
    was = Text(*(format_closing(row.closes_at, language) for language in LANGUAGES))
    by = moments.pop() if len(moments) == 1 else None
    return News(event, window.name, None, named, by, {"whom": whom, "was": was})


READERS: dict[Event, Callable[[Session, Event, Payload, datetime], News | None]] = {
    Event.INVITED: _invited,
    Event.INVITATION_ANSWERED: _answered,
    Event.PART_CONFIRMED: _confirmed,
    Event.LINK_ASKED: _link_asked,
    Event.LINK_ANSWERED: _link_answered,
    Event.SIGNATURE_WANTED: _signing,
    Event.SIGNED: _signing,
    Event.FILED: _filed,
    Event.WITHDRAWN: _withdrawn,
    Event.RETURNED: _returned,
    Event.REFILED: _refiled,
    Event.RECALLED: _recalled,
    Event.QUESTION_ASKED: _question,
    Event.EXTENDED: _extended,
    Event.EXTENSION_ENDED: _extension_ended,
    Event.ACCOUNT_CHANGED: read_account_news,
}
