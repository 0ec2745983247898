"""The runs that count of many proposals at once, in words."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.identity.models import User
from app.kernel.findings import Outcome
from app.kernel.text import Text
from app.screening.models import ScreeningFinding, ScreeningOverride, ScreeningRun
from app.screening.queries.queue import load_rulebooks
from app.screening.queries.runs import Override, RunView, finding_from_row
from app.screening.rules import ExplainedFinding, conclude, explain


def find_latest_runs(session: Session, proposal_ids: Collection[int]) -> dict[int, RunView]:
    """Proposal id -> the run that counts, as `find_latest_run` has it; four queries for any number. The caller has
    checked who may see them."""
    if not proposal_ids:
        return {}
    newest = (
        select(func.max(ScreeningRun.id))
        .where(ScreeningRun.proposal_id.in_(proposal_ids))
        .group_by(ScreeningRun.proposal_id)
    )
    runs = session.execute(
        select(
            ScreeningRun.id,
            ScreeningRun.proposal_id,
            ScreeningRun.run_at,
            ScreeningRun.rulebook_id,
            ScreeningRun.outcome,
        ).where(ScreeningRun.id.in_(newest))
    ).all()
    rulebooks = load_rulebooks(session, {run.rulebook_id for run in runs})
    found: dict[int, list[tuple[str, str, str]]] = {}
    for r in session.execute(
        select(
            ScreeningFinding.run_id, ScreeningFinding.rule, ScreeningFinding.outcome, ScreeningFinding.content
        )
        .where(ScreeningFinding.run_id.in_(newest))
        .order_by(ScreeningFinding.id)
    ):
        found.setdefault(r.run_id, []).append((r.rule, r.outcome, r.content))
    judged: dict[int, list[Override]] = {}
    for o in session.execute(
        select(
            ScreeningOverride.run_id,
            ScreeningOverride.rule,
            ScreeningOverride.outcome,
            ScreeningOverride.reason,
            ScreeningOverride.at,
            User.name_th,
            User.name_en,
        )
        .outerjoin(User, User.id == ScreeningOverride.by)
        .where(ScreeningOverride.run_id.in_(newest))
        .order_by(ScreeningOverride.id)
    ):
        judged.setdefault(o.run_id, []).append(
            Override(o.rule, Outcome(o.outcome), o.reason, o.at, Text(o.name_th or "", o.name_en or ""))
        )
    views = {}
    for run in runs:
        rulebook = rulebooks[run.rulebook_id]
        findings = [finding_from_row(*row) for row in found.get(run.id, ())]
        overrides = tuple(judged.get(run.id, ()))
        explained: tuple[ExplainedFinding, ...] = tuple(explain(f, rulebook) for f in findings)
        views[run.proposal_id] = RunView(
            id=run.id,
            proposal_id=run.proposal_id,
            run_at=run.run_at,
            rulebook=rulebook,
            outcome=Outcome(run.outcome),
            concluded=conclude(findings, rulebook, {o.rule: o.outcome for o in overrides}),
            findings=explained,
            overrides=overrides,
        )
    return views
