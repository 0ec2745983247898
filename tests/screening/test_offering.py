"""A file offered as a version of the rules: everything wrong with it is told at once, each with its line."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calls.facts import DocumentKind
from app.calls.toml_text import FileRefused, write_toml
from app.screening.offering import read_offer
from tests.world import DATA, read_data

GOOD = (DATA / "rulebook-2567.toml").read_text(encoding="utf-8")
PRICES = (DATA / "prices-2567.toml").read_text(encoding="utf-8")
DOCUMENT = read_data("rulebook-2567.toml")
NUMBER = {rule["code"]: n for n, rule in enumerate(DOCUMENT["rules"], 1)}


def told(text: str) -> list[tuple[str, str, str]]:
    """(the row it points at, key, reason) of every fault."""
    try:
        read_offer(text.encode())
    except FileRefused as refusal:
        rows = text.split("\n")
        return [(rows[f.line - 1] if f.line else "", f.key, f.text.en) for f in refusal.faults]
    return []


def test_the_files_of_the_repository_can_be_offered() -> None:
    offer = read_offer(GOOD.encode())
    assert (offer.kind, offer.value.code, offer.document) == (DocumentKind.RULEBOOK, "dgi-rules", DOCUMENT)
    assert read_offer(PRICES.encode()).kind is DocumentKind.PRICES
    assert read_offer(write_toml(DOCUMENT).encode()).document == DOCUMENT


Fault = tuple[Callable[[str], str], str, str, str]


def swap(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


def rule(code: str, rest: str) -> str:
    return f"rules[{NUMBER[code]}].{rest}"


FAULTS: dict[str, Fault] = {
    "unknown check": (
        swap('check = "sums"', 'check = "suns"'),
        'check = "suns"',
        rule("sums", "check"),
        "no check",
    ),
    "no check": (swap('check = "sums"\n', ""), "[[rules]]", rule("sums", "check"), "must be text"),
    "check is a number": (
        swap('check = "sums"', "check = 3"),
        "check = 3",
        rule("sums", "check"),
        "must be text",
    ),
    "wrong severity": (
        swap('severity = "decides"', 'severity = "decide"'),
        'severity = "decide"',
        "rules[1].severity",
        "decides or informs",
    ),
    "misspelt key": (
        swap('severity = "decides"', 'severty = "informs"'),
        'severty = "informs"',
        "rules[1].severty",
        "not a known key; known are: basis, check, code",
    ),
    "misspelt key of the file": (swap("title =", "titel ="), "titel =", "titel", "not a known key"),
    "misspelt language": (
        swap('en = "Every part is filled in"', 'eng = "Every part is filled in"'),
        "eng =",
        rule("complete", "reasons.complete.eng"),
        "not a known key",
    ),
    "wording missing": (
        swap("[rules.reasons.exact]", "[rules.reasons.exakt]"),
        "[rules.reasons.exakt]",
        rule("sums", "reasons.exact"),
        "is missing",
    ),
    "one language missing": (
        swap('en = "Every part is filled in"', ""),
        "[rules.reasons.complete]",
        rule("complete", "reasons.complete.text"),
        "both th and en",
    ),
    "value the wording does not have": (
        swap("{arrived}, within the window", "{arived}, within the window"),
        "[rules.reasons.inside]",
        rule("window", "reasons.inside"),
        "may name in braces only: arrived",
    ),
    "looks into a value": (
        swap("{arrived}, within", "{arrived.__class__.__mro__}, within"),
        "[rules.reasons.inside]",
        rule("window", "reasons.inside"),
        "may name in braces only",
    ),
    "formats a value": (
        swap("{arrived}, within", "{arrived!r:>9999999}, within"),
        "[rules.reasons.inside]",
        rule("window", "reasons.inside"),
        "may name in braces only",
    ),
    "brace not closed": (
        swap("{arrived}, within", "{arrived, within"),
        "[rules.reasons.inside]",
        rule("window", "reasons.inside"),
        "may name in braces only",
    ),
    "unknown parameter": (
        swap("excluded_ministries = []", "excluded_planets = []"),
        "excluded_planets = []",
        rule("eligibility", "parameters.excluded_planets"),
        "not a known parameter",
    ),
    "parameter of the wrong kind": (
        swap("excluded_agencies = []", 'excluded_agencies = "alpha"'),
        'excluded_agencies = "alpha"',
        rule("eligibility", "parameters.excluded_agencies"),
        "cannot be used",
    ),
    "parameter with decimals": (
        swap("excluded_agencies = []", "excluded_agencies = 1.5"),
        "excluded_agencies = 1.5",
        rule("eligibility", "parameters.excluded_agencies"),
        "decimals",
    ),
    "code twice": (
        swap('code = "eligibility"', 'code = "window"'),
        'code = "window"',
        rule("eligibility", "code"),
        "stands at entry 1 already",
    ),
    "code with blanks": (
        swap('code = "sums"', 'code = "s ums"'),
        'code = "s ums"',
        rule("sums", "code"),
        "a code has",
    ),
    "code too long": (
        swap('code = "dgi-rules"', f'code = "{"x" * 41}"'),
        'code = "xxx',
        "code",
        "at most 40 characters",
    ),
    "version 0": (swap("version = 3", "version = 0"), "version = 0", "version", "from 1 to 10000"),
    "version in words": (swap("version = 3", 'version = "3"'), 'version = "3"', "version", "whole number"),
    "neither rules nor items": (lambda _: 'code = "x"', "", "", "neither the [[rules]]"),
    "rules is no list": (
        lambda _: 'code = "x"\nversion = 1\ntitle = {th="ก",en="A"}\nrules = 3',
        "rules = 3",
        "rules",
        "list",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_line_key_and_reason(name: str) -> None:
    change, row, key, reason = FAULTS[name]
    broken = change(GOOD)
    assert broken != GOOD
    found = [f for f in told(broken) if f[1] == key]
    ((where, _, why),) = found
    assert where.startswith(row)
    assert reason in why
    assert len(told(broken)) <= 2  # what follows from a fault is not told beside it


def test_all_faults_are_told_at_once_in_the_order_of_the_lines() -> None:
    broken = GOOD
    chosen = (
        "misspelt key",
        "unknown parameter",
        "wording missing",
        "code too long",
        "value the wording does not have",
    )
    for name in chosen:
        broken = FAULTS[name][0](broken)
    with pytest.raises(FileRefused) as refusal:
        read_offer(broken.encode())
    assert {fault.key for fault in refusal.value.faults} >= {FAULTS[name][2] for name in chosen}
    lines = [fault.line for fault in refusal.value.faults]
    assert lines == sorted(lines)
    assert len(refusal.value.problems) == len(lines)


def test_faults_of_two_rules_of_one_code_are_each_told_where_they_stand() -> None:
    broken = GOOD.replace('code = "eligibility"', 'code = "window"', 1)
    broken = broken.replace("[rules.reasons.may_file]", "[rules.reasons.may_flie]", 1)
    assert {key for _, key, _ in told(broken)} >= {
        rule("eligibility", "code"),
        rule("eligibility", "reasons.may_file"),
    }


def test_too_many_rules_and_too_many_faults_are_cut_short() -> None:
    (fault,) = told("[[rules]]\n" * 501)
    assert "more than 500" in fault[2]
    faults = told("[[rules]]\n" * 500)
    assert len(faults) == 301
    assert re.search(r"\d+ more are not shown", faults[-1][2])


PRICE_FAULTS = {
    "price in letters": (swap('"130,000.00"', '"a lot"'), "items[1].price_baht", "must be a number"),
    "price of nothing": (swap('"130,000.00"', '"0"'), "items[1].price_baht", "more than nothing"),
    "price as a number": (swap('"130,000.00"', "130000"), "items[1].price_baht", "must be text"),
    "no words": (
        swap('words = [["เครื่องคอมพิวเตอร์แม่ข่าย", "แบบที่ 1"]]', "words = []"),
        "items[1].words",
        "list of lists",
    ),
    "words not in lists": (
        swap('words = [["เครื่องคอมพิวเตอร์แม่ข่าย", "แบบที่ 1"]]', 'words = ["a"]'),
        "items[1].words",
        "list of lists",
    ),
    "misspelt key": (swap("but =", "bot ="), "items[1].bot", "not a known key"),
    "both lists": (lambda text: text + "\n[[rules]]\n", "", "not both"),
}


@pytest.mark.parametrize("name", PRICE_FAULTS)
def test_faults_of_a_price_list(name: str) -> None:
    change, key, reason = PRICE_FAULTS[name]
    found = [f for f in told(change(PRICES)) if f[1] == key]
    assert found, told(change(PRICES))
    assert reason in found[0][2]


ANYTHING = st.recursive(
    st.one_of(
        st.text(max_size=8),
        st.integers(-(10**6), 10**6),
        st.booleans(),
        st.sampled_from(["{", "{0}", "{partner}", "{a.b}", "x" * 300, "decides"]),
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["th", "en", "remedy", "code", "x", "ก"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def _spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [spot for key, inner in items for spot in ((*path, key), *_spots(inner, (*path, key)))]


SPOTS = _spots(DOCUMENT)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_stands_where_it_should_not_is_told_on_its_own_line(data: st.DataObject) -> None:
    """Values replaced and keys taken out anywhere: no fault but a sentence, and a key that is there is on its line."""
    document = copy.deepcopy(DOCUMENT)
    for spot in data.draw(st.lists(st.sampled_from(SPOTS), min_size=1, max_size=3)):
        holder: Any = document
        try:
            for key in spot[:-1]:
                holder = holder[key]
            if data.draw(st.booleans()) and isinstance(holder, dict):
                del holder[spot[-1]]
            else:
                holder[spot[-1]] = data.draw(ANYTHING)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took it away
    text = write_toml(document)
    for row, key, why in told(text):
        assert why
        last = key.split(".")[-1]
        if last and _at(document, key):
            assert last.split("[")[0] in row or row.startswith("[["), (row, key)


def _at(document: Any, place: str) -> bool:
    """Whether a key stands in the document."""
    value = document
    for part in re.findall(r"[^.\[\]]+", place):
        try:
            value = value[int(part) - 1] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError, ValueError):
            return False
    return True
