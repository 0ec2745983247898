"""Entries and lines of the ranked list, and the terms it is laid under the ceiling by. Money in satang; scores in
hundredths of a point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.kernel.lean import dataclass
from app.kernel.money import decimal_baht, from_decimal_baht
from app.kernel.text import Text
from app.reviews.facts import Panel


@dataclass(frozen=True, slots=True)
class Entry:
    """A proposal that may be ranked. `least` is the smallest amount it still works with, None where it needs all;
    `calibrated` its calibrated score, where scores could be calibrated."""

    proposal_id: int
    number: str
    title: Text
    agency: Text
    ministry: Text
    ministry_code: str
    stage: str
    guideline: str
    state: str
    requested: int
    submitted_at: datetime
    panel: Panel
    least: int | None = None
    calibrated: int | None = None


class Basis(StrEnum):
    """Which score ranks."""

    RAW = "raw"
    CALIBRATED = "calibrated"


class Dimension(StrEnum):
    """What a floor or a cap may hold for: the value is the field of `Entry`, but for the ministry's code."""

    STAGE = "stage"
    GUIDELINE = "guideline"
    MINISTRY = "ministry"


def group_of(entry: Entry, dimension: Dimension) -> str:
    """The code of the group an entry belongs to."""
    if dimension is Dimension.STAGE:
        return entry.stage
    return entry.guideline if dimension is Dimension.GUIDELINE else entry.ministry_code


class Bound(StrEnum):
    """Which way a limit holds."""

    FLOOR = "floor"
    CAP = "cap"


@dataclass(frozen=True, slots=True, order=True)
class Limit:
    """At least (floor) or at most (cap) `amount` satang for one stage, guideline or ministry (of the lead agency)."""

    dimension: Dimension
    code: str
    bound: Bound
    amount: int

    def holds_for(self, entry: Entry) -> bool:
        return group_of(entry, self.dimension) == self.code


class Adjusting(StrEnum):
    """What a person changed by hand: TAKE it whatever its rank, LEAVE it out, or CUT what it asks for."""

    TAKE = "take"
    LEAVE = "leave"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One project changed by hand. `amount` replaces what it asks for; always there for a cut, never for leaving out."""

    kind: Adjusting
    amount: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What the list is laid under the ceiling by. Projects are named by proposal number, which papers carry, too.

    `weights` are percents by criterion, summing to 100; empty for the rubric's own. Each of `needs` is (the one that
    needs, the one it needs); of each group of `exclusive` at most one is taken. `partial` lets a project be taken with
    the least it works with where all it asks does not fit. Limits are kept in the order they are declared.
    """

    ceiling: int
    basis: Basis = Basis.RAW
    weights: Mapping[str, int] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    must_fund: frozenset[str] = frozenset()
    needs: tuple[tuple[str, str], ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()
    partial: bool = False
    adjustments: Mapping[str, Adjustment] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As JSON values, fit for `canonical_json`; amounts as decimal baht."""
        return {
            "ceiling": decimal_baht(self.ceiling),
            "basis": self.basis.value,
            "weights": dict(self.weights),
            "limits": [
                [n.dimension.value, n.code, n.bound.value, decimal_baht(n.amount)] for n in self.limits
            ],
            "must_fund": sorted(self.must_fund),
            "needs": [list(pair) for pair in self.needs],
            "exclusive": [list(group) for group in self.exclusive],
            "partial": self.partial,
            "adjustments": {
                number: [a.kind.value, None if a.amount is None else decimal_baht(a.amount), a.reason]
                for number, a in self.adjustments.items()
            },
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Terms:
        """The inverse of `to_json`. Raises `KeyError`, `ValueError` or `TypeError` for anything else."""
        return Terms(
            ceiling=from_decimal_baht(value["ceiling"]),
            basis=Basis(value["basis"]),
            weights=dict(value["weights"]),
            limits=tuple(
                Limit(Dimension(dimension), code, Bound(bound), from_decimal_baht(amount))
                for dimension, code, bound, amount in value["limits"]
            ),
            must_fund=frozenset(value["must_fund"]),
            needs=tuple((one, other) for one, other in value["needs"]),
            exclusive=tuple(tuple(group) for group in value["exclusive"]),
            partial=value["partial"],
            adjustments={
                number: Adjustment(
                    Adjusting(kind), None if amount is None else from_decimal_baht(amount), reason
                )
                for number, (kind, amount, reason) in value["adjustments"].items()
            },
        )


class Standing(StrEnum):
    """Where a line stands in the allocation."""

    IN = "in"
    OUT = "out"
    UNSCORED = "unscored"
    RECORDED = "recorded"


class Ground(StrEnum):
    """Why a line stands where it stands."""

    # in
    RANK = "rank"
    REDUCED = "reduced"  # by its rank, with the least it works with
    MUST_FUND = "must_fund"
    MUST_REDUCED = "must_reduced"  # must be funded, with the least it works with
    FLOOR = "floor"
    TAKEN = "taken"  # by hand
    # out
    CEILING = "ceiling"
    CAP = "cap"
    NEEDS = "needs"
    EXCLUSIVE = "exclusive"
    LEFT_OUT = "left_out"  # by hand
    # not ranked
    UNSCORED = "unscored"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Line:
    """A ranked line.

    `left` is what the ceiling still held after it was considered, `granted` what it takes (0 when out), `short` what
    the ceiling, or the cap `limit`, lacked for the smallest amount it would do with. `points` is how many more its score
    would need, None where no score would help or none is lacking. `other` is the number of the project it waits for,
    gives way to, or is taken for; `limit` the floor or cap it stands by; `displaced` says that it would be in without the
    projects that must be funded, or without the floors.
    """

    entry: Entry
    rank: int | None
    mean: int | None
    spread: int | None
    standing: Standing
    left: int
    short: int
    tie: Text | None
    granted: int
    ground: Ground
    points: int | None = None
    other: str = ""
    limit: Limit | None = None
    displaced: Ground | None = None


@dataclass(frozen=True, slots=True)
class UnmetFloor:
    """A floor the list does not reach, and by how much (satang)."""

    limit: Limit
    short: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """The list laid under the ceiling. `left` is what stays unspent; ranked lines come first, in rank order."""

    terms: Terms
    lines: tuple[Line, ...]
    left: int
    unmet: tuple[UnmetFloor, ...]

    @property
    def granted(self) -> int:
        return sum(line.granted for line in self.lines)
