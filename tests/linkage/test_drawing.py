"""The ladder: everything has a place of its own inside the sheet, words fit their boxes, and each edge is one line."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import pytest

from app.kernel.text import Text
from app.linkage.building import build
from app.linkage.drawing import WIDTH, draw
from app.linkage.facts import OWN, Graph, Kind, Standing
from app.linkage.lettering import in_lines, width_of
from app.linkage.ordering import Group, arrange, crossings, place
from app.linkage.picture import Box, Column, Picture
from app.proposals.facts import Answer
from tests.linkage.claims import PLAN, STAGES, claims, link
from tests.linkage.made_up import make_claims


def _graph(count: int) -> Graph:
    return build(make_claims(count), PLAN)


@pytest.fixture(scope="module", params=[1, 100, 300])
def drawn(request: pytest.FixtureRequest) -> tuple[Graph, Picture]:
    graph = _graph(request.param)
    return graph, draw(graph, STAGES, "th")


def _columns(picture: Picture) -> dict[Column, list[Box]]:
    columns: defaultdict[Column, list[Box]] = defaultdict(list)
    for box in picture.boxes:
        columns[box.column].append(box)
    return {column: sorted(boxes, key=lambda b: b.y) for column, boxes in columns.items()}


def test_no_box_overlaps_another_and_none_leaves_the_sheet(drawn: tuple[Graph, Picture]) -> None:
    picture = drawn[1]
    for boxes in _columns(picture).values():
        for above, below in pairwise(boxes):
            assert above.bottom < below.y, (above.key, below.key)
    for box in picture.boxes:
        assert 0 <= box.x < box.x + box.wide <= WIDTH
        assert 0 <= box.y < box.bottom <= picture.height


def test_boxes_and_headings_stand_in_the_ladder_of_their_stage(drawn: tuple[Graph, Picture]) -> None:
    picture = drawn[1]
    begins = {section.key: section.y for section in picture.sections}
    assert list(begins) == [stage for stage in STAGES if stage in begins]
    ends = dict(zip(begins, [*list(begins.values())[1:], picture.height + 1], strict=True))
    for box in picture.boxes:
        assert begins[box.section] + 26 < box.y < box.bottom < ends[box.section]
    agencies = _columns(picture)[Column.AGENCIES]
    for heading in picture.headings:
        last = heading.y + 17 * (len(heading.lines) - 1)
        # the letters of a heading reach up some 12 pixels and down some 5
        assert all(b.bottom <= heading.y - 11 or b.y >= last + 4 for b in agencies), heading


def test_words_fit_their_boxes(drawn: tuple[Graph, Picture]) -> None:
    for box in drawn[1].boxes:
        assert "".join(box.lines)
        for row in box.rows:
            right = row.x + width_of(row.text, 12, 700 if row.part == "label" else 400)
            assert right <= box.x + box.wide, (row, box)
            assert box.y + 9 < row.y < box.bottom - 3, (row, box)


def test_every_node_but_platforms_and_mere_partners_has_a_box(drawn: tuple[Graph, Picture]) -> None:
    graph, picture = drawn
    shown = {box.node for box in picture.boxes}
    wanted = {n.key for n in graph.nodes.values() if n.kind not in (Kind.AGENCY, Kind.OUTSIDE, Kind.PLATFORM)}
    assert shown == wanted | {e.agency for e in graph.edges if e.relation in OWN}


def test_every_edge_is_one_line_between_its_own_boxes(drawn: tuple[Graph, Picture]) -> None:
    graph, picture = drawn
    boxes = {box.key: box for box in picture.boxes}
    assert [curve.edge for curve in picture.curves] == list(range(len(graph.edges)))
    for curve in picture.curves:
        edge, left, right = graph.edges[curve.edge], boxes[curve.left], boxes[curve.right]
        ends = (edge.agency, edge.proposal) if edge.relation in OWN else (edge.proposal, edge.thing)
        assert (left.node, right.node) == ends
        assert (curve.x1, curve.x2) == (left.x + left.wide, right.x)
        assert left.y < curve.y1 < left.bottom
        assert right.y < curve.y2 < right.bottom
        assert curve.standing is edge.standing
        assert (curve.forth, curve.back) == (edge.gives, edge.takes)


def test_the_same_graph_gives_the_same_picture(drawn: tuple[Graph, Picture]) -> None:
    assert draw(drawn[0], STAGES, "th") == drawn[1]


def test_an_empty_graph_is_an_empty_sheet() -> None:
    picture = draw(build([], PLAN), STAGES, "th")
    assert (picture.boxes, picture.curves, picture.height) == ((), (), 0)


def test_whom_a_thing_comes_from_and_what_it_runs_through_stand_in_its_box() -> None:
    graph = build(
        [
            claims(1, "a", link("x", "b"), link("x", "c"), link("x", "d", "provides", channel="data_go_th")),
            claims(2, "e", link("y", "b"), link("y", "b", "provides"), stage="midstream"),
            claims(3, "f", service="s", users=["a", "b"], stage="downstream"),
            claims(4, "f", service="t", stage="downstream"),
        ],
        PLAN,
    )

    def words(language: str) -> dict[str, str]:
        boxes = draw(graph, STAGES, language).boxes
        return {b.node: " ".join(b.small) for b in boxes if b.column is Column.THINGS}

    thai, english = words("th"), words("en")
    assert thai["thing:x"] == "จาก กรมb และอีก 1 · ให้ กรมd · ผ่าน data.go.th, GDX"
    assert english["thing:x"].replace("\n", "") == (
        "from Department b and 1 more · to Department d · through data.go.th, GDX"
    )
    assert thai["thing:y"] == "กับ กรมb · ผ่าน GDX"
    assert (thai["thing:s"], thai["thing:t"]) == ("ให้ 2 หน่วยงานใช้", "ให้ทุกหน่วยงานใช้")


def test_a_proposal_that_is_out_says_why() -> None:
    graph = build([claims(1, "a"), claims(2, "b")], PLAN)
    picture = draw(graph, STAGES, "en", {"proposal:2": Text("ไม่เห็นชอบ", "Not approved")})
    boxes = {b.node: b for b in picture.boxes}
    assert (boxes["proposal:1"].label, boxes["proposal:1"].is_out) == ("2570-0001", False)
    assert (boxes["proposal:2"].label, boxes["proposal:2"].is_out) == ("2570-0002 (Not approved)", True)


def test_proposals_without_a_stage_stand_by_themselves() -> None:
    graph = build([claims(1, "a", stage="", state="draft"), claims(2, "b", stage="", state="")], PLAN)
    picture = draw(graph, STAGES, "en")
    assert [(s.name, s.count) for s in picture.sections] == [
        ("No stage chosen yet", 1),
        ("Proposals of other agencies", 1),
    ]


def test_a_proposal_without_a_name_yet_says_so_inside_its_box() -> None:
    nameless = replace(claims(1, "a", stage="", state="draft"), title=Text("", ""))
    (box,) = (b for b in draw(build([nameless], PLAN), STAGES, "th").boxes if b.column is Column.PROPOSALS)
    assert [row.text for row in box.rows] == ["2570-0001", "ยังไม่มีชื่อ"]
    assert all(box.y + 9 < row.y < box.bottom - 3 for row in box.rows)


def test_a_declined_line_has_its_cross_in_the_middle() -> None:
    graph = build([claims(1, "a", link("x", "b", answer=Answer.DECLINED))], PLAN)
    curve = draw(graph, STAGES, "th").curves[1]
    assert curve.standing is Standing.DECLINED
    assert curve.middle == ((curve.x1 + curve.x2) // 2, (curve.y1 + curve.y2) // 2)


@pytest.mark.parametrize(
    ("text", "width", "indent", "lines"),
    [
        ("", 100, 0, ()),
        ("สั้น", 100, 0, ("สั้น",)),
        ("โครงการพัฒนาระบบเชื่อมโยงข้อมูล", 110, 0, ("โครงการพัฒนาระบบ", "เชื่อมโยงข้อมูล")),
        ("Link company registration", 90, 0, ("Link company", "registration")),
        ("a" * 60, 100, 0, ("a" * 24, "a" * 24, "a" * 12)),
    ],
)
def test_lines_break_where_words_begin(text: str, width: int, indent: int, lines: tuple[str, ...]) -> None:
    assert in_lines(text, 12, width, indent) == lines


@pytest.mark.parametrize(
    "text", ["น้ำ" * 40, "กำ้ำ" * 30, "ก็" * 50, "ทะเบียนเกษตรกร (องค์การมหาชน) " * 6, "x" * 400]
)
def test_no_letter_is_lost_and_no_mark_torn_off(text: str) -> None:
    lines = in_lines(text, 12, 150)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any("\u0e30" < line[0] < "\u0e3b" or "\u0e47" <= line[0] <= "\u0e4e" for line in lines)


def test_crossings_are_counted_and_kept_few() -> None:
    left, middle, right = [Group("l", ["a", "b"])], [Group("m", ["1", "2"])], [Group("r", ["x", "y"])]
    neighbours = {
        "a": ["2"], "b": ["1"], "1": ["b", "y"], "2": ["a", "x"], "x": ["2"], "y": ["1"],
    }  # fmt: skip
    assert crossings([left, middle, right], neighbours) == 2
    assert crossings(arrange([left, middle, right], neighbours), neighbours) == 0


def test_a_box_stands_at_the_height_of_its_neighbours() -> None:
    keys = [str(n) for n in range(9)]
    columns = [[(Group("l", ["a"]), 20)], [(Group("m", keys), 0)], [(Group("r", ["x"]), 0)]]
    neighbours = {"a": ["7"], "7": ["a"], "x": ["1"], "1": ["x"]}
    tops, height = place(columns, dict.fromkeys([*keys, "a", "x"], 30), neighbours, 4)
    assert height == 4 + 9 * 34
    assert (tops["a"], tops["x"]) == (tops["7"], tops["1"])
