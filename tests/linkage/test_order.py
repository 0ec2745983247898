"""What is built, found, measured and drawn never depends on the order proposals, links, users or participants come in."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.linkage.building import build
from app.linkage.drawing import draw
from app.linkage.facts import Claims, Graph, Kind
from app.linkage.findings import list_findings
from app.linkage.measuring import list_hubs, shape_of
from tests.linkage.claims import PLAN, STAGES
from tests.linkage.made_up import make_claims


def _shuffled(claims: list[Claims], chance: Random) -> list[Claims]:
    def mixed(values: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(chance.sample(values, len(values)))

    found = []
    for one in claims:
        i = one.integration
        service = replace(i.shared_service, users=mixed(i.shared_service.users))
        found.append(
            replace(
                one,
                participants=mixed(one.participants),
                integration=replace(i, links=mixed(i.links), forms=mixed(i.forms), shared_service=service),
            )
        )
    return chance.sample(found, len(found))


def _all_of(graph: Graph) -> tuple[object, ...]:
    out = [n.key for n in graph.of_kind(Kind.PROPOSAL) if n.state == "failed"]
    return (
        list(graph.nodes.items()),
        graph.edges,
        list_findings(graph, out),
        shape_of(graph),
        list_hubs(graph),
        draw(graph, STAGES, "th"),
    )


@settings(max_examples=25, deadline=None)
@given(count=st.integers(0, 14), seed=st.integers(0, 10_000), order=st.randoms(use_true_random=False))
def test_order_changes_nothing(count: int, seed: int, order: Random) -> None:
    claims = make_claims(count, seed)
    assert _all_of(build(_shuffled(claims, order), PLAN)) == _all_of(build(claims, PLAN))
