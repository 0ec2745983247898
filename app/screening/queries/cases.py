"""What the secretariat keeps for itself about filings: who looks after which, and its notes. Nobody else is shown it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.identity.facts import Actor, Role
from app.identity.models import User, UserMembership
from app.identity.rules import Permission, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.screening.casework import STATES_OF, Standing
from app.screening.models import ScreeningCase, ScreeningNote


@dataclass(frozen=True, slots=True)
class NoteView:
    """What somebody of the secretariat noted."""

    note: str
    at: datetime
    by: Text


def last_notes(session: Session, proposal_ids: Collection[int]) -> dict[int, NoteView]:
    """Proposal id -> its latest note, for those that have one; one query."""
    last = (
        select(func.max(ScreeningNote.id))
        .where(ScreeningNote.proposal_id.in_(proposal_ids))
        .group_by(ScreeningNote.proposal_id)
    )
    rows = session.execute(
        select(ScreeningNote.proposal_id, ScreeningNote.note, ScreeningNote.at, User.name_th, User.name_en)
        .outerjoin(User, User.id == ScreeningNote.by)
        .where(ScreeningNote.id.in_(last))
    )
    return {r.proposal_id: NoteView(r.note, r.at, Text(r.name_th or "", r.name_en or "")) for r in rows}


@dataclass(frozen=True, slots=True)
class CaseView:
    """What the secretariat keeps for itself about a filing: who looks after it, and its notes, latest first."""

    assignee_id: int | None
    assignee: Text | None
    notes: tuple[NoteView, ...]


def get_case(session: Session, actor: Actor, proposal_id: int) -> CaseView:
    """The case of a proposal, empty while nobody touched it. Raises `Forbidden` for whoever does not screen."""
    require(actor, Permission.RUN_SCREENING)
    given = session.execute(
        select(User.id, User.name_th, User.name_en)
        .join(ScreeningCase, ScreeningCase.assignee_id == User.id)
        .where(ScreeningCase.proposal_id == proposal_id)
    ).first()
    notes = session.execute(
        select(ScreeningNote.note, ScreeningNote.at, User.name_th, User.name_en)
        .outerjoin(User, User.id == ScreeningNote.by)
        .where(ScreeningNote.proposal_id == proposal_id)
        .order_by(ScreeningNote.id.desc())
    )
    return CaseView(
        given.id if given else None,
        Text(given.name_th, given.name_en) if given else None,
        tuple(NoteView(r.note, r.at, Text(r.name_th or "", r.name_en or "")) for r in notes),
    )


def list_screeners(session: Session) -> dict[int, Text]:
    """Whoever may look after a case: people of the secretariat who can sign in, by name."""
    rows = session.execute(
        select(User.id, User.name_th, User.name_en)
        .where(
            User.disabled_at.is_(None),
            User.id.in_(select(UserMembership.user_id).where(UserMembership.role == Role.SECRETARIAT.value)),
        )
        .order_by(User.name_th, User.id)
    )
    return {r.id: Text(r.name_th, r.name_en) for r in rows}


@dataclass(frozen=True, slots=True)
class Attention:
    """How many filings of a call need a person, and of how many of those nobody looks after."""

    waiting: int = 0
    unattended: int = 0


def count_attention(session: Session) -> dict[int, Attention]:
    """Call id -> what needs a person; one query for any number of calls."""
    waiting = (*STATES_OF[Standing.NEEDS_PERSON], *STATES_OF[Standing.UNSCREENED])
    rows = session.execute(
        select(
            Proposal.call_id,
            func.count(),
            func.count().filter(ScreeningCase.assignee_id.is_(None)),
        )
        .outerjoin(ScreeningCase, ScreeningCase.proposal_id == Proposal.id)
        .where(Proposal.state.in_(waiting))
        .group_by(Proposal.call_id)
    )
    return {call_id: Attention(all_, nobody) for call_id, all_, nobody in rows}
