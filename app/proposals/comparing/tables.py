"""Two values of one table, row by row and cell by cell, with what its amounts add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.kernel.text import Text
from app.proposals.comparing.changes import (
    FieldChange,
    RowChange,
    RowKind,
    TableChange,
    TotalChange,
    Totals,
)
from app.proposals.comparing.reading import compare_values, read_number
from app.proposals.comparing.rows import Alignment, align
from app.proposals.comparing.shape import Field, Kind, Names, Row, Table, row_keys
from app.proposals.drafts import LATER_KEYS

_AMOUNT = Field("amount", Text("วงเงิน", "Amount"), Kind.AMOUNT)
_ALL = Text("รวม", "Total")
_LATER = Text("ผูกพันปีต่อไป", "Later years")


def compare_tables(
    section: str, table: Table, before: Sequence[Row], after: Sequence[Row], names: Names
) -> TableChange | None:
    """What became of the rows of a table; None when nothing did."""
    if before == after:
        return None
    aligned = align(table, before, after)
    rows = tuple(_rows(section, table, before, after, aligned, names))
    if not rows:
        return None
    unchanged = len(aligned.pairs) - sum(row.kind in (RowKind.CHANGED, RowKind.MOVED) for row in rows)
    totals = _totals(table, before, after, names) if section == "budget" else None
    return TableChange(f"{section}-{table.key}", table.name, table.row, rows, unchanged, totals)


def compare_rows(
    section: str, table: Table, before: Row, after: Row, number: int, names: Names
) -> tuple[FieldChange, ...]:
    """The cells in which two rows differ, the amount of a budget line among them."""
    found: list[FieldChange] = []
    for key in row_keys(table, before, after):
        place = table.place(section, number, key)
        change = compare_values(table.field(key), place, before.get(key), after.get(key), names)
        if isinstance(change, FieldChange):
            found.append(change)
        if key == "unit_price" and section == "budget":
            old, new = (_said_amount(row) for row in (before, after))
            amount = compare_values(_AMOUNT, table.place(section, number), old, new, names)
            if isinstance(amount, FieldChange):
                found.append(amount)
    return tuple(found)


def _rows(
    section: str,
    table: Table,
    before: Sequence[Row],
    after: Sequence[Row],
    aligned: Alignment,
    names: Names,
) -> Iterator[RowChange]:
    old_of = {j: i for i, j in aligned.pairs}
    new_of = dict(aligned.pairs)
    removed_after: dict[int, list[int]] = {}  # by the index after of the row they stood behind, -1 for none
    behind = -1
    for i in range(len(before)):
        if i in new_of:
            behind = new_of[i]
        else:
            removed_after.setdefault(behind, []).append(i)

    def change(kind: RowKind, i: int | None, j: int | None, *, is_moved: bool = False) -> RowChange:
        old: Row = {} if i is None else before[i]
        new: Row = {} if j is None else after[j]
        standing = new if j is not None else old
        number = (j if j is not None else i or 0) + 1
        owner = str(standing.get("agency") or "")
        return RowChange(
            kind,
            table.place(section, number),
            None if i is None else i + 1,
            None if j is None else j + 1,
            _said_title(table, standing),
            names.name("agencies", owner),
            compare_rows(section, table, old, new, number, names),
            is_moved,
        )

    for j in range(-1, len(after)):
        if j >= 0:
            kept = old_of.get(j)
            if kept is None:
                yield change(RowKind.ADDED, None, j)
            elif kept in aligned.moved or before[kept] != after[j]:
                is_moved = kept in aligned.moved
                found = change(RowKind.CHANGED, kept, j, is_moved=is_moved)
                if found.cells:
                    yield found
                elif is_moved:
                    yield change(RowKind.MOVED, kept, j, is_moved=True)
        for i in removed_after.get(j, ()):
            yield change(RowKind.REMOVED, i, None)


def _said_title(table: Table, row: Row) -> str:
    value = row.get(table.title) or ""
    return str(getattr(value, "raw", value))


def line_amount(row: Row) -> int:
    """Quantity x unit price of a budget row, satang; what cannot be read counts as nothing."""
    quantity = read_number(Field("quantity", _ALL, Kind.COUNT), row.get("quantity"))
    return (quantity or 0) * (read_number(_AMOUNT, row.get("unit_price")) or 0)


def _said_amount(row: Row) -> str:
    amount = line_amount(row)
    return f"{amount // 100}.{amount % 100:02d}" if amount else ""


def _totals(table: Table, before: Sequence[Row], after: Sequence[Row], names: Names) -> Totals:
    def by_agency(rows: Sequence[Row]) -> dict[str, int]:
        sums: dict[str, int] = {}
        for row in rows:
            code = str(row.get("agency") or "")
            sums[code] = sums.get(code, 0) + line_amount(row)
        return sums

    def later(rows: Sequence[Row]) -> int:
        return sum(read_number(_AMOUNT, row.get(key)) or 0 for row in rows for key in LATER_KEYS)

    old, new = by_agency(before), by_agency(after)
    return Totals(
        TotalChange(_ALL, sum(old.values()), sum(new.values())),
        tuple(
            TotalChange(names.name("agencies", code), old.get(code, 0), new.get(code, 0))
            for code in dict.fromkeys((*old, *new))
        ),
        TotalChange(_LATER, later(before), later(after)),
    )
