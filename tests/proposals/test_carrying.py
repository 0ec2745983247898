"""Carrying over, dry: what comes along from an earlier filing, what does not, and that each loss is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calls.facts import Choice, Limits, PlanStructure
from app.calls.rules import read_plan
from app.kernel.text import Text
from app.proposals.carrying import Carried, carry, committed_for
from app.proposals.drafts import empty_draft, empty_part, facts_from_draft
from app.proposals.facts import (
    AgencyRef,
    AttachmentFacts,
    Indicator,
    IntegrationLink,
    ProposalFacts,
)
from app.proposals.rules import list_inconsistent
from app.proposals.sections.reading import BUDGET_FIELDS, INDICATOR_FIELDS, LINK_FIELDS
from tests.proposals.made_up import (
    ALPHA,
    ANY_FACTS,
    BETA,
    COMPLETE,
    DIRECTORY,
    GAMMA,
    LIMITS,
    PLAN,
    agency,
    link,
    service,
    with_integration,
)
from tests.world import budget_row, complete_draft, read_data

PLAN_2565 = read_plan(read_data("plan-2565.toml"))
LAST = replace(COMPLETE, fiscal_year=2569)
YEAR = 2570


def carried(
    source: ProposalFacts = LAST,
    *,
    old: PlanStructure = PLAN,
    plan: PlanStructure = PLAN,
    year: int = YEAR,
    lead: AgencyRef = ALPHA,
    directory: dict[str, AgencyRef] = DIRECTORY,
    limits: Limits = LIMITS,
) -> Carried:
    return carry(source, old, plan=plan, fiscal_year=year, lead=lead, directory=directory, limits=limits)


def facts_of(
    made: Carried, directory: dict[str, AgencyRef] = DIRECTORY, lead: AgencyRef = ALPHA
) -> ProposalFacts:
    return facts_from_draft(
        made.draft, fiscal_year=YEAR, number="", origin="", lead=lead, directory=directory, attachments=()
    )


def said(made: Carried, section: str) -> str:
    return "\n".join(note.text.en for note in made.notes_of(section))


def of_draft(draft: dict[str, Any], year: int = 2569, **changes: Any) -> ProposalFacts:
    facts = facts_from_draft(
        draft,
        fiscal_year=year,
        number="2569-0001",
        origin="filed",
        lead=ALPHA,
        directory=DIRECTORY,
        attachments=(),
    )
    return replace(facts, **changes)


def test_the_texts_come_along_and_the_year_does_not() -> None:
    made = carried()
    draft = complete_draft()
    assert made.draft["names"] == draft["names"]
    assert made.draft["plan"] == draft["plan"]
    assert made.draft["integration"] == draft["integration"]
    assert made.draft["rationale"] == draft["rationale"]
    assert made.draft["indicators"] == {
        "rows": [{"name": "จำนวนชุดข้อมูล", "unit": "ชุด", "baseline": "5", "target": ""}]
    }
    assert made.draft["budget"] == {"rows": [budget_row(q1="", q2="")]}
    assert {note.section for note in made.notes} == {"integration", "indicators", "budget"}


def test_a_source_of_this_year_or_a_later_one_is_not_carried() -> None:
    for year in (2569, 2568):
        with pytest.raises(ValueError, match="not before"):
            carried(year=year)


# what the years after cost last time, how many years passed, what they cost now, and what this year was bound to
COMMITMENTS = [
    (("100.00", "200.00", "300.00", "400.00"), 1, ("200.00", "300.00", "400.00", ""), "100.00"),
    (("100.00", "200.00", "300.00", "400.00"), 2, ("300.00", "400.00", "", ""), "200.00"),
    (("100.00", "200.00", "300.00", "400.00"), 4, ("", "", "", ""), "400.00"),
    (("100.00", "200.00", "300.00", "400.00"), 5, ("", "", "", ""), ""),
    (("", "", "", "0.01"), 1, ("", "", "0.01", ""), ""),
    (("", "", "", ""), 1, ("", "", "", ""), ""),
]


@pytest.mark.parametrize(("then", "years", "now", "due"), COMMITMENTS)
def test_commitments_move_up_by_the_years_that_passed(
    then: tuple[str, ...], years: int, now: tuple[str, ...], due: str
) -> None:
    row = budget_row(**{f"later{n}": amount for n, amount in enumerate(then, 1)})
    source = of_draft(complete_draft(budget={"rows": [row]}), YEAR - years)
    made = carried(source)
    (line,) = made.draft["budget"]["rows"]
    assert tuple(line[f"later{n}"] for n in (1, 2, 3, 4)) == now
    assert (f"committed {due} baht for FY 2570 already (line 1)" in said(made, "budget")) is bool(due)
    passed = sum(int(amount.replace(".", "")) for amount in then[: years - 1] if amount)
    assert ("for years that have passed" in said(made, "budget")) is bool(passed)


def test_what_was_committed_for_a_year() -> None:
    line = replace(COMPLETE.lines[0], later_years=(10, 20))
    assert [committed_for(line, years) for years in (0, 1, 2, 3)] == [0, 10, 20, 0]


def changed(**lists: Any) -> PlanStructure:
    return replace(PLAN, **lists)


def renumbered(key: str, codes: dict[str, str]) -> tuple[Choice, ...]:
    return tuple(replace(c, code=codes.get(c.code, c.code)) for c in getattr(PLAN, key))


def renamed(key: str, code: str, name: Text) -> tuple[Choice, ...]:
    return tuple(replace(c, name=name) if c.code == code else c for c in getattr(PLAN, key))


def without(key: str, *codes: str) -> tuple[Choice, ...]:
    return tuple(c for c in getattr(PLAN, key) if c.code not in codes)


NEW = Text("ชื่อใหม่", "A new name")
DOWNSTREAM = of_draft(
    complete_draft(plan={"stage": "downstream", "guideline": "3.1", "strategy": "2", "focus_area": "7"})
)
# this call's plan, what is carried into it (stage, guideline, strategy, focus area), and what is told
PLACES: list[tuple[str, PlanStructure, tuple[str, str, str, str], str]] = [
    ("the same plan", PLAN, ("downstream", "3.1", "2", "7"), ""),
    (
        "guideline gone",
        changed(guidelines=without("guidelines", "3.1")),
        ("downstream", "", "2", "7"),
        "The guideline “Integrate government data",
    ),
    (
        "guideline renumbered",
        changed(
            guidelines=renumbered("guidelines", {"3.1": "3.4"}),
            guideline_strategies={**PLAN.guideline_strategies, "3.4": ("2",)},
        ),
        ("downstream", "3.4", "2", "7"),
        "has the code 3.4 in the plan of FY 2570 (it was 3.1)",
    ),
    (
        "guideline renamed",
        changed(guidelines=renamed("guidelines", "3.1", NEW)),
        ("downstream", "3.1", "2", "7"),
        "is “A new name” in the plan",
    ),
    (
        "guidelines that changed places",
        changed(
            guidelines=renumbered("guidelines", {"3.1": "2.1", "2.1": "3.1"}),
            guideline_strategies={**PLAN.guideline_strategies, "2.1": ("2", "3")},
        ),
        ("downstream", "2.1", "2", "7"),
        "has the code 2.1",
    ),
    (
        "guideline under another stage",
        changed(goals=tuple(replace(g, parent="midstream") for g in PLAN.goals)),
        ("midstream", "3.1", "2", "7"),
        "This guideline belongs to “Midstream”",
    ),
    (
        "strategy not served any more",
        changed(guideline_strategies={**PLAN.guideline_strategies, "3.1": ("3", "4")}),
        ("downstream", "3.1", "", ""),
        "does not serve the strategy “Convenient",
    ),
    (
        "strategy gone",
        changed(
            strategies=without("strategies", "2"), focus_areas=without("focus_areas", "1", "2", "4", "7")
        ),
        ("downstream", "3.1", "", ""),
        "The strategy “Convenient and accessible services for people” is not in the plan",
    ),
    (
        "focus area under another strategy",
        changed(focus_areas=tuple(replace(f, parent="3") for f in PLAN.focus_areas)),
        ("downstream", "3.1", "2", ""),
        "The focus area “Environment” does not belong",
    ),
    (
        "focus area renumbered",
        changed(focus_areas=renumbered("focus_areas", {"7": "11", "8": "7"})),
        ("downstream", "3.1", "2", "11"),
        "has the code 11",
    ),
    (
        "stage gone with its guideline",
        changed(
            stages=without("stages", "downstream"),
            goals=without("goals", "3"),
            guidelines=without("guidelines", "3.1"),
        ),
        ("", "", "2", "7"),
        "The value-chain stage “Downstream” is not in the plan",
    ),
]


@pytest.mark.parametrize(
    ("plan", "place", "told"), [row[1:] for row in PLACES], ids=[row[0] for row in PLACES]
)
def test_the_place_in_the_plan(plan: PlanStructure, place: tuple[str, ...], told: str) -> None:
    made = carried(DOWNSTREAM, plan=plan)
    keys = ("stage", "guideline", "strategy", "focus_area")
    assert tuple(made.draft["plan"][key] for key in keys) == place
    assert told in said(made, "plan")
    assert bool(said(made, "plan")) is bool(told)
    assert list_inconsistent(facts_of(made), plan) == []


def test_lists_that_lost_a_code_are_told_once() -> None:
    rows = [budget_row(), budget_row(item="อื่น"), budget_row(category="other")]
    source = of_draft(complete_draft(budget={"rows": rows}))
    plan = changed(
        categories=without("categories", "capital"),
        platforms=renumbered("platforms", {"gdx": "gdx2"}),
        curricula=without("curricula", "dg-data"),
    )
    source = replace(source, integration=replace(source.integration, curriculum="dg-data"))
    made = carried(source, plan=plan)
    assert [row["category"] for row in made.draft["budget"]["rows"]] == ["", "", "other"]
    assert said(made, "budget").count("The expenditure category “Capital” is not in the plan") == 1
    assert made.draft["integration"]["links"][0]["channel"] == "gdx2"
    assert made.draft["integration"]["curriculum"] == ""
    assert list_inconsistent(facts_of(made), plan) == []


GONE = agency("gone")
MOVED_AWAY = AgencyRef("old-beta", BETA.name, "min", Text("กระทรวง", "Ministry"))


def test_agencies_that_are_gone_and_agencies_whose_code_changed() -> None:
    lines = [replace(LAST.lines[0], agency=code) for code in ("alpha", "old-beta", "gone")]
    links = (
        link(partner=MOVED_AWAY),
        link(partner=GONE, name="ข้อมูลของหน่วยงานที่ยุบแล้ว"),
    )
    source = replace(
        LAST,
        participants=(MOVED_AWAY, GONE),
        lines=tuple(lines),
        integration=replace(
            LAST.integration, links=links, shared_service=service(users=(GAMMA, GONE, MOVED_AWAY))
        ),
    )
    made = carried(source)
    assert made.draft["names"]["participants"] == ["beta"]
    assert "“Gone” is no longer in the register, so it is not among" in said(made, "names")
    assert [row["agency"] for row in made.draft["budget"]["rows"]] == ["alpha", "beta", ""]
    assert "line 3: the agency is no longer" in said(made, "budget")
    rows = made.draft["integration"]["links"]
    assert [(row["partner"], row["partner_other"]) for row in rows] == [("beta", ""), ("", "กรมgone")]
    assert made.draft["integration"]["service_users"] == ["gamma", "beta"]
    assert "“Gone”, which used the service" in said(made, "integration")
    assert "The partner “Gone”" in said(made, "integration")


def test_the_lead_keeps_what_is_its_own_under_another_code() -> None:
    lead = agency("alpha-new")
    indicator = Indicator("ข", "ชุด", "1", "2", agency="alpha")
    source = replace(LAST, indicators=(*LAST.indicators, indicator))
    directory = {"alpha-new": lead, "beta": BETA}
    made = carried(source, lead=lead, directory=directory)
    assert [row["agency"] for row in made.draft["budget"]["rows"]] == ["alpha-new"]
    assert [row["name"] for row in made.draft["indicators"]["rows"]] == ["จำนวนชุดข้อมูล", "ข"]


def test_what_participants_claimed_waits_for_them() -> None:
    theirs = IntegrationLink(
        "data", "ทะเบียน", "provides", GAMMA, "", "gdx", agency="beta", answer="confirmed"
    )
    lost = replace(theirs, agency="gone")
    source = replace(
        LAST,
        participants=(BETA, GONE),
        integration=replace(LAST.integration, links=(*LAST.integration.links, theirs, lost)),
        indicators=(*LAST.indicators, Indicator("ของเบตา", "ครั้ง", "0", "9", agency="beta")),
        lines=(*LAST.lines, replace(LAST.lines[0], agency="beta")),
    )
    made = carried(source)
    assert len(made.draft["integration"]["links"]) == len(made.draft["indicators"]["rows"]) == 1
    assert made.parts == {
        "beta": empty_part()
        | {
            "links": {
                "rows": [
                    {
                        "kind": "data",
                        "name": "ทะเบียน",
                        "direction": "provides",
                        "partner": "gamma",
                        "partner_other": "",
                        "channel": "gdx",
                    }
                ]
            },
            "indicators": {"rows": [{"name": "ของเบตา", "unit": "ครั้ง", "baseline": "9", "target": ""}]},
        }
    }
    # its lines stand with the lead until it joins, when they are handed over
    assert [row["agency"] for row in made.draft["budget"]["rows"]] == ["alpha", "beta"]
    assert "“Beta”: links (1) will stand in its own part once it joins" in said(made, "integration")
    assert "“Gone”: links (1) left out" in said(made, "integration")


def test_a_project_of_the_archive_brings_its_name_and_its_lines() -> None:
    line = replace(LAST.lines[0], quantity=1, quarters=(0, 0, 0, 0), later_years=(), source="เล่มที่ 3 หน้า 12")
    archive = of_draft(
        empty_draft() | {"names": {"title_th": "โครงการเก่า", "title_en": "โครงการเก่า", "participants": []}},
        2565,
        stage="upstream",
        guideline="1.1",
        strategy="unstated",
        focus_area="unstated",
        origin="imported",
        lines=(line,),
    )
    made = carried(archive, old=PLAN_2565)
    assert made.draft["names"] == {"title_th": "โครงการเก่า", "title_en": "", "participants": []}
    assert made.draft["plan"] == {"stage": "upstream", "guideline": "1.1", "strategy": "", "focus_area": ""}
    assert made.draft["indicators"] == {"rows": []}
    assert made.draft["integration"] == empty_draft()["integration"]
    (row,) = made.draft["budget"]["rows"]
    assert "source" not in row
    assert (row["item"], row["quantity"], row["unit_price"]) == (line.item, "1", "500000.50")
    assert "was read from published budget documents" in said(made, "plan")
    assert "has no name in English" in said(made, "names")


def test_files_are_told_and_not_carried() -> None:
    source = replace(LAST, attachments=(AttachmentFacts("tor", "a.pdf", 1, "0" * 64),) * 2)
    assert "Attachments of FY 2569 (2) were left out" in said(carried(source), "attachments")


def test_what_exceeds_this_calls_limits_is_told_and_kept() -> None:
    made = carried(LAST, limits=replace(LIMITS, title=5, lines=0, indicators=0))
    assert made.draft["names"]["title_th"] == LAST.title.th
    for section in ("names", "budget", "indicators"):
        assert "are allowed" in said(made, section), section


def test_a_claim_the_form_does_not_know_is_left_empty() -> None:
    source = replace(
        with_integration(forms=("link", "barter"), links=(link(kind="oral", direction="up"),)),
        fiscal_year=2569,
    )
    made = carried(source)
    assert made.draft["integration"]["forms"] == ["link"]
    assert (
        made.draft["integration"]["links"][0]["kind"],
        made.draft["integration"]["links"][0]["direction"],
    ) == (
        "",
        "",
    )


@settings(max_examples=150, deadline=None)
@given(ANY_FACTS, st.integers(1, 6), st.data())
def test_whatever_was_filed_carries_into_a_draft_that_keeps_to_the_plan(
    source: ProposalFacts, years: int, data: st.DataObject
) -> None:
    source = replace(
        source,
        guideline=data.draw(st.sampled_from(["", source.guideline, *(g.code for g in PLAN.guidelines)])),
        strategy=data.draw(st.sampled_from(["", source.strategy, *(s.code for s in PLAN.strategies)])),
        focus_area=data.draw(st.sampled_from(["", *(f.code for f in PLAN.focus_areas)])),
    )
    known = data.draw(st.lists(st.sampled_from([*source.agencies, BETA]), unique=True))
    lead = replace(source.lead, code=data.draw(st.sampled_from([source.lead.code, "lead"])))
    directory = {a.code: a for a in known} | {lead.code: lead}
    made = carry(
        source,
        data.draw(st.sampled_from([PLAN, PLAN_2565])),
        plan=PLAN,
        fiscal_year=source.fiscal_year + years,
        lead=lead,
        directory=directory,
        limits=LIMITS,
    )
    draft = made.draft
    assert {key: set(value) for key, value in draft.items()} == {
        key: set(value) for key, value in empty_draft().items()
    }
    for rows, fields in (
        (draft["integration"]["links"], LINK_FIELDS),
        (draft["indicators"]["rows"], INDICATOR_FIELDS),
        (draft["budget"]["rows"], BUDGET_FIELDS),
    ):
        assert all(tuple(row) == fields for row in rows)
    facts = facts_of(made, directory, lead)
    assert list_inconsistent(facts, PLAN) == []
    # the same money is asked for, line by line, and no quarter of another year is
    assert [line.amount for line in facts.lines] == [line.amount for line in source.lines]
    assert all(set(line.quarters) == {0} for line in facts.lines)
    assert {line.agency for line in facts.lines} <= {"", *(a.code for a in facts.agencies)}
    assert {row["target"] for row in draft["indicators"]["rows"]} <= {""}
    assert lead.code not in draft["names"]["participants"]
    assert set(made.parts) == set(draft["names"]["participants"])
    rows = [row for part in made.parts.values() for row in part["indicators"]["rows"]]
    assert len(rows) + len(facts.indicators) <= len(source.indicators)
    later = sum(sum(line.later_years[years : years + 4]) for line in source.lines)
    assert facts.later_total == later
