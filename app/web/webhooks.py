"""Connected systems: the addresses that are told what happens, their secrets, and a record of every message."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import t
from app.web.signing import current_actor
from app.web.tokens import read_side, sides_offered
from app.webhooks.actions import (
    add_endpoint,
    enable_endpoint,
    remove_endpoint,
    renew_secret,
    send_again,
    send_test,
)
from app.webhooks.facts import DELIVERY_STATES, EVENT_NAMES, DeliveryState, EventType
from app.webhooks.queries import get_endpoint, list_deliveries, list_endpoints, renewed_lately
from app.webhooks.reaching import TIMEOUT, NameIsSlow, Unreachable, find_public_address
from app.webhooks.rules import NAME_IS_SLOW, NOT_PUBLIC, OVERLAP, url_problem
from app.webhooks.signatures import derive_secret, show_secret

blueprint = Blueprint("webhooks", __name__, url_prefix="/connections/webhooks")

Page = str | tuple[str, int] | Response
PER_PAGE = 50
TAGS = {DeliveryState.WAITING: "wait", DeliveryState.DELIVERED: "good", DeliveryState.GIVEN_UP: "bad"}


@blueprint.get("")
@needs(Permission.CONNECT_SYSTEMS)
def show() -> str:
    """The addresses there are, and the form for another."""
    return _show(())


def _show(problems: tuple[Problem, ...]) -> str:
    return render_template(
        "connections/webhooks.html",
        endpoints=list_endpoints(db.session(), current_actor()),
        sides=sides_offered(),
        events=[(e.value, e.value, words) for e, words in EVENT_NAMES.items() if e is not EventType.TEST],
        names=EVENT_NAMES,
        typed=request.form,
        problems=problems,
    )


@blueprint.post("")
@needs(Permission.CONNECT_SYSTEMS)
def register() -> Page:
    """Register an address, and show its secret this once."""
    form, allows_local = request.form, current_app.config["DGI"].demo
    url = form.get("url", "").strip()
    try:
        agency_id = read_side(form.get("side", ""))
        unreached = _look_up(url, allows_local=allows_local)
        with open_work(current_actor(), arrived()) as work:
            endpoint_id = add_endpoint(
                work, agency_id, url, form.getlist("events"), allows_local=allows_local, unreached=unreached
            ).id
    except Refused as refusal:
        return _show(refusal.problems), 422
    return _one(endpoint_id, secret=_secret(endpoint_id, 1))


def _look_up(url: str, *, allows_local: bool) -> Text | None:
    """What speaks against a host: it is not public, or nobody says in time where it is. Asked with no transaction open,
    because names are looked up; of an address that is none, nothing is asked."""
    db.session.rollback()
    if url_problem(url, allows_local=allows_local) is not None:
        return None
    try:
        find_public_address(url, allows_local=allows_local)
    except NameIsSlow:
        return NAME_IS_SLOW.fill(n=TIMEOUT)
    except Unreachable:
        return NOT_PUBLIC
    return None


def _secret(endpoint_id: int, number: int) -> str:
    return show_secret(derive_secret(current_app.config["DGI"].secret_key, endpoint_id, number))


@blueprint.get("/<int:endpoint_id>")
@needs(Permission.CONNECT_SYSTEMS)
def one(endpoint_id: int) -> str:
    """One address and its messages, the latest first."""
    return _one(endpoint_id)


def _one(endpoint_id: int, secret: str = "") -> str:
    session, before = db.session(), read_id(request.args.get("before"))
    endpoint = get_endpoint(session, current_actor(), endpoint_id)
    deliveries = list_deliveries(session, endpoint_id, before=before, limit=PER_PAGE + 1)
    renewed = renewed_lately(session, endpoint_id, arrived())
    return render_template(
        "connections/webhook.html",
        endpoint=endpoint,
        deliveries=deliveries[:PER_PAGE],
        following=deliveries[PER_PAGE - 1].id if len(deliveries) > PER_PAGE else None,
        started=before is not None,
        names=EVENT_NAMES,
        states=DELIVERY_STATES,
        kinds=TAGS,
        secret=secret,
        overlap_ends=renewed[0] + OVERLAP if renewed else None,
    )


@blueprint.post("/<int:endpoint_id>/test")
@needs(Permission.CONNECT_SYSTEMS)
def try_out(endpoint_id: int) -> Response:
    """Send a message that says nothing happened."""
    with open_work(current_actor(), arrived()) as work:
        send_test(work, endpoint_id, current_app.config["DGI"].site_url)
    flash(
        t("กำลังส่งข้อความทดสอบ ดูผลได้ในบันทึกการส่ง", "A test is on its way; its outcome stands in the log below.")
    )
    return redirect(url_for("webhooks.one", endpoint_id=endpoint_id), 303)


@blueprint.post("/<int:endpoint_id>/messages/<int:delivery_id>/again")
@needs(Permission.CONNECT_SYSTEMS)
def again(endpoint_id: int, delivery_id: int) -> Response:
    """Send one message that was given up again."""
    with open_work(current_actor(), arrived()) as work:
        count = send_again(work, endpoint_id, delivery_id)
    if count:
        flash(
            t(
                "กำลังส่งข้อความนี้อีกครั้ง ดูผลได้ในบันทึกการส่ง",
                "It is on its way again; its outcome stands in the log below.",
            )
        )
    else:
        flash(t("ข้อความนี้ส่งแล้วหรือกำลังรอส่งอยู่", "It was delivered already, or is on its way."))
    return redirect(url_for("webhooks.one", endpoint_id=endpoint_id, _anchor="log"), 303)


@blueprint.post("/<int:endpoint_id>/again")
@needs(Permission.CONNECT_SYSTEMS)
def all_again(endpoint_id: int) -> Response:
    """Send what was given up again, the oldest first."""
    with open_work(current_actor(), arrived()) as work:
        count = send_again(work, endpoint_id)
    flash(
        t(
            f"กำลังส่งอีกครั้ง {count:,} ข้อความ ดูผลได้ในบันทึกการส่ง",
            f"{count:,} {'message is' if count == 1 else 'messages are'} on the way again; "
            "the outcome stands in the log below.",
        )
    )
    return redirect(url_for("webhooks.one", endpoint_id=endpoint_id, _anchor="log"), 303)


@blueprint.post("/<int:endpoint_id>/secret")
@needs(Permission.CONNECT_SYSTEMS)
def renew(endpoint_id: int) -> Page:
    """Another secret, shown this once; the earlier one signs beside it for a while."""
    with open_work(current_actor(), arrived()) as work:
        number = renew_secret(work, endpoint_id)
    return _one(endpoint_id, secret=_secret(endpoint_id, number))


@blueprint.post("/<int:endpoint_id>/enable")
@needs(Permission.CONNECT_SYSTEMS)
def enable(endpoint_id: int) -> Response:
    """Send there again."""
    with open_work(current_actor(), arrived()) as work:
        enable_endpoint(work, endpoint_id)
    flash(t("เปิดส่งไปยังที่อยู่นี้อีกครั้งแล้ว", "Messages are sent to this address again."))
    return redirect(url_for("webhooks.one", endpoint_id=endpoint_id), 303)


@blueprint.post("/<int:endpoint_id>/remove")
@needs(Permission.CONNECT_SYSTEMS)
def remove(endpoint_id: int) -> Response:
    """Send nothing there any more."""
    with open_work(current_actor(), arrived()) as work:
        remove_endpoint(work, endpoint_id)
    flash(t("ลบที่อยู่แล้ว ไม่มีข้อความส่งไปอีก", "The address was removed; nothing is sent there any more."))
    return redirect(url_for("webhooks.show"), 303)
