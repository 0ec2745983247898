"""Moving along the lifecycle: state, history and audit together."""

from __future__ import annotations

from app.identity.facts import Actor
from app.kernel.work import Work
from app.proposals.models import (
    Proposal,
    ProposalMove,
)
from app.proposals.states import LIFECYCLE


def move_proposal(work: Work[Actor], proposal: Proposal, move: str, reason: str = "") -> None:
    """Move a proposal along its lifecycle: state, history, audit and outbox together.

    Later rooms call this; they hold the permission for their own verb. Raises `Refused` when the table has no
    such move from the present state.
    """
    before = proposal.state
    after = LIFECYCLE.after(before, move)
    if after == before:
        return
    proposal.state = after
    proposal.updated_at = work.now
    work.session.add(
        ProposalMove(
            proposal_id=proposal.id,
            move=move,
            from_state=before,
            to_state=after,
            at=work.now,
            actor_id=work.actor.id,
            reason=reason,
        )
    )
    work.audit(
        "move_proposal",
        f"proposal:{proposal.id}",
        agency_id=proposal.lead_agency_id,
        detail={"move": move, "from": before, "to": after},
    )
