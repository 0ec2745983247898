"""Every letter leads to a page that exists."""

from __future__ import annotations

from app.notices.rules import KIND_OF
from app.notices.wording import WORDINGS
from tests.conftest import Backend


def test_every_letter_leads_to_a_page(sqlite_backend: Backend) -> None:
    routes = sqlite_backend.app.url_map.bind("dgi.example")
    for wording in WORDINGS.values():
        endpoint, _ = routes.match(wording.path.format(id=1), method="GET")
        assert endpoint
    assert set(KIND_OF) == set(WORDINGS)
