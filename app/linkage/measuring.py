"""What hangs together in a graph, and what much hangs on."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from app.kernel.lean import dataclass
from app.linkage.facts import Edge, Graph, Kind, Node, Relation, Standing

if TYPE_CHECKING:
    import networkx


# channels that are nobody's: what runs through them hangs on nothing in common
NO_PLATFORMS = frozenset({"platform:direct_api", "platform:other"})
_HUBS = frozenset({Kind.AGENCY, Kind.OUTSIDE, Kind.PLATFORM})


@dataclass(frozen=True, slots=True)
class Shape:
    """A graph in numbers. `links` by standing; `parts` are the groups of proposals that hang together through agencies
    and things, `largest` how many proposals the largest holds, `alone` how many share nothing with any other."""

    proposals: int
    agencies: int
    things: int
    platforms: int
    links: Counter[Standing]
    parts: int
    largest: int
    alone: int

    @property
    def all_links(self) -> int:
        return sum(self.links.values())


@dataclass(frozen=True, slots=True)
class Hub:
    """Something proposals depend on: how many do, how many of them with the partner's word, how many have no other
    link at all, and whether the graph would fall apart without it."""

    node: Node
    dependents: tuple[str, ...]  # keys of proposals
    confirmed: int
    only: int
    is_joint: bool


def as_network(graph: Graph, *, platforms: bool = False) -> networkx.Graph[str]:
    """The same nodes and connections for networkx. Without platforms by default: nearly everything runs through the
    same few, and would hang together for that alone. What a partner declined connects nothing."""
    import networkx as nx  # imported late: half of a worker's start would go into it

    network: Any = nx.Graph()
    for node in graph.nodes.values():
        if platforms or node.kind is not Kind.PLATFORM:
            network.add_node(node.key)
    for edge in graph.edges:
        if edge.standing is Standing.DECLINED:
            continue
        network.add_edge(edge.agency, edge.proposal)
        if edge.thing:
            network.add_edge(edge.proposal, edge.thing)
            network.add_edges_from((edge.thing, other) for other in (edge.partner, *edge.users) if other)
            if platforms and edge.through:
                network.add_edge(edge.thing, edge.through)
    return network


def shape_of(graph: Graph) -> Shape:
    """The graph in numbers."""
    import networkx as nx

    proposals = {node.key for node in graph.of_kind(Kind.PROPOSAL)}
    parts = [len(proposals & part) for part in nx.connected_components(as_network(graph))]
    sizes = sorted((size for size in parts if size), reverse=True)
    return Shape(
        proposals=len(proposals),
        agencies=len(graph.of_kind(Kind.AGENCY)),
        things=len(graph.of_kind(Kind.DATA, Kind.SYSTEM, Kind.SERVICE)),
        platforms=len(graph.of_kind(Kind.PLATFORM)),
        links=Counter(edge.standing for edge in graph.links),
        parts=len(sizes),
        largest=sizes[0] if sizes else 0,
        alone=sum(size for size in sizes if size == 1),
    )


def needs_of(graph: Graph) -> list[Edge]:
    """The links by which a proposal needs something of another agency, and which that agency has not declined."""
    return [e for e in graph.edges if e.takes and not e.is_within and e.standing is not Standing.DECLINED]


def list_hubs(graph: Graph, *, least: int = 2, limit: int = 10) -> list[Hub]:
    """The agencies and platforms on which at least so many proposals depend, most first: counted by the proposals that
    reach them through links they need."""
    import networkx as nx

    depends: Any = nx.DiGraph()
    confirmed: set[tuple[str, str]] = set()
    links: defaultdict[str, set[Edge]] = defaultdict(set)
    for edge in needs_of(graph):
        links[edge.proposal].add(edge)
        depends.add_edge(edge.proposal, edge)
        for target in (edge.partner, edge.through):
            if target:
                depends.add_edge(edge, target)
                if edge.standing is Standing.CONFIRMED:
                    confirmed.add((edge.proposal, target))
    joints = set(nx.articulation_points(as_network(graph)))
    hubs = []
    for key, node in graph.nodes.items():
        if key not in depends or node.kind not in _HUBS or key in NO_PLATFORMS:
            continue
        proposals = sorted(
            (k for k in nx.ancestors(depends, key) if isinstance(k, str)),
            key=lambda k: graph.nodes[k].number,
        )
        if len(proposals) < least:
            continue
        only = sum(1 for proposal in proposals if all(key in (e.partner, e.through) for e in links[proposal]))
        hubs.append(
            Hub(
                node,
                tuple(proposals),
                sum((proposal, key) in confirmed for proposal in proposals),
                only,
                key in joints,
            )
        )
    hubs.sort(key=lambda hub: (-len(hub.dependents), -hub.only, hub.node.key))
    return hubs[:limit]


def leads_of(graph: Graph) -> dict[str, str]:
    """Proposal -> the agency that leads it, both by key."""
    return {edge.proposal: edge.agency for edge in graph.edges if edge.relation is Relation.LEADS}
