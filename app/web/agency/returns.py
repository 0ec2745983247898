"""A filing that was returned: what is asked, section by section, the answers, and what changed between filings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise
from app.kernel.work import open_work
from app.proposals.actions import GivenAnswer, answer_questions
from app.proposals.actions.answering import may_answer
from app.proposals.drafts import SECTIONS
from app.proposals.queries import get_filing, list_returns
from app.proposals.returns import LONGEST_ANSWER, Question, list_unanswered, mark_of
from app.web.agency.board import OpenProposal, blueprint, open_proposal, section_url
from app.web.arrival import arrived
from app.web.autosaving import Answer, refused, saved, to_choose
from app.web.changes import Way, changes_page
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import count, say, t
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]


@blueprint.get("/proposals/<int:proposal_id>/returned")
@needs(Permission.READ_PROPOSAL)
def returned(proposal_id: int) -> str:
    """What is asked and until when; and the returns before."""
    return _page(open_proposal(proposal_id))


@blueprint.post("/proposals/<int:proposal_id>/returned")
@needs(Permission.WRITE_PROPOSAL)
def returned_post(proposal_id: int) -> Page:
    """Save the answers, all of them or none; with `look`, only show what was typed and not saved."""
    opened = open_proposal(proposal_id)
    sent = _read(request.form)
    if request.form.get("look"):
        return _page(opened, sent)
    problems, status = sent.problems, 422
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                changed = answer_questions(work, proposal_id, sent.answers)
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            problems = refusal.problems or (Problem("answers", refusal.text),)
        else:
            flash(
                t("บันทึกคำตอบแล้ว %s ข้อ", "Saved %s answers") % count(changed)
                if changed
                else t("ไม่มีคำตอบที่เปลี่ยนไป", "No answer has changed")
            )
            return redirect(url_for("agency.returned", proposal_id=proposal_id, _anchor="answers"), 303)
    return _page(open_proposal(opened.id), sent, problems), status


@blueprint.post("/proposals/<int:proposal_id>/returned/autosave")
@needs(Permission.WRITE_PROPOSAL)
def returned_autosave(proposal_id: int) -> Answer:
    """Save the answers as they stand in the page; the answer is JSON, as `app.web.autosaving` describes it."""
    open_proposal(proposal_id)
    sent = _read(request.form)
    problems = sent.problems
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                answer_questions(work, proposal_id, sent.answers)
        except Stale as stale:
            return to_choose(say(stale.text))
        except Refused as refusal:
            problems = refusal.problems or (Problem("answers", refusal.text),)
    if problems:
        return refused(t("ยังบันทึกไม่ได้", "Not saved yet"), problems)
    opened = open_proposal(proposal_id)
    kept = {q.id: q.answer for q in opened.returned.questions} if opened.returned else {}
    taken = {n: kept[n] for n, given in sent.answers.items() if n in kept and kept[n] != given.text}
    return saved(
        _version(kept),
        fields={f"answer-{n}": text for n, text in taken.items()},
        merged=t("มีผู้อื่นบันทึกคำตอบข้ออื่นด้วย", "Somebody else saved other answers too.") if taken else "",
        panel=render_template("agency/returned_panel.html", **_again(opened)),
    )


def _version(answers: Mapping[int, str]) -> str:
    """What the form was opened with: "<question>:<mark of its answer>" with commas between."""
    return ",".join(f"{question}:{mark_of(text)}" for question, text in answers.items())


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sent. `own` are the texts this person changed since the form was opened, as typed."""

    answers: Mapping[int, GivenAnswer]
    own: Mapping[int, str]
    seen: Mapping[str, str]
    problems: tuple[Problem, ...]

    def others(self, questions: Sequence[Question]) -> dict[int, str]:
        """What somebody else saved since, where this person typed another text."""
        return {
            q.id: q.answer
            for q in questions
            if q.id in self.own
            and self.own[q.id].strip() != q.answer
            and self.seen.get(str(q.id)) != mark_of(q.answer)
        }


_NOTHING = Sent({}, {}, {}, ())


def _read(form: Mapping[str, str]) -> Sent:
    """The answers sent: fields "answer-<question>", and "version" for the texts the form was opened with."""
    seen = dict(mark.split(":", 1) for mark in form.get("version", "").split(",") if ":" in mark)
    answers: dict[int, GivenAnswer] = {}
    own: dict[int, str] = {}
    problems = []
    for name, typed in form.items():
        question_id = read_id(name.removeprefix("answer-")) if name.startswith("answer-") else None
        if question_id is None:
            continue
        opened_with = seen.get(str(question_id), "")
        try:
            answers[question_id] = given = GivenAnswer(normalise(typed), opened_with)
        except TextError as error:
            problems.append(Problem(f"answer-{question_id}", error.text))
        else:
            if mark_of(given.text) == opened_with:
                continue
        own[question_id] = typed
    return Sent(answers, own, seen, tuple(problems))


def _page(opened: OpenProposal, sent: Sent = _NOTHING, problems: Sequence[Problem] = ()) -> str:
    actor, now, view = current_actor(), arrived(), opened.view
    open_ = opened.returned
    joined = [p.agency_id for p in view.parts if p.has_joined]
    is_over = open_ is not None and open_.is_over(now)
    own = frozenset(
        q.id
        for q in (open_.questions if open_ else ())
        if not is_over and may_answer(actor, q.section, view.lead_agency_id, joined)
    )
    return render_template(
        "agency/returned.html",
        now=now,
        open_=open_,
        is_over=is_over,
        sections=SECTIONS,
        opened_sections=[code for code in SECTIONS if open_ and code in open_.sections],
        links=_links(opened),
        own=own,
        version=_version({q.id: q.answer for q in (open_.questions if open_ else ())}),
        is_unsaved=bool(sent.own),
        typed=sent.own,
        others=sent.others(open_.questions) if open_ else {},
        earlier=[r for r in list_returns(db.session(), actor, opened.id) if r.state != "open"],
        longest=LONGEST_ANSWER,
        problems=problems,
        **_again(opened),
    )


def _again(opened: OpenProposal) -> dict[str, Any]:
    """What the panel about filing again shows."""
    return {"opened": opened, "lacking": list_unanswered(opened.returned) if opened.returned else []}


def _links(opened: OpenProposal) -> dict[str, str]:
    """Opened section -> where this reader changes it: the lead's form, or the part of the reader's own agency."""
    if opened.returned is None or opened.returned.is_over(arrived()):
        return {}
    if opened.may_write:
        return {section: section_url(opened.id, section) for section in opened.returned.sections}
    part = next((p for p in opened.view.parts if opened.may_write_part(p.agency_id)), None)
    if part is None:
        return {}
    return {
        section: url_for(
            "agency.part_section",
            proposal_id=opened.id,
            code=part.code,
            section={"integration": "links"}.get(section, section),
        )
        for section in opened.returned.sections & {"integration", "indicators", "budget"}
    }


@blueprint.get("/proposals/<int:proposal_id>/changes")
@needs(Permission.READ_PROPOSAL)
def changes(proposal_id: int) -> str:
    """Two filings compared, or the last one with the draft as it stands."""
    session, actor = db.session(), current_actor()
    opened = open_proposal(proposal_id)
    filing = get_filing(session, actor, proposal_id, permission=Permission.READ_PROPOSAL)
    home = url_for("agency.proposals"), Text("ข้อเสนอโครงการ", "Proposals")
    here = url_for("agency.proposal", proposal_id=proposal_id), Text(filing.number, filing.number)
    return changes_page(
        filing,
        opened.call,
        opened.directory,
        Way("agency.proposals", (home, here)),
        opened.facts if opened.is_draft else None,
    )
