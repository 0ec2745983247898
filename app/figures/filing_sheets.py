"""The long sheets of an agency's workbook: every proposal, budget line, indicator, link and attachment as rows."""

from __future__ import annotations

from collections.abc import Iterator

from app.figures.filing_paper import title_of, working_mark
from app.figures.filing_tables import (
    DIRECTIONS,
    agency_names,
    answer_name,
    category_name,
    money,
    partner_name,
    quarter_columns,
    unplanned,
)
from app.figures.pen import Pen
from app.figures.queries.own_filings import FilingPaper, FilingsBook
from app.proposals.facts import FORM_NAMES, LINK_KIND_NAMES, Form
from app.proposals.states import STATES
from reports.document import Block, Column, SumIfs, Table

PROPOSALS, LINES = "proposals", "lines"


def sheets(book: FilingsBook, pen: Pen) -> Iterator[Block]:
    """All sheets of the workbook, the proof that two of them agree last."""
    yield proposal_sheet(book, pen)
    yield line_sheet(book, pen)
    yield _indicator_sheet(book, pen)
    yield _link_sheet(book, pen)
    yield _attachment_sheet(book, pen)
    yield _agreement(book, pen)


def _number(pen: Pen) -> Column:
    return Column("number", pen("เลขที่", "Number"), "text", 12)


def _position(pen: Pen) -> Column:
    return Column("position", pen("ลำดับ", "No."), "int", 7)


def state_of(paper: FilingPaper, pen: Pen) -> str:
    """The state, and for something that is being written that it was not filed."""
    mark = working_mark(paper)
    return pen.name(mark if mark is not None else STATES[paper.state])


def proposal_sheet(book: FilingsBook, pen: Pen) -> Table:
    """One row for each proposal: whose, where in the plan, how much, and the proof of its filing."""
    plan, year = book.call.plan, book.call.fiscal_year

    def coded(key: str, code: str) -> str:
        return f"{code} {pen.name(plan.name(key, code))}" if code else ""

    rows = []
    for paper in book.papers:
        facts = paper.facts
        rows.append(
            (
                facts.number,
                title_of(paper, pen),
                state_of(paper, pen),
                pen.name(facts.lead.name),
                pen.name(facts.lead.ministry),
                "; ".join(pen.name(agency.name) for agency in facts.participants),
                pen.name(plan.name("stages", facts.stage)) if facts.stage else "",
                coded("guidelines", facts.guideline),
                coded("strategies", facts.strategy),
                coded("focus_areas", facts.focus_area),
                "; ".join(pen.name(FORM_NAMES[Form(form)]) for form in facts.integration.forms),
                facts.total,
                facts.later_total,
                facts.rationale,
                facts.objectives,
                facts.outputs,
                paper.receipt_number if paper.has_receipt else "",
                pen.second(paper.filed_at) if paper.has_receipt and paper.filed_at else "",
                pen.name_or_empty(paper.filed_by) if paper.has_receipt else "",
                "" if paper.is_working else paper.sha256,
            )
        )
    columns = (
        _number(pen),
        Column("title", pen("โครงการ", "Project"), "long_text", 44),
        Column("state", pen("สถานะ", "State"), "text", 20),
        Column("lead", pen("หน่วยงานหลัก", "Lead agency"), "long_text", 28),
        Column("ministry", pen("กระทรวง", "Ministry"), "long_text", 24),
        Column("participants", pen("หน่วยงานร่วม", "Participating agencies"), "long_text", 32),
        Column("stage", pen("ช่วงห่วงโซ่", "Stage"), "text", 12),
        Column("guideline", pen("แนวทาง", "Guideline"), "long_text", 28),
        Column("strategy", pen("ยุทธศาสตร์", "Strategy"), "long_text", 28),
        Column("focus_area", pen("ด้านสำคัญ", "Focus area"), "long_text", 24),
        Column("forms", pen("รูปแบบการบูรณาการ", "Forms of integration"), "long_text", 32),
        money("amount", pen(f"วงเงินปี {year}", f"Amount {year}"), width=18),
        money("later", pen("ผูกพันปีถัดไป", "Later years"), width=18),
        Column("rationale", pen("หลักการและเหตุผล", "Rationale"), "long_text", 60),
        Column("objectives", pen("วัตถุประสงค์", "Objectives"), "long_text", 40),
        Column("outputs", pen("ผลผลิต", "Outputs"), "long_text", 40),
        Column("receipt", pen("เลขที่ใบรับ", "Receipt number"), "text", 16),
        Column("filed_at", pen("รับไว้เมื่อ (เวลาของระบบ)", "Received (server time)"), "text", 26),
        Column("filed_by", pen("ผู้ยื่น", "Filed by"), "text", 24),
        Column("sha256", pen("SHA-256 ของข้อเสนอที่ยื่น", "SHA-256 of the filing"), "text", 68),
    )
    return Table(
        PROPOSALS,
        pen("ข้อเสนอ", "Proposals"),
        columns,
        tuple(rows),
        question=pen(
            "หน่วยงานเสนอโครงการใด วงเงินเท่าใด", "Which projects does the agency propose, for how much?"
        ),
    )


def line_sheet(book: FilingsBook, pen: Pen) -> Table:
    """Every budget line, as rows for sums and pivots. What nobody uses is hidden."""
    year = book.call.fiscal_year
    lines = [line for paper in book.papers for line in paper.facts.lines]
    with_rest = any(unplanned(line) for line in lines)
    years = max((len(line.later_years) for line in lines), default=0)
    used = any(any(line.later_years) for line in lines)
    later = pen("ผูกพันปีถัดไป", "Commitments of later years")

    def of_later(key: str, title: str, formula: str = "") -> Column:
        return Column(key, title, "money", 16, "sum", group=later, formula=formula, hidden=not used)

    in_all = "+".join(f"{{later{n}}}" for n in range(1, years + 1))
    columns = [
        _number(pen),
        _position(pen),
        Column("agency", pen("หน่วยงาน", "Agency"), "text", 30),
        Column("category", pen("งบรายจ่าย", "Category"), "text", 16),
        Column("item", pen("รายการ", "Item"), "long_text", 42),
        Column("quantity", pen("จำนวน", "Quantity"), "int", 9),
        Column("unit", pen("หน่วยนับ", "Unit"), "text", 10),
        Column("unit_price", pen("ราคาต่อหน่วย", "Unit price"), "money", 17),
        Column(
            "amount",
            pen(f"วงเงินปี {year}", f"Amount {year}"),
            "money",
            17,
            "sum",
            formula="={quantity}*{unit_price}",
        ),
        *quarter_columns(pen, with_rest=with_rest),
        *(of_later(f"later{n}", f"{year + n}") for n in range(1, years + 1)),
        of_later("later", pen("รวมผูกพัน", "In all"), f"={in_all}" if years else ""),
        Column("source", pen("ที่มา (เล่มและหน้า)", "Source (volume and page)"), "text", 28,
               hidden=not any(line.source for line in lines)),
    ]  # fmt: skip
    rows = []
    for paper in book.papers:
        names = agency_names(paper.facts, pen)
        for n, line in enumerate(paper.facts.lines, 1):
            rows.append(
                (
                    paper.facts.number,
                    n,
                    names.get(line.agency, line.agency),
                    category_name(book.call.plan, line.category, pen),
                    line.item,
                    line.quantity,
                    line.unit,
                    line.unit_price,
                    line.amount,
                    *line.quarters,
                    *((unplanned(line),) if with_rest else ()),
                    *(*line.later_years, *(0,) * years)[:years],
                    sum(line.later_years),
                    line.source,
                )
            )
    return Table(
        LINES,
        pen("รายการงบประมาณ", "Budget lines"),
        tuple(columns),
        tuple(rows),
        question=pen(
            "แต่ละโครงการขอรับอะไร เท่าใด และใช้เมื่อใด", "What does each project ask for, how much and when?"
        ),
    )


def _indicator_sheet(book: FilingsBook, pen: Pen) -> Table:
    rows = [
        (paper.facts.number, n, agency_names(paper.facts, pen).get(k.agency, k.agency), *values)
        for paper in book.papers
        for n, k in enumerate(paper.facts.indicators, 1)
        for values in [(k.name, k.baseline, k.target, k.unit)]
    ]
    columns = (
        _number(pen),
        _position(pen),
        Column("agency", pen("หน่วยงาน", "Agency"), "text", 30),
        Column("name", pen("ตัวชี้วัด", "Indicator"), "long_text", 60),
        Column("baseline", pen("ค่าฐาน", "Baseline"), "text", 14),
        Column("target", pen("เป้าหมาย", "Target"), "text", 14),
        Column("unit", pen("หน่วยนับ", "Unit"), "text", 14),
    )
    return Table(
        "indicators",
        pen("ตัวชี้วัด", "Indicators"),
        columns,
        tuple(rows),
        question=pen("แต่ละโครงการวัดผลด้วยสิ่งใด", "By what is each project measured?"),
    )


def _link_sheet(book: FilingsBook, pen: Pen) -> Table:
    rows = []
    for paper in book.papers:
        if Form.LINK not in paper.facts.integration.forms:
            continue
        names = agency_names(paper.facts, pen)
        for n, link in enumerate(paper.facts.integration.links, 1):
            rows.append(
                (
                    paper.facts.number,
                    n,
                    names.get(link.agency, link.agency),
                    link.name,
                    pen.name(LINK_KIND_NAMES[link.kind]) if link.kind in LINK_KIND_NAMES else "",
                    pen.name(DIRECTIONS[link.direction]) if link.direction in DIRECTIONS else "",
                    partner_name(link, pen),
                    pen.name(book.call.plan.name("platforms", link.channel)) if link.channel else "",
                    answer_name(link, pen),
                )
            )
    columns = (
        _number(pen),
        _position(pen),
        Column("agency", pen("หน่วยงานที่ขอเชื่อม", "Claimed by"), "text", 30),
        Column("name", pen("ระบบหรือข้อมูล", "System or data"), "long_text", 44),
        Column("kind", pen("ประเภท", "Kind"), "text", 12),
        Column("direction", pen("ทิศทาง", "Direction"), "text", 16),
        Column("partner", pen("คู่เชื่อม", "Partner"), "long_text", 44),
        Column("channel", pen("ช่องทาง", "Channel"), "text", 24),
        Column("answer", pen("คำตอบของคู่เชื่อม", "The partner's answer"), "text", 26),
    )
    return Table(
        "links",
        pen("การเชื่อมโยง", "Links"),
        columns,
        tuple(rows),
        question=pen("โครงการใดเชื่อมกับหน่วยงานใด", "Which project links with which agency?"),
    )


def _attachment_sheet(book: FilingsBook, pen: Pen) -> Table:
    rows = [
        (
            paper.facts.number,
            n,
            pen.name(book.call.plan.name("attachment_kinds", a.kind)),
            a.name,
            a.size,
            a.sha256,
        )
        for paper in book.papers
        for n, a in enumerate(paper.facts.attachments, 1)
    ]
    columns = (
        _number(pen),
        _position(pen),
        Column("kind", pen("ชนิดเอกสาร", "Kind"), "text", 32),
        Column("name", pen("ชื่อแฟ้ม", "File name"), "long_text", 44),
        Column("size", pen("ขนาด", "Size"), "int", 14, unit=pen("ไบต์", "bytes")),
        Column("sha256", "SHA-256", "text", 68),
    )
    return Table(
        "attachments",
        pen("เอกสารแนบ", "Attachments"),
        columns,
        tuple(rows),
        question=pen("แฟ้มใดแนบไว้ และพิสูจน์ได้ด้วยค่าแฮชใด", "Which files are attached, proved by which hash?"),
    )


def _agreement(book: FilingsBook, pen: Pen) -> Table:
    """The same total reached over both sheets with amounts, and how far they are apart: nothing, to the satang."""
    title = pen("ผลรวม", "Total")
    columns = (
        Column(
            "proposals",
            pen("แผ่นข้อเสนอ", "Proposals"),
            "money",
            22,
            group=title,
            sumif=SumIfs(PROPOSALS, "amount"),
        ),
        Column(
            "lines",
            pen("แผ่นรายการงบประมาณ", "Budget lines"),
            "money",
            22,
            group=title,
            sumif=SumIfs(LINES, "amount"),
        ),
        Column("off", pen("ต่างกัน", "Apart"), "money", 16, formula="=ROUND({lines}-{proposals},2)"),
    )
    lines = sum(line.amount for paper in book.papers for line in paper.facts.lines)
    return Table(
        "agreement",
        pen("ตรวจสอบความถูกต้องตรงกัน", "Agreement of the sheets"),
        columns,
        ((book.total, lines, lines - book.total),),
        question=pen("ทุกแผ่นงานให้ผลรวมเดียวกันหรือไม่", "Do all sheets give the same total?"),
        sheet=pen("ตรวจสอบ", "Agreement"),
        filters=False,
    )
