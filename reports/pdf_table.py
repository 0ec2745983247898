"""Tables on paper: which columns go on it, how wide, which way the page lies, and what the template prints."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from reports.document import Block, Column, Row, Table
from reports.rounding import STEPS, rounding_difference
from reports.thai import unit_of

if TYPE_CHECKING:
    from reports.pdf_body import Compositor

_WIDE = 95
_SHORT = 8  # rows up to which an upright table is not broken over pages


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows ``start`` to ``stop`` of a table; the whole of any other block. ``at`` is the block's
    place among the printed blocks of the document."""

    block: Block
    at: int = 0
    start: int = 0
    stop: int = 0
    rows: tuple[Row, ...] = ()

    @property
    def table(self) -> Table:
        """The block, where it is known to be a table."""
        assert isinstance(self.block, Table)
        return self.block

    @property
    def is_cut(self) -> bool:
        """Whether rows of the table follow in a later part."""
        return isinstance(self.block, Table) and self.stop < len(self.block.rows)


def printed_columns(table: Table) -> list[tuple[int, Column]]:
    """The columns that go on paper, with their place in a row."""
    return [
        (index, column)
        for index, column in enumerate(table.columns)
        if not (column.excel_only or column.hidden)
    ]


def column_shares(table: Table) -> list[float]:
    """The width of each printed column in per cent of the page."""
    columns = printed_columns(table)
    whole = sum(column.width for _, column in columns)
    return [100 * column.width / whole for _, column in columns]


def is_landscape(table: Table) -> bool:
    """Whether a table lies across the page: as it says, else when it is wide."""
    if table.landscape is not None:
        return table.landscape
    return sum(column.width for _, column in printed_columns(table)) > _WIDE


def table_values(compositor: Compositor, piece: Slice) -> dict[str, Any]:
    """A table, or the slice of one, as template values."""
    table = piece.table
    columns = printed_columns(table)
    styles = table.row_styles or ("",) * len(table.rows)
    rows = [
        {
            "style": styles[piece.start + offset],
            "cells": [compositor.cell(row[index], column) for index, column in columns],
        }
        for offset, row in enumerate(piece.rows)
    ]
    begun = piece.start > 0
    closes = table.has_totals and not piece.is_cut
    rounding = _rounding(compositor, table) if closes else []
    return {
        "is": "table",
        "name": table.name,
        "title": "" if begun else compositor.prose(table.title),
        "question": "" if begun else compositor.prose(table.question),
        "note": "" if piece.is_cut else compositor.prose(table.note),
        "rounding_rule": _rounding_rule(compositor, table) if rounding else "",
        "shares": [f"{share:.4f}" for share in column_shares(table)],
        "grouped": any(column.group for _, column in columns),
        "heads": _heads(compositor, [column for _, column in columns]),
        "looks": ["n" if column.is_number else "c" if column.kind == "date" else "" for _, column in columns],
        "carries": bool(table.carry_forward),
        "marked": begun or piece.is_cut or compositor.marks_rows,
        "start": piece.start,
        "whole": not (begun or piece.is_cut) and len(piece.rows) <= _SHORT and not is_landscape(table),
        "rows": rows,
        "rounding": rounding,
        "totals": _totals(compositor, table) if closes else [],
        "empty": compositor.word("empty"),
    }


def _heads(compositor: Compositor, columns: list[Column]) -> list[dict[str, Any]]:
    """Column headings; the first of a run in one group says how far the group reaches."""
    heads: list[dict[str, Any]] = []
    for at, column in enumerate(columns):
        begins = bool(column.group) and (at == 0 or columns[at - 1].group != column.group)
        span = 1
        while begins and at + span < len(columns) and columns[at + span].group == column.group:
            span += 1
        heads.append(
            {
                "title": compositor.prose(column.title),
                "unit": unit_of(column.kind, column.unit, compositor.language),
                "look": "" if column.is_number or column.kind == "date" else "text",
                "group": compositor.prose(column.group),
                "begins_group": begins,
                "span": span,
            }
        )
    return heads


def _rounding(compositor: Compositor, table: Table) -> list[str]:
    """The line above the totals that makes rounded columns add up; nothing where they do."""
    values = table.values()
    differences = {
        index: rounding_difference((row[index] for row in values), column.kind)
        for index, column in printed_columns(table)
        if column.kind in STEPS and column.total == "sum"
    }
    if not any(differences.values()):
        return []
    texts: list[str] = []
    named = False
    for index, column in printed_columns(table):
        if index in differences:
            texts.append(compositor.cell(differences[index], column) if differences[index] else "–")
        elif not named and _bears_words(column):
            texts.append(compositor.word("rounding"))
            named = True
        else:
            texts.append("")
    return texts


def _rounding_rule(compositor: Compositor, table: Table) -> str:
    rule = compositor.word("rounding_rule")
    return f"{rule} {compositor.word('rounding_carried')}" if table.carry_forward else rule


def _bears_words(column: Column) -> bool:
    """Whether a column has room for what names the line of totals."""
    return not column.is_number and column.width >= 10


def _totals(compositor: Compositor, table: Table) -> list[str]:
    texts: list[str] = []
    named = False
    for index, column in printed_columns(table):
        total = table.total(index)
        if total is not None:
            # A count of anything is a whole number, whatever it counts.
            shown = replace(column, kind="int") if column.total == "count" else column
            texts.append(compositor.cell(total, shown))
        elif not named and _bears_words(column):
            texts.append(compositor.word("total"))
            named = True
        else:
            texts.append("")
    return texts
