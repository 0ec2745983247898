"""The pages of scenarios: made, given terms without a script, changed by hand, compared, adopted; nothing typed is lost."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.calls.queries import get_call
from app.kernel.db import db
from app.portfolio.facts import Adjusting, Adjustment, Bound, Dimension, Limit, Terms
from app.portfolio.queries import list_entries
from app.portfolio.queries.scenarios import get_scenario, known_of, list_scenarios
from app.web.committee.scenarios_typed import read_terms, read_typed, typed_of
from tests.portfolio.test_lists import MILLION, asking, score
from tests.portfolio.test_scenarios import adjust, adopt, make
from tests.web.desks import browser, queries_of, text_of
from tests.world import FISCAL_YEAR, World, file_proposal

LIST = f"/committee/calls/{FISCAL_YEAR}/scenarios"
COMPARE = f"{LIST}/compare"
WHY = "เหตุผลของการปรับ"


@pytest.fixture
def three(app: Flask, world: World) -> dict[str, int]:
    """Three scored projects: 6, 5 and 3 million baht, the first two at odds for the ceiling of 10."""
    found = {}
    for name, baht, level in (("six", 6_000_000, 4), ("five", 5_000_000, 3), ("three", 3_000_000, 2)):
        found[name] = file_proposal(world, asking(baht))
        score(world, found[name], level)
    return found


def numbers(world: World) -> dict[int, str]:
    return {entry.proposal_id: entry.number for entry in list_entries(db.session(), world.call_id)}


def form_of(page: str) -> dict[str, str]:
    """What the page's own form of the terms would send: its fields as filled."""
    body = page[page.index('class="terms"') :]
    found = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', body.replace('type="radio"', "")))
    found["basis"] = "raw"
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', body, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else re.findall(r'value="([^"]*)"', options)[0]
    found.pop("partial", None)
    return found


def terms_page(client: FlaskClient, scenario_id: int) -> str:
    return text_of(client.get(f"/committee/scenarios/{scenario_id}/terms"))


def test_terms_are_typed_saved_and_shown_again(app: Flask, world: World, three: dict[str, int]) -> None:
    scenario_id, client, no = make(world, "committee"), browser(app, "committee"), numbers(world)
    sent = form_of(terms_page(client, scenario_id))
    sent |= {
        "ceiling": "๙,๐๐๐,๐๐๐",
        "partial": "1",
        "limit-0-bound": "cap",
        "limit-0-group": "stage:upstream",
        "limit-0-amount": "8,000,000",
        "must-0": f"{no[three['three']]} ชื่อที่เลือกมาด้วย",
        "needs-0-one": no[three["six"]],
        "needs-0-other": no[three["three"]],
        "exclusive-0": f"{no[three['six']]}, {no[three['five']]}",
    }
    answer = client.post(f"/committee/scenarios/{scenario_id}/terms", data=sent)
    assert answer.status_code == 303
    view = get_scenario(db.session(), world.actor("committee"), scenario_id)
    assert view.terms == Terms(
        9 * MILLION,
        limits=(Limit(Dimension.STAGE, "upstream", Bound.CAP, 8 * MILLION),),
        must_fund=frozenset({no[three["three"]]}),
        needs=((no[three["six"]], no[three["three"]]),),
        exclusive=((no[three["six"]], no[three["five"]]),),
        partial=True,
    )
    again = form_of(terms_page(client, scenario_id))
    assert again["limit-0-amount"] == "8,000,000.00"
    assert (again["must-0"], again["exclusive-0"]) == (sent["must-0"].split()[0], sent["exclusive-0"])
    page = text_of(client.get(f"/committee/scenarios/{scenario_id}"))
    assert "เพดาน 8.0000: ช่วงต้นน้ำ" in page


def test_a_button_that_only_adds_rows_gives_back_everything_typed(
    app: Flask, world: World, three: dict[str, int]
) -> None:
    scenario_id, client = make(world), browser(app, "secretariat")
    sent = form_of(terms_page(client, scenario_id)) | {
        "ceiling": "ไม่ใช่ตัวเลข",
        "must-0": "9999-0001",
        "needs-0-other": "2570-0001",
        "limit-0-amount": "12",
        "do": "add:needs",
    }
    answer = client.post(f"/committee/scenarios/{scenario_id}/terms", data=sent)
    assert answer.status_code == 200
    given = form_of(text_of(answer))
    for name in ("ceiling", "must-0", "needs-0-other", "limit-0-amount"):
        assert given[name] == sent[name]
    assert [n for n in range(9) if f"needs-{n}-one" in given] == [0, 1, 2, 3, 4]
    assert get_scenario(db.session(), world.actor("secretariat"), scenario_id).version == 1


def test_all_problems_are_told_at_once_at_their_fields(
    app: Flask, world: World, three: dict[str, int]
) -> None:
    scenario_id, client = make(world), browser(app, "secretariat")
    sent = form_of(terms_page(client, scenario_id))
    weight = next(name for name in sent if name.startswith("weight-"))
    sent |= {
        "ceiling": "x",
        weight: "101",
        "limit-3-amount": "5",  # counted anew: the first row
        "must-0": "9999-0001",
        "needs-0-one": "2570-0001",
        "exclusive-0": "2570-0001",
    }
    answer = client.post(f"/committee/scenarios/{scenario_id}/terms", data=sent)
    page = text_of(answer)
    assert answer.status_code == 422
    for place in ("ceiling", "limit-0-group", "must-0", "needs-0-other", "exclusive-0", weight):
        assert f'id="{place}-error"' in page, place
    assert "9999-0001" in page


@pytest.mark.parametrize(
    "posted", [{}, {"version": "1", "do": "take:needs"}, {"do": "take:must:a b"}, {"limit-0-bound": "x"}]
)
def test_any_post_is_answered(
    app: Flask, world: World, three: dict[str, int], posted: dict[str, str]
) -> None:
    scenario_id, client = make(world), browser(app, "secretariat")
    assert client.post(f"/committee/scenarios/{scenario_id}/terms", data=posted).status_code in (200, 422)


def test_the_form_reads_back_the_terms_it_was_filled_with(
    app: Flask, world: World, three: dict[str, int]
) -> None:
    call, no = get_call(db.session(), FISCAL_YEAR), sorted(numbers(world).values())
    known = known_of(call, list_entries(db.session(), call.id))
    terms = Terms(
        7 * MILLION,
        weights={c.code: 100 if n == 0 else 0 for n, c in enumerate(call.rubric.criteria)},
        limits=(
            Limit(Dimension.MINISTRY, "mof", Bound.FLOOR, 1),
            Limit(Dimension.GUIDELINE, "1.1", Bound.CAP, 5),
        ),
        must_fund=frozenset(no[:1]),
        needs=((no[0], no[1]),),
        exclusive=((no[1], no[2]),),
        partial=True,
    )
    typed = typed_of(terms, known)
    sent = {"ceiling": typed.ceiling, "basis": typed.basis, "partial": "1"}
    sent |= {f"weight-{code}": value for code, value in typed.weights.items()}
    for at, (bound, group, amount) in enumerate(typed.limits):
        sent |= {f"limit-{at}-bound": bound, f"limit-{at}-group": group, f"limit-{at}-amount": amount}
    sent |= {"must-0": typed.must[0], "exclusive-0": typed.exclusive[0]}
    sent |= {"needs-0-one": typed.needs[0][0], "needs-0-other": typed.needs[0][1]}
    assert read_terms(read_typed(sent, call), known) == (terms, [])


def test_a_project_is_changed_by_hand_and_taken_back(app: Flask, world: World, three: dict[str, int]) -> None:
    scenario_id, client = make(world), browser(app, "secretariat", "en")
    path = f"/committee/scenarios/{scenario_id}/projects/{three['six']}"
    wrong = client.post(path, data={"version": "1", "kind": "cut", "amount": "7,000,000", "reason": ""})
    assert wrong.status_code == 422
    for place in ("amount", "reason"):
        assert f'id="{place}-error"' in text_of(wrong)
    assert 'value="7,000,000"' in text_of(wrong)
    sent = {"version": "1", "kind": "cut", "amount": "4,000,000", "reason": WHY}
    assert client.post(path, data=sent).status_code == 303
    assert client.post(path, data=sent).status_code == 409  # an old page
    page = text_of(client.get(f"/committee/scenarios/{scenario_id}"))
    ledger = page[page.index('id="ledger"') : page.index('id="list"')]
    assert WHY in ledger
    assert "Person secretariat" in ledger
    assert ("6.0000" in ledger, "4.0000" in ledger) == (True, True)
    entering = page[page.index("Enter the list") : page.index("Leave the list")]
    assert numbers(world)[three["five"]] in entering
    assert client.post(f"{path}/back", data={"version": "2"}).status_code == 303
    assert 'id="ledger"' not in text_of(client.get(f"/committee/scenarios/{scenario_id}"))
    assert WHY in text_of(client.get(path))  # what was is still told


def test_lists_stand_side_by_side_and_in_a_file(app: Flask, world: World, three: dict[str, int]) -> None:
    mine = make(world)
    adjust(world, "secretariat", mine, three["six"], Adjustment(Adjusting.CUT, 3_333_333_33, WHY))
    client = browser(app, "committee", "en")
    page = text_of(client.get(f"{COMPARE}?with={mine}&with=0&with=99&with=x"))
    _, differing = page.split('id="differ"')
    differing, rest = differing.split("<h2>By stage")
    assert "Where they differ (3)" in page
    assert numbers(world)[three["six"]] in differing
    assert "Quarter 1" in rest
    assert "Raw means" in page  # the terms of each
    rows = list(
        csv.reader(io.StringIO(client.get(f"{COMPARE}.csv?with={mine}&with=0").get_data(as_text=True)))
    )
    granted = [at for at, title in enumerate(rows[0]) if "granted" in title]
    sums = [sum(Decimal(row[at]) for row in rows[1:] if row[at]) for at in granted]
    assert sums == [Decimal("8333333.33"), Decimal("9000000.00")]
    assert client.get(f"{COMPARE}.csv?with={mine}").status_code == 302
    assert "Choose two scenarios" in text_of(client.get(COMPARE))


def test_adopting_shows_who_moves_and_asks_why(app: Flask, world: World, three: dict[str, int]) -> None:
    mine = make(world, "committee")
    adjust(world, "committee", mine, three["six"], Adjustment(Adjusting.LEAVE, None, WHY))
    path, client = f"/committee/scenarios/{mine}/adopt", browser(app, "secretariat", "en")
    page = text_of(client.get(path))
    assert "Leave the list (1)" in page
    assert "Enter the list (1)" in page
    refused = client.post(path, data={"version": "2", "reason": " "})
    assert (refused.status_code, 'id="reason-error"' in text_of(refused)) == (422, True)
    assert client.post(path, data={"version": "2", "reason": WHY}).status_code == 303
    shown = text_of(client.get(f"/committee/scenarios/{mine}"))
    view = get_scenario(db.session(), world.actor("committee"), mine)
    assert view.adopted_sha256
    assert view.adopted_sha256 in shown
    assert f"/committee/scenarios/{mine}/terms" not in shown
    release = client.post(f"/committee/scenarios/{mine}/release", data={"version": "3", "reason": WHY})
    assert release.status_code == 303
    assert browser(app, "committee").get(path).status_code == 403


def test_a_name_is_asked_for_and_nothing_typed_is_lost(
    app: Flask, world: World, three: dict[str, int]
) -> None:
    client = browser(app, "committee", "en")
    refused = client.post(LIST, data={"name": " ", "note": "ข้อความยาวที่พิมพ์ไว้"})
    assert (refused.status_code, "ข้อความยาวที่พิมพ์ไว้" in text_of(refused)) == (422, True)
    assert client.post(LIST, data={"name": "First", "note": ""}).status_code == 303
    (made,) = list_scenarios(db.session(), world.actor("committee"), get_call(db.session(), FISCAL_YEAR))
    path = f"/committee/scenarios/{made.id}"
    taken = client.post(LIST, data={"name": "First", "copy": str(made.id)})
    assert (taken.status_code, 'id="name-error"' in text_of(taken)) == (422, True)
    assert client.post(f"{path}/name", data={"name": "", "version": "1"}).status_code == 422
    assert client.post(f"{path}/name", data={"name": "Second", "version": "1"}).status_code == 303
    assert client.post(f"{path}/drop", data={"version": "1"}).status_code == 409
    assert client.post(f"{path}/drop", data={"version": "2"}).status_code == 303
    assert client.get(path).status_code == 404


def test_pages_ask_no_more_of_the_database_for_more_scenarios_and_projects(
    app: Flask, world: World, three: dict[str, int]
) -> None:
    client = browser(app, "secretariat")
    mine = make(world, name="0")
    adjust(world, "secretariat", mine, three["six"], Adjustment(Adjusting.LEAVE, None, WHY))
    adopt(world, mine)
    copy = make(world, name="1", copy_of=mine)
    paths = [
        LIST,
        f"/committee/scenarios/{copy}",
        f"/committee/scenarios/{copy}/terms",
        f"/committee/scenarios/{copy}/projects/{three['six']}",
        f"/committee/scenarios/{copy}/adopt",
        f"{COMPARE}?with={mine}&with={copy}&with=0",
    ]
    few = [queries_of(client, path) for path in paths + paths][len(paths) :]  # what was read once is kept
    for n in range(4):
        make(world, name=f"more {n}", copy_of=mine)
        score(world, file_proposal(world), 3)
    many = [queries_of(client, path) for path in paths + paths][len(paths) :]
    assert dict(zip(paths, many, strict=True)) == dict(zip(paths, few, strict=True))
    assert max(many) <= 12
