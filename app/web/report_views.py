"""Reports as pages show them, on whichever desk: rows of money with what came before and what is left, quarters by
project, what a correction changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.calls.queries import CallView
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.facts import Ground, Milestone, MoneyReport, PlannedIndicator, ProgressReport
from app.monitoring.models import EvidenceFile
from app.monitoring.periods import last_day, last_month_of
from app.monitoring.planning import read_number
from app.monitoring.queries import RecordView
from app.monitoring.reporting import Past, compare_cells, list_remarks, list_report_problems
from app.monitoring.states import REPORT_STATES
from app.monitoring.typed_reports import (
    indicator_place,
    list_places,
    milestone_place,
    read_day,
    show_report,
    words_place,
)
from app.web.arrival import arrived
from app.web.report_money import OVER, money_table, shown_amount

STATE_KINDS = {
    "missing": "plain",
    "draft": "draft",
    "sent": "wait",
    "signed": "sent",
    "accepted": "good",
    "returned": "bad",
    "superseded": "plain",
}
MOVES = {
    "begin": Text("เริ่มรายงาน", "Begun"),
    "correct": Text("เริ่มฉบับแก้ไข", "Correction begun"),
    "send": Text("ส่งผู้รับรอง", "Sent to the certifier"),
    "hand_back": Text("ส่งกลับเจ้าหน้าที่", "Handed back to the officer"),
    "sign": Text("ลงนามรับรอง", "Signed"),
    "accept": Text("ฝ่ายเลขานุการรับรอง", "Accepted by the secretariat"),
    "return": Text("ฝ่ายเลขานุการส่งคืน", "Returned by the secretariat"),
    "supersede": Text("มีฉบับแก้ไขแทน", "Replaced by a correction"),
}
_NAMES = {
    "committed": Text("ผูกพันเดือนนี้", "Committed this month"),
    "disbursed": Text("เบิกจ่ายเดือนนี้", "Paid this month"),
    "percent": Text("ความก้าวหน้า (ร้อยละ)", "Progress (percent)"),
    "done_on": Text("วันที่แล้วเสร็จ", "Done on"),
    "note": Text("หมายเหตุ", "Note"),
    "result": Text("ผล", "Result"),
    "evidence": Text("หลักฐาน", "Evidence"),
    "problems": Text("ปัญหา", "Problems"),
    "help": Text("ความช่วยเหลือที่ต้องการ", "Help needed"),
}
_TO_SECRETARIAT = Text("คำชี้แจงถึงฝ่ายเลขานุการ", "Note to the secretariat")


@dataclass(frozen=True, slots=True)
class MilestoneLine:
    position: int
    milestone: Milestone | None
    percent_place: str
    day_place: str
    note_place: str
    percent: str
    day: str
    note: str
    last: int | None
    is_overdue: bool

    @property
    def done_on(self) -> date | None:
        """The day as it is read."""
        return read_day(self.day)


@dataclass(frozen=True, slots=True)
class IndicatorLine:
    position: int
    indicator: PlannedIndicator | None
    result_place: str
    evidence_place: str
    result: str
    evidence: str
    last: str
    target: str
    files: tuple[EvidenceFile, ...]

    @property
    def shown_result(self) -> str:
        """The result for reading."""
        number = read_number(self.result)
        return grouped(number) if number is not None else self.result


@dataclass(frozen=True, slots=True)
class ProgressProject:
    number: str
    project_id: int | None
    title: Text
    milestones: tuple[MilestoneLine, ...]
    indicators: tuple[IndicatorLine, ...]
    problems_place: str
    help_place: str
    problems: str
    help: str


def grouped(number: str) -> str:
    """Plain decimal text for reading: "356160" as "356,160"."""
    return f"{Decimal(number):,}" if number else ""


def progress_projects(
    report: ProgressReport,
    ground: Ground,
    past: Past,
    cells: Mapping[str, str],
    evidence: Mapping[tuple[str, int], Sequence[EvidenceFile]],
    until: date,
) -> tuple[ProgressProject, ...]:
    """A quarter project by project: what was planned, where it stood, what is said now. `until` is the quarter's last
    day."""
    marks = dict.fromkeys([*ground.milestones, *((m.project, m.position) for m in report.milestones)])
    measures = dict.fromkeys([*ground.indicators, *((i.project, i.position) for i in report.indicators)])
    numbers = dict.fromkeys([*ground.projects, *(at[0] for at in (*marks, *measures))])
    shown = []
    for number in numbers:
        milestones = []
        for at in (at for at in marks if at[0] == number):
            milestone = ground.milestones.get(at)
            percent_place, day_place, note_place = (
                milestone_place(at, name) for name in ("percent", "done_on", "note")
            )
            percent = cells.get(percent_place, "")
            milestones.append(
                MilestoneLine(
                    at[1],
                    milestone,
                    percent_place,
                    day_place,
                    note_place,
                    percent,
                    cells.get(day_place, ""),
                    cells.get(note_place, ""),
                    past.percents.get(at),
                    milestone is not None and milestone.due_on <= until and percent != "100",
                )
            )
        indicators = []
        for at in (at for at in measures if at[0] == number):
            indicator = ground.indicators.get(at)
            quarters = indicator.quarters if indicator is not None else ()
            result_place, evidence_place = (indicator_place(at, name) for name in ("result", "evidence"))
            indicators.append(
                IndicatorLine(
                    at[1],
                    indicator,
                    result_place,
                    evidence_place,
                    cells.get(result_place, ""),
                    cells.get(evidence_place, ""),
                    grouped(past.results.get(at, "")),
                    grouped(quarters[ground.period - 1]) if ground.period <= len(quarters) else "",
                    tuple(evidence.get(at, ())),
                )
            )
        places = words_place(number, "problems"), words_place(number, "help")
        shown.append(
            ProgressProject(
                number,
                ground.project_ids.get(number),
                ground.projects.get(number, OVER),
                tuple(milestones),
                tuple(indicators),
                *places,
                *(cells.get(place, "") for place in places),
            )
        )
    return tuple(shown)


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A cell a correction changed: whose, what, and the text before and after."""

    number: str
    what: Text
    before: str
    after: str


def corrections(view: RecordView, call: CallView) -> tuple[ShownChange, ...]:
    """What a correction changes against the report it stands for; nothing for a first report."""
    if view.former is None:
        return ()
    changes = []
    for change in compare_cells(show_report(view.former), view.cells):
        number, what = name_place(change.place, view.ground, call)
        texts = (shown_text(change.place, text) for text in (change.before, change.after))
        changes.append(ShownChange(number, what, *texts))
    return tuple(changes)


def named_problems(problems: Iterable[Problem], ground: Ground, call: CallView) -> list[Problem]:
    """Problems with the words of where they are, for a list away from the cells."""
    places, named = set(list_places(ground)), []
    for problem in problems:
        if problem.place in places:
            number, what = name_place(problem.place, ground, call)
            at = Text(f"{number} {what.th}".strip(), f"{number} {what.en}".strip())
            said = Text(f"{at.th}: {problem.text.th}", f"{at.en}: {problem.text.en}")
            problem = replace(problem, text=said)
        named.append(problem)
    return named


def shown_text(place: str, text: str) -> str:
    """A cell's text for reading."""
    return shown_amount(text) if place.startswith("money-") else text


def name_place(place: str, ground: Ground, call: CallView) -> tuple[str, Text]:
    """(project number or "", words) of a cell's place."""
    kind, _, rest = place.partition("-")
    head, _, name = rest.rpartition("-")
    field = _NAMES.get(name or kind, Text(name, name))
    if kind == "money":
        number, _, category = head.rpartition("-")
        words = call.plan.name("categories", category)
    elif kind in ("milestone", "indicator"):
        number, _, position = head.rpartition("-")
        at = number, int(position)
        if kind == "milestone":
            milestone = ground.milestones.get(at)
            title = milestone.title if milestone else position
        else:
            indicator = ground.indicators.get(at)
            title = indicator.name if indicator else position
        words = Text(title, title)
    elif kind == "words":
        return head, field
    else:
        return "", _TO_SECRETARIAT
    return number, Text(f"{words.th} – {field.th}", f"{words.en} – {field.en}")


def soft_problems(view: RecordView) -> list[Problem]:
    """What would keep a draft from being sent, beside cells that are still empty."""
    if view.read is None:
        return []
    found = [*view.read.unread, *list_report_problems(view.report, view.ground, view.former)]
    return list(dict.fromkeys(found))  # what is too long is found twice


def shown_report(view: RecordView, call: CallView, past: Past) -> dict[str, Any]:
    """What the templates of reports take."""
    row, report = view.row, view.report
    until = last_day(row.fiscal_year, last_month_of(row.kind, row.period))
    is_money = isinstance(report, MoneyReport)
    return {
        "view": view,
        "row": row,
        "call": call,
        "past": past,
        "money": money_table(report, view.ground, past, view.cells, call)
        if isinstance(report, MoneyReport)
        else None,
        "projects": ()
        if isinstance(report, MoneyReport)
        else progress_projects(report, view.ground, past, view.cells, view.evidence, until),
        "is_money": is_money,
        "note_text": view.cells.get("note", ""),
        "remarks": list_remarks(report, view.ground, past),
        "changes": corrections(view, call),
        "states": REPORT_STATES,
        "state_kinds": STATE_KINDS,
        "moves": MOVES,
        "now": arrived(),
    }
