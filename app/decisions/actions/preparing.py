"""What is prepared for a meeting and written down in it: who is invited and came, and the agenda."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func, select

from app.decisions.actions.holding import NOT_SAVED, hold_meeting
from app.decisions.actions.recusing import judge_interests
from app.decisions.facts import Attending, Duty, Invitee, ItemFacts, ItemKind, Presence
from app.decisions.models import AgendaItem, MeetingMember, Recusal
from app.decisions.queries.meetings import list_invitable
from app.decisions.states import OPEN
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work

LONGEST_NAME, LONGEST_POST, LONGEST_NOTE, LONGEST_TITLE, LONGEST_TEXT = 200, 300, 300, 500, 20_000
MOST_MEMBERS, MOST_ITEMS = 200, 60

NOBODY_CHOSEN = Text("กรุณาเลือกบัญชีหรือกรอกชื่อผู้ที่จะเชิญ", "Choose an account, or type the name of whom to invite")
NOT_INVITABLE = Text(
    "เชิญผู้นี้ไม่ได้ เพราะเชิญไว้แล้วหรือบัญชีใช้งานไม่ได้", "This person is invited already, or has no active account"
)
TOO_LONG = Text("ยาวเกินไป กรอกได้ไม่เกิน {n} ตัวอักษร", "Too long: at most {n} characters")
TWO_CHAIRS = Text("มีประธานได้คนเดียว", "There is one chair only")
TOO_MANY_PEOPLE = Text("เชิญได้ไม่เกิน 200 คน", "At most 200 people can be invited")
WHO_CAME = Text("กรุณาระบุผู้ที่มาประชุมแทน", "Say who came instead")
TITLE_NEEDED = Text("กรุณากรอกชื่อระเบียบวาระ", "Enter the title of the item")
NO_CONSIDER = Text(
    "ต้องมีระเบียบวาระเรื่องเพื่อพิจารณาอย่างน้อยหนึ่งวาระ เพราะมติอ้างถึงวาระนี้",
    "There must be an item for consideration: resolutions refer to it",
)
TOO_MANY_ITEMS = Text("มีระเบียบวาระได้ไม่เกิน 60 วาระ", "An agenda has at most 60 items")


def _too_long(problems: list[Problem], place: str, text: str, most: int) -> None:
    if len(text) > most:
        problems.append(Problem(place, TOO_LONG.fill(n=most)))


def _has_chair(work: Work[Actor], meeting_id: int) -> bool:
    found = select(MeetingMember.id).where(
        MeetingMember.meeting_id == meeting_id, MeetingMember.role == Duty.CHAIR.value
    )
    return work.session.scalars(found).first() is not None


def invite(work: Work[Actor], meeting_id: int, people: Sequence[Invitee]) -> list[MeetingMember]:
    """Invite people with an account, or by name; whoever joins an open meeting is judged for conflicts at once.

    Raises `Refused` with the problems of the form (`invite-…`), and for whoever is invited already; `NotFound`.
    """
    require(work.actor, Permission.MANAGE_MEETING)
    meeting = hold_meeting(work, meeting_id, None)
    invitable = list_invitable(work.session, meeting_id)
    problems: list[Problem] = []
    chairs = sum(p.duty is Duty.CHAIR for p in people) + _has_chair(work, meeting_id)
    if chairs > 1 and any(p.duty is Duty.CHAIR for p in people):
        problems.append(Problem("invite-duty", TWO_CHAIRS))
    for person in people:
        if person.user_id is None and not person.name.strip():
            problems.append(Problem("invite-name", NOBODY_CHOSEN))
        elif person.user_id is not None and person.user_id not in invitable:
            problems.append(Problem("invite-account", NOT_INVITABLE))
        _too_long(problems, "invite-name", person.name, LONGEST_NAME)
        _too_long(problems, "invite-post", person.post, LONGEST_POST)
    last, number = work.session.execute(
        select(func.max(MeetingMember.position), func.count()).where(MeetingMember.meeting_id == meeting_id)
    ).one()
    if number + len(people) > MOST_MEMBERS:
        problems.append(Problem("invite-name", TOO_MANY_PEOPLE))
    if problems:
        raise Refused(NOT_SAVED, problems)
    members = [
        MeetingMember(
            meeting_id=meeting_id,
            position=(last or 0) + n,
            user_id=person.user_id,
            name=invitable[person.user_id][0].th if person.user_id is not None else person.name.strip(),
            post=person.post.strip(),
            role=person.duty.value,
            presence=Presence.INVITED.value,
        )
        for n, person in enumerate(people, 1)
    ]
    work.session.add_all(members)
    work.session.flush()
    if meeting.state == OPEN:
        judge_interests(work, meeting)
    work.audit(
        "invite_to_meeting",
        f"meeting:{meeting_id}",
        detail={"members": [[m.id, m.user_id, m.name, m.role] for m in members]},
    )
    return members


def set_attendance(work: Work[Actor], meeting_id: int, expected: int, rows: Mapping[int, Attending]) -> None:
    """Record duties, posts, and who came. Members that `rows` does not name stay as they are.

    Raises `Stale`, `NotFound` for somebody who is not invited, `Refused` with every problem (`duty-ID`, `note-ID`…).
    """
    require(work.actor, Permission.MANAGE_MEETING)
    meeting = hold_meeting(work, meeting_id, expected)
    members = {
        m.id: m
        for m in work.session.scalars(select(MeetingMember).where(MeetingMember.meeting_id == meeting_id))
    }
    if rows.keys() - members.keys():
        raise NotFound()
    problems: list[Problem] = []
    staying = {i: Duty(m.role) for i, m in members.items() if i not in rows or not rows[i].leaves}
    staying |= {i: row.duty for i, row in rows.items() if not row.leaves}
    chairs = [i for i, duty in staying.items() if duty is Duty.CHAIR]
    problems += [Problem(f"duty-{i}", TWO_CHAIRS) for i in chairs[1:]]
    for i, row in rows.items():
        if row.presence is Presence.REPRESENTED and not row.note.strip() and not row.leaves:
            problems.append(Problem(f"note-{i}", WHO_CAME))
        _too_long(problems, f"note-{i}", row.note, LONGEST_NOTE)
        _too_long(problems, f"post-{i}", row.post, LONGEST_POST)
    if problems:
        raise Refused(NOT_SAVED, problems)
    changed = []
    for i, row in rows.items():
        member = members[i]
        if row.leaves:
            work.session.execute(delete(Recusal).where(Recusal.member_id == i))
            work.session.delete(member)
            changed.append([i, member.name, "removed", ""])
            continue
        before = (member.role, member.post, member.presence, member.note)
        after = (row.duty.value, row.post.strip(), row.presence.value, row.note.strip())
        if before != after:
            member.role, member.post, member.presence, member.note = after
            changed.append([i, member.name, row.duty.value, row.presence.value])
    work.session.flush()
    if meeting.state == OPEN:
        judge_interests(work, meeting)
    work.audit("record_attendance", f"meeting:{meeting_id}", detail={"changed": changed})


def set_agenda(work: Work[Actor], meeting_id: int, expected: int, items: Sequence[ItemFacts]) -> None:
    """The whole agenda as it is to stand, numbered from one in the order of the positions given; what is not in it goes.

    Raises `Stale`, `NotFound` for an item of another meeting, `Refused` with every problem (`title-N`, N from 0).
    """
    require(work.actor, Permission.MANAGE_MEETING)
    hold_meeting(work, meeting_id, expected)
    known = {
        i.id: i for i in work.session.scalars(select(AgendaItem).where(AgendaItem.meeting_id == meeting_id))
    }
    if {item.item_id for item in items if item.item_id is not None} - known.keys():
        raise NotFound()
    problems: list[Problem] = []
    for n, item in enumerate(items):
        if not item.title.strip():
            problems.append(Problem(f"title-{n}", TITLE_NEEDED))
        _too_long(problems, f"title-{n}", item.title, LONGEST_TITLE)
        _too_long(problems, f"text-{n}", item.text, LONGEST_TEXT)
        _too_long(problems, f"resolution-{n}", item.resolution, LONGEST_TEXT)
    if not any(item.kind is ItemKind.CONSIDER for item in items):
        problems.append(Problem("agenda", NO_CONSIDER))
    if len(items) > MOST_ITEMS:
        problems.append(Problem("agenda", TOO_MANY_ITEMS))
    if problems:
        raise Refused(NOT_SAVED, problems)
    kept = {item.item_id for item in items}
    for item_id, row in known.items():
        if item_id not in kept:
            work.session.delete(row)
    for position, (_, item) in enumerate(sorted(enumerate(items), key=lambda p: (p[1].position, p[0])), 1):
        row = AgendaItem(meeting_id=meeting_id) if item.item_id is None else known[item.item_id]
        row.position, row.kind, row.title = position, item.kind.value, item.title.strip()
        row.text, row.resolution = item.text.strip(), item.resolution.strip()
        work.session.add(row)
    work.session.flush()
    work.audit("set_agenda", f"meeting:{meeting_id}", detail={"items": len(items)})
