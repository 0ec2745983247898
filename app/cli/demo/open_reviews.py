"""Reviews of the open call, so that each of the named reviewers meets whatever can happen: in, begun, not answered,
declined, recused, reopened, and held until an interest is judged."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from app.calls.queries import CallView
from app.cli.demo.dice import Dice
from app.cli.demo.replay import Stage, Timeline
from app.cli.demo.reviewing import give, login_of, review_words, set_up_expertise, set_up_panels
from app.cli.demo.scoring import Reviewer, Sheet, write_scores
from app.cli.demo.subjects import Subject
from app.identity.facts import Body
from app.reviews.actions import (
    accept_assignment,
    declare_conflict,
    declare_tie,
    decline_assignment,
    reopen_review,
    save_review,
    set_round,
    submit_review,
)
from app.reviews.conflicts import Ground
from app.reviews.facts import NamesFor, RoundFacts, Score, Scores
from app.reviews.models import Assignment
from app.reviews.states import ACCEPTED, DECLINED, GIVEN, RECUSED, SCORING

# lead agency of the proposal -> what the reviewers of a body answered, where it is not "no conflict"
ANSWERS = {
    "oae": {Body.BB: DECLINED},
    "doe": {Body.DGA: GIVEN},
    "dol": {Body.NESDC: GIVEN},
    "oja": {Body.OPDC: GIVEN, Body.DGA: RECUSED},
    "nesdc": {Body.BB: GIVEN, Body.OPDC: DECLINED},
}
# lead agency -> in which order its reviewers get to work, where it is not that of the bodies
ORDERS = {"oae": (2, 1, 0), "doe": (1, 0, 2), "obec": (0, 2, 1), "dol": (1, 0, 2)}
# a reviewer who remembers, once the proposal is assigned, to have worked for its agency
TIES = ((Body.BB, "oja"), (Body.NESDC, "obec"), (Body.DGA, "dol"))
REOPENED = ("dlt", Body.DGA)


def set_up_round(stage: Stage, call: CallView) -> None:
    """Scores are taken while the call is still open; co-reviewers, the committee and the secretariat read names."""
    facts = RoundFacts(
        phase=SCORING,
        names_for=NamesFor.EVERYONE,
        load_limit=20,
        least_bodies=3,
        scoring_due_at=call.closes_at + timedelta(days=14, hours=16, minutes=30),
        discussion_due_at=call.closes_at + timedelta(days=21, hours=16, minutes=30),
        final_due_at=call.closes_at + timedelta(days=25, hours=16, minutes=30),
    )
    set_round(stage.by("secretariat", call.opens_at), call.id, facts)
    set_up_panels(stage, call, call.opens_at)
    set_up_expertise(stage, call, call.opens_at)


def tell_of_ties(stage: Stage, at: datetime) -> None:
    """Reviewers declare a tie after they were assigned: what they have of that agency is held until it is judged."""
    for body, agency in TIES:
        work = stage.by(login_of(Reviewer(body, 0)), at)
        declare_tie(work, stage.agency_id(agency), Ground.FORMER, note=review_words()["round"]["tie"])


class OpenReview:
    """The reviews of one proposal. `proposal_id` is set before it is assigned."""

    def __init__(self, stage: Stage, call: CallView, subject: Subject, sheets: tuple[Sheet, ...], dice: Dice):
        self.stage, self.call, self.subject, self.dice = stage, call, subject, dice
        order = ORDERS.get(subject.agency) if sheets else None
        self.sheets = tuple(sheets[n] for n in order) if order else sheets
        self.proposal_id = 0

    def assign(self, at: datetime) -> None:
        give(self.stage, self.call, [(self.proposal_id, s.reviewer) for s in self.sheets], {}, at)

    def put_on_answers(self, timeline: Timeline, at: datetime) -> None:
        """Most say that there is no conflict; see `ANSWERS`."""
        for n, sheet in enumerate(self.sheets):
            answer = ANSWERS.get(self.subject.agency, {}).get(sheet.reviewer.body, ACCEPTED)
            if answer != GIVEN:
                timeline.at(at + timedelta(minutes=n), partial(self.answer, sheet.reviewer, answer))

        if self.subject.agency == REOPENED[0] and self.sheets:
            timeline.at(at + timedelta(hours=7), partial(self.reopen, Reviewer(REOPENED[1], 0)))

    def reopen(self, reviewer: Reviewer, at: datetime) -> None:
        """The secretariat lets somebody score again."""
        until = self.call.closes_at + timedelta(days=7, hours=16, minutes=30)
        assignment_id, _ = self._assignment(reviewer)
        work = self.stage.by("secretariat", at)
        reopen_review(work, assignment_id, until, review_words()["round"]["reopen"])

    def answer(self, reviewer: Reviewer, answer: str, at: datetime) -> None:
        work, words = self.stage.by(login_of(reviewer), at), review_words()["round"]
        assignment_id, _ = self._assignment(reviewer)
        if answer == DECLINED:
            decline_assignment(work, assignment_id, words["declined"][0])
        elif answer == RECUSED:
            declare_conflict(work, assignment_id, words["recused"][0])
        else:
            accept_assignment(work, assignment_id)

    def score(self, sheet: Sheet, at: datetime, *, hand_in: bool) -> None:
        """A reviewer hands in, or saves the first half of the scores."""
        scores = write_scores(self.dice, sheet, self.subject)
        work = self.stage.by(login_of(sheet.reviewer), at)
        assignment_id, version = self._assignment(sheet.reviewer)
        if hand_in:
            submit_review(work, assignment_id, scores, version)
        else:
            save_review(work, assignment_id, _half_of(scores), version)

    def _assignment(self, reviewer: Reviewer) -> tuple[int, int]:
        """(id, version) of an assignment as it is now."""
        row = self.stage.work.session.execute(
            select(Assignment.id, Assignment.version).where(
                Assignment.proposal_id == self.proposal_id,
                Assignment.reviewer_id == self.stage.people[login_of(reviewer)],
            )
        ).one()
        return row.id, row.version


def _half_of(scores: Scores) -> dict[str, Score]:
    return dict(list(scores.items())[: len(scores) // 2])
