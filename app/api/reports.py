"""Reporting by machine: a month's money and a quarter's progress of the token's agency, begun, kept and sent to its
certifier in one request. What is sent is judged by the rules the pages go by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from app.api.door import api_needs
from app.api.operations import FISCAL_YEAR, Answer, Asked, Parameter, get, post
from app.api.projects import TAG
from app.api.report_shapes import MONTH_REPORT, QUARTER_REPORT, REPORT, write_report
from app.api.shapes import Whole
from app.api.writing import write_once
from app.calls.queries import get_call
from app.identity.facts import Actor
from app.identity.rules import Permission
from app.identity.scopes import TokenScope
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.money import from_decimal_baht
from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise
from app.kernel.work import Work
from app.monitoring.actions import begin_correction, begin_report, save_report, send_report
from app.monitoring.actions.reporting import ground_for, require_version
from app.monitoring.facts import (
    Ground,
    IndicatorRow,
    MilestoneRow,
    MoneyReport,
    MoneyRow,
    ProgressReport,
    ProjectWords,
)
from app.monitoring.periods import LAST_MONTH, LAST_QUARTER, ReportKind
from app.monitoring.queries.numbers import find_open_report
from app.monitoring.queries.records import find_current
from app.monitoring.reporting import NOT_REPORTED_HERE, TWICE
from app.monitoring.typed_reports import (
    NOTE,
    Report,
    indicator_place,
    milestone_place,
    money_keys,
    money_place,
    show_report,
    words_place,
)

MONTH = Parameter("month", Whole(1, LAST_MONTH), "1 is October; from 13 on money carried over", needed=True)
QUARTER = Parameter("quarter", Whole(1, LAST_QUARTER), "1 is October to December", needed=True)
REPORT_ID = Parameter("report", Whole(1, 2**31 - 1), "The number of the report", needed=True)

NOT_SAVED = Text("ยังบันทึกไม่ได้ กรุณาแก้ไขรายการต่อไปนี้", "Nothing was saved; mend the following")


@get(
    "/reports/{report}",
    Text("รายงานหนึ่งฉบับ", "One report"),
    REPORT,
    tag=TAG,
    path=(REPORT_ID,),
)
@api_needs(Permission.READ_PROJECT, TokenScope.MONITORING_READ)
def read_report(asked: Asked) -> Answer:
    return Answer(write_report(db.session(), asked, asked.path["report"]))


class _Placed:
    """What was sent as a report's value, each cell with its place in the body; rows the agency does not report are
    problems, and texts that cannot be kept."""

    def __init__(self, body: Mapping[str, Any], ground: Ground):
        self.body = body
        self.ground = ground
        self.pointers = {NOTE: "/note"}
        self.problems: list[Problem] = []

    def rows(
        self, name: str, known: Callable[[Mapping[str, Any]], Any], cells: Mapping[str, str]
    ) -> list[Any]:
        """The rows of a list that are this agency's, each once. `cells` are field -> the cell's place."""
        seen, kept = set(), []
        for n, row in enumerate(self.body[name]):
            key, is_ours = known(row)
            if not is_ours:
                self._refuse(f"/{name}/{n}", NOT_REPORTED_HERE.fill(number=row["project"]))
            elif key in seen:
                self._refuse(f"/{name}/{n}", TWICE)
            else:
                seen.add(key)
                for field, place in cells.items():
                    self.pointers[place.format(*key)] = f"/{name}/{n}/{field}"
                kept.append({k: self._clean(v, f"/{name}/{n}/{k}") for k, v in row.items()})
        return kept

    def _refuse(self, place: str, why: Text) -> None:
        self.problems.append(Problem(place, why))

    def _clean(self, value: Any, place: str) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return normalise(value)
        except TextError as error:
            self._refuse(place, error.text)
            return ""

    def note(self) -> str:
        return str(self._clean(self.body["note"], "/note"))

    def at(self, problems: list[Problem]) -> list[Problem]:
        """Problems of a report at the places of the body."""
        return [Problem(self.pointers.get(p.place, p.place), p.text) for p in problems]


def _money(placed: _Placed) -> Report:
    ours = set(money_keys(placed.ground))
    rows = placed.rows(
        "rows",
        lambda row: ((row["project"], row["category"]), (row["project"], row["category"]) in ours),
        {name: money_place(("{0}", "{1}"), name) for name in ("committed", "disbursed")},
    )
    return MoneyReport(
        tuple(
            MoneyRow(
                r["project"],
                r["category"],
                from_decimal_baht(r["committed"]),
                from_decimal_baht(r["disbursed"]),
            )
            for r in rows
        ),
        placed.note(),
    )


def _progress(placed: _Placed) -> Report:
    ground = placed.ground

    def at(row: Mapping[str, Any]) -> tuple[str, int]:
        return row["project"], row["position"]

    def cells(place: Callable[[Any, str], str], *names: str) -> dict[str, str]:
        return {name: place(("{0}", "{1}"), name) for name in names}

    milestones = placed.rows(
        "milestones",
        lambda row: (at(row), at(row) in ground.milestones),
        cells(milestone_place, "percent", "done_on", "note"),
    )
    indicators = placed.rows(
        "indicators",
        lambda row: (at(row), at(row) in ground.indicators),
        cells(indicator_place, "result", "evidence"),
    )
    words = placed.rows(
        "words",
        lambda row: ((row["project"],), row["project"] in ground.projects),
        {name: words_place("{0}", name) for name in ("problems", "help")},
    )
    return ProgressReport(
        tuple(
            MilestoneRow(
                m["project"],
                m["position"],
                m["percent"],
                date.fromisoformat(m["done_on"]) if m["done_on"] else None,
                m["note"],
            )
            for m in milestones
        ),
        tuple(IndicatorRow(i["project"], i["position"], i["result"], i["evidence"]) for i in indicators),
        tuple(ProjectWords(w["project"], w["problems"], w["help"]) for w in words),
        placed.note(),
    )


def _report(asked: Asked, kind: ReportKind, period: int, read: Callable[[_Placed], Report]) -> Answer:
    agency_id, body, year = asked.caller.agency_id, asked.body, asked.path["fiscal_year"]
    if agency_id is None:
        raise NotFound()

    def do(work: Work[Actor]) -> Answer:
        session, call = work.session, get_call(work.session, year)
        record = find_open_report(session, call.id, agency_id, kind, period)
        is_new = record is None
        if record is None:
            current = find_current(session, f"{call.id}:{agency_id}:{kind}:{period}")
            if current is not None and body["correction_reason"].strip():
                record = begin_correction(work, current.id, body["correction_reason"])
            else:
                record = begin_report(work, year, agency_id, kind, period)
        if not is_new or body["seen_version"] is not None:
            require_version(record, body["seen_version"] or 0)
        placed = _Placed(body, ground_for(work, record))
        report = read(placed)
        if placed.problems:
            raise Refused(NOT_SAVED, placed.problems)
        record, kept = save_report(work, record.id, show_report(report), record.version)
        if kept.unread:
            raise Refused(NOT_SAVED, placed.at(list(kept.unread)))
        if body["send"]:
            try:
                send_report(work, record.id, record.version)
            except Refused as refusal:
                raise type(refusal)(refusal.text, placed.at(list(refusal.problems))) from None
        session.flush()
        return Answer(write_report(session, asked, record.id), 201, f"/reports/{record.id}")

    return write_once(asked, do)


_ABOUT = (
    "Begun where there is none yet, else written over (409 unless `seen_version` is the version there is). With `send` it "
    "goes to the agency's certifier, who signs it on the pages; 422 then names everything that is missing or wrong, and "
    "nothing is kept. A row of another agency's project is refused."
)


@post(
    "/calls/{fiscal_year}/months/{month}/reports",
    Text("รายงานการใช้จ่ายของเดือน", "Report a month's money"),
    REPORT,
    tag=TAG,
    path=(FISCAL_YEAR, MONTH),
    body=MONTH_REPORT,
    about=_ABOUT,
)
@api_needs(Permission.REPORT_PROGRESS, TokenScope.MONITORING_WRITE)
def report_month(asked: Asked) -> Answer:
    return _report(asked, ReportKind.MONEY, asked.path["month"], _money)


@post(
    "/calls/{fiscal_year}/quarters/{quarter}/reports",
    Text("รายงานความก้าวหน้าของไตรมาส", "Report a quarter's progress"),
    REPORT,
    tag=TAG,
    path=(FISCAL_YEAR, QUARTER),
    body=QUARTER_REPORT,
    about=_ABOUT,
)
@api_needs(Permission.REPORT_PROGRESS, TokenScope.MONITORING_WRITE)
def report_quarter(asked: Asked) -> Answer:
    return _report(asked, ReportKind.PROGRESS, asked.path["quarter"], _progress)
