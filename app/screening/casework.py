"""The desk of those who look after screening: what stands first, who looks after what, and orders for many at once.

An order for many is planned first: a `Plan` says for every proposal from what into what, or why not. Its fingerprint
stands for exactly that plan, so that what is carried out is what was read, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum

from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.findings import Outcome
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.states import DRAFT, FAILED, PASSED, QUESTIONED, RECORDED, RETURNED, SUBMITTED

MOST_AT_ONCE = 1_000  # proposals one order may reach: few enough to be read before they are changed
LONGEST_NOTE = 4_000
LEAST_REASON = 10

NOBODY = "nobody"
MINE = "mine"


class Standing(StrEnum):
    """Where a filing stands for those who screen."""

    NEEDS_PERSON = "needs_person"
    UNSCREENED = "unscreened"
    FAILS = "fails"
    PASSES = "passes"
    RETURNED = "returned"
    DECIDED = "decided"


STANDING_NAMES = {
    Standing.NEEDS_PERSON: Text("ต้องมีเจ้าหน้าที่พิจารณา", "Needs a person"),
    Standing.UNSCREENED: Text("รอกลั่นกรอง", "Not screened yet"),
    Standing.FAILS: Text("ไม่ผ่าน", "Fails"),
    Standing.PASSES: Text("ผ่าน", "Passes"),
    Standing.RETURNED: Text("ส่งคืนแก้ไข", "Out for revision"),
    Standing.DECIDED: Text("คณะกรรมการมีมติแล้ว", "Decided by the committee"),
}

_STANDINGS = {
    SUBMITTED: Standing.UNSCREENED,
    QUESTIONED: Standing.NEEDS_PERSON,
    FAILED: Standing.FAILS,
    PASSED: Standing.PASSES,
    RETURNED: Standing.RETURNED,
}
STATES_OF: dict[Standing, tuple[str, ...]] = {
    standing: tuple(state for state, other in _STANDINGS.items() if other is standing)
    for standing in Standing
}
NOT_SCREENED = frozenset({DRAFT, RECORDED})  # what is not there to be screened at all
OPEN = frozenset({Standing.NEEDS_PERSON, Standing.UNSCREENED, Standing.FAILS, Standing.PASSES})
WAITS_FOR_PERSON = frozenset({Standing.NEEDS_PERSON, Standing.UNSCREENED})

# what needs a person first; what nobody can change any more last
_PRIORITY = {
    Standing.NEEDS_PERSON: 0,
    Standing.UNSCREENED: 0,
    Standing.FAILS: 1,
    Standing.PASSES: 2,
    Standing.RETURNED: 3,
    Standing.DECIDED: 4,
}


def standing_of(state: str) -> Standing:
    """Where a filed proposal of this state stands: every run and every judgement moves the proposal, so the state
    always says what screening concludes. What is in no table was decided by the committee."""
    return _STANDINGS.get(state, Standing.DECIDED)


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What the queue is narrowed to; "" means everything.

    `rule` and `outcome` are what the rule itself found in the run that counts, whatever people judged since; a rule
    alone means that it does not pass. `assignee` is "nobody" or a person's id. `judged` and `overlaps` are "yes", "no".
    """

    text: str = ""
    standing: str = ""
    rule: str = ""
    outcome: str = ""
    assignee: str = ""
    stage: str = ""
    ministry: str = ""
    judged: str = ""
    overlaps: str = ""


class Order(StrEnum):
    """What stands first in the queue."""

    PRIORITY = "priority"
    WAITING = "waiting"
    AMOUNT = "amount"
    NUMBER = "number"


ORDER_NAMES = {
    Order.PRIORITY: Text("ต้องมีเจ้าหน้าที่ก่อน", "Needs a person first"),
    Order.WAITING: Text("รอนานที่สุดก่อน", "Longest waiting first"),
    Order.AMOUNT: Text("วงเงินมากก่อน", "Largest amount first"),
    Order.NUMBER: Text("เลขที่", "Number"),
}


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A filing in the queue. `total` in satang; `since` is when it came to stand as it does; `fits` the filter asked
    for; `is_judged` means that a person's judgement stands in the run that counts; `overlaps` counts the pairs it is
    in that nobody has judged."""

    proposal_id: int
    number: str
    state: str
    total: int
    since: datetime
    assignee_id: int | None
    is_judged: bool
    overlaps: int = 0
    fits: bool = True

    @property
    def standing(self) -> Standing:
        return standing_of(self.state)


Key = tuple[int, int, str]
_KEY = re.compile(r"(\d{1,3})\.(-?\d{1,18})\.([0-9A-Za-z-]{1,20})")


def key_of(entry: QueueEntry, order: Order) -> Key:
    """Where an entry stands in an order; no two entries have the same key."""
    since = int(entry.since.timestamp())
    return {
        Order.PRIORITY: (_PRIORITY[entry.standing], since, entry.number),
        Order.WAITING: (0, since, entry.number),
        Order.AMOUNT: (0, -entry.total, entry.number),
        Order.NUMBER: (0, 0, entry.number),
    }[order]


def write_key(key: Key) -> str:
    """A key for an address."""
    return f"{key[0]}.{key[1]}.{key[2]}"


def read_key(typed: str) -> Key | None:
    """A key from an address; None for anything else."""
    match = _KEY.fullmatch(typed)
    return (int(match[1]), int(match[2]), match[3]) if match and typed.isascii() else None


@dataclass(frozen=True, slots=True)
class Tally:
    """Filings of one person, or of a whole call: how many stand where, and on how many a person's judgement stands."""

    filings: int = 0
    amount: int = 0
    judged: int = 0
    standings: Mapping[Standing, int] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """How many need a person."""
        return sum(self.standings.get(standing, 0) for standing in WAITS_FOR_PERSON)


def tally_of(entries: Iterable[QueueEntry]) -> Tally:
    """Count entries once."""
    counted = list(entries)
    standings: dict[Standing, int] = {}
    for entry in counted:
        standings[entry.standing] = standings.get(entry.standing, 0) + 1
    return Tally(len(counted), sum(e.total for e in counted), sum(e.is_judged for e in counted), standings)


def tallies_by_assignee(entries: Iterable[QueueEntry]) -> dict[int | None, Tally]:
    """Who looks after what; None is nobody."""
    grouped: dict[int | None, list[QueueEntry]] = {}
    for entry in entries:
        grouped.setdefault(entry.assignee_id, []).append(entry)
    return {assignee: tally_of(group) for assignee, group in grouped.items()}


class Errand(StrEnum):
    """What may be done with many proposals at once."""

    ASSIGN = "assign"
    RELEASE = "release"
    RERUN = "rerun"
    OVERRIDE = "override"


@dataclass(frozen=True, slots=True)
class BulkOrder:
    """One errand for many: to whom (assign), or which rule is judged how and why (override)."""

    errand: Errand
    assignee_id: int | None = None
    rule: str = ""
    outcome: Outcome | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What an order does to one proposal: from what into what. `bar` says why it cannot; `remarks` what else to know.

    `is_same` is a step after which everything stands as before. `basis` names all that the step was worked out from.
    """

    proposal_id: int
    number: str
    title: Text
    agency: Text
    before: Text
    after: Text
    basis: str
    bar: Text | None = None
    remarks: tuple[Text, ...] = ()
    is_same: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Exactly what an order would do, proposal by proposal, in the order of their numbers."""

    order: BulkOrder
    steps: tuple[Step, ...]

    @property
    def doable(self) -> Sequence[Step]:
        return [step for step in self.steps if step.bar is None]

    @property
    def barred(self) -> Sequence[Step]:
        return [step for step in self.steps if step.bar is not None]

    @property
    def fingerprint(self) -> str:
        """The same only for the same order that does the same to the same proposals, worked out from the same."""
        order = self.order
        return sha256_text(
            canonical_json(
                {
                    "order": [
                        order.errand.value,
                        order.assignee_id,
                        order.rule,
                        order.outcome.value if order.outcome else None,
                        order.reason,
                    ],
                    "steps": [
                        [
                            step.proposal_id,
                            step.basis,
                            step.before.as_dict(),
                            step.after.as_dict(),
                            step.bar.as_dict() if step.bar else None,
                            [remark.as_dict() for remark in step.remarks],
                        ]
                        for step in self.steps
                    ],
                }
            )
        )
