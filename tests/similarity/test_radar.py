"""From a filing to its pairs, whatever happens in between; what is kept stays true to the filings that count."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.identity.facts import SYSTEM
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound
from app.kernel.outbox import OutboxRow
from app.kernel.work import open_work
from app.proposals.actions import save_section, submit_proposal, withdraw_proposal
from app.proposals.models import Proposal
from app.proposals.queries import read_draft
from app.screening.actions import screen_proposal
from app.screening.models import ScreeningRun
from app.similarity import actions as similarity_actions
from app.similarity.actions import compare_call, compare_filing
from app.similarity.content import comparison_from_json
from app.similarity.models import ComparedFiling, OverlapPair
from app.similarity.queries import get_pair, list_pairs
from app.similarity.queries.radar import Radar
from app.similarity.rules import WORKING_THRESHOLD, method
from tests.conftest import FixedClock
from tests.proposals.earlier import LAST_YEAR, file_earlier
from tests.similarity.scene import ROADS, WATER, compare_all, draft_of, file, filing_of
from tests.world import FISCAL_YEAR, NOW, World, write_draft


def pairs() -> list[tuple[int, int]]:
    """(later, earlier) filings kept as pairs."""
    db.session.rollback()
    db.session.expire_all()
    rows = db.session.scalars(select(OverlapPair).order_by(OverlapPair.later_id, OverlapPair.earlier_id))
    return [(row.later_id, row.earlier_id) for row in rows]


def compared() -> dict[int, int]:
    """Filing -> with how many it was compared."""
    return {row.submission_id: row.against for row in db.session.scalars(select(ComparedFiling))}


def test_a_filing_is_compared_with_all_before_it(app: Flask, world: World) -> None:
    first, other, copy = file(world, WATER), file(world, ROADS), file(world, WATER, "beta")
    assert pairs() == []
    assert compare_all(app) == 3
    assert pairs() == [(filing_of(copy), filing_of(first))]
    assert set(compared()) == {filing_of(p) for p in (first, other, copy)}
    row = db.session.scalars(select(OverlapPair)).one()
    assert row.score >= WORKING_THRESHOLD
    assert row.method == method()
    pair = get_pair(db.session(), world.actor("secretariat"), row.id)
    assert (pair.later.proposal_id, pair.earlier.proposal_id) == (copy, first)
    assert pair.comparison.score == row.score
    assert pair.comparison.matches
    assert pair.comparison.reasons


def test_each_pair_is_found_whichever_is_compared_first(app: Flask, world: World) -> None:
    first, copy = file(world, WATER), file(world, WATER, "beta")
    radar = Radar()
    for proposal_id in (copy, first):
        with open_work(SYSTEM, NOW) as work:
            compare_filing(work, filing_of(proposal_id), radar)
    assert pairs() == [(filing_of(copy), filing_of(first))]


def test_comparing_again_changes_nothing(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    file(world, WATER)
    copy = file(world, WATER, "beta")
    compare_all(app)
    kept = [(r.id, r.score, r.content) for r in db.session.scalars(select(OverlapPair))]
    db.session.rollback()
    with open_work(SYSTEM, NOW) as work:
        work.promise("compare_filing", {"submission": filing_of(copy)})
    with open_work(SYSTEM, NOW) as work:
        assert compare_filing(work, filing_of(copy)) == ()
        assert compare_call(work, FISCAL_YEAR) == ()
    compare_all(app)
    assert [(r.id, r.score, r.content) for r in db.session.scalars(select(OverlapPair))] == kept
    # by another method it is done again, in the same rows
    monkeypatch.setattr(similarity_actions.comparing, "method", lambda: "another")
    monkeypatch.setattr("app.similarity.queries.radar.method", lambda: "another")
    db.session.rollback()
    with open_work(SYSTEM, NOW) as work:
        assert compare_filing(work, filing_of(copy)) == ()
    assert [(r.id, r.method) for r in db.session.scalars(select(OverlapPair))] == [(kept[0][0], "another")]


def test_the_later_year_is_the_later_side(app: Flask, world: World) -> None:
    now = file(world, WATER)
    before = file_earlier(world, draft_of(WATER, "beta"), by="officer_beta", agency="beta")
    compare_all(app)
    assert filing_of(before) > filing_of(now)
    assert pairs() == [(filing_of(now), filing_of(before))]
    rows = list_pairs(db.session(), world.actor("secretariat"), world.call_id)
    assert [(r.later.fiscal_year, r.earlier.fiscal_year) for r in rows] == [(FISCAL_YEAR, LAST_YEAR)]


def test_a_filing_taken_back_counts_for_nothing(app: Flask, world: World) -> None:
    first, copy = file(world, WATER), file(world, WATER, "beta")
    with open_work(world.actor("officer"), NOW) as work:
        withdraw_proposal(work, first)
    compare_all(app)
    assert pairs() == []
    assert compared() == {filing_of(copy): 0}


def test_what_is_filed_again_is_compared_again(app: Flask, world: World, clock: FixedClock) -> None:
    first, copy = file(world, WATER), file(world, WATER, "beta")
    compare_all(app)
    old = filing_of(copy)
    later = NOW + timedelta(hours=1)
    with open_work(world.actor("officer_beta"), later) as work:
        withdraw_proposal(work, copy)
        versions = read_draft(work.session, copy).section_versions
        for section, value in draft_of(ROADS, "beta").items():
            save_section(work, copy, section, value, versions[section])
        submit_proposal(work, copy, "again")
        screen_proposal(work, copy)
    clock.advance(hours=1)
    compare_all(app)
    assert filing_of(copy) != old
    assert pairs() == [(old, filing_of(first))]  # what was found of the old filing stays on record
    assert list_pairs(db.session(), world.actor("secretariat"), world.call_id) == []
    assert filing_of(copy) in compared()


def test_what_no_longer_reaches_the_threshold_is_let_go(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    file(world, WATER)
    file(world, WATER, "beta")
    compare_all(app)
    assert len(pairs()) == 1
    db.session.rollback()
    monkeypatch.setattr("app.similarity.queries.radar.WORKING_THRESHOLD", 1001)
    with open_work(SYSTEM, NOW) as work:
        compare_call(work, FISCAL_YEAR)
    assert pairs() == []


def test_a_whole_call_finds_what_its_filings_found(app: Flask, world: World) -> None:
    first, copy, third = file(world, WATER), file(world, WATER, "beta"), file(world, WATER)
    other = file(world, ROADS)
    with open_work(world.actor("secretariat"), NOW) as work:
        news = compare_call(work, FISCAL_YEAR)
    assert set(news) == {first, copy, third}
    found = pairs()
    assert len(found) == 3
    assert set(compared()) == {filing_of(p) for p in (first, copy, third, other)}
    with open_work(SYSTEM, NOW) as work:
        for row in work.session.scalars(select(OverlapPair)):
            work.session.delete(row)
        for done in work.session.scalars(select(ComparedFiling)):
            work.session.delete(done)
    compare_all(app)
    assert pairs() == found


def test_only_the_secretariat_and_the_system_compare(app: Flask, world: World) -> None:
    filing = filing_of(file(world, WATER))
    db.session.rollback()
    for person in ("officer", "certifier", "reviewer_bb", "committee", "admin"):
        with pytest.raises(Forbidden), open_work(world.actor(person), NOW) as work:
            compare_filing(work, filing)
        with pytest.raises(Forbidden), open_work(world.actor(person), NOW) as work:
            compare_call(work, FISCAL_YEAR)
    with pytest.raises(NotFound), open_work(world.actor("secretariat"), NOW) as work:
        compare_call(work, 2500)


def test_an_unknown_filing_is_nothing_to_compare(app: Flask, world: World) -> None:
    with open_work(SYSTEM, NOW) as work:
        assert compare_filing(work, 12345) == ()
    assert compared() == {}


def test_a_radar_kept_for_long_sees_what_others_file(app: Flask, world: World) -> None:
    radar = Radar()
    radar.look(db.session())
    db.session.rollback()
    first = file(world, WATER)
    radar.look(db.session())
    db.session.rollback()
    copy = file(world, WATER, "beta")
    found = radar.find(db.session(), filing_of(copy))
    assert found is not None
    assert [(p.later_id, p.earlier_id) for p in found.pairs] == [(filing_of(copy), filing_of(first))]
    db.session.rollback()
    with open_work(world.actor("officer_beta"), NOW) as work:
        withdraw_proposal(work, copy)
    assert radar.find(db.session(), filing_of(copy)) is None
    found = radar.find(db.session(), filing_of(first))
    assert found is not None
    assert (found.pairs, found.against) == ((), 0)


def test_each_is_screened_again_once_it_was_compared(app: Flask, world: World) -> None:
    alone, first, copy = file(world, ROADS), file(world, WATER), file(world, WATER, "beta")
    compare_all(app)
    runs = [
        db.session.scalars(select(ScreeningRun).where(ScreeningRun.proposal_id == p)).all()
        for p in (alone, first, copy)
    ]
    assert [len(r) for r in runs] == [2, 2, 2]
    assert [[json.loads(run.context)["overlaps"] is None for run in r] for r in runs] == [[True, False]] * 3
    assert [len(json.loads(r[-1].context)["overlaps"]) for r in runs] == [0, 1, 1]
    assert runs[2][-1].run_by is None


def test_who_is_past_screening_is_left_as_it_is(app: Flask, world: World) -> None:
    before = file_earlier(world, draft_of(WATER))
    with open_work(SYSTEM, NOW) as work:
        work.session.get_one(Proposal, before).state = "approved"
    copy = file(world, WATER, "beta")
    compare_all(app)
    assert len(pairs()) == 1
    assert db.session.get_one(Proposal, before).state == "approved"
    assert len(db.session.scalars(select(ScreeningRun).where(ScreeningRun.proposal_id == copy)).all()) == 2


def runs_of(proposal_id: int) -> int:
    return len(db.session.scalars(select(ScreeningRun).where(ScreeningRun.proposal_id == proposal_id)).all())


def test_a_later_year_does_not_reopen_an_earlier_one(app: Flask, world: World) -> None:
    before = file_earlier(world, draft_of(WATER))
    compare_all(app)
    assert db.session.get_one(Proposal, before).state in ("passed", "questioned", "failed")
    assert runs_of(before) == 2
    copy = file(world, WATER, "beta")
    compare_all(app)
    assert len(pairs()) == 1
    assert (runs_of(before), runs_of(copy)) == (2, 2)  # each once more for its own comparison


def test_a_comparison_survives_its_keeping(app: Flask, world: World) -> None:
    file(world, WATER)
    file(world, WATER, "beta")
    compare_all(app)
    row = db.session.scalars(select(OverlapPair)).one()
    assert comparison_from_json(json.loads(row.content)).score == row.score


def test_the_promise_is_made_with_the_filing_and_not_for_a_draft(
    app: Flask, world: World, clock: FixedClock
) -> None:
    write_draft(world, draft_of(WATER))
    filed = file(world, ROADS)
    topics = db.session.execute(
        select(OutboxRow.topic, OutboxRow.payload).where(OutboxRow.topic == "compare_filing")
    )
    assert [tuple(row) for row in topics] == [("compare_filing", f'{{"submission":{filing_of(filed)}}}')]
