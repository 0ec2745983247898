"""How far a draft has come: per section what is missing before it can be filed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from app.calls.facts import Limits, PlanStructure
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.drafts import ROWS_OF, SECTIONS, Draft, Part, empty_draft
from app.proposals.facts import ProposalFacts
from app.proposals.rules import list_missing, list_problems


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


UNREAD = Text("ยังอ่าน “{typed}” ไม่ได้ กรุณาแก้ไขช่องนี้", "“{typed}” cannot be read; mend this field")
_SHOWN = 40  # letters of an unreadable text in its problem


def list_obstacles(
    draft: Draft,
    parts: Mapping[str, Part],
    facts: ProposalFacts,
    plan: PlanStructure,
    limits: Limits,
) -> list[Problem]:
    """Everything that stands between a draft with the parts of its participants and the filing: what is missing or
    wrong in its facts, and what was typed and cannot be read. Places are those of the whole proposal."""
    unread = _unread(draft, {code: part for code, part in parts.items() if facts.has_participant(code)})
    places = {p.place for p in unread}
    return [*unread, *(p for p in list_problems(facts, plan, limits) if p.place not in places)]


def _unread(draft: Draft, parts: Mapping[str, Part]) -> list[Problem]:
    found = [
        Problem(place, _cannot_read(typed), section)
        for section, value in draft.items()
        for place, typed in value.get("unread", {}).items()
    ]
    for whole, (own, in_part) in ROWS_OF.items():
        before = len(draft[whole][own])
        for part in parts.values():
            for place, typed in part[in_part].get("unread", {}).items():
                _, digits, field = place.split("-", 2)
                found.append(Problem(f"{whole}-{before + int(digits)}-{field}", _cannot_read(typed), whole))
            before += len(part[in_part]["rows"])
    return found


def _cannot_read(typed: str) -> Text:
    return UNREAD.fill(typed=typed if len(typed) <= _SHOWN else typed[:_SHOWN] + "…")


def list_required(facts: ProposalFacts, plan: PlanStructure) -> list[Problem]:
    """Everything the form asks for as it is now filled in: what would be missing if each field in it were empty."""
    i = facts.integration
    blank = replace(
        facts,
        title=Text("", ""),
        stage="",
        guideline="",
        integration=replace(
            i,
            links=tuple(
                replace(k, kind="", name="", direction="", partner=None, partner_other="", channel="")
                for k in i.links
            ),
            curriculum="",
            standard="",
            standard_scope="",
            shared_service=replace(i.shared_service, name="", free=None, all_agencies=False, users=()),
        ),
        rationale="",
        objectives="",
        outputs="",
        indicators=tuple(replace(k, name="", unit="", target="") for k in facts.indicators),
        lines=tuple(
            replace(k, agency="", category="", item="", quantity=None, unit="", unit_price=None)
            for k in facts.lines
        ),
        reduced=replace(facts.reduced, scope="") if facts.reduced else None,
    )
    # the strategy stays, since it decides whether a focus area is asked for; it is asked for itself
    strategy = [Problem("plan-strategy", Text("", ""), "plan")] if facts.strategy else []
    return list_missing(replace(blank, focus_area=""), plan) + strategy


def list_progress(draft: Draft, facts: ProposalFacts, problems: Sequence[Problem]) -> list[SectionProgress]:
    """Every section in the order of the form; `facts` and `problems` are those of the draft."""
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
