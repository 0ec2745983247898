"""What merging finds."""

from __future__ import annotations

from typing import Any, Literal

from app.kernel.lean import dataclass
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing both changed in different ways; None on a side that has no such row or field.

    `kind`: a "field" (or a cell, then `number` is its row), a whole "row", a whole "table", or "unread": a text that
    could not be read and stands at no field. Values are as `comparing.unread.fold` leaves them. `place` is the
    address in the merged value.
    """

    place: str
    name: Text
    base: Any
    mine: Any
    theirs: Any
    kind: Literal["field", "row", "table", "unread"] = "field"
    key: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Merged:
    """A section with both people's changes. Where there is a conflict `value` holds mine, or the row that is left.

    `taken` are the places in `value` where theirs came in: fields, cells, whole rows, and the table's own place where
    a row of it was removed.
    """

    section: str
    value: dict[str, Any]
    taken: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
