"""Two saves of one review brought together, field by field, against what both began from.

In: what the form held when it was opened, as it was sent, and as another page of the same reviewer saved it since.
Out: `Merged`: both changes, the places where theirs came in, and a clash wherever both changed the same field in
different ways. Why: nothing is overwritten silently, and nobody is asked about changes that do not touch.
Places are those of the form: "score-<criterion>", "comment-<criterion>", "notes", and "reason" when scoring once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise

from app.kernel.lean import dataclass
from app.reviews.facts import Score, Scores

NOTES, REASON = "notes", "reason"
MINE, THEIRS = "mine", "theirs"
_SCORE, _COMMENT = "score-", "comment-"

Value = int | str | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the form of a review holds: the scores, the reviewer's own notes, and why it is scored once more."""

    scores: Scores
    notes: str = ""
    reason: str = ""


EMPTY = Sheet({})


@dataclass(frozen=True, slots=True)
class Clash:
    """One field both changed in different ways: a level (None for none) or a text."""

    place: str
    base: Value
    mine: Value
    theirs: Value


@dataclass(frozen=True, slots=True)
class Merged:
    """Both changes in one; where there is a clash `sheet` holds mine. `taken` are the places where theirs came in."""

    sheet: Sheet
    taken: tuple[str, ...] = ()
    clashes: tuple[Clash, ...] = ()


def fields_of(sheet: Sheet) -> dict[str, Value]:
    """A sheet as the fields of its form."""
    fields: dict[str, Value] = {}
    for code, score in sheet.scores.items():
        fields[f"{_SCORE}{code}"] = score.level
        fields[f"{_COMMENT}{code}"] = score.comment
    return fields | {NOTES: sheet.notes, REASON: sheet.reason}


def sheet_of(fields: Mapping[str, Value]) -> Sheet:
    """The fields of a form as a sheet; what has only a level or only a comment is a criterion all the same."""
    scores: dict[str, Score] = {}
    for place, value in fields.items():
        if place in (NOTES, REASON):
            continue
        code = place.partition("-")[2]
        known = scores.get(code, Score(None, ""))
        if place.startswith(_SCORE):
            scores[code] = Score(value if isinstance(value, int) else None, known.comment)
        else:
            scores[code] = Score(known.level, value if isinstance(value, str) else "")
    return Sheet(scores, str(fields.get(NOTES) or ""), str(fields.get(REASON) or ""))


def _blank(place: str) -> Value:
    return None if place.startswith(_SCORE) else ""


def merge_review(base: Sheet, mine: Sheet, theirs: Sheet) -> Merged:
    """Bring two changes of one review together; a field only one side changed is that side's."""
    old, own, other = fields_of(base), fields_of(mine), fields_of(theirs)
    fields: dict[str, Value] = {}
    taken: list[str] = []
    clashes: list[Clash] = []
    for place in dict.fromkeys((*own, *other)):
        a, b, c = (side.get(place, _blank(place)) for side in (old, own, other))
        fields[place] = b
        if b == c or c == a:
            continue
        if b == a:
            fields[place] = c
            taken.append(place)
        else:
            clashes.append(Clash(place, a, b, c))
    return Merged(sheet_of(fields), tuple(taken), tuple(clashes))


def resolve(merged: Merged, choices: Mapping[str, str]) -> Sheet:
    """The sheet with "mine" or "theirs" chosen at the place of every clash.

    Raises `ValueError` where nothing, or anything else, was chosen: that would be a guess.
    """
    fields = fields_of(merged.sheet)
    for clash in merged.clashes:
        choice = choices.get(clash.place)
        if choice not in (MINE, THEIRS):
            raise ValueError(f"nothing was chosen at {clash.place}")
        fields[clash.place] = clash.mine if choice == MINE else clash.theirs
    return sheet_of(fields)


def known_to(page: str, since: Iterable[tuple[str, Sheet]]) -> Sheet:
    """What an open page began from. `since` are the saves from the version it names on, each with the page it came
    from: the first is that version, and of the later ones this page's own changes are known to it, because only the
    answers to them were lost."""
    saves = list(since)
    if not saves:
        return EMPTY
    fields = fields_of(saves[0][1])
    for (_, before), (whose, after) in pairwise(saves):
        if page and whose == page:
            earlier, later = fields_of(before), fields_of(after)
            for place in earlier | later:
                value = later.get(place, _blank(place))
                if value != earlier.get(place, _blank(place)):
                    fields[place] = value
    return sheet_of(fields)
