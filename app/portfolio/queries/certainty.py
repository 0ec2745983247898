"""How sure the list of a call is, as the committee and the secretariat may see it.

What was drawn is kept for as long as the audit chain has the same head, and beyond that for as long as list, terms and
scores are the same: most of what is done in a call changes none of them. It is the same for all who may read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json
from app.kernel.lean import dataclass
from app.portfolio.allocation import allocate
from app.portfolio.certainty import Certainty, Chance, judge_certainty
from app.portfolio.facts import Allocation, Entry, Line, Standing, Terms
from app.portfolio.queries.lists import adopted_scenario, entries_under, list_levels, terms_of
from app.portfolio.rules import weighed
from app.reviews.design import Rating, Refusal
from app.reviews.queries.counted import CountedReviews, read_reviews_of_call

if TYPE_CHECKING:
    from app.reviews.calibration import Calibration

_MOST_KEPT = 4
_kept: dict[tuple[str | None, int], CertaintyView] = {}
_judged: dict[tuple[object, ...], Certainty | Refusal] = {}


@dataclass(frozen=True, slots=True)
class CertaintyView:
    """How sure a list is. Either `certainty` is there, or `refusal` says why scores cannot be calibrated, and so no chance
    can be told. `chances` are by proposal id, empty where refused; who has no scores has none."""

    allocation: Allocation
    certainty: Certainty | None
    refusal: Refusal | None

    @property
    def chances(self) -> Mapping[int, Chance]:
        return self.certainty.chances if self.certainty else {}

    @property
    def lines(self) -> list[Line]:
        """The scored lines, by rank."""
        return [line for line in self.allocation.lines if line.rank is not None]

    @property
    def inside(self) -> int:
        """How many lines are inside the ceiling on the list as it stands."""
        return sum(line.standing is Standing.IN for line in self.allocation.lines)


def read_certainty(
    session: Session, actor: Actor, call: CallView, known: Allocation | None = None
) -> CertaintyView:
    """How sure the list under a call's adopted terms is. One query while it is kept; else at most seven, or three with the
    allocation `known` already. Raises `Forbidden` without READ_PORTFOLIO and READ_REVIEWS."""
    require(actor, Permission.READ_PORTFOLIO)
    require(actor, Permission.READ_REVIEWS)
    head, scenario = adopted_scenario(session, call.id)
    key = (head, call.id)
    view = _kept.get(key)
    if view is None:
        if known is None:
            terms = Terms(call.ceiling) if scenario is None else terms_of(session, scenario)
            known = allocate(entries_under(session, call, terms), terms)
        view = certainty_of(session, call, known)
        while len(_kept) >= _MOST_KEPT:
            _kept.pop(next(iter(_kept), key), None)
        _kept[key] = view
    return view


def read_certainty_under(session: Session, actor: Actor, call: CallView, terms: Terms) -> CertaintyView:
    """How sure the list would be under other terms. At most six queries. Raises `Forbidden` as `read_certainty` does, and
    `Refused` where the terms cannot be applied to the scores."""
    require(actor, Permission.READ_PORTFOLIO)
    require(actor, Permission.READ_REVIEWS)
    return certainty_of(session, call, allocate(entries_under(session, call, terms), terms))


def certainty_of(session: Session, call: CallView, allocation: Allocation) -> CertaintyView:
    """How sure any list of a call is. At most three queries."""
    entries = [line.entry for line in allocation.lines if line.rank is not None]
    reviews = read_reviews_of_call(session, call.id)
    is_own = not has_own_weights(call, allocation.terms)
    if is_own:
        ratings = tuple(Rating(r.proposal_id, r.reviewer_id, r.total) for r in reviews.counted)
    else:
        ratings = ratings_of(reviews, list_levels(session, call.id), allocation.terms.weights)
    key = key_of(allocation.terms, entries, ratings)
    found = _judged.get(key)
    if found is None:
        found = _judge(entries, allocation.terms, reviews.calibration if is_own else _calibrate(ratings))
        while len(_judged) >= _MOST_KEPT:
            _judged.pop(next(iter(_judged), key), None)
        _judged[key] = found
    if isinstance(found, Refusal):
        return CertaintyView(allocation, None, found)
    return CertaintyView(allocation, found, None)


def has_own_weights(call: CallView, terms: Terms) -> bool:
    """Whether terms weigh criteria otherwise than the rubric."""
    return bool(terms.weights) and terms.weights != {c.code: c.weight for c in call.rubric.criteria}


def ratings_of(
    reviews: CountedReviews, levels: Mapping[int, Sequence[Mapping[str, int]]], weights: Mapping[str, int]
) -> tuple[Rating, ...]:
    """The counted totals under weights, in the order of `reviews.counted`. `levels` as `list_levels` gives them. Raises
    `KeyError` for a level of a criterion without a weight."""
    # both are by assignment within a proposal
    rows = {key: iter(listed) for key, listed in levels.items()}
    return tuple(
        Rating(r.proposal_id, r.reviewer_id, weighed({0: [next(rows[r.proposal_id])]}, weights)[0].total)
        for r in reviews.counted
    )


def _calibrate(ratings: Sequence[Rating]) -> Calibration | Refusal:
    from app.reviews.calibration import calibrate  # imported late: numpy, scipy

    return calibrate(ratings)


def _judge(entries: Sequence[Entry], terms: Terms, calibration: Calibration | Refusal) -> Certainty | Refusal:
    if isinstance(calibration, Refusal):
        return calibration
    calibrated = {row.proposal: row.calibrated for row in calibration.proposals}
    return judge_certainty(entries, terms, calibration.posterior, calibrated)


def key_of(terms: Terms, entries: Sequence[Entry], ratings: tuple[Rating, ...]) -> tuple[object, ...]:
    """All that draws of a list depend on."""
    return (
        canonical_json(terms.to_json()),
        tuple(
            (e.proposal_id, e.number, e.requested, e.least, e.stage, e.guideline, e.ministry_code, e.submitted_at, e.panel)
            for e in entries
        ),
        ratings,
    )  # fmt: skip
