"""Orders for many proposals: carried out exactly as they were read, or not at all."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import Refused, Stale
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.screening.actions.casework import assign_cases
from app.screening.actions.overriding import stand_beside
from app.screening.actions.planning import plan_bulk
from app.screening.actions.running import screen_call
from app.screening.casework import MOST_AT_ONCE, BulkOrder, Errand, Plan
from app.screening.queries import find_latest_runs

CHANGED_MEANWHILE = Text(
    "ข้อมูลเปลี่ยนไปหลังจากที่ท่านดูตัวอย่าง จึงยังไม่ได้ทำสิ่งใด กรุณาตรวจตัวอย่างใหม่ด้านล่างแล้วยืนยันอีกครั้ง",
    "Something changed after you looked at the preview, so nothing was done. Read the new preview below and confirm it.",
)
NOTHING_TO_DO = Text("ไม่มีข้อเสนอใดที่เปลี่ยนได้", "There is no proposal this can be done to")


def carry_out(
    work: Work[Actor], call: CallView, order: BulkOrder, proposal_ids: Collection[int], fingerprint: str
) -> Plan:
    """Do what the plan with this fingerprint says, to all proposals it can be done to; those it bars stay as they are.

    All in one transaction, with an audit entry for each proposal. Raises `Stale` when the plan would now be another,
    `Refused` when nothing can be done, and whatever `plan_bulk` raises; then nothing is written.
    """
    require(work.actor, Permission.RUN_SCREENING)
    if len(set(proposal_ids)) <= MOST_AT_ONCE:  # what is read next holds until the end
        work.session.execute(
            select(Proposal.id)
            .where(Proposal.id.in_(proposal_ids), Proposal.call_id == call.id)
            .order_by(Proposal.id)
            .with_for_update()
        ).all()
    plan = plan_bulk(work.session, work.actor, call, order, proposal_ids)
    if plan.fingerprint != fingerprint:
        raise Stale(CHANGED_MEANWHILE)
    ids = [step.proposal_id for step in plan.doable]
    if not ids:
        raise Refused(NOTHING_TO_DO)
    if order.errand is Errand.ASSIGN:
        assign_cases(work, ids, order.assignee_id)
    elif order.errand is Errand.RELEASE:
        assign_cases(work, ids, None)
    elif order.errand is Errand.RERUN:
        _run_again(work, call, ids)
    else:
        _judge(work, order, ids)
    return plan


def _run_again(work: Work[Actor], call: CallView, ids: list[int]) -> None:
    batch = screen_call(work, call.fiscal_year, only=ids).batch_id
    for proposal_id, agency_id in work.session.execute(
        select(Proposal.id, Proposal.lead_agency_id).where(Proposal.id.in_(ids)).order_by(Proposal.id)
    ):
        work.audit("screen_proposal", f"proposal:{proposal_id}", agency_id=agency_id, detail={"batch": batch})


def _judge(work: Work[Actor], order: BulkOrder, ids: list[int]) -> None:
    require(work.actor, Permission.OVERRIDE_FINDING)
    assert order.outcome is not None
    runs = find_latest_runs(work.session, ids)
    proposals = work.session.scalars(select(Proposal).where(Proposal.id.in_(ids)).order_by(Proposal.id))
    for proposal in proposals.all():
        stand_beside(work, proposal, runs[proposal.id], order.rule, order.outcome, order.reason)
