"""The parts of a workbook as they stream by: small scanners over expat that keep counts, never a tree.

Elements are told by their local names whatever their namespace, as the reader behind does: a prefix cannot hide a cell
from one and show it to the other.
"""

from __future__ import annotations

import posixpath
import re
from array import array
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

from app.kernel.lean import dataclass

_DEEPEST = 200
_MOST_NAMED = 500
_MOST_SHEETS = 100
_LAST_ROW = 1_048_576
_LONGEST_NUMBER = 40
_ENCODINGS = {None, "utf-8", "us-ascii"}
_WANTED_KINDS = {None, "n", "s", "str", "inlineStr", "b", "e", "d"}
_NUMBER = re.compile(r"\s*(?:[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)?\s*")
_TRUTHS = {"", "0", "1", "true", "false"}
_LETTERS = re.compile("[A-Z]{1,3}")
_BY_TYPE = (
    (re.compile("macroenabled|vbaproject|macrosheet|dialogsheet", re.I), "macros"),
    (re.compile("externallink|connections|querytable|attachedtoolbars|webextension", re.I), "links"),
    (
        re.compile(
            "oleobject|activex|ctrlprop|/control$|relationships/package$|customui|ui/extensibility", re.I
        ),
        "embedded",
    ),
)
_DECLARATIONS = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.I)


class Unacceptable(Exception):
    """A workbook that must not be parsed; `code` names the refusal, `values` fill its words."""

    def __init__(self, code: str, **values: Any):
        super().__init__(code)
        self.code, self.values = code, values


class PlainXml:
    """Well-formed XML in UTF-8 without document type, entities or absurd depth. Others build on it."""

    def __init__(self) -> None:
        self._depth = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.XmlDeclHandler = self._declaration
        self._parser.StartDoctypeDeclHandler = self._refuse_declaration
        self._parser.EntityDeclHandler = self._refuse_declaration
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._is_first = True

    def feed(self, chunk: bytes) -> None:
        if self._is_first:
            self._is_first = False
            if chunk[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in chunk[:4]:
                raise Unacceptable("strange")  # UTF-16: the reader behind would see something else
        self._parser.Parse(chunk, False)

    def close(self) -> None:
        self._parser.Parse(b"", True)

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if (encoding.lower() if encoding else None) not in _ENCODINGS:
            raise Unacceptable("strange")

    def _refuse_declaration(self, *_: Any) -> None:
        raise Unacceptable("declarations")

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unacceptable("strange")

    def _end(self, name: str) -> None:
        self._depth -= 1


class Declarations:
    """A part that is not plain XML (a picture, a drawing in VML): only its declarations are looked for."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, chunk: bytes) -> None:
        if _DECLARATIONS.search(self._tail + chunk):
            raise Unacceptable("declarations")
        self._tail = chunk[-16:]

    def close(self) -> None:
        pass


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse_type(words: str) -> None:
    for pattern, code in _BY_TYPE:
        if pattern.search(words):
            raise Unacceptable(code)


class ContentTypes(PlainXml):
    """[Content_Types].xml: says what each part is; some kinds are never accepted."""

    def __init__(self) -> None:
        super().__init__()
        self._is_workbook = False

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        super()._start(name, attributes)
        kind = attributes.get("ContentType", "")
        if "sheet.binary" in kind:
            raise Unacceptable("binary_excel")
        _refuse_type(kind)
        self._is_workbook |= kind.endswith(
            ("spreadsheetml.sheet.main+xml", "spreadsheetml.template.main+xml")
        )

    def close(self) -> None:
        super().close()
        if not self._is_workbook:
            raise Unacceptable("not_workbook")


class Relationships(PlainXml):
    """A .rels part. Nothing outside the file may be pointed at, but for links in cells that a person clicks."""

    def __init__(self) -> None:
        super().__init__()
        self._targets: dict[str, tuple[str, str]] = {}

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        super()._start(name, attributes)
        if _local(name) != "Relationship":
            return
        kind = attributes.get("Type", "")
        _refuse_type(kind)
        if attributes.get("TargetMode", "").lower() == "external" and not kind.endswith("/hyperlink"):
            raise Unacceptable("links")
        self._targets[attributes.get("Id", "")] = (attributes.get("Target", ""), kind)

    def part(self, link: str) -> tuple[str, bool]:
        """The part (in lower case) that `link` of the workbook points at, and whether it is a sheet of cells."""
        target, kind = self._targets.get(link, ("", ""))
        if not target:
            raise Unacceptable("damaged")
        path = target[1:] if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        return path.casefold(), kind.endswith("/worksheet")


class WorkbookXml(PlainXml):
    """xl/workbook.xml: the sheets as (name, link)."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[tuple[str, str]] = []

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        super()._start(name, attributes)
        local = _local(name)
        if local == "sheet":
            links = [value for key, value in attributes.items() if _local(key) == "id"]
            title = attributes.get("name", "")
            if (
                len(links) != 1
                or any(title == other for other, _ in self.sheets)
                or len(self.sheets) >= _MOST_SHEETS
            ):
                raise Unacceptable("strange")
            self.sheets.append((title, links[0]))
        elif local == "externalReferences":
            raise Unacceptable("links")


@dataclass(slots=True)
class Tally:
    """What all sheets of a workbook may use up together, and the lengths of its shared strings."""

    rows: int
    columns: int
    cells_left: int
    characters_left: int
    strings: array[int] | None = None

    def take_characters(self, number: int) -> None:
        self.characters_left -= number
        if self.characters_left < 0:
            raise Unacceptable("too_much_text")


class SharedStrings(PlainXml):
    """xl/sharedStrings.xml: only how long each string is; one long string in many cells is a bomb of its own."""

    def __init__(self, tally: Tally):
        super().__init__()
        self._tally = tally
        self._lengths = tally.strings = array("l")
        self._length = 0
        self._parser.buffer_text = True
        self._parser.CharacterDataHandler = self._text

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Unacceptable("strange")
        if _local(name) == "si":
            self._length = 0

    def _text(self, text: str) -> None:
        self._length += len(text)

    def _end(self, name: str) -> None:
        self._depth -= 1
        if _local(name) == "si":
            self._lengths.append(self._length)
            self._tally.take_characters(self._length)


class SheetXml(PlainXml):
    """A sheet: its cells in order, each where it says it is; formulas and errors by address."""

    def __init__(self, name: str, tally: Tally):
        super().__init__()
        self._name, self._tally = name, tally
        self.formulas: list[str] = []
        self.errors: list[str] = []
        self._row, self._row_number = "", 0
        self._column = (0, "")
        self._cell = ""
        self._kind: str | None = None
        self._is_value = False
        self._value, self._length = "", 0
        self._parser.buffer_text = True
        self._parser.CharacterDataHandler = self._text

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        name = name.rpartition(" ")[2]
        if name == "c":
            self._open_cell(attributes)
        elif name == "row":
            self._open_row(attributes.get("r", ""))
        elif self._cell:
            if name == "v" or name == "is":
                self._check_place()
                self._is_value = True
            elif name == "f" and len(self.formulas) < _MOST_NAMED:
                self.formulas.append(self._cell)
        elif self._depth > _DEEPEST:
            raise Unacceptable("strange")

    def _open_row(self, number: str) -> None:
        # Row 1,048,576 without a cell is normal: LibreOffice writes it to carry a height.
        if not (number.isascii() and number.isdigit() and len(number) <= 7):
            raise Unacceptable("strange")
        if not self._row_number < int(number) <= _LAST_ROW:
            raise Unacceptable("strange")
        self._row, self._row_number = number, int(number)
        self._column = (0, "")

    def _open_cell(self, attributes: Mapping[str, str]) -> None:
        cell = attributes.get("r", "")
        letters = cell.removesuffix(self._row)
        column = (len(letters), letters)
        self._kind = attributes.get("t")
        if (
            not self._row
            or self._cell
            or len(letters) + len(self._row) != len(cell)
            or column <= self._column
            or not _LETTERS.fullmatch(letters)
            or self._kind not in _WANTED_KINDS
        ):
            raise Unacceptable("strange")
        self._cell, self._column, self._value, self._length = cell, column, "", 0
        self._tally.cells_left -= 1
        if self._tally.cells_left < 0:
            raise Unacceptable("too_many_cells")

    def _check_place(self) -> None:
        if self._row_number > self._tally.rows:
            raise Unacceptable(
                "too_many_rows", sheet=self._name, row=f"{self._row_number:,}", most=f"{self._tally.rows:,}"
            )
        length, letters = self._column
        if length > 1:
            number = 0
            for letter in letters:
                number = number * 26 + ord(letter) - 64
            if number > self._tally.columns:
                raise Unacceptable("too_many_columns", sheet=self._name, cell=self._cell)

    def _text(self, text: str) -> None:
        if self._is_value:
            self._length += len(text)
            if len(self._value) < _LONGEST_NUMBER:
                self._value += text[:_LONGEST_NUMBER]

    def _end(self, name: str) -> None:
        self._depth -= 1
        if not self._cell:
            return
        name = name.rpartition(" ")[2]
        if name == "c":
            if self._is_value:
                self._close_value()
            elif self._kind == "e":
                self.errors.append(self._cell)
            self._cell, self._is_value = "", False

    def _close_value(self) -> None:
        if self._kind == "s":
            strings, value = self._tally.strings, self._value.strip()
            if not (value.isascii() and value.isdigit() and len(value) < 9) or int(value) >= len(
                strings or ()
            ):
                raise Unacceptable("damaged")
            assert strings is not None
            self._tally.take_characters(strings[int(value)])
        else:
            self._tally.take_characters(self._length)
            is_number = self._kind is None or self._kind == "n"
            if is_number and not (self._length <= _LONGEST_NUMBER and _NUMBER.fullmatch(self._value)):
                raise Unacceptable("damaged")  # one reader takes it for text, another falls over it
            if self._kind == "b" and self._value.strip() not in _TRUTHS:
                raise Unacceptable("damaged")
            if self._kind == "e" and len(self.errors) < _MOST_NAMED:
                self.errors.append(self._cell)
