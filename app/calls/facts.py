"""What a call and its documents are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from app.kernel.lean import dataclass
from app.kernel.text import Text


class DocumentKind(StrEnum):
    """The versioned documents of a call."""

    PLAN = "plan"
    RUBRIC = "rubric"
    RULEBOOK = "rulebook"
    PRICES = "prices"


class Phase(StrEnum):
    """Where a call is at a moment, judged from its window alone."""

    UPCOMING = "upcoming"
    OPEN = "open"
    GRACE = "grace"  # closed, but a filing is still taken
    CLOSED = "closed"

    @property
    def accepts(self) -> bool:
        """Whether a filing that arrives now is taken."""
        return self in (Phase.OPEN, Phase.GRACE)


def judge_phase(
    opens_at: datetime, closes_at: datetime, now: datetime, grace: timedelta = timedelta(0)
) -> Phase:
    """Every interval is half-open: its first moment is in, its last is out."""
    if now < opens_at:
        return Phase.UPCOMING
    if now < closes_at:
        return Phase.OPEN
    return Phase.GRACE if now < closes_at + grace else Phase.CLOSED


class Origin(StrEnum):
    """Where a call's proposals come from; printed wherever its figures are."""

    FILED = "filed"
    SYNTHETIC = "synthetic"
    IMPORTED = "imported"


ORIGIN_LABELS = {
    Origin.FILED: None,
    Origin.SYNTHETIC: Text("ข้อมูลสังเคราะห์เพื่อการสาธิต", "Synthetic data for demonstration"),
    Origin.IMPORTED: Text("ข้อมูลจริงจากเอกสารงบประมาณที่เผยแพร่", "Real data from published budget documents"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A coded name in a list. `parent` is the code one level up, where there is one; `help` says what it is for."""

    code: str
    name: Text
    parent: str = ""
    help: Text = Text("", "")


@dataclass(frozen=True)
class PlanStructure:
    """Stages, goals, guidelines, strategies and focus areas of one plan, and the lists its forms offer.

    `guideline_strategies` maps a guideline code to the strategies it may serve; a strategy's focus areas are the
    focus areas whose parent it is. `platforms` are the central systems and channels a link may run through.
    """

    code: str
    version: int
    title: Text
    stages: tuple[Choice, ...]
    goals: tuple[Choice, ...]  # parent: stage
    guidelines: tuple[Choice, ...]  # parent: goal
    strategies: tuple[Choice, ...]
    focus_areas: tuple[Choice, ...]  # parent: strategy
    guideline_strategies: Mapping[str, tuple[str, ...]]
    categories: tuple[Choice, ...]
    platforms: tuple[Choice, ...]
    curricula: tuple[Choice, ...]
    attachment_kinds: tuple[Choice, ...]

    @cached_property
    def names(self) -> Mapping[tuple[str, str], Text]:
        """(list name, code) -> name, for every list of the structure."""
        lists = (
            "stages",
            "goals",
            "guidelines",
            "strategies",
            "focus_areas",
            "categories",
            "platforms",
            "curricula",
            "attachment_kinds",
        )
        return {(key, choice.code): choice.name for key in lists for choice in getattr(self, key)}

    def name(self, key: str, code: str) -> Text:
        """The name of a code, or the code itself when this structure does not know it."""
        return self.names.get((key, code), Text(code, code))

    @cached_property
    def stage_of(self) -> Mapping[str, str]:
        """Guideline code -> stage code."""
        stage_of_goal = {goal.code: goal.parent for goal in self.goals}
        return {g.code: stage_of_goal[g.parent] for g in self.guidelines}

    @cached_property
    def focus_of(self) -> Mapping[str, tuple[str, ...]]:
        """Strategy code -> its focus area codes."""
        return {
            s.code: tuple(f.code for f in self.focus_areas if f.parent == s.code) for s in self.strategies
        }


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the rubric: weight in percent and an anchor sentence for each level 0-4."""

    code: str
    name: Text
    weight: int
    question: Text
    anchors: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Rubric:
    """Weighted criteria; levels 0-4 as in NESDC's rating of priority projects. Weights sum to 100."""

    code: str
    version: int
    title: Text
    criteria: tuple[Criterion, ...]
    comment_levels: frozenset[int]
    comment_length: int

    @property
    def levels(self) -> range:
        return range(5)


class Severity(StrEnum):
    """Whether a rule decides the screening or only informs it."""

    DECIDES = "decides"
    INFORMS = "informs"


@dataclass(frozen=True, slots=True)
class Reason:
    """The wording of one conclusion: what was found, and what would change it."""

    text: Text
    remedy: Text | None


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """One rule of a rulebook: which function judges, with which parameters, on which basis."""

    code: str
    check: str
    severity: Severity
    name: Text
    basis: Text
    parameters: Mapping[str, Any]
    reasons: Mapping[str, Reason]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules of screening, in order."""

    code: str
    version: int
    title: Text
    rules: tuple[RuleEntry, ...]

    def rule(self, code: str) -> RuleEntry:
        return next(rule for rule in self.rules if rule.code == code)


@dataclass(frozen=True, slots=True)
class ReferencePrice:
    """What one of an item may cost, satang. A line is taken for the item when its words hold every word of any one of
    `words`, and none of `but`; both folded by `thai_text.search_key`."""

    code: str
    name: Text
    unit: str
    price: int
    words: tuple[tuple[str, ...], ...]
    but: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriceList:
    """Reference prices (ราคากลาง) with where they come from; the first item whose words fit a line counts."""

    code: str
    version: int
    title: Text
    source: Text
    items: tuple[ReferencePrice, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how many: the form limits of a call."""

    title: int = 300
    short: int = 300
    long: int = 6000
    participants: int = 30
    links: int = 30
    users: int = 200
    indicators: int = 30
    lines: int = 200
    attachments: int = 20
    attachment_megabytes: int = 10
    later_years: int = 4
    revision_cycles: int = 2  # how often one filing may be returned for revision; 0 is never


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A call as its data file says. `ceiling` in satang; the window is half-open, UTC."""

    fiscal_year: int
    name: Text
    opens_at: datetime
    closes_at: datetime
    ceiling: int
    origin: Origin
    reviewers_per_proposal: int
    documents: Mapping[DocumentKind, tuple[str, int]]  # kind -> (code, version)
    limits: Limits = field(default_factory=Limits)
    note: Text = Text("", "")
    grace_minutes: int = 0
    is_certified: bool = False


@dataclass(frozen=True, slots=True)
class Extension:
    """A later closing moment that is in force: for one agency, or for every agency (`agency_id` None)."""

    id: int
    agency_id: int | None
    agency: Text | None  # the agency's name
    closes_at: datetime
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when somebody must file. `grace_until` equals `closes_at` where the call publishes no grace."""

    opens_at: datetime
    closes_at: datetime
    grace_until: datetime
    extended_by: Extension | None

    def judge(self, now: datetime) -> Phase:
        return judge_phase(self.opens_at, self.closes_at, now, self.grace_until - self.closes_at)

    @property
    def has_grace(self) -> bool:
        return self.grace_until > self.closes_at


@dataclass(frozen=True, slots=True)
class CallWindow:
    """A call's name and window, without its documents: what the frame of a page shows.

    `closes_at` is the moment of the call's own file; `extensions` are those in force, oldest first. Ask
    `deadline_of` when somebody must file, never `closes_at`.
    """

    id: int
    fiscal_year: int
    name: Text
    opens_at: datetime
    closes_at: datetime
    grace_minutes: int
    extensions: tuple[Extension, ...]
    origin: Origin

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.grace_minutes)

    def phase(self, now: datetime) -> Phase:
        """Where the call is for every agency; one that was given longer asks `deadline_of`."""
        return deadline_of(self, None).judge(now)


def deadline_of(call: CallWindow, agency_id: int | None) -> Deadline:
    """By when an agency must file; None asks for every agency, without what was given to single ones.

    The latest moment that applies counts, so an extension never takes time away.
    """
    closes_at, extended_by = call.closes_at, None
    for extension in call.extensions:
        if extension.agency_id in (None, agency_id) and extension.closes_at > closes_at:
            closes_at, extended_by = extension.closes_at, extension
    return Deadline(call.opens_at, closes_at, closes_at + call.grace, extended_by)
