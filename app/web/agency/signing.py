"""Signing: what changed since I last looked, the whole text, what still stands in the way, and one exact hash to sign.

The certifier of the lead signs the whole and may file it in the same step; the certifier of a participant signs its
part. Everybody else who may read the draft sees who has signed what, and when.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.facts import Phase
from app.identity.rules import Permission, Target, may
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Outcome, Problem
from app.kernel.money import baht_in_words
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import (
    ask_signature,
    note_look,
    sign_part,
    sign_proposal,
    submit_proposal,
)
from app.proposals.facts import Form, ProposalFacts
from app.proposals.freezing import claims_sha256
from app.proposals.models import Proposal
from app.proposals.queries import PartView, Signature, list_filing_problems, list_signatures, mark_of_draft
from app.proposals.states import SUBMITTED
from app.screening.actions import screen_proposal, situation_of
from app.screening.rules import screen
from app.web.agency.board import (
    OpenProposal,
    blueprint,
    open_for_writing,
    open_part,
    open_proposal,
    problem_linker,
)
from app.web.agency.partners import after_the_filing
from app.web.agency.reading import changes_since_look
from app.web.arrival import arrived
from app.web.door import needs
from app.web.language import t
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]

_ASKED = Text("แจ้งผู้รับรองให้ลงนามแล้ว", "The certifier has been told that it waits for a signature.")


def _may_sign(agency_id: int) -> bool:
    return may(current_actor(), Permission.SIGN_PROPOSAL, Target(frozenset({agency_id})))


def _judged(opened: OpenProposal, signatures: Sequence[Signature]) -> list[tuple[Signature, bool]]:
    """The latest first, each with whether it holds for the text as it stands."""
    whole = claims_sha256(opened.facts)
    parts = {p.agency_id: p.sha256 for p in opened.view.parts if p.code in opened.view.joined}
    return [
        (s, s.sha256 == (whole if s.scope == "filing" else parts.get(s.agency_id)))
        for s in reversed(signatures)
    ]


# --- the whole proposal


@blueprint.get("/proposals/<int:proposal_id>/sign")
@needs(Permission.READ_PROPOSAL)
def sign(proposal_id: int) -> Page:
    """Everything that would be signed, and for the lead's certifier the button."""
    opened = open_proposal(proposal_id)
    if not opened.is_draft:
        return redirect(url_for("agency.proposal", proposal_id=proposal_id))
    return _sign(opened, secrets.token_hex(16))


def _sign(
    opened: OpenProposal, key: str, problems: Sequence[Problem] = (), changed: Text | None = None
) -> str:
    session, lead_id = db.session(), opened.view.lead_agency_id
    given = list_signatures(session, opened.id)
    lacking = list_filing_problems(session, opened.view, opened.call, opened.facts, opened.returned, given)
    before_filing = [p for p in lacking if p.section != "sign"]
    # what a return asks to be answered holds the filing up, not the signature
    before_signing = [p for p in before_filing if not p.place.startswith("answer-")]
    signatures = _judged(opened, given)
    outcome = screen(opened.facts, opened.call.rulebook, situation_of(opened.call)).outcome
    return render_template(
        "agency/sign.html",
        opened=opened,
        key=key,
        problems=problems,
        changed=changed,
        link=problem_linker(opened),
        before_signing=before_signing,
        may_sign=_may_sign(lead_id),
        may_file=not before_filing and _is_in_time(opened),
        is_signed=any(holds and s.scope == "filing" for s, holds in signatures),
        signatures=signatures,
        sha256=claims_sha256(opened.facts),
        words=baht_in_words(opened.facts.total),
        since=changes_since_look(opened),
        seen=mark_of_draft(opened.view, opened.facts.attachments),
        would_fail=not before_signing and outcome is Outcome.FAILS,
        would_question=not before_signing and outcome is Outcome.NEEDS_PERSON,
        part=None,
    )


def _is_in_time(opened: OpenProposal) -> bool:
    """Whether what is signed now can be filed now."""
    if opened.returned is not None:
        return not opened.returned.is_over(arrived())
    return opened.deadline.judge(arrived()) in (Phase.OPEN, Phase.GRACE)


@blueprint.post("/proposals/<int:proposal_id>/sign")
@needs(Permission.SIGN_PROPOSAL)
def sign_post(proposal_id: int) -> Page:
    """Sign what the page showed; with the second button file it too, in one transaction."""
    opened = open_proposal(proposal_id)
    if not _may_sign(opened.view.lead_agency_id):
        raise NotFound()
    if not opened.is_draft:
        return _filed_already(opened)
    is_filed, key = request.form.get("go") == "file", request.form.get("key", "")
    try:
        with open_work(current_actor(), arrived()) as work:
            sign_proposal(work, proposal_id, request.form.get("sha256", ""))
            if is_filed:
                submit_proposal(work, proposal_id, key)
                if work.session.get_one(Proposal, proposal_id).state == SUBMITTED:
                    screen_proposal(work, proposal_id)
    except Refused as refusal:
        opened = open_proposal(proposal_id)
        if not opened.is_draft:
            return _filed_already(opened)  # a second click, or a colleague's
        if isinstance(refusal, Stale):
            return _sign(opened, key, changed=refusal.text), 409
        return _sign(opened, key, refusal.problems or (Problem("sign-lead", refusal.text),)), 422
    if is_filed:
        return redirect(url_for("agency.receipt", proposal_id=proposal_id), 303)
    flash(t("ลงนามรับรองข้อเสนอแล้ว", "You have signed the proposal."))
    return redirect(url_for("agency.sign", proposal_id=proposal_id), 303)


def _filed_already(opened: OpenProposal) -> Response:
    if request.form.get("go") == "file":
        return redirect(url_for("agency.receipt", proposal_id=opened.id), 303)
    return after_the_filing(opened)


@blueprint.post("/proposals/<int:proposal_id>/ask-signature")
@needs(Permission.WRITE_PROPOSAL)
def ask_for_signature(proposal_id: int) -> Page:
    """Tell the lead's certifiers that everything is ready for them."""
    opened = open_for_writing(proposal_id)
    if not opened.is_draft:
        return after_the_filing(opened)
    try:
        with open_work(current_actor(), arrived()) as work:
            ask_signature(work, proposal_id)
    except Refused as refusal:
        problems = refusal.problems or (Problem("sign-lead", refusal.text),)
        return _sign(open_for_writing(proposal_id), secrets.token_hex(16), problems), 422
    flash(t(_ASKED.th, _ASKED.en))
    return redirect(url_for("agency.sign", proposal_id=proposal_id), 303)


@blueprint.post("/proposals/<int:proposal_id>/looked")
@needs(Permission.READ_PROPOSAL)
def looked(proposal_id: int) -> Page:
    """Remember that the reader has read it as the page showed it."""
    opened = open_proposal(proposal_id)
    if not opened.is_draft:
        return after_the_filing(opened)
    code = request.form.get("part", "")
    part = next((p for p in opened.view.parts if p.code == code), None)
    try:
        with open_work(current_actor(), arrived()) as work:
            note_look(work, proposal_id, request.form.get("seen", ""))
    except Stale as refusal:
        opened = open_proposal(proposal_id)
        if part is not None:
            return _sign_part(*open_part(proposal_id, code), changed=refusal.text), 409
        return _sign(opened, secrets.token_hex(16), changed=refusal.text), 409
    flash(
        t(
            "บันทึกแล้วว่าท่านอ่านฉบับนี้ ครั้งหน้าจะแสดงเฉพาะสิ่งที่เปลี่ยนจากนี้ไป",
            "Noted that you have read this. Next time only what changes from now on is shown.",
        )
    )
    if part is not None:
        return redirect(url_for("agency.sign_part", proposal_id=proposal_id, code=code), 303)
    return redirect(url_for("agency.sign", proposal_id=proposal_id), 303)


# --- a participant's part


def facts_of_part(opened: OpenProposal, part: PartView) -> ProposalFacts:
    """What a participant says in a proposal, and nothing else: its links, indicators and lines."""
    facts = opened.facts
    links = tuple(link for link in facts.integration.links if link.agency == part.code)
    return replace(
        facts,
        lead=opened.directory[part.code],
        participants=(),
        integration=replace(facts.integration, forms=(Form.LINK.value,), links=links),
        indicators=tuple(k for k in facts.indicators if k.agency == part.code),
        lines=tuple(line for line in facts.lines if line.agency == part.code),
        reduced=None,
    )


@blueprint.get("/proposals/<int:proposal_id>/parts/<code>/sign", endpoint="sign_part")
@needs(Permission.READ_PROPOSAL)
def sign_part_page(proposal_id: int, code: str) -> Page:
    """A participant's part as it would be signed, and for its certifier the button."""
    opened = open_proposal(proposal_id)
    if not opened.is_draft:
        return redirect(url_for("agency.proposal", proposal_id=proposal_id))
    part = opened.part(code)
    if part.code not in opened.view.joined:
        return redirect(url_for("agency.part", proposal_id=proposal_id, code=code))
    return _sign_part(opened, part)


def _sign_part(
    opened: OpenProposal, part: PartView, problems: Sequence[Problem] = (), changed: Text | None = None
) -> str:
    signatures = [
        (s, holds)
        for s, holds in _judged(opened, list_signatures(db.session(), opened.id))
        if s.scope == "part" and s.agency_id == part.agency_id
    ]
    facts = facts_of_part(opened, part)
    return render_template(
        "agency/sign.html",
        opened=opened,
        part=part,
        agency=opened.directory[part.code],
        facts=facts,
        problems=problems,
        changed=changed,
        link=problem_linker(opened),
        may_sign=_may_sign(part.agency_id),
        is_signed=any(holds for _, holds in signatures),
        signatures=signatures,
        sha256=part.sha256,
        words=baht_in_words(facts.total),
        since=changes_since_look(opened, part),
        seen=mark_of_draft(opened.view, opened.facts.attachments),
        would_fail=False,
        would_question=False,
    )


@blueprint.post("/proposals/<int:proposal_id>/parts/<code>/sign", endpoint="sign_part_post")
@needs(Permission.SIGN_PROPOSAL)
def sign_part_send(proposal_id: int, code: str) -> Page:
    """Sign the part as the page showed it."""
    opened = open_proposal(proposal_id)
    if not opened.is_draft:
        return after_the_filing(opened)
    part = opened.part(code)
    if not _may_sign(part.agency_id):
        raise NotFound()
    try:
        with open_work(current_actor(), arrived()) as work:
            sign_part(work, proposal_id, part.agency_id, request.form.get("sha256", ""))
    except Stale as refusal:
        return _sign_part(*open_part(proposal_id, code), changed=refusal.text), 409
    except Refused as refusal:
        again = open_part(proposal_id, code)
        return _sign_part(*again, problems=refusal.problems or (Problem("sign-part", refusal.text),)), 422
    flash(t("ลงนามรับรองส่วนของหน่วยงานแล้ว", "You have signed the part of your agency."))
    return redirect(url_for("agency.sign_part", proposal_id=proposal_id, code=code), 303)
