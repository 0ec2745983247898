"""The smallest amount a project still works with: typed, judged, merged, frozen, filed, and never in the way of others."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from app.calls.facts import Limits
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.work import open_work
from app.proposals.actions import submit_proposal, withdraw_proposal
from app.proposals.carrying import carry
from app.proposals.comparing import compare_facts
from app.proposals.drafts import draft_from_facts, facts_from_draft, join_lines, split_lines
from app.proposals.facts import ProposalFacts, Reduced
from app.proposals.freezing import claims_sha256, facts_from_json, facts_to_json, freeze
from app.proposals.least import LEAST, LEAST_SCOPE
from app.proposals.merging import merge_section, resolve
from app.proposals.models import Proposal
from app.proposals.queries import get_filing, read_draft
from app.proposals.rules import list_problems
from app.proposals.sections import Ground, list_required, list_unreadable, read_section, show_section
from app.proposals.sheets import bring_in
from tests.proposals.consortium import PART_ROW, answer, gather, invite, joint, part_of, write_part
from tests.proposals.made_up import ALPHA, COMPLETE, DIRECTORY, LIMITS, PLAN, facts_of
from tests.proposals.sent_back import LATER, places, recall, refile, save, send_back
from tests.world import NOW, World, budget_row, complete_draft, file_proposal, write_draft

BAHT = 100
TOTAL = 1_000_001 * BAHT  # of the complete draft
SCOPE = "เลื่อนการติดตั้งที่สำนักงานสาขา 12 แห่งไปปีถัดไป"
LEAD = Ground(PLAN, LIMITS, DIRECTORY, ("alpha",))
PART = Ground(PLAN, LIMITS, DIRECTORY, ("alpha",), is_part=True)
ROW = budget_row()


def stated(least: str = "600000.00", scope: str = SCOPE, **more: Any) -> dict[str, Any]:
    """A budget section with the two fields."""
    return {"rows": [ROW], "least": least, "least_scope": scope} | more


def with_least(amount: int | None, scope: str = SCOPE) -> ProposalFacts:
    return replace(COMPLETE, reduced=Reduced(amount, scope))


def problems(facts: ProposalFacts, limits: Limits = LIMITS) -> list[str]:
    return [p.place for p in list_problems(facts, PLAN, limits)]


JUDGED: dict[str, tuple[ProposalFacts, list[str]]] = {
    "none stated": (COMPLETE, []),
    "less than all": (with_least(TOTAL - 1), []),
    "one satang": (with_least(1), []),
    "all of it": (with_least(TOTAL), ["budget-least"]),
    "more than all": (with_least(TOTAL + 1), ["budget-least"]),
    "nothing": (with_least(0), ["budget-least"]),
    "an amount without its price": (with_least(1, ""), ["budget-least_scope"]),
    "a price without its amount": (with_least(None), ["budget-least"]),
    "too long": (with_least(1, "ก" * (LIMITS.long + 1)), ["budget-least_scope"]),
    "as long as may be": (with_least(1, "ก" * LIMITS.long), []),
    "no lines to compare it with": (replace(with_least(5), lines=()), ["budget-rows"]),
}


@pytest.mark.parametrize("case", JUDGED.values(), ids=JUDGED)
def test_it_is_more_than_nothing_less_than_all_and_told_with_its_price(
    case: tuple[ProposalFacts, list[str]],
) -> None:
    facts, expected = case
    assert problems(facts) == expected


def test_both_figures_are_told() -> None:
    (problem,) = list_problems(with_least(TOTAL), PLAN, LIMITS)
    assert problem.text.th.count("1,000,001.00 บาท") == problem.text.en.count("1,000,001.00 baht") == 2
    assert problem.section == "budget"


def test_what_all_agencies_ask_for_together_is_what_it_must_be_less_than() -> None:
    draft = complete_draft(names={"participants": ["beta"]}, budget=stated("1000001.00"))
    alone = facts_of(draft)
    part = {"links": {"rows": []}, "indicators": {"rows": []}, "budget": {"rows": [PART_ROW]}}
    joined = facts_from_draft(
        draft,
        fiscal_year=2570,
        number="2570-0001",
        origin="",
        lead=ALPHA,
        directory=DIRECTORY,
        attachments=(),
        parts={"beta": part},
    )
    assert problems(alone) == ["budget-least"]
    assert problems(joined) == []


def test_an_amount_asks_for_its_price_in_the_form() -> None:
    assert "budget-least_scope" in {p.place for p in list_required(with_least(1), PLAN)}
    assert "budget-least_scope" not in {p.place for p in list_required(COMPLETE, PLAN)}


READ = [
    ({}, {}, []),
    ({"least": " ", "least_scope": "  "}, {}, []),
    ({"least": "๖๐๐,๐๐๐"}, {"least": "600000.00"}, []),
    ({"least": "600 000.5", "least_scope": f" {SCOPE} "}, {"least": "600000.50", "least_scope": SCOPE}, []),
    ({"least": "หกแสน", "least_scope": "ก"}, {"least_scope": "ก"}, ["budget-least"]),
    ({"least": "-1"}, {}, ["budget-least"]),
    ({"least_scope": "ก" * 6001}, {}, ["budget-least_scope"]),
]


@pytest.mark.parametrize(("typed", "kept", "wrong"), READ)
def test_it_is_read_as_money_and_what_cannot_be_read_is_kept(
    typed: dict[str, str], kept: dict[str, str], wrong: list[str]
) -> None:
    sent = {f"budget-{field}": text for field, text in typed.items()} | {
        f"budget-1-{field}": text
        for field, text in show_section("budget", {"rows": [ROW]})["rows"][0].items()
    }
    reading = read_section("budget", sent, LEAD)
    assert reading.value == {"rows": [ROW], **kept}
    assert [p.place for p in reading.problems] == wrong
    assert reading.kept is not None
    shown = show_section("budget", reading.kept)
    for place in wrong:
        field = place.removeprefix("budget-")
        assert shown[field] == typed[field]
        assert [p.place for p in list_unreadable("budget", reading.kept, LEAD)] == wrong
    # a participant's part has no such fields, whatever is sent
    assert read_section("budget", sent, PART).value == {"rows": [ROW]}


def test_it_is_shown_as_money() -> None:
    shown = show_section("budget", stated())
    assert (shown["least"], shown["least_scope"]) == ("600,000.00", SCOPE)
    nothing = show_section("budget", {"rows": []})
    assert (nothing["least"], nothing["least_scope"]) == ("", "")


def test_what_was_filed_before_keeps_its_bytes() -> None:
    content = freeze(COMPLETE).content
    assert "reduced" not in content
    assert freeze(facts_from_json(json.loads(content))).content == content
    assert freeze(COMPLETE).sha256 == "ec38fd45502bf717b1acca82e136c83e1d684f2e2dd23e7c76b88ec1ceb2c43e"


@pytest.mark.parametrize("reduced", [Reduced(1, SCOPE), Reduced(None, SCOPE), Reduced(60_000_050, "")])
def test_it_is_frozen_signed_and_read_back(reduced: Reduced) -> None:
    facts = replace(COMPLETE, reduced=reduced)
    value = facts_to_json(facts)
    assert value["reduced"]["scope"] == reduced.scope
    assert value["reduced"]["amount"] in ("0.01", None, "600000.50")
    assert facts_from_json(value) == facts
    assert freeze(facts).sha256 != freeze(COMPLETE).sha256
    assert claims_sha256(facts) != claims_sha256(COMPLETE)
    assert facts_of(draft_from_facts(facts)) == facts


def test_two_filings_are_compared_field_by_field() -> None:
    (section,) = compare_facts(with_least(60_000_000, "ก"), with_least(50_000_000, "ข"), PLAN).changed
    told = [(c.place, c.name) for c in section.changes]
    assert told == [("budget-least", LEAST), ("budget-least_scope", LEAST_SCOPE)]
    amount = section.changes[0]
    assert (amount.before, amount.after, amount.difference) == ("600,000.00", "500,000.00", "−100,000.00")  # type: ignore[union-attr]
    (section,) = compare_facts(COMPLETE, with_least(1), PLAN).changed
    assert [c.place for c in section.changes] == ["budget-least", "budget-least_scope"]


def test_two_people_at_once_are_brought_together_or_asked() -> None:
    base = {"rows": [ROW]}
    lines = {"rows": [budget_row(unit="ชุด")]}
    both = merge_section("budget", base, lines, stated())
    assert both.conflicts == ()
    assert both.value == lines | {"least": "600000.00", "least_scope": SCOPE}
    assert set(both.taken) == {"budget-least", "budget-least_scope"}
    clash = merge_section("budget", base, stated("1.00"), stated("2.00"))
    assert [c.place for c in clash.conflicts] == ["budget-least"]
    assert resolve(clash, {"budget-least": "theirs"})["least"] == "2.00"
    gone = merge_section("budget", stated(), stated(rows=[budget_row(unit="ชุด")]), {"rows": [ROW]})
    assert gone.value == lines
    unread = {"rows": [ROW], "least": "", "unread": {"budget-least": "หกแสน"}}
    assert merge_section("budget", base, lines, unread).value == lines | {
        "least": "",
        "unread": {"budget-least": "หกแสน"},
    }


def test_a_workbook_has_no_place_for_it_and_leaves_it_alone() -> None:
    sheet = {"rows": [budget_row(unit="ชุด")]}
    assert bring_in("budget", stated(), sheet, stated()).value == stated(**sheet)
    assert bring_in("budget", None, sheet, stated()).value == stated(**sheet)
    # stated since the template was made
    assert bring_in("budget", {"rows": [ROW]}, sheet, stated()).value == stated(**sheet)
    unread = {"rows": [ROW], "least": "", "unread": {"budget-least": "หกแสน"}}
    assert bring_in("budget", unread, sheet, unread).value == unread | sheet


def test_lines_handed_to_a_participant_leave_it_with_the_lead() -> None:
    typed = {"budget-least": "หกแสน", "budget-2-q1": "x"}
    budget = stated("", rows=[ROW, budget_row(agency="beta", q1="")], unread=typed)
    own, rest = split_lines(budget, "beta")
    assert own == {"rows": [budget_row(agency="beta", q1="")], "unread": {"budget-1-q1": "x"}}
    assert rest == stated("", unread={"budget-least": "หกแสน"})
    assert join_lines({"rows": []}, own) == own


def test_it_is_not_carried_into_another_year_and_that_is_told() -> None:
    def carried(facts: ProposalFacts) -> Any:
        last = replace(facts, fiscal_year=2569)
        return carry(last, PLAN, plan=PLAN, fiscal_year=2570, lead=ALPHA, directory=DIRECTORY, limits=LIMITS)

    made = carried(with_least(60_000_000))
    assert made.draft["budget"].keys() == {"rows"}
    told = [note for note in made.notes_of("budget") if note not in carried(COMPLETE).notes]
    assert [("600,000.00" in note.text.th, "600,000.00" in note.text.en) for note in told] == [(True, True)]


def least_of(proposal_id: int) -> int | None:
    db.session.rollback()
    return db.session.get_one(Proposal, proposal_id).least


def test_filing_keeps_it_beside_the_total(app: Flask, world: World) -> None:
    assert least_of(file_proposal(world)) is None
    proposal_id = file_proposal(world, complete_draft(budget=stated()))
    assert least_of(proposal_id) == 600_000 * BAHT
    filing = get_filing(db.session(), world.actor("secretariat"), proposal_id)
    assert filing.facts.reduced == Reduced(600_000 * BAHT, SCOPE)


def test_withdrawn_it_counts_for_nothing_and_filed_again_for_what_it_says_then(
    app: Flask, world: World
) -> None:
    proposal_id = file_proposal(world, complete_draft(budget=stated()))
    with open_work(world.actor("officer"), NOW) as work:
        withdraw_proposal(work, proposal_id)
    assert least_of(proposal_id) is None
    save(world, proposal_id, "budget", stated("500000.00"), at=NOW)
    assert least_of(proposal_id) is None
    with open_work(world.actor("officer"), NOW) as work:
        submit_proposal(work, proposal_id, "again")
    assert least_of(proposal_id) == 500_000 * BAHT


def test_returned_it_stays_as_filed_until_it_is_filed_again(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world, complete_draft(budget=stated()))
    send_back(world, proposal_id, sections=("budget",), message="ขอให้ทบทวน")
    save(world, proposal_id, "budget", {"rows": [ROW]})
    assert least_of(proposal_id) == 600_000 * BAHT
    refile(world, proposal_id)
    assert least_of(proposal_id) is None


def test_recalled_it_is_what_the_last_filing_said(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world, complete_draft(budget=stated()))
    send_back(world, proposal_id, sections=("budget",), message="ขอให้ทบทวน")
    save(world, proposal_id, "budget", {"rows": [ROW]})
    recall(world, proposal_id, at=LATER)
    assert least_of(proposal_id) == 600_000 * BAHT
    assert read_draft(db.session(), proposal_id).draft["budget"] == stated()


def test_a_total_that_falls_below_it_is_told_again(app: Flask, world: World) -> None:
    world = gather(world)
    proposal_id = write_draft(world, joint(budget=stated("1000001.00")))
    invite(world, proposal_id)
    answer(world, proposal_id)
    write_part(world, proposal_id, "budget", [PART_ROW])
    assert part_of(proposal_id).part["budget"] == {"rows": [PART_ROW]}
    with open_work(world.actor("officer"), NOW) as work:
        submit_proposal(work, proposal_id, "one")
    with open_work(world.actor("officer"), NOW) as work:
        withdraw_proposal(work, proposal_id)
    write_part(world, proposal_id, "budget", [])
    with pytest.raises(Refused) as refusal, open_work(world.actor("officer"), NOW) as work:
        submit_proposal(work, proposal_id, "two")
    assert places(refusal) == ["budget-least"]
