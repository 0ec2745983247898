"""Asks the child process to mark a returned workbook with what is to be mended in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from app.kernel.text import Text
from app.workbooks.facts import Fault, Refusal, Template
from app.workbooks.guard import Limits
from app.workbooks.keeper import KEEPER, ChildLimits, Keeper
from app.workbooks.naming import known_headings
from app.workbooks.reading import LIMITS, sheet_names, with_row_limit

CHILD_LIMITS = ChildLimits(memory_megabytes=640, cpu_seconds=20, wall_seconds=25)
_NO_LABEL = Text("", "")


def annotate_workbook(
    data: bytes,
    template: Template,
    faults: Sequence[Fault],
    *,
    limits: Limits = LIMITS,
    child_limits: ChildLimits = CHILD_LIMITS,
    keeper: Keeper = KEEPER,
) -> bytes | Refusal:
    """The uploaded `data`, a filled-in `template`, with `faults` marked at their cells; it can be mended and uploaded
    again. Without faults only the marks of an earlier check are taken off. A `Refusal` where it cannot be opened.
    """
    labels = {(sheet.key, c.key): c.heading for sheet in template.sheets for c in sheet.columns}
    settings = {
        "limits": asdict(with_row_limit(limits, template)),
        "sheets": sheet_names(template),
        "headings": {sheet.key: known_headings(sheet.columns) for sheet in template.sheets},
        "faults": [
            {
                "sheet": fault.sheet,
                "row": fault.row,
                "column": fault.column,
                "cell": fault.cell,
                "th": fault.text.th,
                "en": fault.text.en,
                "label_th": (label := labels.get((fault.sheet, fault.column or ""), _NO_LABEL)).th,
                "label_en": label.en,
            }
            for fault in faults
        ],
    }
    return keeper.run("annotate", data, settings, child_limits)
