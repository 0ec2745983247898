"""Events become letters: once for each person told, in the person's language, saying no more than they may know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.calls.models import CallExtension
from app.identity.actions import disable_person, invite_person
from app.identity.facts import SYSTEM, Membership, Role
from app.identity.models import User
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.notices.actions import SEND, hear, set_preferences
from app.notices.facts import Event, Kind
from app.notices.models import Mail, UnwantedMail
from app.notices.news import READERS
from app.notices.plan_news import PLAN_READERS
from app.notices.queries import get_unwanted
from app.notices.report_news import REPORT_READERS
from app.notices.review_news import REVIEW_READERS
from app.proposals.models import LinkRequest, Participation, Proposal, ProposalQuestion, ProposalReturn
from tests.notices.scene import (
    SITE,
    add,
    change,
    extension,
    hear_at,
    latest_submission,
    link_request,
    mails,
    participation,
    promised,
    proposal_return,
    question,
    take_part,
    title_of,
)
from tests.world import NOW, World, complete_draft, file_proposal, write_draft

ALPHA_OFFICERS = {"officer", "reviewer_alpha"}
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def draft(app: Flask, world: World) -> int:
    return write_draft(world, complete_draft())


@pytest.fixture
def filed(app: Flask, world: World) -> int:
    return file_proposal(world)


def told(world: World, event: str, promise: int = 1, **ids: Any) -> dict[str, Mail]:
    return hear_at(world, LATER, event, promise, **ids)


def test_an_invitation_reaches_officers_of_the_agency_invited(world: World, draft: int) -> None:
    add(participation(world, draft, "beta"))
    letters = told(world, "invited", proposal=draft, agency=world.agencies["beta"])
    assert set(letters) == {"officer_beta"}
    mail = letters["officer_beta"]
    assert (mail.kind, mail.state, mail.language) == ("taking_part", "waiting", "th")
    assert mail.address == World.email("officer_beta")
    assert "กรมอัลฟา เชิญกรมเบตา" in mail.body
    assert f"https://dgi.example/agency/proposals/{draft}" in mail.body
    assert "26 พ.ย. 2568 24:00 น." in mail.body  # the call closes at midnight
    assert title_of(draft) not in mail.body  # not among the proposal's agencies yet


def test_an_invited_agency_of_the_proposal_reads_its_title(world: World, draft: int) -> None:
    add(participation(world, draft, "beta"))
    take_part(world, draft, "beta")
    letters = told(world, "invited", proposal=draft, agency=world.agencies["beta"])
    assert title_of(draft) in letters["officer_beta"].body
    assert title_of(draft) not in letters["officer_beta"].subject


@pytest.mark.parametrize(
    ("state", "words"), [("joined", "ตอบรับเข้าร่วมโครงการ"), ("declined", "ไม่เข้าร่วมโครงการ")]
)
def test_the_answer_reaches_the_lead(world: World, draft: int, state: str, words: str) -> None:
    add(participation(world, draft, "beta", state))
    letters = told(world, "invitation_answered", proposal=draft, agency=world.agencies["beta"])
    assert set(letters) == ALPHA_OFFICERS
    assert f"กรมเบตา {words}" in letters["officer"].subject


def test_a_part_confirmed_reaches_the_lead(world: World, draft: int) -> None:
    row = participation(world, draft, "beta", "joined")
    row.confirmed_sha256, row.confirmed_at = "b" * 64, NOW
    add(row)
    letters = told(world, "part_confirmed", proposal=draft, agency=world.agencies["beta"])
    assert set(letters) == ALPHA_OFFICERS


def test_a_link_is_asked_of_the_partner_and_answered_to_who_claims_it(world: World, draft: int) -> None:
    request = add(link_request(world, draft, "beta", '{"agency":"alpha"}'))
    asked = told(world, "link_asked", request=request)
    assert set(asked) == {"officer_beta"}
    assert "กรมอัลฟา ระบุ" in asked["officer_beta"].body
    assert "https://dgi.example/agency/links" in asked["officer_beta"].body
    change(LinkRequest, request, state="declined", answered_at=NOW)
    answered = told(world, "link_answered", request=request)
    assert set(answered) == ALPHA_OFFICERS
    assert "กรมเบตา ไม่ยืนยันการเชื่อมโยง" in answered["officer"].subject


@pytest.mark.parametrize("content", ["{}", '{"agency":"nobody"}', '{"agency":"alpha"}'])
def test_a_claim_without_an_agency_is_the_leads(world: World, draft: int, content: str) -> None:
    request = add(link_request(world, draft, "beta", content, "confirmed"))
    assert set(told(world, "link_answered", request=request)) == ALPHA_OFFICERS


def test_a_participants_claim_is_answered_to_the_participant(world: World, draft: int) -> None:
    request = add(link_request(world, draft, "gamma", '{"agency":"beta"}', "confirmed"))
    assert set(told(world, "link_answered", request=request)) == {"officer_beta"}


def test_signatures(world: World, draft: int) -> None:
    alpha, beta = world.agencies["alpha"], world.agencies["beta"]
    wanted = told(world, "signature_wanted", proposal=draft, agency=alpha, scope="filing")
    assert set(wanted) == {"certifier"}
    assert "(ทั้งฉบับ)" in wanted["certifier"].body
    signed = told(world, "signed", 2, proposal=draft, agency=beta, scope="part")
    assert set(signed) == {*ALPHA_OFFICERS, "officer_beta"}
    assert "(ส่วนของกรมเบตา)" in signed["officer"].body


def test_a_filing_reaches_everybody_of_its_agencies_with_the_receipt(world: World, filed: int) -> None:
    take_part(world, filed, "beta")
    filing = latest_submission(filed)
    letters = told(world, "filed", submission=filing.id)
    assert set(letters) == {*ALPHA_OFFICERS, "certifier", "officer_beta"}
    assert filing.receipt_number in letters["certifier"].subject
    assert "20 พ.ย. 2568 10:00 น." in letters["certifier"].body
    assert "1,000,001" not in letters["certifier"].body  # no amounts
    withdrawn = told(world, "withdrawn", 2, proposal=filed)
    assert set(withdrawn) == set(letters)


def test_a_return_reaches_the_agencies_and_its_answer_the_secretariat(world: World, filed: int) -> None:
    take_part(world, filed, "beta")
    due = NOW + timedelta(days=5, hours=6, minutes=30)
    row = add(proposal_return(filed, due))
    letters = told(world, "returned", **{"return": row})
    assert set(letters) == {*ALPHA_OFFICERS, "certifier", "officer_beta"}
    assert "25 พ.ย. 2568 16:30 น." in letters["officer"].subject
    change(ProposalReturn, row, state="answered", ended_at=NOW)
    again = told(world, "refiled", 2, **{"return": row})
    assert set(again) == {"secretariat"}
    assert f"https://dgi.example/secretariat/proposals/{filed}" in again["secretariat"].body
    assert title_of(filed) in again["secretariat"].body


def test_a_return_called_back_is_told_to_who_was_asked(world: World, filed: int) -> None:
    row = add(proposal_return(filed, NOW + timedelta(days=5)))
    assert told(world, "recalled", **{"return": row}) == {}
    change(ProposalReturn, row, state="closed", ended_at=NOW)
    assert set(told(world, "recalled", **{"return": row})) == {*ALPHA_OFFICERS, "certifier"}


def test_a_reviewers_question_reaches_the_secretariat_without_its_words(world: World, filed: int) -> None:
    letters = told(world, "question_asked", question=add(question(filed)))
    assert set(letters) == {"secretariat"}
    assert "ถามลับ" not in letters["secretariat"].body


def test_an_extension_for_one_agency(world: World, draft: int) -> None:
    letters = told(world, "extended", extension=add(extension(world, 2, "beta")))
    assert set(letters) == {"officer_beta"}
    assert "28 พ.ย. 2568 24:00 น." in letters["officer_beta"].subject
    assert "ให้กรมเบตา" in letters["officer_beta"].body
    assert "น้ำท่วม" in letters["officer_beta"].body


def test_an_extension_for_all_reaches_the_agencies_with_a_proposal_in_the_call(
    world: World, draft: int
) -> None:
    letters = told(world, "extended", extension=add(extension(world, 2)))
    assert set(letters) == {*ALPHA_OFFICERS, "certifier"}
    assert "ให้ทุกหน่วยงาน" in letters["officer"].body


def test_an_agency_that_was_given_longer_is_not_told_of_less(world: World, draft: int) -> None:
    add(extension(world, 5, "alpha"))
    assert told(world, "extended", extension=add(extension(world, 2))) == {}


def test_an_extension_taken_back_is_told_with_the_moment_that_now_holds(world: World, draft: int) -> None:
    row = add(extension(world, 5))
    assert told(world, "extension_ended", extension=row) == {}
    add(extension(world, 2, "alpha"))
    change(CallExtension, row, ended_at=NOW)
    mail = told(world, "extension_ended", extension=row)["officer"]
    assert "1 ธ.ค. 2568 24:00 น." in mail.subject  # what was given
    assert "ภายใน: 28 พ.ย. 2568 24:00 น." in mail.body  # the agency's own, which stays


def test_an_extension_taken_back_is_nothing_to_who_has_longer(world: World, draft: int) -> None:
    add(extension(world, 7, "alpha"))
    row = add(extension(world, 5))
    change(CallExtension, row, ended_at=NOW)
    assert told(world, "extension_ended", extension=row) == {}


def test_what_is_no_longer_so_is_not_told(world: World, draft: int, filed: int) -> None:
    beta = world.agencies["beta"]
    joined = add(participation(world, draft, "beta", "joined"))
    assert told(world, "invited", proposal=draft, agency=beta) == {}
    assert told(world, "part_confirmed", proposal=draft, agency=beta) == {}
    change(Participation, joined, state="invited", answered_at=None)
    assert told(world, "invitation_answered", proposal=draft, agency=beta) == {}
    assert told(world, "invited", proposal=draft, agency=world.agencies["gamma"]) == {}
    request = add(link_request(world, draft, "beta", "{}", "withdrawn"))
    assert told(world, "link_asked", request=request) == {}
    assert told(world, "link_answered", request=request) == {}
    row = add(proposal_return(filed, NOW + timedelta(days=5)))
    assert told(world, "refiled", **{"return": row}) == {}
    change(ProposalReturn, row, state="closed", ended_at=NOW)
    assert told(world, "returned", **{"return": row}) == {}
    dropped = add(question(filed, dropped_at=NOW))
    assert told(world, "question_asked", question=dropped) == {}
    change(ProposalQuestion, dropped, dropped_at=None, return_id=row)
    assert told(world, "question_asked", question=dropped) == {}
    ended = add(extension(world, 2, "beta"))
    change(CallExtension, ended, ended_at=NOW)
    assert told(world, "extended", extension=ended) == {}
    for event, key in (
        ("link_asked", "request"),
        ("filed", "submission"),
        ("returned", "return"),
        ("question_asked", "question"),
        ("extended", "extension"),
        ("withdrawn", "proposal"),
    ):
        assert told(world, event, **{key: 999_999}) == {}
    assert mails() == []


def test_every_event_but_the_reminders_is_heard() -> None:
    unasked = {
        Event.DRAFTS_DUE,
        Event.RETURN_DUE,
        Event.REVIEWS_DUE,
        Event.REVIEWS_WANTED,
        Event.REPORTS_DUE,
        Event.REPORTS_LATE,
        Event.REPORTS_WANTED,
    }
    heard = [*READERS, *REVIEW_READERS, *REPORT_READERS, *PLAN_READERS]
    assert set(heard) == set(Event) - unasked
    assert len(heard) == len(set(heard))


@pytest.mark.parametrize("event", ["nothing", "drafts_due"])
def test_an_event_nobody_knows_is_a_fault(app: Flask, event: str) -> None:
    with pytest.raises(ValueError, match=event), open_work(SYSTEM, NOW) as work:
        hear(work, {"event": event, "proposal": 1}, SITE)


def test_heard_twice_is_written_once_and_promised_once(world: World, draft: int) -> None:
    alpha = world.agencies["alpha"]
    ids = {"proposal": draft, "agency": alpha, "scope": "filing"}
    (first,) = told(world, "signature_wanted", 7, **ids).values()
    assert told(world, "signature_wanted", 7, **ids) == {}
    assert [p["mail"] for p in promised(SEND)] == [first.id]
    # asked for anew after a change: another promise, another letter
    assert set(told(world, "signature_wanted", 8, **ids)) == {"certifier"}


def test_each_person_reads_their_own_language(world: World, draft: int) -> None:
    change(User, world.users["officer"], language="en")
    add(participation(world, draft, "beta", "joined"))
    letters = told(world, "invitation_answered", proposal=draft, agency=world.agencies["beta"])
    assert letters["officer"].language == "en"
    assert "Department Beta takes part" in letters["officer"].subject
    assert "Dear Person officer," in letters["officer"].body
    assert "เรียน ผู้ใช้ reviewer_alpha" in letters["reviewer_alpha"].body


def test_only_who_can_sign_in_is_told(world: World, draft: int) -> None:
    admin, alpha = world.actor("admin"), world.agencies["alpha"]
    with open_work(admin, NOW) as work:
        disable_person(work, world.users["reviewer_alpha"])
        invite_person(work, "new@a.go.th", Text("ใหม่", "New"), [Membership(Role.OFFICER, alpha)])
    add(participation(world, draft, "beta", "joined"))
    letters = told(world, "invitation_answered", proposal=draft, agency=world.agencies["beta"])
    assert set(letters) == {"officer"}


def choose(world: World, name: str, *wanted: Kind) -> None:
    with open_work(world.actor(name), NOW) as work:
        set_preferences(work, wanted)


def test_what_is_switched_off_is_written_down_but_never_sent(world: World, draft: int) -> None:
    choose(world, "officer", *(k for k in Kind if k is not Kind.TAKING_PART))
    add(participation(world, draft, "beta", "joined"))
    letters = told(world, "invitation_answered", proposal=draft, agency=world.agencies["beta"])
    assert {name: mail.state for name, mail in letters.items()} == {
        "officer": "unwanted",
        "reviewer_alpha": "waiting",
    }
    assert [p["mail"] for p in promised(SEND)] == [letters["reviewer_alpha"].id]


def test_official_letters_are_sent_whatever_is_switched_off(world: World, filed: int) -> None:
    with open_work(SYSTEM, NOW) as work:  # as a row could only come in from outside
        for kind in Kind:
            work.session.add(UnwantedMail(user_id=world.users["officer"], kind=kind.value))
    letters = told(world, "filed", submission=latest_submission(filed).id)
    assert letters["officer"].state == "waiting"
    row = add(proposal_return(filed, NOW + timedelta(days=5)))
    assert told(world, "returned", **{"return": row})["officer"].state == "waiting"


def test_preferences_are_remembered_and_audited_once(app: Flask, world: World) -> None:
    choose(world, "officer", Kind.LINKS, Kind.SIGNING)
    off = {Kind.TAKING_PART, Kind.DEADLINE, Kind.REPORTING}
    assert get_unwanted(db.session(), world.actor("officer")) == off
    choose(world, "officer", Kind.LINKS, Kind.SIGNING)
    choose(world, "officer", *Kind)
    assert get_unwanted(db.session(), world.actor("officer")) == frozenset()
    assert get_unwanted(db.session(), world.actor("certifier")) == frozenset()
    changes = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "choose_mail")
    assert db.session.scalar(changes) == 2


def test_a_role_switches_off_only_what_it_would_be_told(app: Flask, world: World) -> None:
    choose(world, "secretariat")
    choose(world, "certifier")
    assert get_unwanted(db.session(), world.actor("secretariat")) == {
        Kind.DISCUSSION,
        Kind.REPORTING,
    }
    assert get_unwanted(db.session(), world.actor("certifier")) == {
        Kind.TAKING_PART,
        Kind.SIGNING,
        Kind.DEADLINE,
        Kind.REPORTING,
    }


def test_a_closed_call_gives_no_time_to_do_it_by(world: World, draft: int) -> None:
    letters = hear_at(
        world,
        NOW + timedelta(days=30),
        "signature_wanted",
        proposal=draft,
        agency=world.agencies["alpha"],
        scope="filing",
    )
    assert "ภายใน:" not in letters["certifier"].body


def test_the_number_of_the_proposal_is_in_every_subject(world: World, filed: int) -> None:
    number = db.session.scalar(select(Proposal.number).where(Proposal.id == filed))
    told(world, "filed", submission=latest_submission(filed).id)
    told(world, "withdrawn", 2, proposal=filed)
    told(world, "question_asked", 3, question=add(question(filed)))
    assert len(mails()) == 7
    assert all(mail.subject.startswith(str(number)) for mail in mails())
