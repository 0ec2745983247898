"""The cells of a workbook that passed the guard, as plain values, sent off in batches. Runs in the child process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from app.workbooks.formulas import formulas_in
from app.workbooks.guard import Inspection, Limits, inspect
from app.workbooks.guard_xml import Unacceptable
from app.workbooks.naming import fold

_BATCH = 500

Send = Callable[[str, Any], None]


def send_cells(data: bytes, settings: Mapping[str, Any], send: Send) -> None:
    """Look through `data`, then send what it holds.

    `settings`: "limits" of `Limits`; "sheets", folded tab name -> key, without it all sheets by their names; "computed"
    where formulas may stand, read by the results kept beside them. Sent first: "found" {"tabs": {tab: key}, "formulas"
    and "errors": [[tab, address], ...]}; then "rows" [key, number of the first row, [[cell, ...], ...]] from row 1 on,
    and where they may stand "formula_texts" [tab, {address: text}]. A cell is text, a number, or [what it is instead]. Where
    formulas may not stand, one is enough for nothing to be parsed
    and no row to be sent. Raises `Unacceptable`.
    """
    found = inspect(data, Limits(**settings["limits"]))
    asked = settings.get("sheets")
    tabs = {tab: tab for tab in found.sheets} if asked is None else known_tabs(found, asked)
    send("found", {"formulas": found.formulas, "errors": found.errors, "tabs": tabs})
    if found.formulas and not settings.get("computed"):
        return
    try:
        with CalamineWorkbook.from_filelike(BytesIO(data)) as book:
            # With the empty area rows and columns count from 1 and A; iter_rows() counts columns otherwise.
            sheets = [
                (key, book.get_sheet_by_name(tab).to_python(skip_empty_area=False))
                for tab, key in tabs.items()
            ]
            for key, rows in sheets:
                _send_rows(key, rows, send)
            if settings.get("computed"):
                for tab, texts in formulas_in(data):
                    send("formula_texts", [tab, texts])
    except CalamineError as fault:
        raise Unacceptable("damaged") from fault


def known_tabs(found: Inspection, keys: Mapping[str, str]) -> dict[str, str]:
    """Tab -> key of the sheets asked for; of two that answer to one key the first."""
    tabs: dict[str, str] = {}
    for tab in found.sheets:
        key = keys.get(fold(tab))
        if key is not None and key not in tabs.values():
            tabs[tab] = key
    return tabs


def _send_rows(key: str, rows: list[list[Any]], send: Send) -> None:
    for start in range(0, len(rows), _BATCH):
        batch = []
        for row in rows[start : start + _BATCH]:
            cells = [cell if type(cell) in (str, float, int) else [str(cell)] for cell in row]
            while cells and cells[-1] == "":
                cells.pop()
            batch.append(cells)
        send("rows", [key, start + 1, batch])
