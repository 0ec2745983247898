"""One review: the proposal and the rubric side by side, saved as a draft or handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.facts import Rubric
from app.calls.queries import get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise
from app.kernel.work import open_work
from app.proposals.actions import ask_question
from app.proposals.drafts import SECTIONS
from app.proposals.queries import FATES, list_own_questions, list_versions
from app.proposals.returns import LONGEST_QUESTION, RETURNABLE_STATES
from app.reviews.actions import save_review, submit_review
from app.reviews.facts import LEVELS, Score, Scores
from app.reviews.queries import (
    AssignmentView,
    Sealed,
    get_assignment,
    list_other_reviews,
    list_own_assignments,
    reviewers_of,
)
from app.reviews.rules import Opening
from app.screening.queries import find_latest_run
from app.web.arrival import arrived
from app.web.door import needs
from app.web.filing import evidence, results_of
from app.web.language import t
from app.web.questions import QuestionForm
from app.web.reviewer.cover import answer_fields, cover_page
from app.web.reviewer.desk import blueprint
from app.web.reviewer.home import stacks
from app.web.signing import current_actor
from app.web.tags import Options

LONGEST_COMMENT = 4000
_LEVELS = {str(level): level for level in LEVELS}
_NOT_A_LEVEL = Text("คะแนนต้องเป็น 0 ถึง 4", "A score is a level from 0 to 4")
_TOO_LONG = Text(
    "ความเห็นยาวเกินไป กรอกได้ไม่เกิน {longest} ตัวอักษร (ขณะนี้ {length})",
    "The comment is too long: at most {longest} characters (now {length})",
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a reviewer sent: values where they could be read, and everything as typed."""

    version: int
    scores: Scores
    raw: Mapping[str, str]
    problems: tuple[Problem, ...]


def read_scores(form: Mapping[str, str]) -> Typed:
    """Read the fields "score-<criterion>" and "comment-<criterion>"; unknown criteria are the action's to refuse."""
    raw = {key: value for key, value in form.items() if key.startswith(("score-", "comment-"))}
    problems: list[Problem] = []
    scores: dict[str, Score] = {}
    for code in dict.fromkeys(key.partition("-")[2] for key in raw):
        typed_level, typed_comment = raw.get(f"score-{code}", ""), raw.get(f"comment-{code}", "")
        level = _LEVELS.get(typed_level)
        if typed_level and level is None:
            problems.append(Problem(f"score-{code}", _NOT_A_LEVEL))
        comment = ""
        try:
            comment = normalise(typed_comment)
        except TextError as error:
            problems.append(Problem(f"comment-{code}", error.text))
        if len(comment) > LONGEST_COMMENT:
            problems.append(
                Problem(f"comment-{code}", _TOO_LONG.fill(longest=LONGEST_COMMENT, length=len(comment)))
            )
        scores[code] = Score(level, comment)
    version = form.get("version", "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    return Typed(number, scores, raw, tuple(problems))


def running_total(scores: Scores, rubric: Rubric) -> tuple[int, int]:
    """What the given levels amount to so far (hundredths of a point), and how many criteria have one."""
    given = [
        (c.weight, s.level) for c in rubric.criteria if (s := scores.get(c.code)) and s.level is not None
    ]
    return sum(weight * level * 25 for weight, level in given), len(given)


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
    """Save as a draft, hand in with `act=submit`, or ask the agency something with `act=ask`."""
    if request.form.get("act") == "ask":
        return _ask(assignment_id)
    typed = read_scores(request.form)
    submits = request.form.get("act") == "submit"
    asked = request.form.get("question-section", ""), request.form.get("question-text", "")
    problems, status = typed.problems, 422
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                (submit_review if submits else save_review)(work, assignment_id, typed.scores, typed.version)
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            problems = refusal.problems or (Problem("review", refusal.text),)
        else:
            flash(
                t("ส่งผลคะแนนแล้ว ขณะนี้ท่านเห็นคะแนนของผู้อื่นได้", "Handed in. You can now see the scores of others.")
                if submits
                else t("บันทึกร่างแล้ว", "Draft saved")
            )
            if asked[1].strip():  # a question typed and not asked yet came along, and must not be lost
                return _page(assignment_id, asked=asked), 200
            return redirect(url_for("reviewer.review", assignment_id=assignment_id), 303)
    return _page(assignment_id, typed, problems, stale=status == 409, asked=asked), status


def _ask(assignment_id: int) -> Response | tuple[str, int]:
    """Ask about the proposal. The button sends the scores on the page too, and they are saved with it as a draft."""
    session, actor = db.session(), current_actor()
    own = get_assignment(session, actor, assignment_id)
    assigned = reviewers_of(session, own.proposal_id)
    form = QuestionForm(request.form, prefix="question")
    typed = read_scores(request.form) if "version" in request.form else None  # scoring may be over
    problems, status = (*form.problems(), *(typed.problems if typed else ())), 422
    if not problems:
        try:
            with open_work(actor, arrived()) as work:
                if typed and _given(typed.scores) != _given(own.working):
                    save_review(work, assignment_id, typed.scores, typed.version)
                ask_question(work, own.proposal_id, form.section.data, form.text.data, assigned)
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            problems = refusal.problems or (Problem("question-text", refusal.text),)
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
    return _page(assignment_id, typed, problems, stale=status == 409, asked=asked), status


def _given(scores: Scores) -> dict[str, Score]:
    """What was really given: levels and comments, without criteria left blank."""
    return {code: score for code, score in scores.items() if score.level is not None or score.comment}


def _page(
    assignment_id: int,
    typed: Typed | None = None,
    problems: Sequence[Problem] = (),
    *,
    stale: bool = False,
    asked: tuple[str, str] = ("", ""),
) -> str:
    session, actor = db.session(), current_actor()
    own = get_assignment(session, actor, assignment_id)
    call = get_call_by_id(session, own.filing.call_id)
    run = find_latest_run(session, own.proposal_id)
    others = list_other_reviews(session, actor, own)
    scores = typed.scores if typed else own.working
    raw = typed.raw if typed else _as_typed(own.working)
    total, given = running_total(scores, own.rubric)
    opening, why_closed = own.opening(arrived())
    is_open = opening is not Opening.CLOSED
    return render_template(
        "reviewer/review.html",
        call=call,
        own=own,
        filing_=own.filing,
        results=results_of(run) if run else [],
        evidence=evidence,
        others=others,
        raw=raw,
        saved=_as_typed(own.scores) if stale else {},
        total=total,
        given=given,
        problems=problems,
        opening=opening,
        why_closed=why_closed,
        is_open=is_open,
        longest=LONGEST_COMMENT,
        following=None if is_open else _following(assignment_id),
        sections=SECTIONS,
        section_options=Options(SECTIONS.items()).html(asked[0]),
        asked=asked,
        own_questions=list_own_questions(session, actor, own.proposal_id),
        fates=FATES,
        may_ask=own.filing.state in RETURNABLE_STATES,
        longest_question=LONGEST_QUESTION,
        since=_sequence_scored(own),
        may_accept=False,
        **answer_fields(assignment_id),
    )


def _sequence_scored(own: AssignmentView) -> int:
    """The filing these scores are about: the last one when they were saved."""
    if own.updated_at is None or not own.is_of_earlier_filing:
        return own.filing.sequence
    versions = list_versions(db.session(), own.filing.proposal_id)
    return max((v.sequence for v in versions if v.submitted_at <= own.updated_at), default=1)


def _following(assignment_id: int) -> int | None:
    """The next review that waits for me, after this one is in."""
    for stack in stacks(list_own_assignments(db.session(), current_actor())):
        for a in stack.waiting:
            if a.id != assignment_id:
                return a.id
    return None


def _as_typed(scores: Scores) -> dict[str, str]:
    """Saved scores as the form's fields hold them."""
    raw: dict[str, str] = {}
    for code, score in scores.items():
        raw[f"score-{code}"] = "" if score.level is None else str(score.level)
        raw[f"comment-{code}"] = score.comment
    return raw
