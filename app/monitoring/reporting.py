"""What speaks against a report, all of it at once, and what is worth a remark.

In: a report as read, the ground it is read against (`facts.Ground`), and, for a correction, the report it stands for. Out:
problems at the places of `typed_reports`; remarks that keep nobody from accepting it.
Why: a figure that passes what was granted, or takes money back that an earlier month never had, would make every sum above
it wrong. What is only unusual is for a person to judge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from decimal import Decimal

from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.monitoring.facts import Aim, CategoryOf, Ground, MoneyReport, MoneyRow, ProgressReport
from app.monitoring.periods import (
    MONTHS_OF_YEAR,
    ReportKind,
    first_day,
    last_day,
    last_month_of,
    period_name,
)
from app.monitoring.planning import read_number
from app.monitoring.typed_reports import (
    LONGEST_LINE,
    LONGEST_WORDS,
    NEGATIVE,
    NOT_A_PERCENT,
    NOT_A_RESULT,
    NOTE,
    TOO_LONG,
    Report,
    indicator_place,
    milestone_place,
    money_keys,
    money_place,
    words_place,
)

NOT_REPORTED_HERE = Text(
    "โครงการ {number} ไม่ได้เปิดให้หน่วยงานนี้รายงานในงวดนี้ (ไม่ใช่โครงการของหน่วยงาน ปิดแล้ว หรือไม่มีวงเงิน)",
    "Project {number} is not reported here: it is not this agency's, is over, or has no money in this period",
)
TWICE = Text("มีแถวนี้ซ้ำกัน", "This row is there twice")
OVER_ALLOTTED = Text(
    "ผูกพันสะสม {total} บาท เกินวงเงิน {allotted} บาท อยู่ {over} บาท",
    "Commitments come to {total} baht, {over} baht more than the {allotted} allotted",
)
OVER_COMMITTED = Text(
    "เบิกจ่ายสะสม {total} บาท เกินก่อหนี้ผูกพันสะสม {committed} บาท เงินที่จ่ายโดยไม่มีสัญญาให้กรอกเป็นก่อหนี้ผูกพันด้วย",
    "Payments come to {total} baht, more than the {committed} committed; what is paid without a contract is committed too",
)
BREAKS_LATER = Text(
    "แก้เป็นจำนวนนี้แล้ว เดือนหลังที่รับรองไปแล้วจะเบิกจ่ายเกินก่อหนี้ผูกพันสะสม {over} บาท",
    "With this, a later month that is accepted already would have paid {over} baht more than was committed",
)
OVER_CARRIED = Text(
    "เบิกจ่ายหลังสิ้นปีงบประมาณรวม {total} บาท เกินเงินกันไว้เบิกเหลื่อมปี {carried} บาท",
    "Payments after the year's end come to {total} baht, more than the {carried} carried over",
)
DAY_WITHOUT_END = Text("กรอกวันที่แล้วเสร็จเมื่อความก้าวหน้าเป็น 100 เท่านั้น", "A day of completion goes with 100 only")
END_WITHOUT_DAY = Text("งานที่แล้วเสร็จต้องมีวันที่แล้วเสร็จ", "What is done needs the day it was done")
DAY_OUTSIDE = Text(
    "วันที่แล้วเสร็จต้องอยู่ระหว่าง 1 ตุลาคมของปีงบประมาณถึงวันสิ้นงวดที่รายงาน",
    "The day must lie between 1 October of the fiscal year and the end of the period",
)


def list_report_problems(report: Report, ground: Ground, former: Report | None = None) -> list[Problem]:
    """Everything that speaks against a report; empty cells are for `typed_reports.read_cells`. `former` is the report a
    correction stands for: a row outside the ground may stay as it was there."""
    if isinstance(report, MoneyReport):
        found = _money_problems(report, ground, former if isinstance(former, MoneyReport) else None)
    else:
        found = _progress_problems(report, ground, former if isinstance(former, ProgressReport) else None)
    return [*found, *_too_long(NOTE, report.note, LONGEST_WORDS)]


def keep_others(report: Report, ground: Ground, former: Report | None) -> Report:
    """A correction with the rows of its former that it cannot touch, of projects that are over by now."""
    if isinstance(report, MoneyReport) and isinstance(former, MoneyReport):
        known = set(money_keys(ground))
        kept = (row for row in former.rows if (row.project, row.category) not in known)
        return replace(report, rows=(*report.rows, *kept))
    if isinstance(report, ProgressReport) and isinstance(former, ProgressReport):
        return replace(
            report,
            milestones=(
                *report.milestones,
                *(m for m in former.milestones if (m.project, m.position) not in ground.milestones),
            ),
            indicators=(
                *report.indicators,
                *(i for i in former.indicators if (i.project, i.position) not in ground.indicators),
            ),
            words=(*report.words, *(w for w in former.words if w.project not in ground.projects)),
        )
    return report


def _money_problems(report: MoneyReport, ground: Ground, former: MoneyReport | None) -> Iterator[Problem]:
    known, before = set(money_keys(ground)), set(former.rows) if former else set()
    times = Counter((row.project, row.category) for row in report.rows)
    for row in report.rows:
        key = row.project, row.category
        if key not in known:
            if row not in before:
                yield Problem(money_place(key, "committed"), NOT_REPORTED_HERE.fill(number=row.project))
            continue
        if times[key] > 1:
            yield Problem(money_place(key, "committed"), TWICE)
            continue
        negative = [name for name in ("committed", "disbursed") if getattr(row, name) < 0]
        yield from (Problem(money_place(key, name), NEGATIVE) for name in negative)
        if not negative:
            yield from _row_problems(row, ground)


def _row_problems(row: MoneyRow, ground: Ground) -> Iterator[Problem]:
    key = row.project, row.category
    committed = ground.committed.get(key, 0) + row.committed
    disbursed = ground.disbursed.get(key, 0) + row.disbursed
    allotted, in_all = ground.allotted.get(key, 0), committed + ground.later_committed.get(key, 0)
    if in_all > allotted:
        yield Problem(
            money_place(key, "committed"),
            OVER_ALLOTTED.fill(
                total=format_baht(in_all),
                allotted=format_baht(allotted),
                over=format_baht(in_all - allotted),
            ),
        )
    short = disbursed + ground.later_excess.get(key, 0) - committed
    if disbursed > committed:
        yield Problem(
            money_place(key, "disbursed"),
            OVER_COMMITTED.fill(total=format_baht(disbursed), committed=format_baht(committed)),
        )
    elif short > 0:
        yield Problem(money_place(key, "disbursed"), BREAKS_LATER.fill(over=format_baht(short)))
    after_year, carried = ground.after_year.get(key, 0) + row.disbursed, ground.carried.get(key, 0)
    if ground.period > MONTHS_OF_YEAR and after_year > carried:
        yield Problem(
            money_place(key, "disbursed"),
            OVER_CARRIED.fill(total=format_baht(after_year), carried=format_baht(carried)),
        )


def _progress_problems(
    report: ProgressReport, ground: Ground, former: ProgressReport | None
) -> Iterator[Problem]:
    begin = first_day(ground.fiscal_year, 1)
    end = last_day(ground.fiscal_year, last_month_of(ReportKind.PROGRESS, ground.period))
    before = {*former.milestones, *former.indicators, *former.words} if former is not None else frozenset()
    marks = Counter((m.project, m.position) for m in report.milestones)
    measures = Counter((i.project, i.position) for i in report.indicators)
    for m in report.milestones:
        at = m.project, m.position
        if at not in ground.milestones:
            if m not in before:
                yield Problem(milestone_place(at, "percent"), NOT_REPORTED_HERE.fill(number=m.project))
            continue
        if marks[at] > 1:
            yield Problem(milestone_place(at, "percent"), TWICE)
        if not 0 <= m.percent <= 100:
            yield Problem(milestone_place(at, "percent"), NOT_A_PERCENT)
        elif m.percent == 100 and m.done_on is None:
            yield Problem(milestone_place(at, "done_on"), END_WITHOUT_DAY)
        elif m.percent < 100 and m.done_on is not None:
            yield Problem(milestone_place(at, "done_on"), DAY_WITHOUT_END)
        elif m.done_on is not None and not begin <= m.done_on <= end:
            yield Problem(milestone_place(at, "done_on"), DAY_OUTSIDE)
        yield from _too_long(milestone_place(at, "note"), m.note, LONGEST_LINE)
    for i in report.indicators:
        at = i.project, i.position
        if at not in ground.indicators:
            if i not in before:
                yield Problem(indicator_place(at, "result"), NOT_REPORTED_HERE.fill(number=i.project))
            continue
        if measures[at] > 1:
            yield Problem(indicator_place(at, "result"), TWICE)
        if i.result and read_number(i.result) != i.result:
            yield Problem(indicator_place(at, "result"), NOT_A_RESULT)
        yield from _too_long(indicator_place(at, "evidence"), i.evidence, LONGEST_WORDS)
    said = Counter(w.project for w in report.words)
    for w in report.words:
        if w.project not in ground.projects:
            if w not in before:
                yield Problem(words_place(w.project, "problems"), NOT_REPORTED_HERE.fill(number=w.project))
            continue
        if said[w.project] > 1:
            yield Problem(words_place(w.project, "problems"), TWICE)
        yield from _too_long(words_place(w.project, "problems"), w.problems, LONGEST_WORDS)
        yield from _too_long(words_place(w.project, "help"), w.help, LONGEST_WORDS)


def _too_long(place: str, text: str, longest: int) -> Iterator[Problem]:
    if len(text) > longest:
        yield Problem(place, TOO_LONG.fill(n=longest))


@dataclass(frozen=True, slots=True)
class Past:
    """What a report is compared with for remarks: earlier periods not handed in, what was planned for the month (satang
    by project number and category), how far milestones were and what indicators stood at in the last quarter that
    counts; whether it is a correction."""

    missing: tuple[int, ...] = ()
    planned: Mapping[CategoryOf, int] = field(default_factory=dict)
    percents: Mapping[tuple[str, int], int] = field(default_factory=dict)
    results: Mapping[tuple[str, int], str] = field(default_factory=dict)
    is_correction: bool = False


_CORRECTION = Text("เป็นฉบับแก้ไขของงวดที่รับรองแล้ว", "This corrects a period that was accepted")
_MISSING = Text(
    "งวดก่อนหน้ายังส่งไม่ถึงฝ่ายเลขานุการ: {periods}",
    "Earlier periods have not reached the secretariat yet: {periods}",
)
_NOTHING = Text(
    "รายงาน 0 ทุกแถว ทั้งที่แผนของเดือนนี้มี {planned} บาท",
    "Every row says 0, though {planned} baht were planned for the month",
)
_FELL = Text(
    "โครงการ {number}: งานสำคัญลำดับ {position} ลดลงจากร้อยละ {before} เหลือ {after}",
    "Project {number}: milestone {position} fell from {before} to {after} percent",
)
_MISSED = Text(
    "โครงการ {number}: ตัวชี้วัดลำดับ {position} ได้ {result} จากเป้าหมายของไตรมาส {target}",
    "Project {number}: indicator {position} is at {result}; the quarter's target was {target}",
)
_OVERDUE = Text(
    "โครงการ {number}: งานสำคัญลำดับ {position} พ้นกำหนดแล้วแต่ได้ร้อยละ {after}",
    "Project {number}: milestone {position} is past its day and stands at {after} percent",
)
_HELP = Text("โครงการ {number}: ขอความช่วยเหลือ", "Project {number} asks for help")


def list_remarks(report: Report, ground: Ground, past: Past) -> list[Text]:
    """What a person should look at before accepting a report; none of it keeps anybody from it."""
    found = [_CORRECTION] if past.is_correction else []
    if past.missing:
        names = [period_name(ground.fiscal_year, ground.kind, period) for period in past.missing]
        found.append(
            _MISSING.fill(
                periods=Text(", ".join(name.th for name in names), ", ".join(name.en for name in names))
            )
        )
    if isinstance(report, MoneyReport):
        planned = sum(past.planned.values())
        if planned and report.rows and not any(row.committed or row.disbursed for row in report.rows):
            found.append(_NOTHING.fill(planned=format_baht(planned)))
        return found
    return [*found, *_progress_remarks(report, ground, past)]


def _progress_remarks(report: ProgressReport, ground: Ground, past: Past) -> Iterator[Text]:
    end = last_day(ground.fiscal_year, last_month_of(ReportKind.PROGRESS, ground.period))
    for m in report.milestones:
        at = m.project, m.position
        words = {"number": m.project, "position": str(m.position), "after": str(m.percent)}
        if m.percent < past.percents.get(at, 0):
            yield _FELL.fill(**words, before=str(past.percents[at]))
        milestone = ground.milestones.get(at)
        if milestone is not None and milestone.due_on <= end and m.percent < 100:
            yield _OVERDUE.fill(**words)
    for i in report.indicators:
        indicator = ground.indicators.get((i.project, i.position))
        quarters = indicator.quarters if indicator is not None else ()
        target = quarters[ground.period - 1] if ground.period <= len(quarters) else ""
        if indicator is None or not target or not i.result:
            continue
        ahead = Decimal(i.result) - Decimal(target)
        if (ahead < 0) if indicator.aim is Aim.UP else (ahead > 0):
            words = {"number": i.project, "position": str(i.position)}
            yield _MISSED.fill(**words, result=i.result, target=target)
    for w in report.words:
        if w.help.strip():
            yield _HELP.fill(number=w.project)


@dataclass(frozen=True, slots=True)
class CellChange:
    """A cell that a correction changed, as typed; "" where it was or became empty."""

    place: str
    before: str
    after: str


def compare_cells(before: Mapping[str, str], after: Mapping[str, str]) -> list[CellChange]:
    """Every cell that differs between two reports as cells, in the order of the first, new ones last."""
    places = dict.fromkeys([*before, *after])
    changes = (CellChange(place, before.get(place, ""), after.get(place, "")) for place in places)
    return [change for change in changes if change.before != change.after]
