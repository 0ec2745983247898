"""What is asked of screening."""

from app.screening.queries.circumstances import gather_circumstances
from app.screening.queries.runs import (
    FindingRow,
    Override,
    RunView,
    find_latest_run,
    finding_from_row,
    list_findings,
    load_rulebook,
)

__all__ = [
    "FindingRow",
    "Override",
    "RunView",
    "find_latest_run",
    "finding_from_row",
    "gather_circumstances",
    "list_findings",
    "load_rulebook",
]
