"""Whether two workbooks say the same, cell by cell, whatever program saved them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

Rows = Sequence[Sequence[Any]]

# Another program adds up in another order. A satang in a sum of ten thousand million baht, or in a cell of million baht,
# is more than this; the last digit of a double is less.
_SLACK, _SHARE = 4e-9, 4e-13
_OWN_WAY = re.compile(r"[\s$']")


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where two workbooks differ; `cell` is empty where whole sheets do, and `said` and `meant` are then
    their names ("" for none)."""

    sheet: str
    cell: str
    said: str
    meant: str


def first_difference(said: Mapping[str, Rows], meant: Mapping[str, Rows]) -> Difference | None:
    """The first sheet, or cell, of `said` that is not as in `meant`; both hold rows of cells by sheet, in order."""
    for one, other in zip_longest(said, meant, fillvalue=""):
        if one != other:
            return Difference(one, "", one, other)
    for name, rows in meant.items():
        for row, (mine, due) in enumerate(zip_longest(said[name], rows, fillvalue=())):
            for at, (cell, wanted) in enumerate(zip_longest(mine, due, fillvalue="")):
                if not _same(cell, wanted):
                    return Difference(name, xl_rowcol_to_cell(row, at), _shown(cell), _shown(wanted))
    return None


Formulas = Mapping[str, Mapping[str, str]]


def first_other_formula(said: Formulas, meant: Formulas) -> Difference | None:
    """The first cell of `said` whose formula is not that of `meant`; both hold texts by sheet and address. One that shares
    another's ("") is taken for right where one is meant. A formula made a plain value is none: the value was compared."""
    for name, formulas in said.items():
        due = meant.get(name, {})
        for cell, text in formulas.items():
            wanted = due.get(cell)
            if wanted is None or (text and _spelled(text) != _spelled(wanted)):
                return Difference(name, cell, _shown(f"={text}"), _shown(f"={wanted}" if wanted else ""))
    return None


def _spelled(formula: str) -> str:
    """A formula without what programs spell in their own way."""
    plain = _OWN_WAY.sub("", formula).upper()
    return plain.replace("TRUE()", "TRUE").replace("FALSE()", "FALSE")


def _same(one: object, other: object) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return one == other or abs(one - other) <= _SLACK + abs(other) * _SHARE
    if isinstance(one, str) and isinstance(other, str):
        return one == other or one.split() == other.split()
    return one == other


def _shown(cell: object) -> str:
    """A cell's content in a sentence."""
    if isinstance(cell, list):
        cell = cell[0] if cell else ""
    if isinstance(cell, float):
        cell = f"{cell:,.8f}".rstrip("0").rstrip(".")
    text = " ".join(str(cell).split())
    return text if len(text) <= 120 else f"{text[:119]}…"
