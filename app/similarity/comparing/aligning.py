"""Which words stand on both sides: runs that meet, grown to spans, near spans joined, shown as typed."""

from __future__ import annotations

from rapidfuzz.distance import Indel

from app.kernel.lean import dataclass
from app.similarity.comparing.sides import Field, Side
from app.similarity.comparing.weighing import RUN, WHOLE
from app.similarity.facts import Match

MOST_MATCHES = 60
MOST_PLACES = 4  # of one run on the other side that are tried
LONGEST_SPAN = 1200  # letters; a longer one is told in pieces
_SHORTEST = 10  # letters of a span worth marking
_ENOUGH = 5 * WHOLE  # what a span must weigh
_GAP = 10  # letters that may differ between two spans of one passage


@dataclass(frozen=True, slots=True)
class Span:
    """Letters `[left, left_end)` of a field met by `[right, right_end)` of another, in folded letters."""

    left: int
    left_end: int
    right: int
    right_end: int


def align(left: Side, right: Side) -> list[Match]:
    """The matches of two sides, in the order of the left one's fields; the same pairs whichever side is left."""
    if [(f.typed, f.place) for f in right.fields] < [(f.typed, f.place) for f in left.fields]:
        return sorted((_turned(match) for match in align(right, left)), key=_order)
    index = _places(right)
    found: list[tuple[int, Match]] = []
    for field in left.fields:
        for other, spans in _spans(field, right, index).items():
            for span in _joined(spans):
                weight = _weight(left, field, span)
                if span.left_end - span.left >= _shortest(field, right.fields[other]) and weight >= _ENOUGH:
                    found.append((weight, _match(field, right.fields[other], span)))
    best = sorted(found, key=lambda pair: (-pair[0], _order(pair[1])))[:MOST_MATCHES]
    return sorted((match for _, match in best), key=_order)


def _shortest(left: Field, right: Field) -> int:
    """A short title or name is a span of its own."""
    return min(_SHORTEST, len(left.folded.letters), len(right.folded.letters))


def _places(side: Side) -> dict[str, list[tuple[int, int]]]:
    """Run -> (field, place) of its first places. What weighs nothing begins no span, but a span goes on through it."""
    index: dict[str, list[tuple[int, int]]] = {run: [] for run, weight in side.weights.items() if weight}
    for number, field in enumerate(side.fields):
        letters = field.folded.letters
        for place in range(len(letters) - RUN + 1):
            places = index.get(letters[place : place + RUN])
            if places is not None and len(places) < MOST_PLACES:
                places.append((number, place))
    return index


def _spans(field: Field, right: Side, index: dict[str, list[tuple[int, int]]]) -> dict[int, list[Span]]:
    """Field of the other side -> spans that are the same letter by letter, in order."""
    letters = field.folded.letters
    spans: dict[int, list[Span]] = {}
    here = told = 0
    while here <= len(letters) - RUN:
        best: tuple[int, int, int] | None = None
        for other, place in index.get(letters[here : here + RUN], ()):
            length = _same(letters, here, right.fields[other].folded.letters, place)
            if best is None or length > best[0]:
                best = length, other, place
        if best is None:
            here += 1
            continue
        length, other, place = best
        before = _same_before(letters, here, right.fields[other].folded.letters, place, here - told)
        span = Span(here - before, here + length, place - before, place + length)
        spans.setdefault(other, []).append(span)
        here = told = span.left_end
    return spans


def _same_before(left: str, at: int, right: str, place: int, most: int) -> int:
    """How many letters before two places are the same, at most `most`."""
    length = 0
    while length < min(most, place) and left[at - length - 1] == right[place - length - 1]:
        length += 1
    return length


def _same(left: str, at: int, right: str, place: int) -> int:
    """How many letters are the same from two places on; at most `LONGEST_SPAN`."""
    low, high = RUN, min(len(left) - at, len(right) - place, LONGEST_SPAN)
    while low < high:
        middle = (low + high + 1) // 2
        if left[at : at + middle] == right[place : place + middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _joined(spans: list[Span]) -> list[Span]:
    """Spans that follow each other on both sides with little between are one."""
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if (
            last is not None
            and 0 <= span.left - last.left_end <= _GAP
            and 0 <= span.right - last.right_end <= _GAP
            and span.left_end - last.left <= LONGEST_SPAN
            and span.right_end - last.right <= LONGEST_SPAN
        ):
            joined[-1] = Span(last.left, span.left_end, last.right, span.right_end)
        else:
            joined.append(span)
    return joined


def _weight(side: Side, field: Field, span: Span) -> int:
    letters = field.folded.letters[span.left : span.left_end]
    runs = {letters[place : place + RUN] for place in range(len(letters) - RUN + 1)}
    return sum(side.weights.get(run, 0) for run in runs)


def _match(left: Field, right: Field, span: Span) -> Match:
    a, b = left.folded, right.folded
    start, end = a.typed(span.left, span.left_end)
    other_start, other_end = b.typed(span.right, span.right_end)
    here, there = a.letters[span.left : span.left_end], b.letters[span.right : span.right_end]
    # letters kept of all letters, by counting, so that no rounding depends on the machine
    likeness = 1000 * (len(here) + len(there) - Indel.distance(here, there)) // (len(here) + len(there))
    end, other_end = _with_marks(left.typed, end), _with_marks(right.typed, other_end)
    return Match(left.place, start, end, right.place, other_start, other_end, likeness)


def _with_marks(typed: str, end: int) -> int:
    """A tone or silencing mark belongs to the letter before it."""
    while end < len(typed) and "\u0e47" <= typed[end] <= "\u0e4e":
        end += 1
    return end


def _turned(match: Match) -> Match:
    return Match(
        match.right,
        match.right_start,
        match.right_end,
        match.left,
        match.left_start,
        match.left_end,
        match.likeness,
    )


def _order(match: Match) -> tuple[str, int, str, int]:
    return match.left, match.left_start, match.right, match.right_start
