"""Findings: what an automatic rule says, and problems: what a person must mend.

A finding is stored as its rule, reason and evidence; the words come from the versioned rulebook, so a finding
made years ago still reads as it did.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from app.kernel.lean import dataclass
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: `place` is the field's address in the form, such as "budget-3-quantity"."""

    place: str
    text: Text
    section: str = ""


class Outcome(StrEnum):
    """What a rule concludes."""

    PASSES = "passes"
    NEEDS_PERSON = "needs_person"
    FAILS = "fails"


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The conclusion over several: one failure fails, else one doubt needs a person, else it passes."""
    seen = set(outcomes)
    for outcome in (Outcome.FAILS, Outcome.NEEDS_PERSON):
        if outcome in seen:
            return outcome
    return Outcome.PASSES


@dataclass(frozen=True, slots=True)
class Finding:
    """One conclusion of one rule.

    `reason` names the wording in the rulebook; `places` are addresses of the evidence in the facts;
    `values` fill the wording (strings, ints, or {"th": …, "en": …}).
    """

    rule: str
    outcome: Outcome
    reason: str
    places: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
