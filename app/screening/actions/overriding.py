"""A person's judgement beside a rule's conclusion."""

from __future__ import annotations

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Finding, Outcome, Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions import move_proposal
from app.proposals.models import Proposal
from app.screening.actions.running import MOVES, require_screenable
from app.screening.casework import LEAST_REASON
from app.screening.models import ScreeningOverride
from app.screening.queries import RunView, find_latest_run
from app.screening.rules import conclude

NEEDS_REASON = Text("กรุณาให้เหตุผลอย่างน้อย 10 ตัวอักษร", "Give a reason of at least 10 characters")
ONLY_INFORMS = Text(
    "ข้อกำหนดนี้ใช้ประกอบคำอธิบายเท่านั้น จึงไม่มีผลให้วินิจฉัยแทน",
    "This rule only informs; there is no conclusion to override",
)


SCREENED_AGAIN = Text(
    "มีผลการกลั่นกรองใหม่หลังจากท่านเปิดหน้านี้ จึงยังไม่ได้บันทึก กรุณาอ่านผลล่าสุดแล้วยืนยันอีกครั้ง",
    "It was screened again after you opened this page, so nothing was recorded. Read the latest findings and confirm.",
)


def override_finding(
    work: Work[Actor],
    proposal_id: int,
    rule: str,
    outcome: Outcome,
    reason: str,
    *,
    run_id: int | None = None,
) -> ScreeningOverride:
    """Put a person's judgement beside a rule's conclusion; the proposal moves by the new conclusion.

    `run_id` is the run that was read. Raises `Refused` without a reason, for a rule that only informs, or once the
    committee has decided, and `Stale` when another run has come to count since.
    """
    require(work.actor, Permission.OVERRIDE_FINDING)
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    run = find_latest_run(work.session, proposal_id)
    if proposal is None or run is None:
        raise NotFound()
    require_screenable(proposal.state)
    if run_id is not None and run_id != run.id:
        raise Stale(SCREENED_AGAIN)
    decides = {f.rule: f.decides for f in run.findings}
    if rule not in decides:
        raise NotFound()
    if not decides[rule]:
        raise Refused(ONLY_INFORMS)
    require_reason(reason)
    return stand_beside(work, proposal, run, rule, outcome, reason)


def require_reason(reason: str) -> None:
    """Raise `Refused` for a reason too short to explain anything."""
    if len(reason.strip()) < LEAST_REASON:
        raise Refused(NEEDS_REASON, [Problem("override-reason", NEEDS_REASON)])


def conclude_with(run: RunView, rule: str, outcome: Outcome) -> Outcome:
    """What a run concludes once a person has judged `rule` so, with all judgements that stand already."""
    findings = [Finding(f.rule, f.outcome, "") for f in run.findings]
    return conclude(findings, run.rulebook, {o.rule: o.outcome for o in run.overrides} | {rule: outcome})


def stand_beside(
    work: Work[Actor], proposal: Proposal, run: RunView, rule: str, outcome: Outcome, reason: str
) -> ScreeningOverride:
    """Keep the judgement with its audit entry and move the proposal. The caller has locked the proposal and found
    that the rule of its latest `run` may be judged."""
    override = ScreeningOverride(
        run_id=run.id, rule=rule, outcome=outcome.value, reason=reason.strip(), at=work.now, by=work.actor.id
    )
    work.session.add(override)
    work.audit(
        "override_finding",
        f"proposal:{proposal.id}",
        agency_id=proposal.lead_agency_id,
        detail={"rule": rule, "outcome": outcome.value, "reason": override.reason},
    )
    move_proposal(work, proposal, MOVES[conclude_with(run, rule, outcome)], override.reason)
    work.session.flush()
    return override
