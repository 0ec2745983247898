"""The reviews of FY2567 at their dates: panels, answers, scores, a reopening, discussions, final scores, the lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import select

from app.calls.queries import CallView
from app.cli.demo.dice import Dice
from app.cli.demo.replay import Stage, Timeline
from app.cli.demo.review_plan import ReviewPlan, Talk, plan_reviews
from app.cli.demo.reviewing import (
    give,
    login_of,
    review_words,
    set_up_expertise,
    set_up_panels,
)
from app.cli.demo.round_2567 import Story
from app.cli.demo.scoring import Reviewer, Sheet, write_scores
from app.cli.demo.subjects import Subject
from app.identity.facts import Body
from app.kernel.clock import BANGKOK, as_utc
from app.reviews.actions import (
    accept_assignment,
    declare_conflict,
    declare_tie,
    decline_assignment,
    judge_interests,
    move_round,
    reopen_review,
    save_review,
    set_round,
    submit_review,
)
from app.reviews.actions.discussing import record_outcome, write_note
from app.reviews.conflicts import Ground
from app.reviews.facts import NamesFor, RoundFacts, Scores
from app.reviews.models import Assignment
from app.reviews.queries import get_round
from app.reviews.states import SCREENING
from app.reviews.threads import Conclusion

SET_UP_AT = datetime(2022, 12, 13, 9, 0, tzinfo=BANGKOK)
TIE_AT = datetime(2022, 12, 14, 10, 0, tzinfo=BANGKOK)
SCORING_AT = datetime(2022, 12, 19, 9, 0, tzinfo=BANGKOK)
ASSIGNMENTS_AT = datetime(2022, 12, 19, 10, 0, tzinfo=BANGKOK)
ENDED_AT = datetime(2022, 12, 20, 9, 30, tzinfo=BANGKOK)
REPLACED_AT = datetime(2022, 12, 21, 10, 0, tzinfo=BANGKOK)
REVIEWS_FROM = datetime(2022, 12, 22, 9, 0, tzinfo=BANGKOK)
REVIEW_DAYS = 22
MISTAKEN_AT = datetime(2022, 12, 27, 10, 0, tzinfo=BANGKOK)
REOPENED_UNTIL = datetime(2023, 1, 4, 16, 30, tzinfo=BANGKOK)
SCORING_DUE = datetime(2023, 1, 13, 16, 30, tzinfo=BANGKOK)
DISCUSSION_AT = datetime(2023, 1, 13, 17, 0, tzinfo=BANGKOK)
TALKS_FROM = datetime(2023, 1, 16, 9, 0, tzinfo=BANGKOK)
OUTCOMES_AT = datetime(2023, 1, 18, 10, 0, tzinfo=BANGKOK)
DISCUSSION_DUE = datetime(2023, 1, 18, 16, 30, tzinfo=BANGKOK)
FINAL_AT = datetime(2023, 1, 18, 16, 45, tzinfo=BANGKOK)
FINALS_FROM = datetime(2023, 1, 19, 9, 0, tzinfo=BANGKOK)
FINAL_DUE = datetime(2023, 1, 20, 16, 30, tzinfo=BANGKOK)
LOCKED_AT = datetime(2023, 1, 20, 17, 0, tzinfo=BANGKOK)
MOST_EACH = 30
# who worked where before, and left when
FORMER = (Reviewer(Body.OPDC, 2), date(2022, 3, 31))


class ReviewRound2567:
    """The round on the stage. `cases` are the stories that passed screening, by their number."""

    def __init__(self, stage: Stage, call: CallView, stories: Sequence[Story]):
        self.stage, self.call = stage, call
        self.plan: ReviewPlan = plan_reviews(stories)
        self.stories = stories
        self.ids: dict[int, int] = {}
        self.panels: dict[Body, int] = {}

    # setting up

    def set_up(self, at: datetime) -> None:
        """Dates, limits and names of the round; panels by body; what each reviewer knows best."""
        facts = RoundFacts(
            phase=SCREENING,
            names_for=NamesFor.COMMITTEE,
            load_limit=MOST_EACH,
            least_bodies=3,
            scoring_due_at=as_utc(SCORING_DUE),
            discussion_due_at=as_utc(DISCUSSION_DUE),
            final_due_at=as_utc(FINAL_DUE),
        )
        set_round(self.stage.by("secretariat", at), self.call.id, facts)
        self.panels = set_up_panels(self.stage, self.call, at)
        set_up_expertise(self.stage, self.call, at)

    def move(self, name: str, at: datetime) -> None:
        work = self.stage.by("secretariat", at)
        version = get_round(work.session, self.call.id).version
        move_round(work, self.call.id, name, version=version)

    def declare_tie(self, at: datetime) -> None:
        """A reviewer says where they worked before, and the secretariat judges one proposal of that agency."""
        reviewer, left_on = FORMER
        n = self._of_strangers(reviewer)
        agency = self.stage.agency_id(self.stories[n].idea.lead)
        words = review_words()["round"]
        work = self.stage.by(login_of(reviewer), at)
        declare_tie(work, agency, Ground.FORMER, left_on=left_on, note=words["tie"])
        judge_interests(
            self.stage.by("secretariat", at + timedelta(hours=2)),
            self.ids[n],
            self.stage.people[login_of(reviewer)],
            is_conflict=True,
            reason=words["former"],
        )

    def _of_strangers(self, reviewer: Reviewer) -> int:
        """A proposal of an agency none of whose proposals this reviewer scores."""
        met = {
            code
            for story in self.stories
            if story.slot and any(sheet.reviewer == reviewer for sheet in story.slot.sheets)
            for code in story.idea.agencies
        }
        return next(n for n, s in enumerate(self.stories) if s.slot and not met & set(s.idea.agencies))

    # assignment

    def assign(self, at: datetime) -> None:
        """The secretariat judges what the registers show, and gives every proposal to whom it wants first."""
        wanted = []
        for n, proposal_id in self.ids.items():
            for sheet in self._sheets(n) if self.stories[n].slot else ():
                before = self.plan.asked_before.get((n, sheet.reviewer))
                wanted.append((proposal_id, before[0] if before else sheet.reviewer))
        give(self.stage, self.call, wanted, self.panels, at)

    def accept(self, n: int, reviewer: Reviewer, at: datetime) -> None:
        accept_assignment(self.stage.by(login_of(reviewer), at), self._assignment(n, reviewer)[0])

    def end(self, n: int, reviewer: Reviewer, turn: int, is_conflict: bool, at: datetime) -> None:
        """Somebody who was asked does not review."""
        words = review_words()["round"]["recused" if is_conflict else "declined"]
        act = declare_conflict if is_conflict else decline_assignment
        act(
            self.stage.by(login_of(reviewer), at),
            self._assignment(n, reviewer)[0],
            words[turn % len(words)],
        )

    def replace(self, n: int, reviewer: Reviewer, at: datetime) -> None:
        give(self.stage, self.call, [(self.ids[n], reviewer)], self.panels, at)
        self.accept(n, reviewer, at + timedelta(hours=3))

    def _assignment(self, n: int, reviewer: Reviewer) -> tuple[int, int]:
        """(id, version) of an assignment as it is now."""
        row = self.stage.work.session.execute(
            select(Assignment.id, Assignment.version).where(
                Assignment.proposal_id == self.ids[n],
                Assignment.reviewer_id == self.stage.people[login_of(reviewer)],
            )
        ).one()
        return row.id, row.version

    # scores

    def review(self, n: int, sheet: Sheet, dice: Dice, at: datetime) -> None:
        """The first hand-in: what counts in the end, or what was given first."""
        first = self.plan.first.get((n, sheet.reviewer))
        scores = write_scores(dice, sheet, self._subject(n))
        if first is not None:
            scores = write_scores(Dice(f"first-{n}"), first, self._subject(n))
        assignment_id, version = self._assignment(n, sheet.reviewer)
        submit_review(self.stage.by(login_of(sheet.reviewer), at), assignment_id, scores, version)

    def hand_in_again(self, n: int, sheet: Sheet, reason: str, at: datetime) -> None:
        """The scores that count, saved and then handed in with a reason."""
        work = self.stage.by(login_of(sheet.reviewer), at)
        scores: Scores = write_scores(Dice(f"final-{n}-{sheet.reviewer.body}"), sheet, self._subject(n))
        assignment_id, version = self._assignment(n, sheet.reviewer)
        saved = save_review(work, assignment_id, scores, version)
        submit_review(work, assignment_id, saved.scores, saved.version, reason=reason)

    def reopen(self, n: int, reviewer: Reviewer, at: datetime) -> None:
        reopen_review(
            self.stage.by("secretariat", at),
            self._assignment(n, reviewer)[0],
            as_utc(REOPENED_UNTIL),
            review_words()["round"]["reopen"],
        )

    def _subject(self, n: int) -> Subject:
        return self.stories[n].idea.subject

    # discussion

    def speak(self, n: int, talk: Talk, who: str, text: str, at: datetime) -> None:
        reviewers = self._speakers(n, talk)
        login = "secretariat" if who == "secretariat" else login_of(reviewers[who])
        write_note(self.stage.by(login, at), self.ids[n], text.format(subject=self._subject(n).name.th))

    def _speakers(self, n: int, talk: Talk) -> Mapping[str, Reviewer]:
        """Who scored unlike the others, and another."""
        sheets = self._sheets(n)
        apart = talk.apart or min(sheets, key=lambda s: sum(s.levels.values())).reviewer
        return {"apart": apart, "other": next(s.reviewer for s in sheets if s.reviewer != apart)}

    def conclude(self, n: int, talk: Talk, at: datetime) -> None:
        text = review_words()["talks"][talk.text]["outcome"].format(subject=self._subject(n).name.th)
        record_outcome(self.stage.by("secretariat", at), self.ids[n], talk.conclusion, text)

    def _sheets(self, n: int) -> tuple[Sheet, ...]:
        slot = self.stories[n].slot
        assert slot is not None
        return slot.sheets

    # the whole

    def put_on(self, timeline: Timeline) -> None:
        """Everything of the round but the answers and first reviews of single proposals (`put_on_case`)."""
        timeline.at(TIE_AT, self.declare_tie)
        timeline.at(ASSIGNMENTS_AT, self.assign)
        timeline.at(SCORING_AT, partial(self.move, "begin_scoring"))
        timeline.at(DISCUSSION_AT, partial(self.move, "begin_discussion"))
        timeline.at(FINAL_AT, partial(self.move, "begin_final"))
        timeline.at(LOCKED_AT, partial(self.move, "lock"))
        for turn, ((n, reviewer), (other, is_conflict)) in enumerate(self.plan.asked_before.items()):
            moment = timedelta(minutes=37 * turn)
            timeline.at(ENDED_AT + moment, partial(self.end, n, other, turn, is_conflict))
            timeline.at(REPLACED_AT + moment, partial(self.replace, n, reviewer))
        for order, (n, talk) in enumerate(self.plan.talks.items()):
            self._put_on_talk(timeline, order, n, talk)
        assert self.plan.mistaken is not None
        n, reviewer = self.plan.mistaken
        sheet = next(s for s in self._sheets(n) if s.reviewer == reviewer)
        timeline.at(MISTAKEN_AT + timedelta(hours=5), partial(self.reopen, n, reviewer))
        timeline.at(
            MISTAKEN_AT + timedelta(hours=29),
            partial(self.hand_in_again, n, sheet, review_words()["round"]["mistaken"]),
        )

    def _put_on_talk(self, timeline: Timeline, order: int, n: int, talk: Talk) -> None:
        words = review_words()
        at = TALKS_FROM + timedelta(minutes=50 * order)
        for turn, (who, text) in enumerate(words["talks"][talk.text]["notes"]):
            timeline.at(at + timedelta(hours=3 * turn), partial(self.speak, n, talk, who, text))
        timeline.at(OUTCOMES_AT + timedelta(minutes=20 * order), partial(self.conclude, n, talk))
        if talk.conclusion is Conclusion.RESCORE:
            for turn, sheet in enumerate(self._sheets(n)):
                talked = words["talks"][talk.text]
                reason = talked["changed"] if sheet.reviewer == talk.apart else words["round"]["confirmed"]
                moment = FINALS_FROM + timedelta(minutes=25 * order + 140 * turn)
                timeline.at(moment, partial(self.hand_in_again, n, sheet, reason))

    def put_on_case(self, timeline: Timeline, n: int, times: Dice, dice: Dice) -> None:
        """The answers and first reviews of one proposal, the reviews at moments thrown with `times`."""
        answers = Dice(f"answers-{n}")
        for sheet in self._sheets(n):
            if (n, sheet.reviewer) not in self.plan.asked_before:
                wait = timedelta(minutes=answers.between(30, 45 * 60))
                timeline.at(ASSIGNMENTS_AT + wait, partial(self.accept, n, sheet.reviewer))
            day = timedelta(days=times.below(REVIEW_DAYS), minutes=times.below(9 * 60))
            moment = MISTAKEN_AT if (n, sheet.reviewer) == self.plan.mistaken else REVIEWS_FROM + day
            timeline.at(moment, partial(self.review, n, sheet, dice))
