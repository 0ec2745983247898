"""What is asked of the portfolio: the list of a call under its terms."""

from app.portfolio.queries.departures import compare_with_computed, list_departures, list_hands
from app.portfolio.queries.lists import (
    NOT_CALIBRATED,
    NOT_WEIGHABLE,
    CallEntries,
    adopted_scenario,
    adopted_terms,
    allocation_of,
    calibrated_scores,
    entries_under,
    find_line,
    list_entries,
    list_levels,
    ranked_list,
    terms_of,
)

__all__ = [
    "NOT_CALIBRATED",
    "NOT_WEIGHABLE",
    "CallEntries",
    "adopted_scenario",
    "adopted_terms",
    "allocation_of",
    "calibrated_scores",
    "compare_with_computed",
    "entries_under",
    "find_line",
    "list_departures",
    "list_entries",
    "list_hands",
    "list_levels",
    "ranked_list",
    "terms_of",
]
