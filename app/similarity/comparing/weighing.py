"""Runs of letters and what they weigh: everything where nobody else writes them, nothing where everybody does.

Who writes is an agency, not a proposal: an agency that files its own words again every year does not make them common.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache

from app.similarity.comparing.folding import fold
from app.similarity.comparing.terms import read_terms
from app.similarity.facts import Commonness

RUN = 4  # letters
PASSAGE = 16  # letters that stand together; as many are no accident of the language
WHOLE = 1000  # what a run weighs that is nobody else's
COUNTED = 800  # proposals that are enough to learn what is common
SET_PHRASE = 5  # a passage that so many agencies write is a set phrase, and its letters weigh nothing
_EVERYBODY = 20  # a run that one agency in so many writes weighs nothing ...
_MANY = 8  # ... but not while fewer others write it
_SIEVE = 1 << 20

NOTHING_COMMON = Commonness(0, {})


def runs_of(letters: str) -> set[str]:
    """The different runs of folded letters; a text shorter than a run is one run."""
    if len(letters) <= RUN:
        return {letters} if letters else set()
    return {letters[place : place + RUN] for place in range(len(letters) - RUN + 1)}


def own_runs_of(letters: str, common: Commonness) -> set[str]:
    """The runs of folded letters that lie neither in set phrases nor in names of agencies."""
    inside = bytearray(len(letters))
    counts, names = common.counts, common.names
    found = False
    for place in range(len(letters) - PASSAGE + 1):
        passage = letters[place : place + PASSAGE]
        length = PASSAGE if counts.get(passage, 0) >= SET_PHRASE else 0
        for name in names.get(passage, ()):
            if letters.startswith(name, place):
                length = max(length, len(name))
        if length:
            inside[place : place + length] = b"\1" * length
            found = True
    if not found:
        return runs_of(letters)
    return {
        letters[place : place + RUN]
        for place in range(len(letters) - RUN + 1)
        if 0 in inside[place : place + RUN]
    }


def commonness_of(proposals: Iterable[tuple[str, Iterable[str]]], names: Iterable[str] = ()) -> Commonness:
    """How many agencies write each run and each longer passage. A proposal is given as (code of its lead, its texts).

    `names` are names of agencies; they weigh nothing where they are written in full, for who asks is not what is asked
    for. All proposals that are given are read, once: give a fair sample of all years, about `COUNTED`, to keep this
    cheap (one to two milliseconds each). The order does not matter.
    """
    by_agency: dict[str, list[str]] = {}
    for lead, texts in proposals:
        by_agency.setdefault(lead, []).extend(fold(text).letters for text in texts)
    runs: Counter[str] = Counter()
    for texts_of_one in by_agency.values():
        runs.update(set().union(*map(runs_of, texts_of_one)))
    counts = {run: count for run, count in runs.items() if count > 1}
    counts |= _set_phrases(list(by_agency.values()))
    return Commonness(len(by_agency), counts, _by_beginning(names))


def _by_beginning(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Names by their first letters. One shorter than a passage is not told from what it is about."""
    found: dict[str, tuple[str, ...]] = {}
    for letters in sorted({fold(name).letters for name in names}):
        if len(letters) >= PASSAGE:
            found[letters[:PASSAGE]] = (*found.get(letters[:PASSAGE], ()), letters)
    return found


def _set_phrases(agencies: list[list[str]]) -> dict[str, int]:
    """Passages that `SET_PHRASE` agencies write. Nearly all passages are one agency's: a sieve of small counts goes
    first, so that only those few are kept that may be common."""
    sieve = bytearray(_SIEVE)
    for texts in agencies:
        for place in {hash(passage) % _SIEVE for passage in _passages(texts)}:
            sieve[place] = min(sieve[place] + 1, SET_PHRASE)
    counts: Counter[str] = Counter()
    for texts in agencies:
        counts.update({p for p in _passages(texts) if sieve[hash(p) % _SIEVE] == SET_PHRASE})
    return {passage: count for passage, count in counts.items() if count >= SET_PHRASE}


def _passages(texts: Iterable[str]) -> Iterator[str]:
    for letters in texts:
        for place in range(len(letters) - PASSAGE + 1):
            yield letters[place : place + PASSAGE]


def weigh(runs: Iterable[str], common: Commonness) -> dict[str, int]:
    """Each run with its weight, 0 to `WHOLE`; 0 for the phrases of the programme."""
    counts, phrases = common.counts, _phrase_runs()
    most = max(_MANY, common.of // _EVERYBODY)
    # two that share a run are no proof that everybody writes it: they may be the very pair
    weights = [_weight(max(count - 1, 1), most) for count in range(most + 1)]
    return {run: 0 if run in phrases else weights[min(counts.get(run, 1), most)] for run in runs}


def _weight(others: int, most: int) -> int:
    """All for one other agency, nothing for `most` less one, by the logarithm between."""
    return WHOLE - int(WHOLE * math.log(others) / math.log(most - 1)) if others < most else 0


@lru_cache(maxsize=1)
def _phrase_runs() -> frozenset[str]:
    return frozenset(run for phrase in read_terms().phrases for run in runs_of(fold(phrase).letters))
