"""Signing in and out, the account, what one is told by e-mail, and the first password."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app.identity import actions
from app.identity.facts import NOBODY
from app.identity.queries import (
    count_failures,
    find_invitation,
    find_user_by_email,
    get_actor,
)
from app.identity.rules import PASSWORD_LENGTH, SIGN_IN_WINDOW, Permission, sign_in_is_throttled
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import LANGUAGES, Text
from app.kernel.work import open_work
from app.notices.actions import set_preferences
from app.notices.facts import KINDS, Kind
from app.notices.queries import get_own_mail, get_unwanted, list_own_mails
from app.notices.rules import kinds_for
from app.web.arrival import arrived
from app.web.door import needs, public, safe_next
from app.web.errors import PAGES
from app.web.forms import LARGEST_ID, Form, Line, Secret, read_id
from app.web.language import t
from app.web.signing import carry_token, current_actor, current_session, drop_token

blueprint = Blueprint("account", __name__)

REFUSED = Text(
    "อีเมลหรือรหัสผ่านไม่ถูกต้อง หรือบัญชีถูกระงับ",
    "The e-mail or password is not right, or the account is disabled",
)
_NOT_SAME = Text("รหัสผ่านสองช่องไม่ตรงกัน", "The two passwords differ")
_LONGEST_PASSWORD = 200
MAILS_PER_PAGE = 50

Page = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


class SignInForm(Form):
    email = Line(Text("อีเมล", "E-mail"), needed=True, longest=254)
    password = Secret(Text("รหัสผ่าน", "Password"), needed=True)


class NewPasswordForm(Form):
    """A new password, typed twice; the rules of `identity` judge it."""

    current = Secret(Text("รหัสผ่านปัจจุบัน", "Current password"))
    password = Secret(Text("รหัสผ่านใหม่", "New password"), needed=True)
    again = Secret(Text("รหัสผ่านใหม่อีกครั้ง", "New password again"), needed=True)

    def problems(self) -> tuple[Problem, ...]:
        found = super().problems()
        if not found and self.password.data != self.again.data:
            return (Problem("again", _NOT_SAME),)
        return found


@blueprint.get("/sign-in")
@public
def sign_in() -> Page:
    """The sign-in form; somebody signed in already goes on."""
    onward = safe_next(request.args.get("next"), url_for("shell.desk"))
    if current_session() is not None:
        return redirect(onward)
    return render_template("account/sign_in.html", email="", next=onward, problems=())


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
            page = render_template("errors/page.html", page=PAGES[429], status=429)
            return page, 429, {"Retry-After": str(int(SIGN_IN_WINDOW.total_seconds()))}
        user = find_user_by_email(db.session(), email)
        fits = len(password) <= _LONGEST_PASSWORD
        if actions.password_matches(user if fits else None, password[:_LONGEST_PASSWORD]) and user:
            return _enter(user.id, onward)
        with open_work(NOBODY, now) as work:
            actions.note_failed_sign_in(work, email, address)
        problems = (Problem("email", REFUSED),)
    page = render_template("account/sign_in.html", email=form.typed("email"), next=onward, problems=problems)
    return page, 422


def _enter(user_id: int, onward: str) -> Response:
    """Begin a session under a new token; an older one of this browser ends."""
    before, wanted = current_session(), session.get("language")
    actor = get_actor(db.session(), user_id)
    with open_work(actor, arrived()) as work:
        if before is not None:
            actions.end_session(work, before.session_id)
        token = actions.start_session(work, user_id)
        if wanted in LANGUAGES:
            actions.choose_language(work, wanted)
    carry_token(token)
    return redirect(onward, 303)


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    """End the session on the server; copies of the cookie are dead from here on."""
    signed_in = current_session()
    if signed_in is not None:
        with open_work(signed_in.actor, arrived()) as work:
            actions.end_session(work, signed_in.session_id)
    drop_token()
    flash(t("ออกจากระบบแล้ว", "You have signed out"))
    return redirect(url_for("public.home"), 303)


@blueprint.get("/account")
@needs(Permission.USE_ACCOUNT)
def show() -> str:
    """My name, my roles, my password."""
    return _account()


@blueprint.post("/account/password")
@needs(Permission.USE_ACCOUNT)
def change_password() -> Page:
    """Change my own password; my other browsers are signed out."""
    form = NewPasswordForm(request.form)
    problems = form.problems()
    signed_in = current_session()
    assert signed_in is not None  # the door saw to it
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                actions.change_password(
                    work, form.current.data, form.password.data, session_id=signed_in.session_id
                )
        except Refused as refusal:
            problems = tuple(
                Problem("password" if p.place == "new" else p.place, p.text) for p in refusal.problems
            )
    if problems:
        return _account(problems), 422
    flash(
        t(
            "เปลี่ยนรหัสผ่านแล้ว เบราว์เซอร์อื่นที่ท่านเคยใช้ถูกออกจากระบบทั้งหมด",
            "The password is changed. Your other browsers have been signed out.",
        )
    )
    return redirect(url_for("account.show"), 303)


def _account(problems: tuple[Problem, ...] = ()) -> str:
    actor = current_actor()
    kinds = [(kind, KINDS[kind]) for kind in kinds_for(actor.roles)]
    return render_template(
        "account/account.html",
        me=current_session(),
        problems=problems,
        shortest=PASSWORD_LENGTH,
        choices=[(kind, words) for kind, words in kinds if words.why_always is None],
        official=[(kind, words) for kind, words in kinds if words.why_always is not None],
        unwanted=get_unwanted(db.session(), actor),
        has_mail_server=mail_is_set_up(),
    )


def mail_is_set_up() -> bool:
    """Whether e-mails leave this installation, or wait to be read here."""
    return current_app.config["DGI"].mail.server is not None


@blueprint.post("/account/e-mails")
@needs(Permission.USE_ACCOUNT)
def choose_mails() -> Response:
    """What I want to be told by e-mail; a kind that is not ticked is switched off."""
    wanted = [kind for kind in Kind if kind.value in request.form.getlist("kinds")]
    with open_work(current_actor(), arrived()) as work:
        set_preferences(work, wanted)
    flash(t("บันทึกเรื่องที่รับแจ้งทางอีเมลแล้ว", "What you are told by e-mail is saved."))
    return redirect(url_for("account.show"), 303)


@blueprint.get("/account/e-mails")
@needs(Permission.USE_ACCOUNT)
def mails() -> str:
    """What was sent to me, newest first; `before` pages on."""
    before = read_id(request.args.get("before")) or LARGEST_ID
    rows = list_own_mails(db.session(), current_actor(), before=before, limit=MAILS_PER_PAGE + 1)
    return render_template(
        "account/mails.html",
        mails=rows[:MAILS_PER_PAGE],
        kinds=KINDS,
        following=rows[MAILS_PER_PAGE - 1].id if len(rows) > MAILS_PER_PAGE else None,
        started=before != LARGEST_ID,
        has_mail_server=mail_is_set_up(),
    )


@blueprint.get("/account/e-mails/<int:mail_id>")
@needs(Permission.USE_ACCOUNT)
def mail(mail_id: int) -> str:
    """One of them, to read."""
    return render_template(
        "account/mail.html",
        mail=get_own_mail(db.session(), current_actor(), mail_id),
        kinds=KINDS,
        has_mail_server=mail_is_set_up(),
    )


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
            return _enter(user_id, url_for("shell.desk"))
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
    )
    return (page, 422) if problems else page
