"""Who looks after which filing, and what the secretariat notes for itself."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import sha256_text
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.screening.casework import LONGEST_NOTE, NOT_SCREENED
from app.screening.models import ScreeningCase, ScreeningNote
from app.screening.queries import list_screeners

NOT_A_SCREENER = Text(
    "ผู้ที่เลือกไม่ได้อยู่ในฝ่ายเลขานุการ หรือบัญชีถูกระงับ กรุณาเลือกใหม่",
    "The chosen person is not of the secretariat or cannot sign in; choose again",
)
NEEDS_NOTE = Text("กรุณาพิมพ์ข้อความที่จะบันทึก", "Write the note")
NOTE_TOO_LONG = Text("บันทึกยาวเกินไป ไม่เกิน 4,000 ตัวอักษร", "The note is too long: at most 4,000 characters")


def assign_cases(work: Work[Actor], proposal_ids: Collection[int], assignee_id: int | None) -> list[int]:
    """Give filings to a person of the secretariat to look after, or with None to nobody; all of them or none.

    Returns the ids of those that changed hands. Raises `NotFound` for anything that was not filed, and `Refused` for
    somebody who cannot look after it.
    """
    require(work.actor, Permission.RUN_SCREENING)
    if assignee_id is not None and assignee_id not in list_screeners(work.session):
        raise Refused(NOT_A_SCREENER, [Problem("assignee", NOT_A_SCREENER)])
    agencies = {
        proposal_id: agency_id
        for proposal_id, agency_id in work.session.execute(
            select(Proposal.id, Proposal.lead_agency_id)
            .where(Proposal.id.in_(proposal_ids), Proposal.state.not_in(NOT_SCREENED))
            .order_by(Proposal.id)
            .with_for_update()
        )
    }
    if agencies.keys() != set(proposal_ids):
        raise NotFound()
    cases = {
        case.proposal_id: case
        for case in work.session.scalars(
            select(ScreeningCase).where(ScreeningCase.proposal_id.in_(proposal_ids))
        )
    }
    changed = []
    for proposal_id, agency_id in agencies.items():
        case = cases.get(proposal_id)
        before = case.assignee_id if case is not None else None
        if before == assignee_id:
            continue
        if case is None:
            case = ScreeningCase(proposal_id=proposal_id)
            work.session.add(case)
        case.assignee_id, case.at, case.by = assignee_id, work.now, work.actor.id
        changed.append(proposal_id)
        work.audit(
            "assign_case" if assignee_id is not None else "release_case",
            f"proposal:{proposal_id}",
            agency_id=agency_id,
            detail={"from": before, "to": assignee_id},
        )
    work.session.flush()
    return changed


def add_note(work: Work[Actor], proposal_id: int, note: str) -> ScreeningNote:
    """Note something for the secretariat about a filing; notes are never changed. The log keeps only the hash, since
    more people read it. Raises `NotFound` for what was not filed, `Refused` for an empty note."""
    require(work.actor, Permission.RUN_SCREENING)
    proposal = work.session.get(Proposal, proposal_id)
    if proposal is None or proposal.state in NOT_SCREENED:
        raise NotFound()
    note = note.strip()
    if not note:
        raise Refused(NEEDS_NOTE, [Problem("note", NEEDS_NOTE)])
    if len(note) > LONGEST_NOTE:
        raise Refused(NOTE_TOO_LONG, [Problem("note", NOTE_TOO_LONG)])
    kept = ScreeningNote(proposal_id=proposal_id, note=note, at=work.now, by=work.actor.id)
    work.session.add(kept)
    work.session.flush()
    work.audit(
        "note_screening",
        f"proposal:{proposal_id}",
        agency_id=proposal.lead_agency_id,
        after=sha256_text(note),
        detail={"note": kept.id},
    )
    return kept
