"""What a release says that the one before it did not."""

from __future__ import annotations

from typing import Literal

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.releases.facts import PublicYear
from app.releases.summing import total


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure before and now; None where it was not told. Money in satang."""

    name: Text
    kind: Literal["count", "money"]
    before: int | None
    now: int | None


@dataclass(frozen=True, slots=True)
class Differences:
    """The figures of a year beside those of the release before, and the projects that are new, gone or changed."""

    figures: tuple[Difference, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def is_any(self) -> bool:
        return bool(self.new or self.gone or self.changed) or any(d.before != d.now for d in self.figures)


def compare(before: PublicYear | None, now: PublicYear) -> Differences:
    """Hold a year beside the release before it, or beside nothing."""
    sums = total(now)
    earlier = total(before) if before is not None else None
    figures: list[tuple[Text, Literal["count", "money"], str]] = [
        (Text("คำขอ", "Asked"), "count", "asked_count"),
        (Text("วงเงินที่ขอ", "Amount asked"), "money", "asked"),
        (Text("วงเงินที่เสนอคณะกรรมการ", "Amount recommended"), "money", "recommended"),
        (Text("โครงการ", "Projects"), "count", "count"),
        (Text("วงเงินที่เห็นชอบ", "Amount approved"), "money", "approved"),
        (Text("วงเงินหลังปรับแผน", "Amount revised"), "money", "allotted"),
        (Text("ก่อหนี้ผูกพัน", "Committed"), "money", "committed"),
        (Text("เบิกจ่าย", "Disbursed"), "money", "disbursed"),
    ]
    had = {p.number: p for p in before.projects} if before is not None else {}
    has = {p.number: p for p in now.projects}
    return Differences(
        tuple(
            Difference(
                name, kind, getattr(earlier, field) if earlier is not None else None, getattr(sums, field)
            )
            for name, kind, field in figures
        ),
        tuple(number for number in has if number not in had),
        tuple(number for number in had if number not in has),
        tuple(number for number, project in has.items() if number in had and had[number] != project),
    )
