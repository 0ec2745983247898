"""The pages of a file of assignments: taken home, sent in, previewed, confirmed; nothing is lost when it is refused."""

from __future__ import annotations

import html
import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.identity.models import User
from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.models import Proposal
from app.reviews.actions import assign_reviewers
from app.reviews.models import Assignment
from tests.conftest import Backend
from tests.reviews.discussed import at_phase
from tests.web.desks import browser, file_one, queries_of, text_of
from tests.world import FISCAL_YEAR, NOW, World, give

PAGE = f"/secretariat/calls/{FISCAL_YEAR}/assignments/file"
HEAD = "เลขที่ข้อเสนอ,อีเมลผู้พิจารณา,การดำเนินการ,เหตุผล\r\n"


@pytest.fixture
def backend(sqlite_backend: Backend) -> Backend:
    """The subject is pages; the databases are asked in tests/reviews/test_seat_file.py."""
    return sqlite_backend


@pytest.fixture
def client(app: Flask, world: World) -> FlaskClient:
    return browser(app, "secretariat", "en")


@pytest.fixture
def filed(app: Flask, world: World) -> list[str]:
    """The numbers of three proposals that passed screening."""
    ids = [file_one(world) for _ in range(3)]
    return [db.session.get_one(Proposal, i).number for i in ids]


def send(client: FlaskClient, text: str | bytes, name: str = "assignments.csv") -> TestResponse:
    data = text.encode() if isinstance(text, str) else text
    return client.post(PAGE, data={"file": (io.BytesIO(data), name)}, content_type="multipart/form-data")


def confirm(client: FlaskClient, preview: TestResponse, **changes: str) -> TestResponse:
    """Press the button of a preview, as a browser sends what the page holds."""
    page = preview.text
    found = re.search(r'<textarea name="content" hidden>\n?(.*?)</textarea>', page, re.DOTALL)
    mark = re.search(r'name="fingerprint" value="(\w+)"', page)
    assert found
    assert mark
    content = html.unescape(found[1]).replace("\r\n", "\n").replace("\n", "\r\n")
    data = {"content": content, "fingerprint": mark[1], **changes}
    return client.post(f"{PAGE}/apply", data=data, content_type="multipart/form-data")


def states() -> list[str]:
    db.session.rollback()
    db.session.expire_all()
    return [a.state for a in db.session.scalars(select(Assignment).order_by(Assignment.id))]


def row(number: str, name: str = "reviewer_bb", action: str = "assign", reason: str = "") -> str:
    return f"{number},{World.email(name)},{action},{reason}\r\n"


def test_from_the_list_to_a_changed_file_and_back(
    client: FlaskClient, world: World, filed: list[str]
) -> None:
    assert "Assign by a file" in text_of(client.get(PAGE))
    sent = HEAD + row(filed[0]) + row(filed[1], "reviewer_dga") + row(filed[2], "reviewer_dga", "มอบหมาย")
    preview = send(client, sent)
    assert preview.status_code == 200
    assert states() == []
    done = confirm(client, preview)
    assert (done.status_code, done.headers["Location"]) == (303, PAGE)
    assert "Assigned: 3; taken back: 0" in text_of(client.get(PAGE))
    assert states() == ["given"] * 3
    taken_home = client.get(f"{PAGE}.csv")
    assert taken_home.data.startswith("\ufeffProposal number,Reviewer e-mail,Action,Reason,".encode())
    again = send(client, taken_home.data)
    assert "Every row is so already" in text_of(again)
    assert 'name="fingerprint"' not in again.text
    changed = taken_home.data.decode("utf-8-sig").replace(",assign,", ",withdraw,", 1)
    assert confirm(client, send(client, changed)).status_code == 303
    assert states() == ["withdrawn", "given", "given"]


def test_every_problem_at_once_and_no_button(client: FlaskClient, world: World, filed: list[str]) -> None:
    bad = (
        HEAD
        + row(filed[0])
        + row("2570-9999")
        + row(filed[1], "reviewer_alpha")
        + row(filed[2], action="<b>burn</b>")
    )
    preview = send(client, bad)
    page = preview.text
    assert preview.status_code == 200
    for line, words in (
        (3, "There is no proposal “2570-9999” in this call"),
        (4, "conflict of interest"),
        (5, "Unknown action “&lt;b&gt;burn&lt;/b&gt;”"),
    ):
        assert words in page[page.index(f'id="line-{line}"') :][:900]
    assert "<b>burn" not in page
    assert 'name="fingerprint"' not in page
    assert states() == []


def test_what_changed_since_the_preview_is_shown_anew(
    client: FlaskClient, world: World, filed: list[str]
) -> None:
    preview = send(client, HEAD + row(filed[0]) + row(filed[1]))
    first = db.session.scalars(select(Proposal).where(Proposal.number == filed[0])).one().id
    give(world, first, "reviewer_bb")
    stale = confirm(client, preview)
    assert stale.status_code == 409
    assert "Something changed since the preview" in text_of(stale)
    assert "Nothing to do" in text_of(stale)
    assert states() == ["accepted"]
    assert confirm(client, stale).status_code == 303
    assert states() == ["accepted", "given"]


def test_a_confirmation_of_something_else_does_nothing(
    client: FlaskClient, world: World, filed: list[str]
) -> None:
    preview = send(client, HEAD + row(filed[0]))
    assert confirm(client, preview, fingerprint="0" * 64).status_code == 409
    assert confirm(client, preview, content=HEAD + row(filed[1])).status_code == 409
    assert confirm(client, preview, content="nonsense").status_code == 422
    assert client.post(f"{PAGE}/apply").status_code == 422
    assert states() == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "no column"),
        (b"\x00\x01", "not CSV text"),
        (b"PK\x03\x04" + bytes(100), "not CSV text"),
        (HEAD.encode(), "nothing but a header"),
        ((HEAD + "1,a@b.c,assign,\r\n" * 100_000).encode(), "larger than"),
    ],
)
def test_what_is_no_file_of_assignments_is_refused_in_place(
    client: FlaskClient, data: bytes, words: str
) -> None:
    answer = send(client, data)
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert words in text_of(answer)


def test_no_file_at_all(client: FlaskClient) -> None:
    answer = client.post(PAGE, data={})
    assert answer.status_code == 422
    assert "Choose a file" in text_of(answer)


def test_an_old_encoding_is_read_and_said(client: FlaskClient, world: World, filed: list[str]) -> None:
    text = HEAD + row(filed[0], action="มอบหมาย", reason="ขอด่วน")
    preview = send(client, text.encode("cp874"))
    assert "was read as Windows-874" in text_of(preview)
    assert "ขอด่วน" in preview.text
    assert confirm(client, preview).status_code == 303
    assert states() == ["given"]


def test_a_locked_round_says_so_and_does_nothing(client: FlaskClient, world: World, filed: list[str]) -> None:
    preview = send(client, HEAD + row(filed[0]))
    at_phase(world, "locked")
    assert "The round is locked" in text_of(client.get(PAGE))
    assert confirm(client, preview).status_code == 409
    assert "The round is locked, so nothing can be assigned" in text_of(send(client, HEAD + row(filed[0])))
    assert states() == []


def test_what_goes_out_cannot_be_a_formula(client: FlaskClient, world: World, filed: list[str]) -> None:
    with open_work(world.actor("admin"), NOW) as work:
        work.session.get_one(User, world.users["reviewer_bb"]).email = "=1+1@test.example"
        work.session.get_one(User, world.users["reviewer_bb"]).name_en = "=cmd()"
    first = db.session.scalars(select(Proposal).where(Proposal.number == filed[0])).one().id
    with open_work(world.actor("secretariat"), NOW) as work:
        assign_reviewers(work, first, [world.users["reviewer_bb"]])
    out = client.get(f"{PAGE}.csv").data
    assert b",'=1+1@test.example," in out
    assert b",'=cmd()," in out
    assert "Every row is so already" in text_of(send(client, out))


@pytest.mark.both_databases
def test_the_pages_ask_at_most_twelve_times(client: FlaskClient, world: World, filed: list[str]) -> None:
    assert queries_of(client, PAGE) <= 12
    few = queries_of(client, f"{PAGE}.csv")
    for number in filed:
        proposal_id = db.session.scalars(select(Proposal).where(Proposal.number == number)).one().id
        give(world, proposal_id, "reviewer_bb", "reviewer_dga")
    assert queries_of(client, f"{PAGE}.csv") == few <= 12
