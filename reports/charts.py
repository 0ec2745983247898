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
from reports.scales import COLOURS, FAINT, GRID, INK, Scale, colour_of, round_steps, runs_of, ticks_of
from reports.thai import cell_text, thai_digits, unit_of

__all__ = [
    "COLOURS",
    "FAINT",
    "GRID",
    "INK",
    "Drawn",
    "chart_svg",
    "colour_of",
    "draw_chart",
    "identify",
    "ticks_of",
]

_SIZE = 11.0
_LINE = 1.45 * _SIZE
_MANY = 30  # points from which on a line is drawn fine and its end is not labelled


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
            for place, series in enumerate(self.chart.series):
                wide = 16 + text_width(series.name, _SIZE) + 18
                if x and x + wide > self.canvas.width * 0.8:
                    x, y = 0.0, y + _LINE
                if self.chart.kind == "line":
                    self.canvas.mark(place, x + 5.5, y - 4, 4.5, colour_of(series.colour))
                else:
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
        scale = Scale(self.ticks[0], self.ticks[-1], bottom, top)
        for tick in self.ticks:
            canvas.line([(left, scale.at(tick)), (canvas.width, scale.at(tick))], GRID)
            canvas.text(left - 6, scale.at(tick) + 4, self.tick(tick), _SIZE, "end", FAINT)
        lines = 1
        step = self._label_step(slot)
        for index, category in enumerate(chart.categories):
            middle = left + slot * (index + 0.5)
            if chart.kind != "line":
                self._upright_group(index, middle, slot, scale)
            if (index + 1) % step and index:
                continue
            label = wrap(self.digits(category), _SIZE, slot * step * 0.94)
            lines = max(lines, len(label))
            for row, text in enumerate(label):
                inside = min(middle, canvas.width - text_width(text, _SIZE) / 2)
                canvas.text(inside, bottom + 16 + row * _LINE, text, _SIZE, "middle")
        if chart.kind == "line":
            self._lines(left, slot, scale)
        canvas.line([(left, scale.at(0)), (canvas.width, scale.at(0))], INK)
        if chart.cut_after is not None:
            self._upright_cut(left + slot * chart.cut_after, top, bottom)
        elif chart.cut is not None:
            y = scale.at(chart.cut)
            canvas.line([(left, y), (canvas.width, y)], COLOURS["red"], 1.4, "6 4")
            text = f"{self.digits(chart.cut_name)} {self.value(chart.cut)}".strip()
            canvas.text(canvas.width, y - 5, text, _SIZE, "end", COLOURS["red"], 700)
        return bottom + 12 + lines * _LINE

    def _upright_group(self, index: int, middle: float, slot: float, scale: Scale) -> None:
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
                if base:
                    self.canvas.line([(at, y1), (at + inner, y1)], "#ffffff")
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

    def _label_step(self, slot: float) -> int:
        """Every how many categories are named: all, but along a line with more than there is room for."""
        if self.chart.kind != "line":
            return 1
        widest = max((text_width(self.digits(name), _SIZE) for name in self.chart.categories), default=0.0)
        if widest <= slot * 0.94 or len(self.chart.categories) <= _MANY:
            return 1
        return next(n for n in round_steps() if n * slot * 0.8 >= widest)

    def _upright_cut(self, x: float, top: float, bottom: float) -> None:
        self.canvas.line([(x, top - 12), (x, bottom)], COLOURS["red"], 1.4, "6 4")
        text = self.digits(self.chart.cut_name)
        if x + 6 + text_width(text, _SIZE, 700) <= self.canvas.width:
            self.canvas.text(x + 6, top - 4, text, _SIZE, "start", COLOURS["red"], 700)
        else:
            self.canvas.text(x - 6, top - 4, text, _SIZE, "end", COLOURS["red"], 700)

    def _lines(self, left: float, slot: float, scale: Scale) -> None:
        """Lines, broken where a value is missing; their marks differ in shape as well as in colour. On both sides of an
        upright cut there are marks alone: neighbours there have nothing to do with each other."""
        many = len(self.chart.categories) > _MANY
        radius = min(3.4, max(1.6, slot * 0.45)) if many else 3.4
        for place, series in enumerate(self.chart.series):
            colour = colour_of(series.colour)
            points = [
                None if raw is None else (left + slot * (index + 0.5), scale.at(raw))
                for index, raw in enumerate(series.values)
            ]
            for run in runs_of(points):
                if self.chart.cut_after is None:
                    self.canvas.line(run, colour, 1.2 if many else 2.2)
                for x, y in run:
                    self.canvas.mark(place, x, y, radius, colour)
        if not many:
            self._end_values(left, slot, scale)

    def _end_values(self, left: float, slot: float, scale: Scale) -> None:
        """The last value of each line, the highest first: inside the picture, and no two over each other."""
        ends = []
        for series in self.chart.series:
            known = [(at, raw) for at, raw in enumerate(series.values) if raw is not None]
            if known:
                ends.append(known[-1])
        taken: list[tuple[float, float, float]] = []  # from, to, baseline
        for at, last in sorted(ends, key=lambda end: -end[1]):
            text = self.value(last)
            half = text_width(text, 10, 700) / 2
            x, y = left + slot * (at + 0.5), scale.at(last)
            x = min(max(x, half), self.canvas.width - half)
            under = any((other.values[at] or 0) > last for other in self.chart.series)
            steps: tuple[int, ...] = (17, 30, 43, 56, -8) if under else (-8, -21, 17, 30, 43)
            if under and at + 1 < len(self.chart.categories) and x + 6 + 2 * half <= self.canvas.width:
                x, steps = (
                    x + 6 + half,
                    (14, 27, 40, 53),
                )  # a line that ends in the picture comes from the left
            row = next(
                (y + step for step in steps if self._is_free(x - half, x + half, y + step, taken)), None
            )
            if row is not None:  # the table beside has it, too
                taken.append((x - half, x + half, row))
                self.canvas.text(x, row, text, 10, "middle", weight=700)

    @staticmethod
    def _is_free(begin: float, end: float, y: float, taken: list[tuple[float, float, float]]) -> bool:
        return all(end < other or begin > to or abs(y - row) >= 12 for other, to, row in taken)

    def flat_bars(self) -> float:
        """Bars lying down, for long names; returns the height of the picture."""
        chart, canvas = self.chart, self.canvas
        room = canvas.width * 0.36
        labels = [wrap(self.digits(category), _SIZE, room) for category in chart.categories]
        left = 10 + max((text_width(text, _SIZE) for label in labels for text in label), default=0.0)
        widest = max(text_width(self.value(tick), 10) for tick in [*self.totals, self.ticks[-1]])
        right = canvas.width - widest - 8
        scale = Scale(self.ticks[0], self.ticks[-1], left, right)
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

    def _flat_group(self, index: int, top: float, thick: float, scale: Scale) -> None:
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
                if base:
                    self.canvas.line([(x1, y), (x1, y + inner)], "#ffffff")
                base += raw
            else:
                self._label_beside(max(x1, x2), y + inner / 2 + 4, raw, scale)
        if self.stacked:
            self._label_beside(scale.at(base), top + thick / 2 + 4, base, scale)

    def _label_beside(self, end: float, y: float, raw: int, scale: Scale) -> None:
        """The value at the end of a lying bar; past the cut line when that would run through it."""
        text, x = self.value(raw), end + 5
        if self.chart.cut is not None:
            cut = scale.at(self.chart.cut)
            if x - 3 < cut < x + text_width(text, 10) + 3:
                x = cut + 5
        self.canvas.text(x, y, text, 10)

    def description(self) -> str:
        """The picture in words: every value there is, by category."""
        unit = unit_of(self.chart.value_kind, self.chart.unit, self.language)
        parts = []
        for index, category in enumerate(self.chart.categories):
            values = [
                f"{series.name} {self.value(value)}" if len(self.chart.series) > 1 else self.value(value)
                for series in self.chart.series
                if (value := series.values[index]) is not None
            ]
            parts.append(f"{category}: {', '.join(values)}")
        return self.digits(f"{self.chart.question} ({unit}) " + "; ".join(parts))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart drawn on a canvas of its width, and so high; `words` hold every value."""

    canvas: Canvas
    height: float
    words: str

    def svg(self, title: str, identifier: str) -> str:
        return self.canvas.finish(self.height, title, self.words, identifier)


def draw_chart(
    chart: Chart, outlines: bool, language: Language, thai_digits: bool = False, width: float = 680
) -> Drawn:
    """The chart, drawn. Upright bars whose names would need more than two lines, or be broken in a word, are laid flat."""
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
    return Drawn(drawing.canvas, height, drawing.description())


def identify(chart: Chart) -> str:
    """An identifier for a picture, the same for the same chart."""
    seed = f"{chart.title}|{chart.question}|{chart.table}"
    return "chart-" + sha256(seed.encode()).hexdigest()[:10]


def chart_svg(
    chart: Chart,
    outlines: bool,
    language: Language = "th",
    thai_digits: bool = False,
    width: float = 680,
) -> str:
    """The chart as one SVG element, with title and description.

    ``outlines`` turns text into paths, for paper; without it text stays text, for the web.
    """
    return draw_chart(chart, outlines, language, thai_digits, width).svg(chart.title, identify(chart))
