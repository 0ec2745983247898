"""The made-up FY2567 round: deterministic, complete, and adding up to the published frame."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.calls.facts import Limits
from app.calls.rules import read_call, read_plan, read_prices, read_rubric, read_rulebook
from app.cli.call_files import DATA, read_toml
from app.cli.demo.budgets import split_amount
from app.cli.demo.dice import Dice
from app.cli.demo.round_2567 import CEILING, Story, draft_of, make_round
from app.cli.demo.scoring import write_scores
from app.cli.demo.writing import Flaw, write_draft
from app.cli.register import read_register
from app.identity.facts import Body
from app.kernel.canonical import canonical_json
from app.kernel.findings import Outcome
from app.kernel.text import Text
from app.kernel.thai_text import normalise
from app.portfolio.allocation import allocate
from app.portfolio.facts import Entry, Standing, Terms
from app.proposals.drafts import facts_from_draft
from app.proposals.facts import AgencyRef, Answer, ProposalFacts
from app.proposals.rules import list_problems
from app.proposals.sections.reading import Ground, read_section, show_section
from app.reviews.rules import list_unscored
from app.screening.rules import Situation, screen

PLAN = read_plan(read_toml(DATA / "plan-2567.toml"))
RUBRIC = read_rubric(read_toml(DATA / "rubric-2567.toml"))
PRICES = read_prices(read_toml(DATA / "prices-2567.toml"))
RULEBOOK = read_rulebook(read_toml(DATA / "rulebook-2567.toml"))
CALL = read_call(read_toml(DATA / "call-2567.toml"))
STORIES = make_round(RUBRIC)
AGREED = [s for s in STORIES if s.outcome and s.outcome.amount]
DIRECTORY = {a.code: AgencyRef(a.code, a.name, a.ministry, Text("", "")) for a in read_register().agencies}

EXPECTED = {
    Flaw.NONE: Outcome.PASSES,
    Flaw.OWN_AGENCY: Outcome.FAILS,
    Flaw.CHARGED: Outcome.FAILS,
    Flaw.TOO_FEW_USERS: Outcome.FAILS,
    Flaw.OWN_USE_ONLY: Outcome.FAILS,
    Flaw.STATE_ENTERPRISE: Outcome.NEEDS_PERSON,
    Flaw.PRIVATE_PARTNER: Outcome.NEEDS_PERSON,
    Flaw.OTHER_CURRICULUM: Outcome.NEEDS_PERSON,
    Flaw.UNCONFIRMED: Outcome.NEEDS_PERSON,
    Flaw.BARE_SERVER: Outcome.NEEDS_PERSON,
    Flaw.VAGUE_INDICATOR: Outcome.NEEDS_PERSON,
    Flaw.SLOW_START: Outcome.NEEDS_PERSON,
}


def _facts(n: int, story: Story) -> ProposalFacts:
    facts = facts_from_draft(
        draft_of(n, story.idea),
        fiscal_year=2567,
        number=f"2567-{n:04d}",
        origin="synthetic",
        lead=DIRECTORY[story.idea.lead],
        directory=DIRECTORY,
        attachments=(),
    )
    # the first partner confirms before the filing, unless nobody does
    answer = Answer.NOT_ASKED if story.idea.flaw is Flaw.UNCONFIRMED else Answer.CONFIRMED
    links = tuple(
        replace(link, answer=answer) if not n else link for n, link in enumerate(facts.integration.links)
    )
    return replace(facts, integration=replace(facts.integration, links=links))


FACTS = [_facts(n, story) for n, story in enumerate(STORIES)]


def test_round_is_the_same_every_time() -> None:
    again = make_round.__wrapped__(RUBRIC)
    assert again == STORIES
    one, other = (canonical_json(write_draft(Dice("2567-5"), STORIES[5].idea)) for _ in range(2))
    assert one == other


def test_agreed_figures_are_the_published_ones() -> None:
    assert len(AGREED) == 78
    assert len({a for s in AGREED for a in s.idea.agencies}) == 51
    assert sum(s.outcome.amount for s in AGREED if s.outcome) == 552_391_100_000


def test_more_are_filed_than_pass() -> None:
    assert len(STORIES) == 113
    assert Counter(s.slot is not None for s in STORIES) == {True: 95, False: 18}
    assert len({a for s in STORIES for a in s.idea.agencies}) > 51


def test_every_agency_of_an_agreed_project_has_money() -> None:
    for n, story in enumerate(STORIES):
        if story in AGREED:
            assert all(FACTS[n].total_of(code) > 0 for code in story.idea.agencies)


def test_cuts_have_reasons_and_conditions_are_written() -> None:
    for story in STORIES:
        if story.outcome is None:
            continue
        said = story.outcome
        assert said.amount <= story.idea.amount
        if said.amount < story.idea.amount:
            assert said.reason
        assert bool(said.conditions) == (said.verdict == "conditional")


def test_nobody_reviews_their_own_body() -> None:
    for story in STORIES:
        if story.slot:
            bodies = [sheet.reviewer.body for sheet in story.slot.sheets]
            assert len(set(bodies)) == 3
            assert not {b.value for b in bodies} & set(story.idea.agencies)


def test_reviewers_share_the_work() -> None:
    work = Counter(sheet.reviewer for s in STORIES if s.slot for sheet in s.slot.sheets)
    assert len(work) == 12
    assert {r.body for r in work} == set(Body)
    assert max(work.values()) - min(work.values()) <= 2


def test_reviews_can_be_handed_in() -> None:
    for n, story in enumerate(STORIES):
        for sheet in story.slot.sheets if story.slot else ():
            assert list_unscored(write_scores(Dice(f"{n}"), sheet, story.idea.subject), RUBRIC) == []


def test_walking_down_the_rank_under_the_ceiling_takes_the_agreed_ones() -> None:
    assert CALL.ceiling == CEILING
    empty = Text("", "")
    entries = [
        Entry(
            n,
            f"2567-{n:04d}",
            empty,
            empty,
            empty,
            "",
            "",
            "",
            "",
            s.idea.amount,
            CALL.opens_at,
            s.slot.panel,
        )
        for n, s in enumerate(STORIES)
        if s.slot
    ]
    lines = allocate(entries, Terms(CALL.ceiling)).lines
    inside = [line for line in lines if line.standing is Standing.IN]
    assert {line.entry.proposal_id for line in inside} == {n for n, s in enumerate(STORIES) if s in AGREED}
    last = max(line.rank or 0 for line in inside)
    above = [line for line in lines if line.standing is Standing.OUT and (line.rank or 0) < last]
    assert len(above) == 2  # too large for what was left, while smaller ones below still fitted


def test_a_handful_say_with_how_much_less_they_would_work() -> None:
    stated = {n: facts.reduced for n, facts in enumerate(FACTS) if facts.reduced}
    assert len(stated) == 6
    for n, reduced in stated.items():
        assert STORIES[n].slot is not None
        assert reduced.amount is not None
        assert FACTS[n].total * 2 < reduced.amount * 5 < FACTS[n].total * 5  # from two fifths of all it asks
        assert FACTS[n].lines[1].item in reduced.scope
        assert FACTS[n].origin == "synthetic"
    assert [STORIES[n] in AGREED for n in stated].count(True) == 4


@pytest.mark.parametrize("n", range(len(STORIES)))
def test_proposal_is_complete_and_screened_as_meant(n: int) -> None:
    facts = FACTS[n]
    assert list_problems(facts, PLAN, CALL.limits) == []
    assert facts.total == STORIES[n].idea.amount
    arrived = CALL.opens_at + timedelta(days=1)
    on = Situation(PLAN, CALL.limits, CALL.opens_at, CALL.closes_at, arrived, prices=PRICES)
    result = screen(facts, RULEBOOK, on)
    assert result.outcome is EXPECTED[STORIES[n].idea.flaw]
    assert 3 <= len(facts.lines) <= 18
    assert 50_000_000 <= facts.total <= 50_000_000_000
    for text in (facts.title.th, facts.rationale, facts.objectives, facts.outputs):
        assert normalise(text) == text
        assert "{" not in text
    assert len(facts.title.th) <= Limits().title


def test_there_is_something_of_every_kind_to_judge() -> None:
    flaws = Counter(s.idea.flaw for s in STORIES if s.slot)
    assert flaws[Flaw.UNCONFIRMED] == flaws[Flaw.BARE_SERVER] == 3
    assert (flaws[Flaw.VAGUE_INDICATOR], flaws[Flaw.SLOW_START]) == (2, 1)
    arrived = CALL.opens_at + timedelta(days=1)
    on = Situation(PLAN, CALL.limits, CALL.opens_at, CALL.closes_at, arrived, prices=PRICES)
    met = Counter((f.rule, f.reason) for facts in FACTS for f in screen(facts, RULEBOOK, on).findings)
    for wanted in (
        ("cloud", "explained"),
        ("cloud", "unexplained"),
        ("reference-prices", "above"),
        ("reference-prices", "below"),
        ("reference-prices", "near"),
        ("commitments", "consistent"),
    ):
        assert met[wanted], wanted


def test_draft_is_what_the_form_would_have_read() -> None:
    for n, story in enumerate(STORIES):
        ground = Ground(PLAN, CALL.limits, DIRECTORY, story.idea.agencies)
        for section, value in write_draft(Dice(f"2567-{n}"), story.idea).items():
            reading = read_section(section, _sent(section, value), ground)
            assert (reading.value, reading.problems) == (value, ())


def _sent(section: str, value: dict[str, Any]) -> dict[str, Any]:
    """A section as its form sends it."""
    sent: dict[str, Any] = {}
    for key, content in show_section(section, value).items():
        if isinstance(content, list) and content and isinstance(content[0], dict):
            for n, row in enumerate(content, 1):
                sent |= {f"{section}-{n}-{field}": typed for field, typed in row.items()}
        else:
            sent[f"{section}-{key}"] = (
                {True: "yes", False: ""}[content] if isinstance(content, bool) else content
            )
    return sent


def test_titles_are_all_different() -> None:
    assert len({f.title.th for f in FACTS}) == len({f.title.en for f in FACTS}) == len(FACTS)


def test_every_stage_strategy_and_focus_area_is_there() -> None:
    assert {f.stage for f in FACTS} == {"upstream", "midstream", "downstream"}
    assert {f.guideline for f in FACTS} == {"1.1", "1.2", "2.1", "3.1"}
    assert {f.focus_area for f in FACTS} == {"", *(str(n) for n in range(1, 11))}
    assert {line.category for f in FACTS for line in f.lines} == {c.code for c in PLAN.categories}


def test_shares_sum_to_the_amount() -> None:
    for seed in range(50):
        shares = split_amount(Dice(str(seed)), 123_456_700, "dga", ("dopa", "rd", "cgd"))
        assert sum(s.amount for s in shares) == 123_456_700
        assert [s.agency for s in shares] == ["dga", "dopa", "rd", "cgd"]
        assert min(s.amount for s in shares) > 0


def test_call_window_is_ten_days() -> None:
    assert CALL.closes_at - CALL.opens_at == timedelta(days=10)
    assert isinstance(CALL.opens_at, datetime)
