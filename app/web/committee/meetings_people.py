"""Who is invited to a meeting, who came, and who takes no part in what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.decisions.actions import invite, judge_again, recuse_member, set_attendance, take_back_recusal
from app.decisions.facts import DUTY_NAMES, PRESENCE_NAMES, Attending, Duty, Invitee, Presence
from app.decisions.queries.meetings import (
    get_meeting,
    list_invitable,
    list_members,
    list_recusals,
    quorum_among,
)
from app.decisions.states import OPEN
from app.identity.facts import Role
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.web.arrival import arrived
from app.web.committee.desk import blueprint
from app.web.committee.meetings import expected_version, head_of, meeting_and_call
from app.web.door import needs
from app.web.forms import Choice, Form, Line, Paragraphs, read_id
from app.web.language import count, t
from app.web.signing import current_actor
from app.web.tags import Options

Page = str | Response | tuple[str, int]
_DUTIES = Options((duty.value, name) for duty, name in DUTY_NAMES.items())
_PRESENCES = Options((presence.value, name) for presence, name in PRESENCE_NAMES.items())


class InviteForm(Form):
    """Whom to invite: an account, or somebody by name."""

    account = Line(Text("บัญชี", "The account"), longest=10)
    name = Line(Text("ชื่อ", "The name"), longest=200)
    post = Line(Text("ตำแหน่ง", "The post"), longest=300)
    duty = Choice(Text("หน้าที่ในที่ประชุม", "The duty"), needed=True, offered=[d.value for d in Duty])


class RecusalForm(Form):
    """Who takes no part in which proposal, and why."""

    member = Line(Text("ผู้เข้าประชุม", "The member"), longest=10)
    number = Line(Text("เลขที่ข้อเสนอ", "The proposal's number"), longest=40)
    reason = Paragraphs(Text("เหตุผล", "The reason"), longest=2000)


def _back(meeting_id: int, anchor: str | None = None) -> Response:
    return redirect(url_for("committee.meeting_attendance", meeting_id=meeting_id, _anchor=anchor), 303)


def _status(refusal: Refused) -> int:
    return 409 if isinstance(refusal, Stale) else 422


@blueprint.get("/meetings/<int:meeting_id>/attendance")
@needs(Permission.READ_PORTFOLIO)
def meeting_attendance(meeting_id: int) -> str:
    """Who is invited and who came; who takes no part in what."""
    return _page(meeting_id)


@blueprint.post("/meetings/<int:meeting_id>/attendance")
@needs(Permission.MANAGE_MEETING)
def save_attendance(meeting_id: int) -> Page:
    """Record who came. "Everybody came" fills the form in; nothing is saved by it."""
    get_meeting(db.session(), current_actor(), meeting_id)
    members = list_members(db.session(), meeting_id)
    form = request.form
    rows: dict[int, Attending] = {}
    for m in members:
        duty, presence = form.get(f"duty-{m.id}", ""), form.get(f"presence-{m.id}", "")
        if duty in set(Duty) and presence in set(Presence):
            rows[m.id] = Attending(
                Duty(duty),
                form.get(f"post-{m.id}", ""),
                Presence(presence),
                form.get(f"note-{m.id}", ""),
                form.get(f"leaves-{m.id}") == "1",
            )
    if form.get("act") == "all-present":
        for i, row in rows.items():
            if row.presence is Presence.INVITED:
                rows[i] = Attending(row.duty, row.post, Presence.PRESENT, row.note, row.leaves)
    try:
        with open_work(current_actor(), arrived()) as work:
            set_attendance(work, meeting_id, expected_version(), rows)
    except Refused as refusal:
        problems = refusal.problems or [Problem("people", refusal.text)]
        return _page(meeting_id, problems, rows), _status(refusal)
    flash(t("บันทึกผู้มาประชุมแล้ว", "Attendance is saved"))
    return _back(meeting_id)


@blueprint.post("/meetings/<int:meeting_id>/invite")
@needs(Permission.MANAGE_MEETING)
def invite_to_meeting(meeting_id: int) -> Page:
    """Invite one person, or the whole committee and the secretariat."""
    get_meeting(db.session(), current_actor(), meeting_id)
    form = InviteForm(request.form, prefix="invite")
    if request.form.get("act") == "everybody":
        people = [
            Invitee(user_id, "", "", Duty.MEMBER if Role.COMMITTEE in roles else Duty.SECRETARY)
            for user_id, (_, roles) in list_invitable(db.session(), meeting_id).items()
        ]
        problems: Sequence[Problem] = ()
    else:
        problems = [Problem(f"invite-{p.place}", p.text) for p in form.problems()]
        account = read_id(form.account.data)
        people = [] if problems else [Invitee(account, form.name.data, form.post.data, Duty(form.duty.data))]
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                invite(work, meeting_id, people)
        except Refused as refusal:
            problems = refusal.problems or [Problem("invite-name", refusal.text)]
        else:
            flash(t("เชิญแล้ว %s คน", "Invited: %s") % count(len(people)))
            return _back(meeting_id)
    typed = {name: form.typed(name) for name in ("account", "name", "post", "duty")}
    return _page(meeting_id, problems, invited=typed), 422


@blueprint.post("/meetings/<int:meeting_id>/recusals")
@needs(Permission.READ_PORTFOLIO)
def recuse(meeting_id: int) -> Page:
    """Record that a member takes no part in a proposal: a member for themselves, the secretariat for anybody."""
    get_meeting(db.session(), current_actor(), meeting_id)
    form = RecusalForm(request.form, prefix="recusal")
    problems: Sequence[Problem] = [Problem(f"recusal-{p.place}", p.text) for p in form.problems()]
    if not problems:
        member = read_id(form.member.data) or 0
        try:
            with open_work(current_actor(), arrived()) as work:
                recuse_member(work, meeting_id, member, form.number.data, form.reason.data)
        except Refused as refusal:
            problems = refusal.problems or [Problem("recusal-number", refusal.text)]
        else:
            flash(t("บันทึกผู้ไม่ร่วมพิจารณาแล้ว", "The recusal is recorded"))
            return _back(meeting_id, "recusals")
    typed = {name: form.typed(name) for name in ("member", "number", "reason")}
    return _page(meeting_id, problems, recused=typed), 422


@blueprint.post("/meetings/<int:meeting_id>/recusals/judge")
@needs(Permission.MANAGE_MEETING)
def judge_interests_again(meeting_id: int) -> Page:
    """Look for conflicts of interest again."""
    get_meeting(db.session(), current_actor(), meeting_id)
    try:
        with open_work(current_actor(), arrived()) as work:
            number = judge_again(work, meeting_id)
    except Refused as refusal:
        return _page(meeting_id, [Problem("recusals", refusal.text)]), 422
    flash(t("ตรวจแล้ว มีผู้ไม่ร่วมพิจารณา %s รายการ", "Looked again: %s recusals stand") % count(number))
    return _back(meeting_id, "recusals")


@blueprint.post("/meetings/<int:meeting_id>/recusals/take-back")
@needs(Permission.MANAGE_MEETING)
def take_recusal_back(meeting_id: int) -> Page:
    """Take a member's own word back."""
    get_meeting(db.session(), current_actor(), meeting_id)
    recusal_id = read_id(request.form.get("recusal")) or 0
    try:
        with open_work(current_actor(), arrived()) as work:
            take_back_recusal(work, meeting_id, recusal_id)
    except Refused as refusal:
        return _page(meeting_id, [Problem("recusals", refusal.text)]), 422
    flash(t("ถอนคำขอไม่ร่วมพิจารณาแล้ว", "The recusal is taken back"))
    return _back(meeting_id, "recusals")


def _page(
    meeting_id: int,
    problems: Sequence[Problem] = (),
    rows: Mapping[int, Attending] | None = None,
    invited: Mapping[str, str] | None = None,
    recused: Mapping[str, str] | None = None,
) -> str:
    session, actor = db.session(), current_actor()
    meeting, call = meeting_and_call(meeting_id)
    members = list_members(session, meeting_id)
    head: dict[str, Any] = head_of(meeting, call)
    may_change = head["is_manager"] and head["is_underway"]
    accounts = list_invitable(session, meeting_id) if may_change else {}
    invited = invited or {"account": "", "name": "", "post": "", "duty": Duty.MEMBER.value}
    recused = recused or {"member": "", "number": request.args.get("number", "")[:40], "reason": ""}
    deciding = [m for m in members if m.decides]
    speaks_for = deciding if head["is_manager"] else [m for m in deciding if m.user_id == actor.id]
    if not recused["member"] and len(speaks_for) == 1:
        recused = {**recused, "member": str(speaks_for[0].id)}
    return render_template(
        "committee/meeting_attendance.html",
        **head,
        members=members,
        rows={m.id: (rows or {}).get(m.id) or Attending(m.duty, m.post, m.presence, m.note) for m in members},
        quorum=quorum_among(members),
        recusals=list_recusals(session, meeting_id),
        may_change=may_change,
        is_open=meeting.state == OPEN,
        duties=_DUTIES,
        presences=_PRESENCES,
        duty_names=DUTY_NAMES,
        presence_names=PRESENCE_NAMES,
        any_account=bool(accounts),
        accounts=Options((str(i), name) for i, (name, _) in accounts.items()).html(invited["account"]),
        invited=invited,
        recused=recused,
        speakers=Options((str(m.id), Text(m.name, m.name)) for m in speaks_for).html(recused["member"]),
        may_recuse=bool(speaks_for) and head["is_underway"],
        problems=problems,
    )
