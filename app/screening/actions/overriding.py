"""A person's judgement beside a rule's conclusion."""

from __future__ import annotations

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Outcome, Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions import move_proposal
from app.proposals.models import Proposal
from app.screening.actions.running import MOVES, require_screenable
from app.screening.models import ScreeningOverride
from app.screening.queries import find_latest_run

NEEDS_REASON = Text("กรุณาให้เหตุผลอย่างน้อย 10 ตัวอักษร", "Give a reason of at least 10 characters")
ONLY_INFORMS = Text(
    "ข้อกำหนดนี้ใช้ประกอบคำอธิบายเท่านั้น จึงไม่มีผลให้วินิจฉัยแทน",
    "This rule only informs; there is no conclusion to override",
)


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
    require_screenable(proposal.state)
    decides = {f.rule: f.decides for f in run.findings}
    if rule not in decides:
        raise NotFound()
    if not decides[rule]:
        raise Refused(ONLY_INFORMS)
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
    move_proposal(work, proposal, MOVES[view.concluded], override.reason)
    return override
