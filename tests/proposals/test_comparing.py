"""Two values compared: Thai texts marked by words, codes by their names, rows followed, amounts to the satang."""

from __future__ import annotations

import random
import time
import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.text import Text
from app.proposals.comparing import (
    FieldChange,
    ListChange,
    Mark,
    SectionComparison,
    Span,
    TableChange,
    compare_drafts,
    compare_facts,
    compare_parts,
    compare_section,
    mark_differences,
    name_of,
    shorten,
    signed_baht,
)
from app.proposals.drafts import SECTIONS, empty_draft
from app.proposals.facts import AttachmentFacts
from tests.proposals.any_drafts import DRAFTS, SECTION_VALUES
from tests.proposals.made_up import ALPHA, BETA, COMPLETE, DIRECTORY, PLAN
from tests.world import budget_row, complete_draft

MODEST = settings(max_examples=80, deadline=None)
BAHT = 100


def written(spans: tuple[Span, ...]) -> str:
    """Marked text on one line: [-deleted-] {+inserted+} <skipped>."""
    frames = {
        Mark.SAME: "{}",
        Mark.DELETED: "[-{}-]",
        Mark.INSERTED: "{{+{}+}}",
        Mark.SKIPPED: "<{}>",
    }
    return "".join(frames[span.mark].format(span.text) for span in spans)


def compare(section: str, before: dict[str, Any], after: dict[str, Any]) -> SectionComparison:
    return compare_section(section, before, after, PLAN, DIRECTORY)


def only(comparison: SectionComparison) -> Any:
    (change,) = comparison.changes
    return change


def budget(before: list[dict[str, str]], after: list[dict[str, str]]) -> TableChange:
    change = only(compare("budget", {"rows": before}, {"rows": after}))
    assert isinstance(change, TableChange)
    return change


# --- texts

MARKED: list[tuple[str, str, str]] = [
    ("", "", ""),
    ("", "ระบบ", "{+ระบบ+}"),
    ("ระบบ", "", "[-ระบบ-]"),
    ("ระบบเชื่อมโยงข้อมูลกลาง", "ระบบแลกเปลี่ยนข้อมูลกลาง", "ระบบ[-เชื่อมโยง-]{+แลกเปลี่ยน+}ข้อมูลกลาง"),
    ("ลดลงร้อยละ 1,200.50 บาท", "ลดลงร้อยละ 1,250.50 บาท", "ลดลงร้อยละ [-1,200.50-]{+1,250.50+} บาท"),
    ("1,200.50 records", "1,250.50 records", "[-1,200.50-]{+1,250.50+} records"),
    ("บริการที่รวดเร็ว", "บริการที่สะดวก รวดเร็ว", "บริการที่{+สะดวก +}รวดเร็ว"),
    ("1. ศึกษา\n2. พัฒนา", "1. ศึกษา\n2. ออกแบบ", "1. ศึกษา\n2. [-พัฒนา-]{+ออกแบบ+}"),
    # a vowel typed in another order is another spelling: the whole word is marked, no mark floats alone
    ("น้ำ", "นำ้", "[-น้ำ-]{+นำ้+}"),
    # what is alike only by chance between two changes is not kept apart from them
    ("the old red house", "a new blue house", "[-the old red-]{+a new blue+} house"),
]


@pytest.mark.parametrize(("before", "after", "marked"), MARKED)
def test_differences_are_marked_by_words(before: str, after: str, marked: str) -> None:
    assert written(mark_differences(before, after)) == marked


texts = st.lists(
    st.sampled_from(["การ", "ระบบ", "น้ำ", "ที่", " ", "\n", "่", "ำ", "1,200", "GDX", "é", "👍🏽", "เ", "ก์"])
    | st.text(max_size=3),
    max_size=14,
).map("".join)


@MODEST
@given(texts, texts)
def test_marked_runs_are_both_texts_to_the_character(before: str, after: str) -> None:
    spans = mark_differences(before, after)
    assert "".join(s.text for s in spans if s.mark is not Mark.INSERTED) == before
    assert "".join(s.text for s in spans if s.mark is not Mark.DELETED) == after
    assert all(span.text for span in spans)


@MODEST
@given(texts, texts)
def test_no_letter_is_parted_from_the_marks_on_it(before: str, after: str) -> None:
    """A run may begin with a mark only where its text does, or a line of it."""
    spans = mark_differences(before, after)
    for mark in (Mark.DELETED, Mark.INSERTED):
        behind = "\n"
        for span in (s for s in spans if s.mark in (Mark.SAME, mark)):
            floats = unicodedata.category(span.text[0])[0] == "M" or span.text[0] == "ำ"
            assert not floats or len((behind + "x").splitlines()) == 2
            behind = span.text[-1]


def test_long_texts_take_no_time_worth_telling() -> None:
    """The worst that 6,000 characters can be, and far more than a form takes; quadratic work would take minutes."""
    dice = random.Random(7)
    letters = ["".join(dice.choice("กขคงาิี่ ") for _ in range(6000)) for _ in range(2)]
    cases = [
        ("ก" * 6000, "ก" * 5999 + "ข"),
        (letters[0], letters[1]),
        ("a b " * 1500, "b a " * 1500),
        ("ตากลม" * 1200, "ลมตาก" * 1200),
        ("ก" * 400_000, "ข " * 200_000),
    ]
    mark_differences("ระบบ", "ข้อมูล")  # the dictionary is read once
    for before, after in cases:
        start = time.perf_counter()
        mark_differences(before, after)
        assert time.perf_counter() - start < 1


def test_shortened_text_keeps_the_surroundings_of_each_difference() -> None:
    before = "ก" * 500 + " เดิม " + "ข" * 500 + " จบ"
    spans = shorten(mark_differences(before, before.replace("เดิม", "ใหม่")), around=10)
    assert "".join(s.text for s in spans if s.mark is not Mark.INSERTED) == before
    assert [s.mark for s in spans] == [
        Mark.SKIPPED,
        Mark.SAME,
        Mark.DELETED,
        Mark.INSERTED,
        Mark.SAME,
        Mark.SKIPPED,
    ]
    assert max(len(s.text) for s in spans if s.mark is Mark.SAME) <= 12


def test_shortened_text_is_not_cut_inside_a_letter() -> None:
    spans = shorten(mark_differences("กี่" * 200, "กี่" * 200 + " ใหม่"), around=10)
    assert spans[1].text.startswith("ก")


# --- fields


def test_choices_are_told_by_the_names_of_the_call() -> None:
    change = only(compare("plan", {"guideline": "1.1"}, {"guideline": "2.1"}))
    assert change.place == "plan-guideline"
    assert isinstance(change.before, Text)
    assert change.before.th.startswith("1.1 ")
    assert change.before == Text(
        f"1.1 {PLAN.name('guidelines', '1.1').th}", f"1.1 {PLAN.name('guidelines', '1.1').en}"
    )
    assert change.marks == ()


def test_unknown_codes_and_keys_stand_for_themselves() -> None:
    old = {"stage": "", "guideline": "9.9", "later_idea": "ก"}
    new = {"stage": "upstream", "guideline": "", "later_idea": "ข", "more": 3}
    changes = {c.place: c for c in compare("plan", old, new).changes}
    assert set(changes) == {"plan-stage", "plan-guideline", "plan-later_idea", "plan-more"}
    assert changes["plan-guideline"].before == Text("9.9", "9.9") or changes["plan-guideline"].before == "9.9"
    assert changes["plan-later_idea"].name == Text("later_idea", "later_idea")
    assert (changes["plan-more"].before, changes["plan-more"].after) == ("", "3")


LISTS: list[tuple[list[str], list[str], tuple[Any, ...] | None, tuple[Any, ...]]] = [
    (["beta"], ["beta"], None, ()),
    ([], ["beta"], (BETA.name,), ()),
    (["beta", "gone"], ["alpha"], (ALPHA.name,), (BETA.name, "gone")),
    (["alpha", "beta"], ["beta", "alpha"], (), ()),
]


@pytest.mark.parametrize(("before", "after", "added", "removed"), LISTS)
def test_lists_of_agencies_tell_who_came_and_who_went(
    before: list[str], after: list[str], added: tuple[Any, ...] | None, removed: tuple[Any, ...]
) -> None:
    comparison = compare("names", {"participants": before}, {"participants": after})
    if added is None:
        assert comparison.is_empty
        return
    change = only(comparison)
    assert isinstance(change, ListChange)
    assert (change.added, change.removed) == (added, removed)


def test_a_flag_is_yes_or_no() -> None:
    change = only(compare("integration", {"service_all": False}, {"service_all": True}))
    assert (change.before.en, change.after.en) == ("No", "Yes")


def test_what_could_not_be_read_is_shown_as_it_was_typed() -> None:
    old = {"rows": [budget_row()]}
    new = {"rows": [budget_row(quantity="")], "unread": {"budget-1-quantity": "สองเครื่อง"}}
    table = only(compare("budget", old, new))
    quantity = next(c for c in table.rows[0].cells if c.place == "budget-1-quantity")
    assert (quantity.before, quantity.after) == ("2", "สองเครื่อง")
    assert (quantity.before_unread, quantity.after_unread) == (False, True)


def test_what_could_not_be_read_and_stands_nowhere_is_shown_too() -> None:
    new = {"rows": [], "unread": {"budget-9-item": "ก\x00ข", "elsewhere": "?"}}
    changes = compare("budget", {"rows": []}, new).changes
    assert [(c.place, c.after) for c in changes if isinstance(c, FieldChange)] == [
        ("budget-9-item", "ก\x00ข"),
        ("elsewhere", "?"),
    ]
    assert changes[0].name == Text("รายการที่ 9 รายการ", "Line 9, item")


def test_places_are_told_in_words() -> None:
    assert name_of("integration-2-partner").en == "Link 2, partner"
    assert name_of("budget-3").en == "Line 3"
    assert name_of("names-title_th").en == "Project name in Thai"
    assert name_of("budget-rows").en == "Budget lines"
    assert name_of("nothing at all").en == "nothing at all"


# --- tables

A, B, C = (
    budget_row(item="ระบบคอมพิวเตอร์แม่ข่าย"),
    budget_row(item="ค่าจ้างพัฒนาระบบ", agency="beta", quantity="1", unit="งาน", unit_price="7.50", q1="7.50"),
    budget_row(item="อบรมผู้ใช้งาน", category="operations", quantity="30", unit="คน", unit_price="100.00"),
)
NEW = budget_row(item="ค่าเช่าเครือข่าย", quantity="12", unit="เดือน", unit_price="3.25", q1="", q4="39.00")


def summary(table: TableChange) -> list[tuple[str, int | None, int | None]]:
    return [(row.kind.value, row.before_number, row.after_number) for row in table.rows]


ROWS: list[tuple[list[Any], list[Any], list[tuple[str, int | None, int | None]]]] = [
    ([A, B], [A, B, NEW], [("added", None, 3)]),
    ([A, B, C], [A, C], [("removed", 2, None)]),
    ([A, B, C], [A, {**B, "unit": "ระบบ"}, C], [("changed", 2, 2)]),
    ([A, B, C], [C, A, B], [("moved", 3, 1)]),
    ([A, B, C], [{**C, "quantity": "40"}, A, B], [("changed", 3, 1)]),
    ([A, B], [A, NEW], [("removed", 2, None), ("added", None, 2)]),
    ([A, B, C], [NEW, {**A, "q1": "5.00"}, C], [("added", None, 1), ("changed", 1, 2), ("removed", 2, None)]),
    ([A, A, B], [A, B], [("removed", 2, None)]),
    ([], [A], [("added", None, 1)]),
    ([A], [], [("removed", 1, None)]),
]


@pytest.mark.parametrize(("before", "after", "found"), ROWS)
def test_rows_are_followed_wherever_they_stand(
    before: list[Any], after: list[Any], found: list[tuple[str, int | None, int | None]]
) -> None:
    assert sorted(summary(budget(before, after)), key=str) == sorted(found, key=str)


def test_changed_cells_tell_before_and_after_with_the_difference() -> None:
    table = budget([A], [{**A, "quantity": "3", "unit_price": "500000.00", "category": "operations"}])
    (row,) = table.rows
    cells = {c.place: (c.before, c.after, c.difference) for c in row.cells}
    assert cells["budget-1-quantity"] == ("2", "3", "+1")
    assert cells["budget-1-unit_price"] == ("500,000.50", "500,000.00", "−0.50")
    assert cells["budget-1"] == ("1,000,001.00", "1,500,000.00", "+499,999.00")  # the line's amount
    assert cells["budget-1-category"][2] == ""
    assert (row.title, row.owner, row.is_moved) == ("ระบบคอมพิวเตอร์แม่ข่าย", ALPHA.name, False)


def test_an_added_row_lists_what_it_holds_and_nothing_else() -> None:
    (row,) = budget([], [NEW]).rows
    assert {c.place.rpartition("-")[2] for c in row.cells} == {
        "agency",
        "category",
        "item",
        "quantity",
        "unit",
        "unit_price",
        "1",  # the amount
        "q2",
        "q4",
    }
    assert all(c.before == "" for c in row.cells)


def test_amounts_are_the_same_to_the_satang_however_they_are_written() -> None:
    typed = {**A, "unit_price": "500,000.5", "q1": "1000000", "q3": "0.00"}
    assert compare("budget", {"rows": [A]}, {"rows": [typed]}).is_empty


def test_totals_by_agency_to_the_satang() -> None:
    totals = budget([A, B], [{**A, "quantity": "1"}, {**B, "later1": "2.25"}, NEW]).totals
    assert totals is not None
    assert (totals.all.before, totals.all.after) == (1_000_001_00 + 750, 500_000_50 + 750 + 3900)
    assert [(t.name, t.difference) for t in totals.agencies] == [
        (ALPHA.name, 500_000_50 + 3900 - 1_000_001_00),
        (BETA.name, 0),
    ]
    assert (totals.later.before, totals.later.after) == (0, 225)
    assert totals.all.difference_said == signed_baht(totals.all.difference) == "−499,961.50"


def test_who_claims_an_indicator_may_be_told() -> None:
    own = {"name": "ชุดข้อมูล", "unit": "ชุด", "baseline": "0", "target": "5"}
    change = only(compare("indicators", {"rows": [own]}, {"rows": [own | {"agency": "beta"}]}))
    (cell,) = change.rows[0].cells
    assert (cell.before, cell.after) == ("", BETA.name)
    assert compare("indicators", {"rows": [own]}, {"rows": [own | {"agency": ""}]}).is_empty


@MODEST
@given(st.data())
def test_any_two_values_account_for_every_row(data: st.DataObject) -> None:
    section = data.draw(st.sampled_from(sorted(SECTION_VALUES)))
    before, after = (data.draw(SECTION_VALUES[section]) for _ in range(2))
    assert compare(section, before, before).is_empty
    found = compare(section, before, after)
    assert before != after or found.is_empty
    for table in (c for c in found.changes if isinstance(c, TableChange)):
        key = table.place.partition("-")[2]
        paired = table.unchanged + table.count_of("changed") + table.count_of("moved")
        assert paired + table.count_of("added") == len(after[key])
        assert paired + table.count_of("removed") == len(before[key])
        if table.totals:
            assert sum(t.difference for t in table.totals.agencies) == table.totals.all.difference
    assert found.count >= len(found.changes)


# --- documents


@MODEST
@given(DRAFTS, DRAFTS)
def test_drafts_are_compared_section_by_section_in_order(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    found = compare_drafts(before, after, PLAN, DIRECTORY)
    assert [s.section for s in found.sections] == list(SECTIONS)
    assert found.count == sum(s.count for s in found.changed)
    assert compare_drafts(after, after, PLAN, DIRECTORY).is_empty


def test_a_draft_is_told_from_nothing() -> None:
    found = compare_drafts(empty_draft(), complete_draft(), PLAN, DIRECTORY)
    assert [s.section for s in found.changed] == [s for s in SECTIONS if s != "attachments"]
    assert compare_drafts({}, empty_draft(), PLAN, {}).is_empty


def test_filings_are_compared_with_their_files() -> None:
    tor, quote = (
        AttachmentFacts("tor", "tor.pdf", 900, "a" * 64),
        AttachmentFacts("quotation", "q.pdf", 5, "b" * 64),
    )
    before = replace(COMPLETE, attachments=(tor, quote))
    after = replace(
        COMPLETE, title=Text("ชื่อใหม่", "New"), attachments=(replace(tor, size=901, sha256="c" * 64),)
    )
    found = compare_facts(before, after, PLAN)
    assert [s.section for s in found.changed] == ["names", "attachments"]
    table = found.changed[1].changes[0]
    assert isinstance(table, TableChange)
    assert [(row.kind.value, row.title) for row in table.rows] == [
        ("changed", "tor.pdf"),
        ("removed", "q.pdf"),
    ]
    assert found.changed[1].places >= {"attachments-1-sha256", "attachments-1-size"}


def test_what_a_partner_answered_is_compared() -> None:
    link = replace(COMPLETE.integration.links[0], agency="beta")
    before, after = (
        replace(
            COMPLETE, integration=replace(COMPLETE.integration, links=(replace(link, answer=a, own_money=m),))
        )
        for a, m in (("asked", None), ("confirmed", True))
    )
    table = compare_facts(before, after, PLAN).changed[0].changes[0]
    assert isinstance(table, TableChange)
    (row,) = table.rows
    assert row.owner == BETA.name
    assert {c.place: c.after.en for c in row.cells if isinstance(c.after, Text)} == {
        "integration-1-answer": "Confirmed by the partner",
        "integration-1-own_money": "Asks for money of its own",
    }


def test_parts_of_participants_are_compared() -> None:
    link = complete_draft()["integration"]["links"][0]
    before = {"links": {"rows": [link]}, "indicators": {"rows": []}, "budget": {"rows": [B]}}
    after = {**before, "links": {"rows": [{**link, "direction": "both"}]}, "budget": {"rows": []}}
    found = compare_parts(before, after, PLAN, DIRECTORY)
    assert [s.section for s in found.changed] == ["links", "budget"]
    assert found.changed[0].changes[0].place == "links-rows"
