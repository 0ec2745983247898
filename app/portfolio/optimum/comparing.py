"""The what-if beside the list: line by line, and by stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.allocation import TAKING
from app.portfolio.facts import Allocation, Dimension, Line, group_of
from app.portfolio.optimum.facts import PRECISION, Aim, Optimum, value_of


class Change(StrEnum):
    """How the what-if treats a line otherwise than the list."""

    ENTERS = "enters"
    LEAVES = "leaves"
    MORE = "more"
    LESS = "less"


CHANGE_NAMES = {
    Change.ENTERS: Text("เข้า", "Enters"),
    Change.LEAVES: Text("ออก", "Leaves"),
    Change.MORE: Text("ได้เพิ่ม", "Gets more"),
    Change.LESS: Text("ได้ลด", "Gets less"),
}


@dataclass(frozen=True, slots=True)
class Compared:
    """A ranked line, what the what-if gives it (satang), and the change; None where both say the same."""

    line: Line
    now: int
    change: Change | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All ranked lines in rank order; the list's value by the aim, and how much more the what-if's is."""

    lines: tuple[Compared, ...]
    walk_value: int
    value: int

    @property
    def gain(self) -> int:
        return self.value - self.walk_value

    @property
    def differing(self) -> tuple[Compared, ...]:
        return tuple(c for c in self.lines if c.change is not None)

    def count(self, change: Change) -> int:
        return sum(c.change is change for c in self.lines)


def taken_by(allocation: Allocation) -> dict[str, int]:
    """What the list takes: number -> satang."""
    return {line.entry.number: line.granted for line in allocation.lines if line.ground in TAKING}


def compare(allocation: Allocation, optimum: Optimum) -> Comparison:
    """The what-if beside the list laid by the same terms."""
    ranked = [line for line in allocation.lines if line.rank is not None]
    before, basis = taken_by(allocation), allocation.terms.basis
    lines = tuple(
        Compared(
            line,
            optimum.taken.get(line.entry.number, 0),
            _change(before.get(line.entry.number), optimum.taken.get(line.entry.number)),
        )
        for line in ranked
    )
    return Comparison(
        lines, value_of(optimum.aim, [line.entry for line in ranked], basis, before), optimum.value
    )


def _change(before: int | None, after: int | None) -> Change | None:
    if before == after:
        return None
    if before is None:
        return Change.ENTERS
    if after is None:
        return Change.LEAVES
    return Change.MORE if after > before else Change.LESS


@dataclass(frozen=True, slots=True)
class GroupSums:
    """Projects and satang of one group, by the list and by the what-if."""

    code: str
    projects: int
    granted: int
    projects_now: int
    granted_now: int


def sums_by(
    allocation: Allocation, taken: Mapping[str, int], dimension: Dimension, codes: Sequence[str]
) -> tuple[GroupSums, ...]:
    """Both sums of every group, in the order of `codes`."""
    before = taken_by(allocation)
    found = []
    for code in codes:
        inside = [x.entry.number for x in allocation.lines if group_of(x.entry, dimension) == code]
        found.append(
            GroupSums(
                code,
                sum(n in before for n in inside),
                sum(before.get(n, 0) for n in inside),
                sum(n in taken for n in inside),
                sum(taken.get(n, 0) for n in inside),
            )
        )
    return tuple(found)


def average_score(value: int, granted: int) -> int:
    """The score of the average baht granted (hundredths), from a value of score x baht."""
    return value // granted if granted else 0


def percent_of(gain: int, whole: int) -> int:
    """A difference in hundredths of a percent of the whole."""
    return gain * 10_000 // whole if whole else 0


def value_text(aim: Aim, value: int, *, up: bool = False) -> str:
    """A value as printed: points times million baht, points, or projects; `up` where it must not be rounded down."""
    if aim is Aim.PROJECTS:
        return f"{value:,}"
    unit = 10**10 if aim is Aim.PRODUCT else 100
    hundredths = -(-value * 100 // unit) if up else value * 100 // unit
    return f"{hundredths // 100:,}.{hundredths % 100:02d}"


@dataclass(frozen=True, slots=True)
class Margin:
    """By how much some other choice could be worth more at most, all rounded up: `value` as the aim counts, `millionths`
    of the value found, and for scores times baht what that is in points times baht, and in satang at the average score
    (None where nothing was granted, or by another aim)."""

    value: int
    millionths: int
    points_baht: int
    satang: int | None


def margin_of(found: Optimum) -> Margin | None:
    """None where no bound is known. A proof is no finer than its measure, even where the solver's bound is."""
    if found.bound is None:
        return None
    value = found.bound - found.value
    if found.is_proven:
        value = max(value, found.value // PRECISION)
    average = average_score(found.value, found.granted) if found.aim is Aim.PRODUCT else 0
    return Margin(
        value,
        -(-value * 10**6 // max(1, found.value)),
        -(-value // 10**4),
        -(-value // average) if average else None,
    )
