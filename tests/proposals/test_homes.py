"""A problem of the whole proposal is told in the form of whoever has to mend it, by the numbers of that form."""

from __future__ import annotations

import pytest

from app.proposals.drafts import facts_from_draft
from app.proposals.homes import at_home
from app.proposals.sections import list_obstacles
from tests.proposals.consortium import LINK, PART_ROW, joint
from tests.proposals.made_up import ALPHA, DIRECTORY, LIMITS, PLAN
from tests.world import budget_row

DRAFT = joint("beta", "gamma", budget={"rows": [budget_row(), budget_row(unit="")]})
PARTS = {
    "beta": {
        "links": {"rows": [LINK, LINK | {"channel": ""}]},
        "indicators": {"rows": [{"name": "ก", "unit": "ชุด", "baseline": "", "target": ""}]},
        "budget": {"rows": [PART_ROW, PART_ROW | {"item": ""}], "unread": {"budget-1-q2": "ก"}},
    },
    "gamma": {
        "links": {"rows": []},
        "indicators": {"rows": []},
        "budget": {"rows": [PART_ROW | {"agency": "gamma", "q1": "1.00"}]},
    },
}
FACTS = facts_from_draft(
    DRAFT,
    fiscal_year=2570,
    number="2570-0001",
    origin="synthetic",
    lead=ALPHA,
    directory=DIRECTORY,
    attachments=(),
    parts=PARTS,
)

# place in the whole proposal -> (agency, place, how the text begins in Thai and English)
AT_HOME = {
    "budget-2-unit": ("", "budget-2-unit", "รายการที่ 2:", "Line 2:"),
    "budget-3-q2": ("beta", "budget-1-q2", "ยังอ่าน “ก” ไม่ได้", "“ก” cannot be read"),
    "budget-4-item": ("beta", "budget-2-item", "รายการที่ 2:", "Line 2:"),
    "budget-5-q1": ("gamma", "budget-1-q1", "รายการที่ 1:", "Line 1:"),
    "indicators-2-target": ("beta", "indicators-1-target", "ตัวชี้วัดที่ 1:", "Indicator 1:"),
    "integration-3-channel": ("beta", "links-2-channel", "การเชื่อมโยงที่ 2:", "Link 2:"),
}


@pytest.mark.parametrize("place", AT_HOME)
def test_each_problem_is_told_at_home(place: str) -> None:
    problem = next(p for p in list_obstacles(DRAFT, PARTS, FACTS, PLAN, LIMITS) if p.place == place)
    agency, told = at_home(problem, DRAFT, PARTS)
    owner, own_place, th, en = AT_HOME[place]
    assert (agency, told.place) == (owner, own_place)
    assert told.text.th.startswith(th)
    assert told.text.en.startswith(en)
    assert told.section == own_place.split("-")[0]


def test_these_are_all_there_are() -> None:
    assert {p.place for p in list_obstacles(DRAFT, PARTS, FACTS, PLAN, LIMITS)} == set(AT_HOME)
