"""Aims of a what-if and what came of it. Money in satang; scores in hundredths of a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.facts import Basis, Entry, Limit, Terms, UnmetFloor
from app.reviews.rules import mean_hundredths

PRECISION = 10**9  # called proven when no choice can be better by more than one part in this many
NEAR = 10**4  # near enough for a first look: HiGHS' own measure
STEPS = tuple(range(90, 111, 2))  # percent of the ceiling, for the table of eleven ceilings


class Aim(StrEnum):
    """What is made as large as it can be."""

    PRODUCT = "product"
    SCORES = "scores"
    PROJECTS = "projects"


AIM_NAMES = {
    Aim.PRODUCT: Text("คะแนน × วงเงินที่ได้", "Score × baht granted"),
    Aim.SCORES: Text("ผลรวมคะแนนของโครงการที่ได้", "Sum of the scores of those taken"),
    Aim.PROJECTS: Text("จำนวนโครงการที่ได้", "Number of projects taken"),
}
AIM_UNITS = {
    Aim.PRODUCT: Text("คะแนน × ล้านบาท", "points × million baht"),
    Aim.SCORES: Text("คะแนน", "points"),
    Aim.PROJECTS: Text("โครงการ", "projects"),
}
AIM_MEANINGS = {
    Aim.PRODUCT: Text(
        "ทุกบาทที่จัดสรรมีค่าเท่ากับคะแนนของโครงการ โครงการใหญ่และเล็กจึงแข่งกันด้วยคะแนน",
        "Every baht granted is worth the score of its project, so large and small projects compete by score alone.",
    ),
    Aim.SCORES: Text(
        "ทุกโครงการมีค่าเท่ากับคะแนนของตนไม่ว่าใช้เงินเท่าใด โครงการเล็กจึงได้เปรียบ และแพลตฟอร์มกลางขนาดใหญ่ที่หลายหน่วยงานใช้ร่วมกัน"
        "มักถูกตัดออกแม้คะแนนสูง แสดงไว้เพื่อเปรียบเทียบ ไม่ใช่เพื่อเสนอแนะ",
        "Every project is worth its score, whatever it costs. Small projects win by this, and large platforms that many "
        "agencies share are thrown out however well they score. Shown as a contrast, not as advice.",
    ),
    Aim.PROJECTS: Text(
        "ทุกโครงการมีค่าเท่ากันหมด โครงการที่ใช้เงินน้อยจึงได้ก่อน แสดงไว้เพื่อเปรียบเทียบ",
        "Every project is worth the same, so the cheapest come first. Shown as a contrast.",
    ),
}


def score_of(entry: Entry, basis: Basis) -> int:
    """The score that counts here, in hundredths as printed, so that anybody can add it up again. An entry without one
    counts nothing."""
    return (entry.calibrated if basis is Basis.CALIBRATED else mean_hundredths(entry.panel)) or 0


def worth_of(aim: Aim, entry: Entry, basis: Basis, granted: int) -> int:
    """What one entry taken with `granted` adds to the aim: hundredths of a point times satang, hundredths, or 1."""
    if aim is Aim.PROJECTS:
        return 1
    score = score_of(entry, basis)
    return score * granted if aim is Aim.PRODUCT else score


def value_of(aim: Aim, ordered: Sequence[Entry], basis: Basis, taken: Mapping[str, int]) -> int:
    """What a choice (number -> satang) amounts to by an aim."""
    return sum(worth_of(aim, e, basis, taken[e.number]) for e in ordered if e.number in taken)


def is_within(value: int, bound: int | None, parts: int = PRECISION) -> bool:
    """Whether no choice can be better by more than one part in `parts`; not where no bound is known."""
    return bound is not None and bound - value <= abs(value) // parts


@dataclass(frozen=True, slots=True)
class Optimum:
    """The best choice found. `value` is never above `bound`, which no choice can exceed; `bound` None where nothing is
    known. It `is_proven` when no choice is better by more than one part in `PRECISION`, and the floors were brought as near
    as they can be. `is_walk` where the walk's own list is the best known. `milliseconds` by the wall clock."""

    aim: Aim
    terms: Terms
    taken: Mapping[str, int]
    value: int
    bound: int | None
    is_proven: bool
    unmet: tuple[UnmetFloor, ...]
    is_walk: bool
    solver: str
    milliseconds: int

    @property
    def granted(self) -> int:
        return sum(self.taken.values())

    @property
    def is_near(self) -> bool:
        """Whether no choice is better by more than one part in `NEAR`."""
        return is_within(self.value, self.bound, NEAR)

    @property
    def left(self) -> int:
        return self.terms.ceiling - self.granted


@dataclass(frozen=True, slots=True)
class Question:
    """What a solver is asked: the best by `aim` under each of `ceilings`, with at most `seconds` for each, until no
    choice can be better by more than one part in `parts`."""

    entries: tuple[Entry, ...]
    terms: Terms
    aim: Aim
    ceilings: tuple[int, ...]
    seconds: int
    parts: int = PRECISION


def ceilings_around(ceiling: int) -> tuple[int, ...]:
    """Eleven ceilings from -10 % to +10 %, whole satang."""
    return tuple(ceiling * step // 100 for step in STEPS)


def floor_shortfalls(
    ordered: Sequence[Entry], limits: Sequence[Limit], taken: Mapping[str, int]
) -> list[int]:
    """By how much a choice misses each of these floors."""
    return [
        max(0, limit.amount - sum(taken.get(e.number, 0) for e in ordered if limit.holds_for(e)))
        for limit in limits
    ]
