"""Error pages and malformed requests: a page of our own in the reader's language, never a trace, never a 5xx."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import IntegrityError

from app.kernel.errors import Forbidden, NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.web import public
from tests.conftest import Backend, sign_in
from tests.world import World


@pytest.fixture
def strict(sqlite_backend: Backend) -> Iterator[FlaskClient]:
    """A browser under the real CSRF check."""
    sqlite_backend.app.config["WTF_CSRF_ENABLED"] = True
    yield sqlite_backend.app.test_client()
    sqlite_backend.app.config["WTF_CSRF_ENABLED"] = False


def _token(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (NotFound(), 404, "ไม่พบสิ่งที่ท่านขอ"),
        (Forbidden(), 403, "ไม่มีสิทธิ์"),
        (Stale(Text("มีผู้แก้ไขก่อน", "Changed")), 409, "มีผู้แก้ไขก่อน"),
        (Refused(Text("ไม่ได้", "No"), [Problem("a", Text("ข้อหนึ่ง", "One"))]), 422, "ข้อหนึ่ง"),
        (IntegrityError("a secret statement", {}, Exception()), 409, "มีผู้อื่นแก้ไขก่อนท่าน"),
        (RuntimeError("a secret in a trace"), 500, "ระบบขัดข้อง"),
    ],
)
def test_errors_become_pages(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, words: str
) -> None:
    def fail(_session: object) -> None:
        raise error

    client.application.config["TESTING"] = False
    monkeypatch.setattr(public, "list_windows", fail)
    try:
        answer = client.get("/")
    finally:
        client.application.config["TESTING"] = True
    assert answer.status_code == status
    assert words in answer.text
    assert "<h1>" in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/%ff%fe%00", 404),
        ("/admin/people/-1", 404),
        ("/admin/people/1.5", 404),
        ("/admin/people?q=%00", 400),
        ("/admin/people?%00=1", 400),
        ("/admin/people?q=%ff%ed%a0%80", 200),
        ("/admin/people?q=%E0%B8%81%07", 200),
        ("/admin/people?after=%F0%9F%98%80", 200),
        ("/admin/people?state=unknown", 200),
        ("/admin/audit?before=99999999999999999999", 200),
        ("/admin/audit?before=-1", 200),
        ("/admin/audit?before=%E0%B9%91", 200),
        ("/admin/audit?subject=%25%27%22", 200),
        ("/invitations/%00", 400),
        ("/invitations/unknown", 404),
        ("/assets/x/..%2fdgi.css", 404),
        ("/assets/x/unknown.css", 404),
        ("/admin/people/invite?" + "a=1&" * 2000, 200),
    ],
)
def test_malformed_addresses(client: FlaskClient, path: str, status: int) -> None:
    sign_in(client, World.email("admin"))
    assert client.get(path).status_code == status


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"email": "\x00"},
        {"email": "ก" * 5000, "password": "x"},
        {"email": "a@b.go.th", "password": "x" * 100_000},
        {"email": "a@b.go.th\u200b", "password": "ก"},
        {"email": "\x07a@b.go.th", "password": "x"},
    ],
)
def test_malformed_sign_in_is_refused(client: FlaskClient, data: dict[str, str]) -> None:
    assert client.post("/sign-in", data=data).status_code in (400, 422)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"email=%ED%A0%80&password=%FF", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"--x\r\nbroken", "multipart/form-data"),
        (b"{" * 100_000, "application/json"),
        (b"", "text/plain; charset=nonsense"),
    ],
)
def test_malformed_bodies_are_refused(client: FlaskClient, body: bytes, kind: str) -> None:
    assert client.post("/sign-in", data=body, content_type=kind).status_code in (400, 422)


def test_too_large_a_form_is_told(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"email": "x" * 5_000_000})
    assert answer.status_code == 413
    assert "ใหญ่เกินไป" in answer.text


def test_unknown_host_is_refused(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_method_that_is_not_there(client: FlaskClient) -> None:
    answer = client.get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_error_page_in_english(client: FlaskClient) -> None:
    client.post("/language/en")
    assert "This page was not found" in client.get("/nowhere").text


def test_form_without_its_token_changes_nothing(strict: FlaskClient) -> None:
    answer = strict.post("/language/en")
    assert answer.status_code == 400
    assert "เปิดไว้นานเกินไป" in answer.text
    assert '<html lang="th">' in strict.get("/").text


def test_late_form_of_ours_can_be_sent_again(strict: FlaskClient) -> None:
    strict.get("/")
    typed = {"email": "ผู้ใช้@agency.go.th", "password": "หนึ่ง\nสอง", "csrf_token": "old"}
    answer = strict.post("/sign-in", data=typed, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 400
    assert "หนึ่ง\nสอง</textarea>" in answer.text
    assert "ผู้ใช้@agency.go.th" in answer.text
    again = {**typed, "csrf_token": _token(answer.text)}
    assert strict.post("/sign-in", data=again).status_code == 422  # read this time


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}]
)
def test_form_from_elsewhere_is_not_offered_again(strict: FlaskClient, headers: dict[str, str]) -> None:
    answer = strict.post("/sign-in", data={"email": "planted@evil.example"}, headers=headers)
    assert answer.status_code == 400
    assert "planted" not in answer.text


def test_what_was_typed_survives_a_lapsed_session(client: FlaskClient) -> None:
    answer = client.post(
        "/admin/people/invite", data={"name_th": "พิมพ์ไว้แล้ว"}, headers={"Origin": "http://localhost"}
    )
    assert answer.status_code == 401
    assert "พิมพ์ไว้แล้ว" in answer.text
    assert 'action="/admin/people/invite"' in answer.text
