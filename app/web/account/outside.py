"""Signing in with a provider, linking and unlinking: the way there, the way back, and what is said when it fails.

The way there is a form, because it writes; the way back is a GET, because the protocol says so: it writes, once, and only
for the browser that left. Where a browser comes back to is made of SITE_URL, never of the Host header.
"""

from __future__ import annotations

import hmac

from flask import current_app, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from app.identity.facts import NOBODY
from app.identity.fetching import ProviderFault, Trouble
from app.identity.outside import (
    UNKNOWN,
    Purpose,
    Visit,
    accept_from_outside,
    begin_visit,
    end_visit,
    enter_from_outside,
    link_identity,
    unlink_identity,
)
from app.identity.queries import find_invitation
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.provider_settings import Provider, find_provider
from app.kernel.text import Text
from app.kernel.work import open_work
from app.web.account.desk import Page, blueprint, offered_providers, secret_key, settings
from app.web.account.own import account_page
from app.web.account.signing_in import enter
from app.web.arrival import arrived
from app.web.door import needs, public, safe_next
from app.web.language import language, t
from app.web.signing import current_actor

_VISIT = "visit"  # where the cookie keeps the state of the visit this browser is on
_LONGEST = 2000  # letters of a code or a state

WHY: dict[Trouble, tuple[int, Text]] = {
    Trouble.DOWN: (
        503,
        Text(
            "ระบบของ {name} ไม่ตอบในขณะนี้ กรุณาลองใหม่ภายหลัง หรือเข้าสู่ระบบด้วยรหัสผ่าน",
            "{name} does not answer at the moment. Try again later, or sign in with your password.",
        ),
    ),
    Trouble.SLOW: (
        503,
        Text(
            "ระบบของ {name} ตอบช้าเกินไป กรุณาลองใหม่ภายหลัง หรือเข้าสู่ระบบด้วยรหัสผ่าน",
            "{name} took too long to answer. Try again later, or sign in with your password.",
        ),
    ),
    Trouble.BAD_ANSWER: (
        502,
        Text(
            "ระบบของ {name} ให้คำตอบที่ใช้ไม่ได้ กรุณาลองใหม่ หากยังเป็นเช่นเดิมโปรดแจ้งผู้ดูแลระบบ",
            "{name} gave an answer that cannot be used. Try again; if it stays so, tell the administrator.",
        ),
    ),
    Trouble.BAD_TOKEN: (
        502,
        Text(
            "ตรวจไม่ผ่านว่าคำตอบมาจาก {name} จริง จึงไม่ให้เข้าสู่ระบบ กรุณาลองใหม่ หากยังเป็นเช่นเดิมโปรดแจ้งผู้ดูแลระบบ",
            "The answer could not be proven to come from {name}, so nobody was signed in. "
            "Try again; if it stays so, tell the administrator.",
        ),
    ),
    Trouble.DENIED: (
        403,
        Text(
            "{name} แจ้งว่าท่านไม่ได้อนุญาตให้เข้าสู่ระบบ ท่านลองใหม่หรือเข้าสู่ระบบด้วยรหัสผ่านได้",
            "{name} says that you did not allow the sign-in. You can try again, or sign in with your password.",
        ),
    ),
}
NOT_OFFERED = Text("ไม่มีผู้ให้บริการนี้แล้ว กรุณาเลือกใหม่", "This provider is not offered; please choose again")
VISIT_OVER = Text(
    "การเข้าสู่ระบบครั้งนี้ไม่ได้เริ่มจากเบราว์เซอร์นี้ ใช้ไปแล้ว หรือนานเกิน 10 นาที กรุณาเริ่มใหม่",
    "This sign-in was not begun in this browser, was used already, or took longer than 10 minutes. Please begin again.",
)


def _provider(code: str) -> Provider:
    found = find_provider(settings().providers, code)
    if found is None:
        raise NotFound()
    return found


def _way_back(provider: Provider) -> str:
    return settings().site_url + url_for("account.come_back", code=provider.code)


@blueprint.post("/sign-in/with/<code>")
@public
def visit(code: str) -> Page:
    """To the provider, to sign in."""
    onward = safe_next(request.form.get("next"), url_for("shell.desk"))
    return _leave(_provider(code), Purpose.SIGN_IN, onward)


@blueprint.post("/account/identities")
@needs(Permission.USE_ACCOUNT)
def link() -> Page:
    """To the provider, to link who I am there to my account."""
    provider = find_provider(settings().providers, request.form.get("provider", ""))
    if provider is None:
        return account_page((Problem("identities", NOT_OFFERED),)), 422
    return _leave(provider, Purpose.LINK, url_for("account.show"), user_id=current_actor().id)


@blueprint.post("/invitations/<token>/with/<code>")
@public
def accept_with(token: str, code: str) -> Page:
    """To the provider, to accept an invitation without setting a password."""
    provider, user = _provider(code), find_invitation(db.session(), token, arrived())
    if user is None:
        return redirect(url_for("account.invitation", token=token), 303)
    return _leave(
        provider,
        Purpose.INVITATION,
        url_for("shell.desk"),
        user_id=user.id,
        invitation_sha256=user.invitation_sha256,
    )


def _leave(
    provider: Provider,
    purpose: Purpose,
    onward: str,
    *,
    user_id: int | None = None,
    invitation_sha256: str | None = None,
) -> Page:
    from app.identity.oidc import (
        address_to_visit,
        discover,
    )  # imported late: most people sign in with a password

    db.session.rollback()  # nothing is held open while the provider is asked
    try:
        metadata = discover(provider, arrived())
    except ProviderFault as fault:
        return _failed(provider, fault)
    with open_work(current_actor(), arrived()) as work:
        state = begin_visit(
            work, provider.code, purpose, onward, user_id=user_id, invitation_sha256=invitation_sha256
        )
    session[_VISIT] = state
    address = address_to_visit(
        provider,
        metadata,
        state,
        secret_key=secret_key(),
        redirect_uri=_way_back(provider),
        language=language(),
    )
    offered_providers()  # whose addresses the browser may be sent to
    return redirect(address, 303)


@blueprint.get("/sign-in/with/<code>/return")
@public
def come_back(code: str) -> Page:
    """From the provider, with a code for this browser's visit, or with a reason why not."""
    provider = _provider(code)
    state, given = request.args.get("state", "")[:_LONGEST], request.args.get("code", "")[:_LONGEST]
    expected = str(session.pop(_VISIT, ""))
    if not expected or not hmac.compare_digest(expected.encode(), state.encode()):
        return _sorry(provider, 400, VISIT_OVER)
    with open_work(NOBODY, arrived()) as work:
        found = end_visit(work, provider.code, state)
    if found is None:
        return _sorry(provider, 400, VISIT_OVER)
    try:
        return _let_in(provider, found, given, state)
    except ProviderFault as fault:
        return _failed(provider, fault)
    except Refused as refusal:
        return _sorry(provider, 403, refusal.text, invites=refusal.text is UNKNOWN)


def _let_in(provider: Provider, found: Visit, given: str, state: str) -> Page:
    """Redeem the code, and do what the visit was for. Raises `ProviderFault` and `Refused`."""
    from app.identity.oidc import discover, redeem

    error = request.args.get("error", "")
    if error:
        kind = Trouble.DENIED if error == "access_denied" else Trouble.BAD_ANSWER
        raise ProviderFault(kind, f"{provider.code}: {error!r:.60}")
    if not given:
        raise ProviderFault(Trouble.BAD_ANSWER, f"{provider.code}: no code")
    db.session.rollback()  # nothing is held open while the provider is asked
    metadata = discover(provider, arrived())
    named = request.args.get("iss")  # RFC 9207: another provider's answer is not taken for this one's
    if named != provider.issuer and (named is not None or metadata.names_itself):
        raise ProviderFault(Trouble.BAD_TOKEN, f"{provider.code}: the answer is of another issuer")
    claims = redeem(
        provider,
        metadata,
        given,
        state,
        secret_key=secret_key(),
        redirect_uri=_way_back(provider),
        now=arrived(),
    )
    who = (claims.issuer, claims.subject, provider.code)
    if found.purpose is Purpose.LINK:
        return _link_here(found, *who)
    with open_work(NOBODY, arrived()) as work:
        if found.purpose is Purpose.SIGN_IN:
            user_id = enter_from_outside(work, *who)
        else:
            assert found.user_id is not None
            assert found.invitation_sha256 is not None
            user_id = accept_from_outside(work, found.user_id, found.invitation_sha256, *who)
    return enter(user_id, found.onward, has_shown_factor=claims.has_second_factor)


def _link_here(found: Visit, issuer: str, subject: str, code: str) -> Response:
    actor = current_actor()
    if actor.id is None or actor.id != found.user_id:
        raise Refused(VISIT_OVER)  # signed out, or somebody else signed in here, while away
    with open_work(actor, arrived()) as work:
        link_identity(work, issuer, subject, code)
    flash(
        t("เชื่อมบัญชีแล้ว ครั้งต่อไปท่านเข้าสู่ระบบด้วยบัญชีนั้นได้", "Linked. You can sign in with that account from now on.")
    )
    return redirect(found.onward, 303)


@blueprint.post("/account/identities/<int:identity_id>/unlink")
@needs(Permission.USE_ACCOUNT)
def unlink(identity_id: int) -> Page:
    """Take the link away, unless it is the only way in."""
    try:
        with open_work(current_actor(), arrived()) as work:
            unlink_identity(work, identity_id, [provider.issuer for provider in settings().providers])
    except Refused as refusal:
        return account_page((Problem("identities", refusal.text),)), 422
    flash(t("ยกเลิกการเชื่อมบัญชีแล้ว", "The link is taken away."))
    return redirect(url_for("account.show"), 303)


def _failed(provider: Provider, fault: ProviderFault) -> Page:
    current_app.logger.warning("sign-in with a provider failed: %s", fault)
    status, why = WHY[fault.trouble]
    return _sorry(provider, status, why.fill(name=provider.name))


def _sorry(provider: Provider, status: int, why: Text, *, invites: bool = False) -> Page:
    """What went wrong, in the reader's language, and every way on. `invites` says how an account is linked."""
    page = render_template(
        "account/provider_failed.html",
        provider=provider,
        providers=offered_providers(),
        why=why,
        invites=invites,
        is_in=current_actor().id is not None,
    )
    return page, status
