"""What is known around a proposal when it is screened: kept with the run, so that the run can be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field
from datetime import date
from typing import Any

from app.kernel.lean import dataclass
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class PeerPrices:
    """What other proposals of the call ask for one of the same item: how many lines, and the middle, satang."""

    lines: int
    median: int
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Committed:
    """What the filing continued had bound in one item, satang: `due` in the year of this call, `after` later."""

    item: str
    due: int
    after: int


@dataclass(frozen=True, slots=True)
class LaterAnswer:
    """What a partner said of a link after the filing: "confirmed" or "declined", and whether it asks for money of its
    own (None: not said)."""

    answer: str
    own_money: bool | None


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
    the number of the proposal that should give way, `lead` the code of the agency that leads the other."""

    number: str
    title: Text
    agency: Text
    fiscal_year: int
    score: int
    verdict: str = ""
    yields: str = ""
    reason: str = ""
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that rules may know besides the filing, the call and its documents.

    `peers` and `committed` are by `proposals.facts.item_key` of lines, of this proposal and of the filing it
    continues; `answers` by the hash of a link. `past` is None where nothing was reported, or nothing is continued.
    `overlaps` is None while the filing was not compared yet; best first, judged ones included.
    """

    peers: Mapping[str, PeerPrices] = field(default_factory=dict)
    past: PastPerformance | None = None
    overlaps: tuple[KnownOverlap, ...] | None = None
    committed: Mapping[str, Committed] = field(default_factory=dict)
    answers: Mapping[str, LaterAnswer] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Plain values for canonical JSON; `from_json` reads them back."""
        return {
            "peers": {key: [p.lines, p.median, p.lowest, p.highest] for key, p in sorted(self.peers.items())},
            "past": {**asdict(self.past), "as_of": self.past.as_of.isoformat()} if self.past else None,
            "overlaps": None if self.overlaps is None else [asdict(o) for o in self.overlaps],
            "committed": {key: [c.item, c.due, c.after] for key, c in sorted(self.committed.items())},
            "answers": {key: [a.answer, a.own_money] for key, a in sorted(self.answers.items())},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Circumstances:
        """What `as_json` wrote; what an earlier run did not know yet is nothing known."""
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
            committed={key: Committed(*parts) for key, parts in value.get("committed", {}).items()},
            answers={key: LaterAnswer(*parts) for key, parts in value.get("answers", {}).items()},
        )
