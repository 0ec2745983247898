"""Names in a workbook: tabs, headings and choices, as they are written and as people may bring them back.

Writing, reading and marking all ask here, so that what one writes the others recognise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from app.kernel.thai_text import TextError, search_key
from app.workbooks.facts import Column, Sheet, Template

INSTRUCTIONS = "คำชี้แจง"
TO_MEND = "ข้อที่ต้องแก้ / To mend"
LISTS = "_lists"
IDENTITY = "_identity"
FORMAT_MARK = "filled-in workbook 1"
"""First cell of the identity sheet; below it the canonical JSON and its signature."""

HEADER_ROW = 3
"""Where templates have their headings (counted from 1): under the title and the hint."""
CHECK_ROW = 3
"""The row of the instruction sheet that is kept free for the result of a check."""
NEEDED_MARK = "*"

# What no sheet name may hold; an apostrophe is only forbidden at the ends but troubles references.
_FORBIDDEN_IN_TABS = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_NO_LETTER = re.compile(r"[\s*:/_.,()\-]+")


def tab_name(sheet: Sheet) -> str:
    """The name on the sheet's tab: at most 31 characters, none that Excel forbids."""
    return _FORBIDDEN_IN_TABS.sub(" ", sheet.title.th).strip()[:31].strip()


def heading_cell(column: Column) -> str:
    """What the heading's cell says: Thai over English, and whether the column is needed."""
    needed = f" {NEEDED_MARK}" if column.needed else ""
    return f"{column.heading.th}{needed}\n{column.heading.en}"


def fold(text: str) -> str:
    """Text as compared: one spelling, no case, no spaces and no signs between words."""
    try:
        return _NO_LETTER.sub("", search_key(text[:400]))
    except TextError:
        return ""


def known_headings(columns: Iterable[Column]) -> dict[str, str]:
    """Folded heading -> column key, in Thai, in English, and as the template writes both."""
    known: dict[str, str] = {}
    for column in columns:
        for words in (column.heading.th, column.heading.en, heading_cell(column)):
            if folded := fold(words):
                known.setdefault(folded, column.key)
    return known


def shown_choices(column: Column) -> dict[str, str]:
    """Code -> what its drop-down shows: the Thai name, with the code where two codes bear one name."""
    names = [name.th or name.en or code for code, name in column.choices]
    return {
        code: name if names.count(name) == 1 else f"{name} ({code})"
        for (code, _), name in zip(column.choices, names, strict=True)
    }


def squeeze(text: str) -> str:
    """Text as a choice is compared: one spelling, no case, no spaces; signs stay, for codes differ by them."""
    try:
        return "".join(search_key(text[:1000]).split())
    except TextError:
        return ""


def accepted_choices(column: Column) -> dict[str, str]:
    """Squeezed wording -> code: as shown, the code, and the names in both languages where they name one code only."""
    accepted = {squeeze(shown): code for code, shown in shown_choices(column).items()}
    for code, _ in column.choices:
        accepted.setdefault(squeeze(code), code)
    named: dict[str, set[str]] = {}
    for code, name in column.choices:
        for words in (name.th, name.en):
            named.setdefault(squeeze(words), set()).add(code)
    for words, codes in named.items():
        if len(codes) == 1:
            accepted.setdefault(words, *codes)
    accepted.pop("", None)
    return accepted


def heading_key(cell: object, known: Mapping[str, str]) -> str | None:
    """The column a heading's cell names: as a whole, or by one of its lines."""
    if not isinstance(cell, str) or not cell:
        return None
    for words in (cell, *cell.splitlines()):
        if (key := known.get(fold(words))) is not None:
            return key
    return None


def find_header(rows: Sequence[tuple[int, Sequence[object]]], known: Mapping[str, str]) -> int | None:
    """The index in `rows` (row number, cells) of the headings: the first row that names the most columns.

    None when no row names two of them (one, where there is only one column).
    """
    best, most = None, min(2, len(set(known.values()))) - 1
    for index, (_, cells) in enumerate(rows):
        named = {heading_key(cell, known) for cell in cells} - {None}
        if len(named) > most:
            best, most = index, len(named)
    return best


def check_template(template: Template) -> None:
    """Raises `ValueError` where names would be confused: two tabs, columns or headings of one name."""
    tabs = [tab_name(sheet).casefold() for sheet in template.sheets]
    taken = [*tabs, INSTRUCTIONS, LISTS, IDENTITY]
    if not all(tabs) or len(set(taken)) != len(taken):
        raise ValueError("each sheet needs a tab name of its own")
    for sheet in template.sheets:
        keys = [column.key for column in sheet.columns]
        if len(set(keys)) != len(keys) or not keys:
            raise ValueError(f"sheet {sheet.key!r} needs columns with keys of their own")
        for language in ("th", "en"):
            headings = [fold(column.heading.say(language)) for column in sheet.columns]
            if not all(headings) or len(set(headings)) != len(headings):
                raise ValueError(f"sheet {sheet.key!r} has headings that read alike ({language})")
        if fold(TO_MEND) in known_headings(sheet.columns):
            raise ValueError(f"sheet {sheet.key!r} has the heading that marks bear")
        for column in sheet.columns:
            if (column.kind == "choice") != bool(column.choices):
                raise ValueError(f"column {column.key!r}: choices belong to a column of choices")


def column_letters(index: int) -> str:
    """0 -> "A", 26 -> "AA"."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
