"""The rubric of a call on its pages: offered, looked at, adopted, and told wherever scores of two versions meet."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.calls.queries import get_call
from app.calls.toml_text import write_toml
from app.kernel.db import db
from app.kernel.work import open_work
from app.reviews.actions import submit_review
from tests.conftest import Backend
from tests.reviews.test_rubrics import rubric_two
from tests.web.desks import assign, browser, file_one, hand_in, queries_of, score_form, scores, text_of
from tests.world import FISCAL_YEAR, NOW, World

RUBRIC = f"/secretariat/calls/{FISCAL_YEAR}/rubric"
BB, DGA = "reviewer_bb", "reviewer_dga"
WHY = "ปรับตามมติคณะอนุกรรมการ"


@pytest.fixture
def client(sqlite_backend: Backend) -> Iterator[FlaskClient]:
    with sqlite_backend.app.app_context():
        yield browser(sqlite_backend.app, "secretariat", "en")
        db.session.remove()


@pytest.fixture
def world(sqlite_backend: Backend) -> World:
    return sqlite_backend.world


def send(client: FlaskClient, text: str) -> object:
    return client.post(RUBRIC, data={"rubric-file": (io.BytesIO(text.encode()), "rubric.toml")})


def offered(client: FlaskClient) -> str:
    """The address of the second version."""
    answer = send(client, write_toml(rubric_two()))
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def adopt(client: FlaskClient, address: str, reason: str = WHY, token: str | None = None) -> object:
    page = text_of(client.get(address))
    found = re.search(r'name="token" value="(\w+)"', page)
    sent = token if token is not None else found[1] if found else ""
    return client.post(address, data={"reason": reason, "token": sent})


def test_a_version_is_offered_looked_at_and_adopted(client: FlaskClient, world: World) -> None:
    done, begun = assign(world, file_one(world), BB, DGA)
    assign(world, file_one(world), BB)
    hand_in(world, BB, done, scores(3))
    browser_of_dga = browser(client.application, DGA)
    browser_of_dga.post(f"/reviewer/assignments/{begun}", data=score_form(2))
    address = offered(client)
    page = text_of(client.get(address))
    figures = re.findall(r"<dt>([^<]+)</dt><dd>(\d+)", page)
    assert [n for _, n in figures[:3]] == ["1", "1", "1"]
    assert "Other weight" in page
    assert "Other words" in page
    assert "New words" in page
    assert adopt(client, address).status_code == 303
    db.session.rollback()
    assert get_call(db.session(), FISCAL_YEAR).rubric.version == 2
    after = text_of(client.get(RUBRIC))
    assert "scored by 2 versions" in after
    assert WHY in after
    assert "by 2 versions of the rubric" in text_of(client.get(f"/secretariat/calls/{FISCAL_YEAR}/reviews"))
    assert "uses this version already" in text_of(client.get(address))
    assert client.get(f"/secretariat/assignments/{done}").status_code == 200
    assert "Rubric version 1" in text_of(
        client.get(f"/secretariat/calls/{FISCAL_YEAR}/assignments?view=each&work=done")
    )


def test_what_stands_against_it_is_told_and_the_reason_kept(client: FlaskClient, world: World) -> None:
    address = offered(client)
    short = adopt(client, address, "สั้น")
    assert short.status_code == 422
    assert 'id="reason-error"' in text_of(short)
    assert "สั้น</textarea>" in text_of(short)
    stale = adopt(client, address, token="old")
    assert stale.status_code == 409
    assert f"{WHY}</textarea>" in text_of(stale)
    assert "nothing was adopted" in text_of(stale)
    assert get_call(db.session(), FISCAL_YEAR).rubric.version == 1


def test_a_broken_file_is_told_line_by_line(client: FlaskClient) -> None:
    broken = write_toml(rubric_two()).replace("weight", "wieght", 1)
    answer = send(client, broken)
    assert answer.status_code == 422
    page = text_of(answer)
    assert "wieght" in page[page.index('id="faults"') :]
    for data in ({}, {"rubric-file": (io.BytesIO(b""), "")}):
        assert client.post(RUBRIC, data=data).status_code == 422
    assert send(client, "x = ").status_code == 422


def test_a_version_is_taken_home_and_offered_again(client: FlaskClient) -> None:
    rubric_id = get_call(db.session(), FISCAL_YEAR).rubric_id
    file = client.get(f"/secretariat/rubrics/{rubric_id}/file.toml")
    assert file.headers["Content-Disposition"] == 'attachment; filename="dgi-rubric-1.toml"'
    again = send(client, file.get_data(as_text=True))
    assert again.status_code == 303
    assert str(rubric_id) in again.headers["Location"]
    assert client.get("/secretariat/rubrics/424242/file.toml").status_code == 404
    assert client.get(f"{RUBRIC}/424242").status_code == 404


def test_scores_of_two_versions_are_told_wherever_they_meet(client: FlaskClient, world: World) -> None:
    proposal_id = file_one(world)
    first, second = assign(world, proposal_id, BB, DGA)
    hand_in(world, BB, first, scores(3))
    adopt(client, offered(client))
    with open_work(world.actor(DGA), NOW) as work:
        submit_review(work, second, scores(1), 2)
    pages = [
        (client, f"/secretariat/proposals/{proposal_id}"),
        (browser(client.application, "committee", "en"), f"/committee/proposals/{proposal_id}"),
        (browser(client.application, BB, "en"), f"/reviewer/assignments/{first}"),
    ]
    for person, address in pages:
        page = text_of(person.get(address))
        assert "scored by different versions of the rubric" in page, address
        assert "Version of the rubric</th>" in page, address


@pytest.mark.both_databases
def test_the_pages_ask_the_same_whatever_the_number(client: FlaskClient, world: World) -> None:
    address = offered(client)
    few = [queries_of(client, path) for path in (RUBRIC, address)]
    for _ in range(5):
        first, _ = assign(world, file_one(world), BB, DGA)
        hand_in(world, BB, first, scores(3))
    assert [queries_of(client, path) for path in (RUBRIC, address)] == few
    assert max(few) <= 12


def test_from_the_terminal(sqlite_backend: Backend, tmp_path: Path) -> None:
    run = sqlite_backend.app.test_cli_runner().invoke
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(write_toml(rubric_two()), encoding="utf-8")
    bad.write_text(write_toml(rubric_two()).replace("comment_length", "comment_lenght"), encoding="utf-8")
    assert "dgi-rubric 2" in run(args=["load-rubric", str(good)]).output
    assert "nothing changed" in run(args=["load-rubric", str(good)]).output
    refused = run(args=["load-rubric", str(bad)])
    assert refused.exit_code == 2
    assert "comment_lenght" in refused.output
