"""What the workbook shows beside the list: how it was changed by hand, overlaps, and who is linked with whom."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.rules import Permission, may
from app.kernel.lean import dataclass
from app.linkage.facts import Graph
from app.linkage.queries import call_graph
from app.portfolio.ledger import Departure
from app.portfolio.queries import list_departures
from app.similarity.queries import PairRow, list_pairs


@dataclass(frozen=True, slots=True)
class Annexes:
    """`overlaps` are the pairs from the working threshold on, `graph` the links; None where the reader may not see them."""

    departures: tuple[Departure, ...] = ()
    overlaps: tuple[PairRow, ...] | None = None
    graph: Graph | None = None

    def as_evidence(self) -> list[Any]:
        """What a fingerprint of the figures is taken over, as JSON values."""
        return [
            [[d.number, d.before, d.after, d.kind, d.asked, d.reason] for d in self.departures],
            None
            if self.overlaps is None
            else [[p.later.number, p.earlier.number, p.score, p.verdict, p.yields] for p in self.overlaps],
            None
            if self.graph is None
            else [
                [e.relation.value, e.proposal, e.agency, e.thing, e.partner, e.through, e.answer.value]
                for e in self.graph.edges
            ],
        ]


def list_annexes(session: Session, actor: Actor, call: CallView) -> Annexes:
    """The annexes as far as the actor may see them. The caller has asked whether the list may be read."""
    return Annexes(
        departures=list_departures(session, call),
        overlaps=tuple(list_pairs(session, actor, call.id, limit=None))
        if may(actor, Permission.READ_OVERLAPS)
        else None,
        graph=call_graph(session, actor, call) if may(actor, Permission.READ_LINKAGE) else None,
    )
