"""Two versions side by side: what was added, taken out, moved, and every word that changed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calls.rules import read_prices, read_rulebook
from app.proposals.comparing import Mark
from app.screening.rulebooks import PARAMETERS
from app.screening.version_changes import (
    PARAMETER_NAMES,
    Became,
    EntryChange,
    compare_versions,
    say_parameter,
)
from tests.world import read_data

RULES = read_data("rulebook-2567.toml")
PRICES = read_data("prices-2567.toml")


def changed(change: Any) -> dict[str, EntryChange]:
    """What became of the entries that do not stay."""
    document = copy.deepcopy(RULES)
    change(document)
    comparison = compare_versions(read_rulebook(RULES), read_rulebook(document))
    assert sum(comparison.counts.values()) == len({r["code"] for d in (RULES, document) for r in d["rules"]})
    return {entry.code: entry for entry in comparison.changed}


def parts_of(entry: EntryChange) -> list[tuple[str, str | None, str | None]]:
    return [(p.name.en, p.before and p.before.en, p.after and p.after.en) for p in entry.parts]


def test_a_version_against_itself() -> None:
    rulebook = read_rulebook(RULES)
    comparison = compare_versions(rulebook, rulebook)
    assert comparison.is_empty
    assert comparison.counts == {Became.SAME: len(rulebook.rules)}


def test_a_rule_added_and_one_taken_out() -> None:
    def change(document: dict[str, Any]) -> None:
        document["rules"][2] |= {"code": "another"}

    gone_code = RULES["rules"][2]["code"]
    found = changed(change)
    assert [(e.became, e.before_number, e.after_number) for e in found.values()] == [
        (Became.REMOVED, 3, None),
        (Became.ADDED, None, 3),
    ]
    assert all(part.before is None for part in found["another"].parts)
    assert all(part.after is None for part in found[gone_code].parts)


def test_severity_parameters_basis_and_wording() -> None:
    def change(document: dict[str, Any]) -> None:
        rule = next(r for r in document["rules"] if r["code"] == "eligibility")
        rule["severity"] = "informs"
        rule["parameters"] = {"excluded_agencies": ["a", "b"]}
        rule["basis"] = {"th": "ฐานใหม่", "en": "New basis"}
        rule["reasons"]["may_file"]["en"] = "May file"
        del rule["reasons"]["no_ministry"]["remedy"]

    (entry,) = changed(change).values()
    assert (entry.became, entry.code) == (Became.CHANGED, "eligibility")
    names = [name for name, _, _ in parts_of(entry)]
    assert names == [
        "Weight",
        "Basis",
        "Agencies it takes nothing from (excluded_agencies)",
        "Wording may_file",
        "Ministries it takes nothing from (excluded_ministries)",
        "What would change it: no_ministry",
    ]
    assert parts_of(entry)[0] == ("Weight", "Decides", "Informs")
    assert parts_of(entry)[2][1:] == ("", "a, b")


def test_thai_is_marked_by_words_on_each_side() -> None:
    def change(document: dict[str, Any]) -> None:
        document["rules"][0]["basis"]["th"] = document["rules"][0]["basis"]["th"].replace("ปฏิทิน", "กำหนดการ")

    (entry,) = changed(change).values()
    (part,) = entry.parts
    before, after = part.side("th", after=False), part.side("th", after=True)
    assert "".join(span.text for span in before) == RULES["rules"][0]["basis"]["th"]
    assert [span.text for span in before if span.mark is Mark.DELETED] == ["ปฏิทิน"]
    assert [span.text for span in after if span.mark is Mark.INSERTED] == ["กำหนดการ"]
    assert [span.mark for span in part.side("en", after=True)] == [Mark.SAME]


MOVES: dict[str, tuple[str, str, set[str]]] = {
    # order before, order after, which moved
    "none": ("abcd", "abcd", set()),
    "the last to the front": ("abcd", "dabc", {"d"}),
    "the first to the end": ("abcd", "bcda", {"a"}),
    "two neighbours": ("abcd", "abdc", {"c"}),
    "all turned round": ("abc", "cba", {"b", "c"}),
    "one taken out": ("abcd", "acd", set()),
    "one put in between": ("abc", "axbc", set()),
    "one taken out and one moved": ("abcd", "dac", {"d"}),
}


def ordered(codes: str) -> Any:
    rule = RULES["rules"][0]
    return read_rulebook(RULES | {"rules": [rule | {"code": code} for code in codes]})


@pytest.mark.parametrize("name", MOVES)
def test_only_the_fewest_are_told_to_have_moved(name: str) -> None:
    before, after, moved = MOVES[name]
    comparison = compare_versions(ordered(before), ordered(after))
    found = {entry.code for entry in comparison.entries if entry.is_moved}
    assert len(found) == len(moved)
    if len(moved) < 2 and name != "two neighbours":
        assert found == moved


@given(st.permutations("abcdefg"), st.permutations("abcdefg"), st.integers(0, 7), st.integers(0, 7))
@settings(max_examples=80, deadline=None)
def test_every_entry_of_both_is_there_once(one: list[str], other: list[str], m: int, n: int) -> None:
    old, new = one[: m or 1], other[: n or 1]
    comparison = compare_versions(ordered("".join(old)), ordered("".join(new)))
    assert sorted(e.code for e in comparison.entries) == sorted({*old, *new})
    assert [e.code for e in comparison.entries if e.after_number] == new
    stayed = [
        e.before_number for e in comparison.entries if e.after_number and e.before_number and not e.is_moved
    ]
    assert stayed == sorted(stayed)  # those that did not move stand in their order


def test_price_lists() -> None:
    document = copy.deepcopy(PRICES)
    document["items"][0]["price_baht"] = "99,999.50"
    document["source"]["en"] = "Elsewhere"
    gone = document["items"].pop()["code"]
    comparison = compare_versions(read_prices(PRICES), read_prices(document))
    assert [part.name.en for part in comparison.head] == ["Source"]
    first, last = comparison.changed
    assert parts_of(first) == [("Price (baht)", "130,000.00", "99,999.50")]
    assert (last.code, last.became) == (gone, Became.REMOVED)


def test_a_rulebook_is_not_compared_with_a_price_list() -> None:
    with pytest.raises(ValueError, match="compared"):
        compare_versions(read_rulebook(RULES), read_prices(PRICES))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (True, "Yes"),
        (False, "No"),
        (3, "3"),
        ("x", "x"),
        ([], ""),
        (["a", 2], "a, 2"),
        ({"b": 5_000_000, "a": [2]}, "a: 2; b: 5,000,000"),
    ],
)
def test_parameters_in_one_line(value: Any, said: str) -> None:
    assert say_parameter(value).en == said


def test_every_parameter_has_words() -> None:
    assert {name for usable in PARAMETERS.values() for name in usable} == set(PARAMETER_NAMES)
