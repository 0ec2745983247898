"""Caps of stages, guidelines and ministries: typed in, and held to by the walk."""

from __future__ import annotations

from app.figures.live.laying import NO_CAP, Layout
from app.figures.pen import Pen
from app.kernel.text import Text
from app.portfolio.facts import Dimension
from reports.document import Column
from reports.live import Entry, LiveColumn, LiveTable

_DIMENSIONS = {
    Dimension.STAGE: Text("ช่วงห่วงโซ่", "Stage"),
    Dimension.GUIDELINE: Text("แนวทาง", "Guideline"),
    Dimension.MINISTRY: Text("กระทรวง", "Ministry"),
}


def caps_table(layout: Layout, pen: Pen) -> LiveTable:
    """One row for each group, with what it holds now and what its cap has left."""
    cap = Entry(
        pen("เพดานของกลุ่ม", "Cap of the group"),
        pen("ว่างไว้เมื่อไม่มีเพดาน กรอกเป็นบาท", "Empty for none; in baht."),
        pen("กรอกจำนวนเงินเป็นบาท", "Type an amount in baht"),
    )
    hidden = pen("ซ่อนไว้ ใช้ในสูตร", "Hidden, for the formulas")
    sums = "+".join(f"SUMIFS({{walk.{{what}}}},{{walk.g{d}}},{{place}})" for d in (1, 2, 3))

    def over(what: str) -> str:
        return sums.replace("{what}", what)

    counted = "+".join(f"COUNTIFS({{walk.g{d}}},{{place}},{{walk.is_in}},1)" for d in (1, 2, 3))
    columns = (
        Column("dimension", pen("ประเภท", "Kind"), "text", 14),
        Column("name", pen("กลุ่ม", "Group"), "long_text", 52),
        LiveColumn("cap", pen("เพดาน", "Cap"), "money", 20, entry=cap, meaning=cap.note),
        LiveColumn("projects", pen("โครงการในกรอบ", "Projects within"), "int", 12, cells="=" + counted),
        LiveColumn("granted", pen("ได้รับ", "Granted"), "money", 20, cells=f"=({over('taken')})/100"),
        LiveColumn(
            "room", pen("เพดานเหลือ", "Left of the cap"), "money", 20, cells='=IF({cap}="","",({cap_s}-{granted_s})/100)'
        ),
        Column("place", "place", "int", 8, hidden=True, meaning=hidden),
        LiveColumn("granted_s", "granted_s", "int", 14, cells=f"={over('taken')}", hidden=True, meaning=hidden),
        LiveColumn(
            "cap_s", "cap_s", "int", 14, cells=f'=IF({{cap}}="",{NO_CAP},ROUND({{cap}}*100,0))', hidden=True, meaning=hidden
        ),
        LiveColumn(
            "start_s",
            "start_s",
            "int",
            14,
            cells=f'=IF({{cap}}="",{NO_CAP},{{cap_s}}-({over("first")}))',
            hidden=True,
            meaning=hidden,
        ),
        Column("words", "words", "text", 20, hidden=True, meaning=hidden),
    )  # fmt: skip
    rows = []
    for place, group in enumerate(layout.groups, 1):
        own = [step for step in layout.steps if place in step.groups]
        granted = sum(step.granted for step in own)
        rows.append(
            {
                "dimension": pen.name(_DIMENSIONS[group.dimension]),
                "name": pen.name(group.name),
                "cap": group.cap,
                "projects": sum(step.is_in for step in own),
                "granted": granted,
                "room": None if group.cap is None else group.cap - granted,
                "place": place,
                "granted_s": granted,
                "cap_s": NO_CAP if group.cap is None else group.cap,
                "start_s": group.start,
                "words": pen.name(group.words),
            }
        )
    return LiveTable(
        "caps",
        pen("เพดานของช่วง แนวทาง และกระทรวง", "Caps of stages, guidelines and ministries"),
        columns,
        tuple(rows),
        question=pen(
            "กลุ่มใดได้ไม่เกินเท่าใด และเหลือเท่าใด (นับตามหน่วยงานหลัก)",
            "Which group may have how much at most, and how much is left of it? (by lead agency)",
        ),
        sheet=pen("เพดานกลุ่ม", "Caps"),
        excel_only=True,
    )
