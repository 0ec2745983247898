"""Decision books: made at closing, replayed from the file alone, and refused at the place they were tampered with."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select

from app.cli.verify_book import command as verify_book
from app.decisions.models import DecisionBook
from app.figures.books.chain import SECTIONS, write_book
from app.figures.books.content import PrintableContents
from app.figures.books.papers import decision_document
from app.figures.books.reading import FrozenBook, thaw_book
from app.figures.books.replaying import replay_book
from app.figures.brief import brief_document
from app.kernel.audit import AuditEntry, verify
from app.kernel.canonical import canonical_json
from app.kernel.db import db
from app.kernel.findings import Outcome
from app.kernel.text import Text
from reports import write_pdf
from reports.thai import thai_digits
from tests.conftest import Backend
from tests.figures.books.closed_round import close_round
from tests.figures.widths import list_broken, list_too_wide
from tests.world import World


@pytest.fixture
def book(app: Flask, world: World) -> bytes:
    return close_round(world, app.config["DGI"])[1]


def test_a_book_replays_and_hangs_on_the_audit_log_from_both_sides(book: bytes) -> None:
    replay = replay_book(book)
    assert replay.fault is None
    assert isinstance(replay.contents, PrintableContents)
    row = db.session.scalars(select(DecisionBook)).one()
    kept = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "keep_book")).one()
    assert kept.after_sha256 == row.sha256
    assert json.loads(kept.detail)["head"] == row.head == replay.head
    before = db.session.get_one(AuditEntry, row.audit_seq)
    assert (replay.contents.audit.count, replay.contents.audit.sha256) == (row.audit_seq, before.sha256)
    assert before.seq < kept.seq
    assert verify(db.session()).fault is None
    shared, small, large = replay.contents.decisions
    assert [r.amount for r in (shared, small, large)] == [90_000_000, 0, 50_025]
    assert {m.name for m in replay.contents.meeting.attendance} == {"ประธาน น้ำใจ"}


def test_a_book_of_the_earlier_method_is_replayed_by_it_and_one_of_an_unknown_method_is_not(
    sqlite_book: bytes,
) -> None:
    earlier = _rewritten(sqlite_book, lambda s: s["allocation"]["method"].update(version=1))
    assert replay_book(earlier).fault is None
    unknown = replay_book(_rewritten(sqlite_book, lambda s: s["allocation"]["method"].update(version=3)))
    assert unknown.fault is not None
    assert "which this program does not know" in unknown.fault.en


def test_the_same_book_is_written_again_byte_for_byte(book: bytes) -> None:
    sections = {row["name"]: row["content"] for row in json.loads(book)["sections"]}
    assert write_book({name: sections[name] for name in SECTIONS})[0] == book


def _rewritten(book: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A forger's copy: a section changed and every hash made anew, as somebody would who knows the format."""
    sections = {row["name"]: row["content"] for row in json.loads(book)["sections"]}
    change(sections)
    return write_book({name: sections[name] for name in SECTIONS})[0]


def _number(sections: dict[str, Any], at: int = 0) -> str:
    return str(sections["entries"][at]["number"])


def _filed(sections: dict[str, Any]) -> dict[str, Any]:
    filing: dict[str, Any] = sections["filings"][_number(sections)]
    return filing


def _too_much(decisions: dict[str, Any]) -> None:
    """The first decision grants more than was asked, and the sum is made to fit."""
    rest = sum(Decimal(row["amount"]) for row in decisions["rows"][1:])
    decisions["rows"][0]["amount"] = "9999999999.00"
    decisions["total"] = str(rest + Decimal("9999999999.00"))


def _first_level(levels: dict[str, int]) -> None:
    code = next(iter(levels))
    levels[code] = 0 if levels[code] else 4


FORGED: list[tuple[str, Callable[[dict[str, Any]], None], str]] = [
    ("a level", lambda s: _first_level(s["scores"][0]["levels"]), "computes to"),
    ("a total", lambda s: s["scores"][0].update(total=s["scores"][0]["total"] + 25), "computes to"),
    ("a review left out", lambda s: s["scores"].pop(), "not those of its reviews"),
    ("the rubric", lambda s: s["documents"][0]["content"].update(title={}), "is not what its SHA-256 says"),
    ("a filing", lambda s: _filed(s)["facts"].update(rationale="อื่น"), "was changed"),
    ("what was asked", lambda s: s["entries"][0].update(requested="1.00"), "requested is 100 on the list"),
    ("the ceiling of the terms", lambda s: s["terms"]["terms"].update(ceiling="1.00"), "when computed anew"),
    ("a rank", lambda s: s["ranking"][0].update(rank=2), "rank is 2 in the book and 1"),
    ("a grant", lambda s: s["allocation"]["lines"][0].update(granted="1.00"), "granted is 1.00 in the book"),
    ("what is left", lambda s: s["allocation"].update(left="0.00"), "left of the allocation"),
    ("a decision above it", lambda s: _too_much(s["decisions"]), "no decision can have"),
    ("a decision on nothing", lambda s: s["decisions"]["rows"][0].update(number="2570-9999"), "not on the list"),
    ("a verdict", lambda s: s["decisions"]["rows"][0].update(verdict="maybe"), "not what this step needs"),
    ("the sum of decisions", lambda s: s["decisions"].update(total="1.00"), "not the sum of the rows"),
    ("a list for an object", lambda s: s.update(allocation=[]), "not what this step needs"),
    ("words for rows", lambda s: s.update(ranking=["x"]), "not what this step needs"),
    ("weights of other criteria", lambda s: s["terms"]["terms"].update(weights={"x": 100}), "not what this step"),
    ("the paper's decision", lambda s: s["figures"]["page"]["lines"][0].update(approved=1), "The paper says otherwise"),
    ("the paper's headline", lambda s: s["figures"]["page"]["headline"].update(total=1), "(headline)"),
    ("the paper's budget", lambda s: s["figures"]["lines"][0].update(amount=1), "(budget lines)"),
    ("a field", lambda s: s["meeting"].pop("number"), "Section “meeting”"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), [f[1:] for f in FORGED], ids=[f[0] for f in FORGED])
def test_a_forged_book_is_refused_at_the_forged_place(
    sqlite_book: bytes, change: Callable[[dict[str, Any]], None], told: str
) -> None:
    fault = replay_book(_rewritten(sqlite_book, change)).fault
    assert fault is not None
    assert told in fault.en
    assert fault.th


TAMPERED: list[tuple[str, Callable[[bytes], bytes], str]] = [
    ("a byte inside", lambda b: b.replace("น้ำใจ".encode(), "น้ำตา".encode()), "was changed"),
    ("the head", lambda b: _top(b, lambda t: t.update(head="0" * 64)), "The head is not the last link"),
    ("a link", lambda b: _top(b, lambda t: t["sections"][2].update(link="0" * 64)), "breaks at section “filings”"),
    ("a section gone", lambda b: _top(b, lambda t: t["sections"].pop(3)), "missing or out of order"),
    ("two sections swapped", lambda b: _top(b, lambda t: t["sections"].reverse()), "missing or out of order"),
    ("another version", lambda b: _top(b, lambda t: t.update(version=2)), "of version 2"),
    ("spaces", lambda b: json.dumps(json.loads(b), ensure_ascii=False).encode(), "not in canonical form"),
    ("cut short", lambda b: b[:-40], "not JSON"),
    ("a float", lambda b: b.replace(b'"version":1', b'"version":1.0', 1), "not JSON"),
    ("something else", lambda b: b"[]", "not a decision book"),
    ("nothing", lambda b: b"", "not JSON"),
    ("deep", lambda b: b"[" * 200_000, "not JSON"),
]  # fmt: skip


def _top(book: bytes, change: Callable[[dict[str, Any]], Any]) -> bytes:
    value = json.loads(book)
    change(value)
    return canonical_json(value).encode()


@pytest.mark.parametrize(("change", "told"), [t[1:] for t in TAMPERED], ids=[t[0] for t in TAMPERED])
def test_a_tampered_file_is_refused_at_the_tampered_place(
    sqlite_book: bytes, change: Callable[[bytes], bytes], told: str
) -> None:
    replay = replay_book(change(sqlite_book))
    assert replay.fault is not None
    assert told in replay.fault.en


@pytest.fixture(scope="module")
def sqlite_book(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One book for all who only read it."""
    backend = Backend("sqlite", tmp_path_factory.mktemp("book"))
    backend.fresh()
    with backend.app.app_context():
        made = close_round(backend.world, backend.app.config["DGI"])[1]
        db.session.remove()
    return made


def test_a_later_program_that_does_not_know_the_paper_still_replays(sqlite_book: bytes) -> None:
    later = _rewritten(sqlite_book, lambda s: s["figures"].update(unheard_of=1))
    replay = replay_book(later)
    assert replay.fault is None
    assert not isinstance(replay.contents, PrintableContents)


def _told_at_length(book: FrozenBook) -> FrozenBook:
    """The same file, printed with more words on every project than any page takes."""
    contents = book.contents
    words = "ถ้อยคำที่ยาวเกินกว่าหน้าเดียวจะรับได้ " * 40
    text = Text(words, words)
    doubts = [
        replace(row, finding=replace(row.finding, outcome=Outcome.NEEDS_PERSON, text=text))
        for row in contents.figures.findings[:1]
    ]
    assert doubts
    ids = [entry.proposal_id for entry in contents.entries]
    longer = replace(
        contents,
        decisions=tuple(
            replace(d, conditions=words, resolution=words, reason=words) for d in contents.decisions
        ),
        filings={n: replace(f, facts=f.facts | {"rationale": words}) for n, f in contents.filings.items()},
        figures=replace(
            contents.figures, findings=tuple(replace(d, proposal_id=i) for i in ids for d in doubts * 9)
        ),
    )
    return replace(book, contents=longer)


def test_the_brief_is_one_page_however_long_the_titles_are(sqlite_book: bytes, tmp_path: Path) -> None:
    figures = thaw_book(sqlite_book).contents.figures
    words = "โครงการที่มีชื่อยาวมากจนต้องขึ้นบรรทัดใหม่หลายครั้งในตารางของสรุปหนึ่งหน้า " * 2
    titled = tuple(
        replace(b, line=replace(b.line, entry=replace(b.line.entry, title=Text(words, words))))
        for b in figures.page.lines
    )
    long = replace(figures, page=replace(figures.page, lines=titled * 6))
    document = brief_document(long, "th")
    assert len(document.table("cut").rows) > 1
    write_pdf(document, tmp_path / "brief.pdf", workers=1)
    assert len(pypdfium2.PdfDocument(tmp_path / "brief.pdf")) == 1


@pytest.mark.parametrize(("language", "is_thai"), [("th", False), ("th", True), ("en", False)])
def test_every_amount_of_the_paper_fits_its_column(sqlite_book: bytes, language: str, is_thai: bool) -> None:
    document = decision_document(thaw_book(sqlite_book), language, thai_digits=is_thai)
    narrow, looked_at = list_too_wide(document, in_thai_digits=is_thai)
    assert narrow == []
    assert looked_at > 30
    digits = thai_digits if is_thai else str
    stage = "Downstream" if language == "en" else "3.1 ปลายน้ำ"
    assert list_broken(document, "guideline", digits(stage)) == []
    assert list_broken(document, "number", digits("2567-0113")) == []


def _pages_of_projects(path: Path) -> list[int]:
    """How many pages each project has in the printed book, by its bookmarks."""
    pdf = pypdfium2.PdfDocument(path)
    marks = [(mark.level, mark.get_title(), mark.get_dest().get_index()) for mark in pdf.get_toc()]
    starts = [page for level, title, page in marks if level == 1 and title.startswith("2570-")]
    annex = next(page for level, _, page in marks if level == 0 and page > starts[-1])
    return [after - page for page, after in pairwise([*starts, annex])]


def test_the_command_checks_a_file_and_the_pdf_that_carries_it(
    sqlite_book: bytes, sqlite_backend: Backend, tmp_path: Path
) -> None:
    runner = sqlite_backend.app.test_cli_runner()
    file, pdf = tmp_path / "book.json", tmp_path / "book.pdf"
    file.write_bytes(sqlite_book)
    whole = runner.invoke(verify_book, [str(file)])
    assert whole.exit_code == 0, whole.output
    assert replay_book(sqlite_book).head in whole.output
    write_pdf(decision_document(_told_at_length(thaw_book(sqlite_book)), "th"), pdf)
    assert _pages_of_projects(pdf) == [1, 1, 1, 1]
    carried = runner.invoke(verify_book, [str(pdf), "--extract", str(tmp_path / "out.json")])
    assert carried.exit_code == 0, carried.output
    assert (tmp_path / "out.json").read_bytes() == sqlite_book
    file.write_bytes(_rewritten(sqlite_book, lambda s: s["ranking"][0].update(rank=2)))
    forged = runner.invoke(verify_book, [str(file)])
    assert forged.exit_code == 1
    assert "rank is 2 in the book and 1" in forged.output
    assert runner.invoke(verify_book, [str(tmp_path / "none.json")]).exit_code == 2
    with pikepdf.new() as empty:
        empty.add_blank_page()
        empty.save(pdf)
    assert runner.invoke(verify_book, [str(pdf)]).exit_code == 2
