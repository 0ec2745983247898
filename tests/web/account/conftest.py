"""A provider of one's own for a test, and an application that is told of it and forgets it afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import Backend
from tests.identity.provider import TestProvider, run_provider
from tests.web.account.outside_scene import tell


@pytest.fixture(autouse=True)
def settings_as_before(backend: Backend) -> Iterator[None]:
    """What a test tells the application is told to it alone."""
    before = backend.app.config["DGI"]
    yield
    backend.app.config["DGI"] = before


@pytest.fixture
def provider(backend: Backend) -> Iterator[TestProvider]:
    with run_provider(backend.clock, backend.app.config["DGI"].site_url) as provider:
        tell(backend, provider)
        yield provider
