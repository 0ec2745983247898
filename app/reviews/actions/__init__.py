"""What is done in reviews: rounds, assignments and their answers, words on interests, scores."""

from app.reviews.actions.answering import accept_assignment, declare_conflict, decline_assignment
from app.reviews.actions.assigning import (
    Seat,
    assign_reviewers,
    assign_seats,
    reassign_reviewer,
    withdraw_assignment,
)
from app.reviews.actions.declaring import declare_tie, end_tie, retract_conflict
from app.reviews.actions.panels import change_panel, end_panel, make_panel, set_profile
from app.reviews.actions.plans import apply_plan, change_seat, drop_plan, make_plan
from app.reviews.actions.rounds import move_round, reopen_review, set_round
from app.reviews.actions.rubrics import adopt_rubric_version, offer_rubric, plan_rubric
from app.reviews.actions.scoring import Saved, save_review, submit_review
from app.reviews.actions.stating import (
    WordPlan,
    WordStep,
    give_words,
    judge_interests,
    plan_words,
    recuse_reviewer,
)
from app.reviews.actions.two_pages import SavedElsewhere

__all__ = [
    "Saved",
    "SavedElsewhere",
    "Seat",
    "WordPlan",
    "WordStep",
    "accept_assignment",
    "adopt_rubric_version",
    "apply_plan",
    "assign_reviewers",
    "assign_seats",
    "change_panel",
    "change_seat",
    "declare_conflict",
    "declare_tie",
    "decline_assignment",
    "drop_plan",
    "end_panel",
    "end_tie",
    "give_words",
    "judge_interests",
    "make_panel",
    "make_plan",
    "move_round",
    "offer_rubric",
    "plan_rubric",
    "plan_words",
    "reassign_reviewer",
    "recuse_reviewer",
    "reopen_review",
    "retract_conflict",
    "save_review",
    "set_profile",
    "set_round",
    "submit_review",
    "withdraw_assignment",
]
