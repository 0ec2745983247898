"""Charts as slides: one picture of 1920 by 1080 with its question above it, as SVG with text in outlines, or as PNG.

The same chart values as on screen and paper. Nothing of the machine is used, neither its fonts nor its clock, so the same
chart gives the same bytes.
"""

from __future__ import annotations

from reports.canvas import Canvas, number, wrap
from reports.charts import FAINT, INK, draw_chart, identify
from reports.document import Chart, Language

WIDTH, HEIGHT = 1920, 1080
_EDGE = 70.0
_QUESTION, _SMALL = 46.0, 26.0
# a chart is drawn as narrow, and so as large, as lets it stand on the slide
_WIDTHS = range(620, 1520, 40)


def slide_svg(chart: Chart, language: Language = "th", *, footer: str = "", thai_digits: bool = False) -> str:
    """The slide as one SVG element, text as outlines."""
    canvas = Canvas(WIDTH, True)
    canvas.rect(0, 0, WIDTH, HEIGHT, "#ffffff")
    canvas.rect(0, 0, 18, HEIGHT, "#14305c")
    y = _EDGE + 30
    for line in wrap(chart.question, _QUESTION, WIDTH - 2 * _EDGE, 700):
        canvas.text(_EDGE, y, line, _QUESTION, "start", "#14305c", 700)
        y += 1.35 * _QUESTION
    canvas.text(_EDGE, y - 8, chart.title, _SMALL, "start", FAINT)
    y += 28
    bottom = HEIGHT - _EDGE - 16
    if footer:
        canvas.text(_EDGE, HEIGHT - 40, footer, _SMALL - 4, "start", FAINT)
    across = WIDTH - 2 * _EDGE
    for width in _WIDTHS:
        drawn = draw_chart(chart, True, language, thai_digits, width=width)
        if drawn.height * across / width <= bottom - y:
            break
    scale = min(across / width, (bottom - y) / drawn.height)
    left = _EDGE + (across - width * scale) / 2
    y += (bottom - y - drawn.height * scale) / 3  # a low chart stands a little below the question
    canvas.elements.append(
        f'<g transform="translate({number(left)} {number(y)}) scale({scale:.5f})" color="{INK}">'
    )
    canvas.elements += drawn.canvas.elements
    canvas.elements.append("</g>")
    return canvas.finish(HEIGHT, chart.title, drawn.words, f"slide-{identify(chart)}")


def picture_png(svg: str) -> bytes:
    """A picture whose text is outlines as PNG, in its own size."""
    import resvg_py  # imported late: a compiled renderer, and only pictures ask for it

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True, background="#ffffff"))


def slide_png(
    chart: Chart, language: Language = "th", *, footer: str = "", thai_digits: bool = False
) -> bytes:
    """The slide as PNG, 1920 by 1080."""
    return picture_png(slide_svg(chart, language, footer=footer, thai_digits=thai_digits))
