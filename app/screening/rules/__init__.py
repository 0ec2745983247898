"""The checks a rulebook can name, each a pure function from facts to findings, and the engine that runs them.

A check judges one subject and yields at least one finding, a plain pass included; which checks run, in which order,
with which parameters and in which words, the call's rulebook says.
"""

from app.screening.rules.engine import CHECKS, ExplainedFinding, Screening, conclude, explain, screen
from app.screening.rules.situation import Check, Situation

__all__ = [
    "CHECKS",
    "Check",
    "ExplainedFinding",
    "Screening",
    "Situation",
    "conclude",
    "explain",
    "screen",
]
