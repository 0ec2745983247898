"""What is done in screening. Runs and overrides move the proposal by its lifecycle; nothing else does."""

from app.screening.actions.overriding import ONLY_INFORMS, override_finding
from app.screening.actions.running import (
    ALREADY_DECIDED,
    OUT_FOR_REVISION,
    Rerun,
    finding_rows,
    screen_call,
    screen_proposal,
    situation_of,
)

__all__ = [
    "ALREADY_DECIDED",
    "ONLY_INFORMS",
    "OUT_FOR_REVISION",
    "Rerun",
    "finding_rows",
    "override_finding",
    "screen_call",
    "screen_proposal",
    "situation_of",
]
