"""Attachments: judged by content, kept under names of our own, always given out as downloads."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.web.agency.media import plain_name, recognise
from tests.web.agency.paper import create, text_of
from tests.world import World, complete_draft, write_draft

PDF = b"%PDF-1.7\n1 0 obj\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20


def office(*parts: str) -> bytes:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as z:
        for part in ("[Content_Types].xml", *parts):
            z.writestr(part, "<x/>")
    return package.getvalue()


WORD = office("word/document.xml")
EXCEL = office("xl/workbook.xml")


def attach(client: FlaskClient, proposal_id: int, data: bytes, name: str, kind: str = "tor") -> TestResponse:
    sent: dict[str, Any] = {"attachments-kind": kind, "attachments-file": (io.BytesIO(data), name)}
    return client.post(f"/agency/proposals/{proposal_id}/attachments", data=sent)


@pytest.mark.parametrize(
    ("data", "name", "media"),
    [
        (PDF, "ร่างขอบเขต.pdf", "application/pdf"),
        (PNG, "a.PNG", "image/png"),
        (JPEG, "a.jpeg", "image/jpeg"),
        (WORD, "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (EXCEL, "a.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_attached_downloaded_and_taken_off(
    officer: FlaskClient, app: Flask, data: bytes, name: str, media: str
) -> None:
    proposal_id = create(officer)
    address = f"/agency/proposals/{proposal_id}/attachments"
    assert attach(officer, proposal_id, data, name).status_code == 303
    assert name in text_of(officer.get(address))
    answer = officer.get(f"{address}/1")
    assert answer.data == data
    assert answer.mimetype == media
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    stored = list((Path(app.config["DGI"].instance) / "files").rglob("*"))
    assert stored
    assert all(name not in str(path) for path in stored)
    assert officer.post(f"{address}/1/remove").status_code == 303
    assert officer.get(f"{address}/1").status_code == 404
    assert officer.post(f"{address}/1/remove").status_code == 404


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"<html>", "a.pdf", "แนบได้เฉพาะไฟล์"),
        (b"MZ\x90", "a.exe", "แนบได้เฉพาะไฟล์"),
        (office("a.txt"), "a.zip", "แนบได้เฉพาะไฟล์"),
        (office("word/document.xml", "word/vbaProject.bin"), "a.docx", "แนบได้เฉพาะไฟล์"),
        (b"PK\x03\x04broken", "a.docx", "แนบได้เฉพาะไฟล์"),
        (PDF, "a.docx", "ลงท้ายไม่ตรงกับเนื้อหา"),
        (EXCEL, "a.docx", "ลงท้ายไม่ตรงกับเนื้อหา"),
        (PDF, "a.pdf.exe", "ลงท้ายไม่ตรงกับเนื้อหา"),
        (b"", "a.pdf", "แฟ้มว่างเปล่า"),
        (PDF + b"0" * 10 * 1024 * 1024, "a.pdf", "ใหญ่เกิน 10 เมกะไบต์"),
        (PDF, "a\x01.pdf", "ชื่อไฟล์มีอักขระที่อ่านไม่ได้"),
    ],
)
def test_refused_with_the_kind_still_chosen(officer: FlaskClient, data: bytes, name: str, words: str) -> None:
    proposal_id = create(officer)
    answer = attach(officer, proposal_id, data, name, kind="quotation")
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert '<option value="quotation" selected>' in text_of(answer)


def test_no_file_and_no_kind_are_told_together(officer: FlaskClient) -> None:
    proposal_id = create(officer)
    answer = officer.post(f"/agency/proposals/{proposal_id}/attachments", data={"attachments-kind": "zz"})
    assert answer.status_code == 422
    for place in ("attachments-kind", "attachments-file"):
        assert f'href="#{place}"' in text_of(answer)


def test_file_beyond_what_the_site_takes_is_refused_politely(officer: FlaskClient) -> None:
    proposal_id = create(officer)
    answer = attach(officer, proposal_id, PDF + b"0" * 25 * 1024 * 1024, "a.pdf")
    assert answer.status_code == 413
    assert "ใหญ่เกินไป" in text_of(answer)


def test_attachment_of_another_proposal_is_not_found(officer: FlaskClient, world: World) -> None:
    first, second = write_draft(world, complete_draft()), write_draft(world, complete_draft())
    attach(officer, first, PDF, "a.pdf")
    assert officer.get(f"/agency/proposals/{second}/attachments/1").status_code == 404
    assert officer.post(f"/agency/proposals/{second}/attachments/1/remove").status_code == 404


def test_filed_attachment_is_frozen_with_its_hash(officer: FlaskClient, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    attach(officer, proposal_id, PDF, "a.pdf")
    assert officer.post(f"/agency/proposals/{proposal_id}/submit", data={"key": "k"}).status_code == 303
    assert attach(officer, proposal_id, PNG, "b.png").status_code == 422
    assert officer.post(f"/agency/proposals/{proposal_id}/attachments/1/remove").status_code == 422
    page = text_of(officer.get(f"/agency/proposals/{proposal_id}"))
    assert "a.pdf" in page
    assert f'href="/agency/proposals/{proposal_id}/attachments/1"' in page
    assert officer.get(f"/agency/proposals/{proposal_id}/attachments/1").data == PDF
    assert officer.get(f"/agency/proposals/{proposal_id}/attachments/2").status_code == 404
    assert officer.get(f"/agency/proposals/{proposal_id}/attachments/0").status_code == 404


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("C:\\งาน\\ร่าง.pdf", "ร่าง.pdf"),
        ("../../etc/passwd", "passwd"),
        ("  a   b.pdf ", "a b.pdf"),
        ("ก" * 300 + ".pdf", "ก" * 196 + ".pdf"),
        ("x" * 300, "x" * 200),
        ("\x02.pdf", ""),
    ],
)
def test_plain_name(sent: str, name: str) -> None:
    assert plain_name(sent) == name


def test_a_package_of_too_many_parts_is_not_opened() -> None:
    assert recognise(b"PK\x03\x04" + b"PK\x01\x02" * 6000) is None
