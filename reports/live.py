"""Sheets that calculate: cells to type into, formulas that reach over sheets, charts beside them.

A formula is written over keys, never over cell addresses, so that it can be read where it is declared:

=================  ==========================================================================
written            stands for
=================  ==========================================================================
``{amount}``       this row's cell of the column ``amount``
``{amount^}``      the column from its heading down to the row above: nothing, in the first row
``{amount-}``      the cell of that column in the row above
``{list.amount}``  the whole column ``amount`` of the table ``list``
``{terms:limit}``  the value in the line ``limit`` of the form ``terms``
``{terms:a..b}``   the values of the lines from ``a`` to ``b``
=================  ==========================================================================

In a form ``{limit}`` alone is another of its lines. Amounts follow the rules of :mod:`reports.document`: a cell of
kind ``money`` holds baht, so a formula over it reckons in baht. What must be exact is reckoned in a column of kind
``int``, which holds satang as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from reports.document import Column, Kind, Series, Table


@dataclass(frozen=True, slots=True)
class Entry:
    """What may be typed into a cell, and what is said to whoever does.

    With ``choices`` only these words are taken; without, a number from ``least`` to ``most`` (raw values, as in the
    cell's kind; whole ones for ``int``). An empty cell is always taken. ``note`` is shown beside the cell when it is
    chosen, ``refusal`` when something else is typed. Excel shows 32 characters of a title and 255 of a text.
    """

    title: str
    note: str
    refusal: str
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 10**14

    def __post_init__(self) -> None:
        if max(len(self.note), len(self.refusal), len(",".join(self.choices))) > 255:
            raise ValueError(f"entry {self.title!r}: a note, a refusal or the choices are longer than 255")


@dataclass(frozen=True, slots=True)
class LiveColumn(Column):
    """A column whose cells are a formula (``cells``) or are typed in (``entry``); rows carry the results as usual."""

    cells: str = ""
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class SheetChart:
    """A chart on the sheet of its own numbers, drawn from whole columns of ``table`` (the sheet's own when empty).

    ``series`` name their columns by ``key``; their values stay empty, the cells have them.
    """

    title: str
    question: str
    category_key: str
    series: tuple[Series, ...]
    table: str = ""
    value_kind: Kind = "million"
    stacked: bool = False
    horizontal: bool = True


@dataclass(frozen=True, slots=True)
class LiveTable(Table):
    """A table that calculates. Where it is ``locked`` it is without a password, and what is typed in never is.

    ``order`` below 9 puts its sheet before those of plain tables, lowest first.
    ``conditions`` colour whole rows: ``(row style, formula)``, the first that is true wins. ``charts`` stand beside it.
    """

    conditions: tuple[tuple[str, str], ...] = ()
    charts: tuple[SheetChart, ...] = ()
    locked: bool = True
    order: int = 9


@dataclass(frozen=True, slots=True)
class FormLine:
    """One line of a form: a label with one value, typed in, calculated (``cells``), or as it stands.

    ``before`` is the value when the book was printed, for comparison. A line with no kind is a heading; one with a note and
    no value has its note across the sheet.
    """

    key: str
    label: str
    kind: Kind | None = None
    value: Any = None
    cells: str = ""
    entry: Entry | None = None
    before: Any = None
    unit: str = ""
    note: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class LiveForm(Table):
    """Lines of values of different kinds on one sheet, made by :func:`live_form`."""

    lines: tuple[FormLine, ...] = ()
    charts: tuple[SheetChart, ...] = ()
    order: int = 0


FORM_KEYS = ("label", "value", "unit", "before", "note")


def live_form(
    name: str,
    title: str,
    headings: tuple[str, str, str, str, str],
    lines: tuple[FormLine, ...],
    *,
    question: str = "",
    sheet: str = "",
    meanings: tuple[str, str, str, str, str] = ("", "", "", "", ""),
    charts: tuple[SheetChart, ...] = (),
) -> LiveForm:
    """A form. ``headings`` are of label, value, unit, value when printed, and note."""
    widths = (46.0, 22.0, 14.0, 22.0, 84.0)
    columns = tuple(
        Column(key, heading, "long_text", width, meaning=meaning)
        for key, heading, width, meaning in zip(FORM_KEYS, headings, widths, meanings, strict=True)
    )
    return LiveForm(
        name,
        title,
        columns,
        tuple((line.label, line.value, line.unit, line.before, line.note) for line in lines),
        question=question,
        sheet=sheet,
        filters=False,
        excel_only=True,
        lines=lines,
        charts=charts,
    )
