"""Charts as SVG: bars and lines that answer one question, never pies.

The same picture serves the web page (text as ``<text>``) and paper (text as outlines). Colours go
with a name in the legend and values stand at the bars, so nothing is said by colour alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from reports.canvas import Canvas, wrap
from reports.document import Chart, Kind, Language
from reports.outlines import text_width
from reports.thai import cell_text, thai_digits, unit_of

# The three stages of the river, from spring to sea, and the inks beside them.
COLOURS: dict[str, str] = {
    "upstream": "#a9d6d3",
    "midstream": "#4a9fa5",
    "downstream": "#155e6e",
    "navy": "#14305c",
    "slate": "#64748b",
    "mist": "#cbd5e1",
    "amber": "#b45309",
    "red": "#a61b1b",
    "green": "#15803d",
}
INK, FAINT, GRID = "#1b2733", "#52606d", "#e2e8f0"
_SIZE = 11.0
_LINE = 1.45 * _SIZE


@dataclass(frozen=True, slots=True)
class _Scale:
    """Raw values to pixels along one axis."""

    low: int
    high: int
    start: float
    end: float

    def at(self, value: int) -> float:
        return self.start + (value - self.low) * (self.end - self.start) / (self.high - self.low)


def colour_of(name: str) -> str:
    """A house colour by name, or a hex colour as it is."""
    return COLOURS.get(name, name)


def ticks_of(low: int, high: int, aim: int = 5) -> list[int]:
    """Round raw values (1, 2 or 5 times a power of ten apart) from below ``low`` past ``high``."""
    span = max(high - low, 1)
    step = 1
    while True:
        for factor in (1, 2, 5):
            if span <= step * factor * aim:
                step *= factor
                first = low // step * step
                return list(range(first, -(-high // step) * step + step, step))[
                    : (-(-high // step) * step - first) // step + 1
                ]
        step *= 10


class _Drawing:
    """One chart on its way to paper."""

    def __init__(self, chart: Chart, outlines: bool, language: Language, thai: bool, width: float) -> None:
        self.chart = chart
        self.canvas = Canvas(width, outlines)
        self.language: Language = language
        self.thai = thai
        self.stacked = chart.kind == "stacked_bar"
        totals = [sum(series.values[i] or 0 for series in chart.series) for i in range(len(chart.categories))]
        values = [value for series in chart.series for value in series.values if value is not None]
        values = totals if self.stacked else values
        if chart.cut is not None:
            values = [*values, chart.cut]
        self.totals = totals
        self.ticks = ticks_of(min([0, *values]), max([1, *values]))
        self.top = 6.0

    def digits(self, text: str) -> str:
        return thai_digits(text) if self.thai else text

    def value(self, raw: int | None, kind: Kind | None = None) -> str:
        return self.digits(cell_text(raw, kind or self.chart.value_kind, self.language))

    def tick(self, raw: int) -> str:
        """A tick with no more decimals than all the ticks together need."""
        text = cell_text(raw, self.chart.value_kind, self.language)
        everywhere = [
            cell_text(tick, self.chart.value_kind, self.language).partition(".")[2].rstrip("0")
            for tick in self.ticks
        ]
        whole, _, decimals = text.partition(".")
        keep = max(len(rest) for rest in everywhere)
        return self.digits(f"{whole}.{decimals[:keep]}" if keep else whole)

    def legend(self) -> None:
        """Series names and the unit, above the picture."""
        x, y = 0.0, self.top + 10
        if len(self.chart.series) > 1:
            for series in self.chart.series:
                wide = 16 + text_width(series.name, _SIZE) + 18
                if x and x + wide > self.canvas.width * 0.8:
                    x, y = 0.0, y + _LINE
                self.canvas.rect(x, y - 9, 11, 11, colour_of(series.colour))
                self.canvas.text(x + 16, y, self.digits(series.name), _SIZE)
                x += wide
        unit = unit_of(self.chart.value_kind, self.chart.unit, self.language)
        self.canvas.text(self.canvas.width, self.top + 10, unit, _SIZE, "end", FAINT)
        self.top = y + 14

    def bars(self) -> float:
        """Upright bars; returns the height of the picture."""
        chart, canvas = self.chart, self.canvas
        left = 10 + max(text_width(self.tick(tick), _SIZE) for tick in self.ticks)
        slot = (canvas.width - left) / max(1, len(chart.categories))
        top, bottom = self.top + 14, self.top + 200
        scale = _Scale(self.ticks[0], self.ticks[-1], bottom, top)
        for tick in self.ticks:
            canvas.line([(left, scale.at(tick)), (canvas.width, scale.at(tick))], GRID)
            canvas.text(left - 6, scale.at(tick) + 4, self.tick(tick), _SIZE, "end", FAINT)
        lines = 1
        for index, category in enumerate(chart.categories):
            middle = left + slot * (index + 0.5)
            if chart.kind != "line":
                self._upright_group(index, middle, slot, scale)
            label = wrap(self.digits(category), _SIZE, slot * 0.94)
            lines = max(lines, len(label))
            for row, text in enumerate(label):
                canvas.text(middle, bottom + 16 + row * _LINE, text, _SIZE, "middle")
        if chart.kind == "line":
            self._lines(left, slot, scale)
        canvas.line([(left, scale.at(0)), (canvas.width, scale.at(0))], INK)
        if chart.cut is not None:
            y = scale.at(chart.cut)
            canvas.line([(left, y), (canvas.width, y)], COLOURS["red"], 1.4, "6 4")
            text = f"{self.digits(chart.cut_name)} {self.value(chart.cut)}".strip()
            canvas.text(canvas.width, y - 5, text, _SIZE, "end", COLOURS["red"], 700)
        return bottom + 12 + lines * _LINE

    def _upright_group(self, index: int, middle: float, slot: float, scale: _Scale) -> None:
        series = self.chart.series
        count = 1 if self.stacked else len(series)
        wide = min(54.0, slot * 0.72 / count)
        x = middle - wide * count / 2
        base = 0
        for place, one in enumerate(series):
            raw = one.values[index]
            if raw is None:
                continue
            start = base if self.stacked else 0
            y1, y2 = scale.at(start), scale.at(start + raw)
            at = x if self.stacked else x + place * wide
            inner = wide if self.stacked else wide - 2
            self.canvas.rect(at, min(y1, y2), inner, abs(y2 - y1), colour_of(one.colour))
            if self.stacked:
                base += raw
            else:
                self._label_over(at + inner / 2, min(y1, y2) - 4, raw, slot / count)
        if self.stacked:
            self._label_over(middle, scale.at(base) - 4, base, slot)

    def _label_over(self, x: float, y: float, raw: int, room: float) -> None:
        text = self.value(raw)
        size = next((s for s in (10.0, 9.0, 8.0) if text_width(text, s) <= room), None)
        if size:
            self.canvas.text(x, y, text, size, "middle")

    def _lines(self, left: float, slot: float, scale: _Scale) -> None:
        for series in self.chart.series:
            colour = colour_of(series.colour)
            points = [
                (left + slot * (index + 0.5), scale.at(raw))
                for index, raw in enumerate(series.values)
                if raw is not None
            ]
            self.canvas.line(points, colour, 2.2)
            for x, y in points:
                self.canvas.dot(x, y, 3.4, colour)
            last = next((raw for raw in reversed(series.values) if raw is not None), None)
            if last is not None:
                x, y = points[-1]
                at = len(points) - 1
                under = any((other.values[at] or 0) > last for other in self.chart.series)
                self.canvas.text(x, y + 17 if under else y - 8, self.value(last), 10, "middle", weight=700)

    def flat_bars(self) -> float:
        """Bars lying down, for long names; returns the height of the picture."""
        chart, canvas = self.chart, self.canvas
        room = canvas.width * 0.36
        labels = [wrap(self.digits(category), _SIZE, room) for category in chart.categories]
        left = 10 + max((text_width(text, _SIZE) for label in labels for text in label), default=0.0)
        widest = max(text_width(self.value(tick), 10) for tick in [*self.totals, self.ticks[-1]])
        right = canvas.width - widest - 8
        scale = _Scale(self.ticks[0], self.ticks[-1], left, right)
        count = 1 if self.stacked else len(chart.series)
        thick = 15.0 if count == 1 else 11.0
        y = self.top + 4
        first = y
        marks = len(canvas.elements)
        for index, label in enumerate(labels):
            height = max(thick * count, len(label) * _LINE) + 8
            middle = y + height / 2
            for row, text in enumerate(label):
                baseline = middle + (row - (len(label) - 1) / 2) * _LINE + 4
                canvas.text(left - 8, baseline, text, _SIZE, "end")
            self._flat_group(index, middle - thick * count / 2, thick, scale)
            y += height
        # The grid lies under the bars.
        drawn = canvas.elements[marks:]
        del canvas.elements[marks:]
        for tick in self.ticks:
            canvas.line([(scale.at(tick), first), (scale.at(tick), y)], GRID)
        canvas.elements += drawn
        ends = [tick for tick in self.ticks if text_width(self.tick(tick), _SIZE)]
        for tick in ends:
            canvas.text(scale.at(tick), y + 15, self.tick(tick), _SIZE, "middle", FAINT)
        canvas.line([(scale.at(0), first), (scale.at(0), y)], INK)
        if chart.cut is not None:
            x = scale.at(chart.cut)
            canvas.line([(x, first - 4), (x, y)], COLOURS["red"], 1.4, "6 4")
            text = f"{self.digits(chart.cut_name)} {self.value(chart.cut)}".strip()
            half = text_width(text, _SIZE, 700) / 2
            x = min(max(x, half), canvas.width - half)
            canvas.text(x, y + 32, text, _SIZE, "middle", COLOURS["red"], 700)
            y += 16
        return y + 22

    def _flat_group(self, index: int, top: float, thick: float, scale: _Scale) -> None:
        base = 0
        for place, one in enumerate(self.chart.series):
            raw = one.values[index]
            if raw is None:
                continue
            start = base if self.stacked else 0
            x1, x2 = scale.at(start), scale.at(start + raw)
            y = top if self.stacked else top + place * thick
            inner = thick if self.stacked else thick - 1
            self.canvas.rect(min(x1, x2), y, abs(x2 - x1), inner, colour_of(one.colour))
            if self.stacked:
                base += raw
            else:
                self._label_beside(max(x1, x2), y + inner / 2 + 4, raw, scale)
        if self.stacked:
            self._label_beside(scale.at(base), top + thick / 2 + 4, base, scale)

    def _label_beside(self, end: float, y: float, raw: int, scale: _Scale) -> None:
        """The value at the end of a lying bar; past the cut line when that would run through it."""
        text, x = self.value(raw), end + 5
        if self.chart.cut is not None:
            cut = scale.at(self.chart.cut)
            if x - 3 < cut < x + text_width(text, 10) + 3:
                x = cut + 5
        self.canvas.text(x, y, text, 10)

    def description(self) -> str:
        """The picture in words: every value, by category."""
        unit = unit_of(self.chart.value_kind, self.chart.unit, self.language)
        parts = []
        for index, category in enumerate(self.chart.categories):
            values = [
                f"{series.name} {self.value(series.values[index])}"
                if len(self.chart.series) > 1
                else self.value(series.values[index])
                for series in self.chart.series
            ]
            parts.append(f"{category}: {', '.join(values)}")
        return self.digits(f"{self.chart.question} ({unit}) " + "; ".join(parts))


def chart_svg(
    chart: Chart,
    outlines: bool,
    language: Language = "th",
    thai_digits: bool = False,
    width: float = 680,
) -> str:
    """The chart as one SVG element, with title and description.

    ``outlines`` turns text into paths, for paper; without it text stays text, for the web. Upright
    bars whose names would need more than two lines, or be broken in a word, are laid flat.
    """
    drawing = _Drawing(chart, outlines, language, thai_digits, width)
    if len(chart.series) > 1 or unit_of(chart.value_kind, chart.unit, language):
        drawing.legend()
    slot = (width - 90) / max(1, len(chart.categories))
    crowded = any(
        len(wrap(category, _SIZE, slot * 0.94)) > 2
        or any(text_width(part, _SIZE) > slot * 0.94 for part in category.split())
        for category in chart.categories
    )
    height = drawing.flat_bars() if chart.kind != "line" and (chart.horizontal or crowded) else drawing.bars()
    seed = f"{chart.title}|{chart.question}|{chart.table}"
    identifier = "chart-" + sha256(seed.encode()).hexdigest()[:10]
    return drawing.canvas.finish(height, chart.title, drawing.description(), identifier)
