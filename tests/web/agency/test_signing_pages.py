"""The page of the signature: what changed since, the whole text, one hash, signing and filing in one step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.actions import save_section, sign_proposal
from app.proposals.freezing import claims_sha256
from app.proposals.models import Certification, Proposal, Submission
from app.proposals.queries import read_draft
from tests.conftest import FixedClock
from tests.proposals.consortium import (
    PART_ROW,
    begin,
    certify,
    confirm,
    facts_of,
    gather,
    invite,
    join,
    part_of,
    return_for_revision,
    sign,
    sign_for_part,
    told,
    write_part,
)
from tests.web.agency.paper import hidden
from tests.web.desks import browser, text_of
from tests.world import NOW, World, complete_draft, write_draft

CLOSES = NOW + timedelta(days=6, hours=14)


@pytest.fixture
def here(app: Flask, world: World) -> World:
    certify()
    return gather(world)


def home_of(proposal_id: int) -> str:
    return f"/agency/proposals/{proposal_id}"


def rewrite(world: World, proposal_id: int, outputs: str) -> None:
    version = read_draft(db.session(), proposal_id).section_versions["rationale"]
    value = complete_draft()["rationale"] | {"outputs": outputs}
    with open_work(world.actor("officer"), NOW) as work:
        save_section(work, proposal_id, "rationale", value, version)


def ready(world: World) -> int:
    """A proposal of two agencies that waits for the lead's signature only."""
    proposal_id = begin(world)
    join(world, proposal_id)
    confirm(world, proposal_id)
    sign_for_part(world, proposal_id)
    return proposal_id


def state_of(proposal_id: int) -> str:
    return db.session.scalars(select(Proposal.state).where(Proposal.id == proposal_id)).one()


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_signing_and_filing_in_one_step(app: Flask, here: World) -> None:
    proposal_id = ready(here)
    certifier, address = browser(app, "certifier"), home_of(proposal_id)
    page = text_of(certifier.get(f"{address}/sign"))
    for words in (
        "ท่านยังไม่เคยแจ้งว่าอ่านฉบับนี้",
        "หากยื่นตามนี้ ข้อเสนอจะผ่านการกลั่นกรองอัตโนมัติ",
        "1,002,501.50",
        "หนึ่งล้านสองพันห้าร้อยเอ็ดบาทห้าสิบสตางค์",
        claims_sha256(facts_of(proposal_id)),
        "ลงนามและยื่นข้อเสนอ",
        PART_ROW["item"],
    ):
        assert words in page, words
    sent = {name: hidden(page, name) for name in ("sha256", "key")}
    answer = certifier.post(f"{address}/sign", data=sent | {"go": "file"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}/receipt")
    receipt = text_of(browser(app, "certifier", "en").get(f"{address}/receipt"))
    assert "Person certifier" in receipt
    assert "Person certifier_beta" in receipt
    assert receipt.count(sent["sha256"]) >= 2  # the filing's own, and the signed one: no partner has answered
    assert state_of(proposal_id) == "passed"
    # the second click, and the browser's old page
    for go in ("file", "sign"):
        again = certifier.post(f"{address}/sign", data=sent | {"go": go})
        target = f"{address}/receipt" if go == "file" else address
        assert (again.status_code, again.headers["Location"]) == (303, target)
    assert count(Submission) == 1
    assert certifier.get(f"{address}/sign").headers["Location"] == address


def test_signing_only_leaves_the_filing_to_the_officer(app: Flask, here: World) -> None:
    proposal_id = ready(here)
    certifier, officer, address = browser(app, "certifier"), browser(app, "officer"), home_of(proposal_id)
    waiting = text_of(officer.get(f"{address}/submit"))
    assert f'href="{address}/sign#sign-lead"' in waiting
    assert 'name="key"' not in waiting
    page = text_of(certifier.get(f"{address}/sign"))
    answer = certifier.post(f"{address}/sign", data={"sha256": hidden(page, "sha256"), "go": "sign"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}/sign")
    page = text_of(certifier.get(f"{address}/sign"))
    assert "ใช้ได้กับฉบับนี้" in page
    assert 'value="sign"' not in page
    submit = text_of(officer.get(f"{address}/submit"))
    assert officer.post(f"{address}/submit", data={"key": hidden(submit, "key")}).status_code == 303
    assert state_of(proposal_id) == "passed"


def test_what_changed_after_the_page_was_opened_is_not_signed(app: Flask, here: World) -> None:
    proposal_id = ready(here)
    certifier, address = browser(app, "certifier"), home_of(proposal_id)
    page = text_of(certifier.get(f"{address}/sign"))
    certifier.post(f"{address}/looked", data={"seen": hidden(page, "seen")})
    rewrite(here, proposal_id, "ผลผลิตที่เพิ่งแก้")
    for go in ("sign", "file"):
        answer = certifier.post(f"{address}/sign", data={"sha256": hidden(page, "sha256"), "go": go})
        shown = text_of(answer)
        assert answer.status_code == 409
        assert "ข้อความเปลี่ยนไปหลังจากที่ท่านเปิดหน้านี้" in shown
        assert "เปลี่ยน 1 แห่ง" in shown  # and it shows what
        assert hidden(shown, "sha256") == claims_sha256(facts_of(proposal_id))
    assert count(Submission) == 0
    assert state_of(proposal_id) == "draft"


def test_what_changed_since_the_last_look_is_marked(app: Flask, here: World) -> None:
    proposal_id = ready(here)
    certifier, address = browser(app, "certifier"), home_of(proposal_id)
    page = text_of(certifier.get(f"{address}/sign"))
    answer = certifier.post(f"{address}/looked", data={"seen": hidden(page, "seen")})
    assert answer.headers["Location"] == f"{address}/sign"
    assert "ไม่มีสิ่งใดเปลี่ยนตั้งแต่ท่านอ่าน" in text_of(certifier.get(f"{address}/sign"))
    rewrite(here, proposal_id, "ผลผลิตใหม่")
    write_part(here, proposal_id, "budget", [PART_ROW | {"item": "รายการที่แก้ชื่อ"}])
    page = text_of(certifier.get(f"{address}/sign"))
    assert "เปลี่ยน 2 แห่ง" in page
    since = page[page.index('aria-labelledby="since"') : page.index('aria-labelledby="whole"')]
    assert 'id="changed-rationale"' in since
    assert "<h3>ส่วนของ กรมเบตา</h3>" in since
    assert 'id="changed-budget"' in since
    # somebody else has not read it, whoever signs
    assert "ท่านยังไม่เคยแจ้งว่าอ่านฉบับนี้" in text_of(browser(app, "officer").get(f"{address}/sign"))


@pytest.mark.both_databases
def test_nobody_has_read_what_came_meanwhile(app: Flask, here: World) -> None:
    proposal_id = ready(here)
    certifier, address = browser(app, "certifier"), home_of(proposal_id)
    seen = hidden(text_of(certifier.get(f"{address}/sign")), "seen")
    rewrite(here, proposal_id, "ผลผลิตใหม่")
    answer = certifier.post(f"{address}/looked", data={"seen": seen})
    assert answer.status_code == 409
    assert "ท่านยังไม่เคยแจ้งว่าอ่านฉบับนี้" in text_of(answer)


def test_what_stands_in_the_way_is_listed_with_links(app: Flask, here: World) -> None:
    proposal_id = begin(here)
    invite(here, proposal_id)
    rewrite(here, proposal_id, "")
    certifier, address = browser(app, "certifier"), home_of(proposal_id)
    page = text_of(certifier.get(f"{address}/sign"))
    assert f'href="{address}/rationale#rationale-outputs"' in page
    assert f'href="{address}/partners#partners-beta"' in page
    assert 'value="sign"' not in page
    answer = certifier.post(
        f"{address}/sign", data={"sha256": claims_sha256(facts_of(proposal_id)), "go": "sign"}
    )
    assert answer.status_code == 422
    assert f'href="{address}/partners#partners-beta"' in text_of(answer)
    assert count(Certification) == 0


def test_the_outcome_of_screening_is_told_before_signing(app: Flask, here: World) -> None:
    draft = complete_draft()
    draft["integration"]["links"][0]["partner"] = "alpha"
    proposal_id = write_draft(here, draft)
    page = text_of(browser(app, "certifier").get(f"{home_of(proposal_id)}/sign"))
    assert "หากยื่นตามนี้จะไม่ผ่านการกลั่นกรอง" in page


# person -> (status of signing the whole, of signing beta's part)
MAY_SIGN = {
    "certifier": (303, 404),
    "certifier_beta": (404, 303),
    "officer": (403, 403),
    "officer_beta": (403, 403),
    "certifier_gamma": (404, 404),
    "secretariat": (403, 403),
    "reviewer_bb": (403, 403),
    "committee": (403, 403),
    "admin": (403, 403),
}


@pytest.mark.parametrize("person", MAY_SIGN)
def test_who_may_sign(app: Flask, here: World, person: str) -> None:
    proposal_id = ready(here)
    sender, address = browser(app, person), home_of(proposal_id)
    whole = {"sha256": claims_sha256(facts_of(proposal_id)), "go": "sign"}
    part = {"sha256": part_of(proposal_id).sha256, "go": "sign"}
    expected = MAY_SIGN[person]
    assert sender.post(f"{address}/sign", data=whole).status_code == expected[0]
    assert sender.post(f"{address}/parts/beta/sign", data=part).status_code == expected[1]


def test_officers_read_the_page_and_call_the_certifier(app: Flask, here: World) -> None:
    proposal_id = ready(here)
    officer, address = browser(app, "officer"), home_of(proposal_id)
    page = text_of(officer.get(f"{address}/sign"))
    assert 'value="sign"' not in page
    assert "แจ้งผู้รับรองให้ลงนาม" in page
    before = len(told("signature_wanted"))
    answer = officer.post(f"{address}/ask-signature")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}/sign")
    assert len(told("signature_wanted")) == before + 1
    assert browser(app, "officer_beta").post(f"{address}/ask-signature").status_code == 404
    write_part(here, proposal_id, "budget", [])
    answer = officer.post(f"{address}/ask-signature")
    assert answer.status_code == 422
    assert "partners#partners-beta" in text_of(answer)


def test_a_part_is_signed_by_itself(app: Flask, here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    certifier, address = browser(app, "certifier_beta"), f"{home_of(proposal_id)}/parts/beta"
    page = text_of(certifier.get(f"{address}/sign"))
    assert 'value="sign"' not in page  # not confirmed yet
    confirm(here, proposal_id)
    page = text_of(certifier.get(f"{address}/sign"))
    for words in ("2,500.50", "สองพันห้าร้อยบาทห้าสิบสตางค์", "ฐานข้อมูลทะเบียนราษฎร", "ชุดข้อมูลที่ส่ง"):
        assert words in page
    assert "1,000,001.00" not in page  # the lead's money is not in it
    sent = {"sha256": hidden(page, "sha256")}
    answer = certifier.post(f"{address}/sign", data=sent)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}/sign")
    page = text_of(certifier.get(f"{address}/sign"))
    assert "ลงนามส่วนนี้แล้ว" in page
    assert "ไม่มีสิ่งใดเปลี่ยนตั้งแต่ท่านอ่าน" in page  # who signs has read
    write_part(here, proposal_id, "indicators", [])
    assert certifier.post(f"{address}/sign", data=sent).status_code == 409
    page = text_of(certifier.get(f"{address}/sign"))
    assert "ของข้อความเดิม" in page
    assert "เปลี่ยน 1 แห่ง" in page
    unconfirmed = certifier.post(f"{address}/sign", data={"sha256": part_of(proposal_id).sha256})
    assert unconfirmed.status_code == 422
    assert "ยังไม่ยืนยันว่าส่วนนี้ครบถ้วน" in text_of(unconfirmed)


def test_a_part_that_has_not_joined_has_nothing_to_sign(app: Flask, here: World) -> None:
    proposal_id = begin(here)
    invite(here, proposal_id)
    address = f"{home_of(proposal_id)}/parts/beta"
    answer = browser(app, "certifier_beta").get(f"{address}/sign")
    assert (answer.status_code, answer.headers["Location"]) == (302, address)


def test_reading_a_part_is_noted_from_its_own_page(app: Flask, here: World) -> None:
    proposal_id = begin(here)
    join(here, proposal_id)
    certifier, address = browser(app, "certifier_beta"), home_of(proposal_id)
    seen = hidden(text_of(certifier.get(f"{address}/parts/beta/sign")), "seen")
    answer = certifier.post(f"{address}/looked", data={"seen": seen, "part": "beta"})
    assert answer.headers["Location"] == f"{address}/parts/beta/sign"
    assert "ไม่มีสิ่งใดเปลี่ยน" in text_of(certifier.get(f"{address}/parts/beta/sign"))
    assert certifier.post(f"{address}/looked", data={"seen": seen, "part": "x"}).status_code == 303


def test_after_the_window_it_can_be_signed_and_not_filed(app: Flask, here: World, clock: FixedClock) -> None:
    proposal_id = ready(here)
    clock.moment = CLOSES
    certifier, address = browser(app, "certifier"), home_of(proposal_id)
    page = text_of(certifier.get(f"{address}/sign"))
    assert "ลงนามและยื่นข้อเสนอ" not in page
    sent = {"sha256": hidden(page, "sha256"), "key": "k", "go": "file"}
    answer = certifier.post(f"{address}/sign", data=sent)
    assert answer.status_code == 422
    assert "อยู่นอกช่วงเปิดรับ" in text_of(answer)
    assert (state_of(proposal_id), [s for s in told("signed") if s["scope"] == "filing"]) == ("draft", [])
    assert certifier.post(f"{address}/sign", data=sent | {"go": "sign"}).status_code == 303


def test_calls_that_ask_for_no_signatures_file_as_before(app: Flask, here: World) -> None:
    certify(False)
    proposal_id = begin(here)
    officer, address = browser(app, "officer"), home_of(proposal_id)
    page = text_of(officer.get(f"{address}/submit"))
    assert officer.post(f"{address}/submit", data={"key": hidden(page, "key")}).status_code == 303
    assert "ผู้ลงนามรับรอง" not in text_of(officer.get(f"{address}/receipt"))


def test_a_returned_proposal_is_signed_and_filed_again(app: Flask, here: World) -> None:
    proposal_id = ready(here)
    sign(here, proposal_id)
    officer, certifier, address = browser(app, "officer"), browser(app, "certifier"), home_of(proposal_id)
    page = text_of(officer.get(f"{address}/submit"))
    officer.post(f"{address}/submit", data={"key": hidden(page, "key")})
    return_for_revision(here, proposal_id, "rationale", due_at=NOW + timedelta(days=2))
    rewrite(here, proposal_id, "ผลผลิตที่แก้ไข")
    page = text_of(certifier.get(f"{address}/sign"))
    sent = {name: hidden(page, name) for name in ("sha256", "key")}
    answer = certifier.post(f"{address}/sign", data=sent | {"go": "file"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}/receipt")
    assert count(Submission) == 2


@pytest.mark.both_databases
def test_signing_twice_from_two_windows_is_one_signature(app: Flask, here: World) -> None:
    proposal_id = ready(here)
    certifier, address = browser(app, "certifier"), home_of(proposal_id)
    sha256 = hidden(text_of(certifier.get(f"{address}/sign")), "sha256")
    with open_work(here.actor("certifier"), NOW) as work:
        sign_proposal(work, proposal_id, sha256)
    assert certifier.post(f"{address}/sign", data={"sha256": sha256, "go": "sign"}).status_code == 303
    assert len([s for s in told("signed") if s["scope"] == "filing"]) == 1


def test_a_complete_draft_leads_its_officer_to_the_certifier_until_it_is_signed(
    app: Flask, here: World
) -> None:
    proposal_id = ready(here)
    leads = f'href="{home_of(proposal_id)}/sign#sign-lead"'
    assert leads in text_of(browser(app, "officer").get(home_of(proposal_id)))
    sign(here, proposal_id)
    assert leads not in text_of(browser(app, "officer").get(home_of(proposal_id)))
