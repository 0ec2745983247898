"""What can be printed: plain frozen values, no ink yet.

Amounts arrive as exact integers and are only divided when they are written down:

==========  =======================================  =====================
kind        raw value                                printed
==========  =======================================  =====================
text        str                                      as it stands
long_text   str, may wrap over several lines         as it stands
int         int                                      1,234
money       int, satang                              1,136,361,900.00
million     int, satang                              1,136.3619
score       int, hundredths of a point               87.25
percent     int, hundredths of a percent             12.50
date        aware datetime or date                   9 ธ.ค. 2565 / 9 Dec 2565 B.E.
==========  =======================================  =====================

``None`` is an empty cell in every kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from reports.paper_blocks import Attachment, Beside, Contents, PaperBlock

Kind = Literal["text", "long_text", "int", "money", "million", "score", "percent", "date"]
Language = Literal["th", "en"]
Row = Sequence[Any]

NUMERIC_KINDS: frozenset[str] = frozenset({"int", "money", "million", "score", "percent"})
TEXT_KINDS: frozenset[str] = frozenset({"text", "long_text"})
ROW_STYLES: frozenset[str] = frozenset(
    {"", "in", "out", "grey", "strong", "upstream", "midstream", "downstream"}
)


@dataclass(frozen=True, slots=True)
class SumIfs:
    """A cell that adds up another table's column, so that the workbook stays alive when edited.

    Every row of the table ``table`` counts whose detail columns equal this row's own columns, for
    each ``(detail key, own key)`` pair in ``where``; with no pair every row counts. ``value`` is
    the detail column to add, or ``None`` to count rows instead.
    """

    table: str
    value: str | None
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    ``width`` is in characters (Excel) and gives the share of the page (PDF). ``unit`` stands once,
    in the header. ``group`` joins neighbouring columns under a common heading. ``formula`` is a
    row formula over column keys, e.g. ``"={quantity}*{unit_price}"``; the row still carries the
    exact value, which is stored beside the formula. ``meaning`` goes to the data dictionary.
    ``hidden`` columns stand in the workbook for formulas to use, out of sight and off the print.
    """

    key: str
    title: str
    kind: Kind = "text"
    width: float = 12
    total: Literal["sum", "count"] | None = None
    unit: str = ""
    group: str = ""
    formula: str = ""
    sumif: SumIfs | None = None
    meaning: str = ""
    excel_only: bool = False
    pdf_only: bool = False
    hidden: bool = False

    @property
    def is_number(self) -> bool:
        """Whether the column is set flush right and can be added up."""
        return self.kind in NUMERIC_KINDS


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings. ``name`` is an identifier, unique in the document.

    ``rows`` hold raw values in column order (or mappings by key). ``row_styles`` is empty or has
    one entry for each row, out of :data:`ROW_STYLES`. ``carry_forward`` names the columns whose
    running sum is printed at the foot of every page and again at the head of the next.
    ``sheet`` is the short name of the Excel sheet (the title, shortened, when empty).
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row | dict[str, Any], ...]
    note: str = ""
    question: str = ""
    sheet: str = ""
    filters: bool = True
    carry_forward: tuple[str, ...] = ()
    row_styles: tuple[str, ...] = ()
    excel_only: bool = False
    pdf_only: bool = False
    landscape: bool | None = None

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        if len(set(keys)) != len(keys):
            raise ValueError(f"table {self.name!r} has two columns with one key")
        if self.row_styles and len(self.row_styles) != len(self.rows):
            raise ValueError(f"table {self.name!r} needs one row style for each row")
        if unknown := set(self.row_styles) - ROW_STYLES:
            raise ValueError(f"table {self.name!r} has unknown row styles {sorted(unknown)}")
        for key in self.carry_forward:
            if key not in keys or not self.columns[keys.index(key)].is_number:
                raise ValueError(f"table {self.name!r} cannot carry forward {key!r}")
        for index, row in enumerate(self.rows):
            if not isinstance(row, dict) and len(row) != len(keys):
                raise ValueError(f"table {self.name!r}, row {index}: {len(keys)} values expected")

    def column(self, key: str) -> Column:
        """The column with this key; ``KeyError`` when the table has none."""
        for column in self.columns:
            if column.key == key:
                return column
        raise KeyError(f"{self.name}.{key}")

    def values(self) -> list[Row]:
        """The rows as sequences in column order, whatever form they came in."""
        keys = [column.key for column in self.columns]
        return [[row.get(key) for key in keys] if isinstance(row, dict) else row for row in self.rows]

    def total(self, index: int) -> int | None:
        """The cell under column ``index``: its exact sum, or how many of its cells are filled."""
        how = self.columns[index].total
        if how is None:
            return None
        cells = [row[index] for row in self.values() if row[index] not in (None, "")]
        return len(cells) if how == "count" else sum(cells)

    @property
    def has_totals(self) -> bool:
        return any(column.total for column in self.columns)


@dataclass(frozen=True, slots=True)
class Series:
    """One row of bars or one line. ``values`` are raw integers in the chart's kind.

    ``colour`` is a hex colour or one of the house names in :data:`reports.charts.COLOURS`.
    ``key`` names the column of the chart's table that holds the same numbers.
    """

    name: str
    values: tuple[int | None, ...]
    colour: str = "navy"
    key: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture that answers one ``question``, written above it as a sentence.

    ``table`` names the table with its numbers and ``category_key`` the column with the categories;
    when the series name their columns too, the Excel chart reads that table's cells.
    ``cut`` draws a marked line at a raw value (a ceiling, a cut-off), named ``cut_name``; in a line chart ``cut_after``
    draws it upright instead, after so many categories.
    """

    title: str
    question: str
    kind: Literal["bar", "stacked_bar", "line"]
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    value_kind: Kind = "million"
    table: str = ""
    category_key: str = ""
    horizontal: bool = False
    cut: int | None = None
    cut_name: str = ""
    cut_after: int | None = None

    def __post_init__(self) -> None:
        for series in self.series:
            if len(series.values) != len(self.categories):
                raise ValueError(f"series {series.name!r} does not match the categories")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; levels 1 to 3 also become bookmarks of the PDF."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text. ``style`` is "" or "note" (smaller) or "indent" (first line drawn in)."""

    text: str
    style: Literal["", "note", "indent"] = ""


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """The few figures to see first: ``(label, value already in words or digits, unit)``."""

    items: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """Labels with values, one below the other, as on a receipt.

    Values are printed as they stand. ``code`` lists labels whose values are machine text: they
    stand in fixed pitch, may break anywhere and keep their digits.
    """

    items: tuple[tuple[str, str], ...]
    title: str = ""
    code: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QrCode:
    """A QR code for ``data`` with a caption that says where it leads."""

    data: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Memo:
    """The head of a Thai official memo (บันทึกข้อความ)."""

    agency: str
    number: str
    date: str
    subject: str
    to: str
    references: tuple[str, ...] = ()
    enclosures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signature:
    """Room for a signature over name and post; several stand side by side."""

    name: str
    post: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class PageBreak:
    """The next block begins a new page."""


PlainBlock = Table | Chart | Heading | Paragraph | KeyFigures | Fields | QrCode | Memo | Signature | PageBreak
Block = PlainBlock | PaperBlock


@dataclass(frozen=True, slots=True)
class Document:
    """A whole paper. The same document with the same ``made_at`` prints the same bytes.

    ``label`` (such as ข้อมูลสังเคราะห์ / SYNTHETIC) is printed on every page and every sheet.
    ``identifier`` and ``sha256`` say what the paper was made from; both may be empty.
    ``attachments`` are carried inside the PDF, for whoever wants to compute with its figures.
    """

    title: str
    language: Language
    blocks: tuple[Block, ...]
    made_at: datetime
    made_by: str = ""
    subtitle: str = ""
    thai_digits: bool = False
    footer: str = ""
    label: str = ""
    identifier: str = ""
    sha256: str = ""
    organisation: str = ""
    cover: bool = True
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        if self.made_at.tzinfo is None:
            raise ValueError("made_at needs a time zone")
        names = [table.name for table in self.tables]
        if len(set(names)) != len(names):
            raise ValueError("two tables of the document have one name")
        if len({file.name for file in self.attachments}) != len(self.attachments):
            raise ValueError("two attached files have one name")
        if sum(isinstance(block, Contents) for block in self.blocks) > 1:
            raise ValueError("a paper has one table of contents")

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Table))

    @property
    def charts(self) -> tuple[Chart, ...]:
        """All charts, those that stand side by side as well."""
        charts: list[Chart] = []
        for block in self.blocks:
            if isinstance(block, Chart):
                charts.append(block)
            elif isinstance(block, Beside):
                charts += block.charts
        return tuple(charts)

    def table(self, name: str) -> Table:
        """The table with this name; ``KeyError`` when the document has none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)
