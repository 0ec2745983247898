"""What partners have not said, or have said against a link."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from app.kernel.text import Text
from app.linkage.facts import Edge, Finding, Graph, Kind, Rule, Standing
from app.linkage.findings.words import by_number, names_of, numbers_of, plural, quoted
from app.proposals.facts import Answer


def find_without_partner(graph: Graph) -> Iterable[Finding]:
    links: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in graph.links:
        links[edge.proposal].append(edge)
    for key, own in links.items():
        if any(edge.standing is Standing.CONFIRMED and not edge.is_within for edge in own):
            continue
        named = [edge.partner for edge in own if edge.partner and not edge.is_within]
        proposal = Text(graph.nodes[key].number, graph.nodes[key].number)
        if not named:
            yield Finding(
                Rule.NO_PARTNER,
                key,
                Text(
                    "ข้อเสนอ {n} อ้างการเชื่อมโยง แต่ไม่ได้ระบุหน่วยงานอื่นเลย",
                    "Proposal {n} claims a link, but names no other agency",
                ).fill(n=proposal),
                Text(
                    "ระบุหน่วยงานคู่เชื่อมในข้อเสนอ แล้วขอคำยืนยัน",
                    "Name the partner in the proposal, and ask for its word.",
                ),
                tuple(own),
                (key,),
            )
            continue
        yield Finding(
            Rule.NO_PARTNER,
            key,
            Text(
                "ข้อเสนอ {n} อ้างการเชื่อมโยงกับ {partners} แต่ยังไม่มีหน่วยงานใดยืนยัน",
                "Proposal {n} claims links with {partners}; none of them has confirmed",
            ).fill(n=proposal, partners=names_of(graph, sorted(named))),
            Text(
                "คำยืนยันของคู่เชื่อมเพียงหนึ่งหน่วยงานก็เพียงพอให้ข้อนี้หมดไป",
                "The word of a single one of these partners settles it.",
            ),
            tuple(own),
            (key,),
        )


def find_unconfirmed(graph: Graph) -> Iterable[Finding]:
    by_partner: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in graph.links:
        if edge.partner and not edge.is_within and edge.standing is Standing.CLAIMED:
            by_partner[edge.partner].append(edge)
    for partner, edges in by_partner.items():
        node = graph.nodes[partner]
        proposals = by_number(graph, (e.proposal for e in edges))
        values = {
            "partner": node.name,
            "links": Text(f"{len(edges):,}", plural(len(edges), "link", "links")),
            "proposals": numbers_of(graph, proposals),
        }
        if node.kind is Kind.OUTSIDE:
            yield Finding(
                Rule.UNCONFIRMED,
                partner,
                Text(
                    "{partner} ถูกอ้างเป็นคู่เชื่อม {links} รายการใน {proposals} แต่ไม่อยู่ในทะเบียนหน่วยงาน จึงขอคำยืนยันในระบบไม่ได้",
                    "{partner} is named as partner of {links} in {proposals}, and is in no register: it cannot be asked "
                    "through the system",
                ).fill(**values),
                Text(
                    "ขอหนังสือยืนยันแนบในข้อเสนอ แล้วให้เจ้าหน้าที่วินิจฉัย",
                    "A letter of confirmation attached to the proposal, judged by a person.",
                ),
                tuple(edges),
                proposals,
            )
            continue
        asked = sum(edge.answer == Answer.ASKED for edge in edges)
        yield Finding(
            Rule.UNCONFIRMED,
            partner,
            Text(
                "{partner} ยังไม่ยืนยันการเชื่อมโยง {links} รายการใน {proposals} ({asked})",
                "{partner} has not confirmed {links} in {proposals} ({asked})",
            ).fill(**values, asked=_asked(asked, len(edges) - asked)),
            Text(
                "{partner} ตอบยืนยันหรือปฏิเสธในหน้า “การเชื่อมโยงที่ขอให้ยืนยัน” รายการที่ยังไม่ได้ขอ ต้องให้ผู้เสนอขอก่อน",
                "{partner} answers under “Links to confirm”; links not asked about yet, the proposer has to ask first.",
            ).fill(partner=node.name),
            tuple(edges),
            proposals,
        )


def find_declined(graph: Graph) -> Iterable[Finding]:
    by_partner: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in graph.links:
        if edge.standing is Standing.DECLINED:
            by_partner[edge.partner].append(edge)
    for partner, edges in by_partner.items():
        proposals = by_number(graph, (e.proposal for e in edges))
        yield Finding(
            Rule.DECLINED,
            partner,
            Text(
                "{partner} ปฏิเสธการเชื่อมโยงเรื่อง {things} ใน {proposals}",
                "{partner} declined the link about {things} in {proposals}",
            ).fill(
                partner=graph.nodes[partner].name,
                things=quoted(graph, (e.thing for e in edges)),
                proposals=numbers_of(graph, proposals),
            ),
            Text(
                "ผู้เสนอตกลงกับคู่เชื่อมแล้วขอใหม่ หรือนำการเชื่อมโยงนี้ออกจากข้อเสนอ",
                "The proposal's agency comes to terms with the partner and asks again, or takes the link out.",
            ),
            tuple(edges),
            proposals,
        )


def _asked(asked: int, rest: int) -> Text:
    """How many of the links were asked about; nothing is said of none."""
    if not rest:
        return Text("ขอคำยืนยันแล้ว", "asked")
    if not asked:
        return Text("ยังไม่ได้ขอคำยืนยัน", "not asked")
    return Text(f"ขอแล้ว {asked} ยังไม่ได้ขอ {rest}", f"{asked} asked, {rest} not asked")
