"""What is asked of decisions and of the meetings that make them."""

from app.decisions.queries.deciding import (
    DecisionView,
    approved_by_call,
    approved_total,
    current_decisions,
    deciding_on,
    decisions_and_rest,
    decisions_at,
    decisions_on,
)

__all__ = [
    "DecisionView",
    "approved_by_call",
    "approved_total",
    "current_decisions",
    "deciding_on",
    "decisions_and_rest",
    "decisions_at",
    "decisions_on",
]
