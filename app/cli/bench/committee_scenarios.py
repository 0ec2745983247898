"""What the list and its scenarios cost: a made-up list of 1,000 proposals laid under its ceiling alone and under every
kind of term, its terms judged, its ledger drawn up, and four scenarios set side by side.

In: nothing but seeds. Out: seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from app.cli.bench.committee_certainty import PROPOSALS, WEIGHTS, Say, every_term, make_list
from app.cli.bench.made_up import NOW
from app.cli.bench.measure import Figure, time_calls
from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import Adjusting, Adjustment, Terms
from app.portfolio.ledger import Hand, departures_of
from app.portfolio.quarters import QUARTER_NAMES
from app.portfolio.scenarios import Known, find_problems
from app.portfolio.side_by_side import compared_rows, totals_by, totals_by_quarter

_STAGES = frozenset({"upstream", "midstream", "downstream"})


def measure_scenarios(say: Say, proposals: int = PROPOSALS) -> list[Figure]:
    """Measure; `say` tells the details."""
    entries, _, _ = make_list(proposals)
    rich = every_term(entries)
    adjustments = {
        entry.number: Adjustment(Adjusting.CUT, entry.requested * 9 // 10, "ปรับลด") for entry in entries[::20]
    }
    by_hand = replace(rich, adjustments=adjustments)
    known = Known(tuple(entries), WEIGHTS, _STAGES, {e.guideline: e.stage for e in entries})
    hands = {number: Hand(one, Text("ผู้ปรับ", "Somebody"), NOW) for number, one in adjustments.items()}
    terms = (Terms(rich.ceiling), rich, by_hand, Terms(rich.ceiling * 9 // 10))
    quarters = {e.proposal_id: tuple(e.requested // 5 for _ in QUARTER_NAMES) for e in entries}

    def ledger() -> object:
        return departures_of(allocate(entries, rich), allocate(entries, by_hand), hands)

    def beside() -> object:
        rows = compared_rows([allocate(entries, one) for one in terms])
        groups = [totals_by(rows, key) for key in (lambda e: e.stage, lambda e: e.ministry_code)]
        return groups, totals_by_quarter(rows, quarters)

    told = departures_of(allocate(entries, rich), allocate(entries, by_hand), hands)
    say(f"Scenarios, {proposals:,} proposals: {len(hands)} changed by hand make {len(told)} departures")
    return [
        Figure("the list under its ceiling alone", _seconds(lambda: allocate(entries, terms[0])), "s", 0.1),
        Figure("the list under every kind of term", _seconds(lambda: allocate(entries, rich)), "s", 0.1),
        Figure("what is wrong with every kind of term", _seconds(lambda: find_problems(rich, known)), "s"),
        Figure(f"the ledger of {len(hands)} changes by hand", _seconds(ledger), "s"),
        Figure("four scenarios side by side", _seconds(beside), "s"),
    ]


def _seconds(what: Callable[[], object]) -> float:
    """The median of a few times, wall clock."""
    return time_calls(lambda _: what(), 5, warm=1).wall / 1000
