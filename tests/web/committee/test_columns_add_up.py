"""Columns of million baht on pages add up to their totals as shown, whatever the satang."""

from __future__ import annotations

from decimal import Decimal
from html.parser import HTMLParser

import pytest
from flask import Flask

from tests.portfolio.test_lists import score
from tests.portfolio.test_scenarios import make
from tests.web.desks import browser, file_one, text_of
from tests.world import FISCAL_YEAR, World, budget_row, complete_draft, file_proposal

RANKING = f"/committee/calls/{FISCAL_YEAR}/ranking"


class Tables(HTMLParser):
    """The cells of every table: its body and its foot, each a list of rows of texts (first text of a cell)."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[dict[str, list[list[str]]]] = []
        self.part, self.is_open = "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append({"thead": [], "tbody": [], "tfoot": []})
        elif tag in ("thead", "tbody", "tfoot"):
            self.part = tag
        elif tag == "tr":
            self.tables[-1][self.part].append([])
        elif tag in ("td", "th"):
            self.tables[-1][self.part][-1].append("")
            self.is_open = True
        elif tag == "span":  # what stands beside the figure
            self.is_open = False

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.is_open = False

    def handle_data(self, data: str) -> None:
        if self.is_open:
            self.tables[-1][self.part][-1][-1] += data.strip()


def amount(text: str) -> Decimal | None:
    whole, _, decimals = text.replace(",", "").partition(".")
    return Decimal(f"{whole}.{decimals}") if len(decimals) == 4 and whole.lstrip("-").isdigit() else None


def sums_shown(page: str) -> tuple[int, int]:
    """How many totals in million baht a page shows, and how many lines of rounding; every total is the sum of its column
    as shown."""
    reader = Tables()
    reader.feed(page)
    totals = rounded = 0
    for table in reader.tables:
        rounded += any("Rounding" in row for row in table["tbody"])
        for foot in table["tfoot"]:
            for at, text in enumerate(foot):
                if (total := amount(text)) is not None:
                    cells = [amount(row[at]) for row in table["tbody"] if len(row) > at]
                    assert sum(cell or 0 for cell in cells) == total
                    totals += 1
    return totals, rounded


@pytest.mark.parametrize(
    ("baht", "is_odd"), [("1000025.00", True), ("1000024.99", True), ("1000050.00", False)]
)
def test_lists_of_projects_add_up(app: Flask, world: World, baht: str, is_odd: bool) -> None:
    for _ in range(3):
        file_one(world, baht)
    for name, address, least in (("committee", RANKING, 3), ("officer", "/agency/proposals", 1)):
        page = text_of(browser(app, name, "en").get(address))
        totals, rounded = sums_shown(page)
        assert totals >= least
        assert (rounded > 0) == is_odd
        assert ("rounded half up from its exact satang" in page) == is_odd


def test_scenarios_and_their_comparison_add_up(app: Flask, world: World) -> None:
    # half a step each, in rows and in quarters: each is rounded up, their sum is whole
    for level, q1, q2 in ((4, "500050.00", "500000.00"), (3, "500000.00", "500050.00")):
        row = budget_row(quantity="1", unit_price="1000050.00", q1=q1, q2=q2)
        score(world, file_proposal(world, complete_draft(budget={"rows": [row]})), level)
    client = browser(app, "committee", "en")
    one = make(world, "committee")
    totals, rounded = sums_shown(text_of(client.get(f"/committee/scenarios/{one}")))
    assert totals >= 1
    assert rounded
    compared = client.get(f"/committee/calls/{FISCAL_YEAR}/scenarios/compare?with=0&with={one}")
    totals, rounded = sums_shown(text_of(compared))
    assert totals >= 8
    assert rounded
