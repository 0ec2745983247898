"""What is done about similar proposals: filings and drafts are compared, a pair is judged."""

from app.similarity.actions.asking import COMPARE_DRAFT, LOST_AFTER, ask_comparison
from app.similarity.actions.comparing import (
    compare_call,
    compare_draft,
    compare_filing,
    is_compared,
    keep_found,
    keep_found_for_draft,
)
from app.similarity.actions.judging import judge_pair

__all__ = [
    "COMPARE_DRAFT",
    "LOST_AFTER",
    "ask_comparison",
    "compare_call",
    "compare_draft",
    "compare_filing",
    "is_compared",
    "judge_pair",
    "keep_found",
    "keep_found_for_draft",
]
