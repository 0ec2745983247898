"""What the evidence suggests for a scenario, and how lists stand beside each other."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.calls.queries import get_call
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.linkage.building import build
from app.linkage.facts import Claims
from app.portfolio.allocation import allocate
from app.portfolio.facts import Adjusting, Adjustment, Terms
from app.portfolio.ledger import Hand, departures_of
from app.portfolio.queries import list_entries
from app.portfolio.queries.evidence import filed_quarters, suggest
from app.portfolio.side_by_side import compared_rows, moves_between, totals_by, totals_by_quarter
from app.portfolio.suggesting import needs_in
from app.proposals.facts import Answer
from app.proposals.models import Proposal
from app.similarity.models import OverlapVerdict
from tests.linkage.claims import PLAN, STAGES, claims, link
from tests.portfolio.test_lists import asking
from tests.portfolio.test_scenarios import known_entry
from tests.proposals.earlier import decide, file_earlier
from tests.world import FISCAL_YEAR, NOW, World, file_proposal

YES, ASKED = Answer.CONFIRMED, Answer.ASKED
TAKER = claims(1, "alpha", link("ทะเบียน", "beta", answer=YES), stage="downstream")


@pytest.mark.parametrize(
    ("proposals", "found"),
    [
        ([TAKER, claims(2, "beta", service="ทะเบียน", stage="midstream")], [(1, 2)]),
        ([TAKER, claims(2, "beta", link("ทะเบียน", "gamma", "provides"), stage="upstream")], [(1, 2)]),
        # another agency's thing of that name, another thing of that agency, a platform that comes later
        ([TAKER, claims(2, "gamma", service="ทะเบียน", stage="midstream")], []),
        ([TAKER, claims(2, "beta", service="แผนที่", stage="midstream")], []),
        (
            [replace(TAKER, stage="upstream"), claims(2, "beta", service="ทะเบียน", stage="midstream")],
            [],
        ),
        # nobody confirmed it; the partner builds nothing in this call; it gives instead of takes
        (
            [
                claims(1, "alpha", link("ทะเบียน", "beta", answer=ASKED), stage="downstream"),
                claims(2, "beta", service="ทะเบียน"),
            ],
            [],
        ),
        ([TAKER], []),
        (
            [
                claims(1, "alpha", link("ทะเบียน", "beta", "provides", YES), stage="downstream"),
                claims(2, "beta", service="ทะเบียน"),
            ],
            [],
        ),
        # two that count on each other are a circle
        (
            [
                claims(1, "alpha", link("ก", "beta", "both", YES)),
                claims(2, "beta", link("ก", "alpha", "both", YES)),
            ],
            [],
        ),
    ],
)
def test_who_counts_on_what_another_would_build(
    proposals: list[Claims], found: list[tuple[int, int]]
) -> None:
    told = needs_in(build(proposals, PLAN), STAGES)
    assert [s.numbers for s in told] == [tuple(f"2570-{n:04d}" for n in pair) for pair in found]
    assert all("Department beta" in s.evidence.en for s in told)


def test_suggestions_name_their_evidence_and_leave_out_what_is_there(app: Flask, world: World) -> None:
    earlier = [file_earlier(world) for _ in range(2)]
    decide(world, earlier[0], 100)
    ids = [file_proposal(world, asking(1_000_000)) for _ in range(3)]
    with open_work(world.actor("secretariat"), NOW) as work:
        for proposal_id, of in zip(ids, earlier, strict=False):
            work.session.get_one(Proposal, proposal_id).continues_id = of
        work.session.get_one(Proposal, ids[2]).least = 7
        for verdict, yields in (("unrelated", None), ("duplicate", ids[1])):  # the last word counts
            work.session.add(
                OverlapVerdict(
                    low_id=ids[0], high_id=ids[1], verdict=verdict, yields_id=yields, reason="ระบบเดียวกัน",
                    at=NOW, low_sha256="0" * 64, high_sha256="0" * 64,
                )
            )  # fmt: skip
            work.session.flush()
    session, call = db.session(), get_call(db.session(), FISCAL_YEAR)
    entries = list_entries(session, call.id)
    no = {entry.proposal_id: entry.number for entry in entries}
    secretariat = world.actor("secretariat")
    found = suggest(session, secretariat, call, entries, Terms(call.ceiling))
    (must,), (pair,) = found.must_fund, found.exclusive
    assert must.numbers == (no[ids[0]],)  # what was not approved is not continued
    assert "Approved" in must.evidence.en
    assert pair.numbers == (no[ids[0]], no[ids[1]])
    assert (no[ids[1]] in pair.evidence.th, "ระบบเดียวกัน" in pair.evidence.th) == (True, True)
    assert found.partial is not None
    held = Terms(
        call.ceiling,
        must_fund=frozenset(must.numbers),
        exclusive=((no[ids[1]], no[ids[2]], no[ids[0]]),),
        partial=True,
    )
    assert suggest(session, secretariat, call, entries, held).is_empty
    quarters = filed_quarters(session, call.id)
    assert {quarters[one] for one in ids} == {(100_000_000, 0, 0, 0, 0)}


_amounts = st.lists(st.integers(1, 10**9), min_size=1, max_size=8)


@settings(deadline=None)  # other work on the machine is not the subject
@given(_amounts, st.integers(1, 10**10), st.integers(1, 10**10), st.randoms(use_true_random=False))
def test_totals_of_lists_sum_to_what_they_grant(asked: list[int], one: int, other: int, dice: Random) -> None:
    entries = [known_entry(str(n), amount) for n, amount in enumerate(asked, 1)]
    cut = {e.number: Adjustment(Adjusting.CUT, e.requested // 2 + 1, "ปรับ") for e in entries[::2]}
    lists = [allocate(entries, Terms(one)), allocate(entries, Terms(other, adjustments=cut))]
    rows = compared_rows(lists)
    assert [row.differs for row in rows] == sorted((row.differs for row in rows), reverse=True)
    quarters = {e.proposal_id: tuple(dice.randint(0, e.requested) for _ in range(5)) for e in entries}
    for totals in (totals_by(rows, lambda e: e.stage), totals_by_quarter(rows, quarters)):
        for at, allocation in enumerate(lists):
            assert sum(total.granted[at] for total in totals) == allocation.granted
    enter, leave, other_amount = moves_between(*lists)
    change = sum(m.after - m.before for m in (*enter, *leave, *other_amount))
    assert change == lists[1].granted - lists[0].granted


def test_the_ledger_tells_changes_first_then_what_follows() -> None:
    entries = [known_entry("1", 60), known_entry("2", 50, least=40), known_entry("3", 40)]
    changes = {
        "2": Adjustment(Adjusting.CUT, 30, "ลด"),
        "3": Adjustment(Adjusting.TAKE, None, "ต้องมี"),
        "1": Adjustment(Adjusting.CUT, 60, "ไม่มีผล"),
    }
    terms = Terms(100, adjustments=changes)
    hands = {n: Hand(a, Text("ผู้ปรับ", "Somebody"), NOW) for n, a in changes.items() if n != "1"}
    computed, changed = allocate(entries, replace(terms, adjustments={})), allocate(entries, terms)
    found = departures_of(computed, changed, hands)
    # equal scores: the smaller request ranks first
    assert [(d.number, d.kind, d.before, d.after, d.is_below_least) for d in found] == [
        ("3", Adjusting.TAKE, 40, 40, False),
        ("2", Adjusting.CUT, 50, 30, True),
    ]
    taken = departures_of(computed, allocate(entries, Terms(40, adjustments={})), {})
    assert [(d.number, d.kind, d.change) for d in taken] == [("2", None, -50)]
    # the last by rank, taken by hand, comes before the better ranked it puts out
    take = {"1": Adjustment(Adjusting.TAKE, None, "ต้องมี")}
    by_hand = {"1": Hand(take["1"], Text("ผู้ปรับ", "Somebody"), NOW)}
    pushed = departures_of(computed, allocate(entries, Terms(100, adjustments=take)), by_hand)
    assert [(d.number, d.kind, d.change) for d in pushed] == [("1", Adjusting.TAKE, 60), ("2", None, -50)]
