"""Data files in TOML as people send them: read with every fault told by line, and written back.

Nothing of a file is trusted: not its size, its encoding, its depth or its numbers. What is read is plain tables, lists,
texts, whole numbers and yes or no; the texts in one spelling.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.calls.locating import Lines
from app.calls.rules import FILE_REFUSED
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise

LARGEST_FILE = 256 * 1024  # bytes; the longest rulebook written so far has 30 KB
_MOST_DOTS = 100  # in one line: the time to read a key grows with the square of its parts
_DEEPEST = 12  # tables in tables
_LARGEST_NUMBER = 10**15
_LONGEST_TEXT = 4000
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

EMPTY = Text("แฟ้มนี้ว่างเปล่า", "The file is empty")
TOO_LARGE = Text(
    "แฟ้มนี้ใหญ่เกินไป รับได้ไม่เกิน {most} กิโลไบต์", "The file is too large: at most {most} kilobytes are taken"
)
NOT_UTF8 = Text(
    "อักขระในบรรทัดนี้ไม่ใช่ UTF-8 กรุณาบันทึกแฟ้มใหม่โดยเลือกการเข้ารหัส UTF-8",
    "The characters of this line are not UTF-8; save the file again with the encoding UTF-8",
)
NOT_TOML = Text(
    "ผิดรูปแบบ TOML ที่{where}: {why} (แก้จุดนี้ก่อน จึงจะตรวจส่วนอื่นได้)",
    "Not TOML at {where}: {why} (mend this first; the rest is checked after it)",
)
TOO_DEEP = Text(
    "ตารางซ้อนกันลึกเกินไป ซ้อนได้ไม่เกิน {most} ชั้น", "Tables stand too deep in one another: at most {most} levels"
)
TOO_MANY_DOTS = Text(
    "บรรทัดนี้มีจุดเกิน {most} จุด กรุณาแบ่งเป็นหลายบรรทัด",
    "This line has more than {most} full stops; divide it into several lines",
)
LONG_NUMBER = Text("มีตัวเลขที่ยาวเกินกว่าจะอ่านได้", "It holds a number too long to be read")
NUMBER_TOO_LARGE = Text("ตัวเลขนี้ใหญ่เกินไป", "This number is too large")
TEXT_TOO_LONG = Text(
    "ข้อความยาวเกิน {most} ตัวอักษร (ขณะนี้ {length})", "The text is longer than {most} characters (now {length})"
)
NO_DECIMALS = Text(
    "ใช้ตัวเลขทศนิยมไม่ได้ ใช้จำนวนเต็ม หรือใส่เครื่องหมายคำพูดให้เป็นข้อความ",
    "Numbers with decimals are not taken; write a whole number, or a text in quotes",
)
NO_DATES = Text(
    "ใช้วันที่หรือเวลาไม่ได้ กรุณาใส่เครื่องหมายคำพูดให้เป็นข้อความ",
    "Dates and times are not taken; write a text in quotes",
)

# what tomllib says -> the same for people, in both languages; by the beginning of its message
_SAID: tuple[tuple[str, Text], ...] = (
    ("Invalid statement", Text("บรรทัดนี้ไม่ใช่คีย์ ตาราง หรือหมายเหตุ", "this is no key, table or comment")),
    (
        "Expected newline",
        Text("มีข้อความเกินต่อท้ายค่าในบรรทัดนี้", "something follows the value that does not belong there"),
    ),
    ("Expected '='", Text("หลังคีย์ต้องมีเครื่องหมาย =", "a key must be followed by =")),
    ("Expected ']", Text("ชื่อตารางยังไม่ได้ปิดวงเล็บเหลี่ยม", "the name of a table is not closed by its brackets")),
    ("Expected", Text("ข้อความยังไม่ได้ปิดเครื่องหมายคำพูด", "a text in quotes is not closed")),
    ("Found invalid character", Text("มีอักขระควบคุมที่ใช้ไม่ได้", "it holds a control character")),
    (
        "Illegal character",
        Text(
            "ข้อความยังไม่ได้ปิดเครื่องหมายคำพูด หรือมีอักขระที่ใช้ไม่ได้",
            "a text is not closed, or holds a character that is not allowed",
        ),
    ),
    ("Cannot declare", Text("ตารางนี้ประกาศซ้ำ", "this table is declared twice")),
    ("Cannot overwrite", Text("คีย์นี้มีค่าอยู่แล้ว", "this key has a value already")),
    ("Cannot mutate", Text("เพิ่มคีย์ลงในตารางที่ปิดแล้วไม่ได้", "keys cannot be added to a table that is closed")),
    ("Cannot redefine", Text("ตารางนี้ประกาศไว้แล้ว", "this table is declared already")),
    ("Duplicate inline", Text("คีย์ซ้ำกันในวงเล็บปีกกา", "a key stands twice within the braces")),
    ("Invalid initial character", Text("ชื่อคีย์ใช้อักขระนี้ไม่ได้", "the name of a key cannot hold this character")),
    ("Unclosed array", Text("รายการยังไม่ได้ปิดวงเล็บเหลี่ยม", "a list is not closed by its bracket")),
    ("Unclosed inline", Text("วงเล็บปีกกายังไม่ได้ปิด", "the braces are not closed")),
    ("Unescaped", Text("เครื่องหมาย \\ ในข้อความต้องเขียนเป็น \\\\", "a \\ in a text must be written \\\\")),
    ("Invalid hex", Text("รหัสอักขระหลัง \\u ไม่ถูกต้อง", "the character code after \\u is wrong")),
    ("Escaped character", Text("รหัสอักขระนี้ไม่มีอยู่", "there is no character of this code")),
    ("Unterminated", Text("ข้อความยังไม่ได้ปิดเครื่องหมายคำพูด", "a text in quotes is not closed")),
    ("Invalid date", Text("วันที่หรือเวลาไม่ถูกต้อง", "this date or time does not exist")),
    (
        "Invalid value",
        Text(
            "ค่านี้อ่านไม่ได้ ข้อความต้องอยู่ในเครื่องหมายคำพูด", "this value cannot be read; a text must stand in quotes"
        ),
    ),
)
_OTHERWISE = Text("อ่านไม่ได้", "it cannot be read")
_AT_CHARACTER = Text("อักขระที่ {column}", "character {column}")
_AT_END = Text("ท้ายแฟ้ม", "the end of the file")


@dataclass(frozen=True, slots=True)
class FileFault:
    """One thing to mend in a file. `line` from 1, or 0 where it is the file as a whole; `row` is that line's text."""

    line: int
    key: str
    text: Text
    row: str = ""

    def in_a_sentence(self) -> Text:
        """The fault with its line and key."""
        where = (f"บรรทัด {self.line}", f"line {self.line}") if self.line else ("", "")
        return Text(
            ": ".join([p for p in (" ".join(p for p in (where[0], self.key) if p), self.text.th) if p]),
            ": ".join([p for p in (", ".join(p for p in (where[1], self.key) if p), self.text.en) if p]),
        )


class FileRefused(Refused):
    """A file that cannot be used, with all that is wrong in it, by line."""

    def __init__(self, faults: Sequence[FileFault]):
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__(FILE_REFUSED, (Problem(f.key, f.in_a_sentence()) for f in self.faults))


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file as read: its values, where they stand, and what is wrong with single values."""

    document: dict[str, Any]
    lines: Lines
    faults: tuple[FileFault, ...]

    def fault(self, place: str, text: Text) -> FileFault:
        """A fault at an address, with its line."""
        line = self.lines.line_of(place)
        return FileFault(line, place, text, self.lines.row(line).strip()[:160])


def read_toml_text(data: bytes) -> TomlFile:
    """A file as plain values. Raises `FileRefused` when nothing of it can be read.

    Values that TOML has and data files do not (decimals, dates, very long texts and numbers) are told in `faults`.
    """
    text = _decode(data)
    try:
        document = tomllib.loads(text)
        lines = Lines(text)
    except tomllib.TOMLDecodeError as error:
        raise FileRefused([_syntax_fault(str(error), text)]) from None
    except RecursionError:
        raise FileRefused([FileFault(0, "", TOO_DEEP.fill(most=_DEEPEST))]) from None
    except ValueError:  # Python reads no number of more than 4,300 digits
        raise FileRefused([FileFault(0, "", LONG_NUMBER)]) from None
    read = TomlFile(document, lines, ())
    faults: list[FileFault] = []
    for place, depth, value, holder, key in _walk(document):
        if depth > _DEEPEST:
            raise FileRefused([read.fault(place, TOO_DEEP.fill(most=_DEEPEST))])
        try:
            holder[key] = _kept(value)
        except _Unusable as error:
            faults.append(read.fault(place, error.text))
            holder[key] = error.instead
    return TomlFile(document, lines, tuple(faults))


def _decode(data: bytes) -> str:
    if len(data) > LARGEST_FILE:
        raise FileRefused([FileFault(0, "", TOO_LARGE.fill(most=LARGEST_FILE // 1024))])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileRefused([FileFault(line, "", NOT_UTF8)]) from None
    if not text.strip():
        raise FileRefused([FileFault(0, "", EMPTY)])
    for number, row in enumerate(text.split("\n"), 1):
        if row.count(".") > _MOST_DOTS:
            raise FileRefused([FileFault(number, "", TOO_MANY_DOTS.fill(most=_MOST_DOTS))])
    return text


def _syntax_fault(said: str, text: str) -> FileFault:
    where = _WHERE.search(said)
    why = next((words for start, words in _SAID if said.startswith(start)), _OTHERWISE)
    rows = text.rstrip().split("\n")
    line = int(where[1]) if where and where[1] else len(rows)
    spot = _AT_CHARACTER.fill(column=where[2]) if where and where[2] else _AT_END
    row = rows[line - 1].strip()[:160] if line <= len(rows) else ""
    return FileFault(line, "", NOT_TOML.fill(where=spot, why=why), row)


class _Unusable(Exception):
    """A value data files do not have; `instead` stands in for it, so that the rest can be checked."""

    def __init__(self, text: Text, instead: Any):
        super().__init__(text.en)
        self.text = text
        self.instead = instead


def _kept(value: Any) -> Any:
    if isinstance(value, str):
        if len(value) > _LONGEST_TEXT:
            raise _Unusable(TEXT_TOO_LONG.fill(most=_LONGEST_TEXT, length=len(value)), "-")
        try:
            return normalise(value)
        except TextError as error:
            raise _Unusable(error.text, "-") from None
    if isinstance(value, bool | dict | list):
        return value
    if isinstance(value, int):
        if abs(value) > _LARGEST_NUMBER:
            raise _Unusable(NUMBER_TOO_LARGE, _LARGEST_NUMBER)
        return value
    raise _Unusable(NO_DECIMALS if isinstance(value, float) else NO_DATES, "-")


def _walk(document: dict[str, Any]) -> Iterator[tuple[str, int, Any, Any, Any]]:
    """(address, depth, value, what holds it, under which key) of everything in a document, in its order."""
    waiting: list[tuple[str, int, Any]] = [("", 0, document)]
    while waiting:
        at, depth, holder = waiting.pop()
        inner = []
        is_table = isinstance(holder, dict)
        for key, value in list(holder.items() if is_table else enumerate(holder)):
            place = (f"{at}.{key}" if at else str(key)) if is_table else f"{at}[{key + 1}]"
            yield place, depth + 1, value, holder, key
            if isinstance(value, dict | list):
                inner.append((place, depth + 1, value))
        waiting += reversed(inner)


def write_toml(document: Mapping[str, Any], order: Sequence[str] = ()) -> str:
    """A document of tables, lists, texts, whole numbers and yes or no as TOML; keys in `order` come first.

    Read again, it gives the same values.
    """
    rows = list(_rows(document, (), order))
    return "\n".join(rows).lstrip("\n") + "\n"


def _rows(table: Mapping[str, Any], at: tuple[str, ...], order: Sequence[str]) -> Iterator[str]:
    rank = {key: n for n, key in enumerate(order)}
    items = sorted(table.items(), key=lambda item: rank.get(item[0], len(rank)))
    inner = [(key, value) for key, value in items if _has_header(value)]
    for key, value in items:
        if not _has_header(value):
            yield f"{_key(key)} = {_inline(value)}"
    for key, value in inner:
        name = ".".join(_key(part) for part in (*at, key))
        if isinstance(value, dict):
            yield from ("", f"[{name}]")
            yield from _rows(value, (*at, key), order)
        else:
            for entry in value:
                yield from ("", f"[[{name}]]")
                yield from _rows(entry, (*at, key), order)


def _has_header(value: Any) -> bool:
    """Whether it is written under a header of its own: tables with more in them than two wordings, and lists of
    tables."""
    if isinstance(value, dict):
        return set(value) != {"th", "en"}
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _quoted(key)


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        keys = sorted(value, reverse=True)  # th before en
        return "{ " + ", ".join(f"{_key(k)} = {_inline(value[k])}" for k in keys) + " }" if keys else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(v) for v in value) + "]"
    raise TypeError(f"{type(value).__name__} does not stand in a data file")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
