"""Panels of a call, and what its reviewers can take and know best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call, get_call_by_id
from app.identity.facts import BODY_NAMES, Body
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews import actions
from app.reviews.actions.panels import MOST_PROPOSALS, MOST_SEATS, PanelFacts, ProfileFacts
from app.reviews.queries.overview import reviewer_loads
from app.reviews.queries.panels import (
    PanelView,
    ProfileView,
    get_panel,
    get_profile,
    list_call_panels,
    list_profiles,
)
from app.reviews.queries.rounds import get_round
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import Choice, Form, Line, WholeNumber, by_place, read_id
from app.web.language import language, t
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor
from app.web.tags import Options

_BODIES = Options([(body.value, name) for body, name in BODY_NAMES.items()])


class PanelForm(Form):
    """A panel as it is typed; its members are boxes beside."""

    name_th = Line(Text("ชื่อคณะ (ภาษาไทย)", "Name (Thai)"), needed=True, longest=200)
    name_en = Line(Text("ชื่อคณะ (ภาษาอังกฤษ)", "Name (English)"), needed=True, longest=200)
    body = Choice(Text("หน่วยงานร่วมพิจารณา", "Body"), offered=[body.value for body in Body])
    stage = Choice(Text("ช่วง", "Stage"))
    seats = WholeNumber(Text("จำนวนที่นั่งต่อข้อเสนอ", "Seats per proposal"), needed=True, low=1, high=MOST_SEATS)


class ProfileForm(Form):
    """What a reviewer can take; what they know best are boxes beside."""

    load_limit = WholeNumber(Text("จำนวนเรื่องสูงสุด", "The most proposals"), high=MOST_PROPOSALS)


@dataclass(frozen=True, slots=True)
class Sitting:
    """A reviewer in the list: the profile, in which panels, and how much was given."""

    profile: ProfileView
    body: Text
    panels: tuple[Text, ...]
    given: int
    limit: int | None
    knows: tuple[Text, ...]


def _knows(call: CallView, profile: ProfileView) -> tuple[Text, ...]:
    """What somebody knows best, in words."""
    codes = [("guidelines", code) for code in profile.guidelines]
    codes += [("focus_areas", code) for code in profile.focus_areas]
    named = [(kind, code, call.plan.name(kind, code)) for kind, code in codes]
    return tuple(
        Text(f"{code} {name.th}", f"{code} {name.en}") if kind == "guidelines" else name
        for kind, code, name in named
    )


@blueprint.get("/calls/<int:fiscal_year>/panels")
@needs(Permission.ASSIGN_REVIEWER)
def panels(fiscal_year: int) -> str:
    """The panels of a call and everybody who can review."""
    session, actor = db.session(), current_actor()
    call = get_call(session, fiscal_year)
    found = list_call_panels(session, actor, call.id)
    round_ = get_round(session, call.id)
    given = reviewer_loads(session, call.id)
    profiles = list_profiles(session, actor, call.id)
    names = {p.id: p.name for p in profiles}
    people = [
        Sitting(
            p,
            BODY_NAMES[p.body],
            tuple(panel.name for panel in found if p.id in panel.members),
            given.get(p.id, (0, 0))[0],
            round_.load_limit if p.load_limit is None else p.load_limit,
            _knows(call, p),
        )
        for p in profiles
    ]
    return render_template(
        "secretariat/panels.html",
        call=call,
        panels=found,
        people=people,
        names=names,
        bodies=BODY_NAMES,
        round=round_,
    )


def _panel_page(
    call: CallView,
    panel: PanelView | None,
    typed: dict[str, Any],
    members: Sequence[int],
    problems: Sequence[Problem] = (),
) -> str:
    code = language()
    people = [
        (str(p.id), p.name.say(code), BODY_NAMES[p.body].say(code))
        for p in list_profiles(db.session(), current_actor(), call.id)
    ]
    return render_template(
        "secretariat/panel.html",
        call=call,
        panel=panel,
        typed=typed,
        people=people,
        members={str(m) for m in members},
        bodies=_BODIES.html(typed["body"]),
        stages=Options([(c.code, c.name) for c in call.plan.stages]).html(typed["stage"]),
        problems=problems,
        errors=by_place(problems),
    )


def _sent(call: CallView) -> tuple[PanelForm, tuple[int, ...], dict[str, str], tuple[Problem, ...]]:
    """The form as it was sent, with what cannot be read."""
    form = PanelForm(request.form)
    form.stage.offered = {c.code for c in call.plan.stages}
    members = tuple(m for m in map(read_id, request.form.getlist("members")) if m is not None)
    typed = {name: form.typed(name) for name in ("name_th", "name_en", "body", "stage", "seats")}
    return form, members, typed, form.problems()


def _facts(form: PanelForm, members: tuple[int, ...]) -> PanelFacts:
    return PanelFacts(
        Text(form.name_th.data, form.name_en.data),
        form.body.data,
        form.stage.data,
        form.seats.data or 0,
        members,
    )


@blueprint.get("/calls/<int:fiscal_year>/panels/new")
@needs(Permission.ASSIGN_REVIEWER)
def new_panel(fiscal_year: int) -> str:
    """A form for one more panel."""
    call = get_call(db.session(), fiscal_year)
    typed = {"name_th": "", "name_en": "", "body": "", "stage": "", "seats": ""}
    return _panel_page(call, None, typed, ())


@blueprint.post("/calls/<int:fiscal_year>/panels/new")
@needs(Permission.ASSIGN_REVIEWER)
def make_panel(fiscal_year: int) -> Response | tuple[str, int]:
    """Make a panel."""
    call = get_call(db.session(), fiscal_year)
    form, members, typed, problems = _sent(call)
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                actions.make_panel(work, call.id, _facts(form, members))
            flash(t("ตั้งคณะพิจารณาแล้ว", "The panel is made."))
            return redirect(url_for("secretariat.panels", fiscal_year=fiscal_year), 303)
        except Refused as refusal:
            problems = refusal.problems
    return _panel_page(call, None, typed, members, problems), 422


@blueprint.get("/panels/<int:panel_id>")
@needs(Permission.ASSIGN_REVIEWER)
def panel(panel_id: int) -> str:
    """One panel, to be changed."""
    found = get_panel(db.session(), current_actor(), panel_id)
    call = get_call_by_id(db.session(), found.call_id)
    typed = {
        "name_th": found.name.th,
        "name_en": found.name.en,
        "body": found.body,
        "stage": found.stage,
        "seats": str(found.seats),
    }
    return _panel_page(call, found, typed, found.members)


@blueprint.post("/panels/<int:panel_id>")
@needs(Permission.ASSIGN_REVIEWER)
def change_panel(panel_id: int) -> Response | tuple[str, int]:
    """Change a panel."""
    found = get_panel(db.session(), current_actor(), panel_id)
    call = get_call_by_id(db.session(), found.call_id)
    form, members, typed, problems = _sent(call)
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                version = read_id(request.form.get("version")) or 0
                actions.change_panel(work, panel_id, _facts(form, members), version)
            flash(t("บันทึกคณะพิจารณาแล้ว", "The panel is saved."))
            return redirect(url_for("secretariat.panels", fiscal_year=call.fiscal_year), 303)
        except Refused as refusal:
            problems = refusal.problems or (Problem("panel", refusal.text),)
    return _panel_page(call, found, typed, members, problems), 422


@blueprint.post("/panels/<int:panel_id>/end")
@needs(Permission.ASSIGN_REVIEWER)
def end_panel(panel_id: int) -> Response:
    """End a panel."""
    found = get_panel(db.session(), current_actor(), panel_id)
    call = get_call_by_id(db.session(), found.call_id)
    with open_work(current_actor(), arrived()) as work:
        actions.end_panel(work, panel_id, read_id(request.form.get("version")) or 0)
    flash(t("ยุติคณะพิจารณาแล้ว การมอบหมายเดิมยังอยู่", "The panel is ended. What was assigned stays."))
    return redirect(url_for("secretariat.panels", fiscal_year=call.fiscal_year), 303)


def _profile_page(
    call: CallView,
    profile: ProfileView,
    typed: dict[str, Any],
    problems: Sequence[Problem] = (),
) -> str:
    code, plan = language(), call.plan
    return render_template(
        "secretariat/reviewer_profile.html",
        call=call,
        profile=profile,
        body=BODY_NAMES[profile.body],
        typed=typed,
        guidelines=[(c.code, f"{c.code} {c.name.say(code)}", "") for c in plan.guidelines],
        focus_areas=[(c.code, c.name.say(code), "") for c in plan.focus_areas],
        limit=get_round(db.session(), call.id).load_limit,
        problems=problems,
        errors=by_place(problems),
    )


@blueprint.get("/calls/<int:fiscal_year>/reviewers/<int:user_id>")
@needs(Permission.ASSIGN_REVIEWER)
def reviewer_profile(fiscal_year: int, user_id: int) -> str:
    """What one reviewer can take and knows best."""
    call = get_call(db.session(), fiscal_year)
    profile = get_profile(db.session(), current_actor(), call.id, user_id)
    typed = {
        "load_limit": "" if profile.load_limit is None else str(profile.load_limit),
        "guidelines": profile.guidelines,
        "focus_areas": profile.focus_areas,
    }
    return _profile_page(call, profile, typed)


@blueprint.post("/calls/<int:fiscal_year>/reviewers/<int:user_id>")
@needs(Permission.ASSIGN_REVIEWER)
def set_reviewer_profile(fiscal_year: int, user_id: int) -> Response | tuple[str, int]:
    """Keep it."""
    call = get_call(db.session(), fiscal_year)
    profile = get_profile(db.session(), current_actor(), call.id, user_id)
    form = ProfileForm(request.form)
    guidelines, focus_areas = (request.form.getlist(name) for name in ("guidelines", "focus_areas"))
    problems = form.problems()
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                actions.set_profile(
                    work,
                    call.id,
                    user_id,
                    ProfileFacts(form.load_limit.data, guidelines, focus_areas),
                    request.form.get("seen", ""),
                )
            flash(t("บันทึกข้อมูลผู้พิจารณาแล้ว", "The reviewer's details are saved."))
            return redirect(url_for("secretariat.panels", fiscal_year=fiscal_year, _anchor="people"), 303)
        except Refused as refusal:
            problems = refusal.problems or (Problem("profile", refusal.text),)
    typed = {"load_limit": form.typed("load_limit"), "guidelines": guidelines, "focus_areas": focus_areas}
    return _profile_page(call, profile, typed, problems), 422
