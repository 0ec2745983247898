"""Frozen facts: the same bytes for ever, and every figure in them exact."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings

from app.kernel.canonical import canonical_json, sha256_text
from app.proposals.drafts import SECTIONS, empty_draft
from app.proposals.facts import ProposalFacts
from app.proposals.freezing import facts_from_json, facts_to_json, freeze
from tests.proposals.made_up import ALPHA, ANY_FACTS, BETA, COMPLETE, GAMMA, facts_of
from tests.world import budget_row, complete_draft

MODEST = settings(max_examples=40, deadline=None)
BAHT = 100


@MODEST
@given(ANY_FACTS)
def test_frozen_facts_read_back_equal_and_freeze_to_the_same_bytes(facts: ProposalFacts) -> None:
    frozen = freeze(facts)
    again = facts_from_json(json.loads(frozen.content))
    assert again == facts
    assert freeze(again) == frozen
    assert frozen.sha256 == sha256_text(frozen.content)
    assert frozen.content == canonical_json(facts_to_json(facts))


def test_the_hash_of_these_facts_never_changes() -> None:
    """A receipt of years ago must still verify: a change of this hash is a change of schema."""
    assert freeze(COMPLETE).sha256 == "ec38fd45502bf717b1acca82e136c83e1d684f2e2dd23e7c76b88ec1ceb2c43e"


def test_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="schema 3"):
        facts_from_json(facts_to_json(COMPLETE) | {"schema": 3})


def test_a_filing_of_the_first_schema_still_reads() -> None:
    """It knew no claimants, no answers of partners, and nothing of continued projects."""
    old = facts_to_json(COMPLETE) | {"schema": 1}
    del old["continues"]
    for row in (*old["integration"]["links"], *old["indicators"]):
        for key in ("agency", "answer", "own_money"):
            row.pop(key, None)
    assert facts_from_json(old) == COMPLETE


def test_an_empty_draft_amounts_to_facts_with_nothing_in_them() -> None:
    facts = facts_of(empty_draft())
    assert (facts.total, facts.later_total, facts.lines, facts.participants) == (0, 0, (), ())
    assert set(empty_draft()) == set(SECTIONS) - {"attachments"}


def test_totals_by_line_agency_and_year() -> None:
    rows = [
        budget_row(),
        budget_row(agency="beta", quantity="3", unit_price="0.33", q1="0.99", q2="", later1="7.00"),
        budget_row(quantity="", unit_price=""),
    ]
    facts = facts_of(complete_draft(names={"participants": ["beta"]}, budget={"rows": rows}))
    assert [line.amount for line in facts.lines] == [1_000_001 * BAHT, 99, 0]
    assert facts.total == 1_000_001 * BAHT + 99
    assert facts.total_of("alpha") == 1_000_001 * BAHT
    assert facts.total_of("beta") == 99
    assert facts.total_of("gamma") == 0
    assert facts.later_total == 7 * BAHT


PARTICIPANTS: list[tuple[list[str], tuple[Any, ...]]] = [
    ([], ()),
    (["beta", "gamma"], (BETA, GAMMA)),
    (["gamma", "beta"], (GAMMA, BETA)),
    (["unknown"], ()),
    (["beta", "beta"], (BETA,)),
    (["alpha"], ()),
    (["beta", "alpha", "beta"], (BETA,)),
]


@pytest.mark.parametrize(("codes", "participants"), PARTICIPANTS)
def test_each_agency_takes_part_once_and_the_lead_leads(
    codes: list[str], participants: tuple[Any, ...]
) -> None:
    facts = facts_of(complete_draft(names={"participants": codes}))
    assert facts.participants == participants
    assert facts.agencies == (ALPHA, *participants)
