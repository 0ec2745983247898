"""How the reviews of a call run."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.identity.facts import Actor, Role
from app.identity.models import User
from app.identity.rules import Permission, require
from app.kernel.db import table_of
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.reviews.facts import NamesFor, RoundFacts
from app.reviews.models import ReviewRound, RoundMove

ROUNDS = table_of(ReviewRound)
# as columns of any statement that joins the round of a call; read with `read_round`
ROUND_COLUMNS = (
    ROUNDS.c.version.label("round_version"),
    ROUNDS.c.phase,
    ROUNDS.c.names_for,
    ROUNDS.c.load_limit,
    ROUNDS.c.least_bodies,
    ROUNDS.c.scoring_due_at,
    ROUNDS.c.discussion_due_at,
    ROUNDS.c.final_due_at,
)
_UNSET = RoundFacts()


def read_round(row: Row[*tuple[Any, ...]]) -> RoundFacts:
    """The round in a row that holds `ROUND_COLUMNS`; the values of a call nobody has set up where it is empty."""
    if row.phase is None:
        return _UNSET
    return RoundFacts(
        version=row.round_version,
        phase=row.phase,
        names_for=NamesFor(row.names_for),
        load_limit=row.load_limit,
        least_bodies=row.least_bodies,
        scoring_due_at=row.scoring_due_at,
        discussion_due_at=row.discussion_due_at,
        final_due_at=row.final_due_at,
    )


def get_round(session: Session, call_id: int) -> RoundFacts:
    """The round of a call, or how a call without one runs. One query."""
    row = session.execute(select(*ROUND_COLUMNS).where(ROUNDS.c.call_id == call_id)).first()
    return read_round(row) if row is not None else _UNSET


def shows_names(actor: Actor, names_for: NamesFor) -> bool:
    """Whether somebody reads reviewers' names beside their scores."""
    if actor.is_system or Role.SECRETARIAT in actor.roles:
        return True
    if Role.COMMITTEE in actor.roles:
        return names_for is not NamesFor.SECRETARIAT
    return names_for is NamesFor.EVERYONE


@dataclass(frozen=True, slots=True)
class MoveView:
    """A step of a round; `by` None is the system."""

    move: str
    from_phase: str
    to_phase: str
    reason: str
    at: datetime
    by: Text | None


def list_round_moves(session: Session, actor: Actor, call_id: int) -> list[MoveView]:
    """Every step a round took, latest first. One query."""
    require(actor, Permission.READ_REVIEWS)
    rows = session.execute(
        select(
            RoundMove.move,
            RoundMove.from_phase,
            RoundMove.to_phase,
            RoundMove.reason,
            RoundMove.at,
            User.name_th,
            User.name_en,
        )
        .join(ReviewRound, ReviewRound.id == RoundMove.round_id)
        .outerjoin(User, User.id == RoundMove.by)
        .where(ReviewRound.call_id == call_id)
        .order_by(RoundMove.id.desc())
    )
    return [
        MoveView(
            r.move,
            r.from_phase,
            r.to_phase,
            r.reason,
            r.at,
            Text(r.name_th, r.name_en) if r.name_th is not None else None,
        )
        for r in rows
    ]
