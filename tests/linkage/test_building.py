"""From what proposals say to nodes and edges, and to parts of the graph."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.kernel.text import Text
from app.linkage.building import (
    agency_key,
    around,
    build,
    narrowed,
    platform_key,
    proposal_key,
    thing_key,
)
from app.linkage.facts import Claims, Edge, Graph, Kind, Relation, Standing
from app.proposals.facts import Answer, Form
from tests.linkage.claims import PLAN, agency, claims, link


def _edges(*proposals: Claims) -> list[Edge]:
    return list(build(proposals, PLAN).edges)


def test_who_leads_and_who_takes_part() -> None:
    joined = {"c": Answer.CONFIRMED, "d": Answer.DECLINED}
    graph = build([claims(1, "a", participants=["b", "c", "d"], joined=joined)], PLAN)
    assert [(e.relation, e.agency, e.standing) for e in graph.edges] == [
        (Relation.LEADS, "agency:a", Standing.CONFIRMED),
        (Relation.PARTICIPATES, "agency:b", Standing.CLAIMED),
        (Relation.PARTICIPATES, "agency:c", Standing.CONFIRMED),
        (Relation.PARTICIPATES, "agency:d", Standing.DECLINED),
    ]
    node = graph.nodes[proposal_key(1)]
    assert (node.number, node.group, node.group_name.th, node.state) == (
        "2570-0001",
        "upstream",
        "ต้นน้ำ",
        "passed",
    )
    assert graph.nodes["agency:a"].group_name == Text("กระทรวงm1", "Ministry m1")


@pytest.mark.parametrize(
    ("direction", "relation", "takes", "gives"),
    [
        ("consumes", Relation.CONSUMES, True, False),
        ("provides", Relation.PROVIDES, False, True),
        ("both", Relation.EXCHANGES, True, True),
        ("", Relation.LINKS, False, False),
    ],
)
def test_which_way_a_link_carries(direction: str, relation: Relation, takes: bool, gives: bool) -> None:
    _lead, edge = _edges(claims(1, "a", link("ทะเบียน", "b", direction)))
    assert (edge.relation, edge.takes, edge.gives) == (relation, takes, gives)
    assert (edge.agency, edge.partner, edge.through) == ("agency:a", "agency:b", "platform:gdx")
    assert edge.thing == thing_key("ทะเบียน")


@pytest.mark.parametrize(
    ("answer", "standing"),
    [
        (Answer.NOT_ASKED, Standing.CLAIMED),
        (Answer.ASKED, Standing.CLAIMED),
        (Answer.CONFIRMED, Standing.CONFIRMED),
        (Answer.DECLINED, Standing.DECLINED),
    ],
)
def test_whose_word_a_link_has(answer: Answer, standing: Standing) -> None:
    assert _edges(claims(1, "a", link("x", "b", answer=answer)))[1].standing is standing


def test_names_that_fold_to_the_same_are_one_node_called_as_most_call_it() -> None:
    graph = build(
        [
            claims(1, "a", link("Company  Registry", "b")),
            claims(2, "c", link("company registry", "b"), link("COMPANY REGISTRY ๑", "b")),
            claims(3, "d", link("company registry", "b")),
        ],
        PLAN,
    )
    things = {n.key: n.name.th for n in graph.of_kind(Kind.DATA)}
    assert things == {
        "thing:company registry": "company registry",
        "thing:company registry 1": "COMPANY REGISTRY ๑",
    }


def test_what_somebody_builds_for_all_is_a_service_whatever_its_users_call_it() -> None:
    graph = build(
        [
            claims(1, "a", service="ระบบกลาง", users=["b", "c"]),
            claims(2, "b", link("ระบบกลาง", "a", kind="system")),
        ],
        PLAN,
    )
    assert graph.nodes[thing_key("ระบบกลาง")].kind is Kind.SERVICE
    shares = next(e for e in graph.edges if e.relation is Relation.SHARES)
    assert shares.users == ("agency:b", "agency:c")


def test_forms_that_are_not_claimed_draw_nothing() -> None:
    proposal = claims(1, "a", link("x", "b"), service="y", forms=[Form.STANDARD])
    assert [e.relation for e in _edges(proposal)] == [Relation.LEADS]


def test_a_link_of_a_participant_is_its_own() -> None:
    proposal = claims(1, "a", link("x", "c", claimant="b"), participants=["b"])
    assert [e.agency for e in _edges(proposal) if e.is_link] == ["agency:b"]


def test_a_link_to_oneself_is_within() -> None:
    assert [e.is_within for e in _edges(claims(1, "a", link("x", "a"))) if e.is_link] == [True]


def test_a_partner_in_no_register_and_a_row_nobody_began() -> None:
    graph = build([claims(1, "a", link("x", "!บริษัท ก"), link("", "", channel=""))], PLAN)
    (edge,) = graph.links
    assert graph.nodes[edge.partner].kind is Kind.OUTSIDE
    assert graph.nodes[edge.partner].name.th == "บริษัท ก"


def test_things_without_a_name_are_not_the_same_thing() -> None:
    graph = build([claims(1, "a", link("", "b")), claims(2, "c", link("", "b"))], PLAN)
    assert len({e.thing for e in graph.links}) == 2


def test_a_platform_of_no_plan_keeps_its_code() -> None:
    graph = build([claims(1, "a", link("x", "b", channel="unheard_of"))], PLAN)
    assert graph.nodes[platform_key("unheard_of")].name.th == "unheard_of"


def _three() -> Graph:
    return build(
        [
            claims(1, "a", link("x", "b", answer=Answer.CONFIRMED), link("y", "c")),
            claims(2, "b", link("x", "d"), stage="midstream"),
            claims(3, "e", service="s", users=["a", "b"], stage="downstream"),
        ],
        PLAN,
    )


def test_around_an_agency_stand_its_own_and_what_names_it() -> None:
    graph = around(_three(), agency_key("b"))
    links = [(e.proposal, e.thing) for e in graph.edges if e.thing]
    assert links == [
        ("proposal:1", "thing:x"),
        ("proposal:2", "thing:x"),
        ("proposal:3", "thing:s"),
    ]
    assert "agency:c" not in graph.nodes
    assert sum(e.relation is Relation.LEADS for e in graph.edges) == 3


def test_around_a_proposal_stands_what_others_do_with_the_same_things() -> None:
    graph = around(_three(), proposal_key(2))
    assert [(e.proposal, e.thing) for e in graph.links] == [
        ("proposal:1", "thing:x"),
        ("proposal:2", "thing:x"),
    ]


def test_around_a_thing_or_platform_stands_what_touches_it() -> None:
    assert {e.proposal for e in around(_three(), "thing:y").edges} == {"proposal:1"}
    through = around(_three(), platform_key("gdx"))
    assert {e.proposal for e in through.edges} == {"proposal:1", "proposal:2"}


@pytest.mark.parametrize(
    ("narrowing", "proposals"),
    [
        ({}, {1, 2, 3}),
        ({"stage": "midstream"}, {2}),
        ({"standing": "confirmed"}, {1}),
        ({"standing": "declined"}, set()),
        ({"ministry": "m1"}, {1, 2, 3}),
        ({"ministry": "elsewhere"}, set()),
        ({"stage": "upstream", "standing": "claimed"}, {1}),
    ],
)
def test_narrowed(narrowing: dict[str, str], proposals: set[int]) -> None:
    graph = narrowed(_three(), **narrowing)
    assert {e.proposal for e in graph.edges} == {proposal_key(n) for n in proposals}
    assert {n.key for n in graph.of_kind(Kind.PROPOSAL)} == {proposal_key(n) for n in proposals}


def test_the_later_filing_names_the_agency() -> None:
    renamed = replace(agency("a"), name=Text("กรมใหม่", "Renamed"))
    graph = build([replace(claims(2, "a"), lead=renamed), claims(1, "a")], PLAN)
    assert graph.nodes["agency:a"].name.th == "กรมใหม่"
