"""The evidence behind suggestions for a scenario, and what proposals filed for each quarter."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from app.calls.models import Call
from app.calls.queries import CallView
from app.identity.facts import Actor
from app.linkage.queries import call_graph
from app.portfolio.facts import Entry, Terms
from app.portfolio.side_by_side import Quarters
from app.portfolio.suggesting import CONTINUES, JUDGED, Suggestion, Suggestions, needs_in, still_open
from app.proposals.models import Proposal, Submission, SubmittedLine
from app.proposals.queries import latest_submission
from app.proposals.states import APPROVED, CONDITIONAL, RANKED_STATES, RECORDED, STATES
from app.similarity.facts import Verdict
from app.similarity.models import OverlapVerdict

_STANDS = (APPROVED, CONDITIONAL, RECORDED)


def suggest(
    session: Session, actor: Actor, call: CallView, entries: list[Entry], terms: Terms
) -> Suggestions:
    """What the evidence suggests for a scenario of a call: six queries at most. Raises `Forbidden` without
    READ_LINKAGE."""
    graph = call_graph(session, actor, call)
    return still_open(
        terms,
        entries,
        _continuing(session, call.id),
        needs_in(graph, [c.code for c in call.plan.stages]),
        _duplicates(session, entries),
    )


def _continuing(session: Session, call_id: int) -> list[Suggestion]:
    """Proposals that continue one that was approved, or is recorded as funded. One query."""
    earlier = aliased(Proposal)
    rows = session.execute(
        select(Proposal.number, earlier.number, earlier.state, Call.fiscal_year)
        .join(earlier, earlier.id == Proposal.continues_id)
        .join(Call, Call.id == earlier.call_id)
        .where(Proposal.call_id == call_id, Proposal.state.in_(RANKED_STATES), earlier.state.in_(_STANDS))
        .order_by(Proposal.number)
    )
    return [
        Suggestion((number,), CONTINUES.fill(earlier=of, state=STATES[state], year=year))
        for number, of, state, year in rows
    ]


def _duplicates(session: Session, entries: list[Entry]) -> list[Suggestion]:
    """Pairs on the list whose last verdict is that they duplicate each other. One query."""
    newest = select(func.max(OverlapVerdict.id)).group_by(OverlapVerdict.low_id, OverlapVerdict.high_id)
    numbers = {entry.proposal_id: entry.number for entry in entries}
    rows = session.execute(
        select(
            OverlapVerdict.low_id, OverlapVerdict.high_id, OverlapVerdict.yields_id, OverlapVerdict.reason
        ).where(OverlapVerdict.id.in_(newest), OverlapVerdict.verdict == Verdict.DUPLICATE.value)
    )
    found = [
        Suggestion(
            (min(numbers[low], numbers[high]), max(numbers[low], numbers[high])),
            JUDGED.fill(yields=numbers.get(yields or 0, ""), reason=reason),
        )
        for low, high, yields, reason in rows
        if low in numbers and high in numbers
    ]
    return sorted(found, key=lambda s: s.numbers)


def filed_quarters(session: Session, call_id: int) -> Quarters:
    """Proposal id -> what its last filing asks for in quarters 1 to 4, then without a quarter; satang. One query."""
    filed = latest_submission().where(
        Proposal.call_id == call_id, Proposal.state.in_([*RANKED_STATES, RECORDED])
    )
    columns = (SubmittedLine.q1, SubmittedLine.q2, SubmittedLine.q3, SubmittedLine.q4, SubmittedLine.q0)
    rows = session.execute(
        filed.join(SubmittedLine, SubmittedLine.submission_id == Submission.id)
        .with_only_columns(Proposal.id, *(func.sum(column) for column in columns))
        .group_by(Proposal.id)
    )
    return {proposal_id: tuple(int(amount or 0) for amount in amounts) for proposal_id, *amounts in rows}
