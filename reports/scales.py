"""Colours of charts, and raw values along an axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Scale:
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


def round_steps() -> Iterator[int]:
    """1, 2, 5, 10, 20, 50 …"""
    step = 1
    while True:
        yield from (step, 2 * step, 5 * step)
        step *= 10


def runs_of(points: list[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    """A line in pieces: broken where a point is missing."""
    run: list[tuple[float, float]] = []
    for point in [*points, None]:
        if point is not None:
            run.append(point)
        elif run:
            yield run
            run = []
