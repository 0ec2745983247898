"""The queue of the screening desk: every filing of a call in one question, and what a page of it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import Session

from app.calls.models import CallDocument
from app.calls.queries import CallView, parse_document
from app.identity.facts import Actor
from app.identity.models import Agency, Ministry, User
from app.identity.rules import Permission, require
from app.kernel.findings import Outcome, worst
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal, ProposalMove
from app.proposals.queries.filings import matching
from app.screening.casework import NOBODY, NOT_SCREENED, STATES_OF, QueueEntry, QueueFilter, Standing
from app.screening.models import ScreeningCase, ScreeningFinding, ScreeningOverride, ScreeningRun
from app.screening.queries.cases import NoteView, last_notes
from app.similarity.models import OverlapPair, OverlapVerdict
from app.similarity.queries.pairs import counting, earlier_of, joined, later_of
from app.similarity.rules import WORKING_THRESHOLD

_BEFORE_DECISION = tuple(state for states in STATES_OF.values() for state in states)


def _newest_run() -> Any:
    """The id of the run that counts, as a column of any statement over Proposal."""
    return (
        select(func.max(ScreeningRun.id))
        .where(ScreeningRun.proposal_id == Proposal.id)
        .correlate(Proposal)
        .scalar_subquery()
    )


def _found(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(ScreeningFinding.run_id == _newest_run(), *conditions)


def _rule_is(rule: str, outcome: str) -> ColumnElement[bool]:
    """What the rule found in the run that counts; the worst of its findings is its conclusion."""
    if not rule:
        return _found(ScreeningFinding.outcome == outcome)
    named = ScreeningFinding.rule == rule
    fails = _found(named, ScreeningFinding.outcome == Outcome.FAILS.value)
    doubtful = _found(named, ScreeningFinding.outcome == Outcome.NEEDS_PERSON.value)
    if outcome == Outcome.FAILS:
        return fails
    if outcome == Outcome.NEEDS_PERSON:
        return and_(doubtful, ~fails)
    if outcome == Outcome.PASSES:
        return and_(_found(named), ~fails, ~doubtful)
    return or_(fails, doubtful)


def _conditions(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    found = matching(wanted.text)
    if wanted.standing == Standing.DECIDED:
        found.append(Proposal.state.not_in(_BEFORE_DECISION))
    elif wanted.standing:
        found.append(Proposal.state.in_(STATES_OF[Standing(wanted.standing)]))
    if wanted.rule or wanted.outcome:
        found.append(_rule_is(wanted.rule, wanted.outcome))
    if wanted.assignee == NOBODY:
        found.append(ScreeningCase.assignee_id.is_(None))
    elif wanted.assignee:
        found.append(ScreeningCase.assignee_id == int(wanted.assignee))
    if wanted.stage:
        found.append(Proposal.stage == wanted.stage)
    if wanted.ministry:
        found.append(Ministry.code == wanted.ministry)
    if wanted.judged:
        stands = exists().where(ScreeningOverride.run_id == _newest_run())
        found.append(stands if wanted.judged == "yes" else ~stands)
    return found


def list_queue(
    session: Session, actor: Actor, call_id: int, wanted: QueueFilter = QueueFilter()
) -> list[QueueEntry]:
    """Every filing of a call with who looks after it and whether it fits `wanted`; two queries. Raises `Forbidden` for
    whoever does not screen."""
    require(actor, Permission.RUN_SCREENING)
    overlaps = count_unjudged(session, call_id)
    since = (
        select(func.max(ProposalMove.at))
        .where(ProposalMove.proposal_id == Proposal.id)
        .correlate(Proposal)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Proposal.id,
            Proposal.number,
            Proposal.state,
            Proposal.total,
            func.coalesce(since, Proposal.submitted_at, type_=Proposal.submitted_at.type).label("since"),
            ScreeningCase.assignee_id,
            exists().where(ScreeningOverride.run_id == _newest_run()).label("is_judged"),
            case((and_(true(), *_conditions(wanted)), 1), else_=0).label("fits"),
        )
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .join(Ministry, Ministry.id == Agency.ministry_id)
        .outerjoin(ScreeningCase, ScreeningCase.proposal_id == Proposal.id)
        .where(Proposal.call_id == call_id, Proposal.state.not_in(NOT_SCREENED))
        .order_by(Proposal.number)
    )
    return [
        QueueEntry(
            proposal_id=r.id,
            number=r.number,
            state=r.state,
            total=r.total,
            since=r.since,
            assignee_id=r.assignee_id,
            is_judged=bool(r.is_judged),
            overlaps=overlaps.get(r.id, 0),
            fits=bool(r.fits)
            and (not wanted.overlaps or (wanted.overlaps == "yes") == bool(overlaps.get(r.id))),
        )
        for r in rows
    ]


def count_unjudged(session: Session, call_id: int) -> Counter[int]:
    """Proposal id -> pairs of similar filings it is in that nobody has judged, for a call; one query."""
    pairs = session.execute(
        joined(select(later_of.id, earlier_of.id)).where(
            counting(),
            OverlapPair.score >= WORKING_THRESHOLD,
            OverlapVerdict.id.is_(None),
            or_(later_of.call_id == call_id, earlier_of.call_id == call_id),
        )
    )
    return Counter(proposal_id for pair in pairs for proposal_id in pair)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A rule that does not pass. `judged` is a person's judgement on it, where one stands."""

    rule: str
    name: Text
    outcome: Outcome
    decides: bool
    judged: Outcome | None


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A filing of the queue in words. `total` in satang."""

    id: int
    number: str
    title: Text
    agency: Text
    ministry: Text
    stage: str
    state: str
    total: int
    submitted_at: datetime
    assignee: Text | None
    troubles: tuple[Trouble, ...]
    judged: int
    note: NoteView | None


def describe_queue(session: Session, call: CallView, proposal_ids: Sequence[int]) -> list[QueueRow]:
    """These filings of a call in words, in the order of the ids; at most five queries for any number.

    The caller has taken the ids from `list_queue`.
    """
    if not proposal_ids:
        return []
    judged: dict[int, dict[str, Outcome]] = {}
    for r in session.execute(
        select(ScreeningRun.proposal_id, ScreeningOverride.rule, ScreeningOverride.outcome)
        .join(ScreeningOverride, ScreeningOverride.run_id == ScreeningRun.id)
        .where(ScreeningRun.id.in_(_newest_of(proposal_ids)))
        .order_by(ScreeningOverride.id)
    ):
        judged.setdefault(r.proposal_id, {})[r.rule] = Outcome(r.outcome)
    troubles = _troubles(session, call, proposal_ids, judged)
    notes = last_notes(session, proposal_ids)
    rows = {
        r.id: QueueRow(
            id=r.id,
            number=r.number,
            title=Text(r.title_th, r.title_en),
            agency=Text(r.agency_th, r.agency_en),
            ministry=Text(r.ministry_th, r.ministry_en),
            stage=r.stage,
            state=r.state,
            total=r.total,
            submitted_at=r.submitted_at,
            assignee=Text(r.user_th, r.user_en) if r.user_th else None,
            troubles=tuple(troubles.get(r.id, ())),
            judged=len(judged.get(r.id, ())),
            note=notes.get(r.id),
        )
        for r in session.execute(
            select(
                Proposal.id,
                Proposal.number,
                Proposal.title_th,
                Proposal.title_en,
                Agency.name_th.label("agency_th"),
                Agency.name_en.label("agency_en"),
                Ministry.name_th.label("ministry_th"),
                Ministry.name_en.label("ministry_en"),
                Proposal.stage,
                Proposal.state,
                Proposal.total,
                Proposal.submitted_at,
                User.name_th.label("user_th"),
                User.name_en.label("user_en"),
            )
            .join(Agency, Agency.id == Proposal.lead_agency_id)
            .join(Ministry, Ministry.id == Agency.ministry_id)
            .outerjoin(ScreeningCase, ScreeningCase.proposal_id == Proposal.id)
            .outerjoin(User, User.id == ScreeningCase.assignee_id)
            .where(Proposal.id.in_(proposal_ids))
        )
    }
    return [rows[proposal_id] for proposal_id in proposal_ids if proposal_id in rows]


def _newest_of(proposal_ids: Collection[int]) -> Any:
    return (
        select(func.max(ScreeningRun.id))
        .where(ScreeningRun.proposal_id.in_(proposal_ids))
        .group_by(ScreeningRun.proposal_id)
    )


def _troubles(
    session: Session, call: CallView, proposal_ids: Collection[int], judged: dict[int, dict[str, Outcome]]
) -> dict[int, list[Trouble]]:
    """Rules that decide and do not pass, and rules that only inform but ask for a person: what there is to look at."""
    found: dict[tuple[int, int, str], list[Outcome]] = {}
    for r in session.execute(
        select(
            ScreeningRun.proposal_id,
            ScreeningRun.rulebook_id,
            ScreeningFinding.rule,
            ScreeningFinding.outcome,
        )
        .join(ScreeningFinding, ScreeningFinding.run_id == ScreeningRun.id)
        .where(
            ScreeningRun.id.in_(_newest_of(proposal_ids)),
            ScreeningFinding.outcome != Outcome.PASSES.value,
        )
        .order_by(ScreeningFinding.id)
    ):
        found.setdefault((r.proposal_id, r.rulebook_id, r.rule), []).append(Outcome(r.outcome))
    rulebooks = {call.rulebook_id: call.rulebook} | load_rulebooks(
        session, {rulebook_id for _, rulebook_id, _ in found} - {call.rulebook_id}
    )
    troubles: dict[int, list[Trouble]] = {}
    for (proposal_id, rulebook_id, code), outcomes in found.items():
        rule, outcome = rulebooks[rulebook_id].rule(code), worst(outcomes)
        decides = rule.severity.value == "decides"
        if decides or outcome is Outcome.NEEDS_PERSON:
            stands = judged.get(proposal_id, {}).get(code)
            troubles.setdefault(proposal_id, []).append(Trouble(code, rule.name, outcome, decides, stands))
    return troubles


def load_rulebooks(session: Session, rulebook_ids: Collection[int]) -> dict[int, Any]:
    """Rulebooks by id; one query, none for none."""
    if not rulebook_ids:
        return {}
    rows = session.execute(
        select(CallDocument.id, CallDocument.sha256, CallDocument.content).where(
            CallDocument.id.in_(rulebook_ids)
        )
    )
    return {r.id: parse_document("rulebook", r.sha256, r.content) for r in rows}
