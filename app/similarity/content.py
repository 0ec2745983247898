"""Comparisons as JSON values, the way they are kept, and the mark of a text that was compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.text import Text
from app.similarity.facts import Comparable, Comparison, Ground, Match, Reason


def comparison_as_json(comparison: Comparison) -> dict[str, Any]:
    """Plain values for canonical JSON; `comparison_from_json` reads them back."""
    return {
        "score": comparison.score,
        "reasons": [[r.ground.value, r.weight, r.text.as_dict()] for r in comparison.reasons],
        "matches": [
            [m.left, m.left_start, m.left_end, m.right, m.right_start, m.right_end, m.likeness]
            for m in comparison.matches
        ],
    }


def comparison_from_json(value: Mapping[str, Any]) -> Comparison:
    """What `comparison_as_json` wrote."""
    return Comparison(
        score=value["score"],
        reasons=tuple(
            Reason(Ground(ground), weight, Text.from_dict(text)) for ground, weight, text in value["reasons"]
        ),
        matches=tuple(Match(*match) for match in value["matches"]),
    )


def comparable_sha256(one: Comparable) -> str:
    """What of a draft was compared, as a hash: a change of anything else leaves a comparison standing."""
    return sha256_text(
        canonical_json(
            {
                "title": one.title.as_dict(),
                "passages": [[p.place, p.text] for p in one.passages],
                "items": [[i.place, i.text, i.amount] for i in one.items],
                "systems": [[p.place, p.text] for p in one.systems],
                "agencies": sorted(one.agencies),
                "partners": sorted(one.partners),
                "continues": one.continues,
            }
        )
    )
