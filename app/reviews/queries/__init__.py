"""What is asked of reviews. Readers name the actor; a reviewer's own work is sealed by a conflict of interest."""

from app.reviews.queries.conflicts import Interests, find_standing, read_interests
from app.reviews.queries.own import (
    AssignmentView,
    Cover,
    OwnAssignment,
    Sealed,
    find_own_assignment,
    get_assignment,
    get_cover,
    list_own_assignments,
    reviewers_of,
    scores_from_json,
)
from app.reviews.queries.records import (
    Record,
    ReviewRecords,
    ScoreRow,
    list_review_records,
    list_scores,
)
from app.reviews.queries.reviews import (
    ReviewView,
    finished_panels,
    list_other_reviews,
    list_reviews,
)
from app.reviews.queries.rounds import get_round, shows_names

__all__ = [
    "AssignmentView",
    "Cover",
    "Interests",
    "OwnAssignment",
    "Record",
    "ReviewRecords",
    "ReviewView",
    "ScoreRow",
    "Sealed",
    "find_own_assignment",
    "find_standing",
    "finished_panels",
    "get_assignment",
    "get_cover",
    "get_round",
    "list_other_reviews",
    "list_own_assignments",
    "list_review_records",
    "list_reviews",
    "list_scores",
    "read_interests",
    "reviewers_of",
    "scores_from_json",
    "shows_names",
]
