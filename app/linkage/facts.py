"""What the integration graph is made of: nodes, edges between them, and what is found in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.facts import AgencyRef, Answer, Integration


class Kind(StrEnum):
    """What a node is. OUTSIDE is a partner typed by hand, in no register."""

    AGENCY = "agency"
    OUTSIDE = "outside"
    PROPOSAL = "proposal"
    PLATFORM = "platform"
    DATA = "data"
    SYSTEM = "system"
    SERVICE = "service"


KIND_NAMES = {
    Kind.AGENCY: Text("หน่วยงาน", "Agency"),
    Kind.OUTSIDE: Text("หน่วยงานนอกทะเบียน", "Body outside the register"),
    Kind.PROPOSAL: Text("ข้อเสนอ", "Proposal"),
    Kind.PLATFORM: Text("ช่องทางหรือแพลตฟอร์ม", "Channel or platform"),
    Kind.DATA: Text("ข้อมูล", "Data"),
    Kind.SYSTEM: Text("ระบบงาน", "System"),
    Kind.SERVICE: Text("บริการกลาง", "Shared service"),
}
THINGS = frozenset({Kind.DATA, Kind.SYSTEM, Kind.SERVICE})


class Relation(StrEnum):
    """What an edge says."""

    LEADS = "leads"
    PARTICIPATES = "participates"
    PROVIDES = "provides"
    CONSUMES = "consumes"
    EXCHANGES = "exchanges"
    LINKS = "links"  # a link of a draft that does not say yet which way it carries
    SHARES = "shares"


RELATION_NAMES = {
    Relation.LEADS: Text("เป็นหน่วยงานหลัก", "Leads"),
    Relation.PARTICIPATES: Text("ร่วมดำเนินการ", "Takes part"),
    Relation.PROVIDES: Text("ให้", "Provides"),
    Relation.CONSUMES: Text("ให้", "Provides"),  # said from the side of whoever has it
    Relation.EXCHANGES: Text("แลกเปลี่ยน", "Exchanges"),
    Relation.LINKS: Text("เชื่อมโยง", "Links"),
    Relation.SHARES: Text("เปิดบริการกลาง", "Shares the service"),
}
OWN = frozenset({Relation.LEADS, Relation.PARTICIPATES})
LINKS = frozenset({Relation.PROVIDES, Relation.CONSUMES, Relation.EXCHANGES, Relation.LINKS})


class Standing(StrEnum):
    """Whose word an edge has: both sides', the proposal's alone, or the partner's against it."""

    CONFIRMED = "confirmed"
    CLAIMED = "claimed"
    DECLINED = "declined"


STANDING_NAMES = {
    Standing.CONFIRMED: Text("ยืนยันแล้ว", "Confirmed"),
    Standing.CLAIMED: Text("อ้างฝ่ายเดียว", "Claimed only"),
    Standing.DECLINED: Text("คู่เชื่อมปฏิเสธ", "Declined"),
}
_STANDINGS = {Answer.CONFIRMED: Standing.CONFIRMED, Answer.DECLINED: Standing.DECLINED}


@dataclass(frozen=True, slots=True)
class Claims:
    """What one proposal says of others, and what they say to it.

    `key` is the proposal's id. `lead` is None where only a participant's link is known. `joined` maps the code of a
    participant to its word on taking part. `number` is unique.
    """

    key: int
    number: str
    title: Text
    state: str
    stage: str
    lead: AgencyRef | None
    participants: tuple[AgencyRef, ...]
    integration: Integration
    joined: Mapping[str, Answer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Node:
    """Something the graph connects. `group` is the ministry's code of an agency and the stage of a proposal, `groups`
    its name; `number` and `state` are a proposal's."""

    key: str
    kind: Kind
    name: Text
    group: str = ""
    group_name: Text = Text("", "")
    number: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """One line of the graph. All but `relation` and `answer` are keys of nodes, "" where there is none.

    `agency` says it: the lead, a participant, or the claimant of a link. `partner` is whom a link names, `thing` what
    is linked or shared, `through` the platform. `users` are the agencies a shared service names; none is for all.
    """

    relation: Relation
    proposal: str
    agency: str
    thing: str = ""
    partner: str = ""
    through: str = ""
    answer: Answer = Answer.NOT_ASKED
    users: tuple[str, ...] = ()

    @property
    def standing(self) -> Standing:
        return _STANDINGS.get(self.answer, Standing.CLAIMED)

    @property
    def is_link(self) -> bool:
        return self.relation in LINKS

    @property
    def is_within(self) -> bool:
        """Whether a link names the agency that claims it: no link with another at all."""
        return self.is_link and self.partner == self.agency

    @property
    def takes(self) -> bool:
        """Whether the claimant needs the thing from the partner."""
        return self.relation in (Relation.CONSUMES, Relation.EXCHANGES)

    @property
    def gives(self) -> bool:
        """Whether the claimant offers the thing to the partner."""
        return self.relation in (Relation.PROVIDES, Relation.EXCHANGES)


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes by key, and edges in the order of their proposals' numbers. Every proposal has an edge at least."""

    nodes: Mapping[str, Node]
    edges: tuple[Edge, ...]

    def of_kind(self, *kinds: Kind) -> list[Node]:
        """The nodes of these kinds, in the order of the nodes."""
        return [node for node in self.nodes.values() if node.kind in kinds]

    @property
    def links(self) -> list[Edge]:
        return [edge for edge in self.edges if edge.is_link]


class Rule(StrEnum):
    """What is looked for in a graph."""

    NO_PARTNER = "no_confirmed_partner"
    UNFUNDED = "unfunded_provider"
    UNMET = "unmet_need"
    TWICE = "proposed_twice"
    DECLINED = "declined_link"
    UNCONFIRMED = "unconfirmed_link"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `about` is the node it is about; `edges` and `proposals` (keys) are what it rests on; `text`
    says what was found and `remedy` what would change it. `weight` is how many proposals it touches."""

    rule: Rule
    about: str
    text: Text
    remedy: Text
    edges: tuple[Edge, ...]
    proposals: tuple[str, ...]

    @property
    def weight(self) -> int:
        return len(self.proposals)
