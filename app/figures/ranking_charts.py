"""The pictures of the ranking book; each answers the question above it, with its numbers in a table."""

from __future__ import annotations

from collections.abc import Sequence

from app.figures.facts import Basis, CategoryRow, Group
from app.figures.pen import Pen
from app.figures.queries import RankingBook, RankingPage
from app.figures.ranking_summaries import WATERS
from reports.document import Chart, Series

MINISTRIES_SHOWN = 12
# none of the three waters: those mean stages
_CATEGORY_COLOURS = ("#14305c", "#5b7fb5", "#b3c7e6", "#9a4508", "#e0b562", "#6b7280", "#e2e8f0")


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


def guideline_chart(page: RankingPage, pen: Pen) -> Chart:
    """What each guideline of the plan asks for and gets."""
    names = tuple(f"{g.code} {pen.name(g.name)}" for g in page.guidelines)
    question = (
        pen("แนวทางใดมีวงเงินเท่าใด", "Which guideline has how much?")
        if page.basis is Basis.RECORDED
        else pen("แนวทางใดขอรับและได้รับเท่าใด", "Which guideline asks for how much, and gets how much?")
    )
    return Chart(
        pen("วงเงินตามแนวทาง", "Money by guideline"),
        question,
        "bar",
        names,
        _asked_and_given(page, page.guidelines, pen),
        table="guidelines",
        category_key="name",
        horizontal=True,
    )


def _asked_and_given(
    page: RankingPage, groups: Sequence[Group], pen: Pen, shown: int | None = None
) -> tuple[Series, ...]:
    """Both series over groups; those after the first `shown` are one bar."""

    def series(name: str, colour: str, key: str) -> Series:
        values = [getattr(g.sums, key) for g in groups]
        kept = values[:shown]
        if len(values) > len(kept):
            kept.append(sum(values[shown:]))
        return Series(name, tuple(kept), colour, key)

    if page.basis is Basis.RECORDED:
        return (series(pen("ตามเอกสาร", "As published"), "navy", "requested"),)
    asked = series(pen("ขอรับงบประมาณ", "Requested"), "mist", "requested")
    if page.basis is Basis.APPROVED:
        return asked, series(pen("คณะกรรมการเห็นชอบ", "Approved"), "navy", "approved")
    return asked, series(pen("อยู่ในกรอบตามลำดับ", "Within the ceiling"), "navy", "in_amount")


def ministry_chart(book: RankingBook, pen: Pen) -> Chart:
    """The ministries with most money; the rest together in the last bar."""
    return ministries_chart(book.page, pen)


def ministries_chart(page: RankingPage, pen: Pen) -> Chart:
    """As `ministry_chart`, from the list alone."""
    groups = page.ministries
    names = [pen.name(g.name) for g in groups[:MINISTRIES_SHOWN]]
    if (left := len(groups) - MINISTRIES_SHOWN) > 0:
        names.append(pen(f"อีก {left} กระทรวง", f"{left} more"))

    question = (
        pen("กระทรวงใดมีวงเงินเท่าใด", "Which ministry has how much?")
        if page.basis is Basis.RECORDED
        else pen("กระทรวงใดขอรับและได้รับเท่าใด", "Which ministry asks for how much, and gets how much?")
    )
    return Chart(
        pen("วงเงินตามกระทรวง", "Money by ministry"),
        question,
        "bar",
        tuple(names),
        _asked_and_given(page, groups, pen, MINISTRIES_SHOWN),
        table="ministries",
        category_key="name",
        horizontal=True,
    )


def spending_chart(book: RankingBook, pen: Pen) -> Chart:
    """Quarters along the axis with expenditure categories stacked; the categories alone when nothing is phased."""
    return quarters_chart(book.categories, pen)


def quarters_chart(categories: Sequence[CategoryRow], pen: Pen) -> Chart:
    """As `spending_chart`, from the categories alone."""
    filled = [c for c in categories if c.amount] or list(categories)[:1]
    if not any(sum(c.quarters[:4]) for c in categories):
        return Chart(
            pen("วงเงินตามงบรายจ่าย", "Money by expenditure category"),
            pen("เงินเป็นงบรายจ่ายใด", "What is the money spent on?"),
            "bar",
            tuple(pen.name(c.name) for c in categories),
            (Series(pen("วงเงิน", "Amount"), tuple(c.amount for c in categories), "navy", "amount"),),
            table="categories",
            category_key="name",
            horizontal=True,
        )
    names = [*(pen(f"ไตรมาส {n}", f"Q{n}") for n in range(1, 5)), pen("ไม่ระบุไตรมาส", "No quarter")]
    shown = len(names) if any(c.q0 for c in categories) else 4
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
