"""What if: how the list of a call changes with weights, ceiling and reviewers, as the committee and the secretariat may see
it.

Kept as `certainty` keeps what was drawn. It holds reviewers' keys; their names are put in for each reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import Allocation, Entry, Terms
from app.portfolio.queries.certainty import has_own_weights, key_of, ratings_of
from app.portfolio.queries.lists import adopted_scenario, entries_under, list_levels, terms_of
from app.portfolio.sensitivity import (
    CeilingSteps,
    Levels,
    Swaps,
    WeightShares,
    WithoutReviewer,
    leave_out_reviewers,
    try_ceilings,
    why_not_weighed,
)
from app.reviews.design import Rating, Refusal
from app.reviews.queries.calibration import UNNAMED
from app.reviews.queries.counted import CountedReviews, read_reviews_of_call
from app.reviews.queries.rounds import shows_names

_MOST_KEPT = 3
_kept: dict[tuple[str | None, int], _Known] = {}
_tried: dict[tuple[object, ...], Sensitivity] = {}


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """All that was tried on one list. Where weights cannot be tried `refusal` says why, and `shares` and `swaps` are
    None."""

    weights: Mapping[str, int]
    ceilings: CeilingSteps
    reviewers: tuple[WithoutReviewer, ...]
    shares: WeightShares | None
    swaps: Swaps | None
    refusal: Text | None


@dataclass(frozen=True, slots=True)
class ReviewerRow:
    """The list without one reviewer. Where names are kept from the reader, `body` is, too."""

    name: Text
    body: Text | None
    figures: WithoutReviewer


@dataclass(frozen=True, slots=True)
class SensitivityView:
    """What was tried on the list as it stands, for one reader. `criteria` are the names of the criteria that have
    weights; `reviewers` those whose scores weigh most on the list first."""

    allocation: Allocation
    criteria: Mapping[str, Text]
    tried: Sensitivity
    reviewers: tuple[ReviewerRow, ...]
    shows_names: bool

    @property
    def entries(self) -> Mapping[str, Entry]:
        """The scored entries by number, in rank order."""
        return {line.entry.number: line.entry for line in self.allocation.lines if line.rank is not None}


@dataclass(frozen=True, slots=True)
class _Known:
    allocation: Allocation
    reviews: CountedReviews
    tried: Sensitivity


def read_sensitivity(
    session: Session, actor: Actor, call: CallView, terms: Terms | None = None
) -> SensitivityView:
    """What was tried on the list under a call's adopted terms, or under others. One query while the adopted list is kept;
    else at most eight. Raises `Forbidden` without READ_PORTFOLIO and READ_REVIEWS, `Refused` where the terms cannot be
    applied to the scores."""
    require(actor, Permission.READ_PORTFOLIO)
    require(actor, Permission.READ_REVIEWS)
    known = _adopted(session, call) if terms is None else _read(session, call, terms)
    with_names = shows_names(actor, known.reviews.names_for)
    return SensitivityView(
        allocation=known.allocation,
        criteria={c.code: c.name for c in call.rubric.criteria},
        tried=known.tried,
        reviewers=_named(known, with_names),
        shows_names=with_names,
    )


def _adopted(session: Session, call: CallView) -> _Known:
    head, scenario = adopted_scenario(session, call.id)
    key = (head, call.id)
    known = _kept.get(key)
    if known is None:
        terms = Terms(call.ceiling) if scenario is None else terms_of(session, scenario)
        known = _read(session, call, terms)
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept), key), None)
        _kept[key] = known
    return known


def _read(session: Session, call: CallView, terms: Terms) -> _Known:
    allocation = allocate(entries_under(session, call, terms), terms)
    reviews = read_reviews_of_call(session, call.id)
    return _Known(allocation, reviews, sensitivity_of(session, call, allocation, reviews))


def sensitivity_of(
    session: Session, call: CallView, allocation: Allocation, reviews: CountedReviews
) -> Sensitivity:
    """Try everything on any list of a call. One query."""
    terms = allocation.terms
    entries = [line.entry for line in allocation.lines if line.rank is not None]
    levels = list_levels(session, call.id)
    weights = dict(terms.weights) or {c.code: c.weight for c in call.rubric.criteria}
    refusal = why_not_weighed(entries, levels, weights, terms.basis)
    if has_own_weights(call, terms):
        ratings = ratings_of(reviews, levels, weights)
    else:
        ratings = tuple(Rating(r.proposal_id, r.reviewer_id, r.total) for r in reviews.counted)
    key = (*key_of(terms, entries, ratings), tuple(weights.items()), refusal, _key(levels))
    found = _tried.get(key)
    if found is None:
        shares, swaps = (
            _try_weights(allocation, entries, levels, weights) if refusal is None else (None, None)
        )
        found = Sensitivity(
            weights=weights,
            ceilings=try_ceilings(entries, terms),
            reviewers=leave_out_reviewers(entries, terms, ratings, _calibrate),
            shares=shares,
            swaps=swaps,
            refusal=refusal,
        )
        while len(_tried) >= _MOST_KEPT:
            _tried.pop(next(iter(_tried), key), None)
        _tried[key] = found
    return found


def _try_weights(
    allocation: Allocation, entries: Sequence[Entry], levels: Levels, weights: Mapping[str, int]
) -> tuple[WeightShares | None, Swaps | None]:
    if not entries:
        return None, None
    from app.portfolio.swaps import find_swaps  # imported late: numpy
    from app.portfolio.weightings import WeighableReviews, share_weights

    reviews = WeighableReviews(entries, levels, list(weights))
    percents = list(weights.values())
    shares = share_weights(reviews, allocation.terms, percents)
    return shares, find_swaps(reviews, allocation.terms, percents, allocation.lines)


def _calibrate(ratings: Sequence[Rating]) -> Mapping[int, int] | Refusal:
    from app.reviews.calibration import calibrate  # imported late: numpy, scipy

    found = calibrate(ratings)
    return found if isinstance(found, Refusal) else {row.proposal: row.calibrated for row in found.proposals}


def _key(levels: Levels) -> tuple[object, ...]:
    return tuple((key, tuple(tuple(review.items()) for review in rows)) for key, rows in levels.items())


def _named(known: _Known, with_names: bool) -> tuple[ReviewerRow, ...]:
    """Those without whom most would change first. Numbers instead of names are those of the page of calibrated scores."""
    calibration = known.reviews.calibration
    people = (
        known.reviews.reviewers
        if isinstance(calibration, Refusal)
        else [person.reviewer for person in calibration.reviewers]
    )
    number_of = {key: n for n, key in enumerate(people, 1)}
    rows = []
    for one in known.tried.reviewers:
        name, body = known.reviews.reviewers[one.reviewer]
        unnamed = UNNAMED.fill(n=number_of[one.reviewer])
        rows.append(ReviewerRow(name, body, one) if with_names else ReviewerRow(unnamed, None, one))
    return tuple(sorted(rows, key=lambda row: (-_weight(row.figures), number_of[row.figures.reviewer])))


def _weight(one: WithoutReviewer) -> int:
    change = one.change
    return len(change.enters) + len(change.leaves) + len(change.amounts) if change else -1
