"""What became of the demo's granted projects: two years of monthly and quarterly reports. Synthetic, and labelled so.

FY2565 is taken over from an earlier system in one go. FY2567 is followed through its own year and the year after: plans
worked out, reports month by month, carry-overs, a transfer, a cancellation, one agency that is always late and then silent,
and at the end something to do for everybody.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select

from app.calls.queries import CallView, get_call
from app.cli.demo.dice import Dice
from app.cli.demo.outcomes import list_reached, outcome_of
from app.cli.demo.past_reports import CARRY_UNTIL, CARRY_UNTIL_LONGER, Story, reports_of
from app.cli.demo.people import FIRST_OFFICER, SECOND_OFFICER, officer_login
from app.cli.demo.replay import Stage
from app.cli.demo.spending import (
    CANCELLED_AFTER,
    Course,
    detailed,
    indicator_results,
    milestone_days,
    months_of_money,
)
from app.identity.facts import Actor, Body
from app.kernel.clock import BANGKOK
from app.kernel.config import PROJECT
from app.kernel.work import Work
from app.monitoring.actions import (
    begin_report,
    open_monitoring,
    put_in_force,
    return_report,
    save_report,
    send_report,
    sign_report,
)
from app.monitoring.actions.changing import ask_change, begin_change, judge_change, save_change
from app.monitoring.actions.taking_over import take_over_reports
from app.monitoring.actions.targets import load_targets
from app.monitoring.changing import cancelled
from app.monitoring.facts import (
    Cause,
    Plan,
    ReportingRules,
)
from app.monitoring.models import Project
from app.monitoring.periods import (
    LAST_MONTH,
    LAST_QUARTER,
    MONTHS_OF_YEAR,
    ReportKind,
    last_day,
    last_month_of,
)
from app.monitoring.planning import carried_over
from app.monitoring.queries.projects import ground_of, plan_in_force
from app.monitoring.queries.records import cells_of
from app.monitoring.states import ACTIVE
from app.monitoring.typed_reports import list_places
from app.proposals.models import Proposal, Submission
from app.proposals.queries.filings import read_facts

TARGETS_2567 = PROJECT / "app" / "monitoring" / "data" / "targets-2567.toml"
OPENED_2565 = datetime(2022, 11, 25, 9, 0, tzinfo=BANGKOK)
OPENED_2567 = datetime(2023, 10, 2, 9, 0, tzinfo=BANGKOK)
DETAILED_2567 = datetime(2023, 10, 24, 9, 0, tzinfo=BANGKOK)
ASKED_CHANGES = datetime(2024, 9, 10, 10, 0, tzinfo=BANGKOK)
CANCELLED_AT = datetime(2024, 6, 12, 10, 0, tzinfo=BANGKOK)
TAKEN_AT = datetime(2025, 7, 15, 9, 0, tzinfo=BANGKOK)
LAST_REPORTS = datetime(2025, 8, 6, 10, 0, tzinfo=BANGKOK)  # of July, and the months after at the same hour

BODIES_OF_REVIEW = frozenset(body.value for body in Body)  # agencies, too, and hardly late
STALLED_AT, CANCELLED_WITH = 640, 310  # spent of a thousand baht

_WHY_CARRIED = "ลงนามสัญญาแล้วแต่ผู้รับจ้างส่งมอบงานงวดสุดท้ายไม่ทันสิ้นปีงบประมาณ จึงขอกันเงินไว้เบิกเหลื่อมปี (ข้อมูลสังเคราะห์)"
_WHY_CANCELLED = "หน่วยงานอื่นพัฒนาระบบที่ทำหน้าที่เดียวกันแล้ว จึงขอยกเลิกเพื่อไม่ให้ซ้ำซ้อน (ข้อมูลสังเคราะห์)"
_WHY_LATER = "ขอปรับกำหนดตรวจรับงานงวดสุดท้ายให้ตรงกับวันสิ้นสุดสัญญาที่แก้ไขแล้ว (ข้อมูลสังเคราะห์)"


def follow_2565(stage: Stage, call: CallView) -> None:
    """The recorded year, taken over whole."""
    work = stage.by("", OPENED_2565)
    open_monitoring(work, 2565, ReportingRules(), synthetic=True)
    stories = []
    for project, number, lead, plan, _ in _projects(work, call.id):
        dice = Dice(f"spending-{number}")
        course = Course.SLOW if dice.chance(18) else Course.STEADY
        permille = dice.between(520, 830) if course is Course.SLOW else dice.between(930, 1000)
        money, _ = months_of_money(dice, plan, course, permille, set())
        stories.append(Story(project, number, lead, plan, course, money, {}))
    take_over_reports(work, call.id, reports_of(stage, 2565, stories, range(1, 13), ""))


def follow_2567(stage: Stage, call: CallView) -> dict[str, int]:
    """The synthetic year and the year after; what each project (by number) had paid by the end of its year, satang."""
    load_targets(stage.by("secretariat", OPENED_2567), TARGETS_2567.read_bytes())
    work = stage.by("secretariat", OPENED_2567)
    open_monitoring(work, 2567, ReportingRules(), synthetic=True)
    stories = [_story(stage, place, *found) for place, found in enumerate(_projects(work, call.id), 1)]
    late = _late_agency(stories)
    past = range(1, CANCELLED_AFTER + 1)
    take_over_reports(
        stage.by("secretariat", CANCELLED_AT), call.id, reports_of(stage, 2567, stories, past, late)
    )
    for story in stories:
        if story.course is Course.CANCELLED:
            used = {
                key: sum(m.committed for m in months[:CANCELLED_AFTER]) for key, months in story.money.items()
            }
            after = cancelled(story.plan, used, CANCELLED_AFTER + 1)
            _change(stage, story, Cause.CANCELLATION, after, _WHY_CANCELLED, CANCELLED_AT)
    for story in stories:
        if story.carried:
            until = CARRY_UNTIL_LONGER if story.has_longer else CARRY_UNTIL
            plan = carried_over(story.plan, story.carried, until)
            plan = replace(plan, ends_on=last_day(2567, until))
            _change(stage, story, Cause.CARRY_OVER, plan, _WHY_CARRIED, ASKED_CHANGES)
    rest = range(CANCELLED_AFTER + 1, LAST_MONTH + 1)
    reports = reports_of(stage, 2567, stories, rest, late)
    take_over_reports(stage.by("secretariat", TAKEN_AT), call.id, reports)
    _leave_something(stage)
    return {
        story.number: sum(m.disbursed for months in story.money.values() for m in months[:MONTHS_OF_YEAR])
        for story in stories
    }


def _projects(work: Work[Actor], call_id: int) -> list[tuple[Project, str, str, Plan, Submission]]:
    rows = work.session.execute(
        select(Project, Proposal.number, Submission)
        .join(Proposal, Proposal.id == Project.proposal_id)
        .join(Submission, Submission.id == Project.submission_id)
        .where(Project.call_id == call_id)
        .order_by(Proposal.number)
    )
    found = []
    for project, number, submission in rows:
        facts = read_facts(submission.sha256, submission.content)
        found.append(
            (project, number, facts.lead.code, plan_in_force(work.session, project.id)[1], submission)
        )
    return found


# by their place in the list of granted projects, from 1
_SPECIAL = {7: Course.SURPRISING, 19: Course.STALLING, 31: Course.CANCELLED, 44: Course.SURPRISING}


def _story(
    stage: Stage, place: int, project: Project, number: str, lead: str, plan: Plan, submission: Submission
) -> Story:
    work = stage.by("secretariat", DETAILED_2567)
    dice, outcome = Dice(f"spending-{number}"), outcome_of(number)
    course = _SPECIAL.get(place, Course.SLOW if outcome.slow else Course.STEADY)
    permille = outcome.permille
    if course is Course.SURPRISING:
        permille = max(permille, 975)
    elif course is Course.STALLING:
        permille = STALLED_AT
    elif course is Course.CANCELLED:
        permille = CANCELLED_WITH
    plan = detailed(dice, plan, lead, 2567)
    codes = {line.agency for line in plan.lines} | {row.agency for row in plan.spending}
    put_in_force(work, project, plan, Cause.DETAIL, {code: stage.agency_id(code) for code in codes})
    is_longer = lead in (FIRST_OFFICER, SECOND_OFFICER)
    carriers = {lead} if is_longer else codes if course is Course.SLOW else set()
    money, carried = months_of_money(dice, plan, course, permille, carriers)
    story = Story(project, number, lead, plan, course, money, carried)
    story.done = dict(milestone_days(dice, plan, course))
    facts = read_facts(submission.sha256, submission.content)
    reached = {r.position: r.result for r in list_reached(number, facts.indicators)}
    story.results = {
        i.position: indicator_results(dice, i, reached.get(i.position), course) for i in plan.indicators
    }
    return story


def _late_agency(stories: list[Story]) -> str:
    """One agency without a person of the demo's, that leads a project and carries nothing over."""
    carries = {agency for story in stories for agency, _ in story.carried}
    leads = sorted({s.lead for s in stories} - carries - {FIRST_OFFICER, SECOND_OFFICER, *BODIES_OF_REVIEW})
    return Dice("late-agency").pick(leads)


def _change(stage: Stage, story: Story, kind: Cause, plan: Plan, reason: str, at: datetime) -> None:
    login = officer_login(story.lead)
    by = stage.by(login if login in stage.people else "", at)
    change = begin_change(by, story.project.id, kind)
    save_change(by, change.id, plan, reason, change.version)
    ask_change(by, change.id)
    judge_change(stage.by("secretariat", at + timedelta(days=9)), change.id, True, "")
    story.plan = plan


def _leave_something(stage: Stage) -> None:
    """The last months of money carried over by the agencies of demo people: one to accept, one to sign, one to write on,
    one returned, a quarter to sign, and a change to judge."""
    first, second = stage.agency_id(FIRST_OFFICER), stage.agency_id(SECOND_OFFICER)
    for month, reach in ((22, "signed"), (23, "sent"), (24, "draft")):
        _report(stage, "officer", first, ReportKind.MONEY, month, reach)
    _report(stage, "officer", first, ReportKind.PROGRESS, LAST_QUARTER, "sent")
    _report(stage, "officer2", second, ReportKind.MONEY, 22, "returned")
    work = stage.by("officer", LAST_REPORTS)
    ours = [found for found in _projects(work, get_call(work.session, 2567).id) if found[2] == FIRST_OFFICER]
    project, plan = next((found[0], found[3]) for found in ours if found[0].state == ACTIVE)
    milestones = (*plan.milestones[:-1], replace(plan.milestones[-1], due_on=plan.ends_on))
    change = begin_change(work, project.id, Cause.DETAIL)
    save_change(work, change.id, replace(plan, milestones=milestones), _WHY_LATER, change.version)
    ask_change(work, change.id)


def _report(stage: Stage, login: str, agency_id: int, kind: ReportKind, period: int, reach: str) -> None:
    """A report of an agency that goes as far as `reach`: draft, sent, signed or returned."""
    day = last_day(2567, last_month_of(kind, period)) + timedelta(days=5)
    at = datetime.combine(day, LAST_REPORTS.timetz())
    work = stage.by(login, at)
    record = begin_report(work, 2567, agency_id, kind, period)
    cells = dict(cells_of(record))
    ground = ground_of(work.session, record.call_id, agency_id, kind, period, at)
    for place in list_places(ground):
        if place.startswith("money-"):
            cells[place] = "0.00"
        elif place.startswith("indicator-") and place.endswith("-result"):
            cells.setdefault(place, "")
    cells["note"] = "เบิกจ่ายครบตามสัญญาแล้ว (ข้อมูลสังเคราะห์)"
    record, _ = save_report(work, record.id, cells, record.version)
    if reach == "draft":
        return
    send_report(work, record.id, record.version)
    if reach == "sent":
        return
    signer = stage.by("certifier" if login == "officer" else "", at + timedelta(hours=3))
    sign_report(signer, record.id, record.version)
    if reach == "returned":
        note = "กรุณาแนบหลักฐานการเบิกจ่ายงวดสุดท้าย (ข้อมูลสังเคราะห์)"
        return_report(stage.by("secretariat", at + timedelta(days=2)), record.id, note, record.version)
