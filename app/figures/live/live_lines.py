"""The budget lines, alive: each knows whether its project is within the ceiling now."""

from __future__ import annotations

from collections.abc import Sequence

from app.figures.live.laying import Layout
from app.figures.pen import Pen
from reports.document import Column, Table
from reports.live import LiveColumn, LiveTable


def live_lines(table: Table, layout: Layout, pen: Pen, *, counts_fitting: bool) -> LiveTable:
    """`counts_fitting`: whether the column of what counts is of the projects within, not of those approved."""
    keys = [column.key for column in table.columns]
    counted_at = keys.index("counted")
    hidden = pen("ซ่อนไว้ ใช้ในสูตร", "Hidden, for the formulas")
    columns: list[Column] = list(table.columns)
    if counts_fitting:
        old = columns[counted_at]
        columns[counted_at] = LiveColumn(
            old.key,
            old.title,
            old.kind,
            old.width,
            old.total,
            hidden=True,
            meaning=hidden,
            cells="={amount}*INDEX({ranked.is_in},{place})",
        )
    columns.append(Column("place", "place", "int", 8, hidden=True, meaning=hidden))
    rows: Sequence[Sequence[object]] = table.values()
    return LiveTable(
        name=table.name,
        title=table.title,
        columns=tuple(columns),
        rows=tuple((*row, layout.places[str(row[0])]) for row in rows),
        question=table.question,
        sheet=table.sheet,
        excel_only=True,
        locked=False,
    )
