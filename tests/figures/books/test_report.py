"""`./dgi report decision-book`, the book's page and its printed papers: the same book on every way out."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pikepdf
import pypdfium2
from flask import Flask

from app.cli.report import command as report
from app.figures.actions import order_paper
from app.figures.facts import FilingChoice, PaperKind
from app.figures.models import PrintedPaper
from app.figures.press import paper_store
from app.jobs.printing import print_paper
from app.kernel.db import db
from app.kernel.work import open_work
from tests.conftest import Backend, sign_in
from tests.figures.books.closed_round import close_round
from tests.world import FISCAL_YEAR, NOW, World


def _closed(backend: Backend) -> bytes:
    with backend.app.app_context():
        book = close_round(backend.world, backend.app.config["DGI"])[1]
        db.session.remove()
    return book


def test_the_book_and_its_papers_come_out_of_the_command(sqlite_backend: Backend, tmp_path: Path) -> None:
    runner = sqlite_backend.app.test_cli_runner()
    words = ["decision-book", "--call", str(FISCAL_YEAR), "--format"]
    nothing = runner.invoke(report, [*words, "json", "--out", str(tmp_path / "no.json")])
    assert nothing.exit_code == 2
    assert "no decision book" in nothing.output
    book = _closed(sqlite_backend)
    out = {kind: tmp_path / f"book.{kind}" for kind in ("json", "xlsx", "pdf")}
    for kind, path in out.items():
        done = runner.invoke(report, [*words, kind, "--out", str(path)])
        assert done.exit_code == 0, done.output
    assert out["json"].read_bytes() == book
    first = out["pdf"].read_bytes()
    again = runner.invoke(report, [*words, "pdf", "--out", str(out["pdf"])])
    assert again.exit_code == 0
    assert out["pdf"].read_bytes() == first
    with pikepdf.open(io.BytesIO(first)) as pdf:
        (attached,) = pdf.attachments.values()
        assert attached.get_file().read_bytes() == book
    sheets = openpyxl.load_workbook(out["xlsx"], data_only=True)
    figures = {
        cell
        for sheet in sheets
        for row in sheet.iter_rows(values_only=True)
        for cell in row
        if cell is not None
    }
    assert 900_000 in figures  # baht: the cut amount
    assert (
        runner.invoke(report, [*words, "json", "--meeting", "9/2570", "--out", str(out["json"])]).exit_code
        == 2
    )


def test_the_page_replays_the_book_and_orders_its_paper(sqlite_backend: Backend) -> None:
    book = _closed(sqlite_backend)
    sqlite_backend.app.config["WTF_CSRF_ENABLED"] = False
    client = sqlite_backend.app.test_client()
    sign_in(client, World.email("committee"))
    page = client.get("/committee/meetings/1/book").get_data(as_text=True)
    assert "คำนวณซ้ำได้ตรงกันทั้งเล่ม" in page
    assert client.get("/committee/meetings/1/book.json").data == book
    wrong = client.post("/committee/meetings/1/book", data={"format": "json", "language": "th"})
    assert wrong.status_code == 422
    right = client.post(
        "/committee/meetings/1/book", data={"format": "pdf", "language": "th", "thai_digits": "1"}
    )
    assert right.status_code == 303
    assert "รอพิมพ์" in client.get("/committee/meetings/1/book").get_data(as_text=True)
    assert client.get("/committee/meetings/2/book").status_code == 404


def test_an_ordered_book_is_printed_in_thai_digits(app: Flask, world: World) -> None:
    close_round(world, app.config["DGI"])
    with open_work(world.actor("committee"), NOW) as work:
        paper = order_paper(
            work, FISCAL_YEAR, PaperKind.DECISION_BOOK, "pdf", "th", FilingChoice(meeting=1, thai_digits=True)
        )
        paper_id = paper.id
    print_paper(app, {"paper": paper_id}, is_last=True)
    done = db.session.get_one(PrintedPaper, paper_id)
    assert done.state == "done", done.failure
    assert done.sha256 is not None
    pdf = pypdfium2.PdfDocument(paper_store(app.config["DGI"]).get(done.sha256))
    text = "".join(page.get_textpage().get_text_range() for page in pdf)
    assert "๙๐๐,๐๐๐.๐๐" in text
