"""The formulas of a workbook that passed the guard, as they are written. Runs in the child process."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import TypeVar

from app.workbooks.guard_xml import PlainXml, Relationships, WorkbookXml

_CHUNK = 1 << 16
_S = TypeVar("_S", bound=PlainXml)


class FormulaXml(PlainXml):
    """A sheet: address -> the text of its formula, "" where it only shares the one of another cell."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._cell = ""
        self._text: list[str] | None = None
        self._parser.buffer_text = True
        self._parser.CharacterDataHandler = self._take

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        super()._start(name, attributes)
        local = name.rpartition(" ")[2]
        if local == "c":
            self._cell = attributes.get("r", "")
        elif local == "f" and self._cell:
            self._text = []

    def _take(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def _end(self, name: str) -> None:
        super()._end(name)
        local = name.rpartition(" ")[2]
        if local == "f" and self._text is not None:
            self.found[self._cell] = "".join(self._text)
            self._text = None
        elif local == "c":
            self._cell = ""


def formulas_in(data: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """Each sheet of cells with its formulas, in order."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = {entry.filename.casefold(): entry for entry in archive.infolist()}

        def scan(part: str, scanner: _S) -> _S:
            with archive.open(parts[part]) as stream:
                while chunk := stream.read(_CHUNK):
                    scanner.feed(chunk)
            scanner.close()
            return scanner

        book = scan("xl/workbook.xml", WorkbookXml())
        links = scan("xl/_rels/workbook.xml.rels", Relationships())
        for name, link in book.sheets:
            part, is_sheet = links.part(link)
            if is_sheet:
                yield name, scan(part, FormulaXml()).found
