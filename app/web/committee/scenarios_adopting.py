"""A scenario becomes the list everybody reads, or is let go of: first what that changes, then the reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from app.calls.queries import get_call_by_id
from app.decisions.queries.meetings import find_sitting
from app.identity.facts import Actor
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.work import Work, open_work
from app.portfolio.actions import adopt_scenario as adopt
from app.portfolio.actions import release_scenario as release
from app.portfolio.facts import Terms
from app.portfolio.queries import CallEntries
from app.portfolio.queries.scenarios import get_scenario, list_scenarios
from app.portfolio.reasons import names_in
from app.portfolio.side_by_side import moves_between
from app.web.arrival import arrived
from app.web.committee.desk import blueprint
from app.web.committee.scenarios import Page, present_terms, version_of
from app.web.committee.scenarios_words import PLAIN, lay, moved_rows, unmet_in_words
from app.web.door import needs
from app.web.language import say, t
from app.web.signing import current_actor

Deed = Callable[[Work[Actor], int, int, str], object]


def has_open_meeting(session: Session, call_id: int) -> bool:
    """Whether a meeting is open that decides on the list of a call; one that settles the list may change it."""
    sitting = find_sitting(session, call_id)
    return sitting.meeting_id is not None and not sitting.settles_list


@blueprint.get("/scenarios/<int:scenario_id>/adopt")
@needs(Permission.ADOPT_SCENARIO)
def scenario_adoption(scenario_id: int) -> str:
    """Who would enter and who would leave the list."""
    return _page(scenario_id)


@blueprint.post("/scenarios/<int:scenario_id>/adopt")
@needs(Permission.ADOPT_SCENARIO)
def adopt_scenario(scenario_id: int) -> Page:
    """Let the list follow it."""
    return _do(
        scenario_id,
        lambda work, one, version, reason: adopt(work, one, version, reason, meets=has_open_meeting),
        t("ใช้ฉากทัศน์นี้เป็นบัญชีแล้ว", "The list follows this scenario now"),
    )


@blueprint.post("/scenarios/<int:scenario_id>/release")
@needs(Permission.ADOPT_SCENARIO)
def release_scenario(scenario_id: int) -> Page:
    """Let the list go by rank alone again."""
    return _do(
        scenario_id,
        lambda work, one, version, reason: release(work, one, version, reason, meets=has_open_meeting),
        t("เลิกใช้ฉากทัศน์นี้เป็นบัญชีแล้ว", "The list goes by rank alone again"),
    )


def _do(scenario_id: int, deed: Deed, done: str) -> Page:
    reason = request.form.get("reason", "")
    try:
        with open_work(current_actor(), arrived()) as work:
            deed(work, scenario_id, version_of(request.form), reason)
    except Refused as refusal:
        problems = refusal.problems or (Problem("reason", refusal.text),)
        return _page(scenario_id, reason, problems), 409 if isinstance(refusal, Stale) else 422
    flash(done)
    return redirect(url_for("committee.scenario", scenario_id=scenario_id), 303)


def _page(scenario_id: int, reason: str = "", problems: Sequence[Problem] = ()) -> str:
    session, actor = db.session(), current_actor()
    view = get_scenario(session, actor, scenario_id, Permission.ADOPT_SCENARIO)
    call = get_call_by_id(session, view.call_id)
    _, present_name, present = present_terms(list_scenarios(session, actor, call), call)
    following = Terms(call.ceiling) if view.is_adopted else view.terms
    entries = CallEntries(session, call)
    name_of = names_in(call.plan, entries.entries)
    now, new = lay(entries, present), lay(entries, following)
    moves = None
    if now.allocation and new.allocation:
        moves = [moved_rows(part, name_of) for part in moves_between(now.allocation, new.allocation)]
    return render_template(
        "committee/scenario_adopt.html",
        call=call,
        view=view,
        present_name=say(present_name),
        following_name=say(PLAIN) if view.is_adopted else view.name,
        new=new,
        now=now,
        unmet=unmet_in_words(new.unmet, name_of),
        moves=moves,
        meets=has_open_meeting(session, call.id),
        reason=reason,
        problems=problems,
    )
