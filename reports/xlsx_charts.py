"""Native Excel charts, which follow the cells they are drawn from."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports.charts import colour_of
from reports.document import Chart, Document
from reports.thai import unit_of, word
from reports.typeface import FAMILY
from reports.xlsx_cells import Grid, cell_number, lines_of, text_pixels
from reports.xlsx_ink import LINE_HEIGHT, ROW_HEIGHT, Ink, number_format
from reports.xlsx_page import ACROSS, DOWN, pixels, scale_of, write_head_and_foot

_WIDTH, _HEIGHT = 1200, 400
_ROWS = 16
_MARKERS = ("circle", "square", "triangle", "diamond")  # as `canvas.mark` draws them
_LONG = 20  # rows of numbers that still go below their chart on its page
_FIRST, _OTHER = 48, 20  # characters of the first column and of the others

# the axis of names of bars that lie: the first on top, the values' own axis at the foot beside its unit
DOWNWARD: dict[str, Any] = {"reverse": True, "crossing": "max"}


def leave_room(drawn: Any, names: Iterable[str]) -> None:
    """Keep a third of the picture for the names of bars where they are long."""
    if max(map(text_pixels, names), default=0) > 150:
        drawn.set_plotarea({"layout": {"x": 0.38, "y": 0.14, "width": 0.58, "height": 0.66}})


def write_charts(
    workbook: Workbook,
    sheet: Worksheet,
    sheet_name: str,
    document: Document,
    grids: dict[str, Grid],
    ink: Ink,
) -> None:
    """All charts one below the other; each reads its table, or a block of numbers under it."""
    sheet.set_default_row(ROW_HEIGHT)
    charts = [block for block in document.blocks if isinstance(block, Chart)]
    shown = _columns_shown(charts, grids)
    scale = scale_of([_FIRST] + [_OTHER] * (shown - 1))
    write_head_and_foot(sheet, document, scale)
    sheet.set_column(0, 0, _FIRST)
    sheet.set_column(1, shown + 24, _OTHER)
    sheet.write_string(0, 0, word("charts", document.language), ink.title())
    sheet.write_string(1, 0, document.label, ink.label())
    row, aside = 3, shown + 1
    breaks: list[int] = []
    for chart in charts:
        for at in range(shown):
            sheet.write_blank(row, at, None, ink.heading())
        sheet.write_string(row, 0, chart.title, ink.heading())
        sheet.write_string(row + 1, 0, chart.question, ink.faint())
        sources = _from_table(chart, grids)
        end = row + 3 + _ROWS
        if sources is not None:
            where = word("numbers_on", document.language).format(sheet=grids[chart.table].sheet_name)
            sheet.write_string(end - 2, 0, where, ink.faint())
        elif len(chart.categories) > _LONG:
            sources = _write_numbers(sheet, sheet_name, (row + 2, aside), chart, document, ink)
            where = word("numbers_aside", document.language).format(column=xl_col_to_name(aside))
            aside += len(chart.series) + 2
            sheet.write_string(end - 2, 0, where, ink.faint())
        else:
            sources = _write_numbers(sheet, sheet_name, (end, 0), chart, document, ink)
            end += len(chart.categories) + 2
        drawn = _drawn(workbook, chart, sources, document)
        sheet.insert_chart(row + 2, 0, drawn, {"description": chart.question})
        row = end + 1
        breaks.append(row)
    sheet.print_area(0, 0, row, shown - 1)
    # Every chart is printed on a page of its own, never across two.
    sheet.set_h_pagebreaks(breaks[:-1])


def _columns_shown(charts: list[Chart], grids: dict[str, Grid]) -> int:
    """How many columns are printed: so many that a page as wide is as tall as the tallest chart with its numbers."""
    below = [
        len(chart.categories)
        for chart in charts
        if len(chart.categories) <= _LONG and _from_table(chart, grids) is None
    ]
    rows = 3 + 3 + _ROWS + max(below, default=0) + 4  # heads of the sheet and the chart, and taller rows
    least = (_WIDTH - pixels(_FIRST)) / pixels(_OTHER) + 1
    tall_enough = (ACROSS * rows * ROW_HEIGHT / DOWN - pixels(_FIRST)) / pixels(_OTHER) + 1
    return ceil(max(least, tall_enough, *(len(chart.series) + 1 for chart in charts)))


def _from_table(chart: Chart, grids: dict[str, Grid]) -> list[tuple[str, str]] | None:
    """``(categories, values)`` ranges in the chart's table, if all its numbers stand there."""
    grid = grids.get(chart.table)
    if grid is None or len(grid.table.rows) != len(chart.categories):
        return None
    keys = [chart.category_key, *(series.key for series in chart.series)]
    if not all(key in grid.position for key in keys):
        return None
    return [(grid.range(keys[0]), grid.range(key)) for key in keys[1:]]


def _write_numbers(
    sheet: Worksheet, sheet_name: str, place: tuple[int, int], chart: Chart, document: Document, ink: Ink
) -> list[tuple[str, str]]:
    """The chart's numbers as a small table from ``place``, its row and column; returns the ranges it fills."""
    row, left = place
    unit = unit_of(chart.value_kind, chart.unit, document.language)
    titles = [f"{series.name}\n({unit})" if unit else series.name for series in chart.series]
    lines = max(lines_of(title, _OTHER, 700) for title in titles)
    sheet.set_row(row, max(ROW_HEIGHT, LINE_HEIGHT * lines + 4))
    sheet.write_string(row, left, word("category", document.language), ink.head("left"))
    for at, title in enumerate(titles, left + 1):
        sheet.write_string(row, at, title, ink.head("center"))
    look = ink.cell(chart.value_kind)
    for offset, category in enumerate(chart.categories, 1):
        sheet.write_string(row + offset, left, category, ink.cell("text"))
        if left == 0 and (lines := lines_of(category, _FIRST)) > 1:
            sheet.set_row(row + offset, LINE_HEIGHT * lines + 2)
        for at, series in enumerate(chart.series, left + 1):
            value = series.values[offset - 1]
            if value is None:
                sheet.write_blank(row + offset, at, None, look)
            else:
                sheet.write_number(row + offset, at, cell_number(value, chart.value_kind), look)
    first, last = row + 2, row + 1 + len(chart.categories)
    names = [xl_col_to_name(left + at, col_abs=True) for at in range(len(chart.series) + 1)]
    ranges = [f"'{sheet_name}'!{name}${first}:{name}${last}" for name in names]
    return [(ranges[0], numbers) for numbers in ranges[1:]]


def _drawn(workbook: Workbook, chart: Chart, sources: list[tuple[str, str]], document: Document) -> Any:
    flat = chart.kind != "line" and chart.horizontal
    options: dict[str, str] = {"type": "line" if chart.kind == "line" else "column"}
    if flat:
        options["type"] = "bar"
    if chart.kind == "stacked_bar":
        options["subtype"] = "stacked"
    drawn = workbook.add_chart(options)
    font = {"name": FAMILY, "size": 10}
    for place, (series, (categories, values)) in enumerate(zip(chart.series, sources, strict=True)):
        colour = colour_of(series.colour)
        looks: dict[str, Any] = {
            "name": series.name,
            "categories": f"={categories}",
            "values": f"={values}",
        }
        if chart.kind == "line":
            # With an upright cut each point stands alone, as on the page: nothing lies between two projects.
            alone = chart.cut_after is not None
            looks["line"] = {"none": True} if alone else {"color": colour, "width": 2.25}
            shape = _MARKERS[place % len(_MARKERS)]
            ink = {"color": colour}
            looks["marker"] = {"type": shape, "size": 5 if alone else 6, "fill": ink, "border": ink}
        else:
            looks["fill"] = {"color": colour}
            looks["gap"] = 60
            if len(chart.series) == 1:
                looks["data_labels"] = {"value": True, "font": font}
        drawn.add_series(looks)
    unit = unit_of(chart.value_kind, chart.unit, document.language)
    numbers: dict[str, Any] = {
        "name": unit,
        "name_font": {**font, "bold": False},
        "num_font": font,
        "num_format": number_format(chart.value_kind, document.language).rstrip("0").rstrip("."),
        "major_gridlines": {"visible": True, "line": {"color": "#E2E8F0"}},
        "line": {"none": True},
    }
    if chart.value_kind == "percent" and all((v or 0) <= 10_000 for s in chart.series for v in s.values):
        numbers |= {"min": 0, "max": 100}
    names: dict[str, Any] = {"num_font": font}
    if flat:
        names |= DOWNWARD
        leave_room(drawn, chart.categories)
    # For a bar chart the y axis, which stands upright, holds the names.
    drawn.set_x_axis(numbers if flat else names)
    drawn.set_y_axis(names if flat else numbers)
    drawn.set_title({"none": True})
    if len(chart.series) > 1:
        drawn.set_legend({"position": "top", "font": font})
    else:
        drawn.set_legend({"none": True})
    drawn.set_size({"width": _WIDTH, "height": _HEIGHT})
    return drawn
