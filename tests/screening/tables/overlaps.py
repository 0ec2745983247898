"""Likeness nobody has judged, and what people judged."""

from __future__ import annotations

from app.kernel.text import Text
from app.screening.facts import Circumstances, KnownOverlap
from app.screening.rules import Situation
from tests.screening.tables.rows import DRAFT, FAILS, NEEDS_PERSON, PASSES, SOUND, Row, situation

OTHER = {
    "number": "2569-0003",
    "title": Text("ระบบของเขา", "Their system"),
    "agency": Text("กรมอื่น", "Another department"),
    "fiscal_year": 2569,
    "lead": "other",
}


def found(*overlaps: KnownOverlap) -> Situation:
    return situation(known=Circumstances(overlaps=overlaps))


def like(score: int = 743, verdict: str = "", yields: str = "", number: str = "2569-0003") -> KnownOverlap:
    return KnownOverlap(
        **{**OTHER, "number": number},
        score=score,
        verdict=verdict,
        yields=yields,
        reason="อ่านแล้วทั้งสองฉบับ" if verdict else "",
    )


MINE, THEIRS = SOUND.number, "2569-0003"

ROWS = [
    Row("overlap", SOUND, PASSES, "draft", on=DRAFT),
    Row("overlap", SOUND, PASSES, "not_compared"),
    Row("overlap", SOUND, PASSES, "none", on=found()),
    Row("overlap", SOUND, NEEDS_PERSON, "similar", on=found(like()), says=("2569-0003", "74")),
    Row("overlap", SOUND, NEEDS_PERSON, "similar", on=found(like(290)), says=("29",)),
    Row("overlap", SOUND, PASSES, "none", on=found(like(289))),
    Row("overlap", SOUND, PASSES, "none", on=found(like(verdict="unrelated"))),
    Row(
        "overlap",
        SOUND,
        NEEDS_PERSON,
        "similar",
        on=found(like(verdict="unrelated"), like(number="2568-0009")),
    ),
    Row("duplicate", SOUND, PASSES, "draft", on=DRAFT),
    Row("duplicate", SOUND, PASSES, "not_compared"),
    Row("duplicate", SOUND, PASSES, "none", on=found()),
    Row("duplicate", SOUND, PASSES, "none", on=found(like(score=1000))),
    Row(
        "duplicate",
        SOUND,
        PASSES,
        "judged",
        on=found(like(verdict="complementary")),
        says=("2569-0003", "อ่านแล้ว"),
    ),
    Row("duplicate", SOUND, PASSES, "judged", on=found(like(verdict="continuing"))),
    Row("duplicate", SOUND, PASSES, "judged", on=found(like(verdict="unrelated"))),
    Row(
        "duplicate",
        SOUND,
        FAILS,
        "gives_way",
        on=found(like(0, "duplicate", MINE)),
        says=("2569-0003", "อ่านแล้ว"),
    ),
    Row("duplicate", SOUND, PASSES, "stands", on=found(like(990, "duplicate", THEIRS)), says=("2569-0003",)),
]
