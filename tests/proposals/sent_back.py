"""Filings asked about, returned, answered and filed again: the steps the tests of returns take."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.outbox import OutboxRow
from app.kernel.work import open_work
from app.proposals.actions import (
    GivenAnswer,
    answer_questions,
    ask_question,
    edit_question,
    extend_return,
    recall_return,
    return_proposal,
    save_section,
    submit_proposal,
)
from app.proposals.models import Proposal, Submission
from app.proposals.queries import (
    get_draft,
)
from app.proposals.returns import mark_of
from app.screening.actions import screen_proposal
from tests.world import NOW, World

LATER = NOW + timedelta(hours=1)
DUE = NOW + timedelta(days=3)


def ask(
    world: World, proposal_id: int, text: str = "ขอรายละเอียดเพิ่ม", *, by: str = "secretariat", **more: Any
) -> int:
    assigned = frozenset({world.users["reviewer_bb"]})
    with open_work(world.actor(by), NOW) as work:
        return ask_question(work, proposal_id, more.get("section", "budget"), text, assigned).id


def edit(world: World, question: int, by: str) -> None:
    with open_work(world.actor(by), NOW) as work:
        edit_question(work, question, "budget", "ถ้อยคำใหม่", mark_of("ขอรายละเอียดเพิ่ม"))


def send_back(
    world: World,
    proposal_id: int,
    *questions: int,
    due: datetime | None = DUE,
    at: datetime = NOW,
    sections: tuple[str, ...] = (),
    message: str = "",
    by: str = "secretariat",
) -> int:
    with open_work(world.actor(by), at) as work:
        return return_proposal(
            work, proposal_id, due_at=due, sections=sections, message=message, question_ids=questions
        ).id


def answer(world: World, proposal_id: int, question: int, text: str, **how: Any) -> int:
    given = GivenAnswer(text, how.get("seen", mark_of("")))
    with open_work(world.actor(how.get("by", "officer")), how.get("at", LATER)) as work:
        return answer_questions(work, proposal_id, {question: given})


def extend(world: World, proposal_id: int, by: str, due: datetime = DUE + timedelta(days=1)) -> None:
    with open_work(world.actor(by), NOW) as work:
        extend_return(work, proposal_id, due)


def recall(world: World, proposal_id: int, by: str = "secretariat", at: datetime = LATER) -> None:
    with open_work(world.actor(by), at) as work:
        recall_return(work, proposal_id, "ส่งคืนผิดฉบับ")


def refile(world: World, proposal_id: int, at: datetime = LATER, key: str = "again") -> Submission:
    with open_work(world.actor("officer"), at) as work:
        submission = submit_proposal(work, proposal_id, key)
        screen_proposal(work, proposal_id)
    return submission


def save(world: World, proposal_id: int, section: str, value: Any, at: datetime = LATER) -> None:
    view = get_draft(db.session(), world.actor("officer"), proposal_id)
    with open_work(world.actor("officer"), at) as work:
        save_section(work, proposal_id, section, value, view.section_versions[section])


def state(proposal_id: int) -> str:
    return db.session().get_one(Proposal, proposal_id).state


def told(event: str) -> list[dict[str, Any]]:
    payloads = db.session.scalars(select(OutboxRow.payload).where(OutboxRow.topic == "notify"))
    return [p for p in map(json.loads, payloads) if p["event"] == event]


def places(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.place for problem in refusal.value.problems]
