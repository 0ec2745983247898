"""The picture of estimates with intervals: every value is there in words, in place, and inside the sheet."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from reports.intervals import Interval, IntervalPicture, describe, intervals_svg

PICTURE = IntervalPicture(
    title="Severity",
    question="Who is strict?",
    rows=(
        Interval("A & B <i>", -2206, -1922, -1637),
        Interval("ผู้พิจารณาที่มีชื่อยาวมากจนต้องขึ้นบรรทัดใหม่ในช่องชื่อของภาพนี้", -396, 160, 716, 500),
    ),
    value_name="Severity",
    before_name="Raw",
    line=0,
    line_name="The mean",
)
SVG = "{http://www.w3.org/2000/svg}"


def test_every_value_is_said() -> None:
    said = describe(PICTURE, "en")
    assert said.startswith("Who is strict? A & B <i>: Severity −19.22 (−22.06 to −16.37); ")
    assert said.endswith("Severity 1.60 (−3.96 to 7.16), Raw 5.00")
    assert "−22.06 ถึง −16.37" in describe(PICTURE, "th")
    root = ElementTree.fromstring(intervals_svg(PICTURE, "en"))
    assert root.find(f"{SVG}title").text == "Severity"
    assert root.find(f"{SVG}desc").text == said
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert {"−19.22 (−22.06 to −16.37)", "A & B <i>", "Raw", "The mean", "0", "−10"} <= set(texts)


def test_dots_stand_in_order_on_one_scale() -> None:
    root = ElementTree.fromstring(intervals_svg(PICTURE))
    first, second = [float(dot.get("cx")) for dot in root.iter(f"{SVG}circle")][
        1:
    ]  # the first is the legend's
    (square,) = [float(r.get("x")) + 4 for r in root.iter(f"{SVG}rect")][1:]
    assert first < second < square
    # -19.22, 1.60 and 5.00 on one line
    assert (square - second) / (second - first) == pytest.approx((500 - 160) / (160 + 1922), abs=0.005)


@pytest.mark.parametrize("language", ["th", "en"])
def test_nothing_leaves_the_sheet_and_no_style_is_written(language: str) -> None:
    svg = intervals_svg(PICTURE, language)
    assert "style" not in svg
    root = ElementTree.fromstring(svg)
    width = float(root.get("width"))
    for x, _ in re.findall(r"[ML]([\d.-]+) ([\d.-]+)", svg):
        assert 0 <= float(x) <= width


def test_without_rows_there_is_an_empty_scale() -> None:
    ElementTree.fromstring(intervals_svg(replace(PICTURE, rows=(), line=None)))
