"""Totals, means and spreads, exactly; what a review still lacks; when it may be written."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from math import isqrt

from app.calls.facts import Rubric
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.proposals.states import REVIEWABLE_STATES
from app.reviews.facts import Panel, RoundFacts, Scores
from app.reviews.states import (
    ACCEPTED,
    ANSWERS_WHEN_LOCKED,
    DECLINED,
    FINAL,
    GIVEN,
    LOCKED,
    RECUSED,
    SCORING,
    SCREENING,
    WITHDRAWN,
)


def weighted_total(scores: Scores, rubric: Rubric) -> int:
    """The total in hundredths of a point: sum of weight x level / 4, weights in percent. Exact.

    Raises `KeyError` when a criterion is missing and `TypeError` when a level is.
    """
    # weight (percent) x level / 4 points = weight x level x 25 hundredths
    total = 0
    for c in rubric.criteria:
        level = scores[c.code].level
        if level is None:
            raise TypeError(f"criterion {c.code} has no level")
        total += c.weight * level * 25
    return total


def mean(panel: Panel) -> Fraction | None:
    """The mean total in hundredths, exact; None without reviews."""
    return Fraction(panel.total, panel.count) if panel.count else None


def mean_hundredths(panel: Panel) -> int | None:
    """The mean rounded half up to a hundredth of a point, for printing."""
    return (2 * panel.total + panel.count) // (2 * panel.count) if panel.count else None


def spread_hundredths(panel: Panel) -> int | None:
    """Sample standard deviation in hundredths, rounded half up; None for fewer than two reviews."""
    n = panel.count
    if n < 2:
        return None
    numerator = n * panel.squares - panel.total**2
    denominator = n * (n - 1)
    # round(sqrt(a/b)) exactly: floor(sqrt(4a/b)) rounded half up
    doubled = isqrt(4 * numerator // denominator)
    return (doubled + 1) // 2


def list_unscored(scores: Scores, rubric: Rubric) -> list[Problem]:
    """What a review lacks before it can be handed in: every level, and a comment where the level asks for one."""
    problems = []
    for c in rubric.criteria:
        score = scores.get(c.code)
        level = score.level if score else None
        if level is None:
            problems.append(
                Problem(
                    f"score-{c.code}",
                    Text(f"กรุณาให้คะแนนเกณฑ์ “{c.name.th}”", f"Score the criterion “{c.name.en}”"),
                )
            )
        elif (
            level in rubric.comment_levels
            and len((score.comment if score else "").strip()) < rubric.comment_length
        ):
            problems.append(
                Problem(
                    f"comment-{c.code}",
                    Text(
                        f"เกณฑ์ “{c.name.th}” ให้ระดับ {level} ต้องมีความเห็นอย่างน้อย {rubric.comment_length} ตัวอักษร",
                        f"“{c.name.en}” at level {level} needs a comment of at least {rubric.comment_length} characters",
                    ),
                )
            )
    return problems


LOCKED_ANSWER = Text(
    "รอบพิจารณาปิดแล้ว จึงตอบได้เพียงว่ามีผลประโยชน์ทับซ้อน หรือขอไม่พิจารณาเรื่องที่ยังไม่ส่งคะแนน",
    "The round is locked. You can still declare a conflict of interest, or decline what you have not handed in",
)


def why_not_answered(phase: str, move: str, *, is_in: bool) -> Text | None:
    """Why a reviewer's answer cannot be taken in a phase; see `states.ANSWERS_WHEN_LOCKED`."""
    if phase != LOCKED or (move in ANSWERS_WHEN_LOCKED and not (move == "decline" and is_in)):
        return None
    return LOCKED_ANSWER


class Opening(StrEnum):
    """What may be done with the scores of one assignment now."""

    FIRST = "first"  # the independent review, not handed in yet
    AGAIN = "again"  # handed in, and opened once more for this reviewer: a reason is asked
    FINAL = "final"  # handed in, and the round takes final scores: a reason is asked
    CLOSED = "closed"


NOT_YET = Text("รอบพิจารณายังไม่เปิดให้คะแนน", "The round does not take scores yet")
TOO_LATE = Text(
    "เลยกำหนดของขั้นนี้แล้ว หากจำเป็นกรุณาแจ้งฝ่ายเลขานุการให้เปิดให้ท่านเป็นรายกรณี",
    "The due date of this phase has passed; if need be, ask the secretariat to reopen it for you",
)
ROUND_LOCKED = Text("รอบพิจารณาปิดแล้ว", "The round is locked")
ALREADY_IN = Text("ส่งผลคะแนนแล้ว จึงแก้ไขไม่ได้", "The review is in and can no longer be changed")
REVIEW_CLOSED = Text("ข้อเสนอนี้ไม่ได้อยู่ระหว่างการพิจารณาให้คะแนนแล้ว", "This proposal is no longer open for scoring")
WRONG_STATE: dict[str, Text] = {
    GIVEN: Text(
        "กรุณาตอบเรื่องผลประโยชน์ทับซ้อนก่อนเปิดอ่านและให้คะแนน",
        "Say first whether you have a conflict of interest; then you can read and score",
    ),
    DECLINED: Text("ท่านได้ขอไม่พิจารณาข้อเสนอนี้แล้ว", "You declined to review this proposal"),
    RECUSED: Text("ท่านถอนตัวจากข้อเสนอนี้แล้วเพราะผลประโยชน์ทับซ้อน", "You are recused from this proposal"),
    WITHDRAWN: Text(
        "ฝ่ายเลขานุการยกเลิกการมอบหมายข้อเสนอนี้แล้ว คะแนนนี้จึงไม่ได้บันทึก ข้อความที่ท่านกรอกยังอยู่ในหน้านี้",
        "The secretariat has taken this assignment back, so nothing was saved. What you entered is still on this page",
    ),
}


def judge_opening(
    round_: RoundFacts,
    *,
    assignment_state: str,
    proposal_state: str,
    is_in: bool,
    reopened_until: datetime | None,
    now: datetime,
) -> tuple[Opening, Text | None]:
    """What may be done with an assignment's scores at a moment, and why not when nothing may.

    A reopening for one reviewer counts in every phase but the locked one; while final scores are taken, what it opens
    is the final score. Due moments are half-open.
    """
    if assignment_state != ACCEPTED:
        return Opening.CLOSED, WRONG_STATE[assignment_state]
    if proposal_state not in REVIEWABLE_STATES:
        return Opening.CLOSED, REVIEW_CLOSED
    if round_.phase == LOCKED:
        return Opening.CLOSED, ROUND_LOCKED
    is_final = round_.phase == FINAL and is_in
    opened = Opening.FINAL if is_final else Opening.AGAIN if is_in else Opening.FIRST
    if reopened_until is not None and now < reopened_until:
        return opened, None
    if not is_final and round_.phase != SCORING:
        return Opening.CLOSED, NOT_YET if round_.phase == SCREENING else ALREADY_IN if is_in else TOO_LATE
    if not is_final and is_in:
        return Opening.CLOSED, ALREADY_IN
    if round_.due_at is not None and now >= round_.due_at:
        return Opening.CLOSED, TOO_LATE
    return opened, None
