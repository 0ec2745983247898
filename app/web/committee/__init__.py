"""The committee's desk: the ranked list with its reasons, decisions, and the papers to print.

The secretariat reads the ranking and prints the papers through the same pages; only the committee decides.
"""

from app.web.committee import (
    books,
    calibration,
    certainty,
    charts,
    home,
    linkage,
    meetings,
    meetings_agenda,
    meetings_decisions,
    meetings_people,
    optimum,
    papers,
    proposal,
    ranking,
    scenarios,
    scenarios_adopting,
    scenarios_compared,
    scenarios_projects,
    scenarios_terms,
    sensitivity,
)
from app.web.committee.desk import blueprint, desk

__all__ = [
    "blueprint",
    "books",
    "calibration",
    "certainty",
    "charts",
    "desk",
    "home",
    "linkage",
    "meetings",
    "meetings_agenda",
    "meetings_decisions",
    "meetings_people",
    "optimum",
    "papers",
    "proposal",
    "ranking",
    "scenarios",
    "scenarios_adopting",
    "scenarios_compared",
    "scenarios_projects",
    "scenarios_terms",
    "sensitivity",
]
