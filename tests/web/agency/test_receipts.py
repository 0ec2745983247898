"""Public verification of receipts: number, time and hash, and nothing else."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from app.kernel.db import db
from app.proposals.queries import find_receipt_by_number
from tests.web.agency.paper import text_of
from tests.world import FISCAL_YEAR, World, file_proposal

NUMBER = f"R{FISCAL_YEAR}-0001-1"
ADDRESS = f"/receipts/verify/{NUMBER}"


def filed_hash(world: World) -> str:
    file_proposal(world)
    receipt = find_receipt_by_number(db.session(), NUMBER)
    assert receipt is not None
    db.session.rollback()
    return receipt.sha256


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (lambda sha: "", "เทียบค่าแฮชด้านล่าง"),
        (lambda sha: sha, "ค่าแฮชตรงกับข้อมูลที่ยื่น"),
        (lambda sha: sha.upper(), "ค่าแฮชตรงกับข้อมูลที่ยื่น"),
        (lambda sha: f" {sha[:32]} {sha[32:]} ", "ค่าแฮชตรงกับข้อมูลที่ยื่น"),
        (lambda sha: sha[:16], "ค่าแฮชตรงกับข้อมูลที่ยื่น"),
        (lambda sha: sha[:15], "ต้องใช้อย่างน้อย 16 ตัวแรก"),
        (lambda sha: "0" * 64, "ไม่ตรงกับข้อมูลที่ยื่น"),
        (lambda sha: "<script>", "ไม่ตรงกับข้อมูลที่ยื่น"),
    ],
)
def test_hash_is_compared(client: FlaskClient, world: World, part: object, words: str) -> None:
    sha256 = filed_hash(world)
    answer = client.get(ADDRESS, query_string={"sha256": part(sha256)})  # type: ignore[operator]
    page = text_of(answer)
    assert answer.status_code == 200
    assert words in page
    assert sha256 in page
    assert "20 พ.ย. 2568 10:00:00 น." in page
    for secret in ("ระบบเชื่อมโยงข้อมูลทดสอบ", "กรมอัลฟา", "1,000,001.00", "2570-0001<"):
        assert secret not in page
    assert "<script>" not in page.split("<body>")[1]


@pytest.mark.parametrize("number", ["R2570-9999-1", "nothing", "R" * 500, "ก"])
def test_unknown_receipt_is_not_found(client: FlaskClient, number: str) -> None:
    answer = client.get(f"/receipts/verify/{number}")
    assert answer.status_code == 404
    assert "ไม่พบใบรับนี้" in text_of(answer)


def test_form_leads_to_the_answer(client: FlaskClient, world: World) -> None:
    sha256 = filed_hash(world)
    assert client.get("/receipts/verify").status_code == 200
    answer = client.get("/receipts/verify", query_string={"number": f" {NUMBER.lower()} ", "sha256": sha256})
    assert answer.headers["Location"] == f"{ADDRESS}?sha256={sha256}"
