"""Two people's changes of one section brought together, field by field, against what both began from.

In: the section's value when the form was opened, as typed, and as somebody else saved it since. Out: `Merged`: the
value with both changes, the places where theirs came in, and a conflict wherever both changed the same thing in
different ways, or where it is not certain which row became which. `resolve` makes the value of a person's choices.
Why: nothing is overwritten silently, and nobody is asked about changes that do not touch.
"""

from app.proposals.merging.facts import Conflict, Merged
from app.proposals.merging.showing import ShownCell, ShownConflict, Side, show_conflicts
from app.proposals.merging.three_way import merge_section, resolve

__all__ = [
    "Conflict",
    "Merged",
    "ShownCell",
    "ShownConflict",
    "Side",
    "merge_section",
    "resolve",
    "show_conflicts",
]
