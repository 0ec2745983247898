"""Where decisions of a call are made: in the meeting that is open, or anywhere in a call without meetings."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, String, and_, cast, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.calls.models import Call
from app.decisions.facts import OWN_WORD, ItemKind, Level
from app.decisions.models import AgendaItem, Decision, Meeting, MeetingMember, Recusal
from app.decisions.rules import next_number, number_prefix
from app.decisions.states import CANCELLED
from app.kernel.lean import dataclass

COLUMNS = 7  # that `with_sitting` adds


@dataclass(frozen=True, slots=True)
class Sitting:
    """`has_met` says that the call decides in meetings at all; `meeting_id` is None while none is open. `prefix` begins
    the numbers of resolutions and `next_number` is the one to propose, "" where people number in their own way.
    `recused` is the word by which the person asked for takes no part in the proposal asked for. `settles_list` says that
    the open meeting recommends a list and decides no proposal."""

    has_met: bool
    meeting_id: int | None = None
    number: str = ""
    prefix: str = ""
    next_number: str = ""
    recused: str | None = None
    settles_list: bool = False

    @property
    def may_decide(self) -> bool:
        """Whether a decision can be recorded now: in an open meeting that decides, or in a call without meetings."""
        return not self.has_met or (self.meeting_id is not None and not self.settles_list)


def with_sitting(
    chosen: Select[*tuple[Any, ...]], call_id: int, proposal_id: int, user_id: int | None
) -> Select[*tuple[Any, ...]]:
    """Rows of `chosen`, which says what it selects from, with the open meeting of a call beside each: `COLUMNS` columns
    more, and no rows."""
    position = func.coalesce(
        select(func.min(AgendaItem.position))
        .where(AgendaItem.meeting_id == Meeting.id, AgendaItem.kind == ItemKind.CONSIDER.value)
        .correlate(Meeting)
        .scalar_subquery(),
        1,
    )
    highest = (
        select(Decision.number)
        .where(Decision.meeting_id == Meeting.id, Decision.superseded_at.is_(None))
        .where(Decision.number.like(Meeting.number + "-" + cast(position, String) + ".%"))
        .order_by(func.length(Decision.number).desc(), Decision.number.desc())
        .limit(1)
        .correlate(Meeting)
        .scalar_subquery()
    )
    every = aliased(Meeting)
    met = exists().where(every.call_id == call_id, every.state != CANCELLED)
    return (
        chosen.outerjoin(Meeting, Meeting.open_for == call_id)
        .outerjoin(
            MeetingMember,
            and_(MeetingMember.meeting_id == Meeting.id, MeetingMember.user_id == (user_id or -1)),
        )
        .outerjoin(
            Recusal,
            and_(
                Recusal.member_id == MeetingMember.id,
                Recusal.proposal_id == proposal_id,
                Recusal.ground == OWN_WORD,
            ),
        )
        .add_columns(met, Meeting.id, Meeting.number, Meeting.level, position, highest, Recusal.note)
    )


def sitting_of(values: tuple[Any, ...]) -> Sitting:
    """What the columns of `with_sitting` say."""
    met, meeting_id, number, level, position, highest, recused = values
    if meeting_id is None:
        return Sitting(bool(met))
    prefix = number_prefix(number, position)
    counts = highest is None or highest.removeprefix(prefix).isdecimal()
    following = next_number(prefix, [highest] if highest else []) if counts else ""
    return Sitting(True, meeting_id, number, prefix, following, recused, Level(level).settles_list)


def find_sitting(session: Session, call_id: int, proposal_id: int = 0, user_id: int | None = None) -> Sitting:
    """Where decisions of a call are made now. One query; a meeting called off is none."""
    chosen = with_sitting(
        select(Call.id).select_from(Call).where(Call.id == call_id), call_id, proposal_id, user_id
    )
    return sitting_of(tuple(session.execute(chosen).one())[1:])
