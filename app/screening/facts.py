"""What is known around a proposal when it is screened: kept with the run, so that the run can be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class PeerPrices:
    """What other proposals of the call ask for one of the same item: how many lines, and the middle, satang."""

    lines: int
    median: int
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class PastPerformance:
    """What became of the project continued. Satang; `reached` of `indicators` whose result is known."""

    number: str
    as_of: date
    granted: int
    spent: int
    indicators: int
    reached: int
    source: str


@dataclass(frozen=True, slots=True)
class KnownOverlap:
    """A filing this one resembles. `score` per mille. `verdict` is "" while nobody has judged the pair; `yields` is
    the number of the proposal that should give way."""

    number: str
    title: Text
    agency: Text
    fiscal_year: int
    score: int
    verdict: str = ""
    yields: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that rules may know besides the filing, the call and its documents.

    `peers` is by `proposals.rules.item_key` of this proposal's lines. `past` is None where nothing was reported, or
    nothing is continued. `overlaps` is None while the filing was not compared yet; best first, judged ones included.
    """

    peers: Mapping[str, PeerPrices] = field(default_factory=dict)
    past: PastPerformance | None = None
    overlaps: tuple[KnownOverlap, ...] | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain values for canonical JSON; `from_json` reads them back."""
        past = self.past
        return {
            "peers": {key: [p.lines, p.median, p.lowest, p.highest] for key, p in sorted(self.peers.items())},
            "past": None
            if past is None
            else {
                "number": past.number,
                "as_of": past.as_of.isoformat(),
                "granted": past.granted,
                "spent": past.spent,
                "indicators": past.indicators,
                "reached": past.reached,
                "source": past.source,
            },
            "overlaps": None
            if self.overlaps is None
            else [
                {
                    "number": o.number,
                    "title": o.title.as_dict(),
                    "agency": o.agency.as_dict(),
                    "fiscal_year": o.fiscal_year,
                    "score": o.score,
                    "verdict": o.verdict,
                    "yields": o.yields,
                    "reason": o.reason,
                }
                for o in self.overlaps
            ],
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Circumstances:
        """What `as_json` wrote; an empty value, of a run made before anything around was known, is nothing known."""
        past, overlaps = value.get("past"), value.get("overlaps")
        return cls(
            peers={key: PeerPrices(*numbers) for key, numbers in value.get("peers", {}).items()},
            past=PastPerformance(**{**past, "as_of": date.fromisoformat(past["as_of"])}) if past else None,
            overlaps=None
            if overlaps is None
            else tuple(
                KnownOverlap(
                    **{**o, "title": Text.from_dict(o["title"]), "agency": Text.from_dict(o["agency"])}
                )
                for o in overlaps
            ),
        )
