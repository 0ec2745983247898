"""The ranking of a call as a page shows it, and the whole book."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.decisions.models import Decision
from app.decisions.queries import DecisionView, current_decisions
from app.figures.facts import (
    AgencyRow,
    Basis,
    BookLine,
    BudgetRow,
    CategoryRow,
    Counts,
    Group,
    Headline,
    Share,
    Sums,
)
from app.figures.queries.annexes import Annexes, list_annexes
from app.figures.rules import (
    add_up,
    add_up_agencies,
    add_up_categories,
    amount_of,
    basis_of,
    book_lines,
    count_states,
    group_by_choices,
    group_by_ministry,
    headline_of,
    is_counted,
)
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.queries import list_agencies
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.facts import Allocation
from app.portfolio.queries import allocation_of
from app.proposals.models import Proposal, ProposalAgency, ProposalMove
from app.proposals.queries import (
    FilingRow,
    count_by_state,
    list_filings,
    list_submitted_lines,
)
from app.proposals.states import DRAFT, FAILED, QUESTIONED, RANKED_STATES, RECORDED, RETURNED, SUBMITTED
from app.reviews.models import Assignment
from app.reviews.queries import list_review_records
from app.reviews.records import ReviewRecords, ScoreRow
from app.screening.models import ScreeningOverride, ScreeningRun
from app.screening.queries import FindingRow, list_findings

_OUTSIDE = frozenset({FAILED, QUESTIONED, SUBMITTED, RETURNED})  # filed, and not on the ranked list


@dataclass(frozen=True, slots=True)
class RankingPage:
    """The ranked list of a call with its decisions, summed up: what the page shows and the book begins with.

    `decisions` maps a proposal to the decision that counts. Groups are of ranked lines only.
    """

    call: CallView
    allocation: Allocation
    counts: Counts
    lines: tuple[BookLine, ...]
    decisions: Mapping[int, DecisionView]
    shares: tuple[Share, ...]
    headline: Headline
    totals: Sums
    stages: tuple[Group, ...]
    guidelines: tuple[Group, ...]
    ministries: tuple[Group, ...]

    @property
    def basis(self) -> Basis:
        return self.headline.basis

    @property
    def counted(self) -> frozenset[int]:
        """The proposals the headline counts."""
        return frozenset(line.line.entry.proposal_id for line in self.lines if is_counted(line, self.basis))


def ranking_page(session: Session, actor: Actor, call: CallView) -> RankingPage:
    """The ranking with its sums; five queries however many lines. Raises `Forbidden` without READ_PORTFOLIO."""
    allocation = allocation_of(session, actor, call)
    decisions = current_decisions(session, call.id)
    lines = book_lines(allocation.lines, {pid: (d.verdict, d.amount) for pid, d in decisions.items()})
    shares = tuple(_list_shares(session, call.id))
    return RankingPage(
        call=call,
        allocation=allocation,
        counts=count_states(count_by_state(session, call.id)),
        lines=lines,
        decisions=decisions,
        shares=shares,
        headline=headline_of(lines, shares, basis_of(lines)),
        totals=add_up(lines),
        stages=group_by_choices(lines, call.plan.stages, lambda entry: entry.stage),
        guidelines=group_by_choices(lines, call.plan.guidelines, lambda entry: entry.guideline),
        ministries=group_by_ministry(lines),
    )


def _list_shares(session: Session, call_id: int) -> Iterable[Share]:
    """The agencies with a part in the ranked proposals of a call: those that lead, and those with money."""
    rows = session.execute(
        select(
            ProposalAgency.proposal_id,
            ProposalAgency.agency_id,
            Agency.ministry_id,
            ProposalAgency.is_lead,
        )
        .join(Proposal, Proposal.id == ProposalAgency.proposal_id)
        .join(Agency, Agency.id == ProposalAgency.agency_id)
        .where(
            Proposal.call_id == call_id,
            Proposal.state.in_([*RANKED_STATES, RECORDED]),
            or_(ProposalAgency.is_lead, ProposalAgency.amount > 0),
        )
        .order_by(ProposalAgency.proposal_id, ProposalAgency.id)
    )
    return map(Share._make, rows)


@dataclass(frozen=True, slots=True)
class RankingBook:
    """Everything the committee's paper says, exactly; page, Excel, PDF and command read this one value.

    `facts` maps a proposal to the SHA-256 of its filing. `as_of` is the latest change in the call's data and
    `sha256` the fingerprint of the figures and of what the reader sees of the reviews: the same data give the same reader
    the same two values.
    """

    page: RankingPage
    agencies: tuple[AgencyRow, ...]
    categories: tuple[CategoryRow, ...]
    lines: tuple[BudgetRow, ...]
    findings: tuple[FindingRow, ...]
    reviews: ReviewRecords
    outside: tuple[FilingRow, ...]
    facts: Mapping[int, str]
    annexes: Annexes
    as_of: datetime
    sha256: str

    @property
    def scores(self) -> list[ScoreRow]:
        """Every criterion of every review that counts."""
        return list(self.reviews.scores())


def hold_still(session: Session) -> None:
    """Begin a read in which every query sees the same moment; the caller ends it by `session.rollback()`."""
    session.rollback()
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def ranking_book(session: Session, actor: Actor, call: CallView) -> RankingBook:
    """The whole book. Raises `Forbidden` without READ_PORTFOLIO, READ_FILING and READ_REVIEWS for all.

    Call `hold_still` before, so that all of it is of one moment.
    """
    page = ranking_page(session, actor, call)
    amounts = {b.line.entry.proposal_id: amount_of(b, page.basis) for b in page.lines}
    counted = page.counted
    rows = tuple(budget_rows(session, call.id, amounts.keys(), counted))
    names = {a.id: (a.name, a.ministry) for a in list_agencies(session)}
    filings = list_filings(session, actor, call.id, limit=1_000_000)
    facts = _fact_hashes(session, call.id)
    reviews = list_review_records(session, actor, call.id)
    annexes = list_annexes(session, actor, call)
    return RankingBook(
        page=page,
        agencies=add_up_agencies(rows, page.shares, counted, names),
        categories=add_up_categories(rows, call.plan.categories),
        lines=rows,
        findings=tuple(list_findings(session, call.id)),
        reviews=reviews,
        outside=tuple(f for f in filings if f.state in _OUTSIDE),
        facts=facts,
        annexes=annexes,
        as_of=max(_latest_change(session, call), *reviews.moments, call.opens_at),
        sha256=_fingerprint(page, facts, reviews, annexes),
    )


def budget_rows(
    session: Session, call_id: int, wanted: Iterable[int], counted: frozenset[int]
) -> Iterable[BudgetRow]:
    """The budget lines of the wanted proposals of a call; `counted` are those the headline counts. One query."""
    wanted = frozenset(wanted)
    agencies: dict[int, Text] = {}
    for r in list_submitted_lines(session, call_id):
        if r.proposal_id not in wanted:
            continue
        if r.agency_id not in agencies:
            agencies[r.agency_id] = Text(r.agency_th, r.agency_en)
        yield BudgetRow(
            proposal_id=r.proposal_id,
            number=r.number,
            position=r.position,
            agency_id=r.agency_id,
            agency=agencies[r.agency_id],
            category=r.category,
            item=r.item,
            quantity=r.quantity,
            unit=r.unit,
            unit_price=r.unit_price,
            amount=r.amount,
            q1=r.q1,
            q2=r.q2,
            q3=r.q3,
            q4=r.q4,
            q0=r.q0,
            later=(r.later1, r.later2, r.later3, r.later4),
            source=r.source,
            counted=r.amount if r.proposal_id in counted else 0,
        )


def _fact_hashes(session: Session, call_id: int) -> dict[int, str]:
    """Proposal id -> SHA-256 of what was filed."""
    rows = session.execute(
        select(Proposal.id, Proposal.facts_sha256).where(
            Proposal.call_id == call_id, Proposal.state != DRAFT, Proposal.facts_sha256.is_not(None)
        )
    )
    return {proposal_id: sha256 for proposal_id, sha256 in rows if sha256 is not None}


def _latest_change(session: Session, call: CallView) -> datetime:
    """The latest moment anything the book shows was changed; the opening of a call nothing happened in."""
    of_call = Proposal.call_id == call.id
    moments = [
        session.scalar(select(func.max(column)).join(Proposal, key == Proposal.id).where(of_call))
        for column, key in (
            (ProposalMove.at, ProposalMove.proposal_id),
            (ScreeningRun.run_at, ScreeningRun.proposal_id),
            (Assignment.submitted_at, Assignment.proposal_id),
            (Decision.decided_at, Decision.proposal_id),
        )
    ]
    overridden = (
        select(func.max(ScreeningOverride.at))
        .join(ScreeningRun, ScreeningRun.id == ScreeningOverride.run_id)
        .join(Proposal, Proposal.id == ScreeningRun.proposal_id)
        .where(of_call)
    )
    moments.append(session.scalar(overridden))
    return max((m for m in moments if m is not None), default=call.opens_at)


def _fingerprint(
    page: RankingPage, facts: Mapping[int, str], reviews: ReviewRecords, annexes: Annexes
) -> str:
    """SHA-256 over everything the figures follow from: the call, its documents, filings, scores and decisions; and over
    what the reader sees of the reviews, so that a copy with names is not taken for one without."""
    call = page.call
    content = [
        call.fiscal_year,
        call.ceiling,
        page.allocation.terms.to_json(),
        call.plan_sha256,
        call.rubric_sha256,
        call.rulebook_sha256,
        [
            [
                b.line.entry.number,
                b.line.entry.requested,
                facts.get(b.line.entry.proposal_id),
                [b.line.entry.panel.count, b.line.entry.panel.total, b.line.entry.panel.squares],
                b.line.standing.value,
                b.verdict.value if b.verdict else None,
                b.approved,
            ]
            for b in page.lines
        ],
        sorted(sha256 for sha256 in facts.values()),
        [reviews.shows_names, reviews.shows_reasons],
        [
            [r.number, r.reviewer.th, r.state, r.first_total, r.total, r.answer_reason]
            for r in reviews.records
        ],
        [[e.record.number, e.cause, e.at.isoformat(), e.total, e.reason] for e in reviews.events],
        [[o.number, o.outcome, o.text] for o in reviews.outcomes],
        annexes.as_evidence(),
    ]
    return sha256_text(canonical_json(content))
