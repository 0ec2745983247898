"""What an agency's proposal resembles: a draft when its officer asks, a filing by itself.

Of filings of other agencies the reader learns that there are some and how like, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission, may
from app.kernel.db import db
from app.kernel.lean import dataclass
from app.kernel.work import open_work
from app.proposals.facts import ProposalFacts
from app.proposals.queries import get_filing, target_of
from app.proposals.states import RECORDED
from app.similarity.actions import LOST_AFTER, ask_comparison
from app.similarity.content import comparable_sha256
from app.similarity.queries import (
    BAND_NAMES,
    OwnOverlaps,
    SeenOverlap,
    find_draft_overlaps,
    find_filing_overlaps,
)
from app.similarity.texts import comparable_of
from app.web.agency.board import blueprint, open_proposal
from app.web.arrival import arrived
from app.web.door import needs
from app.web.language import t
from app.web.marking import MarkedField, in_reading_order, mark_sides
from app.web.overlaps import CommonItem, common_items, texts_of
from app.web.signing import current_actor


@dataclass(frozen=True, slots=True)
class ShownOverlap:
    """A filing the reader may see, beside the reader's own text. `sides` is None where that text has changed since."""

    seen: SeenOverlap
    sides: tuple[tuple[MarkedField, ...], tuple[MarkedField, ...]] | None
    items: Sequence[CommonItem]


@blueprint.get("/proposals/<int:proposal_id>/overlaps")
@needs(Permission.READ_PROPOSAL)
def overlaps(proposal_id: int) -> str:
    """What the proposal resembles, as far as its agency may know."""
    session, actor = db.session(), current_actor()
    opened = open_proposal(proposal_id)
    if opened.is_draft:
        compared = find_draft_overlaps(session, actor, proposal_id)
        mark = comparable_sha256(comparable_of(opened.facts, 0))
        is_current = compared is not None and compared.sha256 == mark
        found = compared.found if compared and compared.compared_at else None
        facts = opened.facts
    else:
        filing = get_filing(session, actor, proposal_id, permission=Permission.READ_PROPOSAL)
        compared, is_current, facts = None, True, filing.facts
        found = find_filing_overlaps(session, actor, proposal_id)
    return render_template(
        "agency/overlaps.html",
        opened=opened,
        title=facts.title,
        compared=compared,
        is_lost=compared is not None and compared.is_waiting and arrived() - compared.asked_at >= LOST_AFTER,
        is_current=is_current,
        is_recorded=opened.view.state == RECORDED,
        found=found,
        shown=_shown(found, facts, is_current=is_current) if found else [],
        band_names=BAND_NAMES,
        may_ask=opened.is_draft and may(actor, Permission.WRITE_PROPOSAL, target_of(session, proposal_id)),
    )


def _shown(found: OwnOverlaps, facts: ProposalFacts, *, is_current: bool) -> list[ShownOverlap]:
    own = texts_of(facts)
    return [
        ShownOverlap(
            seen=one,
            sides=mark_sides(in_reading_order(one.comparison, own), own, texts_of(one.facts), whole=False)
            if is_current
            else None,
            items=common_items(one.comparison, facts, one.facts) if is_current else (),
        )
        for one in found.seen
    ]


@blueprint.post("/proposals/<int:proposal_id>/overlaps")
@needs(Permission.WRITE_PROPOSAL)
def compare(proposal_id: int) -> Response:
    """Ask what the draft resembles as it is saved now; the answer comes in a while."""
    with open_work(current_actor(), arrived()) as work:
        ask_comparison(work, proposal_id)
    flash(t("รับเรื่องแล้ว กำลังเปรียบเทียบ", "Asked. The draft is being compared."))
    return redirect(url_for("agency.overlaps", proposal_id=proposal_id), 303)
