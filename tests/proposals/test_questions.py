"""Questions and answers: who may ask, mend, send and answer, who learns what, and nobody overwrites another."""

from __future__ import annotations

import json

import pytest
from flask import Flask
from sqlalchemy import select

from app.identity.facts import NOBODY, Actor
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused, Stale
from app.kernel.work import open_work
from app.proposals.actions import (
    answer_invitation,
    drop_question,
    invite_participants,
    submit_proposal,
    withdraw_proposal,
)
from app.proposals.models import ProposalQuestion
from app.proposals.queries import (
    find_open_return,
    list_own_questions,
    list_pending,
    list_returns,
)
from app.proposals.returns import mark_of
from app.screening.actions import screen_proposal
from tests.proposals.sent_back import (
    LATER,
    answer,
    ask,
    edit,
    places,
    refile,
    send_back,
    told,
)
from tests.world import NOW, World, complete_draft, file_proposal, write_draft

ANSWERERS = {"officer": None, "officer_beta": NotFound, "reviewer_alpha": None}


def test_a_reviewers_question_waits_and_its_name_stays_inside(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    question = ask(world, proposal_id, by="reviewer_bb")
    assert told("question_asked") == [{"event": "question_asked", "question": question}]
    session, officer = db.session(), world.actor("officer")
    assert list_returns(session, officer, proposal_id) == []
    assert find_open_return(session, proposal_id) is None
    (pending,) = list_pending(session, world.actor("secretariat"), proposal_id)
    assert pending.asker.en == "Person reviewer_bb (reviewer)"
    send_back(world, proposal_id, question)
    for seen in (
        list_returns(session, officer, proposal_id)[0].questions[0],
        list_returns(session, world.actor("committee"), proposal_id)[0].questions[0],
        find_open_return(session, proposal_id).questions[0],  # type: ignore[union-attr]
    ):
        assert (seen.asker.en, seen.text) == ("A reviewer", "ขอรายละเอียดเพิ่ม")
    assert list_pending(session, world.actor("secretariat"), proposal_id) == ()


def test_the_secretariats_own_question_tells_nobody(app: Flask, world: World) -> None:
    ask(world, file_proposal(world))
    assert told("question_asked") == []


@pytest.mark.parametrize(
    ("section", "text", "place"),
    [("", "ถาม", "question-section"), ("other", "ถาม", "question-section"), ("budget", "", "question-text"),
     ("budget", "ก" * 2001, "question-text")],
)  # fmt: skip
def test_a_question_needs_a_section_and_words(
    app: Flask, world: World, section: str, text: str, place: str
) -> None:
    proposal_id = file_proposal(world)
    with pytest.raises(Refused) as refusal:
        ask(world, proposal_id, text, section=section)
    assert places(refusal) == [place]


def test_a_question_is_mended_or_dropped_only_before_it_is_sent(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    first, second = ask(world, proposal_id, by="reviewer_bb"), ask(world, proposal_id, by="reviewer_bb")
    edit(world, first, "secretariat")
    with pytest.raises(Stale):
        edit(world, first, "secretariat")  # the form was opened before the first change
    with open_work(world.actor("secretariat"), NOW) as work:
        drop_question(work, second)
    send_back(world, proposal_id, first)
    for question in (first, second):
        with open_work(world.actor("secretariat"), NOW) as work, pytest.raises(Refused):
            drop_question(work, question)
    own = list_own_questions(db.session(), world.actor("reviewer_bb"), proposal_id)
    assert [(q.text, q.fate) for q in own] == [("ถ้อยคำใหม่", "sent"), ("ขอรายละเอียดเพิ่ม", "dropped")]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "edit_question")).one()
    assert json.loads(entry.detail)["was"] == "ขอรายละเอียดเพิ่ม"


@pytest.mark.parametrize(
    "name", ["officer", "officer_beta", "reviewer_alpha", "certifier", "reviewer_bb", "secretariat"]
)
def test_who_may_answer(app: Flask, world: World, name: str) -> None:
    proposal_id = file_proposal(world)
    question = ask(world, proposal_id)
    send_back(world, proposal_id, question)
    wrong = ANSWERERS.get(name, Forbidden)
    if wrong is None:
        assert answer(world, proposal_id, question, "ตอบ", by=name) == 1
        return
    with pytest.raises(wrong):
        answer(world, proposal_id, question, "ตอบ", by=name)


@pytest.mark.parametrize(
    ("section", "allowed"),
    [("names", False), ("plan", False), ("integration", True), ("rationale", False), ("indicators", True),
     ("budget", True), ("attachments", False)],
)  # fmt: skip
@pytest.mark.parametrize("joined", [True, False])
def test_a_participant_answers_for_its_own_part(
    app: Flask, world: World, section: str, allowed: bool, joined: bool
) -> None:
    proposal_id = write_draft(world, complete_draft(names={"participants": ["beta"]}))
    if joined:
        with open_work(world.actor("officer"), NOW) as work:
            invite_participants(work, proposal_id, ["beta"], "")
        with open_work(world.actor("officer_beta"), NOW) as work:
            answer_invitation(work, proposal_id, world.agencies["beta"], joins=True)
    with open_work(world.actor("officer"), NOW) as work:
        submit_proposal(work, proposal_id, "key")
        screen_proposal(work, proposal_id)
    question = ask(world, proposal_id, section=section)
    send_back(world, proposal_id, question)
    if allowed and joined:
        assert answer(world, proposal_id, question, "ตอบ", by="officer_beta") == 1
        return
    with pytest.raises(NotFound):
        answer(world, proposal_id, question, "ตอบ", by="officer_beta")


def test_two_officers_do_not_overwrite_each_others_answer(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    question = ask(world, proposal_id)
    send_back(world, proposal_id, question)
    assert answer(world, proposal_id, question, "ฉบับแรก") == 1
    with pytest.raises(Stale) as stale:
        answer(world, proposal_id, question, "ฉบับที่สอง", by="reviewer_alpha")
    assert places(stale) == [f"answer-{question}"]
    assert answer(world, proposal_id, question, "ฉบับแรก") == 0  # the same text again is no change
    assert answer(world, proposal_id, question, "ฉบับที่สอง", seen=mark_of("ฉบับแรก")) == 1
    assert answer(world, proposal_id, question, "", seen=mark_of("ฉบับที่สอง")) == 1
    found = find_open_return(db.session(), proposal_id)
    assert found is not None
    assert (found.answered, found.questions[0].answered_at) == (0, None)
    with pytest.raises(NotFound):
        answer(world, proposal_id, 999_999, "ตอบ")
    with pytest.raises(Refused):
        answer(world, proposal_id, question, "ก" * 6001)


def test_answers_are_the_agencys_until_it_has_filed_again(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    question = ask(world, proposal_id, by="reviewer_bb")
    send_back(world, proposal_id, question)
    answer(world, proposal_id, question, "คำตอบ")
    session, assigned = db.session(), frozenset({world.users["reviewer_bb"]})

    def seen_by(name: str) -> str:
        return list_returns(session, world.actor(name), proposal_id, assigned)[0].questions[0].answer

    readers = ("officer", "certifier", "secretariat", "committee", "reviewer_bb")
    assert [seen_by(name) for name in readers] == ["คำตอบ", "คำตอบ", "", "", ""]
    refile(world, proposal_id)
    assert [seen_by(name) for name in readers] == ["คำตอบ"] * 5
    own = list_own_questions(session, world.actor("reviewer_bb"), proposal_id)
    assert [(q.fate, q.answer) for q in own] == [("answered", "คำตอบ")]


@pytest.mark.parametrize("name", ["officer_beta", "reviewer_dga", "admin", "nobody"])
def test_others_find_no_returns(app: Flask, world: World, name: str) -> None:
    proposal_id = file_proposal(world)
    actor: Actor = NOBODY if name == "nobody" else world.actor(name)
    with pytest.raises((NotFound, Forbidden)):
        list_returns(db.session(), actor, proposal_id, frozenset({world.users["reviewer_bb"]}))


def test_a_withdrawn_filing_keeps_its_questions_out_of_sight(app: Flask, world: World) -> None:
    proposal_id = file_proposal(world)
    ask(world, proposal_id, by="reviewer_bb")
    with open_work(world.actor("officer"), LATER) as work:
        withdraw_proposal(work, proposal_id)
    session, secretariat = db.session(), world.actor("secretariat")
    with pytest.raises(NotFound):
        list_returns(session, secretariat, proposal_id)
    with open_work(world.actor("officer"), LATER) as work:
        submit_proposal(work, proposal_id, "second")
        screen_proposal(work, proposal_id)
    assert len(list_pending(session, secretariat, proposal_id)) == 1
    assert db.session.scalars(select(ProposalQuestion)).one().return_id is None
