"""A granted proposal becomes a project: its lines as granted, its first plan, and whoever carries it out."""

from __future__ import annotations

from sqlalchemy import select

from app.calls.facts import Origin
from app.calls.models import Call
from app.decisions.models import Decision
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json
from app.kernel.errors import NotFound, Refused
from app.kernel.text import Text
from app.kernel.values import freeze_value
from app.kernel.work import Work
from app.monitoring.actions.planning import put_in_force
from app.monitoring.facts import Cause, ReportingRules
from app.monitoring.models import MonitoredCall, Project, ProjectAgency, ProjectLine
from app.monitoring.planning import first_plan, granted_lines
from app.monitoring.states import ACTIVE
from app.proposals.models import Proposal, Submission
from app.proposals.queries.filings import latest_submission, read_facts
from app.proposals.results import GRANTED_STATES
from app.proposals.states import RECORDED

NOT_GRANTED = Text(
    "ข้อเสนอนี้ไม่ได้รับความเห็นชอบ จึงไม่มีโครงการให้ติดตาม",
    "This proposal was not granted money; there is nothing to monitor",
)
OPEN_ALREADY = Text("ข้อเสนอนี้เป็นโครงการที่ติดตามอยู่แล้ว", "This proposal is monitored already")
NOTHING_TO_OPEN = Text(
    "ไม่มีข้อเสนอที่ได้รับความเห็นชอบและยังไม่ได้เปิดติดตาม", "No granted proposal is left that is not monitored yet"
)


def open_monitoring(
    work: Work[Actor], fiscal_year: int, rules: ReportingRules | None = None, *, synthetic: bool = False
) -> list[Project]:
    """Follow every granted proposal of a call that is not followed yet; returns the new projects by number.

    The first time, `rules` are kept for the call (its own defaults where None); later they are changed by their own
    verb. `synthetic` labels the call's reports as made up. Raises `Refused` when nothing is left to open.
    """
    require(work.actor, Permission.MANAGE_MONITORING)
    call = work.session.scalars(
        select(Call).where(Call.fiscal_year == fiscal_year).with_for_update()
    ).one_or_none()
    if call is None:
        raise NotFound()
    ids = work.session.scalars(
        select(Proposal.id)
        .outerjoin(Project, Project.proposal_id == Proposal.id)
        .where(Proposal.call_id == call.id, Proposal.state.in_(GRANTED_STATES), Project.id.is_(None))
        .order_by(Proposal.number)
    ).all()
    if not ids:
        raise Refused(NOTHING_TO_OPEN)
    if work.session.get(MonitoredCall, call.id) is None:
        is_synthetic = synthetic or call.origin == Origin.SYNTHETIC
        work.session.add(
            MonitoredCall(
                call_id=call.id,
                origin="synthetic" if is_synthetic else "filed",
                rules=canonical_json(freeze_value(rules or ReportingRules())),
                opened_at=work.now,
                opened_by=work.actor.id,
            )
        )
        work.audit("open_monitoring", f"call:{call.id}")
        work.session.flush()
    return [open_project(work, proposal_id) for proposal_id in ids]


def open_project(work: Work[Actor], proposal_id: int) -> Project:
    """Make a granted proposal a project. Raises `Refused` for one that was not granted, or is open already."""
    require(work.actor, Permission.MANAGE_MONITORING)
    session = work.session
    proposal = session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None:
        raise NotFound()
    if proposal.state not in GRANTED_STATES:
        raise Refused(NOT_GRANTED)
    if session.scalar(select(Project.id).where(Project.proposal_id == proposal_id)) is not None:
        raise Refused(OPEN_ALREADY)
    submission = session.scalars(
        latest_submission().where(Proposal.id == proposal_id).with_only_columns(Submission)
    ).one()
    facts = read_facts(submission.sha256, submission.content)
    decision = session.scalars(select(Decision).where(Decision.current_for == proposal_id)).first()
    if decision is None and proposal.state != RECORDED:
        raise Refused(NOT_GRANTED)
    approved = decision.amount if decision is not None else facts.total
    project = Project(
        proposal_id=proposal_id,
        call_id=proposal.call_id,
        submission_id=submission.id,
        decision_id=decision.id if decision is not None else None,
        lead_agency_id=proposal.lead_agency_id,
        approved=approved,
        state=ACTIVE,
        opened_at=work.now,
        opened_by=work.actor.id,
    )
    session.add(project)
    session.flush()
    codes = {agency.code for agency in facts.agencies} | {line.agency for line in facts.lines}
    agency_ids = {
        code: key
        for code, key in session.execute(select(Agency.code, Agency.id).where(Agency.code.in_(codes)))
    }
    granted = granted_lines(facts, approved)
    for n, (line, amount) in enumerate(zip(facts.lines, granted, strict=True), 1):
        session.add(
            ProjectLine(
                project_id=project.id,
                position=n,
                agency_id=agency_ids[line.agency],
                category=line.category,
                item=line.item,
                requested=line.amount,
                approved=amount,
            )
        )
    for code in sorted(codes):
        session.add(
            ProjectAgency(project_id=project.id, agency_id=agency_ids[code], is_lead=code == facts.lead.code)
        )
    work.audit(
        "open_project",
        f"project:{project.id}",
        agency_id=proposal.lead_agency_id,
        after=submission.sha256,
        detail={"proposal": proposal_id, "approved": approved},
    )
    put_in_force(work, project, first_plan(facts, granted), Cause.OPENING, agency_ids)
    return project
