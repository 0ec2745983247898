"""Projects under way: what they may spend, what they plan, and what was reported of them."""

from __future__ import annotations

from typing import Any

from app.api.calls import CODE, said
from app.api.door import api_needs
from app.api.operations import (
    CURSOR,
    FISCAL_YEAR,
    LIMIT,
    NUMBER,
    Answer,
    Asked,
    Parameter,
    get,
    page_of,
    write_moment,
    write_page,
)
from app.api.proposals import NUMBER_SHAPE
from app.api.shapes import BOTH, Baht, Day, Flag, Listed, Maybe, Moment, OneOf, Shape, Thing, Whole, Words
from app.calls.queries import get_call
from app.identity.rules import Permission
from app.identity.scopes import TokenScope
from app.kernel.db import db
from app.kernel.money import decimal_baht
from app.kernel.text import Text
from app.monitoring.facts import Aim, Plan
from app.monitoring.periods import LAST_MONTH, ReportKind
from app.monitoring.queries import ProjectRow, get_project, list_projects
from app.monitoring.queries.numbers import get_project_id
from app.monitoring.queries.records import RecordRow, list_records
from app.monitoring.states import PROJECT_STATES, REPORT_STATES

TAG = "projects"
KIND = OneOf(tuple(kind.value for kind in ReportKind), "A month's money, or a quarter's progress")
REPORT_STATE = OneOf(tuple(REPORT_STATES))
PROJECT_FIELDS: dict[str, Shape] = {
    "number": NUMBER_SHAPE,
    "title": BOTH,
    "lead": BOTH,
    "stage": CODE,
    "state": OneOf(tuple(PROJECT_STATES)),
    "approved": Baht(about="What was granted"),
    "allotted": Baht(about="What the plan in force allows"),
}
PROJECT_ROW = Thing("ProjectRow", PROJECT_FIELDS)
LINE = Thing(
    "PlanLine",
    {
        "position": Whole(1, 10_000),
        "agency": CODE,
        "category": CODE,
        "item": Words(20_000),
        "amount": Baht(),
    },
)
SPENDING = Thing(
    "Spending",
    {
        "agency": CODE,
        "category": CODE,
        "allotted": Baht(),
        "months": Listed(Baht(), LAST_MONTH, "Planned, October first; from the 13th on carried over"),
    },
)
MILESTONE = Thing(
    "Milestone",
    {
        "position": Whole(1, 10_000),
        "agency": CODE,
        "title": Words(20_000),
        "due_on": Day(),
        "weight": Whole(0, 100, "Percent"),
    },
)
INDICATOR = Thing(
    "Indicator",
    {
        "position": Whole(1, 10_000),
        "agency": CODE,
        "name": Words(20_000),
        "unit": Words(2_000),
        "baseline": Words(2_000),
        "target": Words(2_000),
        "aim": OneOf(tuple(aim.value for aim in Aim)),
        "quarters": Listed(
            Words(200), 4, "To be reached by the end of each; empty where nothing is measured"
        ),
    },
)
PLAN_FIELDS: dict[str, Shape] = {
    "ends_on": Day(),
    "lines": Listed(LINE, 10_000),
    "spending": Listed(SPENDING, 10_000),
    "milestones": Listed(MILESTONE, 1000),
    "indicators": Listed(INDICATOR, 1000),
}
PROJECT = Thing(
    "Project",
    {
        **PROJECT_FIELDS,
        "fiscal_year": Whole(2500, 2699, "B.E."),
        "plan_version": Whole(1, 10_000),
        "agencies": Listed(Thing("ProjectAgency", {"code": CODE, "name": BOTH}), 1000, "The lead first"),
        **PLAN_FIELDS,
    },
)
REPORT_FIELDS: dict[str, Shape] = {
    "id": Whole(1, 2**31 - 1),
    "agency": CODE,
    "fiscal_year": Whole(2500, 2699, "B.E."),
    "kind": KIND,
    "period": Whole(1, LAST_MONTH, "The month (1 is October) or quarter of the fiscal year"),
    "name": BOTH,
    "revision": Whole(1, 10_000, "From 2 on a correction"),
    "state": REPORT_STATE,
    "version": Whole(1, 2**31 - 1, "To be told as `seen_version` by whoever writes over it"),
    "saved_at": Moment(),
    "signed_at": Maybe(Moment()),
    "reason": Words(20_000, about="Why it was corrected"),
    "returned_because": Words(20_000, about="What the secretariat or the certifier said of it"),
}
REPORT_ROW = Thing("ReportRow", REPORT_FIELDS)


def _project_row(row: ProjectRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "title": said(row.title),
        "lead": said(row.lead),
        "stage": row.stage,
        "state": row.state,
        "approved": decimal_baht(row.approved),
        "allotted": decimal_baht(row.allotted),
    }


def write_plan(plan: Plan) -> dict[str, Any]:
    """A plan as it is sent."""
    allotted = plan.allotted
    return {
        "ends_on": plan.ends_on.isoformat(),
        "lines": [
            {
                "position": line.position,
                "agency": line.agency,
                "category": line.category,
                "item": line.item,
                "amount": decimal_baht(line.amount),
            }
            for line in plan.lines
        ],
        "spending": [
            {
                "agency": s.agency,
                "category": s.category,
                "allotted": decimal_baht(allotted.get((s.agency, s.category), 0)),
                "months": [decimal_baht(month) for month in s.months],
            }
            for s in plan.spending
        ],
        "milestones": [
            {
                "position": m.position,
                "agency": m.agency,
                "title": m.title,
                "due_on": m.due_on.isoformat(),
                "weight": m.weight,
            }
            for m in plan.milestones
        ],
        "indicators": [
            {
                "position": i.position,
                "agency": i.agency,
                "name": i.name,
                "unit": i.unit,
                "baseline": i.baseline,
                "target": i.target,
                "aim": i.aim.value,
                "quarters": list(i.quarters),
            }
            for i in plan.indicators
        ],
    }


def write_report_row(row: RecordRow) -> dict[str, Any]:
    """A report in a list, as it is sent."""
    return {
        "id": row.id,
        "agency": row.agency_code,
        "fiscal_year": row.fiscal_year,
        "kind": row.kind.value,
        "period": row.period,
        "name": said(row.name),
        "revision": row.revision,
        "state": row.state,
        "version": row.version,
        "saved_at": write_moment(row.saved_at),
        "signed_at": write_moment(row.signed_at) if row.signed_at else None,
        "reason": row.reason,
        "returned_because": row.note,
    }


@get(
    "/calls/{fiscal_year}/projects",
    Text("โครงการที่ดำเนินการของปีหนึ่ง ตามเลขที่", "The projects under way of a year, by number"),
    page_of("ProjectPage", PROJECT_ROW),
    tag=TAG,
    path=(FISCAL_YEAR,),
    query=(LIMIT, CURSOR),
    about="An agency's are those it carries out.",
)
@api_needs(Permission.READ_PROJECT, TokenScope.MONITORING_READ)
def list_all_projects(asked: Asked) -> Answer:
    session = db.session()
    call = get_call(session, asked.path["fiscal_year"])
    rows = [row for row in list_projects(session, asked.actor, call.id) if row.number > asked.cursor]
    return write_page(asked, ((row.number, _project_row(row)) for row in rows[: asked.limit + 1]))


@get(
    "/projects/{number}",
    Text("โครงการหนึ่งพร้อมแผนที่มีผลอยู่", "One project with the plan in force"),
    PROJECT,
    tag=TAG,
    path=(NUMBER,),
)
@api_needs(Permission.READ_PROJECT, TokenScope.MONITORING_READ)
def read_project(asked: Asked) -> Answer:
    session = db.session()
    view = get_project(session, asked.actor, get_project_id(session, asked.path["number"]))
    return Answer(
        {
            **_project_row(view.row),
            "fiscal_year": view.fiscal_year,
            "plan_version": view.version.ordinal,
            "agencies": [{"code": code, "name": said(name)} for code, (_, name) in view.agencies.items()],
            **write_plan(view.plan),
        }
    )


@get(
    "/calls/{fiscal_year}/reports",
    Text("รายงานของปีหนึ่ง รายการล่าสุดก่อน", "The reports of a year, the latest first"),
    page_of("ReportPage", REPORT_ROW),
    tag=TAG,
    path=(FISCAL_YEAR,),
    query=(
        Parameter("state", REPORT_STATE, "Only in this state"),
        Parameter("corrected", Flag(), "Those replaced by a correction, too"),
        LIMIT,
        CURSOR,
    ),
    about="An agency's own; the secretariat's once they were signed.",
)
@api_needs(Permission.READ_PROJECT, TokenScope.MONITORING_READ)
def list_reports(asked: Asked) -> Answer:
    session = db.session()
    call = get_call(session, asked.path["fiscal_year"])
    states = [asked.query["state"]] if "state" in asked.query else []
    if not states and asked.query.get("corrected"):
        states = list(REPORT_STATES)
    before = int(asked.cursor) if asked.cursor.isdecimal() else 2**31
    rows = sorted(list_records(session, asked.actor, call.id, states=states), key=lambda row: -row.id)
    found = [row for row in rows if row.id < before][: asked.limit + 1]
    return write_page(asked, ((str(row.id), write_report_row(row)) for row in found))
