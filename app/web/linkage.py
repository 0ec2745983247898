"""The integration graph on whichever desk it is looked at: the picture with its addresses, the same as a table, what was
found in it, in words. Who may see which graph is decided where it is asked for (`app.linkage.queries`).
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from werkzeug.wrappers import Response

from app.calls.facts import Origin
from app.calls.queries import CallView
from app.kernel.canonical import sha256_text
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.linkage.drawing import LEFT, draw, said
from app.linkage.facts import (
    KIND_NAMES,
    OWN,
    RELATION_NAMES,
    STANDING_NAMES,
    Edge,
    Finding,
    Graph,
    Kind,
    Relation,
    Rule,
    Standing,
)
from app.linkage.findings import RULE_GROUNDS, RULE_NAMES
from app.linkage.measuring import shape_of
from app.linkage.picture import Column
from app.proposals.facts import ANSWER_NAMES, Answer
from app.web.downloads import send_download
from app.web.language import language, say, t
from app.web.tags import Options

SHOWN = 5  # findings of a rule in full view; the rest open in place
_MARK = 12  # letters of a node's mark in an address
_TAGS = {Standing.CONFIRMED: "good", Standing.CLAIMED: "wait", Standing.DECLINED: "bad"}
_OWN_WORDS = {
    Answer.CONFIRMED: Text("ตอบรับเข้าร่วมแล้ว", "Has joined"),
    Answer.DECLINED: Text("แจ้งว่าไม่เข้าร่วม", "Has declined to take part"),
    Answer.ASKED: Text("เชิญแล้ว รอตอบรับ", "Invited, not answered yet"),
    Answer.NOT_ASKED: Text("ตามที่หน่วยงานหลักระบุ", "As the lead says"),
}
_SHARED = Text("ตามที่ข้อเสนอระบุ", "As the proposal says")

_COLUMNS = (
    (Column.AGENCIES, Text("หน่วยงาน ตามกระทรวง", "Agencies, by ministry")),
    (Column.PROPOSALS, Text("ข้อเสนอ", "Proposals")),
    (Column.THINGS, Text("ข้อมูล ระบบ และบริการที่เชื่อมโยง", "Data, systems and services linked")),
)

Address = Callable[[str], str]  # key of a node -> where it leads, "" for nowhere


@dataclass(frozen=True, slots=True)
class End:
    """A node named in a table: its name, and where it leads ("" for nowhere)."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """An edge as the table says it; `number` is its place among the graph's edges, `order` that of its proposal among
    the proposals. `kind` and `words` are the tag of the partner's word, `users` the agencies a shared service names.
    """

    number: int
    order: int
    relation: str
    source: End | None
    thing: End | None
    target: End | None
    through: End | None
    standing: Standing
    kind: str
    words: str
    proposal: End
    title: str
    users: tuple[str, ...]


def call_options(calls: Iterable[CallView]) -> Options:
    """The calls to choose from, by their years."""
    return Options(
        (str(c.fiscal_year), Text(f"ปีงบประมาณ {c.fiscal_year}", f"Fiscal year {c.fiscal_year}"))
        for c in calls
    )


def mark_of(key: str) -> str:
    """A short mark for the key of a node, to name it in an address."""
    return sha256_text(key)[:_MARK]


def find_marked(graph: Graph, mark: str) -> str:
    """The key a mark stands for, "" for none."""
    return next((key for key in graph.nodes if mark_of(key) == mark), "") if mark else ""


def rows_of(graph: Graph, address: Address) -> list[EdgeRow]:
    """Every edge of a graph as a row, in the graph's order."""
    ends: dict[str, End] = {}
    order: dict[str, int] = {}
    code = language()

    def end(key: str) -> End | None:
        if key and key not in ends:
            node = graph.nodes[key]
            name = node.number if node.kind is Kind.PROPOSAL else said(node.name, code)
            ends[key] = End(name, address(key))
        return ends.get(key)

    everybody = End(t("ทุกหน่วยงาน", "Every agency"), "")
    rows = []
    for n, edge in enumerate(graph.edges):
        source, target = end(edge.agency), end(edge.partner)
        users: tuple[str, ...] = ()
        if edge.relation is Relation.CONSUMES:
            source, target = target, source
        elif edge.relation is Relation.SHARES:
            users = tuple(said(graph.nodes[key].name, code) for key in edge.users)
            many = End(t("%d หน่วยงาน", "%d agencies") % len(users), "")
            target = many if users else everybody
        proposal = end(edge.proposal)
        assert proposal is not None
        rows.append(
            EdgeRow(
                number=n,
                order=order.setdefault(edge.proposal, len(order)),
                relation=say(RELATION_NAMES[edge.relation]),
                source=source,
                thing=end(edge.thing),
                target=target,
                through=end(edge.through),
                standing=edge.standing,
                kind="plain" if edge.answer == Answer.NOT_ASKED else _TAGS[edge.standing],
                words=say(words_of(edge)),
                proposal=proposal,
                title=said(graph.nodes[edge.proposal].name, code),
                users=users,
            )
        )
    return rows


def words_of(edge: Edge) -> Text:
    """Whose word an edge has."""
    if edge.relation is Relation.LEADS:
        return Text("–", "–")
    if edge.relation is Relation.PARTICIPATES:
        return _OWN_WORDS[edge.answer]
    return _SHARED if edge.relation is Relation.SHARES else ANSWER_NAMES[edge.answer]


@dataclass(frozen=True, slots=True)
class FoundRule:
    """A rule with what it found: in full view, and beyond."""

    rule: Rule
    name: Text
    ground: Text
    shown: tuple[Finding, ...]
    more: tuple[Finding, ...]

    @property
    def count(self) -> int:
        return len(self.shown) + len(self.more)


def by_rule(findings: Iterable[Finding], rules: Sequence[Rule] = tuple(Rule)) -> list[FoundRule]:
    """Findings by rule; a rule that found nothing is there to say so."""
    found: dict[Rule, list[Finding]] = {rule: [] for rule in rules}
    for finding in findings:
        found[finding.rule].append(finding)
    return [
        FoundRule(rule, RULE_NAMES[rule], RULE_GROUNDS[rule], tuple(own[:SHOWN]), tuple(own[SHOWN:]))
        for rule, own in found.items()
    ]


def _channels(graph: Graph, address: Address) -> list[tuple[str, str, int]]:
    """(name, address, how many links run through it) of every channel, the most used first."""
    used = Counter(edge.through for edge in graph.links if edge.through)
    return [
        (said(graph.nodes[key].name, language()), address(key), count)
        for key, count in sorted(used.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def graph_words(
    graph: Graph,
    call: CallView,
    address: Address,
    *,
    out: Mapping[str, Text] | None = None,
    focus: str = "",
    whole: Graph | None = None,
    counted: Graph | None = None,
) -> dict[str, Any]:
    """What `templates/linkage/parts.html` draws a graph with, for `render_template(..., **graph_words(…))`. `whole` is
    the graph that what was found refers to, where that is more than what is drawn, and `counted` the part of it that
    the key figures count, where that is less."""
    nodes = (whole or graph).nodes
    drawn = draw(graph, [stage.code for stage in call.plan.stages], language(), out)
    places = {box.key: n for n, box in enumerate(drawn.boxes)}
    return {
        "call": call,
        "graph": graph,
        "drawn": drawn,
        "places": places,
        "address": address,
        "focus": focus,
        "rows": rows_of(graph, address),
        "shape": shape_of(counted or graph),
        "columns": [(LEFT[column], name) for column, name in _COLUMNS],
        "channels": _channels(graph, address),
        "kind_names": KIND_NAMES,
        "standing_names": STANDING_NAMES,
        "words_of": words_of,
        "own": OWN,
        "has_links": any(edge.relation not in OWN for edge in graph.edges),
        "is_recorded": call.origin is Origin.IMPORTED,
        "said": lambda name: said(name, language()),
        "number_of": lambda key: nodes[key].number,
        "name_of": lambda key: said(nodes[key].name, language()) if key in nodes else "–",
    }


def _cell(end: End | None) -> str:
    return end.name if end else ""


def send_table(rows: Iterable[EdgeRow], fiscal_year: int) -> Response:
    """The table of a graph as CSV."""
    from reports.csvs import write_csv  # imported late, as all that prints
    from reports.document import Column as TableColumn
    from reports.document import Table

    titles = {
        "proposal": t("เลขที่ข้อเสนอ", "Proposal"),
        "title": t("ชื่อโครงการ", "Title"),
        "source": t("จาก", "From"),
        "relation": t("ความสัมพันธ์", "Relation"),
        "thing": t("ข้อมูล ระบบ หรือบริการ", "Data, system or service"),
        "target": t("ถึง", "To"),
        "through": t("ผ่าน", "Through"),
        "standing": t("คำยืนยัน", "Confirmed"),
        "answer": t("รายละเอียดคำยืนยัน", "Whose word"),
        "users": t("ผู้ใช้บริการ", "Users"),
    }
    name = {standing: say(words) for standing, words in STANDING_NAMES.items()}
    cells = tuple(
        (
            row.proposal.name,
            row.title,
            _cell(row.source),
            row.relation,
            *map(_cell, (row.thing, row.target, row.through)),
            name[row.standing],
            row.words,
            ", ".join(row.users),
        )
        for row in rows
    )
    table = Table("linkage", titles["relation"], tuple(TableColumn(k, v) for k, v in titles.items()), cells)
    out = io.BytesIO()
    write_csv(table, out)
    return send_download(out.getvalue(), f"linkage-{fiscal_year}.csv", "linkage", "text/csv")
