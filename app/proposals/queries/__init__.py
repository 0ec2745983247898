"""What is asked of proposals. Readers name the actor, and what the actor may not know of is not found."""

from app.proposals.queries.drafts import (
    DraftView,
    agency_directory,
    agency_ref,
    draft_facts,
    get_draft,
    list_attachments,
    list_draft_facts,
    target_of,
)
from app.proposals.queries.filings import (
    Filing,
    FilingFilter,
    FilingRow,
    MoveView,
    count_by_state,
    count_states_by_call,
    get_filing,
    latest_submission,
    list_filings,
    list_moves,
    list_submitted_lines,
    read_facts,
)
from app.proposals.queries.own import OwnRow, list_own
from app.proposals.queries.receipts import Receipt, find_receipt_by_number, get_receipt

__all__ = [
    "DraftView",
    "Filing",
    "FilingFilter",
    "FilingRow",
    "MoveView",
    "OwnRow",
    "Receipt",
    "agency_directory",
    "agency_ref",
    "count_by_state",
    "count_states_by_call",
    "draft_facts",
    "find_receipt_by_number",
    "get_draft",
    "get_filing",
    "get_receipt",
    "latest_submission",
    "list_attachments",
    "list_draft_facts",
    "list_filings",
    "list_moves",
    "list_own",
    "list_submitted_lines",
    "read_facts",
    "target_of",
]
