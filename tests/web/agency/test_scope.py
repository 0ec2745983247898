"""Who may open and change what: other agencies find nothing, participants and certifiers only read."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.conftest import sign_in
from tests.web.agency.paper import text_of
from tests.world import World, complete_draft, file_proposal, write_draft

GETS = ("", "/read", "/check", "/submit", "/receipt", "/receipt.pdf", "/attachments", "/attachments/1",
        "/names", "/plan", "/integration", "/rationale", "/indicators", "/budget")  # fmt: skip
POSTS = ("/submit", "/attachments", "/attachments/1/remove",
         "/names", "/plan", "/integration", "/rationale", "/indicators", "/budget")  # fmt: skip


@pytest.mark.parametrize("whose", ["foreign", "unknown", "too large"])
def test_foreign_and_unknown_proposals_are_not_found(client: FlaskClient, world: World, whose: str) -> None:
    mine = file_proposal(world)
    number = {"foreign": mine, "unknown": 987654, "too large": 2**40}[whose]
    sign_in(client, World.email("officer_beta"))
    for path in GETS:
        assert client.get(f"/agency/proposals/{number}{path}").status_code == 404, path
    for path in POSTS:
        assert client.post(f"/agency/proposals/{number}{path}", data={"version": "1"}).status_code == 404, (
            path
        )


def test_unknown_section_is_not_found(client: FlaskClient, world: World) -> None:
    sign_in(client, World.email("officer"))
    assert client.get(f"/agency/proposals/{write_draft(world, complete_draft())}/nothing").status_code == 404


def test_certifier_reads_and_files_and_does_not_write(client: FlaskClient, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    sign_in(client, World.email("certifier"))
    address = f"/agency/proposals/{proposal_id}"
    assert "ระบบเชื่อมโยงข้อมูลทดสอบ" in text_of(client.get("/agency/"))
    assert "fiscal_year" not in text_of(client.get("/agency/"))
    for path, status in (("", 200), ("/read", 200), ("/check", 200), ("/budget", 302), ("/attachments", 302),
                         ("/submit", 200)):  # fmt: skip
        assert client.get(address + path).status_code == status, path
    for path in POSTS:
        status = 303 if path == "/submit" else 403
        assert client.post(address + path, data={"version": "1"}).status_code == status, path
    assert client.post("/agency/proposals", data={"fiscal_year": "2570"}).status_code == 403


def test_participant_reads_and_does_not_write(client: FlaskClient, world: World) -> None:
    draft = complete_draft(names={"participants": ["beta"]})
    proposal_id = write_draft(world, draft)
    sign_in(client, World.email("officer_beta"))
    address = f"/agency/proposals/{proposal_id}"
    assert "ท่านร่วมดำเนินการ" in text_of(client.get("/agency/"))
    for path, status in (("", 200), ("/read", 200), ("/check", 200), ("/budget", 302), ("/submit", 404)):
        assert client.get(address + path).status_code == status, path
    for path in POSTS:
        assert client.post(address + path, data={"version": "1"}).status_code == 404, path


@pytest.mark.parametrize("person", ["secretariat", "reviewer_bb", "committee", "admin"])
def test_other_desks_have_no_place_here(client: FlaskClient, world: World, person: str) -> None:
    proposal_id = file_proposal(world)
    sign_in(client, World.email(person))
    for path in ("/agency/", "/agency/proposals", f"/agency/proposals/{proposal_id}"):
        assert client.get(path).status_code == 403
    receipt = client.get(f"/agency/proposals/{proposal_id}/receipt").status_code
    assert receipt == (200 if person == "secretariat" else 403)


def test_nobody_signed_in_is_asked_to(client: FlaskClient, world: World) -> None:
    assert client.get("/agency/").status_code == 302
    assert client.post("/agency/proposals").status_code == 401
