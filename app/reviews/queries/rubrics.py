"""Versions of the rubric, and which of them the reviews of a call or of a proposal are scored by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.calls.facts import DocumentKind, Rubric
from app.calls.models import CallDocument, DocumentChange
from app.calls.queries import parse_document
from app.identity.facts import Actor
from app.identity.models import User
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import RANKED_STATES
from app.reviews.models import Assignment
from app.reviews.states import ACCEPTED, STANDING_STATES


@dataclass(frozen=True, slots=True)
class RubricVersion:
    """A version of a rubric; a frozen one never changes."""

    id: int
    value: Rubric
    sha256: str
    loaded_at: datetime
    frozen_at: datetime | None


def list_rubrics(session: Session) -> list[RubricVersion]:
    """Every version of a rubric, the latest of a code first. One query."""
    found = []
    for row in session.scalars(
        select(CallDocument)
        .where(CallDocument.kind == DocumentKind.RUBRIC.value)
        .order_by(CallDocument.code, CallDocument.version.desc())
    ):
        value = parse_document(row.kind, row.sha256, row.content)
        assert isinstance(value, Rubric)
        found.append(RubricVersion(row.id, value, row.sha256, row.loaded_at, row.frozen_at))
    return found


@dataclass(frozen=True, slots=True)
class RubricUse:
    """How many reviews of a call stand under one version: given and not ended, begun of those, in of those."""

    rubric_id: int
    code: str
    version: int
    assigned: int
    begun: int
    done: int


def list_rubric_uses(session: Session, actor: Actor, call_id: int) -> list[RubricUse]:
    """The versions the standing assignments of a call are scored by, the earliest first. One query."""
    require(actor, Permission.READ_REVIEWS)
    done = func.count(case((Assignment.state == ACCEPTED, Assignment.submitted_at)))
    rows = session.execute(
        select(
            CallDocument.id,
            CallDocument.code,
            CallDocument.version,
            func.count().label("assigned"),
            func.count(Assignment.updated_at).label("begun"),
            done.label("done"),
        )
        .select_from(Assignment)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(CallDocument, CallDocument.id == Assignment.rubric_id)
        .where(
            Proposal.call_id == call_id,
            Proposal.state.in_(RANKED_STATES),
            Assignment.state.in_(STANDING_STATES),
        )
        .group_by(CallDocument.id, CallDocument.code, CallDocument.version)
        .order_by(CallDocument.id)
    )
    return [RubricUse(r.id, r.code, r.version, r.assigned, r.begun, r.done) for r in rows]


def versions_by_proposal(session: Session, call_id: int) -> Mapping[int, tuple[int, ...]]:
    """Proposal id -> the versions its counted reviews are scored by, where there is more than one. One query."""
    found: dict[int, list[int]] = {}
    for proposal_id, _, version in session.execute(
        select(Assignment.proposal_id, CallDocument.id, CallDocument.version)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .join(CallDocument, CallDocument.id == Assignment.rubric_id)
        .where(
            Proposal.call_id == call_id,
            Assignment.state == ACCEPTED,
            Assignment.submitted_at.is_not(None),
        )
        .distinct()
        .order_by(Assignment.proposal_id, CallDocument.id)
    ):
        found.setdefault(proposal_id, []).append(version)
    return {proposal_id: tuple(versions) for proposal_id, versions in found.items() if len(versions) > 1}


@dataclass(frozen=True, slots=True)
class RubricChange:
    """A call went over from one version to another; `by` None is the system."""

    from_version: int
    to_version: int
    reason: str
    at: datetime
    by: Text | None


def list_rubric_changes(session: Session, call_id: int) -> list[RubricChange]:
    """Every change of a call's rubric, the latest first. One query."""
    before, after = (CallDocument.__table__.alias(name) for name in ("before", "after"))
    rows = session.execute(
        select(
            before.c.version.label("since"),
            after.c.version.label("until"),
            DocumentChange.reason,
            DocumentChange.at,
            User.name_th,
            User.name_en,
        )
        .join(before, before.c.id == DocumentChange.from_id)
        .join(after, after.c.id == DocumentChange.to_id)
        .outerjoin(User, User.id == DocumentChange.by)
        .where(DocumentChange.call_id == call_id, after.c.kind == DocumentKind.RUBRIC.value)
        .order_by(DocumentChange.id.desc())
    )
    return [
        RubricChange(
            r.since, r.until, r.reason, r.at, Text(r.name_th, r.name_en) if r.name_th is not None else None
        )
        for r in rows
    ]


def read_rubric_document(session: Session, document_id: int) -> tuple[Rubric, dict[str, Any]]:
    """A version and the values of its file. Raises `NotFound`, for other kinds of documents too."""
    row = session.get(CallDocument, document_id)
    if row is None or row.kind != DocumentKind.RUBRIC:
        raise NotFound()
    value = parse_document(row.kind, row.sha256, row.content)
    assert isinstance(value, Rubric)
    return value, json.loads(row.content)
