"""Runs of letters and what they weigh: everything where nobody else writes them, nothing where everybody does."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from app.similarity.comparing.folding import fold
from app.similarity.comparing.terms import read_terms
from app.similarity.facts import Commonness

RUN = 4  # letters
WHOLE = 1000  # what a run weighs that is nobody else's
COUNTED = 1500  # proposals that are looked at to learn what is common
_BEFORE = 20  # proposals' worth of belief in the phrases of the programme before any was counted
_PHRASE_SHARE = 4  # ... that one proposal in four has them
_EVERYBODY = 8  # a run that stands in one proposal of eight weighs nothing
_NOBODY = 100  # one that stands in one of a hundred weighs all

NOTHING_COMMON = Commonness(0, {})


def runs_of(letters: str) -> set[str]:
    """The different runs of folded letters; a text shorter than a run is one run."""
    if len(letters) <= RUN:
        return {letters} if letters else set()
    return {letters[place : place + RUN] for place in range(len(letters) - RUN + 1)}


def commonness_of(texts: Iterable[Iterable[str]]) -> Commonness:
    """How common runs are among proposals, each given as the texts it is made of.

    Every proposal that is given is read: give a fair sample of at most `COUNTED`, of all years, to keep this cheap
    (about half a millisecond each). Reads the iterable once.
    """
    counts: Counter[str] = Counter()
    of = 0
    for texts_of_one in texts:
        runs: set[str] = set()
        for text in texts_of_one:
            runs |= runs_of(fold(text).letters)
        counts.update(runs)
        of += 1
    return Commonness(of, {run: count for run, count in counts.items() if count > 1})


def weigh(runs: Iterable[str], common: Commonness) -> dict[str, int]:
    """Each run with its weight, 0 to `WHOLE`."""
    counts, of, phrases = common.counts, common.of, _phrase_runs()
    weights = _weights(of)
    return {run: weights[counts.get(run, 1) if of else 0][run in phrases] for run in runs}


class _Weights(dict[int, tuple[int, int]]):
    """Count -> weight of a run in so many of `of` proposals: as any run, as one of a phrase of the programme."""

    def __init__(self, of: int):
        super().__init__()
        self._of = of

    def __missing__(self, count: int) -> tuple[int, int]:
        # two proposals that share a run are no proof that everybody writes it: it may be the very pair
        others = max(count - 1, 0)
        pair = (
            _weight(others, self._of + _BEFORE),
            _weight(others + _BEFORE // _PHRASE_SHARE, self._of + _BEFORE),
        )
        self[count] = pair
        return pair


@lru_cache(maxsize=64)
def _weights(of: int) -> Mapping[int, tuple[int, int]]:
    return _Weights(of)


def _weight(count: int, of: int) -> int:
    """In `count` of `of`: nothing from one in `_EVERYBODY` on, all up to one in `_NOBODY`, by the logarithm between."""
    if count * _EVERYBODY >= of:
        return 0
    if count * _NOBODY <= of:
        return WHOLE
    return int(WHOLE * math.log(of / (count * _EVERYBODY)) / math.log(_NOBODY / _EVERYBODY))


@lru_cache(maxsize=1)
def _phrase_runs() -> frozenset[str]:
    return frozenset(run for phrase in read_terms().phrases for run in runs_of(fold(phrase).letters))
