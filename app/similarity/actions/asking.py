"""A draft is compared when its own agency asks; nobody else learns of it."""

from __future__ import annotations

from datetime import timedelta

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.proposals.queries import target_of
from app.proposals.states import WRITABLE_STATES
from app.similarity.models import DraftComparison

COMPARE_DRAFT = "compare_draft"
LOST_AFTER = timedelta(
    minutes=10
)  # an answer that takes longer does not come any more: it may be asked for again


def ask_comparison(work: Work[Actor], proposal_id: int) -> DraftComparison:
    """Ask what a draft resembles; the answer comes with the promise `COMPARE_DRAFT`. Asked again while the answer is
    still to come, it stays one question. Raises `NotFound` for what is no draft of the actor's agencies."""
    require(work.actor, Permission.WRITE_PROPOSAL, target_of(work.session, proposal_id))
    proposal = work.session.get_one(Proposal, proposal_id, with_for_update=True)
    if proposal.state not in WRITABLE_STATES:
        raise NotFound()
    asked = work.session.get(DraftComparison, proposal_id)
    if asked is None:
        asked = DraftComparison(proposal_id=proposal_id, asked_at=work.now, asked_by=work.actor.id)
        work.session.add(asked)
    elif _is_waiting(asked) and work.now - asked.asked_at < LOST_AFTER:
        return asked
    else:
        asked.asked_at, asked.asked_by = work.now, work.actor.id
    work.audit("ask_comparison", f"proposal:{proposal_id}", agency_id=proposal.lead_agency_id)
    work.promise(COMPARE_DRAFT, {"proposal": proposal_id})
    work.session.flush()
    return asked


def _is_waiting(asked: DraftComparison) -> bool:
    return asked.compared_at is None or asked.compared_at < asked.asked_at
