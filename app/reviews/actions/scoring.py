"""Scores are saved, handed in, and given once more."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any, cast

from sqlalchemy import CursorResult, Insert, Row, Select, Update, bindparam, insert, select, update

from app.calls.facts import Rubric
from app.calls.models import CallDocument
from app.calls.queries import parse_document
from app.identity.facts import Actor
from app.identity.rules import Permission, Target, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.reviews.actions.two_pages import (
    STALE,
    SavedElsewhere,
    bring_together,
    has_reason,
)
from app.reviews.facts import LEVELS, Scores
from app.reviews.merging import Sheet
from app.reviews.models import Assignment, ReviewRevision
from app.reviews.queries.conflicts import find_standing
from app.reviews.queries.own import why_sealed
from app.reviews.queries.rounds import ROUND_COLUMNS, ROUNDS, read_round
from app.reviews.rules import Opening, judge_opening, list_unscored, weighted_total

NOT_IN = Text("ยังส่งผลคะแนนไม่ได้", "The review cannot be handed in yet")
REASON_WANTED = Text(
    "กรุณาระบุเหตุผลที่เปลี่ยนหรือยืนยันคะแนน (อย่างน้อย 10 ตัวอักษร)",
    "Say why the scores change or stand (at least 10 characters)",
)
LEAST_REASON = 10
_CAUSES = {Opening.FIRST: "handed_in", Opening.AGAIN: "rescored", Opening.FINAL: "final"}


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save left: the version to send with the next one, and what now stands in the form. `taken` are the fields
    in which what another page of the same reviewer saved meanwhile came in beside one's own."""

    version: int
    sheet: Sheet
    taken: tuple[str, ...] = ()

    @property
    def scores(self) -> Scores:
        return self.sheet.scores

    @property
    def notes(self) -> str:
        return self.sheet.notes


@cache
def _locked() -> Select[*tuple[Any, ...]]:
    """One assignment under lock; written once, because every save asks it."""
    own = table_of(Assignment)
    return select(own).where(own.c.id == bindparam("assignment")).with_for_update()


def _own(work: Work[Actor], assignment_id: int) -> Row[*tuple[Any, ...]]:
    """The actor's own assignment, under lock."""
    require(work.actor, Permission.SCORE_PROPOSAL)
    assignment = work.session.execute(_locked(), {"assignment": assignment_id}).first()
    if assignment is None:
        raise NotFound()
    require(
        work.actor,
        Permission.SCORE_PROPOSAL,
        Target(user_ids=frozenset({assignment.reviewer_id})),
    )
    return assignment


@cache
def _scored_by() -> Select[*tuple[Any, ...]]:
    """A proposal's state, its call's round and the rubric it is scored by; written once, because every save asks it."""
    proposals, documents = table_of(Proposal), table_of(CallDocument)
    return (
        select(proposals.c.state, documents.c.sha256, documents.c.content, *ROUND_COLUMNS)
        .join_from(proposals, documents, documents.c.id == bindparam("rubric"))
        .outerjoin(ROUNDS, ROUNDS.c.call_id == proposals.c.call_id)
        .where(proposals.c.id == bindparam("proposal"))
    )


def _require_open(work: Work[Actor], assignment: Row[*tuple[Any, ...]]) -> tuple[Rubric, Opening]:
    """The rubric to score by and what may be done, if the round takes scores now and nothing stands against reading."""
    found = work.session.execute(
        _scored_by(), {"proposal": assignment.proposal_id, "rubric": assignment.rubric_id}
    ).one()
    opening, why = judge_opening(
        read_round(found),
        assignment_state=assignment.state,
        proposal_state=found.state,
        is_in=assignment.submitted_at is not None,
        reopened_until=assignment.reopened_until,
        now=work.now,
    )
    if why is not None:
        raise Refused(why)
    # a conflict of interest shuts saving, too: what another page saved would come back with the answer
    sealed = why_sealed(
        assignment.state, find_standing(work.session, assignment.proposal_id, assignment.reviewer_id)
    )
    if sealed is not None:
        raise Refused(sealed)
    rubric = parse_document("rubric", found.sha256, found.content)
    assert isinstance(rubric, Rubric)
    return rubric, opening


@cache
def _kept() -> Update:
    """The next version of an assignment, in place of the one that was read and of no other."""
    own = table_of(Assignment).c
    return (
        update(table_of(Assignment))
        .where(own.id == bindparam("assignment"), own.version == bindparam("read_version"))
        .values(version=own.version + 1)
    )


@cache
def _revised() -> Insert:
    return insert(table_of(ReviewRevision))


def _keep(
    work: Work[Actor],
    assignment: Row[*tuple[Any, ...]],
    content: str,
    notes: str,
    revision: dict[str, Any],
    **values: Any,
) -> None:
    """Write the assignment's next version and its revision."""
    result = work.session.execute(
        _kept(),
        {
            "assignment": assignment.id,
            "read_version": assignment.version,
            "updated_at": work.now,
            "notes": notes,
            **values,
        },
    )
    if cast("CursorResult[Any]", result).rowcount != 1:
        raise Stale(STALE)
    work.session.execute(
        _revised(),
        {
            "assignment_id": assignment.id,
            "version": assignment.version + 1,
            "content": content,
            "notes": notes,
            "total": None,
            "reason": "",
            "page": "",
            "rubric_id": assignment.rubric_id,
            "at": work.now,
            "by": work.actor.id,
            **revision,
        },
    )


def _content(scores: Scores, rubric: Rubric) -> str:
    codes = {c.code for c in rubric.criteria}
    if not scores.keys() <= codes or any(
        s.level is not None and s.level not in LEVELS for s in scores.values()
    ):
        raise Refused(Text("คะแนนต้องเป็น 0 ถึง 4", "Scores run from 0 to 4"))
    return canonical_json({code: {"level": s.level, "comment": s.comment} for code, s in scores.items()})


def save_review(
    work: Work[Actor],
    assignment_id: int,
    scores: Scores,
    version: int,
    *,
    notes: str | None = None,
    reason: str = "",
    cause: str = "saved",
    page: str = "",
) -> Saved:
    """Save scores as a draft, however incomplete; `notes` None leaves the private notes as they are.

    Over a review that is in and may be given once more, the draft stands beside it with the `reason` as far as it is
    written, and what is in goes on counting.
    `page` names the open page that saves: what it sent before and never heard the answer to is its own. What another
    page saved in other fields since is kept beside it; raises `SavedElsewhere` where both changed the same field,
    `Refused` where nothing may be written.
    """
    assignment = _own(work, assignment_id)
    rubric, opening = _require_open(work, assignment)
    content = _content(scores, rubric)
    mine = Sheet(scores, assignment.notes if notes is None else notes, reason)
    merged = bring_together(work, assignment, mine, version, page)
    if merged.clashes:
        raise SavedElsewhere(merged, assignment.version)
    if merged.sheet is not mine:
        content = _content(merged.sheet.scores, rubric)
    sheet = merged.sheet
    saved = Saved(assignment.version, sheet, merged.taken)
    standing = assignment.scores if assignment.draft is None else assignment.draft
    is_same = content == standing and sheet.notes == assignment.notes
    if opening is not Opening.FIRST:
        is_same = is_same and has_reason(work, assignment, sheet.reason)
    if is_same and (cause == "autosaved" or version != assignment.version):
        return saved
    values: dict[str, Any] = {"scores": content} if opening is Opening.FIRST else {"draft": content}
    revision = {"cause": "merged" if merged.taken else cause, "page": page[:40], "reason": sheet.reason}
    _keep(work, assignment, content, sheet.notes, revision, **values)
    work.audit(
        "save_review",
        f"assignment:{assignment.id}",
        before=sha256_text(assignment.scores),
        after=sha256_text(content),
    )
    return replace(saved, version=assignment.version + 1)


def submit_review(
    work: Work[Actor],
    assignment_id: int,
    scores: Scores,
    version: int,
    *,
    reason: str = "",
    notes: str | None = None,
    page: str = "",
) -> int:
    """Hand in a complete review; handing the same in again gives the same. Returns its total, hundredths of a point.

    The first hand-in keeps its total for good (`first_total`). Where the round takes final scores, or this one was
    reopened, it is handed in anew with a reason; every hand-in stays in `review_revisions`. Raises `Refused` with all
    that is missing, and where a conflict of interest has come up; `SavedElsewhere` where another page saved something
    since, for nothing is handed in that this page does not show.
    """
    assignment = _own(work, assignment_id)
    if _is_same(assignment, scores) and not _is_asked_anew(work, assignment, version):
        handed_in: int = assignment.total
        return handed_in
    rubric, opening = _require_open(work, assignment)
    mine = Sheet(scores, assignment.notes if notes is None else notes, reason)
    merged = bring_together(work, assignment, mine, version, page)
    if merged.clashes or merged.taken:
        raise SavedElsewhere(merged, assignment.version)
    problems = list_unscored(scores, rubric)
    if opening is not Opening.FIRST and len(reason.strip()) < LEAST_REASON:
        problems.append(Problem("reason", REASON_WANTED))
    if problems:
        raise Refused(NOT_IN, problems)
    content, total = _content(scores, rubric), weighted_total(scores, rubric)
    values: dict[str, Any] = {"scores": content, "draft": None, "total": total, "submitted_at": work.now}
    if opening is Opening.FIRST:
        values["first_total"] = total
    elif opening is Opening.FINAL:
        values |= {"finalised_at": work.now, "final_reason": reason.strip()}
    if assignment.reopened_until is not None:
        values["reopened_until"] = None
    revision = {"cause": _CAUSES[opening], "total": total, "reason": reason.strip()}
    _keep(work, assignment, content, mine.notes, revision, **values)
    work.audit(
        "submit_review",
        f"assignment:{assignment.id}",
        after=sha256_text(content),
        # no total: who reads the log need not be allowed to read scores
        detail={"cause": _CAUSES[opening]},
    )
    return total


def _is_same(assignment: Row[*tuple[Any, ...]], scores: Scores) -> bool:
    """Whether this very review is in already: a button pressed twice, or an answer that was lost."""
    if assignment.submitted_at is None:
        return False
    sent = canonical_json({code: {"level": s.level, "comment": s.comment} for code, s in scores.items()})
    return bool(assignment.scores == sent and assignment.draft is None)


def _is_asked_anew(work: Work[Actor], assignment: Row[*tuple[Any, ...]], version: int) -> bool:
    """Whether the same scores are an answer all the same: the review may be given once more, and the page was opened
    after they went in. That they stand is then said with a reason, and recorded."""
    if version != assignment.version:
        return False
    try:
        _, opening = _require_open(work, assignment)
    except Refused:
        return False
    return opening in (Opening.AGAIN, Opening.FINAL)
