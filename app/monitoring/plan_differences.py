"""What two versions of a plan differ in, as rows a reader can check."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from app.kernel.lean import dataclass
from app.monitoring.facts import Milestone, Plan


@dataclass(frozen=True, slots=True)
class MovedLine:
    """A line whose amount changed, satang; None where the version does not have it."""

    position: int
    agency: str
    category: str
    item: str
    before: int | None
    after: int | None

    @property
    def moved(self) -> int:
        return (self.after or 0) - (self.before or 0)


@dataclass(frozen=True, slots=True)
class MovedMonths:
    """An agency's category whose months changed: the two rows of 24 amounts, satang."""

    agency: str
    category: str
    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def months(self) -> tuple[int, ...]:
        """The months (1 to 24) that differ."""
        pairs = enumerate(zip(self.before, self.after, strict=True), 1)
        return tuple(month for month, (before, after) in pairs if before != after)


@dataclass(frozen=True, slots=True)
class MovedMilestone:
    """A milestone that came, went or changed."""

    before: Milestone | None
    after: Milestone | None


@dataclass(frozen=True, slots=True)
class MovedTarget:
    """A quarter's target of an indicator, decimal text."""

    position: int
    name: str
    quarter: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PlanDifference:
    """All that differs between two versions of a plan."""

    total_before: int
    total_after: int
    lines: tuple[MovedLine, ...]
    months: tuple[MovedMonths, ...]
    milestones: tuple[MovedMilestone, ...]
    targets: tuple[MovedTarget, ...]
    ends_before: date
    ends_after: date

    @property
    def is_empty(self) -> bool:
        changed = self.lines or self.months or self.milestones or self.targets
        return not changed and self.ends_before == self.ends_after


def compare_plans(before: Plan, after: Plan) -> PlanDifference:
    """What `after` does differently from `before`."""
    return PlanDifference(
        before.total,
        after.total,
        tuple(_lines(before, after)),
        tuple(_months(before, after)),
        tuple(_milestones(before, after)),
        tuple(_targets(before, after)),
        before.ends_on,
        after.ends_on,
    )


def _lines(before: Plan, after: Plan) -> Iterator[MovedLine]:
    old, new = ({line.position: line for line in plan.lines} for plan in (before, after))
    for position in sorted(old.keys() | new.keys()):
        was, now = old.get(position), new.get(position)
        shown = now or was
        if shown is not None and (was is None or now is None or was.amount != now.amount):
            yield MovedLine(
                position,
                shown.agency,
                shown.category,
                shown.item,
                was.amount if was else None,
                now.amount if now else None,
            )


def _months(before: Plan, after: Plan) -> Iterator[MovedMonths]:
    none = (0,) * 24
    old, new = ({(row.agency, row.category): row.months for row in plan.spending} for plan in (before, after))
    for key in dict.fromkeys((*old, *new)):
        was, now = old.get(key, none), new.get(key, none)
        if was != now:
            yield MovedMonths(*key, was, now)


def _milestones(before: Plan, after: Plan) -> Iterator[MovedMilestone]:
    """Told apart by their titles: places shift when one is added before another."""
    old, new = ({m.title: m for m in plan.milestones} for plan in (before, after))
    for title in dict.fromkeys((*old, *new)):
        was, now = old.get(title), new.get(title)
        told = [(m.agency, m.due_on, m.weight) if m else None for m in (was, now)]
        if told[0] != told[1]:
            yield MovedMilestone(was, now)


def _targets(before: Plan, after: Plan) -> Iterator[MovedTarget]:
    old = {indicator.position: indicator for indicator in before.indicators}
    for indicator in after.indicators:
        was = old[indicator.position].quarters if indicator.position in old else ("", "", "", "")
        for quarter, (a, b) in enumerate(zip(was, indicator.quarters, strict=True), 1):
            if a != b:
                yield MovedTarget(indicator.position, indicator.name, quarter, a, b)
