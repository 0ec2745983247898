"""A drawn graph: words, boxes, headings and curves with their places. All measures are whole pixels."""

from __future__ import annotations

from enum import IntEnum

from app.kernel.lean import dataclass
from app.linkage.facts import Kind, Standing

SIDE = 8  # inside a box, beside its words
LINE, BASELINE = 17, 13  # from baseline to baseline: Thai stacks marks above and below; and down to the first


class Column(IntEnum):
    """The three columns of the ladder."""

    AGENCIES = 0
    PROPOSALS = 1
    THINGS = 2


@dataclass(frozen=True, slots=True)
class Row:
    """A piece of text and where its baseline begins. `part` is "label", "name" or "small"."""

    x: int
    y: int
    part: str
    text: str


@dataclass(frozen=True, slots=True)
class Box:
    """A node as drawn: `node` is the key of what it shows, `kind` what that is.

    `label` stands before the first of `lines`; `small` goes on after the last, `beside` pixels to the right, or below
    when that is 0.
    """

    key: str
    node: str
    kind: Kind
    column: Column
    section: str
    x: int
    y: int
    wide: int
    high: int
    label: str
    label_wide: int
    lines: tuple[str, ...]
    small: tuple[str, ...]
    beside: int
    is_out: bool

    @property
    def bottom(self) -> int:
        return self.y + self.high

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every piece of text with its place: the baseline, and how it is said ("label", "name" or "small")."""
        count = len(self.lines) + len(self.small) - (1 if self.beside else 0)
        x = self.x + SIDE
        y = self.y + (self.high - count * LINE) // 2 + BASELINE
        found = [Row(x, y, "label", self.label)] if self.label else []
        for n, line in enumerate(self.lines):
            found.append(Row(x + (self.label_wide if n == 0 else 0), y, "name", line))
            y += LINE
        for n, line in enumerate(self.small):
            if n == 0 and self.beside:
                found.append(Row(x + self.beside, y - LINE, "small", line))
                continue
            found.append(Row(x, y, "small", line))
            y += LINE
        return tuple(row for row in found if row.text)


@dataclass(frozen=True, slots=True)
class Heading:
    """The name of a ministry over its agencies; `y` is the baseline of the first line."""

    group: str
    x: int
    y: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The ladder of one stage: its name, how many proposals stand in it, and where it begins."""

    key: str
    name: str
    count: int
    y: int


@dataclass(frozen=True, slots=True)
class Curve:
    """An edge as drawn, from the left box to the right one. `forth` and `back` say at which end an arrow stands:
    where what is given arrives. `edge` is its place among the graph's edges."""

    edge: int
    left: str
    right: str
    x1: int
    y1: int
    x2: int
    y2: int
    standing: Standing
    is_link: bool
    forth: bool
    back: bool

    @property
    def middle(self) -> tuple[int, int]:
        return (self.x1 + self.x2) // 2, (self.y1 + self.y2) // 2

    @property
    def path(self) -> str:
        x = self.middle[0]
        return f"M{self.x1} {self.y1}C{x} {self.y1} {x} {self.y2} {self.x2} {self.y2}"


@dataclass(frozen=True, slots=True)
class Picture:
    """A graph with a place for everything."""

    width: int
    height: int
    sections: tuple[Section, ...]
    headings: tuple[Heading, ...]
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
