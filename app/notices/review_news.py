"""From events of reviews to news: each reviewer's own, by number alone, and never of what a conflict of interest holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from app.identity.facts import BODY_NAMES, Body
from app.kernel.clock import BANGKOK
from app.kernel.text import Text
from app.notices.facts import Event, News
from app.notices.matters import read_matter, read_window
from app.notices.review_wording import PHASE_TODO, proposal_count
from app.proposals.models import Proposal
from app.proposals.states import DRAFT
from app.reviews.facts import RoundFacts
from app.reviews.models import Assignment, AssignmentPlan, DiscussionNote
from app.reviews.queries.conflicts import read_interests
from app.reviews.queries.rounds import get_round
from app.reviews.states import (
    ACCEPTED,
    DECLINED,
    GIVEN,
    LOCKED,
    PHASES,
    RECUSED,
    SCORING,
    SCREENING,
    STANDING_STATES,
    WITHDRAWN,
)

Payload = Mapping[str, Any]
NO_TITLE = Text("", "")
_ENDS = {Event.ASSIGNMENT_DECLINED: DECLINED, Event.REVIEWER_RECUSED: RECUSED}
AssignmentRow = Row[*tuple[Any, ...]]


def _assignments() -> Select[*tuple[Any, ...]]:
    """Assignments of filed proposals, as letters need them."""
    return (
        select(
            Assignment.id,
            Assignment.proposal_id,
            Assignment.reviewer_id,
            Assignment.state,
            Assignment.body,
            Assignment.reopened_until,
            Proposal.number,
            Proposal.call_id,
        )
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Proposal.state != DRAFT)
        .order_by(Proposal.number, Assignment.id)
    )


def _clear(session: Session, rows: Collection[AssignmentRow]) -> list[AssignmentRow]:
    """Those whose reviewer has no conflict of interest, known or to be judged."""
    interests = read_interests(session, {r.proposal_id for r in rows}, {r.reviewer_id for r in rows})
    return [r for r in rows if interests.standing(r.proposal_id, r.reviewer_id).is_clear]


def _ahead(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment is not None and moment > now else None


def _first_due(round_: RoundFacts, now: datetime) -> datetime | None:
    """By when what was given is to be scored."""
    return _ahead(round_.scoring_due_at, now) if round_.phase in (SCREENING, SCORING) else None


def digest(
    event: Event,
    call: Text,
    reviewer_id: int,
    numbers: Iterable[str],
    key: str,
    by: datetime | None,
    **words: Text | str,
) -> News:
    """One letter to one reviewer about any number of proposals, by number. `key` is without the person."""
    listed = tuple((number, NO_TITLE) for number in numbers)
    return News(
        event,
        call,
        by=by,
        words={"count": proposal_count(len(listed)), **words},
        drafts=listed,
        people=frozenset({reviewer_id}),
        key=f"{key}:{reviewer_id}",
    )


def _assigned(session: Session, event: Event, payload: Payload, now: datetime) -> list[News]:
    """What was given at one moment, however many proposals and promises: one letter for each reviewer."""
    given = _assignments().add_columns(Assignment.assigned_at).where(Assignment.state == GIVEN)
    if "plan" in payload:
        plan = session.get(AssignmentPlan, payload["plan"])
        if plan is None or plan.closed_at is None:
            return []
        given = given.where(Proposal.call_id == plan.call_id, Assignment.assigned_at == plan.closed_at)
    elif "proposal" in payload:
        # the others of the same moment are told of in the same letter
        moments = select(Assignment.assigned_at).where(
            Assignment.proposal_id == payload["proposal"], Assignment.reviewer_id.in_(payload["reviewers"])
        )
        given = given.where(
            Assignment.reviewer_id.in_(payload["reviewers"]), Assignment.assigned_at.in_(moments)
        )
    else:
        at = datetime.fromisoformat(payload["at"])
        given = given.where(Proposal.call_id == payload["call"], Assignment.assigned_at == at)
    told: defaultdict[tuple[int, datetime, int], list[str]] = defaultdict(list)
    for r in _clear(session, session.execute(given).all()):
        told[r.call_id, r.assigned_at, r.reviewer_id].append(r.number)
    rounds = {call_id: get_round(session, call_id) for call_id, _, _ in told}
    return [
        digest(
            event,
            read_window(session, call_id).name,
            reviewer_id,
            numbers,
            f"{event}:{call_id}:{at.timestamp():.6f}",
            _first_due(rounds[call_id], now),
        )
        for (call_id, at, reviewer_id), numbers in told.items()
        if rounds[call_id].phase != LOCKED
    ]


def _one(session: Session, payload: Payload) -> AssignmentRow | None:
    return session.execute(_assignments().where(Assignment.id == payload["assignment"])).first()


def _taken_back(session: Session, event: Event, payload: Payload, _now: datetime) -> list[News]:
    """The one letter about an assignment that has ended: without it the reviewer would look for it in vain. It says
    the number and nothing else, and so is written whatever the interests. One for each reviewer of `assignments`."""
    ids = payload["assignments"] if "assignments" in payload else [payload["assignment"]]
    told: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for row in session.execute(_assignments().where(Assignment.id.in_(ids), Assignment.state == WITHDRAWN)):
        told[row.call_id, row.reviewer_id].append(row.number)
    return [
        digest(
            event,
            read_window(session, call_id).name,
            reviewer_id,
            numbers,
            f"{event}:{payload.get('promise', '')}:{min(ids)}",
            None,
            what=proposal_count(len(numbers)) if len(numbers) > 1 else numbers[0],
        )
        for (call_id, reviewer_id), numbers in told.items()
    ]


def _ended(session: Session, event: Event, payload: Payload, _now: datetime) -> list[News]:
    row = _one(session, payload)
    found = read_matter(session, row.proposal_id) if row is not None else None
    if row is None or found is None or row.state != _ENDS[event]:
        return []
    name = read_window(session, row.call_id).name
    return [News(event, name, found[0], words={"body": BODY_NAMES[Body(row.body)]})]


def _moved(session: Session, event: Event, payload: Payload, now: datetime) -> list[News]:
    call_id, round_ = payload["call"], get_round(session, payload["call"])
    if round_.phase != payload["phase"]:
        return []  # it has gone on, and that is told instead
    rows = session.execute(
        _assignments().where(Proposal.call_id == call_id, Assignment.state.in_(STANDING_STATES))
    ).all()
    people = frozenset(r.reviewer_id for r in _clear(session, rows))
    if not people:
        return []
    words: dict[str, Text | str] = {"phase": PHASES[round_.phase], "todo": PHASE_TODO[round_.phase]}
    return [
        News(
            event,
            read_window(session, call_id).name,
            by=_ahead(round_.due_at, now),
            words=words,
            people=people,
            key=f"{event}:{call_id}:{round_.version}",
        )
    ]


def _reopened(session: Session, event: Event, payload: Payload, now: datetime) -> list[News]:
    row = _one(session, payload)
    if row is None or row.state != ACCEPTED or _ahead(row.reopened_until, now) is None:
        return []
    if not _clear(session, [row]):
        return []
    return [
        News(
            event,
            read_window(session, row.call_id).name,
            by=row.reopened_until,
            words={"number": row.number},
            people=frozenset({row.reviewer_id}),
            path=f"/reviewer/assignments/{row.id}",
        )
    ]


def _noted(session: Session, event: Event, payload: Payload, now: datetime) -> list[News]:
    """Once a day for each person and proposal; never the words, nor whose they are."""
    proposal_id, author_id = payload["proposal"], payload.get("by")
    found = read_matter(session, proposal_id)
    note = select(DiscussionNote.id).where(
        DiscussionNote.proposal_id == proposal_id, DiscussionNote.taken_back_at.is_(None)
    )
    if author_id is not None:
        note = note.where(DiscussionNote.author_id == author_id)
    if found is None or session.scalar(note.limit(1)) is None:
        return []
    matter, call_id = found
    name = read_window(session, call_id).name
    key = f"{event}:{proposal_id}:{now.astimezone(BANGKOK).date()}"
    rows = session.execute(
        _assignments().where(
            Assignment.proposal_id == proposal_id,
            Assignment.state == ACCEPTED,
            Assignment.submitted_at.is_not(None),
        )
    ).all()
    return [
        News(event, name, matter, words={"number": matter.number}, but=author_id, key=key),
        *(
            News(
                event,
                name,
                words={"number": r.number},
                people=frozenset({r.reviewer_id}),
                but=author_id,
                path=f"/reviewer/assignments/{r.id}/discussion",
                key=f"{key}:{r.reviewer_id}",
            )
            for r in _clear(session, rows)
        ),
    ]


REVIEW_READERS: dict[Event, Callable[[Session, Event, Payload, datetime], list[News]]] = {
    Event.REVIEWERS_ASSIGNED: _assigned,
    Event.ASSIGNMENT_WITHDRAWN: _taken_back,
    Event.ASSIGNMENT_DECLINED: _ended,
    Event.REVIEWER_RECUSED: _ended,
    Event.ROUND_MOVED: _moved,
    Event.REVIEW_REOPENED: _reopened,
    Event.DISCUSSION_NOTE: _noted,
}
