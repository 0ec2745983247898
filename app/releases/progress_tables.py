"""How far projects are, as tables of open data: milestones, indicators, versions of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.kernel.text import Text
from app.monitoring.facts import CAUSE_NAMES, Cause
from app.releases import columns as c
from app.releases.data_table import DataTable, Names
from app.releases.facts import PublicYear

_POSITION = c.whole(
    "position", "ลำดับ", "Position", Text("ลำดับในแผนของโครงการ", "Place in the project's plan")
)


def milestones(year: PublicYear, names: Names) -> DataTable:
    """Milestones of the plans in force, and how far each is."""
    return DataTable(
        "milestones",
        Text("ขั้นงานสำคัญ", "Milestones"),
        (
            c.YEAR,
            c.ID,
            c.NUMBER,
            _POSITION,
            *c.AGENCY,
            c.text("title", "ขั้นงาน", "Milestone", Text("ตามแผนที่ใช้บังคับ", "Of the plan in force")),
            c.day("due_on", "กำหนดแล้วเสร็จ", "Due on", Text("ตามแผนที่ใช้บังคับ", "Of the plan in force")),
            c.whole(
                "weight",
                "น้ำหนัก",
                "Weight",
                Text("ของโครงการ รวม 100", "Of the project; 100 in all"),
                unit=c.PERCENT,
            ),
            c.whole(
                "percent",
                "ความก้าวหน้า",
                "Done",
                Text("ตามรายงานล่าสุดที่รับรองแล้ว", "By the latest accepted report"),
                is_needed=False,
                unit=c.PERCENT,
            ),
            c.day(
                "done_on", "วันที่แล้วเสร็จ", "Done on", Text("เมื่อครบร้อยละ 100", "Once it is 100"), is_needed=False
            ),
        ),
        tuple(
            (
                year.fiscal_year,
                p.id,
                p.number,
                m.position,
                *names.agency(m.agency),
                m.title,
                m.due_on,
                m.weight,
                m.percent,
                m.done_on,
            )
            for p in year.projects
            for m in p.milestones
        ),
        ("number", "position"),
    )


def indicators(year: PublicYear, names: Names) -> DataTable:
    """Indicators with each quarter's target and result."""

    def rows() -> Iterator[tuple[Any, ...]]:
        for p in year.projects:
            for i in p.indicators:
                results = dict(i.results)
                for quarter in sorted({*range(1, 5), *results}):
                    planned = i.planned[quarter - 1] if quarter <= 4 else ""
                    reached = results.get(quarter, "")
                    told = (i.name, i.unit, i.baseline, i.target, i.aim, quarter, planned, reached)
                    yield (year.fiscal_year, p.id, p.number, i.position, *names.agency(i.agency), *told)

    figure = Text("ตัวเลขตามที่แจ้ง ว่างเมื่อไม่วัด", "Plain decimal as stated; empty where it is not measured")
    return DataTable(
        "indicators",
        Text("ตัวชี้วัด", "Indicators"),
        (
            c.YEAR,
            c.ID,
            c.NUMBER,
            _POSITION,
            *c.AGENCY,
            c.text("indicator", "ตัวชี้วัด", "Indicator", Text("ตามแผนที่ใช้บังคับ", "Of the plan in force")),
            c.code("unit", "หน่วยนับ", "Unit", Text("หน่วยของค่าทุกคอลัมน์ในแถว", "Of every value in the row")),
            c.code("baseline", "ค่าฐาน", "Baseline", figure),
            c.code("target", "ค่าเป้าหมาย", "Target", figure),
            c.text(
                "aim", "ทิศทาง", "Aim", Text("up ยิ่งมากยิ่งดี, down ยิ่งน้อยยิ่งดี", "up: more is better; down: less is")
            ),
            c.whole(
                "quarter",
                "ไตรมาส",
                "Quarter",
                Text("5-8 คือไตรมาสของปีถัดไป", "5-8 are those of the year after"),
            ),
            c.code("planned", "เป้าหมายไตรมาส", "Quarter's target", figure),
            c.code("result", "ผล", "Result", figure),
        ),
        tuple(rows()),
        ("number", "position", "quarter"),
    )


def changes(year: PublicYear) -> DataTable:
    """Every version of every plan."""
    return DataTable(
        "changes",
        Text("แผนแต่ละฉบับ", "Versions of the plan"),
        (
            c.YEAR,
            c.ID,
            c.NUMBER,
            c.whole("version", "ฉบับที่", "Version", Text("1 คือแผนตั้งต้น", "1 is the first plan")),
            c.text(
                "cause",
                "เหตุ",
                "Cause",
                Text(
                    ", ".join(f"{cause.value} {name.th}" for cause, name in CAUSE_NAMES.items()),
                    ", ".join(f"{cause.value}: {name.en}" for cause, name in CAUSE_NAMES.items()),
                ),
            ),
            c.day("in_force_on", "ใช้บังคับเมื่อ", "In force on", Text("วันที่ในระบบ", "Day in the system")),
            c.ALLOTTED,
            c.day("ends_on", "สิ้นสุด", "Ends on", Text("ตามแผนฉบับนั้น", "By that version")),
        ),
        tuple(
            (
                year.fiscal_year,
                p.id,
                p.number,
                v.ordinal,
                Cause(v.cause).value,
                v.in_force_on,
                v.allotted,
                v.ends_on,
            )
            for p in year.projects
            for v in p.changes
        ),
        ("number", "version"),
    )
