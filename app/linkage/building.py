"""From what proposals say to one graph, and to parts of it. The order proposals and links come in changes nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from app.calls.facts import PlanStructure
from app.kernel.text import Text
from app.kernel.thai_text import search_key
from app.linkage.facts import OWN, THINGS, Claims, Edge, Graph, Kind, Node, Relation, Standing
from app.proposals.facts import AgencyRef, Answer, Direction, Form, IntegrationLink

UNNAMED = Text("ยังไม่มีชื่อ", "No name yet")
_RELATIONS: Mapping[str, Relation] = {
    Direction.PROVIDES: Relation.PROVIDES,
    Direction.CONSUMES: Relation.CONSUMES,
    Direction.BOTH: Relation.EXCHANGES,
}
_KIND_ORDER = tuple(Kind)
_RELATION_ORDER = {relation: n for n, relation in enumerate(Relation)}


def agency_key(code: str) -> str:
    """The key of an agency's node."""
    return f"{Kind.AGENCY}:{code}"


def proposal_key(proposal_id: int) -> str:
    """The key of a proposal's node."""
    return f"{Kind.PROPOSAL}:{proposal_id}"


def platform_key(code: str) -> str:
    """The key of a platform's node."""
    return f"{Kind.PLATFORM}:{code}"


def thing_key(name: str) -> str:
    """The key of a data set, system or service: one for all spellings of a name that fold to the same."""
    return f"thing:{search_key(name)}"


class _Builder:
    def __init__(self, plan: PlanStructure):
        self.plan = plan
        self.nodes: dict[str, Node] = {}
        self.edges: set[Edge] = set()
        self.numbers: dict[str, str] = {}
        # a thing may be spelled in several ways and called data by one and a system by another
        self.names: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.kinds: defaultdict[str, Counter[Kind]] = defaultdict(Counter)

    def add(self, claims: Claims) -> None:
        key = proposal_key(claims.key)
        stage = self.plan.name("stages", claims.stage) if claims.stage else Text("", "")
        self.numbers[key] = claims.number
        self.nodes[key] = Node(
            key, Kind.PROPOSAL, claims.title, claims.stage, stage, claims.number, claims.state
        )
        if claims.lead is not None:
            lead = self._agency(claims.lead)
            self.edges.add(Edge(Relation.LEADS, key, lead, answer=Answer.CONFIRMED))
        for agency in claims.participants:
            word = claims.joined.get(agency.code, Answer.NOT_ASKED)
            self.edges.add(Edge(Relation.PARTICIPATES, key, self._agency(agency), answer=word))
        if Form.LINK in claims.integration.forms:
            for link in claims.integration.links:
                self._link(key, claims, link)
        if Form.SHARED_SERVICE in claims.integration.forms and claims.lead is not None:
            service = claims.integration.shared_service
            users = () if service.all_agencies else tuple(sorted(self._agency(a) for a in service.users))
            thing = self._thing(key, service.name, Kind.SERVICE)
            self.edges.add(Edge(Relation.SHARES, key, agency_key(claims.lead.code), thing, users=users))

    def _link(self, key: str, claims: Claims, link: IntegrationLink) -> None:
        partner = self._partner(link)
        if not link.name and not partner:
            return  # a row of a draft nobody has begun
        claimant = agency_key(link.agency) if link.agency else ""
        if claimant not in self.nodes:
            claimant = agency_key(claims.lead.code) if claims.lead else ""
        kind = Kind.SYSTEM if link.kind == "system" else Kind.DATA
        through = ""
        if link.channel:
            through = platform_key(link.channel)
            name = self.plan.name("platforms", link.channel)
            self.nodes[through] = Node(through, Kind.PLATFORM, name)
        self.edges.add(
            Edge(
                _RELATIONS.get(link.direction, Relation.LINKS),
                key,
                claimant,
                self._thing(key, link.name, kind),
                partner,
                through,
                Answer(link.answer),
            )
        )

    def _agency(self, agency: AgencyRef) -> str:
        key = agency_key(agency.code)
        self.nodes.setdefault(key, Node(key, Kind.AGENCY, agency.name, agency.ministry_code, agency.ministry))
        return key

    def _partner(self, link: IntegrationLink) -> str:
        if link.partner is not None:
            return self._agency(link.partner)
        if not link.partner_other:
            return ""
        key = f"{Kind.OUTSIDE}:{search_key(link.partner_other)}"
        shown = self.nodes.get(key)
        if shown is None or link.partner_other < shown.name.th:
            self.nodes[key] = Node(key, Kind.OUTSIDE, Text(link.partner_other, link.partner_other))
        return key

    def _thing(self, proposal: str, name: str, kind: Kind) -> str:
        # what has no name yet is not the same thing as what has no name elsewhere
        key = thing_key(name) if name else f"thing:?{proposal}"
        self.names[key][name] += 1
        self.kinds[key][kind] += 1
        return key

    def graph(self) -> Graph:
        for key, names in self.names.items():
            name, _ = min(names.items(), key=lambda pair: (-pair[1], pair[0]))
            kinds = self.kinds[key]
            # what somebody builds for all is a service, whatever those call it who use it
            kind = (
                Kind.SERVICE
                if Kind.SERVICE in kinds
                else max(kinds, key=lambda k: (kinds[k], -_KIND_ORDER.index(k)))
            )
            self.nodes[key] = Node(key, kind, Text(name, name) if name else UNNAMED)
        edges = sorted(self.edges, key=self._order)
        nodes = sorted(self.nodes.values(), key=lambda n: (_KIND_ORDER.index(n.kind), n.number, n.key))
        return Graph({node.key: node for node in nodes}, tuple(edges))

    def _order(self, edge: Edge) -> tuple[object, ...]:
        return (
            self.numbers[edge.proposal],
            _RELATION_ORDER[edge.relation] > 1,  # who leads and takes part first, then what is linked
            edge.thing,
            _RELATION_ORDER[edge.relation],
            edge.agency,
            edge.partner,
            edge.through,
            edge.answer,
            edge.users,
        )


def build(claims: Iterable[Claims], plan: PlanStructure) -> Graph:
    """The graph of these proposals; links and services count where the proposal claims that form of integration."""
    builder = _Builder(plan)
    # agencies that changed their name between two filings are shown as the later filing calls them
    for one in sorted(claims, key=lambda c: c.number, reverse=True):
        builder.add(one)
    return builder.graph()


def keys_of(edge: Edge) -> Iterator[str]:
    """Every node an edge touches."""
    yield from (k for k in (edge.proposal, edge.agency, edge.thing, edge.partner, edge.through) if k)
    yield from edge.users


def kept(graph: Graph, keep: Callable[[Edge], bool]) -> Graph:
    """The part of a graph made of some of its edges, with who leads the proposals in it."""
    chosen = {edge for edge in graph.edges if keep(edge)}
    proposals = {edge.proposal for edge in chosen}
    edges = tuple(
        edge
        for edge in graph.edges
        if edge in chosen or (edge.relation is Relation.LEADS and edge.proposal in proposals)
    )
    used = {key for edge in edges for key in keys_of(edge)}
    return Graph({key: node for key, node in graph.nodes.items() if key in used}, edges)


def around(graph: Graph, key: str) -> Graph:
    """What a node is part of: an agency's own proposals whole and the links of others that name it; a proposal whole
    and what others do with the same things; of anything else, the edges that touch it."""
    kind = graph.nodes[key].kind
    if kind is Kind.AGENCY:
        own = {edge.proposal for edge in graph.edges if edge.relation in OWN and edge.agency == key}
        return kept(graph, lambda e: e.proposal in own or key in (e.partner, e.agency) or key in e.users)
    if kind is Kind.PROPOSAL:
        things = {edge.thing for edge in graph.edges if edge.proposal == key and edge.thing}
        return kept(graph, lambda e: e.proposal == key or e.thing in things)
    return kept(graph, lambda e: key in keys_of(e))


def narrowed(graph: Graph, *, ministry: str = "", stage: str = "", standing: str = "") -> Graph:
    """The part of a graph that belongs to proposals led from a ministry, in a stage, or to links of one standing; ""
    means everything. Whoever takes part in a proposal that is left is left, too."""
    proposals = {
        edge.proposal
        for edge in graph.edges
        if edge.relation is Relation.LEADS
        and (not ministry or graph.nodes[edge.agency].group == ministry)
        and (not stage or graph.nodes[edge.proposal].group == stage)
    }
    wanted = Standing(standing) if standing else None
    return kept(
        graph,
        lambda e: (
            e.proposal in proposals and (wanted is None or (e.relation not in OWN and e.standing is wanted))
        ),
    )


def things_of(graph: Graph) -> list[Node]:
    """The data sets, systems and services of a graph."""
    return graph.of_kind(*THINGS)
