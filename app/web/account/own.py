"""The account: my name, my roles, my ways in, and what I am told by e-mail."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity import actions
from app.identity.outside import has_password, list_identities
from app.identity.rules import PASSWORD_LENGTH, Permission
from app.identity.second_factors import get_factor_state
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.notices.actions import set_preferences
from app.notices.facts import KINDS, Kind
from app.notices.queries import get_own_mail, get_unwanted, list_own_mails
from app.notices.rules import kinds_for
from app.web.account.desk import (
    NewPasswordForm,
    Page,
    blueprint,
    is_staff,
    mail_is_set_up,
    offered_providers,
)
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import LARGEST_ID, read_id
from app.web.language import t
from app.web.signing import current_actor, current_session

MAILS_PER_PAGE = 50


@blueprint.get("/account")
@needs(Permission.USE_ACCOUNT)
def show() -> str:
    """My name, my roles, my ways in."""
    return account_page()


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
        return account_page(problems), 422
    flash(
        t(
            "เปลี่ยนรหัสผ่านแล้ว เบราว์เซอร์อื่นที่ท่านเคยใช้ถูกออกจากระบบทั้งหมด",
            "The password is changed. Your other browsers have been signed out.",
        )
    )
    return redirect(url_for("account.show"), 303)


def account_page(problems: tuple[Problem, ...] = ()) -> str:
    """The account, with what could not be done about it."""
    actor = current_actor()
    assert actor.id is not None  # the door saw to it
    kinds = [(kind, KINDS[kind]) for kind in kinds_for(actor.roles)]
    providers = offered_providers()
    names = {provider.issuer: provider.name for provider in providers}
    return render_template(
        "account/account.html",
        me=current_session(),
        problems=problems,
        shortest=PASSWORD_LENGTH,
        has_password=has_password(db.session(), actor.id),
        factor=get_factor_state(db.session(), actor.id),
        is_staff=is_staff(actor),
        providers=providers,
        identities=[
            (identity, names.get(identity.issuer, Text(identity.issuer, identity.issuer)))
            for identity in list_identities(db.session(), actor.id)
        ],
        choices=[(kind, words) for kind, words in kinds if words.why_always is None],
        official=[(kind, words) for kind, words in kinds if words.why_always is not None],
        unwanted=get_unwanted(db.session(), actor),
        has_mail_server=mail_is_set_up(),
    )


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
