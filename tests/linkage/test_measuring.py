"""What hangs together, and what much hangs on."""

from __future__ import annotations

from collections import Counter

from app.linkage.building import build
from app.linkage.facts import Standing
from app.linkage.measuring import as_network, list_hubs, shape_of
from app.proposals.facts import Answer
from tests.linkage.claims import PLAN, claims, link


def test_a_graph_in_numbers() -> None:
    graph = build(
        [
            claims(1, "a", link("x", "b", answer=Answer.CONFIRMED), link("y", "c", answer=Answer.DECLINED)),
            claims(2, "b", link("z", "d")),
            claims(3, "e"),
            claims(4, "e"),
            claims(5, "f", link("w", "g")),
        ],
        PLAN,
    )
    shape = shape_of(graph)
    assert (shape.proposals, shape.agencies, shape.things, shape.platforms) == (5, 7, 4, 1)
    assert shape.links == Counter({Standing.CLAIMED: 2, Standing.CONFIRMED: 1, Standing.DECLINED: 1})
    # 1 and 2 through b, 3 and 4 through their lead, 5 alone: all through the same platform, which joins nothing
    assert (shape.parts, shape.largest, shape.alone) == (3, 2, 1)


def test_what_a_partner_declined_connects_nothing() -> None:
    graph = build([claims(1, "a", link("x", "b", answer=Answer.DECLINED)), claims(2, "b")], PLAN)
    assert shape_of(graph).parts == 2


def test_the_network_knows_platforms_when_asked() -> None:
    graph = build([claims(1, "a", link("x", "b")), claims(2, "c", link("y", "d"))], PLAN)
    assert "platform:gdx" not in as_network(graph)
    assert as_network(graph, platforms=True).degree("platform:gdx") == 2


def test_hubs_are_what_proposals_need_the_most_needed_first() -> None:
    graph = build(
        [
            claims(1, "a", link("x", "p", answer=Answer.CONFIRMED), link("y", "q", channel="direct_api")),
            claims(2, "b", link("x", "p")),
            claims(3, "c", link("x", "p", "provides")),
            claims(4, "d", link("x", "p", answer=Answer.DECLINED)),
            claims(5, "e", link("y", "q", channel="direct_api")),
        ],
        PLAN,
    )
    hubs = {h.node.key: (h.dependents, h.confirmed, h.only, h.is_joint) for h in list_hubs(graph)}
    assert hubs == {
        "agency:p": (("proposal:1", "proposal:2"), 1, 1, False),
        "platform:gdx": (("proposal:1", "proposal:2"), 1, 1, False),
        "agency:q": (("proposal:1", "proposal:5"), 0, 1, False),
    }
    assert list(hubs) == ["agency:p", "agency:q", "platform:gdx"]


def test_a_joint_is_what_the_graph_falls_apart_without() -> None:
    graph = build([claims(1, "a", link("x", "p")), claims(2, "b", link("y", "p"))], PLAN)
    assert [(h.node.key, h.is_joint) for h in list_hubs(graph)] == [
        ("agency:p", True),
        ("platform:gdx", False),
    ]


def test_least_and_limit() -> None:
    graph = build([claims(n, f"a{n}", link("x", "p")) for n in range(1, 4)], PLAN)
    assert not list_hubs(graph, least=4)
    assert len(list_hubs(graph, least=3, limit=1)) == 1
