"""The second step of signing in: a code, or, for staff who have none yet, setting the second factor up.

Nothing else opens meanwhile: the door takes a half session for nobody's.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.identity.actions import choose_language, complete_session
from app.identity.codes import enrolment_address, in_groups
from app.identity.facts import Actor, Step
from app.identity.queries import SignedIn
from app.identity.second_factors import Verdict, confirm_set_up, find_pending, try_code
from app.kernel.db import db
from app.kernel.findings import Problem
from app.kernel.text import LANGUAGES, Text
from app.kernel.work import Work, open_work
from app.web.account.desk import CodeForm, Page, blueprint, secret_key, too_many
from app.web.arrival import arrived
from app.web.door import public, safe_next
from app.web.language import t
from app.web.signing import carry_token, current_session, drop_token, half_session

WRONG_CODE = Text(
    "รหัสไม่ถูกต้องหรือใช้ไปแล้ว กรุณารอรหัสใหม่ในแอปแล้วกรอกอีกครั้ง",
    "The code is not right or was used already. Wait for the next one in the app and try again.",
)
WRONG_FIRST_CODE = Text(
    "รหัสไม่ถูกต้อง กรุณาตรวจว่าสแกนรหัสภาพนี้แล้วและเวลาของโทรศัพท์ตั้งแบบอัตโนมัติ แล้วกรอกรหัสที่แสดงอยู่ขณะนี้",
    "The code is not right. See that you scanned this picture and that your phone sets its clock automatically, "
    "then enter the code shown now.",
)


def _onward() -> str:
    return safe_next(request.values.get("next"), url_for("shell.desk"))


@blueprint.get("/sign-in/second-step")
@public
def second_step() -> Page:
    """Where the code is asked for."""
    half = half_session()
    if half is None or half.waits_for is not Step.CODE:
        return redirect(url_for("account.sign_in", next=_onward()))
    return _step_page(half)


def _step_page(half: SignedIn, problems: tuple[Problem, ...] = ()) -> str:
    return render_template("account/second_step.html", half=half, next=_onward(), problems=problems)


@blueprint.post("/sign-in/second-step")
@public
def second_step_post() -> Page:
    """Take the code and come in; wrong ones count with wrong passwords."""
    half, onward = half_session(), _onward()
    if half is None or half.waits_for is not Step.CODE or half.actor.id is None:
        return redirect(url_for("account.sign_in", next=onward), 303)
    form = CodeForm(request.form)
    problems = form.problems()
    if not problems:
        token, address = "", request.remote_addr or ""
        with open_work(half.actor, arrived()) as work:
            verdict = try_code(work, half.actor.id, form.code.data, secret_key(), address)
            if verdict is Verdict.TAKEN:
                token = _complete(work, half)
        if verdict is Verdict.TAKEN:
            carry_token(token)
            return redirect(onward, 303)
        if verdict is Verdict.TOO_MANY:
            return too_many()
        problems = (Problem("code", WRONG_CODE),)
    return _step_page(half, problems), 422


def _complete(work: Work[Actor], half: SignedIn) -> str:
    """The whole session; the language chosen meanwhile is remembered as the person's."""
    assert half.actor.id is not None
    if session.get("language") in LANGUAGES:
        choose_language(work, session["language"])
    return complete_session(work, half.session_id, half.actor.id)


@blueprint.get("/second-factor/set-up")
@public
def set_up() -> Page:
    """The picture to scan and the key to type: of somebody who must set it up to come in, or who wants to."""
    return _set_up_page()


def _set_up_page(problems: tuple[Problem, ...] = ()) -> Page:
    who = _setting_up()
    if who is None or who.actor.id is None:
        return redirect(url_for("account.sign_in", next=_onward()))
    secret = find_pending(db.session(), who.actor.id, secret_key(), arrived())
    if secret is None:
        return _nothing_begun(who)
    page = render_template(
        "account/set_up.html",
        who=who,
        next=_onward(),
        problems=problems,
        is_forced=who.waits_for is not None,
        picture=_picture(enrolment_address(secret, who.email)),
        key=in_groups(secret),
        address=enrolment_address(secret, who.email),
    )
    return (page, 422) if problems else page


def _setting_up() -> SignedIn | None:
    half = half_session()
    return half if half is not None and half.waits_for is Step.SET_UP else current_session()


def _nothing_begun(who: SignedIn) -> Response:
    """Begun too long ago, or finished in another window: from the beginning."""
    if who.waits_for is None:
        return redirect(url_for("account.second_factor"))
    drop_token()
    flash(t("กรุณาเข้าสู่ระบบอีกครั้ง", "Please sign in again."))
    return redirect(url_for("account.sign_in", next=_onward()))


def _picture(address: str) -> Markup:
    """The address as a QR code in SVG."""
    from segno import make_qr  # imported late: only this page draws one

    code = make_qr(address, error="m")
    return Markup(  # noqa: S704 (squares drawn by segno; the address is only what they spell)
        code.svg_inline(scale=4, border=4, light="#fff", omitsize=True, svgclass="qr", lineclass=None)
    )


@blueprint.post("/second-factor/set-up")
@public
def set_up_post() -> Page:
    """The first code proves that the app has the key: the second factor holds, and the recovery codes are shown, once."""
    who = _setting_up()
    if who is None or who.actor.id is None:
        return redirect(url_for("account.sign_in", next=_onward()), 303)
    form = CodeForm(request.form)
    if problems := form.problems():
        return _set_up_page(problems)
    token = None
    with open_work(who.actor, arrived()) as work:
        codes = confirm_set_up(
            work,
            who.actor.id,
            form.code.data,
            secret_key(),
            session_id=who.session_id,
            replaces=who.waits_for is None,
        )
        if codes is not None and who.waits_for is not None:
            token = _complete(work, who)
    if codes is None:
        return _set_up_page((Problem("code", WRONG_FIRST_CODE),))
    if token is not None:
        carry_token(token)
    return codes_page(codes, _onward() if token is not None else url_for("account.second_factor"))


def codes_page(codes: list[str], onward: str) -> str:
    """The recovery codes, shown this once; only their hashes are kept."""
    return render_template("account/recovery_codes.html", codes=codes, next=onward)
