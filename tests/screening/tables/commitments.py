"""Money bound for later years, new and carried on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.kernel.text import Text
from app.proposals.facts import Continued, ProposalFacts, item_key
from app.screening.facts import Circumstances, Committed
from app.screening.rules import Situation
from tests.screening.tables.rows import BAHT, FAILS, NEEDS_PERSON, PASSES, SOUND, Row, lines, situation

ITEM, UNIT = "ค่าจ้างพัฒนาระบบ", "งาน"
EARLIER = Continued(2569, "2569-0007", "0" * 64, Text("เดิม", "Earlier"), 1)


def binding(first: int, *later: int, **changes: Any) -> ProposalFacts:
    """One line of `first` baht, with `later` baht in the years after."""
    years = tuple(baht * BAHT for baht in (*later, 0, 0, 0, 0)[:4])
    line = {"item": ITEM, "unit": UNIT, "quantity": 1, "unit_price": first * BAHT, "later_years": years}
    return lines(line | changes)


def carried(facts: ProposalFacts) -> ProposalFacts:
    return replace(facts, continues=EARLIER)


def bound(due: int, after: int) -> Situation:
    committed = {item_key(ITEM, UNIT): Committed(ITEM, due * BAHT, after * BAHT)}
    return situation(known=Circumstances(committed=committed))


PRICE = ("budget-1-unit_price",)
SHORT_FORM = replace(situation(), limits=replace(situation().limits, later_years=2))

ROWS = [
    Row("commitments", SOUND, PASSES, "none"),
    Row("commitments", binding(20, 50, 30), PASSES, "consistent", says=("80.00", "1")),
    Row(
        "commitments", binding(20, 50, 31), NEEDS_PERSON, "first_year_low", PRICE, says=("19", "101.00", "20")
    ),
    Row("commitments", binding(0, 50), NEEDS_PERSON, "first_year_low", PRICE),
    Row("commitments", binding(50, 0, 10), NEEDS_PERSON, "gap", ("budget-1-later1",), says=("2571",)),
    Row("commitments", binding(50, 5, 10), PASSES, "consistent"),
    Row("commitments", binding(50, 5, category="personnel"), NEEDS_PERSON, "category", ("budget-1-later1",)),
    Row(
        "commitments", binding(50, 5, 5, 5), FAILS, "too_long", ("budget-1-later3",), SHORT_FORM, says=("2",)
    ),
    Row("commitments", binding(50, 5, 5), PASSES, "consistent", (), SHORT_FORM),
    # carried from the filing continued: asks what was bound, and its first year lies behind it
    Row("commitments", carried(binding(5, 50)), PASSES, "consistent", (), bound(5, 50)),
    Row(
        "commitments",
        carried(binding(6, 50)),
        NEEDS_PERSON,
        "carried_differently",
        PRICE,
        bound(5, 50),
        ("2569-0007",),
    ),
    Row(
        "commitments",
        carried(binding(5, 49)),
        NEEDS_PERSON,
        "carried_differently",
        PRICE,
        bound(5, 50),
        ("49.00",),
    ),
    Row(
        "commitments",
        carried(SOUND),
        NEEDS_PERSON,
        "not_carried",
        ("budget-rows",),
        bound(5, 0),
        (ITEM, "5.00"),
    ),
    Row("commitments", carried(binding(5, 50)), NEEDS_PERSON, "first_year_low", PRICE),
]
