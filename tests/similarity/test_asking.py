"""An officer asks what a draft resembles, and is answered out of sight."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.calls.queries import get_call
from app.identity.facts import SYSTEM
from app.kernel.db import db
from app.kernel.errors import DomainError, Forbidden, NotFound
from app.kernel.outbox import OutboxRow
from app.kernel.work import open_work
from app.proposals.actions import save_section, withdraw_proposal
from app.proposals.queries import agency_directory, draft_facts, read_draft
from app.similarity.actions import ask_comparison
from app.similarity.content import comparable_sha256
from app.similarity.queries import ComparedDraft, find_draft_overlaps
from app.similarity.texts import comparable_of
from tests.conftest import FixedClock
from tests.similarity.scene import ROADS, WATER, compare_all, draft_of, file
from tests.world import FISCAL_YEAR, NOW, World, write_draft


def ask(world: World, proposal_id: int, by: str = "officer", minutes: int = 0) -> None:
    with open_work(world.actor(by), NOW + timedelta(minutes=minutes)) as work:
        ask_comparison(work, proposal_id)


def answer(world: World, proposal_id: int) -> ComparedDraft:
    db.session.rollback()
    db.session.expire_all()
    found = find_draft_overlaps(db.session(), world.actor("officer"), proposal_id)
    assert found is not None
    return found


def promises() -> int:
    db.session.rollback()
    rows = db.session.scalars(select(OutboxRow.id).where(OutboxRow.topic == "compare_draft"))
    return len(rows.all())


def mark(proposal_id: int) -> str:
    session = db.session()
    view = read_draft(session, proposal_id)
    facts = draft_facts(session, view, get_call(session, FISCAL_YEAR), agency_directory(session))
    return comparable_sha256(comparable_of(facts, 0))


def test_a_draft_is_answered_with_what_it_resembles(app: Flask, world: World) -> None:
    file(world, WATER, "beta")
    own = file(world, WATER)
    file(world, ROADS)
    draft = write_draft(world, draft_of(WATER))
    assert find_draft_overlaps(db.session(), world.actor("officer"), draft) is None
    db.session.rollback()
    ask(world, draft)
    assert answer(world, draft).is_waiting
    db.session.rollback()
    compare_all(app)
    found = answer(world, draft)
    assert not found.is_waiting
    assert found.against == 3
    assert [one.proposal_id for one in found.found.seen] == [own]
    assert len(found.found.hidden) == 1
    assert found.sha256 == mark(draft)
    assert found.found.seen[0].comparison.score > 500


def test_a_changed_draft_is_told_from_the_one_compared(app: Flask, world: World) -> None:
    draft = write_draft(world, draft_of(WATER))
    ask(world, draft)
    compare_all(app)
    before = answer(world, draft).sha256
    assert before == mark(draft)
    db.session.rollback()
    with open_work(world.actor("officer"), NOW) as work:
        save_section(work, draft, "rationale", draft_of(ROADS)["rationale"], 2)
    assert mark(draft) != before


def test_an_empty_draft_resembles_nothing(app: Flask, world: World) -> None:
    file(world, WATER)
    draft = write_draft(world, {})
    ask(world, draft)
    compare_all(app)
    found = answer(world, draft)
    assert (found.found.seen, found.found.hidden, found.is_waiting) == ((), (), False)


def test_a_draft_does_not_resemble_what_it_was_filed_as_before(app: Flask, world: World) -> None:
    filed = file(world, WATER)
    compare_all(app)
    db.session.rollback()
    with open_work(world.actor("officer"), NOW) as work:
        withdraw_proposal(work, filed)
    ask(world, filed)
    compare_all(app)
    assert answer(world, filed).found.seen == ()


def test_asking_twice_is_one_question_until_it_was_lost(app: Flask, world: World) -> None:
    draft = write_draft(world, draft_of(WATER))
    ask(world, draft)
    ask(world, draft, minutes=9)
    assert promises() == 1
    ask(world, draft, minutes=10)
    assert promises() == 2


def test_asking_again_keeps_the_answer_until_the_next(app: Flask, world: World, clock: FixedClock) -> None:
    draft = write_draft(world, draft_of(WATER))
    file(world, WATER)
    ask(world, draft)
    compare_all(app)
    ask(world, draft, minutes=1)
    waiting = answer(world, draft)
    assert waiting.is_waiting
    assert len(waiting.found.seen) == 1
    db.session.rollback()
    clock.advance(minutes=2)
    compare_all(app)
    assert not answer(world, draft).is_waiting


@pytest.mark.parametrize(
    ("by", "error"),
    [
        ("officer", None),
        ("reviewer_alpha", None),
        ("certifier", Forbidden),
        ("officer_beta", NotFound),
        ("secretariat", Forbidden),
        ("committee", Forbidden),
        ("admin", Forbidden),
    ],
)
def test_only_officers_of_the_draft_ask(
    app: Flask, world: World, by: str, error: type[DomainError] | None
) -> None:
    draft = write_draft(world, draft_of(WATER))
    db.session.rollback()
    if error is None:
        ask(world, draft, by)
        assert promises() == 1
        return
    with pytest.raises(error):
        ask(world, draft, by)
    assert promises() == 0


def test_what_is_filed_is_no_draft(app: Flask, world: World) -> None:
    filed = file(world, WATER)
    db.session.rollback()
    with pytest.raises(NotFound):
        ask(world, filed)
    with pytest.raises(NotFound):
        ask(world, 12345)


def test_a_promise_for_a_draft_that_is_gone_is_kept_without_a_word(app: Flask, world: World) -> None:
    with open_work(SYSTEM, NOW) as work:
        work.promise("compare_draft", {"proposal": 12345})
        work.promise("compare_filing", {"submission": 12345})
    assert compare_all(app) == 2
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.topic.like("compare_%")))
    assert all(row.done_at is not None for row in rows)
