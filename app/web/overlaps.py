"""Proposals that resemble each other, in words for every desk: grounds, passages, items in common."""

from __future__ import annotations

from collections.abc import Sequence

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.facts import BudgetLine, ProposalFacts, item_key
from app.similarity.facts import Comparison, Ground, Passage
from app.similarity.rules import TITLE_EN, TITLE_TH
from app.similarity.texts import comparable_of
from app.web.marking import cut, name_of_place

GROUND_NAMES = {
    Ground.TEXT: Text("ข้อความ", "Text"),
    Ground.TITLE: Text("ชื่อโครงการ", "Title"),
    Ground.ITEMS: Text("รายการงบประมาณ", "Budget items"),
    Ground.SYSTEM: Text("ระบบหรือข้อมูล", "System or data"),
    Ground.PARTNERS: Text("หน่วยงานที่เกี่ยวข้อง", "Agencies involved"),
    Ground.SAME_AGENCY: Text("หน่วยงานเดียวกัน", "Same agency"),
    Ground.CONTINUES: Text("โครงการต่อเนื่อง", "Continues"),
}
_SAMPLE = 80  # letters


@dataclass(frozen=True, slots=True)
class ListedMatch:
    """A passage both sides have: the names of its fields, and how it begins on the left."""

    left: Text
    right: Text
    likeness: int
    sample: str


@dataclass(frozen=True, slots=True)
class CommonItem:
    """A budget item of both."""

    left: BudgetLine
    right: BudgetLine


def texts_of(facts: ProposalFacts) -> tuple[Passage, ...]:
    """Everything of a proposal that is compared letter by letter, by the places a comparison names."""
    one = comparable_of(facts, 0)
    titles = (Passage(TITLE_TH, one.title.th), Passage(TITLE_EN, one.title.en))
    items = tuple(Passage(item.place, item.text) for item in one.items)
    return (*(title for title in titles if title.text), *one.passages, *one.systems, *items)


def list_matches(comparison: Comparison, left: Sequence[Passage]) -> list[ListedMatch]:
    """The matches in their order, which numbers them."""
    texts = {passage.place: passage.text for passage in left}
    listed = []
    for m in comparison.matches:
        pieces = cut(texts.get(m.left, ""), [(m.left_start, m.left_end, 1)])
        words = "".join(piece.text for piece in pieces if piece.numbers)
        listed.append(
            ListedMatch(
                name_of_place(m.left),
                name_of_place(m.right),
                m.likeness,
                words if len(words) <= _SAMPLE else f"{cut(words, [(0, _SAMPLE, 1)])[0].text} …",
            )
        )
    return listed


def common_items(comparison: Comparison, left: ProposalFacts, right: ProposalFacts) -> list[CommonItem]:
    """Budget items of both, the dearest first: those whose words match, and those with the same words and unit. Each
    line stands once."""
    pairs = [
        (_line_of(m.left), _line_of(m.right))
        for m in sorted(comparison.matches, key=lambda m: -m.likeness)
        if m.left.startswith("budget-") and m.right.startswith("budget-")
    ]
    by_key: dict[str, list[int]] = {}
    for n, line in enumerate(right.lines):
        by_key.setdefault(item_key(line.item, line.unit), []).append(n)
    pairs += [
        (n, other)
        for n, line in enumerate(left.lines)
        if (key := item_key(line.item, line.unit))
        for other in by_key.get(key, ())[:1]
    ]
    found: dict[int, int] = {}
    for one, other in pairs:
        if one not in found and other not in found.values():
            found[one] = other
    items = [
        CommonItem(left.lines[one], right.lines[other])
        for one, other in found.items()
        if one < len(left.lines) and other < len(right.lines)
    ]
    return sorted(items, key=lambda item: (-item.left.amount, item.left.item))


def _line_of(place: str) -> int:
    """The index of the line of a place such as "budget-3-item"."""
    return int(place.split("-")[1]) - 1
