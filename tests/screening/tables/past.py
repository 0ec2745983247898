"""What became of the project continued."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from app.screening.facts import Circumstances, PastPerformance
from app.screening.rules import Situation
from tests.screening.tables.commitments import EARLIER
from tests.screening.tables.rows import BAHT, DRAFT, NEEDS_PERSON, PASSES, SOUND, Row, situation

CONTINUING = replace(SOUND, continues=EARLIER)


def reported(spent: int, granted: int = 1000, reached: int = 2, indicators: int = 4) -> Situation:
    """A report of the earlier project, in baht."""
    past = PastPerformance(
        "2569-0007", date(2026, 9, 30), granted * BAHT, spent * BAHT, indicators, reached, "รายงาน สงป."
    )
    return situation(known=Circumstances(past=past))


ROWS = [
    Row("past", SOUND, PASSES, "new_project"),
    Row("past", CONTINUING, PASSES, "draft", on=DRAFT, says=("2569-0007",)),
    Row("past", CONTINUING, NEEDS_PERSON, "nothing_reported", says=("2569-0007",)),
    Row(
        "past",
        CONTINUING,
        PASSES,
        "good",
        on=reported(600),
        says=("600.00", "60", "2", "4", "2569", "รายงาน สงป."),
    ),
    Row("past", CONTINUING, NEEDS_PERSON, "little_spent", on=reported(599), says=("599.00", "59", "60")),
    Row("past", CONTINUING, NEEDS_PERSON, "few_reached", on=reported(600, reached=1), says=("1", "50")),
    Row("past", CONTINUING, NEEDS_PERSON, "few_reached", on=reported(0, reached=1)),
    Row("past", CONTINUING, NEEDS_PERSON, "little_spent", on=reported(0, reached=1)),
    Row("past", CONTINUING, NEEDS_PERSON, "no_results", on=reported(600, reached=0, indicators=0)),
    Row("past", CONTINUING, PASSES, "good", on=reported(0, granted=0)),
]
