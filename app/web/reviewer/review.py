"""One review: the proposal and the rubric side by side, saved as a draft or handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.facts import Rubric
from app.calls.queries import CallView, get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import ask_question
from app.proposals.drafts import SECTIONS
from app.proposals.queries import FATES, list_own_questions
from app.proposals.returns import LONGEST_QUESTION, RETURNABLE_STATES
from app.reviews.actions import SavedElsewhere, save_review, submit_review
from app.reviews.facts import Score, Scores
from app.reviews.merging import Sheet
from app.reviews.queries import (
    AssignmentView,
    Sealed,
    get_assignment,
    list_other_reviews,
    read_own_list,
    reviewers_of,
)
from app.reviews.rules import Opening, list_unscored
from app.web.arrival import arrived
from app.web.door import needs
from app.web.filing import evidence
from app.web.language import t
from app.web.questions import QuestionForm
from app.web.reviewer.choosing import choose_page
from app.web.reviewer.cover import answer_fields, cover_page
from app.web.reviewer.desk import blueprint
from app.web.reviewer.evidence import evidence_for
from app.web.reviewer.home import Stack, stacks
from app.web.reviewer.reading import LONGEST, LONGEST_COMMENT, Typed, as_typed, read_scores, running_total
from app.web.reviewer.unsaved import typed_lines, unsaved_page
from app.web.signing import current_actor
from app.web.tags import Options

LOOK_AGAIN = Text(
    "อีกหน้าหนึ่งของท่านบันทึกช่องอื่นไว้หลังเปิดหน้านี้ จึงยังไม่ได้ส่งผลคะแนน ค่าจากทั้งสองหน้าอยู่ครบด้านล่าง กรุณาตรวจแล้วส่งอีกครั้ง",
    "Another page of yours saved other fields after this one was opened, so nothing was handed in. Both are below;"
    " check, and hand in again",
)
GONE = Text(
    "หน่วยงานถอนข้อเสนอนี้กลับไปแล้ว คะแนนนี้จึงไม่ได้บันทึก",
    "The agency has taken this proposal back, so these scores were not saved",
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in the form in place of what is saved: as typed, or brought together from two pages. `version` is the
    one to go on from."""

    raw: Mapping[str, str]
    scores: Scores
    version: int
    typed: Typed


@blueprint.get("/assignments/<int:assignment_id>")
@needs(Permission.SCORE_PROPOSAL)
def review(assignment_id: int) -> str:
    """The proposal and the rubric; after mine is in, others' scores beside it. The cover where it cannot be opened."""
    try:
        return _page(assignment_id)
    except Sealed:
        return cover_page(assignment_id)


@blueprint.post("/assignments/<int:assignment_id>")
@needs(Permission.SCORE_PROPOSAL)
def review_post(assignment_id: int) -> Response | tuple[str, int]:
    """Save as a draft, hand in with `act=submit`, ask the agency something with `act=ask`; with `look`, show what was
    typed again and save nothing. Where the assignment was sealed meanwhile, what was typed comes back and no more."""
    typed = read_scores(request.form)
    try:
        if request.form.get("act") == "ask":
            return _ask(assignment_id, typed if "version" in request.form else None)
        return _look(assignment_id, typed) if "look" in request.form else _save(assignment_id, typed)
    except Sealed as sealed:
        return unsaved_page(assignment_id, typed, (Problem("review", sealed.text),))
    except NotFound:
        return unsaved_page(assignment_id, typed, (Problem("review", GONE),), 404)


def _asked() -> tuple[str, str]:
    return request.form.get("question-section", ""), request.form.get("question-text", "")


def _as_sent(typed: Typed) -> Shown:
    return Shown(typed.raw, typed.scores, typed.version, typed)


def _look(assignment_id: int, typed: Typed) -> tuple[str, int]:
    return _page(assignment_id, _as_sent(typed), typed.problems, asked=_asked()), 200


def _save(assignment_id: int, typed: Typed) -> Response | tuple[str, int]:
    submits, asked = request.form.get("act") == "submit", _asked()
    problems, status, shown = typed.problems, 422, _as_sent(typed)
    if not problems:
        values: dict[str, Any] = {"notes": typed.notes, "reason": typed.reason, "page": typed.page}
        try:
            with open_work(current_actor(), arrived()) as work:
                if submits:
                    submit_review(work, assignment_id, typed.scores, typed.version, **values)
                else:
                    save_review(work, assignment_id, typed.scores, typed.version, **values)
        except SavedElsewhere as other:
            if other.merged.clashes:
                return choose_page(assignment_id, other)
            sheet = other.merged.sheet
            shown = Shown(as_typed(sheet), sheet.scores, other.version, typed)
            why = LOOK_AGAIN if other.merged.taken else other.text
            problems, status = (Problem("review", why),), 409
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            problems = tuple(refusal.problems) or (Problem("review", refusal.text),)
        else:
            flash(
                t("ส่งผลคะแนนแล้ว ขณะนี้ท่านเห็นคะแนนของผู้อื่นได้", "Handed in. You can now see the scores of others.")
                if submits
                else t("บันทึกร่างแล้ว", "Draft saved")
            )
            if asked[1].strip():  # a question typed and not asked yet came along, and must not be lost
                return _page(assignment_id, asked=asked), 200
            return redirect(url_for("reviewer.review", assignment_id=assignment_id), 303)
    return _page(assignment_id, shown, problems, asked=asked), status


def _ask(assignment_id: int, typed: Typed | None) -> Response | tuple[str, int]:
    """Ask about the proposal. The button sends the scores on the page too, and they are saved with it as a draft."""
    session, actor = db.session(), current_actor()
    own = get_assignment(session, actor, assignment_id)
    assigned = reviewers_of(session, own.proposal_id)
    form = QuestionForm(request.form, prefix="question")
    problems, status = (*form.problems(), *(typed.problems if typed else ())), 422
    if not problems:
        try:
            with open_work(actor, arrived()) as work:
                if typed and _has_new(typed, own):
                    save_review(
                        work,
                        assignment_id,
                        typed.scores,
                        typed.version,
                        notes=typed.notes,
                        reason=typed.reason,
                        page=typed.page,
                    )
                ask_question(work, own.proposal_id, form.section.data, form.text.data, assigned)
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            problems = tuple(refusal.problems) or (Problem("question-text", refusal.text),)
        else:
            flash(
                t(
                    "บันทึกคำถามแล้ว ฝ่ายเลขานุการจะพิจารณาส่งให้หน่วยงาน",
                    "The question is kept. The secretariat decides whether to send it.",
                )
            )
            address = url_for("reviewer.review", assignment_id=assignment_id, _anchor="questions")
            return redirect(address, 303)
    asked = (form.typed("section"), form.typed("text"))
    return _page(assignment_id, _as_sent(typed) if typed else None, problems, asked=asked), status


def _has_new(typed: Typed, own: AssignmentView) -> bool:
    """Whether anything was given that is not saved yet; criteria left blank are nothing."""

    def given(scores: Scores) -> dict[str, Score]:
        return {code: s for code, s in scores.items() if s.level is not None or s.comment}

    return given(typed.scores) != given(own.working) or typed.notes not in (None, own.notes)


def _page(
    assignment_id: int,
    shown: Shown | None = None,
    problems: Sequence[Problem] = (),
    *,
    asked: tuple[str, str] = ("", ""),
) -> str:
    session, actor = db.session(), current_actor()
    listed, interests = read_own_list(session, actor)
    own = get_assignment(session, actor, assignment_id, interests)
    call = get_call_by_id(session, own.filing.call_id)
    opening, why_closed = own.opening(arrived())
    is_open = opening is not Opening.CLOSED
    sheet = Sheet(own.working, own.notes, own.draft_reason)
    raw = shown.raw if shown else as_typed(sheet)
    scores = shown.scores if shown else sheet.scores
    total, given = running_total(scores, own.rubric)
    mine = stacks(listed, arrived())
    since = own.scored_sequence or own.filing.sequence
    # what is saved and cannot be read is told at its field, every time
    unread = () if shown else read_scores(raw).problems
    return render_template(
        "reviewer/review.html",
        call=call,
        own=own,
        filing_=own.filing,
        found=evidence_for(session, own, since),
        evidence=evidence,
        others=list_other_reviews(session, actor, own),
        raw=raw,
        version=shown.version if shown else own.version,
        is_unsaved=shown is not None,
        total=total,
        given=given,
        lacks=list_unscored(scores, own.rubric),
        place_names=_place_names(own.rubric),
        problems=problems,
        marked=(*problems, *unread),
        opening=opening,
        why_closed=why_closed,
        is_open=is_open,
        is_again=opening in (Opening.AGAIN, Opening.FINAL),
        lines=typed_lines(shown.typed, own.rubric) if shown and not is_open else [],
        typed_notes=shown.typed.raw.get("notes", "") if shown and not is_open else "",
        typed_reason=shown.typed.raw.get("reason", "") if shown and not is_open else "",
        newer_rubric=_newer_rubric(own, call),
        longest={**LONGEST, "comment": LONGEST_COMMENT},
        progress=next((s for s in mine if s.fiscal_year == call.fiscal_year), None),
        following=_following(mine, assignment_id),
        sections=SECTIONS,
        section_options=Options(SECTIONS.items()).html(asked[0]),
        asked=asked,
        own_questions=list_own_questions(session, actor, own.proposal_id),
        fates=FATES,
        may_ask=own.filing.state in RETURNABLE_STATES,
        longest_question=LONGEST_QUESTION,
        since=since,
        may_accept=False,
        **answer_fields(assignment_id),
    )


def _place_names(rubric: Rubric) -> dict[str, str]:
    """Place -> what to call it in a short line: the criterion's number, and whether its comment is meant."""
    names = {}
    for n, criterion in enumerate(rubric.criteria, 1):
        names[f"score-{criterion.code}"] = t(f"เกณฑ์ {n}", f"criterion {n}")
        names[f"comment-{criterion.code}"] = t(f"ความเห็นเกณฑ์ {n}", f"comment {n}")
    return names


def _newer_rubric(own: AssignmentView, call: CallView) -> int | None:
    """The version of the rubric the call uses now, where this review is scored by another one."""
    return call.rubric.version if own.rubric_id != call.rubric_id else None


def _following(mine: Sequence[Stack], assignment_id: int) -> int | None:
    """The next assignment that waits for me."""
    return next((a.id for stack in mine for a in stack.next_ones if a.id != assignment_id), None)
