"""Deciding many proposals at once: a `Plan` says for every one from what into what, or why not.

Its fingerprint stands for exactly that plan, so that what is recorded is what was read, or nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from app.decisions.facts import GRANTING, VERDICT_NAMES, Verdict
from app.decisions.rules import next_number
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.portfolio.facts import Adjustment, Line, Standing

MOST_AT_ONCE = 2_000


class Errand(StrEnum):
    """What is done with many: FOLLOW what the list says, or CONFIRM what an earlier meeting decided."""

    FOLLOW = "follow"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class DecidingOrder:
    """One errand for many. Following the list, `out` is what becomes of those outside it (deferred or rejected), for
    `reason`, which is also given where the list grants less than was asked and says no other reason."""

    errand: Errand
    out: Verdict | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Counting:
    """The decision that counts for a proposal now. `amount` in satang."""

    decision_id: int
    verdict: Verdict
    amount: int
    conditions: str
    resolution: str
    reason: str
    number: str
    meeting_id: int | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """A decision as it would be recorded. `amount` in satang."""

    verdict: Verdict
    amount: int
    conditions: str
    resolution: str
    reason: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What an order does to one proposal: from what into what. `bar` says why it cannot; then nothing is recorded."""

    proposal_id: int
    number: str
    title: Text
    agency: Text
    requested: int
    before: Counting | None
    after: Resolved | None
    bar: Text | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """Exactly what an order would do, proposal by proposal, in the order of the list."""

    order: DecidingOrder
    meeting_id: int
    steps: tuple[Step, ...]

    @property
    def doable(self) -> Sequence[Step]:
        return [step for step in self.steps if step.bar is None]

    @property
    def barred(self) -> Sequence[Step]:
        return [step for step in self.steps if step.bar is not None]

    @property
    def granted(self) -> int:
        """What the decisions it would record grant together, in satang."""
        return sum(step.after.amount for step in self.steps if step.after is not None)

    @property
    def fingerprint(self) -> str:
        """The same only for the same order that records the same on the same proposals in place of the same."""
        order = self.order
        return sha256_text(
            canonical_json(
                {
                    "order": [order.errand.value, order.out.value if order.out else None, order.reason],
                    "meeting": self.meeting_id,
                    "steps": [
                        [
                            step.proposal_id,
                            step.before.decision_id if step.before else None,
                            _as_list(step.after),
                            step.bar.as_dict() if step.bar else None,
                        ]
                        for step in self.steps
                    ],
                }
            )
        )


def _as_list(after: Resolved | None) -> list[str | int] | None:
    if after is None:
        return None
    return [
        after.verdict.value,
        after.amount,
        after.conditions,
        after.resolution,
        after.reason,
        after.number,
    ]


REASON_NEEDED = Text(
    "กรุณาให้เหตุผล ซึ่งจะบันทึกกับทุกข้อเสนอที่ไม่ได้ตามที่ขอ",
    "Give the reason; it is recorded with every proposal that does not get what it asks",
)
OUT_NEEDED = Text(
    "มีข้อเสนอนอกบัญชีที่เลือกไว้ กรุณาเลือกว่าเลื่อนหรือไม่เห็นชอบ",
    "Proposals outside the list are chosen; say whether they are deferred or not approved",
)
_NOT_SCORED = Text(
    "ยังไม่มีคะแนน บัญชีจึงไม่บอกว่าอยู่ในหรือนอก", "It is not scored, so the list does not say in or out"
)
_NONE_EARLIER = Text("ยังไม่มีมติของการประชุมก่อนให้ยืนยัน", "There is no earlier decision to confirm")
_SO_ALREADY = Text("การประชุมนี้มีมติเช่นนี้แล้ว", "This meeting has decided so already")
_OVER = Text("รวมแล้วเกินกรอบวงเงิน ขาดอีก {short} บาท", "The total would exceed the ceiling by {short} baht")


def problems_of(
    order: DecidingOrder, lines: Iterable[Line], adjustments: Mapping[str, Adjustment]
) -> list[Problem]:
    """What an order must still say for the lines chosen."""
    if order.errand is Errand.CONFIRM:
        return []
    chosen = list(lines)
    problems = []
    has_out = any(line.standing is Standing.OUT for line in chosen)
    if has_out and order.out is None:
        problems.append(Problem("out", OUT_NEEDED))
    cut = any(
        line.standing is Standing.IN
        and line.granted < line.entry.requested
        and line.entry.number not in adjustments
        for line in chosen
    )
    if (has_out or cut) and not order.reason.strip():
        problems.append(Problem("reason", REASON_NEEDED))
    return problems


def _resolve(order: DecidingOrder, line: Line, adjustment: Adjustment | None) -> Resolved | Text:
    """What the list says of a line, as a decision; or why it says nothing."""
    if line.standing is Standing.IN:
        is_cut = line.granted < line.entry.requested
        reason = (adjustment.reason if adjustment else order.reason) if is_cut else ""
        return Resolved(Verdict.APPROVED, line.granted, "", "", reason.strip())
    if line.standing is Standing.OUT and order.out is not None:
        reason = adjustment.reason if adjustment else order.reason
        return Resolved(order.out, 0, "", "", reason.strip())
    return _NOT_SCORED


def _is_same(before: Counting, after: Resolved, meeting_id: int) -> bool:
    return before.meeting_id == meeting_id and (
        before.verdict,
        before.amount,
        before.conditions,
        before.reason,
    ) == (after.verdict, after.amount, after.conditions, after.reason)


def plan_steps(
    order: DecidingOrder,
    lines: Sequence[Line],
    adjustments: Mapping[str, Adjustment],
    counting: Mapping[int, Counting],
    recused: Mapping[int, Text],
    meeting_id: int,
    prefix: str,
    picked: Collection[int],
    ceiling: int,
) -> Plan:
    """What an order would do to the proposals picked, in the order of the list.

    `adjustments` are the list's by proposal number, `counting` the decisions that count by proposal id, `recused` why
    whoever records takes no part. A grant that does not fit the ceiling (satang) beside all that counts is barred.
    """
    chosen = set(picked)
    steps: list[Step] = []
    for line in lines:
        entry = line.entry
        if entry.proposal_id not in chosen:
            continue
        before = counting.get(entry.proposal_id)
        result: Resolved | Text
        if entry.proposal_id in recused:
            result = recused[entry.proposal_id]
        elif order.errand is Errand.FOLLOW:
            result = _resolve(order, line, adjustments.get(entry.number))
        elif before is None:
            result = _NONE_EARLIER
        else:
            result = Resolved(
                before.verdict, before.amount, before.conditions, before.resolution, before.reason
            )
        if isinstance(result, Resolved) and before is not None and _is_same(before, result, meeting_id):
            result = _SO_ALREADY
        after, bar = (result, None) if isinstance(result, Resolved) else (None, result)
        steps.append(
            Step(
                entry.proposal_id,
                entry.number,
                entry.title,
                entry.agency,
                entry.requested,
                before,
                after,
                bar,
            )
        )
    steps = _within(steps, sum(c.amount for c in counting.values()), ceiling)
    taken = [c.number for c in counting.values() if c.meeting_id == meeting_id]
    return Plan(order, meeting_id, tuple(_numbered(steps, meeting_id, prefix, taken)))


def _within(steps: list[Step], total: int, ceiling: int) -> list[Step]:
    """Bar what would take the total over the ceiling: what is let go counts first, then grants in order."""
    deltas = {
        step.proposal_id: step.after.amount - (step.before.amount if step.before else 0)
        for step in steps
        if step.after is not None
    }
    total += sum(delta for delta in deltas.values() if delta < 0)
    found = []
    for step in steps:
        delta = deltas.get(step.proposal_id, 0)
        if delta > 0:
            short = total + delta - ceiling
            if short > 0:
                bar = _OVER.fill(short=format_baht(short))
                step = replace(step, after=None, bar=bar)
            else:
                total += delta
        found.append(step)
    return found


def _numbered(steps: Iterable[Step], meeting_id: int, prefix: str, taken: list[str]) -> Iterable[Step]:
    for step in steps:
        if step.after is None:
            yield step
            continue
        if step.before is not None and step.before.meeting_id == meeting_id and step.before.number:
            number = step.before.number
        else:
            number = next_number(prefix, taken)
            taken.append(number)
        yield replace(step, after=replace(step.after, number=number))


def outcome_in_words(verdict: Verdict, amount: int) -> Text:
    """A decision in a few words: "Approved, 1,000.00 baht"."""
    name = VERDICT_NAMES[verdict]
    if verdict not in GRANTING:
        return name
    return Text(f"{name.th} {format_baht(amount)} บาท", f"{name.en}, {format_baht(amount)} baht")
