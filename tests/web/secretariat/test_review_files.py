"""The record of a round as CSV: what the workbook holds, for the secretariat."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from tests.conftest import Backend, sign_in
from tests.figures.reviewed_round import (
    PRIVATE_NOTE,
    TALK,
    WHY_FINAL,
    WHY_REOPENED,
    hold_reviewed_round,
)
from tests.world import FISCAL_YEAR, World


@pytest.fixture
def browser(sqlite_backend: Backend) -> FlaskClient:
    sqlite_backend.app.config["WTF_CSRF_ENABLED"] = False
    with sqlite_backend.app.app_context():
        hold_reviewed_round(sqlite_backend.world)
    client = sqlite_backend.app.test_client()
    sign_in(client, World.email("secretariat"))
    return client


def rows(client: FlaskClient, name: str) -> list[dict[str, str]]:
    answer = client.get(f"/secretariat/calls/{FISCAL_YEAR}/reviews/{name}.csv")
    assert answer.status_code == 200
    said = answer.get_data().decode("utf-8-sig")
    assert PRIVATE_NOTE not in said
    assert TALK not in said
    return list(csv.DictReader(io.StringIO(said)))


def test_points_add_up_to_the_last_total_of_the_history(browser: FlaskClient) -> None:
    details, history = rows(browser, "scores"), rows(browser, "history")
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in details:
        points = Decimal(row["น้ำหนัก"]) * int(row["ระดับที่ใช้"]) / 4
        assert Decimal(row["คะแนนถ่วงน้ำหนัก"]) == points
        totals[row["เลขที่"], row["ผู้พิจารณา"]] += points
    last = {(r["เลขที่"], r["ผู้พิจารณา"]): Decimal(r["คะแนนรวม"]) for r in history if r["คะแนนรวม"]}
    assert totals == last
    assert len(last) == 6
    reasons = {row["เหตุผล"] for row in history}
    assert {WHY_FINAL, WHY_REOPENED} <= reasons


def test_they_are_linked_from_the_round(browser: FlaskClient) -> None:
    page = browser.get(f"/secretariat/calls/{FISCAL_YEAR}/reviews").get_data(as_text=True)
    for name in ("scores", "history"):
        assert f"/secretariat/calls/{FISCAL_YEAR}/reviews/{name}.csv" in page
