"""Facts made up for tests: one complete proposal to change, and any proposal at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from app.calls.facts import Limits, PlanStructure
from app.calls.rules import read_plan
from app.kernel.money import LARGEST_SATANG
from app.kernel.text import Text
from app.proposals.drafts import facts_from_draft
from app.proposals.facts import (
    AgencyRef,
    AttachmentFacts,
    BudgetLine,
    Indicator,
    Integration,
    IntegrationLink,
    ProposalFacts,
    Reduced,
    SharedService,
)
from tests.world import complete_draft, read_data

PLAN: PlanStructure = read_plan(read_data("plan-2567.toml"))
LIMITS = Limits()


def agency(code: str, ministry: str = "min") -> AgencyRef:
    return AgencyRef(code, Text(f"กรม{code}", code.title()), ministry, Text("กระทรวง", "Ministry"))


ALPHA, BETA, GAMMA = agency("alpha"), agency("beta"), agency("gamma", "other")
DIRECTORY = {a.code: a for a in (ALPHA, BETA, GAMMA)}


def facts_of(draft: dict[str, Any] | None = None) -> ProposalFacts:
    """The facts of a draft; of a complete one when none is given."""
    return facts_from_draft(
        draft or complete_draft(),
        fiscal_year=2570,
        number="2570-0001",
        origin="synthetic",
        lead=ALPHA,
        directory=DIRECTORY,
        attachments=(),
    )


COMPLETE = facts_of()


def with_integration(**changes: Any) -> ProposalFacts:
    """The complete proposal with another integration; `changes` replace its fields."""
    return replace(COMPLETE, integration=replace(COMPLETE.integration, **changes))


def with_line(**changes: Any) -> ProposalFacts:
    return replace(COMPLETE, lines=(replace(COMPLETE.lines[0], **changes),))


def link(**changes: Any) -> IntegrationLink:
    return replace(COMPLETE.integration.links[0], **changes)


def service(**changes: Any) -> SharedService:
    """A central service, free, used by two others."""
    return replace(SharedService("คลาวด์กลาง", True, False, (BETA, GAMMA)), **changes)


_words = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
_text = st.builds(Text, _words, _words)
_agency = st.builds(AgencyRef, _words, _text, _words, _text)
_money = st.integers(0, LARGEST_SATANG)
_count = st.integers(0, 10**9)


def _tuples(of: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(of, max_size=most).map(tuple)


ANY_FACTS: st.SearchStrategy[ProposalFacts] = st.builds(
    ProposalFacts,
    fiscal_year=st.integers(2560, 2600),
    number=_words,
    origin=_words,
    title=_text,
    lead=_agency,
    participants=_tuples(_agency),
    stage=_words,
    guideline=_words,
    strategy=_words,
    focus_area=_words,
    integration=st.builds(
        Integration,
        forms=_tuples(st.sampled_from(["link", "curriculum", "standard", "shared_service"]), 4),
        links=_tuples(
            st.builds(IntegrationLink, _words, _words, _words, st.none() | _agency, _words, _words)
        ),
        curriculum=_words,
        curriculum_detail=_words,
        standard=_words,
        standard_scope=_words,
        shared_service=st.builds(
            SharedService, _words, st.none() | st.booleans(), st.booleans(), _tuples(_agency)
        ),
    ),
    rationale=_words,
    objectives=_words,
    outputs=_words,
    indicators=_tuples(st.builds(Indicator, _words, _words, _words, _words)),
    lines=_tuples(
        st.builds(
            BudgetLine,
            _words,
            _words,
            _words,
            st.none() | _count,
            _words,
            st.none() | _money,
            st.tuples(_money, _money, _money, _money),
            _tuples(_money, 4),
            _words,
        )
    ),
    attachments=_tuples(st.builds(AttachmentFacts, _words, _words, _count, _words)),
    reduced=st.none() | st.builds(Reduced, st.none() | _money, _words),
)
