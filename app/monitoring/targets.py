"""The cabinet's targets of disbursement: cumulative, by class of expenditure and quarter, as data with their source.

They differ from year to year. A quarter that no source confirms is left out of the file, and then nothing is compared
with it; it is never worked out from the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text


class SpendingClass(StrEnum):
    """What a target is of."""

    OVERALL = "overall"
    RECURRENT = "recurrent"
    CAPITAL = "capital"


CLASS_NAMES = {
    SpendingClass.OVERALL: Text("ภาพรวม", "Overall"),
    SpendingClass.RECURRENT: Text("รายจ่ายประจำ", "Recurrent"),
    SpendingClass.CAPITAL: Text("รายจ่ายลงทุน", "Capital"),
}
CAPITAL_CATEGORIES = frozenset({"capital"})
CLASS_RULE = Text(
    "นับงบลงทุนเป็นรายจ่ายลงทุน งบรายจ่ายอื่น ๆ ทุกงบเป็นรายจ่ายประจำ (แผนไม่ได้บันทึกลักษณะเศรษฐกิจของรายการ)",
    "The capital category counts as capital, every other as recurrent (plans do not record the economic nature of a line).",
)

_YEARS = range(2500, 2700)
_KEYS = {"fiscal_year", "version", "source", "note", "targets"}
_TARGET_KEYS = {"class", "quarter", "percent"}
_LONGEST = 2000

NO_TARGETS = Text("แฟ้มนี้ไม่มี [[targets]]", "The file has no [[targets]]")
UNKNOWN_KEY = Text("ไม่รู้จักคีย์นี้ คีย์ที่ใช้ได้: {known}", "is not a known key; known are: {known}")
WRONG_YEAR = Text("ต้องเป็นปีงบประมาณ พ.ศ. เช่น 2567", "must be a fiscal year of the Buddhist era, such as 2567")
WRONG_VERSION = Text("ต้องเป็นเลขฉบับตั้งแต่ 1 ขึ้นไป", "must be a version number from 1")
NO_WORDS = Text("ต้องระบุทั้งภาษาไทย (th) และอังกฤษ (en)", "must be given in Thai (th) and English (en)")
WRONG_CLASS = Text("ต้องเป็นหนึ่งใน {known}", "must be one of {known}")
WRONG_QUARTER = Text("ต้องเป็นไตรมาส 1 ถึง 4", "must be a quarter, 1 to 4")
WRONG_PERCENT = Text(
    'ต้องเป็นร้อยละสะสม 0 ถึง 100 ทศนิยมไม่เกิน 2 ตำแหน่ง เช่น 93 หรือ "52.29"',
    'must be a cumulative percentage from 0 to 100 with at most two decimals, such as 93 or "52.29"',
)
TWICE = Text("มีเป้าหมายของประเภทและไตรมาสนี้แล้ว", "there is a target of this class and quarter already")
FALLS = Text(
    "เป้าหมายสะสมต้องไม่น้อยกว่าไตรมาสก่อน", "a cumulative target must not be below that of an earlier quarter"
)
FILE_REFUSED = Text(
    "แฟ้มเป้าหมายมีจุดที่ต้องแก้ ยังไม่มีการเปลี่ยนแปลงใด ๆ", "The file of targets has faults; nothing was changed"
)


@dataclass(frozen=True, slots=True)
class Target:
    """A cumulative target by the end of a quarter, in hundredths of a percent of the allotted money."""

    spending_class: SpendingClass
    quarter: int
    percent: int


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets of a fiscal year, with where they come from and what is known about them."""

    fiscal_year: int
    version: int
    source: Text
    note: Text
    targets: tuple[Target, ...]

    def find(self, spending_class: SpendingClass, quarter: int) -> Target | None:
        """The target of a class by the end of a quarter; None where none is confirmed."""
        return next(
            (t for t in self.targets if (t.spending_class, t.quarter) == (spending_class, quarter)), None
        )


def read_targets(document: Mapping[str, Any]) -> Targets:
    """A file's values as targets. Raises `Refused` with every problem; places as in the file, `targets[1].percent`."""
    problems = list(_problems(document))
    if problems:
        raise Refused(FILE_REFUSED, problems)
    targets = tuple(
        Target(SpendingClass(row["class"]), row["quarter"], _percent(row["percent"]) or 0)
        for row in document["targets"]
    )
    return Targets(
        document["fiscal_year"],
        document["version"],
        Text(**document["source"]),
        Text(**document["note"]) if "note" in document else Text("", ""),
        tuple(sorted(targets, key=lambda t: (list(SpendingClass).index(t.spending_class), t.quarter))),
    )


def _whole(value: Any, among: range) -> bool:
    return type(value) is int and value in among


def _problems(document: Mapping[str, Any]) -> Iterator[Problem]:
    for key in sorted(document.keys() - _KEYS):
        yield Problem(key, UNKNOWN_KEY.fill(known=", ".join(sorted(_KEYS))))
    if not _whole(document.get("fiscal_year"), _YEARS):
        yield Problem("fiscal_year", WRONG_YEAR)
    if not _whole(document.get("version"), range(1, 1000)):
        yield Problem("version", WRONG_VERSION)
    for key in ("source", *(["note"] if "note" in document else [])):
        words = document.get(key)
        if (
            not isinstance(words, dict)
            or words.keys() != {"th", "en"}
            or not all(map(_is_text, words.values()))
        ):
            yield Problem(key, NO_WORDS)
    rows = document.get("targets")
    if not isinstance(rows, list) or not rows:
        yield Problem("targets", NO_TARGETS)
        return
    highest: dict[str, list[tuple[int, int]]] = {}
    for n, row in enumerate(rows, 1):
        yield from _row_problems(f"targets[{n}]", row, highest)
    for kept in highest.values():
        for (quarter, percent), (later, more) in zip(sorted(kept), sorted(kept)[1:], strict=False):
            if later > quarter and more < percent:
                yield Problem("targets", FALLS)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST


def _row_problems(place: str, row: Any, highest: dict[str, list[tuple[int, int]]]) -> Iterator[Problem]:
    if not isinstance(row, dict):
        yield Problem(place, NO_TARGETS)
        return
    for key in sorted(row.keys() - _TARGET_KEYS):
        yield Problem(f"{place}.{key}", UNKNOWN_KEY.fill(known=", ".join(sorted(_TARGET_KEYS))))
    spending_class, quarter = row.get("class"), row.get("quarter")
    percent = _percent(row.get("percent"))
    fits = isinstance(spending_class, str) and spending_class in set(SpendingClass)
    if not fits:
        yield Problem(f"{place}.class", WRONG_CLASS.fill(known=", ".join(SpendingClass)))
    if not _whole(quarter, range(1, 5)):
        yield Problem(f"{place}.quarter", WRONG_QUARTER)
        fits = False
    if percent is None:
        yield Problem(f"{place}.percent", WRONG_PERCENT)
        fits = False
    if fits and percent is not None:
        kept = highest.setdefault(str(spending_class), [])
        if any(quarter == q for q, _ in kept):
            yield Problem(f"{place}.quarter", TWICE)
        kept.append((int(str(quarter)), percent))


def _percent(value: Any) -> int | None:
    """Hundredths of a percent; None for what is no percentage from 0 to 100."""
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not text.isascii():
        return None
    whole, dot, part = text.partition(".")
    if not whole.isdigit() or len(whole) > 3 or (dot and not (part.isdigit() and len(part) <= 2)):
        return None
    hundredths = int(whole) * 100 + int(part.ljust(2, "0") or "0")
    return hundredths if hundredths <= 10_000 else None
