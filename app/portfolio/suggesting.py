"""What the evidence suggests for the terms of a scenario. Nothing is taken over by itself: each suggestion says what it
rests on and waits for a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.linkage.facts import Graph, Relation, Standing
from app.portfolio.facts import Entry, Terms

_CONFIRMED = Text(
    "{one} รับ {thing} จาก {partner} ซึ่งยืนยันแล้ว และ {other} ของหน่วยงานนั้นจะเป็นผู้พัฒนา",
    "{one} takes {thing} from {partner}, which confirmed it and would build it with {other}",
)
CONTINUES = Text(
    "ต่อเนื่องจาก {earlier} ({state}) ปีงบประมาณ {year}", "continues {earlier} ({state}) of fiscal year {year}"
)
JUDGED = Text(
    "วินิจฉัยว่าซ้ำซ้อน โดยให้ {yields} เป็นฝ่ายถอย: {reason}", "judged a duplicate, {yields} to give way: {reason}"
)
LEAST = Text(
    "{count} โครงการระบุวงเงินขั้นต่ำที่ยังดำเนินการได้",
    "{count} projects say what the smallest amount is they work with",
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Projects by number, and the evidence: for a need, the one that needs and then the one it needs."""

    numbers: tuple[str, ...]
    evidence: Text


@dataclass(frozen=True, slots=True)
class Suggestions:
    """All that is suggested, what the terms hold already left out. `partial` is None where no project gives a least
    amount, or where the terms allow it already."""

    must_fund: tuple[Suggestion, ...] = ()
    needs: tuple[Suggestion, ...] = ()
    exclusive: tuple[Suggestion, ...] = ()
    partial: Text | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.must_fund or self.needs or self.exclusive or self.partial)


def needs_in(graph: Graph, stages: Sequence[str]) -> list[Suggestion]:
    """Who counts on what another proposal would build: a link that takes a thing, confirmed by its partner, where a
    proposal led by that partner offers the same thing and does not stand later in the order of the plan's stages."""
    leads = {e.proposal: e.agency for e in graph.edges if e.relation is Relation.LEADS}
    offers: defaultdict[str, set[str]] = defaultdict(set)  # thing -> proposals that would offer it
    for edge in graph.edges:
        if edge.thing and (edge.relation is Relation.SHARES or (edge.is_link and edge.gives)):
            offers[edge.thing].add(edge.proposal)
    order = {code: at for at, code in enumerate(stages)}
    found: dict[tuple[str, str], Suggestion] = {}
    for edge in graph.links:
        if not edge.takes or edge.is_within or edge.standing is not Standing.CONFIRMED:
            continue
        one = graph.nodes[edge.proposal]
        for provider in sorted(offers[edge.thing]):
            other = graph.nodes[provider]
            if provider == edge.proposal or leads.get(provider) != edge.partner:
                continue
            if order.get(other.group, 0) > order.get(one.group, 0):
                continue
            pair = (one.number, other.number)
            evidence = _CONFIRMED.fill(
                one=one.number,
                thing=graph.nodes[edge.thing].name,
                partner=graph.nodes[edge.partner].name,
                other=other.number,
            )
            found.setdefault(pair, Suggestion(pair, evidence))
    # two that would count on each other are a circle, and no order between them can be declared
    return [found[pair] for pair in sorted(found) if (pair[1], pair[0]) not in found]


def still_open(
    terms: Terms,
    entries: Iterable[Entry],
    must_fund: Iterable[Suggestion],
    needs: Iterable[Suggestion],
    exclusive: Iterable[Suggestion],
) -> Suggestions:
    """What is suggested of projects on the list and not in the terms yet."""
    entries = list(entries)
    listed = {entry.number for entry in entries}
    groups = [frozenset(group) for group in terms.exclusive]
    least = sum(entry.least is not None for entry in entries)
    return Suggestions(
        tuple(s for s in must_fund if listed.issuperset(s.numbers) and s.numbers[0] not in terms.must_fund),
        tuple(s for s in needs if listed.issuperset(s.numbers) and s.numbers not in terms.needs),
        tuple(
            s
            for s in exclusive
            if listed.issuperset(s.numbers) and not any(group.issuperset(s.numbers) for group in groups)
        ),
        LEAST.fill(count=least) if least and not terms.partial else None,
    )
