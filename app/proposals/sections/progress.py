"""How far a draft has come: per section what is missing before it can be filed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.calls.facts import Limits, PlanStructure
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.proposals.drafts import SECTIONS, Draft, empty_draft
from app.proposals.facts import ProposalFacts
from app.proposals.rules import list_problems


class Progress(StrEnum):
    """Where a section stands. Attachments are `OPTIONAL` while there are none."""

    NOT_STARTED = "not_started"
    INCOMPLETE = "incomplete"
    COMPLETE = "complete"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """A section with the problems that stand between it and the filing."""

    section: str
    name: Text
    state: Progress
    problems: tuple[Problem, ...]


def list_progress(
    draft: Draft, facts: ProposalFacts, plan: PlanStructure, limits: Limits
) -> list[SectionProgress]:
    """Every section in the order of the form; `facts` are those of the draft."""
    problems = list_problems(facts, plan, limits)
    nothing = empty_draft()
    found = []
    for section, name in SECTIONS.items():
        own = tuple(p for p in problems if p.section == section)
        if section == "attachments":
            state = Progress.COMPLETE if facts.attachments else Progress.OPTIONAL
        elif draft[section] == nothing[section]:
            state = Progress.NOT_STARTED
        else:
            state = Progress.INCOMPLETE if own else Progress.COMPLETE
        found.append(SectionProgress(section, name, state, own))
    return found
