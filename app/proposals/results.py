"""What became of a project that was granted money: spent by when, and what its indicators reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.proposals.facts import Indicator
from app.proposals.states import APPROVED, CONDITIONAL, RECORDED

GRANTED_STATES = frozenset({APPROVED, CONDITIONAL, RECORDED})
LONGEST_SOURCE, LONGEST_NOTE, LONGEST_RESULT = 300, 2000, 200

NOT_GRANTED = Text(
    "โครงการนี้ไม่ได้รับความเห็นชอบ จึงไม่มีผลการดำเนินงานให้บันทึก",
    "This project was not granted money, so it has no results to record",
)
NEEDS_SOURCE = Text(
    "กรุณาระบุที่มาของตัวเลข อย่างน้อย 5 ตัวอักษร", "Say where the figures come from, in at least 5 characters"
)
TOO_LONG = Text("ยาวเกิน {n} ตัวอักษร", "Longer than {n} characters")
AHEAD = Text("วันที่ของข้อมูลอยู่ในอนาคต", "The figures are of a day that lies ahead")
TOO_EARLY = Text(
    "วันที่ของข้อมูลอยู่ก่อนปีงบประมาณของโครงการ", "The figures are of a day before the project's fiscal year"
)
SPENT_TOO_MUCH = Text(
    "เบิกจ่ายมากกว่าวงเงินที่ใช้ได้ ({granted} บาท)", "More was spent than could be ({granted} baht)"
)
NO_SUCH_INDICATOR = Text("โครงการไม่มีตัวชี้วัดลำดับที่ {n}", "The project has no indicator number {n}")
REACHED_WITHOUT_RESULT = Text(
    "กรุณากรอกผลของตัวชี้วัดที่ระบุว่าบรรลุหรือไม่บรรลุ", "Give the result that reached its target, or did not"
)


@dataclass(frozen=True, slots=True)
class IndicatorResult:
    """What one indicator reached. `position` is its place in the filing, from 1; `reached` None is not known."""

    position: int
    name: str
    unit: str
    target: str
    result: str
    reached: bool | None

    @classmethod
    def of(cls, position: int, indicator: Indicator, result: str, reached: bool | None) -> IndicatorResult:
        return cls(position, indicator.name, indicator.unit, indicator.target, result, reached)


@dataclass(frozen=True, slots=True)
class ProjectResults:
    """A report of results. Satang; `spent` up to and with `as_of`, of the `granted`."""

    as_of: date
    granted: int
    spent: int
    indicators: tuple[IndicatorResult, ...]
    source: str
    note: str = ""

    @property
    def spent_share(self) -> Fraction | None:
        """Spent of granted, 0 to 1; None where nothing was granted."""
        return Fraction(self.spent, self.granted) if self.granted else None

    @property
    def known(self) -> tuple[IndicatorResult, ...]:
        """The indicators of which it is known whether they reached their target."""
        return tuple(k for k in self.indicators if k.reached is not None)

    @property
    def reached(self) -> int:
        return sum(1 for k in self.indicators if k.reached)

    def of_indicator(self, position: int) -> IndicatorResult | None:
        return next((k for k in self.indicators if k.position == position), None)


def list_result_problems(
    results: ProjectResults, fiscal_year: int, indicators: Sequence[Indicator], today: date
) -> list[Problem]:
    """Everything that speaks against a report; places are `spent`, `as_of`, `source`, `note` and `result-<n>`."""
    problems = []
    if results.as_of > today:
        problems.append(Problem("as_of-day", AHEAD))
    elif results.as_of < date(fiscal_year - 543 - 1, 10, 1):
        problems.append(Problem("as_of-day", TOO_EARLY))
    if results.spent > results.granted:
        problems.append(Problem("spent", SPENT_TOO_MUCH.fill(granted=format_baht(results.granted))))
    for k in results.indicators:
        if not 1 <= k.position <= len(indicators):
            problems.append(Problem(f"result-{k.position}", NO_SUCH_INDICATOR.fill(n=k.position)))
        elif k.reached is not None and not k.result:
            problems.append(Problem(f"result-{k.position}", REACHED_WITHOUT_RESULT))
        elif len(k.result) > LONGEST_RESULT:
            problems.append(Problem(f"result-{k.position}", TOO_LONG.fill(n=LONGEST_RESULT)))
    if len(results.source.strip()) < 5:
        problems.append(Problem("source", NEEDS_SOURCE))
    elif len(results.source) > LONGEST_SOURCE:
        problems.append(Problem("source", TOO_LONG.fill(n=LONGEST_SOURCE)))
    if len(results.note) > LONGEST_NOTE:
        problems.append(Problem("note", TOO_LONG.fill(n=LONGEST_NOTE)))
    return problems


def results_as_json(results: ProjectResults) -> dict[str, Any]:
    """What `ProjectResult.content` keeps; the rest has columns of its own."""
    return {
        "indicators": [
            {
                "position": k.position,
                "name": k.name,
                "unit": k.unit,
                "target": k.target,
                "result": k.result,
                "reached": k.reached,
            }
            for k in results.indicators
        ],
        "note": results.note,
    }


def results_from_json(
    value: Mapping[str, Any], as_of: date, granted: int, spent: int, source: str
) -> ProjectResults:
    """The report that `results_as_json` and the columns hold."""
    return ProjectResults(
        as_of, granted, spent, tuple(IndicatorResult(**k) for k in value["indicators"]), source, value["note"]
    )
