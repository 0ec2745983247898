"""The door: default deny, one guard per route, and where people are sent."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.identity.rules import Permission
from app.kernel.db import db
from app.web.door import guards, needs, public, safe_next
from tests.conftest import Backend, sign_in
from tests.world import World

PUBLIC_OF_THE_SHELL = {
    "account.accept_invitation",
    "account.accept_with",
    "account.come_back",
    "account.invitation",
    "account.second_step",
    "account.second_step_post",
    "account.set_up",
    "account.set_up_post",
    "account.sign_in",
    "account.sign_in_post",
    "account.sign_out",
    "account.visit",
    "assets.file",
    "public.health",
    "public.home",
    "shell.choose",
}


def test_route_that_says_nothing_stops_the_start() -> None:
    app = Flask("silent")
    app.add_url_rule("/silent", view_func=lambda: "secret", endpoint="silent")
    with pytest.raises(RuntimeError, match="silent"):
        guards(app)


def test_marks_are_read_back() -> None:
    app = Flask("marked")
    app.add_url_rule("/a", view_func=needs(Permission.READ_AUDIT)(lambda: "a"), endpoint="a")
    app.add_url_rule("/b", view_func=public(lambda: "b"), endpoint="b")
    app.view_functions.pop("static", None)
    assert guards(app) == {"a": Permission.READ_AUDIT, "b": None}


def test_public_pages_of_the_shell_are_these(sqlite_backend: Backend) -> None:
    own = {"account", "admin", "assets", "shell", "public"}
    found = {n for n, p in guards(sqlite_backend.app).items() if p is None and n.split(".")[0] in own}
    assert found == PUBLIC_OF_THE_SHELL


@pytest.mark.parametrize("path", ["/account", "/desk", "/admin/people", "/admin/people/1", "/admin/audit"])
def test_visitor_is_sent_to_sign_in_and_back(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}?q=1")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/sign-in?next={path}?q%3D1"


def test_visitor_who_posts_is_told_to_sign_in(client: FlaskClient) -> None:
    answer = client.post("/admin/people/invite", data={"email": "a@b.go.th"})
    assert answer.status_code == 401
    assert "กรุณาเข้าสู่ระบบอีกครั้ง" in answer.text


def test_person_without_the_permission_is_refused(client: FlaskClient) -> None:
    sign_in(client, World.email("officer"))
    assert client.get("/admin/people").status_code == 403
    assert client.post("/admin/people/1/disable").status_code == 403
    assert client.get("/admin/audit").status_code == 403


def test_object_that_does_not_exist_is_not_found(client: FlaskClient) -> None:
    sign_in(client, World.email("admin"))
    assert client.get("/admin/people/2147483647").status_code == 404
    assert client.get("/admin/people/2147483648").status_code == 404
    assert client.get("/admin/people/๑").status_code == 404


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "javascript:alert(1)",
        "/a\nSet-Cookie: x",
        "/a\\b",
        "",
        None,
        "/" + "a" * 2001,
    ],
)
def test_next_never_leaves_this_site(target: str | None) -> None:
    assert safe_next(target, "/home") == "/home"


def test_next_of_this_site_is_kept() -> None:
    assert safe_next("/proposals/3?tab=ก", "/home") == "/proposals/3?tab=ก"


def test_desk_of_each_person(client: FlaskClient) -> None:
    sign_in(client, World.email("admin"))
    assert client.get("/desk").headers["Location"] == "/admin/people"


def test_assets_ask_neither_for_the_cookie_nor_the_database(client: FlaskClient) -> None:
    sign_in(client, World.email("admin"))
    asked: list[str] = []

    def note(*_: object) -> None:
        asked.append("asked")

    with client.application.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        answer = client.get("/assets/x/dgi.js")
        event.remove(db.engine, "before_cursor_execute", note)
    assert answer.status_code == 200
    assert asked == []
    assert "Cookie" not in answer.headers.get("Vary", "")
