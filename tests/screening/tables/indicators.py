"""Measurable indicators."""

from __future__ import annotations

from dataclasses import replace

from app.proposals.facts import Indicator, ProposalFacts
from tests.screening.tables.rows import NEEDS_PERSON, PASSES, SOUND, Row


def measured(baseline: str, target: str, name: str = "จำนวนผู้ใช้", unit: str = "คน") -> ProposalFacts:
    return replace(SOUND, indicators=(Indicator(name, unit, baseline, target),))


TARGET, UNIT = ("indicators-1-target",), ("indicators-1-unit",)
SHORTER = "ระยะเวลาให้บริการเฉลี่ย"

ROWS = [
    Row("indicators", SOUND, PASSES, "measurable", says=("1",)),
    Row("indicators", replace(SOUND, indicators=()), NEEDS_PERSON, "none", ("indicators-rows",)),
    Row("indicators", measured("0", "ดีขึ้นมาก"), NEEDS_PERSON, "no_number", TARGET, says=("ดีขึ้นมาก",)),
    Row("indicators", measured("0", ""), NEEDS_PERSON, "no_number", TARGET),
    Row("indicators", measured("0", "5", unit=""), NEEDS_PERSON, "no_unit", UNIT, says=("จำนวนผู้ใช้",)),
    Row("indicators", measured("-", "ไม่น้อยกว่า ๘๐"), PASSES, "measurable"),
    Row("indicators", measured("79.99", "80"), PASSES, "measurable"),
    Row("indicators", measured("80", "80.00"), NEEDS_PERSON, "unchanged", TARGET, says=("80.00",)),
    Row("indicators", measured("80.01", "80"), NEEDS_PERSON, "not_above", TARGET, says=("80.01",)),
    Row("indicators", measured("1,000", "999"), NEEDS_PERSON, "not_above", TARGET),
    Row("indicators", measured("12", "3", SHORTER), PASSES, "measurable"),
    Row("indicators", measured("12", "12", SHORTER), NEEDS_PERSON, "unchanged", TARGET),
    Row("indicators", measured("12", "12.5", SHORTER), NEEDS_PERSON, "not_below", TARGET, says=("12.5",)),
]
