"""Whether a file somebody offers can be a version of a rulebook or price list: everything wrong with it, by line.

In: the bytes as they were sent. Out: the kind, the values and the document they make.
Why: who writes rules mends a file once, not fault by fault; and what would break a screening never gets in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from app.calls.facts import DocumentKind, PriceList, ReferencePrice, Rulebook, RuleEntry
from app.calls.locating import Lines
from app.calls.rules import gather_prices, gather_rulebook
from app.calls.toml_text import FileFault, FileRefused, TomlFile, read_toml_text
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.screening.rulebooks import check_rulebook

_MOST_ENTRIES = 500
_MOST_FAULTS = 300
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
_LISTS = {DocumentKind.RULEBOOK: "rules", DocumentKind.PRICES: "items"}
_WORDS = frozenset({"th", "en"})
_REASON = frozenset({"th", "en", "remedy"})

NEITHER = Text(
    "แฟ้มนี้ไม่มีทั้ง [[rules]] ของข้อกำหนดการกลั่นกรอง และ [[items]] ของบัญชีราคากลาง",
    "The file has neither the [[rules]] of a rulebook nor the [[items]] of a price list",
)
BOTH = Text(
    "แฟ้มหนึ่งมีได้เพียงอย่างเดียว คือ [[rules]] หรือ [[items]]", "A file has either [[rules]] or [[items]], not both"
)
TOO_MANY = Text("มีเกิน {most} รายการ", "There are more than {most} entries")
BAD_CODE = Text(
    "รหัสใช้ได้เฉพาะ A-Z a-z 0-9 . _ - ไม่เกิน 40 ตัวอักษร",
    "a code has only A-Z a-z 0-9 . _ - and at most 40 characters",
)
CODE_TWICE = Text("รหัส {code} ซ้ำกับรายการที่ {n}", "code {code} stands at entry {n} already")
UNKNOWN_KEY = Text("ไม่รู้จักคีย์นี้ คีย์ที่ใช้ได้: {known}", "is not a known key; known are: {known}")
MORE_FAULTS = Text(
    "ยังมีอีก {count} เรื่องที่ไม่ได้แสดง กรุณาแก้ที่แสดงก่อน", "{count} more are not shown; mend these first"
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A file that can be used."""

    kind: DocumentKind
    document: Mapping[str, Any]
    value: Rulebook | PriceList
    lines: Lines


def read_offer(data: bytes) -> Offer:
    """A file as a version of a rulebook or price list. Raises `FileRefused` with all its faults, by line."""
    file = read_toml_text(data)
    kind = _kind_of(file)
    key = _LISTS[kind]
    entries = file.document[key]
    if isinstance(entries, list) and len(entries) > _MOST_ENTRIES:
        raise FileRefused([file.fault(f"{key}[{_MOST_ENTRIES + 1}]", TOO_MANY.fill(most=_MOST_ENTRIES))])
    value, problems = _read(kind, file.document)
    told = [(problem.place, problem.text) for problem in problems]
    told += _wrong_codes(file.document, key)
    told += _unknown_keys(file.document, kind)
    if isinstance(value, Rulebook):
        told += _without_echo(_unusable(value, file.document), {place for place, _ in told})
    faults = _once([*file.faults, *(file.fault(place, text) for place, text in told)])
    if faults:
        raise FileRefused(faults)
    return Offer(kind, file.document, value, file.lines)


def _kind_of(file: TomlFile) -> DocumentKind:
    found = [kind for kind, key in _LISTS.items() if key in file.document]
    if len(found) != 1:
        text = BOTH if found else NEITHER
        known = ("code", "version", "title", *_LISTS.values())
        strange = [key for key in file.document if key not in (*known, "source")]
        words = UNKNOWN_KEY.fill(known=", ".join(known))
        raise FileRefused([FileFault(0, "", text), *(file.fault(key, words) for key in strange[:20])])
    return found[0]


def _read(kind: DocumentKind, document: Mapping[str, Any]) -> tuple[Rulebook | PriceList, list[Problem]]:
    """As much as can be read. What the readers say of codes that repeat is told better by `_wrong_codes`."""
    value, problems = gather_rulebook(document) if kind is DocumentKind.RULEBOOK else gather_prices(document)
    key = _LISTS[kind]
    entries = document[key]
    is_list = isinstance(entries, list) and entries and all(isinstance(entry, dict) for entry in entries)
    return value, [p for p in problems if not (is_list and p.place == key)]


def _codes(document: Mapping[str, Any], key: str) -> dict[int, str]:
    """Number of the entry -> its code, where it has one."""
    entries = document.get(key)
    return {
        n: entry["code"]
        for n, entry in enumerate(entries if isinstance(entries, list) else (), 1)
        if isinstance(entry, dict) and isinstance(entry.get("code"), str) and entry["code"]
    }


def _wrong_codes(document: Mapping[str, Any], key: str) -> Iterator[tuple[str, Text]]:
    code = document.get("code")
    if isinstance(code, str) and code and not _CODE.fullmatch(code):
        yield "code", BAD_CODE
    first: dict[str, int] = {}
    for n, code in _codes(document, key).items():
        if not _CODE.fullmatch(code):
            yield f"{key}[{n}].code", BAD_CODE
        if code in first:
            yield f"{key}[{n}].code", CODE_TWICE.fill(code=code[:40], n=first[code])
        first.setdefault(code, n)


def _unknown_keys(document: Mapping[str, Any], kind: DocumentKind) -> Iterator[tuple[str, Text]]:
    """Keys nothing reads: a misspelt `severity` would otherwise silently mean the usual one."""
    of_document, of_entry = _KEYS[kind]
    key = _LISTS[kind]
    yield from _strange(document, "", of_document)
    for name in ("title", "source"):
        yield from _strange(document.get(name), name, _WORDS)
    entries = document[key]
    for n, entry in enumerate(entries if isinstance(entries, list) else (), 1):
        at = f"{key}[{n}]"
        yield from _strange(entry, at, of_entry)
        if not isinstance(entry, dict):
            continue
        for name in ("name", "basis"):
            yield from _strange(entry.get(name), f"{at}.{name}", _WORDS)
        reasons = entry.get("reasons")
        for name, reason in (reasons if isinstance(reasons, dict) else {}).items():
            yield from _strange(reason, f"{at}.reasons.{name}", _REASON)
            if isinstance(reason, dict):
                yield from _strange(reason.get("remedy"), f"{at}.reasons.{name}.remedy", _WORDS)


def _names(kind: type, other: Mapping[str, str] | None = None) -> frozenset[str]:
    return frozenset((other or {}).get(f.name, f.name) for f in fields(kind))


_KEYS = {
    DocumentKind.RULEBOOK: (_names(Rulebook), _names(RuleEntry)),
    DocumentKind.PRICES: (_names(PriceList), _names(ReferencePrice, {"price": "price_baht"})),
}


def _strange(table: Any, at: str, known: frozenset[str]) -> Iterator[tuple[str, Text]]:
    if isinstance(table, dict):
        for key in table:
            if key not in known:
                yield f"{at}.{key}".strip("."), UNKNOWN_KEY.fill(known=", ".join(sorted(known)))


def _unusable(rulebook: Rulebook, document: Mapping[str, Any]) -> Iterator[tuple[str, Text]]:
    """What would break a screening, at the number of its rule instead of its code."""
    try:
        check_rulebook(rulebook)
    except Refused as refusal:
        problems = refusal.problems
    else:
        return
    numbers: dict[str, list[int]] = {}
    for n, rule in enumerate(rulebook.rules, 1):
        numbers.setdefault(rule.code, []).append(n)
    seen: dict[Problem, int] = {}
    for problem in problems:
        code = max((c for c in numbers if problem.place.startswith(f"rules.{c}.")), key=len, default=None)
        if code is None:
            yield problem.place, problem.text
            continue
        here = [n for n in numbers[code] if len(numbers[code]) == 1 or problem in _alone(rulebook, n)]
        turn = seen[problem] = seen.get(problem, -1) + 1
        n = here[min(turn, len(here) - 1)] if here else numbers[code][0]
        yield f"rules[{n}].{problem.place.removeprefix(f'rules.{code}.')}", problem.text


def _alone(rulebook: Rulebook, n: int) -> tuple[Problem, ...]:
    """What is wrong with one rule of several with the same code."""
    try:
        check_rulebook(Rulebook(rulebook.code, rulebook.version, rulebook.title, (rulebook.rules[n - 1],)))
    except Refused as refusal:
        return refusal.problems
    return ()


def _without_echo(told: Iterable[tuple[str, Text]], known: set[str]) -> Iterator[tuple[str, Text]]:
    """Without what only follows from a fault told already: at the same place, in it or around it."""
    for place, text in told:
        if not any(
            place == other or place.startswith((f"{other}.", f"{other}[")) or other.startswith(f"{place}.")
            for other in known
        ):
            yield place, text


def _once(faults: Iterable[FileFault]) -> list[FileFault]:
    """Each place told once, the first reason counting; at most `_MOST_FAULTS`."""
    by_place: dict[str, FileFault] = {}
    for fault in faults:
        by_place.setdefault(fault.key, fault)
    found = sorted(by_place.values(), key=lambda fault: fault.line)
    if len(found) > _MOST_FAULTS:
        left = MORE_FAULTS.fill(count=len(found) - _MOST_FAULTS)
        return [*found[:_MOST_FAULTS], FileFault(found[-1].line, "", left)]
    return found
