"""Reports as they are typed, cell by cell, and as values.

A report that is being written is kept as its cells, by their places: "money-<number>-<category>-committed|disbursed",
"milestone-<number>-<position>-percent|done_on|note", "indicator-<number>-<position>-result|evidence",
"words-<number>-problems|help" and "note". What can be read is kept in one plain form, everything else as it was typed: a
bad amount never costs anybody a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from app.kernel.clock import BUDDHIST_OFFSET
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import NEGATIVE as NEGATIVE_AMOUNT
from app.kernel.money import MoneyError, decimal_baht, parse_baht
from app.kernel.text import Text
from app.kernel.thai_text import arabic_digits
from app.monitoring.facts import (
    CategoryOf,
    Ground,
    IndicatorRow,
    MilestoneRow,
    MoneyReport,
    MoneyRow,
    ProgressReport,
    ProjectWords,
)
from app.monitoring.periods import MONTHS_OF_YEAR, ReportKind
from app.monitoring.planning import read_number

Cells = Mapping[str, str]
Report = MoneyReport | ProgressReport

NOTE = "note"
LONGEST_WORDS, LONGEST_LINE = 4000, 1000

NEGATIVE = Text(
    "ห้ามติดลบ หากเดือนก่อนรายงานเกินไป ให้แก้ไขรายงานของเดือนนั้นเอง",
    "Never negative: where an earlier month was reported too high, correct the report of that month itself",
)
NEEDED_AMOUNT = Text("กรุณากรอกจำนวนเงิน หากไม่มีให้กรอก 0", "Enter an amount; 0 where there was none")
NEEDED_PERCENT = Text("กรุณากรอกความก้าวหน้า 0 ถึง 100", "Enter how far it is, 0 to 100")
NEEDED_RESULT = Text(
    "ไตรมาสนี้มีค่าเป้าหมาย กรุณากรอกผลที่วัดได้", "This quarter has a target: enter what was measured"
)
NOT_A_PERCENT = Text("ความก้าวหน้าต้องเป็นจำนวนเต็ม 0 ถึง 100", "Progress is a whole number from 0 to 100")
NOT_A_DAY = Text("กรุณากรอกวันที่เช่น 20/11/2568", "Enter the day such as 20/11/2568")
NOT_A_RESULT = Text(
    "ผลของตัวชี้วัดต้องเป็นตัวเลข คำอธิบายใส่ในช่องหลักฐาน",
    "An indicator's result is a number; explanations go into the evidence",
)
TOO_LONG = Text("ยาวเกิน {n} ตัวอักษร", "Longer than {n} characters")

_SHORT_MONTHS = {
    name: n
    for n, name in enumerate(("มค", "กพ", "มีค", "เมย", "พค", "มิย", "กค", "สค", "กย", "ตค", "พย", "ธค"), 1)
}
_DAY = re.compile(r"(\d{1,2})\s*[/.\- ]\s*(\d{1,2}|[ก-๙.]+)\s*[/.\- ]\s*(\d{4})")
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
_FIRST_THAI_YEAR = 2400


@dataclass(frozen=True, slots=True)
class ReadReport:
    """What was typed, read: the report as far as it can be, what cannot be read, and what is still empty. `cells` are
    what to keep."""

    report: Report
    unread: tuple[Problem, ...]
    missing: tuple[Problem, ...]
    cells: Cells


def money_keys(ground: Ground) -> list[CategoryOf]:
    """The rows of a month's report, (project number, category), in the order of the ground: where money is allotted or
    was reported already; after the year's end, where money was carried over."""
    keys = list(dict.fromkeys([*ground.allotted, *ground.committed, *ground.later_committed]))
    if ground.period > MONTHS_OF_YEAR:
        return [key for key in keys if ground.carried.get(key) or ground.after_year.get(key)]
    return [
        key
        for key in keys
        if ground.allotted.get(key) or ground.committed.get(key) or ground.later_committed.get(key)
    ]


def money_place(key: tuple[str, str], name: str) -> str:
    return f"money-{key[0]}-{key[1]}-{name}"


def milestone_place(key: tuple[str, int], name: str) -> str:
    return f"milestone-{key[0]}-{key[1]}-{name}"


def indicator_place(key: tuple[str, int], name: str) -> str:
    return f"indicator-{key[0]}-{key[1]}-{name}"


def words_place(number: str, name: str) -> str:
    return f"words-{number}-{name}"


def list_places(ground: Ground) -> Iterator[str]:
    """Every cell a report has."""
    if ground.kind is ReportKind.MONEY:
        for key in money_keys(ground):
            yield from (money_place(key, "committed"), money_place(key, "disbursed"))
    else:
        for at in ground.milestones:
            yield from (milestone_place(at, name) for name in ("percent", "done_on", "note"))
        for at in ground.indicators:
            yield from (indicator_place(at, name) for name in ("result", "evidence"))
        for number in ground.projects:
            yield from (words_place(number, name) for name in ("problems", "help"))
    yield NOTE


def read_cells(cells: Cells, ground: Ground) -> ReadReport:
    """Read what was typed. Cells the report does not have are left out; those it has and were not sent are empty."""
    reader = _Reader({place: cells.get(place, "").strip() for place in list_places(ground)})
    report = reader.money(ground) if ground.kind is ReportKind.MONEY else reader.progress(ground)
    kept = {place: text for place, text in reader.cells.items() if text}
    return ReadReport(report, tuple(reader.unread), tuple(reader.missing), kept)


def merge_cells(base: Cells, mine: Cells, theirs: Cells) -> tuple[dict[str, str], tuple[str, ...]]:
    """Two people's cells that both began as `base`: a cell that one of them changed is as that one left it. Where both
    changed it, to different texts, mine stands and its place is among those returned."""
    merged, clashes = dict(theirs), []
    for place in dict.fromkeys([*base, *mine, *theirs]):
        was, one, other = (cells.get(place, "") for cells in (base, mine, theirs))
        if one == was:
            continue
        if other not in (was, one):
            clashes.append(place)
        merged[place] = one
    return {place: text for place, text in merged.items() if text}, tuple(clashes)


class _Reader:
    def __init__(self, cells: dict[str, str]):
        self.cells = cells
        self.unread: list[Problem] = []
        self.missing: list[Problem] = []

    def money(self, ground: Ground) -> MoneyReport:
        rows = []
        for key in money_keys(ground):
            amounts = [self._amount(money_place(key, name)) for name in ("committed", "disbursed")]
            committed, disbursed = amounts
            if committed is not None and disbursed is not None:
                rows.append(MoneyRow(*key, committed, disbursed))
        return MoneyReport(tuple(rows), self._words(NOTE))

    def progress(self, ground: Ground) -> ProgressReport:
        milestones, indicators, words = [], [], []
        for at in ground.milestones:
            percent = self._percent(milestone_place(at, "percent"))
            done_on = self._day(milestone_place(at, "done_on"))
            note = self._words(milestone_place(at, "note"), LONGEST_LINE)
            if percent is not None:
                milestones.append(MilestoneRow(*at, percent, done_on, note))
        for at, indicator in ground.indicators.items():
            place = indicator_place(at, "result")
            result = self._number(place)
            has_target = ground.period <= len(indicator.quarters) and indicator.quarters[ground.period - 1]
            if has_target and not self.cells[place]:
                self.missing.append(Problem(place, NEEDED_RESULT))
            evidence = self._words(indicator_place(at, "evidence"))
            indicators.append(IndicatorRow(*at, result, evidence))
        for number in ground.projects:
            problems, needed = (self._words(words_place(number, name)) for name in ("problems", "help"))
            if problems or needed:
                words.append(ProjectWords(number, problems, needed))
        return ProgressReport(tuple(milestones), tuple(indicators), tuple(words), self._words(NOTE))

    def _amount(self, place: str) -> int | None:
        typed = self.cells[place]
        if not typed:
            self.missing.append(Problem(place, NEEDED_AMOUNT))
            return None
        try:
            amount = parse_baht(typed)
        except MoneyError as why:
            self.unread.append(Problem(place, NEGATIVE if why.text is NEGATIVE_AMOUNT else why.text))
            return None
        self.cells[place] = decimal_baht(amount)
        return amount

    def _percent(self, place: str) -> int | None:
        typed = self.cells[place]
        if not typed:
            self.missing.append(Problem(place, NEEDED_PERCENT))
            return None
        number = read_number(typed)
        if number is None or not number.isdigit() or int(number) > 100:
            self.unread.append(Problem(place, NOT_A_PERCENT))
            return None
        self.cells[place] = number
        return int(number)

    def _day(self, place: str) -> date | None:
        if not self.cells[place]:
            return None
        day = read_day(self.cells[place])
        if day is None:
            self.unread.append(Problem(place, NOT_A_DAY))
        else:
            self.cells[place] = show_day(day)
        return day

    def _number(self, place: str) -> str:
        if not self.cells[place]:
            return ""
        number = read_number(self.cells[place])
        if number is None:
            self.unread.append(Problem(place, NOT_A_RESULT))
            return ""
        self.cells[place] = number
        return number

    def _words(self, place: str, longest: int = LONGEST_WORDS) -> str:
        if len(self.cells[place]) > longest:
            self.unread.append(Problem(place, TOO_LONG.fill(n=longest)))
        return self.cells[place]


def read_day(typed: str) -> date | None:
    """A day as people write it: "20/11/2568", "20 พ.ย. 2568", "2568-11-20"; years of the common era are understood."""
    text = arabic_digits(typed).strip()
    if found := _ISO_DAY.fullmatch(text):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY.fullmatch(text):
        day, year = int(found[1]), int(found[3])
        named = found[2].replace(".", "")
        month = int(named) if named.isdigit() else _SHORT_MONTHS.get(named, 0)
    else:
        return None
    try:
        return date(year - BUDDHIST_OFFSET if year >= _FIRST_THAI_YEAR else year, month, day)
    except ValueError:
        return None


def show_day(day: date) -> str:
    """A day as it is typed: "20/11/2568"."""
    return f"{day.day:02d}/{day.month:02d}/{day.year + BUDDHIST_OFFSET}"


def show_report(report: Report) -> dict[str, str]:
    """A report as cells, the inverse of `read_cells`; empty cells are left out."""
    cells = {NOTE: report.note}
    if isinstance(report, MoneyReport):
        for row in report.rows:
            key = row.project, row.category
            cells[money_place(key, "committed")] = decimal_baht(row.committed)
            cells[money_place(key, "disbursed")] = decimal_baht(row.disbursed)
    else:
        for m in report.milestones:
            at = m.project, m.position
            cells[milestone_place(at, "percent")] = str(m.percent)
            cells[milestone_place(at, "done_on")] = show_day(m.done_on) if m.done_on else ""
            cells[milestone_place(at, "note")] = m.note
        for i in report.indicators:
            cells[indicator_place((i.project, i.position), "result")] = i.result
            cells[indicator_place((i.project, i.position), "evidence")] = i.evidence
        for w in report.words:
            cells[words_place(w.project, "problems")] = w.problems
            cells[words_place(w.project, "help")] = w.help
    return {place: text for place, text in cells.items() if text}
