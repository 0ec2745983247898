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


def number(value: float) -> str:
    """A coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def wrap(text: str, size: float, width: float, weight: int = 400) -> list[str]:
    """``text`` in lines no wider than ``width``: broken at blanks, else between Thai clusters."""
    lines: list[str] = []
    line = ""
    for chunk in re.findall(r"\S+\s*", text):
        if text_width((line + chunk).rstrip(), size, weight) <= width:
            line += chunk
            continue
        if line:
            lines.append(line.rstrip())
            line = ""
        for piece in _PIECE.findall(chunk):
            if line and text_width((line + piece).rstrip(), size, weight) > width:
                lines.append(line.rstrip())
                line = ""
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


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
