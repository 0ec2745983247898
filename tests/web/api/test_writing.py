"""Writing by machine: a draft from nothing to its receipt, nothing twice, nothing over what was not seen, and bad input."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.calls.models import Call
from app.calls.queries import get_call_by_id
from app.identity.models import KeptAnswer
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.actions import answer_invitation, invite_participants, save_section, sign_proposal
from app.proposals.freezing import claims_sha256
from app.proposals.models import Proposal, Submission
from app.proposals.queries import agency_directory, draft_facts, read_draft
from tests.conftest import FixedClock
from tests.web.api.machines import Machine, make_token, places
from tests.web.desks import browser
from tests.world import FISCAL_YEAR, NOW, World, complete_draft, write_draft

RATIONALE = {"rationale": "เหตุผล", "objectives": "วัตถุประสงค์", "outputs": "ผลผลิต"}


@pytest.fixture
def officer(app: Flask, world: World) -> Machine:
    return Machine(app, make_token(world, "officer")[1])


def sections_of_a_whole_draft() -> dict[str, dict[str, Any]]:
    """What a system sends for the draft that tests call complete."""
    draft = complete_draft()
    row = draft["budget"]["rows"][0]
    amounts = {
        key: row[key] or None for key in row if key == "unit_price" or (key[0] in "ql" and key[1:2] != "u")
    }
    words = {key: row[key] for key in ("agency", "category", "item", "unit")}
    line = {**words, "quantity": int(row["quantity"]), **amounts}
    budget = {"rows": [line], "least": None, "least_scope": ""}
    return {**draft, "budget": budget}


def begin(officer: Machine) -> str:
    answer = officer.post("/proposals", {"fiscal_year": FISCAL_YEAR})
    assert answer.status_code == 201
    number: str = answer.get_json()["number"]
    assert answer.headers["Location"].endswith(f"/api/v1/proposals/{number}")
    return number


@pytest.mark.both_databases
def test_a_draft_goes_from_nothing_to_its_receipt(app: Flask, world: World, officer: Machine) -> None:
    number = begin(officer)
    refused = officer.post(f"/proposals/{number}/filings", {})
    assert refused.status_code == 422
    assert {"names-title_th", "plan-stage", "rationale-outputs"} <= set(places(refused))
    for section, value in sections_of_a_whole_draft().items():
        etag = officer.get(f"/proposals/{number}/sections/{section}").headers["ETag"]
        written = officer.put(f"/proposals/{number}/sections/{section}", value, etag)
        assert written.status_code == 200, written.get_data(as_text=True)
        assert written.get_json()["value"] == value
        assert written.get_json()["version"] == 2
        again = officer.get(f"/proposals/{number}/sections/{section}")
        assert (again.get_json(), again.headers["ETag"]) == (written.get_json(), written.headers["ETag"])
    findings = officer.get(f"/proposals/{number}/findings").get_json()
    assert (findings["can_be_filed"], findings["problems"], findings["outcome"]) == (True, [], "passes")
    filed = officer.post(f"/proposals/{number}/filings", {}, key="filing-1")
    receipt = filed.get_json()
    assert filed.status_code == 201
    assert (receipt["total"], receipt["state"], receipt["sequence"]) == ("1000001.00", "passed", 1)
    kept = db.session().scalars(
        select(Submission).where(Submission.receipt_number == receipt["receipt_number"])
    )
    assert kept.one().sha256 == receipt["sha256"]
    assert officer.get(f"/proposals/{number}/filings/1").get_json() == receipt
    listed = officer.get(f"/proposals/{number}/filings").get_json()["items"]
    assert [row["sha256"] for row in listed] == [receipt["sha256"]]
    late = officer.put(f"/proposals/{number}/sections/rationale", RATIONALE, "*")
    assert late.status_code == 422
    # the office reads the same, line by line
    office = Machine(app, make_token(world, "secretariat", agency=None)[1])
    filing = office.get(f"/filings/{number}").get_json()
    assert (filing["sha256"], filing["lines"][0]["amount"]) == (receipt["sha256"], "1000001.00")
    assert filing["lines"][0]["quarters"] == ["1000000.00", "1.00", "0.00", "0.00"]
    assert office.get(f"/filings/{number}/screening").get_json()["concluded"] == "passes"


def test_the_same_request_again_writes_nothing(officer: Machine) -> None:
    body = {"fiscal_year": FISCAL_YEAR}
    first, again = (officer.post("/proposals", body, key="one") for _ in range(2))
    assert (first.data, first.headers["Location"]) == (again.data, again.headers["Location"])
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (
        None,
        "true",
    )
    assert db.session().scalar(select(func.count()).select_from(Proposal)) == 1
    other = officer.post("/proposals", {"fiscal_year": 2599}, key="one")
    assert (other.status_code, places(other)) == (422, ["header.Idempotency-Key"])
    second = officer.post("/proposals", body, key="two").get_json()["number"]
    assert second != first.get_json()["number"]
    section = f"/proposals/{second}/sections/rationale"
    officer.put(section, RATIONALE, officer.get(section).headers["ETag"])
    by_token = select(AuditEntry.detail).where(AuditEntry.action == "write_by_token").order_by(AuditEntry.seq)
    written = [json.loads(detail) for detail in db.session().scalars(by_token)]
    assert [entry["request"] for entry in written] == [
        *["POST /api/v1/proposals"] * 2,
        f"PUT /api/v1{section}",
    ]
    assert {entry["mark"] for entry in written} == {officer.token[4:12]}  # the log says which token wrote


def test_keys_of_two_tokens_are_two_keys(app: Flask, world: World, officer: Machine) -> None:
    other = Machine(app, make_token(world, "officer_beta", agency="beta")[1])
    numbers = {
        m.post("/proposals", {"fiscal_year": FISCAL_YEAR}, key="k").get_json()["number"]
        for m in (officer, other)
    }
    assert len(numbers) == 2


def test_what_is_refused_may_be_sent_again_under_its_key(officer: Machine) -> None:
    refused = officer.post("/proposals", {"fiscal_year": 2599}, key="one")
    assert (refused.status_code, places(refused)) == (422, ["/fiscal_year"])
    assert db.session().scalar(select(func.count()).select_from(KeptAnswer)) == 0
    assert officer.post("/proposals", {"fiscal_year": FISCAL_YEAR}, key="one").status_code == 201


def test_a_fault_after_the_write_leaves_neither_write_nor_answer(
    officer: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kept answer stands in the transaction of the write: both, or none."""

    def fail(*_args: object) -> None:
        raise RuntimeError("the power is gone")

    monkeypatch.setattr("app.api.proposals.write_proposal", fail)
    answer = officer.post("/proposals", {"fiscal_year": FISCAL_YEAR}, key="one")
    assert (answer.status_code, answer.content_type) == (500, "application/problem+json")
    assert "power" not in answer.get_data(as_text=True)
    monkeypatch.undo()
    assert db.session().scalar(select(func.count()).select_from(Proposal)) == 0
    assert officer.post("/proposals", {"fiscal_year": FISCAL_YEAR}, key="one").status_code == 201


def test_nothing_is_written_over_what_was_not_seen(world: World, officer: Machine) -> None:
    number = begin(officer)
    path = f"/proposals/{number}/sections/rationale"
    etag = officer.get(path).headers["ETag"]
    proposal_id = db.session().scalars(select(Proposal.id).where(Proposal.number == number)).one()
    with open_work(world.actor("officer"), NOW) as work:
        save_section(work, proposal_id, "rationale", {**RATIONALE, "rationale": "จากหน้าเว็บ"}, 1)
    refused = officer.put(path, RATIONALE, etag)
    now = officer.get(path)
    assert (refused.status_code, refused.headers["ETag"]) == (412, now.headers["ETag"])
    assert now.get_json()["value"]["rationale"] == "จากหน้าเว็บ"
    assert officer.ask("PUT", path, RATIONALE).status_code == 428
    assert officer.put(path, RATIONALE, now.headers["ETag"]).status_code == 200


def test_what_is_wrong_in_a_section_is_told_all_at_once(officer: Machine) -> None:
    number = begin(officer)
    value = sections_of_a_whole_draft()["budget"]
    line = value["rows"][0]
    value["rows"] = [{**line, "agency": "gamma"}, {**line, "category": "no-such", "unit": "ก" * 101}]
    etag = officer.get(f"/proposals/{number}/sections/budget").headers["ETag"]
    refused = officer.put(f"/proposals/{number}/sections/budget", value, etag)
    assert refused.status_code == 422
    assert set(places(refused)) == {"/rows/0/agency", "/rows/1/category", "/rows/1/unit"}
    told = refused.get_json()["problems"][0]["text"]
    assert told["th"] != told["en"]


LINE = sections_of_a_whole_draft()["budget"]["rows"][0]


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({}, {"/rows", "/least", "/least_scope"}),
        ({"rows": [], "least": None, "least_scope": "", "rowz": 1}, {"/rowz"}),
        (
            {"rows": [{**LINE, "unit_price": 500000.5}], "least": None, "least_scope": ""},
            {"/rows/0/unit_price"},
        ),
        (
            {"rows": [{**LINE, "unit_price": "500,000.50"}], "least": None, "least_scope": ""},
            {"/rows/0/unit_price"},
        ),
        (
            {"rows": [{**LINE, "unit_price": "-1.00"}], "least": None, "least_scope": ""},
            {"/rows/0/unit_price"},
        ),
        (
            {"rows": [{**LINE, "unit_price": "٥.00"}], "least": None, "least_scope": ""},
            {"/rows/0/unit_price"},
        ),
        ({"rows": [{**LINE, "quantity": "2"}], "least": None, "least_scope": ""}, {"/rows/0/quantity"}),
        ({"rows": [{**LINE, "quantity": True}], "least": None, "least_scope": ""}, {"/rows/0/quantity"}),
        ({"rows": [{**LINE, "quantity": 10**400}], "least": None, "least_scope": ""}, {"/rows/0/quantity"}),
        ({"rows": [{**LINE, "item": "ก\x00"}], "least": None, "least_scope": ""}, {"/rows/0/item"}),
        ({"rows": [{**LINE, "a/b": 1}], "least": None, "least_scope": ""}, {"/rows/0/a~1b"}),
        ([], {""}),
    ],
)
def test_shapes_are_held_to(officer: Machine, value: Any, where: set[str]) -> None:
    refused = officer.put(f"/proposals/{begin(officer)}/sections/budget", value, "*")
    assert (refused.status_code, set(places(refused))) == (422, where)


def test_an_empty_row_is_refused_because_the_others_would_move(officer: Machine) -> None:
    rows = [dict.fromkeys(LINE, None) | dict.fromkeys(("agency", "category", "item", "unit"), ""), LINE]
    value = {"rows": rows, "least": None, "least_scope": ""}
    refused = officer.put(f"/proposals/{begin(officer)}/sections/budget", value, "*")
    assert (refused.status_code, places(refused)) == (422, ["/rows/0"])


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"fiscal_year": 2570, "fiscal_year": 2570}', "application/json", 400),
        (b'{"fiscal_year": NaN}', "application/json", 400),
        (b"\xff\xfe{}", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"fiscal_year": 2570}', "text/plain", 415),
        (b"fiscal_year=2570", "application/x-www-form-urlencoded", 415),
        (b'{"fiscal_year": 2570, "x": "' + b"a" * 2_100_000 + b'"}', "application/json", 413),
    ],
)
def test_what_cannot_be_read(officer: Machine, data: bytes, kind: str, status: int) -> None:
    answer = officer.ask("POST", "/proposals", data=data, content_type=kind)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert json.loads(answer.data)["status"] == status


def test_a_post_needs_its_key(officer: Machine) -> None:
    for key in ("", "a b", "ก".encode().decode("latin-1"), "x" * 201):
        refused = officer.ask("POST", "/proposals", {"fiscal_year": FISCAL_YEAR}, {"Idempotency-Key": key})
        assert (refused.status_code, places(refused)) == (422, ["header.Idempotency-Key"])


def test_outside_the_window_nothing_is_begun(officer: Machine, clock: FixedClock) -> None:
    clock.moment = NOW + timedelta(days=10)
    answer = officer.post("/proposals", {"fiscal_year": FISCAL_YEAR})
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert db.session().scalar(select(func.count()).select_from(Proposal)) == 0


def test_pages_show_what_a_system_wrote_and_the_log_tells_who(
    app: Flask, world: World, officer: Machine
) -> None:
    number = begin(officer)
    names = {"title_th": "จากระบบของกรม", "title_en": "From a system", "participants": []}
    officer.put(f"/proposals/{number}/sections/names", names, "*")
    assert "จากระบบของกรม" in browser(app, "officer").get("/agency/proposals").get_data(as_text=True)
    entries = {e.action: e for e in db.session().scalars(select(AuditEntry)) if "section" in e.detail}
    assert entries["save_section"].actor_id == entries["write_by_token"].actor_id == world.users["officer"]
    assert f"PUT /api/v1/proposals/{number}/sections/names" in entries["write_by_token"].detail


def test_lists_are_read_page_by_page(world: World, officer: Machine) -> None:
    for _ in range(5):
        write_draft(world, complete_draft())
    whole = [row["number"] for row in officer.get("/proposals").get_json()["items"]]
    assert len(whole) == 5
    found, path = [], "/proposals?limit=2&fiscal_year=2570"
    for _ in range(3):
        page = officer.get(path)
        found += [row["number"] for row in page.get_json()["items"]]
        following = page.get_json()["next"]
        if following is None:
            assert "Link" not in page.headers
            break
        assert page.headers["Link"] == f'<{following}>; rel="next"'
        path = following.partition("/api/v1")[2]
    assert (found, following) == (whole, None)
    for query in ("limit=0", "limit=101", "limit=x", "cursor=%00", "state=none", "limit=1&limit=2", "foo=1"):
        assert officer.get(f"/proposals?{query}").status_code in (400, 422), query


def test_what_has_not_changed_is_not_sent_again(officer: Machine) -> None:
    number = begin(officer)
    path = f"/proposals/{number}"
    etag = officer.get(path).headers["ETag"]
    same = officer.ask("GET", path, headers={"If-None-Match": etag})
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", etag)
    officer.put(f"{path}/sections/rationale", RATIONALE, "*")
    assert officer.ask("GET", path, headers={"If-None-Match": etag}).status_code == 200
    public = officer.client.get("/api/v1/calls")
    again = officer.client.get("/api/v1/calls", headers={"If-None-Match": public.headers["ETag"]})
    assert again.status_code == 304


def test_refusals_speak_the_language_asked_for(officer: Machine) -> None:
    thai = officer.ask("GET", "/proposals/2570-9999", headers={"Accept-Language": "th"}).get_json(force=True)
    assert thai["title"] == "ไม่พบสิ่งที่ท่านขอ"
    assert (
        officer.get("/proposals/2570-9999").get_json(force=True)["title"]
        == "What you asked for was not found"
    )


@pytest.mark.both_databases
def test_the_same_request_at_the_same_moment_is_done_once(app: Flask, officer: Machine) -> None:
    """Two connections, one key: one writes, the other waits and is answered the same."""
    db.session.remove()
    machines = [Machine(app, officer.token) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(m.post, "/proposals", {"fiscal_year": FISCAL_YEAR}, "one") for m in machines]
        answers = [one.result(30) for one in sent]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    assert {a.headers.get("Idempotency-Replayed") for a in answers} == {None, "true"}
    assert db.session().scalar(select(func.count()).select_from(Proposal)) == 1


def test_a_participant_writes_its_own_part_and_no_other(app: Flask, world: World, officer: Machine) -> None:
    draft = complete_draft(names={"participants": ["beta"]})
    proposal_id = write_draft(world, draft)
    with open_work(world.actor("officer"), NOW) as work:
        invite_participants(work, proposal_id, ["beta"])
    number = db.session().get_one(Proposal, proposal_id).number
    path = f"/proposals/{number}/parts/beta/sections/budget"
    beta = Machine(app, make_token(world, "officer_beta", agency="beta")[1])
    assert beta.get(path).status_code == 404  # until it has joined
    with open_work(world.actor("officer_beta"), NOW) as work:
        answer_invitation(work, proposal_id, world.agencies["beta"], joins=True)
    etag = beta.get(path).headers["ETag"]
    foreign = beta.put(path, {"rows": [LINE]}, etag)
    assert (foreign.status_code, places(foreign)) == (422, ["/rows/0/agency"])
    rows = [{**LINE, "agency": "beta"}]
    written = beta.put(path, {"rows": rows}, etag)
    assert (written.status_code, written.get_json()["value"]) == (200, {"rows": rows})
    assert officer.get(path).get_json() == written.get_json()
    assert officer.put(path, {"rows": []}, "*").status_code == 404
    assert beta.put(f"/proposals/{number}/sections/budget", {}, "*").status_code in (404, 422)
    assert beta.put(f"/proposals/{number}/sections/rationale", RATIONALE, "*").status_code == 404
    participants = officer.get(f"/proposals/{number}").get_json()["participants"]
    assert participants == [{"agency": "beta", "state": "joined", "is_confirmed": False}]


def test_where_a_call_asks_for_signatures_a_system_cannot_file_without(
    app: Flask, world: World, officer: Machine
) -> None:
    """What is missing is answered; the certifier signs on the page, and then the same request is carried out."""
    proposal_id = write_draft(world, complete_draft())
    with open_work(world.actor("officer"), NOW) as work:
        work.session.get_one(Call, world.call_id).is_certified = True
    number = db.session().get_one(Proposal, proposal_id).number
    refused = officer.post(f"/proposals/{number}/filings", {}, key="f")
    assert (refused.status_code, places(refused)) == (422, ["sign-lead"])
    assert officer.get(f"/proposals/{number}/findings").get_json()["can_be_filed"] is False
    session = db.session()
    view = read_draft(session, proposal_id)
    call = get_call_by_id(session, view.call_id)
    sha256 = claims_sha256(draft_facts(session, view, call, agency_directory(session)))
    with open_work(world.actor("certifier"), NOW) as work:
        sign_proposal(work, proposal_id, sha256)
    assert officer.post(f"/proposals/{number}/filings", {}, key="f").status_code == 201
