"""Native Excel charts, which follow the cells they are drawn from."""

from __future__ import annotations

from typing import Any

from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports.charts import colour_of
from reports.document import Chart, Document
from reports.thai import unit_of, word
from reports.typeface import FAMILY
from reports.xlsx_cells import Grid, cell_number
from reports.xlsx_ink import ROW_HEIGHT, Ink, number_format

_WIDTH, _HEIGHT = 900, 400
_ROWS = 16


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
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 8, 20)
    sheet.write_string(0, 0, word("charts", document.language), ink.title())
    sheet.write_string(1, 0, document.label, ink.label())
    row = 3
    breaks: list[int] = []
    for chart in document.blocks:
        if not isinstance(chart, Chart):
            continue
        sheet.write_string(row, 0, chart.title, ink.heading())
        sheet.write_string(row + 1, 0, chart.question, ink.faint())
        sources = _from_table(chart, grids)
        block_row = row + 3 + _ROWS
        if sources is None:
            sources = _write_numbers(sheet, sheet_name, block_row, chart, document, ink)
            end = block_row + len(chart.categories) + 2
        else:
            end = block_row
        drawn = _drawn(workbook, chart, sources, document)
        sheet.insert_chart(row + 2, 0, drawn, {"description": chart.question})
        row = end + 1
        breaks.append(row)
    # Every chart is printed on a page of its own, never across two.
    sheet.set_h_pagebreaks(breaks[:-1])


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
    sheet: Worksheet, sheet_name: str, row: int, chart: Chart, document: Document, ink: Ink
) -> list[tuple[str, str]]:
    """The chart's numbers as a small table; returns the ranges it fills."""
    unit = unit_of(chart.value_kind, chart.unit, document.language)
    sheet.write_string(row, 0, word("category", document.language), ink.head("left"))
    for at, series in enumerate(chart.series, 1):
        name = f"{series.name} ({unit})" if unit else series.name
        sheet.write_string(row, at, name, ink.head("center"))
    for offset, category in enumerate(chart.categories, 1):
        sheet.write_string(row + offset, 0, category, ink.cell("text"))
        for at, series in enumerate(chart.series, 1):
            value = series.values[offset - 1]
            if value is not None:
                look = ink.cell(chart.value_kind)
                sheet.write_number(row + offset, at, cell_number(value, chart.value_kind), look)
    first, last = row + 2, row + 1 + len(chart.categories)
    return [
        (f"'{sheet_name}'!$A${first}:$A${last}", f"'{sheet_name}'!${name}${first}:${name}${last}")
        for name in (chr(ord("B") + at) for at in range(len(chart.series)))
    ]


def _drawn(workbook: Workbook, chart: Chart, sources: list[tuple[str, str]], document: Document) -> Any:
    flat = chart.kind != "line" and chart.horizontal
    options: dict[str, str] = {"type": "line" if chart.kind == "line" else "column"}
    if flat:
        options["type"] = "bar"
    if chart.kind == "stacked_bar":
        options["subtype"] = "stacked"
    drawn = workbook.add_chart(options)
    font = {"name": FAMILY, "size": 10}
    for series, (categories, values) in zip(chart.series, sources, strict=True):
        colour = colour_of(series.colour)
        looks: dict[str, Any] = {
            "name": series.name,
            "categories": f"={categories}",
            "values": f"={values}",
        }
        if chart.kind == "line":
            looks["line"] = {"color": colour, "width": 2.25}
            looks["marker"] = {"type": "circle", "size": 6, "fill": {"color": colour}}
        else:
            looks["fill"] = {"color": colour}
            looks["gap"] = 60
            if len(chart.series) == 1:
                looks["data_labels"] = {"value": True, "font": font}
        drawn.add_series(looks)
    unit = unit_of(chart.value_kind, chart.unit, document.language)
    numbers = {
        "name": unit,
        "name_font": {**font, "bold": False},
        "num_font": font,
        "num_format": number_format(chart.value_kind, document.language).rstrip("0").rstrip("."),
        "major_gridlines": {"visible": True, "line": {"color": "#E2E8F0"}},
        "line": {"none": True},
    }
    names: dict[str, Any] = {"num_font": font}
    if flat:
        names["reverse"] = True
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
