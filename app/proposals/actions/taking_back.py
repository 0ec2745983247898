"""Questions to partners about links that are claimed no more are taken back."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from app.identity.facts import Actor
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.work import Work
from app.proposals.drafts import Draft, Part
from app.proposals.facts import Answer
from app.proposals.models import LinkRequest
from app.proposals.states import WITHDRAWN

_CLAIMED = ("kind", "name", "direction", "partner", "channel")


def take_questions_back(work: Work[Actor], proposal_id: int, draft: Draft, parts: Mapping[str, Part]) -> None:
    """Withdraw every unanswered question about a link that was changed, taken out, or left with its participant.

    `parts` are those of the participants that joined. The questions are locked first: a partner that answers in the
    same instant either has answered, and the answer stays, or finds the link gone.
    """
    asked = work.session.scalars(
        select(LinkRequest)
        .where(LinkRequest.proposal_id == proposal_id, LinkRequest.state == Answer.ASKED.value)
        .order_by(LinkRequest.id)
        .with_for_update()
    ).all()
    if not asked:
        return
    named = draft["names"]["participants"]
    claims = [("", row) for row in draft["integration"]["links"]]
    claims += [(code, row) for code in named if code in parts for row in parts[code]["links"]["rows"]]
    claimed = {
        sha256_text(canonical_json({"agency": agency, **{key: row[key] for key in _CLAIMED}}))
        for agency, row in claims
    }
    for request in asked:
        if request.link_sha256 not in claimed:
            request.state = WITHDRAWN
