"""What a comparison says: changes of fields, lists and tables, ready to be shown."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import ClassVar

from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.proposals.comparing.marking import Span, shorten

Words = Text | str


def signed_baht(satang: int) -> str:
    """A difference of satang in baht with its sign, such as "+1,200.00" or "−300.50"; "0.00" for none."""
    return f"{'+' if satang > 0 else '−' if satang < 0 else ''}{format_baht(abs(satang))}"


def signed_count(number: int) -> str:
    """A difference of whole numbers with its sign, such as "+3" or "−1,000"."""
    return f"{'+' if number > 0 else '−' if number < 0 else ''}{abs(number):,}"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that changed. "" stands for nothing; `marks` are the differences of a text.

    Of amounts (baht) and whole numbers `is_number` holds, and `difference` is signed where both can be read.
    `before_unread` and `after_unread` say that this side is what was typed and could not be read.
    """

    kind: ClassVar[str] = "field"

    place: str
    name: Text
    before: Words
    after: Words
    marks: tuple[Span, ...] = ()
    difference: str = ""
    is_number: bool = False
    before_unread: bool = False
    after_unread: bool = False

    @property
    def count(self) -> int:
        return 1

    @property
    def brief(self) -> tuple[Span, ...]:
        """The marks without the long runs that did not change."""
        return shorten(self.marks)


@dataclass(frozen=True, slots=True)
class ListChange:
    """A list that gained or lost something; with neither, only its order changed."""

    kind: ClassVar[str] = "list"

    place: str
    name: Text
    added: tuple[Words, ...]
    removed: tuple[Words, ...]

    @property
    def count(self) -> int:
        return 1


class RowKind(StrEnum):
    """What became of a row; `MOVED` is one that only stands elsewhere."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class RowChange:
    """One row of a table. Numbers count from 1 and are None where there is no such row; `owner` is its agency.

    An added or removed row lists everything it holds, on the side where it stands.
    """

    kind: RowKind
    place: str
    before_number: int | None
    after_number: int | None
    title: str
    owner: Words
    cells: tuple[FieldChange, ...]
    is_moved: bool = False


@dataclass(frozen=True, slots=True)
class TotalChange:
    """A sum before and after, satang. `name` is the agency's."""

    name: Words
    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before

    @property
    def difference_said(self) -> str:
        """The difference in baht with its sign."""
        return signed_baht(self.difference)


@dataclass(frozen=True, slots=True)
class Totals:
    """What the budget adds up to: all together, per agency, and the commitments of later years."""

    all: TotalChange
    agencies: tuple[TotalChange, ...]
    later: TotalChange


@dataclass(frozen=True, slots=True)
class TableChange:
    """A table of which something changed; rows in their new order, removed ones where they stood."""

    kind: ClassVar[str] = "table"

    place: str
    name: Text
    row: Text
    rows: tuple[RowChange, ...]
    unchanged: int
    totals: Totals | None = None

    @property
    def count(self) -> int:
        return len(self.rows)

    def count_of(self, kind: str) -> int:
        """How many rows were "changed", "added", "removed" or "moved"."""
        return sum(row.kind == kind for row in self.rows)


Change = FieldChange | ListChange | TableChange


@dataclass(frozen=True, slots=True)
class SectionComparison:
    """What changed in one section, in the order of the form."""

    section: str
    name: Text
    changes: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        return not self.changes

    @property
    def count(self) -> int:
        """Changed fields and lists, and every row that changed."""
        return sum(change.count for change in self.changes)

    @property
    def places(self) -> frozenset[str]:
        """The addresses of everything that changed: fields, rows and cells."""
        return frozenset(self._places())

    def _places(self) -> Iterator[str]:
        for change in self.changes:
            yield change.place
            if isinstance(change, TableChange):
                for row in change.rows:
                    yield row.place
                    yield from (cell.place for cell in row.cells)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two documents compared: every section in the order of the form, changed or not."""

    sections: tuple[SectionComparison, ...]

    @property
    def changed(self) -> tuple[SectionComparison, ...]:
        """The sections in which something changed."""
        return tuple(section for section in self.sections if not section.is_empty)

    @property
    def is_empty(self) -> bool:
        return not self.changed

    @property
    def count(self) -> int:
        return sum(section.count for section in self.sections)
