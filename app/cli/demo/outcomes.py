"""What became of the projects of FY2567: spent and reached by the end of the year. Synthetic, as the round is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from app.calls.queries import CallView
from app.cli.demo.dice import Dice
from app.cli.demo.replay import Stage
from app.decisions.facts import GRANTING
from app.decisions.queries import current_decisions
from app.kernel.clock import BANGKOK
from app.kernel.lean import dataclass
from app.kernel.thai_text import arabic_digits
from app.proposals.actions import record_results
from app.proposals.facts import Indicator
from app.proposals.models import Proposal
from app.proposals.queries import get_filing
from app.proposals.results import IndicatorResult, ProjectResults

YEAR_END = date(2024, 9, 30)
RECORDED_AT = datetime(2024, 11, 4, 10, 0, tzinfo=BANGKOK)
SOURCE = "ผลการเบิกจ่ายและตัวชี้วัดสิ้นปีงบประมาณ 2567 (ข้อมูลสังเคราะห์)"
SLOW_NOTE = "จัดซื้อจัดจ้างล่าช้ากว่าแผน"
SILENT, SLOW, MISSED = 6, 14, 22  # of a hundred: no report, money left, an indicator not reached


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a project by the year's end: nothing told of it, slow or not, and spent of a thousand baht."""

    silent: bool
    slow: bool
    permille: int
    dice: Dice  # as it stands after these throws


def outcome_of(number: str) -> Outcome:
    """The throws for a project of FY2567, by its number."""
    dice = Dice(f"outcome-{number}")
    silent = dice.chance(SILENT)
    slow = dice.chance(SLOW)
    permille = dice.between(380, 720) if slow else dice.between(900, 1000)
    return Outcome(silent, slow, permille, dice)


def list_reached(number: str, indicators: Sequence[Indicator]) -> list[IndicatorResult]:
    """What each indicator of a project of FY2567 reached."""
    outcome = outcome_of(number)
    return [_reach(outcome.dice, n, k, slow=outcome.slow) for n, k in enumerate(indicators, 1)]


def record_outcomes(stage: Stage, call: CallView, spent: Mapping[str, int]) -> None:
    """Report on most granted projects of the call; some are late, some fell short, a few say nothing. `spent` by number is
    what was paid by the end of the year."""
    work = stage.by("secretariat", RECORDED_AT)
    for proposal_id, decision in sorted(current_decisions(work.session, call.id).items()):
        number = work.session.get_one(Proposal, proposal_id).number
        outcome = outcome_of(number)
        if decision.verdict not in GRANTING or outcome.silent:
            continue
        indicators = get_filing(work.session, work.actor, proposal_id).facts.indicators
        record_results(
            work,
            proposal_id,
            ProjectResults(
                YEAR_END,
                decision.amount,
                spent[number],
                tuple(list_reached(number, indicators)),
                SOURCE,
                SLOW_NOTE if outcome.slow else "",
            ),
        )


def _reach(dice: Dice, position: int, indicator: Indicator, *, slow: bool) -> IndicatorResult:
    """The result of an indicator; one whose target is no number is only judged in words."""
    reached = not dice.chance(3 * MISSED if slow else MISSED)
    percent = dice.between(100, 118) if reached else dice.between(45, 94)
    digits = arabic_digits(indicator.target).replace(",", "")
    if digits.isascii() and digits.isdigit():
        most = 100 if "ร้อยละ" in indicator.unit else 10**12
        result = f"{min(most, int(digits) * percent // 100):,}"
    else:
        result = "ดำเนินการแล้วเสร็จ" if reached else "อยู่ระหว่างดำเนินการ"
    return IndicatorResult.of(position, indicator, result, reached)
