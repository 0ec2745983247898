"""Charts as slides: size, outlines, the same bytes twice, and that the picture shows what the chart says."""

from __future__ import annotations

import itertools
import re
import struct
import zlib
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from reports import Chart, Series, chart_svg
from reports.canvas import wrap
from reports.pictures import HEIGHT, WIDTH, picture_png, slide_png, slide_svg
from tests.reports.test_charts import FLAT, LINE, STACKED

BANDS = Chart(
    "โอกาสอยู่ในกรอบ", "โครงการใดก้ำกึ่ง", "line",
    tuple(str(n) for n in range(1, 96)),
    (
        Series("ชัดเจน", tuple(9900 if n < 60 else None for n in range(95)), "navy"),
        Series("ก้ำกึ่ง", tuple(5000 if n >= 60 else None for n in range(95)), "#d97706"),
    ),
    value_kind="percent", cut_after=70, cut_name="ในกรอบ 70",
)  # fmt: skip
LONG = replace(
    FLAT,
    categories=tuple(f"กระทรวงที่ {n}" for n in range(40)),
    series=(Series("s", tuple(10**8 * n for n in range(40)), "navy"),),
)


def pixels(png: bytes) -> np.ndarray:
    """Height x width x 4 of a PNG with 8 bits and transparency, unfiltered by the book (W3C PNG 9.2)."""
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    assert (depth, kind) == (8, 6)
    data, at = b"", 8
    while at < len(png):
        size, name = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + size] if name == b"IDAT" else b""
        at += 12 + size
    raw = np.frombuffer(zlib.decompress(data), dtype=np.uint8).reshape(height, 1 + 4 * width)
    rows = np.zeros((height, 4 * width), dtype=np.int64)
    for y, (how, *line) in enumerate(raw.tolist()):
        for x, value in enumerate(line):
            left, up, corner = (
                rows[y, x - 4] if x >= 4 else 0,
                rows[y - 1, x] if y else 0,
                rows[y - 1, x - 4] if y and x >= 4 else 0,
            )
            nearest = min((left, up, corner), key=lambda one: abs(left + up - corner - one))
            rows[y, x] = (value + (0, left, up, (left + up) // 2, nearest)[how]) % 256
    return rows.reshape(height, width, 4)


@pytest.mark.parametrize("chart", [STACKED, FLAT, LINE, BANDS, LONG])
def test_a_slide_is_sound_svg_of_its_size_with_outlines_alone(chart: Chart) -> None:
    svg = slide_svg(chart, "th", footer="ปีงบประมาณ 2567")
    root = ElementTree.fromstring(svg)
    assert (root.get("width"), root.get("height")) == (str(WIDTH), str(HEIGHT))
    for element in root.iter():
        assert not element.tag.endswith(("}text", "style", "script", "image"))
    assert chart.title in re.search("<title[^>]*>(.*)</title>", svg)[1]
    assert slide_svg(chart, "th", footer="ปีงบประมาณ 2567") == svg


@pytest.mark.parametrize("chart", [STACKED, BANDS, LONG])
def test_the_same_chart_gives_the_same_png_of_1920_by_1080(chart: Chart) -> None:
    png = slide_png(chart, "th")
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (1920, 1080)
    assert slide_png(chart, "th") == png
    assert slide_png(replace(chart, question="อื่น"), "th") != png


def test_a_png_shows_the_bars_in_their_colours_and_lengths() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="4"><rect width="4" height="4" fill="#14305c"/></svg>'
    picture = pixels(picture_png(svg))
    assert picture[2, 1].tolist() == [0x14, 0x30, 0x5C, 255]
    assert picture[2, 6].tolist() == [255, 255, 255, 255]


def test_everything_of_a_long_chart_stands_on_the_slide() -> None:
    svg = slide_svg(LONG, "th", footer="x")
    moved = re.search(r'<g transform="translate\(([\d.]+) ([\d.]+)\) scale\(([\d.]+)\)"', svg)
    assert moved is not None
    left, top, scale = (float(part) for part in moved.groups())
    ys = [
        top + scale * (float(y) + float(h))
        for y, h in re.findall(
            r'<rect x="[^"]*" y="([^"]*)" width="[^"]*" height="([^"]*)"', svg.split("<g ")[1]
        )
    ]
    assert len(ys) >= 40
    assert max(ys) < HEIGHT - 60
    assert left >= 0


def test_marks_of_bands_differ_in_shape_and_are_not_joined_over_the_cut() -> None:
    svg = chart_svg(BANDS, False)
    assert svg.count("<circle") == 60 + 1  # one in the legend
    assert svg.count('Z" fill="#d97706"') == 35 + 1
    assert "ในกรอบ 70" in svg
    labels = re.findall(r'text-anchor="middle" fill="#1b2733">(\d+)</text>', svg)
    assert labels[0] == "1"
    assert 5 < len(labels) < 40
    widths = [
        float(x)
        for x in re.findall(r'<text x="([\d.]+)"[^>]*text-anchor="middle" fill="#1b2733">\d+</text>', svg)
    ]
    assert min(b - a for a, b in itertools.pairwise(widths[1:])) > 14


def test_a_line_is_broken_where_a_value_is_missing() -> None:
    gap = Chart("t", "q", "line", tuple("abcde"), (Series("s", (1, 2, None, 4, 5)),), value_kind="int")
    paths = re.findall(r'<path d="M[^"]*" fill="none" stroke="#14305c"', chart_svg(gap, False))
    assert len(paths) == 2


def test_thai_names_break_before_a_leading_vowel() -> None:
    assert wrap("1.2 โครงสร้างพื้นฐานเพื่อรองรับการให้บริการแก่หน่วยงานภาครัฐ", 11, 200) == [
        "1.2 โครงสร้างพื้นฐานเพื่อรองรับการให้บริการ",
        "แก่หน่วยงานภาครัฐ",
    ]
