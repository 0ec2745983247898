"""Where proposals of a list stand: whose turn each is, and what is missing in it, section by section and by whom.

Drafts are read only for the proposals asked about, so ask about a page of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calls.facts import Phase, deadline_of
from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.queries import AgencyName
from app.identity.rules import Permission, may
from app.kernel.lean import dataclass
from app.proposals.drafts import LinkAnswer, home_of
from app.proposals.facts import Answer
from app.proposals.freezing import claims_sha256
from app.proposals.models import Certification, LinkRequest
from app.proposals.queries.drafts import DraftState, agency_ref, list_draft_facts
from app.proposals.queries.own import OwnRow
from app.proposals.sections import list_obstacles
from app.proposals.signoff import judge_standing
from app.proposals.states import DRAFT, RETURNED, WITHDRAWN
from app.proposals.turns import PartFacts, Turn, TurnFacts, whose_turn

QUESTIONS = "questions"  # beside the sections: questions of a return without an answer


@dataclass(frozen=True, slots=True)
class Missing:
    """How many things an agency has still to fill in or mend in one section of its own form, or in `QUESTIONS`."""

    agency_id: int
    section: str
    count: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """Where a proposal stands. `until` is the moment before which it must be filed, None when nothing can be filed
    now."""

    turn: Turn
    missing: tuple[Missing, ...] = ()
    until: datetime | None = None


def list_outlooks(
    session: Session,
    rows: Sequence[OwnRow],
    calls: Mapping[int, CallView],
    agencies: Sequence[AgencyName],
    now: datetime,
    reviews: Mapping[int, tuple[int, int]],
) -> dict[int, Outlook]:
    """Proposal id -> where it stands, for `rows` of the reader's own list.

    `calls` are by id, `reviews` how many reviews were given out and handed in. At most five queries for any number of
    rows.
    """
    windows = {row.id: deadline_of(calls[row.call_id], row.lead_agency_id) for row in rows}
    written = [row for row in rows if _can_be_written(row, windows[row.id].judge(now), now)]
    links = _links(session, [row.id for row in rows])
    drafts: Mapping[int, DraftState] = {}
    if written:
        directory = {agency.code: agency_ref(agency) for agency in agencies}
        drafts = list_draft_facts(session, [row.id for row in written], calls, directory, links.answers)
    codes = {agency.code: agency.id for agency in agencies}
    signed = _signed(session, [row.id for row in written if calls[row.call_id].is_certified])
    found = {}
    for row in rows:
        call, window = calls[row.call_id], windows[row.id]
        missing: tuple[Missing, ...] = ()
        parts: tuple[PartFacts, ...] = ()
        has_signed = False
        if row.id in drafts:
            draft, signatures = drafts[row.id], signed[row.id]
            missing = tuple(_missing(row, draft, call, codes))
            parts = tuple(_parts(draft, codes, signatures, missing))
            if call.is_certified and not missing:
                has_signed = (row.lead_agency_id, "filing", claims_sha256(draft.facts)) in signatures
        given, done = reviews.get(row.id, (0, 0))
        facts = TurnFacts(
            lead_id=row.lead_agency_id,
            window=window.judge(now),
            missing=sum(m.count for m in missing if m.agency_id == row.lead_agency_id),
            parts=parts,
            asked=tuple(links.waiting.get(row.id, ())),
            is_certified=call.is_certified,
            is_signed=has_signed,
            is_due_over=row.due_at is None or now >= row.due_at,
            given=given,
            done=done,
        )
        until = row.due_at if row.state == RETURNED else window.closes_at
        found[row.id] = Outlook(whose_turn(row.state, facts), missing, until if row.id in drafts else None)
    return found


def count_asked_links(session: Session, actor: Actor) -> int:
    """How many links others have put to the actor's agencies that wait for their answer."""
    if not may(actor, Permission.ANSWER_LINK):
        return 0
    return (
        session.scalar(
            select(func.count())
            .select_from(LinkRequest)
            .where(LinkRequest.partner_id.in_(actor.agency_ids), LinkRequest.state == Answer.ASKED.value)
        )
        or 0
    )


def _can_be_written(row: OwnRow, phase: Phase, now: datetime) -> bool:
    if row.state == DRAFT:
        return phase is not Phase.CLOSED
    return row.state == RETURNED and row.due_at is not None and now < row.due_at


@dataclass(frozen=True, slots=True)
class _Links:
    """What partners were asked about the links of some proposals, by proposal id: `waiting` names the partner of every
    link without an answer, `answers` is by the hash of the link."""

    waiting: Mapping[int, Sequence[int]]
    answers: Mapping[int, Mapping[str, LinkAnswer]]


def _links(session: Session, ids: Collection[int]) -> _Links:
    waiting: defaultdict[int, list[int]] = defaultdict(list)
    answers: defaultdict[int, dict[str, LinkAnswer]] = defaultdict(dict)
    for row in session.execute(
        select(
            LinkRequest.proposal_id,
            LinkRequest.partner_id,
            LinkRequest.link_sha256,
            LinkRequest.state,
            LinkRequest.own_money,
        )
        .where(LinkRequest.proposal_id.in_(ids), LinkRequest.state != WITHDRAWN)
        .order_by(LinkRequest.id)
    ):
        answers[row.proposal_id][row.link_sha256] = LinkAnswer(row.state, row.own_money)
        if row.state == Answer.ASKED:
            waiting[row.proposal_id].append(row.partner_id)
    return _Links(waiting, answers)


def _signed(session: Session, ids: Collection[int]) -> defaultdict[int, set[tuple[int, str, str]]]:
    """Proposal id -> (agency, scope, hash) of every signature ever given; each holds for its hash alone."""
    found: defaultdict[int, set[tuple[int, str, str]]] = defaultdict(set)
    if ids:
        for row in session.execute(
            select(
                Certification.proposal_id, Certification.agency_id, Certification.scope, Certification.sha256
            ).where(Certification.proposal_id.in_(ids))
        ):
            found[row.proposal_id].add((row.agency_id, row.scope, row.sha256))
    return found


def _missing(row: OwnRow, draft: DraftState, call: CallView, codes: Mapping[str, int]) -> list[Missing]:
    """What is missing, by the form in which it has to be mended: the lead's first, sections in their order."""
    counts: Counter[tuple[int, str]] = Counter()
    for problem in list_obstacles(draft.draft, draft.joined, draft.facts, call.plan, call.limits):
        home = home_of(problem.place, draft.draft, draft.joined)
        owner = codes[home.agency] if home.agency else row.lead_agency_id
        counts[owner, home.section if home.agency else problem.section] += 1
    if row.unanswered:
        counts[row.lead_agency_id, QUESTIONS] = row.unanswered
    return [Missing(agency_id, section, count) for (agency_id, section), count in counts.items()]


def _parts(
    draft: DraftState,
    codes: Mapping[str, int],
    signatures: Collection[tuple[int, str, str]],
    missing: Collection[Missing],
) -> list[PartFacts]:
    by_code = {part.code: part for part in draft.parts}
    found = []
    for agency in draft.facts.participants:
        part, agency_id = by_code.get(agency.code), codes[agency.code]
        standing = judge_standing(
            part.state if part else None,
            is_confirmed=part is not None and part.is_confirmed,
            is_signed=part is not None and (agency_id, "part", part.sha256) in signatures,
        )
        lacking = sum(m.count for m in missing if m.agency_id == agency_id)
        found.append(PartFacts(agency_id, standing, lacking))
    return found
