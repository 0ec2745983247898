"""Reports as they are sent and taken: their shapes, and a report written in them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.api.calls import CODE, said
from app.api.operations import Asked, write_moment
from app.api.projects import REPORT_FIELDS, write_report_row
from app.api.shapes import BOTH, Baht, Day, Flag, Listed, Maybe, Moment, Thing, Whole, Words
from app.kernel.money import decimal_baht
from app.monitoring.facts import MoneyReport, ProgressReport
from app.monitoring.queries.records import get_record
from app.monitoring.reporting import list_report_problems

NUMBER = Words(20, needed=True, about="Number of the project")

MONEY_ROW = Thing(
    "MoneyRow",
    {
        "project": NUMBER,
        "category": CODE,
        "committed": Baht(
            about="Newly bound by contract or order in the month, and what was paid without either"
        ),
        "disbursed": Baht(about="Paid out in the month"),
    },
)
MILESTONE_ROW = Thing(
    "MilestoneResult",
    {
        "project": NUMBER,
        "position": Whole(1, 10_000),
        "percent": Whole(0, 100),
        "done_on": Maybe(Day()),
        "note": Words(5000),
    },
)
INDICATOR_ROW = Thing(
    "IndicatorResult",
    {
        "project": NUMBER,
        "position": Whole(1, 10_000),
        "result": Words(60, about="A decimal number as text; empty where it was not measured"),
        "evidence": Words(10_000),
    },
)
WORDS_ROW = Thing("ProjectWords", {"project": NUMBER, "problems": Words(10_000), "help": Words(10_000)})
_HOW = {
    "note": Words(10_000),
    "send": Flag("Whether to send it to the certifier; else it is kept as a draft"),
    "seen_version": Maybe(Whole(1, 2**31 - 1), "Of the draft there is already; null where there is none"),
    "correction_reason": Words(5000, about="Why an accepted report is corrected; else empty"),
}
MONTH_REPORT = Thing("MonthReport", {"rows": Listed(MONEY_ROW, 5000), **_HOW})
QUARTER_REPORT = Thing(
    "QuarterReport",
    {
        "milestones": Listed(MILESTONE_ROW, 5000),
        "indicators": Listed(INDICATOR_ROW, 5000),
        "words": Listed(WORDS_ROW, 5000),
        **_HOW,
    },
)
REPORT = Thing(
    "Report",
    {
        **REPORT_FIELDS,
        "due_at": Moment("Just before which it must be signed"),
        "rows": Listed(MONEY_ROW, 10_000, "Of a month"),
        "milestones": Listed(MILESTONE_ROW, 10_000, "Of a quarter"),
        "indicators": Listed(INDICATOR_ROW, 10_000),
        "words": Listed(WORDS_ROW, 10_000),
        "note": Words(20_000),
        "problems": Listed(
            Thing("ReportProblem", {"place": Words(300), "text": BOTH}),
            20_000,
            "What keeps a draft from being sent",
        ),
    },
)


def write_report(session: Session, asked: Asked, report_id: int) -> dict[str, Any]:
    """A report the caller may see, as it is sent. Raises `NotFound`."""
    view = get_record(session, asked.actor, report_id, asked.now)
    report, read = view.report, view.read
    problems = (
        [*read.unread, *list_report_problems(read.report, view.ground, view.former), *read.missing]
        if read is not None
        else []
    )
    money = report.rows if isinstance(report, MoneyReport) else ()
    progress = report if isinstance(report, ProgressReport) else ProgressReport((), (), ())
    return {
        **write_report_row(view.row),
        "due_at": write_moment(view.due_at),
        "rows": [
            {
                "project": r.project,
                "category": r.category,
                "committed": decimal_baht(r.committed),
                "disbursed": decimal_baht(r.disbursed),
            }
            for r in money
        ],
        "milestones": [
            {
                "project": m.project,
                "position": m.position,
                "percent": m.percent,
                "done_on": m.done_on.isoformat() if m.done_on else None,
                "note": m.note,
            }
            for m in progress.milestones
        ],
        "indicators": [
            {"project": i.project, "position": i.position, "result": i.result, "evidence": i.evidence}
            for i in progress.indicators
        ],
        "words": [{"project": w.project, "problems": w.problems, "help": w.help} for w in progress.words],
        "note": report.note,
        "problems": [{"place": p.place, "text": said(p.text)} for p in problems],
    }
