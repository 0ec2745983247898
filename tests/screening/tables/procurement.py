"""Hardware against the government cloud, and the papers of capital lines."""

from __future__ import annotations

from dataclasses import replace

from app.proposals.facts import AttachmentFacts, ProposalFacts
from tests.screening.tables.rows import BAHT, NEEDS_PERSON, PASSES, SOUND, Row, lines

SERVER = {"item": "เครื่องคอมพิวเตอร์แม่ข่าย แบบที่ 2", "unit": "เครื่อง", "quantity": 1}
WHY = "คลาวด์กลางภาครัฐ (GDCC) ไม่รองรับการประมวลผลแบบเรียลไทม์"
USES_IT = "โครงการใช้บริการคลาวด์กลางภาครัฐ จึงไม่ต้องจัดหาโครงสร้างพื้นฐานซ้ำ"
ELSEWHERE = "ระบบเดิมไม่รองรับผู้ใช้\nใช้คลาวด์กลางภาครัฐ"


def buying(baht: int, rationale: str = "เหตุผล", item: str = SERVER["item"]) -> ProposalFacts:
    return lines({**SERVER, "item": item, "unit_price": baht * BAHT}, rationale=rationale)


def papers(baht: int, *kinds: str, category: str = "capital") -> ProposalFacts:
    attached = tuple(AttachmentFacts(kind, f"{kind}.pdf", 1, "0" * 64) for kind in kinds)
    return lines(
        {"category": category, "quantity": 1, "unit_price": baht * BAHT},
        {"category": "operations", "quantity": 1, "unit_price": 90_000_000 * BAHT},
        attachments=attached,
    )


FILE = ("attachments-file",)
ITEM = ("budget-1-item",)
ALL = ("tor", "quotation", "computer_committee")

ROWS = [
    Row("cloud", SOUND, PASSES, "no_hardware"),
    Row("cloud", buying(99_999), PASSES, "no_hardware"),
    Row("cloud", buying(100_000), NEEDS_PERSON, "unexplained", ITEM, says=("แบบที่ 2", "100,000.00")),
    Row(
        "cloud",
        buying(350_000, USES_IT),
        NEEDS_PERSON,
        "named_without_reason",
        (*ITEM, "rationale-rationale"),
    ),
    Row(
        "cloud",
        buying(350_000, ELSEWHERE),
        NEEDS_PERSON,
        "named_without_reason",
        (*ITEM, "rationale-rationale"),
    ),
    Row("cloud", buying(350_000, WHY), PASSES, "explained", (*ITEM, "rationale-rationale"), says=(WHY,)),
    Row(
        "cloud",
        replace(buying(350_000), objectives=f"1. ให้บริการ\n2. {WHY}"),
        PASSES,
        "explained",
        (*ITEM, "rationale-objectives"),
    ),
    Row("cloud", buying(350_000, item="ค่าเช่าเครื่องคอมพิวเตอร์แม่ข่าย"), PASSES, "no_hardware"),
    Row("cloud", buying(350_000, item="Rack SERVER ๒ ยู"), NEEDS_PERSON, "unexplained", ITEM),
    Row(
        "cloud",
        lines(*({**SERVER, "item": f"server {n}", "unit_price": 40_000 * BAHT} for n in "dbac")),
        NEEDS_PERSON,
        "unexplained",
        tuple(f"budget-{n}-item" for n in (1, 2, 3, 4)),
        says=("server a, server b, server c", "1", "160,000.00"),
    ),
    Row("readiness", papers(1_000_000, category="other"), PASSES, "no_capital"),
    Row("readiness", papers(499_999, "tor"), PASSES, "ready", FILE, says=("499,999.00",)),
    Row("readiness", papers(499_999), NEEDS_PERSON, "missing", FILE),
    Row("readiness", papers(500_000, "tor"), NEEDS_PERSON, "missing", FILE, says=("500,000.00",)),
    Row("readiness", papers(4_999_999, "tor", "quotation"), PASSES, "ready", FILE),
    Row(
        "readiness",
        papers(5_000_000, "tor", "quotation"),
        NEEDS_PERSON,
        "missing",
        FILE,
        says=("5,000,000.00",),
    ),
    Row("readiness", papers(5_000_000, *ALL), PASSES, "ready", FILE),
]
