"""What is asked of decisions themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.decisions.facts import Verdict
from app.decisions.models import Decision, Meeting
from app.decisions.queries.sitting import COLUMNS, Sitting, sitting_of, with_sitting
from app.identity.models import User
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision with who recorded it. `amount` in satang; `number` is of the resolution, "" where it has none;
    `meeting_id` and `meeting` (its number) are of the meeting that resolved it, None and "" outside meetings."""

    id: int
    proposal_id: int
    verdict: Verdict
    amount: int
    conditions: str
    resolution: str
    reason: str
    decided_at: datetime
    decided_by: Text
    is_current: bool
    number: str = ""
    meeting_id: int | None = None
    meeting: str = ""


def _select() -> Select[Decision, str, str, str]:
    return (
        select(Decision, User.name_th, User.name_en, Meeting.number)
        .outerjoin(User, User.id == Decision.decided_by)
        .outerjoin(Meeting, Meeting.id == Decision.meeting_id)
    )


def _view(d: Decision, name_th: str | None, name_en: str | None, meeting: str | None) -> DecisionView:
    return DecisionView(
        d.id,
        d.proposal_id,
        Verdict(d.verdict),
        d.amount,
        d.conditions,
        d.resolution,
        d.reason,
        d.decided_at,
        Text(name_th or "", name_en or ""),
        d.superseded_at is None,
        d.number,
        d.meeting_id,
        meeting or "",
    )


def current_decisions(session: Session, call_id: int) -> dict[int, DecisionView]:
    """Proposal id -> the decision that counts. One query."""
    rows = session.execute(
        _select()
        .join(Proposal, Proposal.id == Decision.proposal_id)
        .where(Proposal.call_id == call_id, Decision.superseded_at.is_(None))
    )
    return {decision.proposal_id: _view(decision, *name) for decision, *name in rows}


def decisions_at(session: Session, meeting: Meeting) -> dict[int, DecisionView]:
    """Proposal id -> the decision that counted when a meeting closed: its own version, whatever later ones amended. For
    a meeting that is not closed, the decisions that count now. One query."""
    if meeting.closed_at is None:
        return current_decisions(session, meeting.call_id)
    rows = session.execute(
        _select()
        .join(Proposal, Proposal.id == Decision.proposal_id)
        .where(Proposal.call_id == meeting.call_id, Decision.decided_at <= meeting.closed_at)
        .where(or_(Decision.superseded_at.is_(None), Decision.superseded_at > meeting.closed_at))
    )
    return {decision.proposal_id: _view(decision, *name) for decision, *name in rows}


def decisions_on(session: Session, proposal_ids: Collection[int]) -> dict[int, DecisionView]:
    """Proposal id -> the decision that counts, of any calls. One query; the caller knows who may see them."""
    rows = session.execute(
        _select().where(Decision.proposal_id.in_(proposal_ids), Decision.superseded_at.is_(None))
    )
    return {decision.proposal_id: _view(decision, *name) for decision, *name in rows}


def decisions_and_rest(session: Session, call_id: int, proposal_id: int) -> tuple[list[DecisionView], int]:
    """Every decision on a proposal, the one that counts first, and what is approved for all others of the call (satang).
    One query."""
    return deciding_on(session, call_id, proposal_id, None)[:2]


def deciding_on(
    session: Session, call_id: int, proposal_id: int, user_id: int | None
) -> tuple[list[DecisionView], int, Sitting]:
    """The same with the meeting that is open, as it is for one person. One query."""
    rest = _approved(call_id, proposal_id).subquery()
    said_in = aliased(Meeting)
    chosen = (
        select(rest.c.total, Decision, User.name_th, User.name_en, said_in.number)
        .select_from(rest)
        .outerjoin(Decision, Decision.proposal_id == proposal_id)
        .outerjoin(User, User.id == Decision.decided_by)
        .outerjoin(said_in, said_in.id == Decision.meeting_id)
        .order_by(Decision.id.desc())
    )
    rows = session.execute(with_sitting(chosen, call_id, proposal_id, user_id)).all()
    found = [_view(row[1], *row[2:-COLUMNS]) for row in rows if row[1] is not None]
    return found, int(rows[0][0]), sitting_of(tuple(rows[0])[-COLUMNS:])


def _approved(call_id: int, but: int) -> Select[int]:
    return (
        select(func.coalesce(func.sum(Decision.amount), 0).label("total"))
        .join(Proposal, Proposal.id == Decision.proposal_id)
        .where(
            Proposal.call_id == call_id,
            Decision.superseded_at.is_(None),
            Decision.proposal_id != but,
        )
    )


def approved_total(session: Session, call_id: int, *, but: int = 0) -> int:
    """What is approved in a call so far (satang), leaving out the proposal `but`."""
    return int(session.scalar(_approved(call_id, but)) or 0)


def approved_by_call(session: Session) -> dict[int, int]:
    """Call id -> what is approved so far (satang). One query for any number of calls."""
    rows = session.execute(
        select(Proposal.call_id, func.sum(Decision.amount))
        .join(Proposal, Proposal.id == Decision.proposal_id)
        .where(Decision.superseded_at.is_(None))
        .group_by(Proposal.call_id)
    )
    return {call_id: int(total) for call_id, total in rows}
