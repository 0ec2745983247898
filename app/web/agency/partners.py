"""Several agencies, one proposal, from the lead's side: who takes part, how far each has come, what its links' partners
say. Whoever may read the draft reads this too; only officers of the lead invite and ask.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise
from app.kernel.work import open_work
from app.proposals.actions import ask_partners as put_links
from app.proposals.actions import invite_participants
from app.proposals.drafts import home_of
from app.proposals.facts import ANSWER_NAMES, AgencyRef, Answer, Form, IntegrationLink
from app.proposals.queries import (
    AskedLink,
    PartView,
    list_link_answers,
    list_partner_standings,
)
from app.proposals.queries.partners import PartPeople, list_part_people
from app.proposals.signoff import STANDING_NAMES, Standing, can_be_asked
from app.web.agency.board import OpenProposal, blueprint, open_for_writing, open_proposal
from app.web.arrival import arrived
from app.web.door import needs
from app.web.filing import evidence
from app.web.forms import by_place
from app.web.language import t
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]

KINDS = {
    Standing.NOT_INVITED: "warn",
    Standing.DECLINED: "bad",
    Standing.SIGNED: "good",
}
ANSWER_KINDS = {
    Answer.NOT_ASKED: "plain",
    Answer.ASKED: "wait",
    Answer.CONFIRMED: "good",
    Answer.DECLINED: "bad",
}
CONFIRMED = Text("ยืนยันแล้ว", "Confirmed")
_CHOOSE = Text("กรุณาเลือกหน่วยงานที่จะเชิญอย่างน้อยหนึ่งแห่ง", "Choose at least one agency to invite")
_BAD_TEXT = Text("ข้อความนี้อ่านไม่ได้ กรุณาพิมพ์ใหม่", "This text cannot be read; type it again")


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link with its partner's answer. `number` is its place among all links of the proposal, from 1; `asked` is None
    while nobody was asked, `can_be_asked` whether somebody could be."""

    link: IntegrationLink
    number: int
    asked: AskedLink | None
    can_be_asked: bool

    @property
    def kind(self) -> str:
        return ANSWER_KINDS[Answer(self.link.answer)]

    @property
    def words(self) -> Text:
        return ANSWER_NAMES[Answer(self.link.answer)]


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """A participant as the lead sees it. `missing` are problems with the anchor where the page for reading shows them;
    `amount` in satang."""

    agency: AgencyRef
    standing: Standing
    words: Text
    kind: str
    part: PartView | None
    people: PartPeople | None
    amount: int
    missing: tuple[tuple[Problem, str], ...]
    shows_reason: bool

    @property
    def can_be_invited(self) -> bool:
        return self.standing in (Standing.NOT_INVITED, Standing.DECLINED)


def standing_in_words(standing: Standing, *, is_certified: bool) -> tuple[str, Text]:
    """The kind of tag and the words of a standing; where nobody has to sign, confirmed is as far as it goes."""
    if standing is Standing.CONFIRMED and not is_certified:
        return "good", CONFIRMED
    return KINDS.get(standing, "wait"), STANDING_NAMES[standing]


def links_of(opened: OpenProposal) -> dict[str, list[LinkRow]]:
    """ "" for the lead, or the code of a participant that joined -> its links with their partners' answers."""
    found: dict[str, list[LinkRow]] = {"": [], **{code: [] for code in opened.view.joined}}
    links = opened.facts.integration.links
    if not links:
        return found
    asked = {
        sha256_text(canonical_json(dict(request.claim))): request
        for request in list_link_answers(db.session(), opened.id)
    }
    for number, link in enumerate(links, 1):
        found.setdefault(link.agency, []).append(
            LinkRow(link, number, asked.get(link.sha256), can_be_asked(link, opened.facts))
        )
    return found


def missing_of(opened: OpenProposal, code: str) -> tuple[tuple[Problem, str], ...]:
    """What a participant still has to mend, each with its anchor on the page for reading."""
    view = opened.view
    return tuple(
        (problem, evidence(problem.place).anchor)
        for problem in opened.obstacles
        if home_of(problem.place, view.draft, view.joined).agency == code
    )


def read_words(name: str) -> tuple[str, tuple[Problem, ...]]:
    """A text of this request as it is kept, and what keeps it from being read."""
    typed = request.form.get(name, "")
    try:
        return normalise(typed), ()
    except TextError:
        return typed, (Problem(name, _BAD_TEXT),)


def after_the_filing(opened: OpenProposal) -> Response:
    """Somebody sends something for a draft that has been filed meanwhile: the page that shows it, and why."""
    flash(t("ข้อเสนอนี้ยื่นแล้ว จึงเปลี่ยนไม่ได้", "This proposal has been filed and can no longer be changed."))
    return redirect(url_for("agency.proposal", proposal_id=opened.id), 303)


@blueprint.get("/proposals/<int:proposal_id>/partners")
@needs(Permission.READ_PROPOSAL)
def partners(proposal_id: int) -> Page:
    """Every participant and how far it has come, and every link with its partner's answer."""
    opened = open_proposal(proposal_id)
    if not opened.is_draft:
        return redirect(url_for("agency.proposal", proposal_id=proposal_id))
    return _partners(opened)


def _partners(
    opened: OpenProposal, problems: Sequence[Problem] = (), note: str = "", chosen: Sequence[str] = ()
) -> str:
    rows = _rows(opened)
    links = links_of(opened)
    return render_template(
        "agency/partners.html",
        opened=opened,
        rows=rows,
        invitable=[row for row in rows if row.can_be_invited],
        chosen=chosen if problems else [r.agency.code for r in rows if r.standing is Standing.NOT_INVITED],
        note=note,
        links=[
            (code, opened.directory[code or opened.view.lead_code].name, own) for code, own in links.items()
        ],
        unasked=sum(1 for row in links[""] if row.can_be_asked and row.asked is None),
        has_links=any(links.values()),
        are_claimed=Form.LINK in opened.facts.integration.forms,
        problems=problems,
        errors=by_place(problems),
        may_invite=opened.may_write and opened.is_open("names"),
        may_ask=opened.may_write and opened.is_open("integration"),
    )


def _rows(opened: OpenProposal) -> list[PartnerRow]:
    session, view = db.session(), opened.view
    people = list_part_people(session, view.id) if view.parts else {}
    parts = {part.code: part for part in view.parts}
    rows = []
    for found in list_partner_standings(session, view, opened.facts):
        code = found.agency.code
        part = parts.get(code)
        kind, words = standing_in_words(found.standing, is_certified=opened.call.is_certified)
        rows.append(
            PartnerRow(
                agency=found.agency,
                standing=found.standing,
                words=words,
                kind=kind,
                part=part,
                people=people.get(part.agency_id) if part else None,
                amount=opened.facts.total_of(code),
                missing=missing_of(opened, code),
                shows_reason=part is not None
                and bool({view.lead_agency_id, part.agency_id} & current_actor().agency_ids),
            )
        )
    return rows


@blueprint.post("/proposals/<int:proposal_id>/partners/invite")
@needs(Permission.WRITE_PROPOSAL)
def invite(proposal_id: int) -> Page:
    """Ask the chosen participants to take part, with a word from the lead."""
    opened = open_for_writing(proposal_id)
    if not opened.is_draft:
        return after_the_filing(opened)
    chosen = request.form.getlist("partners-invite")
    note, problems = read_words("partners-note")
    if not chosen:
        problems = (Problem("partners-invite", _CHOOSE), *problems)
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                count = invite_participants(work, proposal_id, chosen, note)
        except Refused as refusal:
            problems = refusal.problems or (Problem("partners-invite", refusal.text),)
        else:
            flash(t(f"ส่งคำเชิญถึง {count} หน่วยงานแล้ว", _many(count, "invitation", "sent")))
            return redirect(url_for("agency.partners", proposal_id=proposal_id), 303)
    return _partners(opened, problems, note, chosen), 422


@blueprint.post("/proposals/<int:proposal_id>/ask-partners")
@needs(Permission.WRITE_PROPOSAL)
def ask_partners(proposal_id: int) -> Page:
    """Put the lead's links to the partners they name."""
    opened = open_for_writing(proposal_id)
    if not opened.is_draft:
        return after_the_filing(opened)
    ask_about_links(proposal_id)
    return redirect(url_for("agency.partners", proposal_id=proposal_id, _anchor="links"), 303)


def ask_about_links(proposal_id: int, agency_id: int | None = None) -> None:
    """Put the links of the lead, or of a participant, to their partners, and say how many were asked."""
    with open_work(current_actor(), arrived()) as work:
        count = put_links(work, proposal_id, agency_id)
    if count:
        put = _many(count, "link", "put to its partner", "put to their partners")
        flash(t(f"ขอคำยืนยันการเชื่อมโยง {count} รายการแล้ว", put))
    else:
        flash(t("ไม่มีการเชื่อมโยงที่ยังไม่ได้ขอคำยืนยัน", "There is no link that was not asked about yet."))


def _many(count: int, what: str, done: str, done_many: str = "") -> str:
    return f"1 {what} {done}." if count == 1 else f"{count} {what}s {done_many or done}."
