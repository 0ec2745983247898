"""What is done in screening: runs and overrides. Both move the proposal by its lifecycle."""

from __future__ import annotations

from sqlalchemy import select

from app.calls.queries import CallView, get_call_by_id
from app.identity.facts import Actor
from app.identity.rules import Permission, may, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import Forbidden, NotFound, Refused
from app.kernel.findings import Finding, Outcome, Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions import move_proposal
from app.proposals.models import Proposal, Submission
from app.proposals.queries import read_facts, target_of
from app.proposals.states import FAILED, PASSED, QUESTIONED, SUBMITTED
from app.screening.models import ScreeningFinding, ScreeningOverride, ScreeningRun
from app.screening.queries import find_latest_run
from app.screening.rules import Screening, Situation, conclude, screen

_MOVES = {Outcome.PASSES: "pass", Outcome.NEEDS_PERSON: "question", Outcome.FAILS: "fail"}
_SCREENABLE = frozenset({SUBMITTED, PASSED, QUESTIONED, FAILED})

NEEDS_REASON = Text("กรุณาให้เหตุผลอย่างน้อย 10 ตัวอักษร", "Give a reason of at least 10 characters")
ALREADY_DECIDED = Text(
    "คณะกรรมการมีมติแล้ว จึงกลั่นกรองใหม่ไม่ได้", "The committee has decided, so screening cannot change"
)


def situation_of(call: CallView, arrived_at: object = None) -> Situation:
    """What the rules may know of a call. `arrived_at` None tries the rules out on a draft."""
    return Situation(
        plan=call.plan,
        limits=call.limits,
        opens_at=call.opens_at,
        closes_at=call.closes_at,
        arrived_at=arrived_at,  # type: ignore[arg-type]
    )


def screen_proposal(work: Work[Actor], proposal_id: int) -> ScreeningRun:
    """Run the call's rulebook over the latest filing and move the proposal by the conclusion.

    Called on filing (by the filing agency) and by the secretariat again. Earlier runs stay as they are; overrides
    of the run before are carried over, since they are a person's word on the same filing.
    """
    if not may(work.actor, Permission.RUN_SCREENING):
        require(work.actor, Permission.FILE_PROPOSAL, target_of(work.session, proposal_id))
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None:
        raise NotFound()
    if proposal.state not in _SCREENABLE:
        raise Refused(ALREADY_DECIDED)
    if proposal.state != SUBMITTED and not may(work.actor, Permission.RUN_SCREENING):
        raise Forbidden()
    submission = work.session.scalars(
        select(Submission)
        .where(Submission.proposal_id == proposal_id)
        .order_by(Submission.sequence.desc())
        .limit(1)
    ).one()
    call = get_call_by_id(work.session, proposal.call_id)
    result = screen(
        read_facts(submission.sha256, submission.content),
        call.rulebook,
        situation_of(call, submission.submitted_at),
    )
    before = work.session.scalars(
        select(ScreeningRun)
        .where(ScreeningRun.submission_id == submission.id)
        .order_by(ScreeningRun.id.desc())
        .limit(1)
    ).first()
    run = _write_run(work, proposal, submission.id, call.rulebook_id, result)
    overrides = _carry_overrides(work, before, run)
    concluded = conclude(result.findings, call.rulebook, overrides)
    move_proposal(work, proposal, _MOVES[concluded], f"screening run {run.id}")
    return run


def _carry_overrides(work: Work[Actor], before: ScreeningRun | None, run: ScreeningRun) -> dict[str, Outcome]:
    if before is None:
        return {}
    latest: dict[str, ScreeningOverride] = {}
    for o in work.session.scalars(
        select(ScreeningOverride).where(ScreeningOverride.run_id == before.id).order_by(ScreeningOverride.id)
    ):
        latest[o.rule] = o
    for o in latest.values():
        work.session.add(
            ScreeningOverride(
                run_id=run.id, rule=o.rule, outcome=o.outcome, reason=o.reason, at=o.at, by=o.by
            )
        )
    return {rule: Outcome(o.outcome) for rule, o in latest.items()}


def _write_run(
    work: Work[Actor],
    proposal: Proposal,
    submission_id: int,
    rulebook_id: int,
    result: Screening,
) -> ScreeningRun:
    run = ScreeningRun(
        proposal_id=proposal.id,
        submission_id=submission_id,
        rulebook_id=rulebook_id,
        run_at=work.now,
        run_by=work.actor.id,
        outcome=result.outcome.value,
    )
    work.session.add(run)
    work.session.flush()
    rows = finding_rows(run.id, result.findings)
    work.session.execute(ScreeningFinding.__table__.insert(), rows)  # type: ignore[attr-defined]
    work.audit(
        "screen_proposal",
        f"proposal:{proposal.id}",
        agency_id=proposal.lead_agency_id,
        after=sha256_text(canonical_json([row["content"] for row in rows])),
        detail={"run": run.id, "outcome": run.outcome},
    )
    return run


def finding_rows(run_id: int, findings: tuple[Finding, ...]) -> list[dict[str, object]]:
    """Findings as rows of `screening_findings`."""
    return [
        {
            "run_id": run_id,
            "rule": f.rule,
            "outcome": f.outcome.value,
            "content": canonical_json(
                {"reason": f.reason, "places": list(f.places), "values": dict(f.values)}
            ),
        }
        for f in findings
    ]


def override_finding(
    work: Work[Actor], proposal_id: int, rule: str, outcome: Outcome, reason: str
) -> ScreeningOverride:
    """Put a person's judgement beside a rule's conclusion; the proposal moves by the new conclusion.

    Raises `Refused` without a reason, for a rule that only informs, or once the committee has decided.
    """
    require(work.actor, Permission.OVERRIDE_FINDING)
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    run = find_latest_run(work.session, proposal_id)
    if proposal is None or run is None:
        raise NotFound()
    if proposal.state not in _SCREENABLE:
        raise Refused(ALREADY_DECIDED)
    deciding = {f.rule for f in run.findings if f.decides}
    if rule not in deciding:
        raise NotFound()
    if len(reason.strip()) < 10:
        raise Refused(NEEDS_REASON, [Problem("override-reason", NEEDS_REASON)])
    override = ScreeningOverride(
        run_id=run.id, rule=rule, outcome=outcome.value, reason=reason.strip(), at=work.now, by=work.actor.id
    )
    work.session.add(override)
    work.session.flush()
    work.audit(
        "override_finding",
        f"proposal:{proposal_id}",
        agency_id=proposal.lead_agency_id,
        detail={"rule": rule, "outcome": outcome.value, "reason": override.reason},
    )
    view = find_latest_run(work.session, proposal_id)
    assert view is not None
    move_proposal(work, proposal, _MOVES[view.concluded], override.reason)
    return override
