"""The pictures of the public site, each with the table its numbers stand in beside it on the page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from app.kernel.text import Text
from app.monitoring.periods import MONTHS_OF_YEAR, month_name
from app.releases.facts import PHASE_NAMES, Phase
from app.releases.summing import Sums
from reports.document import Chart, Language, Series

MILLION = Text("ล้านบาท", "million baht")
REVISED = Text("หลังปรับแผน", "Revised")
DISBURSED = Text("เบิกจ่ายแล้ว", "Disbursed")
APPROVED = Text("ได้รับความเห็นชอบ", "Approved")
PLANNED = Text("แผนสะสม", "Planned, cumulative")
SPENT = Text("เบิกจ่ายสะสม", "Disbursed, cumulative")


def path_chart(sums: Sums, language: Language) -> Chart:
    """From what was asked to what was spent."""
    steps = [
        (PHASE_NAMES[Phase.ASKED], sums.asked),
        (PHASE_NAMES[Phase.RECOMMENDED], sums.recommended),
        (APPROVED, sums.approved if sums.count else None),
        (REVISED, sums.allotted if sums.count else None),
        (DISBURSED, sums.disbursed if sums.count else None),
    ]
    told = [(name, amount) for name, amount in steps if amount is not None]
    question = Text("เงินจากคำขอเหลือถึงการใช้จ่ายเท่าใด", "How much of what was asked was approved and spent?")
    return Chart(
        title=Text("จากคำขอถึงการใช้จ่าย", "From asking to spending").say(language),
        question=question.say(language),
        kind="bar",
        categories=tuple(name.say(language) for name, _ in told),
        series=(Series(MILLION.say(language), tuple(amount for _, amount in told)),),
        unit=MILLION.say(language),
        horizontal=True,
    )


def groups_chart(title: Text, groups: Sequence[Sums], language: Language) -> Chart:
    """Approved and spent side by side, group by group."""
    question = Text("แต่ละกลุ่มได้รับและใช้จ่ายเท่าใด", "How much was each group granted, and how much has it spent?")
    return Chart(
        title=title.say(language),
        question=question.say(language),
        kind="bar",
        categories=tuple(s.name.say(language) for s in groups),
        series=(
            Series(APPROVED.say(language), tuple(s.approved for s in groups), "navy"),
            Series(DISBURSED.say(language), tuple(s.disbursed for s in groups), "midstream"),
        ),
        unit=MILLION.say(language),
        horizontal=True,
    )


def last_month_told(disbursed: Sequence[int], months: Sequence[int]) -> int:
    """Up to which month spending is told: the last that any report counts for."""
    spent = max((n for n, amount in enumerate(disbursed, 1) if amount), default=0)
    return max(spent, max(months, default=0))


def curve_chart(
    fiscal_year: int, planned: Sequence[int], disbursed: Sequence[int], told: int, language: Language
) -> Chart:
    """Plan and spending, added up month by month; spending only as far as it is reported."""
    until = 24 if any(planned[MONTHS_OF_YEAR:]) or any(disbursed[MONTHS_OF_YEAR:]) else MONTHS_OF_YEAR
    question = Text("ใช้จ่ายเป็นไปตามแผนหรือไม่", "Does spending follow the plan?")
    spent = list(accumulate(disbursed))[:until]
    return Chart(
        title=Text("แผนและผลการใช้จ่ายสะสม", "Plan and spending, month by month").say(language),
        question=question.say(language),
        kind="line",
        categories=tuple(month_name(fiscal_year, n, short=True).say(language) for n in range(1, until + 1)),
        series=(
            Series(PLANNED.say(language), tuple(accumulate(planned))[:until], "navy"),
            Series(
                SPENT.say(language), tuple(v if n < told else None for n, v in enumerate(spent)), "midstream"
            ),
        ),
        unit=MILLION.say(language),
    )
