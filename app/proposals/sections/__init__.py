"""The sections of the proposal form, as dry values.

In: the fields of one section as a browser sends them, and what the call offers. Out: the section's value for the
draft, every problem at its place, what to show again; and how far a draft has come, section by section.
Why: incomplete is fine and wrong is not. On any problem nothing of the section is to be saved, and nothing typed is
to be lost; both are easier to promise of plain functions than of a form library.
"""

from app.proposals.sections.progress import (
    Progress,
    SectionProgress,
    list_obstacles,
    list_progress,
    list_required,
)
from app.proposals.sections.reading import (
    FORM_SECTIONS,
    ROWS,
    Ground,
    Reading,
    empty_row,
    list_unreadable,
    read_section,
    show_section,
)

__all__ = [
    "FORM_SECTIONS",
    "ROWS",
    "Ground",
    "Progress",
    "Reading",
    "SectionProgress",
    "empty_row",
    "list_obstacles",
    "list_progress",
    "list_required",
    "list_unreadable",
    "read_section",
    "show_section",
]
