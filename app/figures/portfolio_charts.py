"""The charts of a call's portfolio, declared once: shown on a page, kept as slides, and printed. Each answers its question
and has its numbers in a table behind it."""

from __future__ import annotations

from collections.abc import Sequence

from app.figures.pen import Pen
from app.figures.queries.charts import ChartFigures
from app.figures.ranking_charts import guideline_chart, ministries_chart, quarters_chart, stage_chart
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.certainty import BAND_NAMES, Band
from reports.document import Chart, Column, Series, Table


@dataclass(frozen=True, slots=True)
class BandRow:
    """One ranked project in the picture of certainty: its chance of being inside the ceiling, per mille."""

    rank: int
    label: str
    probability: int
    band: Band


# told apart in lightness, and by the shape of their marks
BAND_COLOURS = {Band.CLEAR_IN: "navy", Band.GREY: "#d97706", Band.CLEAR_OUT: "#94a3b8"}
NAMES: dict[str, Text] = {
    "stages": Text("ตามช่วง", "By stage"),
    "guidelines": Text("ตามแนวทาง", "By guideline"),
    "ministries": Text("ตามกระทรวง", "By ministry"),
    "certainty": Text("ความแน่นอน", "Certainty"),
    "commitments": Text("ผูกพันหลายปี", "Commitments"),
    "quarters": Text("รายไตรมาส", "By quarter"),
}


def portfolio_charts(figures: ChartFigures, pen: Pen) -> dict[str, Chart]:
    """All charts of a call by name, in the order of `NAMES`; those with nothing to say are left out."""
    found = {
        "stages": stage_chart(figures.page, pen),
        "guidelines": guideline_chart(figures.page, pen),
        "ministries": ministries_chart(figures.page, pen),
    }
    rows = band_rows(figures)
    if rows and figures.certainty is not None:
        found["certainty"] = certainty_chart(rows, figures.certainty.inside, pen)
    if any(figures.years[1:]):
        found["commitments"] = commitment_chart(figures.years, figures.page.call.fiscal_year, pen)
    found["quarters"] = quarters_chart(figures.categories, pen)
    return found


def band_rows(figures: ChartFigures) -> list[BandRow]:
    """The scored projects by rank with their chances; none where no chance can be told."""
    view = figures.certainty
    if view is None:
        return []
    return [
        BandRow(line.rank or 0, line.entry.number, chance.probability, chance.band)
        for line in view.lines
        if (chance := view.chances.get(line.entry.proposal_id)) is not None
    ]


def certainty_chart(rows: Sequence[BandRow], inside: int, pen: Pen) -> Chart:
    """Every project's chance by its rank, in three bands, with the line after those inside the ceiling."""
    return Chart(
        pen("โอกาสอยู่ในกรอบวงเงินตามลำดับ (ร้อยละ)", "Chance of being within the ceiling, by rank (percent)"),
        pen(
            "โครงการใดอยู่ในกรอบแน่ โครงการใดก้ำกึ่ง และโครงการใดอยู่นอกกรอบแน่",
            "Which projects are surely in, which are grey, and which are surely out?",
        ),
        "line",
        tuple(f"{row.rank}" for row in rows),
        tuple(
            Series(
                f"{pen.name(BAND_NAMES[band])} ({sum(row.band is band for row in rows):,})",
                tuple(row.probability * 10 if row.band is band else None for row in rows),
                BAND_COLOURS[band],
            )
            for band in Band
        ),
        value_kind="percent",
        cut_after=inside,
        cut_name=pen(f"ในกรอบ {inside:,} โครงการ", f"{inside:,} within"),
    )


def commitment_chart(years: Sequence[int], fiscal_year: int, pen: Pen) -> Chart:
    """What the counted projects take this year and are committed to in the years after."""
    names = tuple(f"{fiscal_year + n}" for n in range(len(years)))
    return Chart(
        pen("ภาระผูกพันรายปีงบประมาณ", "Commitments by fiscal year"),
        pen(
            f"โครงการที่นับในปี {fiscal_year} ผูกพันงบประมาณปีถัดไปเท่าใด",
            f"How much do the projects counted in {fiscal_year} commit in the years after?",
        ),
        "bar",
        names,
        (Series(pen("วงเงิน", "Amount"), tuple(years), "navy"),),
    )


def chart_table(name: str, chart: Chart, pen: Pen) -> Table:
    """The numbers of a chart: one row for each category."""
    return Table(
        f"chart_{name}",
        chart.title,
        (
            Column("category", pen("ลำดับ", "Rank") if chart.cut_after is not None else pen("รายการ", "Item")),
            *(Column(f"s{at}", s.name, chart.value_kind) for at, s in enumerate(chart.series)),
        ),
        tuple(
            (category, *(series.values[at] for series in chart.series))
            for at, category in enumerate(chart.categories)
        ),
        question=chart.question,
    )
