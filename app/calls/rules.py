"""Reading a call's documents: every fault of a file is reported at once, with the place it stands at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from app.calls.facts import (
    CallFacts,
    Choice,
    Criterion,
    Deadline,
    DocumentKind,
    Limits,
    Origin,
    PlanStructure,
    PriceList,
    Reason,
    ReferencePrice,
    Rubric,
    Rulebook,
    RuleEntry,
    Severity,
)
from app.kernel.clock import BANGKOK, as_utc, format_closing
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.money import MoneyError, parse_baht
from app.kernel.text import Text
from app.kernel.thai_text import search_key

LONGEST_GRACE = 24 * 60  # minutes; more than a day is an extension, and needs its reason

FILE_REFUSED = Text("แฟ้มข้อมูลยังใช้ไม่ได้", "The data file cannot be used as it stands")


class _Reader:
    """Walks a parsed TOML document, collecting problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def fault(self, place: str, th: str, en: str) -> None:
        self.problems.append(Problem(place, Text(th, en)))

    def text(self, table: Mapping[str, Any], key: str, at: str, *, needed: bool = True) -> Text:
        value = table.get(key)
        place = f"{at}.{key}" if at else key
        if value is None and not needed:
            return Text("", "")
        if not isinstance(value, dict) or not all(
            isinstance(value.get(k), str) and value[k].strip() for k in ("th", "en")
        ):
            self.fault(place, "ต้องมีทั้ง th และ en", "needs both th and en")
            return Text("", "")
        return Text(value["th"], value["en"])

    def string(self, table: Mapping[str, Any], key: str, at: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip():
            self.fault(f"{at}.{key}".strip("."), "ต้องเป็นข้อความ", "must be text")
            return ""
        return value

    def whole(
        self, table: Mapping[str, Any], key: str, at: str, low: int, high: int, default: int | None = None
    ) -> int:
        value = table.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            self.fault(
                f"{at}.{key}".strip("."),
                f"ต้องเป็นจำนวนเต็ม {low} ถึง {high}",
                f"must be a whole number from {low} to {high}",
            )
            return low
        return value

    def tables(self, table: Mapping[str, Any], key: str, at: str = "") -> list[dict[str, Any]]:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            self.fault(f"{at}.{key}".strip("."), "ต้องเป็นรายการ", "must be a list of tables")
            return []
        if not value:
            self.fault(f"{at}.{key}".strip("."), "ต้องมีอย่างน้อยหนึ่งรายการ", "needs at least one entry")
        return value

    def choices(
        self,
        table: Mapping[str, Any],
        key: str,
        parents: Iterable[Choice] | None = None,
        parent_key: str = "",
    ) -> tuple[Choice, ...]:
        known = {choice.code for choice in parents} if parents is not None else set()
        result: list[Choice] = []
        for i, entry in enumerate(self.tables(table, key), 1):
            at = f"{key}[{i}]"
            code = self.string(entry, "code", at)
            parent = self.string(entry, parent_key, at) if parent_key else ""
            if parent and parent not in known:
                self.fault(f"{at}.{parent_key}", f"ไม่รู้จักรหัส {parent}", f"unknown code {parent}")
            words = self.text(entry, "name", at), self.text(entry, "help", at, needed=False)
            result.append(Choice(code, words[0], parent, words[1]))
        self.unique(key, (choice.code for choice in result))
        return tuple(result)

    def unique(self, place: str, codes: Iterable[str]) -> None:
        seen: set[str] = set()
        for code in codes:
            if code in seen:
                self.fault(place, f"รหัส {code} ซ้ำ", f"code {code} appears twice")
            seen.add(code)

    def finish(self) -> None:
        if self.problems:
            raise Refused(FILE_REFUSED, self.problems)


def read_plan(document: Mapping[str, Any]) -> PlanStructure:
    """A plan structure from its parsed file. Raises `Refused` with every fault and its place."""
    r = _Reader()
    stages = r.choices(document, "stages")
    goals = r.choices(document, "goals", stages, "stage")
    guidelines = r.choices(document, "guidelines", goals, "goal")
    strategies = r.choices(document, "strategies")
    focus_areas = r.choices(document, "focus_areas", strategies, "strategy")
    known = {s.code for s in strategies}
    serves: dict[str, tuple[str, ...]] = {}
    for i, entry in enumerate(document.get("guidelines", []), 1):
        codes = entry.get("strategies", []) if isinstance(entry, dict) else []
        if not isinstance(codes, list) or not codes or not set(codes) <= known:
            r.fault(
                f"guidelines[{i}].strategies",
                "ต้องเป็นรหัสยุทธศาสตร์ที่มีอยู่",
                "must list codes of known strategies",
            )
            continue
        serves[entry.get("code", "")] = tuple(codes)
    plan = PlanStructure(
        code=r.string(document, "code", ""),
        version=r.whole(document, "version", "", 1, 10_000),
        title=r.text(document, "title", ""),
        stages=stages,
        goals=goals,
        guidelines=guidelines,
        strategies=strategies,
        focus_areas=focus_areas,
        guideline_strategies=serves,
        categories=r.choices(document, "categories"),
        platforms=r.choices(document, "platforms"),
        curricula=r.choices(document, "curricula"),
        attachment_kinds=r.choices(document, "attachment_kinds"),
    )
    r.finish()
    return plan


def read_rubric(document: Mapping[str, Any]) -> Rubric:
    """A rubric from its parsed file. Raises `Refused`: weights must sum to 100, each level needs its anchor."""
    r = _Reader()
    criteria = []
    for i, entry in enumerate(r.tables(document, "criteria"), 1):
        at = f"criteria[{i}]"
        anchors = entry.get("anchors")
        if not isinstance(anchors, list) or len(anchors) != 5:
            r.fault(f"{at}.anchors", "ต้องมีคำอธิบายครบ 5 ระดับ (0-4)", "needs five anchors (0-4)")
            anchors = []
        criteria.append(
            Criterion(
                code=r.string(entry, "code", at),
                name=r.text(entry, "name", at),
                weight=r.whole(entry, "weight", at, 1, 100),
                question=r.text(entry, "question", at),
                anchors=tuple(
                    r.text({"anchor": a}, "anchor", f"{at}.anchors[{n}]") for n, a in enumerate(anchors)
                ),
            )
        )
    r.unique("criteria", (c.code for c in criteria))
    if criteria and sum(c.weight for c in criteria) != 100:
        total = sum(c.weight for c in criteria)
        r.fault("criteria.weight", f"น้ำหนักรวมได้ {total} ต้องได้ 100", f"weights sum to {total}, not 100")
    levels = document.get("comment_levels", [0, 4])
    if not isinstance(levels, list) or not set(levels) <= set(range(5)):
        r.fault("comment_levels", "ต้องเป็นระดับ 0-4", "must be levels 0-4")
        levels = []
    rubric = Rubric(
        code=r.string(document, "code", ""),
        version=r.whole(document, "version", "", 1, 10_000),
        title=r.text(document, "title", ""),
        criteria=tuple(criteria),
        comment_levels=frozenset(levels),
        comment_length=r.whole(document, "comment_length", "", 1, 1000, 10),
    )
    r.finish()
    return rubric


def read_rulebook(document: Mapping[str, Any]) -> Rulebook:
    """A rulebook from its parsed file. Raises `Refused` with every fault and its place.

    Whether the named checks exist is the screening room's question; it refuses unknown ones.
    """
    rulebook, problems = gather_rulebook(document)
    if problems:
        raise Refused(FILE_REFUSED, problems)
    return rulebook


def gather_rulebook(document: Mapping[str, Any]) -> tuple[Rulebook, list[Problem]]:
    """As much of a rulebook as can be read, and every fault: who checks more can tell all at once."""
    r = _Reader()
    rules = []
    for i, entry in enumerate(r.tables(document, "rules"), 1):
        at = f"rules[{i}]"
        severity = entry.get("severity", "decides")
        if severity not in list(Severity):
            r.fault(f"{at}.severity", "ต้องเป็น decides หรือ informs", "must be decides or informs")
            severity = "decides"
        reasons: dict[str, Reason] = {}
        given = entry.get("reasons")
        if not isinstance(given, dict) or not given:
            r.fault(f"{at}.reasons", "ต้องมีถ้อยคำของผลอย่างน้อยหนึ่งแบบ", "needs the wording of its reasons")
            given = {}
        for name, wording in given.items():
            place = f"{at}.reasons.{name}"
            if not isinstance(wording, dict):
                r.fault(place, "ต้องมี th และ en", "needs th and en")
                continue
            remedy = r.text(wording, "remedy", place) if "remedy" in wording else None
            reasons[name] = Reason(r.text({"text": wording}, "text", place), remedy)
        parameters = entry.get("parameters", {})
        if not isinstance(parameters, dict):
            r.fault(f"{at}.parameters", "ต้องเป็นตาราง", "must be a table")
            parameters = {}
        rules.append(
            RuleEntry(
                code=r.string(entry, "code", at),
                check=r.string(entry, "check", at),
                severity=Severity(severity),
                name=r.text(entry, "name", at),
                basis=r.text(entry, "basis", at),
                parameters=parameters,
                reasons=reasons,
            )
        )
    r.unique("rules", (rule.code for rule in rules))
    rulebook = Rulebook(
        code=r.string(document, "code", ""),
        version=r.whole(document, "version", "", 1, 10_000),
        title=r.text(document, "title", ""),
        rules=tuple(rules),
    )
    return rulebook, r.problems


def read_prices(document: Mapping[str, Any]) -> PriceList:
    """A list of reference prices from its parsed file. Raises `Refused` with every fault and its place."""
    prices, problems = gather_prices(document)
    if problems:
        raise Refused(FILE_REFUSED, problems)
    return prices


def gather_prices(document: Mapping[str, Any]) -> tuple[PriceList, list[Problem]]:
    """As much of a price list as can be read, and every fault."""
    r = _Reader()
    items = []
    for i, entry in enumerate(r.tables(document, "items"), 1):
        at = f"items[{i}]"
        price = 0
        try:
            price = parse_baht(r.string(entry, "price_baht", at) or "0")
        except MoneyError as error:
            r.problems.append(Problem(f"{at}.price_baht", error.text))
        if not price:
            r.fault(f"{at}.price_baht", "ต้องมากกว่าศูนย์", "must be more than nothing")
        words = entry.get("words")
        if not _is_phrases(words) or not words:
            r.fault(f"{at}.words", "ต้องเป็นรายการของรายการคำ", "must be a list of lists of words")
            words = []
        but = entry.get("but", [])
        if not _is_phrases([but]) and but != []:
            r.fault(f"{at}.but", "ต้องเป็นรายการคำ", "must be a list of words")
            but = []
        items.append(
            ReferencePrice(
                code=r.string(entry, "code", at),
                name=r.text(entry, "name", at),
                unit=r.string(entry, "unit", at),
                price=price,
                words=tuple(tuple(search_key(word) for word in phrase) for phrase in words),
                but=tuple(search_key(word) for word in but),
            )
        )
    r.unique("items", (item.code for item in items))
    prices = PriceList(
        code=r.string(document, "code", ""),
        version=r.whole(document, "version", "", 1, 10_000),
        title=r.text(document, "title", ""),
        source=r.text(document, "source", ""),
        items=tuple(items),
    )
    return prices, r.problems


def _is_phrases(value: Any) -> bool:
    """Whether it is a list of lists of words, none of them empty."""
    return isinstance(value, list) and all(
        isinstance(phrase, list) and phrase and all(isinstance(word, str) and word.strip() for word in phrase)
        for phrase in value
    )


def read_call(document: Mapping[str, Any]) -> CallFacts:
    """A call from its parsed file. Raises `Refused`. Times without a zone are Asia/Bangkok."""
    r = _Reader()
    opens, closes = _moment(r, document, "opens_at"), _moment(r, document, "closes_at")
    if opens is not None and closes is not None and closes <= opens:
        r.fault("closes_at", "ต้องอยู่หลังวันเปิดรับ", "must be after opens_at")
    ceiling = 0
    try:
        ceiling = parse_baht(r.string(document, "ceiling_baht", "") or "0")
    except MoneyError as error:
        r.problems.append(Problem("ceiling_baht", error.text))
    origin = document.get("origin", "filed")
    if origin not in list(Origin):
        r.fault("origin", "ต้องเป็น filed, synthetic หรือ imported", "must be filed, synthetic or imported")
        origin = "filed"
    documents: dict[DocumentKind, tuple[str, int]] = {}
    for kind in DocumentKind:
        entry = document.get(kind.value)
        if entry is None and kind is DocumentKind.PRICES:
            continue  # a call need not have reference prices
        if not isinstance(entry, dict):
            r.fault(kind.value, "ต้องระบุ code และ version", "needs code and version")
            continue
        documents[kind] = (
            r.string(entry, "code", kind.value),
            r.whole(entry, "version", kind.value, 1, 10_000),
        )
    given = document.get("limits", {})
    if not isinstance(given, dict):
        r.fault("limits", "ต้องเป็นตาราง", "must be a table")
        given = {}
    names = {f.name for f in fields(Limits)}
    for name in sorted(set(given) - names):
        r.fault(f"limits.{name}", "ไม่รู้จักขีดจำกัดนี้", "is not a known limit")
    bounds = {"revision_cycles": (0, 20)}
    limits = Limits(
        **{n: r.whole(given, n, "limits", *bounds.get(n, (1, 100_000))) for n in names & set(given)}
    )
    certified = document.get("certified", False)
    if not isinstance(certified, bool):
        r.fault("certified", "ต้องเป็น true หรือ false", "must be true or false")
        certified = False
    facts = CallFacts(
        fiscal_year=r.whole(document, "fiscal_year", "", 2500, 2700),
        name=r.text(document, "name", ""),
        opens_at=opens or datetime.max.replace(tzinfo=BANGKOK),
        closes_at=closes or datetime.max.replace(tzinfo=BANGKOK),
        ceiling=ceiling,
        origin=Origin(origin),
        reviewers_per_proposal=r.whole(document, "reviewers_per_proposal", "", 1, 20, 3),
        documents=documents,
        limits=limits,
        note=r.text(document, "note", "", needed=False),
        grace_minutes=r.whole(document, "grace_minutes", "", 0, LONGEST_GRACE, 0),
        is_certified=certified,
    )
    r.finish()
    return facts


def _moment(r: _Reader, document: Mapping[str, Any], key: str) -> datetime | None:
    value = document.get(key)
    if not isinstance(value, datetime):
        r.fault(
            key, "ต้องเป็นวันเวลา เช่น 2022-11-30T00:00:00", "must be a date and time such as 2022-11-30T00:00:00"
        )
        return None
    return as_utc(value if value.tzinfo else value.replace(tzinfo=BANGKOK))


SHORTEST_REASON, LONGEST_REASON = 10, 1000  # characters
LONGEST_EXTENSION = timedelta(days=366)

NEEDS_REASON = Text(
    "กรุณาให้เหตุผลอย่างน้อย 10 ตัวอักษร เหตุผลนี้ทุกคนเห็น",
    "Give a reason of at least 10 characters; everybody sees it",
)
REASON_TOO_LONG = Text("เหตุผลยาวเกิน 1,000 ตัวอักษร", "The reason is longer than 1,000 characters")
NOT_LATER = Text(
    "ต้องหลังเวลาปิดรับปัจจุบัน คือ {closes} การขยายเวลาทำให้เวลาสั้นลงไม่ได้",
    "Must be later than the present closing moment, {closes}; an extension never takes time away",
)
ALREADY_PAST = Text("ต้องเป็นเวลาในอนาคต ขณะนี้ {now}", "Must lie ahead; it is {now}")
TOO_FAR = Text("ขยายได้ไม่เกิน 366 วันนับจากนี้", "At most 366 days from now")


def extension_problems(
    deadline: Deadline, closes_at: datetime | None, reason: str, now: datetime
) -> list[Problem]:
    """Why an agency whose deadline this is (or every agency) cannot be given until `closes_at`.

    None is a moment that could not be read; its reader tells why, and the reason is judged all the same.
    """
    problems = []
    if closes_at is None:
        pass
    elif closes_at <= deadline.closes_at:
        problems.append(Problem("closes_at", NOT_LATER.fill(closes=_in_words(deadline.closes_at))))
    elif closes_at <= now:
        problems.append(Problem("closes_at", ALREADY_PAST.fill(now=_in_words(now))))
    elif closes_at > now + LONGEST_EXTENSION:
        problems.append(Problem("closes_at", TOO_FAR))
    if len(reason.strip()) < SHORTEST_REASON:
        problems.append(Problem("reason", NEEDS_REASON))
    elif len(reason) > LONGEST_REASON:
        problems.append(Problem("reason", REASON_TOO_LONG))
    return problems


def _in_words(at: datetime) -> Text:
    return Text(format_closing(at, "th", "second"), format_closing(at, "en", "second"))
