"""Saving a section: what others changed meanwhile is kept beside it, or put to the person; every save is a revision."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from app.identity.facts import Actor
from app.identity.models import User
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions.drafting import get_writable
from app.proposals.actions.keeping import draft_and_parts, keep_revision, show_draft
from app.proposals.actions.taking_back import take_questions_back
from app.proposals.drafts import empty_section
from app.proposals.merging import Merged, merge_section
from app.proposals.models import (
    DraftRevision,
    Participation,
    Proposal,
    ProposalDraft,
)
from app.proposals.states import JOINED

_MOST_SINCE = 500  # versions looked back over; a form that was open longer finds nothing to begin from
CHANGED_MEANWHILE = Text(
    "มีผู้อื่นบันทึกข้อความอื่นในช่องเดียวกันหลังจากที่ท่านเปิดหน้านี้ ข้อความของท่านยังอยู่ กรุณาเลือกข้อความที่จะใช้",
    "Somebody else saved another text in the same field after you opened it. Your text is still here; choose which to keep",
)
OWN_LINES = Text(
    "หน่วยงานร่วมที่ตอบรับแล้วกรอกรายการงบประมาณของตนเอง", "A participant that has joined fills in its own lines"
)


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save came to. `taken` are the places where another person's change came in beside one's own."""

    version: int
    value: dict[str, Any]
    taken: tuple[str, ...] = ()


class Conflict(Stale):
    """The same field was changed twice, by two people or in two windows of one (`is_own`): both texts, for the second to
    choose. Nothing was saved."""

    def __init__(self, merged: Merged, version: int, by: Text, *, is_own: bool = False):
        super().__init__(CHANGED_MEANWHILE)
        self.merged = merged
        self.version = version
        self.by = by
        self.is_own = is_own


def save_section(
    work: Work[Actor],
    proposal_id: int,
    section: str,
    value: dict[str, Any],
    version: int,
    *,
    agency_id: int | None = None,
    cause: str = "typed",
    page: str = "",
) -> Saved:
    """Save one section of a draft, of the lead or of the participant `agency_id`, and keep it as a revision.

    `value` has the section's shape (see `drafts`), `version` is the one the form was opened with, `page` the open page
    that saves by itself: when the answer to a save was lost, it sends its text again with the version before. What
    somebody else saved in other fields since is kept beside it; raises `Conflict` where both changed the same field, and
    nothing is overwritten. Raises `NotFound` for a section drafts lack.
    """
    proposal = get_writable(work, proposal_id, section, agency_id)
    owner = agency_id or proposal.lead_agency_id
    kept = writable_page(work, proposal, owner)
    content: dict[str, Any] = json.loads(kept.content)
    versions: dict[str, int] = json.loads(kept.section_versions)
    if section not in content:
        raise NotFound()
    theirs = content[section]
    saved = Saved(versions[section], value)
    if versions[section] != version:
        opened = _Opened(proposal_id, owner, section, version, page[:40])
        saved = _merge(work, opened, value, theirs, versions[section])
        cause = "merged" if saved.taken else cause
    if theirs == saved.value:
        return saved
    content[section] = saved.value
    versions[section] += 1
    kept.content = canonical_json(content)
    kept.section_versions = canonical_json(versions)
    proposal.updated_at = work.now
    if isinstance(kept, ProposalDraft):
        kept.updated_at, kept.updated_by = work.now, work.actor.id
    keep_revision(work, proposal_id, owner, section, versions[section], saved.value, cause, page)
    _follow(work, proposal, owner, section)
    work.audit(
        "save_section",
        f"proposal:{proposal_id}",
        agency_id=owner,
        before=sha256_text(canonical_json(theirs)),
        after=sha256_text(canonical_json(saved.value)),
        detail={"section": section, "version": versions[section], "cause": cause},
    )
    return Saved(versions[section], saved.value, saved.taken)


def writable_page(work: Work[Actor], proposal: Proposal, owner: int) -> ProposalDraft | Participation:
    """What an agency writes on: the lead's draft, or the part of a participant that joined."""
    if owner == proposal.lead_agency_id:
        return work.session.get_one(ProposalDraft, proposal.id)
    part = work.session.scalars(
        select(Participation).where(
            Participation.proposal_id == proposal.id, Participation.agency_id == owner
        )
    ).first()
    if part is None or part.state != JOINED:
        raise NotFound()
    return part


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a form was opened on."""

    proposal_id: int
    owner: int
    section: str
    version: int
    page: str


def _merge(
    work: Work[Actor], opened: _Opened, mine: dict[str, Any], theirs: dict[str, Any], current: int
) -> Saved:
    """Both changes since the form was opened, or `Conflict`."""
    since = {
        row.version: row
        for row in work.session.execute(
            select(
                DraftRevision.version,
                DraftRevision.content,
                DraftRevision.page,
                DraftRevision.cause,
                DraftRevision.by,
                User.name_th,
                User.name_en,
            )
            .outerjoin(User, User.id == DraftRevision.by)
            .where(
                DraftRevision.proposal_id == opened.proposal_id,
                DraftRevision.agency_id == opened.owner,
                DraftRevision.section == opened.section,
                DraftRevision.version >= opened.version,
            )
            .order_by(DraftRevision.version)
            .limit(_MOST_SINCE)
        )
    }
    base = opened.version
    # what this very page saved right after: its answer was lost, and the page still counts from the version before
    while (
        opened.page and (own := since.get(base + 1)) and (own.page, own.cause) == (opened.page, "autosaved")
    ):
        base += 1
    known = since.get(base)
    began = json.loads(known.content) if known else empty_section(opened.section)
    merged = merge_section(opened.section, began, mine, theirs)
    if merged.conflicts:
        last = since.get(current)
        raise Conflict(
            merged,
            current,
            Text(last.name_th or "", last.name_en or "") if last else Text("", ""),
            is_own=last is not None and last.by == work.actor.id,
        )
    return Saved(current, merged.value, merged.taken)


def _follow(work: Work[Actor], proposal: Proposal, owner: int, section: str) -> None:
    """Whatever goes with a save: what lists show, and questions to partners about links that are no more."""
    if section not in ("names", "plan", "budget", "integration", "links"):
        return
    draft, parts = draft_and_parts(work, proposal)
    if owner == proposal.lead_agency_id and section == "budget":
        joined = {code for code in parts if code in draft["names"]["participants"]}
        if any(row["agency"] in joined for row in draft["budget"]["rows"]):
            raise Refused(OWN_LINES)
    if section in ("names", "plan", "budget"):
        show_draft(work, proposal, draft, parts, (section,))
    if section in ("names", "integration", "links"):
        take_questions_back(work, proposal.id, draft, parts)
