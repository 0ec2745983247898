"""What is done with proposals: drafted, attached to, filed, moved."""

from app.proposals.actions.attaching import attach_file, remove_attachment
from app.proposals.actions.drafting import CHANGED_MEANWHILE, WINDOW_SHUT, create_proposal, save_section
from app.proposals.actions.filing import NOT_FILED, record_proposal, submit_proposal
from app.proposals.actions.moving import move_proposal

__all__ = [
    "CHANGED_MEANWHILE",
    "NOT_FILED",
    "WINDOW_SHUT",
    "attach_file",
    "create_proposal",
    "move_proposal",
    "record_proposal",
    "remove_attachment",
    "save_section",
    "submit_proposal",
]
