"""The comparison of two proposals: what each ground says, and laws over any two."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.similarity.facts import Commonness, Comparable, Comparison, Ground
from app.similarity.rules import NOTHING_COMMON, WORKING_THRESHOLD, commonness_of, compare, method, said_by
from tests.similarity.comparables import FARMERS, LIBRARY, SET_WORDS, proposal, typed

EVERYBODY = commonness_of(
    said_by(
        proposal(n, f"โครงการที่ {n}", rationale=SET_WORDS, items=(("ค่าจ้างที่ปรึกษาควบคุมงานและประกันคุณภาพ", 1),))
    )
    for n in range(1, 9)
)
ITEM = "ค่าจ้างพัฒนาโปรแกรมจับคู่รายชื่อข้ามทะเบียน"


def words(comparison: Comparison, ground: Ground, language: str) -> str:
    return next((r.text.say(language) for r in comparison.reasons if r.ground is ground), "")


GROUNDS = [
    (
        Ground.TEXT,
        proposal(1, rationale=FARMERS),
        proposal(2, rationale=FARMERS),
        "ข้อความเหมือนหรือเกือบเหมือนกัน: หลักการและเหตุผลร้อยละ 100",
        "The same or nearly the same words: 100% of the rationale",
    ),
    (
        Ground.TEXT,
        proposal(1, objectives=FARMERS),
        proposal(2, rationale=FARMERS),
        "ข้อความเหมือนหรือเกือบเหมือนกัน: วัตถุประสงค์ร้อยละ 100, หลักการและเหตุผลร้อยละ 100",
        "The same or nearly the same words: 100% of the objectives, 100% of the rationale",
    ),
    (Ground.TEXT, proposal(1, rationale=FARMERS), proposal(2, rationale=LIBRARY), "", ""),
    (
        Ground.TITLE,
        proposal(1, "โครงการจับคู่รายชื่อเกษตรกรข้ามทะเบียน"),
        proposal(2, "โครงการจับคู่รายชื่อเกษตรกรข้ามทะเบียน"),
        "ชื่อโครงการใช้คำเฉพาะเดียวกันร้อยละ 100",
        "100% of the particular words of the title are the same",
    ),
    (Ground.TITLE, proposal(1, "โครงการจับคู่รายชื่อเกษตรกร"), proposal(2, "โครงการยืมหนังสือทั่วประเทศ"), "", ""),
    (
        Ground.ITEMS,
        proposal(1, items=((ITEM, 500_000_00),)),
        proposal(2, items=((ITEM, 500_000_00),)),
        f"มีรายการงบประมาณเดียวกัน 1 รายการ รวม 500,000.00 บาท: “{ITEM}”",
        f"1 budget item is the same, 500,000.00 baht in all: “{ITEM}”",
    ),
    (
        Ground.ITEMS,
        proposal(1, items=(("ค่าเช่ารถ", 10_00), (ITEM, 500_000_00))),
        proposal(2, items=((ITEM, 450_000_00), ("ค่าเช่ารถ", 10_00))),
        f"มีรายการงบประมาณเดียวกัน 2 รายการ รวม 450,010.00 และ 500,010.00 บาท: “{ITEM}”, “ค่าเช่ารถ”",
        f"2 budget items are the same, 450,010.00 and 500,010.00 baht in all: “{ITEM}”, “ค่าเช่ารถ”",
    ),
    (
        Ground.ITEMS,
        proposal(1, items=((ITEM, 1),)),
        proposal(2, items=(("ค่าเช่าหนังสืออิเล็กทรอนิกส์", 1),)),
        "",
        "",
    ),
    (
        Ground.SYSTEM,
        proposal(1, systems=("ทะเบียนเกษตรกร", "I-24/7")),
        proposal(2, systems=("Farmer Registry",)),
        "ระบุระบบ ชุดข้อมูล บริการ หรือมาตรฐานเดียวกัน: “Farmer Registry”",
        "Both name the same system, data set, service or standard: “Farmer Registry”",
    ),
    (
        Ground.SYSTEM,
        proposal(1, systems=("ศูนย์เชื่อมโยง",)),
        proposal(2, systems=("Linkage  Center",)),
        "ระบุระบบ ชุดข้อมูล บริการ หรือมาตรฐานเดียวกัน: “Linkage  Center”",
        "Both name the same system, data set, service or standard: “Linkage  Center”",
    ),
    (Ground.SYSTEM, proposal(1, systems=("ทะเบียนเกษตรกร",)), proposal(2, systems=("ทะเบียนราษฎร",)), "", ""),
    (
        Ground.PARTNERS,
        proposal(1, partners=("dopa", "dga", "rd")),
        proposal(2, partners=("dopa", "dga")),
        "เกี่ยวข้องกับหน่วยงานเดียวกัน 2 หน่วยงาน",
        "2 agencies are involved in both",
    ),
    (
        Ground.PARTNERS,
        proposal(1, lead="dopa"),
        proposal(2, partners=("dopa",)),
        "เกี่ยวข้องกับหน่วยงานเดียวกัน 1 หน่วยงาน",
        "1 agency is involved in both",
    ),
    (Ground.PARTNERS, proposal(1, lead="dopa"), proposal(2, lead="dopa"), "", ""),
    (
        Ground.SAME_AGENCY,
        proposal(1, lead="dopa"),
        proposal(2, lead="dopa"),
        "หน่วยงานเจ้าของโครงการเดียวกัน",
        "The same lead agency",
    ),
    (
        Ground.CONTINUES,
        proposal(1, continues="2567-002"),
        proposal(2),
        "ระบุไว้ว่าเป็นโครงการต่อเนื่องจากอีกโครงการหนึ่ง",
        "One says that it continues the other",
    ),
    (Ground.CONTINUES, proposal(1, continues="2567-003"), proposal(2), "", ""),
]


@pytest.mark.parametrize(("ground", "left", "right", "th", "en"), GROUNDS)
def test_each_ground_in_words(ground: Ground, left: Comparable, right: Comparable, th: str, en: str) -> None:
    comparison = compare(left, right)
    assert words(comparison, ground, "th") == th
    assert words(comparison, ground, "en") == en
    assert (th == "") == (ground not in [r.ground for r in comparison.reasons])


def test_many_items_are_counted_and_the_dearest_named() -> None:
    items = tuple(
        (f"ค่าจ้างจัดทำข้อมูล{name}", 1_000_00 * n) for n, name in enumerate(("น้ำ", "ป่า", "ดิน", "แร่", "ลม"), 1)
    )
    said = words(compare(proposal(1, items=items), proposal(2, items=items)), Ground.ITEMS, "en")
    assert said.startswith("5 budget items are the same, 15,000.00 baht in all: “ค่าจ้างจัดทำข้อมูลลม”")
    assert said.endswith("and 2 more")


def test_a_copy_is_found_and_another_project_is_not() -> None:
    one = proposal(1, "โครงการเกษตร", rationale=FARMERS, items=((ITEM, 1),))
    copy = proposal(2, "โครงการอื่น", rationale=FARMERS, items=((ITEM, 1),))
    other = proposal(3, "โครงการหนังสือ", rationale=LIBRARY)
    assert compare(one, copy).score > 2 * WORKING_THRESHOLD
    assert compare(one, other).score < WORKING_THRESHOLD


def test_half_of_a_project_is_found_in_the_whole() -> None:
    whole = proposal(1, rationale=f"{FARMERS} {LIBRARY}")
    assert compare(whole, proposal(2, rationale=LIBRARY)).score >= WORKING_THRESHOLD


def test_terms_are_the_same_in_both_languages() -> None:
    thai = proposal(1, "ทะเบียนเกษตรกรกับข้อมูลเปิดบนคลาวด์กลางภาครัฐ", systems=("ทะเบียนเกษตรกร",))
    english = proposal(2, "Farmer Registry กับ Open Data บน GDCC", systems=("Farmer Registry",))
    assert compare(thai, english).score >= WORKING_THRESHOLD


def test_what_many_agencies_write_weighs_nothing() -> None:
    left = proposal(11, "โครงการจองคิวสอบใบขับขี่", rationale=SET_WORDS)
    right = proposal(12, "โครงการนัดรังวัดที่ดิน", rationale=SET_WORDS)
    assert compare(left, right).score >= WORKING_THRESHOLD  # nobody said that they are set phrases
    assert compare(left, right, EVERYBODY).score < WORKING_THRESHOLD
    assert compare(left, right, EVERYBODY).matches == ()


def test_what_one_agency_writes_every_year_stays_its_own() -> None:
    years = commonness_of(said_by(proposal(n, lead="oae", rationale=FARMERS)) for n in range(1, 9))
    left, right = proposal(1, lead="oae", rationale=FARMERS), proposal(20, lead="doae", rationale=FARMERS)
    assert compare(left, right, years).score == compare(left, right).score


def test_who_asks_is_not_what_is_asked_for() -> None:
    name = "สำนักงานคณะกรรมการคุ้มครองผู้บริโภค"
    named = commonness_of([], [name])
    left, right = (
        proposal(1, lead="ocpb", rationale=f"{name}จะทำคลังภาพฉลากสินค้า {name}"),
        proposal(2, lead="ocpb", rationale=f"{name}จะจัดรถนิทรรศการออกต่างจังหวัด"),
    )
    assert compare(left, right).score >= WORKING_THRESHOLD
    assert compare(left, right, named).score < WORKING_THRESHOLD
    # the words of a name still count where they are not the name
    topic = "โครงการคุ้มครองผู้บริโภคในตลาดออนไลน์อย่างเข้มแข็ง"
    assert compare(proposal(1, topic), proposal(2, topic), named).score >= WORKING_THRESHOLD


def test_where_a_thing_stands_is_not_what_it_is() -> None:
    place = "แขวงทุ่งสองห้อง เขตหลักสี่ กรุงเทพมหานคร 1 ระบบ"
    left = proposal(1, items=((f"เครื่องตรวจฉลากอาหารนำเข้า {place}", 1),))
    right = proposal(2, items=((f"รถนิทรรศการเคลื่อนที่ {place}", 1),))
    assert compare(left, right).score == 0


def test_matches_are_marked_where_the_words_were_typed() -> None:
    left = proposal(1, rationale=f"หลักการ: {FARMERS}", items=((ITEM, 1),))
    right = proposal(2, rationale=f"{FARMERS} และอื่น ๆ", items=((ITEM, 1),))
    matches = compare(left, right).matches
    marked = {typed(left)[m.left][m.left_start : m.left_end] for m in matches}
    assert marked == {FARMERS, ITEM}
    assert {typed(right)[m.right][m.right_start : m.right_end] for m in matches} == {FARMERS, ITEM}
    assert all(m.likeness == 1000 for m in matches)


def test_a_match_ends_with_the_mark_of_its_last_letter() -> None:
    words_ = "ระบบนัดหมายพิมพ์ลายนิ้วมือสัตว์"
    match = compare(proposal(1, rationale=words_), proposal(2, rationale=f"{words_} ใหม่")).matches[0]
    assert match.left_end == len(words_)
    assert match.right_end == len(words_)


def test_the_method_names_its_terms() -> None:
    assert method().startswith("letters-1/terms-")


# ---- laws over any two proposals

PIECES = st.sampled_from(
    [*FARMERS.split(), *LIBRARY.split(), *SET_WORDS.split(), "GDX", "น้ำ", "I-24/7", "", "งบ 2567"]
)
TEXT = st.lists(PIECES, max_size=12).map(" ".join)
ITEMS = st.lists(st.tuples(TEXT, st.integers(0, 10**9)), max_size=6).map(tuple)
NAMES = st.lists(TEXT, max_size=4).map(tuple)


def any_proposal(key: int) -> st.SearchStrategy[Comparable]:
    return st.builds(
        lambda title, lead, rationale, objectives, items, systems, partners: proposal(
            key,
            title,
            lead=lead,
            rationale=rationale,
            objectives=objectives,
            items=items,
            systems=systems,
            partners=partners,
        ),
        TEXT,
        st.sampled_from(("dopa", "rd")),
        TEXT,
        TEXT,
        ITEMS,
        NAMES,
        st.lists(st.sampled_from(("dopa", "dga", "rd")), max_size=3).map(tuple),
    )


@settings(max_examples=30, deadline=None)
@given(any_proposal(1), any_proposal(2), st.sampled_from((NOTHING_COMMON, EVERYBODY)))
def test_it_does_not_matter_which_is_left(one: Comparable, other: Comparable, common: Commonness) -> None:
    there, back = compare(one, other, common), compare(other, one, common)
    assert there.score == back.score
    assert sorted((r.ground, r.weight) for r in there.reasons) == sorted(
        (r.ground, r.weight) for r in back.reasons
    )
    if typed(one) == typed(other):
        return  # which of the same words are told to meet is free
    turned = sorted((m.right, m.right_start, m.left, m.left_start, m.likeness) for m in back.matches)
    assert sorted((m.left, m.left_start, m.right, m.right_start, m.likeness) for m in there.matches) == turned


@settings(max_examples=30, deadline=None)
@given(any_proposal(1), any_proposal(2), st.randoms(use_true_random=False))
def test_the_order_of_lines_and_links_never_matters(
    one: Comparable, other: Comparable, dice: random.Random
) -> None:
    shuffled = replace(
        one,
        items=tuple(dice.sample(one.items, len(one.items))),
        systems=tuple(dice.sample(one.systems, len(one.systems))),
        passages=tuple(dice.sample(one.passages, len(one.passages))),
    )
    renumbered = replace(
        shuffled, items=tuple(replace(i, place=f"budget-{n}-item") for n, i in enumerate(shuffled.items, 1))
    )
    first = compare(one, other)
    for again in (compare(shuffled, other), compare(renumbered, other)):
        assert again.score == first.score
        assert again.reasons == first.reasons


@settings(max_examples=30, deadline=None)
@given(any_proposal(1), any_proposal(2))
def test_scores_are_whole_and_spans_lie_within_their_texts(one: Comparable, other: Comparable) -> None:
    comparison = compare(one, other)
    assert isinstance(comparison.score, int)
    assert 0 <= comparison.score <= 1000
    for match in comparison.matches:
        assert 0 <= match.left_start < match.left_end <= len(typed(one)[match.left])
        assert 0 <= match.right_start < match.right_end <= len(typed(other)[match.right])
        assert 0 < match.likeness <= 1000
    for reason in comparison.reasons:
        assert reason.text.th
        assert reason.text.en
        assert isinstance(reason.weight, int)
        assert 0 <= reason.weight <= 1000
