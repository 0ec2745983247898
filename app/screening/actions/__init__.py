"""What is done in screening. Runs and overrides move the proposal by its lifecycle; nothing else does."""

from app.screening.actions.bulk import CHANGED_MEANWHILE, NOTHING_TO_DO, carry_out
from app.screening.actions.casework import add_note, assign_cases
from app.screening.actions.overriding import ONLY_INFORMS, override_finding
from app.screening.actions.planning import plan_bulk
from app.screening.actions.running import (
    ALREADY_DECIDED,
    OUT_FOR_REVISION,
    Rerun,
    finding_rows,
    screen_call,
    screen_proposal,
)
from app.screening.queries import situation_of

__all__ = [
    "ALREADY_DECIDED",
    "CHANGED_MEANWHILE",
    "NOTHING_TO_DO",
    "ONLY_INFORMS",
    "OUT_FOR_REVISION",
    "Rerun",
    "add_note",
    "assign_cases",
    "carry_out",
    "finding_rows",
    "override_finding",
    "plan_bulk",
    "screen_call",
    "screen_proposal",
    "situation_of",
]
