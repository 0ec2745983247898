"""The meetings of a call, and one meeting: planned, opened, called off, closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from flask import current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call, get_call_by_id
from app.decisions.actions import cancel_meeting, change_meeting, close_meeting, open_meeting, plan_meeting
from app.decisions.facts import LEVEL_NAMES, Level, MeetingFacts
from app.decisions.models import Meeting
from app.decisions.queries import decisions_at
from app.decisions.queries.meetings import (
    MeetingRow,
    get_meeting,
    list_agenda,
    list_meetings,
    list_members,
    list_recusals,
    quorum_among,
)
from app.decisions.states import MEETING_STATES, OPEN, PLANNED, UNDERWAY
from app.figures.books.closing import make_book
from app.figures.press import book_store
from app.identity.facts import Actor
from app.identity.rules import Permission, may
from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work, open_work
from app.proposals.queries import count_states_by_call
from app.proposals.states import PASSED, RANKED_STATES
from app.web.arrival import arrived
from app.web.committee.desk import blueprint
from app.web.door import needs
from app.web.forms import Choice, Form, Line, Paragraphs, read_id
from app.web.language import moment, say, t
from app.web.moments import MONTH_OPTIONS, TypedMoment
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]
STATE_KINDS = {"planned": "wait", "open": "warn", "closed": "good", "cancelled": "plain"}
_FIELDS = ("level", "number", "subject", "place")


class MeetingForm(Form):
    """What a meeting is."""

    level = Choice(Text("ระดับของการประชุม", "The level of the meeting"), offered=[v.value for v in Level])
    number = Line(Text("ครั้งที่", "The number"), longest=20)
    subject = Line(Text("ชื่อการประชุม", "The name of the meeting"), longest=300)
    place = Line(Text("สถานที่", "The place"), longest=300)


class ReasonForm(Form):
    """Why it opens without a quorum."""

    reason = Paragraphs(Text("เหตุผล", "The reason"), longest=2000)


def meetings_to_hold(rows: Iterable[MeetingRow]) -> list[tuple[str, ...]]:
    """Meetings that are open or planned, as lines of a home: (address, what, when, kind, words)."""
    return [
        (
            url_for("committee.meeting", meeting_id=m.id),
            t("ประชุม%s ครั้งที่ %s", "%s: meeting %s") % (say(LEVEL_NAMES[m.level]), m.number),
            moment(m.starts_at) + (f" · {m.place}" if m.place else ""),
            STATE_KINDS[m.state],
            say(MEETING_STATES[m.state]),
        )
        for m in rows
    ]


def expected_version() -> int:
    """The version of the meeting a form was drawn from; 0, which no meeting has, for anything else."""
    return read_id(request.form.get("expected")) or 0


def meeting_and_call(meeting_id: int) -> tuple[Meeting, CallView]:
    """A meeting with its call. Raises `NotFound`."""
    meeting = get_meeting(db.session(), current_actor(), meeting_id)
    return meeting, get_call_by_id(db.session(), meeting.call_id)


def head_of(meeting: Meeting, call: CallView) -> dict[str, object]:
    """What every page of a meeting is drawn with."""
    level = LEVEL_NAMES[Level(meeting.level)]
    return {
        "call": call,
        "meeting": meeting,
        "level": level,
        "settles_list": Level(meeting.level).settles_list,
        "heading": t(f"ประชุม{level.th} ครั้งที่ {meeting.number}", f"{level.en}: meeting {meeting.number}"),
        "state_name": MEETING_STATES[meeting.state],
        "state_kind": STATE_KINDS[meeting.state],
        "is_underway": meeting.state in UNDERWAY,
        "is_manager": may(current_actor(), Permission.MANAGE_MEETING),
    }


def _read_facts(level: Level | None = None) -> tuple[MeetingFacts | None, Sequence[Problem]]:
    form, typed = MeetingForm(request.form), TypedMoment.sent("starts", request.form)
    problems = list(form.problems())
    starts_at, wrong = typed.read()
    problems += wrong
    if level is None and not form.level.data:
        problems.append(Problem("level", Text("กรุณาเลือกระดับของการประชุม", "Choose the level of the meeting")))
    if problems or starts_at is None:
        return None, problems
    return MeetingFacts(
        level or Level(form.level.data), form.number.data, form.subject.data, form.place.data, starts_at
    ), ()


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in _FIELDS}


@blueprint.get("/calls/<int:fiscal_year>/meetings")
@needs(Permission.READ_PORTFOLIO)
def meetings(fiscal_year: int) -> str:
    """The meetings of a call, and the form that plans the next."""
    return _list(get_call(db.session(), fiscal_year))


@blueprint.post("/calls/<int:fiscal_year>/meetings")
@needs(Permission.MANAGE_MEETING)
def plan_meeting_post(fiscal_year: int) -> Page:
    """Plan a meeting."""
    call = get_call(db.session(), fiscal_year)
    facts, problems = _read_facts()
    if facts is not None:
        try:
            with open_work(current_actor(), arrived()) as work:
                meeting_id = plan_meeting(work, fiscal_year, facts).id
        except Refused as refusal:
            problems = refusal.problems
        else:
            flash(t("นัดประชุมแล้ว ขั้นต่อไปคือเชิญผู้เข้าประชุม", "The meeting is planned. Next, invite people."))
            return redirect(url_for("committee.meeting", meeting_id=meeting_id), 303)
    return _list(call, problems, _typed(), TypedMoment.sent("starts", request.form)), 422


def _next_morning(now: datetime) -> datetime:
    local = now.astimezone(BANGKOK) + timedelta(days=7)
    return local.replace(hour=9, minute=30, second=0, microsecond=0)


def _list(
    call: CallView,
    problems: Sequence[Problem] = (),
    typed: Mapping[str, str] | None = None,
    starts: TypedMoment | None = None,
) -> str:
    return render_template(
        "committee/meetings.html",
        call=call,
        rows=list_meetings(db.session(), current_actor(), call.id),
        level_names=LEVEL_NAMES,
        states=MEETING_STATES,
        kinds=STATE_KINDS,
        problems=problems,
        typed=typed or dict.fromkeys(_FIELDS, "") | {"level": Level.COMMITTEE.value},
        starts=starts or TypedMoment.of("starts", _next_morning(arrived())),
        months=MONTH_OPTIONS,
        levels=[(level.value, say(name), "") for level, name in LEVEL_NAMES.items()],
        is_manager=may(current_actor(), Permission.MANAGE_MEETING),
    )


@blueprint.get("/meetings/<int:meeting_id>")
@needs(Permission.READ_PORTFOLIO)
def meeting(meeting_id: int) -> str:
    """One meeting: what it is, how far it is, and what comes next."""
    return _one(meeting_id)


@blueprint.post("/meetings/<int:meeting_id>")
@needs(Permission.MANAGE_MEETING)
def change_meeting_post(meeting_id: int) -> Page:
    """Change number, name, place or time."""
    found = get_meeting(db.session(), current_actor(), meeting_id)
    facts, problems = _read_facts(Level(found.level))
    status = 422
    if facts is not None:
        try:
            with open_work(current_actor(), arrived()) as work:
                change_meeting(work, meeting_id, expected_version(), facts)
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            problems = refusal.problems or [Problem("number", refusal.text)]
        else:
            flash(t("บันทึกแล้ว", "Saved"))
            return redirect(url_for("committee.meeting", meeting_id=meeting_id), 303)
    return _one(meeting_id, problems, _typed(), TypedMoment.sent("starts", request.form)), status


@blueprint.post("/meetings/<int:meeting_id>/open")
@needs(Permission.MANAGE_MEETING)
def open_meeting_post(meeting_id: int) -> Page:
    """Open it: conflicts of interest are judged, and decisions are recorded in it from now on."""
    get_meeting(db.session(), current_actor(), meeting_id)
    form = ReasonForm(request.form, prefix="quorum")
    problems: Sequence[Problem] = [Problem(f"quorum-{p.place}", p.text) for p in form.problems()]
    if not problems:
        problems = _try(lambda work: open_meeting(work, meeting_id, expected_version(), form.reason.data))
    if problems:
        return _one(meeting_id, problems, reason=form.typed("reason")), 422
    flash(t("เปิดประชุมแล้ว บันทึกมติได้", "The meeting is open; decisions can be recorded"))
    return redirect(url_for("committee.meeting", meeting_id=meeting_id), 303)


@blueprint.post("/meetings/<int:meeting_id>/cancel")
@needs(Permission.MANAGE_MEETING)
def cancel_meeting_post(meeting_id: int) -> Page:
    """Call it off."""
    get_meeting(db.session(), current_actor(), meeting_id)
    if problems := _try(lambda work: cancel_meeting(work, meeting_id, expected_version())):
        return _one(meeting_id, problems), 422
    flash(t("ยกเลิกการประชุมแล้ว", "The meeting is called off"))
    return redirect(url_for("committee.meeting", meeting_id=meeting_id), 303)


@blueprint.get("/meetings/<int:meeting_id>/close")
@needs(Permission.MANAGE_MEETING)
def closing(meeting_id: int) -> str:
    """What is still to do before it closes."""
    return _closing(meeting_id)


@blueprint.post("/meetings/<int:meeting_id>/close")
@needs(Permission.MANAGE_MEETING)
def close_meeting_post(meeting_id: int) -> Page:
    """Close it, and freeze its decision book."""
    get_meeting(db.session(), current_actor(), meeting_id)
    leave_open = request.form.get("leave-open") == "1"
    store = book_store(current_app.config["DGI"])

    def freeze(work: Work[Actor], meeting: Meeting) -> None:
        make_book(work, meeting, store)

    problems = _try(
        lambda work: close_meeting(work, meeting_id, expected_version(), freeze, leave_open=leave_open),
        "close",
    )
    if problems:
        return _closing(meeting_id, problems), 422
    flash(
        t(
            "ปิดประชุมแล้ว มติของการประชุมนี้คงไว้ตามนี้ และเก็บสมุดมติไว้แล้ว",
            "The meeting is closed; its decisions stand as they are, and its decision book is kept",
        )
    )
    return redirect(url_for("committee.meeting", meeting_id=meeting_id), 303)


def _try(act: Callable[[Work[Actor]], object], place: str = "meeting-steps") -> Sequence[Problem]:
    try:
        with open_work(current_actor(), arrived()) as work:
            act(work)
    except Refused as refusal:
        return refusal.problems or [Problem(place, refusal.text)]
    return ()


def _one(
    meeting_id: int,
    problems: Sequence[Problem] = (),
    typed: Mapping[str, str] | None = None,
    starts: TypedMoment | None = None,
    reason: str = "",
) -> str:
    session = db.session()
    found, call = meeting_and_call(meeting_id)
    members = list_members(session, meeting_id)
    decisions = decisions_at(session, found).values()
    own = [d for d in decisions if d.meeting_id == meeting_id]
    states = count_states_by_call(session).get(call.id, {})
    return render_template(
        "committee/meeting.html",
        **head_of(found, call),
        members=members,
        quorum=quorum_among(members),
        agenda=list_agenda(session, meeting_id),
        recusals=list_recusals(session, meeting_id),
        own=len(own),
        granted=sum(d.amount for d in own),
        carried=len(decisions) - len(own),
        waiting=states.get(PASSED, 0),
        ranked=sum(states.get(state, 0) for state in RANKED_STATES),
        is_open=found.state == OPEN,
        is_planned=found.state == PLANNED,
        problems=problems,
        typed=typed or {name: getattr(found, name) for name in _FIELDS},
        starts=starts or TypedMoment.of("starts", found.starts_at),
        months=MONTH_OPTIONS,
        reason=reason,
    )


def _closing(meeting_id: int, problems: Sequence[Problem] = ()) -> str:
    session = db.session()
    found, call = meeting_and_call(meeting_id)
    states = count_states_by_call(session).get(call.id, {})
    members = list_members(session, meeting_id)
    return render_template(
        "committee/meeting_close.html",
        **head_of(found, call),
        waiting=0 if Level(found.level).settles_list else states.get(PASSED, 0),
        unsettled=[m for m in members if m.presence == "invited"],
        unwritten=[i for i in list_agenda(session, meeting_id) if not i.text and not i.resolution],
        is_open=found.state == OPEN,
        leave_open=request.form.get("leave-open") == "1",
        problems=problems,
    )
