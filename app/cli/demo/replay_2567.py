"""FY2567 replayed at its real dates: filings in the window, screening, reviews, the meeting of 26 January 2566.

It can be left where the reviewers are to be chosen, or where the committee is to meet, for people to go on by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from app.calls.queries import CallView
from app.cli.demo.answers import answer_2567, ask_2567
from app.cli.demo.dice import Dice
from app.cli.demo.meeting_2567 import CLOSED_AT, DRAFTED_AT, OPENED_AT, PLANNED_AT, Meeting2567
from app.cli.demo.replay import (
    Stage,
    Timeline,
    attach_papers,
    begin_draft,
    compare_filings,
    file_draft,
)
from app.cli.demo.review_2567 import SET_UP_AT, ReviewRound2567
from app.cli.demo.reviewing import set_up_expertise
from app.cli.demo.round_2567 import Outcome, Story, make_round
from app.cli.demo.subjects import verdicts
from app.cli.demo.writing import Flaw, write_draft
from app.decisions.actions import record_decision
from app.identity.facts import SYSTEM
from app.kernel.clock import BANGKOK
from app.kernel.files import FileStore
from app.kernel.findings import Outcome as Found
from app.portfolio.queries import ranked_list
from app.reviews.actions import set_round
from app.reviews.facts import NamesFor, RoundFacts
from app.reviews.states import SCREENING
from app.screening.actions import override_finding

COMPARED_AT = datetime(2022, 12, 14, 18, 0, tzinfo=BANGKOK)
OVERRIDES_AT = datetime(2022, 12, 15, 9, 30, tzinfo=BANGKOK)
DECISIONS_AT = datetime(2023, 1, 26, 13, 30, tzinfo=BANGKOK)

ROOMY = 40  # the most for one reviewer where people choose: all four bodies may review everything

# of a hundred filings, how many on each day of the window: most come at the end
FILINGS_BY_DAY = (2, 4, 5, 1, 1, 1, 10, 14, 24, 38)

# on which rule the secretariat judges what needs a person, and what it says
JUDGEMENTS = {
    (Flaw.STATE_ENTERPRISE, True): ("integration", Found.PASSES, "partner_confirmed"),
    (Flaw.PRIVATE_PARTNER, False): ("integration", Found.FAILS, "partner_private"),
    (Flaw.OTHER_CURRICULUM, True): ("integration", Found.PASSES, "curriculum_equivalent"),
    (Flaw.OTHER_CURRICULUM, False): ("integration", Found.FAILS, "curriculum_refused"),
    (Flaw.UNCONFIRMED, True): ("integration", Found.PASSES, "partner_answered"),
    (Flaw.BARE_SERVER, True): ("cloud", Found.PASSES, "cloud_explained"),
    (Flaw.VAGUE_INDICATOR, True): ("indicators", Found.PASSES, "target_explained"),
    (Flaw.SLOW_START, True): ("commitments", Found.PASSES, "commitment_agreed"),
}


class Case:
    """One story on the stage, with the ids it is given on the way."""

    def __init__(self, stage: Stage, call: CallView, story: Story, dice: Dice):
        self.stage, self.call, self.story, self.dice = stage, call, story, dice
        self.proposal_id = 0

    def begin(self, at: datetime) -> None:
        idea = self.story.idea
        self.proposal_id = begin_draft(self.stage, self.call, idea.lead, write_draft(self.dice, idea), at)
        attach_papers(self.stage, idea.lead, self.proposal_id, at)

    @property
    def links_count(self) -> bool:
        """Whether the proposal passes by its links, having no central service."""
        if self.story.idea.flaw is Flaw.UNCONFIRMED:
            return False
        return self.story.slot is not None and self.story.idea.subject.kind not in ("platform", "infra")

    def ask(self, at: datetime) -> None:
        ask_2567(self.stage, self.story.idea.lead, self.proposal_id, at, counts=self.links_count)

    def answer(self, at: datetime, *, early: bool) -> None:
        if early and self.story.idea.flaw is Flaw.UNCONFIRMED:
            return
        answer_2567(self.stage, self.proposal_id, at, early=early, counts=self.links_count)

    def file(self, at: datetime) -> None:
        file_draft(self.stage, self.story.idea.lead, self.proposal_id, at)

    def judge(self, at: datetime) -> None:
        rule, outcome, words = JUDGEMENTS[self.story.idea.flaw, self.story.slot is not None]
        override_finding(
            self.stage.by("secretariat", at),
            self.proposal_id,
            rule,
            outcome,
            verdicts()["secretariat"][words],
        )

    def decide(self, at: datetime) -> None:
        said = self.story.outcome
        assert said is not None
        record_decision(
            self.stage.by("committee", at),
            self.proposal_id,
            said.verdict,
            said.amount,
            conditions=said.conditions,
            resolution=verdicts()["committee"]["resolution"],
            reason=said.reason,
        )


class Until(StrEnum):
    """Where the round can be left for people: before reviewers are chosen (the round of reviews is set up then, without
    dates), or scored, with the secretariat's draft of the list, before the committee meets."""

    ASSIGNMENT = "assignment"
    MEETING = "meeting"


def replay_2567(stage: Stage, call: CallView, books: FileStore, until: Until | None = None) -> None:
    """Play the whole round on the stage, or as far as `until`. `books` keeps the decision book of the meeting."""
    timeline = Timeline()
    until_assignment = until is Until.ASSIGNMENT
    timeline.at(COMPARED_AT, partial(compare_filings, stage, call.fiscal_year))
    dice = Dice(f"{call.fiscal_year}-times")
    stories = make_round(call.rubric)
    reviews = ReviewRound2567(stage, call, stories)
    timeline.at(SET_UP_AT, partial(_leave_round, stage, call) if until_assignment else reviews.set_up)
    if not until_assignment:
        reviews.put_on(timeline)
    cases = []
    for n, story in enumerate(stories):
        case = Case(stage, call, story, Dice(f"{call.fiscal_year}-{n}"))
        filed = _filing_moment(dice, call.opens_at)
        begun = filed - timedelta(minutes=dice.between(40, 60 * 50))
        timeline.at(max(begun, call.opens_at + timedelta(minutes=n)), case.begin)
        timeline.at(filed - timedelta(minutes=30), case.ask)
        timeline.at(filed - timedelta(minutes=5), partial(case.answer, early=True))
        timeline.at(filed, partial(_file, case, reviews, n))
        timeline.at(filed + timedelta(days=2, minutes=n), partial(case.answer, early=False))
        if (story.idea.flaw, story.slot is not None) in JUDGEMENTS:
            timeline.at(OVERRIDES_AT + timedelta(minutes=3 * n), case.judge)
        if story.slot is None or until_assignment:
            continue
        reviews.put_on_case(timeline, n, dice, case.dice)
        cases.append(case)
    if cases:
        meeting = Meeting2567(stage, call, books)
        timeline.at(DRAFTED_AT, lambda at: meeting.draft(at, _outcomes(cases)))
        timeline.at(PLANNED_AT, meeting.plan)
        if until is None:
            timeline.at(OPENED_AT, meeting.open)
            timeline.at(DECISIONS_AT, partial(_decide, stage, call, cases))
            timeline.at(CLOSED_AT, meeting.close)
    timeline.run()


def _decide(stage: Stage, call: CallView, cases: Iterable[Case], at: datetime) -> None:
    """The committee goes down the ranked list, so that its resolutions are numbered in that order."""
    case_of = {case.proposal_id: case for case in cases}
    for n, line in enumerate(ranked_list(stage.work.session, SYSTEM, call)):
        case_of[line.entry.proposal_id].decide(at + timedelta(seconds=20 * n))


def _outcomes(cases: Iterable[Case]) -> Iterator[tuple[int, Outcome]]:
    return ((case.proposal_id, case.story.outcome) for case in cases if case.story.outcome is not None)


def _file(case: Case, reviews: ReviewRound2567, n: int, at: datetime) -> None:
    case.file(at)
    reviews.ids[n] = case.proposal_id


def _leave_round(stage: Stage, call: CallView, at: datetime) -> None:
    """A round that has only been announced: who reads names, and what each reviewer knows best."""
    facts = RoundFacts(phase=SCREENING, names_for=NamesFor.COMMITTEE, load_limit=ROOMY, least_bodies=3)
    set_round(stage.by("secretariat", at), call.id, facts)
    set_up_expertise(stage, call, at)


def _filing_moment(dice: Dice, opens_at: datetime) -> datetime:
    """A moment of the window, from nine in the morning to just before midnight."""
    thrown, day = dice.below(sum(FILINGS_BY_DAY)), 0
    while thrown >= FILINGS_BY_DAY[day]:
        thrown -= FILINGS_BY_DAY[day]
        day += 1
    return opens_at + timedelta(days=day, seconds=dice.between(9 * 3600, 24 * 3600 - 20))
