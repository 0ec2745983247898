"""Where a table's cells stand on its sheet, what a raw value is there, and how much room a text takes."""

from __future__ import annotations

import re
from functools import lru_cache
from math import ceil

from xlsxwriter.utility import xl_col_to_name

from reports.document import Kind, Table
from reports.typeface import advances

# Raw integers are divided by these when they become cell numbers.
DIVISOR: dict[str, int] = {
    "int": 1,
    "money": 100,
    "million": 100_000_000,
    "score": 100,
    "percent": 100,
}
_EM = 11 * 96 / 72  # the body's size, in pixels
_EDGES = 14  # pixels of a cell no text stands in, with an indent of one, beyond the five every column has
_ON_SCREEN = 1.06  # how much longer a line gets where each of its letters is rounded to whole pixels
_RAGGED = 36.0  # what a line falls short of its end, seen over thousands of Thai names
_UNKNOWN = 620  # thousandths: a letter of a font that steps in
_LONGEST = 1_000  # letters: a longer text fills the tallest row there is, however its lines break
_CHUNK = re.compile(r"\S+\s*|\s+")
_THAI = re.compile("[\u0e01-\u0e5b]")
_NOT_FIRST = frozenset(")]}”’»ๆฯ.,:;!?%/-")  # signs no line begins with
_NOT_LAST = frozenset("([{“‘«")
# beginnings of words, which not every dictionary parts from the rest
_NEVER_ALONE = frozenset(("การ", "ความ", "ผู้"))
SURELY = 0.7  # share of a column's width in characters that fits on its line, whatever the letters


class Grid:
    """Where a table's cells stand on its sheet, known before anything is written."""

    def __init__(self, table: Table, sheet_name: str) -> None:
        self.table = table
        self.sheet_name = sheet_name
        self.columns = [(index, column) for index, column in enumerate(table.columns) if not column.pdf_only]
        self.position = {column.key: at for at, (_, column) in enumerate(self.columns)}
        self.has_groups = any(column.group for _, column in self.columns)
        self.header_row = 4 if self.has_groups else 3
        self.first_row = self.header_row + 1
        self.last_row = self.header_row + max(1, len(table.rows))
        self.total_row = self.last_row + 1

    def range(self, key: str, absolute: bool = True) -> str:
        """The cells of a column as a formula writes them, with the sheet's name in front."""
        column = xl_col_to_name(self.position[key], absolute)
        dollar = "$" if absolute else ""
        first, last = self.first_row + 1, self.last_row + 1
        return f"'{self.sheet_name}'!{column}{dollar}{first}:{column}{dollar}{last}"


def text_pixels(text: str, weight: int = 400) -> float:
    """How long a line of text of the body's size is, in pixels at 96 to the inch."""
    known = advances(weight)
    return sum(known.get(ord(letter), _UNKNOWN) for letter in text) * _EM / 1000


@lru_cache(maxsize=20_000)
def lines_of(text: str, width: float, weight: int = 400) -> int:
    """In how many lines a wrapped cell of ``width`` characters shows ``text``, broken between words as programs do."""
    if len(text) <= width * SURELY and "\n" not in text:
        return 1
    room = max(2 * _EM, (width * 7 - _EDGES) / _ON_SCREEN)
    return sum(_lines(part, room, weight) for part in text.split("\n"))


def _lines(part: str, room: float, weight: int) -> int:
    long = text_pixels(part, weight)
    if long <= room:
        return 1
    if len(part) > _LONGEST:
        short = min(_RAGGED, room / 5)
        return ceil((long - short) / (room - short))
    lines, used = 1, 0.0
    for word in _words(part):
        ink = text_pixels(word.rstrip(), weight)
        if used and used + ink > room:
            lines, used = lines + 1, 0.0
        if ink > room:  # a word wider than its cell is broken anywhere
            more, used = divmod(ink, room)
            lines += int(more)
        else:
            used += text_pixels(word, weight)
    return lines


@lru_cache(maxsize=20_000)
def _words(part: str) -> tuple[str, ...]:
    """What a line is never broken within, each with the blanks after it."""
    words: list[str] = []
    for chunk in _CHUNK.findall(part):
        if not _THAI.search(chunk):
            words.append(chunk)
            continue
        # imported late: it reads its dictionary, 0.3 s, and only long texts ask
        from pythainlp.tokenize import word_tokenize

        at = len(words)
        for word in word_tokenize(chunk, engine="newmm"):
            if len(words) > at and (
                word.isspace()
                or word[0] in _NOT_FIRST
                or words[-1][-1] in _NOT_LAST
                or words[-1] in _NEVER_ALONE
            ):
                words[-1] += word
            else:
                words.append(word)
    return tuple(words)


def cell_number(value: int, kind: Kind) -> int | float:
    """A raw integer as the number a cell holds."""
    divisor = DIVISOR[kind]
    return value if divisor == 1 else value / divisor
