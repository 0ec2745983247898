"""Filings and drafts are compared, and what was found is kept.

Finding takes long and writes nothing; keeping is quick. Whoever must not hold up other writers finds first, through a
`Radar`, and opens the write transaction for keeping alone.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.calls.queries import get_call
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json
from app.kernel.work import Work
from app.proposals.models import Proposal, Submission
from app.similarity.content import comparison_as_json
from app.similarity.models import ComparedFiling, DraftComparison, OverlapPair
from app.similarity.queries.radar import Found, FoundForDraft, FoundPair, Radar
from app.similarity.rules import method

_AT_ONCE = 500


def compare_filing(work: Work[Actor], submission_id: int, radar: Radar | None = None) -> tuple[int, ...]:
    """Compare a filing with all others that count, unless that was done; returns what `keep_found` does."""
    require(work.actor, Permission.JUDGE_OVERLAP)
    if is_compared(work.session, submission_id):
        return ()
    found = (radar or Radar()).find(work.session, submission_id)
    return keep_found(work, found) if found is not None else ()


def compare_call(work: Work[Actor], fiscal_year: int, radar: Radar | None = None) -> tuple[int, ...]:
    """Compare all filings of a call with all others again, such as after a change of the comparison or an import;
    returns what `keep_found` does. Nobody is screened again by it. Raises `NotFound` without a call."""
    require(work.actor, Permission.JUDGE_OVERLAP)
    call = get_call(work.session, fiscal_year)
    return keep_found(work, (radar or Radar()).find_call(work.session, call.id))


def is_compared(session: Session, submission_id: int) -> bool:
    """Whether a filing was compared by the method of today."""
    done = session.get(ComparedFiling, submission_id)
    return done is not None and done.method == method()


def keep_found(work: Work[Actor], found: Found) -> tuple[int, ...]:
    """Keep what comparing filings found, in place of what was kept of them. The same again changes nothing but the
    time.

    Returns those whom it is news to, proposal ids: the later of each pair that was not kept before, and the earlier one
    where both are of one call. What is filed in a later year does not reopen the earlier one.
    """
    require(work.actor, Permission.JUDGE_OVERLAP)
    news = _keep_pairs(work, found)
    for start in range(0, len(found.gone), _AT_ONCE):
        for later, earlier in found.gone[start : start + _AT_ONCE]:
            work.session.execute(
                delete(OverlapPair).where(OverlapPair.later_id == later, OverlapPair.earlier_id == earlier)
            )
    for submission_id in found.filings:
        row = work.session.get(ComparedFiling, submission_id)
        if row is None:
            row = ComparedFiling(submission_id=submission_id)
            work.session.add(row)
        row.method, row.against, row.compared_at = found.method, found.against, work.now
    work.session.flush()
    return _told(work, news)


def _told(work: Work[Actor], news: Collection[FoundPair]) -> tuple[int, ...]:
    of = {
        row.id: row
        for row in work.session.execute(
            select(Submission.id, Submission.proposal_id, Proposal.call_id)
            .join(Proposal, Proposal.id == Submission.proposal_id)
            .where(Submission.id.in_({key for pair in news for key in (pair.later_id, pair.earlier_id)}))
        )
    }
    told = {of[pair.later_id].proposal_id for pair in news}
    told |= {
        of[pair.earlier_id].proposal_id
        for pair in news
        if of[pair.earlier_id].call_id == of[pair.later_id].call_id
    }
    return tuple(sorted(told))


def _keep_pairs(work: Work[Actor], found: Found) -> list[FoundPair]:
    """The pairs that are new."""
    news = []
    for start in range(0, len(found.pairs), _AT_ONCE):
        some = found.pairs[start : start + _AT_ONCE]
        kept = {
            (row.later_id, row.earlier_id): row
            for row in work.session.scalars(
                select(OverlapPair).where(OverlapPair.later_id.in_({pair.later_id for pair in some}))
            )
        }
        for pair in some:
            row = kept.get((pair.later_id, pair.earlier_id))
            if row is None:
                row = OverlapPair(later_id=pair.later_id, earlier_id=pair.earlier_id)
                work.session.add(row)
                news.append(pair)
            _write(row, pair, found.method)
            row.compared_at = work.now
    return news


def _write(row: OverlapPair, pair: FoundPair, by: str) -> None:
    row.score, row.method = pair.comparison.score, by
    row.content = canonical_json(comparison_as_json(pair.comparison))


def compare_draft(work: Work[Actor], proposal_id: int, radar: Radar | None = None) -> None:
    """Answer the officer who asked what a draft resembles; nothing where nobody asked."""
    require(work.actor, Permission.JUDGE_OVERLAP)
    if work.session.get(DraftComparison, proposal_id) is not None:
        keep_found_for_draft(work, proposal_id, (radar or Radar()).find_draft(work.session, proposal_id))


def keep_found_for_draft(work: Work[Actor], proposal_id: int, found: FoundForDraft) -> None:
    """Keep what a draft resembles, in place of what was found before; nothing where nobody asked."""
    require(work.actor, Permission.JUDGE_OVERLAP)
    row = work.session.get(DraftComparison, proposal_id)
    if row is None:
        return
    row.compared_at, row.method = max(work.now, row.asked_at), found.method
    row.against, row.sha256 = found.against, found.sha256
    row.content = canonical_json(
        [
            {"submission": key, "score": one.score, "comparison": comparison_as_json(one)}
            for key, one in found.pairs
        ]
    )
