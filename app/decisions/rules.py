"""What a decision must be, and what a meeting that makes decisions."""

from __future__ import annotations

from collections.abc import Iterable

from app.decisions.facts import DECIDING, GRANTING, HERE, Duty, Presence, Quorum, Verdict
from app.kernel.findings import Problem
from app.kernel.money import format_baht
from app.kernel.text import Text


def list_problems(
    verdict: Verdict,
    amount: int,
    requested: int,
    approved_elsewhere: int,
    ceiling: int,
    conditions: str,
    reason: str,
) -> list[Problem]:
    """What is wrong with a decision, all at once. Amounts in satang.

    An approved amount is more than zero, at most what was asked, and keeps the call's total under its ceiling;
    a cut, a deferral and a refusal need a reason; conditions are written where there are any.
    """
    problems = []

    def wrong(place: str, th: str, en: str) -> None:
        problems.append(Problem(f"decision-{place}", Text(th, en)))

    if verdict in GRANTING:
        if amount <= 0:
            wrong("amount", "วงเงินที่เห็นชอบต้องมากกว่าศูนย์", "The approved amount must be more than zero")
        elif amount > requested:
            wrong(
                "amount",
                f"วงเงินที่เห็นชอบเกินที่ขอ ({format_baht(requested)} บาท)",
                f"The approved amount exceeds what was asked ({format_baht(requested)} baht)",
            )
        elif approved_elsewhere + amount > ceiling:
            left = format_baht(max(ceiling - approved_elsewhere, 0))
            wrong(
                "amount",
                f"รวมแล้วเกินกรอบวงเงิน เหลือให้เห็นชอบได้อีก {left} บาท",
                f"The total would exceed the ceiling; {left} baht can still be approved",
            )
        if amount != requested and 0 < amount < requested and not reason.strip():
            wrong("reason", "กรุณาให้เหตุผลที่ปรับลดวงเงิน", "Give the reason for cutting the amount")
        if verdict is Verdict.CONDITIONAL and not conditions.strip():
            wrong("conditions", "กรุณาระบุเงื่อนไข", "Write the conditions")
    elif not reason.strip():
        wrong("reason", "กรุณาให้เหตุผล", "Give the reason")
    return problems


def quorum_of(people: Iterable[tuple[Duty, Presence]]) -> Quorum:
    """Whether those who are there may decide. Somebody represented counts as there."""
    deciding = [(duty, presence) for duty, presence in people if duty in DECIDING]
    here = [duty for duty, presence in deciding if presence in HERE]
    return Quorum(Duty.CHAIR in here, len(here), len(deciding))


def number_prefix(meeting_number: str, position: int) -> str:
    """How the numbers of a meeting's resolutions on proposals begin: "1/2567-4." under its fourth item."""
    return f"{meeting_number}-{position}."


def next_number(prefix: str, taken: Iterable[str]) -> str:
    """The number after the highest that begins so: "1/2567-4.13"."""
    ends = (number.removeprefix(prefix) for number in taken if number.startswith(prefix))
    counted = (int(end) for end in ends if end.isascii() and end.isdigit() and len(end) < 8)
    return f"{prefix}{max(counted, default=0) + 1}"
