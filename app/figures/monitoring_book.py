"""The quarterly report as a document for the printing house: memo, figures, curve, tables, method."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from math import floor

from app.figures.monitoring_charts import curve_chart, groups_chart
from app.figures.monitoring_meanings import explained
from app.figures.monitoring_memo import NOBODY_LATE, tell_standing, tell_unwarned
from app.figures.monitoring_tables import (
    curve_table,
    group_table,
    late_table,
    returnable_table,
    standing_table,
    targets_table,
    title_of,
    warnings_table,
)
from app.figures.monitoring_words import decimal, grouped, percent
from app.figures.pen import Pen
from app.figures.queries.monitoring import MonitoringBook
from app.figures.ranking_book import COMMITTEE, HEAD_OF_HOST, HOST, HOST_AGENCY
from app.kernel.money import format_million
from app.kernel.text import Text
from app.monitoring.lights import LIGHT_NAMES, MEASURE_NAMES, ORDER, Measure, rules_in_words
from app.monitoring.periods import month_name, quarter_name
from app.monitoring.targets import CLASS_RULE
from reports.document import (
    Block,
    Column,
    Document,
    Fields,
    Heading,
    KeyFigures,
    Memo,
    PageBreak,
    Paragraph,
    Signature,
    Table,
)

SYNTHETIC = Text("ข้อมูลสังเคราะห์เพื่อการสาธิต (SYNTHETIC)", "SYNTHETIC: made-up data for demonstration")


def monitoring_document(
    book: MonitoringBook,
    language: str,
    *,
    made_at: datetime | None = None,
    made_by: str = "",
    thai_digits: bool = False,
) -> Document:
    """The report of a quarter. Without `made_at` it is dated by its data's moment, so it can be printed again alike."""
    pen, standing = Pen(language), book.standing
    title, moment = pen.name(title_of(standing)), made_at or book.as_of
    month = month_name(standing.monitored.fiscal_year, standing.month)
    label = pen.name(SYNTHETIC) if standing.monitored.is_synthetic else ""
    blocks: list[Block] = [
        Memo(
            agency=pen.name(HOST_AGENCY),
            number="",
            date=pen.day(moment),
            subject=title,
            to=pen.name(COMMITTEE),
            enclosures=(pen("สมุดงาน Excel ฉบับเดียวกัน", "The same report as an Excel workbook"),),
        ),
        *(Paragraph(text, "indent") for text in tell_standing(book, pen)),
        Signature("." * 42, pen.name(HEAD_OF_HOST)),
        PageBreak(),
        Heading(pen("ภาพรวม", "Overview")),
        KeyFigures(_figures(book, pen)),
        curve_chart(
            standing.curve,
            standing.monitored.fiscal_year,
            pen,
            targets=standing.targets,
            allotted=standing.sums.allotted,
        ),
        curve_table(standing, pen),
        *([targets_table(standing, pen)] if standing.targets else []),
        _lights_table(book, pen),
        *_group_blocks(book, pen),
        Heading(pen("โครงการ", "Projects")),
        _one_page_across(standing_table(standing, book.call.plan, pen)),
        *_work_blocks(book, pen),
        Heading(pen("เตือนล่วงหน้าและเงินที่อาจส่งคืน", "Early warning and money that could be returned")),
        warnings_table(standing, pen),
        *(Paragraph(text) for text in tell_unwarned(standing, pen)),
        returnable_table(standing, pen),
        Heading(pen("การส่งรายงาน", "Reporting")),
        late_table(standing, pen) if standing.late else Paragraph(pen.name(NOBODY_LATE)),
        Heading(pen("วิธีจัดทำ", "Method")),
        _method(book, pen),
    ]
    return Document(
        title=title,
        language=pen.language,
        blocks=tuple(
            explained(b, pen) if isinstance(b, Table) else b
            for b in blocks
            if not isinstance(b, Table) or b.rows
        ),
        made_at=moment,
        made_by=made_by,
        subtitle=pen(f"ข้อมูลถึงสิ้นเดือน{month.th}", f"Data to the end of {month.en}"),
        label=label,
        identifier=f"DGI-{book.call.fiscal_year}-MON-{standing.month:02d}-{book.sha256[:8]}",
        sha256=book.sha256,
        organisation=pen.name(HOST),
        thai_digits=thai_digits,
    )


def _one_page_across(table: Table) -> Table:
    """The table with columns so narrow that all of them stand beside each other on a page printed from the workbook; on
    paper only their shares count."""
    return replace(table, columns=tuple(replace(c, width=c.width * 4 / 5) for c in table.columns))


def _figures(book: MonitoringBook, pen: Pen) -> tuple[tuple[str, str, str], ...]:
    s, million = book.standing.sums, pen("ล้านบาท", "million baht")
    return (
        (pen("โครงการ", "Projects"), f"{s.projects:,}", pen("โครงการ", "projects")),
        (pen("วงเงินที่ใช้ได้", "May be spent"), format_million(s.allotted), million),
        (pen("เบิกจ่ายแล้ว", "Paid"), format_million(s.spent), million),
        (pen("ของวงเงิน", "Of the money"), percent(s.spent, s.allotted), pen("ร้อยละ", "percent")),
    )


def _lights_table(book: MonitoringBook, pen: Pen) -> Table:
    counted = book.standing.count_lights()
    return Table(
        "lights",
        pen("ไฟสัญญาณ (จำนวนโครงการ)", "Traffic lights (number of projects)"),
        (
            Column("measure", pen("เรื่อง", "Measure"), width=20),
            *(Column(light.value, pen.name(LIGHT_NAMES[light]), "int", 14) for light in ORDER),
        ),
        tuple((pen.name(MEASURE_NAMES[m]), *(counted[m.value][light] for light in ORDER)) for m in Measure),
        note=pen.name(rules_in_words(book.standing.monitored.rules)),
        filters=False,
        landscape=False,
    )


def _group_blocks(book: MonitoringBook, pen: Pen) -> list[Block]:
    standing, plan = book.standing, book.call.plan
    ministries = standing.by_ministry()
    stages = standing.by_project(lambda f: f.stage, [(c.code, c.name) for c in plan.stages])
    guidelines = standing.by_project(
        lambda f: f.guideline,
        [(c.code, Text(f"{c.code} {c.name.th}", f"{c.code} {c.name.en}")) for c in plan.guidelines],
    )
    categories = standing.by_part(lambda p: p.category, lambda code: plan.name("categories", code))
    return [
        Heading(
            pen(
                "ผลตามกระทรวง ช่วง แนวทาง งบรายจ่าย และหน่วยงาน",
                "By ministry, stage, guideline, category, agency",
            )
        ),
        groups_chart(
            ministries,
            pen("กระทรวงใดเบิกจ่ายตามแผน", "Which ministries are on plan?"),
            pen("แผนและผลตามกระทรวง", "Planned and paid by ministry"),
            pen,
        ),
        group_table(
            "ministries", pen("ตามกระทรวง", "By ministry"), pen("กระทรวง", "Ministry"), ministries, pen
        ),
        group_table("stages", pen("ตามช่วงห่วงโซ่คุณค่า", "By stage"), pen("ช่วง", "Stage"), stages, pen),
        group_table(
            "guidelines", pen("ตามแนวทาง", "By guideline"), pen("แนวทาง", "Guideline"), guidelines, pen
        ),
        group_table(
            "categories", pen("ตามงบรายจ่าย", "By category"), pen("งบรายจ่าย", "Category"), categories, pen
        ),
        group_table(
            "agencies", pen("ตามหน่วยงาน", "By agency"), pen("หน่วยงาน", "Agency"), standing.by_agency(), pen
        ),
    ]


def _work_blocks(book: MonitoringBook, pen: Pen) -> list[Block]:
    """Milestones by earned schedule, indicators against their targets, and what agencies say."""
    work, aims, words = [], [], []
    for p in book.standing.projects:
        scheme, number, title = p.scheme, p.facts.number, pen.name(p.facts.title)
        schedule = p.work.schedule
        if scheme.milestones:
            why = pen.name(schedule.why) if schedule.why else ""
            spi = decimal(schedule.spi) if schedule.spi is not None else why
            work.append((number, title, p.work.due, p.work.done, decimal(schedule.es), spi))
        named = {i.position: i for i in scheme.indicators}
        for a in p.attained:
            i = named[a.position]
            share = None if a.share is None else floor(a.share * 10_000)
            why = pen.name(a.why) if a.why else ""
            aims.append(
                (number, i.name, i.unit, grouped(a.target), grouped(a.result), share, grouped(i.target), why)
            )
        for word in book.words.get(p.facts.id, ()):
            words.append((number, pen.name(word.agency), word.problems, word.help))
    quarter = pen.name(quarter_name(book.call.fiscal_year, max(book.standing.month // 3, 1)))
    return [
        Table(
            "milestones",
            pen("งานสำคัญตามแผนเวลา", "Milestones against time"),
            (
                Column("number", pen("เลขที่", "Number"), width=14),
                Column("title", pen("โครงการ", "Project"), "long_text", 44),
                Column("due", pen("ถึงกำหนด (ร้อยละ)", "Due (percent)"), "percent", 14),
                Column("done", pen("ทำได้ (ร้อยละ)", "Done (percent)"), "percent", 14),
                Column("es", pen("เท่าแผนเดือนที่", "At the plan's month"), width=14),
                Column("spi", "SPI(t)", "long_text", 20),
            ),
            tuple(work),
            landscape=True,
        ),
        Table(
            "indicators",
            pen("ตัวชี้วัด", "Indicators"),
            (
                Column("number", pen("เลขที่", "Number"), width=14),
                Column("name", pen("ตัวชี้วัด", "Indicator"), "long_text", 36),
                Column("unit", pen("หน่วย", "Unit"), "long_text", 12),
                Column("target", pen("เป้าหมายไตรมาส", "Quarter's target"), "long_text", 14),
                Column("result", pen("ผล", "Result"), "long_text", 12),
                Column("share", pen("ร้อยละ", "Percent"), "percent", 10),
                Column("year", pen("เป้าหมายปี", "Year's target"), "long_text", 14),
                Column("why", pen("หมายเหตุ", "Remark"), "long_text", 24),
            ),
            tuple(aims),
            landscape=True,
        ),
        Table(
            "problems",
            pen(f"ปัญหาและความช่วยเหลือที่ต้องการ {quarter}", f"Problems and help needed, {quarter}"),
            (
                Column("number", pen("เลขที่", "Number"), width=14),
                Column("agency", pen("หน่วยงาน", "Agency"), "long_text", 26),
                Column("problems", pen("ปัญหาอุปสรรค", "Problems"), "long_text", 44),
                Column("help", pen("ความช่วยเหลือที่ต้องการ", "Help needed"), "long_text", 36),
            ),
            tuple(words),
            landscape=True,
        ),
    ]


def _method(book: MonitoringBook, pen: Pen) -> Fields:
    """How the figures were made."""
    hash_of = pen("ค่าแฮชของข้อมูลในเอกสารนี้", "Hash of the data of this paper")
    items = [
        (
            pen("ตัวเลขที่นับ", "What counts"),
            pen(
                "เฉพาะรายงานที่ผู้รับรองลงนามและฝ่ายเลขานุการรับรองแล้ว แผนคือฉบับที่ใช้อยู่ จำนวนเงินเป็นบาทถึงสตางค์",
                "Reports signed by a certifier and accepted by the secretariat; the plan is the one in force; amounts in "
                "baht to the satang",
            ),
        ),
        (
            pen("การเตือนล่วงหน้า", "Early warning"),
            pen(
                "เทียบกับปีก่อน ณ เดือนเดียวกัน หากยังไม่มีปีก่อนใช้อัตราของโครงการถ่วงด้วยกลุ่ม แสดงคู่กับวิธีอย่างง่าย (เฉลี่ยต่อเดือน × 12) "
                "สถิติความแม่นยำอยู่ในระบบ หน้า “สถิติการเตือน”",
                "By what was usual at the same month of earlier years; without any, by the project's pace drawn towards "
                "its group's; beside a naive baseline (monthly mean × 12). How right it was stands under “Track record”",
            ),
        ),
        (
            pen("กำหนดเวลาที่ได้ (earned schedule)", "Earned schedule"),
            pen(
                "ES คือเดือนของแผนที่งานอยู่จริง SPI(t) = ES ÷ เดือนที่ผ่านไป ต่ำกว่า 1 คือช้ากว่าแผน (Lipke 2003)",
                "ES is the month of the plan the work stands at; SPI(t) = ES ÷ months gone, below 1 is behind (Lipke 2003)",
            ),
        ),
        (pen("ประเภทรายจ่าย", "Classes"), pen.name(CLASS_RULE)),
        (
            pen("ที่มาของข้อมูล", "Origin of the data"),
            pen.name(SYNTHETIC)
            if book.standing.monitored.is_synthetic
            else pen("รายงานผ่านระบบ", "Reported here"),
        ),
        (pen("ข้อมูล ณ", "Data as of"), pen.moment(book.as_of)),
        (hash_of, book.sha256),
    ]
    return Fields(tuple(items), code=(hash_of,))
