"""The first sheet of the workbook: ceiling and weights to type in, and what they lead to."""

from __future__ import annotations

from app.figures.live.laying import Layout
from app.figures.live.results import result_lines
from app.figures.live.reviewed import weight_key
from app.figures.live.words import NO, YES, quoted
from app.figures.pen import Pen
from app.kernel.text import Text
from app.portfolio.facts import Basis
from reports.document import Series
from reports.live import Entry, FormLine, LiveForm, SheetChart, live_form

TERMS = "terms"
RAW = Text("คะแนนดิบ", "raw scores")
CALIBRATED = Text("คะแนนปรับเทียบ", "calibrated scores")


def terms_form(layout: Layout, pen: Pen, notes: tuple[str, ...], quarters: bool) -> LiveForm:
    """`notes` say what the sheets do not carry; `quarters` is whether there is a table of quarters to draw."""
    lines = (
        FormLine("h_in", pen("กรอกได้ (ช่องสีเหลือง)", "To type into (yellow cells)")),
        *_ceiling(layout, pen),
        *_weights(layout, pen),
        FormLine("h_out", pen("ผลที่ได้", "What it leads to")),
        *result_lines(layout, pen),
        FormLine("h_how", pen("วิธีใช้", "How to use it")),
        *(
            FormLine(f"how{n}", words, "text", note=note)
            for n, (words, note) in enumerate(_how(pen, notes), 1)
        ),
    )
    return live_form(
        TERMS,
        pen("สรุป และปรับเงื่อนไข", "Summary, and terms to change"),
        (
            pen("รายการ", "Item"),
            pen("ค่า", "Value"),
            pen("หน่วย", "Unit"),
            pen("ตอนพิมพ์", "When printed"),
            pen("คำอธิบาย", "Note"),
        ),
        lines,
        question=pen(
            "หากเปลี่ยนกรอบวงเงิน น้ำหนักเกณฑ์ หรือการเลือกโครงการ ผลจะเป็นอย่างไร",
            "What if the ceiling, the weights or the choice of projects were different?",
        ),
        sheet=pen("สรุปและปรับ", "Summary"),
        charts=_charts(pen, quarters),
    )


def _ceiling(layout: Layout, pen: Pen) -> list[FormLine]:
    baht = pen("บาท", "baht")
    terms = layout.terms
    ceiling = Entry(
        pen("กรอบวงเงิน", "Ceiling"),
        pen("กรอกเป็นบาท", "In baht."),
        pen("กรอกจำนวนเงินเป็นบาท ไม่ติดลบ", "Type an amount in baht, not negative"),
    )
    lines = [
        FormLine(
            "ceiling",
            pen("กรอบวงเงิน", "Ceiling"),
            "money",
            terms.ceiling,
            entry=ceiling,
            before=terms.ceiling,
            unit=baht,
        ),
        FormLine("ceiling_s", "ceiling_s", "int", terms.ceiling, "=ROUND({ceiling}*100,0)", hidden=True),
    ]
    if layout.calibrated:
        bases = {Basis.RAW: pen.name(RAW), Basis.CALIBRATED: pen.name(CALIBRATED)}
        entry = Entry(
            pen("คะแนนที่ใช้จัดลำดับ", "Score that ranks"),
            pen(
                "คะแนนปรับเทียบคำนวณไว้ตอนพิมพ์ ไม่เปลี่ยนตามน้ำหนักเกณฑ์",
                "Calibrated scores are as printed; they do not follow the weights.",
            ),
            pen("เลือกจากรายการเท่านั้น", "Choose from the list"),
            choices=tuple(bases.values()),
        )
        lines.append(
            FormLine(
                "basis",
                pen("คะแนนที่ใช้จัดลำดับ", "Score that ranks"),
                "text",
                bases[terms.basis],
                entry=entry,
                before=bases[terms.basis],
            )
        )
        is_calibrated = int(terms.basis is Basis.CALIBRATED)
        formula = f"=IF({{basis}}={quoted(bases[Basis.CALIBRATED])},1,0)"
        lines.append(FormLine("is_calibrated", "is_calibrated", "int", is_calibrated, formula, hidden=True))
    if layout.has_least:
        yes, no = pen.name(YES), pen.name(NO)
        entry = Entry(
            pen("ให้บางส่วนได้", "Less than asked"),
            pen(
                "เมื่อวงเงินเต็มไม่พอ ให้วงเงินขั้นต่ำที่โครงการระบุไว้ได้",
                "Where all it asks does not fit, a project may be taken with the least it works with.",
            ),
            pen("เลือกจากรายการเท่านั้น", "Choose from the list"),
            choices=(yes, no),
        )
        said = yes if terms.partial else no
        lines.append(
            FormLine(
                "partial",
                pen("ให้วงเงินขั้นต่ำได้", "Least amounts allowed"),
                "text",
                said,
                entry=entry,
                before=said,
            )
        )
        formula = f"=IF({{partial}}={quoted(yes)},1,0)"
        lines.append(FormLine("partial_n", "partial_n", "int", int(terms.partial), formula, hidden=True))
    lines.append(FormLine("reviews", "reviews", "int", layout.reviews, hidden=True))
    if layout.calibrated:
        common = 1 if terms.basis is Basis.CALIBRATED else layout.reviews
        lines.append(
            FormLine("common", "common", "int", common, "=IF({is_calibrated}=1,1,{reviews})", hidden=True)
        )
    else:
        lines.append(FormLine("common", "common", "int", layout.reviews, "={reviews}", hidden=True))
    lines.append(FormLine("reserved", "reserved", "int", layout.reserved, "=SUM({walk.first})", hidden=True))
    return lines


def _weights(layout: Layout, pen: Pen) -> list[FormLine]:
    entry = Entry(
        pen("น้ำหนักเกณฑ์", "Weight"),
        pen(
            "จำนวนเต็ม 0–100 รวมทุกเกณฑ์ต้องได้ 100", "A whole number from 0 to 100; all of them must come to 100."
        ),
        pen("กรอกจำนวนเต็ม 0–100", "Type a whole number from 0 to 100"),
        most=100,
    )
    percent = pen("ร้อยละ", "per cent")
    lines = []
    for at, rubric in enumerate(layout.rubrics):
        version = pen(f" (เกณฑ์ฉบับที่ {rubric.version})", f" (rubric version {rubric.version})") if at else ""
        lines.append(FormLine(f"h_w{at}", pen("น้ำหนักเกณฑ์", "Weights of the criteria") + version))
        for n, criterion in enumerate(rubric.criteria, 1):
            weight = layout.weight(rubric, criterion.code)
            lines.append(
                FormLine(
                    weight_key(at, n),
                    pen.name(criterion.name),
                    "int",
                    weight,
                    entry=entry,
                    before=weight,
                    unit=percent,
                    note=pen.name(criterion.question),
                )
            )
        span = f"{{{TERMS}:{weight_key(at, 1)}..{weight_key(at, len(rubric.criteria))}}}"
        total = sum(layout.weight(rubric, c.code) for c in rubric.criteria)
        lines.append(
            FormLine(
                f"sum{at}",
                pen("รวมน้ำหนัก", "In all"),
                "int",
                total,
                f"=SUM({span})",
                before=total,
                unit=percent,
            )
        )
        good, bad = (
            pen("ครบ 100", "comes to 100"),
            pen("ไม่ครบ 100 ผลด้านล่างใช้ไม่ได้", "not 100: do not use what follows"),
        )
        check = f"=IF({{sum{at}}}=100,{quoted(good)},{quoted(bad)})"
        lines.append(
            FormLine(f"check{at}", pen("ตรวจน้ำหนัก", "Check"), "text", good if total == 100 else bad, check)
        )
    return lines


def _how(pen: Pen, notes: tuple[str, ...]) -> list[tuple[str, str]]:
    told = [
        (
            pen("เปลี่ยนค่า", "Changing"),
            pen(
                "กรอกช่องสีเหลืองในแผ่นนี้ ในบัญชีจัดลำดับ (การเลือก และวงเงินที่ให้) และในแผ่นเพดานกลุ่ม ทุกแผ่นคำนวณใหม่เอง "
                "สูตรล็อกไว้กันพลาดโดยไม่มีรหัสผ่าน",
                "Type into the yellow cells here, in the ranked list (choice and amount) and on the sheet of caps; every "
                "sheet follows. Formulas are locked against accidents, without a password.",
            ),
        ),
        (
            pen("การคำนวณ", "Reckoning"),
            pen(
                "คะแนนและเงินคำนวณเป็นจำนวนเต็ม (ร้อยเท่าของคะแนน และสตางค์) จึงได้ผลเดียวกับระบบทุกหลัก",
                "Scores and money are whole numbers here (hundredths, satang), so every digit agrees with the system.",
            ),
        ),
        (
            pen("สิ่งที่ไม่เปลี่ยนตาม", "What stays as printed"),
            pen(
                "มติที่บันทึกแล้ว ผลกลั่นกรอง รายละเอียดคะแนน และโอกาสอยู่ในกรอบ เป็นข้อมูล ณ วันพิมพ์",
                "Decisions recorded, findings, the record of scores and the odds of being within are as of printing.",
            ),
        ),
    ]
    return told + [(pen("เงื่อนไขที่กำหนดไว้ก่อน", "Set beforehand"), note) for note in notes]


def _charts(pen: Pen, quarters: bool) -> tuple[SheetChart, ...]:
    asked, within = pen("ขอรับ", "Requested"), pen("อยู่ในกรอบ", "Within the ceiling")

    def pair(first: str, second: str) -> tuple[Series, ...]:
        return (Series(asked, (), "mist", first), Series(within, (), "navy", second))

    charts = [
        SheetChart(
            pen("วงเงินตามช่วงห่วงโซ่คุณค่า", "Money by stage of the value chain"),
            pen("แต่ละช่วงขอเท่าใด และได้เท่าใด", "What does each stage ask for, and get?"),
            "name",
            pair("requested", "in_amount"),
            table="stages",
        ),
        SheetChart(
            pen("วงเงินตามแนวทาง", "Money by guideline"),
            pen("แต่ละแนวทางขอเท่าใด และได้เท่าใด", "What does each guideline ask for, and get?"),
            "name",
            pair("requested", "in_amount"),
            table="guidelines",
        ),
    ]
    if quarters:
        charts.append(
            SheetChart(
                pen("แผนการใช้จ่ายรายไตรมาส", "Spending planned by quarter"),
                pen("เงินจะใช้ในไตรมาสใด", "In which quarter is the money spent?"),
                "name",
                pair("requested", "within"),
                table="quarters",
                horizontal=False,
            )
        )
    return tuple(charts)
