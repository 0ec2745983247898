"""The one-page brief: what a chair needs to have seen before the meeting begins."""

from __future__ import annotations

from datetime import datetime

from app.figures.facts import Basis
from app.figures.pen import Pen
from app.figures.queries import RankingBook
from app.figures.ranking_book import HOST, key_figures
from app.figures.ranking_charts import stage_chart
from app.kernel.money import format_million
from app.portfolio.facts import Standing
from app.portfolio.reasons import names_in, why_in_short
from reports.document import Block, Column, Document, KeyFigures, Paragraph, Table
from reports.fitting import is_one_page

AROUND = 7  # lines shown on either side of the cut, as far as one page holds them


def brief_document(
    book: RankingBook, language: str, *, made_at: datetime | None = None, made_by: str = ""
) -> Document:
    """One page: the few figures, the money by stage, and the lines around the cut with their reasons."""
    for around in range(AROUND, 0, -1):
        document = _brief(book, Pen(language), made_at or book.as_of, made_by, around)
        if is_one_page(document):
            break
    return document


def _brief(book: RankingBook, pen: Pen, made_at: datetime, made_by: str, around: int) -> Document:
    page = book.page
    title = pen(f"สรุปหนึ่งหน้า: {page.call.name.th}", f"One-page brief: {page.call.name.en}")
    blocks: list[Block] = [
        *(KeyFigures(items) for items in key_figures(book, pen)[-2:]),
        stage_chart(page, pen),
    ]
    if page.basis is not Basis.RECORDED:
        blocks.append(_cut_table(book, pen, around))
    blocks.append(Paragraph(_closing(book, pen), "note"))
    return Document(
        title=title,
        language=pen.language,
        blocks=tuple(blocks),
        made_at=made_at,
        made_by=made_by,
        subtitle=pen(f"ข้อมูล ณ {pen.moment(book.as_of)}", f"Data as of {pen.moment(book.as_of)}"),
        label=pen.name_or_empty(page.call.label),
        identifier=f"DGI-{page.call.fiscal_year}-BRIEF-{book.sha256[:8]}",
        sha256=book.sha256,
        organisation=pen.name(HOST),
    )


def _cut_table(book: RankingBook, pen: Pen, around: int) -> Table:
    """The last lines inside and the first outside, in rank order."""
    lines = [b for b in book.page.lines if b.line.rank is not None]
    outside = next((at for at, b in enumerate(lines) if b.line.standing is Standing.OUT), len(lines))
    shown = lines[max(outside - around, 0) : outside + around]
    name_of = names_in(book.page.call.plan, (b.line.entry for b in lines))
    return Table(
        "cut",
        pen("รอบเส้นตัด", "Around the cut"),
        (
            Column("rank", pen("ลำดับ", "Rank"), "int", 8),
            Column("title", pen("โครงการ", "Project"), "long_text", 50),
            Column("mean", pen("คะแนน", "Score"), "score", 9),
            Column("requested", pen("ขอรับ", "Requested"), "million", 13),
            Column("why", pen("ผล", "Stands"), "long_text", 32),
        ),
        tuple(
            (
                b.line.rank,
                f"{b.line.entry.number} {pen.name(b.line.entry.title)}",
                b.line.mean,
                b.line.entry.requested,
                why_in_short(b.line, pen.language, name_of),
            )
            for b in shown
        ),
        question=pen("โครงการใดอยู่ใกล้เส้นตัด", "Which projects stand near the cut?"),
        row_styles=tuple("in" if b.line.standing is Standing.IN else "out" for b in shown),
        filters=False,
        landscape=False,
    )


def _closing(book: RankingBook, pen: Pen) -> str:
    page = book.page
    if page.basis is Basis.RECORDED:
        return pen("บันทึกจากเอกสารงบประมาณที่เผยแพร่", "Recorded from published budget documents")
    left = format_million(page.allocation.left)
    return pen(
        f"จัดสรรตามลำดับแล้วเหลือ {left} ล้านบาท รายละเอียดอยู่ในบัญชีจัดลำดับ",
        f"{left} million baht are left after the allocation. The details stand in the ranking book.",
    )
