"""Unit prices against the list and against others."""

from __future__ import annotations

from app.proposals.facts import ProposalFacts, item_key
from app.screening.facts import Circumstances, PeerPrices
from app.screening.rules import Situation
from tests.screening.tables.rows import BAHT, DRAFT, NEEDS_PERSON, PASSES, SOUND, Row, lines, situation

ITEM, UNIT = "เครื่องคอมพิวเตอร์แม่ข่าย แบบที่ 2", "เครื่อง"  # 350,000 baht on the list


def priced(satang: int, item: str = ITEM, unit: str = UNIT) -> ProposalFacts:
    return lines({"item": item, "unit": unit, "quantity": 1, "unit_price": satang})


def others(lines: int, median: int, lowest: int = 1, highest: int = 9) -> Situation:
    peers = {item_key(ITEM, UNIT): PeerPrices(lines, median, lowest, highest)}
    return situation(known=Circumstances(peers=peers))


PRICE = ("budget-1-unit_price",)

ROWS = [
    Row("reference-prices", SOUND, PASSES, "no_list", on=situation(prices=None)),
    Row("reference-prices", SOUND, PASSES, "not_listed"),
    Row("reference-prices", priced(350_000 * BAHT), PASSES, "near", says=("1",)),
    Row("reference-prices", priced(385_000 * BAHT), PASSES, "near"),
    Row(
        "reference-prices",
        priced(385_000 * BAHT + 1),
        NEEDS_PERSON,
        "above",
        PRICE,
        says=("385,000.01", "110"),
    ),
    Row("reference-prices", priced(175_000 * BAHT), PASSES, "near", on=DRAFT),
    Row(
        "reference-prices",
        priced(175_000 * BAHT - 1),
        NEEDS_PERSON,
        "below",
        PRICE,
        DRAFT,
        ("174,999.99", "49"),
    ),
    Row(
        "reference-prices",
        priced(1, unit="ชุด"),
        PASSES,
        "other_unit",
        ("budget-1-unit",),
        says=("ชุด", "เครื่อง"),
    ),
    Row("reference-prices", priced(1, item="ค่าเช่าเครื่องคอมพิวเตอร์แม่ข่าย แบบที่ 2"), PASSES, "not_listed"),
    Row("reference-prices", priced(21_000 * BAHT, item="L2 SWITCH ขนาด ๒๔ ช่อง แบบที่ ๒"), PASSES, "near"),
    Row("peer-prices", SOUND, PASSES, "draft", on=DRAFT),
    Row("peer-prices", SOUND, PASSES, "no_peers"),
    Row("peer-prices", priced(900), PASSES, "no_peers", on=others(2, 100)),
    Row("peer-prices", priced(150), PASSES, "near", on=others(3, 100), says=("1",)),
    Row(
        "peer-prices",
        priced(151),
        NEEDS_PERSON,
        "above",
        PRICE,
        others(3, 100),
        ("1.51", "1.00", "3", "0.01", "0.09"),
    ),
    Row("peer-prices", priced(50), PASSES, "near", on=others(3, 100)),
    Row("peer-prices", priced(49), NEEDS_PERSON, "below", PRICE, others(3, 100), ("0.49",)),
]
