"""An agency's proposals as a paper: one of them by itself, or all that were chosen, as PDF and as a workbook.

A workbook is made of sheets over all proposals, a PDF of one proposal after the other; the figures of both come from the
same facts as the page.
"""

from __future__ import annotations

from datetime import datetime

from app.figures.choosing import words_of
from app.figures.facts import PaperFormat
from app.figures.filing_lists import state_of
from app.figures.filing_paper import heading_fields, paper_blocks, proposal_blocks, title_of, working_mark
from app.figures.filing_sheets import sheets
from app.figures.filing_tables import money
from app.figures.pen import Pen
from app.figures.queries.own_filings import FilingsBook
from app.figures.receipt import PLAN
from app.kernel.money import format_million
from app.kernel.text import Text
from reports.document import Block, Column, Document, Fields, Heading, KeyFigures, Table

WITH_DRAFTS = Text("มีฉบับที่ยังไม่ได้ยื่น", "Holds texts that were not filed")


def filings_document(
    book: FilingsBook,
    paper_format: PaperFormat,
    language: str,
    *,
    made_at: datetime,
    made_by: str = "",
) -> Document:
    """Every proposal of the book. The same book gives the same bytes."""
    pen, call = Pen(language), book.call
    blocks: list[Block] = [KeyFigures(_figures(book, pen)), _chosen(book, pen)]
    if paper_format is PaperFormat.XLSX:
        blocks += sheets(book, pen)
    else:
        blocks += [Heading(pen("รายการข้อเสนอ", "List of proposals")), _list(book, pen)]
        blocks += paper_blocks(book.papers, call, pen)
    return Document(
        title=pen(
            f"ข้อเสนอโครงการของหน่วยงาน ปีงบประมาณ {call.fiscal_year}",
            f"The agency's proposals, fiscal year {call.fiscal_year}",
        ),
        language=pen.language,
        blocks=tuple(blocks),
        made_at=made_at,
        made_by=made_by,
        subtitle=" · ".join(
            word
            for word in (
                pen.name(book.agencies),
                pen(f"ข้อมูล ณ {pen.moment(book.as_of)}", f"Data as of {pen.moment(book.as_of)}"),
            )
            if word
        ),
        label=_label(book, pen),
        identifier=f"DGI-{call.fiscal_year}-OWN-{book.sha256[:8]}",
        sha256=book.sha256,
        organisation=pen.name(PLAN),
    )


def filing_document(
    book: FilingsBook, paper_format: PaperFormat, language: str, *, made_at: datetime, made_by: str = ""
) -> Document:
    """The one proposal of a book made by `one_filing`."""
    pen, (paper,) = Pen(language), book.papers
    mark = working_mark(paper)
    blocks: list[Block] = [Heading(pen.name(mark), 1)] if mark is not None else []
    blocks.append(heading_fields(paper, book.call, pen))
    blocks += (
        sheets(book, pen) if paper_format is PaperFormat.XLSX else proposal_blocks(paper, book.call, pen)
    )
    return Document(
        title=pen(f"ข้อเสนอโครงการ {paper.facts.number}", f"Proposal {paper.facts.number}"),
        language=pen.language,
        blocks=tuple(blocks),
        made_at=made_at,
        made_by=made_by,
        subtitle=title_of(paper, pen),
        label=_label(book, pen),
        identifier=paper.receipt_number if paper.has_receipt else paper.facts.number,
        sha256="" if paper.is_working else paper.sha256,
        organisation=pen.name(PLAN),
    )


def _label(book: FilingsBook, pen: Pen) -> str:
    """What is printed on every page: where the call's data come from, and that something was not filed."""
    marks = [mark for paper in book.papers if (mark := working_mark(paper)) is not None]
    words = [pen.name_or_empty(book.call.label)]
    if marks:
        words.append(pen.name(marks[0] if len(book.papers) == 1 else WITH_DRAFTS))
    return " · ".join(word for word in words if word)


def _figures(book: FilingsBook, pen: Pen) -> tuple[tuple[str, str, str], ...]:
    papers = book.papers
    working = sum(paper.is_working for paper in papers)
    figures = [
        (pen("ข้อเสนอ", "Proposals"), f"{len(papers):,}", pen("โครงการ", "projects")),
        (pen("วงเงินรวม", "Total"), format_million(book.total), pen("ล้านบาท", "million baht")),
        (
            pen("รายการงบประมาณ", "Budget lines"),
            f"{sum(len(paper.facts.lines) for paper in papers):,}",
            pen("รายการ", "lines"),
        ),
    ]
    if working:
        figures.append((pen("ยังไม่ได้ยื่น", "Not filed"), f"{working:,}", pen("โครงการ", "projects")))
    return tuple(figures)


def _chosen(book: FilingsBook, pen: Pen) -> Fields:
    """What the paper holds and what it was made from."""
    hash_name = pen("ค่าแฮชของข้อมูลในเอกสารนี้", "Hash of the data of this paper")
    items = [
        (pen("รอบคำขอ", "Call"), pen.name(book.call.name)),
        (pen("หน่วยงาน", "Agency"), pen.name(book.agencies)),
        (
            pen("เลือกเฉพาะ", "Chosen"),
            " · ".join(pen.name(word) for word in words_of(book.choice, book.call.plan)),
        ),
        (pen("ข้อมูล ณ", "Data as of"), pen.moment(book.as_of)),
        (hash_name, book.sha256),
    ]
    return Fields(tuple(item for item in items if item[1]), code=(hash_name,))


def _list(book: FilingsBook, pen: Pen) -> Table:
    columns = (
        Column("number", pen("เลขที่", "Number"), "text", 16),
        Column("title", pen("โครงการ", "Project"), "long_text", 36),
        Column("lead", pen("หน่วยงานหลัก", "Lead agency"), "long_text", 22),
        Column("state", pen("สถานะ", "State"), "long_text", 18),
        Column("receipt", pen("เลขที่ใบรับ", "Receipt number"), "text", 19),
        money("amount", pen(f"วงเงินปี {book.call.fiscal_year}", f"Amount {book.call.fiscal_year}"), width=20),
    )
    rows = tuple(
        (
            paper.facts.number,
            title_of(paper, pen),
            pen.name(paper.facts.lead.name),
            state_of(paper, pen),
            paper.receipt_number if paper.has_receipt else "–",
            paper.facts.total,
        )
        for paper in book.papers
    )
    return Table("proposals", "", columns, rows, filters=False, carry_forward=("amount",), landscape=False)
