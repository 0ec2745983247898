"""Early warning: what will have been paid by the year's end, told from the months so far, beside a naive baseline.

Two rules look from different sides:

    usual   in earlier years, so much of a category's money was paid by the end of the same month, and so much by the
            year's end: it knows the rush in September. The project is taken to stay as far from the usual as it is:
            amount = usual year's end x (spent + usual year's end/10) / (usual by now + usual year's end/10).
    pace    what is still planned comes at the project's pace so far, which is drawn towards its group's:
            pace = (spent + year/4 x group's pace) / (planned + year/4), so that the group counts like a quarter of the
            year's plan and a project's own months soon outweigh it. Arrears are not made up by this rule.

The forecast is what the usual says where there is an earlier year, else what the pace says. The range spans both, the pace
also as the project's own and as its group's, and a tenth of what is left either way; how often the outcome lay in it
stands in the track record. Naive: spent so far / months gone x 12.
All are held between what is spent already and what may be spent. Amounts are satang; nothing is random; the same months
give the same words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from fractions import Fraction
from statistics import median_low

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.periods import MONTHS_OF_YEAR

FIRST_MONTH = 3
LEAST_DUE = 20  # of that many parts of the year's plan, one must have been due
GROUP_SHARE = 4  # the group counts like one of so many parts of the year's plan
USUAL_SHARE = 10  # the usual counts like one of so many parts of its year's end
MARGIN_SHARE = 10  # one of so many parts of what is left, either way

TOO_EARLY = Text(
    "ยังไม่คาดการณ์ ต้องมีรายงานที่รับรองแล้วอย่างน้อย 3 เดือน", "No forecast: it takes at least 3 accepted months"
)
NO_PLAN = Text("ไม่มีแผนการใช้จ่ายในปีนี้ จึงไม่มีสิ่งให้คาดการณ์", "No forecast: nothing is planned for this year")
LITTLE_DUE = Text(
    "ยังไม่คาดการณ์ แผนที่ถึงกำหนดแล้วยังไม่ถึงร้อยละ 5 ของทั้งปี",
    "No forecast: less than 5 % of the year's plan was due by now",
)
ENDED = Text("โครงการปิดหรือยกเลิกแล้ว จึงไม่มีสิ่งให้คาดการณ์", "No forecast: the project was closed or cancelled")
OVER = Text(
    "ปีงบประมาณสิ้นสุดแล้ว ใช้ผลจริงแทนการคาดการณ์", "No forecast: the year is over, and its outcome is known"
)


@dataclass(frozen=True, slots=True)
class CategoryYear:
    """What was paid in a category in an earlier year, all projects together: cumulative by month (satang), of what was
    available that year."""

    fiscal_year: int
    category: str
    available: int
    spent: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """What is usual: (category, month) -> (paid by its end, available) in the earlier `years` together, satang."""

    years: tuple[int, ...] = ()
    usual: Mapping[tuple[str, int], tuple[int, int]] = field(default_factory=dict)


def profile_of(rows: Iterable[CategoryYear]) -> Profile:
    """The earlier years added up."""
    rows = list(rows)
    usual: dict[tuple[str, int], tuple[int, int]] = {}
    for row in rows:
        for month, spent in enumerate(row.spent[:MONTHS_OF_YEAR], 1):
            before = usual.get((row.category, month), (0, 0))
            usual[row.category, month] = before[0] + spent, before[1] + row.available
    return Profile(tuple(sorted({row.fiscal_year for row in rows})), usual)


@dataclass(frozen=True, slots=True)
class Case:
    """What a forecast is told from, at the end of `month`, in reports that count. Amounts are satang, cumulative.

    `planned` was to be paid by then and `planned_year` by the year's end; `available` may be paid this year;
    `by_category` gives (category, available, spent). The group's pace is `group_spent` of `group_planned`.
    """

    month: int
    spent: int
    planned: int
    planned_year: int
    available: int
    by_category: tuple[tuple[str, int, int], ...]
    group_spent: int
    group_planned: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the year will end with, satang, and how it was told. `refusal` says why nothing is told; then the amounts are
    None. Paces are (paid, planned): the project's own, its group's, and the one drawn between; `usual` is what would usually
    be paid (by now, by the year's end). `by_pace` and `by_usual` are what each rule says. Amounts are rounded down.

    `monthly` is what must be paid each month from now on for the year to end green, `so_far` what was a month's mean.
    """

    case: Case
    refusal: Text | None = None
    amount: int | None = None
    low: int | None = None
    high: int | None = None
    naive: int | None = None
    own: tuple[int, int] | None = None
    group: tuple[int, int] | None = None
    drawn: tuple[int, int] | None = None
    by_pace: int | None = None
    by_usual: int | None = None
    usual: tuple[int, int] | None = None
    years: tuple[int, ...] = ()

    @property
    def shortfall(self) -> int:
        """By how much the year's plan is missed; 0 for not at all, and for no forecast."""
        return max(self.case.planned_year - self.amount, 0) if self.amount is not None else 0

    def warns(self, green: int) -> bool:
        """Whether it says that the year will not end green, `green` per mille of the year's plan."""
        return self.amount is not None and is_missed(self.amount, self.case.planned_year, green)

    def is_sure(self, green: int) -> bool:
        """Whether even the upper end of the range says so."""
        return self.high is not None and is_missed(self.high, self.case.planned_year, green)

    def monthly(self, green: int) -> int:
        """What must be paid each month from now on for the year to end green; satang, rounded up."""
        wanted = -(-self.case.planned_year * green // 1000) - self.case.spent
        return -(-max(wanted, 0) // max(MONTHS_OF_YEAR - self.case.month, 1))

    @property
    def so_far(self) -> int:
        """What was paid in a month, on average; satang, rounded down."""
        return self.case.spent // max(self.case.month, 1)


def is_missed(spent: int, planned_year: int, green: int) -> bool:
    """Whether a year's end with `spent` is below the green of its plan."""
    return spent * 1000 < planned_year * green


def why_no_forecast(case: Case) -> Text | None:
    """Why nothing is told of a case; None where something is."""
    if case.month >= MONTHS_OF_YEAR:
        return OVER
    if case.planned_year <= 0:
        return NO_PLAN
    if case.month < FIRST_MONTH:
        return TOO_EARLY
    return LITTLE_DUE if case.planned * LEAST_DUE < case.planned_year else None


def forecast(case: Case, profile: Profile, *, is_ended: bool = False) -> Forecast:
    """What the year will end with, or why that cannot be told; nothing is of a project that `is_ended`."""
    refusal = ENDED if is_ended else why_no_forecast(case)
    if refusal is not None:
        return Forecast(case, refusal)
    group_spent, group_planned = (
        (case.group_spent, case.group_planned) if case.group_planned else (case.spent, case.planned)
    )
    # (spent + K year group) / (planned + K year), both sides times 1 / K and the group's plan: whole numbers all through
    drawn_spent = GROUP_SHARE * case.spent * group_planned + case.planned_year * group_spent
    drawn_planned = (GROUP_SHARE * case.planned + case.planned_year) * group_planned
    ahead = max(case.planned_year - case.planned, 0)
    by_pace = case.spent + ahead * drawn_spent // drawn_planned
    paced = (
        by_pace,
        case.spent + ahead * case.spent // case.planned,
        case.spent + ahead * group_spent // group_planned,
    )
    usual = _usual_of(case, profile)
    by_usual = by_pace
    if usual is not None:
        by_now, at_end = usual
        by_usual = at_end * (USUAL_SHARE * case.spent + at_end) // (USUAL_SHARE * by_now + at_end)
    spread = (*paced, by_usual)
    margin = (case.available - case.spent) // MARGIN_SHARE
    return Forecast(
        case,
        amount=_held(case, by_usual),
        low=_held(case, _held(case, min(spread)) - margin),
        high=_held(case, _held(case, max(spread)) + margin),
        naive=_held(case, case.spent * MONTHS_OF_YEAR // case.month),
        own=(case.spent, case.planned),
        group=(group_spent, group_planned),
        drawn=(drawn_spent, drawn_planned),
        by_pace=_held(case, by_pace),
        by_usual=_held(case, by_usual) if usual else None,
        usual=usual,
        years=profile.years if usual else (),
    )


def _held(case: Case, amount: int) -> int:
    return max(min(amount, case.available), case.spent)


def _usual_of(case: Case, profile: Profile) -> tuple[int, int] | None:
    """What would usually be paid by now and by the year's end of what is available, satang; None unless earlier years
    know every category."""
    by_now = at_end = 0
    for category, available, _ in case.by_category:
        if available <= 0:
            continue
        spent, of = profile.usual.get((category, case.month), (0, 0))
        if not of:
            return None
        by_now += available * spent // of
        at_end += available * profile.usual[category, MONTHS_OF_YEAR][0] // of
    return (by_now, at_end) if at_end else None


class Verdict(StrEnum):
    """What became of what was said, or not said."""

    HIT = "hit"
    FALSE_ALARM = "false_alarm"
    MISS = "miss"
    QUIET = "quiet"


VERDICT_NAMES = {
    Verdict.HIT: Text("เตือนถูก", "Warned, rightly"),
    Verdict.FALSE_ALARM: Text("เตือนผิด", "False alarm"),
    Verdict.MISS: Text("ไม่ได้เตือน แต่พลาดเป้า", "Missed, unwarned"),
    Verdict.QUIET: Text("ไม่ได้เตือน และไม่พลาด", "Rightly quiet"),
}


@dataclass(frozen=True, slots=True)
class Replay:
    """A forecast made again as of a past month, with what the year ended with. `project` is its number; satang."""

    fiscal_year: int
    project: str
    month: int
    planned_year: int
    amount: int
    low: int
    high: int
    naive: int
    outcome: int
    green: int

    @property
    def verdict(self) -> Verdict:
        return _verdict(self.amount, self)

    @property
    def naive_verdict(self) -> Verdict:
        return _verdict(self.naive, self)

    @property
    def is_within(self) -> bool:
        """Whether the outcome lay in the range."""
        return self.low <= self.outcome <= self.high

    @property
    def error(self) -> int:
        return abs(self.amount - self.outcome)

    @property
    def naive_error(self) -> int:
        return abs(self.naive - self.outcome)


def _verdict(amount: int, replay: Replay) -> Verdict:
    warned = is_missed(amount, replay.planned_year, replay.green)
    if is_missed(replay.outcome, replay.planned_year, replay.green):
        return Verdict.HIT if warned else Verdict.MISS
    return Verdict.FALSE_ALARM if warned else Verdict.QUIET


def replay_of(told: Forecast, fiscal_year: int, project: str, outcome: int, green: int) -> Replay | None:
    """A forecast held against its outcome; None for one that refused to say."""
    if told.amount is None or told.low is None or told.high is None or told.naive is None:
        return None
    case = told.case
    return Replay(
        fiscal_year,
        project,
        case.month,
        case.planned_year,
        told.amount,
        told.low,
        told.high,
        told.naive,
        outcome,
        green,
    )


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """How good the warnings were. Errors in satang; `skill` is 1 - our summed error / the naive one's: above 0 is better
    than naive, None where the naive one was never wrong. `within` are outcomes that lay in the range."""

    cases: int
    verdicts: Mapping[Verdict, int]
    naive_verdicts: Mapping[Verdict, int]
    within: int
    median_error: int
    naive_median_error: int
    skill: Fraction | None


def track_record(replays: Sequence[Replay]) -> TrackRecord:
    """The record of replays; one of nothing for none."""
    ours, naive = sum(r.error for r in replays), sum(r.naive_error for r in replays)
    said, naively = Counter(r.verdict for r in replays), Counter(r.naive_verdict for r in replays)
    return TrackRecord(
        len(replays),
        {v: said[v] for v in Verdict},
        {v: naively[v] for v in Verdict},
        sum(r.is_within for r in replays),
        median_low([r.error for r in replays]) if replays else 0,
        median_low([r.naive_error for r in replays]) if replays else 0,
        1 - Fraction(ours, naive) if naive else None,
    )
