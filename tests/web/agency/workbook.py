"""A workbook at the agency desk: fetched, changed, sent, read by the runner, taken in."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.jobs.runner import drain
from app.kernel.db import db
from app.proposals.queries import read_draft
from tests.web.agency.paper import text_of

Edit = Callable[[openpyxl.Workbook], None]
BUDGET, INDICATORS = "รายการงบประมาณ", "ตัวชี้วัด"


def put(sheet: str, **cells: Any) -> Edit:
    def edit(book: openpyxl.Workbook) -> None:
        for address, value in cells.items():
            book[sheet][address] = value

    return edit


def fetch(client: FlaskClient, proposal_id: int, part: str = "") -> bytes:
    of = f"/parts/{part}" if part else ""
    got = client.get(f"/agency/proposals/{proposal_id}{of}/workbook/template.xlsx")
    assert got.status_code == 200, got.status_code
    assert got.headers["Content-Disposition"].startswith("attachment")
    return got.data


def send(
    client: FlaskClient, proposal_id: int, data: bytes, part: str = "", name: str = "งาน.xlsx"
) -> TestResponse:
    of = f"/parts/{part}" if part else ""
    return client.post(
        f"/agency/proposals/{proposal_id}{of}/workbook",
        data={"workbook-file": (io.BytesIO(data), name)},
        content_type="multipart/form-data",
    )


def put_through(
    app: Flask, client: FlaskClient, proposal_id: int, data: bytes, part: str = ""
) -> tuple[int, str]:
    """Send it and let the runner read it: its id and its page."""
    sent = send(client, proposal_id, data, part)
    assert sent.status_code == 303, text_of(sent)
    drain(app)
    number = int(sent.headers["Location"].rsplit("/", 1)[1])
    return number, text_of(client.get(f"/agency/workbooks/{number}"))


def take_in(client: FlaskClient, upload_id: int, page: str, **more: str) -> TestResponse:
    """Press the button of the preview."""
    seen = dict(re.findall(r'name="(seen-\w+)" value="(\d+)"', page))
    return client.post(f"/agency/workbooks/{upload_id}", data={**seen, "go": "chosen", **more})


def draft_of(proposal_id: int) -> dict[str, Any]:
    db.session.rollback()
    db.session.expire_all()
    return read_draft(db.session(), proposal_id).draft
