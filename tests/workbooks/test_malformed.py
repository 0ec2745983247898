"""Hundreds of broken workbooks through the real child: the counts `./dgi bench` prints for thousands."""

from __future__ import annotations

import pytest

from app.cli.bench.malformed import FAMILIES, check_malformed, make_case
from app.cli.bench.malformed_reports import MONEY, PROGRESS
from app.cli.bench.malformed_rows import Paper
from app.monitoring import report_readings
from app.workbooks import reading


def test_no_crash_no_hang_no_row_in_anothers_place() -> None:
    tally = check_malformed(300, seed=11)
    assert tally.failures == []
    assert tally.holds
    assert sum(tally.families.values()) == 300
    assert len(tally.families) == len(FAMILIES)
    assert tally.rows_read > 900
    assert tally.rows_refused > 100
    assert tally.marked > 10


@pytest.mark.parametrize("of", [MONEY, PROGRESS], ids=lambda paper: paper.template.kind)
def test_of_reports_no_row_is_anothers_and_every_refused_one_has_its_number(of: Paper) -> None:
    tally = check_malformed(60, seed=11, of=of)
    assert tally.failures == []
    assert tally.rows_read > 200
    assert tally.rows_refused > 40
    assert tally.marked > 1


def test_the_count_sees_a_room_that_takes_a_row_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    original = report_readings.place_of
    monkeypatch.setattr(
        report_readings,
        "place_of",
        lambda sheet, row, column: original(sheet, {**row, "number": "2572-0001"}, column),
    )
    assert check_malformed(20, seed=11, of=MONEY).mismapped > 0


def test_the_same_seed_makes_the_same_workbook() -> None:
    assert make_case(5, 17) == make_case(5, 17)
    assert make_case(5, 17) != make_case(6, 17)


def test_the_count_sees_a_reader_that_is_one_row_off(monkeypatch: pytest.MonkeyPatch) -> None:
    original = reading._ReadSheet._read_rows

    def shifted(self: object, rows: list[tuple[int, list[object]]], places: object) -> object:
        return original(self, [(number + 1, cells) for number, cells in rows], places)  # type: ignore[arg-type]

    monkeypatch.setattr(reading._ReadSheet, "_read_rows", shifted)
    tally = check_malformed(20, seed=11)
    assert tally.mismapped > 0
    assert tally.unnumbered > 0
    assert not tally.holds
