"""What an agency sees of the graph: its own, drafts included, and the links put to it; of others nothing beyond that."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.identity.actions import add_demo_person
from app.identity.facts import Membership, Role
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import (
    answer_invitation,
    ask_partners,
    invite_participants,
    save_section,
    submit_proposal,
)
from app.proposals.drafts import Draft
from app.screening.actions import screen_proposal
from tests.web.desks import browser, queries_of, text_of
from tests.world import NOW, World, budget_row, complete_draft, write_draft

GRAPH = "/agency/linkage"
SECRET = "ลับเฉพาะXYZZY"


def _beta_draft(**link: str) -> Draft:
    """A draft of beta with marked words everywhere, one of whose two links names alpha."""
    draft = complete_draft(
        integration={
            "forms": ["link", "shared_service"],
            "service_name": f"บริการ{SECRET}",
            "service_free": "yes",
            "service_users": ["alpha", "gamma"],
        },
        budget={"rows": [budget_row(agency="beta", item=f"รายการ{SECRET}")]},
        plan={"stage": "midstream", "guideline": "2.1", "strategy": "1"},
    )
    draft["names"] |= {"title_th": "ชื่อที่บอกคู่เชื่อม", "title_en": "A title partners are told"}
    draft["rationale"] |= dict.fromkeys(("rationale", "objectives", "outputs"), SECRET)
    row: dict[str, Any] = dict(draft["integration"]["links"][0])
    draft["integration"]["links"] = [
        row | {"name": "ทะเบียนที่ขอจากอัลฟา", "partner": "alpha"} | link,
        row | {"name": f"ทะเบียน{SECRET}", "partner": "gamma"},
    ]
    return draft


def _ask(world: World, proposal_id: int) -> None:
    with open_work(world.actor("officer_beta"), NOW) as work:
        ask_partners(work, proposal_id)


def _file(world: World, proposal_id: int) -> None:
    with open_work(world.actor("officer_beta"), NOW) as work:
        submit_proposal(work, proposal_id, f"key-{proposal_id}")
        screen_proposal(work, proposal_id)


def _write(world: World) -> int:
    return write_draft(world, _beta_draft(), by="officer_beta", agency="beta")


@pytest.mark.parametrize("is_filed", [False, True])
@pytest.mark.parametrize("name", ["officer", "certifier"])
def test_a_link_nobody_asked_about_is_not_told(app: Flask, world: World, is_filed: bool, name: str) -> None:
    proposal_id = _write(world)
    if is_filed:
        _file(world, proposal_id)
    page = text_of(browser(app, name).get(GRAPH))
    for words in ("2570-0001", "ทะเบียนที่ขอจากอัลฟา", "ชื่อที่บอกคู่เชื่อม", SECRET, "กรมแกมมา"):
        assert words not in page


@pytest.mark.parametrize("is_filed", [False, True])
def test_of_a_link_asked_about_there_is_the_link_and_nothing_else(
    app: Flask, world: World, is_filed: bool
) -> None:
    proposal_id = _write(world)
    _ask(world, proposal_id)
    if is_filed:
        _file(world, proposal_id)
    page = text_of(browser(app, "officer").get(GRAPH))
    for words in (
        "2570-0001",
        "ทะเบียนที่ขอจากอัลฟา",
        "ชื่อที่บอกคู่เชื่อม",
        "กรมเบตา",
        "หน่วยงานอื่นรอคำตอบของท่าน 1 รายการ",
    ):
        assert words in page
    # its other links, its service and their users, its stage, its state and what happens to it
    for words in (SECRET, "กรมแกมมา", "กลางน้ำ", "ผ่านการกลั่นกรอง", "/agency/proposals/1"):
        assert words not in page.partition("<main")[2]
    assert 'href="/agency/links/' in page


def test_a_participants_link_tells_of_the_participant_and_not_of_the_lead(app: Flask, world: World) -> None:
    draft = complete_draft(names={"participants": ["beta"]}, integration={"links": []})
    draft["budget"]["rows"] = [budget_row(agency="dga")]
    with open_work(world.actor("admin"), NOW) as work:
        member = Membership(Role.OFFICER, world.agencies["dga"])
        world.users["officer_dga"] = add_demo_person(
            work, World.email("officer_dga"), Text("ก", "K"), "correct horse battery", [member]
        )
    try:
        proposal_id = write_draft(world, draft, by="officer_dga", agency="dga")
        with open_work(world.actor("officer_dga"), NOW) as work:
            invite_participants(work, proposal_id, ["beta"])
        beta = world.agencies["beta"]
        with open_work(world.actor("officer_beta"), NOW) as work:
            answer_invitation(work, proposal_id, beta, joins=True)
        row = complete_draft()["integration"]["links"][0] | {"partner": "alpha", "name": "ทะเบียนจากอัลฟา"}
        with open_work(world.actor("officer_beta"), NOW) as work:
            save_section(work, proposal_id, "links", {"rows": [row]}, 1, agency_id=beta)
            ask_partners(work, proposal_id, beta)
        page = text_of(browser(app, "officer").get(GRAPH)).partition("<main")[2]
        assert "ทะเบียนจากอัลฟา" in page
        assert "กรมเบตา" in page
        assert "สำนักงานพัฒนารัฐบาลดิจิทัล" not in page.partition("<footer")[0]
    finally:
        del world.users["officer_dga"]


def test_own_proposals_stand_whole_drafts_included(app: Flask, world: World) -> None:
    own = write_draft(world, complete_draft())
    client = browser(app, "officer", "en")
    page = text_of(client.get(GRAPH))
    assert "2570-0001" in page
    assert "ทะเบียนผู้ประกอบการ" in page
    assert f'href="/agency/proposals/{own}/linkage"' in page
    assert "Proposal 2570-0001 claims links with Department Beta; none of them has confirmed" in page
    one = text_of(client.get(f"/agency/proposals/{own}/linkage"))
    assert "ทะเบียนผู้ประกอบการ" in one
    assert "As the draft stands now" in one


def test_anothers_proposal_is_not_found(app: Flask, world: World) -> None:
    proposal_id = _write(world)
    _ask(world, proposal_id)
    assert browser(app, "officer").get(f"/agency/proposals/{proposal_id}/linkage").status_code == 404


def test_nothing_yet(app: Flask, world: World) -> None:
    client = browser(app, "officer", "en")
    assert "No links in this call yet" in text_of(client.get(GRAPH))
    assert client.get(f"{GRAPH}?call=2599").status_code == 404
    draft = write_draft(world, complete_draft(integration={"forms": [], "links": []}))
    assert "names no link and no shared service yet" in text_of(
        client.get(f"/agency/proposals/{draft}/linkage")
    )


@pytest.mark.both_databases
def test_a_constant_few_questions(app: Flask, world: World) -> None:
    client = browser(app, "officer")

    def add() -> int:
        own = write_draft(world, complete_draft())
        filed = write_draft(world, complete_draft())
        with open_work(world.actor("officer"), NOW) as work:
            submit_proposal(work, filed, f"key-{filed}")
            screen_proposal(work, filed)
        _ask(world, _write(world))
        return own

    first = add()
    pages = (GRAPH, f"/agency/proposals/{first}/linkage", f"/agency/proposals/{first + 1}/linkage")
    few = [[queries_of(client, page) for page in pages] for _ in range(2)][-1]
    for _ in range(3):
        add()
    many = [[queries_of(client, page) for page in pages] for _ in range(2)][-1]
    assert few == many
    assert all(count <= 12 for count in many), many
