"""Two values of a proposal compared, field by field, with the differences marked as a reader sees them.

In: section values as drafts and parts hold them, or frozen facts; the call's plan and the register for the names of
codes. Out: a `Comparison`, ready to be shown by templates/filing/changes.html.
Why: who signs, returns, answers or merges must see what changed, and not only that something did.
"""

from app.proposals.comparing.changes import (
    Change,
    Comparison,
    FieldChange,
    ListChange,
    RowChange,
    RowKind,
    SectionComparison,
    TableChange,
    TotalChange,
    Totals,
    signed_baht,
    signed_count,
)
from app.proposals.comparing.marking import Mark, Span, mark_differences, shorten
from app.proposals.comparing.sections import (
    attachment_rows,
    compare_drafts,
    compare_facts,
    compare_parts,
    compare_section,
)
from app.proposals.comparing.shape import name_of

__all__ = [
    "Change",
    "Comparison",
    "FieldChange",
    "ListChange",
    "Mark",
    "RowChange",
    "RowKind",
    "SectionComparison",
    "Span",
    "TableChange",
    "TotalChange",
    "Totals",
    "attachment_rows",
    "compare_drafts",
    "compare_facts",
    "compare_parts",
    "compare_section",
    "mark_differences",
    "name_of",
    "shorten",
    "signed_baht",
    "signed_count",
]
