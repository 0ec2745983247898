"""Two versions of a rulebook or price list side by side: what was added, taken out, moved, and every word that changed.

In: two documents of one kind. Out: a `VersionComparison`, entry by entry in the order of the later version, with the
differences of each wording marked as a reader sees them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from app.calls.facts import PriceList, ReferencePrice, Rulebook, RuleEntry, Severity
from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.proposals.comparing import Mark, Span, mark_differences

SEVERITY_NAMES = {
    Severity.DECIDES: Text("ชี้ขาด", "Decides"),
    Severity.INFORMS: Text("อธิบายประกอบ", "Informs"),
}
_NAME = Text("ชื่อ", "Name")
_TITLE = Text("ชื่อเอกสาร", "Title")
# What a check may be given, in words; the codes stand beside them for whoever writes the file.
PARAMETER_NAMES = {
    "above_percent": Text("สูงกว่าราคาที่เทียบเกินร้อยละ", "Too high above (percent of the other price)"),
    "below_percent": Text("ต่ำกว่าร้อยละของราคาที่เทียบ", "Too low below (percent of the other price)"),
    "but": Text("ยกเว้นเมื่อมีคำว่า", "Unless it says"),
    "categories": Text("งบรายจ่ายที่ตรวจ", "Categories looked at"),
    "cloud": Text("คำที่หมายถึงคลาวด์กลางภาครัฐ", "Words for the government cloud"),
    "documents": Text("เอกสารที่ต้องมี ตั้งแต่วงเงิน (บาท)", "Documents needed, from an amount on (baht)"),
    "excluded_agencies": Text("หน่วยงานที่ไม่รับคำขอ", "Agencies it takes nothing from"),
    "excluded_ministries": Text("กระทรวงที่ไม่รับคำขอ", "Ministries it takes nothing from"),
    "from_baht": Text("ตั้งแต่วงเงิน (บาท)", "From this amount on (baht)"),
    "hardware": Text("คำที่หมายถึงเครื่องแม่ข่ายหรือศูนย์ข้อมูล", "Words for servers and data centres"),
    "least_first_percent": Text("งบปีแรกอย่างน้อย (ร้อยละ)", "The first year at least (percent)"),
    "least_lines": Text("รายการที่ใช้เทียบอย่างน้อย", "Lines to compare with, at least"),
    "least_outside_ministry": Text(
        "ในจำนวนนั้นอยู่นอกกระทรวงอย่างน้อย (แห่ง)", "Of them outside the ministry, at least"
    ),
    "least_reached_percent": Text("ตัวชี้วัดที่บรรลุอย่างน้อย (ร้อยละ)", "Indicators reached, at least (percent)"),
    "least_score": Text("ความคล้ายตั้งแต่ (ใน 1,000)", "Likeness from (in a thousand)"),
    "least_spent_percent": Text("เบิกจ่ายอย่างน้อย (ร้อยละ)", "Spent, at least (percent)"),
    "least_user_agencies": Text("หน่วยงานผู้ใช้อย่างน้อย (แห่ง)", "Agencies that use it, at least"),
    "less_is_better": Text("คำของตัวชี้วัดที่ยิ่งน้อยยิ่งดี", "Words of indicators where less is better"),
    "needs_confirmation": Text("หน่วยงานคู่เชื่อมต้องยืนยัน", "The partner has to confirm"),
    "prescribed_curricula": Text("หลักสูตรกลางที่กำหนด", "The common curricula"),
    "why": Text("คำที่บอกเหตุผล", "Words that give a reason"),
}


class Became(StrEnum):
    """What became of an entry."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class PartChange:
    """One thing about an entry that differs. `plain` is a value without languages, in `before.th` and `after.th`."""

    name: Text
    before: Text | None
    after: Text | None
    plain: bool = False

    def marks(self, language: str) -> tuple[Span, ...]:
        """Both wordings in one run of text, with what was deleted and inserted marked."""
        return mark_differences(_say(self.before, language), _say(self.after, language))

    def side(self, language: str, *, after: bool) -> tuple[Span, ...]:
        """One side alone, with what differs from the other marked."""
        left_out = Mark.DELETED if after else Mark.INSERTED
        return tuple(span for span in self.marks(language) if span.mark is not left_out)


def _say(text: Text | None, language: str) -> str:
    return text.say(language) if text else ""


@dataclass(frozen=True, slots=True)
class EntryChange:
    """A rule or item in both versions. Numbers from 1; None where it does not stand."""

    became: Became
    code: str
    name: Text
    before_number: int | None
    after_number: int | None
    parts: tuple[PartChange, ...]
    is_moved: bool = False


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """All that differs between two versions."""

    head: tuple[PartChange, ...]
    entries: tuple[EntryChange, ...]

    @property
    def counts(self) -> Counter[Became]:
        return Counter(entry.became for entry in self.entries)

    @property
    def changed(self) -> tuple[EntryChange, ...]:
        return tuple(entry for entry in self.entries if entry.became is not Became.SAME)

    @property
    def is_empty(self) -> bool:
        return not (self.head or self.changed)


Parts = dict[str, tuple[Text, Text, bool]]  # key -> name, value, whether it is plain
_Entry = tuple[str, Text, Parts]


def compare_versions(before: Rulebook | PriceList, after: Rulebook | PriceList) -> VersionComparison:
    """What differs. Raises `ValueError` for a rulebook against a price list."""
    if type(before) is not type(after):
        raise ValueError("a rulebook is compared with a rulebook, a price list with a price list")
    old, new = _entries(before), _entries(after)
    return VersionComparison(tuple(_differing(_head(before), _head(after))), tuple(_compare(old, new)))


def _head(document: Rulebook | PriceList) -> Parts:
    parts: Parts = {"title": (_TITLE, document.title, False)}
    if isinstance(document, PriceList):
        parts["source"] = (Text("ที่มา", "Source"), document.source, False)
    return parts


def _entries(document: Rulebook | PriceList) -> list[_Entry]:
    if isinstance(document, Rulebook):
        return [(rule.code, rule.name, dict(rule_parts(rule))) for rule in document.rules]
    return [(item.code, item.name, dict(_item_parts(item))) for item in document.items]


def rule_parts(rule: RuleEntry) -> Iterator[tuple[str, tuple[Text, Text, bool]]]:
    """Everything a rule says of itself, in the order it is read."""
    yield "name", (_NAME, rule.name, False)
    yield "severity", (Text("ผล", "Weight"), SEVERITY_NAMES[rule.severity], False)
    yield "check", (Text("การตรวจ", "Check"), Text(rule.check, rule.check), True)
    yield "basis", (Text("หลักเกณฑ์", "Basis"), rule.basis, False)
    for key, value in sorted(rule.parameters.items()):
        called = PARAMETER_NAMES[key]
        name = Text(f"{called.th} ({key})", f"{called.en} ({key})")
        yield f"parameters.{key}", (name, say_parameter(value), True)
    for key, reason in rule.reasons.items():
        yield f"reasons.{key}", (Text(f"ถ้อยคำ {key}", f"Wording {key}"), reason.text, False)
        if reason.remedy:
            name = Text(f"สิ่งที่จะทำให้ผลเปลี่ยน {key}", f"What would change it: {key}")
            yield f"reasons.{key}.remedy", (name, reason.remedy, False)


def say_parameter(value: Any) -> Text:
    """A parameter as one line."""
    if isinstance(value, bool):
        return Text("ใช่", "Yes") if value else Text("ไม่ใช่", "No")
    said = _in_one_line(value)
    return Text(said, said)


def _in_one_line(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_in_one_line(v) for v in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{k}: {_in_one_line(v)}" for k, v in sorted(value.items()))
    return f"{value:,}" if isinstance(value, int) else str(value)


def _item_parts(item: ReferencePrice) -> Iterator[tuple[str, tuple[Text, Text, bool]]]:
    yield "name", (_NAME, item.name, False)
    price = format_baht(item.price)
    yield "price", (Text("ราคา (บาท)", "Price (baht)"), Text(price, price), True)
    yield "unit", (Text("หน่วยนับ", "Unit"), Text(item.unit, item.unit), True)
    words = " / ".join(" ".join(phrase) for phrase in item.words)
    yield "words", (Text("คำที่ใช้จับคู่", "Words that match"), Text(words, words), True)
    if item.but:
        but = ", ".join(item.but)
        yield "but", (Text("ยกเว้นเมื่อมีคำว่า", "Unless it says"), Text(but, but), True)


def _differing(before: Parts, after: Parts) -> Iterator[PartChange]:
    for key in (*after, *(key for key in before if key not in after)):
        old, new = before.get(key), after.get(key)
        if old != new:
            name, _, plain = new or old or (_NAME, _NAME, True)
            yield PartChange(name, old[1] if old else None, new[1] if new else None, plain)


def _compare(old: Sequence[_Entry], new: Sequence[_Entry]) -> Iterator[EntryChange]:
    old_numbers = {code: n for n, (code, _, _) in enumerate(old, 1)}
    new_numbers = {code: n for n, (code, _, _) in enumerate(new, 1)}
    moved = _moved([old_numbers[code] for code, _, _ in new if code in old_numbers])
    removed: dict[int, list[_Entry]] = {}  # behind which number of the later version a removed one stood
    behind = 0
    for entry in old:
        if entry[0] in new_numbers:
            behind = new_numbers[entry[0]]
        else:
            removed.setdefault(behind, []).append(entry)
    for n, (code, name, parts) in enumerate((("", Text("", ""), {}), *new)):
        if n:
            before = old_numbers.get(code)
            differing = tuple(_differing(old[before - 1][2] if before else {}, parts))
            is_moved = before in moved
            became = (
                Became.ADDED
                if before is None
                else Became.CHANGED
                if differing
                else Became.MOVED
                if is_moved
                else Became.SAME
            )
            yield EntryChange(became, code, name, before, n, differing, is_moved)
        for gone_code, gone_name, gone in removed.get(n, ()):
            number = old_numbers[gone_code]
            yield EntryChange(Became.REMOVED, gone_code, gone_name, number, None, tuple(_differing(gone, {})))


def _moved(numbers: Sequence[int]) -> set[int]:
    """The former numbers that are out of order: the fewest that have to move for the rest to stand in order."""
    tails: list[int] = []
    ends: list[int] = []  # index of the number that ends the longest rising run of each length
    before: list[int] = []
    for i, number in enumerate(numbers):
        at = bisect_left(tails, number)
        tails[at : at + 1] = [number]
        ends[at : at + 1] = [i]
        before.append(ends[at - 1] if at else -1)
    stay: set[int] = set()
    i = ends[-1] if ends else -1
    while i >= 0:
        stay.add(numbers[i])
        i = before[i]
    return set(numbers) - stay
