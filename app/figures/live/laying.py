"""What the calculating sheets hold, computed once: every hidden step of the walk beside its result.

The formulas carry ranking, ceiling, caps, what must be funded, what is taken, left out or cut, and the least a project
works with. Floors, dependencies and exclusive groups they do not: what these lead to is set beforehand, project by
project, as taken or left out, and says so, until the same projects are granted the same amounts. That always ends: all
that was granted fits together, so that with every project set the list is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import lcm

from app.calls.facts import PlanStructure, Rubric
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.allocation import TAKING, allocate, asked_of, must_take
from app.portfolio.facts import (
    Adjusting,
    Adjustment,
    Allocation,
    Basis,
    Bound,
    Dimension,
    Entry,
    Ground,
    Limit,
    Line,
    Terms,
    group_of,
)
from app.portfolio.reasons import name_limit, names_in
from app.portfolio.rules import TIE_RULES

NO_CAP = 9_000_000_000_000_000  # satang: more than any money, and still a whole number in a cell
WIDEST = 10_001  # what counts as the spread of one review
DIMENSIONS = (Dimension.STAGE, Dimension.GUIDELINE, Dimension.MINISTRY)
HANDS = {Adjusting.TAKE: 1, Adjusting.LEAVE: -1, Adjusting.CUT: 0}


@dataclass(frozen=True, slots=True)
class LiveGroup:
    """A stage, guideline or ministry a cap may be typed in for. `held` is what is taken first takes of it;
    `words` are the name inside a sentence."""

    dimension: Dimension
    code: str
    name: Text
    words: Text
    cap: int | None
    held: int

    @property
    def start(self) -> int:
        """What the cap holds for those taken by rank."""
        return NO_CAP if self.cap is None else self.cap - self.held


@dataclass(frozen=True, slots=True)
class Preset:
    """What formulas do not carry, set beforehand for one project, and why."""

    hand: int
    ground: Ground
    other: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the cells to type into for one project: 1 taken, -1 left out, 0 by rank; and its cut amount."""

    hand: int
    cut: int | None
    preset: Preset | None


@dataclass(frozen=True, slots=True)
class Step:
    """A ranked project on its way down the list; satang, and whole numbers over the common denominator for `score`."""

    line: Line
    place: int
    score: int
    spread: int
    tie: int
    filed: int
    asked: int
    least: int
    mode: int
    groups: tuple[int, int, int]
    before_forced: int
    before: int
    rooms: tuple[int, int, int]
    taken_so_far: int

    @property
    def granted(self) -> int:
        return self.line.granted

    @property
    def is_in(self) -> bool:
        return self.line.ground in TAKING


@dataclass(frozen=True, slots=True)
class Layout:
    """The calculation with all its steps. `terms` are those the sheets carry; `reviews` is the common denominator of all
    means; `places` maps a project's number to its row in the list of projects, from 1; `groups` are counted from 1, too.
    """

    terms: Terms
    left: int
    reviews: int
    steps: tuple[Step, ...]
    groups: tuple[LiveGroup, ...]
    group_places: Mapping[tuple[Dimension, str], int]
    typed: Mapping[str, Typed]
    must: frozenset[str]
    places: Mapping[str, int]
    rubrics: tuple[Rubric, ...]
    calibrated: bool
    has_least: bool
    reserved: int

    def groups_of(self, entry: Entry) -> tuple[int, int, int]:
        """The stage, guideline and ministry of a project, as places in `groups` from 1."""
        stage, guideline, ministry = (
            self.group_places[dimension, group_of(entry, dimension)] for dimension in DIMENSIONS
        )
        return stage, guideline, ministry

    def weight(self, rubric: Rubric, code: str) -> int:
        """The weight (percent) a criterion has under the terms."""
        own = next(c.weight for c in rubric.criteria if c.code == code)
        return self.terms.weights.get(code, own)


def carried_terms(allocation: Allocation) -> tuple[Terms, dict[str, Preset]]:
    """The terms the formulas carry, and what was set beforehand to reach the same list."""
    terms, lines = allocation.terms, allocation.lines
    caps = tuple(limit for limit in terms.limits if limit.bound is Bound.CAP)
    ranked = [line for line in lines if line.rank is not None]
    forced = must_take([line.entry for line in ranked], terms)
    carried = replace(
        terms,
        limits=caps,
        needs=(),
        exclusive=(),
        # those left out by hand stay named: typed in by rank again, they must be funded again
        must_fund=frozenset(n for n, (ground, _) in forced.items() if ground is Ground.MUST_FUND)
        | (terms.must_fund & {line.entry.number for line in ranked}),
    )
    if not (terms.needs or terms.exclusive or len(caps) < len(terms.limits)):
        return carried, {}
    entries = [line.entry for line in lines]
    presets: dict[str, Preset] = {}
    for line in ranked:
        if line.ground in (Ground.NEEDS, Ground.EXCLUSIVE, Ground.FLOOR):
            presets[line.entry.number] = Preset(int(line.ground in TAKING) or -1, line.ground, line.other)
    while True:
        found = replace(carried, adjustments=dict(terms.adjustments) | _preset_hands(ranked, presets, terms))
        granted = {line.entry.number: line.granted for line in allocate(entries, found).lines}
        off = [line for line in ranked if granted[line.entry.number] != line.granted]
        if not off:
            return found, presets
        # a project that waited, or that a floor took before its turn, left others more room or less: as it came to
        for line in off:
            presets[line.entry.number] = Preset(1 if line.ground in TAKING else -1, Ground.RANK, "")


def _preset_hands(
    ranked: Iterable[Line], presets: Mapping[str, Preset], terms: Terms
) -> dict[str, Adjustment]:
    hands = {}
    for line in ranked:
        number = line.entry.number
        preset = presets.get(number)
        if preset is None:
            continue
        amount = None
        if preset.hand == 1:
            by_hand = terms.adjustments.get(number)
            amount = by_hand.amount if by_hand else None
            if line.granted < asked_of(line.entry, terms):
                amount = line.granted
        hands[number] = Adjustment(Adjusting.TAKE if preset.hand == 1 else Adjusting.LEAVE, amount, "")
    return hands


def lay_out(
    allocation: Allocation, plan: PlanStructure, rubrics: Sequence[Rubric], places: Mapping[str, int]
) -> Layout:
    """The calculation that leads to an allocation; `places` is the order of the list of projects."""
    terms, presets = carried_terms(allocation)
    entries = [line.entry for line in allocation.lines]
    carried = allocate(entries, terms) if presets else allocation
    ranked = [line for line in carried.lines if line.rank is not None]
    first = (Ground.MUST_FUND, Ground.MUST_REDUCED, Ground.TAKEN)
    taken_first = {line.entry.number: line.granted for line in ranked if line.ground in first}
    groups = _groups(entries, plan, terms, taken_first)
    reserved = sum(taken_first.values())
    calibrated = all(line.entry.calibrated is not None for line in ranked) and bool(ranked)
    return Layout(
        terms=terms,
        left=carried.left,
        reviews=lcm(*{x.entry.panel.count for x in ranked}),
        steps=tuple(_steps(ranked, terms, groups, reserved, places)),
        groups=groups,
        group_places={(group.dimension, group.code): n for n, group in enumerate(groups, 1)},
        typed={entry.number: _typed(entry.number, terms, presets) for entry in entries},
        must=terms.must_fund,
        places=places,
        rubrics=tuple(rubrics),
        calibrated=calibrated,
        has_least=any(entry.least is not None for entry in entries),
        reserved=reserved,
    )


def _typed(number: str, terms: Terms, presets: Mapping[str, Preset]) -> Typed:
    adjustment = terms.adjustments.get(number)
    if adjustment is None:
        return Typed(0, None, None)
    return Typed(HANDS[adjustment.kind], adjustment.amount, presets.get(number))


def _groups(
    entries: Iterable[Entry], plan: PlanStructure, terms: Terms, taken_first: Mapping[str, int]
) -> tuple[LiveGroup, ...]:
    entries = list(entries)
    name_of = names_in(plan, entries)
    ministries = {entry.ministry_code: entry.ministry for entry in entries}
    names: dict[Dimension, dict[str, Text]] = {
        Dimension.STAGE: {c.code: c.name for c in plan.stages},
        Dimension.GUIDELINE: {
            c.code: Text(f"{c.code} {c.name.th}", f"{c.code} {c.name.en}") for c in plan.guidelines
        },
        Dimension.MINISTRY: dict(sorted(ministries.items(), key=lambda item: item[1].th)),
    }
    caps: dict[tuple[Dimension, str], int] = {}
    for limit in terms.limits:
        names[limit.dimension].setdefault(limit.code, Text(limit.code, limit.code))
        key = (limit.dimension, limit.code)
        caps[key] = min(limit.amount, caps.get(key, limit.amount))
    held: dict[tuple[Dimension, str], int] = {}
    for entry in entries:
        for dimension in DIMENSIONS:
            code = group_of(entry, dimension)
            names[dimension].setdefault(code, Text(code, code))
            key = (dimension, code)
            held[key] = held.get(key, 0) + taken_first.get(entry.number, 0)
    return tuple(
        LiveGroup(
            dimension,
            code,
            name,
            name_limit(Limit(dimension, code, Bound.CAP, 0), name_of),
            caps.get((dimension, code)),
            held.get((dimension, code), 0),
        )
        for dimension in DIMENSIONS
        for code, name in names[dimension].items()
    )


def tie_orders(entries: Iterable[Entry]) -> tuple[dict[str, int], dict[str, int]]:
    """Number -> its place by amount, filing and number, from 1; and number -> its place by filing alone, with ties."""
    entries = list(entries)
    ordered = sorted(entries, key=lambda e: (e.requested, e.submitted_at, e.number))
    moments = {moment: n for n, moment in enumerate(sorted({e.submitted_at for e in entries}), 1)}
    return (
        {entry.number: n for n, entry in enumerate(ordered, 1)},
        {entry.number: moments[entry.submitted_at] for entry in entries},
    )


def _steps(
    ranked: Sequence[Line],
    terms: Terms,
    groups: Sequence[LiveGroup],
    reserved: int,
    places: Mapping[str, int],
) -> Iterable[Step]:
    index = {(group.dimension, group.code): n for n, group in enumerate(groups)}
    calibrated = terms.basis is Basis.CALIBRATED
    common = 1 if calibrated else lcm(*{line.entry.panel.count for line in ranked})
    ties, filed = tie_orders(line.entry for line in ranked)
    forced_left, left, so_far = terms.ceiling, terms.ceiling - reserved, 0
    rooms = [group.start for group in groups]
    for line in ranked:
        entry = line.entry
        adjustment = terms.adjustments.get(entry.number)
        hand = HANDS[adjustment.kind] if adjustment else 0
        mode = -1 if hand == -1 else 1 if hand == 1 or entry.number in terms.must_fund else 0
        asked = asked_of(entry, terms)
        least = asked if not terms.partial or entry.least is None else min(asked, entry.least)
        if hand == 1:
            least = asked  # who took it by hand meant all of it
        own = [index[dimension, group_of(entry, dimension)] for dimension in DIMENSIONS]
        panel = entry.panel
        yield Step(
            line=line,
            place=places[entry.number],
            score=(entry.calibrated or 0) if calibrated else panel.total * (common // panel.count),
            spread=WIDEST if line.spread is None else line.spread,
            tie=ties[entry.number],
            filed=filed[entry.number],
            asked=asked,
            least=least,
            mode=mode,
            groups=(own[0] + 1, own[1] + 1, own[2] + 1),
            before_forced=forced_left,
            before=left,
            rooms=(rooms[own[0]], rooms[own[1]], rooms[own[2]]),
            taken_so_far=(so_far := so_far + line.granted),
        )
        if mode == 1:
            forced_left -= line.granted
        else:
            left -= line.granted
            for at in own:
                if rooms[at] < NO_CAP:
                    rooms[at] -= line.granted


def tie_number(line: Line) -> int:
    """Which tie rule put a line below the one above it, from 1; 0 for none."""
    return TIE_RULES.index(line.tie) + 1 if line.tie is not None else 0
