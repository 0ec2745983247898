"""Which reminders are due: nobody promises them, a chore looks for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calls.facts import deadline_of
from app.calls.queries import list_windows
from app.kernel.text import Text
from app.notices.facts import Event, News
from app.notices.matters import read_matter, read_window
from app.notices.rules import STEPS, step_due
from app.notices.wording import STEP_NAMES, draft_count
from app.proposals.models import Proposal, ProposalMove, ProposalReturn
from app.proposals.states import DRAFT


def list_reminders(session: Session, now: datetime) -> dict[str, News]:
    """Every reminder whose moment has come, whether or not it was written: drafts by agency, returned proposals.

    The keys name the thing, its closing moment and the step: a later closing moment is another, and reminds again.
    """
    return {**dict(_drafts(session, now)), **dict(_returns(session, now))}


def _key(event: Event, thing: str, closes_at: datetime, step: timedelta) -> str:
    return f"{event}:{thing}:{int(closes_at.timestamp())}:{int(step.total_seconds())}"


def _drafts(session: Session, now: datetime) -> Iterator[tuple[str, News]]:
    windows = {w.id: w for w in list_windows(session) if w.opens_at <= now}
    last = {w.id: max((w.closes_at, *(e.closes_at for e in w.extensions))) for w in windows.values()}
    ahead = [call_id for call_id, closes_at in last.items() if closes_at > now]
    if not ahead:
        return
    # a filing that was withdrawn is a draft since then
    since = func.max(ProposalMove.at)
    rows = session.execute(
        select(
            Proposal.call_id,
            Proposal.lead_agency_id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.created_at,
            since.label("moved_at"),
        )
        .outerjoin(ProposalMove, ProposalMove.proposal_id == Proposal.id)
        .where(Proposal.call_id.in_(ahead), Proposal.state == DRAFT)
        .group_by(Proposal.id)
        .order_by(Proposal.number)
    )
    due: dict[tuple[int, int, timedelta], list[tuple[str, Text]]] = {}
    for row in rows:
        closes_at = deadline_of(windows[row.call_id], row.lead_agency_id).closes_at
        step = step_due(closes_at, row.moved_at or row.created_at, now)
        if step is not None:
            drafts = due.setdefault((row.call_id, row.lead_agency_id, step), [])
            drafts.append((row.number, Text(row.title_th, row.title_en)))
    for (call_id, agency_id, step), drafts in due.items():
        window = windows[call_id]
        closes_at = deadline_of(window, agency_id).closes_at
        yield (
            _key(Event.DRAFTS_DUE, f"{call_id}:{agency_id}", closes_at, step),
            News(
                Event.DRAFTS_DUE,
                window.name,
                named=frozenset({agency_id}),
                by=closes_at,
                words={"step": STEP_NAMES[step], "count": draft_count(len(drafts))},
                drafts=tuple(drafts),
            ),
        )


def _returns(session: Session, now: datetime) -> Iterator[tuple[str, News]]:
    for row in session.scalars(
        select(ProposalReturn)
        .where(
            ProposalReturn.state == "open",
            ProposalReturn.due_at > now,
            ProposalReturn.due_at <= now + max(STEPS),
        )
        .order_by(ProposalReturn.id)
    ):
        step = step_due(row.due_at, row.returned_at, now)
        found = read_matter(session, row.proposal_id) if step else None
        if step is None or found is None:
            continue
        matter, call_id = found
        words: dict[str, Text | str] = {"step": STEP_NAMES[step]}
        yield (
            _key(Event.RETURN_DUE, str(row.id), row.due_at, step),
            News(
                Event.RETURN_DUE,
                read_window(session, call_id).name,
                matter,
                by=row.due_at,
                words=words,
            ),
        )
