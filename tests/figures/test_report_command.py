"""`./dgi report` and the real lines of 2565: page, Excel, PDF and command give the published figures."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from app.calls.queries import get_call
from app.cli.import_lines import import_lines
from app.cli.report import command
from app.figures.facts import Basis
from app.figures.queries import ranking_page
from app.identity.facts import SYSTEM
from app.kernel.config import PROJECT, read_config
from app.kernel.db import db
from app.kernel.schema import upgrade_database
from app.kernel.work import open_work
from tests.conftest import Backend
from tests.world import FISCAL_YEAR, NOW

LINES = PROJECT / "app" / "cli" / "demo" / "fy2565_dgi_budget_lines.csv"
MILLION, BAHT = "1,136.3619", "1,136,361,900.00"


@pytest.fixture
def app(sqlite_backend: Backend) -> Iterator[Flask]:
    with sqlite_backend.app.app_context():
        yield sqlite_backend.app
        db.session.remove()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An installation with nothing but the real lines in it."""
    folder = tmp_path_factory.mktemp("real")
    settings = {"DGI_INSTANCE": str(folder), "SECRET_KEY": "k" * 64, "DGI_DEMO": "1"}
    app = create_app(read_config(settings))
    with app.app_context():
        upgrade_database()
        with open_work(SYSTEM, NOW) as work:
            import_lines(work, 2565, LINES.read_bytes())
        yield app
        db.session.remove()


def report(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(command, ["ranking-book", *words])


def test_the_published_figures_come_out_of_page_excel_pdf_and_command(real: Flask, tmp_path: Path) -> None:
    page = ranking_page(db.session(), SYSTEM, get_call(db.session(), 2565))
    head = page.headline
    assert (head.basis, head.projects, head.agencies, head.ministries, head.total) == (
        Basis.RECORDED, 34, 24, 12, 113_636_190_000,
    )  # fmt: skip
    db.session.rollback()
    for kind in ("xlsx", "pdf"):
        out = tmp_path / f"book.{kind}"
        result = report(real, "--call", "2565", "--format", kind, "--out", str(out))
        assert result.exit_code == 0, result.output
        data = out.read_bytes()
        assert result.output.strip() == (
            f"{out}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}; "
            f"34 โครงการ 24 หน่วยงาน {MILLION} ล้านบาท ({BAHT} บาท) ตามเอกสารงบประมาณที่เผยแพร่"
        )
    book = openpyxl.load_workbook(tmp_path / "book.xlsx", data_only=True)
    cover = [str(c.value) for row in book.worksheets[0].iter_rows() for c in row if c.value]
    assert {"34", "24", "12", MILLION} <= set(cover)
    lines = [row[:2] for row in book["รายการงบประมาณ"].iter_rows(min_row=6, values_only=True)]
    assert sum(str(number).startswith("2565-") for number, _ in lines) == 46
    assert "คะแนน" not in book.sheetnames
    paper = pypdfium2.PdfDocument(io.BytesIO((tmp_path / "book.pdf").read_bytes()))
    text = "".join("".join(p.get_textpage().get_text_range() for p in paper).split())
    for said in ("34โครงการ", "24หน่วยงาน", "12กระทรวง", "46รายการ", f"{BAHT}บาท", f"{MILLION}ล้านบาท"):
        assert said in text, said
    assert "ไม่มีผลกลั่นกรองคะแนนและมติ" in text
    assert "ข้อมูลจริงจากเอกสารงบประมาณที่เผยแพร่" in text


def test_the_command_can_be_replayed(real: Flask, tmp_path: Path) -> None:
    prints = set()
    for n in range(2):
        out = tmp_path / f"{n}.pdf"
        assert (
            report(real, "--call", "2565", "--format", "pdf", "--language", "en", "--out", str(out)).exit_code
            == 0
        )
        prints.add(out.read_bytes())
    assert len(prints) == 1
    later = tmp_path / "later.pdf"
    report(real, "--call", "2565", "--format", "pdf", "--out", str(later), "--printed-at", "2026-01-15T09:30")
    text = pypdfium2.PdfDocument(io.BytesIO(later.read_bytes()))[0].get_textpage().get_text_range()
    assert "15 ม.ค. 2569 09:30 น." in text


def test_what_cannot_be_printed_is_said_without_a_trace(app: Flask, tmp_path: Path) -> None:
    unknown = report(app, "--call", "2499", "--format", "pdf", "--out", str(tmp_path / "a.pdf"))
    assert unknown.exit_code == 2
    assert "ไม่พบรอบคำขอปีงบประมาณ 2499" in unknown.output
    for out in (tmp_path / "nowhere" / "a.pdf", tmp_path):
        result = report(app, "--call", str(FISCAL_YEAR), "--format", "pdf", "--out", str(out))
        assert result.exit_code == 2
        assert "cannot be written" in result.output
        assert "Traceback" not in result.output
    assert report(app, "--call", str(FISCAL_YEAR), "--format", "docx", "--out", "a").exit_code == 2
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_the_old_file_as_it_was(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "book.xlsx"
    out.write_bytes(b"old")

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    result = report(app, "--call", str(FISCAL_YEAR), "--format", "xlsx", "--out", str(out))
    assert result.exit_code == 2
    assert "No space left" in result.output
    assert out.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["book.xlsx"]
