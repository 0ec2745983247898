"""Decisions: what is recorded, what is refused with everything typed kept, what was there before."""

from __future__ import annotations

import pytest
from flask import Flask

from app.calls.queries import get_call
from app.decisions.models import Decision
from app.kernel.db import db
from app.portfolio.queries import find_line
from tests.web.desks import assign, browser, file_one, hand_in, queries_of, scores, text_of
from tests.world import FISCAL_YEAR, World, complete_draft, file_proposal

ASKED = "1000001.00"
WHY = "ปรับตามกรอบวงเงินของปีนี้"


def _form(**changes: str) -> dict[str, str]:
    form = {
        "verdict": "approved",
        "amount": ASKED,
        "conditions": "",
        "resolution": "ข้อความมติที่ต้องไม่หาย",
        "reason": "",
        "expected": "0",
    }
    return {f"decision-{key}": value for key, value in (form | changes).items()}


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({}, 303, []),
        ({"amount": "1,000,001"}, 303, []),
        ({"amount": "๑๐๐๐๐๐๑.๐๐"}, 303, []),
        ({"amount": "999,999.99", "reason": WHY}, 303, []),
        ({"verdict": "conditional", "conditions": "ต้องลงนามข้อตกลงก่อน"}, 303, []),
        ({"verdict": "deferred", "reason": WHY, "amount": "ตัวอักษร"}, 303, []),
        ({"verdict": "rejected", "reason": WHY, "amount": ""}, 303, []),
        ({"verdict": ""}, 422, ["Choose: The decision"]),
        ({"verdict": "perhaps"}, 422, ["not offered"]),
        ({"amount": "0"}, 422, ["more than zero"]),
        ({"amount": ""}, 422, ["more than zero"]),
        ({"amount": "-5"}, 422, ["must not be negative"]),
        ({"amount": "ห้าแสน"}, 422, ["must be a number"]),
        ({"amount": "1.001"}, 422, ["at most two decimals"]),
        ({"amount": "1" + "0" * 13}, 422, ["must not exceed 1,000,000,000,000 baht"]),
        ({"amount": "1000001.01"}, 422, ["exceeds what was asked (1,000,001.00 baht)"]),
        ({"amount": "999999.00"}, 422, ["Give the reason for cutting the amount"]),
        ({"verdict": "conditional"}, 422, ["Write the conditions"]),
        ({"verdict": "conditional", "amount": "1"}, 422, ["Write the conditions", "reason for cutting"]),
        ({"verdict": "conditional", "amount": "x"}, 422, ["must be a number", "Write the conditions"]),
        ({"verdict": "deferred"}, 422, ["Give the reason"]),
        ({"verdict": "rejected"}, 422, ["Give the reason"]),
        ({"reason": "ย" * 4001}, 422, ["too long"]),
    ],
)
def test_what_can_be_decided(
    app: Flask, world: World, changes: dict[str, str], status: int, said: list[str]
) -> None:
    proposal_id = file_one(world)
    answer = browser(app, "committee", "en").post(
        f"/committee/proposals/{proposal_id}", data=_form(**changes)
    )
    page = text_of(answer)
    assert answer.status_code == status, page[:1500]
    for words in said:
        assert words in page
    assert db.session().query(Decision).count() == (1 if status == 303 else 0)
    if status == 422:
        assert "ข้อความมติที่ต้องไม่หาย" in page
        for value in changes.values():
            assert value in page or value == "perhaps"


def test_decisions_stay_under_the_ceiling(app: Flask, world: World) -> None:
    first, second = file_one(world, "3000000.00"), file_one(world, "2500000.00")
    client = browser(app, "committee", "en")
    assert client.post(f"/committee/proposals/{first}", data=_form(amount="6000000")).status_code == 303
    refused = client.post(f"/committee/proposals/{second}", data=_form(amount="5000000"))
    assert refused.status_code == 422
    assert "4,000,000.00 baht can still be approved" in text_of(refused)
    fits = client.post(f"/committee/proposals/{second}", data=_form(amount="4000000", reason=WHY))
    assert fits.status_code == 303


@pytest.mark.both_databases
def test_a_stale_decision_overwrites_nothing(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    client = browser(app, "committee", "en")
    address = f"/committee/proposals/{proposal_id}"
    assert client.post(address, data=_form()).status_code == 303
    stale = client.post(address, data=_form(verdict="rejected", reason=WHY))
    page = text_of(stale)
    assert stale.status_code == 409
    assert "Somebody else recorded a decision" in page
    assert WHY in page
    assert [d.verdict for d in db.session().query(Decision)] == ["approved"]


def test_an_amended_decision_leaves_the_earlier_one(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    client = browser(app, "committee", "en")
    address = f"/committee/proposals/{proposal_id}"
    client.post(address, data=_form(resolution="First word"))
    kept = db.session().query(Decision).one()
    amended = client.post(
        address, data=_form(verdict="deferred", reason=WHY, resolution="Second word", expected=str(kept.id))
    )
    assert amended.status_code == 303
    page = text_of(client.get(address))
    assert page.index("Second word") < page.index("First word")
    assert "replaced by a later decision" in page


def test_only_what_passed_is_decided(app: Flask, world: World) -> None:
    draft = complete_draft()
    draft["integration"]["links"][0]["partner"] = "alpha"  # its own agency: no integration
    failed = file_proposal(world, draft)
    client = browser(app, "committee", "en")
    page = client.get(f"/committee/proposals/{failed}")
    assert page.status_code == 200
    assert "not on the ranked list" in text_of(page)
    assert "decision-verdict" not in text_of(page)
    assert client.post(f"/committee/proposals/{failed}", data=_form()).status_code == 404
    for method in (client.get, client.post):
        assert method("/committee/proposals/888888").status_code in (404, 422)
    assert client.post("/committee/proposals/888888", data=_form()).status_code == 404


def test_the_secretariat_reads_and_does_not_decide(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    client = browser(app, "secretariat", "en")
    page = text_of(client.get(f"/committee/proposals/{proposal_id}"))
    assert "Not decided yet" in page
    assert "decision-verdict" not in page
    assert client.post(f"/committee/proposals/{proposal_id}", data=_form()).status_code == 403


@pytest.mark.both_databases
def test_the_page_follows_every_new_score(app: Flask, world: World) -> None:
    """The ranked list that is kept between pages is let go as soon as anything is done."""
    proposal_id = file_one(world)
    client = browser(app, "committee", "en")
    address = f"/committee/proposals/{proposal_id}"
    assert "No review has been handed in yet" in text_of(client.get(address))
    bb, dga = assign(world, proposal_id, "reviewer_bb", "reviewer_dga")
    hand_in(world, "reviewer_bb", bb, scores(3))
    assert "75.00" in text_of(client.get(address))
    hand_in(world, "reviewer_dga", dga, scores(2))
    assert "62.50" in text_of(client.get(address))
    call = get_call(db.session(), FISCAL_YEAR)
    line = find_line(db.session(), world.actor("committee"), call, proposal_id)
    assert line is not None
    assert (line.rank, line.mean) == (1, 6250)
    few = queries_of(client, address)
    for _ in range(4):
        file_one(world)
    again = queries_of(client, address)  # the list has to be made anew
    assert few <= again <= 12
    assert queries_of(client, address) == few
