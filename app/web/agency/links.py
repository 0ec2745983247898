"""Links that others put to the reader's agency: confirmed or declined from its own side. Nothing else of the proposal
is shown here; a partner need not take part in it.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import answer_link
from app.proposals.facts import LINK_KIND_NAMES, Answer, Direction
from app.proposals.queries import AskedLink, get_asked_link, list_asked_links
from app.proposals.states import WITHDRAWN
from app.web.agency.board import blueprint
from app.web.agency.partners import read_words
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import by_place, read_id
from app.web.language import t
from app.web.signing import current_actor

PER_PAGE = 50
Page = str | Response | tuple[str, int]

# which way the link carries, said by the agency that is asked
OUR_SIDE = {
    Direction.PROVIDES: Text("หน่วยงานของท่านรับจาก{claimant}", "Your agency receives it from {claimant}"),
    Direction.CONSUMES: Text("หน่วยงานของท่านให้แก่{claimant}", "Your agency provides it to {claimant}"),
    Direction.BOTH: Text(
        "แลกเปลี่ยนสองทางกับ{claimant}", "It goes both ways between your agency and {claimant}"
    ),
}
STATES = {
    Answer.ASKED.value: ("wait", Text("รอหน่วยงานของท่านตอบ", "Waits for your answer")),
    Answer.CONFIRMED.value: ("good", Text("ยืนยันแล้ว", "Confirmed")),
    Answer.DECLINED.value: ("bad", Text("ปฏิเสธแล้ว", "Declined")),
    WITHDRAWN: ("plain", Text("ผู้ขอแก้ไขหรือนำออกแล้ว", "Changed or taken out by who asked")),
}
_CHOOSE = Text("กรุณาเลือกว่ายืนยันหรือปฏิเสธ", "Choose whether your agency confirms the link")


def direction_in_words(asked: AskedLink) -> Text:
    """Which way the link carries, from the side of the agency that is asked."""
    return OUR_SIDE[Direction(asked.claim["direction"])].fill(claimant=asked.claimant)


@blueprint.get("/links")
@needs(Permission.ANSWER_LINK)
def links() -> str:
    """Every link put to my agencies: those that wait first, then the latest."""
    found = list_asked_links(db.session(), current_actor())
    start = max(0, (read_id(request.args.get("from")) or 1) - 1)
    return render_template(
        "agency/links.html",
        links=found[start : start + PER_PAGE],
        count=len(found),
        waiting=sum(1 for asked in found if asked.is_waiting),
        start=start,
        following=start + PER_PAGE + 1 if len(found) > start + PER_PAGE else None,
        kinds=LINK_KIND_NAMES,
        states=STATES,
        direction=direction_in_words,
        several=len(current_actor().agency_ids) > 1,
    )


@blueprint.get("/links/<int:request_id>")
@needs(Permission.ANSWER_LINK)
def link(request_id: int) -> str:
    """One link, and the form to answer it or to change the answer."""
    asked = get_asked_link(db.session(), current_actor(), request_id)
    choice = {Answer.CONFIRMED.value: "confirm", Answer.DECLINED.value: "decline"}.get(asked.state, "")
    money = {True: "yes", False: "no", None: ""}[asked.own_money]
    return _link(asked, choice, money, asked.note)


def _link(asked: AskedLink, choice: str, money: str, note: str, problems: Sequence[Problem] = ()) -> str:
    call = get_call(db.session(), asked.fiscal_year)
    return render_template(
        "agency/link.html",
        call=call,
        asked=asked,
        choice=choice,
        money=money,
        note=note,
        problems=problems,
        errors=by_place(problems),
        kind=LINK_KIND_NAMES.get(asked.claim["kind"]),
        channel=call.plan.name("platforms", asked.claim["channel"]),
        direction=direction_in_words(asked),
        state=STATES[asked.state],
        is_gone=asked.state == WITHDRAWN,
    )


@blueprint.post("/links/<int:request_id>")
@needs(Permission.ANSWER_LINK)
def link_post(request_id: int) -> Page:
    """Confirm or decline. What a colleague answered meanwhile is shown before it can be changed."""
    asked = get_asked_link(db.session(), current_actor(), request_id)
    choice, money = request.form.get("link-answer", ""), request.form.get("link-own_money", "")
    note, problems = read_words("link-note")
    if choice not in ("confirm", "decline"):
        problems = (Problem("link-answer", _CHOOSE), *problems)
    status = 422
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                answer_link(
                    work,
                    request_id,
                    confirms=choice == "confirm",
                    own_money={"yes": True, "no": False}.get(money),
                    note=note,
                    seen=request.form.get("seen", ""),
                )
        except Refused as refusal:
            problems = refusal.problems or (Problem("link-answer", refusal.text),)
            status = 409 if isinstance(refusal, Stale) else 422
            asked = get_asked_link(db.session(), current_actor(), request_id)
        else:
            _say_answered(confirms=choice == "confirm")
            return redirect(url_for("agency.links"), 303)
    return _link(asked, choice, money, note, problems), status


def _say_answered(*, confirms: bool) -> None:
    if confirms:
        flash(t("ยืนยันการเชื่อมโยงแล้ว ระบบแจ้งผู้ขอให้ทราบ", "The link is confirmed. Who asked is told."))
    else:
        flash(t("ปฏิเสธการเชื่อมโยงแล้ว ระบบแจ้งผู้ขอให้ทราบ", "The link is declined. Who asked is told."))
