"""Thai text as outlines: shaped by HarfBuzz, drawn as paths.

An SVG renderer that sets text letter by letter lets tone marks collide. Shaped outlines stand right
in every renderer; the words themselves are kept in the picture's title and description.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reports.typeface import font_path

if TYPE_CHECKING:
    import uharfbuzz as hb


@dataclass(frozen=True, slots=True)
class Outline:
    """A line of text as one SVG path, in font units with y upwards, and its advance width."""

    path: str
    advance: int
    units_per_em: int


@functools.cache
def _font(weight: int) -> hb.Font:
    import uharfbuzz as hb  # imported late, here and below: only who draws shapes text

    return hb.Font(hb.Face(hb.Blob.from_file_path(str(font_path(weight)))))


class _Pen:
    """Collects path commands, moved by the glyph's place in the line."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.x = 0
        self.y = 0

    def point(self, *values: float) -> str:
        pairs = zip(values[::2], values[1::2], strict=True)
        return " ".join(f"{x + self.x:g} {y + self.y:g}" for x, y in pairs)


def _draw_functions() -> hb.DrawFuncs:
    import uharfbuzz as hb

    functions = hb.DrawFuncs()
    functions.set_move_to_func(lambda x, y, pen: pen.commands.append("M" + pen.point(x, y)))
    functions.set_line_to_func(lambda x, y, pen: pen.commands.append("L" + pen.point(x, y)))
    functions.set_quadratic_to_func(lambda a, b, x, y, pen: pen.commands.append("Q" + pen.point(a, b, x, y)))
    functions.set_cubic_to_func(
        lambda a, b, c, d, x, y, pen: pen.commands.append("C" + pen.point(a, b, c, d, x, y))
    )
    functions.set_close_path_func(lambda pen: pen.commands.append("Z"))
    return functions


def _shape(text: str, weight: int) -> hb.Buffer:
    import uharfbuzz as hb

    buffer = hb.Buffer()
    buffer.add_str(text)
    buffer.guess_segment_properties()
    hb.shape(_font(weight), buffer)
    return buffer


@functools.lru_cache(maxsize=2048)
def text_width(text: str, size: float, weight: int = 400) -> float:
    """The width of ``text`` set at ``size``, in the unit of ``size``."""
    positions = _shape(text, weight).glyph_positions
    return float(sum(p.x_advance for p in positions) * size / _font(weight).face.upem)


@functools.lru_cache(maxsize=512)
def outline(text: str, weight: int = 400) -> Outline:
    """``text`` shaped and drawn."""
    font = _font(weight)
    buffer = _shape(text, weight)
    functions = _draw_functions()
    pen = _Pen()
    across = 0
    for info, place in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
        pen.x, pen.y = across + place.x_offset, place.y_offset
        font.draw_glyph(info.codepoint, functions, pen)
        across += place.x_advance
    return Outline("".join(pen.commands), across, font.face.upem)
