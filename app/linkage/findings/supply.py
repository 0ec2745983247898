"""What is built twice, what is needed and offered by nobody, and what is counted on and not funded."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

from app.kernel.text import Text
from app.linkage.facts import Edge, Finding, Graph, Relation, Rule, Standing
from app.linkage.findings.bounds import MANY, NEARLY_SAME, OFFERING_PLATFORMS, SHORTEST_NAME
from app.linkage.findings.words import by_number, names_of, numbers_of, plural, quoted
from app.linkage.measuring import leads_of, needs_of

_GENERAL = re.compile(
    r"[^\w]+|โครงการ|พัฒนา|จัดทำ|ยกระดับ|ระบบ(?!นิเวศ)|แพลตฟอร์ม|ศูนย์|ดิจิทัล"
    r"|\b(?:project|develop(?:ment|ing)?|system|platform|digital|the|of|an?|for)\b"
)


def core_of(name: str) -> str:
    """A name without the words that say nothing of what it is, spaces and signs; itself when nothing is left."""
    return _GENERAL.sub("", name) or name


def are_nearly_same(left: str, right: str) -> bool:
    """Whether two folded names are taken for one service."""
    from rapidfuzz import fuzz  # imported late: starting the application does without it

    a, b = core_of(left), core_of(right)
    if a == b:
        return True
    if min(len(a), len(b)) < SHORTEST_NAME:
        return False
    return fuzz.ratio(a, b, score_cutoff=NEARLY_SAME) > 0


def find_twice(graph: Graph) -> Iterable[Finding]:
    import networkx as nx  # imported late, as in `measuring`

    edges: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        if edge.relation is Relation.SHARES and not edge.thing.startswith("thing:?"):
            edges[edge.thing].append(edge)
    alike: nx.Graph[str] = nx.Graph()
    alike.add_nodes_from(edges)
    alike.add_edges_from(
        (a, b)
        for a, b in combinations(sorted(edges), 2)
        if are_nearly_same(a.removeprefix("thing:"), b.removeprefix("thing:"))
    )
    for part in nx.connected_components(alike):
        things = sorted(part)
        rests = [edge for thing in things for edge in edges[thing]]
        proposals = by_number(graph, (e.proposal for e in rests))
        if len(proposals) < 2:
            continue
        leads = [e.agency for key in proposals for e in rests if e.proposal == key]
        values = {
            "services": quoted(graph, things),
            "proposals": numbers_of(graph, proposals),
            "agencies": names_of(graph, leads),
        }
        text = (
            Text(
                "{proposals} เสนอบริการชื่อเดียวกันคือ {services} โดย {agencies}",
                "{proposals} propose the same service, {services}, by {agencies}",
            )
            if len(things) == 1
            else Text(
                "{proposals} เสนอบริการที่ชื่อเกือบเหมือนกันคือ {services} โดย {agencies}",
                "{proposals} propose services of nearly the same name, {services}, by {agencies}",
            )
        )
        yield Finding(
            Rule.TWICE,
            things[0],
            text.fill(**values),
            Text(
                "รวมเป็นข้อเสนอเดียวที่มีหน่วยงานร่วม หรือระบุในข้อเสนอให้ชัดว่าต่างกันอย่างไร",
                "One proposal with participants in the place of several, or words in each that say how they differ.",
            ),
            tuple(rests),
            proposals,
        )


def find_unfunded(graph: Graph, out: frozenset[str]) -> Iterable[Finding]:
    leads = leads_of(graph)
    own: defaultdict[str, set[str]] = defaultdict(set)
    for proposal, agency in leads.items():
        own[agency].add(proposal)
    offers: defaultdict[str, set[str]] = defaultdict(set)  # thing -> proposals that would provide it
    builders: defaultdict[str, set[str]] = defaultdict(
        set
    )  # thing -> agencies that would build it with lost money
    for edge in graph.edges:
        if edge.relation in (Relation.PROVIDES, Relation.SHARES):
            offers[edge.thing].add(edge.proposal)
        if edge.relation is Relation.SHARES and edge.proposal in out:
            builders[edge.thing].add(edge.agency)
    needed: defaultdict[str, list[Edge]] = defaultdict(list)  # provider -> links that need something of it
    for edge in needs_of(graph):
        if edge.proposal in out:
            continue
        for provider in {edge.partner, *builders[edge.thing]} - {leads.get(edge.proposal), ""}:
            needed[provider].append(edge)
    for provider, edges in needed.items():
        lost, left = own[provider] & out, own[provider] - out
        if not lost:
            continue
        rests = [
            edge
            for edge in edges
            # while the provider has other money, only what a lost proposal would have provided is in question
            if not left or (offers[edge.thing] & lost and not offers[edge.thing] - out)
        ]
        dependents = by_number(graph, (e.proposal for e in rests))
        if len(dependents) < MANY:
            continue
        lost_numbers = by_number(graph, lost)
        yield Finding(
            Rule.UNFUNDED,
            provider,
            Text(
                "ข้อเสนอ {n} รายการ ({dependents}) พึ่งพา {things} ของ {provider} แต่ข้อเสนอของหน่วยงานนี้คือ {lost} ไม่ได้รับงบ",
                "{count} ({dependents}) depend on {things} of {provider}, whose own {lost} is not funded",
            ).fill(
                n=len(dependents),
                count=Text("", plural(len(dependents), "proposal", "proposals")),
                dependents=numbers_of(graph, dependents),
                things=quoted(graph, sorted(e.thing for e in rests)),
                provider=graph.nodes[provider].name,
                lost=numbers_of(graph, lost_numbers),
            ),
            Text(
                "หน่วยงานผู้ให้ยืนยันว่าให้ได้โดยไม่ใช้งบของข้อเสนอนั้น หรือคณะกรรมการพิจารณาข้อเสนอนั้นใหม่",
                "The provider confirms that it can give without that money, or the committee looks at its proposal again.",
            ),
            tuple(rests),
            by_number(graph, (*dependents, *lost)),
        )


def find_unmet(graph: Graph) -> Iterable[Finding]:
    """Things that proposals need of others, without anybody's word or offer to give them."""
    takers: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in graph.links:
        if edge.takes and not edge.is_within and not edge.thing.startswith("thing:?"):
            takers[edge.thing].append(edge)
    offered = _offered(graph, takers)
    for thing, edges in takers.items():
        if thing in offered:
            continue
        proposals = by_number(graph, (e.proposal for e in edges))
        agencies = sorted({e.agency for e in edges})
        partners = sorted({e.partner for e in edges if e.partner})
        declined = sum(e.standing is Standing.DECLINED for e in edges)
        no = Text(" (ปฏิเสธแล้ว {n} รายการ)", " ({n} declined)").fill(n=declined) if declined else Text("", "")
        yield Finding(
            Rule.UNMET,
            thing,
            Text(
                "{agencies} ต้องการ {thing} จาก {partners} ใน {proposals} แต่ยังไม่มีหน่วยงานใดยืนยันหรือเสนอว่าจะให้{no}",
                "{thing} is needed from {partners} by {agencies} in {proposals}; nobody has confirmed or offered to "
                "give it{no}",
            ).fill(
                agencies=names_of(graph, agencies),
                thing=quoted(graph, [thing]),
                partners=names_of(graph, partners)
                if partners
                else Text("หน่วยงานที่ยังไม่ระบุ", "an agency not named"),
                proposals=numbers_of(graph, proposals),
                no=no,
            ),
            Text(
                "เจ้าของข้อมูลยืนยันการเชื่อมโยง มีข้อเสนอที่เปิดให้ข้อมูลนี้ หรือเปลี่ยนไปใช้ข้อมูลจากแพลตฟอร์มที่เผยแพร่อยู่แล้ว",
                "Whoever holds it confirms a link, a proposal offers it, or it is taken from a platform that publishes it.",
            ),
            tuple(edges),
            proposals,
        )


def _offered(graph: Graph, takers: Mapping[str, list[Edge]]) -> set[str]:
    """Things that somebody offers."""
    return {edge.thing for edge in graph.edges if edge.thing and _offers(edge, takers.get(edge.thing, []))}


def _offers(edge: Edge, takers: list[Edge]) -> bool:
    """Whether a thing is on offer by this edge: built as a service, given by a partner's word, provided to somebody,
    published by its platform; or exchanged by an agency that a taker names as the one to have it from."""
    if edge.relation is Relation.SHARES or edge.standing is Standing.CONFIRMED:
        return True
    if edge.standing is Standing.DECLINED:
        return False
    if edge.relation is Relation.PROVIDES or edge.through in OFFERING_PLATFORMS:
        return True
    return edge.gives and any(taker.partner == edge.agency for taker in takers)
