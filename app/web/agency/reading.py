"""What changed in a draft since its reader last said to have read it."""

from __future__ import annotations

from datetime import datetime

from app.kernel.db import db
from app.kernel.lean import dataclass
from app.proposals.comparing import Comparison, attachment_rows, compare_drafts, compare_parts
from app.proposals.drafts import empty_part
from app.proposals.facts import AgencyRef
from app.proposals.queries import PartView, find_look
from app.web.agency.board import OpenProposal
from app.web.signing import current_actor


@dataclass(frozen=True, slots=True)
class Since:
    """The changes since a look `at` that moment: of the lead's draft (None where only a part is asked about), and of
    each participant's part that has changed."""

    at: datetime
    lead: Comparison | None
    parts: tuple[tuple[AgencyRef, Comparison], ...]

    @property
    def count(self) -> int:
        return (self.lead.count if self.lead else 0) + sum(c.count for _, c in self.parts)


def changes_since_look(opened: OpenProposal, only: PartView | None = None) -> Since | None:
    """What the reader has not read yet, of the whole proposal or of one participant's part; None for somebody who never
    said to have read it."""
    view = opened.view
    look = find_look(db.session(), current_actor(), view)
    if look is None:
        return None
    plan, directory = opened.call.plan, opened.directory
    lead = None
    if only is None:
        before = look.draft | {"attachments": attachment_rows(look.files)}
        after = view.draft | {"attachments": attachment_rows(opened.facts.attachments)}
        lead = compare_drafts(before, after, plan, directory)
    parts = []
    for part in view.parts:
        if part.code not in view.joined or (only is not None and part.agency_id != only.agency_id):
            continue
        comparison = compare_parts(look.parts.get(part.code, empty_part()), part.part, plan, directory)
        if not comparison.is_empty:
            parts.append((directory[part.code], comparison))
    return Since(look.at, lead, tuple(parts))
