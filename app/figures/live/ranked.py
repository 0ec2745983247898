"""The list of projects with cells to type into: what is taken, left out or cut, and what that leads to."""

from __future__ import annotations

from collections.abc import Iterable

from app.figures.live.laying import WIDEST, Layout, Preset, Step, tie_orders
from app.figures.live.walk import why_of
from app.figures.live.words import inclusion_words, quoted
from app.figures.pen import Pen
from app.kernel.text import Text
from app.portfolio.facts import Entry, Ground, Line, Standing
from app.portfolio.reasons import STANDING_NAMES, WHY
from reports.document import Column, Kind, Table
from reports.live import Entry as Cell
from reports.live import LiveColumn, LiveTable

_FLOOR = Text("รับไว้เพื่อให้ถึงวงเงินขั้นต่ำของกลุ่ม", "taken beforehand to reach a group's floor")
_AS_COMPUTED = Text("กำหนดไว้ตามผลที่คำนวณจากเงื่อนไขทั้งหมด", "set beforehand to what all the terms came to")
_HIDDEN = Text("ซ่อนไว้ ใช้ในสูตร: ", "Hidden, for the formulas: ")


def live_ranked(
    table: Table, lines: Iterable[Line], layout: Layout, pen: Pen, score_tables: Iterable[str]
) -> LiveTable:
    """The ranked list, alive. `lines` are its rows in order; `score_tables` the names of the sheets with the reviews."""
    lines = list(lines)
    steps = {step.line.entry.number: step for step in layout.steps}
    live = {column.key: column for column in _live_columns(layout, pen)}
    columns: list[Column] = []
    for column in table.columns:
        columns.append(live.pop(column.key, column))
        if column.key == "requested":
            columns += _typed_columns(layout, pen)
    columns += live.values()
    columns += _hidden_columns(layout, pen, list(score_tables))
    ties, filed = tie_orders(line.entry for line in lines)
    rows = []
    for row, line in zip(table.rows, lines, strict=True):
        if not isinstance(row, dict):
            raise TypeError("the ranked list has rows by key")
        number = line.entry.number
        rows.append(row | _cells(line, steps.get(number), layout, pen, ties[number], filed[number]))
    return LiveTable(
        name=table.name,
        title=table.title,
        columns=tuple(columns),
        rows=tuple(rows),
        note=table.note,
        question=table.question,
        sheet=table.sheet,
        filters=table.filters,
        carry_forward=table.carry_forward,
        row_styles=table.row_styles,
        excel_only=table.excel_only,
        landscape=table.landscape,
        conditions=(("in", "={is_in}=1"), ("grey", '={rank}=""'), ("out", "={is_in}=0")),
    )


def _typed_columns(layout: Layout, pen: Pen) -> list[LiveColumn]:
    words = inclusion_words(pen)
    choice = Cell(
        pen("เลือกโครงการ", "Choose"),
        pen(
            f"“{words[0]}” ให้เดินตามคะแนนและกรอบ “{words[1]}” รับก่อนโครงการอื่นภายใต้กรอบ “{words[-1]}” ตัดออก",
            f"“{words[0]}”: by score, under ceiling and caps. “{words[1]}”: before all others, under the ceiling alone. "
            f"“{words[-1]}”: out.",
        ),
        pen("เลือกจากรายการเท่านั้น", "Choose from the list"),
        choices=tuple(words.values()),
    )
    cut = Cell(
        pen("ปรับลดวงเงิน", "Cut the amount"),
        pen(
            "ว่างไว้เท่ากับที่ขอ กรอกเป็นบาทเมื่อให้น้อยกว่าที่ขอ จำนวนที่มากกว่าที่ขอไม่มีผล",
            "Empty: as requested. Type baht to give less; more than was requested has no effect.",
        ),
        pen("กรอกจำนวนเงินเป็นบาทที่มากกว่าศูนย์", "Type an amount in baht, more than nothing"),
        least=1,
    )
    title = pen("กรอกได้", "To type into")
    return [
        LiveColumn(
            "inclusion",
            pen("การเลือก", "Choice"),
            "text",
            13,
            group=title,
            entry=choice,
            excel_only=True,
            meaning=choice.note,
        ),
        LiveColumn(
            "cut",
            pen("ให้ไม่เกิน", "Give at most"),
            "money",
            18,
            group=title,
            entry=cut,
            excel_only=True,
            meaning=cut.note,
        ),
    ]


def _live_columns(layout: Layout, pen: Pen) -> list[LiveColumn]:
    """The columns of the list that turn into formulas, with the looks they have there, and two more."""
    score = pen("คะแนน (เต็ม 100)", "Score (of 100)")
    wide = '=IF({rank}="",{unranked},INDEX({walk.standing},{rank}))'
    rank = (
        '=IF({reviews}=0,"",1+COUNTIFS({ranked.score},">"&{score})'
        '+COUNTIFS({ranked.score},{score},{ranked.spread_h},"<"&{spread_h})'
        '+COUNTIFS({ranked.score},{score},{ranked.spread_h},{spread_h},{ranked.tie_at},"<"&{tie_at}))'
    )
    why = '=IF({rank}="",{unranked_why},INDEX({walk.why},{rank}))'
    if any(typed.preset for typed in layout.typed.values()):
        why = (
            '=IF({rank}="",{unranked_why},IF(AND({preset_hand}<>0,{hand}={preset_hand}),{preset}&" · ","")'
            "&INDEX({walk.why},{rank}))"
        )
    changed = (
        f'=IF({{is_in}}={{was_in}},"",IF({{is_in}}=1,{quoted(pen("เข้า", "In"))},{quoted(pen("ออก", "Out"))}))'
    )

    def column(key: str, title: str, kind: Kind, width: int, cells: str, **more: object) -> LiveColumn:
        return LiveColumn(key, title, kind, width, cells=cells, **more)  # type: ignore[arg-type]

    return [
        column("rank", pen("ลำดับ", "Rank"), "int", 8, rank),
        column(
            "mean",
            pen("เฉลี่ย", "Mean"),
            "score",
            11,
            '=IF({reviews}=0,"",INT((2*{sum_s}+{reviews})/(2*{reviews}))/100)',
            group=score,
        ),
        column(
            "spread",
            pen("กระจาย", "Spread"),
            "score",
            11,
            '=IF({reviews}<2,"",{spread_h}/100)',
            group=score,
            meaning=pen("ส่วนเบี่ยงเบนมาตรฐานของคะแนนผู้พิจารณา", "Sample standard deviation over reviewers"),
        ),
        column(
            "cumulative",
            pen("สะสมในกรอบ", "Taken so far"),
            "money",
            18,
            '=IF({is_in}=1,INDEX({walk.cum_s},{rank})/100,"")',
            excel_only=True,
            meaning=pen(
                "ผลรวมที่ได้รับของโครงการในกรอบจนถึงลำดับนี้",
                "Sum granted to the projects within, down to this rank",
            ),
        ),
        column("standing", pen("ตามลำดับ", "By rank"), "text", 12, wide, excel_only=True),
        column("why", pen("เหตุผล", "Why"), "long_text", 56, why, excel_only=True),
        column(
            "in_amount",
            pen("ได้รับ", "Granted"),
            "money",
            18,
            '=IF({rank}="",0,INDEX({walk.taken},{rank})/100)',
            total="sum",
            excel_only=True,
        ),
        column(
            "is_in",
            pen("ในกรอบ (1/0)", "Within (1/0)"),
            "int",
            10,
            '=IF({rank}="",0,INDEX({walk.is_in},{rank}))',
            total="sum",
            hidden=True,
            meaning=pen("ซ่อนไว้ ใช้ในสูตรของแผ่นงานสรุป", "Hidden; the summaries' formulas use it"),
        ),
        column(
            "changed",
            pen("ต่างจากที่พิมพ์", "Since printed"),
            "text",
            12,
            changed,
            excel_only=True,
            meaning=pen(
                "เข้าหรือออกจากกรอบเมื่อเทียบกับตอนพิมพ์", "Whether it came in or went out since this was printed"
            ),
        ),
    ]


def _hidden_columns(layout: Layout, pen: Pen, score_tables: list[str]) -> list[Column]:
    def added(what: str) -> str:
        sums = [f"SUMIFS({{{name}.{what}}},{{{name}.place}},{{seat}})" for name in score_tables]
        return "=" + "+".join(sums)

    spread = "4*({reviews}*{sq_s}-{sum_s}*{sum_s})/({reviews}*({reviews}-1))"
    score = "{sum_s}*({terms:reviews}/{reviews})"
    if layout.calibrated:
        score = f"IF({{terms:is_calibrated}}=1,{{calibrated}},{score})"
    least = (
        "=IF({terms:partial_n}=1,MIN({least_f},{asked_s}),{asked_s})" if layout.has_least else "={asked_s}"
    )
    words = inclusion_words(pen)
    told: list[tuple[str, Text, str]] = [
        ("seat", Text("แถว", "row"), ""),
        ("req_s", Text("ขอรับ (สตางค์)", "requested, satang"), ""),
        ("sum_s", Text("ผลรวมคะแนน (ร้อยเท่า)", "sum of totals, hundredths"), added("total_h")),
        ("sq_s", Text("ผลรวมกำลังสองของคะแนน", "sum of their squares"), added("square")),
        (
            "score",
            Text("คะแนนบนตัวหารร่วม", "score over the common denominator"),
            f'=IF({{reviews}}=0,"",{score})',
        ),
        (
            "spread_h",
            Text("ค่ากระจาย (ร้อยเท่า)", "spread in hundredths"),
            f"=IF({{reviews}}<2,{WIDEST},INT((INT(SQRT(INT({spread})))+1)/2))",
        ),
        ("tie_at", Text("ลำดับตามวงเงิน วันยื่น เลขที่", "order by amount, filing, number"), ""),
        ("filed_at", Text("ลำดับการยื่น", "order of filing"), ""),
        ("must", Text("ต้องจัดสรร (1/0)", "must be funded (1/0)"), ""),
        (
            "hand",
            Text("การเลือกเป็นเลข", "the choice as a number"),
            f"=IF({{inclusion}}={quoted(words[1])},1,IF({{inclusion}}={quoted(words[-1])},-1,0))",
        ),
        (
            "mode",
            Text("1 รับก่อน, -1 ไม่รับ", "1 taken first, -1 left out"),
            "=IF({hand}=-1,-1,IF(OR({hand}=1,{must}=1),1,0))",
        ),
        (
            "asked_s",
            Text("วงเงินที่พิจารณา (สตางค์)", "amount considered, satang"),
            '=IF({cut}="",{req_s},MIN(ROUND({cut}*100,0),{req_s}))',
        ),
        ("least_s", Text("วงเงินน้อยที่สุดที่รับได้ (สตางค์)", "least it may be taken with, satang"), least),
        *((f"g{d}", Text("แถวในแผ่นเพดานของกลุ่ม", "row on the sheet of caps"), "") for d in (1, 2, 3)),
        ("was_in", Text("ในกรอบตอนพิมพ์ (1/0)", "within when printed (1/0)"), ""),
    ]
    if layout.has_least:
        told.append(("least_f", Text("วงเงินขั้นต่ำที่ยื่น", "least amount as filed"), ""))
    if layout.calibrated:
        told.append(("calibrated", Text("คะแนนปรับเทียบ (ร้อยเท่า)", "calibrated score, hundredths"), ""))
    columns: list[Column] = [
        LiveColumn(
            key,
            key,
            "int",
            12,
            cells=cells,
            hidden=True,
            excel_only=True,
            meaning=pen.name(_HIDDEN) + pen.name(what),
        )
        for key, what, cells in told
    ]
    texts = [
        ("unranked", Text("ผลของโครงการที่ไม่มีลำดับ", "standing of a project without a rank")),
        ("unranked_why", Text("เหตุผลของโครงการที่ไม่มีลำดับ", "reason of a project without a rank")),
    ]
    if any(typed.preset for typed in layout.typed.values()):
        texts.append(("preset", Text("สิ่งที่กำหนดไว้ก่อน", "what was set beforehand")))
        columns.append(Column("preset_hand", "preset_hand", "int", 12, hidden=True, excel_only=True))
    columns += [
        Column(key, key, "text", 20, hidden=True, excel_only=True, meaning=pen.name(_HIDDEN) + pen.name(what))
        for key, what in texts
    ]
    return columns


def _cells(
    line: Line, step: Step | None, layout: Layout, pen: Pen, tie: int, filed: int
) -> dict[str, object]:
    entry = line.entry
    typed = layout.typed[entry.number]
    panel = entry.panel
    own = step.line if step else line
    asked = entry.requested if typed.cut is None else min(typed.cut, entry.requested)
    partial = layout.terms.partial and entry.least is not None
    within = own.standing is Standing.IN
    preset = typed.preset
    return {
        "seat": layout.places[entry.number],
        "rank": own.rank,
        "mean": own.mean,
        "spread": own.spread,
        "inclusion": inclusion_words(pen)[typed.hand],
        "cut": typed.cut,
        "cumulative": step.taken_so_far if step and within else None,
        "standing": pen.name(STANDING_NAMES[own.standing]),
        "why": _why(step, preset, layout, pen) if step else pen.name(WHY[line.ground]),
        "in_amount": own.granted,
        "is_in": int(within),
        "changed": "",
        "req_s": entry.requested,
        "sum_s": panel.total,
        "sq_s": panel.squares,
        "score": step.score if step else None,
        "spread_h": step.spread if step else WIDEST,
        "tie_at": tie,
        "filed_at": filed,
        "must": int(entry.number in layout.must),
        "hand": typed.hand,
        "mode": step.mode if step else _mode(entry, typed.hand, layout),
        "asked_s": asked,
        "least_s": min(entry.least or 0, asked) if partial else asked,
        **{f"g{d}": place for d, place in enumerate(layout.groups_of(entry), 1)},
        "was_in": int(within),
        "least_f": entry.requested if entry.least is None else entry.least,
        "calibrated": entry.calibrated,
        "unranked": "" if step else pen.name(STANDING_NAMES[line.standing]),
        "unranked_why": "" if step else pen.name(WHY[line.ground]),
        "preset": _preset_words(preset, pen) if preset else "",
        "preset_hand": preset.hand if preset else 0,
    }


def _mode(entry: Entry, hand: int, layout: Layout) -> int:
    return hand or int(entry.number in layout.must)


def _why(step: Step, preset: Preset | None, layout: Layout, pen: Pen) -> str:
    words = why_of(step, layout, pen)
    return f"{_preset_words(preset, pen)} · {words}" if preset else words


def _preset_words(preset: Preset, pen: Pen) -> str:
    if preset.ground in (Ground.NEEDS, Ground.EXCLUSIVE):
        return pen.name(WHY[preset.ground]).format(other=preset.other)
    return pen.name(_FLOOR if preset.ground is Ground.FLOOR else _AS_COMPUTED)
