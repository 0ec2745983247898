"""Continuing an earlier project: a draft of an open call made from a filing of an earlier year."""

from __future__ import annotations

from app.calls.queries import get_call, get_call_by_id
from app.identity.facts import Actor
from app.identity.rules import Permission, Target, require
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions.drafting import new_proposal, require_open
from app.proposals.drafts import Part, empty_part
from app.proposals.models import Proposal
from app.proposals.queries import agency_directory, read_draft
from app.proposals.queries.sources import find_continued, get_source, list_continuations

NOT_EARLIER = Text(
    "ต่อเนื่องได้เฉพาะจากโครงการของปีงบประมาณก่อน {year}",
    "Only a project of a fiscal year before {year} can be continued",
)
CONTINUED_ALREADY = Text(
    "โครงการนี้มีข้อเสนอต่อเนื่องในรอบนี้แล้ว ({numbers}) กรุณาตรวจก่อน หากต้องการอีกฉบับให้ยืนยันอีกครั้ง",
    "This project is continued in this call already ({numbers}); look at that first, and confirm if another is meant",
)


def continue_proposal(
    work: Work[Actor], fiscal_year: int, agency_id: int, source_id: int, *, aware_of: int = 0
) -> Proposal:
    """A new draft of the call of `fiscal_year` that continues what the agency filed, or had recorded, in an earlier
    year. `aware_of` is how many drafts and filings of this call the actor was shown to continue it already.

    Raises `Refused` outside the window and for a source that is not of an earlier year, `Stale` when it is continued by
    more proposals than the actor was shown, `NotFound` for what another agency led or what was never filed.
    """
    require(work.actor, Permission.WRITE_PROPOSAL, Target(agency_ids=frozenset({agency_id})))
    call = get_call(work.session, fiscal_year)
    require_open(call, work, agency_id)
    # the source's row is the lock: two who press at once must not both believe to be the first
    work.session.get(Proposal, source_id, with_for_update=True)
    source = get_source(work.session, work.actor, source_id)
    if source.lead_agency_id != agency_id:
        raise NotFound()
    if source.facts.fiscal_year >= call.fiscal_year:
        raise Refused(NOT_EARLIER.fill(year=call.fiscal_year))
    others = list_continuations(work.session, call.fiscal_year, [source_id]).get(source_id, ())
    if len(others) > aware_of:
        raise Stale(CONTINUED_ALREADY.fill(numbers=", ".join(other.number for other in others)))
    carried = source.carried_into(call, agency_directory(work.session))
    proposal = new_proposal(work, call, agency_id, carried.draft, continues_id=source_id)
    work.audit(
        "continue_proposal",
        f"proposal:{proposal.id}",
        agency_id=agency_id,
        detail={"source": source_id, "number": source.facts.number, "sha256": source.sha256},
    )
    return proposal


def find_waiting_part(work: Work[Actor], proposal: Proposal, code: str) -> Part:
    """What a participant of the project continued claimed then, for its part of this proposal; nothing where the
    proposal continues none."""
    view = read_draft(work.session, proposal.id)
    source = find_continued(work.session, view.continues) if view.continues else None
    if source is None:
        return empty_part()
    call = get_call_by_id(work.session, proposal.call_id)
    carried = source.carried_into(call, agency_directory(work.session))
    return carried.parts.get(code, empty_part())
