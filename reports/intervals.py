"""Estimates with their intervals as SVG: a dot on a line for each, one below the other, on one scale.

What an earlier figure was may stand beside it as a square. Values and names are written at the lines, so nothing is said by
shape or colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from reports.canvas import Canvas, wrap
from reports.charts import COLOURS, FAINT, GRID, INK, ticks_of
from reports.document import Kind, Language
from reports.outlines import text_width
from reports.thai import cell_text

_SIZE = 11.0
_LINE = 1.45 * _SIZE


@dataclass(frozen=True, slots=True)
class Interval:
    """One line of the picture; raw values in the picture's kind. `before` is the square, None for none."""

    name: str
    low: int
    value: int
    high: int
    before: int | None = None


@dataclass(frozen=True, slots=True)
class IntervalPicture:
    """A picture that answers `question`. `value_name` and `before_name` are said in the legend; `line` is a value drawn
    through all of it, such as 0, and named."""

    title: str
    question: str
    rows: tuple[Interval, ...]
    value_name: str
    before_name: str = ""
    line: int | None = None
    line_name: str = ""
    value_kind: Kind = "score"


def intervals_svg(picture: IntervalPicture, language: Language = "th", width: float = 680) -> str:
    """The picture as one SVG element, with title and a description that holds every value."""
    canvas = Canvas(width, False)
    y = _legend(canvas, picture)
    room = width * 0.34
    labels = [wrap(row.name, _SIZE, room) for row in picture.rows]
    left = 12 + max((text_width(text, _SIZE) for label in labels for text in label), default=0.0)
    values = [_value(row, picture, language) for row in picture.rows]
    right = width - max((text_width(text, _SIZE) for text in values), default=0.0) - 12
    ticks = ticks_of(*_range(picture))

    def at(value: int) -> float:
        return left + (value - ticks[0]) * (right - left) / (ticks[-1] - ticks[0])

    first = y
    heights = [max(22.0, len(label) * _LINE + 6) for label in labels]
    last = first + sum(heights)
    for tick in ticks:
        canvas.line([(at(tick), first), (at(tick), last)], GRID)
        canvas.text(at(tick), last + 15, _whole(tick, picture, language), _SIZE, "middle", FAINT)
    if picture.line is not None:
        canvas.line([(at(picture.line), first - 4), (at(picture.line), last)], INK, 1.2, "5 3")
    for row, label, value, height in zip(picture.rows, labels, values, heights, strict=True):
        middle = y + height / 2
        for place, text in enumerate(label):
            canvas.text(left - 10, middle + (place - (len(label) - 1) / 2) * _LINE + 4, text, _SIZE, "end")
        canvas.line([(at(row.low), middle), (at(row.high), middle)], COLOURS["slate"], 2.4)
        for end in (row.low, row.high):
            canvas.line([(at(end), middle - 4), (at(end), middle + 4)], COLOURS["slate"], 1.6)
        if row.before is not None:
            canvas.rect(at(row.before) - 4, middle - 4, 8, 8, COLOURS["amber"])
        canvas.dot(at(row.value), middle, 4.5, COLOURS["navy"])
        canvas.text(right + 10, middle + 4, value, _SIZE)
        y += height
    identifier = "intervals-" + sha256(f"{picture.title}|{picture.question}".encode()).hexdigest()[:10]
    return canvas.finish(last + 24, picture.title, describe(picture, language), identifier)


def describe(picture: IntervalPicture, language: Language) -> str:
    """The picture in words: every value, by name."""
    parts = []
    for row in picture.rows:
        before = (
            "" if row.before is None else f", {picture.before_name} {_text(row.before, picture, language)}"
        )
        parts.append(f"{row.name}: {picture.value_name} {_value(row, picture, language)}{before}")
    return f"{picture.question} " + "; ".join(parts)


def _range(picture: IntervalPicture) -> tuple[int, int]:
    ends: Sequence[int] = [
        value
        for row in picture.rows
        for value in (row.low, row.high, row.value, row.before, picture.line)
        if value is not None
    ]
    low = min(ends, default=0)
    return low, max([*ends, low + 1])


def _text(value: int, picture: IntervalPicture, language: Language) -> str:
    return cell_text(value, picture.value_kind, language).replace("-", "−")


def _whole(value: int, picture: IntervalPicture, language: Language) -> str:
    """A tick without decimals that say nothing."""
    text = _text(value, picture, language)
    return text.rstrip("0").rstrip(".") if "." in text else text


def _value(row: Interval, picture: IntervalPicture, language: Language) -> str:
    low, value, high = (_text(v, picture, language) for v in (row.low, row.value, row.high))
    return f"{value} ({low} {'to' if language == 'en' else 'ถึง'} {high})"


def _legend(canvas: Canvas, picture: IntervalPicture) -> float:
    """What dot, line and square are, above the picture; returns where the picture begins."""
    y, x = 16.0, 8.0
    canvas.line([(x - 8, y - 4), (x + 12, y - 4)], COLOURS["slate"], 2.4)
    canvas.dot(x + 2, y - 4, 4.5, COLOURS["navy"])
    canvas.text(x + 18, y, picture.value_name, _SIZE)
    x += 18 + text_width(picture.value_name, _SIZE) + 22
    if picture.before_name:
        canvas.rect(x, y - 8, 8, 8, COLOURS["amber"])
        canvas.text(x + 14, y, picture.before_name, _SIZE)
        x += 14 + text_width(picture.before_name, _SIZE) + 22
    if picture.line_name:
        canvas.line([(x, y - 4), (x + 16, y - 4)], INK, 1.2, "5 3")
        canvas.text(x + 22, y, picture.line_name, _SIZE)
    return y + 14
