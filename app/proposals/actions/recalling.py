"""The secretariat lets the last filing count, and the draft is put back to what was filed.

What the agency had changed since stays among its revisions; without this, the next return would let it file changes in
sections nobody opened.
"""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions.asking import get_filed
from app.proposals.actions.keeping import draft_and_parts, keep_revision, mirror_draft
from app.proposals.actions.moving import move_proposal
from app.proposals.actions.returning import get_open_row
from app.proposals.drafts import SECTIONS, empty_section
from app.proposals.models import (
    Attachment,
    DraftRevision,
    Participation,
    Proposal,
    ProposalDraft,
    ProposalReturn,
)
from app.proposals.states import INVITED, JOINED

LONGEST_REASON = 2000
NEEDS_REASON = Text("กรุณาให้เหตุผล", "Give the reason")
REASON_TOO_LONG = Text("เหตุผลยาวเกิน {most} ตัวอักษร", "The reason is longer than {most} characters").fill(
    most=f"{LONGEST_REASON:,}"
)


def recall_return(work: Work[Actor], proposal_id: int, reason: str) -> ProposalReturn:
    """Let the last filing count after all, in time or after it. The caller screens it again, as on filing."""
    require(work.actor, Permission.RETURN_PROPOSAL)
    proposal = get_filed(work, proposal_id)
    returned = get_open_row(work, proposal_id)
    if not reason or len(reason) > LONGEST_REASON:
        why = REASON_TOO_LONG if reason else NEEDS_REASON
        raise Refused(why, [Problem("recall-reason", why)])
    returned.state, returned.ended_at = "closed", work.now
    put_back = _put_back(work, proposal, returned.returned_at)
    move_proposal(work, proposal, "recall", reason)
    work.audit(
        "recall_return",
        f"proposal:{proposal_id}",
        agency_id=proposal.lead_agency_id,
        detail={
            "return": returned.id,
            "cycle": returned.cycle,
            "reason": reason,
            "put_back": put_back,
        },
    )
    work.promise("notify", {"event": "recalled", "return": returned.id})
    return returned


def _put_back(work: Work[Actor], proposal: Proposal, filed: datetime) -> list[str]:
    """Bring draft, parts and attachments back to how they stood at `filed`; nothing could be written between the filing
    and its return. Returns what was changed, "agency id:section"."""
    revisions: dict[tuple[int, str], str] = {}
    for row in work.session.execute(
        select(DraftRevision.agency_id, DraftRevision.section, DraftRevision.content)
        .where(DraftRevision.proposal_id == proposal.id, DraftRevision.at <= filed)
        .order_by(DraftRevision.id)
    ):
        revisions[row.agency_id, row.section] = row.content
    parts = work.session.scalars(
        select(Participation)
        .where(Participation.proposal_id == proposal.id, Participation.state == JOINED)
        .with_for_update()
    ).all()
    pages: list[tuple[int, ProposalDraft | Participation]] = [
        (proposal.lead_agency_id, work.session.get_one(ProposalDraft, proposal.id)),
        *((part.agency_id, part) for part in parts),
    ]
    changed = []
    for owner, page in pages:
        content, versions = json.loads(page.content), json.loads(page.section_versions)
        for section, value in content.items():
            kept = revisions.get((owner, section))
            filed_value = json.loads(kept) if kept else empty_section(section)
            if value == filed_value:
                continue
            content[section] = filed_value
            versions[section] += 1
            keep_revision(work, proposal.id, owner, section, versions[section], filed_value, "restored")
            changed.append(f"{owner}:{section}")
        page.content, page.section_versions = canonical_json(content), canonical_json(versions)
    for part in parts:
        if part.answered_at is not None and part.answered_at > filed:
            # it joined a revision that did not come to be, so it is asked again
            part.state, part.answered_at, part.answered_by = INVITED, None, None
    changed += _put_back_attachments(work, proposal, filed)
    draft, joined = draft_and_parts(work, proposal)
    mirror_draft(work, proposal, draft, joined, SECTIONS)
    return changed


def _put_back_attachments(work: Work[Actor], proposal: Proposal, filed: datetime) -> list[str]:
    changed = False
    for file in work.session.scalars(select(Attachment).where(Attachment.proposal_id == proposal.id)):
        was_there = file.uploaded_at <= filed and (file.removed_at is None or file.removed_at > filed)
        if was_there and file.removed_at is not None:
            file.removed_at, changed = None, True
        elif not was_there and file.removed_at is None:
            file.removed_at, changed = work.now, True
    return [f"{proposal.lead_agency_id}:attachments"] if changed else []
