"""Texts of two proposals side by side, with what they share marked and numbered.

In: the passages of both sides and the spans a comparison found. Out: fields cut into pieces, each marked piece with the
numbers of its matches, so that a reader gets from one side to the other by the number and not by the colour alone.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.comparing.shape import SHAPES, Field, Table
from app.similarity.facts import Comparison, Passage
from app.similarity.rules import TITLE_EN, TITLE_TH

Span = tuple[int, int, int]  # start, end (half-open, letters) and the number of the match

KEPT = 90  # letters of unmarked text left standing beside a mark where a long text is shortened
_SHORT = 3 * KEPT
_WIDE_VOWELS = "\u0e33"  # sara am hangs on the letter before it like a mark


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text. `numbers` are the matches it is part of; `begins` those whose first piece it is.
    `is_left_out` stands for letters that are not shown."""

    text: str
    numbers: tuple[int, ...] = ()
    begins: tuple[int, ...] = ()
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class MarkedField:
    """A field with its name and its text in pieces."""

    place: str
    name: Text
    pieces: tuple[Piece, ...]

    @property
    def is_marked(self) -> bool:
        return any(piece.numbers for piece in self.pieces)


def name_of_place(place: str) -> Text:
    """A field's place ("budget-3-item") as a reader knows it."""
    if place in (TITLE_TH, TITLE_EN):
        place = f"names-{place}"
    section, _, rest = place.partition("-")
    number, _, key = rest.partition("-")
    for part in SHAPES.get(section, ()):
        if isinstance(part, Table) and number.isdigit():
            return part.row.fill(n=number) if key in ("", part.title) else part.cell_name(int(number), key)
        if isinstance(part, Field) and part.key == rest:
            return part.name
    return Text(place, place)


def cut(text: str, spans: Iterable[Span]) -> tuple[Piece, ...]:
    """`text` in pieces at the borders of `spans`, which may overlap and may reach beyond it.

    A border never parts a letter from the marks above and below it.
    """
    fitted = [(*_whole_letters(text, start, end), number) for start, end, number in spans]
    fitted = [span for span in fitted if span[0] < span[1]]
    borders = sorted({0, len(text), *(s[0] for s in fitted), *(s[1] for s in fitted)})
    pieces = []
    for start, end in pairwise(borders):
        over = [span for span in fitted if span[0] <= start and end <= span[1]]
        pieces.append(
            Piece(
                text[start:end],
                tuple(sorted({number for _, _, number in over})),
                tuple(sorted({number for first, _, number in over if first == start})),
            )
        )
    return tuple(pieces)


def _whole_letters(text: str, start: int, end: int) -> tuple[int, int]:
    start, end = max(0, min(start, len(text))), max(0, min(end, len(text)))
    while 0 < start < len(text) and _hangs(text[start]):
        start -= 1
    while 0 < end < len(text) and _hangs(text[end]):
        end += 1
    return start, end


def _hangs(letter: str) -> bool:
    return letter in _WIDE_VOWELS or unicodedata.category(letter) == "Mn"


def shorten(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """Long unmarked stretches with their middle left out; what stands beside a mark is kept, to read it by."""
    short: list[Piece] = []
    for n, piece in enumerate(pieces):
        if piece.numbers or len(piece.text) <= _SHORT:
            short.append(piece)
            continue
        begin = _SHORT if len(pieces) == 1 else KEPT if n else 0
        end = len(piece.text) - KEPT if n < len(pieces) - 1 else len(piece.text)
        begin, end = _whole_letters(piece.text, begin, begin)[0], _whole_letters(piece.text, end, end)[0]
        short += [Piece(piece.text[:begin])] if begin else []
        short.append(Piece("…", is_left_out=True))
        short += [Piece(piece.text[end:])] if end < len(piece.text) else []
    return tuple(short)


def in_reading_order(comparison: Comparison, left: Sequence[Passage]) -> Comparison:
    """The same with its matches as somebody meets them who reads the left side from top to bottom: their numbers."""
    place = {passage.place: n for n, passage in enumerate(left)}
    return replace(
        comparison,
        matches=tuple(
            sorted(
                comparison.matches, key=lambda m: (place.get(m.left, len(place)), m.left_start, m.left_end)
            )
        ),
    )


def mark_sides(
    comparison: Comparison, left: Sequence[Passage], right: Sequence[Passage], *, whole: bool
) -> tuple[tuple[MarkedField, ...], tuple[MarkedField, ...]]:
    """Both sides, field by field, matches numbered from 1 in the order of the comparison.

    `whole` shows every text in full; otherwise fields without a match and long stretches between matches are
    shortened.
    """
    return (
        _side(left, _spans((m.left, m.left_start, m.left_end) for m in comparison.matches), whole=whole),
        _side(right, _spans((m.right, m.right_start, m.right_end) for m in comparison.matches), whole=whole),
    )


def _spans(found: Iterable[tuple[str, int, int]]) -> dict[str, list[Span]]:
    spans: dict[str, list[Span]] = {}
    for number, (place, start, end) in enumerate(found, 1):
        spans.setdefault(place, []).append((start, end, number))
    return spans


def _side(
    passages: Sequence[Passage], spans: Mapping[str, list[Span]], *, whole: bool
) -> tuple[MarkedField, ...]:
    fields = []
    for passage in passages:
        if not passage.text:
            continue
        pieces = cut(passage.text, spans.get(passage.place, ()))
        fields.append(
            MarkedField(passage.place, name_of_place(passage.place), pieces if whole else shorten(pieces))
        )
    return tuple(fields)
