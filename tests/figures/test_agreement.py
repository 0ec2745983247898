"""Ten thousand random budgets read the same from page, workbook, CSV, canonical JSON and paper, to the satang, and every
rounded column adds up as shown; a figure that differs anywhere is found."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from app.cli.bench import committee_agreement
from app.cli.bench.committee_agreement import (
    BUDGETS,
    MEDIA,
    Budget,
    Told,
    disagreements,
    make_budgets,
    told_by_json,
    told_by_page,
    told_by_paper,
    told_by_workbook,
)
from app.kernel.money import format_million
from reports.rounding import as_printed
from reports.thai import cell_text

# A paper of ten thousand rows takes a minute; `measure_agreement` prints and reads it.
PRINTED = 1000


@pytest.fixture(scope="module")
def budgets() -> list[Budget]:
    return make_budgets(BUDGETS)


def test_the_budgets_are_worth_testing(budgets: list[Budget]) -> None:
    totals = [b.total for b in budgets]
    assert len(totals) == 10_000
    assert max(totals) > 10**13
    assert sum(total % 10_000 == 5_000 for total in totals) > 2_000  # just between two figures
    assert sum(total % 100 != 0 for total in totals) > 4_000
    assert {len(b.lines) for b in budgets} == {1, 2, 3, 4}


@pytest.mark.parametrize("name", [name for name in MEDIA if name != "paper"])
def test_every_medium_tells_the_same_figures(budgets: list[Budget], name: str) -> None:
    assert disagreements(budgets, MEDIA[name](budgets)) == 0


def test_paper_and_page_print_the_same_figures_and_the_same_rounding(budgets: list[Budget]) -> None:
    few = budgets[:PRINTED]
    paper, page = told_by_paper(few), told_by_page(few)
    assert disagreements(few, paper) == 0
    assert paper == page
    assert paper.rounding  # without it the column would not add up


def test_pages_and_papers_write_a_million_alike(budgets: list[Budget]) -> None:
    differences = [a.total - b.total for a, b in pairwise(budgets)]
    for amount in (*(b.total for b in budgets), *differences, 0, -1, 5_000, -5_000, 4_999, -4_999):
        assert format_million(amount) == cell_text(amount, "million", "th")


@pytest.mark.parametrize(
    "change",
    [
        lambda told: replace(told, figures={**told.figures, "B00007": (0, 0, 0, 0, 1)}),
        lambda told: replace(told, millions={**told.millions, "B00007": told.millions["B00007"] + 1}),
        lambda told: replace(told, figures={k: v for k, v in told.figures.items() if k != "B00007"}),
        lambda told: replace(told, sums=(*told.sums[:4], told.sums[4] + 1)),
        lambda told: replace(told, million=told.million + 10_000),
        lambda told: replace(told, rounding=told.rounding + 10_000),
    ],
)
def test_a_satang_that_differs_is_found(budgets: list[Budget], change) -> None:  # type: ignore[no-untyped-def]
    few = budgets[:50]
    told: Told = told_by_page(few)
    assert disagreements(few, told) == 0
    assert disagreements(few, change(told)) > 0


def test_a_formula_that_says_otherwise_is_found(
    budgets: list[Budget], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [b for b in budgets if b.figures[0]][:20]
    document_of = committee_agreement.document_of

    def forgetful(budgets: list[Budget]) -> object:
        document = document_of(budgets)
        table = document.blocks[0]
        columns = tuple(
            replace(c, formula="={q2}+{q3}+{q4}") if c.key == "total" else c for c in table.columns
        )
        return replace(document, blocks=(replace(table, columns=columns),))

    assert disagreements(few, told_by_workbook(few)) == 0
    monkeypatch.setattr(committee_agreement, "document_of", forgetful)
    assert disagreements(few, told_by_workbook(few)) >= len(few)


def test_the_rounded_million_is_within_half_a_step(budgets: list[Budget]) -> None:
    exact = told_by_json(budgets)
    assert all(abs(as_printed(total) - total) <= 5_000 for total in exact.millions.values())
