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
from app.proposals.states import REVIEWABLE_STATES
from app.reviews.actions import save_review, submit_review
from app.reviews.facts import LEVELS, Score, Scores
from app.reviews.queries import get_assignment, list_other_reviews, list_own_assignments
from app.screening.queries import find_latest_run
from app.web.arrival import arrived
from app.web.door import needs
from app.web.filing import evidence, results_of
from app.web.language import t
from app.web.reviewer.desk import blueprint
from app.web.reviewer.home import stacks
from app.web.signing import current_actor

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
    """The proposal and the rubric; after mine is in, others' scores beside it."""
    return _page(assignment_id)


@blueprint.post("/assignments/<int:assignment_id>")
@needs(Permission.SCORE_PROPOSAL)
def review_post(assignment_id: int) -> Response | tuple[str, int]:
    """Save as a draft, or hand in with `act=submit`."""
    typed = read_scores(request.form)
    submits = request.form.get("act") == "submit"
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
            return redirect(url_for("reviewer.review", assignment_id=assignment_id), 303)
    return _page(assignment_id, typed, problems, stale=status == 409), status


def _page(
    assignment_id: int, typed: Typed | None = None, problems: Sequence[Problem] = (), *, stale: bool = False
) -> str:
    session, actor = db.session(), current_actor()
    own = get_assignment(session, actor, assignment_id)
    call = get_call_by_id(session, own.filing.call_id)
    run = find_latest_run(session, own.proposal_id)
    others = list_other_reviews(session, own)
    scores = typed.scores if typed else own.scores
    raw = typed.raw if typed else _as_typed(own.scores)
    total, given = running_total(scores, call.rubric)
    is_open = own.submitted_at is None and own.filing.state in REVIEWABLE_STATES
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
        is_open=is_open,
        longest=LONGEST_COMMENT,
        following=None if is_open else _following(assignment_id),
    )


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
