"""Results of granted projects on the secretariat's pages: the list, the form, what is refused, and what is kept."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from app.kernel.db import db
from app.proposals.queries import find_results
from tests.proposals.earlier import LAST_YEAR, decide, file_earlier
from tests.web.desks import browser, queries_of, text_of
from tests.world import World

LIST = f"/secretariat/calls/{LAST_YEAR}/results"
FORM = {
    "as_of-day": "๒๐",
    "as_of-month": "10",
    "as_of-year": "2568",
    "granted": "1,000,001.00",
    "spent": "930000.93",
    "source": "รายงาน GFMIS",
    "note": "",
    "result-1": "25",
    "reached-1": "yes",
}
# what was typed wrong -> the places named
WRONG: list[tuple[dict[str, str], list[str]]] = [
    ({"spent": "1,000,001.01"}, ["spent"]),
    ({"spent": "เก้าแสน", "source": ""}, ["spent", "source"]),
    ({"as_of-day": "32", "granted": "-1"}, ["as_of-day", "granted"]),
    ({"as_of-year": "2025"}, ["as_of-year"]),
    ({"as_of-year": "2569"}, ["as_of-day"]),
    ({"result-1": ""}, ["result-1"]),
    ({"result-1": "ก" * 201}, ["result-1"]),
]


def granted(world: World) -> int:
    proposal_id = file_earlier(world)
    decide(world, proposal_id, 100_000_100)
    return proposal_id


def test_a_report_is_recorded_and_shown(app: Flask, world: World) -> None:
    proposal_id = granted(world)
    secretariat = browser(app, "secretariat")
    address = f"/secretariat/proposals/{proposal_id}/results"
    assert f'href="{address}"' in text_of(secretariat.get(LIST))
    assert 'value="1,000,001.00"' in text_of(secretariat.get(address))  # what the committee granted
    assert secretariat.post(address, data=FORM).status_code == 303
    got = find_results(db.session(), [proposal_id])[proposal_id]
    assert (got.granted, got.spent, got.as_of.isoformat()) == (100_000_100, 93_000_093, "2025-10-20")
    assert [(k.result, k.reached) for k in got.indicators] == [("25", True)]
    page = text_of(secretariat.get(LIST))
    assert "930,000.93" in page
    assert ">93<" in page
    assert "20 ต.ค. 2568" in page
    again = text_of(secretariat.get(address))
    assert 'value="930,000.93"' in again  # the next report goes on from this one
    assert "รายงาน GFMIS" in again
    english = text_of(browser(app, "secretariat", "en").get(address))
    assert "20 Oct 2568 B.E." in english
    assert "Counts" in english


@pytest.mark.parametrize(("wrong", "places"), WRONG, ids=lambda v: ascii(v)[:30])
def test_everything_wrong_is_named_and_nothing_typed_is_lost(
    app: Flask, world: World, wrong: dict[str, str], places: list[str]
) -> None:
    proposal_id = granted(world)
    answer = browser(app, "secretariat").post(
        f"/secretariat/proposals/{proposal_id}/results", data=FORM | wrong
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert re.findall(r'<li><a href="#([^"]+)"', page) == places
    for value in (FORM | wrong).values():
        if value not in ("", "yes", "10"):
            assert f'value="{value}"' in page
    assert find_results(db.session(), [proposal_id]) == {}


def test_what_was_not_granted_has_no_results(app: Flask, world: World) -> None:
    undecided = file_earlier(world)
    secretariat = browser(app, "secretariat")
    assert secretariat.get(f"/secretariat/proposals/{undecided}/results").status_code == 404
    assert "ยังไม่มีโครงการที่ได้รับความเห็นชอบ" in text_of(secretariat.get(LIST))


@pytest.mark.both_databases
def test_as_many_queries_for_a_long_list(app: Flask, world: World) -> None:
    granted(world)
    secretariat = browser(app, "secretariat")
    few = queries_of(secretariat, LIST)
    for _ in range(3):
        granted(world)
    assert queries_of(secretariat, LIST) == few <= 12
