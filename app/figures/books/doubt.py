"""How sure the cut line is, computed anew from the scores in the book."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.figures.books.content import PrintableContents
from app.figures.pen import Pen
from app.figures.portfolio_charts import BandRow, certainty_chart
from app.portfolio.certainty import BAND_NAMES, Band, Certainty, judge_certainty
from app.portfolio.facts import Line, Standing
from app.reviews.calibration import calibrate
from app.reviews.design import Rating, Refusal
from reports.document import Block, Column, Paragraph, Table


def judge(contents: PrintableContents) -> Certainty | Refusal:
    """The chances of every scored project, or why they cannot be told."""
    entries = [b.line.entry for b in contents.figures.page.lines if b.line.entry.panel.count]
    ids = {entry.number: entry.proposal_id for entry in entries}
    found = calibrate(
        [Rating(ids[r.number], r.reviewer, r.total) for r in contents.scores if r.number in ids]
    )
    if isinstance(found, Refusal):
        return found
    calibrated = {row.proposal: row.calibrated for row in found.proposals}
    return judge_certainty(entries, contents.terms, found.posterior, calibrated)


def certainty_blocks(contents: PrintableContents, pen: Pen) -> Iterator[Block]:
    """The three bands as a picture and a table; in words where nothing can be said."""
    if not contents.scores:
        return
    found = judge(contents)
    if isinstance(found, Refusal):
        reasons = "; ".join(pen.name(reason.words) for reason in found.reasons)
        yield Paragraph(
            pen(
                f"ความแน่นอนของเส้นตัดคำนวณไม่ได้: {reasons}", f"How sure the cut is cannot be computed: {reasons}"
            ),
            "note",
        )
        return
    lines = sorted(
        (
            b.line
            for b in contents.figures.page.lines
            if b.line.rank is not None and b.line.entry.proposal_id in found.chances
        ),
        key=lambda line: line.rank or 0,
    )
    rows = [
        BandRow(line.rank or 0, line.entry.number, chance.probability, chance.band)
        for line, chance in ((line, found.chances[line.entry.proposal_id]) for line in lines)
    ]
    yield certainty_chart(rows, sum(line.standing is Standing.IN for line in lines), pen)
    yield Paragraph(
        pen(
            f"สุ่ม {found.draws:,} ครั้งจากการแจกแจงของคะแนนปรับเทียบ (seed {found.seed}) แล้วจัดสรรด้วยเงื่อนไขเดียวกันทุกครั้ง",
            f"{found.draws:,} draws from the distribution of the calibrated scores (seed {found.seed}), each allocated "
            "by the same terms",
        ),
        "note",
    )
    yield _table(found, [line for line in lines if _band(found, line) is Band.GREY], pen, grey=True)
    yield _table(found, lines, pen, grey=False)


def _band(found: Certainty, line: Line) -> Band:
    return found.chances[line.entry.proposal_id].band


def _table(found: Certainty, lines: Sequence[Line], pen: Pen, *, grey: bool) -> Table:
    """The grey ones for paper, all of them for the workbook."""
    return Table(
        "certainty_grey" if grey else "certainty",
        pen("โครงการที่ก้ำกึ่ง", "Projects at the cut")
        if grey
        else pen("ความแน่นอนของเส้นตัด", "Certainty of the cut"),
        (
            Column("rank", pen("ลำดับ", "Rank"), "int", 8),
            Column("number", pen("เลขที่", "Number"), "text", 17),
            Column("title", pen("โครงการ", "Project"), "long_text", 60),
            Column("probability", pen("โอกาสอยู่ในกรอบ", "Chance of being inside"), "percent", 16, unit="%"),
            Column("expected", pen("ลำดับคาดหมาย", "Expected rank"), "score", 12),
            Column("low", pen("ดีสุด", "Best"), "int", 10, group=pen("ช่วงลำดับ 80 %", "80 % of ranks")),
            Column("high", pen("แย่สุด", "Worst"), "int", 10, group=pen("ช่วงลำดับ 80 %", "80 % of ranks")),
            Column("band", pen("แถบ", "Band"), "text", 20, excel_only=True),
        ),
        tuple(
            (
                line.rank,
                line.entry.number,
                pen.name(line.entry.title),
                chance.probability * 10,
                chance.expected_rank,
                chance.low,
                chance.high,
                pen.name(BAND_NAMES[chance.band]),
            )
            for line, chance in ((line, found.chances[line.entry.proposal_id]) for line in lines)
        ),
        question=pen(
            "โครงการใดที่คะแนนยังบอกไม่ได้แน่ชัดว่าอยู่ในกรอบ",
            "Which projects do the scores not place for certain inside or outside the ceiling?",
        ),
        sheet=pen("ความแน่นอน", "Certainty"),
        excel_only=not grey,
        pdf_only=grey,
        landscape=False,
    )
