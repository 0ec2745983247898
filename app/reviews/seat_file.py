"""A file of assignments, as it comes from somebody's spreadsheet: bytes to rows, with what is wrong with each.

CSV with a header in Thai or English; commas, semicolons or tabs; UTF-8 with or without a byte-order mark, or
Windows-874 (TIS-620), which Excel writes on Thai machines. Nothing in it is calculated, whatever a cell begins with.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from enum import StrEnum

from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import TextError, arabic_digits, normalise

LARGEST_FILE = 1024 * 1024
MOST_ROWS = 20_000
LONGEST_REASON = 1000
_LONGEST_CELL = 254  # of a number or an address
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")  # what the files of this system disarm with an apostrophe


class FileAction(StrEnum):
    """What a row asks for."""

    ASSIGN = "assign"
    WITHDRAW = "withdraw"


ACTIONS: dict[FileAction, Text] = {
    FileAction.ASSIGN: Text("มอบหมาย", "assign"),
    FileAction.WITHDRAW: Text("ยกเลิก", "withdraw"),
}
COLUMNS: dict[str, Text] = {
    "number": Text("เลขที่ข้อเสนอ", "Proposal number"),
    "email": Text("อีเมลผู้พิจารณา", "Reviewer e-mail"),
    "action": Text("การดำเนินการ", "Action"),
    "reason": Text("เหตุผล", "Reason"),
}
_OTHER_NAMES = {
    "number": ("เลขที่", "number", "proposal"),
    "email": ("อีเมล", "e-mail", "email", "reviewer email"),
    "action": ("ให้ทำ",),
    "reason": (),
}
_COLUMN_OF = {
    name.casefold(): column
    for column, words in COLUMNS.items()
    for name in (words.th, words.en, *_OTHER_NAMES[column])
}
_ACTION_OF = {name.casefold(): action for action, words in ACTIONS.items() for name in (words.th, words.en)}
_SEPARATORS = (",", ";", "\t")
_NEEDED = ("number", "email", "action")

NOT_READ = Text("อ่านแฟ้มนี้ไม่ได้ ยังไม่มีสิ่งใดเปลี่ยน", "The file cannot be read; nothing has changed")
EMPTY = Text("แฟ้มว่าง หรือมีแต่หัวตาราง", "The file is empty, or holds nothing but a header")
TOO_LARGE = Text(
    f"แฟ้มใหญ่เกิน {LARGEST_FILE // 1024:,} กิโลไบต์",
    f"The file is larger than {LARGEST_FILE // 1024:,} kilobytes",
)
TOO_MANY = Text(
    f"แฟ้มมีเกิน {MOST_ROWS:,} แถว กรุณาแบ่งแฟ้ม", f"More than {MOST_ROWS:,} rows; please split the file"
)
NOT_TEXT = Text(
    "แฟ้มนี้ไม่ใช่ข้อความ CSV กรุณาบันทึกจาก Excel เป็น “CSV UTF-8 (Comma delimited)”",
    "This is not CSV text. In Excel, save it as “CSV UTF-8 (Comma delimited)”",
)
NO_COLUMN = Text("หัวตารางไม่มีคอลัมน์ “{column}”", "The header has no column “{column}”")
TWICE = Text("หัวตารางมีคอลัมน์ “{column}” สองครั้ง", "The header has the column “{column}” twice")
READ_AS_874 = Text(
    "แฟ้มไม่ได้บันทึกเป็น UTF-8 ระบบอ่านเป็น Windows-874 (TIS-620) ให้แล้ว กรุณาตรวจข้อความภาษาไทยก่อนยืนยัน",
    "The file is not UTF-8 and was read as Windows-874 (TIS-620). Check the Thai words before you confirm",
)
NOT_CSV = Text("อ่านแถวนี้เป็น CSV ไม่ได้", "This row cannot be read as CSV")
NO_CELL = Text("{column} ว่าง", "{column} is empty")
LONG_CELL = Text("{column} ยาวเกิน {most} ตัวอักษร", "{column} is longer than {most} characters")
NO_ACTION = Text(
    "ไม่รู้จักการดำเนินการ “{value}” ใช้ได้เพียง มอบหมาย (assign) หรือ ยกเลิก (withdraw)",
    "Unknown action “{value}”: use assign (มอบหมาย) or withdraw (ยกเลิก)",
)


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row as read. `line` is its first line in the file; `wrong` says why it cannot be understood."""

    line: int
    number: str
    email: str
    action: FileAction | None
    reason: str
    wrong: Text | None = None


@dataclass(frozen=True, slots=True)
class SeatFile:
    """A file as read: its text, its rows, and what the reader should know about how it was read."""

    text: str
    rows: tuple[FileRow, ...]
    notes: tuple[Text, ...] = ()


def _refuse(text: Text) -> Refused:
    return Refused(NOT_READ, [Problem("file", text)])


def decode_file(data: bytes) -> tuple[str, tuple[Text, ...]]:
    """The text of a file and what to say about it. Raises `Refused` for what is too large or no text."""
    if len(data) > LARGEST_FILE:
        raise _refuse(TOO_LARGE)
    if b"\x00" in data:  # UTF-16, a workbook, a picture
        raise _refuse(NOT_TEXT)
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp874")
    except UnicodeDecodeError:
        raise _refuse(NOT_TEXT) from None
    return text, (READ_AS_874,)


def read_file(data: bytes) -> SeatFile:
    """Every row of a file, understood or not. Raises `Refused` when the file as a whole cannot be read."""
    text, notes = decode_file(data)
    return SeatFile(text, read_rows(text), notes)


def read_rows(text: str) -> tuple[FileRow, ...]:
    """Every row of a file's text. Raises `Refused` when there is no header, no row, or too much."""
    if len(text.encode("utf-8", "replace")) > 3 * LARGEST_FILE:
        raise _refuse(TOO_LARGE)
    if "\x00" in text:
        raise _refuse(NOT_TEXT)
    separator, text = _separator(text)
    records = _records(text, separator)
    _, header = next(records, (0, []))
    places = _places(header)
    rows: list[FileRow] = []
    for line, cells in records:
        if len(rows) >= MOST_ROWS:
            raise _refuse(TOO_MANY)
        if cells is None:
            rows.append(FileRow(line, "", "", None, "", NOT_CSV))
        elif any(cell.strip() for cell in cells):
            rows.append(_read_row(line, cells, places))
    if not rows:
        raise _refuse(EMPTY)
    return tuple(rows)


def _separator(text: str) -> tuple[str, str]:
    """What stands between cells: as a first line "sep=;" says, which Excel writes, else by the header."""
    first, _, rest = text.partition("\n")
    told = first.rstrip("\r").strip('"\ufeff')
    if told[:-1].casefold() == "sep=" and told[-1] in _SEPARATORS:
        # a line less is a line less in the numbers of the rows, so an empty one stands in its place
        return told[-1], "\n" + rest
    known = {
        mark: sum(name.strip(' "\ufeff\r').casefold() in _COLUMN_OF for name in first.split(mark))
        for mark in _SEPARATORS
    }
    return max(known, key=lambda mark: known[mark]), text


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str] | None]]:
    """(first line, cells) of each record; blank lines are skipped, an unreadable record has None."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield first, None
            continue
        if cells:
            yield first, cells


def _places(header: list[str] | None) -> dict[str, int]:
    """Column -> its place. Columns with other names are left alone."""
    places: dict[str, int] = {}
    problems = []
    for place, name in enumerate(header or []):
        column = _COLUMN_OF.get(name.strip(" \ufeff\t").casefold())
        if column is None:
            continue
        if column in places:
            problems.append(Problem("file", TWICE.fill(column=COLUMNS[column])))
        places[column] = place
    problems += [
        Problem("file", NO_COLUMN.fill(column=COLUMNS[column])) for column in _NEEDED if column not in places
    ]
    if problems:
        raise Refused(NOT_READ, problems)
    return places


def _read_row(line: int, cells: list[str], places: dict[str, int]) -> FileRow:
    typed: dict[str, str] = {}
    wrong: Text | None = None
    for column in COLUMNS:
        place = places.get(column)
        cell = cells[place] if place is not None and place < len(cells) else ""
        try:
            value = " ".join(normalise(cell).split())
        except TextError as error:
            value, wrong = (
                "",
                wrong
                or Text(f"{COLUMNS[column].th}: {error.text.th}", f"{COLUMNS[column].en}: {error.text.en}"),
            )
        if value.startswith("'") and value[1:].startswith(_RISKY):
            value = value[1:]
        most = LONGEST_REASON if column == "reason" else _LONGEST_CELL
        if len(value) > most:
            wrong = wrong or LONG_CELL.fill(column=COLUMNS[column], most=most)
            value = value[:most]
        elif not value and column in _NEEDED:
            wrong = wrong or NO_CELL.fill(column=COLUMNS[column])
        typed[column] = value
    action = _ACTION_OF.get(typed["action"].casefold())
    if action is None:
        wrong = wrong or NO_ACTION.fill(value=typed["action"][:40])
    return FileRow(
        line,
        arabic_digits(typed["number"]),
        typed["email"].casefold(),
        action,
        typed["reason"],
        wrong,
    )
