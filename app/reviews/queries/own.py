"""A reviewer's own work. What a reviewer may not open is sealed: it says so, and shows nothing of the proposal."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.orm import Session

from app.calls.facts import Rubric
from app.calls.models import Call, CallDocument
from app.calls.queries import parse_document
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, Target, require
from app.kernel.db import table_of
from app.kernel.errors import NotFound, Refused
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal, ProposalAgency, Submission
from app.proposals.queries import Filing, get_filing
from app.proposals.states import DRAFT
from app.reviews.conflicts import GROUND_NAMES, Standing, Verdict
from app.reviews.facts import RoundFacts, Score, Scores
from app.reviews.models import Assignment, ReviewRevision
from app.reviews.queries.conflicts import Interests, find_standing, read_interests
from app.reviews.queries.rounds import ROUND_COLUMNS, ROUNDS, read_round
from app.reviews.rules import WRONG_STATE, Opening, judge_opening
from app.reviews.states import ACCEPTED

SEALED_TITLE = Text("ไม่แสดงชื่อโครงการ", "Title not shown")


def scores_from_json(content: str) -> dict[str, Score]:
    return {code: Score(value["level"], value["comment"]) for code, value in json.loads(content).items()}


class Sealed(Refused):
    """An assignment of one's own that cannot be opened: not answered yet, given up, taken back, or held by a conflict
    of interest. Its cover (`get_cover`) says which."""


def why_sealed(state: str, standing: Standing) -> Text | None:
    """Why an assignment cannot be opened, in words for its reviewer; None when it can."""
    if state != ACCEPTED:
        return WRONG_STATE[state]
    decisive = standing.decisive
    if decisive is None:
        return None
    words = (
        Text(
            "มีเหตุที่อาจเป็นผลประโยชน์ทับซ้อน ({ground}) กรุณารอฝ่ายเลขานุการวินิจฉัยก่อนเปิดอ่าน",
            "There may be a conflict of interest ({ground}). It can be opened once the secretariat has judged that",
        )
        if standing.verdict is Verdict.ASKED
        else Text(
            "ท่านมีผลประโยชน์ทับซ้อนกับข้อเสนอนี้ ({ground}) จึงเปิดอ่านและให้คะแนนไม่ได้",
            "You have a conflict of interest with this proposal ({ground}), so you cannot open or score it",
        )
    )
    return words.fill(ground=GROUND_NAMES[decisive.ground])


@dataclass(frozen=True, slots=True)
class Cover:
    """What a reviewer sees of an assignment before opening it: enough to say whether there is a conflict of interest,
    and nothing of what was filed. `agencies` are the lead and the participants, the lead first."""

    id: int
    proposal_id: int
    call_id: int
    fiscal_year: int
    number: str
    title: Text
    stage: str
    proposal_state: str
    agencies: tuple[Text, ...]
    state: str
    version: int
    answer_reason: str
    answered_at: datetime | None
    assigned_at: datetime
    standing: Standing
    round: RoundFacts

    @property
    def sealed(self) -> Text | None:
        """Why it cannot be opened; None when it can."""
        return why_sealed(self.state, self.standing)


@cache
def _one() -> Select[*tuple[Any, ...]]:
    """An assignment with its proposal's state, its rubric and its round; written once, because every opening asks."""
    own, proposals, documents = table_of(Assignment), table_of(Proposal), table_of(CallDocument)
    saves, filed = table_of(ReviewRevision).c, table_of(Submission).c
    draft_reason = (
        select(saves.reason)
        .where(saves.assignment_id == own.c.id, saves.version == own.c.version, saves.total.is_(None))
        .scalar_subquery()
    )
    scored_sequence = (
        select(func.max(filed.sequence))
        .where(filed.proposal_id == own.c.proposal_id, filed.submitted_at <= own.c.updated_at)
        .scalar_subquery()
    )
    return (
        select(
            own,
            draft_reason.label("draft_reason"),
            scored_sequence.label("scored_sequence"),
            proposals.c.state.label("proposal_state"),
            proposals.c.call_id,
            proposals.c.number,
            proposals.c.title_th,
            proposals.c.title_en,
            proposals.c.stage,
            documents.c.sha256.label("rubric_sha256"),
            documents.c.content.label("rubric_content"),
            *ROUND_COLUMNS,
        )
        .join_from(own, proposals, proposals.c.id == own.c.proposal_id)
        .join(documents, documents.c.id == own.c.rubric_id)
        .outerjoin(ROUNDS, ROUNDS.c.call_id == proposals.c.call_id)
        .where(own.c.id == bindparam("assignment"))
    )


def _own_row(session: Session, actor: Actor, assignment_id: int) -> Row[*tuple[Any, ...]]:
    require(actor, Permission.SCORE_PROPOSAL)
    row = session.execute(_one(), {"assignment": assignment_id}).first()
    if row is None:
        raise NotFound()
    require(actor, Permission.SCORE_PROPOSAL, Target(user_ids=frozenset({row.reviewer_id})))
    if row.proposal_state == DRAFT:
        raise NotFound()
    return row


def get_cover(session: Session, actor: Actor, assignment_id: int) -> Cover:
    """The cover of an assignment of the actor's own. Raises `NotFound`. Three queries.

    With a conflict of interest, or while one is to be judged, the title is not shown.
    """
    row = _own_row(session, actor, assignment_id)
    standing = find_standing(session, row.proposal_id, row.reviewer_id)
    names = session.execute(
        select(Agency.name_th, Agency.name_en, Call.fiscal_year)
        .select_from(ProposalAgency)
        .join(Agency, Agency.id == ProposalAgency.agency_id)
        .join(Call, Call.id == row.call_id)
        .where(ProposalAgency.proposal_id == row.proposal_id)
        .order_by(ProposalAgency.is_lead.desc(), Agency.sort_key)
    ).all()
    return Cover(
        id=row.id,
        proposal_id=row.proposal_id,
        call_id=row.call_id,
        fiscal_year=names[0].fiscal_year,
        number=row.number,
        title=Text(row.title_th, row.title_en) if standing.is_clear else SEALED_TITLE,
        stage=row.stage,
        proposal_state=row.proposal_state,
        agencies=tuple(Text(n.name_th, n.name_en) for n in names),
        state=row.state,
        version=row.version,
        answer_reason=row.answer_reason,
        answered_at=row.answered_at,
        assigned_at=row.assigned_at,
        standing=standing,
        round=read_round(row),
    )


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """One review on its reviewer's desk. `rubric` is the version this review is scored by. `scores` are those that
    count once handed in, `draft` those being written over them when scoring again, `draft_reason` why, as far as that is
    written; `notes` are the reviewer's own. `scored_sequence` is the filing the scores are about, None before any."""

    id: int
    proposal_id: int
    reviewer_id: int
    version: int
    state: str
    scores: Scores
    draft: Scores | None
    draft_reason: str
    notes: str
    rubric: Rubric
    rubric_id: int
    updated_at: datetime | None
    submitted_at: datetime | None
    total: int | None
    first_total: int | None
    reopened_until: datetime | None
    finalised_at: datetime | None
    final_reason: str
    scored_sequence: int | None
    round: RoundFacts
    filing: Filing

    @property
    def is_of_earlier_filing(self) -> bool:
        """Whether the agency has filed again since this was scored."""
        return self.updated_at is not None and self.updated_at < self.filing.submitted_at

    @property
    def working(self) -> Scores:
        """What stands in the form: the draft over a review that is in, else the scores."""
        return self.scores if self.draft is None else self.draft

    def opening(self, now: datetime) -> tuple[Opening, Text | None]:
        """What may be done with the scores at a moment, and why not when nothing may."""
        return judge_opening(
            self.round,
            assignment_state=self.state,
            proposal_state=self.filing.state,
            is_in=self.submitted_at is not None,
            reopened_until=self.reopened_until,
            now=now,
        )


def get_assignment(
    session: Session, actor: Actor, assignment_id: int, interests: Interests | None = None
) -> AssignmentView:
    """A review of the actor's own with the filing it is about. Raises `NotFound`, and `Sealed` where it cannot be
    opened. Three queries, one less with the `interests` of the actor's list, read just now."""
    row = _own_row(session, actor, assignment_id)
    if interests is not None and row.proposal_id in interests.stakes:
        standing = interests.standing(row.proposal_id, row.reviewer_id)
    else:
        standing = find_standing(session, row.proposal_id, row.reviewer_id)
    sealed = why_sealed(row.state, standing)
    if sealed is not None:
        raise Sealed(sealed)
    rubric = parse_document("rubric", row.rubric_sha256, row.rubric_content)
    assert isinstance(rubric, Rubric)
    return AssignmentView(
        id=row.id,
        proposal_id=row.proposal_id,
        reviewer_id=row.reviewer_id,
        version=row.version,
        state=row.state,
        scores=scores_from_json(row.scores),
        draft=None if row.draft is None else scores_from_json(row.draft),
        draft_reason=row.draft_reason or "" if row.draft is not None else "",
        notes=row.notes,
        rubric=rubric,
        rubric_id=row.rubric_id,
        updated_at=row.updated_at,
        submitted_at=row.submitted_at,
        total=row.total,
        first_total=row.first_total,
        reopened_until=row.reopened_until,
        finalised_at=row.finalised_at,
        final_reason=row.final_reason,
        scored_sequence=row.scored_sequence,
        round=read_round(row),
        filing=get_filing(session, actor, row.proposal_id, assigned_to=frozenset({row.reviewer_id})),
    )


def reviewers_of(session: Session, proposal_id: int) -> frozenset[int]:
    """The people whom the scope ASSIGNED reaches: a proposal was given to them, they said before reading that they
    have no conflict of interest, and none is known. Two queries."""
    accepted = session.scalars(
        select(Assignment.reviewer_id).where(
            Assignment.proposal_id == proposal_id, Assignment.state == ACCEPTED
        )
    ).all()
    if not accepted:
        return frozenset()
    interests = read_interests(session, [proposal_id], accepted)
    return frozenset(user_id for user_id in accepted if interests.standing(proposal_id, user_id).is_clear)


def find_own_assignment(session: Session, actor: Actor, proposal_id: int) -> int:
    """The actor's own review of a proposal. Raises `NotFound`."""
    require(actor, Permission.SCORE_PROPOSAL)
    found = session.scalar(
        select(Assignment.id).where(
            Assignment.proposal_id == proposal_id,
            Assignment.reviewer_id == actor.id,
            Assignment.state == ACCEPTED,
        )
    )
    if found is None:
        raise NotFound()
    return found


def find_own_rubric(session: Session, actor: Actor, assignment_id: int) -> Rubric:
    """The rubric a review of the actor's own is scored by, whatever became of the assignment or its proposal. Raises
    `NotFound`."""
    require(actor, Permission.SCORE_PROPOSAL)
    row = session.execute(_one(), {"assignment": assignment_id}).first()
    if row is None:
        raise NotFound()
    require(actor, Permission.SCORE_PROPOSAL, Target(user_ids=frozenset({row.reviewer_id})))
    rubric = parse_document("rubric", row.rubric_sha256, row.rubric_content)
    assert isinstance(rubric, Rubric)
    return rubric
