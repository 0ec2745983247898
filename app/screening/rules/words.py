"""Finding words in what a proposal says. Its texts were normalised on the way in, so folding them is cheap; the words
of a rulebook are folded in full, once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from app.kernel.thai_text import arabic_digits, search_key
from app.proposals.facts import item_key

_THAI_DIGIT = re.compile("[๐-๙]")
_NUMBER = re.compile(r"\d[\d,]{0,30}(?:\.\d{1,30})?")


def fold(text: str) -> str:
    """A text of a proposal as words are looked for in it: no case, Arabic digits, single spaces."""
    if _THAI_DIGIT.search(text):  # turning digits costs more than all the rest, and few texts have Thai ones
        text = arabic_digits(text)
    return " ".join(text.casefold().split())


# several rules look for words in the same items, one after the other
fold_item = lru_cache(maxsize=4096)(fold)


@lru_cache(maxsize=128)
def _finder(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(search_key(word)) for word in words if word.strip()) or "(?!)")


def finder(words: Iterable[str]) -> re.Pattern[str]:
    """What finds any of the words in a folded text; without words it finds nothing."""
    return _finder(tuple(words))


@lru_cache(maxsize=16_384)
def key_of(item: str, unit: str) -> str:
    """`item_key`, remembered: the same equipment stands in many proposals."""
    return item_key(item, unit)


def number_in(typed: str) -> tuple[int, int] | None:
    """The first number of a text as (digits without their point, how many of them stood behind it), or None.

    Signs are not read: "-" alone stands for nothing in forms.
    """
    found = _NUMBER.search(arabic_digits(typed))
    if found is None:
        return None
    whole, _, part = found[0].replace(",", "").partition(".")
    return int(whole + part), len(part)


def compare_numbers(one: tuple[int, int], other: tuple[int, int]) -> int:
    """Below zero, zero or above zero, as `one` is smaller than, equal to or larger than `other`; exact."""
    places = max(one[1], other[1])
    left: int = one[0] * 10 ** (places - one[1])
    right: int = other[0] * 10 ** (places - other[1])
    return left - right
