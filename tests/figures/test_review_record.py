"""The record of the reviews in the ranking book: it can be computed anew, and shows each reader no more than may be read."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
from flask import Flask

from app.calls.queries import get_call
from app.figures.actions import order_paper
from app.figures.facts import PaperFormat
from app.figures.pen import Pen
from app.figures.press import paper_store, print_document
from app.figures.queries import RankingBook, get_paper, hold_still, ranking_book, read_paper
from app.figures.ranking_book import ranking_document
from app.figures.review_sheets import score_tables
from app.jobs.runner import drain
from app.kernel.db import db
from app.kernel.work import open_work
from app.reviews.facts import NamesFor
from app.reviews.queries import list_review_records
from tests.conftest import Backend
from tests.figures.reviewed_round import (
    CONCLUSION,
    PRIVATE_NOTE,
    TALK,
    WHY_DECLINED,
    WHY_FINAL,
    WHY_REOPENED,
    hold_reviewed_round,
)
from tests.instruments import counted_queries
from tests.world import FISCAL_YEAR, NOW, World


@pytest.fixture
def small_world(sqlite_backend: Backend) -> Iterator[World]:
    """What is printed does not hang on the database: one is enough."""
    with sqlite_backend.app.app_context():
        yield sqlite_backend.world
        db.session.remove()


def read_as(world: World, name: str) -> RankingBook:
    session = db.session()
    hold_still(session)
    book = ranking_book(session, world.actor(name), get_call(session, FISCAL_YEAR))
    session.rollback()
    return book


def printed(book: RankingBook, kind: PaperFormat = PaperFormat.XLSX, language: str = "th") -> bytes:
    return print_document(ranking_document(book, language), kind)


def rows_of(data: bytes, sheet: str) -> list[dict[str, Any]]:
    """The rows of a sheet by their headings, without the row of totals."""
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    rows = [list(row) for row in book[sheet].iter_rows(values_only=True)]
    head = next(n for n, row in enumerate(rows) if "เลขที่" in row or "เมื่อ" in row)
    names = [str(name).split("\n")[0] for name in rows[head]]
    found = [dict(zip(names, row, strict=True)) for row in rows[head + 1 :]]
    return [row for row in found if row.get("เลขที่") or row.get("เมื่อ")]


def everything(data: bytes) -> str:
    """All text in a workbook's parts, or on a paper's pages."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    pages = pypdfium2.PdfDocument(data)
    return "".join("".join(page.get_textpage().get_text_range().split()) for page in pages)


def recomputed_totals(data: bytes) -> dict[tuple[str, str], Decimal]:
    """(number, reviewer) -> weight x level / 4 added up, from nothing but the sheet of details."""
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows_of(data, "รายละเอียดคะแนน"):
        totals[row["เลขที่"], row["ผู้พิจารณา"]] += Decimal(row["น้ำหนัก"]) * row["ระดับที่ใช้"] / 4
    return dict(totals)


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def check_sums(data: bytes, world: World) -> None:
    totals = recomputed_totals(data)
    for sheet, column in (("คะแนน", "คะแนนรวม"), ("การมอบหมาย", "คะแนนล่าสุด")):
        shown = {
            (r["เลขที่"], r["ผู้พิจารณา"]): cents(Decimal(str(r[column])))
            for r in rows_of(data, sheet)
            if r.get("นับเป็นคะแนน", "ใช่") == "ใช่"
        }
        assert shown == {key: cents(total) for key, total in totals.items()}
    panels: dict[str, list[Decimal]] = defaultdict(list)
    for (number, _), total in totals.items():
        panels[number].append(total)
    ranked = {r["เลขที่"]: r["เฉลี่ย"] for r in rows_of(data, "บัญชีจัดลำดับ") if r["เฉลี่ย"] is not None}
    assert {n: cents(Decimal(str(m))) for n, m in ranked.items()} == {
        n: cents(sum(t, Decimal()) / len(t)) for n, t in panels.items()
    }
    book = read_as(world, "committee")
    assert {line.line.entry.number: line.line.mean for line in book.page.lines if line.line.mean} == {
        n: int(cents(sum(t, Decimal()) / len(t)) * 100) for n, t in panels.items()
    }


def test_totals_and_means_can_be_computed_anew_from_the_details(small_world: World) -> None:
    hold_reviewed_round(small_world)
    check_sums(printed(read_as(small_world, "committee")), small_world)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_spreadsheet_that_calculates_comes_to_the_same(small_world: World, tmp_path: Path) -> None:
    hold_reviewed_round(small_world)
    (tmp_path / "book.xlsx").write_bytes(printed(read_as(small_world, "committee")))
    words = ["soffice", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", "again"]
    subprocess.run([*words, "book.xlsx"], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    check_sums((tmp_path / "again" / "book.xlsx").read_bytes(), small_world)


def test_the_details_say_what_was_given_first_and_what_counts(small_world: World) -> None:
    made = hold_reviewed_round(small_world)
    data = printed(read_as(small_world, "secretariat"))
    numbers = {r.proposal_id: r.number for r in read_as(small_world, "secretariat").reviews.records}
    rows = rows_of(data, "รายละเอียดคะแนน")
    levels = {
        (r["เลขที่"], r["ผู้พิจารณา"]): (r["ระดับครั้งแรก"], r["ระดับที่ใช้"], r["สถานะ"], r["เหตุผลของคะแนนสุดท้าย"])
        for r in rows
    }
    assert levels[numbers[made.shared], "ผู้ใช้ reviewer_bb"] == (4, 2, "คะแนนสุดท้าย", WHY_FINAL)
    assert levels[numbers[made.shared], "ผู้ใช้ reviewer_dga"] == (3, 3, "ส่งผลครั้งแรก", None)
    assert levels[numbers[made.small], "ผู้ใช้ reviewer_bb"] == (2, 1, "ให้คะแนนใหม่", None)
    assert {r["เกณฑ์ฉบับที่"] for r in rows} == {1}
    history = [
        (r["เลขที่"], r["เหตุการณ์"], r["คะแนนรวม"], r["เหตุผล"])
        for r in rows_of(data, "ประวัติคะแนน")
        if r["ผู้พิจารณา"] == "ผู้ใช้ reviewer_bb"
    ]
    assert history[-3:] == [
        (numbers[made.small], "เปิดให้แก้คะแนน", None, WHY_REOPENED),
        (numbers[made.small], "ให้คะแนนใหม่", 25, "แก้ระดับที่กรอกผิดช่องแล้ว"),
        (numbers[made.shared], "คะแนนสุดท้าย", 50, WHY_FINAL),
    ]
    (outcome,) = rows_of(data, "ผลการหารือ")
    assert (outcome["เลขที่"], outcome["สรุปผล"]) == (numbers[made.shared], CONCLUSION)
    states = [r["สถานะ"] for r in rows_of(data, "การมอบหมาย") if r["เลขที่"] == numbers[made.unscored]]
    assert states == ["ขอไม่พิจารณา", "ยกเลิกการมอบหมาย"]
    assert [r["เป็น"] for r in rows_of(data, "ขั้นตอนพิจารณา")] == ["หารือ", "คะแนนสุดท้าย", "ปิดรอบพิจารณา"]


@pytest.mark.parametrize(
    ("names_for", "reader", "named", "reasoned"),
    [
        (NamesFor.EVERYONE, "secretariat", True, True),
        (NamesFor.EVERYONE, "committee", True, False),
        (NamesFor.COMMITTEE, "committee", True, False),
        (NamesFor.SECRETARIAT, "secretariat", True, True),
        (NamesFor.SECRETARIAT, "committee", False, False),
    ],
)
def test_each_reader_is_printed_what_may_be_read(
    small_world: World, names_for: NamesFor, reader: str, named: bool, reasoned: bool
) -> None:
    hold_reviewed_round(small_world, names_for)
    book = read_as(small_world, reader)
    # one reader of each kind is enough for the other language and for paper, which show the same records
    is_kept = names_for is NamesFor.SECRETARIAT
    for language in ("th", "en") if is_kept else ("th",):
        said = everything(printed(book, language=language))
        assert ("reviewer_bb" in said) is named
        assert (WHY_DECLINED in said) is reasoned
        assert PRIVATE_NOTE not in said
        assert TALK not in said
        assert WHY_FINAL in said
    if not is_kept:
        return
    paper = everything(printed(book, PaperFormat.PDF))
    assert ("reviewer_bb" in paper) is named
    assert "".join(WHY_FINAL.split()) in paper
    assert "".join(CONCLUSION.split()) in paper
    for words in (WHY_DECLINED, PRIVATE_NOTE, TALK):
        assert "".join(words.split()) not in paper


def test_a_copy_with_names_is_not_taken_for_one_without(app: Flask, world: World) -> None:
    """On both databases: the paper that was ordered is its orderer's, whoever's runner prints it."""
    hold_reviewed_round(world, NamesFor.SECRETARIAT)
    books = {name: read_as(world, name) for name in ("secretariat", "committee")}
    assert len({book.sha256 for book in books.values()}) == 2
    assert read_as(world, "committee").sha256 == books["committee"].sha256
    ordered = {}
    for name in books:
        with open_work(world.actor(name), NOW) as work:
            ordered[name] = order_paper(work, FISCAL_YEAR, "ranking-book", "xlsx", "th").id
    drain(app)
    db.session.rollback()
    db.session.expire_all()
    for name, paper_id in ordered.items():
        paper = get_paper(db.session(), world.actor(name), paper_id)
        said = everything(read_paper(paper, paper_store(app.config["DGI"]), NOW))
        assert ("reviewer_bb" in said) is (name == "secretariat")


def test_the_record_is_read_with_ten_queries(app: Flask, world: World) -> None:
    hold_reviewed_round(world)
    actor = world.actor("committee")
    with counted_queries() as queries:
        records = list_review_records(db.session(), actor, world.call_id)
    assert len(queries) <= 10
    assert len([r for r in records.records if r.counts]) == 6
    assert len(records.records) == 8


def test_reviews_of_another_version_of_the_rubric_keep_its_weights(small_world: World) -> None:
    hold_reviewed_round(small_world)
    records = list_review_records(db.session(), small_world.actor("committee"), small_world.call_id)
    (rubric_id,) = records.rubrics
    rubric = records.rubrics[rubric_id]
    first, second, *rest = rubric.criteria
    newer = replace(
        rubric,
        version=2,
        criteria=(replace(first, weight=first.weight + 5), replace(second, weight=second.weight - 5), *rest),
    )
    one = next(records.counted)
    mixed = replace(
        records,
        rubrics={rubric_id: rubric, rubric_id + 1: newer},
        records=tuple(replace(r, rubric_id=rubric_id + 1) if r is one else r for r in records.records),
    )
    own, other = score_tables(rubric, mixed, Pen("en"))
    assert (own.name, len(own.rows), len(other.rows)) == ("scores", 5, 1)
    assert other.title == "Scores by reviewer v2"
    assert other.column("total").formula != own.column("total").formula
    rows = [row for row in mixed.scores() if row.record.assignment_id == one.assignment_id]
    assert [row.weight for row in rows] == [c.weight for c in newer.criteria]
    assert {row.version for row in rows} == {2}
    assert sum(row.points for row in rows) == sum(
        c.weight * row.level * 25 for c, row in zip(newer.criteria, rows, strict=True)
    )
