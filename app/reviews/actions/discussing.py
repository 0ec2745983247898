"""Reviewers and the secretariat talk about a proposal; the secretariat records what the discussion came to."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from app.identity.facts import Actor
from app.identity.rules import Permission, Scope, Target, require, scope_of
from app.kernel.canonical import sha256_text
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.proposals.states import DRAFT, RECORDED
from app.reviews.models import Assignment, DiscussionNote, DiscussionOutcome
from app.reviews.queries.conflicts import find_standing
from app.reviews.queries.discussions import OWN_FIRST
from app.reviews.queries.own import Sealed, why_sealed
from app.reviews.queries.rounds import get_round
from app.reviews.threads import LONGEST_NOTE, Conclusion, why_silent

ONCE = timedelta(minutes=1)  # the same words by the same person within it are a button pressed twice

NOTE_WANTED = Text("กรุณาพิมพ์ข้อความที่จะบันทึกในการหารือ", "Write what you want to say")
TEXT_WANTED = Text(
    "กรุณาสรุปผลการหารือและเหตุผล คณะกรรมการจะเห็นข้อความนี้",
    "Sum up what the discussion came to, and why; the committee will read it",
)
TOO_LONG = Text(
    "ข้อความยาวเกินไป กรอกได้ไม่เกิน {longest} ตัวอักษร (ขณะนี้ {length})",
    "The text is too long: at most {longest} characters (now {length})",
)
NOT_WRITTEN = Text("ยังบันทึกข้อความไม่ได้", "The text was not kept")
_STALE = Text(
    "มีผู้บันทึกผลการหารือของข้อเสนอนี้ไปแล้ว กรุณาตรวจก่อนบันทึกอีกครั้ง ข้อความที่ท่านกรอกยังอยู่",
    "Somebody else recorded an outcome meanwhile. Check it before recording another; what you entered is still here",
)


def _spoken(text: str, place: str, wanted: Text) -> str:
    """The text in one spelling. Raises `Refused` when it is empty, too long or cannot be read."""
    try:
        text = normalise(text)
    except TextError as error:
        raise Refused(NOT_WRITTEN, [Problem(place, error.text)]) from None
    if not text:
        raise Refused(NOT_WRITTEN, [Problem(place, wanted)])
    if len(text) > LONGEST_NOTE:
        told = TOO_LONG.fill(longest=LONGEST_NOTE, length=len(text))
        raise Refused(NOT_WRITTEN, [Problem(place, told)])
    return text


def _enter(work: Work[Actor], proposal_id: int) -> tuple[Proposal, bool]:
    """The proposal, where the actor may take part in its discussion, and whether as a reviewer.

    What one person writes at the same moment is put in a row: a reviewer's own assignment is the lock, which no
    conflict declared meanwhile passes either; for the secretariat it is the proposal. Raises `NotFound`, and `Sealed`
    for a reviewer who has not answered, has a conflict of interest, or whose own scores are not in.
    """
    require(work.actor, Permission.DISCUSS_PROPOSAL)
    is_reviewer = scope_of(work.actor, Permission.DISCUSS_PROPOSAL) is not Scope.ANY
    assignment = None
    if is_reviewer:
        assignment = work.session.scalars(
            select(Assignment)
            .where(Assignment.proposal_id == proposal_id, Assignment.reviewer_id == work.actor.id)
            .with_for_update()
        ).first()
        if assignment is None:
            raise NotFound()
    # no key is changed, so that assignments and statements which only point here need not wait
    lock = None if is_reviewer else {"key_share": True}
    proposal = work.session.get(Proposal, proposal_id, with_for_update=lock)
    if proposal is None or proposal.state in (DRAFT, RECORDED):
        raise NotFound()
    if assignment is not None:
        standing = find_standing(work.session, proposal_id, assignment.reviewer_id)
        sealed = why_sealed(assignment.state, standing)
        if sealed is None and assignment.submitted_at is None:
            sealed = OWN_FIRST
        if sealed is not None:
            raise Sealed(sealed)
    return proposal, is_reviewer


def _require_open(work: Work[Actor], proposal: Proposal) -> None:
    silent = why_silent(get_round(work.session, proposal.call_id).phase, proposal.state)
    if silent is not None:
        raise Refused(silent)


def write_note(work: Work[Actor], proposal_id: int, text: str) -> int:
    """Say something in the discussion of a proposal; returns the note's id. Kept for good; the log keeps only the hash.

    The same words once more within a minute are the same note. Raises `NotFound`, `Sealed`, and `Refused` for a text
    that cannot be kept and outside the phases of the discussion and of the final scores.
    """
    proposal, is_reviewer = _enter(work, proposal_id)
    _require_open(work, proposal)
    text = _spoken(text, "note", NOTE_WANTED)
    again = work.session.scalars(
        select(DiscussionNote.id).where(
            DiscussionNote.proposal_id == proposal_id,
            DiscussionNote.author_id == work.actor.id,
            DiscussionNote.text == text,
            DiscussionNote.taken_back_at.is_(None),
            DiscussionNote.at >= work.now - ONCE,
        )
    ).first()
    if again is not None:
        return again
    note = DiscussionNote(
        proposal_id=proposal_id,
        author_id=work.actor.id,
        is_reviewer=is_reviewer,
        text=text,
        at=work.now,
    )
    work.session.add(note)
    work.session.flush()
    work.audit(
        "discuss_proposal",
        f"proposal:{proposal_id}",
        agency_id=proposal.lead_agency_id,
        after=sha256_text(text),
        detail={"note": note.id},
    )
    work.promise("notify", {"event": "discussion_note", "proposal": proposal_id, "by": work.actor.id})
    return note.id


def take_back_note(work: Work[Actor], proposal_id: int, note_id: int) -> None:
    """The author takes a note back: the others see that something stood there. Once more is the same. Raises as
    `write_note`, and `NotFound` for a note of somebody else or of another proposal."""
    proposal, _ = _enter(work, proposal_id)
    note = work.session.get(DiscussionNote, note_id, with_for_update=True)
    if note is None or note.proposal_id != proposal_id or note.author_id != work.actor.id:
        raise NotFound()
    if note.taken_back_at is not None:
        return
    _require_open(work, proposal)
    note.taken_back_at = work.now
    work.session.flush()
    work.audit(
        "take_back_note",
        f"proposal:{proposal_id}",
        agency_id=proposal.lead_agency_id,
        detail={"note": note_id},
    )


def record_outcome(
    work: Work[Actor], proposal_id: int, conclusion: Conclusion, text: str, *, seen: int | None = None
) -> int:
    """Record what the discussion of a proposal came to; returns the outcome's id. The latest counts, all are kept.

    `seen` is the latest outcome on the page, None for none: raises `Stale` when another was recorded since. The same
    once more within a minute is the same outcome. Raises `NotFound` for anybody but the secretariat, and `Refused` as
    `write_note`.
    """
    require(work.actor, Permission.DISCUSS_PROPOSAL, Target())
    proposal, _ = _enter(work, proposal_id)
    _require_open(work, proposal)
    text = _spoken(text, "text", TEXT_WANTED)
    latest = work.session.scalars(
        select(DiscussionOutcome)
        .where(DiscussionOutcome.proposal_id == proposal_id)
        .order_by(DiscussionOutcome.id.desc())
        .limit(1)
    ).first()
    if (
        latest is not None
        and (latest.by, latest.outcome, latest.text) == (work.actor.id, conclusion.value, text)
        and latest.at >= work.now - ONCE
    ):
        return latest.id
    if seen != (latest.id if latest is not None else None):
        raise Stale(_STALE, [Problem("outcome", _STALE)])
    outcome = DiscussionOutcome(
        proposal_id=proposal_id, outcome=conclusion.value, text=text, at=work.now, by=work.actor.id
    )
    work.session.add(outcome)
    work.session.flush()
    work.audit(
        "record_discussion_outcome",
        f"proposal:{proposal_id}",
        agency_id=proposal.lead_agency_id,
        after=sha256_text(text),
        detail={"outcome": conclusion.value},
    )
    return outcome.id
