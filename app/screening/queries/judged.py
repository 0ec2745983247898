"""Stored runs as they are compared: their findings, and the judgements that count in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, literal, select, union_all
from sqlalchemy.orm import Session

from app.calls.facts import Rulebook
from app.kernel.findings import Finding, Outcome
from app.kernel.lean import dataclass
from app.screening.models import ScreeningFinding, ScreeningOverride, ScreeningRun
from app.screening.queries.queue import load_rulebooks
from app.screening.queries.runs import finding_from_row
from app.screening.trying import Judged

RawFinding = tuple[str, str, str]  # rule, outcome, content


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run as its rows say; its findings are read only where they are asked for."""

    id: int
    proposal_id: int
    submission_id: int
    rulebook_id: int
    prices_id: int | None
    batch_id: int | None
    run_at: datetime
    run_by: int | None
    outcome: Outcome
    context: str
    rulebook: Rulebook
    raw: tuple[RawFinding, ...]
    overrides: dict[str, Outcome]

    @property
    def judged(self) -> Judged:
        return self.judged_with(self.overrides)

    def judged_with(self, overrides: dict[str, Outcome]) -> Judged:
        """The run with other judgements standing in."""
        found: tuple[Finding, ...] = tuple(finding_from_row(*row) for row in self.raw)
        return Judged(self.rulebook, found, overrides)


def read_runs(
    session: Session,
    ids: Select[Any] | ScalarSelect[Any] | Collection[int],
    rulebooks: Mapping[int, Rulebook] | None = None,
) -> list[StoredRun]:
    """The runs of these ids (or of a query for them), oldest first; three queries for any number, two where their
    `rulebooks` are at hand. The caller has checked who may see them. Of several judgements on a rule the latest
    counts."""
    runs = session.execute(
        select(ScreeningRun.__table__).where(ScreeningRun.id.in_(ids)).order_by(ScreeningRun.id)
    ).all()
    if rulebooks is None:
        rulebooks = load_rulebooks(session, {run.rulebook_id for run in runs})
    found = select(
        literal(0).label("part"),
        ScreeningFinding.id,
        ScreeningFinding.run_id,
        ScreeningFinding.rule,
        ScreeningFinding.outcome,
        ScreeningFinding.content,
    ).where(ScreeningFinding.run_id.in_(ids))
    judged = select(
        literal(1),
        ScreeningOverride.id,
        ScreeningOverride.run_id,
        ScreeningOverride.rule,
        ScreeningOverride.outcome,
        literal(""),
    ).where(ScreeningOverride.run_id.in_(ids))
    raw: dict[int, list[RawFinding]] = {}
    overrides: dict[int, dict[str, Outcome]] = {}
    for part, _, run_id, rule, outcome, content in session.execute(
        union_all(found, judged).order_by("part", "id")
    ):
        if part:
            overrides.setdefault(run_id, {})[rule] = Outcome(outcome)
        else:
            raw.setdefault(run_id, []).append((rule, outcome, content))
    return [
        StoredRun(
            id=run.id,
            proposal_id=run.proposal_id,
            submission_id=run.submission_id,
            rulebook_id=run.rulebook_id,
            prices_id=run.prices_id,
            batch_id=run.batch_id,
            run_at=run.run_at,
            run_by=run.run_by,
            outcome=Outcome(run.outcome),
            context=run.context,
            rulebook=rulebooks[run.rulebook_id],
            raw=tuple(raw.get(run.id, ())),
            overrides=overrides.get(run.id, {}),
        )
        for run in runs
    ]
