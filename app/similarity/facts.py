"""What is compared, and what a comparison says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from app.kernel.lean import dataclass
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of text of a proposal. `place` is the field it stands in, as `Problem.place` names fields."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """A budget item: its words as typed and what is asked for, satang."""

    place: str
    text: str
    amount: int


@dataclass(frozen=True, slots=True)
class Comparable:
    """What of a proposal is compared. `key` is the caller's (a submission's id; 0 for a draft).

    `passages` are the texts that say what the project is; `items` its budget items; `systems` the systems, data sets,
    services and standards it names; `agencies` the codes of its lead and participants, `partners` of those it links
    with or serves. `continues` is the number of the earlier project it says it continues, "" for none.
    """

    key: int
    number: str
    fiscal_year: int
    title: Text
    lead: str
    passages: tuple[Passage, ...]
    items: tuple[Item, ...]
    systems: tuple[Passage, ...]
    agencies: frozenset[str]
    partners: frozenset[str]
    continues: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Commonness:
    """How many of `of` agencies write a run of letters or a passage: what everybody writes says little of anybody.

    `counts` names only what two agencies or more write; `names` are names of agencies by their first letters. Made by
    `rules.commonness_of`. Two of them are equal only when they are the same one, so that what was weighed by it can be
    kept beside it.
    """

    of: int
    counts: Mapping[str, int]
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Ground(StrEnum):
    """Why two proposals resemble each other."""

    TEXT = "text"
    TITLE = "title"
    ITEMS = "items"
    SYSTEM = "system"
    PARTNERS = "partners"
    SAME_AGENCY = "same_agency"
    CONTINUES = "continues"


@dataclass(frozen=True, slots=True)
class Match:
    """The same or nearly the same words on both sides: half-open spans of letters in the named places."""

    left: str  # place
    left_start: int
    left_end: int
    right: str
    right_start: int
    right_end: int
    likeness: int  # per mille


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground in words, with what it weighs (per mille of likeness)."""

    ground: Ground
    weight: int
    text: Text


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two proposals share. `score` per mille: at `rules.WORKING_THRESHOLD` and above a person is asked."""

    score: int
    reasons: tuple[Reason, ...]
    matches: tuple[Match, ...]


class Verdict(StrEnum):
    """What a person judged a pair to be."""

    DUPLICATE = "duplicate"
    COMPLEMENTARY = "complementary"
    CONTINUING = "continuing"
    UNRELATED = "unrelated"


VERDICT_NAMES = {
    Verdict.DUPLICATE: Text("ซ้ำซ้อน", "Duplicate"),
    Verdict.COMPLEMENTARY: Text("เสริมกัน", "Complementary"),
    Verdict.CONTINUING: Text("ต่อเนื่องกัน", "Continuing"),
    Verdict.UNRELATED: Text("ไม่เกี่ยวข้องกัน", "Unrelated"),
}
