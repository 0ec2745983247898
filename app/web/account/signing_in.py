"""Signing in and out, and the first password by invitation."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app.identity import actions
from app.identity.facts import NOBODY, Step
from app.identity.queries import count_failures, find_invitation, find_user_by_email, get_actor
from app.identity.rules import PASSWORD_LENGTH, sign_in_is_throttled, step_left
from app.identity.second_factors import begin_set_up, has_second_factor
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import LANGUAGES, Text
from app.kernel.work import open_work
from app.web.account.desk import (
    REFUSED,
    NewPasswordForm,
    Page,
    SignInForm,
    blueprint,
    offered_providers,
    secret_key,
    settings,
    too_many,
)
from app.web.arrival import arrived
from app.web.door import public, safe_next
from app.web.language import t
from app.web.signing import carry_token, current_session, drop_token, half_session

_LONGEST_PASSWORD = 200


@blueprint.get("/sign-in")
@public
def sign_in() -> Page:
    """The sign-in form; somebody signed in already goes on."""
    onward = safe_next(request.args.get("next"), url_for("shell.desk"))
    if current_session() is not None:
        return redirect(onward)
    half = half_session()
    if half is not None:
        return redirect(address_of_step(half.waits_for, onward))
    return _sign_in_page("", onward)


def _sign_in_page(email: str, onward: str, problems: tuple[Problem, ...] = ()) -> str:
    return render_template(
        "account/sign_in.html", email=email, next=onward, problems=problems, providers=offered_providers()
    )


@blueprint.post("/sign-in")
@public
def sign_in_post() -> Page:
    """Sign in. Unknown people, wrong passwords and disabled accounts answer alike and take as long."""
    form, now, address = SignInForm(request.form), arrived(), request.remote_addr or ""
    onward = safe_next(request.form.get("next"), url_for("shell.desk"))
    problems = form.problems()
    if not problems:
        email, password = form.email.data.lower(), form.password.data
        if sign_in_is_throttled(*count_failures(db.session(), email, address, now)):
            return too_many()
        user = find_user_by_email(db.session(), email)
        fits = len(password) <= _LONGEST_PASSWORD
        if actions.password_matches(user if fits else None, password[:_LONGEST_PASSWORD]) and user:
            return enter(user.id, onward)
        with open_work(NOBODY, now) as work:
            actions.note_failed_sign_in(work, email, address)
        problems = (Problem("email", REFUSED),)
    return _sign_in_page(form.typed("email"), onward, problems), 422


def enter(user_id: int, onward: str, *, has_shown_factor: bool = False) -> Response:
    """Begin a session under a new token; an older one of this browser ends. Unless a second factor was shown elsewhere,
    one is asked where there is one or must be: until then the session opens nothing."""
    before, wanted = current_session() or half_session(), session.get("language")
    actor = get_actor(db.session(), user_id)
    has_factor = has_second_factor(db.session(), user_id)
    step = step_left(actor.roles, has_factor=has_factor, is_demo=settings().demo)
    if has_shown_factor:
        step = None
    with open_work(actor, arrived()) as work:
        if before is not None:
            actions.end_session(work, before.session_id)
        token = actions.start_session(work, user_id, waits_for=step)
        if step is Step.SET_UP:
            begin_set_up(work, user_id, secret_key(), replaces=False)
        if wanted in LANGUAGES:
            actions.choose_language(work, wanted)
    carry_token(token)
    return redirect(address_of_step(step, onward), 303)


def address_of_step(step: Step | None, onward: str) -> str:
    """Where somebody goes on with what is left of signing in; `onward` when nothing is."""
    if step is None:
        return onward
    page = "account.second_step" if step is Step.CODE else "account.set_up"
    return url_for(page, next=onward)


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    """End the session on the server; copies of the cookie are dead from here on."""
    signed_in = current_session() or half_session()
    if signed_in is not None:
        with open_work(signed_in.actor, arrived()) as work:
            actions.end_session(work, signed_in.session_id)
    drop_token()
    flash(t("ออกจากระบบแล้ว", "You have signed out"))
    return redirect(url_for("public.home"), 303)


@blueprint.get("/invitations/<token>")
@public
def invitation(token: str) -> Page:
    """An invitation link: who it is for, and the first password."""
    return _invitation(token)


@blueprint.post("/invitations/<token>")
@public
def accept_invitation(token: str) -> Page:
    """Set the first password and come in."""
    form = NewPasswordForm(request.form)
    problems = form.problems()
    if not problems:
        try:
            with open_work(NOBODY, arrived()) as work:
                user_id = actions.accept_invitation(work, token, form.password.data)
        except Refused as refusal:
            problems = refusal.problems
        else:
            return enter(user_id, url_for("shell.desk"))
    return _invitation(token, problems)


def _invitation(token: str, problems: tuple[Problem, ...] = ()) -> Page:
    user = find_invitation(db.session(), token, arrived())
    if user is None:
        return render_template("account/invitation_over.html", why=actions.INVITATION_OVER), 404
    page = render_template(
        "account/invitation.html",
        email=user.email,
        name=Text(user.name_th, user.name_en),
        until=user.invited_until,
        token=token,
        problems=problems,
        shortest=PASSWORD_LENGTH,
        providers=offered_providers(),
    )
    return (page, 422) if problems else page
