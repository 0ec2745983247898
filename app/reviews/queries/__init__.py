"""What is asked of reviews. Readers name the actor; a reviewer's own work is sealed by a conflict of interest."""

from app.reviews.queries.conflicts import Interests, find_standing, read_interests
from app.reviews.queries.own import (
    AssignmentView,
    Cover,
    Sealed,
    find_own_assignment,
    find_own_rubric,
    get_assignment,
    get_cover,
    reviewers_of,
    scores_from_json,
)
from app.reviews.queries.own_list import OwnAssignment, list_own_assignments, read_own_list
from app.reviews.queries.records import list_review_records, list_scores
from app.reviews.queries.reviews import (
    ReviewView,
    finished_panels,
    list_other_reviews,
    list_reviews,
)
from app.reviews.queries.revisions import CAUSES, Revision, list_revisions
from app.reviews.queries.rounds import get_round, shows_names

__all__ = [
    "CAUSES",
    "AssignmentView",
    "Cover",
    "Interests",
    "OwnAssignment",
    "ReviewView",
    "Revision",
    "Sealed",
    "find_own_assignment",
    "find_own_rubric",
    "find_standing",
    "finished_panels",
    "get_assignment",
    "get_cover",
    "get_round",
    "list_other_reviews",
    "list_own_assignments",
    "list_review_records",
    "list_reviews",
    "list_revisions",
    "list_scores",
    "read_interests",
    "read_own_list",
    "reviewers_of",
    "scores_from_json",
    "shows_names",
]
