"""What the terms lead to, as lines of the workbook's first sheet: how many, how much, and where the line is cut."""

from __future__ import annotations

from app.figures.live.laying import NO_CAP, Layout
from app.figures.live.words import GROUNDS, quoted
from app.figures.pen import Pen
from app.portfolio.facts import Ground
from reports.live import FormLine


def result_lines(layout: Layout, pen: Pen) -> list[FormLine]:
    """The figures to see first, with what they were when printed."""
    steps = layout.steps
    taken = [step for step in steps if step.is_in]
    amount = sum(step.granted for step in taken)
    starved = (Ground.CEILING, Ground.CAP)  # not those left out by hand
    first_out = next((step.line for step in steps if step.line.ground in starved), None)
    places = [GROUNDS.index(ground) + 1 for ground in starved]
    nowhere = "+".join(f"COUNTIF({{walk.ground}},{n})" for n in places) + "=0"
    first = ",".join(
        f"IF(COUNTIF({{walk.ground}},{n})=0,{NO_CAP},MATCH({n},{{walk.ground}},0))" for n in places
    )
    last_in = taken[-1].line if taken else None
    baht, projects = pen("บาท", "baht"), pen("โครงการ", "projects")
    none = quoted("")

    def rank_of(line: object) -> object:
        return getattr(line, "rank", None)

    out_at, in_at = rank_of(first_out), rank_of(last_in)
    return [
        FormLine(
            "in_projects",
            pen("โครงการในกรอบ", "Projects within"),
            "int",
            len(taken),
            "=SUM({walk.is_in})",
            before=len(taken),
            unit=projects,
        ),
        FormLine(
            "in_amount",
            pen("วงเงินที่จัดสรร", "Amount granted"),
            "money",
            amount,
            "=SUM({walk.taken})/100",
            before=amount,
            unit=baht,
        ),
        FormLine(
            "left",
            pen("กรอบคงเหลือ", "Left of the ceiling"),
            "money",
            layout.terms.ceiling - amount,
            "=({ceiling_s}-SUM({walk.taken}))/100",
            before=layout.terms.ceiling - amount,
            unit=baht,
        ),
        FormLine(
            "first_out",
            pen("เส้นตัด: ลำดับแรกที่วงเงินไม่พอ", "Cut line: first rank it is short for"),
            "int",
            out_at,
            f"=IF({nowhere},{none},MIN({first}))",
            before=out_at,
            unit=pen("ลำดับ", "rank"),
            note=pen(
                "ลำดับก่อนหน้านี้ได้รับทั้งหมด เว้นแต่ที่เลือกไม่รับ ลำดับถัดไปได้รับเท่าที่ยังพอกับกรอบและเพดาน",
                "Every rank above it is in, unless left out by hand; below it, whatever still fits ceiling and caps.",
            ),
        ),
        FormLine(
            "cut_number",
            pen("โครงการที่เส้นตัด", "Project at the line"),
            "text",
            first_out.entry.number if first_out else "",
            f"=IF({{first_out}}={none},{none},INDEX({{walk.number}},{{first_out}}))",
            before=first_out.entry.number if first_out else "",
        ),
        FormLine(
            "cut_mean",
            pen("คะแนนเฉลี่ยที่เส้นตัด", "Mean score at the line"),
            "score",
            first_out.mean if first_out else None,
            f"=IF({{first_out}}={none},{none},INDEX({{walk.mean}},{{first_out}}))",
            before=first_out.mean if first_out else None,
            unit=pen("คะแนน", "points"),
        ),
        FormLine(
            "last_in",
            pen("ลำดับสุดท้ายที่ได้รับ", "Last rank within"),
            "int",
            in_at,
            f"=IF({{in_projects}}=0,{none},SUMPRODUCT(MAX(({{walk.is_in}}=1)*{{walk.rank}})))",
            before=in_at,
            unit=pen("ลำดับ", "rank"),
        ),
        FormLine(
            "came_in",
            pen("เข้ามาใหม่เมื่อเทียบกับตอนพิมพ์", "Came in since printed"),
            "int",
            0,
            "=SUMPRODUCT(({ranked.is_in}=1)*({ranked.was_in}=0))",
            before=0,
            unit=projects,
        ),
        FormLine(
            "went_out",
            pen("ออกไปเมื่อเทียบกับตอนพิมพ์", "Went out since printed"),
            "int",
            0,
            "=SUMPRODUCT(({ranked.is_in}=0)*({ranked.was_in}=1))",
            before=0,
            unit=projects,
        ),
    ]
