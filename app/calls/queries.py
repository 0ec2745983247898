"""What is asked of calls. Documents are immutable once used, so parsed ones are kept by content hash."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session, aliased

from app.calls.facts import (
    ORIGIN_LABELS,
    Limits,
    Origin,
    Phase,
    PlanStructure,
    Rubric,
    Rulebook,
    judge_phase,
)
from app.calls.models import Call, CallDocument
from app.calls.rules import read_plan, read_rubric, read_rulebook
from app.kernel.errors import NotFound
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class CallView:
    """A call with its documents parsed. `ceiling` in satang; `opens_at <= t < closes_at` is open."""

    id: int
    fiscal_year: int
    name: Text
    opens_at: datetime
    closes_at: datetime
    ceiling: int
    origin: Origin
    reviewers_per_proposal: int
    limits: Limits
    note: Text
    plan: PlanStructure
    plan_sha256: str
    rubric: Rubric
    rubric_sha256: str
    rulebook: Rulebook
    rulebook_sha256: str
    plan_id: int
    rubric_id: int
    rulebook_id: int

    def phase(self, now: datetime) -> Phase:
        return judge_phase(self.opens_at, self.closes_at, now)

    @property
    def label(self) -> Text | None:
        """What must be printed beside every figure of this call, such as "synthetic"."""
        return ORIGIN_LABELS[self.origin]


_READERS: dict[str, Callable[[Any], Any]] = {
    "plan": read_plan,
    "rubric": read_rubric,
    "rulebook": read_rulebook,
}


@lru_cache(maxsize=64)
def _parsed(kind: str, sha256: str, content: str) -> Any:
    return _READERS[kind](json.loads(content))


def parse_document(kind: str, sha256: str, content: str) -> PlanStructure | Rubric | Rulebook:
    """A stored document as its value; parsed once per process and content."""
    value: PlanStructure | Rubric | Rulebook = _parsed(kind, sha256, content)
    return value


_plan, _rubric, _rulebook = (aliased(CallDocument, name=n) for n in ("plan", "rubric", "rulebook"))


@cache
def _select() -> Any:
    return (
        select(
            Call.__table__,
            _plan.sha256.label("plan_sha256"),
            _plan.content.label("plan_content"),
            _rubric.sha256.label("rubric_sha256"),
            _rubric.content.label("rubric_content"),
            _rulebook.sha256.label("rulebook_sha256"),
            _rulebook.content.label("rulebook_content"),
        )
        .join(_plan, _plan.id == Call.plan_id)
        .join(_rubric, _rubric.id == Call.rubric_id)
        .join(_rulebook, _rulebook.id == Call.rulebook_id)
    )


def _view(row: Row[*tuple[Any, ...]]) -> CallView:
    return CallView(
        id=row.id,
        fiscal_year=row.fiscal_year,
        name=Text(row.name_th, row.name_en),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        ceiling=row.ceiling,
        origin=Origin(row.origin),
        reviewers_per_proposal=row.reviewers_per_proposal,
        limits=Limits(**json.loads(row.limits)),
        note=Text(row.note_th, row.note_en),
        plan=_parsed("plan", row.plan_sha256, row.plan_content),
        plan_sha256=row.plan_sha256,
        rubric=_parsed("rubric", row.rubric_sha256, row.rubric_content),
        rubric_sha256=row.rubric_sha256,
        rulebook=_parsed("rulebook", row.rulebook_sha256, row.rulebook_content),
        rulebook_sha256=row.rulebook_sha256,
        plan_id=row.plan_id,
        rubric_id=row.rubric_id,
        rulebook_id=row.rulebook_id,
    )


def list_calls(session: Session) -> list[CallView]:
    """All calls, latest fiscal year first."""
    return [_view(row) for row in session.execute(_select().order_by(Call.fiscal_year.desc()))]


@dataclass(frozen=True, slots=True)
class CallWindow:
    """A call's name and window, without its documents: what the frame of a page shows."""

    fiscal_year: int
    name: Text
    opens_at: datetime
    closes_at: datetime
    origin: Origin

    def phase(self, now: datetime) -> Phase:
        return judge_phase(self.opens_at, self.closes_at, now)


def list_windows(session: Session) -> list[CallWindow]:
    """The windows of all calls, latest fiscal year first."""
    rows = session.execute(
        select(
            Call.fiscal_year, Call.name_th, Call.name_en, Call.opens_at, Call.closes_at, Call.origin
        ).order_by(Call.fiscal_year.desc())
    )
    return [
        CallWindow(r.fiscal_year, Text(r.name_th, r.name_en), r.opens_at, r.closes_at, Origin(r.origin))
        for r in rows
    ]


def find_current_window(session: Session, now: datetime) -> CallWindow | None:
    """The open call that closes first, else the next to open, else None."""
    ahead = [w for w in list_windows(session) if now < w.closes_at]
    return min(ahead, key=lambda w: (now < w.opens_at, w.closes_at), default=None)


def find_call(session: Session, fiscal_year: int) -> CallView | None:
    row = session.execute(_select().where(Call.fiscal_year == fiscal_year)).first()
    return _view(row) if row else None


def get_call(session: Session, fiscal_year: int) -> CallView:
    """The call of a fiscal year (พ.ศ.). Raises `NotFound`."""
    call = find_call(session, fiscal_year)
    if call is None:
        raise NotFound(
            Text("ไม่พบรอบคำขอปีงบประมาณ {year}", "There is no call for fiscal year {year}").fill(
                year=fiscal_year
            )
        )
    return call


def get_call_by_id(session: Session, call_id: int) -> CallView:
    row = session.execute(_select().where(Call.id == call_id)).first()
    if row is None:
        raise NotFound()
    return _view(row)
