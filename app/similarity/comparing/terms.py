"""Terms of the field that have several names: Thai, English, short forms. All become the first of them.

The terms are data, `app/similarity/data/terms.toml`, with a version; a change of them is a change of the method.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from app.kernel.lean import dataclass
from app.similarity.comparing.spelling import spell

TERMS_FILE = Path(__file__).resolve().parents[1] / "data" / "terms.toml"
_NO_PLURAL = 2  # letters of an abbreviation that an s makes another one


@dataclass(frozen=True, slots=True)
class Terms:
    """Names as `spell` writes them, longest first, each with the spelling that stands for it. `phrases` are wordings
    of the programme that every proposal may use."""

    version: str
    names: tuple[tuple[str, str], ...]
    phrases: tuple[str, ...] = ()

    def found(self, spelled: str) -> list[tuple[int, int, str]]:
        """Where names stand in spelled text: (start, end, spelling), in order, none over another, longer ones first."""
        places: list[tuple[int, int, str]] = []
        taken = bytearray(len(spelled))
        for name, spelling in self.names:
            start = spelled.find(name)
            while start >= 0:
                end = _whole(spelled, start, start + len(name))
                if end and 1 not in taken[start:end]:
                    taken[start:end] = b"\1" * (end - start)
                    places.append((start, end, spelling))
                start = spelled.find(name, start + len(name))
        return sorted(places)


def _whole(spelled: str, start: int, end: int) -> int:
    """The end of a name that is no part of a longer Latin word, a plural s included; 0 if it is a part."""
    if spelled[start].isascii() and start and spelled[start - 1].isascii() and spelled[start - 1] != " ":
        return 0
    if not spelled[end - 1].isascii():
        return end
    rest = spelled[end : end + 2]
    if end - start > _NO_PLURAL and rest[:1] == "s" and not (rest[1:].isascii() and rest[1:].strip()):
        return end + 1
    return 0 if rest[:1].isascii() and rest[:1].strip() else end


@lru_cache(maxsize=1)
def read_terms() -> Terms:
    """The terms of the data file."""
    table = tomllib.loads(TERMS_FILE.read_text(encoding="utf-8"))
    return terms_of(table["version"], table["terms"], table["phrases"])


def terms_of(version: str, groups: Iterable[list[str]], phrases: Iterable[str] = ()) -> Terms:
    """Terms from groups of names; the first name of a group is its spelling."""
    names: dict[str, str] = {}
    for group in groups:
        spelling = _spelled(group[0]).replace(" ", "")
        for name in group:
            for written in (_spelled(name), _spelled(name).replace(" ", "")):
                names.setdefault(written, spelling)
    longest_first = sorted(names.items(), key=lambda pair: (-len(pair[0]), pair[0]))
    return Terms(version, tuple(longest_first), tuple(phrases))


def _spelled(name: str) -> str:
    return spell(name)[0].strip()
