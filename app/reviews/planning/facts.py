"""What a plan is computed from, and what it consists of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from app.kernel.lean import dataclass
from app.kernel.text import Text

Pair = tuple[int, int]  # proposal id, reviewer id


@dataclass(frozen=True, slots=True)
class Subject:
    """A proposal to be reviewed, with the codes of the plan it was filed under."""

    id: int
    number: str
    stage: str = ""
    guideline: str = ""
    focus_area: str = ""


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A reviewer: body, the most proposals in this call (None: no limit), and what they know best (codes).

    `is_active` is False for somebody whose account ended and whose earlier assignment still stands.
    """

    id: int
    name: Text
    body: str
    limit: int | None = None
    guidelines: frozenset[str] = frozenset()
    focus_areas: frozenset[str] = frozenset()
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class PanelSeats:
    """`seats` reviewers out of `members` for each proposal of `stage`, or of every stage where it is "".

    `id` is None for the one panel of all reviewers that a call without panels has.
    """

    id: int | None
    name: Text
    seats: int
    members: frozenset[int]
    stage: str = ""

    def reaches(self, subject: Subject) -> bool:
        return self.stage in ("", subject.stage)


class Seat(NamedTuple):
    """One reviewer for one proposal, and on behalf of which panel (None: of none)."""

    proposal: int
    reviewer: int
    panel: int | None = None


class Keep(StrEnum):
    """What of the assignments that stand a plan leaves alone."""

    ALL = "all"
    ANSWERED = "answered"  # what nobody has answered yet may go to somebody else


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """What a plan was asked for: the seed that breaks ties, and what it leaves alone."""

    seed: int = 1
    keep: Keep = Keep.ALL


@dataclass(frozen=True)
class Situation:
    """All that a plan depends on. `kept` are assignments that stand and are counted. No pair of `barred` (a conflict),
    `asked` (an interest nobody has judged) may be planned; `declined` not by itself, but by hand."""

    subjects: tuple[Subject, ...]
    reviewers: tuple[Reviewer, ...]
    panels: tuple[PanelSeats, ...]
    kept: tuple[Seat, ...] = ()
    barred: frozenset[Pair] = frozenset()
    asked: frozenset[Pair] = frozenset()
    declined: frozenset[Pair] = frozenset()
    least_bodies: int = 1

    @cached_property
    def subject(self) -> Mapping[int, Subject]:
        return {s.id: s for s in self.subjects}

    @cached_property
    def reviewer(self) -> Mapping[int, Reviewer]:
        return {r.id: r for r in self.reviewers}

    @cached_property
    def panel(self) -> Mapping[int | None, PanelSeats]:
        return {p.id: p for p in self.panels}

    @cached_property
    def kept_load(self) -> Mapping[int, int]:
        """Reviewer id -> assignments that stand."""
        return count_by(seat.reviewer for seat in self.kept)

    @cached_property
    def kept_of(self) -> Mapping[int, tuple[Seat, ...]]:
        """Proposal id -> its assignments that stand."""
        return by_proposal(self.kept)

    @cached_property
    def panels_of(self) -> Mapping[int, tuple[PanelSeats, ...]]:
        """Proposal id -> the panels that reach it, in their order."""
        return {s.id: tuple(p for p in self.panels if p.reaches(s)) for s in self.subjects}

    @cached_property
    def able(self) -> Mapping[int | None, frozenset[int]]:
        """Panel id -> its members who can take anything at all: active, and with a limit above 0."""
        can = {r.id for r in self.reviewers if r.is_active and r.limit != 0}
        return {p.id: p.members & can for p in self.panels}

    @cached_property
    def share(self) -> Mapping[int, int]:
        """Reviewer id -> the even share: what each would have if every panel's seats were dealt evenly to its members
        who can take any, rounded down."""
        seats_of = {
            p.id: p.seats * sum(1 for s in self.subjects if p.reaches(s)) for p in self.panels if p.members
        }
        found = {}
        for reviewer in self.reviewers:
            # in one denominator, so that a share of 7/2 and 1/2 is 4 and not 3
            top, bottom = 0, 1
            for panel_id, seats in seats_of.items():
                if reviewer.id in self.able[panel_id]:
                    n = len(self.able[panel_id])
                    top, bottom = top * n + seats * bottom, bottom * n
            found[reviewer.id] = top // bottom
        return found

    @cached_property
    def open_seats(self) -> Mapping[Pair, int]:
        """(proposal id, index of the panel) -> seats still to be filled, where there are any.

        A standing assignment takes a seat of the panel it was made for, else of the first panel its reviewer sits in
        that has one left; of none where no panel of the proposal knows the reviewer.
        """
        index = {p.id: n for n, p in enumerate(self.panels)}
        wanted: dict[Pair, int] = {}
        for subject in self.subjects:
            panels = self.panels_of[subject.id]
            left = {p.id: p.seats for p in panels}
            unplaced = []
            for seat in self.kept_of.get(subject.id, ()):
                if left.get(seat.panel, 0) > 0:
                    left[seat.panel] -= 1
                else:
                    unplaced.append(seat)
            for seat in unplaced:
                for panel in panels:
                    is_its = panel.id is None or seat.reviewer in panel.members
                    if is_its and left[panel.id] > 0:
                        left[panel.id] -= 1
                        break
            wanted |= {(subject.id, index[panel_id]): n for panel_id, n in left.items() if n > 0}
        return wanted

    def may_plan(self, proposal_id: int, reviewer_id: int) -> bool:
        """Whether the pair may be planned without anybody's word, limits aside."""
        pair = (proposal_id, reviewer_id)
        return not (pair in self.barred or pair in self.asked or pair in self.declined)


def count_by(keys: Iterable[int]) -> dict[int, int]:
    """How often each key comes."""
    counts: defaultdict[int, int] = defaultdict(int)
    for key in keys:
        counts[key] += 1
    return dict(counts)


def by_proposal(seats: Iterable[Seat]) -> dict[int, tuple[Seat, ...]]:
    """Proposal id -> its seats, in the order given."""
    found: defaultdict[int, list[Seat]] = defaultdict(list)
    for seat in seats:
        found[seat.proposal].append(seat)
    return {proposal: tuple(own) for proposal, own in found.items()}
