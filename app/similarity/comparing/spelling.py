"""One spelling for what is the same to a reader, letter by letter, and the place each letter was typed at."""

from __future__ import annotations

import re
from functools import lru_cache

_WRITTEN = re.compile(r"[^\W\d_]|[\u0e31\u0e34-\u0e3a]")
_ONE_FOR = {"\u0e33": "\u0e32", "\u0e43": "\u0e44"}  # sara am, maimuan


def spell(text: str) -> tuple[str, list[int]]:
    """Letters in one spelling with single spaces where words were parted, and the typed place of each."""
    letters: list[str] = []
    at: list[int] = []
    parted = True
    for place, letter in enumerate(text):
        if not _is_written(letter):
            if not _is_mark(letter) and not parted:
                letters.append(" ")
                at.append(place)
                parted = True
            continue
        small = _small(letter)
        if small == "เ" and letters and letters[-1] == "เ":
            letters[-1] = "แ"
            continue
        letters.append(small)
        at.append(place)
        parted = False
    return "".join(letters), at


@lru_cache(maxsize=4096)
def _is_written(letter: str) -> bool:
    return _WRITTEN.fullmatch(letter) is not None and letter not in "ฯๆ"


@lru_cache(maxsize=4096)
def _is_mark(letter: str) -> bool:
    """Marks and unseen letters part no words."""
    return "\u0e47" <= letter <= "\u0e4e" or "\u200b" <= letter <= "\u200f" or letter in "\ufeff\u00ad\u2060"


@lru_cache(maxsize=4096)
def _small(letter: str) -> str:
    small = _ONE_FOR.get(letter) or letter.lower()
    return small if len(small) == 1 else letter
