"""The secretariat's desk: calls, filings and their screening, who reviews what.

The committee may read what is filed through the same pages; what only the secretariat does is not offered to it.
"""

from app.web.secretariat import (
    adopting,
    assignments,
    bulk,
    calibration,
    calls,
    case,
    conflicts,
    conflicts_file,
    discussion,
    discussions,
    home,
    linkage,
    overlaps,
    proposal,
    proposals,
    results,
    returns,
    reviews,
    rulebooks,
    screening,
    screening_files,
    screenings,
)
from app.web.secretariat.desk import blueprint, desk

__all__ = [
    "adopting",
    "assignments",
    "blueprint",
    "bulk",
    "calibration",
    "calls",
    "case",
    "conflicts",
    "conflicts_file",
    "desk",
    "discussion",
    "discussions",
    "home",
    "linkage",
    "overlaps",
    "proposal",
    "proposals",
    "results",
    "returns",
    "reviews",
    "rulebooks",
    "screening",
    "screening_files",
    "screenings",
]
