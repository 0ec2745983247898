"""Withdrawing through the page, filing again, and every filing with its receipt."""

from __future__ import annotations

import io
from datetime import timedelta

import pypdfium2
import pytest
from flask import Flask
from sqlalchemy import select

from app.kernel.db import db
from app.proposals.models import Proposal, Submission
from tests.conftest import FixedClock
from tests.proposals.consortium import gather, return_for_revision
from tests.web.agency.paper import hidden, save
from tests.web.desks import browser, text_of
from tests.world import NOW, World, complete_draft, file_proposal, write_draft

CLOSES = NOW + timedelta(days=6, hours=14)


@pytest.fixture
def here(app: Flask, world: World) -> World:
    return gather(world)


def home_of(proposal_id: int) -> str:
    return f"/agency/proposals/{proposal_id}"


def state_of(proposal_id: int) -> str:
    return db.session.scalars(select(Proposal.state).where(Proposal.id == proposal_id)).one()


def filings() -> list[Submission]:
    return list(db.session.scalars(select(Submission).order_by(Submission.sequence)))


def test_withdrawing_changing_and_filing_again(app: Flask, here: World, clock: FixedClock) -> None:
    proposal_id = file_proposal(here, complete_draft(names={"participants": ["beta"]}))
    officer, address = browser(app, "officer"), home_of(proposal_id)
    assert f'href="{address}/withdraw"' in text_of(officer.get(address))
    page = text_of(officer.get(f"{address}/withdraw"))
    assert "R2570-0001-1" in page
    assert "26 พ.ย. 2568 24:00:00 น." in page
    answer = officer.post(f"{address}/withdraw", data={"withdraw-reason": "แก้ไขผลผลิต"})
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    page = text_of(officer.get(address))
    assert "ถือว่ายังไม่ได้ยื่นจนกว่าจะยื่นอีกครั้ง" in page
    assert f'href="{address}/receipt?sequence=1"' in page
    assert "ซึ่งถอน" not in text_of(officer.get(f"{address}/receipt"))
    assert "ถอนกลับมาเป็นร่างแล้ว" in text_of(officer.get(f"{address}/receipt"))

    clock.advance(hours=1)
    save(officer, proposal_id, "rationale", complete_draft()["rationale"] | {"outputs": "ผลผลิตใหม่"})
    key = hidden(text_of(officer.get(f"{address}/submit")), "key")
    assert officer.post(f"{address}/submit", data={"key": key}).status_code == 303
    assert [f.receipt_number for f in filings()] == ["R2570-0001-1", "R2570-0001-2"]
    filed = text_of(officer.get(address))
    assert "ถอนโดย ผู้ใช้ officer: แก้ไขผลผลิต" in filed
    assert filed.index("R2570-0001-2") < filed.index("R2570-0001-1")


def test_the_receipt_of_an_earlier_filing_can_be_opened_and_printed(app: Flask, here: World) -> None:
    proposal_id = file_proposal(here)
    officer, address = browser(app, "officer"), home_of(proposal_id)
    officer.post(f"{address}/withdraw")
    key = hidden(text_of(officer.get(f"{address}/submit")), "key")
    officer.post(f"{address}/submit", data={"key": key})
    first, second = filings()
    latest = text_of(officer.get(f"{address}/receipt"))
    assert second.receipt_number in latest
    assert "มีการยื่นภายหลังใบรับนี้" not in latest
    assert f'href="{address}/receipt?sequence=1"' in latest
    earlier = text_of(officer.get(f"{address}/receipt?sequence=1"))
    assert "มีการยื่นภายหลังใบรับนี้" in earlier
    assert f"<strong>{first.receipt_number}</strong>" in earlier
    assert f'href="{address}/receipt.pdf?sequence=1"' in earlier
    paper = officer.get(f"{address}/receipt.pdf?sequence=1")
    words = pypdfium2.PdfDocument(io.BytesIO(paper.data))[0].get_textpage().get_text_range()
    assert first.receipt_number in words
    assert officer.get(f"{address}/receipt?sequence=3").status_code == 404
    assert "R2570-0001-2" in text_of(officer.get(f"{address}/receipt?sequence=x"))  # no number: the last one
    # what was filed again is there for the secretariat, with every filing before it
    assert first.receipt_number in text_of(browser(app, "secretariat").get(f"{address}/receipt"))


MAY: dict[str, int] = {
    "officer": 303,
    "certifier": 303,
    "officer_beta": 404,
    "certifier_beta": 404,
    "officer_gamma": 404,
    "secretariat": 403,
    "reviewer_bb": 403,
    "committee": 403,
    "admin": 403,
}


@pytest.mark.parametrize("person", MAY)
def test_who_may_withdraw(app: Flask, here: World, person: str) -> None:
    proposal_id = file_proposal(here, complete_draft(names={"participants": ["beta"]}))
    sender, address = browser(app, person), home_of(proposal_id)
    expected = MAY[person]
    assert sender.get(f"{address}/withdraw").status_code == (200 if expected == 303 else expected)
    assert sender.post(f"{address}/withdraw").status_code == expected
    assert state_of(proposal_id) == ("draft" if expected == 303 else "passed")
    if person in ("officer_beta", "certifier_beta"):
        assert f"{address}/withdraw" not in text_of(sender.get(address))


@pytest.mark.both_databases
def test_a_second_click_finds_it_withdrawn(app: Flask, here: World) -> None:
    proposal_id = file_proposal(here)
    officer, address = browser(app, "officer"), home_of(proposal_id)
    for _ in range(2):
        answer = officer.post(f"{address}/withdraw")
        assert (answer.status_code, answer.headers["Location"]) == (303, address)
    assert officer.get(f"{address}/withdraw").headers["Location"] == address


def test_a_reason_too_long_comes_back(app: Flask, here: World) -> None:
    proposal_id = file_proposal(here)
    address = f"{home_of(proposal_id)}/withdraw"
    answer = browser(app, "officer").post(address, data={"withdraw-reason": "ก" * 2001})
    assert answer.status_code == 422
    assert 'id="withdraw-reason-error"' in text_of(answer)
    assert "ก" * 2001 in text_of(answer)
    assert state_of(proposal_id) == "passed"


@pytest.mark.parametrize("how", ["window over", "decided", "returned"])
def test_when_it_cannot_be_withdrawn_the_page_says_why(
    app: Flask, here: World, clock: FixedClock, how: str
) -> None:
    proposal_id = file_proposal(here)
    if how == "window over":
        clock.moment = CLOSES
    elif how == "decided":
        db.session.get_one(Proposal, proposal_id).state = "approved"
        db.session.commit()
    else:
        return_for_revision(here, proposal_id, "rationale", due_at=NOW + timedelta(days=2))
    officer, address = browser(app, "officer"), home_of(proposal_id)
    assert f"{address}/withdraw" not in text_of(officer.get(address))
    page = text_of(officer.get(f"{address}/withdraw"))
    assert "ถอนไม่ได้" in page
    assert "btn-outline-danger" not in page
    before = state_of(proposal_id)
    answer = officer.post(f"{address}/withdraw")
    assert answer.status_code == 422
    assert state_of(proposal_id) == before


def test_a_draft_that_was_never_filed_has_nothing_to_withdraw(app: Flask, here: World) -> None:
    proposal_id = write_draft(here, complete_draft())
    officer, address = browser(app, "officer"), home_of(proposal_id)
    assert officer.get(f"{address}/withdraw").headers["Location"] == address
    assert officer.post(f"{address}/withdraw").status_code == 404
