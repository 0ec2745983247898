"""The list in rank order, as a calculation: who is next, whether it still fits, what is left, and why."""

from __future__ import annotations

from collections.abc import Mapping

from app.figures.live.laying import Layout, Step
from app.figures.live.steps import step_cells, step_columns
from app.figures.live.words import GROUNDS, chosen, million, quoted, sentence
from app.figures.pen import Pen
from app.kernel.money import format_million
from app.portfolio.facts import Ground, Standing
from app.portfolio.reasons import POINTS, STANDING_NAMES, TIED, WHY, points_of
from app.portfolio.rules import TIE_RULES
from reports.document import Kind
from reports.live import LiveColumn, LiveTable

WALK = "walk"


def walk_table(layout: Layout, pen: Pen, shown: Mapping[str, Mapping[str, object]]) -> LiveTable:
    """One row for each rank. `shown` maps a number to the cells of its row in the list of projects."""
    return LiveTable(
        WALK,
        pen("บัญชีเรียงตามลำดับปัจจุบัน", "The list in its present order"),
        (*_shown_columns(pen), *step_columns(pen)),
        tuple(_row(step, layout, pen, shown[step.line.entry.number]) for step in layout.steps),
        question=pen(
            "เมื่อใช้น้ำหนัก กรอบ และการเลือกที่กรอกไว้ โครงการใดอยู่ลำดับใด ได้รับเท่าใด เหลือเท่าใด",
            "With the weights, ceiling and choices typed in: who ranks where, gets how much, and what is left?",
        ),
        sheet=pen("ลำดับปัจจุบัน", "Present order"),
        filters=False,
        excel_only=True,
        conditions=(("in", "={is_in}=1"), ("out", "={is_in}=0")),
    )


def _shown_columns(pen: Pen) -> list[LiveColumn]:
    def looked_up(key: str, title: str, kind: Kind, width: int, group: str = "") -> LiveColumn:
        return LiveColumn(key, title, kind, width, group=group, cells=f"=INDEX({{ranked.{key}}},{{at}})")

    def money(key: str, title: str, cells: str, total: bool = False) -> LiveColumn:
        return LiveColumn(key, title, "money", 17, "sum" if total else None, cells=cells)

    score = pen("คะแนน (เต็ม 100)", "Score (of 100)")
    within, beyond = (quoted(pen.name(STANDING_NAMES[s])) for s in (Standing.IN, Standing.OUT))
    return [
        LiveColumn("rank", pen("ลำดับ", "Rank"), "int", 7),
        looked_up("number", pen("เลขที่", "Number"), "text", 13),
        looked_up("title", pen("โครงการ", "Project"), "long_text", 36),
        looked_up("agency", pen("หน่วยงาน", "Agency"), "long_text", 24),
        looked_up("mean", pen("เฉลี่ย", "Mean"), "score", 9, score),
        looked_up("spread", pen("กระจาย", "Spread"), "score", 9, score),
        looked_up("requested", pen("ขอรับ", "Requested"), "money", 17),
        money("granted", pen("ได้รับ", "Granted"), "={taken}/100", total=True),
        LiveColumn(
            "standing", pen("ผล", "Standing"), "text", 11, cells=f"=IF({{is_in}}=1,{within},{beyond})"
        ),
        money("cumulative", pen("สะสมในกรอบ", "Taken so far"), '=IF({is_in}=1,{cum_s}/100,"")'),
        money("left", pen("กรอบเหลือ", "Left of the ceiling"), "={left_s}/100"),
        money("short", pen("ขาด", "Short"), '=IF({short_s}=0,"",{short_s}/100)'),
        LiveColumn("why", pen("เหตุผล", "Why"), "long_text", 42, cells=_why_formula(pen)),
    ]


def _why_formula(pen: Pen) -> str:
    """The sentence of `portfolio.reasons.why`, but for what would be without those that must be funded."""
    tightest = "IF(MIN({room1},{room2},{room3})={room1},{g1},IF(MIN({room2},{room3})={room2},{g2},{g3}))"
    fields = {
        "left": million("{left_s}"),
        "short": million("{short_s}"),
        "granted": million("{taken}"),
        "limit": f"INDEX({{caps.words}},{tightest})",
        "amount": million(f"INDEX({{caps.cap_s}},{tightest})"),
    }
    grounds = chosen("{ground}", [sentence(pen.name(WHY[ground]), fields) for ground in GROUNDS])
    points = sentence("; " + pen.name(POINTS), {"points": "FIXED({points_h}/100,2,TRUE)"})
    rules = [quoted(f" ({pen.name(TIED).format(rule=pen.name(rule))})") for rule in TIE_RULES]
    return f'={grounds}&IF({{points_h}}="","",{points})&IF({{tie}}=0,"",{chosen("{tie}", rules)})'


def why_of(step: Step, layout: Layout, pen: Pen) -> str:
    """What the formula of the reason comes to."""
    line = step.line
    limit, amount = "", ""
    if line.ground is Ground.CAP:
        group = layout.groups[step.groups[min(range(3), key=lambda at: step.rooms[at])] - 1]
        limit, amount = pen.name(group.words), format_million(group.cap or 0)
    words = pen.name(WHY[line.ground]).format(
        left=format_million(line.left),
        short=format_million(line.short),
        granted=format_million(line.granted),
        limit=limit,
        amount=amount,
    )
    if line.points is not None:
        words += "; " + pen.name(POINTS).format(points=points_of(line.points))
    if line.tie is not None:
        words += f" ({pen.name(TIED).format(rule=pen.name(line.tie))})"
    return words


def _row(step: Step, layout: Layout, pen: Pen, shown: Mapping[str, object]) -> dict[str, object]:
    line = step.line
    return {
        "rank": line.rank,
        **{key: shown[key] for key in ("number", "title", "agency")},
        "mean": line.mean,
        "spread": line.spread,
        "requested": line.entry.requested,
        "granted": line.granted,
        "standing": pen.name(STANDING_NAMES[line.standing]),
        "cumulative": step.taken_so_far if step.is_in else None,
        "left": line.left,
        "short": line.short or None,
        "why": why_of(step, layout, pen),
        **step_cells(step, layout),
    }
