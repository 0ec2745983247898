"""What an agency's list of proposals is narrowed to, as it stands in the address: shared by the list and its papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from app.calls.facts import PlanStructure
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import TextError, search_key
from app.proposals.queries.own import FILED, ORDER_NAMES, SIDE_NAMES, Order, OwnFilter, OwnKinds
from app.proposals.states import DRAFT, STATES
from app.proposals.turns import PARTY_NAMES
from app.web.forms import read_id
from app.web.tags import Options

MINE = "mine"
WHO = {MINE: Text("ท่าน", "You")} | {party.value: name for party, name in PARTY_NAMES.items()}
_LONGEST = 100
_ALL_FILED = Text("ยื่นแล้วทั้งหมด", "All that were filed")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the address, unknown values let go. `year` is None for every year; `who` and `order` are for the
    list alone."""

    year: int | None
    text: str
    state: str
    stage: str
    side: str
    who: str
    order: Order

    @property
    def own(self) -> OwnFilter:
        return OwnFilter(self.year, self.text, self.state, self.stage, self.side)

    @property
    def is_everything(self) -> bool:
        return not (self.year or self.text or self.state or self.stage or self.side or self.who)

    def address(self, **changes: Any) -> dict[str, Any]:
        """The arguments of the same view for `url_for`, with `changes`."""
        kept = {
            "year": self.year,
            "q": self.text,
            "state": self.state,
            "stage": self.stage,
            "side": self.side,
            "who": self.who,
            "sort": "" if self.order is Order.CHANGED else self.order.value,
        }
        return {key: value for key, value in (kept | changes).items() if value}


@dataclass(frozen=True, slots=True)
class Offered:
    """What the filters offer: values of the reader's own proposals, and whatever else the address asks for."""

    years: dict[str, Text]
    states: dict[str, Text]
    stages: dict[str, Text]

    def options(self, wanted: Wanted) -> dict[str, Markup]:
        """The `<option>`s of every filter, with what is wanted selected."""
        return {
            "year": Options((self.years | _year(wanted.year)).items()).html(wanted.year),
            "state": Options((self.states | _state(wanted.state)).items()).html(wanted.state),
            "stage": Options(self.stages.items()).html(wanted.stage),
            "side": Options((side.value, name) for side, name in SIDE_NAMES.items()).html(wanted.side),
            "who": Options(WHO.items()).html(wanted.who),
            "sort": Options((order.value, name) for order, name in ORDER_NAMES.items()).html(wanted.order),
        }


def offered_of(kinds: OwnKinds, plan: PlanStructure | None) -> Offered:
    """The filters for what there is; stages are named by `plan`."""
    states = {state: STATES[state] for state in kinds.states}
    if any(state != DRAFT for state in states):
        states = {FILED: _ALL_FILED} | states
    return Offered(
        {key: words for year in kinds.years for key, words in _year(year).items()},
        states,
        {c.code: c.name for c in plan.stages if c.code in kinds.stages} if plan else {},
    )


def _year(year: int | None) -> dict[str, Text]:
    return {str(year): Text(f"ปีงบประมาณ {year}", f"FY {year}")} if year else {}


def _state(state: str) -> dict[str, Text]:
    return {state: (STATES | {FILED: _ALL_FILED})[state]} if state else {}


def read_wanted(args: Mapping[str, str], offered: Offered) -> Wanted:
    """The filters of an address or a form. A year or state nobody has finds nothing; what is no year or state is let
    go."""

    def one_of(key: str, names: Mapping[str, Text]) -> str:
        value = args.get(key, "")
        return value if value in names else ""

    order = args.get("sort", "")
    return Wanted(
        year=read_id(args.get("year")),
        text=readable(args.get("q", "")),
        state=one_of("state", STATES | {FILED: _ALL_FILED}),
        stage=one_of("stage", offered.stages),
        side=one_of("side", {side.value: name for side, name in SIDE_NAMES.items()}),
        who=one_of("who", WHO),
        order=Order(order) if order in set(Order) else Order.CHANGED,
    )


def readable(typed: str) -> str:
    """What to look for, or "" when it cannot be searched for."""
    try:
        search_key(typed[:_LONGEST])
    except TextError:
        return ""
    return typed[:_LONGEST].strip()
