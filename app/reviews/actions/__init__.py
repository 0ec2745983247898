"""What is done in reviews: rounds, assignments and their answers, words on interests, scores."""

from app.reviews.actions.answering import accept_assignment, declare_conflict, decline_assignment
from app.reviews.actions.assigning import assign_reviewers, withdraw_assignment
from app.reviews.actions.rounds import move_round, reopen_review, set_round
from app.reviews.actions.scoring import Saved, save_review, submit_review
from app.reviews.actions.stating import judge_interests

__all__ = [
    "Saved",
    "accept_assignment",
    "assign_reviewers",
    "declare_conflict",
    "decline_assignment",
    "judge_interests",
    "move_round",
    "reopen_review",
    "save_review",
    "set_round",
    "submit_review",
    "withdraw_assignment",
]
