"""A section merged field by field, and conflicts resolved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.proposals.comparing.shape import SHAPES, UNREAD, Field, Kind, Table, name_of
from app.proposals.comparing.unread import fold, unfold
from app.proposals.merging.facts import Conflict, Merged
from app.proposals.merging.tables import merge_tables

Value = Mapping[str, Any]
MINE, THEIRS = "mine", "theirs"


def merge_section(section: str, base: Value, mine: Value, theirs: Value) -> Merged:
    """Bring two changes of one section together.

    A field only one side changed is that side's; lists of codes are merged as additions and removals; rows are
    followed from `base`. What both changed differently is a conflict.
    """
    old, own, other = (fold(section, value) for value in (base, mine, theirs))
    shape = {part.key: part for part in SHAPES.get(section, ())}
    value: dict[str, Any] = {}
    taken: list[str] = []
    conflicts: list[Conflict] = []
    for key in dict.fromkeys((*own, *other, *old)):
        sides = a, b, c = old.get(key), own.get(key), other.get(key)
        part = shape.get(key)
        place = f"{section}-{key}"
        merged: Any
        if key == UNREAD:
            merged = _merge_unread(a or {}, b or {}, c or {}, taken, conflicts)
        elif isinstance(part, Table):
            rows = merge_tables(section, part, a or [], b or [], c or [])
            taken.extend(rows.taken)
            conflicts.extend(rows.conflicts)
            merged = rows.rows
        elif isinstance(part, Field) and part.kind is Kind.CODES:
            merged = merge_codes(a or [], b or [], c or [])
            if set(merged) != set(b or ()):
                taken.append(place)
        elif is_conflict(*sides):
            conflicts.append(Conflict(place, name_of(place), *sides, "field", key))
            merged = b
        else:
            merged = settled(*sides)
            if merged != b:
                taken.append(place)
        if merged is not None:
            value[key] = merged
    if conflicts:
        return Merged(section, unfold(section, value), tuple(taken), tuple(conflicts))
    if mine == base or theirs == base:  # exactly what was typed, to the order of codes and empty keys
        return Merged(section, dict(theirs if mine == base else mine), tuple(taken), ())
    return Merged(section, unfold(section, value), tuple(taken), ())


def is_conflict(base: Any, mine: Any, theirs: Any) -> bool:
    """Whether both sides changed the same thing in different ways."""
    return bool(mine != theirs and mine != base and theirs != base)


def settled(base: Any, mine: Any, theirs: Any) -> Any:
    """The value when there is no conflict."""
    return theirs if mine == base else mine


def merge_codes(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """What either side added is in, what either side removed is out; mine in their order, then theirs."""
    if is_conflict(base, mine, theirs):
        return [
            *(code for code in dict.fromkeys(mine) if code in theirs or code not in base),
            *(code for code in dict.fromkeys(theirs) if code not in mine and code not in base),
        ]
    return list(settled(base, mine, theirs))


def _merge_unread(
    base: Mapping[str, str],
    mine: Mapping[str, str],
    theirs: Mapping[str, str],
    taken: list[str],
    conflicts: list[Conflict],
) -> dict[str, str]:
    merged: dict[str, str] = {}
    for place in dict.fromkeys((*mine, *theirs, *base)):
        sides = base.get(place), mine.get(place), theirs.get(place)
        if is_conflict(*sides):
            conflicts.append(Conflict(place, name_of(place), *sides, "unread", place))
            raw = sides[1]
        else:
            raw = settled(*sides)
            if raw != sides[1]:
                taken.append(place)
        if raw is not None:
            merged[place] = raw
    return merged


def resolve(merged: Merged, choices: Mapping[str, str]) -> dict[str, Any]:
    """The section's value with "mine" or "theirs" chosen at the place of every conflict.

    Raises `ValueError` where nothing, or anything else, was chosen: that would be a guess.
    """
    section = merged.section
    value = fold(section, merged.value)
    tables = {part.key: part for part in SHAPES.get(section, ()) if isinstance(part, Table)}
    dropped: list[int] = []
    for conflict in merged.conflicts:
        choice = choices.get(conflict.place)
        if choice not in (MINE, THEIRS):
            raise ValueError(f"nothing was chosen at {conflict.place}")
        chosen = conflict.mine if choice == MINE else conflict.theirs
        if conflict.kind == "table":
            value[conflict.key] = list(chosen)
        elif conflict.kind == "row" and chosen is None:
            dropped.append(conflict.number)
        elif conflict.kind == "row":
            value[_rows_key(tables)][conflict.number - 1] = dict(chosen)
        elif conflict.kind == "unread":
            _put(value.setdefault(UNREAD, {}), conflict.key, chosen)
        elif conflict.number:
            _put(value[_rows_key(tables)][conflict.number - 1], conflict.key, chosen)
        else:
            _put(value, conflict.key, chosen)
    if dropped:
        key = _rows_key(tables)
        value[key] = [row for n, row in enumerate(value[key], 1) if n not in dropped]
    return unfold(section, value)


def _rows_key(tables: Mapping[str, Table]) -> str:
    return next(iter(tables))


def _put(holder: dict[str, Any], key: str, value: Any) -> None:
    if value is None:
        holder.pop(key, None)
    else:
        holder[key] = value
