"""Entries and lines of the ranked list. Money in satang; scores in hundredths of a point."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.kernel.text import Text
from app.reviews.facts import Panel


@dataclass(frozen=True, slots=True)
class Entry:
    """A proposal that may be ranked."""

    proposal_id: int
    number: str
    title: Text
    agency: Text
    ministry: Text
    ministry_code: str
    stage: str
    guideline: str
    state: str
    requested: int
    submitted_at: datetime
    panel: Panel


class Standing(StrEnum):
    """Where a line stands in the allocation."""

    IN = "in"
    OUT = "out"
    UNSCORED = "unscored"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Line:
    """A ranked line: `left` is what the ceiling still holds after it, `short` what it lacked when out."""

    entry: Entry
    rank: int | None
    mean: int | None
    spread: int | None
    standing: Standing
    left: int
    short: int
    tie: Text | None

    @property
    def why(self) -> Text:
        """Why the line is in or out, in words."""
        return WHY[self.standing]


WHY = {
    Standing.IN: Text("อยู่ในกรอบวงเงินที่เหลือ", "Fits the ceiling that was left"),
    Standing.OUT: Text("วงเงินที่เหลือไม่พอ", "Does not fit what was left of the ceiling"),
    Standing.UNSCORED: Text("ยังไม่มีคะแนน", "Has no score yet"),
    Standing.RECORDED: Text(
        "บันทึกจากเอกสารงบประมาณที่เผยแพร่ ไม่มีการให้คะแนน",
        "Recorded from published budget documents; not scored",
    ),
}
