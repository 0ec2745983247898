"""Facts back to the draft they were made from."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings

from app.proposals.drafts import Draft, draft_from_facts, empty_draft, facts_from_draft
from tests.proposals.any_drafts import DRAFTS
from tests.proposals.made_up import ALPHA, DIRECTORY, facts_of
from tests.world import budget_row, complete_draft

MODEST = settings(max_examples=60, deadline=None)


@MODEST
@given(DRAFTS)
def test_a_draft_made_from_facts_amounts_to_the_same_facts(draft: Draft) -> None:
    facts = facts_of(draft)
    assert facts_of(draft_from_facts(facts)) == facts


def test_a_draft_that_keeps_to_the_register_comes_back_as_typed() -> None:
    nothing: dict[str, Any] = empty_draft()
    assert draft_from_facts(facts_of(nothing)) == nothing
    draft = complete_draft(
        names={"participants": ["gamma", "beta"]},
        integration={"service_free": "no", "service_all": True, "service_users": ["beta"]},
        budget={"rows": [budget_row(later3="7.25"), budget_row(quantity="", unit_price="", agency="beta")]},
    )
    assert draft_from_facts(facts_of(draft)) == draft


def test_the_source_of_an_imported_line_stays_with_it() -> None:
    draft = complete_draft(budget={"rows": [{**budget_row(), "source": "เล่มที่ 3 หน้า 12"}, budget_row()]})
    rows = draft_from_facts(facts_of(draft))["budget"]["rows"]
    assert [row.get("source") for row in rows] == ["เล่มที่ 3 หน้า 12", None]


def test_what_a_participant_claims_carries_its_agency() -> None:
    part = {
        "links": {"rows": complete_draft()["integration"]["links"]},
        "indicators": {"rows": complete_draft()["indicators"]["rows"]},
        "budget": {"rows": [budget_row(agency="beta")]},
    }
    draft = complete_draft(names={"participants": ["beta"]})
    facts = facts_from_draft(
        draft,
        fiscal_year=2570,
        number="",
        origin="",
        lead=ALPHA,
        directory=DIRECTORY,
        attachments=(),
        parts={"beta": part},
    )
    back = draft_from_facts(facts)
    for rows in (back["integration"]["links"], back["indicators"]["rows"]):
        assert [row.get("agency") for row in rows] == [None, "beta"]
    assert [row["agency"] for row in back["budget"]["rows"]] == ["alpha", "beta"]
