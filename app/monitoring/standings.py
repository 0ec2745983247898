"""How projects stand at a moment: their money in parts, what is done of what is due, and sums over any group of them.

Amounts are satang; months as in `periods`. A part is what one agency has in one category of a project.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.attainment import Attainment, attain
from app.monitoring.curves import Curve, add_months, cumulate, curve_of
from app.monitoring.facts import Milestone, PlannedIndicator, ReportingRules
from app.monitoring.lights import NO_LIGHT, Judged, judge
from app.monitoring.periods import LAST_MONTH, LAST_QUARTER, MONTHS_OF_YEAR, month_of
from app.monitoring.returning import Returnable, could_return
from app.monitoring.schedule import NOT_BEGUN, NOTHING_DUE, Schedule, earned_schedule
from app.monitoring.states import CANCELLED
from app.monitoring.warning import Case, Forecast, Profile, forecast


@dataclass(slots=True)
class Part:
    """Money of one agency and category in a project: by month (24 amounts each), and what may be spent."""

    agency_id: int
    category: str
    allotted: int
    carried: int
    planned: list[int]
    committed: list[int]
    spent: list[int]


def new_part(agency_id: int, category: str) -> Part:
    """A part with nothing in it."""
    return Part(agency_id, category, 0, 0, [0] * LAST_MONTH, [0] * LAST_MONTH, [0] * LAST_MONTH)


@dataclass(frozen=True, slots=True)
class Sums:
    """Money at the end of a month, satang: what may be spent, of it after the year's end, planned by then and by the
    year's end, bound and paid by then."""

    projects: int = 0
    allotted: int = 0
    carried: int = 0
    planned: int = 0
    planned_year: int = 0
    committed: int = 0
    spent: int = 0

    @property
    def available(self) -> int:
        """What may be spent within the year."""
        return self.allotted - self.carried

    @property
    def spent_share(self) -> int | None:
        """Paid of allotted, hundredths of a percent, rounded down; None where nothing is allotted."""
        return self.spent * 10_000 // self.allotted if self.allotted else None

    @property
    def planned_share(self) -> int | None:
        """Planned by now of allotted, hundredths of a percent, rounded down."""
        return self.planned * 10_000 // self.allotted if self.allotted else None

    @property
    def behind(self) -> int:
        """Planned by now and not paid, satang; below 0 where more was paid than planned."""
        return self.planned - self.spent


def add_sums(sums: Iterable[Sums]) -> Sums:
    """All of them together."""
    total = [0] * 7
    for s in sums:
        total[0] += s.projects
        total[1] += s.allotted
        total[2] += s.carried
        total[3] += s.planned
        total[4] += s.planned_year
        total[5] += s.committed
        total[6] += s.spent
    return Sums(*total)


def sum_parts(parts: Iterable[Part], month: int, projects: int = 1) -> Sums:
    """Parts added up at the end of a month."""
    total = [projects, 0, 0, 0, 0, 0, 0]
    for part in parts:
        total[1] += part.allotted
        total[2] += part.carried
        total[3] += sum(part.planned[:month])
        total[4] += sum(part.planned[:MONTHS_OF_YEAR])
        total[5] += sum(part.committed[:month])
        total[6] += sum(part.spent[:month])
    return Sums(*total)


def curve_of_parts(parts: Iterable[Part], upto: int) -> Curve:
    """The curve of parts, reported up to and with a month."""
    parts = list(parts)
    return curve_of(
        add_months(p.planned for p in parts),
        add_months(p.committed for p in parts),
        add_months(p.spent for p in parts),
        upto,
    )


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a project means to do and reach, of the plan it is held against."""

    milestones: tuple[Milestone, ...] = ()
    indicators: tuple[PlannedIndicator, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkDone:
    """How far the milestones are, in hundredths of the project (weight in percent times percent done): `due` is what was
    to be done by now and `done_of_due` what is done of it; `done` all that is done."""

    due: int
    done_of_due: int
    done: int
    schedule: Schedule
    judged: Judged


WHOLE = 10_000


def work_done(
    scheme: Scheme,
    percents: Mapping[tuple[int, int], int],
    fiscal_year: int,
    month: int,
    rules: ReportingRules,
    *,
    told: int = LAST_QUARTER,
) -> WorkDone:
    """The milestones at the last quarter that is over by the end of a month, no later than the quarter `told` up to which
    reports were accepted: of what came after nobody could tell yet. `percents` is what was reported, by (position,
    quarter)."""
    asked, quarters = month, min(month // 3, told)
    month = quarters * 3
    planned, by_quarter = [0] * LAST_MONTH, [0] * (quarters + 1)
    due = done_of_due = 0
    for milestone in scheme.milestones:
        due_month = min(max(month_of(fiscal_year, milestone.due_on), 1), LAST_MONTH)
        planned[due_month - 1] += milestone.weight * 100
        reached = 0
        for quarter in range(1, len(by_quarter)):
            reached = max(reached, percents.get((milestone.position, quarter), 0))
            by_quarter[quarter] += milestone.weight * reached
        if due_month <= month:
            due += milestone.weight * 100
            done_of_due += milestone.weight * reached
    earned = [by_quarter[at // 3] for at in range(1, month + 1)]
    done = earned[-1] if earned else 0
    judged = judge(done_of_due, due, rules)
    schedule = earned_schedule(cumulate(planned), earned)
    if schedule.why is NOT_BEGUN and not sum(planned[:asked]):
        schedule = Schedule(0, why=NOTHING_DUE)
    return WorkDone(due, done_of_due, done, schedule, judged)


def attain_all(
    scheme: Scheme, results: Mapping[tuple[int, int], str], quarter: int
) -> tuple[Attainment, ...]:
    """Every indicator by the end of a quarter."""
    return tuple(
        attain(i, {q: text for (position, q), text in results.items() if position == i.position}, quarter)
        for i in scheme.indicators
    )


def judge_indicators(attained: Iterable[Attainment], rules: ReportingRules) -> Judged:
    """The light of a project's indicators: the mean of those due."""
    due = [a for a in attained if a.is_due]
    if not due:
        return NO_LIGHT
    return judge(sum((a.counted for a in due), Fraction(0)), len(due), rules)


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """What a project is. `agencies` are the ids of all that carry it out; `ended_in` is the month of the year's money in
    which it was closed or cancelled, None while it is under way."""

    id: int
    number: str
    title: Text
    lead_id: int
    lead: Text
    ministry_code: str
    ministry: Text
    stage: str
    guideline: str
    state: str
    approved: int
    agencies: frozenset[int]
    ended_in: int | None = None

    def is_ended(self, month: int) -> bool:
        """Whether it was over by the end of a month."""
        return self.ended_in is not None and self.ended_in <= month


@dataclass(frozen=True, slots=True)
class ProjectStanding:
    """How a project stands. `upto` is the last month, no later than the one asked for, that all its agencies with money
    have accepted reports of; its light of money and its forecast are of that month, its sums of the month asked for. `told`
    is the last quarter that all its agencies with milestones or indicators have accepted reports of; the lights of work and
    of indicators are of that quarter."""

    facts: ProjectFacts
    parts: tuple[Part, ...]
    scheme: Scheme
    upto: int
    told: int
    sums: Sums
    reported: Sums
    money: Judged
    work: WorkDone
    attained: tuple[Attainment, ...]
    indicators: Judged
    forecast: Forecast
    returnable: Returnable | None


def case_of(parts: Iterable[Part], month: int, group: Sums) -> Case:
    """What a forecast is told from: parts at the end of a month, beside their group at the same."""
    parts = list(parts)
    sums = sum_parts(parts, month)
    by_category: dict[str, list[int]] = {}
    for part in parts:
        row = by_category.setdefault(part.category, [0, 0])
        row[0] += part.allotted - part.carried
        row[1] += sum(part.spent[:month])
    return Case(
        month,
        sums.spent,
        sums.planned,
        sums.planned_year,
        sums.available,
        tuple((category, available, spent) for category, (available, spent) in by_category.items()),
        group.spent,
        group.planned,
    )


def stand(
    facts: ProjectFacts,
    parts: tuple[Part, ...],
    scheme: Scheme,
    percents: Mapping[tuple[int, int], int],
    results: Mapping[tuple[int, int], str],
    *,
    fiscal_year: int,
    month: int,
    upto: int,
    told: int,
    rules: ReportingRules,
    groups: Mapping[int, Sums],
    profile: Profile,
) -> ProjectStanding:
    """How a project stands at the end of `month`, its money reported up to the month `upto` and its progress up to the
    quarter `told`; `groups` are the sums of its group by month."""
    reported = sum_parts(parts, upto)
    is_ended = facts.is_ended(month)
    expected = forecast(case_of(parts, upto, groups.get(upto, Sums())), profile, is_ended=is_ended)
    told = min(told, month // 3)
    attained = attain_all(scheme, results, told)
    work = work_done(scheme, percents, fiscal_year, month, rules, told=told)
    money = judge(reported.spent, reported.planned if upto else 0, rules)
    aims = judge_indicators(attained, rules)
    if is_ended and facts.state == CANCELLED:  # nothing is asked of it any more
        work, money, aims = replace(work, judged=NO_LIGHT), NO_LIGHT, NO_LIGHT
    return ProjectStanding(
        facts,
        parts,
        scheme,
        upto,
        told,
        sum_parts(parts, month),
        reported,
        money,
        work,
        attained,
        aims,
        expected,
        _returnable(parts, reported, upto, expected.high, is_ended=is_ended) if upto else None,
    )


def _returnable(
    parts: tuple[Part, ...], reported: Sums, upto: int, high: int | None, *, is_ended: bool
) -> Returnable | None:
    """What could be returned: of the year's money alone while carried-over money can still be paid, else of all."""
    if is_ended or upto >= LAST_MONTH:
        available, spent = reported.allotted, reported.spent
    else:
        available, spent = reported.available, sum_parts(parts, min(upto, MONTHS_OF_YEAR)).spent
    return could_return(available, reported.committed, spent, high, upto, is_ended=is_ended)
