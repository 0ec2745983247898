"""Importing the real FY2565 lines, on both databases: 46 lines, 34 proposals, to the satang, and only once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.calls.queries import get_call
from app.cli.demo.loader import LINES_2565
from app.cli.import_lines import Imported, command, import_lines
from app.identity.facts import NOBODY, SYSTEM
from app.identity.models import Agency, Ministry
from app.kernel.audit import verify
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused
from app.kernel.work import open_work
from app.proposals.models import Proposal, ProposalAgency, SubmittedLine
from app.proposals.queries import get_filing

NOW = datetime(2025, 11, 20, 3, 0, tzinfo=UTC)
REAL = LINES_2565.read_bytes()
HEADER, *LINES = REAL.decode("utf-8-sig").splitlines()


def _import(data: bytes, *, skip_bad: bool = False, year: int = 2565) -> Imported:
    with open_work(SYSTEM, NOW) as work:
        return import_lines(work, year, data, skip_bad=skip_bad)


def _file(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines]).encode()


def _count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def _refused(data: bytes) -> list[str]:
    with pytest.raises(Refused) as refused:
        _import(data)
    return [p.text.en for p in refused.value.problems]


def test_real_lines_become_proposals(bare: Flask) -> None:
    done = _import(REAL)
    assert (done.lines, done.proposals, done.total, done.already) == (46, 34, 113_636_190_000, 0)
    assert _count(Proposal) == 34
    assert _count(SubmittedLine) == 46
    assert (_count(Agency), _count(Ministry)) == (24, 12)
    session = db.session
    assert session.scalar(select(func.sum(SubmittedLine.amount))) == 113_636_190_000
    assert session.scalar(select(func.sum(ProposalAgency.amount))) == 113_636_190_000
    assert set(session.scalars(select(Proposal.state))) == {"recorded"}
    assert verify(session()).fault is None


def test_imported_line_is_honest_about_its_quarters(bare: Flask) -> None:
    _import(REAL)
    assert db.session.scalar(select(func.sum(SubmittedLine.q0))) == 113_636_190_000
    number = db.session.scalar(
        select(Proposal.id).where(Proposal.title_en == "Digital infrastructure and security services")
    )
    assert number is not None
    facts = get_filing(db.session(), SYSTEM, number).facts
    (line,) = facts.lines
    assert line.quarters == (0, 0, 0, 0)
    assert line.source == "2022.3.1 หน้า 588"
    assert (facts.guideline, facts.strategy, facts.focus_area) == ("1.2", "unstated", "unstated")
    assert facts.origin == "imported"
    assert facts.lead.code == "dga"
    assert facts.lead.name.en == "Digital Government Development Agency (Public Organization)"


def test_second_import_changes_nothing(bare: Flask) -> None:
    _import(REAL)
    before = [_count(m) for m in (Proposal, SubmittedLine, Agency)]
    done = _import(REAL)
    assert (done.lines, done.proposals, done.already) == (0, 0, 46)
    assert done.say().en == "46 lines already imported; nothing changed"
    assert [_count(m) for m in (Proposal, SubmittedLine, Agency)] == before


def test_nothing_is_imported_unless_all_is(bare: Flask) -> None:
    said = _refused(_file(*LINES, LINES[0].replace(",100000,", ",-1,")))
    assert said == ["Line 48: The amount must not be negative"]
    assert [_count(m) for m in (Proposal, Agency)] == [0, 0]


def test_skip_bad_imports_the_rest_and_says_what_it_left(bare: Flask) -> None:
    done = _import(_file(LINES[0].replace(",100000,", ",abc,"), *LINES[1:]), skip_bad=True)
    assert (done.lines, done.proposals) == (45, 33)
    assert done.total == 113_636_190_000 - 10_000_000
    assert [p.place for p in done.skipped] == ["line-2"]


def test_line_of_a_recorded_project_is_refused(bare: Flask) -> None:
    _import(_file(LINES[0]))
    said = _refused(_file(LINES[0], LINES[0].replace(",100000,", ",200000,")))
    assert said == ["Line 3: This project of the agency is already recorded, without this line"]


def test_agency_under_another_ministry_is_refused(bare: Flask) -> None:
    other = LINES[1].replace("สำนักนายกรัฐมนตรี", "กระทรวงการคลัง", 1)
    said = _refused(_file(LINES[0], other))
    assert len(said) == 1
    assert said[0].startswith("Line 3: ")
    assert "is registered under" in said[0]


def test_project_with_two_guidelines_is_refused(bare: Flask) -> None:
    other = LINES[0].replace(",1.1,", ",2.1,").replace(",100000,", ",5,")
    assert _refused(_file(LINES[0], other)) == ["Line 3: The same project has guideline 1.1 on line 2"]


def test_unknown_agency_is_registered_from_the_file(bare: Flask) -> None:
    _import(_file(LINES[0].replace("สำนักงานคณะกรรมการคุ้มครองผู้บริโภค", "กรมที่ไม่มีในทะเบียน", 1)))
    agency = db.session.scalars(select(Agency)).one()
    assert agency.name_th == agency.name_en == "กรมที่ไม่มีในทะเบียน"


def test_call_of_another_kind_takes_no_lines(bare: Flask) -> None:
    with pytest.raises(Refused):
        _import(REAL, year=2567)
    with pytest.raises(NotFound):
        _import(REAL, year=2599)


def test_import_needs_permission(bare: Flask) -> None:
    with open_work(SYSTEM, NOW) as work:
        import_lines(work, 2565, _file(LINES[0]))
    with pytest.raises(Forbidden), open_work(NOBODY, NOW) as work:
        import_lines(work, 2565, REAL)


def test_command_says_what_it_did_and_what_is_wrong(bare: Flask, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(REAL)
    bad.write_bytes(_file(LINES[0].replace(",100000,", ",abc,")))
    run = bare.test_cli_runner().invoke

    def last_line(*words: str) -> tuple[int, str]:
        result = run(command, ["--call", "2565", *words])
        return result.exit_code, result.output.strip().splitlines()[-1].strip()

    assert last_line(str(bad)) == (2, "Nothing was imported")
    assert last_line(str(good)) == (0, "46 lines imported as 34 proposals, 1,136,361,900.00 baht")
    assert last_line(str(good)) == (0, "46 lines already imported; nothing changed")
    assert get_call(db.session(), 2565).origin == "imported"
