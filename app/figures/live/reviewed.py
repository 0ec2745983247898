"""The sheets of scores, alive: each review's total from its levels and the weights typed in."""

from __future__ import annotations

from dataclasses import replace

from app.calls.facts import Rubric
from app.figures.live.laying import Layout
from app.figures.pen import Pen
from reports.document import Column, Table
from reports.live import LiveColumn, LiveTable


def weight_key(rubric_at: int, criterion_at: int) -> str:
    """The line of the form that holds a criterion's weight."""
    return f"w{rubric_at}_{criterion_at}"


def live_scores(table: Table, rubric: Rubric, rubric_at: int, layout: Layout, pen: Pen) -> LiveTable:
    """One sheet of scores: its criteria are the columns c1, c2, … in the rubric's order, its first column the number."""
    keys = [column.key for column in table.columns]
    total_at = keys.index("total")
    levels = {c.code: keys.index(f"c{n}") for n, c in enumerate(rubric.criteria, 1)}
    weights = {c.code: layout.weight(rubric, c.code) for c in rubric.criteria}
    sums = "+".join(
        f"{{c{n}}}*{{terms:{weight_key(rubric_at, n)}}}" for n in range(1, len(rubric.criteria) + 1)
    )
    columns: list[Column] = [
        replace(column, title=pen.name(rubric.criteria[int(column.key[1:]) - 1].name))
        if column.key[1:].isdigit()
        else column
        for column in table.columns
    ]
    group = columns[levels[rubric.criteria[0].code]].group
    columns = [
        replace(column, group=pen("ระดับคะแนน 0–4", "Level 0-4"))
        if column.group == group and group
        else column
        for column in columns
    ]
    columns[total_at] = LiveColumn("total", columns[total_at].title, "score", 9, cells="={total_h}/100")
    hidden = pen("ซ่อนไว้ ใช้ในสูตรของบัญชีจัดลำดับ", "Hidden; the ranked list's formulas use it")
    columns += [
        Column("place", "place", "int", 8, hidden=True, meaning=hidden),
        LiveColumn("total_h", "total_h", "int", 10, cells=f"=25*({sums})", hidden=True, meaning=hidden),
        LiveColumn("square", "square", "int", 12, cells="={total_h}*{total_h}", hidden=True, meaning=hidden),
    ]
    rows = []
    for row in table.values():
        total = sum(weights[code] * (row[at] or 0) * 25 for code, at in levels.items())
        cells = [*row, layout.places.get(row[0]), total, total * total]
        cells[total_at] = total
        rows.append(tuple(cells))
    return LiveTable(
        name=table.name,
        title=table.title,
        columns=tuple(columns),
        rows=tuple(rows),
        question=table.question,
        sheet=table.sheet,
        excel_only=True,
        locked=False,
    )
