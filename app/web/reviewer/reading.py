"""What a reviewer sent with the scoring form, read into values, with everything kept as it was typed."""

from __future__ import annotations

from collections.abc import Mapping

from app.calls.facts import Rubric
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import TextError, normalise
from app.reviews.facts import LEVELS, Score, Scores
from app.reviews.merging import NOTES, REASON, Sheet, Value, fields_of
from app.web.forms import read_id

LONGEST = {NOTES: 8000, REASON: 2000}
LONGEST_COMMENT = 4000
LONGEST_KEPT = 40_000  # letters of one field; what is longer cannot be a slip of the hand
_LEVELS = {str(level): level for level in LEVELS}
_NOT_A_LEVEL = Text("คะแนนต้องเป็น 0 ถึง 4", "A score is a level from 0 to 4")
_TOO_LONG = Text(
    "ข้อความยาวเกินไป กรอกได้ไม่เกิน {longest} ตัวอักษร (ขณะนี้ {length})",
    "The text is too long: at most {longest} characters (now {length})",
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a reviewer sent: values, with what could not be read as it was typed, and everything as typed in `raw`.

    `notes` is None where the form had no notes. `is_keepable`: as a draft it can be kept as it stands.
    """

    version: int
    page: str
    scores: Scores
    notes: str | None
    reason: str
    raw: Mapping[str, str]
    problems: tuple[Problem, ...]
    is_keepable: bool


def read_scores(form: Mapping[str, str], version: str = "version") -> Typed:
    """Read the fields "score-<criterion>", "comment-<criterion>", "notes" and "reason"; unknown criteria are the
    action's to refuse. `version` names the field that says which version the form was opened with."""
    raw = {
        key: value
        for key, value in form.items()
        if key.startswith(("score-", "comment-")) or key in (NOTES, REASON)
    }
    problems: list[Problem] = []
    is_keepable = all(len(value) <= LONGEST_KEPT for value in raw.values())

    def read(place: str, longest: int) -> str:
        typed = raw.get(place, "")
        try:
            text = normalise(typed)
        except TextError as error:
            problems.append(Problem(place, error.text))
            return typed
        if len(text) > longest:
            problems.append(Problem(place, _TOO_LONG.fill(longest=longest, length=len(text))))
        return text

    scores: dict[str, Score] = {}
    codes = dict.fromkeys(key.partition("-")[2] for key in raw if key not in (NOTES, REASON))
    for code in codes:
        typed_level = raw.get(f"score-{code}", "")
        level = _LEVELS.get(typed_level)
        if typed_level and level is None:
            problems.append(Problem(f"score-{code}", _NOT_A_LEVEL))
            is_keepable = False
        scores[code] = Score(level, read(f"comment-{code}", LONGEST_COMMENT))
    return Typed(
        version=read_id(form.get(version)) or 0,
        page=form.get("page", "")[:40],
        scores=scores,
        notes=read(NOTES, LONGEST[NOTES]) if NOTES in raw else None,
        reason=read(REASON, LONGEST[REASON]),
        raw=raw,
        problems=tuple(problems),
        is_keepable=is_keepable,
    )


def running_total(scores: Scores, rubric: Rubric) -> tuple[int, int]:
    """What the given levels amount to so far (hundredths of a point), and how many criteria have one."""
    given = [
        (c.weight, s.level) for c in rubric.criteria if (s := scores.get(c.code)) and s.level is not None
    ]
    return sum(weight * level * 25 for weight, level in given), len(given)


def typed_value(value: Value) -> str:
    """A value as its field holds it."""
    return "" if value is None else str(value)


def as_typed(sheet: Sheet) -> dict[str, str]:
    """A saved sheet as the form's fields hold it."""
    return {place: typed_value(value) for place, value in fields_of(sheet).items()}
