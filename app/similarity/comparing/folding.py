"""Text reduced to the letters that carry it, each with its way back to the text as typed.

Gone: spaces, signs, digits, tone and silencing marks, letter case, and where a thing stands (sub-district, district,
province). Sara am in every spelling, right or wrong, becomes sara aa; two เ are แ; ไ and ใ are one. Terms of the field
become one spelling, whichever language or name they were typed in (see `terms`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from app.kernel.lean import dataclass
from app.similarity.comparing.spelling import spell
from app.similarity.comparing.terms import Terms, read_terms

LONGEST = 60_000  # letters of one text that are read; what follows is left out
_PLACE = re.compile(
    r"(?:แขวง|ตำบล)\s*\S{1,40}\s+(?:เขต|อำเภอ)\s*\S{1,40}\s+(?:กรุงเทพมหานคร|จังหวัด\s*\S{1,40})(?:\s+\d+\s+\S{1,20}$)?"
)


@dataclass(frozen=True, slots=True)
class Folded:
    """`letters`, and for each of them the half-open span of typed letters it came from."""

    letters: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def typed(self, start: int, end: int) -> tuple[int, int]:
        """The span of the typed text behind `letters[start:end]`, which must not be empty."""
        return self.starts[start], self.ends[end - 1]

    def behind(self, typed_start: int, typed_end: int) -> int:
        """How many letters came from a span of typed text."""
        return bisect_right(self.starts, typed_end - 1) - bisect_right(self.starts, typed_start - 1)


@lru_cache(maxsize=4096)
def fold(text: str) -> Folded:
    """The letters of `text` up to `LONGEST` typed ones."""
    return fold_with(read_terms(), text)


def fold_with(terms: Terms, text: str) -> Folded:
    """`fold` with a glossary of one's own."""
    text = text[:LONGEST]
    letters, at = spell(text)
    for start, end in _places(text):
        letters, at = _without(letters, at, start, end)
    return _joined(terms, letters, at)


def _places(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in _PLACE.finditer(text)]


def _without(letters: str, at: list[int], start: int, end: int) -> tuple[str, list[int]]:
    low, high = bisect_right(at, start - 1), bisect_right(at, end - 1)
    return f"{letters[:low]} {letters[high:]}", [*at[:low], start, *at[high:]]


def _joined(terms: Terms, letters: str, at: list[int]) -> Folded:
    """Terms in their one spelling, spaces out."""
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    here = 0
    for low, high, spelling in [*terms.found(letters), (len(letters), len(letters), "")]:
        for place in range(here, low):
            if letters[place] != " ":
                out.append(letters[place])
                starts.append(at[place])
                ends.append(at[place] + 1)
        for letter in spelling:
            out.append(letter)
            starts.append(at[low])
            ends.append(at[high - 1] + 1)
        here = high
    return Folded("".join(out), tuple(starts), tuple(ends))
