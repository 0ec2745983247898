"""Sections, drafts, parts and facts compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from app.calls.facts import PlanStructure
from app.kernel.text import Text
from app.proposals.comparing.changes import (
    Change,
    Comparison,
    FieldChange,
    SectionComparison,
)
from app.proposals.comparing.marking import mark_differences
from app.proposals.comparing.reading import compare_values
from app.proposals.comparing.shape import (
    SECTION_NAMES,
    UNREAD,
    Names,
    Table,
    name_of,
    shape_of,
)
from app.proposals.comparing.tables import compare_tables
from app.proposals.comparing.unread import fold
from app.proposals.drafts import PART_SECTIONS, SECTIONS, Draft, Part, draft_from_facts
from app.proposals.facts import AgencyRef, AttachmentFacts, ProposalFacts

Value = Mapping[str, Any]
Directory = Mapping[str, AgencyRef]


def compare_section(
    section: str, before: Value, after: Value, plan: PlanStructure, directory: Directory
) -> SectionComparison:
    """Two values of one section: of a draft, of a participant's part ("links" has rows), or "attachments".

    Tolerates missing keys, which count as nothing, unknown keys, which count as text, and unknown codes.
    """
    return _compare(section, before, after, Names(plan, directory))


def compare_drafts(before: Draft, after: Draft, plan: PlanStructure, directory: Directory) -> Comparison:
    """Two drafts, all sections in order. With `attachment_rows` under "attachments" the files are compared too."""
    names = Names(plan, directory)
    return Comparison(
        tuple(
            _compare(section, before.get(section, {}), after.get(section, {}), names) for section in SECTIONS
        )
    )


def compare_parts(before: Part, after: Part, plan: PlanStructure, directory: Directory) -> Comparison:
    """Two values of a participant's part: {links, indicators, budget}, each {rows: []}."""
    names = Names(plan, directory)
    return Comparison(
        tuple(
            _compare(section, before.get(section, {}), after.get(section, {}), names, name)
            for section, name in PART_SECTIONS.items()
        )
    )


def compare_facts(
    before: ProposalFacts, after: ProposalFacts, plan: PlanStructure, directory: Directory | None = None
) -> Comparison:
    """Two filings. Agencies are called as in the facts, those of `after` first; `plan` names the codes."""
    known = dict(directory or {}) | _agencies(before) | _agencies(after)
    return compare_drafts(_filed(before), _filed(after), plan, known)


def attachment_rows(attachments: Iterable[AttachmentFacts]) -> dict[str, list[dict[str, str]]]:
    """Files as the rows of a section "attachments"."""
    return {
        "rows": [
            {"name": a.name, "kind": a.kind, "size": str(a.size), "sha256": a.sha256} for a in attachments
        ]
    }


def _filed(facts: ProposalFacts) -> Draft:
    """Facts as a draft, with what drafts do not hold: the files, and what partners answered."""
    draft = draft_from_facts(facts)
    for row, link in zip(draft["integration"]["links"], facts.integration.links, strict=True):
        row["answer"] = link.answer
        row["own_money"] = {True: "yes", False: "no", None: ""}[link.own_money]
    return draft | {"attachments": attachment_rows(facts.attachments)}


def _agencies(facts: ProposalFacts) -> dict[str, AgencyRef]:
    partners = (link.partner for link in facts.integration.links if link.partner)
    named = (*partners, *facts.integration.shared_service.users, *facts.agencies)
    return {agency.code: agency for agency in named}


def _compare(
    section: str, before: Value, after: Value, names: Names, name: Text | None = None
) -> SectionComparison:
    changes: list[Change] = []
    if before != after:
        old, new = fold(section, before), fold(section, after)
        for part in shape_of(section, old, new):
            change: Change | None
            if isinstance(part, Table):
                change = compare_tables(section, part, old.get(part.key, []), new.get(part.key, []), names)
            else:
                place = f"{section}-{part.key}"
                change = compare_values(part, place, old.get(part.key), new.get(part.key), names)
            if change is not None:
                changes.append(change)
        changes.extend(_compare_stray(old.get(UNREAD, {}), new.get(UNREAD, {})))
    return SectionComparison(section, name or SECTION_NAMES[section], tuple(changes))


def _compare_stray(before: Mapping[str, str], after: Mapping[str, str]) -> list[FieldChange]:
    """Unread texts that stand at no field."""
    return [
        FieldChange(
            place,
            name_of(place),
            old,
            new,
            mark_differences(old, new),
            before_unread=place in before,
            after_unread=place in after,
        )
        for place in dict.fromkeys((*before, *after))
        if (old := before.get(place, "")) != (new := after.get(place, ""))
    ]
