"""What the rules of screening say, as it is sent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.api.calls import CODE, said
from app.api.shapes import BOTH, Flag, Listed, Maybe, OneOf, Thing, Words
from app.kernel.findings import Outcome, worst
from app.screening.rules import ExplainedFinding

OUTCOME = OneOf(tuple(o.value for o in Outcome))
FINDING = Thing(
    "Finding",
    {
        "outcome": OUTCOME,
        "text": BOTH,
        "remedy": Maybe(BOTH, "What would change it"),
        "places": Listed(Words(300), 2000, "Where in the proposal, such as budget-3-quantity"),
    },
)
RULE_RESULT = Thing(
    "RuleResult",
    {
        "rule": CODE,
        "name": BOTH,
        "basis": BOTH,
        "decides": Flag("Whether the rule decides the screening, or only informs it"),
        "outcome": OUTCOME,
        "findings": Listed(FINDING, 2000),
    },
)


def write_results(findings: Iterable[ExplainedFinding]) -> list[dict[str, Any]]:
    """Findings by rule, in the order they came."""
    grouped: dict[str, list[ExplainedFinding]] = {}
    for finding in findings:
        grouped.setdefault(finding.rule, []).append(finding)
    return [
        {
            "rule": rule,
            "name": said(found[0].rule_name),
            "basis": said(found[0].basis),
            "decides": found[0].decides,
            "outcome": worst(f.outcome for f in found).value,
            "findings": [
                {
                    "outcome": f.outcome.value,
                    "text": said(f.text),
                    "remedy": said(f.remedy) if f.remedy else None,
                    "places": list(f.places),
                }
                for f in found
            ],
        }
        for rule, found in grouped.items()
    ]
