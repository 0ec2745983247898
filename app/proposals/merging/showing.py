"""Conflicts in words: what each side says, with the differences between the two marked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.calls.facts import PlanStructure
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.comparing.changes import TableChange, Words
from app.proposals.comparing.marking import Mark, Span, mark_differences
from app.proposals.comparing.reading import is_number, say_value
from app.proposals.comparing.shape import SHAPES, Field, Kind, Names, Row, Table, row_keys
from app.proposals.comparing.tables import compare_tables
from app.proposals.comparing.unread import Unread
from app.proposals.facts import AgencyRef
from app.proposals.merging.facts import Conflict


@dataclass(frozen=True, slots=True)
class ShownCell:
    """One value of one side; "" for nothing. `marks` of a text mark what the other side does not say."""

    name: Text
    words: Words
    marks: tuple[Span, ...]
    differs: bool
    is_number: bool
    is_unread: bool


@dataclass(frozen=True, slots=True)
class Side:
    """What one side says: its cells (one for a field), or what it changed in a table. `is_gone`: it has no such row."""

    cells: tuple[ShownCell, ...] = ()
    table: TableChange | None = None
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class ShownConflict:
    """One choice to make; `place` is its field name and its key in `resolve`."""

    place: str
    name: Text
    kind: str
    base: Side
    mine: Side
    theirs: Side


def show_conflicts(
    conflicts: Iterable[Conflict], plan: PlanStructure, directory: Mapping[str, AgencyRef]
) -> tuple[ShownConflict, ...]:
    """Conflicts ready to be shown, codes by their names."""
    names = Names(plan, directory)
    return tuple(_show(conflict, names) for conflict in conflicts)


def _show(conflict: Conflict, names: Names) -> ShownConflict:
    section = conflict.place.partition("-")[0]
    part = next(
        (part for part in SHAPES.get(section, ()) if isinstance(part, Table) or part.key == conflict.key),
        None,
    )
    if conflict.kind == "table" and isinstance(part, Table):
        base, mine, theirs = (
            Side(),
            *(
                Side(table=compare_tables(section, part, conflict.base, rows, names))
                for rows in (conflict.mine, conflict.theirs)
            ),
        )
    elif conflict.kind == "row" and isinstance(part, Table):
        rows = conflict.base, conflict.mine, conflict.theirs
        base, mine, theirs = (_row_side(part, row, other, names) for row, other in _facing(*rows))
    else:
        own = _own_field(section, conflict)
        values = conflict.base, conflict.mine, conflict.theirs
        base, mine, theirs = (
            Side(cells=(_cell(own, value, other, names),)) for value, other in _facing(*values)
        )
    return ShownConflict(conflict.place, conflict.name, conflict.kind, base, mine, theirs)


def _facing(base: Any, mine: Any, theirs: Any) -> tuple[tuple[Any, Any], ...]:
    """Each value with the one its differences are told from."""
    return (base, base), (mine, theirs), (theirs, mine)


def _own_field(section: str, conflict: Conflict) -> Field:
    for part in SHAPES.get(section, ()):
        if isinstance(part, Table) and conflict.number:
            return part.field(conflict.key)
        if isinstance(part, Field) and part.key == conflict.key and not conflict.number:
            return part
    return Field(conflict.key, conflict.name)


def _row_side(table: Table, row: Row | None, other: Row | None, names: Names) -> Side:
    if row is None:
        return Side(is_gone=True)
    facing = row if other is None else other
    cells = (
        _cell(table.field(key), row.get(key), facing.get(key), names) for key in row_keys(table, row, facing)
    )
    return Side(cells=tuple(cell for cell in cells if cell.words or cell.differs))


def _cell(field: Field, value: Any, other: Any, names: Names) -> ShownCell:
    words, facing = say_value(field, value, names), say_value(field, other, names)
    marks: tuple[Span, ...] = ()
    if isinstance(words, str) and isinstance(facing, str) and field.kind is Kind.TEXT:
        spans = mark_differences(facing, words)
        marks = tuple(span for span in spans if span.mark is not Mark.DELETED)
    return ShownCell(field.name, words, marks, value != other, is_number(field), isinstance(value, Unread))
