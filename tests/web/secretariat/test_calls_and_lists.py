"""Calls in words, and the list of filings: filters and pages in the address, whatever is typed there."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.web.desks import browser, file_one, queries_of, text_of
from tests.world import FISCAL_YEAR, World

LIST = f"/secretariat/calls/{FISCAL_YEAR}/proposals"


def test_a_call_shows_its_documents_and_rules(app: Flask, world: World) -> None:
    page = text_of(browser(app, "secretariat", "en").get(f"/secretariat/calls/{FISCAL_YEAR}"))
    for words in (
        "dgi-plan-2567",
        'data-label="Guideline"',  # each line of a card on a phone is named
        "10,000,000.00 baht",
        "Synthetic data for demonstration",
        "Counts as integration",
        "Names a partner but not the data or system to be linked.",
        "Filed on …, outside the window",
    ):
        assert words in page


def test_every_role_may_read_the_call(app: Flask, world: World) -> None:
    for name in ("officer", "certifier", "reviewer_bb", "committee", "admin"):
        answer = browser(app, name).get(f"/secretariat/calls/{FISCAL_YEAR}")
        assert answer.status_code == 200
        assert "กลั่นกรองใหม่ทั้งรอบ" not in text_of(answer)


@pytest.mark.parametrize(
    "path",
    ["/secretariat/calls/1999", "/secretariat/calls/1999/proposals", "/secretariat/calls/1999/assignments"],
)
def test_an_unknown_year_is_not_found(app: Flask, world: World, path: str) -> None:
    assert browser(app, "secretariat").get(path).status_code == 404


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"Alpha one", "Beta two"}),
        ("?q=alpha", {"Alpha one"}),
        ("?q=ALPHA%20one", {"Alpha one"}),
        ("?q=two", {"Beta two"}),
        (f"?q={FISCAL_YEAR}-0002", {"Beta two"}),
        ("?q=๒๕๗๐-๐๐๐๒", {"Beta two"}),
        ("?q=nothing-like-it", set()),
        ("?state=passed", {"Alpha one", "Beta two"}),
        ("?state=failed", set()),
        ("?stage=upstream", {"Alpha one", "Beta two"}),
        ("?stage=downstream", set()),
        ("?guideline=1.1", {"Alpha one", "Beta two"}),
        ("?ministry=moi", set()),
        ("?ministry=mof", {"Alpha one", "Beta two"}),
        ("?state=draft&stage=x&guideline=9&ministry=%27&q=", {"Alpha one", "Beta two"}),
        (f"?after={FISCAL_YEAR}-0001", {"Beta two"}),
        ("?after=zzzz", set()),
        ("?q=%07", {"Alpha one", "Beta two"}),
        ("?q=100%25_", set()),
        ("?q=" + "x" * 5000, set()),
    ],
)
def test_the_list_is_narrowed_by_its_address(app: Flask, world: World, query: str, shown: set[str]) -> None:
    file_one(world, title_en="Alpha one")
    file_one(world, title_en="Beta two", agency="beta")
    answer = browser(app, "secretariat", "en").get(LIST + query)
    page = text_of(answer)
    assert answer.status_code == 200
    assert {title for title in ("Alpha one", "Beta two") if f">{title}<" in page} == shown


@pytest.mark.both_databases
def test_the_list_asks_the_same_whatever_the_number(app: Flask, world: World) -> None:
    client = browser(app, "secretariat")
    for _ in range(3):
        file_one(world)
    few = queries_of(client, LIST)
    for _ in range(7):
        file_one(world)
    assert queries_of(client, LIST) == few <= 12
    assert queries_of(client, "/secretariat/calls") <= 12


def test_home_says_what_waits(app: Flask, world: World) -> None:
    client = browser(app, "secretariat", "en")
    assert "Nothing is waiting" in text_of(client.get("/secretariat/"))
    file_one(world)
    assert "1 screened proposal lacks reviewers" in text_of(client.get("/secretariat/"))


def test_the_receipt_is_one_click_away(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    client = browser(app, "secretariat", "en")
    assert f"/agency/proposals/{proposal_id}/receipt" in text_of(
        client.get(f"/secretariat/proposals/{proposal_id}")
    )
    assert client.get(f"/agency/proposals/{proposal_id}/receipt").status_code == 200
