"""The comparison of two proposals, and the score from which a person is asked.

A score says how much of what is particular to two proposals stands in both: in their texts, titles, items and names
taken together. What many agencies write weighs nothing (see `Commonness`), and little text is little evidence. Items
and their money, systems and partners are told as reasons beside it but make no score alone: agencies may well share a
platform for different purposes, and a project that says which one it continues is told, not hidden. A score decides
nothing; at `WORKING_THRESHOLD` a person looks.
"""

from __future__ import annotations

from math import isqrt

from app.similarity.comparing.aligning import align
from app.similarity.comparing.grounds import reasons_of, shared
from app.similarity.comparing.sides import TITLE_EN, TITLE_TH, Side, said_by, side_of
from app.similarity.comparing.terms import read_terms
from app.similarity.comparing.weighing import COUNTED, NOTHING_COMMON, WHOLE, commonness_of
from app.similarity.facts import Commonness, Comparable, Comparison

__all__ = [
    "COUNTED",
    "NOTHING_COMMON",
    "TITLE_EN",
    "TITLE_TH",
    "WORKING_THRESHOLD",
    "commonness_of",
    "compare",
    "likeness",
    "method",
    "said_by",
]

WORKING_THRESHOLD = 290  # per mille
WORTH_MARKING = 150  # below this no passages are sought
_METHOD = "letters-1"
_DOUBT = 30 * WHOLE  # what both must share before a likeness is believed by half


def method() -> str:
    """The version of the comparison and of its terms: results of another one are not compared with these."""
    return f"{_METHOD}/{read_terms().version}"


def compare(left: Comparable, right: Comparable, common: Commonness = NOTHING_COMMON) -> Comparison:
    """What two proposals share; the score is the same whichever is left.

    `common` says what agencies write in general. Make it once for a corpus,
    `commonness_of((said_by(one) for one in sample), names_of_agencies)`, from about `COUNTED` comparables of all years
    alike; keep it, and give the same object to every call: what was weighed with it is kept beside it. Without it only
    the phrases of the programme that the terms file lists count as common.

    Work is bounded: `folding.LONGEST` letters of a text and `sides.MOST_LETTERS` of a proposal are read, a run is
    sought at `aligning.MOST_PLACES` places, `aligning.MOST_MATCHES` matches are told, none below `WORTH_MARKING`.
    """
    a, b = side_of(left, common), side_of(right, common)
    words = likeness(a, b)
    matches = align(a, b) if words >= WORTH_MARKING else []
    same = shared(left, right, a, b, matches)
    return Comparison(words, reasons_of(left, right, a, b, same, matches, words), tuple(matches))


def likeness(a: Side, b: Side) -> int:
    """What both write, against what each writes, the lighter one counting for three quarters, so that a part of a
    large project is found in it; little evidence counts for less.

    Per mille of the root: a person who says the same in other words keeps one run of letters in ten.
    """
    both = sum(weight for run, weight in a.weights.items() if run in b.weights)
    fewer, more = sorted((a.mass, b.mass))
    against = isqrt(fewer * isqrt(fewer * more)) + _DOUBT
    return min(isqrt(WHOLE * WHOLE * both // against), WHOLE)
