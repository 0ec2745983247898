"""What is done with proposals: drafted, shared with participants and partners, signed, filed, returned, moved."""

from app.proposals.actions.answering import GivenAnswer, answer_questions
from app.proposals.actions.asking import ask_question, drop_question, edit_question
from app.proposals.actions.attaching import (
    EMPTY,
    TOO_LARGE,
    StoredFile,
    attach_file,
    remove_attachment,
    replace_attachment,
    store_file,
)
from app.proposals.actions.carrying import continue_proposal
from app.proposals.actions.certifying import (
    CHANGED_SINCE,
    ask_signature,
    note_look,
    sign_part,
    sign_proposal,
)
from app.proposals.actions.drafting import WINDOW_SHUT, create_proposal
from app.proposals.actions.filing import NOT_FILED, record_proposal, submit_proposal, withdraw_proposal
from app.proposals.actions.linking import answer_link, ask_partners
from app.proposals.actions.moving import move_proposal
from app.proposals.actions.partners import answer_invitation, confirm_part, invite_participants
from app.proposals.actions.recalling import recall_return
from app.proposals.actions.reporting import record_results
from app.proposals.actions.returning import extend_return, return_proposal
from app.proposals.actions.saving import CHANGED_MEANWHILE, Conflict, Saved, save_section

__all__ = [
    "CHANGED_MEANWHILE",
    "CHANGED_SINCE",
    "EMPTY",
    "NOT_FILED",
    "TOO_LARGE",
    "WINDOW_SHUT",
    "Conflict",
    "GivenAnswer",
    "Saved",
    "StoredFile",
    "answer_invitation",
    "answer_link",
    "answer_questions",
    "ask_partners",
    "ask_question",
    "ask_signature",
    "attach_file",
    "confirm_part",
    "continue_proposal",
    "create_proposal",
    "drop_question",
    "edit_question",
    "extend_return",
    "invite_participants",
    "move_proposal",
    "note_look",
    "recall_return",
    "record_proposal",
    "record_results",
    "remove_attachment",
    "replace_attachment",
    "return_proposal",
    "save_section",
    "sign_part",
    "sign_proposal",
    "store_file",
    "submit_proposal",
    "withdraw_proposal",
]
