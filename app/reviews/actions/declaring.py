"""What a reviewer declares before reading: ties with agencies, for whatever may be given later."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, Target, require
from app.kernel.clock import BANGKOK, as_utc
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.proposals.states import DRAFT
from app.reviews.conflicts import TIE_NAMES, Ground, Verdict
from app.reviews.models import Assignment, ConflictStatement, DeclaredTie
from app.reviews.queries.conflicts import find_standing, read_interests
from app.reviews.states import STANDING_STATES

NOT_DECLARED = Text("ยังบันทึกไม่ได้", "It was not recorded")
KNOWN_ALREADY = Text("ท่านแจ้งเรื่องนี้กับหน่วยงานนี้ไว้แล้ว", "You have declared this tie with this agency already")
NOT_YET_LEFT = Text("วันที่พ้นจากหน่วยงานต้องไม่อยู่ในอนาคต", "The day you left cannot lie in the future")
ONLY_FORMER = Text(
    "วันที่พ้นจากหน่วยงานใช้กับหน่วยงานที่เคยทำงานเท่านั้น", "A day of leaving belongs to a former workplace only"
)
NOTE_WANTED = Text("กรุณาอธิบายความเกี่ยวข้องโดยย่อ", "Describe the tie in a few words")
STILL_ASKED = Text(
    "มีข้อเสนอที่ท่านได้รับมอบหมายรอคำวินิจฉัยเพราะคำแจ้งนี้ จึงยังถอนไม่ได้ กรุณารอฝ่ายเลขานุการวินิจฉัยก่อน",
    "A proposal given to you waits for a word because of this. It can be taken back once the secretariat has judged",
)
REASON_WANTED = Text("กรุณาระบุเหตุผล", "Say why")


def _require_own(work: Work[Actor]) -> int:
    require(work.actor, Permission.DECLARE_INTEREST)
    user_id = work.actor.id
    if user_id is None:
        raise NotFound()
    require(work.actor, Permission.DECLARE_INTEREST, Target(user_ids=frozenset({user_id})))
    return user_id


def declare_tie(
    work: Work[Actor], agency_id: int, tie: Ground, *, left_on: date | None = None, note: str = ""
) -> int:
    """Declare a tie with an agency; returns its id. From now on every proposal of the agency waits for a word.

    `tie` is one of `TIE_NAMES`, `left_on` the day of leaving a former workplace in Bangkok. Raises `Refused` with all
    problems, `NotFound` for an unknown agency.
    """
    user_id = _require_own(work)
    if tie not in TIE_NAMES or work.session.get(Agency, agency_id) is None:
        raise NotFound()
    problems = []
    known = select(DeclaredTie.id).where(
        DeclaredTie.user_id == user_id,
        DeclaredTie.agency_id == agency_id,
        DeclaredTie.tie == tie.value,
        DeclaredTie.ended_at.is_(None),
    )
    if work.session.scalar(known) is not None:
        problems.append(Problem("agency", KNOWN_ALREADY))
    if left_on is not None and tie is not Ground.FORMER:
        problems.append(Problem("left_on", ONLY_FORMER))
    elif left_on is not None and left_on > as_utc(work.now).astimezone(BANGKOK).date():
        problems.append(Problem("left_on", NOT_YET_LEFT))
    if tie is Ground.OTHER and not note.strip():
        problems.append(Problem("note", NOTE_WANTED))
    if problems:
        raise Refused(NOT_DECLARED, problems)
    row = DeclaredTie(
        user_id=user_id,
        agency_id=agency_id,
        tie=tie.value,
        left_on=left_on,
        note=note.strip(),
        at=work.now,
        by=user_id,
    )
    work.session.add(row)
    work.session.flush()
    work.audit("declare_tie", f"user:{user_id}", detail={"tie": row.id, "agency": agency_id})
    return row.id


def end_tie(work: Work[Actor], tie_id: int) -> None:
    """Take a declared tie back; once more is the same. What the secretariat judged a conflict because of it stays one
    until the secretariat takes that back.

    Raises `Refused` while a proposal given to the reviewer waits for a word because of it: nobody opens what is held by
    taking their own word back.
    """
    user_id = _require_own(work)
    row = work.session.get(DeclaredTie, tie_id, with_for_update=True)
    if row is None or row.user_id != user_id:
        raise NotFound()
    if row.ended_at is None:
        if _holds(work, row):
            raise Refused(STILL_ASKED)
        row.ended_at = work.now
        work.session.flush()
        work.audit("end_tie", f"user:{user_id}", detail={"tie": row.id, "agency": row.agency_id})


def _holds(work: Work[Actor], row: DeclaredTie) -> bool:
    """Whether a proposal given to the reviewer waits for a word because of this tie."""
    given = work.session.scalars(
        select(Assignment.proposal_id).where(
            Assignment.reviewer_id == row.user_id, Assignment.state.in_(STANDING_STATES)
        )
    ).all()
    interests = read_interests(work.session, given, [row.user_id])
    return any(
        ground.verdict is Verdict.ASKED and ground.ground == row.tie and row.agency_id in ground.ids
        for proposal_id in given
        for ground in interests.standing(proposal_id, row.user_id).grounds
    )


def retract_conflict(work: Work[Actor], proposal_id: int, reason: str) -> None:
    """Take back one's own declaration on a proposal. The assignment stays ended: whether it is given again is the
    secretariat's to say. Raises `Refused` without a reason, `NotFound` without a declaration."""
    user_id = _require_own(work)
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None or proposal.state == DRAFT:
        raise NotFound()
    standing = find_standing(work.session, proposal_id, user_id)
    if not any(g.ground is Ground.DECLARED for g in standing.grounds):
        raise NotFound()
    if not reason.strip():
        raise Refused(REASON_WANTED, [Problem("reason", REASON_WANTED)])
    work.session.add(
        ConflictStatement(
            proposal_id=proposal_id,
            user_id=user_id,
            ground=Ground.DECLARED.value,
            is_conflict=False,
            reason=reason.strip(),
            at=work.now,
            by=user_id,
        )
    )
    work.session.flush()
    work.audit("retract_conflict", f"proposal:{proposal_id}", detail={"reviewer": user_id})
