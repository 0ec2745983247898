"""What is asked of similarity: pairs for the secretariat, and for an agency what it may know of its own."""

from app.similarity.queries.known import KnownPair, list_known
from app.similarity.queries.own import (
    BAND_NAMES,
    Band,
    ComparedDraft,
    OwnOverlaps,
    SeenOverlap,
    find_draft_overlaps,
    find_filing_overlaps,
)
from app.similarity.queries.pair import (
    PairView,
    VerdictView,
    WholeSide,
    find_current_pair,
    find_neighbours,
    get_pair,
    list_verdicts,
)
from app.similarity.queries.pairs import (
    JUDGED,
    UNJUDGED,
    PairCounts,
    PairFilter,
    PairRow,
    PairSide,
    count_pairs,
    count_uncompared,
    list_pairs,
    list_pairs_of,
)

__all__ = [
    "BAND_NAMES",
    "JUDGED",
    "UNJUDGED",
    "Band",
    "ComparedDraft",
    "KnownPair",
    "OwnOverlaps",
    "PairCounts",
    "PairFilter",
    "PairRow",
    "PairSide",
    "PairView",
    "SeenOverlap",
    "VerdictView",
    "WholeSide",
    "count_pairs",
    "count_uncompared",
    "find_current_pair",
    "find_draft_overlaps",
    "find_filing_overlaps",
    "find_neighbours",
    "get_pair",
    "list_known",
    "list_pairs",
    "list_pairs_of",
    "list_verdicts",
]
