"""An agency's workbook: every proposal and budget line as rows, the sheets without money, and the proof that all agree."""

from __future__ import annotations

from collections.abc import Iterator

from app.figures.filing_lists import (
    attachment_sheet,
    indicator_sheet,
    link_sheet,
    number_column,
    position_column,
    proof_sheet,
    state_of,
    text_sheet,
)
from app.figures.filing_paper import title_of
from app.figures.filing_tables import agency_names, category_name, money, quarter_columns, unplanned
from app.figures.pen import Pen
from app.figures.queries.own_filings import FilingsBook
from app.proposals.facts import FORM_NAMES, Form
from app.proposals.least import LEAST_SCOPE
from reports.document import Block, Column, SumIfs, Table

PROPOSALS, LINES = "proposals", "lines"


def sheets(book: FilingsBook, pen: Pen) -> Iterator[Block]:
    """All sheets of the workbook, the proof that two of them agree last."""
    yield proposal_sheet(book, pen)
    yield line_sheet(book, pen)
    yield indicator_sheet(book, pen)
    yield link_sheet(book, pen)
    yield text_sheet(book, pen)
    yield attachment_sheet(book, pen)
    yield proof_sheet(book, pen)
    yield _agreement(book, pen)


def proposal_sheet(book: FilingsBook, pen: Pen) -> Table:
    """One row for each proposal: whose, where in the plan, and how much."""
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
                *((facts.reduced.amount, facts.reduced.scope) if facts.reduced else (None, "")),
            )
        )
    stated = any(paper.facts.reduced for paper in book.papers)
    columns = (
        number_column(pen),
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
        Column("least", pen("วงเงินขั้นต่ำ", "Smallest amount"), "money", 18, hidden=not stated),
        Column("least_scope", pen.name(LEAST_SCOPE), "long_text", 32, hidden=not stated),
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
        number_column(pen),
        position_column(pen),
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
