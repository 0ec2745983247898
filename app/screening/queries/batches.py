"""What reruns changed: a batch against each proposal's run before it, and the runs of one proposal."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import func, select, union
from sqlalchemy.orm import Session, aliased

from app.calls.models import Call, CallDocument
from app.identity.models import Agency, User
from app.kernel.errors import NotFound
from app.kernel.findings import Outcome
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal, Submission
from app.proposals.states import DRAFT
from app.screening.models import ScreeningBatch, ScreeningRun
from app.screening.queries.judged import StoredRun, read_runs
from app.screening.trying import RunChange, compare_runs


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch as lists show it. `cause`: "rerun" or "adopted"."""

    id: int
    cause: str
    at: datetime
    by: Text | None
    rulebook_id: int
    rulebook: str
    version: int
    runs: int
    fiscal_year: int


@dataclass(frozen=True, slots=True)
class Rescreened:
    """A proposal of a batch whose conclusion or findings changed."""

    proposal_id: int
    number: str
    title: Text
    agency: Text
    run_id: int
    before_id: int | None
    change: RunChange


@dataclass(frozen=True, slots=True)
class BatchView:
    """What a batch changed; `fresh` counts proposals that had no run before it."""

    row: BatchRow
    changed: tuple[Rescreened, ...]
    unchanged: int
    fresh: int

    @property
    def flips(self) -> Counter[tuple[Outcome | None, Outcome]]:
        """(from, to) -> how many conclusions went that way."""
        return Counter((c.change.before, c.change.after) for c in self.changed if c.change.flips)


def list_batches(session: Session, call_id: int, limit: int = 50) -> list[BatchRow]:
    """The batches of a call, latest first."""
    return _batches(session, ScreeningBatch.call_id == call_id, limit)


def _batches(session: Session, which: object, limit: int) -> list[BatchRow]:
    counted = (
        select(func.count())
        .where(ScreeningRun.batch_id == ScreeningBatch.id)
        .correlate(ScreeningBatch)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            ScreeningBatch,
            CallDocument.code,
            CallDocument.version,
            User,
            counted.label("runs"),
            Call.fiscal_year,
        )
        .join(Call, Call.id == ScreeningBatch.call_id)
        .join(CallDocument, CallDocument.id == ScreeningBatch.rulebook_id)
        .outerjoin(User, User.id == ScreeningBatch.by)
        .where(which)  # type: ignore[arg-type]
        .order_by(ScreeningBatch.id.desc())
        .limit(limit)
    )
    return [
        BatchRow(
            batch.id,
            batch.cause,
            batch.at,
            Text(user.name_th, user.name_en) if user else None,
            batch.rulebook_id,
            code,
            version,
            runs,
            fiscal_year,
        )
        for batch, code, version, user, runs, fiscal_year in rows
    ]


def read_batch(session: Session, batch_id: int) -> BatchView:
    """What a batch changed. Raises `NotFound`. Six queries for any number of filings.

    Filings that were taken back since are drafts of their agencies again, and left out.
    """
    found = _batches(session, ScreeningBatch.id == batch_id, 1)
    if not found:
        raise NotFound()
    other = aliased(ScreeningRun)
    earlier = (
        select(func.max(other.id))
        .where(other.proposal_id == ScreeningRun.proposal_id, other.id < ScreeningRun.id)
        .correlate(ScreeningRun)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            ScreeningRun.id,
            earlier.label("before_id"),
            Proposal.id.label("proposal_id"),
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Agency.name_th,
            Agency.name_en,
        )
        .join(Proposal, Proposal.id == ScreeningRun.proposal_id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .where(ScreeningRun.batch_id == batch_id, Proposal.state != DRAFT)
        .order_by(Proposal.number)
    ).all()
    both = union(
        select(ScreeningRun.id).where(ScreeningRun.batch_id == batch_id),
        select(earlier).where(ScreeningRun.batch_id == batch_id),
    )
    runs = {run.id: run for run in read_runs(session, select(both.subquery().c.id).scalar_subquery())}
    changed = []
    fresh = 0
    for r in rows:
        before = runs[r.before_id] if r.before_id else None
        if before is None:
            fresh += 1
            continue
        change = _change(before, runs[r.id])
        if change is not None:
            changed.append(
                Rescreened(
                    r.proposal_id,
                    r.number,
                    Text(r.title_th, r.title_en or r.title_th),
                    Text(r.name_th, r.name_en),
                    r.id,
                    r.before_id,
                    change,
                )
            )
    return BatchView(found[0], tuple(changed), len(rows) - fresh - len(changed), fresh)


def _change(before: StoredRun, after: StoredRun) -> RunChange | None:
    """What the later run changed when it was made; None for nothing.

    A judgement on the same filing was carried over by it; what people judged later is not the run's doing.
    """
    carried = before.overrides if before.submission_id == after.submission_id else {}
    if before.rulebook is after.rulebook and before.raw == after.raw and carried == before.overrides:
        return None
    change = compare_runs(before.judged, after.judged_with(carried))
    return None if change.is_empty else change


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in the list of a proposal's runs. `concluded` has the judgements standing in that were made on it."""

    id: int
    run_at: datetime
    by: Text | None
    rulebook_id: int
    rulebook: str
    version: int
    prices: str
    sequence: int
    outcome: Outcome
    concluded: Outcome
    judgements: int
    batch_id: int | None
    stored: StoredRun


def list_runs(session: Session, proposal_id: int) -> list[RunRow]:
    """Every run of a proposal, oldest first; about seven queries. The caller has checked who may see them."""
    prices = aliased(CallDocument)
    stored = {
        run.id: run
        for run in read_runs(
            session, select(ScreeningRun.id).where(ScreeningRun.proposal_id == proposal_id).scalar_subquery()
        )
    }
    rows = session.execute(
        select(
            ScreeningRun.id,
            User.name_th,
            User.name_en,
            CallDocument.code,
            CallDocument.version,
            prices.code.label("prices_code"),
            prices.version.label("prices_version"),
            Submission.sequence,
        )
        .join(Submission, Submission.id == ScreeningRun.submission_id)
        .join(CallDocument, CallDocument.id == ScreeningRun.rulebook_id)
        .outerjoin(prices, prices.id == ScreeningRun.prices_id)
        .outerjoin(User, User.id == ScreeningRun.run_by)
        .where(ScreeningRun.proposal_id == proposal_id)
        .order_by(ScreeningRun.id)
    )
    return [
        RunRow(
            id=r.id,
            run_at=run.run_at,
            by=Text(r.name_th, r.name_en) if r.name_th else None,
            rulebook_id=run.rulebook_id,
            rulebook=r.code,
            version=r.version,
            prices=f"{r.prices_code} {r.prices_version}" if r.prices_code else "",
            sequence=r.sequence,
            outcome=run.outcome,
            concluded=run.judged.concluded,
            judgements=len(run.overrides),
            batch_id=run.batch_id,
            stored=run,
        )
        for r in rows
        for run in (stored[r.id],)
    ]
