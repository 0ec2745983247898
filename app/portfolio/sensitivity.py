"""What if: how the list changes with the weights, the ceiling, and without each reviewer.

In: scored entries, terms, reviews. Out: who stays in under other weightings, the smallest change of weights that swaps a
pair at the line, who enters and leaves at other ceilings, and without each reviewer's scores. Ceilings and reviewers are
computed here, exactly, with the same walk; weights in `weightings` and `swaps`, which need numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.allocation import TAKING, walk
from app.portfolio.facts import Basis, Entry, Terms
from app.portfolio.rules import rank, weighed
from app.reviews.design import Rating, Refusal
from app.reviews.facts import Panel

RANKS_BY_CALIBRATED = Text(
    "บัญชีนี้จัดลำดับตามคะแนนปรับเทียบ ซึ่งมีเฉพาะตามน้ำหนักของเกณฑ์ที่ใช้ให้คะแนน จึงลองน้ำหนักอื่นไม่ได้ หากต้องการลองให้ใช้ฉากทัศน์ตามคะแนนเฉลี่ย",
    "This list ranks by calibrated scores, which exist only under the rubric's own weights, so no others can be tried. "
    "To try them, use a scenario that ranks by raw means",
)
OTHER_CRITERIA = Text(
    "ผลพิจารณาบางฉบับให้คะแนนตามเกณฑ์ฉบับอื่นซึ่งมีหัวข้อไม่ตรงกัน จึงไม่มีน้ำหนักชุดใดใช้ได้กับทุกฉบับ",
    "Some reviews were scored by another version of the rubric with other criteria, so no set of weights fits them all",
)
OTHER_WEIGHTS = Text(
    "ผลพิจารณาบางฉบับให้คะแนนตามเกณฑ์ฉบับที่มีน้ำหนักต่างกัน คะแนนในบัญชีจึงไม่ได้มาจากน้ำหนักชุดเดียว และเปรียบเทียบกับน้ำหนักอื่นไม่ได้",
    "Some reviews were scored by a version of the rubric with other weights, so the list does not follow one set of weights "
    "that others could be compared with",
)

Levels = Mapping[int, Sequence[Mapping[str, int]]]

SAMPLES = 1000
SEED = 2567
NEARBY = 10  # percent points either side of each weight
CEILINGS = range(-10, 11, 2)  # percent more or less


@dataclass(frozen=True, slots=True)
class WeightShare:
    """One proposal under other weights: how many weightings it is inside under, of all there are and of those near the
    weights that count; its best, middle and worst rank under all, and the best and worst near."""

    proposal_id: int
    times_everywhere: int
    times_nearby: int
    best: int
    middle: int
    worst: int
    near_best: int
    near_worst: int


@dataclass(frozen=True, slots=True)
class WeightShares:
    """Every scored proposal, from so many weightings of each kind drawn with this seed."""

    samples: int
    seed: int
    shares: tuple[WeightShare, ...]

    def per_mille(self, times: int) -> int:
        return (2 * times * 1000 + self.samples) // (2 * self.samples)

    @property
    def core(self) -> int:
        """How many are inside under every weighting."""
        return sum(share.times_everywhere == self.samples for share in self.shares)

    @property
    def outside(self) -> int:
        """How many are inside under none."""
        return sum(not share.times_everywhere for share in self.shares)


@dataclass(frozen=True, slots=True)
class Moved:
    """Weight taken from one criterion and given to another, hundredths of a percent point."""

    giver: str
    taker: str
    amount: int


@dataclass(frozen=True, slots=True)
class Swap:
    """The least that has to be moved between weights for `lower`, which is out, to pass `upper`, which is in; by number.

    `moved` is the sum of the moves, hundredths of a percent point, the least such whole number; `bound` the exact value
    where both are equal. Half the sum of all changes. `weights` (hundredths of a percent) are those after it; `enters` and
    `leaves` what the list laid anew under them then takes and drops.
    """

    upper: str
    lower: str
    moved: int
    bound: Fraction
    moves: tuple[Moved, ...]
    weights: Mapping[str, int]
    enters: tuple[str, ...]
    leaves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Swaps:
    """The pairs at the line that least swaps, the least first; `pairs` were looked at and no weighting at all swaps
    `never` of them."""

    swaps: tuple[Swap, ...]
    pairs: int
    never: int


@dataclass(frozen=True, slots=True)
class Change:
    """Who enters and who leaves against the list as it stands, by number in rank order; `amounts` are in both, with
    another amount."""

    enters: tuple[str, ...]
    leaves: tuple[str, ...]
    amounts: tuple[str, ...] = ()

    @property
    def is_none(self) -> bool:
        return not (self.enters or self.leaves or self.amounts)


@dataclass(frozen=True, slots=True)
class CeilingStep:
    """The list under another ceiling: `percent` more or less. Satang."""

    percent: int
    ceiling: int
    granted: int
    count: int
    change: Change


@dataclass(frozen=True, slots=True)
class CeilingRow:
    """A proposal that is not treated alike at all ceilings: what it is granted at each. `is_odd`: it is in at some ceiling
    and out at a higher one, since a larger project above it then fits."""

    number: str
    granted: tuple[int, ...]
    is_odd: bool


@dataclass(frozen=True, slots=True)
class CeilingSteps:
    """The list under lower and higher ceilings; `rows` in rank order."""

    steps: tuple[CeilingStep, ...]
    rows: tuple[CeilingRow, ...]


@dataclass(frozen=True, slots=True)
class WithoutReviewer:
    """The list without one reviewer's scores. `unscored` (numbers) have no score left then; `refusal` says why calibrated
    scores cannot be had without them."""

    reviewer: int
    reviews: int
    change: Change | None
    unscored: tuple[str, ...] = ()
    refusal: Refusal | None = None


def why_not_weighed(
    entries: Sequence[Entry], levels: Levels, weights: Mapping[str, int], basis: Basis
) -> Text | None:
    """Why no other weights can be tried on scored entries; None where they can. `levels` are by proposal id."""
    if basis is Basis.CALIBRATED:
        return RANKS_BY_CALIBRATED
    scored = {e.proposal_id: e.panel for e in entries if e.panel.count}
    if any(review.keys() != weights.keys() for key in scored for review in levels.get(key, ({},))):
        return OTHER_CRITERIA
    return None if weighed({key: levels[key] for key in scored}, weights) == scored else OTHER_WEIGHTS


def _taken(ordered: Sequence[Entry], terms: Terms) -> dict[str, int]:
    return {n: outcome.granted for n, outcome in walk(ordered, terms).items() if outcome.ground in TAKING}


def _compare(numbers: Sequence[str], before: Mapping[str, int], after: Mapping[str, int]) -> Change:
    return Change(
        enters=tuple(n for n in numbers if n in after and n not in before),
        leaves=tuple(n for n in numbers if n in before and n not in after),
        amounts=tuple(n for n in numbers if n in before and n in after and before[n] != after[n]),
    )


def try_ceilings(entries: Sequence[Entry], terms: Terms) -> CeilingSteps:
    """The list under each of `CEILINGS`, rounded down to a satang; floors and caps stay as they are."""
    ordered = rank(entries, terms.basis)
    numbers = [entry.number for entry in ordered]
    ceilings = [terms.ceiling * (100 + percent) // 100 for percent in CEILINGS]
    taken = [_taken(ordered, replace(terms, ceiling=ceiling)) for ceiling in ceilings]
    now = taken[CEILINGS.index(0)]
    steps = tuple(
        CeilingStep(percent, ceiling, sum(found.values()), len(found), _compare(numbers, now, found))
        for percent, ceiling, found in zip(CEILINGS, ceilings, taken, strict=True)
    )
    rows = []
    for number in numbers:
        granted = tuple(found.get(number, 0) for found in taken)
        inside = [number in found for found in taken]
        if len(set(granted)) > 1 or len(set(inside)) > 1:
            rows.append(CeilingRow(number, granted, inside != sorted(inside)))
    return CeilingSteps(steps, tuple(rows))


def leave_out_reviewers(
    entries: Sequence[Entry],
    terms: Terms,
    ratings: Sequence[Rating],
    calibrate: Callable[[list[Rating]], Mapping[int, int] | Refusal],
) -> tuple[WithoutReviewer, ...]:
    """The list without each reviewer in turn, by their keys. `ratings` are what the entries' panels are made of;
    `calibrate` gives calibrated scores by proposal id, and is only asked where the terms rank by these."""
    scored = [entry for entry in entries if entry.panel.count]
    ordered = rank(scored, terms.basis)
    numbers = [entry.number for entry in ordered]
    now = _taken(ordered, terms)
    given: dict[int, dict[int, int]] = {}
    for rating in ratings:
        given.setdefault(rating.reviewer, {})[rating.proposal] = rating.score
    found = []
    for reviewer, scores in sorted(given.items()):
        left = [_without(entry, scores.get(entry.proposal_id)) for entry in scored]
        unscored = tuple(sorted(entry.number for entry in left if not entry.panel.count))
        if terms.basis is Basis.CALIBRATED:
            calibrated = calibrate([rating for rating in ratings if rating.reviewer != reviewer])
            if isinstance(calibrated, Refusal):
                found.append(WithoutReviewer(reviewer, len(scores), None, unscored, calibrated))
                continue
            left = [replace(entry, calibrated=calibrated.get(entry.proposal_id)) for entry in left]
        then = _taken(rank(left, terms.basis), terms)
        found.append(WithoutReviewer(reviewer, len(scores), _compare(numbers, now, then), unscored))
    return tuple(found)


def _without(entry: Entry, score: int | None) -> Entry:
    if score is None:
        return entry
    p = entry.panel
    return replace(entry, panel=Panel(p.count - 1, p.total - score, p.squares - score * score))
