"""A report's workbook brought together with the report as it is saved now, cell by cell, against what both began from.

In: the cells when the template was made (None where that is not known), those of the workbook, those saved now. Out:
`MergedCells`: the cells with both changes, and a clash wherever both changed one cell in different ways. `choose` makes
the cells of a person's choices.
Why: nobody's figure is overwritten silently, and nobody is asked about changes that do not touch.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.lean import dataclass
from app.monitoring.typed_reports import Cells, merge_cells

_UNKNOWN = "\0"  # no cell ever says this


@dataclass(frozen=True, slots=True)
class Clash:
    """A cell both changed; "" is an empty one, `base` None where it is not known."""

    place: str
    base: str | None
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class MergedCells:
    """A report with both people's changes; where there is a clash `cells` holds mine, the workbook's."""

    cells: Mapping[str, str]
    clashes: tuple[Clash, ...]


def merge_sheet(base: Cells | None, sheet: Cells, present: Cells) -> MergedCells:
    """What a workbook makes of a report. Cells the workbook has no place for stay as they are."""
    began = {**present, **dict.fromkeys(sheet, _UNKNOWN)} if base is None else base
    cells, places = merge_cells(began, {**began, **sheet}, present)
    return MergedCells(
        cells,
        tuple(
            Clash(place, None if base is None else base.get(place, ""), sheet[place], present.get(place, ""))
            for place in places
        ),
    )


def choose(merged: MergedCells, sides: Mapping[str, str]) -> dict[str, str]:
    """The cells with "mine" or "theirs" for every clash. Raises `KeyError` for one that is not chosen."""
    texts = {c.place: {"mine": c.mine, "theirs": c.theirs}[sides[c.place]] for c in merged.clashes}
    return {place: text for place, text in {**merged.cells, **texts}.items() if text}
