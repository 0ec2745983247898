"""What a filled-in sheet is made of, and what reading one gives: dry values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Literal

from app.kernel.lean import dataclass
from app.kernel.text import Text

Kind = Literal["text", "long", "amount", "quantity", "choice"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet.

    `kind`: "text" one line, "long" several lines, "amount" baht with at most two decimals, "quantity" a whole number,
    "choice" one of `choices`. `width` in characters; `longest` in characters. `needed` columns must be in the sheet
    (whether their cells may be empty is for the caller to judge). `choices` are (code, name); `note` is shown when
    the cell is entered. `given` columns are there to be read, and look it.
    """

    key: str
    heading: Text
    kind: Kind = "text"
    width: int = 18
    needed: bool = False
    choices: tuple[tuple[str, Text], ...] = ()
    longest: int = 500
    note: Text | None = None
    given: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: `rows` are what is there already, {column key: text}: decimal baht ("1200.50"), codes, text.

    `title.th` names the sheet's tab. `most_rows` is how many filled rows are taken back.
    """

    key: str
    title: Text
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, str], ...] = ()
    most_rows: int = 5000


@dataclass(frozen=True, slots=True)
class Template:
    """A workbook to fill in.

    `identity` says whose it is, such as {"call": "2572", "agency": "alpha", "version": "budget:3"}; it travels in the
    workbook, signed. `names` are the words for those keys, for telling a person what differs. `carried` is any text that
    is to come back as it went, such as what the rows said: signed as well, and out of sight.
    """

    kind: str
    title: Text
    sheets: tuple[Sheet, ...]
    identity: Mapping[str, str]
    names: Mapping[str, Text] = field(default_factory=dict)
    instructions: tuple[Text, ...] = ()
    carried: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend. `sheet` is the sheet's key ("" for the workbook), `row` its number in the sheet (0 for the
    sheet), `column` the column's key or None, `cell` the address such as "D7" or ""."""

    sheet: str
    row: int
    column: str | None
    text: Text
    cell: str = ""


@dataclass(frozen=True, slots=True)
class RawSheet:
    """A sheet as read. `headings` are the keys of the columns found, in the sheet's order; `rows` are
    (row number in the sheet, {column key: text}) of the rows that are not blank, with those keys only; `letters` are
    those of the columns, in the same order.

    Amounts are decimal baht, quantities plain digits, choices codes; a cell with a fault keeps what was typed.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]
    letters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a workbook was not read at all; `code` is for counting and tests, `text` says what to do."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class Reading:
    """What a workbook says. With a `refusal` nothing else is known.

    `identity` is what the workbook says about itself and `carried` what its template sent along, the signature checked.
    `sheets` by key. `remarks` are worth saying though nothing is wrong, such as columns that were left out of account.
    """

    refusal: Refusal | None = None
    identity: Mapping[str, str] = field(default_factory=dict)
    sheets: Mapping[str, RawSheet] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    remarks: tuple[Text, ...] = ()
    carried: str = ""

    @property
    def is_clean(self) -> bool:
        """Nothing to mend: read as a whole, and no fault."""
        return self.refusal is None and not self.faults


def merge_faults(*several: Iterable[Fault]) -> tuple[Fault, ...]:
    """All faults in the order of sheets and rows, one per cell: the one named first."""
    kept: dict[tuple[str, int, str], Fault] = {}
    for faults in several:
        for fault in faults:
            kept.setdefault((fault.sheet, fault.row, fault.column or fault.cell or fault.text.en), fault)
    order = {sheet: n for n, sheet in enumerate(dict.fromkeys(key[0] for key in kept))}
    return tuple(sorted(kept.values(), key=lambda fault: (order[fault.sheet], fault.row)))
