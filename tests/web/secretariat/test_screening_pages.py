"""Findings, and the judgements of people beside them."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.kernel.db import db
from app.proposals.models import Proposal
from app.screening.models import ScreeningFinding, ScreeningOverride, ScreeningRun
from tests.web.desks import browser, file_one, text_of
from tests.world import FISCAL_YEAR, World, complete_draft, file_proposal

REASON = "ตรวจสอบแล้ว มูลนิธินี้ทำงานแทนหน่วยงานของรัฐตามกฎหมาย"


def _questioned(world: World) -> int:
    """A link with a partner nobody has registered: the rules cannot tell."""
    draft = complete_draft()
    draft["integration"]["links"][0] |= {"partner": "", "partner_other": "มูลนิธิข้อมูลเปิด"}
    return file_proposal(world, draft)


def _state(proposal_id: int) -> str:
    return db.session().scalars(select(Proposal.state).where(Proposal.id == proposal_id)).one()


def _findings(proposal_id: int) -> list[tuple[str, str, str]]:
    rows = db.session().execute(
        select(ScreeningFinding.rule, ScreeningFinding.outcome, ScreeningFinding.content)
        .join(ScreeningRun, ScreeningRun.id == ScreeningFinding.run_id)
        .where(ScreeningRun.proposal_id == proposal_id)
        .order_by(ScreeningFinding.id)
    )
    return [(rule, outcome, content) for rule, outcome, content in rows]


def _override(rule: str = "integration", outcome: str = "passes", reason: str = REASON) -> dict[str, str]:
    return {"override-rule": rule, "override-outcome": outcome, "override-reason": reason}


@pytest.mark.parametrize(
    ("outcome", "state"), [("passes", "passed"), ("needs_person", "questioned"), ("fails", "failed")]
)
def test_a_judgement_stands_beside_the_finding(app: Flask, world: World, outcome: str, state: str) -> None:
    proposal_id = _questioned(world)
    before = _findings(proposal_id)
    client = browser(app, "secretariat", "en")
    answer = client.post(f"/secretariat/proposals/{proposal_id}/override", data=_override(outcome=outcome))
    assert answer.status_code == 303
    assert _state(proposal_id) == state
    assert _findings(proposal_id) == before
    page = client.get(f"/secretariat/proposals/{proposal_id}").get_data(as_text=True)
    section = page[page.index('id="rule-integration"') :]
    section = section[: section.index("</section>")]
    assert "Needs a person" in section[: section.index("override")]  # the finding, as the rule left it
    assert REASON in section[section.index("override") :]
    assert f"Person {'secretariat'}" in section
    judged = {"passes": "Passes", "needs_person": "Needs a person", "fails": "Fails"}[outcome]
    assert judged in section[section.index("override") :]
    committee = browser(app, "committee", "en").get(f"/committee/proposals/{proposal_id}")
    assert REASON in text_of(committee)


def test_judgements_survive_another_run(app: Flask, world: World) -> None:
    proposal_id = _questioned(world)
    client = browser(app, "secretariat", "en")
    client.post(f"/secretariat/proposals/{proposal_id}/override", data=_override())
    for address in (
        f"/secretariat/proposals/{proposal_id}/screen",
        f"/secretariat/calls/{FISCAL_YEAR}/screen",
    ):
        assert client.post(address).status_code == 303
        assert _state(proposal_id) == "passed"
        assert REASON in text_of(client.get(f"/secretariat/proposals/{proposal_id}"))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (_override(reason=""), "Enter: The reason"),
        (_override(reason="สั้นไป"), "at least 10 characters"),
        (_override(reason="ย" * 4001), "too long"),
        (_override(rule=""), "Choose: The rule"),
        (_override(rule="form-1"), "not offered"),  # it only informs
        (_override(rule="nonsense"), "not offered"),
        (_override(outcome=""), "Choose: The judgement"),
        (_override(outcome="perhaps"), "not offered"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(
    app: Flask, world: World, form: dict[str, str], said: str
) -> None:
    proposal_id = _questioned(world)
    answer = browser(app, "secretariat", "en").post(
        f"/secretariat/proposals/{proposal_id}/override", data=form
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert said in page
    if form["override-reason"]:
        assert form["override-reason"] in page
    assert db.session().query(ScreeningOverride).count() == 0
    assert _state(proposal_id) == "questioned"


def test_nothing_is_judged_after_the_decision(app: Flask, world: World) -> None:
    proposal_id = file_one(world)
    committee = browser(app, "committee", "en")
    decided = committee.post(
        f"/committee/proposals/{proposal_id}",
        data={"decision-verdict": "rejected", "decision-reason": "ไม่เร่งด่วน", "decision-expected": "0"},
    )
    assert decided.status_code == 303
    client = browser(app, "secretariat", "en")
    refused = client.post(f"/secretariat/proposals/{proposal_id}/override", data=_override(outcome="fails"))
    assert refused.status_code == 422
    assert "The committee has decided" in text_of(refused)
    assert REASON in text_of(refused) or "Judge a rule" not in text_of(refused)
    assert client.post(f"/secretariat/proposals/{proposal_id}/screen").status_code == 422


@pytest.mark.parametrize("what", ["override", "screen", "assign"])
def test_unknown_proposals_are_not_found(app: Flask, world: World, what: str) -> None:
    client = browser(app, "secretariat")
    data = {**_override(), "reviewer": [str(world.users["reviewer_bb"])]}
    assert client.post(f"/secretariat/proposals/777777/{what}", data=data).status_code == 404


def test_a_draft_is_not_the_secretariats_to_see(app: Flask, world: World) -> None:
    from tests.world import write_draft

    proposal_id = write_draft(world, complete_draft(names={"title_en": "Still a draft"}))
    client = browser(app, "secretariat", "en")
    assert client.get(f"/secretariat/proposals/{proposal_id}").status_code == 404
    assert "Still a draft" not in text_of(client.get(f"/secretariat/calls/{FISCAL_YEAR}/proposals"))
