"""The ranked list of a call as read from the database, under the terms it adopted or any others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.models import Agency, Ministry
from app.identity.rules import Permission, require
from app.kernel.audit import AuditEntry
from app.kernel.errors import Refused
from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import Adjusting, Adjustment, Allocation, Basis, Entry, Line, Terms
from app.portfolio.models import Scenario, ScenarioAdjustment
from app.portfolio.rules import weighed
from app.proposals.models import Proposal
from app.proposals.states import RANKED_STATES, RECORDED
from app.reviews.design import Refusal
from app.reviews.facts import Panel
from app.reviews.models import Assignment
from app.reviews.queries import finished_panels
from app.reviews.queries.counted import read_reviews_of_call
from app.reviews.queries.own import scores_from_json
from app.reviews.states import ACCEPTED

_NO_REVIEWS = Panel(0, 0, 0)
_MOST_KEPT = 4
_kept: dict[tuple[str | None, int], dict[int, Line]] = {}

NOT_CALIBRATED = Text(
    "ฉากทัศน์นี้จัดลำดับตามคะแนนปรับเทียบ แต่คะแนนของรอบนี้ปรับเทียบไม่ได้แล้ว กรุณาเลือกคะแนนดิบ",
    "This scenario ranks by calibrated scores, and the scores of this call can no longer be calibrated; choose raw scores",
)
NOT_WEIGHABLE = Text(
    "ผลพิจารณาบางฉบับใช้เกณฑ์ที่ไม่มีน้ำหนักในฉากทัศน์นี้ จึงคำนวณตามน้ำหนักใหม่ไม่ได้",
    "Some reviews were scored by criteria this scenario has no weight for, so its weights cannot be applied",
)


def list_entries(session: Session, call_id: int) -> list[Entry]:
    """What passed screening (or was recorded from the past), with its scores. One query.

    Rows are unpacked by position: reading a thousand of them by name costs twice as much.
    """
    reviews = finished_panels()
    rows = session.execute(
        select(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.stage,
            Proposal.guideline,
            Proposal.state,
            Proposal.total,
            Proposal.least,
            Proposal.submitted_at,
            Agency.id.label("agency_id"),
            Agency.name_th.label("agency_th"),
            Agency.name_en.label("agency_en"),
            Ministry.code.label("ministry_code"),
            Ministry.name_th.label("ministry_th"),
            Ministry.name_en.label("ministry_en"),
            reviews.c.n,
            reviews.c.total.label("sum_"),
            reviews.c.squares,
        )
        .outerjoin(reviews, reviews.c.proposal_id == Proposal.id)
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .join(Ministry, Ministry.id == Agency.ministry_id)
        .where(Proposal.call_id == call_id, Proposal.state.in_([*RANKED_STATES, RECORDED]))
    )
    agencies: dict[int, Text] = {}
    ministries: dict[str, Text] = {}
    entries = []
    for (
        proposal_id, number, title_th, title_en, stage, guideline, state, total, least, submitted_at,
        agency_id, agency_th, agency_en, ministry_code, ministry_th, ministry_en, n, sum_, squares,
    ) in rows:  # fmt: skip
        agency = agencies.get(agency_id)
        if agency is None:
            agency = agencies[agency_id] = Text(agency_th, agency_en)
        ministry = ministries.get(ministry_code)
        if ministry is None:
            ministry = ministries[ministry_code] = Text(ministry_th, ministry_en)
        entries.append(
            Entry(
                proposal_id,
                number,
                Text(title_th, title_en),
                agency,
                ministry,
                ministry_code,
                stage,
                guideline,
                state,
                total,
                submitted_at,  # type: ignore[arg-type]  # filed: the database demands it
                Panel(n, int(sum_), int(squares)) if n else _NO_REVIEWS,
                least,
            )
        )
    return entries


def list_levels(session: Session, call_id: int) -> dict[int, list[dict[str, int]]]:
    """Proposal id -> the levels (0-4) of each counted review by criterion, reviews in order of their assignment. One
    query."""
    found: dict[int, list[dict[str, int]]] = {}
    for proposal_id, content in session.execute(
        select(Assignment.proposal_id, Assignment.scores)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(Proposal.call_id == call_id, Proposal.state.in_(RANKED_STATES))
        .where(Assignment.state == ACCEPTED, Assignment.submitted_at.is_not(None))
        .order_by(Assignment.id)
    ):
        levels = {
            code: score.level for code, score in scores_from_json(content).items() if score.level is not None
        }
        found.setdefault(proposal_id, []).append(levels)
    return found


class CallEntries:
    """The entries of a call, to be laid under several terms: whatever these ask of the database is asked once. One query,
    one more for the first terms with weights of their own, and two for the first that rank by calibrated scores."""

    def __init__(self, session: Session, call: CallView):
        self._session = session
        self._call = call
        self.entries = list_entries(session, call.id)
        self._rubric = {c.code: c.weight for c in call.rubric.criteria}

    @cached_property
    def _levels(self) -> dict[int, list[dict[str, int]]]:
        return list_levels(self._session, self._call.id)

    @cached_property
    def _calibrated(self) -> Mapping[int, int]:
        return calibrated_scores(self._session, self._call.id)

    def under(self, terms: Terms) -> list[Entry]:
        """The entries with their scores under the terms' weights, and calibrated where the terms rank by that. Raises
        `Refused` where scores cannot be weighed or calibrated so."""
        entries = self.entries
        if terms.weights and terms.weights != self._rubric:
            try:
                panels = weighed(self._levels, terms.weights)
            except KeyError:
                raise Refused(NOT_WEIGHABLE) from None
            entries = [replace(entry, panel=panels.get(entry.proposal_id, _NO_REVIEWS)) for entry in entries]
        if terms.basis is Basis.CALIBRATED:
            scores = self._calibrated
            if any(entry.panel.count and entry.proposal_id not in scores for entry in entries):
                raise Refused(NOT_CALIBRATED)
            entries = [replace(entry, calibrated=scores.get(entry.proposal_id)) for entry in entries]
        return entries


def entries_under(session: Session, call: CallView, terms: Terms) -> list[Entry]:
    """The entries of a call with their scores as the terms ask for. One query, up to three more. Raises `Refused`."""
    return CallEntries(session, call).under(terms)


def calibrated_scores(session: Session, call_id: int) -> Mapping[int, int]:
    """Proposal id -> calibrated score (hundredths); empty where scores cannot be calibrated."""
    found = read_reviews_of_call(session, call_id).calibration
    if isinstance(found, Refusal):
        return {}
    return {row.proposal: row.calibrated for row in found.proposals}


def terms_of(session: Session, scenario: Scenario) -> Terms:
    """The terms of a scenario with its adjustments. One query."""
    rows = session.execute(
        select(Proposal.number, ScenarioAdjustment.kind, ScenarioAdjustment.amount, ScenarioAdjustment.reason)
        .join(Proposal, Proposal.id == ScenarioAdjustment.proposal_id)
        .where(ScenarioAdjustment.scenario_id == scenario.id, ScenarioAdjustment.ended_at.is_(None))
        .order_by(Proposal.number)
    )
    adjustments = {
        number: Adjustment(Adjusting(kind), amount, reason) for number, kind, amount, reason in rows
    }
    return replace(Terms.from_json(json.loads(scenario.content)), adjustments=adjustments)


def adopted_scenario(session: Session, call_id: int) -> tuple[str | None, Scenario | None]:
    """The head of the audit chain, and the scenario a call adopted. One query."""
    head = select(AuditEntry.sha256).order_by(AuditEntry.seq.desc()).limit(1).scalar_subquery()
    found, scenario = session.execute(
        select(head, Scenario)
        .select_from(Call)
        .outerjoin(Scenario, Scenario.adopted_for == Call.id)
        .where(Call.id == call_id)
    ).one()
    return found, scenario


def adopted_terms(session: Session, call: CallView) -> Terms:
    """What the list of a call is laid by: its adopted scenario's terms, else its ceiling and nothing more. One query, two
    where there is a scenario."""
    return _terms(session, call, adopted_scenario(session, call.id)[1])


def _terms(session: Session, call: CallView, scenario: Scenario | None) -> Terms:
    return Terms(call.ceiling) if scenario is None else terms_of(session, scenario)


def allocation_of(session: Session, actor: Actor, call: CallView) -> Allocation:
    """The list of a call under its adopted terms. Raises `Forbidden` without READ_PORTFOLIO."""
    require(actor, Permission.READ_PORTFOLIO)
    return _allocation(session, call, adopted_scenario(session, call.id)[1])


def _allocation(session: Session, call: CallView, scenario: Scenario | None) -> Allocation:
    terms = _terms(session, call, scenario)
    return allocate(entries_under(session, call, terms), terms)


def ranked_list(session: Session, actor: Actor, call: CallView) -> list[Line]:
    """The lines of `allocation_of`. Raises `Forbidden` without READ_PORTFOLIO."""
    return list(allocation_of(session, actor, call).lines)


def find_line(session: Session, actor: Actor, call: CallView, proposal_id: int) -> Line | None:
    """Where one proposal stands in the ranked list; None when it is not on it. Raises `Forbidden`.

    The list is kept for as long as the audit chain has the same head: nothing was done since, so it is the same.
    """
    require(actor, Permission.READ_PORTFOLIO)
    head, scenario = adopted_scenario(session, call.id)
    key = (head, call.id)
    lines = _kept.get(key)
    if lines is None:
        lines = {line.entry.proposal_id: line for line in _allocation(session, call, scenario).lines}
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept), key), None)
        _kept[key] = lines
    return lines.get(proposal_id)
