"""What is known around filings when they are screened.

Only what a proposal needs of it is kept with its run: the peers of its own items, the results and commitments of the
project it continues, the answers given since it was filed, the filings it resembles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.proposals.facts import Answer, ProposalFacts
from app.proposals.models import LinkRequest, Proposal, Submission, SubmittedLine
from app.proposals.queries import find_results
from app.proposals.states import DRAFT
from app.screening.facts import (
    Circumstances,
    Committed,
    KnownOverlap,
    LaterAnswer,
    PastPerformance,
    PeerPrices,
)
from app.screening.rules import Situation
from app.similarity.queries import list_known

Filings = Mapping[int, tuple[int, ProposalFacts]]  # submission id -> proposal id, facts
_OVERLAP_FIELDS = [f.name for f in fields(KnownOverlap)]
_LATER = (SubmittedLine.later1, SubmittedLine.later2, SubmittedLine.later3, SubmittedLine.later4)


def situation_of(
    call: CallView,
    arrived_at: datetime | None = None,
    closes_at: datetime | None = None,
    known: Circumstances | None = None,
) -> Situation:
    """What the rules may know of a call. `arrived_at` None tries the rules out on a draft.

    `closes_at` is the moment the filing was judged by when it arrived, so that an extension ended later takes
    nothing back; None is the call's own. `known` is what is known around the proposal; None is nothing.
    """
    return Situation(
        plan=call.plan,
        limits=call.limits,
        opens_at=call.opens_at,
        closes_at=closes_at or call.closes_at,
        arrived_at=arrived_at,
        grace=call.grace,
        prices=call.prices,
        known=known or Circumstances(),
    )


def gather_circumstances(session: Session, call: CallView, filings: Filings) -> dict[int, Circumstances]:
    """Submission id -> what is known around it, for `filings` (submission id -> proposal id, facts) of a call.

    The same number of queries for one filing and for all.
    """
    peers = _peers(session, call.id, filings)
    past = _past(session, filings)
    committed = _committed(session, call.fiscal_year, filings)
    answers = _answers(session, filings)
    overlaps = list_known(session, list(filings))
    return {
        submission_id: Circumstances(
            peers=peers.get(submission_id, {}),
            past=past.get(submission_id),
            overlaps=_overlaps(overlaps.get(submission_id)),
            committed=committed.get(submission_id, {}),
            answers=answers.get(submission_id, {}),
        )
        for submission_id in filings
    }


def _overlaps(pairs: Iterable[object] | None) -> tuple[KnownOverlap, ...] | None:
    if pairs is None:
        return None
    return tuple(KnownOverlap(**{name: getattr(pair, name) for name in _OVERLAP_FIELDS}) for pair in pairs)


def _peers(session: Session, call_id: int, filings: Filings) -> dict[int, dict[str, PeerPrices]]:
    """Of each filing, by item: what other proposals of the call ask for one, by their latest filings; one query."""
    latest = (
        select(func.max(Submission.id))
        .join(Proposal, Proposal.id == Submission.proposal_id)
        .where(Proposal.call_id == call_id, Proposal.state != DRAFT)
        .group_by(Submission.proposal_id)
    )
    key = SubmittedLine.item_key
    if len(filings) == 1:
        wanted = select(key).where(SubmittedLine.submission_id.in_(list(filings)))
    else:  # what one proposal alone asks for has no peers
        wanted = (
            select(key)
            .where(SubmittedLine.submission_id.in_(latest))
            .group_by(key)
            .having(func.count(SubmittedLine.submission_id.distinct()) > 1)
        )
    asked: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for item, price, proposal_id in session.execute(
        select(key, SubmittedLine.unit_price, Submission.proposal_id)
        .join(Submission, Submission.id == SubmittedLine.submission_id)
        .where(
            SubmittedLine.submission_id.in_(latest),
            SubmittedLine.unit_price > 0,
            key != "",
            key.in_(wanted),
        )
    ):
        asked[item].append((price, proposal_id))
    found: dict[int, dict[str, PeerPrices]] = {}
    submission_of = {proposal_id: submission_id for submission_id, (proposal_id, _) in filings.items()}
    for item, prices in asked.items():
        prices.sort()
        own: dict[int, list[int]] = defaultdict(list)
        for place, (_, proposal_id) in enumerate(prices):
            own[proposal_id].append(place)
        for proposal_id, places in own.items():
            submission_id = submission_of.get(proposal_id)
            if submission_id is not None and len(places) < len(prices):
                found.setdefault(submission_id, {})[item] = _without(prices, places)
    return found


def _without(prices: Sequence[tuple[int, int]], own: Sequence[int]) -> PeerPrices:
    """What is left of sorted prices without those at the places `own`, ascending; at least one is left."""
    lines = len(prices) - len(own)

    def nth(n: int) -> int:
        """The n-th of those left: `n` moved on by every place of one's own up to it."""
        place = n
        for passed in own:
            if passed > place:
                break
            place += 1
        return prices[place][0]

    middle = (nth((lines - 1) // 2) + nth(lines // 2)) // 2
    return PeerPrices(lines, middle, nth(0), nth(lines - 1))


def _continuing(filings: Filings) -> dict[int, ProposalFacts]:
    return {submission_id: facts for submission_id, (_, facts) in filings.items() if facts.continues}


def _past(session: Session, filings: Filings) -> dict[int, PastPerformance]:
    """What became of the projects continued, as last reported; two queries, none where nothing is continued."""
    continuing = _continuing(filings)
    if not continuing:
        return {}
    numbers = {facts.continues.number for facts in continuing.values() if facts.continues}
    ids = {
        number: proposal_id
        for number, proposal_id in session.execute(
            select(Proposal.number, Proposal.id).where(Proposal.number.in_(numbers))
        )
    }
    results = find_results(session, list(ids.values()))
    found = {}
    for submission_id, facts in continuing.items():
        assert facts.continues is not None
        number = facts.continues.number
        report = results.get(ids[number]) if number in ids else None
        if report is not None:
            found[submission_id] = PastPerformance(
                number=number,
                as_of=report.as_of,
                granted=report.granted,
                spent=report.spent,
                indicators=len(report.known),
                reached=report.reached,
                source=report.source,
            )
    return found


def _committed(session: Session, fiscal_year: int, filings: Filings) -> dict[int, dict[str, Committed]]:
    """By item, what the very filing that is continued had bound for this call's year and after it; one query, none
    where nothing is continued."""
    continuing = _continuing(filings)
    if not continuing:
        return {}
    hashes = {facts.continues.sha256 for facts in continuing.values() if facts.continues}
    rows = session.execute(
        select(Submission.sha256, SubmittedLine.item_key, SubmittedLine.item, *_LATER)
        .join(SubmittedLine, SubmittedLine.submission_id == Submission.id)
        .where(Submission.sha256.in_(hashes), SubmittedLine.item_key != "")
        .where(sum(_LATER[1:], start=_LATER[0]) > 0)
        .order_by(SubmittedLine.position)
    )
    bound: dict[str, list[tuple[str, str, tuple[int, ...]]]] = defaultdict(list)
    for sha256, key, item, *years in rows:
        bound[sha256].append((key, item, tuple(years)))
    found: dict[int, dict[str, Committed]] = {}
    for submission_id, facts in continuing.items():
        assert facts.continues is not None
        passed = fiscal_year - facts.continues.fiscal_year
        if passed < 1:
            continue
        for key, item, later in bound.get(facts.continues.sha256, ()):
            due = later[passed - 1] if passed <= len(later) else 0
            after = sum(later[passed:])
            if due or after:
                items = found.setdefault(submission_id, {})
                known = items.get(key, Committed(item, 0, 0))
                items[key] = Committed(known.item, known.due + due, known.after + after)
    return found


def _answers(session: Session, filings: Filings) -> dict[int, dict[str, LaterAnswer]]:
    """By link, what its partner says now where that is not what was filed; one query."""
    submission_of = {
        proposal_id: submission_id
        for submission_id, (proposal_id, facts) in filings.items()
        if facts.integration.links
    }
    found: dict[int, dict[str, LaterAnswer]] = {}
    said: dict[int, dict[str, LaterAnswer]] = defaultdict(dict)
    for request in session.execute(
        select(LinkRequest.proposal_id, LinkRequest.link_sha256, LinkRequest.state, LinkRequest.own_money)
        .where(
            LinkRequest.proposal_id.in_(list(submission_of)),
            LinkRequest.state.in_([Answer.CONFIRMED.value, Answer.DECLINED.value]),
        )
        .order_by(LinkRequest.id)
    ):
        said[request.proposal_id][request.link_sha256] = LaterAnswer(request.state, request.own_money)
    for proposal_id, answers in said.items():
        submission_id = submission_of[proposal_id]
        for link in filings[submission_id][1].integration.links:
            now = answers.get(link.sha256)
            if now is not None and (now.answer, now.own_money) != (link.answer, link.own_money):
                found.setdefault(submission_id, {})[link.sha256] = now
    return found
