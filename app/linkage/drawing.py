"""Where to draw a graph: a ladder of three columns, read from left to right as a sentence. Agencies by ministry, the
proposals they lead by stage, and the data, systems and services those proposals link, by the platform they run through.

A thing that runs through two platforms stands under both, so that every edge is one line of the picture. All measures
are whole pixels of a sheet `WIDTH` wide. The same graph gives the same picture.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from app.kernel.text import Text
from app.linkage.facts import OWN, Edge, Graph, Kind, Node, Relation, Standing
from app.linkage.lettering import in_lines, width_of
from app.linkage.ordering import Group, arrange, place

WIDTH = 960
LETTERS = 12  # size of type
_LINE = 17  # from baseline to baseline: Thai stacks marks above and below
_PAD, _SIDE = 4, 8  # inside a box, above and beside its words
_LEAST = 26  # height of a box, so that a finger finds it
_GAP, _HEAD = 4, 30  # between boxes, and for the heading of a group


class Column(IntEnum):
    """The three columns of the ladder."""

    AGENCIES = 0
    PROPOSALS = 1
    THINGS = 2


_LEFT = {Column.AGENCIES: 0, Column.PROPOSALS: 266, Column.THINGS: 686}
_WIDE = {Column.AGENCIES: 194, Column.PROPOSALS: 342, Column.THINGS: 274}

OTHERS = Text("ข้อเสนอของหน่วยงานอื่น", "Proposals of other agencies")
NO_STAGE = Text("ยังไม่เลือกช่วง", "No stage chosen yet")
NO_CHANNEL = Text("ยังไม่ระบุช่องทาง", "No channel named yet")
SERVICES = Text("บริการกลางที่เสนอสร้าง", "Shared services proposed")
EVERYBODY = Text("ให้ทุกหน่วยงานใช้", "for every agency")
USERS = Text("ให้ {n} หน่วยงานใช้", "for {n} agencies")
FROM = Text("จาก {names}", "from {names}")
TO = Text("ให้ {names}", "to {names}")
WITH = Text("กับ {names}", "with {names}")
MORE = Text("และอีก {n}", "and {n} more")


@dataclass(frozen=True, slots=True)
class Box:
    """A node as drawn. `label` stands before the first of `lines`; `small` below them, `below` the name of something
    like "not approved" beside the label. `node` is the key of what it shows, `kind` what that is."""

    key: str
    node: str
    kind: Kind
    column: Column
    group: str
    x: int
    y: int
    wide: int
    high: int
    label: str
    label_wide: int
    lines: tuple[str, ...]
    small: tuple[str, ...]
    is_out: bool

    @property
    def bottom(self) -> int:
        return self.y + self.high


@dataclass(frozen=True, slots=True)
class Heading:
    """The name over a group of boxes. `node` is the key of the platform it names, "" for none; `group` the stage's code
    over proposals."""

    column: Column
    group: str
    node: str
    x: int
    y: int
    wide: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """An edge as drawn, from the left box to the right one. `forth` and `back` say at which end an arrow stands:
    where what is given arrives. `edge` is its place among the graph's edges."""

    edge: int
    left: str
    right: str
    x1: int
    y1: int
    x2: int
    y2: int
    standing: Standing
    is_link: bool
    forth: bool
    back: bool

    @property
    def middle(self) -> tuple[int, int]:
        return (self.x1 + self.x2) // 2, (self.y1 + self.y2) // 2

    @property
    def path(self) -> str:
        x = self.middle[0]
        return f"M{self.x1} {self.y1}C{x} {self.y1} {x} {self.y2} {self.x2} {self.y2}"


@dataclass(frozen=True, slots=True)
class Picture:
    """A graph with a place for everything."""

    width: int
    height: int
    headings: tuple[Heading, ...]
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class _Words:
    """What a box says, before it has a place."""

    node: Node
    column: Column
    group: str
    label: str
    lines: tuple[str, ...]
    small: tuple[str, ...]
    is_out: bool

    @property
    def high(self) -> int:
        return max(_LEAST, 2 * _PAD + _LINE * (len(self.lines) + len(self.small)))


def said(name: Text, language: str) -> str:
    """A name in a language, or in the one it has."""
    return name.say(language) or name.th or name.en


def thing_box(edge: Edge) -> str:
    """The key of the box an edge's thing stands in: once under each platform it runs through."""
    return f"{edge.thing}|{'service' if edge.relation is Relation.SHARES else edge.through}"


def draw(
    graph: Graph, stages: Sequence[str], language: str, out: Mapping[str, Text] | None = None
) -> Picture:
    """The picture of a graph. `stages` are the codes in the plan's order; `out` says of proposals that will not be
    funded, by key, why not."""
    out = out or {}
    words = _words(graph, language, out)
    ends = [_ends(edge) for edge in graph.edges]
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for left, right in ends:
        neighbours[left].append(right)
        neighbours[right].append(left)
    rank = {stage: n for n, stage in enumerate(stages)}
    columns = arrange(
        [_groups(words, column, rank) for column in Column],
        neighbours,
        fixed=Column.PROPOSALS,
    )
    heights = {key: one.high for key, one in words.items()}
    heads = _heads(graph, words, columns, language)
    tall = [
        [(group, _HEAD + _LINE * (len(heads[column, group.key].lines) - 1)) for group in columns[column]]
        for column in Column
    ]
    tops, height = place(tall, heights, neighbours, _GAP)
    boxes = {
        key: _box(key, one, tops[key], width_of(one.label, LETTERS, 700) + _GAP if one.label else 0)
        for key, one in words.items()
    }
    headings = tuple(
        Heading(
            column,
            h.group,
            h.node,
            _LEFT[column],
            tops[group.keys[0]] - _LINE * len(h.lines) - _GAP + _LINE - _PAD,
            _WIDE[column],
            h.lines,
        )
        for column in Column
        for group in columns[column]
        for h in (heads[column, group.key],)
        if h.lines
    )
    ordered = tuple(boxes[key] for column in columns for group in column for key in group.keys)
    return Picture(WIDTH, height, headings, ordered, _curves(graph, ends, boxes))


def _words(graph: Graph, language: str, out: Mapping[str, Text]) -> dict[str, _Words]:
    words: dict[str, _Words] = {}
    at_thing: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        proposal, agency = graph.nodes[edge.proposal], edge.agency
        if edge.proposal not in words:
            words[edge.proposal] = _proposal(proposal, language, out.get(edge.proposal))
        if edge.relation in OWN and agency not in words:
            node = graph.nodes[agency]
            room = _WIDE[Column.AGENCIES] - 2 * _SIDE
            lines = in_lines(said(node.name, language), LETTERS, room)
            words[agency] = _Words(node, Column.AGENCIES, node.group, "", lines, (), False)
        if edge.thing:
            at_thing[thing_box(edge)].append(edge)
    room = _WIDE[Column.THINGS] - 2 * _SIDE
    for key, edges in at_thing.items():
        node = graph.nodes[edges[0].thing]
        lines = in_lines(said(node.name, language), LETTERS, room)
        small = tuple(
            line for text in _other_ends(graph, edges, language) for line in in_lines(text, LETTERS, room)
        )
        words[key] = _Words(node, Column.THINGS, key.rpartition("|")[2], "", lines, small, False)
    return words


def _proposal(node: Node, language: str, why: Text | None) -> _Words:
    label = f"{node.number} ({said(why, language)})" if why else node.number
    room = _WIDE[Column.PROPOSALS] - 2 * _SIDE
    title = said(node.name, language)
    lines = in_lines(title, LETTERS, room, width_of(label, LETTERS, 700) + _GAP)
    group = node.group or ("draft" if node.state else "others")
    return _Words(node, Column.PROPOSALS, group, label, lines, (), why is not None)


def _other_ends(graph: Graph, edges: Iterable[Edge], language: str) -> list[str]:
    """Whom a thing comes from and goes to, in words; the table says it of each link."""
    ends: dict[str, dict[str, None]] = {"from": {}, "to": {}, "with": {}}
    texts = []
    for edge in edges:
        if edge.relation is Relation.SHARES:
            users = EVERYBODY if not edge.users else USERS.fill(n=len(edge.users))
            texts.append(said(users, language))
        elif edge.partner:
            side = (
                "from"
                if edge.relation is Relation.CONSUMES
                else "to"
                if not edge.takes and edge.gives
                else "with"
            )
            ends[side][edge.partner] = None
    for side, form in (("from", FROM), ("with", WITH), ("to", TO)):
        keys = list(ends[side])
        if keys:
            names = said(graph.nodes[keys[0]].name, language)
            if len(keys) > 1:
                names += " " + said(MORE.fill(n=len(keys) - 1), language)
            texts.append(said(form, language).format(names=names))
    return list(dict.fromkeys(texts))


def _ends(edge: Edge) -> tuple[str, str]:
    """The keys of the two boxes an edge runs between."""
    return (edge.agency, edge.proposal) if edge.relation in OWN else (edge.proposal, thing_box(edge))


def _groups(words: Mapping[str, _Words], column: Column, rank: Mapping[str, int]) -> list[Group]:
    """The boxes of a column by group, proposals in the order of stages and numbers."""
    members: defaultdict[str, list[str]] = defaultdict(list)
    for key, one in words.items():
        if one.column is column:
            members[one.group].append(key)
    if column is Column.PROPOSALS:
        order = sorted(members, key=lambda g: (rank.get(g, len(rank)), g))
        return [Group(g, sorted(members[g], key=lambda k: words[k].node.number)) for g in order]
    return [Group(g, sorted(members[g])) for g in sorted(members)]


def _heads(
    graph: Graph, words: Mapping[str, _Words], columns: Sequence[Sequence[Group]], language: str
) -> dict[tuple[Column, str], Heading]:
    """The words over every group; places come later."""
    found = {}
    for column in Column:
        for group in columns[column]:
            node, name = "", Text("", "")
            if column is not Column.THINGS:
                name = words[group.keys[0]].node.group_name
                if column is Column.PROPOSALS and group.key in ("draft", "others"):
                    name = NO_STAGE if group.key == "draft" else OTHERS
            elif group.key in ("service", ""):
                name = SERVICES if group.key else NO_CHANNEL
            else:
                node, name = group.key, graph.nodes[group.key].name
            lines = in_lines(said(name, language), LETTERS, _WIDE[column] - 2 * _SIDE, 0, 700)
            found[column, group.key] = Heading(column, group.key, node, 0, 0, 0, lines)
    return found


def _box(key: str, one: _Words, top: int, label_wide: int) -> Box:
    return Box(
        key=key,
        node=one.node.key,
        kind=one.node.kind,
        column=one.column,
        group=one.group,
        x=_LEFT[one.column],
        y=top,
        wide=_WIDE[one.column],
        high=one.high,
        label=one.label,
        label_wide=label_wide,
        lines=one.lines,
        small=one.small,
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
    curves = []
    for n, (edge, (left, right)) in enumerate(zip(graph.edges, ends, strict=True)):
        curves.append(
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
        )
    return tuple(curves)
