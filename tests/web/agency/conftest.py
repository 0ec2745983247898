"""A browser for the agency desk, and an officer sitting at it."""

from __future__ import annotations

import contextvars
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.kernel.db import db
from tests.conftest import sign_in
from tests.world import World


class SeparateClient(FlaskClient):
    """A client whose requests share nothing with the test's own application context, as in life."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        db.session.rollback()  # what the test read must not hold up what the request writes
        return contextvars.Context().run(super().open, *args, **kwargs)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return SeparateClient(app, app.response_class)


@pytest.fixture
def officer(world: World, client: FlaskClient) -> FlaskClient:
    """An officer of Department Alpha, signed in."""
    sign_in(client, World.email("officer"))
    return client
