"""Doing with less: the smallest amount a project still works with, and what that leaves out.

In: the facts of a proposal. Out: the problems that stand between what it says of this and its filing.
Why: where the whole amount does not fit under the ceiling, the committee's list may take a project with this amount. It
must be a real choice: less than all, more than nothing, and told with its price. Either both fields are filled in or none.
"""

from __future__ import annotations

from app.kernel.findings import Problem
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.proposals.facts import ProposalFacts

LEAST = Text("วงเงินขั้นต่ำที่ยังดำเนินโครงการได้", "Smallest amount the project still works with")
LEAST_SCOPE = Text("สิ่งที่จะตัดออกหรือเลื่อนออกไป", "What would be left out or put off")

NO_SCOPE = Text(
    "กรุณาระบุสิ่งที่จะตัดออกหรือเลื่อนออกไปหากได้รับเพียงวงเงินขั้นต่ำ หรือลบวงเงินขั้นต่ำออก",
    "Say what would be left out or put off with the smallest amount, or take that amount out",
)
NO_AMOUNT = Text(
    "กรุณากรอกวงเงินขั้นต่ำที่ยังดำเนินโครงการได้ หรือลบข้อความสิ่งที่จะตัดออกหรือเลื่อนออกไป",
    "Enter the smallest amount the project still works with, or take out what would be left out",
)
NOT_BETWEEN = Text(
    "วงเงินขั้นต่ำ {least} บาท ต้องมากกว่าศูนย์และน้อยกว่าวงเงินที่ขอทั้งหมด {total} บาท",
    "The smallest amount is {least} baht; it must be more than zero and less than the {total} baht asked for in all",
)


def list_half_said(facts: ProposalFacts) -> list[Problem]:
    """An amount without its price, or a price without its amount."""
    reduced = facts.reduced
    if reduced is None:
        return []
    if reduced.amount is None:
        return [Problem("budget-least", NO_AMOUNT, "budget")]
    return [] if reduced.scope else [Problem("budget-least_scope", NO_SCOPE, "budget")]


def list_wrong_least(facts: ProposalFacts) -> list[Problem]:
    """A smallest amount that is none beside what all agencies ask for together. While that is nothing yet, there is
    nothing to compare it with."""
    least = facts.reduced.amount if facts.reduced else None
    if least is None or not facts.total or 0 < least < facts.total:
        return []
    words = NOT_BETWEEN.fill(least=format_baht(least), total=format_baht(facts.total))
    return [Problem("budget-least", words, "budget")]
