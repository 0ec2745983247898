"""The integration graph of a call, of an agency and of a proposal: picture and table say the same, filters stand in the
address, and a partner's later word counts."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from flask import Flask

from app.kernel.db import db
from app.kernel.work import open_work
from app.linkage.building import thing_key
from app.proposals.actions import answer_link, ask_partners, submit_proposal
from app.proposals.queries import list_link_answers
from app.screening.actions import screen_proposal
from app.web.linkage import mark_of
from tests.web.desks import assign, browser, file_one, queries_of, text_of
from tests.world import FISCAL_YEAR, NOW, World, complete_draft, write_draft

GRAPH = "/secretariat/linkage"
_LINE = re.compile(r'class="curve (c-own c-own-|c-)(\w+)" data-edge="(\d+)"')
_ROW = re.compile(r'<tr id="edge-(\d+)" data-standing="(\w+)"')


def _links(*links: tuple[str, str, str]) -> dict[str, Any]:
    rows = [
        {
            "kind": "data",
            "name": name,
            "direction": direction,
            "partner": partner,
            "partner_other": "",
            "channel": "gdx",
        }
        for name, direction, partner in links
    ]
    return complete_draft(integration={"links": rows})


def _file_asked(world: World, draft: dict[str, Any], confirms: bool | None) -> int:
    """A filing of alpha whose first link was put to its partner beta before; answered after the filing, or never."""
    proposal_id = write_draft(world, draft)
    with open_work(world.actor("officer"), NOW) as work:
        ask_partners(work, proposal_id)
    with open_work(world.actor("officer"), NOW) as work:
        submit_proposal(work, proposal_id, f"key-{proposal_id}")
        screen_proposal(work, proposal_id)
    if confirms is not None:
        asked = list_link_answers(db.session(), proposal_id)[0]
        with open_work(world.actor("officer_beta"), NOW) as work:
            answer_link(work, asked.id, confirms=confirms, own_money=False, note="ไม่พร้อม")
    return proposal_id


@pytest.mark.parametrize("language", ["th", "en"])
def test_picture_and_table_say_the_same(app: Flask, world: World, language: str) -> None:
    _file_asked(world, _links(("ทะเบียน ก", "consumes", "beta"), ("ทะเบียน ข", "provides", "gamma")), True)
    file_one(world, agency="beta")
    page = text_of(browser(app, "secretariat", language).get(GRAPH))
    lines = {(int(n), standing) for _, standing, n in _LINE.findall(page)}
    rows = {(int(n), standing) for n, standing in _ROW.findall(page)}
    assert len(rows) == 5
    assert lines == rows
    for name in ("ทะเบียน ก", "ทะเบียน ข", "2570-0001", "2570-0002"):
        picture, _, table = page.partition('id="table"')
        assert name in picture
        assert name in table
    assert {"th": "ยืนยันแล้ว", "en": "Confirmed by the partner"}[language] in page


def test_a_partners_later_word_counts(app: Flask, world: World) -> None:
    client = browser(app, "secretariat", "en")
    _file_asked(world, _links(("X", "consumes", "beta")), None)
    page = text_of(client.get(GRAPH))
    assert 'data-standing="claimed"' in page
    assert "Department Beta has not confirmed 1 link in 2570-0001 (asked)" in page
    asked = list_link_answers(db.session(), 1)[0]
    with open_work(world.actor("officer_beta"), NOW) as work:
        answer_link(work, asked.id, confirms=False, own_money=None, note="ยังไม่พร้อม")
    page = text_of(client.get(GRAPH))
    assert 'data-standing="declined"' in page
    assert "Department Beta declined the link about “X” in 2570-0001" in page
    assert 'class="cross" data-a' in page


@pytest.mark.both_databases
def test_filters_in_the_address_narrow_picture_table_and_findings(app: Flask, world: World) -> None:
    _file_asked(world, _links(("ทะเบียน ก", "consumes", "beta"), ("ทะเบียน ข", "consumes", "gamma")), True)
    file_one(world, agency="beta")
    client = browser(app, "secretariat")

    def numbers(query: str) -> set[str]:
        return set(re.findall(r"2570-\d{4}", text_of(client.get(f"{GRAPH}?{query}"))))

    assert numbers("") == {"2570-0001", "2570-0002"}
    assert numbers("standing=confirmed") == {"2570-0001"}
    assert numbers("stage=midstream") == set()
    assert numbers("ministry=moi") == set()
    assert numbers("ministry=mof") == {"2570-0001", "2570-0002"}
    assert numbers("stage=nonsense&ministry=nonsense&standing=nonsense") == {"2570-0001", "2570-0002"}
    around = f"around={mark_of(thing_key('ทะเบียน ข'))}"
    assert numbers(around) == {"2570-0001"}
    page = text_of(client.get(f"{GRAPH}?{around}"))
    assert "ทะเบียน ก" not in page.partition('id="picture"')[2]
    assert numbers("around=0123456789ab") == {"2570-0001", "2570-0002"}


@pytest.mark.both_databases
def test_empty_and_unknown(app: Flask, world: World) -> None:
    client = browser(app, "secretariat", "en")
    assert "Nothing has been filed in this call yet" in text_of(client.get(GRAPH))
    assert client.get(f"{GRAPH}?call=2599").status_code == 404
    assert client.get(f"{GRAPH}/agencies/99999").status_code == 404
    agency = world.agencies["gamma"]
    assert "This agency has no part in this call" in text_of(client.get(f"{GRAPH}/agencies/{agency}"))
    draft = write_draft(world, complete_draft())
    assert client.get(f"{GRAPH}/proposals/{draft}").status_code == 404
    assert "2570-0001" not in text_of(client.get(GRAPH))


def test_an_agency_and_what_names_it(app: Flask, world: World) -> None:
    file_one(world)  # alpha names beta
    file_one(world, agency="beta")  # beta names alpha
    client = browser(app, "committee", "en")
    page = text_of(client.get(f"{GRAPH}/agencies/{world.agencies['beta']}"))
    assert "2570-0001" in page
    assert "2570-0002" in page
    assert "Findings that concern this agency" in page
    assert f'href="{GRAPH}/proposals/1"' in page


def test_a_proposal_with_what_others_do_with_the_same_things(app: Flask, world: World) -> None:
    for _ in range(2):
        file_one(world)
    page = text_of(browser(app, "secretariat", "en").get(f"{GRAPH}/proposals/1"))
    assert "2570-0002" in page  # it uses the same register
    assert "who else uses the same?" in page
    assert f'href="{GRAPH}/agencies/{world.agencies["alpha"]}?call={FISCAL_YEAR}"' in page


def test_a_reviewer_sees_the_links_of_an_assigned_proposal_and_of_no_other(app: Flask, world: World) -> None:
    given, other = file_one(world), file_one(world)
    assign(world, given, "reviewer_bb")
    client = browser(app, "reviewer_bb", "en")
    page = text_of(client.get(f"{GRAPH}/proposals/{given}"))
    assert "2570-0001" in page
    assert "2570-0002" not in page
    assert "/secretariat/linkage/" not in page.partition("<main")[2].partition("</nav>")[2]
    assert client.get(f"{GRAPH}/proposals/{other}").status_code == 404
    assert client.get(GRAPH).status_code == 403


def test_what_is_typed_by_hand_is_escaped(app: Flask, world: World) -> None:
    file_one(world, title_th="<script>alert(1)</script>")
    _file_asked(world, _links(('"><img src=x>', "consumes", "beta")), None)
    page = browser(app, "secretariat").get(GRAPH).get_data(as_text=True)
    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.both_databases
def test_the_table_as_csv(app: Flask, world: World) -> None:
    _file_asked(world, _links(("=ทะเบียน", "consumes", "beta")), True)
    client = browser(app, "secretariat", "en")
    answer = client.get(f"{GRAPH}.csv?call={FISCAL_YEAR}&standing=confirmed")
    assert answer.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert rows[0][:5] == ["Proposal", "Title", "From", "Relation", "Data, system or service"]
    assert rows[2][2:9] == [
        "Department Beta",
        "Provides",
        "'=ทะเบียน",
        "Department Alpha",
        "Government Data Exchange (GDX)",
        "Confirmed",
        "Confirmed by the partner",
    ]


@pytest.mark.both_databases
def test_a_constant_few_questions(app: Flask, world: World) -> None:
    first = file_one(world)
    file_one(world, agency="beta")
    pages = (GRAPH, f"{GRAPH}/agencies/{world.agencies['alpha']}", f"{GRAPH}/proposals/{first}")
    client = browser(app, "secretariat")
    few = [[queries_of(client, page) for page in pages] for _ in range(2)][-1]
    for _ in range(6):
        file_one(world)
    many = [[queries_of(client, page) for page in pages] for _ in range(2)][-1]
    assert few == many
    assert all(count <= 12 for count in many), many


def test_the_committee_has_the_same_page_in_its_menu(app: Flask, world: World) -> None:
    file_one(world)
    page = text_of(browser(app, "committee", "en").get("/committee/linkage"))
    assert "2570-0001" in page
    assert re.search(r'href="/committee/linkage"[^>]*aria-current', page)
