"""How the reviews of a call run."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.identity.facts import Actor, Role
from app.kernel.db import table_of
from app.reviews.facts import NamesFor, RoundFacts
from app.reviews.models import ReviewRound

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
