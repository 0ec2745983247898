"""What an indicator reached, against the target of its quarter and of the year, in the direction it is to move.

From a baseline, attainment is the share of the way: (result - baseline) / (target - baseline), whichever way is up.
Without one it is result / target where more is better, and target / result where less is. Exact fractions; 1 is the
target. What cannot be told says so: no target, no result, or a share of nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.facts import Aim, PlannedIndicator
from app.monitoring.planning import read_number

NO_TARGET = Text("ยังไม่มีเป้าหมายถึงกำหนด ณ ไตรมาสที่รายงานแล้ว", "No target was due by the last quarter reported")
NOT_MEASURED = Text("ถึงกำหนดแล้วแต่ยังไม่มีผล", "Due, but not measured")
NOT_A_NUMBER = Text("เป้าหมายไม่ใช่ตัวเลข จึงเทียบไม่ได้", "The target is no number, so nothing can be compared")

_NOTHING, _ALL = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Attainment:
    """An indicator at the end of a quarter. `target` is of the latest quarter with one, `of_quarter`; `result` the latest
    measured. `share` of the target reached; None where it cannot be told, which `why` says. `is_due` tells whether it
    counts for a light: what is due and not measured counts as nothing reached."""

    position: int
    target: str
    of_quarter: int
    result: str
    share: Fraction | None
    year_share: Fraction | None
    why: Text | None = None

    @property
    def is_due(self) -> bool:
        return self.share is not None or self.why is NOT_MEASURED

    @property
    def is_reached(self) -> bool:
        return self.share is not None and self.share >= 1

    @property
    def counted(self) -> Fraction:
        """What it counts for a mean: nothing below nothing, no more than all."""
        if self.share is None or self.share.numerator <= 0:
            return _NOTHING
        return _ALL if self.share.numerator > self.share.denominator else self.share


@lru_cache(maxsize=8192)
def share_reached(result: str, target: str, baseline: str, aim: Aim) -> Fraction | None:
    """How much of a target is reached; 1 is all of it. None where a figure is missing or the way has no length.

    Where the way has none but the target is met, it is 1."""
    plain_result, plain_target = read_number(result), read_number(target)
    if plain_result is None or plain_target is None:
        return None
    reached, wanted = Fraction(plain_result), Fraction(plain_target)
    is_met = reached >= wanted if aim is Aim.UP else reached <= wanted
    plain_baseline = read_number(baseline)
    begun = Fraction(plain_baseline) if plain_baseline is not None else None
    if begun is not None and (wanted > begun if aim is Aim.UP else wanted < begun):
        return (reached - begun) / (wanted - begun)
    if aim is Aim.UP and wanted > 0:
        return reached / wanted
    if aim is Aim.DOWN and reached > 0 and wanted > 0:
        return wanted / reached
    return Fraction(1) if is_met else None


def attain(indicator: PlannedIndicator, results: Mapping[int, str], quarter: int) -> Attainment:
    """An indicator by the end of a quarter (1 to 8). `results` are what was measured, by quarter, "" for nothing."""
    targets = [(n, value) for n, value in enumerate(indicator.quarters, 1) if value and n <= quarter]
    of_quarter, target = targets[-1] if targets else (0, "")
    measured = [(n, value) for n, value in sorted(results.items()) if value and n <= quarter]
    since, result = measured[-1] if measured else (0, "")
    year = share_reached(result, indicator.target, indicator.baseline, indicator.aim)
    if not target:
        return Attainment(indicator.position, "", 0, result, None, year, NO_TARGET)
    if since < of_quarter:
        return Attainment(indicator.position, target, of_quarter, result, None, year, NOT_MEASURED)
    share = share_reached(result, target, indicator.baseline, indicator.aim)
    why = NOT_A_NUMBER if share is None else None
    return Attainment(indicator.position, target, of_quarter, result, share, year, why)
