"""How sure the list is: chances of being inside the ceiling, expected ranks, and the bands clear in, grey, clear out.

In: scored entries, terms, and the posterior of their calibrated scores. Out: for each entry how often it is taken, and its
rank, over thousands of draws of scores that might be true, each laid under the ceiling by the same terms.

Ranks and their expectation after Heyard, Ott, Salanti & Egger 2022, Statistics and Public Policy 9:110-121: a rank is as
uncertain as the scores it comes from. They compare intervals of ranks with the funding line; here every draw is laid under
the ceiling itself, since a line drawn by money moves with who stands above it. Scores are rounded to hundredths as
calibrated scores are, and equal ones told apart by the declared rules. numpy is imported late.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from fractions import Fraction
from math import ceil, isqrt
from typing import TYPE_CHECKING

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.facts import Basis, Entry, Terms
from app.portfolio.rules import rank

if TYPE_CHECKING:
    from app.reviews.calibration import Posterior

DRAWS = 2000
SEED = 2567
# Declared before anybody is ranked: one in ten is the chance of being wrong about a proposal called clear
CLEAR_IN = 900  # per mille
CLEAR_OUT = 100
# the central share of an interval of ranks: its ends are what the bands' chances leave out on either side
INTERVAL = Fraction(CLEAR_IN - CLEAR_OUT, 1000)

_NORMAL_95 = Fraction(196, 100)  # standard errors either side that hold 95 %
_AT_ONCE = 1000  # draws: bounds the memory of a walk


class Band(StrEnum):
    """How sure it is that a proposal is inside the ceiling."""

    CLEAR_IN = "clear_in"
    GREY = "grey"
    CLEAR_OUT = "clear_out"


BAND_NAMES: Mapping[Band, Text] = {
    Band.CLEAR_IN: Text("อยู่ในกรอบชัดเจน", "Clear in"),
    Band.GREY: Text("ก้ำกึ่ง", "Grey"),
    Band.CLEAR_OUT: Text("อยู่นอกกรอบชัดเจน", "Clear out"),
}


def band_of(times_in: int, draws: int) -> Band:
    """The band of a proposal that was inside in so many of the draws."""
    if times_in * 1000 >= CLEAR_IN * draws:
        return Band.CLEAR_IN
    return Band.CLEAR_OUT if times_in * 1000 <= CLEAR_OUT * draws else Band.GREY


def sampling_error(probability: int, draws: int) -> int:
    """How far a probability (per mille) may be off by the draws alone, 95 %, per mille, rounded up."""
    squared = ceil(_NORMAL_95**2 * probability * (1000 - probability) / draws)
    error = isqrt(squared)
    return error if error * error == squared else error + 1


def percent_in_words(times_in: int, draws: int) -> str:
    """A chance in percent as printed. What never happened in the draws may still happen, up to three times in so many (the
    rule of three, 95 %): chances nearer to none or all than that are not told apart."""
    edge = -(-3 * 1000 // draws)
    probability = _half_up(times_in * 1000, draws)
    if probability < edge:
        return f"< {edge // 10}.{edge % 10} %"
    if probability > 1000 - edge:
        return f"> {(1000 - edge) // 10}.{(1000 - edge) % 10} %"
    return f"{probability // 10}.{probability % 10} %"


@dataclass(frozen=True, slots=True)
class Chance:
    """One scored proposal. `raw_rank` and `calibrated_rank` are its places by raw mean and by calibrated score, ties told
    apart by the declared rules; `times_in` counts the draws it is inside the ceiling in, and `probability` is that per
    mille. `expected_rank` is its mean rank over the draws, in hundredths of a rank; `low` and `high` bound the central
    80 % of its ranks."""

    proposal_id: int
    raw_rank: int
    calibrated_rank: int
    times_in: int
    probability: int
    expected_rank: int
    low: int
    high: int
    band: Band


@dataclass(frozen=True, slots=True)
class Certainty:
    """Every scored proposal by its id, from so many draws with this seed."""

    draws: int
    seed: int
    chances: Mapping[int, Chance]

    def __iter__(self) -> Iterator[Chance]:
        return iter(self.chances.values())

    def count(self, band: Band) -> int:
        return sum(chance.band is band for chance in self)


def judge_certainty(
    entries: Sequence[Entry],
    terms: Terms,
    posterior: Posterior,
    calibrated: Mapping[int, int],
    draws: int = DRAWS,
    seed: int = SEED,
) -> Certainty:
    """Lay `draws` draws of the posterior under the ceiling by the terms. The same for the same seed.

    `entries` carry the panels the list ranks by; those without scores have no chance and are left out. `calibrated` are
    the calibrated scores the posterior is about, by proposal id. Raises `KeyError` for a scored entry the posterior does
    not know.
    """
    import numpy as np  # imported late: pages that ask for no draws do not pay for it

    from app.portfolio.many_walks import places_in, taken_in_many

    scored = rank(
        [replace(entry, calibrated=0) for entry in entries], Basis.CALIBRATED
    )  # by the tie rules alone
    if not scored:
        return Certainty(draws, seed, {})
    column_of = {key: column for column, key in enumerate(posterior.proposals)}
    columns = [column_of[entry.proposal_id] for entry in scored]
    drawn = np.rint(posterior.draw(draws, seed)[:, columns]).astype(np.int32)
    orders = np.argsort(-drawn, axis=1, kind="stable")
    ranks = places_in(orders).astype(np.int32) + 1
    times_in = np.zeros(len(scored), np.int64)
    for begin in range(0, draws, _AT_ONCE):
        times_in += taken_in_many(scored, terms, orders[begin : begin + _AT_ONCE]).sum(axis=0)
    sums = ranks.sum(axis=0, dtype=np.int64)
    outside = int(draws * (1 - INTERVAL) / 2)
    edges = np.partition(ranks, (outside, draws - 1 - outside), axis=0)[[outside, draws - 1 - outside]]
    raw = {entry.proposal_id: place for place, entry in enumerate(rank(entries), 1)}
    by_score = rank([replace(e, calibrated=calibrated[e.proposal_id]) for e in scored], Basis.CALIBRATED)
    at_of = {entry.proposal_id: at for at, entry in enumerate(scored)}
    chances = {}
    for place, entry in enumerate(by_score, 1):
        at = at_of[entry.proposal_id]
        inside = int(times_in[at])
        chances[entry.proposal_id] = Chance(
            proposal_id=entry.proposal_id,
            raw_rank=raw[entry.proposal_id],
            calibrated_rank=place,
            times_in=inside,
            probability=_half_up(inside * 1000, draws),
            expected_rank=_half_up(int(sums[at]) * 100, draws),
            low=int(edges[0][at]),
            high=int(edges[1][at]),
            band=band_of(inside, draws),
        )
    return Certainty(draws, seed, chances)


def _half_up(value: int, by: int) -> int:
    return (2 * value + by) // (2 * by)
