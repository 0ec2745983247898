"""Changes of projects' plans by machine: asked for as on the pages, by the same reading and the same rules; what the
secretariat said of each is read here. When one is approved, the plan in force stands beside what is changed in it."""

from __future__ import annotations

from app.api.change_shapes import (
    ASKED_CHANGE,
    PLAN_CHANGE,
    PLAN_CHANGE_ROW,
    write_change,
    write_change_row,
)
from app.api.door import api_needs
from app.api.operations import (
    CURSOR,
    LIMIT,
    NUMBER,
    Answer,
    Asked,
    Parameter,
    get,
    page_of,
    post,
    write_page,
)
from app.api.projects import TAG
from app.api.reports import NOT_SAVED
from app.api.sent_changes import SentChange
from app.api.shapes import Whole
from app.api.writing import write_once
from app.calls.queries import get_call_by_id
from app.identity.facts import Actor
from app.identity.rules import Permission
from app.identity.scopes import TokenScope
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.monitoring.actions.changing import (
    CHANGED_SINCE,
    NOT_ASKED,
    PLAN_MOVED,
    ask_change,
    begin_change,
    list_change_problems,
    read_proposed,
    save_change,
)
from app.monitoring.changing import beside, read_change
from app.monitoring.facts import Cause, Plan
from app.monitoring.models import PlanChange, Project
from app.monitoring.queries import get_project
from app.monitoring.queries.changes import account_of, get_change, list_changes
from app.monitoring.queries.numbers import get_change_id, get_project_id
from app.web.plans import offered_to

ORDINAL = Parameter("ordinal", Whole(1, 10_000), "Which change of the project, from 1", needed=True)
MOVED_ON = Text(
    "แผนที่ใช้อยู่เป็นฉบับที่ {version} แล้ว กรุณาอ่านโครงการใหม่ก่อนส่ง",
    "The plan in force is version {version} by now; read the project again first",
)


@get(
    "/projects/{number}/changes",
    Text("คำขอเปลี่ยนแปลงแผนของโครงการ ล่าสุดก่อน", "Changes of a project's plan, the latest first"),
    page_of("PlanChangePage", PLAN_CHANGE_ROW),
    tag=TAG,
    path=(NUMBER,),
    query=(LIMIT, CURSOR),
    about="The secretariat's once they were asked for. When one is approved, `plan_version` of the project moves on.",
)
@api_needs(Permission.READ_PROJECT, TokenScope.MONITORING_READ)
def list_plan_changes(asked: Asked) -> Answer:
    session = db.session()
    project_id = get_project_id(session, asked.path["number"])
    get_project(session, asked.actor, project_id)
    before = int(asked.cursor) if asked.cursor.isdecimal() else 2**31
    rows = list_changes(session, asked.actor, project_id=project_id, most=10_000)
    found = [row for row in rows if row.ordinal < before][: asked.limit + 1]
    return write_page(asked, ((str(row.ordinal), write_change_row(row)) for row in found))


@get(
    "/projects/{number}/changes/{ordinal}",
    Text("คำขอเปลี่ยนแปลงแผนหนึ่งคำขอ พร้อมแผนที่ขอ", "One change, with the plan it asks for"),
    PLAN_CHANGE,
    tag=TAG,
    path=(NUMBER, ORDINAL),
)
@api_needs(Permission.READ_PROJECT, TokenScope.MONITORING_READ)
def read_plan_change(asked: Asked) -> Answer:
    session = db.session()
    project_id = get_project_id(session, asked.path["number"])
    change_id = get_change_id(session, project_id, asked.path["ordinal"])
    return Answer(write_change(get_change(session, asked.actor, change_id)))


@post(
    "/projects/{number}/changes",
    Text("ขอเปลี่ยนแปลงแผนของโครงการ", "Ask for a change of a project's plan"),
    PLAN_CHANGE,
    tag=TAG,
    path=(NUMBER,),
    body=ASKED_CHANGE,
    about="For the lead agency. The body says what is to be otherwise than in the plan in force. It is begun where there "
    "is no draft yet, else the draft of this kind is written over (409 unless `seen_version` is the version there is). With "
    "`send` it is put to the secretariat; 422 then names everything that speaks against it, and nothing is kept. One change "
    "is under way at a time; it is withdrawn on the pages.",
)
@api_needs(Permission.CHANGE_PLAN, TokenScope.PLANS_CHANGE)
def ask_for_change(asked: Asked) -> Answer:
    body, number = asked.body, asked.path["number"]

    def do(work: Work[Actor]) -> Answer:
        session = work.session
        project_id = get_project_id(session, number)
        change = _begin(work, project_id, Cause(body["kind"]))  # holds the project
        view = get_project(session, work.actor, project_id)
        in_force = view.version.ordinal
        if body["plan_version"] != in_force:
            told = MOVED_ON.fill(version=in_force)
            raise Stale(told, [Problem("/plan_version", told)])
        if change.base != in_force:
            raise Refused(NOT_ASKED, [Problem("/plan_version", PLAN_MOVED)])
        _require_seen(change, view.plan, body["seen_version"])
        sent = SentChange(body, view.plan)
        call = get_call_by_id(session, view.call_id)
        offered = offered_to(view, call.plan, account_of(session, project_id), work.now)
        plan, unread = read_change(view.plan, sent.kind, view.fiscal_year, sent.fields, sent.days, offered)
        told_already = {problem.place for problem in sent.problems}
        wrong = [*sent.problems, *(p for p in unread if p.place not in told_already)]
        save_change(work, change.id, plan, sent.reason, change.version)
        if wrong:
            project = session.get_one(Project, project_id)
            more = beside(wrong, list_change_problems(work, change, project)) if body["send"] else []
            raise Refused(NOT_ASKED if body["send"] else NOT_SAVED, sent.at([*wrong, *more]))
        if body["send"]:
            try:
                ask_change(work, change.id)
            except Refused as refusal:
                raise type(refusal)(refusal.text, sent.at(refusal.problems)) from None
        session.flush()
        written = write_change(get_change(session, work.actor, change.id))
        return Answer(written, 201, f"/projects/{number}/changes/{change.ordinal}")

    return write_once(asked, do)


def _begin(work: Work[Actor], project_id: int, kind: Cause) -> PlanChange:
    try:
        return begin_change(work, project_id, kind)
    except Refused as refusal:
        raise type(refusal)(refusal.text, [Problem("/kind", refusal.text)]) from None


def _require_seen(change: PlanChange, in_force: Plan, seen: int | None) -> None:
    """Go on only when a draft that says something already was seen as it is. Raises `Stale`."""
    says_nothing = not change.reason and read_proposed(change) == in_force
    if change.version != seen and not (seen is None and says_nothing):
        raise Stale(CHANGED_SINCE, [Problem("/seen_version", CHANGED_SINCE)])
