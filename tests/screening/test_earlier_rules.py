"""Version 2 of the rulebook, frozen in installations, concludes under today's code what it concluded then."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from app.calls.rules import read_rulebook
from app.proposals.facts import Form
from app.screening.rulebooks import check_rulebook
from app.screening.rules import explain, screen
from tests.proposals.made_up import ALPHA, BETA, link, service, with_integration
from tests.screening.tables import filing, integration
from tests.screening.tables.rows import FAILS, PASSES, Row, confirmed, form, situation

VERSION_2 = read_rulebook(
    tomllib.loads(Path(__file__).with_name("rulebook-version-2.toml").read_text(encoding="utf-8"))
)
SINCE = {"confirmed", "confirmed_own_money", "confirmed_no_money", "asked", "not_asked", "declined"}
LATER = {"form-1": SINCE, "form-2": {"same_ministry_only"}}
FIRST = ("integration-1-partner",)
DELTA = integration.DELTA

# what later versions see otherwise, as version 2 sees it: a partner that is named is enough, whatever it says
OWN_READING = [
    *(
        Row("form-1", with_integration(links=(link(answer=answer),)), PASSES, "linked", FIRST)
        for answer in ("", "asked", "confirmed", "declined")
    ),
    Row(
        "form-1",
        with_integration(links=(confirmed(),)),
        PASSES,
        "linked",
        FIRST,
        integration.since("declined", None),
    ),
    Row("integration", with_integration(links=(link(answer="declined"),)), PASSES, "form_one", FIRST),
    # a link with the lead counts as its own, whoever of the proposal claims it; one with oneself does not
    Row("form-1", with_integration(links=(link(agency="beta", partner=ALPHA),)), FAILS, "own_agency", FIRST),
    Row("form-1", with_integration(links=(link(agency="beta", partner=BETA),)), PASSES, "linked", FIRST),
    Row(
        "form-2",
        form(Form.SHARED_SERVICE, shared_service=service(users=(BETA, DELTA))),
        PASSES,
        "shared",
        ("integration-service_users",),
    ),
]
KEPT = [
    row
    for row in (*filing.ROWS, *integration.ROWS)
    if row.rule in {r.code for r in VERSION_2.rules}
    and not row.on.known.answers
    and row.reason not in LATER.get(row.rule, set())
    and not any(
        link.answer in ("", "asked", "declined") and link.partner for link in row.facts.integration.links
    )
    and not any(link.agency for link in row.facts.integration.links)
    and DELTA not in row.facts.integration.shared_service.users
]


@pytest.mark.parametrize("row", [*KEPT, *OWN_READING], ids=lambda row: f"{row.rule}-{row.reason}")
def test_version_2_reads_as_it_did(row: Row) -> None:
    found = [f for f in screen(row.facts, VERSION_2, row.on).findings if f.rule == row.rule]
    assert (row.outcome, row.reason, row.places) in [(f.outcome, f.reason, f.places) for f in found]
    for finding in found:
        assert explain(finding, VERSION_2).text.th


def test_much_of_the_table_is_about_version_2_too() -> None:
    assert {row.rule for row in KEPT} == {r.code for r in VERSION_2.rules}
    assert len(KEPT) > 30


def test_version_2_can_still_be_used() -> None:
    check_rulebook(VERSION_2)
    assert not LATER["form-1"] & VERSION_2.rule("form-1").reasons.keys()
    assert len(screen(with_integration(), VERSION_2, situation()).findings) == 7
