"""Several agencies, one proposal, from a participant's side: the invitation, the agency's own part, its confirmation.

Everybody who may read the draft reads these pages; only officers of that participant act on them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import answer_invitation, confirm_part
from app.proposals.drafts import PART_SECTIONS
from app.proposals.facts import Form
from app.proposals.queries import PartView, list_signatures
from app.proposals.queries.partners import list_part_people
from app.proposals.sections import Progress, SectionProgress
from app.proposals.signoff import judge_standing
from app.proposals.states import PARTICIPATIONS
from app.web.agency.board import OpenProposal, blueprint, open_part, open_proposal
from app.web.agency.partners import (
    after_the_filing,
    ask_about_links,
    links_of,
    read_words,
    standing_in_words,
)
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import by_place
from app.web.language import t
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]

_CHOOSE = Text("กรุณาเลือกว่าจะเข้าร่วมหรือไม่", "Choose whether your agency takes part")


def part_progress(opened: OpenProposal, part: PartView) -> list[SectionProgress]:
    """The sections of a part. An empty one may stay empty: a participant need not have money or links of its own."""
    problems = opened.obstacles_by_agency.get(part.code, ())
    found = []
    for section, name in PART_SECTIONS.items():
        own = tuple(p for p in problems if p.section == section)
        state = Progress.INCOMPLETE if own else Progress.COMPLETE
        if not own and not part.part[section]["rows"]:
            state = Progress.OPTIONAL
        found.append(SectionProgress(section, name, state, own))
    return found


@blueprint.get("/proposals/<int:proposal_id>/parts/<code>")
@needs(Permission.READ_PROPOSAL)
def part(proposal_id: int, code: str) -> Page:
    """A participant's invitation to answer, or its part: three sections, what is missing, confirmation, signature."""
    opened = open_proposal(proposal_id)
    if not opened.is_draft:
        return redirect(url_for("agency.proposal", proposal_id=proposal_id))
    return _part(opened, opened.part(code))


def _part(
    opened: OpenProposal, part: PartView, problems: Sequence[Problem] = (), reason: str = "", choice: str = ""
) -> str:
    shared = {
        "opened": opened,
        "part": part,
        "agency": opened.directory[part.code],
        "people": list_part_people(db.session(), opened.id)[part.agency_id],
        "amount": opened.facts.total_of(part.code),
        "may_answer": opened.may_answer(part.agency_id) and opened.is_open("names"),
        "problems": problems,
        "errors": by_place(problems),
        "reason": reason,
    }
    if part.code not in opened.view.joined:
        return render_template(
            "agency/invitation.html", **shared, choice=choice, state_words=PARTICIPATIONS[part.state]
        )
    signed = next(
        (
            s
            for s in reversed(list_signatures(db.session(), opened.id))
            if s.scope == "part" and s.agency_id == part.agency_id and s.sha256 == part.sha256
        ),
        None,
    )
    is_certified = opened.call.is_certified
    standing = judge_standing(part.state, is_confirmed=part.is_confirmed, is_signed=signed is not None)
    links = links_of(opened).get(part.code, [])
    lines = [line for line in opened.facts.lines if line.agency == part.code]
    return render_template(
        "agency/part_overview.html",
        **shared,
        progress=part_progress(opened, part),
        missing=opened.obstacles_by_agency.get(part.code, ()),
        link=_linker(opened, part),
        lines=lines,
        later=sum(sum(line.later_years) for line in lines),
        links=links,
        unasked=sum(1 for row in links if row.can_be_asked and row.asked is None),
        are_claimed=Form.LINK in opened.facts.integration.forms,
        standing=standing_in_words(standing, is_certified=is_certified),
        signed=signed,
        may_write=opened.may_write_part(part.agency_id),
        opens=lambda section: opened.is_open("integration" if section == "links" else section),
    )


def _linker(opened: OpenProposal, part: PartView) -> Callable[[Problem], str]:
    """A function problem -> address: the field, for whoever may write it, else the section on the page for reading."""

    def link(problem: Problem) -> str:
        if problem.section not in PART_SECTIONS:
            return f"#{problem.place}"
        if opened.may_write_part(part.agency_id):
            return url_for(
                "agency.part_section",
                proposal_id=opened.id,
                code=part.code,
                section=problem.section,
                _anchor=problem.place,
            )
        whole = "integration" if problem.section == "links" else problem.section
        return url_for("agency.read", proposal_id=opened.id, _anchor=f"filed-{whole}")

    return link


def _own_part(proposal_id: int, code: str) -> tuple[OpenProposal, PartView]:
    """The part for somebody who acts for that participant. Raises `NotFound`."""
    opened, part = open_part(proposal_id, code)
    if not opened.may_answer(part.agency_id):
        raise NotFound()
    return opened, part


@blueprint.post("/proposals/<int:proposal_id>/parts/<code>/answer")
@needs(Permission.WRITE_PROPOSAL)
def answer(proposal_id: int, code: str) -> Page:
    """Join or decline; a participant that joined may leave again while nothing is filed."""
    opened = open_proposal(proposal_id)
    if not opened.is_draft:
        return after_the_filing(opened)
    opened, part = _own_part(proposal_id, code)
    choice = request.form.get("invitation-answer", "")
    reason, problems = read_words("invitation-reason")
    if choice not in ("join", "decline"):
        problems = (Problem("invitation-answer", _CHOOSE), *problems)
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                answer_invitation(work, proposal_id, part.agency_id, joins=choice == "join", reason=reason)
        except Refused as refusal:
            problems = refusal.problems or (Problem("invitation-answer", refusal.text),)
        else:
            _say_answered(joins=choice == "join")
            return redirect(url_for("agency.part", proposal_id=proposal_id, code=code), 303)
    return _part(opened, part, problems, reason, choice), 422


def _say_answered(*, joins: bool) -> None:
    if joins:
        flash(
            t(
                "ตอบรับเข้าร่วมแล้ว กรอกส่วนของหน่วยงานแล้วยืนยันเมื่อครบถ้วน",
                "Your agency takes part. Fill in its part and confirm it when it is complete.",
            )
        )
    else:
        flash(t("แจ้งว่าไม่เข้าร่วมแล้ว", "The lead has been told that your agency does not take part."))


@blueprint.post("/proposals/<int:proposal_id>/parts/<code>/confirm")
@needs(Permission.WRITE_PROPOSAL)
def confirm(proposal_id: int, code: str) -> Page:
    """Declare the part complete as it stands."""
    opened = open_proposal(proposal_id)
    if not opened.is_draft:
        return after_the_filing(opened)
    opened, part = _own_part(proposal_id, code)
    try:
        with open_work(current_actor(), arrived()) as work:
            confirm_part(work, proposal_id, part.agency_id, request.form.get("seen", ""))
    except Refused as refusal:
        problems = refusal.problems or (Problem("confirm", refusal.text),)
        status = 409 if isinstance(refusal, Stale) else 422
        return _part(*_own_part(proposal_id, code), problems), status
    flash(t("ยืนยันส่วนของหน่วยงานแล้ว", "The part of your agency is confirmed."))
    return redirect(url_for("agency.part", proposal_id=proposal_id, code=code), 303)


@blueprint.post("/proposals/<int:proposal_id>/parts/<code>/ask-partners")
@needs(Permission.WRITE_PROPOSAL)
def ask_partners_part(proposal_id: int, code: str) -> Page:
    """Put the participant's links to the partners they name."""
    opened = open_proposal(proposal_id)
    if not opened.is_draft:
        return after_the_filing(opened)
    opened, part = _own_part(proposal_id, code)
    ask_about_links(proposal_id, part.agency_id)
    return redirect(url_for("agency.part", proposal_id=proposal_id, code=code, _anchor="links"), 303)
