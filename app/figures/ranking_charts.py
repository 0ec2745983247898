"""The pictures of the ranking book; each answers the question above it, with its numbers in a table."""

from __future__ import annotations

from app.figures.facts import Basis
from app.figures.pen import Pen
from app.figures.queries import RankingBook, RankingPage
from app.figures.ranking_summaries import WATERS, is_phased
from reports.document import Chart, Series

MINISTRIES_SHOWN = 12
# none of the three waters: those mean stages
_CATEGORY_COLOURS = ("#14305c", "#4a6fa5", "#9db4d3", "#b45309", "#94a3b8", "#d6b98c", "#e2e8f0")


def stage_chart(page: RankingPage, pen: Pen) -> Chart:
    """Asked for, within the ceiling, approved: each as one river from spring to sea, against the ceiling."""
    recorded = page.basis is Basis.RECORDED
    bars = {
        pen("ตามเอกสาร", "As published") if recorded else pen("ขอรับงบประมาณ", "Requested"): [
            g.sums.requested for g in page.stages
        ]
    }
    if not recorded:
        bars[pen("อยู่ในกรอบตามลำดับ", "Within the ceiling")] = [g.sums.in_amount for g in page.stages]
    if page.basis is Basis.APPROVED:
        bars[pen("คณะกรรมการเห็นชอบ", "Approved")] = [g.sums.approved for g in page.stages]
    question = (
        pen("เงินอยู่ที่ต้นน้ำ กลางน้ำ ปลายน้ำ เท่าใด", "How is the money divided over the stages?")
        if recorded
        else pen(
            "เงินอยู่ที่ต้นน้ำ กลางน้ำ ปลายน้ำ เท่าใด และเทียบกรอบวงเงินเป็นอย่างไร",
            "How is the money divided over the stages, and how does it stand to the ceiling?",
        )
    )
    return Chart(
        pen("วงเงินตามช่วงห่วงโซ่คุณค่า", "Money by stage of the value chain"),
        question,
        "stacked_bar",
        tuple(bars),
        tuple(
            Series(
                pen.name(g.name),
                tuple(values[at] for values in bars.values()),
                g.code if g.code in WATERS else "slate",
            )
            for at, g in enumerate(page.stages)
        ),
        horizontal=True,
        cut=None if recorded else page.call.ceiling,
        cut_name="" if recorded else pen("กรอบวงเงิน", "Ceiling"),
    )


def ministry_chart(book: RankingBook, pen: Pen) -> Chart:
    """The ministries with most money; the rest together in the last bar."""
    basis = book.page.basis
    groups = book.page.ministries
    names = [pen.name(g.name) for g in groups[:MINISTRIES_SHOWN]]
    if (left := len(groups) - MINISTRIES_SHOWN) > 0:
        names.append(pen(f"อีก {left} กระทรวง", f"{left} more"))

    def series(name: str, colour: str, key: str) -> Series:
        values = [getattr(g.sums, key) for g in groups]
        shown = values[:MINISTRIES_SHOWN]
        if len(values) > len(shown):
            shown.append(sum(values[MINISTRIES_SHOWN:]))
        return Series(name, tuple(shown), colour, key)

    asked = series(pen("ขอรับงบประมาณ", "Requested"), "mist", "requested")
    shown = {
        Basis.APPROVED: (asked, series(pen("คณะกรรมการเห็นชอบ", "Approved"), "navy", "approved")),
        Basis.FITTING: (asked, series(pen("อยู่ในกรอบตามลำดับ", "Within the ceiling"), "navy", "in_amount")),
        Basis.RECORDED: (series(pen("ตามเอกสาร", "As published"), "navy", "requested"),),
    }[basis]
    question = (
        pen("กระทรวงใดมีวงเงินเท่าใด", "Which ministry has how much?")
        if basis is Basis.RECORDED
        else pen("กระทรวงใดขอรับและได้รับเท่าใด", "Which ministry asks for how much, and gets how much?")
    )
    return Chart(
        pen("วงเงินตามกระทรวง", "Money by ministry"),
        question,
        "bar",
        tuple(names),
        shown,
        table="ministries",
        category_key="name",
        horizontal=True,
    )


def spending_chart(book: RankingBook, pen: Pen) -> Chart:
    """Quarters along the axis with expenditure categories stacked; the categories alone when nothing is phased."""
    filled = [c for c in book.categories if c.amount] or list(book.categories)[:1]
    if not is_phased(book):
        return Chart(
            pen("วงเงินตามงบรายจ่าย", "Money by expenditure category"),
            pen("เงินเป็นงบรายจ่ายใด", "What is the money spent on?"),
            "bar",
            tuple(pen.name(c.name) for c in book.categories),
            (Series(pen("วงเงิน", "Amount"), tuple(c.amount for c in book.categories), "navy", "amount"),),
            table="categories",
            category_key="name",
            horizontal=True,
        )
    names = [*(pen(f"ไตรมาส {n}", f"Q{n}") for n in range(1, 5)), pen("ไม่ระบุไตรมาส", "No quarter")]
    shown = len(names) if any(c.q0 for c in book.categories) else 4
    return Chart(
        pen("แผนการใช้จ่ายรายไตรมาส", "Spending planned by quarter"),
        pen("เงินที่ขอรับจะใช้ในไตรมาสใด เป็นงบรายจ่ายใด", "In which quarter is the money spent, and on what?"),
        "stacked_bar",
        tuple(names[:shown]),
        tuple(
            Series(pen.name(c.name), c.quarters[:shown], colour)
            for c, colour in zip(filled, _CATEGORY_COLOURS, strict=False)
        ),
    )
