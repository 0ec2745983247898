"""Two texts into one with its differences marked, as a reader sees them: whole words and phrases.

Thai has no blanks between words, so the texts are cut into words by dictionary; the longest common subsequence of
words is exact, and then what is alike only by chance between two changes joins them. A letter is never parted from
the marks on it. Six thousand characters take about 15 ms, the worst case is bounded (see `_MOST_PAIRS`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import StrEnum

from rapidfuzz.distance import Indel

from app.kernel.lean import dataclass

_LONGEST = 50_000  # characters; longer texts, which no form takes, are compared line by line
_MOST_PAIRS = 40_000_000  # word pairs: about 20 ms and 5 MB; beyond, the whole middle counts as rewritten
_NEVER_BY_CHANCE = 24  # characters alike in one run: a phrase that stayed, whatever changed around it
_LATIN_WORDS = re.compile(r"\w+(?:[.,][0-9]+)*|\s+|[^\w\s]")
_NOT_THAI = re.compile("[^\u0e00-\u0e7f]*")
_SARA_AM = "\u0e33"
_JOINER = "\u200d"
_PRIVATE = 0xE000  # words stand for each other as single characters from here on


class Mark(StrEnum):
    """What became of a run of text. SKIPPED stands for unchanged text left out by `shorten`."""

    SAME = "same"
    INSERTED = "inserted"
    DELETED = "deleted"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text with one mark."""

    mark: Mark
    text: str


def mark_differences(before: str, after: str) -> tuple[Span, ...]:
    """The runs of both texts in order, what was deleted before what stands in its place.

    The SAME and DELETED runs together are `before`, the SAME and INSERTED runs `after`, to the character.
    """
    if before == after:
        return _spans([_Run(after)])
    if not before or not after:
        return _spans([_Run(deleted=before, inserted=after)])
    head, tail, old, new = _trim(before.splitlines(keepends=True), after.splitlines(keepends=True))
    return _spans(_join_chance([_Run(head), *_compare(_words(old), _words(new)), _Run(tail)]))


def shorten(spans: Iterable[Span], around: int = 80) -> tuple[Span, ...]:
    """The differences with about `around` characters of unchanged text on each side of them."""
    spans = tuple(spans)
    short: list[Span] = []
    for i, span in enumerate(spans):
        head = around if i else 0
        tail = around if i < len(spans) - 1 else 0
        if span.mark is not Mark.SAME or len(span.text) <= head + tail + around:
            short.append(span)
            continue
        first, last = _cut(span.text, head), _cut(span.text, len(span.text) - tail)
        pieces = (
            Span(Mark.SAME, span.text[:first]),
            Span(Mark.SKIPPED, span.text[first:last]),
            Span(Mark.SAME, span.text[last:]),
        )
        short.extend(piece for piece in pieces if piece.text)
    return tuple(short)


@dataclass(slots=True)
class _Run:
    """Text that stayed, or what was deleted and inserted at one spot."""

    same: str = ""
    deleted: str = ""
    inserted: str = ""

    @property
    def is_change(self) -> bool:
        return bool(self.deleted or self.inserted)

    @property
    def size(self) -> int:
        return max(len(self.deleted), len(self.inserted))


def _trim(old: list[str], new: list[str]) -> tuple[str, str, str, str]:
    """Equal lines at both ends apart from the middles that differ: (head, tail, old middle, new middle)."""
    most = min(len(old), len(new))
    first = next((i for i in range(most) if old[i] != new[i]), most)
    most -= first
    last = next((i for i in range(most) if old[-1 - i] != new[-1 - i]), most)
    end = len(old) - last
    return (
        "".join(old[:first]),
        "".join(old[end:]),
        "".join(old[first:end]),
        "".join(new[first : len(new) - last]),
    )


def _words(text: str) -> list[str]:
    """The text in words, spaces and signs; together they are the text again."""
    if len(text) > _LONGEST:
        return text.splitlines(keepends=True)
    if _NOT_THAI.fullmatch(text):
        words = _LATIN_WORDS.findall(text)
    else:
        from pythainlp.tokenize import word_tokenize  # reads its dictionary on the first call, 0.3 s

        words = word_tokenize(text, engine="newmm")
    whole: list[str] = []
    for word in words:
        if whole and (_continues(word[0]) or whole[-1][-1] == _JOINER):
            whole[-1] += word
        else:
            whole.append(word)
    return whole


def _continues(character: str) -> bool:
    """Whether this is written on, or drawn together with, the letter before it."""
    return (not character.isascii() and unicodedata.category(character)[0] == "M") or character in (
        _SARA_AM,
        _JOINER,
    )


def _compare(old: list[str], new: list[str]) -> Iterator[_Run]:
    if len(old) * len(new) > _MOST_PAIRS:
        yield _Run(deleted="".join(old), inserted="".join(new))
        return
    numbers: dict[str, int] = {}
    old_text, new_text = (
        "".join(chr(_PRIVATE + numbers.setdefault(word, len(numbers))) for word in words)
        for words in (old, new)
    )
    change = _Run()
    for step in Indel.opcodes(old_text, new_text):
        if step.tag != "equal":
            change.deleted += "".join(old[step.src_start : step.src_end])
            change.inserted += "".join(new[step.dest_start : step.dest_end])
            continue
        if change.is_change:
            yield change
            change = _Run()
        yield _Run("".join(old[step.src_start : step.src_end]))
    if change.is_change:
        yield change


def _join_chance(runs: Iterable[_Run]) -> list[_Run]:
    """Join changes that only a chance likeness keeps apart: shorter than what changed on both its sides, or blank."""
    joined: list[_Run] = []
    for run in runs:
        if not (run.same or run.is_change):
            continue
        if joined and not run.is_change and not joined[-1].is_change:
            joined[-1].same += run.same
            continue
        joined.append(run)
        while len(joined) > 2 and run.is_change and _by_chance(*joined[-3:]):
            first, same, second = joined[-3:]
            run = _Run(
                "",
                first.deleted + same.same + second.deleted,
                first.inserted + same.same + second.inserted,
            )
            joined[-3:] = [run]
    return joined


def _by_chance(first: _Run, between: _Run, second: _Run) -> bool:
    length = len(between.same)
    if not first.is_change or length >= _NEVER_BY_CHANCE:
        return False
    if "\n" in between.same:
        return False
    return between.same.isspace() or (length <= first.size and length <= second.size)


def _spans(runs: Iterable[_Run]) -> tuple[Span, ...]:
    return tuple(
        Span(mark, text)
        for run in runs
        for mark, text in (
            (Mark.SAME, run.same),
            (Mark.DELETED, run.deleted),
            (Mark.INSERTED, run.inserted),
        )
        if text
    )


def _cut(text: str, at: int) -> int:
    """The nearest place not far before `at` where the text may be cut: after a blank, else before a whole letter."""
    if not 0 < at < len(text):
        return max(0, min(at, len(text)))
    blank = max(text.rfind(" ", max(0, at - 20), at), text.rfind("\n", max(0, at - 20), at))
    if blank >= 0:
        return blank + 1
    while at > 0 and _continues(text[at]):
        at -= 1
    return at
