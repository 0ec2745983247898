"""Sums of a year, by any dimension: what was asked, recommended, approved, revised and spent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.releases.facts import Dimension, Phase, PublicMoney, PublicProject, PublicYear

NOT_STATED = Text("ไม่ระบุ", "Not stated")


@dataclass(slots=True)
class Sums:
    """The sums of one group, satang. What was not published is None: nothing was asked in a year recorded from
    documents, and no list was recommended where no meeting was closed. `planned` and the two after it are by month."""

    code: str
    name: Text
    asked_count: int | None = None
    asked: int | None = None
    recommended_count: int | None = None
    recommended: int | None = None
    count: int = 0
    approved: int = 0
    allotted: int = 0
    committed: int = 0
    disbursed: int = 0
    planned_months: list[int] = field(default_factory=lambda: [0] * 24)
    disbursed_months: list[int] = field(default_factory=lambda: [0] * 24)

    def add(self, row: PublicMoney) -> None:
        """Add one row of money; the project is counted apart."""
        self.approved += row.approved
        self.allotted += row.allotted
        self.committed += sum(row.committed)
        self.disbursed += sum(row.disbursed)
        for n in range(24):
            self.planned_months[n] += row.planned[n]
            self.disbursed_months[n] += row.disbursed[n]


def has_asked(year: PublicYear) -> bool:
    """Whether anything was asked in the system: a year recorded from documents knows no requests."""
    return any(t.phase is Phase.ASKED for t in year.tallies)


def total(year: PublicYear) -> Sums:
    """The sums of the whole year."""
    sums = Sums("", Text("รวม", "Total"))
    for project in year.projects:
        sums.count += 1
        for row in project.money:
            sums.add(row)
    # every proposal has one stage, stated or not: those sums are the whole
    for t in year.tallies:
        if t.dimension is Dimension.STAGE:
            _count(sums, t.phase, t.count, t.amount)
    return sums


def sums_by(year: PublicYear, dimension: Dimension) -> list[Sums]:
    """The groups of a dimension, in the order of the plan structure or of the register; groups with nothing are left
    out."""
    names = _names(year, dimension)
    sums: dict[str, Sums] = {}

    def of(code: str) -> Sums:
        return sums.setdefault(code, Sums(code, names.get(code) or Text(code, code) if code else NOT_STATED))

    for t in year.tallies:
        if t.dimension is dimension:
            _count(of(t.code), t.phase, t.count, t.amount)
    ministry_of = {a.code: a.ministry_code for a in year.agencies}
    for project in year.projects:
        for code in _codes(project, dimension, ministry_of):
            of(code).count += 1
        for row in project.money:
            of(_code(project, row, dimension, ministry_of)).add(row)
    order = {code: n for n, code in enumerate(names)}
    return sorted(sums.values(), key=lambda s: (order.get(s.code, len(order)), s.code))


def _count(sums: Sums, phase: Phase, count: int, amount: int) -> None:
    if phase is Phase.ASKED:
        sums.asked_count, sums.asked = (sums.asked_count or 0) + count, (sums.asked or 0) + amount
    elif phase is Phase.RECOMMENDED:
        sums.recommended_count = (sums.recommended_count or 0) + count
        sums.recommended = (sums.recommended or 0) + amount


def _names(year: PublicYear, dimension: Dimension) -> dict[str, Text]:
    if dimension is Dimension.AGENCY:
        return {a.code: a.name for a in year.agencies}
    if dimension is Dimension.MINISTRY:
        return {a.ministry_code: a.ministry for a in year.agencies}
    return {n.code: n.name for n in year.names if n.kind == dimension.value}


def _codes(project: PublicProject, dimension: Dimension, ministry_of: dict[str, str]) -> Iterable[str]:
    """The groups a project is counted in, each once."""
    if dimension is Dimension.AGENCY:
        return project.agencies
    if dimension is Dimension.MINISTRY:
        return {ministry_of[code]: None for code in project.agencies}
    return (str(getattr(project, dimension.value)),)


def _code(project: PublicProject, row: PublicMoney, dimension: Dimension, ministry_of: dict[str, str]) -> str:
    if dimension is Dimension.AGENCY:
        return row.agency
    if dimension is Dimension.MINISTRY:
        return ministry_of[row.agency]
    return str(getattr(project, dimension.value))
