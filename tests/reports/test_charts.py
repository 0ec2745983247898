import itertools
import re
from xml.etree import ElementTree

import pytest

from reports import Chart, Series, chart_svg
from reports.canvas import wrap
from reports.charts import ticks_of
from reports.outlines import text_width

MILLION = 10**8
STACKED = Chart(
    "การจัดสรร",
    "น้ำใดได้ <มาก> ที่สุด & เท่าใด",
    "stacked_bar",
    ("ต้นน้ำ", "กลางน้ำ"),
    (Series("ได้", (5 * MILLION, 4 * MILLION), "downstream"), Series("ไม่ได้", (MILLION, None), "mist")),
)
FLAT = Chart(
    "t", "q", "bar",
    ("กระทรวงการอุดมศึกษา วิทยาศาสตร์ วิจัยและนวัตกรรม", "กระทรวงดิจิทัลเพื่อเศรษฐกิจและสังคม"),
    (Series("s", (MILLION, -MILLION), "navy"),), horizontal=True, cut=MILLION, cut_name="กรอบ",
)  # fmt: skip
LINE = Chart(
    "t", "q", "line", ("ไตรมาส 1", "ไตรมาส 2"),
    (Series("แผน", (2000, 4500)), Series("ผล", (1500, None), "midstream")),
    value_kind="percent", cut=9300, cut_name="เป้าหมาย",
)  # fmt: skip
EMPTY = Chart("t", "q", "bar", (), ())


@pytest.mark.parametrize("outlines", [True, False])
@pytest.mark.parametrize("chart", [STACKED, FLAT, LINE, EMPTY])
def test_chart_is_sound_svg_without_inline_styles(chart, outlines):
    svg = chart_svg(chart, outlines)
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        assert not element.tag.endswith(("style", "script", "foreignObject"))
        assert "style" not in element.attrib
    assert ("<text" in svg) is (not outlines) or chart is EMPTY
    assert chart_svg(chart, outlines) == svg


def test_chart_says_its_numbers_in_words():
    svg = chart_svg(STACKED, True)
    description = re.search(r"<desc[^>]*>(.*)</desc>", svg)[1]
    assert "ต้นน้ำ: ได้ 5.0000, ไม่ได้ 1.0000; กลางน้ำ: ได้ 4.0000" in description
    assert "&lt;มาก&gt;" in description
    names = re.search(r'aria-labelledby="([^"]*)"', svg)[1].split()
    assert all(f'id="{name}"' in svg for name in names)


def test_thai_digits_reach_labels_and_ticks():
    svg = chart_svg(STACKED, False, thai_digits=True)
    drawn = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert "๖.๐๐๐๐" in drawn
    assert not any(re.search("[0-9]", text) for text in drawn)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 999), (-250, 700), (0, 5 * 10**14), (-3, 0)])
def test_ticks_cover_the_values_in_few_round_steps(low, high):
    ticks = ticks_of(low, high)
    assert ticks[0] <= low < ticks[0] + (ticks[1] - ticks[0])
    assert ticks[-1] - (ticks[1] - ticks[0]) < high <= ticks[-1]
    assert len({b - a for a, b in itertools.pairwise(ticks)}) == 1
    assert len(ticks) <= 8


def test_wrap_keeps_clusters_whole_and_loses_nothing():
    text = "ความมั่นคงปลอดภัยไซเบอร์แห่งชาติและการกำกับดูแลข้อมูลน้ำ"
    lines = wrap(text, 11, 60)
    assert "".join(lines) == text
    assert len(lines) > 3
    for line in lines:
        assert text_width(line, 11) <= 60
        assert not re.match("[\u0e30-\u0e3a\u0e45-\u0e4e]", line)
        assert not re.search("[\u0e40-\u0e44]$", line)


def test_what_is_not_known_is_not_read_out():
    series = (Series("แผน", (100_00, 200_00)), Series("ผล", (90_00, None)))
    svg = chart_svg(Chart("t", "เป็นไปตามแผนหรือไม่", "line", ("ม.1", "ม.2"), series, value_kind="money"), False)
    said = next(e.text for e in ElementTree.fromstring(svg).iter() if e.tag.endswith("desc"))
    assert said.endswith("ม.1: แผน 100.00, ผล 90.00; ม.2: แผน 200.00")


@pytest.mark.parametrize("months", [12, 24])
def test_the_last_values_of_lines_stay_inside_and_apart(months):
    lines = [538_351_900_00, 512_578_800_00, 516_728_300_00]
    series = tuple(
        Series(f"s{n}", (*[0] * 11, last, *[None] * (months - 12))[:months], colour)
        for n, (last, colour) in enumerate(zip(lines[1:], ("navy", "midstream"), strict=True))
    )
    planned = Series("แผน", tuple([lines[0] * (n + 1) // months for n in range(months)]))
    chart = Chart("t", "q", "line", tuple(f"ม.{n}" for n in range(months)), (planned, *series))
    root = ElementTree.fromstring(chart_svg(chart, False))
    width = float(root.get("viewBox").split()[2])
    values = [e for e in root.iter() if e.tag.endswith("text") and e.get("font-weight") == "700"]
    assert len(values) == 3
    boxes = []
    for element in values:
        half = text_width("".join(element.itertext()), 10, 700) / 2
        x, y = float(element.get("x")), float(element.get("y"))
        boxes.append((x - half, x + half, y))
    assert all(begin >= -0.1 and end <= width + 0.1 for begin, end, _ in boxes)
    for (a, b, y), (c, d, z) in itertools.combinations(boxes, 2):
        assert b < c or d < a or abs(y - z) >= 12
