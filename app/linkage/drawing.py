"""Where to draw a graph: one ladder of three columns for each stage of the plan, read from left to right as a sentence.
Agencies by ministry, the proposals they lead, and the data, systems and services those proposals link, each with whom it
comes from and the platform it runs through.

An agency or a thing with a part in two stages stands in both: so lines stay short, and every edge of the graph is one
line of the picture. All measures are whole pixels of a sheet `WIDTH` wide. The same graph gives the same picture.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.linkage.building import UNNAMED
from app.linkage.facts import OWN, Edge, Graph, Node, Relation
from app.linkage.lettering import in_lines, width_of
from app.linkage.ordering import Group, arrange, place
from app.linkage.picture import LINE, SIDE, Box, Column, Curve, Heading, Picture, Section

WIDTH = 960
LETTERS = 12  # size of type
_PAD = 4  # inside a box, above its words
_LEAST = 26  # height of a box, so that a finger finds it
_GAP, _HEAD = 4, 28  # between boxes, and for the heading of a group
_BAND, _REST = 40, 14  # for the name of a stage above its ladder, and below the last one's
LEFT = {Column.AGENCIES: 0, Column.PROPOSALS: 266, Column.THINGS: 686}
_WIDE = {Column.AGENCIES: 194, Column.PROPOSALS: 342, Column.THINGS: 274}

OTHERS = Text("ข้อเสนอของหน่วยงานอื่น", "Proposals of other agencies")
NO_STAGE = Text("ยังไม่เลือกช่วง", "No stage chosen yet")
EVERYBODY = Text("ให้ทุกหน่วยงานใช้", "for every agency")
USERS = Text("ให้ {n} หน่วยงานใช้", "for {n} agencies")
FROM = Text("จาก {names}", "from {names}")
TO = Text("ให้ {names}", "to {names}")
WITH = Text("กับ {names}", "with {names}")
MORE = Text("และอีก {n}", "and {n} more")
THROUGH = Text("ผ่าน {names}", "through {names}")
_FORMS = {Relation.CONSUMES: FROM, Relation.PROVIDES: TO}
_SHORT = re.compile(r"\(([^()]+)\)$")  # the short name of a platform stands in brackets behind the long one
_DRAFTS, _OTHERS = "draft", "others"  # sections for proposals without a stage


@dataclass(frozen=True, slots=True)
class _Words:
    """What a box says, before it has a place."""

    node: Node
    column: Column
    section: str
    group: str
    label: str
    lines: tuple[str, ...]
    small: tuple[str, ...]
    is_out: bool
    beside: int = 0

    @property
    def high(self) -> int:
        rows = len(self.lines) + len(self.small) - (1 if self.beside else 0)
        return max(_LEAST, 2 * _PAD + LINE * rows)


def said(name: Text, language: str) -> str:
    """A name in a language, or in the one it has."""
    return name.say(language) or name.th or name.en


def draw(
    graph: Graph, stages: Sequence[str], language: str, out: Mapping[str, Text] | None = None
) -> Picture:
    """The picture of a graph. `stages` are the codes in the plan's order; `out` says of proposals that will not be
    funded, by key, why not."""
    words = _words(graph, language, out or {})
    ends = [_ends(graph, edge) for edge in graph.edges]
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for left, right in ends:
        neighbours[left].append(right)
        neighbours[right].append(left)
    heights = {key: one.high for key, one in words.items()}
    rank = {stage: n for n, stage in enumerate(stages)}
    sections: list[Section] = []
    headings: list[Heading] = []
    boxes: dict[str, Box] = {}
    height = 0
    for name in sorted({one.section for one in words.values()}, key=lambda s: (rank.get(s, len(rank)), s)):
        begin = height + _REST if sections else 0
        top = begin + _BAND
        columns = arrange([_groups(words, column, name) for column in Column], neighbours)
        heads = {
            group.key: in_lines(_ministry(words, group, language), LETTERS, _WIDE[Column.AGENCIES] - SIDE)
            for group in columns[Column.AGENCIES]
        }
        tall = [
            [(group, _HEAD + LINE * (len(heads[group.key]) - 1) if n == 0 else 0) for group in column]
            for n, column in enumerate(columns)
        ]
        tops, high = place(tall, heights, neighbours, _GAP)
        for group in columns[Column.AGENCIES]:
            lines = heads[group.key]
            first = top + tops[group.keys[0]] - LINE * (len(lines) - 1) - _GAP - _PAD
            headings.append(Heading(group.key, SIDE, first, lines))
        for column in columns:
            for key in (key for group in column for key in group.keys):
                boxes[key] = _box(key, words[key], top + tops[key])
        count = sum(len(group.keys) for group in columns[Column.PROPOSALS])
        title = {_DRAFTS: NO_STAGE, _OTHERS: OTHERS}.get(
            name, words[columns[Column.PROPOSALS][0].keys[0]].node.group_name
        )
        sections.append(Section(name, said(title, language), count, begin))
        height = top + high
    return Picture(
        WIDTH, height, tuple(sections), tuple(headings), tuple(boxes.values()), _curves(graph, ends, boxes)
    )


def _section(node: Node) -> str:
    """The ladder a proposal stands in: its stage's, or one for drafts and for others' proposals, whose stage is not
    known."""
    return node.group or (_DRAFTS if node.state else _OTHERS)


def _ends(graph: Graph, edge: Edge) -> tuple[str, str]:
    """The keys of the two boxes an edge runs between."""
    section = _section(graph.nodes[edge.proposal])
    if edge.relation in OWN:
        return f"{section}|{edge.agency}", edge.proposal
    return edge.proposal, f"{section}|{edge.thing}"


def _words(graph: Graph, language: str, out: Mapping[str, Text]) -> dict[str, _Words]:
    words: dict[str, _Words] = {}
    at_thing: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        proposal = graph.nodes[edge.proposal]
        section, (left, right) = _section(proposal), _ends(graph, edge)
        if edge.proposal not in words:
            words[edge.proposal] = _proposal(proposal, section, language, out.get(edge.proposal))
        if edge.relation not in OWN:
            at_thing[right].append(edge)
        elif left not in words:
            node = graph.nodes[edge.agency]
            lines = in_lines(said(node.name, language), LETTERS, _WIDE[Column.AGENCIES] - 2 * SIDE)
            words[left] = _Words(node, Column.AGENCIES, section, node.group, "", lines, (), False)
    for key, edges in at_thing.items():
        words[key] = _thing(graph, key.partition("|")[0], edges, language)
    return words


def _proposal(node: Node, section: str, language: str, why: Text | None) -> _Words:
    label = f"{node.number} ({said(why, language)})" if why else node.number
    room = _WIDE[Column.PROPOSALS] - 2 * SIDE
    name = said(node.name, language) or said(UNNAMED, language)
    lines = in_lines(name, LETTERS, room, width_of(label, LETTERS, 700) + _GAP)
    return _Words(node, Column.PROPOSALS, section, "", label, lines, (), why is not None)


def _thing(graph: Graph, section: str, edges: Sequence[Edge], language: str) -> _Words:
    node, room = graph.nodes[edges[0].thing], _WIDE[Column.THINGS] - 2 * SIDE
    lines = in_lines(said(node.name, language), LETTERS, room)
    # whom it comes from goes on where its name ends, as far as there is room to begin
    used = width_of(lines[-1], LETTERS) + _GAP
    is_beside = used * 2 < room
    text = " · ".join(_other_ends(graph, edges, language))
    small = in_lines(text, LETTERS, room, used if is_beside else 0)
    beside = used if small and is_beside else 0
    return _Words(node, Column.THINGS, section, "", "", lines, small, False, beside)


def _other_ends(graph: Graph, edges: Iterable[Edge], language: str) -> list[str]:
    """Whom a thing comes from and goes to and what it runs through, in words; the table says it of each link."""
    sides: dict[str, Text] = {}
    named: dict[Text, dict[str, None]] = {form: {} for form in (FROM, WITH, TO, THROUGH)}
    texts = []
    for edge in edges:
        if edge.relation is Relation.SHARES:
            texts.append(said(USERS.fill(n=len(edge.users)) if edge.users else EVERYBODY, language))
        elif edge.partner:
            form = _FORMS.get(edge.relation, WITH)
            # one that both gives and takes is named once
            form = WITH if sides.setdefault(edge.partner, form) is not form else form
            name = said(graph.nodes[edge.partner].name, language)
            for other in (FROM, TO) if form is WITH else ():
                named[other].pop(name, None)
            named[form][name] = None
        if edge.through:
            platform = graph.nodes[edge.through].name
            short = _SHORT.search(platform.th)
            named[THROUGH][short[1] if short else said(platform, language)] = None
    for form, names in named.items():
        most = len(names) if form is THROUGH else 1
        shown, more = list(names)[:most], len(names) - most
        if shown:
            rest = " " + said(MORE.fill(n=more), language) if more > 0 else ""
            texts.append(said(form, language).format(names=", ".join(shown) + rest))
    return list(dict.fromkeys(texts))


def _groups(words: Mapping[str, _Words], column: Column, section: str) -> list[Group]:
    """The boxes of a column of one ladder, by group."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for key, one in words.items():
        if one.column is column and one.section == section:
            members[one.group].append(key)
    return [
        Group(g, sorted(members[g], key=lambda k: (words[k].node.number, words[k].node.key)))
        for g in sorted(members)
    ]


def _ministry(words: Mapping[str, _Words], group: Group, language: str) -> str:
    return said(words[group.keys[0]].node.group_name, language)


def _box(key: str, one: _Words, top: int) -> Box:
    return Box(
        key=key,
        node=one.node.key,
        kind=one.node.kind,
        column=one.column,
        section=one.section,
        x=LEFT[one.column],
        y=top,
        wide=_WIDE[one.column],
        high=one.high,
        label=one.label,
        label_wide=width_of(one.label, LETTERS, 700) + _GAP if one.label else 0,
        lines=one.lines,
        small=one.small,
        beside=one.beside,
        is_out=one.is_out,
    )


def _curves(graph: Graph, ends: Sequence[tuple[str, str]], boxes: Mapping[str, Box]) -> tuple[Curve, ...]:
    """Every edge from side to side; where several meet a box, they share its height in the order they come from."""
    ports: defaultdict[tuple[str, bool], list[int]] = defaultdict(list)
    for n, (left, right) in enumerate(ends):
        ports[left, True].append(n)
        ports[right, False].append(n)
    at: dict[tuple[int, bool], int] = {}
    for (key, is_left), edges in ports.items():
        box = boxes[key]

        def far(n: int, is_left: bool = is_left) -> tuple[int, int]:
            other = boxes[ends[n][1 if is_left else 0]]
            return 2 * other.y + other.high, n

        room = box.high - 2 * _PAD
        for turn, n in enumerate(sorted(edges, key=far)):
            at[n, is_left] = box.y + _PAD + room * (2 * turn + 1) // (2 * len(edges))
    return tuple(
        Curve(
            n,
            left,
            right,
            boxes[left].x + boxes[left].wide,
            at[n, True],
            boxes[right].x,
            at[n, False],
            edge.standing,
            edge.relation not in OWN,
            forth=edge.gives,
            back=edge.takes,
        )
        for n, (edge, (left, right)) in enumerate(zip(graph.edges, ends, strict=True))
    )
