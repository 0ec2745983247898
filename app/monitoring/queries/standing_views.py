"""What is asked of a standing, and what is read off it: sums by any group, lights, warnings, who is late."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import search_key
from app.monitoring.curves import Curve
from app.monitoring.lights import ORDER, Light
from app.monitoring.periods import MONTHS_OF_YEAR, ReportKind
from app.monitoring.queries.projects import Monitored
from app.monitoring.queries.standing_rows import AgencyName
from app.monitoring.standings import (
    Part,
    ProjectFacts,
    ProjectStanding,
    Sums,
    add_sums,
    curve_of_parts,
    sum_parts,
)
from app.monitoring.targets import CAPITAL_CATEGORIES, SpendingClass, Targets
from app.monitoring.warning import ENDED, Profile


@dataclass(frozen=True, slots=True)
class Choice:
    """What a standing is narrowed to; "" and 0 narrow nothing. Agency, ministry and category narrow the money, the rest the
    projects. `first_plan` compares with the first plan instead of the one in force."""

    month: int = 0
    stage: str = ""
    guideline: str = ""
    ministry: str = ""
    agency: int = 0
    category: str = ""
    text: str = ""
    first_plan: bool = False

    @property
    def narrows_money(self) -> bool:
        return bool(self.ministry or self.agency or self.category)

    @property
    def is_everything(self) -> bool:
        return not (self.narrows_money or self.stage or self.guideline or self.text)

    def keeps(self, facts: ProjectFacts) -> bool:
        """Whether a project is asked for."""
        return (
            (not self.stage or facts.stage == self.stage)
            and (not self.guideline or facts.guideline == self.guideline)
            and (not self.text or self._is_found(facts))
        )

    def keeps_part(self, part: Part, agencies: Mapping[int, AgencyName]) -> bool:
        """Whether a part of the money is asked for."""
        return (
            (not self.agency or part.agency_id == self.agency)
            and (not self.category or part.category == self.category)
            and (not self.ministry or agencies[part.agency_id].ministry_code == self.ministry)
        )

    def _is_found(self, facts: ProjectFacts) -> bool:
        key = search_key(f"{facts.number} {facts.title.th} {facts.title.en} {facts.lead.th} {facts.lead.en}")
        return all(word in key for word in search_key(self.text).split())


@dataclass(frozen=True, slots=True)
class Late:
    """An agency whose reports are missing though their time is up: how many, and the oldest."""

    agency_id: int
    agency: Text
    kind: ReportKind
    period: int
    due_at: datetime
    missing: int


@dataclass(frozen=True, slots=True)
class Group:
    """Sums of one ministry, stage, category, guideline or agency."""

    code: str
    name: Text
    sums: Sums


@dataclass(frozen=True, slots=True)
class CallStanding:
    """How a call stands at the end of `month`. `latest` is the last month any report was accepted of; `projects` are those
    chosen, `chosen` says how. `years` are all calls that are followed, the latest first."""

    monitored: Monitored
    years: tuple[Monitored, ...]
    chosen: Choice
    month: int
    latest: int
    projects: tuple[ProjectStanding, ...]
    agencies: Mapping[int, AgencyName]
    targets: Targets | None
    profile: Profile
    late: tuple[Late, ...]
    reported: Mapping[int, int]

    @property
    def sums(self) -> Sums:
        """All chosen projects together."""
        return add_sums(p.sums for p in self.projects)

    @property
    def curve(self) -> Curve:
        """The curve of all chosen projects, as far as anything was reported."""
        return curve_of_parts((part for p in self.projects for part in p.parts), min(self.month, self.latest))

    @property
    def warned(self) -> tuple[ProjectStanding, ...]:
        """Projects whose forecast misses the year, the largest amounts first."""
        green = self.monitored.rules.green
        found = (p for p in self.projects if p.forecast.warns(green))
        return tuple(sorted(found, key=lambda p: (-p.forecast.shortfall, p.facts.number)))

    @property
    def refused(self) -> tuple[tuple[Text, int], ...]:
        """Why nothing is forecast, and of how many projects; the most first."""
        found: dict[Text, int] = {}
        for p in self.projects:
            if p.forecast.refusal is not None:
                found[p.forecast.refusal] = found.get(p.forecast.refusal, 0) + 1
        return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0].th)))

    @property
    def forecast_total(self) -> int | None:
        """What the year will end with by the sum of the forecasts, satang; None where one cannot be told. A project that is
        closed or cancelled counts with what it spent."""
        amounts = [
            p.reported.spent if p.forecast.refusal is ENDED else p.forecast.amount
            for p in self.projects
            if p.forecast.case.planned_year or p.forecast.refusal is ENDED
        ]
        told = [amount for amount in amounts if amount is not None]
        return sum(told) if told and len(told) == len(amounts) else None

    def by_part(self, key: Callable[[Part], str], names: Callable[[str], Text]) -> tuple[Group, ...]:
        """Money by what `key` says of each part, the largest first."""
        parts: dict[str, list[Part]] = {}
        projects: dict[str, set[int]] = {}
        for standing in self.projects:
            for part in standing.parts:
                code = key(part)
                parts.setdefault(code, []).append(part)
                projects.setdefault(code, set()).add(standing.facts.id)
        groups = (
            Group(code, names(code), sum_parts(own, self.month, len(projects[code])))
            for code, own in parts.items()
        )
        return tuple(sorted(groups, key=lambda g: (-g.sums.allotted, g.name.th)))

    def by_project(
        self, key: Callable[[ProjectFacts], str], codes: Iterable[tuple[str, Text]]
    ) -> tuple[Group, ...]:
        """Money by what `key` says of each project, in the order of `codes`, those with a project."""
        found: dict[str, list[Sums]] = {}
        for standing in self.projects:
            found.setdefault(key(standing.facts), []).append(standing.sums)
        return tuple(Group(code, name, add_sums(found[code])) for code, name in codes if code in found)

    def by_ministry(self) -> tuple[Group, ...]:
        """The money of each ministry's own agencies."""
        names = {a.ministry_code: a.ministry for a in self.agencies.values()}
        return self.by_part(lambda part: self.agencies[part.agency_id].ministry_code, names.__getitem__)

    def by_agency(self) -> tuple[Group, ...]:
        """Each agency's own money; the code is its id."""
        return self.by_part(lambda p: str(p.agency_id), lambda code: self.agencies[int(code)].name)

    def of_class(self, spending_class: SpendingClass) -> Sums:
        """The money of a class of expenditure, in the year itself: what is paid after it counts for no target."""
        wanted = {SpendingClass.OVERALL: None, SpendingClass.CAPITAL: True, SpendingClass.RECURRENT: False}[
            spending_class
        ]
        return add_sums(
            sum_parts(
                (p for p in s.parts if wanted is None or (p.category in CAPITAL_CATEGORIES) is wanted),
                min(self.month, MONTHS_OF_YEAR),
            )
            for s in self.projects
        )

    def count_lights(self) -> dict[str, dict[Light, int]]:
        """How many projects have which light, by measure."""
        found = {name: dict.fromkeys(ORDER, 0) for name in ("money", "milestones", "indicators")}
        for p in self.projects:
            found["money"][p.money.light] += 1
            found["milestones"][p.work.judged.light] += 1
            found["indicators"][p.indicators.light] += 1
        return found
