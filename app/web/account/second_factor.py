"""My second factor: set up, moved to another device, its recovery codes renewed, switched off."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.identity.second_factors import (
    Verdict,
    begin_set_up,
    get_factor_state,
    has_second_factor,
    remove_second_factor,
    renew_recovery_codes,
    try_code,
)
from app.kernel.db import db
from app.kernel.errors import Forbidden
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.web.account.desk import CodeForm, Page, blueprint, is_staff, secret_key, too_many
from app.web.account.second_step import WRONG_CODE, codes_page
from app.web.arrival import arrived
from app.web.door import needs
from app.web.language import t
from app.web.signing import current_actor

STAFF_KEEP_IT = Text(
    "บทบาทของท่านต้องใช้การยืนยันตัวตนสองขั้น จึงปิดไม่ได้ แต่เปลี่ยนเครื่องได้",
    "Your role signs in with a second factor; it can be moved to another device, not switched off.",
)


@blueprint.get("/account/second-factor")
@needs(Permission.USE_ACCOUNT)
def second_factor() -> str:
    """Whether I have one, and what can be done."""
    return _page()


def _page(problems: tuple[Problem, ...] = ()) -> str:
    actor = current_actor()
    assert actor.id is not None  # the door saw to it
    return render_template(
        "account/second_factor.html",
        factor=get_factor_state(db.session(), actor.id),
        is_staff=is_staff(actor),
        problems=problems,
    )


@blueprint.post("/account/second-factor")
@needs(Permission.USE_ACCOUNT)
def second_factor_post() -> Page:
    """Set up, move, renew the codes or switch off, as the button says; with one in use a code of it is asked first."""
    actor, wanted = current_actor(), request.form.get("do", "")
    assert actor.id is not None
    if wanted == "remove" and is_staff(actor):
        raise Forbidden(STAFF_KEEP_IT)
    has_one = has_second_factor(db.session(), actor.id)
    form = CodeForm(request.form)
    if has_one and (problems := form.problems()):
        return _page(problems), 422
    if not has_one and wanted != "set_up":
        return redirect(url_for("account.second_factor"), 303)
    codes: list[str] = []
    with open_work(actor, arrived()) as work:
        verdict = Verdict.TAKEN
        if has_one:
            address = request.remote_addr or ""
            verdict = try_code(work, actor.id, form.code.data, secret_key(), address)
        if verdict is Verdict.TAKEN:
            if wanted == "set_up":
                begin_set_up(work, actor.id, secret_key(), replaces=True)
            elif wanted == "codes":
                codes = renew_recovery_codes(work)
            elif wanted == "remove":
                remove_second_factor(work)
    if verdict is Verdict.TOO_MANY:
        return too_many()
    if verdict is Verdict.WRONG:
        return _page((Problem("code", WRONG_CODE),)), 422
    return _answer(wanted, codes)


def _answer(wanted: str, codes: list[str]) -> Page | Response:
    if wanted == "set_up":
        return redirect(url_for("account.set_up"), 303)
    if codes:
        return codes_page(codes, url_for("account.second_factor"))
    if wanted == "remove":
        flash(t("ปิดการยืนยันตัวตนสองขั้นแล้ว", "The second factor is switched off."))
    return redirect(url_for("account.second_factor"), 303)
