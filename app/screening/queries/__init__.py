"""What is asked of screening."""

from app.screening.queries.cases import (
    Attention,
    CaseView,
    NoteView,
    count_attention,
    get_case,
    list_screeners,
)
from app.screening.queries.circumstances import gather_circumstances, situation_of
from app.screening.queries.latest import find_latest_runs
from app.screening.queries.queue import QueueRow, Trouble, describe_queue, list_queue
from app.screening.queries.replaying import replay_run
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
    "Attention",
    "CaseView",
    "FindingRow",
    "NoteView",
    "Override",
    "QueueRow",
    "RunView",
    "Trouble",
    "count_attention",
    "describe_queue",
    "find_latest_run",
    "find_latest_runs",
    "finding_from_row",
    "gather_circumstances",
    "get_case",
    "list_findings",
    "list_queue",
    "list_screeners",
    "load_rulebook",
    "replay_run",
    "situation_of",
]
