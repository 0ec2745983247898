"""Runs in words: of one proposal, and the findings of a whole call."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calls.facts import Rulebook
from app.calls.models import CallDocument
from app.calls.queries import parse_document
from app.identity.models import User
from app.kernel.findings import Finding, Outcome
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal
from app.proposals.states import DRAFT
from app.screening.models import ScreeningFinding, ScreeningOverride, ScreeningRun
from app.screening.rules import ExplainedFinding, conclude, explain


@dataclass(frozen=True, slots=True)
class Override:
    """A person's judgement on one rule."""

    rule: str
    outcome: Outcome
    reason: str
    at: datetime
    by: Text


@dataclass(frozen=True, slots=True)
class RunView:
    """A run in words. `outcome` is the rules' own; `concluded` has the overrides standing in."""

    id: int
    proposal_id: int
    run_at: datetime
    rulebook: Rulebook
    outcome: Outcome
    concluded: Outcome
    findings: tuple[ExplainedFinding, ...]
    overrides: tuple[Override, ...]


def load_rulebook(session: Session, rulebook_id: int) -> Rulebook:
    """The rulebook a run was made under."""
    row = session.get_one(CallDocument, rulebook_id)
    value = parse_document("rulebook", row.sha256, row.content)
    assert isinstance(value, Rulebook)
    return value


def finding_from_row(rule: str, outcome: str, content: str) -> Finding:
    value = json.loads(content)
    return Finding(rule, Outcome(outcome), value["reason"], tuple(value["places"]), value["values"])


def find_latest_run(
    session: Session, proposal_id: int, readers: frozenset[str] | None = None
) -> RunView | None:
    """The run that counts, or None before the first. The caller has checked who may see it.

    `readers` are the codes of the agencies whose people read it, None whoever may read every filing; see `explain`.
    """
    row = session.execute(
        select(ScreeningRun, CallDocument.sha256, CallDocument.content)
        .join(CallDocument, CallDocument.id == ScreeningRun.rulebook_id)
        .where(ScreeningRun.proposal_id == proposal_id)
        .order_by(ScreeningRun.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    rulebook = parse_document("rulebook", row.sha256, row.content)
    assert isinstance(rulebook, Rulebook)
    return _view(session, row.ScreeningRun, rulebook, readers)


def _view(session: Session, run: ScreeningRun, rulebook: Rulebook, readers: frozenset[str] | None) -> RunView:
    findings = [
        finding_from_row(r.rule, r.outcome, r.content)
        for r in session.execute(
            select(ScreeningFinding.rule, ScreeningFinding.outcome, ScreeningFinding.content)
            .where(ScreeningFinding.run_id == run.id)
            .order_by(ScreeningFinding.id)
        )
    ]
    overrides = tuple(
        Override(r.rule, Outcome(r.outcome), r.reason, r.at, Text(r.name_th or "", r.name_en or ""))
        for r in session.execute(
            select(
                ScreeningOverride.rule,
                ScreeningOverride.outcome,
                ScreeningOverride.reason,
                ScreeningOverride.at,
                User.name_th,
                User.name_en,
            )
            .outerjoin(User, User.id == ScreeningOverride.by)
            .where(ScreeningOverride.run_id == run.id)
            .order_by(ScreeningOverride.id)
        )
    )
    return RunView(
        id=run.id,
        proposal_id=run.proposal_id,
        run_at=run.run_at,
        rulebook=rulebook,
        outcome=Outcome(run.outcome),
        concluded=conclude(findings, rulebook, {o.rule: o.outcome for o in overrides}),
        findings=tuple(explain(f, rulebook, readers) for f in findings),
        overrides=overrides,
    )


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding of a call's counting runs, in words, for lists and papers."""

    proposal_id: int
    number: str
    title: Text
    finding: ExplainedFinding
    override: Override | None


def list_findings(session: Session, call_id: int) -> list[FindingRow]:
    """Every finding of the latest run of each filing of a call; three queries for any number of filings."""
    latest = (
        select(func.max(ScreeningRun.id))
        .join(Proposal, Proposal.id == ScreeningRun.proposal_id)
        .where(Proposal.call_id == call_id, Proposal.state != DRAFT)
        .group_by(ScreeningRun.proposal_id)
    )
    overrides: dict[tuple[int, str], Override] = {}
    for o, name_th, name_en in session.execute(
        select(ScreeningOverride, User.name_th, User.name_en)
        .outerjoin(User, User.id == ScreeningOverride.by)
        .where(ScreeningOverride.run_id.in_(latest))
        .order_by(ScreeningOverride.id)
    ):
        overrides[o.run_id, o.rule] = Override(
            o.rule, Outcome(o.outcome), o.reason, o.at, Text(name_th or "", name_en or "")
        )
    rulebooks: dict[int, Rulebook] = {}
    titles: dict[int, tuple[str, Text]] = {}  # one for all the findings of a proposal
    rows = []
    for r in session.execute(
        select(
            ScreeningRun.id,
            ScreeningRun.rulebook_id,
            Proposal.id.label("proposal_id"),
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            ScreeningFinding.rule,
            ScreeningFinding.outcome,
            ScreeningFinding.content,
        )
        .join(Proposal, Proposal.id == ScreeningRun.proposal_id)
        .join(ScreeningFinding, ScreeningFinding.run_id == ScreeningRun.id)
        .where(ScreeningRun.id.in_(latest))
        .order_by(Proposal.number, ScreeningFinding.id)
    ):
        rulebook = rulebooks.get(r.rulebook_id)
        if rulebook is None:
            rulebook = rulebooks[r.rulebook_id] = load_rulebook(session, r.rulebook_id)
        number, title = titles.setdefault(r.proposal_id, (r.number, Text(r.title_th, r.title_en)))
        rows.append(
            FindingRow(
                r.proposal_id,
                number,
                title,
                explain(finding_from_row(r.rule, r.outcome, r.content), rulebook),
                overrides.get((r.id, r.rule)),
            )
        )
    return rows
