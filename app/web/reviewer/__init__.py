"""The reviewer's desk: what was given to me, and one review with the proposal and the rubric side by side."""

from app.web.reviewer import autosave, choosing, cover, discussion, history, home, interests, review
from app.web.reviewer.desk import blueprint, desk

__all__ = [
    "autosave",
    "blueprint",
    "choosing",
    "cover",
    "desk",
    "discussion",
    "history",
    "home",
    "interests",
    "review",
]
