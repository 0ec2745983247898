"""Taking a filing back inside the window, to change it and file it again."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.calls.facts import deadline_of
from app.calls.queries import CallView
from app.identity.rules import Permission, Target, may
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import withdraw_proposal
from app.proposals.queries import DraftView, Receipt, get_receipt
from app.proposals.states import LIFECYCLE, STATES
from app.web.agency.board import OpenProposal, blueprint, open_for_filing
from app.web.agency.partners import read_words
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import by_place
from app.web.language import t
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]

_NOT_NOW = Text("ถอนไม่ได้ เพราะขณะนี้สถานะคือ “{state}”", "It cannot be withdrawn while its state is “{state}”")
_SHUT = Text(
    "ถอนไม่ได้ เพราะพ้นเวลาปิดรับของหน่วยงานแล้ว",
    "It cannot be withdrawn, because the agency's time to file is over",
)


def reason_against(view: DraftView, call: CallView) -> Text | None:
    """Why this filing cannot be taken back now, or None."""
    if view.state not in LIFECYCLE.moves["withdraw"].sources:
        return _NOT_NOW.fill(state=STATES[view.state])
    is_open = deadline_of(call, view.lead_agency_id).judge(arrived()).accepts
    return None if is_open else _SHUT


def may_withdraw(view: DraftView, call: CallView) -> bool:
    """Whether the reader may take this filing back now."""
    target = Target(frozenset({view.lead_agency_id}))
    return may(current_actor(), Permission.FILE_PROPOSAL, target) and reason_against(view, call) is None


@blueprint.get("/proposals/<int:proposal_id>/withdraw")
@needs(Permission.FILE_PROPOSAL)
def withdraw(proposal_id: int) -> Page:
    """What happens when it is taken back, and the button; or why it cannot be."""
    opened = open_for_filing(proposal_id)
    if opened.is_draft and not opened.is_returned:
        return redirect(url_for("agency.proposal", proposal_id=proposal_id))
    return _withdraw(opened, get_receipt(db.session(), current_actor(), proposal_id))


def _withdraw(
    opened: OpenProposal, receipt: Receipt, problems: Sequence[Problem] = (), reason: str = ""
) -> str:
    return render_template(
        "agency/withdraw.html",
        opened=opened,
        receipt=receipt,
        against=reason_against(opened.view, opened.call),
        problems=problems,
        errors=by_place(problems),
        reason=reason,
    )


@blueprint.post("/proposals/<int:proposal_id>/withdraw")
@needs(Permission.FILE_PROPOSAL)
def withdraw_post(proposal_id: int) -> Page:
    """Take it back; a second click finds it taken back already."""
    opened = open_for_filing(proposal_id)
    receipt = get_receipt(db.session(), current_actor(), proposal_id)
    if not receipt.is_withdrawn:
        reason, problems = read_words("withdraw-reason")
        if not problems:
            try:
                with open_work(current_actor(), arrived()) as work:
                    withdraw_proposal(work, proposal_id, reason)
            except Refused as refusal:
                problems = refusal.problems or (Problem("main", refusal.text),)
                opened = open_for_filing(proposal_id)
                receipt = get_receipt(db.session(), current_actor(), proposal_id)
        if problems and not receipt.is_withdrawn:
            return _withdraw(opened, receipt, problems, reason), 422
    flash(
        t(
            "ถอนข้อเสนอแล้ว ขณะนี้เป็นร่าง แก้ไขแล้วยื่นอีกครั้งได้จนถึงเวลาปิดรับ",
            "The proposal is withdrawn and is a draft again. Change it and file it again before the call closes.",
        )
    )
    return redirect(url_for("agency.proposal", proposal_id=proposal_id), 303)
