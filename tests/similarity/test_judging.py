"""A person's word on two proposals: who may give it, what it needs, and that it outlives filings and years."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.cli.bench.measure import counting
from app.identity.facts import SYSTEM
from app.kernel.audit import AuditEntry
from app.kernel.db import db
from app.kernel.errors import DomainError, Forbidden, NotFound, Refused, Stale
from app.kernel.work import open_work
from app.proposals.actions import save_section, submit_proposal, withdraw_proposal
from app.proposals.models import Proposal, Submission
from app.proposals.queries import read_draft
from app.similarity.actions import judge_pair
from app.similarity.facts import Verdict
from app.similarity.models import OverlapPair, OverlapVerdict
from app.similarity.queries import KnownPair, get_pair, list_known, list_verdicts
from tests.conftest import Backend, FixedClock
from tests.proposals.earlier import LAST_YEAR, file_earlier
from tests.similarity.scene import ROADS, WATER, compare_all, draft_of, file, filing_of
from tests.world import FISCAL_YEAR, NOW, World

WHY = "เซนเซอร์ชุดเดียวกันในแม่น้ำสายเดียวกัน"


def the_pair() -> OverlapPair:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(OverlapPair).order_by(OverlapPair.id.desc())).first()  # type: ignore[return-value]


def a_pair(backend: Backend) -> tuple[int, int, int]:
    """(pair, first proposal, its copy), with which a test begins."""

    def build() -> tuple[int, int, int]:
        first, copy = file(backend.world, WATER), file(backend.world, WATER, "beta")
        compare_all(backend.app)
        pair_id = the_pair().id
        db.session.rollback()
        return pair_id, first, copy

    return backend.begin_with(f"{__name__}.pair", build)


def judge(
    world: World,
    pair_id: int,
    verdict: Verdict = Verdict.DUPLICATE,
    yields: int | None = None,
    reason: str = WHY,
    by: str = "secretariat",
    **more: Any,
) -> None:
    with open_work(world.actor(by), NOW) as work:
        judge_pair(work, pair_id, verdict, reason, yields, **more)


def known(proposal_id: int) -> tuple[KnownPair, ...] | None:
    db.session.rollback()
    db.session.expire_all()
    filing = filing_of(proposal_id)
    return list_known(db.session(), [filing])[filing]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_verdict_is_known_from_both_sides(
    app: Flask, backend: Backend, world: World, verdict: Verdict
) -> None:
    pair_id, first, copy = a_pair(backend)
    judge(world, pair_id, verdict, copy if verdict is Verdict.DUPLICATE else None)
    numbers = {row.id: row.number for row in db.session.execute(select(Proposal.id, Proposal.number))}
    yields = numbers[copy] if verdict is Verdict.DUPLICATE else ""
    for mine, other, lead in ((first, copy, "beta"), (copy, first, "alpha")):
        (one,) = known(mine) or ()
        assert (one.number, one.lead, one.fiscal_year) == (numbers[other], lead, FISCAL_YEAR)
        assert (one.verdict, one.yields, one.reason) == (verdict.value, yields, WHY)
        assert one.score > 500
    given = db.session.scalars(select(OverlapVerdict)).one()
    assert (given.low_id, given.high_id) == (first, copy)
    shas = {row.proposal_id: row.sha256 for row in db.session.scalars(select(Submission))}
    assert (given.low_sha256, given.high_sha256) == (shas[first], shas[copy])


@pytest.mark.parametrize(
    ("verdict", "yields", "reason", "places"),
    [
        (Verdict.DUPLICATE, "copy", WHY, []),
        (Verdict.DUPLICATE, "first", WHY, []),
        (Verdict.DUPLICATE, None, WHY, ["yields"]),
        (Verdict.DUPLICATE, "another", WHY, ["yields"]),
        (Verdict.UNRELATED, None, "ก" * 10, []),
        (Verdict.UNRELATED, None, "ก" * 9, ["reason"]),
        (Verdict.UNRELATED, None, "   " + "ก" * 9 + "   ", ["reason"]),
        (Verdict.UNRELATED, None, "", ["reason"]),
        (Verdict.UNRELATED, None, "ก" * 4000, []),
        (Verdict.UNRELATED, None, "ก" * 4001, ["reason"]),
        (Verdict.DUPLICATE, None, "", ["yields", "reason"]),
    ],
)
def test_what_a_verdict_needs(
    app: Flask,
    backend: Backend,
    world: World,
    verdict: Verdict,
    yields: str | None,
    reason: str,
    places: list[str],
) -> None:
    pair_id, first, copy = a_pair(backend)
    who = {"first": first, "copy": copy, "another": 99, None: None}[yields]
    if not places:
        judge(world, pair_id, verdict, who, reason)
        assert len(db.session.scalars(select(OverlapVerdict)).all()) == 1
        return
    with pytest.raises(Refused) as refused:
        judge(world, pair_id, verdict, who, reason)
    assert [p.place for p in refused.value.problems] == places
    assert db.session.scalars(select(OverlapVerdict)).all() == []


def test_published_documents_cannot_give_way(app: Flask, backend: Backend, world: World) -> None:
    pair_id, first, copy = a_pair(backend)
    with open_work(SYSTEM, NOW) as work:
        work.session.get_one(Proposal, first).state = "recorded"
    with pytest.raises(Refused) as refused:
        judge(world, pair_id, Verdict.DUPLICATE, first)
    assert [p.place for p in refused.value.problems] == ["yields"]
    judge(world, pair_id, Verdict.DUPLICATE, copy)


@pytest.mark.parametrize("by", ["officer", "officer_beta", "certifier", "reviewer_bb", "committee", "admin"])
def test_only_the_secretariat_judges(app: Flask, backend: Backend, world: World, by: str) -> None:
    pair_id, _, copy = a_pair(backend)
    with pytest.raises(Forbidden):
        judge(world, pair_id, Verdict.DUPLICATE, copy, by=by)
    with pytest.raises(DomainError):
        get_pair(db.session(), world.actor(by), pair_id)


def test_the_latest_verdict_counts_and_all_stay_on_record(app: Flask, backend: Backend, world: World) -> None:
    pair_id, first, copy = a_pair(backend)
    judge(world, pair_id, Verdict.DUPLICATE, copy)
    one = db.session.scalars(select(OverlapVerdict.id)).one()
    db.session.rollback()
    judge(world, pair_id, Verdict.COMPLEMENTARY, seen=one)
    assert [k.verdict for k in known(first) or ()] == ["complementary"]
    said = list_verdicts(db.session(), get_pair(db.session(), world.actor("secretariat"), pair_id))
    assert [v.verdict for v in said] == ["complementary", "duplicate"]
    entries = db.session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "judge_overlap"))
    assert sorted(entries) == sorted([f"proposal:{first}", f"proposal:{copy}"] * 2)


def test_who_did_not_see_the_verdict_of_another_is_told(app: Flask, backend: Backend, world: World) -> None:
    pair_id, _, copy = a_pair(backend)
    judge(world, pair_id, Verdict.DUPLICATE, copy)
    with pytest.raises(Stale):
        judge(world, pair_id, Verdict.UNRELATED)


def test_what_was_taken_back_cannot_be_judged(app: Flask, backend: Backend, world: World) -> None:
    pair_id, first, _ = a_pair(backend)
    with open_work(world.actor("officer"), NOW) as work:
        withdraw_proposal(work, first)
    with pytest.raises(NotFound):
        judge(world, pair_id, Verdict.UNRELATED)
    with pytest.raises(NotFound):
        judge(world, 12345, Verdict.UNRELATED)


def test_a_verdict_outlives_the_filing_it_was_given_on(
    app: Flask, backend: Backend, world: World, clock: FixedClock
) -> None:
    pair_id, first, copy = a_pair(backend)
    judge(world, pair_id, Verdict.DUPLICATE, copy)
    with open_work(world.actor("officer_beta"), NOW + timedelta(minutes=5)) as work:
        withdraw_proposal(work, copy)
    assert known(first) == ()  # a draft again, and nobody's business
    db.session.rollback()
    with open_work(world.actor("officer_beta"), NOW + timedelta(minutes=6)) as work:
        view = read_draft(work.session, copy)
        for section, value in draft_of(ROADS, "beta").items():
            save_section(work, copy, section, value, view.section_versions[section])
        submit_proposal(work, copy, "again")
    # not compared yet, and no longer alike, but a person has spoken
    assert [(k.verdict, k.score) for k in known(copy) or ()] == [("duplicate", 0)]
    assert [(k.verdict, k.score) for k in known(first) or ()] == [("duplicate", 0)]
    clock.advance(minutes=10)
    compare_all(app)
    assert [(k.verdict, k.score) for k in known(copy) or ()] == [("duplicate", 0)]
    said = list_verdicts(db.session(), get_pair(db.session(), world.actor("secretariat"), pair_id))
    assert said[0].of_earlier == ()  # this pair is the one that was judged


def test_a_verdict_is_remembered_across_years(app: Flask, world: World) -> None:
    before = file_earlier(world, draft_of(WATER, "beta"), by="officer_beta", agency="beta")
    now = file(world, WATER)
    compare_all(app)
    judge(world, the_pair().id, Verdict.CONTINUING)
    (one,) = known(now) or ()
    assert (one.verdict, one.fiscal_year) == ("continuing", LAST_YEAR)
    (one,) = known(before) or ()
    assert (one.verdict, one.fiscal_year) == ("continuing", FISCAL_YEAR)


def test_what_was_not_compared_is_not_known_and_what_was_is(app: Flask, world: World) -> None:
    alone = file(world, ROADS)
    assert known(alone) is None
    compare_all(app)
    assert known(alone) == ()
    assert list_known(db.session(), []) == {}
    assert list_known(db.session(), [12345]) == {12345: None}


def test_what_is_known_takes_as_many_questions_for_one_as_for_many(app: Flask, world: World) -> None:
    filings = [filing_of(file(world, WATER, agency)) for agency in ("alpha", "beta", "alpha")]
    compare_all(app)
    db.session.rollback()
    asked = []
    for some in (filings[:1], filings):
        with counting(db.engine) as seen:
            list_known(db.session(), some)
        asked.append(len(seen))
    assert asked == [4, 4]
    assert [k.score for k in list_known(db.session(), filings)[filings[0]] or ()] == sorted(
        (k.score for k in list_known(db.session(), filings)[filings[0]] or ()), reverse=True
    )
