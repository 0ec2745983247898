"""Earlier filings that a new proposal may continue, and what continues them already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import Session, aliased

from app.calls.facts import Origin, PlanStructure
from app.calls.models import Call, CallDocument
from app.calls.queries import CallView, parse_document
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, Target, may
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.carrying import Carried, carry
from app.proposals.facts import AgencyRef, Continued, ProposalFacts
from app.proposals.models import ProjectResult, Proposal, ProposalAgency, Submission
from app.proposals.queries.filings import latest_submission, matching, read_facts
from app.proposals.queries.results import read_results
from app.proposals.results import ProjectResults
from app.proposals.states import FILED_STATES


def agencies_written_for(actor: Actor) -> frozenset[int]:
    """The agencies in whose name the actor makes proposals."""
    return frozenset(
        a for a in actor.agency_ids if may(actor, Permission.WRITE_PROPOSAL, Target(frozenset({a})))
    )


@dataclass(frozen=True, slots=True)
class SourceRow:
    """An earlier filing in the list of what may be continued. `asked` in satang."""

    id: int
    number: str
    fiscal_year: int
    origin: Origin
    title: Text
    state: str
    asked: int
    agency: Text


@dataclass(frozen=True, slots=True)
class SourcePage:
    """Some of the rows, how many there are in all, and the fiscal years among all of them, newest first."""

    rows: tuple[SourceRow, ...]
    count: int
    years: tuple[int, ...]


def _of(actor: Actor, before: int) -> tuple[Any, ...]:
    """What may be continued in the call of fiscal year `before`: what the actor's agencies led, filed or recorded."""
    return (
        Proposal.lead_agency_id.in_(agencies_written_for(actor)),
        Proposal.state.in_(FILED_STATES),
        Call.fiscal_year < before,
    )


def list_sources(
    session: Session,
    actor: Actor,
    before: int,
    *,
    text: str = "",
    year: int | None = None,
    start: int = 0,
    limit: int = 50,
) -> SourcePage:
    """Filings the actor's agencies led in calls before fiscal year `before`, newest year first, at most `limit` from
    the `start`-th (from 0). Two queries."""
    if not agencies_written_for(actor):
        return SourcePage((), 0, ())
    years = session.scalars(
        select(Call.fiscal_year)
        .join(Proposal, Proposal.call_id == Call.id)
        .where(*_of(actor, before))
        .distinct()
        .order_by(Call.fiscal_year.desc())
    ).all()
    statement = (
        latest_submission()
        .with_only_columns(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.state,
            Submission.total,
            Call.fiscal_year,
            Call.origin,
            Agency.name_th,
            Agency.name_en,
            func.count().over().label("all_count"),
        )
        .join(Call, Call.id == Proposal.call_id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .where(*_of(actor, before), *matching(text))
        .order_by(Call.fiscal_year.desc(), Proposal.number)
        .offset(start)
        .limit(limit)
    )
    if year is not None:
        statement = statement.where(Call.fiscal_year == year)
    rows = session.execute(statement).all()
    if not rows and start:
        return list_sources(session, actor, before, text=text, year=year, limit=limit)
    return SourcePage(
        tuple(
            SourceRow(
                id=r.id,
                number=r.number,
                fiscal_year=r.fiscal_year,
                origin=Origin(r.origin),
                title=Text(r.title_th, r.title_en),
                state=r.state,
                asked=r.total,
                agency=Text(r.name_th, r.name_en),
            )
            for r in rows
        ),
        rows[0].all_count if rows else 0,
        tuple(years),
    )


@dataclass(frozen=True, slots=True)
class Source:
    """An earlier filing with the plan it was filed under."""

    id: int
    state: str
    lead_agency_id: int
    lead_code: str  # the code of the agency that led it, as it is now
    sha256: str
    facts: ProposalFacts
    plan: PlanStructure
    results: ProjectResults | None  # as last reported

    def carried_into(self, call: CallView, directory: Mapping[str, AgencyRef]) -> Carried:
        """What a call can begin with from it. Raises `ValueError` unless it is of an earlier year."""
        return carry(
            self.facts,
            self.plan,
            plan=call.plan,
            fiscal_year=call.fiscal_year,
            lead=directory[self.lead_code],
            directory=directory,
            limits=call.limits,
        )


def _latest_result() -> ScalarSelect[int]:
    other = aliased(ProjectResult)
    return (
        select(func.max(other.id))
        .where(other.proposal_id == Proposal.id)
        .correlate(Proposal)
        .scalar_subquery()
    )


def _with_plan(statement: Select[Proposal, Submission]) -> Select[*tuple[Any, ...]]:
    return (
        statement.with_only_columns(
            Proposal.id,
            Proposal.state,
            Proposal.lead_agency_id,
            Agency.code.label("lead_code"),
            Submission.sha256,
            Submission.content,
            CallDocument.kind,
            CallDocument.sha256.label("plan_sha256"),
            CallDocument.content.label("plan_content"),
            ProjectResult,
        )
        .outerjoin(ProjectResult, ProjectResult.id == _latest_result())
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .join(CallDocument, CallDocument.id == Submission.plan_id)
    )


def _source(row: Any) -> Source:
    plan = parse_document(row.kind, row.plan_sha256, row.plan_content)
    assert isinstance(plan, PlanStructure)
    facts = read_facts(row.sha256, row.content)
    results = read_results(row.ProjectResult) if row.ProjectResult else None
    return Source(row.id, row.state, row.lead_agency_id, row.lead_code, row.sha256, facts, plan, results)


def get_source(session: Session, actor: Actor, proposal_id: int) -> Source:
    """What may be continued: the filing that counts, of an agency the actor makes proposals for. Raises `NotFound`,
    for a draft as well."""
    row = session.execute(
        _with_plan(latest_submission()).where(
            Proposal.id == proposal_id,
            Proposal.state.in_(FILED_STATES),
            Proposal.lead_agency_id.in_(agencies_written_for(actor)),
        )
    ).first()
    if row is None:
        raise NotFound()
    return _source(row)


def find_continued(session: Session, continued: Continued) -> Source | None:
    """The very filing a proposal says it continues. One query; the caller has read the proposal that names it."""
    row = session.execute(
        _with_plan(
            select(Proposal, Submission).join(Submission, Submission.proposal_id == Proposal.id)
        ).where(Proposal.number == continued.number, Submission.sha256 == continued.sha256)
    ).first()
    return _source(row) if row else None


@dataclass(frozen=True, slots=True)
class Continuation:
    """A proposal of a call that continues an earlier one."""

    id: int
    number: str
    title: Text
    state: str


def list_continuations(
    session: Session, fiscal_year: int, source_ids: Collection[int]
) -> dict[int, tuple[Continuation, ...]]:
    """Source id -> what continues it in a call, by number. One query; the caller has taken the ids from its own list."""
    found: dict[int, tuple[Continuation, ...]] = {}
    for r in session.execute(
        select(
            Proposal.continues_id,
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.state,
        )
        .join(Call, Call.id == Proposal.call_id)
        .where(Proposal.continues_id.in_(source_ids), Call.fiscal_year == fiscal_year)
        .order_by(Proposal.number)
    ):
        one = Continuation(r.id, r.number, Text(r.title_th, r.title_en), r.state)
        found[r.continues_id] = (*found.get(r.continues_id, ()), one)
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """A filed proposal by its number: its id, and the agencies that may read it."""

    id: int
    agency_ids: frozenset[int]


def find_filed(session: Session, number: str) -> Known | None:
    """Who has a part in the filed proposal of this number. One query."""
    rows = session.execute(
        select(Proposal.id, ProposalAgency.agency_id)
        .join(ProposalAgency, ProposalAgency.proposal_id == Proposal.id)
        .where(Proposal.number == number, Proposal.state.in_(FILED_STATES))
    ).all()
    return Known(rows[0].id, frozenset(r.agency_id for r in rows)) if rows else None
