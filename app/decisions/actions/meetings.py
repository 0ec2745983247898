"""A meeting is planned, opened, and closed or called off."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import func, select

from app.calls.models import Call
from app.calls.queries import get_call
from app.decisions.actions.holding import NOT_SAVED, hold_meeting
from app.decisions.actions.recusing import judge_interests
from app.decisions.facts import ITEM_NAMES, ItemKind, Level, MeetingFacts, Presence
from app.decisions.models import AgendaItem, Decision, Meeting
from app.decisions.queries.meetings import list_members, quorum_among
from app.decisions.states import CANCELLED, MEETING_LIFE, MEETING_STATES, PLANNED
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.portfolio.queries import adopted_scenario
from app.proposals.models import Proposal
from app.proposals.states import PASSED

LONGEST_NUMBER = 20  # what follows it in the number of a resolution must fit as well
Freeze = Callable[[Work[Actor], Meeting], object]

NUMBER_NEEDED = Text("กรุณากรอกครั้งที่ เช่น 1/2567", "Enter the number, such as 1/2567")
NUMBER_TOO_LONG = Text("ครั้งที่ยาวได้ไม่เกิน 20 ตัวอักษร", "The number may have at most 20 characters")
NUMBER_TAKEN = Text(
    "การประชุมระดับนี้มีครั้งที่ {number} แล้ว", "A meeting of this level has the number {number} already"
)
ANOTHER_OPEN = Text(
    "การประชุมครั้งที่ {number} ของรอบนี้ยังเปิดอยู่ กรุณาปิดก่อน",
    "Meeting {number} of this call is still open; close it first",
)
NO_CHAIR = Text(
    "ยังไม่มีประธานมาประชุม กรุณาบันทึกผู้มาประชุม หรือให้เหตุผลที่เปิดประชุมโดยไม่มีประธาน",
    "No chair is present. Record who came, or give the reason for opening without one",
)
NO_QUORUM = Text(
    "มาประชุม {present} จาก {deciding} คน ต้องมีอย่างน้อย {needed} คน หรือให้เหตุผลที่เปิดประชุมโดยไม่ครบองค์ประชุม",
    "{present} of {deciding} are present and {needed} are needed; or give the reason for opening without a quorum",
)
HAS_RESOLVED = Text(
    "ยกเลิกไม่ได้ เพราะการประชุมนี้มีมติแล้ว กรุณาปิดประชุมแทน",
    "It cannot be called off: it has made decisions. Close it instead",
)
STILL_UNDECIDED = Text(
    "ยังไม่มีมติ {n} ข้อเสนอ กรุณาบันทึกมติ หรือยืนยันว่าปล่อยค้างไว้",
    "{n} proposals have no decision. Record them, or tick that they are left open",
)
UNSETTLED = Text(
    "ยังไม่ได้บันทึกว่าใครมาประชุม {n} คน รายงานการประชุมจึงยังไม่ครบ",
    "Whether {n} of those invited came is not recorded, so the minutes are not complete",
)


def _problems_of(number: str, others: Collection[str]) -> list[Problem]:
    if not number:
        return [Problem("number", NUMBER_NEEDED)]
    if len(number) > LONGEST_NUMBER:
        return [Problem("number", NUMBER_TOO_LONG)]
    if number in others:
        return [Problem("number", NUMBER_TAKEN.fill(number=number))]
    return []


def _numbers(work: Work[Actor], call_id: int, level: str, but: int = 0) -> list[str]:
    return list(
        work.session.scalars(
            select(Meeting.number).where(
                Meeting.call_id == call_id,
                Meeting.level == level,
                Meeting.state != CANCELLED,
                Meeting.id != but,
            )
        )
    )


def plan_meeting(work: Work[Actor], fiscal_year: int, facts: MeetingFacts) -> Meeting:
    """Plan the next meeting of a level, with the five items every official agenda has.

    Raises `Forbidden`, `NotFound` for an unknown call, `Refused` for a number that is taken or too long.
    """
    require(work.actor, Permission.MANAGE_MEETING)
    call = get_call(work.session, fiscal_year)
    work.session.get_one(Call, call.id, with_for_update=True)  # two planned at once take two ordinals
    ordinal = 1 + (
        work.session.scalar(
            select(func.max(Meeting.ordinal)).where(
                Meeting.call_id == call.id, Meeting.level == facts.level.value
            )
        )
        or 0
    )
    number = facts.number.strip() or f"{ordinal}/{fiscal_year}"
    if problems := _problems_of(number, _numbers(work, call.id, facts.level.value)):
        raise Refused(NOT_SAVED, problems)
    meeting = Meeting(
        call_id=call.id,
        level=facts.level.value,
        ordinal=ordinal,
        number=number,
        subject=facts.subject.strip(),
        place=facts.place.strip(),
        starts_at=facts.starts_at,
        state=PLANNED,
        created_at=work.now,
        created_by=work.actor.id,
    )
    work.session.add(meeting)
    work.session.flush()
    for position, kind in enumerate(ItemKind, 1):
        title = ITEM_NAMES[kind].th
        work.session.add(AgendaItem(meeting_id=meeting.id, position=position, kind=kind.value, title=title))
    work.audit(
        "plan_meeting",
        f"meeting:{meeting.id}",
        detail={"call": fiscal_year, "level": facts.level.value, "number": number},
    )
    return meeting


def _hold_with_call(work: Work[Actor], meeting_id: int, expected: int | None, move: str) -> Meeting:
    """The same after the call's row, which decisions lock, too: a meeting does not close in the middle of one."""
    call_id = work.session.scalar(select(Meeting.call_id).where(Meeting.id == meeting_id))
    if call_id is None:
        raise NotFound()
    work.session.get_one(Call, call_id, with_for_update=True)
    meeting = hold_meeting(work, meeting_id, expected, MEETING_STATES)
    MEETING_LIFE.after(meeting.state, move)
    return meeting


def change_meeting(work: Work[Actor], meeting_id: int, expected: int, facts: MeetingFacts) -> None:
    """Change number, subject, place or time of a planned meeting; its level stays. Raises as `plan_meeting`, `Stale`."""
    require(work.actor, Permission.MANAGE_MEETING)
    meeting = hold_meeting(work, meeting_id, expected, {PLANNED})
    others = _numbers(work, meeting.call_id, meeting.level, but=meeting.id)
    number = facts.number.strip()
    if problems := _problems_of(number, others):
        raise Refused(NOT_SAVED, problems)
    meeting.number, meeting.subject = number, facts.subject.strip()
    meeting.place, meeting.starts_at = facts.place.strip(), facts.starts_at
    work.audit("change_meeting", f"meeting:{meeting_id}", detail={"number": number})


def open_meeting(work: Work[Actor], meeting_id: int, expected: int, reason: str = "") -> Meeting:
    """Open a meeting: from now on decisions of its call are recorded in it, on the list adopted now.

    Every member with an account is judged against every ranked proposal, and who has a conflict of interest is recorded.
    Raises `Refused` while another meeting of the call is open, and without a chair or a quorum unless there is a reason.
    """
    require(work.actor, Permission.MANAGE_MEETING)
    meeting = _hold_with_call(work, meeting_id, expected, "open")
    other = work.session.scalar(select(Meeting.number).where(Meeting.open_for == meeting.call_id))
    if other is not None:
        raise Refused(ANOTHER_OPEN.fill(number=other))
    members = list_members(work.session, meeting_id)
    quorum = quorum_among(members)
    reason = reason.strip()
    if not quorum.is_met and not reason:
        why = (
            NO_QUORUM.fill(present=quorum.present, deciding=quorum.deciding, needed=quorum.needed)
            if quorum.chair
            else NO_CHAIR
        )
        raise Refused(why, [Problem("quorum-reason", why)])
    scenario = adopted_scenario(work.session, meeting.call_id)[1]
    meeting.state = MEETING_LIFE.after(meeting.state, "open")
    meeting.opened_at, meeting.open_for = work.now, meeting.call_id
    meeting.scenario_id = scenario.id if scenario else None
    meeting.quorum_note = "" if quorum.is_met else reason
    recused = judge_interests(work, meeting)
    work.audit(
        "open_meeting",
        f"meeting:{meeting_id}",
        detail={
            "scenario": meeting.scenario_id,
            "scenario_sha256": scenario.adopted_sha256 if scenario else None,
            "present": quorum.present,
            "deciding": quorum.deciding,
            "recused": recused,
            "reason": meeting.quorum_note,
        },
    )
    work.session.flush()
    return meeting


def cancel_meeting(work: Work[Actor], meeting_id: int, expected: int) -> None:
    """Call a meeting off. Raises `Refused` for one that has made a decision, or is over."""
    require(work.actor, Permission.MANAGE_MEETING)
    meeting = _hold_with_call(work, meeting_id, expected, "cancel")
    if work.session.scalar(select(func.count()).where(Decision.meeting_id == meeting_id)):
        raise Refused(HAS_RESOLVED)
    meeting.state, meeting.open_for = MEETING_LIFE.after(meeting.state, "cancel"), None
    work.audit("cancel_meeting", f"meeting:{meeting_id}", detail={"number": meeting.number})


def close_meeting(
    work: Work[Actor],
    meeting_id: int,
    expected: int,
    freeze: Freeze | None = None,
    *,
    leave_open: bool = False,
) -> Meeting:
    """Close an open meeting: what it resolved is its own version from now on. `freeze` then makes its decision book.

    A meeting that settles the list takes for its own the scenario adopted now, and leaves every decision to the next.
    Raises `Refused` with every problem: proposals without a decision, unless they are left open on purpose, and people
    of whom nobody recorded whether they came.
    """
    require(work.actor, Permission.MANAGE_MEETING)
    meeting = _hold_with_call(work, meeting_id, expected, "close")
    undecided = list(
        work.session.scalars(
            select(Proposal.number)
            .where(Proposal.call_id == meeting.call_id, Proposal.state == PASSED)
            .order_by(Proposal.number)
        )
    )
    unsettled = sum(m.presence is Presence.INVITED for m in list_members(work.session, meeting_id))
    problems = []
    if unsettled:
        problems.append(Problem("attendance", UNSETTLED.fill(n=unsettled)))
    settles = Level(meeting.level).settles_list
    if undecided and not leave_open and not settles:
        problems.append(Problem("leave-open", STILL_UNDECIDED.fill(n=f"{len(undecided):,}")))
    if problems:
        raise Refused(problems[0].text, problems)
    meeting.state = MEETING_LIFE.after(meeting.state, "close")
    meeting.closed_at, meeting.closed_by, meeting.open_for = work.now, work.actor.id, None
    resolved = work.session.scalar(
        select(func.count(func.distinct(Decision.proposal_id))).where(Decision.meeting_id == meeting_id)
    )
    detail = {"number": meeting.number, "resolved": resolved, "left_open": undecided}
    if settles:
        scenario = adopted_scenario(work.session, meeting.call_id)[1]
        meeting.scenario_id = scenario.id if scenario else None
        detail |= {
            "scenario": meeting.scenario_id,
            "scenario_sha256": scenario.adopted_sha256 if scenario else None,
        }
    work.audit("close_meeting", f"meeting:{meeting_id}", detail=detail)
    work.session.flush()
    if freeze is not None:
        freeze(work, meeting)
    return meeting
