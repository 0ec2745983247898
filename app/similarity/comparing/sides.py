"""A proposal made ready for comparing: its texts folded, their runs weighed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

from app.kernel.lean import dataclass
from app.similarity.comparing.folding import Folded, fold
from app.similarity.comparing.weighing import own_runs_of, weigh
from app.similarity.facts import Commonness, Comparable

TITLE_TH, TITLE_EN = "title_th", "title_en"
MOST_LETTERS = 60_000  # of one proposal, after folding; further fields are left out

Kind = Literal["title", "text", "item", "system"]


@dataclass(frozen=True, slots=True)
class Field:
    """One text of a proposal. `runs` are those outside of set phrases."""

    kind: Kind
    place: str
    typed: str
    folded: Folded
    runs: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """A proposal ready for comparing. `weights` holds every run of it with what it weighs; `mass` is their sum."""

    fields: tuple[Field, ...]
    weights: dict[str, int]
    mass: int

    def of(self, *kinds: Kind) -> list[Field]:
        return [field for field in self.fields if field.kind in kinds]

    def weight_of(self, runs: frozenset[str]) -> int:
        """What runs of this side weigh together."""
        weights = self.weights
        return sum(weights[run] for run in runs)


# the filing that is compared with many stays; the many pass through
@lru_cache(maxsize=64)
def side_of(proposal: Comparable, common: Commonness) -> Side:
    """`proposal` ready for comparing."""
    fields: list[Field] = []
    left = MOST_LETTERS
    # the same words in another order of lines or links are the same proposal
    for kind, place, typed in sorted(set(_texts(proposal)), key=lambda text: (text[0], text[2], text[1])):
        folded = fold(typed)
        if folded.letters and len(folded.letters) <= left:
            left -= len(folded.letters)
            fields.append(Field(kind, place, typed, folded, frozenset(own_runs_of(folded.letters, common))))
    weights = weigh(set().union(*(field.runs for field in fields)), common)
    return Side(tuple(fields), weights, sum(weights.values()))


def said_by(proposal: Comparable) -> tuple[str, list[str]]:
    """The lead, and everything of a proposal that is compared: what `commonness_of` learns from."""
    return proposal.lead, [typed for _, _, typed in _texts(proposal)]


def _texts(proposal: Comparable) -> Iterator[tuple[Kind, str, str]]:
    yield "title", TITLE_TH, proposal.title.th
    yield "title", TITLE_EN, proposal.title.en
    for passage in proposal.passages:
        yield "text", passage.place, passage.text
    for item in proposal.items:
        yield "item", item.place, item.text
    for system in proposal.systems:
        yield "system", system.place, system.text
