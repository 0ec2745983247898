"""What was typed and could not be read, kept with its field.

A section may hold {"unread": {place: raw}} beside its fields. Comparing and merging have to treat a field and what was
typed in it as one thing, also when its row moves; so the raw texts are folded into the fields first, and unfolded
into their new places at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.kernel.lean import dataclass
from app.proposals.comparing.shape import SHAPES, UNREAD, Table


@dataclass(frozen=True, slots=True)
class Unread:
    """A field that could not be read: the value the section keeps for it, and what was typed."""

    value: Any
    raw: str


def fold(section: str, value: Mapping[str, Any]) -> dict[str, Any]:
    """A section value with its unread texts in their fields; a place without a field stays under "unread"."""
    unread: Mapping[str, str] = value.get(UNREAD) or {}
    folded = dict(value)
    table = next((part for part in SHAPES.get(section, ()) if isinstance(part, Table)), None)
    if table is not None and table.key in value:
        folded[table.key] = [dict(row) for row in value[table.key]]
    if not unread:
        return folded
    stray: dict[str, str] = {}
    for place, raw in unread.items():
        holder, key = _find(section, place, folded, table)
        if holder is None:
            stray[place] = raw
        else:
            holder[key] = Unread(holder[key], raw)
    folded.pop(UNREAD)
    return folded | {UNREAD: stray} if stray else folded


def _find(
    section: str, place: str, folded: dict[str, Any], table: Table | None
) -> tuple[dict[str, Any] | None, str]:
    if not place.startswith(f"{section}-"):
        return None, ""
    number, _, key = place.removeprefix(f"{section}-").partition("-")
    if not key:
        is_field = number in folded and (table is None or number != table.key) and number != UNREAD
        return (folded, number) if is_field else (None, "")
    if table is None or not number.isdecimal() or str(int(number)) != number:
        return None, ""
    rows = folded.get(table.key, [])
    row = rows[int(number) - 1] if 1 <= int(number) <= len(rows) else {}
    return (row, key) if key in row else (None, "")


def unfold(section: str, folded: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse of `fold`, with each unread text at the place its field has now."""
    unread: dict[str, str] = {}

    def plain(holder: Mapping[str, Any], prefix: str) -> dict[str, Any]:
        found = {}
        for key, value in holder.items():
            if isinstance(value, Unread):
                unread[f"{prefix}-{key}"] = value.raw
                value = value.value
            found[key] = value
        return found

    value = plain(folded, section)
    had = UNREAD in value
    stray = value.pop(UNREAD, {})
    for part in SHAPES.get(section, ()):
        if isinstance(part, Table) and part.key in value:
            rows = enumerate(value[part.key], 1)
            value[part.key] = [plain(row, part.place(section, n)) for n, row in rows]
    unread |= stray
    return value | {UNREAD: unread} if unread or had else value
