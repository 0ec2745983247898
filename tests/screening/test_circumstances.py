"""What is known around a filing: gathered in as many questions for one as for many, kept with the run, replayed."""

from __future__ import annotations

import json
import random
import statistics
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.calls.queries import get_call
from app.decisions.actions import record_decision
from app.decisions.facts import Verdict as Decision
from app.identity.facts import SYSTEM
from app.kernel.canonical import canonical_json
from app.kernel.db import db
from app.kernel.findings import Outcome
from app.kernel.work import open_work
from app.proposals.actions import (
    answer_link,
    ask_partners,
    continue_proposal,
    record_results,
    save_section,
    submit_proposal,
    withdraw_proposal,
)
from app.proposals.facts import ProposalFacts, item_key
from app.proposals.models import Submission
from app.proposals.queries import list_link_answers, read_draft, read_facts
from app.proposals.results import IndicatorResult, ProjectResults
from app.screening.actions import finding_rows, screen_call, screen_proposal
from app.screening.facts import (
    Circumstances,
    Committed,
    KnownOverlap,
    LaterAnswer,
    PastPerformance,
    PeerPrices,
)
from app.screening.models import ScreeningFinding, ScreeningRun
from app.screening.queries import find_latest_run, gather_circumstances, replay_run, situation_of
from app.screening.rules import screen
from app.similarity.facts import Verdict
from app.similarity.models import ComparedFiling, OverlapPair, OverlapVerdict
from tests.conftest import Backend
from tests.instruments import counted_queries
from tests.proposals.earlier import LAST_YEAR, file_earlier
from tests.screening.tables.overlaps import like
from tests.screening.tables.rows import OPENS, RULEBOOK
from tests.web.desks import browser, text_of
from tests.world import FISCAL_YEAR, NOW, World, budget_row, complete_draft, file_proposal, write_draft

ITEM, UNIT = "กล้องวงจรปิด แบบที่ 2", "ชุด"
KEY = item_key(ITEM, UNIT)


def costing(*prices: str, **more: Any) -> dict[str, Any]:
    """A draft that asks for one of the item at each of the prices."""
    rows = [budget_row(item=ITEM, unit=UNIT, quantity="1", unit_price=p, q1=p, q2="") | more for p in prices]
    return complete_draft(budget={"rows": rows})


def filing(proposal_id: int) -> tuple[int, tuple[int, ProposalFacts]]:
    row = db.session.scalars(
        select(Submission).where(Submission.proposal_id == proposal_id).order_by(Submission.sequence.desc())
    ).first()
    assert row is not None
    return row.id, (proposal_id, read_facts(row.sha256, row.content))


def around(*proposal_ids: int) -> list[Circumstances]:
    """What is known around each, gathered for all at once."""
    filings = dict(filing(proposal_id) for proposal_id in proposal_ids)
    known = gather_circumstances(db.session(), get_call(db.session(), FISCAL_YEAR), filings)
    return [known[submission_id] for submission_id in filings]


def kept(proposal_id: int) -> Circumstances:
    """What the latest run of a proposal kept."""
    run = db.session.scalars(
        select(ScreeningRun).where(ScreeningRun.proposal_id == proposal_id).order_by(ScreeningRun.id.desc())
    ).first()
    assert run is not None
    return Circumstances.from_json(json.loads(run.context))


def screen_again(world: World, proposal_id: int) -> None:
    db.session.rollback()
    with open_work(world.actor("secretariat"), NOW) as work:
        screen_proposal(work, proposal_id)


def reasons(proposal_id: int, rule: str) -> list[tuple[Outcome, str]]:
    run = find_latest_run(db.session(), proposal_id)
    assert run is not None
    found = [(f.outcome, f.text.en) for f in run.findings if f.rule == rule]
    db.session.rollback()
    return found


def test_peers_are_what_others_ask_for_the_same(app: Flask, world: World) -> None:
    mine = file_proposal(world, costing("100.00", "900.00"))
    assert around(mine)[0].peers == {}
    for price in ("10.00", "20.00", "30.50"):
        file_proposal(world, costing(price))
    write_draft(world, costing("5.00"))  # a draft is nobody's peer
    file_proposal(world, costing("7.00", unit="เครื่อง"))  # another unit, another item
    assert around(mine)[0].peers == {KEY: PeerPrices(3, 2000, 1000, 3050)}
    other = file_proposal(world, costing("40.00"))
    assert around(mine)[0].peers == {KEY: PeerPrices(4, 2525, 1000, 4000)}
    assert around(other)[0].peers == {KEY: PeerPrices(5, 3050, 1000, 90000)}
    assert around(mine, other) == [around(mine)[0], around(other)[0]]
    assert kept(other) == around(other)[0]


def test_the_latest_filing_of_each_counts(app: Flask, world: World) -> None:
    mine, theirs = file_proposal(world, costing("10.00")), file_proposal(world, costing("20.00"))
    db.session.rollback()
    with open_work(world.actor("officer"), NOW) as work:
        withdraw_proposal(work, theirs, "แก้ราคา")
        save_section(work, theirs, "budget", costing("77.00")["budget"], 2)
    assert around(mine)[0].peers == {}  # out of the round, its price is nobody's
    db.session.rollback()
    with open_work(world.actor("officer"), NOW) as work:
        submit_proposal(work, theirs, "again")
    assert around(mine)[0].peers == {KEY: PeerPrices(1, 7700, 7700, 7700)}


def test_the_middle_is_the_middle_whoever_is_left_out(app: Flask, world: World) -> None:
    chance = random.Random(7)
    asked: dict[int, list[int]] = {}
    for _ in range(7):
        prices = [chance.choice((100, 200, 250, 900)) for _ in range(chance.randrange(1, 4))]
        asked[file_proposal(world, costing(*(f"{p}.00" for p in prices)))] = prices
    for proposal_id, known in zip(asked, around(*asked), strict=True):
        left = sorted(100 * p for other, prices in asked.items() if other != proposal_id for p in prices)
        assert known.peers[KEY] == PeerPrices(len(left), int(statistics.median(left)), left[0], left[-1])


def test_a_price_far_from_others_is_flagged_and_never_decides(app: Flask, world: World) -> None:
    for _ in range(3):
        file_proposal(world, costing("100.00"))
    mine = file_proposal(world, costing("151.00"))
    ((outcome, said),) = reasons(mine, "peer-prices")
    assert outcome is Outcome.NEEDS_PERSON
    assert "151.00 baht each, far above the median of 100.00 in 3 lines" in said
    run = find_latest_run(db.session(), mine)
    assert run is not None
    assert run.outcome is Outcome.PASSES


def going_on(world: World, asked: str = "300.00", spent: int = 0, reached: bool | None = None) -> int:
    """A filing that continues what alpha was granted last year, which bound 300 baht for this year and 40 after."""
    earlier = file_earlier(world, costing("500.00", later1="300.00", later2="40.00"))
    if reached is not None:
        with open_work(world.actor("committee"), NOW - timedelta(days=300)) as work:
            record_decision(work, earlier, Decision.APPROVED, 50_000)
        report = ProjectResults(
            date(2025, 10, 20),
            50_000,
            spent,
            (IndicatorResult(1, "จำนวนชุดข้อมูล", "ชุด", "5", "5", reached),),
            "รายงานต่อสำนักงบประมาณ",
        )
        db.session.rollback()
        with open_work(world.actor("secretariat"), NOW) as work:
            record_results(work, earlier, report)
    else:
        with open_work(world.actor("committee"), NOW - timedelta(days=300)) as work:
            record_decision(work, earlier, Decision.APPROVED, 50_000)
    db.session.rollback()
    with open_work(world.actor("officer"), NOW) as work:
        proposal_id = continue_proposal(work, FISCAL_YEAR, world.agencies["alpha"], earlier).id
    view = read_draft(db.session(), proposal_id)
    rows = [row | {"unit_price": asked, "q1": asked} for row in view.draft["budget"]["rows"]]
    measures = [row | {"target": "9"} for row in view.draft["indicators"]["rows"]]
    db.session.rollback()
    with open_work(world.actor("officer"), NOW) as work:
        save_section(work, proposal_id, "budget", {"rows": rows}, 1)
        save_section(work, proposal_id, "indicators", {"rows": measures}, 1)
        submit_proposal(work, proposal_id, f"on-{proposal_id}")
        screen_proposal(work, proposal_id)
    return proposal_id


def test_what_was_bound_is_carried_and_nothing_reported_is_said(app: Flask, world: World) -> None:
    proposal_id = going_on(world)
    known = kept(proposal_id)
    assert known.committed == {KEY: Committed(ITEM, 30_000, 4_000)}
    assert known.past is None
    ((outcome, said),) = reasons(proposal_id, "past")
    assert (outcome, f"{LAST_YEAR}-" in said) == (Outcome.NEEDS_PERSON, True)
    ((outcome, said),) = reasons(proposal_id, "commitments")
    assert (outcome, said) == (Outcome.PASSES, "1 lines bind 40.00 baht in later years, consistently")


def test_other_than_was_bound_needs_a_person(app: Flask, world: World) -> None:
    ((outcome, said),) = reasons(going_on(world, "300.01"), "commitments")
    assert outcome is Outcome.NEEDS_PERSON
    assert "bound 300.00 baht this year and 40.00 after it" in said
    assert "asks 300.01 and 40.00" in said


@pytest.mark.parametrize(
    ("spent", "reached", "told"),
    [
        (30_000, True, ["reached 1 of 1"]),
        (29_999, True, ["only 59 percent"]),
        (0, False, ["only 0", "reached 0 of 1"]),
    ],
)
def test_what_became_of_the_project_is_known(
    app: Flask, world: World, spent: int, reached: bool, told: list[str]
) -> None:
    proposal_id = going_on(world, spent=spent, reached=reached)
    past = kept(proposal_id).past
    assert past is not None
    assert past == PastPerformance(
        past.number, date(2025, 10, 20), 50_000, spent, 1, int(reached), "รายงานต่อสำนักงบประมาณ"
    )
    found = reasons(proposal_id, "past")
    assert len(found) == len(told)
    assert all(words in said for words, (_, said) in zip(told, found, strict=True))


def test_an_answer_after_the_filing_counts_and_what_was_filed_stays(app: Flask, world: World) -> None:
    proposal_id = write_draft(world, complete_draft())
    with open_work(world.actor("officer"), NOW) as work:
        ask_partners(work, proposal_id)
        submit_proposal(work, proposal_id, "key")
    before = filing(proposal_id)
    assert around(proposal_id)[0].answers == {}
    (asked,) = list_link_answers(db.session(), proposal_id)
    db.session.rollback()
    with open_work(world.actor("officer_beta"), NOW) as work:
        answer_link(work, asked.id, confirms=True, own_money=True)
    ((known,), (_, (_, facts))) = around(proposal_id), filing(proposal_id)
    (link,) = facts.integration.links
    assert known.answers == {link.sha256: LaterAnswer("confirmed", True)}
    assert filing(proposal_id) == before
    call = get_call(db.session(), FISCAL_YEAR)
    for on, reason in ((Circumstances(), "asked"), (known, "confirmed_own_money")):
        findings = screen(facts, RULEBOOK, situation_of(call, NOW, known=on)).findings
        assert [f.reason for f in findings if f.rule == "form-1"] == [reason]


def resembling(world: World, score: int = 800) -> tuple[int, int]:
    """Alpha's filing and beta's earlier one, compared and found alike."""
    draft = complete_draft(names={"title_th": "ระบบลับของเบตา", "title_en": "Secret system"})
    draft["budget"]["rows"][0]["agency"] = "beta"
    draft["integration"]["links"][0]["partner"] = "gamma"
    theirs = file_proposal(world, draft, by="officer_beta", agency="beta")
    mine = file_proposal(world)
    later, earlier = filing(mine)[0], filing(theirs)[0]
    db.session.rollback()
    with open_work(SYSTEM, NOW) as work:
        for submission_id in (later, earlier):
            work.session.add(
                ComparedFiling(submission_id=submission_id, method="test", against=1, compared_at=NOW)
            )
        work.session.add(
            OverlapPair(
                later_id=later,
                earlier_id=earlier,
                score=score,
                method="test",
                content=canonical_json({"score": score, "reasons": [], "matches": []}),
                compared_at=NOW,
            )
        )
    return mine, theirs


def judge(world: World, mine: int, theirs: int, verdict: Verdict, yields: int | None = None) -> None:
    shas = dict(db.session.execute(select(Submission.proposal_id, Submission.sha256)).all())
    low, high = sorted((mine, theirs))
    db.session.rollback()
    with open_work(world.actor("secretariat"), NOW) as work:
        work.session.add(
            OverlapVerdict(
                low_id=low,
                high_id=high,
                verdict=verdict.value,
                yields_id=yields,
                reason="อ่านทั้งสองฉบับแล้ว",
                at=NOW,
                by=world.users["secretariat"],
                low_sha256=shas[low],
                high_sha256=shas[high],
            )
        )
    screen_again(world, mine)
    screen_again(world, theirs)


def test_likeness_asks_for_a_person_and_a_verdict_decides(app: Flask, world: World) -> None:
    mine, theirs = resembling(world)
    assert reasons(mine, "overlap") == [
        (
            Outcome.PASSES,
            "Not yet compared with other proposals; if something similar is found, it is screened again by itself",
        )
    ]
    screen_again(world, mine)
    ((outcome, said),) = reasons(mine, "overlap")
    assert outcome is Outcome.NEEDS_PERSON
    assert "“Secret system” of Department Beta" in said
    assert "80 percent" in said
    judge(world, mine, theirs, Verdict.COMPLEMENTARY)
    assert reasons(mine, "overlap") == [(Outcome.PASSES, "Nothing similar waits for a verdict")]
    ((outcome, said),) = reasons(mine, "duplicate")
    assert (outcome, "“Complementary”" in said) == (Outcome.PASSES, True)
    judge(world, mine, theirs, Verdict.DUPLICATE, mine)
    ((outcome, said),) = reasons(mine, "duplicate")
    assert (outcome, "gives way" in said) == (Outcome.FAILS, True)
    ((outcome, said),) = reasons(theirs, "duplicate")
    assert (outcome, "duplicates this one" in said) == (Outcome.PASSES, True)


def test_an_agency_reads_in_general_words_what_is_of_others(app: Flask, world: World) -> None:
    mine, theirs = resembling(world)
    screen_again(world, mine)
    for verdict, yields in (
        (None, None),
        (Verdict.UNRELATED, None),
        (Verdict.DUPLICATE, mine),
        (Verdict.DUPLICATE, theirs),
    ):
        if verdict is not None:
            judge(world, mine, theirs, verdict, yields)
        own = text_of(browser(app, "officer", "en").get(f"/agency/proposals/{mine}"))
        assert "another agency" in own
        for secret in ("Secret system", "ระบบลับของเบตา", "อ่านทั้งสองฉบับแล้ว"):
            assert secret not in own
        desk = text_of(browser(app, "secretariat", "en").get(f"/secretariat/proposals/{mine}"))
        assert "Secret system" in desk


def test_a_filing_of_ones_own_agency_is_named() -> None:
    from app.screening.rules import explain
    from tests.screening.tables.rows import SOUND, situation

    ours = replace(like(), lead="alpha")
    findings = screen(SOUND, RULEBOOK, situation(known=Circumstances(overlaps=(ours,)))).findings
    (finding,) = [f for f in findings if f.rule == "overlap"]
    for readers, named in (
        (None, True),
        (frozenset({"alpha"}), True),
        (frozenset({"beta"}), False),
        (frozenset(), False),
    ):
        told = explain(finding, RULEBOOK, readers)
        for text in (told.text, told.remedy):
            assert text is not None
            assert text.th
            assert "{" not in text.en
        assert ("2569-0003" in told.text.th and "2569-0003" in told.text.en) is named


def test_every_withheld_reason_has_words_without_values() -> None:
    from app.screening.rules.overlaps import WITHHELD

    for rule in ("overlap", "duplicate"):
        wordings = RULEBOOK.rule(rule).reasons
        for reason, withheld in WITHHELD.items():
            if reason in wordings:
                text = wordings[withheld].text
                assert text.th
                assert not any(
                    name in text.th + text.en for name in ("{number}", "{title}", "{agency}", "{why}")
                )


FULL = Circumstances(
    peers={"ก|ข": PeerPrices(1, 2, 3, 4)},
    past=PastPerformance("2569-0001", date(2026, 9, 30), 5, 4, 3, 2, "ที่มา"),
    overlaps=(like(), like(verdict="duplicate", yields="x")),
    committed={"ก|ข": Committed("ก", 5, 6)},
    answers={"0" * 64: LaterAnswer("confirmed", None)},
)


@pytest.mark.parametrize("known", [Circumstances(), Circumstances(overlaps=()), FULL])
def test_what_is_known_survives_being_kept(known: Circumstances) -> None:
    again = Circumstances.from_json(json.loads(canonical_json(known.as_json())))
    assert again == known
    assert all(isinstance(o, KnownOverlap) for o in again.overlaps or ())


def test_a_run_of_before_anything_was_kept_knows_nothing() -> None:
    assert Circumstances.from_json({}) == Circumstances()


def test_runs_are_replayed_to_the_byte_whatever_has_changed(app: Flask, world: World) -> None:
    for price in ("100.00", "110.00", "120.00"):
        file_proposal(world, costing(price))
    mine, theirs = resembling(world)
    going_on(world, spent=1, reached=False)
    screen_again(world, mine)
    judge(world, mine, theirs, Verdict.DUPLICATE, mine)
    with open_work(world.actor("secretariat"), NOW) as work:
        screen_call(work, FISCAL_YEAR)
    file_proposal(world, costing("5000.00"))
    session = db.session()
    runs = session.scalars(select(ScreeningRun).order_by(ScreeningRun.id)).all()
    assert len(runs) > 15
    for run in runs:
        replayed = replay_run(session, run.id)
        stored = session.execute(
            select(ScreeningFinding.rule, ScreeningFinding.outcome, ScreeningFinding.content)
            .where(ScreeningFinding.run_id == run.id)
            .order_by(ScreeningFinding.id)
        )
        assert [tuple(row) for row in stored] == [
            (row["rule"], row["outcome"], row["content"]) for row in finding_rows(run.id, replayed.findings)
        ]
        assert replayed.outcome.value == run.outcome


FEW, MANY = 2, 12


def test_questions_do_not_grow_with_filings(sqlite_backend: Backend) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        ids = [going_on(world, spent=10, reached=True)]
        ids += [file_proposal(world, costing(f"{n + 1}.00")) for n in range(MANY)]
        counts = []
        for asked in (ids[:1], ids[:FEW], ids):
            filings = dict(filing(proposal_id) for proposal_id in asked)
            call = get_call(db.session(), FISCAL_YEAR)
            with counted_queries() as queries:
                known = gather_circumstances(db.session(), call, filings)
            assert len(known) == len(asked)
            counts.append(len(queries))
        assert counts[0] == counts[1] == counts[2] <= 12
        db.session.remove()


def test_an_open_situation_is_the_calls_own(app: Flask, world: World) -> None:
    call = get_call(db.session(), FISCAL_YEAR)
    on = situation_of(call, OPENS)
    assert (on.prices, on.plan, on.known) == (call.prices, call.plan, Circumstances())
    assert call.prices is not None
