"""Small portfolios made by chance, laid out as the workbook that calculates, with no database behind them."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import openpyxl

from app.calls.facts import PlanStructure, Rubric
from app.calls.rules import read_plan, read_rubric
from app.cli.call_files import DATA, read_toml
from app.figures.facts import Basis as Counting
from app.figures.live.coming_alive import Living, come_alive
from app.figures.live.quarters import Quarters
from app.figures.pen import Pen
from app.figures.queries import RankingBook, RankingPage
from app.figures.queries.annexes import Annexes
from app.figures.ranking_list import ranked_table
from app.figures.ranking_summaries import guideline_table, ministry_table, stage_table
from app.figures.review_sheets import score_tables, scored_by
from app.figures.rules import add_up, book_lines, group_by_choices, group_by_ministry, headline_of
from app.kernel.text import Text
from app.portfolio.allocation import allocate
from app.portfolio.facts import (
    Adjusting,
    Adjustment,
    Allocation,
    Basis,
    Bound,
    Dimension,
    Entry,
    Limit,
    Terms,
    group_of,
)
from app.portfolio.rules import weighed
from app.reviews.facts import Panel, Score
from app.reviews.records import Record, ReviewRecords
from reports import Column, Document, Table, write_workbook
from reports.xlsx_cells import Grid

PLAN: PlanStructure = read_plan(read_toml(DATA / "plan-2567.toml"))
RUBRIC: Rubric = read_rubric(read_toml(DATA / "rubric-2567.toml"))
WEIGHTS = {criterion.code: criterion.weight for criterion in RUBRIC.criteria}
NOW = datetime(2026, 1, 15, 3, 0, tzinfo=UTC)
MINISTRIES = ("ก", "ข", "ค")


@dataclass(frozen=True)
class Portfolio:
    """Entries without scores, their reviews' levels by proposal id, and calibrated scores to go with them."""

    entries: tuple[Entry, ...]
    levels: dict[int, list[dict[str, int]]]
    quarters: dict[str, Quarters]

    def under(self, terms: Terms) -> Allocation:
        """What our own code makes of it."""
        panels = weighed(self.levels, terms.weights or WEIGHTS)
        none = Panel(0, 0, 0)
        return allocate(
            [replace(entry, panel=panels.get(entry.proposal_id, none)) for entry in self.entries], terms
        )


def make_portfolio(chance: random.Random, size: int = 14) -> Portfolio:
    """Few levels, few amounts and few days, so that ties of every kind come up; some proposals have no review."""
    entries, levels = [], {}
    for n in range(1, size + 1):
        guideline = chance.choice(PLAN.guidelines).code
        ministry = chance.choice(MINISTRIES)
        requested = chance.choice((100_000_000, 100_000_001, 250_000_050, chance.randrange(1, 10**11)))
        entries.append(
            Entry(
                n,
                f"2567-{n:04d}",
                Text(f"=โครงการที่ {n}", f"=Project {n}"),
                Text(f"หน่วยงาน {n % 4}", f"Agency {n % 4}"),
                Text(f"กระทรวง{ministry}", f"Ministry {ministry}"),
                f"m{ministry}",
                PLAN.stage_of[guideline],
                guideline,
                "passed",
                requested,
                NOW + timedelta(days=chance.randrange(2)),
                Panel(0, 0, 0),
                chance.choice((None, None, max(1, requested // 2))),
                chance.randrange(3000, 9000),
            )
        )
        reviews = chance.choice((0, 1, 2, 2, 3, 4, 5))
        if reviews:
            levels[n] = [
                {criterion.code: chance.choice((1, 2, 2, 3)) for criterion in RUBRIC.criteria}
                for _ in range(reviews)
            ]
    return Portfolio(tuple(entries), levels, {e.number: _quarters(chance, e.requested) for e in entries})


def _quarters(chance: random.Random, requested: int) -> Quarters:
    """A split of what is asked for; some a third in each of three quarters, so that remainders are equal."""
    if chance.random() < 0.3:
        return requested // 3, requested // 3, requested // 3, 0, requested - 3 * (requested // 3)
    first, second, third, fourth = sorted(chance.randrange(requested + 1) for _ in range(4))
    return first, second - first, third - second, fourth - third, requested - fourth


def make_terms(chance: random.Random, portfolio: Portfolio, *, plain: bool = False) -> Terms:
    """Terms of every kind; `plain` ones have a ceiling alone."""
    asked = sum(entry.requested for entry in portfolio.entries)
    terms = Terms(asked * chance.randrange(20, 90) // 100)
    if plain:
        return terms
    numbers = [entry.number for entry in portfolio.entries]
    codes = sorted({group_of(e, d) for e in portfolio.entries for d in (Dimension.STAGE,)})
    limits = [
        Limit(Dimension.STAGE, chance.choice(codes), Bound.CAP, asked * chance.randrange(5, 40) // 100),
        Limit(
            Dimension.MINISTRY,
            f"m{chance.choice(MINISTRIES)}",
            Bound.CAP,
            asked * chance.randrange(5, 40) // 100,
        ),
    ]
    return replace(
        terms,
        basis=chance.choice((Basis.RAW, Basis.RAW, Basis.CALIBRATED)),
        limits=tuple(limits[: chance.randrange(3)]),
        must_fund=frozenset(chance.sample(numbers, chance.randrange(2))),
        partial=chance.random() < 0.5,
        adjustments=make_adjustments(chance, portfolio),
    )


def make_adjustments(chance: random.Random, portfolio: Portfolio) -> dict[str, Adjustment]:
    found = {}
    for entry in chance.sample(portfolio.entries, chance.randrange(4)):
        kind = chance.choice(tuple(Adjusting))
        amount = (
            None if kind is Adjusting.LEAVE else max(1, entry.requested * chance.randrange(30, 100) // 100)
        )
        if kind is Adjusting.TAKE and chance.random() < 0.5:
            amount = None
        found[entry.number] = Adjustment(kind, amount, "ทดลอง")
    return found


def with_groups(chance: random.Random, terms: Terms, portfolio: Portfolio) -> Terms:
    """The terms with what formulas do not carry: a floor, a need and a group of duplicates."""
    numbers = [entry.number for entry in portfolio.entries]
    one, other, third, fourth = chance.sample(numbers, 4)
    floor = Limit(
        Dimension.MINISTRY,
        f"m{chance.choice(MINISTRIES)}",
        Bound.FLOOR,
        terms.ceiling * chance.randrange(10, 50) // 100,
    )
    return replace(
        terms, limits=(*terms.limits, floor), needs=((one, other),), exclusive=((third, fourth, one),)
    )


def _records(portfolio: Portfolio) -> ReviewRecords:
    by_id = {entry.proposal_id: entry for entry in portfolio.entries}
    records = []
    for proposal_id, reviews in portfolio.levels.items():
        for n, levels in enumerate(reviews):
            scores = {code: Score(level, "") for code, level in levels.items()}
            total = sum(WEIGHTS[code] * level * 25 for code, level in levels.items())
            entry = by_id[proposal_id]
            records.append(
                Record(
                    proposal_id * 10 + n, proposal_id, entry.number, entry.title, Text(f"ผู้พิจารณา {n}", f"R {n}"),
                    Text("สงป.", "BB"), None, "accepted", NOW, NOW, "", NOW, total, total, None, "", 1, scores, scores,
                )
            )  # fmt: skip
    return ReviewRecords(True, False, {1: RUBRIC}, tuple(records))


def live_document(portfolio: Portfolio, allocation: Allocation, language: str = "th") -> Document:
    """The calculating sheets and the summaries over them."""
    pen = Pen(language)
    lines = book_lines(allocation.lines, {})
    call = SimpleNamespace(plan=PLAN, rubric=RUBRIC, fiscal_year=2567, ceiling=allocation.terms.ceiling)
    page = RankingPage(
        call=call,  # type: ignore[arg-type]
        allocation=allocation,
        counts=None,  # type: ignore[arg-type]
        lines=lines,
        decisions={},
        shares=(),
        headline=headline_of(lines, (), Counting.FITTING),
        totals=add_up(lines),
        stages=group_by_choices(lines, PLAN.stages, lambda entry: entry.stage),
        guidelines=group_by_choices(lines, PLAN.guidelines, lambda entry: entry.guideline),
        ministries=group_by_ministry(lines),
    )
    records = _records(portfolio)
    book = RankingBook(page, (), (), (), (), records, (), {}, Annexes(), NOW, "ab" * 32)
    scored = scored_by(RUBRIC, records)
    details = Table(
        "details",
        "รายละเอียด",
        (Column("number", "เลขที่", "text", 13),),
        tuple({"number": line.line.entry.number} for line in lines),
        excel_only=True,
    )
    blocks = [
        details,
        stage_table(book, pen), guideline_table(book, pen), ministry_table(book, pen), ranked_table(book, pen),
        *score_tables(RUBRIC, records, pen),
    ]  # fmt: skip
    living = Living(
        allocation,
        PLAN,
        tuple(rubric for _, rubric, _ in scored),
        tuple(name for name, _, _ in scored),
        quarters=portfolio.quarters,
        counts_fitting=True,
    )
    return Document("ทดลอง", pen.language, tuple(come_alive(blocks, living, pen)), NOW)


def written(document: Document) -> bytes:
    out = io.BytesIO()
    write_workbook(document, out)
    return out.getvalue()


class Sheets:
    """A workbook read by the keys of its document, whatever its sheets and columns are called."""

    def __init__(self, document: Document, data: bytes, *, values: bool = True) -> None:
        self.document = document
        self.book = openpyxl.load_workbook(io.BytesIO(data), data_only=values)
        titles = {f"{self.book[name]['A1'].value}": name for name in self.book.sheetnames}
        self.grids = {
            table.name: Grid(table, titles[table.title])
            for table in document.tables
            if not table.pdf_only and table.title in titles
        }

    def cell(self, table: str, key: str, row: int) -> Any:
        """The cell of a column in a row, from 0."""
        grid = self.grids[table]
        return self.book[grid.sheet_name].cell(grid.first_row + row + 1, grid.position[key] + 1)

    def column(self, table: str, key: str) -> list[Any]:
        return [self.cell(table, key, row).value for row in range(len(self.grids[table].table.rows))]

    def line(self, key: str, what: str = "value") -> Any:
        """A cell of the form."""
        lines: Sequence[Any] = self.grids["terms"].table.lines  # type: ignore[attr-defined]
        return self.cell("terms", what, next(n for n, line in enumerate(lines) if line.key == key))

    def saved(self) -> bytes:
        """As typed into, without results: whoever opens it next must calculate."""
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()
