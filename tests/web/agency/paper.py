"""Filling in the agency's forms as a browser would."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.proposals.drafts import Draft
from app.proposals.sections import FORM_SECTIONS, ROWS, show_section


def fields_of(section: str, value: dict[str, Any]) -> dict[str, Any]:
    """A section's value as the fields of its form, amounts written as the page writes them."""
    key = ROWS[section][0] if section in ROWS else ""
    sent: dict[str, Any] = {}
    for name, content in show_section(section, value).items():
        if name == key:
            for n, row in enumerate(content, 1):
                sent |= {f"{section}-{n}-{field}": text for field, text in row.items()}
        elif content is not False:
            sent[f"{section}-{name}"] = "1" if content is True else content
    return sent


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page."""
    match = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert match, f"no hidden field {name}"
    return match[1]


def create(client: FlaskClient) -> int:
    """Make a draft through the page; returns its id."""
    page = client.get("/agency/").get_data(as_text=True)
    answer = client.post("/agency/proposals", data={"fiscal_year": hidden(page, "fiscal_year")})
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def save(
    client: FlaskClient, proposal_id: int, section: str, value: dict[str, Any], **more: str
) -> TestResponse:
    """Open a section and send it with this value."""
    address = f"/agency/proposals/{proposal_id}/{section}"
    page = client.get(address)
    assert page.status_code == 200, page.status
    sent = {"version": hidden(page.get_data(as_text=True), "version"), **fields_of(section, value), **more}
    return client.post(address, data=sent)


def fill_in(client: FlaskClient, proposal_id: int, draft: Draft) -> None:
    """Save every section of a draft."""
    for section in FORM_SECTIONS:
        answer = save(client, proposal_id, section, draft[section])
        assert answer.status_code == 303, (section, answer.get_data(as_text=True)[:6000])


def text_of(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)
