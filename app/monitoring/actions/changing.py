"""A change of plan: the lead agency asks, the secretariat judges, and what is approved becomes the plan in force."""

from __future__ import annotations

import json

from sqlalchemy import func, select

from app.calls.queries import get_call_by_id
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, Target, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.values import freeze_value, thaw_value
from app.kernel.work import Work
from app.monitoring.actions.planning import put_in_force
from app.monitoring.changing import TOO_LONG, list_asking_problems
from app.monitoring.facts import ASKED_FOR, Cause, Plan
from app.monitoring.models import PlanChange, PlanVersion, Project, ProjectAgency
from app.monitoring.planning import LONGEST_REASON
from app.monitoring.queries.projects import read_plan, used_of
from app.monitoring.states import (
    ACTIVE,
    APPROVED,
    ASKED,
    CANCELLED,
    CHANGE_LIFE,
    DRAFT,
    PROJECT_LIFE,
    REFUSED,
)

NOT_ACTIVE = Text(
    "โครงการนี้ปิดหรือยกเลิกแล้ว จึงเปลี่ยนแปลงแผนไม่ได้", "This project is closed or cancelled; its plan cannot change"
)
OPEN_ALREADY = Text(
    "มีคำขอเปลี่ยนแปลงที่ยังไม่จบอยู่แล้ว ({name}) กรุณาทำคำขอนั้นให้เสร็จหรือถอนก่อน",
    "A change is under way already ({name}); finish or withdraw it first",
)
NOT_ASKED = Text(
    "ยังยื่นคำขอไม่ได้ กรุณาแก้ไขรายการต่อไปนี้", "The change cannot be asked for yet; please mend the following"
)
NOT_JUDGED = Text("ยังบันทึกผลไม่ได้", "The judgement was not recorded")
NEEDS_NOTE = Text("กรุณาระบุเหตุผลที่ไม่อนุมัติ", "Say why it is refused")
NEEDS_MENDING = Text("กรุณาบอกสิ่งที่ต้องแก้ไข", "Please say what is to be mended")
PLAN_MOVED = Text(
    "แผนที่ใช้อยู่เปลี่ยนไปหลังจากทำคำขอนี้ กรุณาให้หน่วยงานถอนและทำคำขอใหม่จากแผนล่าสุด",
    "The plan in force changed after this was made; the agency withdraws it and asks anew from the latest plan",
)
CHANGED_SINCE = Text(
    "มีผู้แก้ไขคำขอนี้ไปแล้ว กรุณาเปิดใหม่ก่อนแก้ไข",
    "Somebody else changed this since you opened it; open it again first",
)


def read_proposed(change: PlanChange) -> Plan:
    """The plan a change asks for."""
    return thaw_value(Plan, json.loads(change.content))


def begin_change(work: Work[Actor], project_id: int, kind: Cause) -> PlanChange:
    """Begin a change of this kind from the plan in force; the draft of the same kind that is there already is returned.

    The lead agency's alone. Raises `Refused` for a project that is over, and while another change is under way.
    """
    project = _hold(work, project_id)
    if kind not in ASKED_FOR:
        raise NotFound()
    if project.state != ACTIVE:
        raise Refused(NOT_ACTIVE)
    under_way = work.session.scalars(
        select(PlanChange).where(PlanChange.project_id == project_id, PlanChange.state.in_((DRAFT, ASKED)))
    ).first()
    if under_way is not None:
        if under_way.state == DRAFT and under_way.kind == kind:
            return under_way
        raise Refused(OPEN_ALREADY.fill(name=change_number(under_way.ordinal)))
    version = _in_force(work, project_id)
    ordinal = work.session.scalar(
        select(func.coalesce(func.max(PlanChange.ordinal), 0)).where(PlanChange.project_id == project_id)
    )
    change = PlanChange(
        project_id=project_id,
        ordinal=(ordinal or 0) + 1,
        kind=kind.value,
        agency_id=project.lead_agency_id,
        state=DRAFT,
        base=version.ordinal,
        content=version.content,
        made_at=work.now,
        made_by=work.actor.id,
    )
    work.session.add(change)
    work.session.flush()
    work.audit(
        "begin_plan_change",
        f"plan_change:{change.id}",
        agency_id=project.lead_agency_id,
        detail={"project": project_id, "kind": kind.value},
    )
    return change


def change_number(ordinal: int) -> Text:
    return Text(f"คำขอที่ {ordinal}", f"change {ordinal}")


def save_change(work: Work[Actor], change_id: int, plan: Plan, reason: str, expected: int) -> PlanChange:
    """Keep a draft as it stands, whole or not. `expected` is the version the form was opened with: raises `Stale` when
    somebody saved since."""
    change, project = _hold_change(work, change_id)
    if change.state != DRAFT:
        CHANGE_LIFE.after(change.state, "ask")
    if change.version != expected:
        raise Stale(CHANGED_SINCE)
    change.content, change.reason = canonical_json(freeze_value(plan)), reason.strip()
    change.made_at, change.made_by = work.now, work.actor.id
    work.session.flush()
    work.audit(
        "save_plan_change",
        f"plan_change:{change_id}",
        agency_id=project.lead_agency_id,
        after=sha256_text(change.content),
    )
    return change


def ask_change(work: Work[Actor], change_id: int) -> PlanChange:
    """Put a draft to the secretariat. Raises `Refused` with every problem."""
    change, project = _hold_change(work, change_id)
    CHANGE_LIFE.after(change.state, "ask")
    problems = list_change_problems(work, change, project)
    if problems:
        raise Refused(NOT_ASKED, problems)
    change.state, change.asked_at, change.asked_by = ASKED, work.now, work.actor.id
    change.note = ""  # why it was returned before is answered by now; the log keeps it
    work.audit(
        "ask_plan_change",
        f"plan_change:{change_id}",
        agency_id=project.lead_agency_id,
        after=sha256_text(change.content),
        detail={"project": project.id, "kind": change.kind},
    )
    work.promise("notify", {"event": "plan_change_asked", "plan_change": change_id})
    return change


def withdraw_change(work: Work[Actor], change_id: int) -> PlanChange:
    """Take a change back before it is judged."""
    change, project = _hold_change(work, change_id)
    change.state = CHANGE_LIFE.after(change.state, "withdraw")
    work.audit("withdraw_plan_change", f"plan_change:{change_id}", agency_id=project.lead_agency_id)
    return change


def judge_change(work: Work[Actor], change_id: int, approve: bool, note: str) -> PlanChange:
    """Approve a change, which puts its plan in force, or refuse it with a note.

    It is judged by what was reported up to now, which may be more than when it was asked for. Raises `Refused` with every
    problem.
    """
    require(work.actor, Permission.JUDGE_CHANGE)
    session = work.session
    change = session.get(PlanChange, change_id, with_for_update=True)
    if change is None or change.state == DRAFT:
        raise NotFound()
    project = session.get_one(Project, change.project_id, with_for_update=True)
    state = CHANGE_LIFE.after(change.state, "approve" if approve else "refuse")
    problems: list[Problem] = []
    if len(note) > LONGEST_REASON:
        problems.append(Problem("note", TOO_LONG.fill(n=LONGEST_REASON)))
    if state == REFUSED and len(note.strip()) < 5:
        problems.append(Problem("note", NEEDS_NOTE))
    if state == APPROVED:
        if project.state != ACTIVE:
            problems.append(Problem("note", NOT_ACTIVE))
        problems += list_change_problems(work, change, project)
    if problems:
        raise Refused(NOT_JUDGED, problems)
    change.state, change.note = state, note.strip()
    change.judged_at, change.judged_by = work.now, work.actor.id
    work.audit(
        "judge_plan_change",
        f"plan_change:{change_id}",
        agency_id=project.lead_agency_id,
        after=sha256_text(change.content),
        detail={"project": project.id, "kind": change.kind, "state": state},
    )
    session.flush()
    if state == APPROVED:
        plan, kind = read_proposed(change), Cause(change.kind)
        put_in_force(work, project, plan, kind, _agency_ids(work, plan), change.id)
        if kind is Cause.CANCELLATION:
            project.state = PROJECT_LIFE.after(project.state, "cancel")
            project.ended_at, project.ended_by, project.end_note = work.now, work.actor.id, change.reason
            work.audit(
                "cancel_project",
                f"project:{project.id}",
                agency_id=project.lead_agency_id,
                before=ACTIVE,
                after=CANCELLED,
            )
    work.promise("notify", {"event": "plan_change_judged", "plan_change": change_id})
    return change


def return_change(work: Work[Actor], change_id: int, note: str) -> PlanChange:
    """Give a change back to its agency to be mended and asked for again, as a draft of what it says. Raises `Refused`
    without a note."""
    require(work.actor, Permission.JUDGE_CHANGE)
    change = work.session.get(PlanChange, change_id, with_for_update=True)
    if change is None or change.state == DRAFT:
        raise NotFound()
    project = work.session.get_one(Project, change.project_id, with_for_update=True)
    state = CHANGE_LIFE.after(change.state, "return")
    if len(note) > LONGEST_REASON:
        raise Refused(NOT_JUDGED, [Problem("note", TOO_LONG.fill(n=LONGEST_REASON))])
    if len(note.strip()) < 5:
        raise Refused(NOT_JUDGED, [Problem("note", NEEDS_MENDING)])
    change.state, change.note = state, note.strip()
    work.audit(
        "return_plan_change",
        f"plan_change:{change_id}",
        agency_id=project.lead_agency_id,
        after=sha256_text(change.content),
        detail={"project": project.id, "kind": change.kind, "note": change.note},
    )
    work.session.flush()
    work.promise("notify", {"event": "plan_change_judged", "plan_change": change_id})
    return change


def list_change_problems(work: Work[Actor], change: PlanChange, project: Project) -> list[Problem]:
    """Everything that speaks against a change as it stands, by the plan in force and what was reported so far."""
    version = _in_force(work, project.id)
    before, plan = read_plan(version), read_proposed(change)
    call = get_call_by_id(work.session, project.call_id)
    names = {category.code: category.name for category in call.plan.categories} | {
        code: Text(th, en)
        for code, th, en in work.session.execute(
            select(Agency.code, Agency.name_th, Agency.name_en)
            .join(ProjectAgency, ProjectAgency.agency_id == Agency.id)
            .where(ProjectAgency.project_id == project.id)
        )
    }
    used, kind = used_of(work.session, project.id), Cause(change.kind)
    moved = [Problem("total", PLAN_MOVED)] if version.ordinal != change.base else []
    return [
        *moved,
        *list_asking_problems(plan, before, kind, call.fiscal_year, used, names, change.reason),
    ]


def _hold(work: Work[Actor], project_id: int) -> Project:
    """The project, held, when the actor works for its lead agency; for a participant it is there but not to be changed."""
    project = work.session.get(Project, project_id, with_for_update=True)
    if project is None:
        require(work.actor, Permission.CHANGE_PLAN)
        raise NotFound()
    require(work.actor, Permission.CHANGE_PLAN, Target(frozenset({project.lead_agency_id})))
    return project


def _hold_change(work: Work[Actor], change_id: int) -> tuple[PlanChange, Project]:
    change = work.session.get(PlanChange, change_id, with_for_update=True)
    if change is None:
        require(work.actor, Permission.CHANGE_PLAN)
        raise NotFound()
    return change, _hold(work, change.project_id)


def _in_force(work: Work[Actor], project_id: int) -> PlanVersion:
    return work.session.scalars(select(PlanVersion).where(PlanVersion.current_for == project_id)).one()


def _agency_ids(work: Work[Actor], plan: Plan) -> dict[str, int]:
    codes = {line.agency for line in plan.lines} | {row.agency for row in plan.spending}
    rows = work.session.execute(select(Agency.code, Agency.id).where(Agency.code.in_(codes)))
    return {code: key for code, key in rows}
