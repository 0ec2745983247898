"""What is done in reviews: assigned, scored, handed in."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, cast

from sqlalchemy import CursorResult, Row, Select, Update, bindparam, select, update

from app.calls.facts import Rubric
from app.calls.models import CallDocument
from app.calls.queries import get_call_by_id, parse_document
from app.identity.facts import Actor, Body
from app.identity.queries import list_reviewers
from app.identity.rules import Permission, Target, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import Proposal
from app.proposals.queries import target_of
from app.proposals.states import DRAFT, REVIEWABLE_STATES
from app.reviews.facts import LEVELS, Scores
from app.reviews.models import Assignment
from app.reviews.rules import in_conflict, list_unscored, weighted_total

NOT_ASSIGNED = Text("ยังมอบหมายไม่ได้", "The assignment was not made")
NOT_REVIEWABLE = Text(
    "มอบหมายได้เฉพาะข้อเสนอที่ผ่านการกลั่นกรองและยังไม่มีมติ",
    "Only proposals that passed screening and are not yet decided can be assigned",
)
REVIEW_CLOSED = Text("ข้อเสนอนี้ไม่ได้อยู่ระหว่างการพิจารณาให้คะแนนแล้ว", "This proposal is no longer open for scoring")


def assign_reviewers(work: Work[Actor], proposal_id: int, reviewer_ids: Iterable[int]) -> list[Assignment]:
    """Give a proposal to reviewers; those who have it already keep it. All or nothing.

    Raises `Refused` naming every reviewer in conflict (an agency's own people, lead or participating), `NotFound`
    for anybody who is no active reviewer.
    """
    require(work.actor, Permission.ASSIGN_REVIEWER)
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None or proposal.state == DRAFT:
        raise NotFound()
    if proposal.state not in REVIEWABLE_STATES:
        raise Refused(NOT_REVIEWABLE)
    call = get_call_by_id(work.session, proposal.call_id)
    agencies = target_of(work.session, proposal_id).agency_ids
    have = set(
        work.session.scalars(select(Assignment.reviewer_id).where(Assignment.proposal_id == proposal_id))
    )
    active = {reviewer[0]: reviewer for reviewer in list_reviewers(work.session)}
    problems, new = [], []
    for reviewer_id in dict.fromkeys(reviewer_ids):
        if reviewer_id not in active:
            raise NotFound()
        _, name, body, belongs_to = active[reviewer_id]
        if in_conflict(belongs_to, agencies):
            problems.append(
                Problem(
                    f"reviewer-{reviewer_id}",
                    Text(
                        "{name} สังกัดหน่วยงานของข้อเสนอนี้ (ผลประโยชน์ทับซ้อน)",
                        "{name} belongs to an agency of this proposal (conflict of interest)",
                    ).fill(name=name),
                )
            )
        elif reviewer_id not in have:
            new.append((reviewer_id, body))
    if problems:
        raise Refused(NOT_ASSIGNED, problems)
    return [_assign(work, proposal, r, body, call.rubric_id) for r, body in new]


def _assign(
    work: Work[Actor], proposal: Proposal, reviewer_id: int, body: Body, rubric_id: int
) -> Assignment:
    assignment = Assignment(
        proposal_id=proposal.id,
        reviewer_id=reviewer_id,
        body=body.value,
        assigned_at=work.now,
        assigned_by=work.actor.id,
        rubric_id=rubric_id,
    )
    work.session.add(assignment)
    work.session.flush()
    work.audit(
        "assign_reviewer",
        f"proposal:{proposal.id}",
        agency_id=proposal.lead_agency_id,
        detail={"reviewer": reviewer_id, "assignment": assignment.id},
    )
    return assignment


def withdraw_assignment(work: Work[Actor], assignment_id: int) -> int:
    """Take back an assignment nobody has scored yet; returns the id of its proposal."""
    require(work.actor, Permission.ASSIGN_REVIEWER)
    assignment = work.session.get(Assignment, assignment_id, with_for_update=True)
    if assignment is None or work.session.get_one(Proposal, assignment.proposal_id).state == DRAFT:
        raise NotFound()
    if assignment.updated_at is not None:
        raise Refused(
            Text(
                "ผู้พิจารณาเริ่มให้คะแนนแล้ว จึงยกเลิกการมอบหมายไม่ได้",
                "The reviewer has begun, so the assignment cannot be taken back",
            )
        )
    work.session.delete(assignment)
    work.audit(
        "withdraw_assignment",
        f"proposal:{assignment.proposal_id}",
        detail={"reviewer": assignment.reviewer_id},
    )
    return assignment.proposal_id


@cache
def _locked() -> Select[*tuple[Any, ...]]:
    """One assignment under lock; written once, because every save asks it."""
    own = table_of(Assignment).c
    return (
        select(
            own.id,
            own.proposal_id,
            own.reviewer_id,
            own.rubric_id,
            own.version,
            own.submitted_at,
            own.total,
            own.scores,
        )
        .where(own.id == bindparam("assignment"))
        .with_for_update()
    )


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
def _scored_by() -> Select[str, str, str]:
    """A proposal's state and the rubric it is scored by; written once, because every save asks it."""
    proposals, documents = table_of(Proposal), table_of(CallDocument)
    return (
        select(proposals.c.state, documents.c.sha256, documents.c.content)
        .join_from(proposals, documents, documents.c.id == bindparam("rubric"))
        .where(proposals.c.id == bindparam("proposal"))
    )


_STALE = Text(
    "คะแนนนี้ถูกบันทึกจากอีกหน้าหนึ่งแล้ว คะแนนที่ท่านกรอกยังอยู่ กรุณาตรวจก่อนบันทึกอีกครั้ง",
    "These scores were saved from another page. What you entered is still here; check before saving again",
)


def _require_open(work: Work[Actor], assignment: Row[*tuple[Any, ...]], version: int) -> Rubric:
    """The rubric to score by, if the form is the latest and the proposal is still open for scoring."""
    if assignment.version != version:
        raise Stale(_STALE)
    found = work.session.execute(
        _scored_by(), {"proposal": assignment.proposal_id, "rubric": assignment.rubric_id}
    ).one()
    if found.state not in REVIEWABLE_STATES:
        raise Refused(REVIEW_CLOSED)
    rubric = parse_document("rubric", found.sha256, found.content)
    assert isinstance(rubric, Rubric)
    return rubric


@cache
def _kept() -> Update:
    """The next version of an assignment, in place of the one that was read and of no other."""
    own = table_of(Assignment).c
    return (
        update(table_of(Assignment))
        .where(own.id == bindparam("assignment"), own.version == bindparam("read_version"))
        .values(version=own.version + 1)
    )


def _keep(work: Work[Actor], assignment: Row[*tuple[Any, ...]], **values: Any) -> None:
    result = work.session.execute(
        _kept(),
        {"assignment": assignment.id, "read_version": assignment.version, "updated_at": work.now, **values},
    )
    if cast("CursorResult[Any]", result).rowcount != 1:
        raise Stale(_STALE)


def _content(scores: Scores, rubric: Rubric) -> str:
    codes = {c.code for c in rubric.criteria}
    if not scores.keys() <= codes or any(
        s.level is not None and s.level not in LEVELS for s in scores.values()
    ):
        raise Refused(Text("คะแนนต้องเป็น 0 ถึง 4", "Scores run from 0 to 4"))
    return canonical_json({code: {"level": s.level, "comment": s.comment} for code, s in scores.items()})


def save_review(work: Work[Actor], assignment_id: int, scores: Scores, version: int) -> None:
    """Save scores as a draft, however incomplete. Raises `Stale` when saved from another page meanwhile."""
    assignment = _own(work, assignment_id)
    rubric = _require_open(work, assignment, version)
    if assignment.submitted_at is not None:
        raise Refused(Text("ส่งผลคะแนนแล้ว จึงแก้ไขไม่ได้", "The review is in and can no longer be changed"))
    content = _content(scores, rubric)
    _keep(work, assignment, scores=content)
    work.audit(
        "save_review",
        f"assignment:{assignment.id}",
        before=sha256_text(assignment.scores),
        after=sha256_text(content),
    )


def submit_review(work: Work[Actor], assignment_id: int, scores: Scores, version: int) -> int:
    """Hand in a complete review; handing in again gives the same. Returns its total, hundredths of a point.

    Raises `Refused` with all that is missing.
    """
    assignment = _own(work, assignment_id)
    if assignment.submitted_at is not None:
        handed_in: int = assignment.total
        return handed_in
    rubric = _require_open(work, assignment, version)
    problems = list_unscored(scores, rubric)
    if problems:
        raise Refused(Text("ยังส่งผลคะแนนไม่ได้", "The review cannot be handed in yet"), problems)
    content, total = _content(scores, rubric), weighted_total(scores, rubric)
    _keep(work, assignment, scores=content, total=total, submitted_at=work.now)
    work.audit(
        "submit_review",
        f"assignment:{assignment.id}",
        after=sha256_text(content),
        detail={"total": total},
    )
    return total
