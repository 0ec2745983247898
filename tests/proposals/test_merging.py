"""Two people's changes brought together: nothing typed is ever lost, and nothing is guessed."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.canonical import canonical_json
from app.proposals.comparing.unread import Unread, fold, unfold
from app.proposals.drafts import empty_draft
from app.proposals.merging import Merged, merge_section, resolve, show_conflicts
from tests.proposals.any_drafts import SECTION_VALUES
from tests.proposals.made_up import BETA, DIRECTORY, GAMMA, PLAN
from tests.world import budget_row

THOROUGH = settings(max_examples=150, deadline=None)
Value = dict[str, Any]
TABLES = {"integration": "links", "links": "rows", "indicators": "rows", "budget": "rows"}
VALUES = SECTION_VALUES | {
    "links": SECTION_VALUES["integration"].map(lambda value: {"rows": value["links"]}),
}
SECTIONS = sorted(VALUES)


def leaves(value: Any) -> Iterator[str]:
    """Every text in a value, however deep."""
    if isinstance(value, Unread):
        yield from (*leaves(value.value), value.raw)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(inner)
    elif isinstance(value, str):
        yield value


def said(merged: Merged) -> set[str]:
    """Everything a merge holds, in its value or in a conflict."""
    conflicts = [(c.mine, c.theirs) for c in merged.conflicts]
    return {*leaves(merged.value), *leaves(conflicts)}


@st.composite
def edited(draw: st.DrawFn, section: str, base: Value, tag: str) -> Value:
    """What somebody made of `base`: fields typed over, rows added, removed and moved, codes chosen, some unreadable.
    Each typed text holds `tag` and is the only one of its kind."""
    value = copy.deepcopy(base)
    key = TABLES.get(section, "")
    count = iter(range(1000))

    def type_in(holder: Value, field: str, place: str) -> None:
        if draw(st.integers(0, 4)) == 0:
            holder[field] = ""
            value.setdefault("unread", {})[place] = f"?{tag}{next(count)}"
        else:
            holder[field] = f"{tag}{next(count)}"

    for _ in range(draw(st.integers(0, 4))):
        step = draw(st.sampled_from(["field", "cell", "cell", "add", "remove", "move", "codes"]))
        rows = value.get(key, [])
        if step == "field":
            texts = [k for k, v in value.items() if isinstance(v, str)]
            if texts:
                field = draw(st.sampled_from(texts))
                type_in(value, field, f"{section}-{field}")
        elif step == "codes":
            lists = [k for k, v in value.items() if isinstance(v, list) and k != key]
            if lists:
                field = draw(st.sampled_from(lists))
                value[field] = draw(
                    st.lists(st.sampled_from(["alpha", "beta", "gamma", f"{tag}code"]), unique=True)
                )
        elif key and step == "add":
            fields = base[key][0] if base[key] else {"name": "", "item": ""}
            row = dict.fromkeys(fields, "")
            row[draw(st.sampled_from(sorted(row)))] = f"{tag}{next(count)}"
            rows.insert(draw(st.integers(0, len(rows))), row)
            value.pop("unread", None)  # rows were renumbered
        elif rows and step == "cell":
            n = draw(st.integers(1, len(rows)))
            field = draw(st.sampled_from(sorted(rows[n - 1])))
            type_in(rows[n - 1], field, f"{section}-{n}-{field}")
        elif rows and step == "remove":
            rows.pop(draw(st.integers(0, len(rows) - 1)))
            value.pop("unread", None)
        elif rows and step == "move":
            rows.insert(draw(st.integers(0, len(rows) - 1)), rows.pop(draw(st.integers(0, len(rows) - 1))))
            value.pop("unread", None)
    return value


@st.composite
def three(draw: st.DrawFn) -> tuple[str, Value, Value, Value]:
    """(section, base, mine, theirs)."""
    section = draw(st.sampled_from(SECTIONS))
    base = draw(VALUES[section])
    return section, base, draw(edited(section, base, "M")), draw(edited(section, base, "T"))


@st.composite
def strangers(draw: st.DrawFn) -> tuple[str, Value, Value, Value]:
    """Three values that have nothing to do with each other."""
    section = draw(st.sampled_from(SECTIONS))
    return section, *(draw(VALUES[section]) for _ in range(3))  # type: ignore[return-value]


@THOROUGH
@given(three() | strangers())
def test_nothing_anybody_typed_is_ever_lost(case: tuple[str, Value, Value, Value]) -> None:
    section, base, mine, theirs = case
    merged = merge_section(section, base, mine, theirs)
    held, begun = said(merged), set(leaves(base))
    assert {*leaves(mine)} - begun <= held
    assert {*leaves(theirs)} - begun <= held


@THOROUGH
@given(three() | strangers())
def test_each_choice_keeps_all_that_its_side_typed(case: tuple[str, Value, Value, Value]) -> None:
    section, base, mine, theirs = case
    merged = merge_section(section, base, mine, theirs)
    begun = set(leaves(base))
    for choice, side in (("mine", mine), ("theirs", theirs)):
        value = resolve(merged, {c.place: choice for c in merged.conflicts})
        assert {*leaves(side)} - begun <= {*leaves(value)}
        assert fold(section, value) == fold(section, unfold(section, fold(section, value)))


@THOROUGH
@given(three())
def test_one_sided_changes_come_through_exactly(case: tuple[str, Value, Value, Value]) -> None:
    section, base, mine, _ = case
    for merged in (
        merge_section(section, base, mine, base),
        merge_section(section, base, base, mine),
        merge_section(section, base, mine, mine),
    ):
        assert merged.value == mine
        assert merged.conflicts == ()
    assert merge_section(section, base, mine, base).taken == ()
    assert bool(merge_section(section, base, base, mine).taken) == (mine != base) or _reordered(base, mine)


def _reordered(base: Value, mine: Value) -> bool:
    """Whether only the order of codes or rows differs."""
    return Counter(leaves(base)) == Counter(leaves(mine))


@THOROUGH
@given(three() | strangers())
def test_it_does_not_matter_who_comes_second(case: tuple[str, Value, Value, Value]) -> None:
    section, base, mine, theirs = case
    one, other = merge_section(section, base, mine, theirs), merge_section(section, base, theirs, mine)

    def conflicts(merged: Merged, *, swap: bool) -> Counter[Any]:
        return Counter(
            (c.kind, c.key, str(c.base), *(map(str, (c.theirs, c.mine) if swap else (c.mine, c.theirs))))
            for c in merged.conflicts
        )

    assert conflicts(one, swap=False) == conflicts(other, swap=True)
    if not one.conflicts:
        assert _contents(section, one.value) == _contents(section, other.value)


def _contents(section: str, value: Value) -> Value:
    """A value without the order of its rows and codes."""
    return {
        key: Counter(canonical_json(_plain(item)) for item in held) if isinstance(held, list) else held
        for key, held in fold(section, value).items()
    }


def _plain(item: Any) -> Any:
    if isinstance(item, dict):
        return {k: [v.value, v.raw] if isinstance(v, Unread) else v for k, v in item.items()}
    return item


ITEMS = ("เครื่องแม่ข่าย", "ค่าจ้างพัฒนาระบบ", "อบรมผู้ใช้งาน", "ค่าเช่าเครือข่าย", "ซอฟต์แวร์ฐานข้อมูล", "ที่ปรึกษา")


@THOROUGH
@given(st.data())
def test_edits_that_do_not_touch_are_both_in(data: st.DataObject) -> None:
    """Different cells of any rows, rows added by both, rows removed that the other side left alone."""
    base = [budget_row(item=item, quantity=str(n + 2)) for n, item in enumerate(ITEMS)]
    mine, theirs, wanted = copy.deepcopy(base), copy.deepcopy(base), copy.deepcopy(base)
    numbers = st.sets(st.integers(0, len(base) - 1), max_size=4)
    for n in data.draw(numbers):
        mine[n]["unit_price"] = wanted[n]["unit_price"] = f"{n}77.00"
    for n in data.draw(numbers):
        theirs[n]["q1"] = wanted[n]["q1"] = f"{n}88.00"
    untouched = [n for n in range(len(base)) if wanted[n] == base[n]]
    gone = data.draw(st.sets(st.sampled_from(untouched))) if untouched else set()
    by_mine = {n for n in gone if data.draw(st.booleans())}
    mine = [row for n, row in enumerate(mine) if n not in by_mine]
    theirs = [row for n, row in enumerate(theirs) if n not in gone - by_mine]
    added = [budget_row(item=f"รายการใหม่ของ{who}", quantity="", q1="") for who in ("ฉัน", "เขา")]
    merged = merge_section(
        "budget", {"rows": base}, {"rows": [*mine, added[0]]}, {"rows": [*theirs, added[1]]}
    )
    assert merged.conflicts == ()
    kept = [row for n, row in enumerate(wanted) if n not in gone]
    assert [row for row in merged.value["rows"] if row not in added] == kept
    assert sorted(row["item"] for row in merged.value["rows"] if row in added) == sorted(
        r["item"] for r in added
    )


@THOROUGH
@given(three())
def test_what_was_not_in_conflict_stays_whatever_is_chosen(case: tuple[str, Value, Value, Value]) -> None:
    section, base, mine, theirs = case
    merged = merge_section(section, base, mine, theirs)
    for choice in ("mine", "theirs"):
        value = resolve(merged, {c.place: choice for c in merged.conflicts})
        fields = {c.place for c in merged.conflicts}
        for key, held in merged.value.items():
            if isinstance(held, str) and f"{section}-{key}" not in fields:
                assert value[key] == held


# --- by hand

NAMES = empty_draft()["names"]
ROW = budget_row(item="เครื่องแม่ข่าย")
OTHER = budget_row(item="ค่าจ้างพัฒนาระบบ", quantity="1", unit_price="9.00", q1="9.00")
THIRD = budget_row(item="อบรมผู้ใช้งาน", quantity="30", unit="คน", unit_price="4.00", q1="120.00")
REWRITTEN = budget_row(
    item="ที่ปรึกษาโครงการ",
    agency="beta",
    category="operations",
    quantity="5",
    unit="คน",
    unit_price="1.00",
    q1="5.00",
)


def rows(*several: Value) -> Value:
    return {"rows": list(several)}


def merge(base: Value, mine: Value, theirs: Value) -> Merged:
    return merge_section("budget", base, mine, theirs)


def places(merged: Merged) -> list[tuple[str, str]]:
    return [(c.place, c.kind) for c in merged.conflicts]


def test_the_same_field_changed_by_both_is_a_conflict_with_all_three_texts() -> None:
    base, mine, theirs = (
        {**NAMES, "title_th": text, "title_en": text} for text in ("เดิม", "ของฉัน", "ของเขา")
    )
    mine["title_en"] = "เดิม"
    merged = merge_section("names", base, mine, theirs)
    (conflict,) = merged.conflicts
    assert (conflict.place, conflict.base, conflict.mine, conflict.theirs) == (
        "names-title_th",
        "เดิม",
        "ของฉัน",
        "ของเขา",
    )
    assert merged.value["title_th"] == "ของฉัน"
    assert merged.value["title_en"] == "ของเขา"
    assert merged.taken == ("names-title_en",)
    assert resolve(merged, {"names-title_th": "theirs"})["title_th"] == "ของเขา"


LISTS = [
    (["a", "b"], ["a", "b", "c"], ["b", "a", "d"], ["a", "b", "c", "d"]),
    (["a", "b"], ["b"], ["a", "b", "c"], ["b", "c"]),
    (["a", "b"], ["b"], ["a"], []),
    (["a"], ["b", "a"], ["a"], ["b", "a"]),
    ([], ["a"], ["a"], ["a"]),
    ([], ["a", "b"], ["b", "c"], ["a", "b", "c"]),
]


@pytest.mark.parametrize(("base", "mine", "theirs", "both"), LISTS)
def test_lists_are_merged_as_additions_and_removals(
    base: list[str], mine: list[str], theirs: list[str], both: list[str]
) -> None:
    merged = merge_section("names", *({**NAMES, "participants": codes} for codes in (base, mine, theirs)))
    assert merged.conflicts == ()
    assert merged.value["participants"] == both
    assert ("names-participants" in merged.taken) == (set(both) != set(mine))


def test_two_cells_of_one_row_come_together() -> None:
    merged = merge(rows(ROW, OTHER), rows({**ROW, "q3": "5.00"}, OTHER), rows({**ROW, "unit": "ชุด"}, OTHER))
    assert merged.value == rows({**ROW, "q3": "5.00", "unit": "ชุด"}, OTHER)
    assert merged.taken == ("budget-1-unit",)


def test_one_cell_changed_by_both_is_a_conflict_of_that_cell() -> None:
    merged = merge(rows(ROW), rows({**ROW, "q3": "5.00", "unit": "ชุด"}), rows({**ROW, "q3": "6.00"}))
    assert places(merged) == [("budget-1-q3", "field")]
    assert resolve(merged, {"budget-1-q3": "theirs"}) == rows({**ROW, "q3": "6.00", "unit": "ชุด"})


def test_a_row_removed_by_one_and_changed_by_the_other_is_chosen_whole() -> None:
    changed = {**ROW, "q3": "5.00"}
    gone = merge(rows(ROW, OTHER), rows(OTHER), rows(changed, OTHER))
    assert places(gone) == [("budget-1", "row")]
    assert gone.value == rows(changed, OTHER)
    assert resolve(gone, {"budget-1": "mine"}) == rows(OTHER)
    assert resolve(gone, {"budget-1": "theirs"}) == rows(changed, OTHER)


def test_a_row_removed_by_one_and_left_alone_by_the_other_is_gone() -> None:
    merged = merge(rows(ROW, OTHER), rows(ROW, {**OTHER, "unit": "ชุด"}), rows(OTHER))
    assert merged.value == rows({**OTHER, "unit": "ชุด"})
    assert set(merged.taken) == {"budget-rows"}


def test_rows_added_by_both_stand_behind_each_other() -> None:
    merged = merge(rows(ROW), rows(ROW, OTHER), rows(ROW, THIRD))
    assert merged.value == rows(ROW, OTHER, THIRD)
    assert merged.taken == ("budget-3",)


def test_the_same_row_added_by_both_is_there_once() -> None:
    merged = merge(rows(ROW), rows(ROW, OTHER), rows(ROW, OTHER))
    assert (merged.value, merged.conflicts) == (rows(ROW, OTHER), ())
    merged = merge(rows(ROW), rows(ROW, OTHER, THIRD), rows(ROW, OTHER))
    assert (merged.value, merged.conflicts) == (rows(ROW, OTHER, THIRD), ())


def test_the_same_item_added_by_both_with_other_amounts_is_a_conflict() -> None:
    twin = {**OTHER, "unit_price": "8.00"}
    merged = merge(rows(ROW), rows(ROW, OTHER), rows(ROW, twin))
    assert places(merged) == [("budget-2", "row")]
    assert merged.conflicts[0].base is None
    assert resolve(merged, {"budget-2": "theirs"}) == rows(ROW, twin)


def test_cells_of_a_rewritten_row_are_not_mixed_with_those_of_the_old_one() -> None:
    """One side wrote another line over the first; the other side mended the price of the first."""
    merged = merge(rows(ROW, OTHER), rows(REWRITTEN, OTHER), rows({**ROW, "unit_price": "3.00"}, OTHER))
    assert places(merged) == [("budget-1", "row")]
    assert merged.value == rows(REWRITTEN, OTHER)


def test_rows_nobody_can_tell_apart_are_one_conflict_of_the_table() -> None:
    merged = merge(rows(ROW, OTHER), rows(REWRITTEN), rows({**ROW, "q3": "5.00"}, OTHER))
    assert places(merged) == [("budget-rows", "table")]
    assert merged.value == rows(REWRITTEN)
    assert resolve(merged, {"budget-rows": "theirs"}) == rows({**ROW, "q3": "5.00"}, OTHER)


def test_a_row_rewritten_by_both_is_chosen_whole_and_several_as_a_table() -> None:
    one = merge(rows(ROW), rows(REWRITTEN), rows(THIRD))
    assert places(one) == [("budget-1", "row")]
    assert resolve(one, {"budget-1": "theirs"}) == rows(THIRD)
    several = merge(rows(ROW, OTHER), rows(REWRITTEN), rows(THIRD))
    assert places(several) == [("budget-rows", "table")]


def test_a_row_moved_by_one_keeps_the_change_of_the_other() -> None:
    merged = merge(
        rows(ROW, OTHER, THIRD), rows(THIRD, ROW, OTHER), rows(ROW, OTHER, {**THIRD, "unit": "รุ่น"})
    )
    assert (merged.value, merged.conflicts) == (rows({**THIRD, "unit": "รุ่น"}, ROW, OTHER), ())
    both = merge(rows(ROW, OTHER, THIRD), rows(THIRD, ROW, OTHER), rows(OTHER, ROW, THIRD))
    assert places(both) == [("budget-rows", "table")]


def test_what_could_not_be_read_moves_with_its_row() -> None:
    unread = {**rows(ROW, {**OTHER, "quantity": ""}), "unread": {"budget-2-quantity": "สองสามงาน"}}
    merged = merge(rows(ROW, OTHER), unread, rows(OTHER))
    assert merged.value == {**rows({**OTHER, "quantity": ""}), "unread": {"budget-1-quantity": "สองสามงาน"}}


def test_an_unreadable_text_against_a_readable_one_is_a_conflict() -> None:
    unread = {**rows({**ROW, "quantity": ""}), "unread": {"budget-1-quantity": "สอง"}}
    merged = merge(rows(ROW), unread, rows({**ROW, "quantity": "7"}))
    assert places(merged) == [("budget-1-quantity", "field")]
    assert resolve(merged, {"budget-1-quantity": "mine"}) == unread
    assert resolve(merged, {"budget-1-quantity": "theirs"}) == rows({**ROW, "quantity": "7"})


def test_a_conflict_without_a_choice_is_not_resolved() -> None:
    merged = merge(rows(ROW), rows({**ROW, "unit": "ก"}), rows({**ROW, "unit": "ข"}))
    for choices in ({}, {"budget-1-unit": "both"}, {"budget-1-q1": "mine"}):
        with pytest.raises(ValueError, match="budget-1-unit"):
            resolve(merged, choices)


# --- shown


def test_conflicts_are_shown_by_names_with_what_differs() -> None:
    own = {**ROW, "unit": "เครื่อง", "agency": "gamma", "unit_price": "7.00"}
    merged = merge(
        rows(ROW), rows(own), rows({**own, "unit": "ชุด", "agency": "beta", "unit_price": "1234.50"})
    )
    shown = {c.place: c for c in show_conflicts(merged.conflicts, PLAN, DIRECTORY)}
    agency, price, unit = (shown[f"budget-1-{key}"] for key in ("agency", "unit_price", "unit"))
    assert agency.mine.cells[0].words == GAMMA.name
    assert agency.theirs.cells[0].words == BETA.name
    assert (price.base.cells[0].words, price.theirs.cells[0].words) == ("500,000.50", "1,234.50")
    assert price.mine.cells[0].is_number
    assert "".join(s.text for s in unit.mine.cells[0].marks) == "เครื่อง"


def test_row_and_table_conflicts_are_shown_with_both_sides() -> None:
    gone = merge(rows(ROW, OTHER), rows(OTHER), rows({**ROW, "q3": "5.00"}, OTHER))
    (row,) = show_conflicts(gone.conflicts, PLAN, DIRECTORY)
    assert row.mine.is_gone
    assert {c.name.en: c.words for c in row.theirs.cells}["Quarter 3"] == "5.00"
    whole = merge(rows(ROW, OTHER), rows(REWRITTEN), rows({**ROW, "q3": "5.00"}, OTHER))
    (table,) = show_conflicts(whole.conflicts, PLAN, DIRECTORY)
    assert table.mine.table is not None
    assert table.theirs.table is not None
    assert (table.mine.table.count_of("removed"), table.theirs.table.count_of("changed")) == (2, 1)
