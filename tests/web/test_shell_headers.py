"""What every answer tells the browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.kernel.config import read_config
from app.kernel.db import db
from tests.conftest import Backend, sign_in
from tests.world import World

PAGES = ("/", "/sign-in", "/nowhere", "/healthz", "/assets/x/dgi.css")


@pytest.mark.parametrize("path", PAGES)
def test_nothing_from_elsewhere(sqlite_backend: Backend, path: str) -> None:
    answer = sqlite_backend.app.test_client().get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_signed_in_pages_are_not_kept(client: FlaskClient) -> None:
    assert client.get("/").headers["Cache-Control"] == "no-cache"
    sign_in(client, World.email("admin"))
    assert client.get("/admin/people").headers["Cache-Control"] == "no-store"
    assert client.get("/").headers["Cache-Control"] == "no-store"


def test_assets_are_kept_and_packed(sqlite_backend: Backend) -> None:
    client = sqlite_backend.app.test_client()
    answer = client.get("/assets/x/bootstrap.css", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in answer.headers["Cache-Control"]
    assert len(answer.data) < 60_000
    assert client.get("/assets/x/sarabun-400.ttf").content_type == "font/ttf"


def test_cookie_outside_the_demo(tmp_path: Path) -> None:
    config = replace(read_config({"DGI_INSTANCE": str(tmp_path)}), trusted_hosts=("budget.example",))
    app = create_app(config)
    with app.app_context():
        db.create_all()
    answer = app.test_client().get("/sign-in", base_url="https://budget.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-dgi=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


def test_no_page_names_another_host(client: FlaskClient) -> None:
    sign_in(client, World.email("admin"))
    for path in ("/", "/account", "/admin/people", "/admin/people/invite", "/admin/audit"):
        text = client.get(path).text
        # the calendar's address is this site's own, in full, to be copied into a calendar
        text = text.replace("http://127.0.0.1:8000/", "/")
        assert "http://" not in text.replace("http://www.w3.org", "")
        assert "https://" not in text
