"""The published figures come out of page, Excel, PDF and command alike: FY2565 real, FY2567 replayed."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import openpyxl
import pypdfium2
import pytest
from flask import Flask

from app.cli.demo.people import PASSWORD
from tests.moulds import demo_app, demo_mould

# fiscal year: projects, agencies, baht, million baht
FIGURES = {
    2565: (34, 24, "1,136,361,900.00", "1,136.3619"),
    2567: (78, 51, "5,523,911,000.00", "5,523.9110"),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The demo round, with nothing written to it here."""
    folder = tmp_path_factory.mktemp("demo") / "instance"
    shutil.copytree(demo_mould(tmp_path_factory), folder)
    app = demo_app(folder)
    app.config.update(WTF_CSRF_ENABLED=False)
    return app


@pytest.fixture(scope="module")
def printed(
    demo: Flask, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[int, str], tuple[str, bytes]]:
    """(year, format) -> what the command said, and the file it wrote."""
    folder = tmp_path_factory.mktemp("papers")
    found = {}
    for year in FIGURES:
        for paper_format in ("xlsx", "pdf"):
            path = folder / f"{year}.{paper_format}"
            words = [
                "report",
                "ranking-book",
                "--call",
                str(year),
                "--format",
                paper_format,
                "--out",
                str(path),
            ]
            result = demo.test_cli_runner().invoke(args=words)
            assert result.exit_code == 0, result.output
            found[year, paper_format] = (result.output, path.read_bytes())
    return found


@pytest.mark.parametrize("year", FIGURES)
def test_page_shows_the_figures(demo: Flask, year: int) -> None:
    projects, agencies, _baht, million = FIGURES[year]
    client = demo.test_client()
    client.post("/sign-in", data={"email": "committee@demo.example", "password": PASSWORD})
    words = re.sub(r"<[^>]+>|\s+", " ", client.get(f"/committee/calls/{year}/ranking").get_data(as_text=True))
    assert million in words
    assert re.search(rf"\b{projects}\b", words)
    assert re.search(rf"\b{agencies}\b", words)


@pytest.mark.parametrize("paper_format", ["xlsx", "pdf"])
@pytest.mark.parametrize("year", FIGURES)
def test_command_says_the_figures(
    printed: dict[tuple[int, str], tuple[str, bytes]], year: int, paper_format: str
) -> None:
    projects, agencies, baht, million = FIGURES[year]
    said, _content = printed[year, paper_format]
    assert f"{projects} โครงการ {agencies} หน่วยงาน {million} ล้านบาท ({baht} บาท)" in said


@pytest.mark.parametrize("year", FIGURES)
def test_workbook_adds_up_to_the_figures(
    printed: dict[tuple[int, str], tuple[str, bytes]], year: int
) -> None:
    """The approved (or published) amounts of the ranked sheet, added in satang, and the cover's figures."""
    projects, agencies, baht, million = FIGURES[year]
    book = openpyxl.load_workbook(io.BytesIO(printed[year, "xlsx"][1]), data_only=True)
    cells = [c for sheet in book for row in sheet.iter_rows(values_only=True) for c in row if c is not None]
    assert {str(projects), str(agencies), million} <= {str(c) for c in cells}
    total = int(baht.replace(",", "").replace(".", ""))
    sums = set()
    for sheet in book:
        for column in sheet.iter_cols(values_only=True):
            amounts = [
                round(v * 100) for v in column if isinstance(v, float | int) and not isinstance(v, bool)
            ]
            # a column of amounts ends in its own total
            if len(amounts) > projects and amounts and sum(amounts[:-1]) == amounts[-1]:
                sums.add(amounts[-1])
    assert total in sums


@pytest.mark.parametrize("year", FIGURES)
def test_pdf_prints_the_figures(printed: dict[tuple[int, str], tuple[str, bytes]], year: int) -> None:
    projects, agencies, baht, million = FIGURES[year]
    pdf = pypdfium2.PdfDocument(printed[year, "pdf"][1])
    words = " ".join(page.get_textpage().get_text_range() for page in pdf)
    assert million in words
    assert baht in words
    assert re.search(rf"\b{projects}\b", words)
    assert re.search(rf"\b{agencies}\b", words)


def test_same_call_prints_the_same_bytes(
    demo: Flask, printed: dict[tuple[int, str], tuple[str, bytes]], tmp_path: Path
) -> None:
    for paper_format in ("xlsx", "pdf"):
        path = tmp_path / f"again.{paper_format}"
        words = ["report", "ranking-book", "--call", "2567", "--format", paper_format, "--out", str(path)]
        demo.test_cli_runner().invoke(args=words)
        assert path.read_bytes() == printed[2567, paper_format][1]
