"""The attachments page: several files at once, good ones kept and bad ones named, always given out as downloads."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

from app.calls.models import Call
from app.kernel.canonical import sha256_bytes
from app.kernel.db import db
from app.proposals.models import Attachment, Submission
from tests.conftest import sign_in
from tests.object_storage import ObjectStorage
from tests.web.agency import samples
from tests.web.agency.paper import create, text_of
from tests.world import World, complete_draft, write_draft

PDF, PNG, WORD = samples.PDF, samples.png(), samples.word()
OFFICE = "application/vnd.openxmlformats-officedocument"


def send(client: FlaskClient, proposal_id: int, *files: tuple[bytes, str], kind: str = "tor") -> TestResponse:
    sent: dict[str, Any] = {
        "attachments-kind": kind,
        "attachments-file": [(io.BytesIO(data), name) for data, name in files],
    }
    return client.post(f"/agency/proposals/{proposal_id}/attachments", data=sent)


def page_of(client: FlaskClient, proposal_id: int) -> str:
    return text_of(client.get(f"/agency/proposals/{proposal_id}/attachments"))


def kept_ids(proposal_id: int) -> list[int]:
    return list(
        db.session.scalars(
            select(Attachment.id)
            .where(Attachment.proposal_id == proposal_id, Attachment.removed_at.is_(None))
            .order_by(Attachment.id)
        )
    )


@pytest.mark.parametrize(
    ("data", "name", "media"),
    [
        (PDF, "ร่างขอบเขต.pdf", "application/pdf"),
        (PNG, "a.PNG", "image/png"),
        (samples.jpeg(), "a.jpeg", "image/jpeg"),
        (WORD, "a.docx", f"{OFFICE}.wordprocessingml.document"),
        (samples.excel(), "a.xlsx", f"{OFFICE}.spreadsheetml.sheet"),
    ],
)
def test_attached_downloaded_and_taken_off(
    officer: FlaskClient, app: Flask, data: bytes, name: str, media: str
) -> None:
    proposal_id = create(officer)
    address = f"/agency/proposals/{proposal_id}/attachments"
    assert send(officer, proposal_id, (data, name)).status_code == 303
    page = page_of(officer, proposal_id)
    assert name in page
    assert sha256_bytes(data) in page
    answer = officer.get(f"{address}/1")
    assert answer.data == data
    assert answer.mimetype == media
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    stored = [p for p in (Path(app.config["DGI"].instance) / "files").rglob("*") if p.is_file()]
    assert sha256_bytes(data) in {path.name for path in stored}
    assert all(name not in str(path) for path in stored)
    (attachment_id,) = kept_ids(proposal_id)
    assert officer.post(f"{address}/{attachment_id}/remove").status_code == 303
    assert officer.get(f"{address}/1").status_code == 404
    assert officer.post(f"{address}/{attachment_id}/remove").status_code == 404


NAMES = [
    ("plain name (1).pdf", "plain name (1).pdf"),
    ("ร่างขอบเขตของงาน.pdf", "attachment-1.pdf"),
    ("a%41.pdf", "attachment-1.pdf"),
    ("x\u202efdp.pdf", "xfdp.pdf"),
]


@pytest.mark.parametrize(("name", "plain"), NAMES)
def test_downloads_carry_their_name_and_a_plain_one(officer: FlaskClient, name: str, plain: str) -> None:
    proposal_id = create(officer)
    send(officer, proposal_id, (PDF, name))
    told = officer.get(f"/agency/proposals/{proposal_id}/attachments/1").headers["Content-Disposition"]
    assert told.isascii()
    assert "\n" not in told
    disposition, options = parse_options_header(told)
    assert disposition == "attachment"
    assert options["filename"] == name.replace("\u202e", "")  # of the two, a browser takes the extended name
    assert re.search(r'filename="([^"]*)"', told)[1] == plain  # type: ignore[index]


def test_several_at_once(officer: FlaskClient) -> None:
    proposal_id = create(officer)
    assert send(officer, proposal_id, (PDF, "ก.pdf"), (PNG, "ข.png"), (WORD, "ค.docx")).status_code == 303
    page = page_of(officer, proposal_id)
    assert "แนบ “ก.pdf”, “ข.png”, “ค.docx” แล้ว" in page
    assert len(kept_ids(proposal_id)) == 3


def test_good_ones_are_kept_and_every_bad_one_is_named(officer: FlaskClient) -> None:
    proposal_id = create(officer)
    answer = send(
        officer,
        proposal_id,
        (PDF, "ดี.pdf"),
        (b"MZ", "โปรแกรม.exe"),
        (b"", "ว่าง.pdf"),
        (PDF, "ซ้ำ.pdf"),
        (PNG, "ผิดชื่อ.pdf"),
        (PNG, "ดี.png"),
        kind="quotation",
    )
    assert answer.status_code == 422
    page = text_of(answer)
    assert "ไฟล์ที่แนบได้: ดี.pdf, ดี.png" in page
    assert "“โปรแกรม.exe”: แนบได้เฉพาะไฟล์" in page
    assert "“ว่าง.pdf”: ไฟล์ว่างเปล่า" in page
    assert "“ซ้ำ.pdf”: เนื้อหาตรงกับ “ดี.pdf” ที่แนบไว้แล้ว" in page
    assert "“ผิดชื่อ.pdf”: ชื่อไฟล์ลงท้ายไม่ตรงกับเนื้อหา" in page
    assert page.count('href="#attachments-file"') == 4
    assert "มี 4 ไฟล์ที่แนบไม่ได้" in page
    assert len(kept_ids(proposal_id)) == 2
    assert '<option value="quotation" selected>' in page


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (samples.word(word__vbaProject_dot_bin=b"x"), "a.docx", "มีมาโคร"),
        (b"PK\x03\x04broken", "a.docx", "เสียหายหรือไม่ครบ"),
        (PDF, "a.docx", "ลงท้ายไม่ตรงกับเนื้อหา"),
        (PDF + b"0" * 10 * 1024 * 1024, "a.pdf", "ใหญ่เกิน 10 เมกะไบต์"),
        (PDF, "a\x01.pdf", "ชื่อไฟล์มีอักขระที่อ่านไม่ได้"),
    ],
)
def test_refused_with_the_kind_still_chosen(officer: FlaskClient, data: bytes, name: str, words: str) -> None:
    proposal_id = create(officer)
    answer = send(officer, proposal_id, (data, name), kind="quotation")
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert '<option value="quotation" selected>' in text_of(answer)
    assert kept_ids(proposal_id) == []


def test_no_kind_and_every_bad_file_are_told_together_and_nothing_is_kept(officer: FlaskClient) -> None:
    proposal_id = create(officer)
    page = text_of(send(officer, proposal_id, (PDF, "a.pdf"), (b"", "b.pdf"), (b"MZ", "c.exe"), kind="zz"))
    assert 'href="#attachments-kind"' in page
    assert "“b.pdf”" in page
    assert "“c.exe”" in page
    assert "“a.pdf”" not in page
    assert kept_ids(proposal_id) == []
    page = text_of(officer.post(f"/agency/proposals/{proposal_id}/attachments"))
    for place in ("attachments-kind", "attachments-file"):
        assert f'href="#{place}"' in page


def test_no_more_files_than_the_call_takes(officer: FlaskClient) -> None:
    call = db.session.scalars(select(Call)).one()
    call.limits = json.dumps({**json.loads(call.limits), "attachments": 2})
    db.session.commit()
    proposal_id = create(officer)
    answer = send(officer, proposal_id, (PDF, "1.pdf"), (PNG, "2.png"), (WORD, "3.docx"))
    assert answer.status_code == 422
    assert "“3.docx”: แนบได้ไม่เกิน 2 ไฟล์" in text_of(answer)
    assert len(kept_ids(proposal_id)) == 2
    page = page_of(officer, proposal_id)
    assert 'name="attachments-file"' not in page
    assert "จำนวนสูงสุดแล้ว" in page


def test_the_kinds_the_call_asks_for_are_a_checklist(officer: FlaskClient) -> None:
    proposal_id = create(officer)
    send(officer, proposal_id, (PDF, "1.pdf"), (PNG, "2.png"), kind="quotation")
    page = page_of(officer, proposal_id)
    rows = re.findall(r"<li><div>.*?</li>", page[page.index('id="asked"') :], re.S)
    said = {re.sub(r"<[^>]+>", " ", row).split()[0]: row for row in rows}
    assert len(rows) == 5
    assert "แนบแล้ว 2 ไฟล์" in said["ใบเสนอราคาหรือที่มาของราคา"]
    assert "ยังไม่แนบ" in said["บันทึกข้อตกลงการแลกเปลี่ยนข้อมูล"]
    assert "ยังไม่แนบ" not in said["เอกสารอื่น"]
    assert "ขอบเขต ระยะเวลา" in said["ร่างขอบเขตของงาน"]
    answer = officer.get(f"/agency/proposals/{proposal_id}/attachments?kind=tor")
    assert '<option value="tor" selected>' in text_of(answer)


def test_the_same_bytes_under_another_kind_are_taken_and_told(officer: FlaskClient) -> None:
    proposal_id = create(officer)
    send(officer, proposal_id, (PDF, "ร่าง.pdf"), kind="tor")
    assert send(officer, proposal_id, (PDF, "ราคา.pdf"), kind="tor").status_code == 422
    assert send(officer, proposal_id, (PDF, "ราคา.pdf"), kind="quotation").status_code == 303
    assert "“ราคา.pdf” มีเนื้อหาเดียวกับ “ร่าง.pdf”" in page_of(officer, proposal_id)


def swap(client: FlaskClient, proposal_id: int, attachment_id: int, data: bytes, name: str) -> TestResponse:
    address = f"/agency/proposals/{proposal_id}/attachments/{attachment_id}/replace"
    return client.post(address, data={f"attachments-replace-{attachment_id}": (io.BytesIO(data), name)})


def test_a_file_is_exchanged_for_another_of_its_kind(officer: FlaskClient) -> None:
    proposal_id = create(officer)
    send(officer, proposal_id, (PDF, "เก่า.pdf"), kind="quotation")
    (old,) = kept_ids(proposal_id)
    assert swap(officer, proposal_id, old, WORD, "ใหม่.docx").status_code == 303
    db.session.rollback()
    (new,) = kept_ids(proposal_id)
    row = db.session.get_one(Attachment, new)
    assert (row.kind, row.name, row.sha256) == ("quotation", "ใหม่.docx", sha256_bytes(WORD))
    assert db.session.get_one(Attachment, old).removed_at is not None
    assert "“ใหม่.docx”" in page_of(officer, proposal_id)
    assert swap(officer, proposal_id, old, PNG, "x.png").status_code == 404


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"MZ", "a.exe", "แนบได้เฉพาะไฟล์"),
        (b"", "a.pdf", "ไฟล์ว่างเปล่า"),
        (PDF, "same.pdf", "เนื้อหาตรงกับ “เก่า.pdf”"),
        (b"", "", "กรุณาเลือกไฟล์"),
    ],
)
def test_a_bad_exchange_leaves_the_old_file_and_says_so_beside_it(
    officer: FlaskClient, data: bytes, name: str, words: str
) -> None:
    proposal_id = create(officer)
    send(officer, proposal_id, (PDF, "เก่า.pdf"))
    (old,) = kept_ids(proposal_id)
    answer = swap(officer, proposal_id, old, data, name)
    assert answer.status_code == 422
    page = text_of(answer)
    assert words in page
    assert f'id="attachments-replace-{old}-error"' in page
    assert '<details class="swap" open>' in page
    assert kept_ids(proposal_id) == [old]


def test_file_beyond_what_the_site_takes_is_refused_politely(officer: FlaskClient) -> None:
    proposal_id = create(officer)
    answer = send(officer, proposal_id, (PDF + b"0" * 25 * 1024 * 1024, "a.pdf"))
    assert answer.status_code == 413
    assert "ใหญ่เกินไป" in text_of(answer)


def test_attachment_of_another_proposal_is_not_found(officer: FlaskClient, world: World) -> None:
    first, second = write_draft(world, complete_draft()), write_draft(world, complete_draft())
    send(officer, first, (PDF, "a.pdf"))
    (attachment_id,) = kept_ids(first)
    assert officer.get(f"/agency/proposals/{second}/attachments/1").status_code == 404
    assert officer.post(f"/agency/proposals/{second}/attachments/{attachment_id}/remove").status_code == 404
    assert swap(officer, second, attachment_id, PNG, "a.png").status_code == 404


def test_filed_attachment_is_frozen_with_its_hash(officer: FlaskClient, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    send(officer, proposal_id, (PDF, "แผน.pdf"))
    (attachment_id,) = kept_ids(proposal_id)
    assert officer.post(f"/agency/proposals/{proposal_id}/submit", data={"key": "k"}).status_code == 303
    assert send(officer, proposal_id, (PNG, "b.png")).status_code == 422
    assert swap(officer, proposal_id, attachment_id, PNG, "b.png").status_code == 422
    assert (
        officer.post(f"/agency/proposals/{proposal_id}/attachments/{attachment_id}/remove").status_code == 422
    )
    page = text_of(officer.get(f"/agency/proposals/{proposal_id}"))
    assert "แผน.pdf" in page
    assert sha256_bytes(PDF) in page
    assert f'href="/agency/proposals/{proposal_id}/attachments/1"' in page
    frozen = db.session.scalars(select(Submission).where(Submission.proposal_id == proposal_id)).one()
    assert json.loads(frozen.content)["attachments"] == [
        {"kind": "tor", "name": "แผน.pdf", "sha256": sha256_bytes(PDF), "size": len(PDF)}
    ]
    assert officer.get(f"/agency/proposals/{proposal_id}/attachments/1").data == PDF
    for position in (0, 2):
        assert officer.get(f"/agency/proposals/{proposal_id}/attachments/{position}").status_code == 404


def test_readers_of_a_filing_get_the_same_download(officer: FlaskClient, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    send(officer, proposal_id, (PDF, "แผน.pdf"))
    officer.post(f"/agency/proposals/{proposal_id}/submit", data={"key": "k"})
    officer.post("/sign-out")
    sign_in(officer, World.email("secretariat"))
    answer = officer.get(f"/filings/{proposal_id}/attachments/1")
    assert (answer.status_code, answer.data) == (200, PDF)
    told = answer.headers["Content-Disposition"]
    assert told.startswith("attachment; filename=\"attachment-1.pdf\"; filename*=UTF-8''%E0%B9%81")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_damaged_file_is_told_and_not_given_out(officer: FlaskClient, app: Flask) -> None:
    proposal_id = create(officer)
    send(officer, proposal_id, (WORD, "a.docx"))
    key = sha256_bytes(WORD)
    path = Path(app.config["DGI"].instance) / "files" / key[:2] / key
    path.write_bytes(WORD[:-1] + b"!")
    try:
        answer = officer.get(f"/agency/proposals/{proposal_id}/attachments/1")
    finally:
        path.unlink()
    assert answer.status_code == 500
    assert "เสียหายหรือถูกเปลี่ยนแปลง" in text_of(answer)
    assert WORD[:40] not in answer.data


@pytest.fixture
def in_bucket(app: Flask, object_storage: ObjectStorage) -> Iterator[ObjectStorage]:
    config = app.config["DGI"]
    app.config["DGI"] = replace(config, files=object_storage.bucket(prefix="web"))
    yield object_storage
    app.config["DGI"] = config


def test_the_page_works_on_object_storage(officer: FlaskClient, in_bucket: ObjectStorage) -> None:
    proposal_id = create(officer)
    assert send(officer, proposal_id, (PDF, "ก.pdf"), (PNG, "ข.png")).status_code == 303
    assert officer.get(f"/agency/proposals/{proposal_id}/attachments/1").data == PDF
    key = sha256_bytes(PDF)
    assert (in_bucket.folder / "dgi-test" / "web" / "files" / key[:2] / key).read_bytes() == PDF


def test_storage_that_is_down_loses_nothing_and_is_said(
    officer: FlaskClient, app: Flask, in_bucket: ObjectStorage
) -> None:
    proposal_id = create(officer)
    app.config["DGI"] = replace(
        app.config["DGI"], files=replace(in_bucket.bucket(), endpoint="http://127.0.0.1:9")
    )
    answer = send(officer, proposal_id, (PDF, "ก.pdf"))
    assert answer.status_code == 500
    assert "ที่เก็บไฟล์ไม่พร้อมใช้งาน" in text_of(answer)
    assert kept_ids(proposal_id) == []
