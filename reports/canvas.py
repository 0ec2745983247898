"""A sheet of SVG to draw on: rectangles, lines and text, by presentation attributes alone.

No ``style`` attribute or element is ever written, so the picture may stand inside a web page whose
content security policy forbids inline styles.
"""

from __future__ import annotations

import re
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from reports.outlines import outline, text_width
from reports.typeface import FAMILY

Anchor = Literal["start", "middle", "end"]

# No line may begin with a mark or a following vowel, nor end with a leading vowel.
_PIECE = re.compile(
    "[\u0e40-\u0e44]?[^\u0e31\u0e34-\u0e3a\u0e47-\u0e4e][\u0e30-\u0e3a\u0e45-\u0e4e]*[\u0e2f]?",
    re.DOTALL,
)


_LEADING = "\u0e40\u0e41\u0e42\u0e43\u0e44"


def number(value: float) -> str:
    """A coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def wrap(text: str, size: float, width: float, weight: int = 400) -> list[str]:
    """``text`` in lines no wider than ``width``: broken at blanks, else between Thai clusters.

    Without a dictionary the end of a Thai word is not known, but a leading vowel always begins a syllable, most often a
    word: where the second half of a line holds one, the line ends before the last of them.
    """
    lines: list[str] = []
    line = ""
    for chunk in re.findall(r"\S+\s*", text):
        if text_width((line + chunk).rstrip(), size, weight) <= width:
            line += chunk
            continue
        if line and text_width(chunk.rstrip(), size, weight) <= width:
            lines.append(line.rstrip())
            line = chunk
            continue
        # what no line holds whole is broken anyway, so it begins where there is room
        for piece in _PIECE.findall(chunk):
            if line and text_width((line + piece).rstrip(), size, weight) > width:
                at = 0 if piece[0] in _LEADING else _last_leading(line)
                if at and text_width(line[:at], size, weight) * 2 < width:
                    at = 0
                lines.append((line[:at] or line).rstrip())
                line = line[at:] if at else ""
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _last_leading(line: str) -> int:
    """Where the last leading vowel of a line stands; 0 where there is none."""
    return max((at for at, letter in enumerate(line) if letter in _LEADING), default=0)


class Canvas:
    """Collects SVG elements; ``outlines`` draws every text as shaped paths instead of ``<text>``."""

    def __init__(self, width: float, outlines: bool) -> None:
        self.width = width
        self.outlines = outlines
        self.elements: list[str] = []

    def rect(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        self.elements.append(
            f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" '
            f'height="{number(height)}" fill="{fill}"/>'
        )

    def line(self, points: list[tuple[float, float]], colour: str, width: float = 1, dash: str = "") -> None:
        path = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.elements.append(
            f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{number(width)}"'
            f' stroke-linejoin="round"{dashes}/>'
        )

    def dot(self, x: float, y: float, radius: float, fill: str) -> None:
        self.elements.append(
            f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="{fill}"'
            ' stroke="#ffffff" stroke-width="1"/>'
        )

    def mark(self, shape: int, x: float, y: float, radius: float, fill: str) -> None:
        """A mark that is told apart by its shape as well: a disc, a square, a triangle, a lozenge."""
        if shape % 4 == 0:
            self.dot(x, y, radius, fill)
            return
        r = radius
        corners = {
            1: [(-r, -r), (r, -r), (r, r), (-r, r)],
            2: [(0, -1.3 * r), (1.2 * r, r), (-1.2 * r, r)],
            3: [(0, -1.4 * r), (1.4 * r, 0), (0, 1.4 * r), (-1.4 * r, 0)],
        }[shape % 4]
        path = "M" + "L".join(f"{number(x + dx)} {number(y + dy)}" for dx, dy in corners) + "Z"
        self.elements.append(f'<path d="{path}" fill="{fill}" stroke="#ffffff" stroke-width="1"/>')

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 11,
        anchor: Anchor = "start",
        fill: str = "#1b2733",
        weight: int = 400,
    ) -> None:
        """One line of text with its baseline at ``y``."""
        if not text:
            return
        if self.outlines:
            shaped = outline(text, weight)
            scale = size / shaped.units_per_em
            x -= shaped.advance * scale * {"start": 0, "middle": 0.5, "end": 1}[anchor]
            self.elements.append(
                f'<path transform="translate({number(x)} {number(y)}) '
                f'scale({scale:.5f} {-scale:.5f})" fill="{fill}" d="{shaped.path}"/>'
            )
        else:
            bold = f' font-weight="{weight}"' if weight != 400 else ""
            self.elements.append(
                f'<text x="{number(x)}" y="{number(y)}" font-family="{FAMILY}, sans-serif" '
                f'font-size="{number(size)}"{bold} text-anchor="{anchor}" fill="{fill}">'
                f"{escape(text)}</text>"
            )

    def finish(self, height: float, title: str, description: str, identifier: str) -> str:
        """The whole picture, with a title and a description for those who cannot see it."""
        names = quoteattr(f"{identifier}-title {identifier}-desc")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby={names} '
            f'viewBox="0 0 {number(self.width)} {number(height)}" '
            f'width="{number(self.width)}" height="{number(height)}">'
            f'<title id="{identifier}-title">{escape(title)}</title>'
            f'<desc id="{identifier}-desc">{escape(description)}</desc>' + "".join(self.elements) + "</svg>"
        )
