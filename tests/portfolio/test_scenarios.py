"""Scenarios: what may be wrong with terms, who may do what to them, and the ledger of what people changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import networkx as nx
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.calls.queries import get_call
from app.kernel.audit import AuditEntry
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused, Stale
from app.kernel.text import Text
from app.kernel.work import open_work
from app.portfolio.actions import (
    adjust_project,
    adopt_scenario,
    change_terms,
    create_scenario,
    drop_scenario,
    release_scenario,
    rename_scenario,
    take_back_adjustment,
)
from app.portfolio.facts import Adjusting, Adjustment, Basis, Bound, Dimension, Entry, Limit, Terms
from app.portfolio.models import Scenario
from app.portfolio.quarters import in_proportion
from app.portfolio.queries import list_departures, ranked_list
from app.portfolio.queries.scenarios import get_scenario, list_adjustments, list_scenarios
from app.portfolio.scenarios import Known, adjustment_problems, find_circle, find_problems
from app.reviews.facts import Panel
from tests.portfolio.test_lists import MILLION, asking, score
from tests.world import FISCAL_YEAR, NOW, World, file_proposal

WHY = "เหตุผลของการปรับ"
BLANK = Text("", "")


def known_entry(number: str, requested: int = 100, reviews: int = 1, least: int | None = None) -> Entry:
    panel = Panel(reviews, 5000 * reviews, 5000 * 5000 * reviews)
    return Entry(
        int(number),
        number,
        BLANK,
        BLANK,
        BLANK,
        "m1",
        "upstream",
        "1.1",
        "passed",
        requested,
        NOW,
        panel,
        least,
    )


KNOWN = Known(
    (
        *(known_entry(n) for n in ("1", "2", "3", "4")),
        known_entry("5", reviews=0),
        known_entry("6", least=60),
    ),
    {"a": 60, "b": 40},
    frozenset({"upstream", "midstream"}),
    {"1.1": "upstream", "1.2": "upstream", "2.1": "midstream"},
)
STAGE, GUIDELINE, MINISTRY = Dimension.STAGE, Dimension.GUIDELINE, Dimension.MINISTRY
FLOOR, CAP = Bound.FLOOR, Bound.CAP


def limits(*rows: tuple[Dimension, str, Bound, int]) -> Terms:
    return Terms(100, limits=tuple(Limit(*row) for row in rows))


@pytest.mark.parametrize(
    ("terms", "places"),
    [
        (Terms(1), []),
        (Terms(0), ["ceiling"]),
        (Terms(1, weights={"a": 50, "b": 50}), []),
        (Terms(1, weights={"a": 50, "b": 49}), ["weights"]),
        (Terms(1, weights={"a": 100}), ["weights"]),
        (Terms(1, weights={"a": 101, "b": -1}), ["weight-a", "weight-b"]),
        (Terms(1, Basis.CALIBRATED, {"a": 50, "b": 50}), ["basis"]),
        (Terms(1, Basis.CALIBRATED, {"a": 60, "b": 40}), []),
        (limits((STAGE, "upstream", FLOOR, 60), (STAGE, "upstream", CAP, 60)), []),
        (limits((STAGE, "nowhere", CAP, 60), (MINISTRY, "m2", CAP, 0)), 
         ["limit-0-group", "limit-1-group", "limit-1-amount"]),
        (limits((STAGE, "upstream", CAP, 60), (STAGE, "upstream", CAP, 70)), ["limit-1-group"]),
        (limits((STAGE, "upstream", FLOOR, 101)), ["limit-0-amount"]),
        (limits((STAGE, "upstream", FLOOR, 60), (STAGE, "upstream", CAP, 59)), ["limit-0-amount"]),
        (limits((STAGE, "upstream", FLOOR, 60), (STAGE, "midstream", FLOOR, 41)), ["limit-1-amount"]),
        # floors of different kinds of group may hold the same projects
        (limits((STAGE, "upstream", FLOOR, 60), (MINISTRY, "m1", FLOOR, 41)), []),
        (
            limits((GUIDELINE, "1.1", FLOOR, 30), (GUIDELINE, "1.2", FLOOR, 31), (STAGE, "upstream", CAP, 60)),
            ["limit-1-amount"],
        ),
        (limits((GUIDELINE, "1.1", FLOOR, 30), (GUIDELINE, "2.1", FLOOR, 31), (STAGE, "upstream", CAP, 60)), []),
        (Terms(1, must_fund=frozenset({"1", "9"})), ["must-1"]),
        (Terms(1, needs=(("1", "2"), ("2", "3"))), []),
        (Terms(1, needs=(("1", "9"), ("1", "1"))), ["needs-0-other", "needs-1-other"]),
        (Terms(1, needs=(("1", "2"), ("1", "2"))), ["needs-1-other"]),
        (Terms(1, needs=(("1", "2"), ("2", "3"), ("3", "1"))), ["needs-2-one"]),
        (Terms(1, needs=(("1", "2"),), exclusive=(("1", "2"),)), ["needs-0-other"]),
        (Terms(1, exclusive=(("1", "2"), ("2", "3"))), []),
        (Terms(1, exclusive=(("1",), ("2", "2"), ("3", "9"))), ["exclusive-0", "exclusive-1", "exclusive-2"]),
        (Terms(1, exclusive=(("1", "2", "3"), ("3", "2"))), ["exclusive-1"]),
        (Terms(1, exclusive=(("3", "2"), ("1", "2", "3"))), ["exclusive-0"]),
        (Terms(1, exclusive=(("1", "2"),), must_fund=frozenset({"1", "2"})), ["exclusive-0"]),
        # what a project that must be funded needs must be funded, too
        (Terms(1, exclusive=(("1", "2"),), must_fund=frozenset({"1", "3"}), needs=(("3", "2"),)), ["exclusive-0"]),
        (
            Terms(
                1,
                exclusive=(("1", "2"),),
                must_fund=frozenset({"1"}),
                adjustments={"2": Adjustment(Adjusting.TAKE, None, WHY)},
            ),
            ["exclusive-0"],
        ),
    ],
)  # fmt: skip
def test_everything_wrong_with_terms_is_told_at_once(terms: Terms, places: list[str]) -> None:
    assert [p.place for p in find_problems(terms, KNOWN)] == places


@pytest.mark.parametrize(
    ("number", "kind", "amount", "reason", "terms", "places"),
    [
        ("1", Adjusting.TAKE, None, WHY, Terms(1), []),
        ("1", Adjusting.TAKE, 100, WHY, Terms(1), []),
        ("1", Adjusting.TAKE, 101, WHY, Terms(1), ["amount"]),
        ("1", Adjusting.CUT, 99, WHY, Terms(1), []),
        ("1", Adjusting.CUT, 100, WHY, Terms(1), ["amount"]),
        ("1", Adjusting.CUT, 0, " ", Terms(1), ["reason", "amount"]),
        ("1", Adjusting.CUT, None, WHY, Terms(1), ["amount"]),
        ("6", Adjusting.CUT, 59, WHY, Terms(1), []),  # below its least: told in the ledger
        ("1", Adjusting.LEAVE, None, WHY, Terms(1), []),
        ("1", Adjusting.LEAVE, 1, WHY, Terms(1), ["amount"]),
        ("5", Adjusting.TAKE, None, WHY, Terms(1), ["kind"]),
        ("1", Adjusting.TAKE, None, WHY, Terms(1, exclusive=(("1", "2"),)), []),
        ("1", Adjusting.TAKE, None, WHY, Terms(1, exclusive=(("1", "2"),), must_fund=frozenset("2")), ["kind"]),
        ("1", Adjusting.CUT, 9, WHY, Terms(1, exclusive=(("1", "2"),), must_fund=frozenset("2")), []),
    ],
)  # fmt: skip
def test_what_stands_against_a_change_by_hand(
    number: str, kind: Adjusting, amount: int | None, reason: str, terms: Terms, places: list[str]
) -> None:
    found = adjustment_problems(number, Adjustment(kind, amount, reason), terms, KNOWN)
    assert [p.place for p in found] == places


_nodes = st.integers(0, 7).map(str)


@settings(deadline=None)  # other work on the machine is not the subject
@given(st.sets(st.tuples(_nodes, _nodes), max_size=20))
def test_a_circle_is_found_exactly_where_there_is_one(pairs: set[tuple[str, str]]) -> None:
    drawn = nx.DiGraph([pair for pair in pairs if pair[0] != pair[1]])
    circle = find_circle(pairs)
    assert bool(circle) is not nx.is_directed_acyclic_graph(drawn)
    assert all(pair in pairs for pair in pairwise(circle))
    assert not circle or (circle[0] == circle[-1] and len(circle) > 2)


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**15), min_size=1, max_size=6), st.integers(0, 10**15))
def test_quarters_sum_to_what_is_granted_and_keep_their_proportion(parts: list[int], total: int) -> None:
    found = in_proportion(parts, total)
    assert sum(found) == total
    whole = sum(parts)
    for part, got in zip(parts, found, strict=True):
        assert not whole or part * total // whole <= got <= part * total // whole + 1
    if total == whole:
        assert list(found) == parts


def test_satang_left_over_go_to_the_largest_remainders_then_the_earlier_quarter() -> None:
    assert in_proportion((1, 1, 1, 0), 100) == (34, 33, 33, 0)
    assert in_proportion((1, 2, 0, 4), 10) == (1, 3, 0, 6)
    assert in_proportion((0, 0, 0), 7) == (0, 0, 7)
    with pytest.raises(ValueError, match="not negative"):
        in_proportion((1, 2), -1)


def nobody_meets(_session: object, _call_id: int) -> bool:
    return False


def make(world: World, by: str = "secretariat", name: str = "ทดลอง", copy_of: int | None = None) -> int:
    with open_work(world.actor(by), NOW) as work:
        return create_scenario(work, FISCAL_YEAR, name, copy_of=copy_of).id


def version_of(scenario_id: int) -> int:
    return db.session().get_one(Scenario, scenario_id).version


def adjust(world: World, by: str, scenario_id: int, proposal_id: int, adjustment: Adjustment) -> None:
    version = version_of(scenario_id)
    with open_work(world.actor(by), NOW) as work:
        adjust_project(work, scenario_id, version, proposal_id, adjustment)


def adopt(world: World, scenario_id: int, by: str = "secretariat") -> None:
    version = version_of(scenario_id)
    with open_work(world.actor(by), NOW) as work:
        adopt_scenario(work, scenario_id, version, WHY, meets=nobody_meets)


def test_a_scenario_from_its_making_to_the_list_it_becomes(app: Flask, world: World) -> None:
    """Made, given terms, changed by hand, adopted; the list follows it, the ledger tells, and it is fixed from then on."""
    first, second, third = (file_proposal(world, asking(baht)) for baht in (6_000_000, 5_000_000, 3_000_000))
    for proposal_id, level in ((first, 4), (second, 3), (third, 2)):
        score(world, proposal_id, level)
    session, call = db.session(), get_call(db.session(), FISCAL_YEAR)
    committee, secretariat = world.actor("committee"), world.actor("secretariat")
    numbers = {x.entry.proposal_id: x.entry.number for x in ranked_list(session, committee, call)}
    before = {x.entry.proposal_id: x.granted for x in ranked_list(session, committee, call)}
    assert before == {first: 6 * MILLION, second: 0, third: 3 * MILLION}

    mine = make(world)
    terms = Terms(9 * MILLION, must_fund=frozenset({numbers[third]}))
    with open_work(secretariat, NOW) as work:
        change_terms(work, mine, version_of(mine), terms)
    adjust(world, "secretariat", mine, first, Adjustment(Adjusting.CUT, 4 * MILLION, WHY))
    adjust(world, "secretariat", mine, first, Adjustment(Adjusting.LEAVE, None, WHY))
    (scenario,) = list_scenarios(session, committee, call)
    assert scenario.terms == replace(
        terms, adjustments={numbers[first]: Adjustment(Adjusting.LEAVE, None, WHY)}
    )
    assert scenario.version == 4
    assert [a.ended_at is None for a in list_adjustments(session, mine, first)] == [True, False]
    assert {x.entry.proposal_id: x.granted for x in ranked_list(session, committee, call)} == before
    assert list_departures(session, call) == ()

    adopt(world, mine)
    after = {x.entry.proposal_id: x.granted for x in ranked_list(session, committee, call)}
    assert after == {first: 0, second: 5 * MILLION, third: 3 * MILLION}
    hand, moved = list_departures(session, call)
    assert (hand.number, hand.kind, hand.before, hand.after, hand.reason, hand.rank) == (
        numbers[first], Adjusting.LEAVE, 6 * MILLION, 0, WHY, 1,
    )  # fmt: skip
    assert (hand.by, hand.at) == (secretariat.name, NOW)
    assert (moved.number, moved.kind, moved.before, moved.after) == (numbers[second], None, 0, 5 * MILLION)
    adopted = get_scenario(session, committee, mine)
    assert adopted.is_adopted
    assert adopted.adopted_sha256 == sha256_text(canonical_json(adopted.terms.to_json()))

    for refused in (
        lambda w: rename_scenario(w, mine, 5, "อื่น", ""),
        lambda w: change_terms(w, mine, 5, terms),
        lambda w: adjust_project(w, mine, 5, first, Adjustment(Adjusting.TAKE, None, WHY)),
        lambda w: take_back_adjustment(w, mine, 5, first),
        lambda w: drop_scenario(w, mine, 5),
        lambda w: adopt_scenario(w, mine, 5, WHY, meets=nobody_meets),
    ):
        with pytest.raises(Refused) as refusal, open_work(secretariat, NOW) as work:
            refused(work)
        assert not isinstance(refusal.value, Stale)

    copy = make(world, name="สำเนา", copy_of=mine)
    assert get_scenario(session, committee, copy).terms == adopted.terms
    with open_work(secretariat, NOW) as work:
        take_back_adjustment(work, copy, 1, first)
    adopt(world, copy)
    assert [s.is_adopted for s in list_scenarios(session, committee, call)] == [True, False]
    assert list_departures(session, call) == ()
    with open_work(secretariat, NOW) as work:
        release_scenario(work, copy, version_of(copy), WHY, meets=nobody_meets)
    assert {x.entry.proposal_id: x.granted for x in ranked_list(session, committee, call)} == before
    actions = session.scalars(
        select(AuditEntry.action).where(AuditEntry.subject.like("scenario:%")).order_by(AuditEntry.seq)
    ).all()
    assert actions == [
        "create_scenario", "change_scenario", "adjust_project", "adjust_project", "adopt_scenario",
        "create_scenario", "take_back_adjustment", "adopt_scenario", "release_scenario",
    ]  # fmt: skip


def _rename(work: object, scenario_id: int, version: int) -> None:
    rename_scenario(work, scenario_id, version, "ชื่อใหม่", "")  # type: ignore[arg-type]


def _drop(work: object, scenario_id: int, version: int) -> None:
    drop_scenario(work, scenario_id, version)  # type: ignore[arg-type]


def _terms(work: object, scenario_id: int, version: int) -> None:
    change_terms(work, scenario_id, version, Terms(5 * MILLION))  # type: ignore[arg-type]


def _adopt(work: object, scenario_id: int, version: int) -> None:
    adopt_scenario(work, scenario_id, version, WHY, meets=nobody_meets)  # type: ignore[arg-type]


Deed = Callable[[object, int, int], None]


@pytest.mark.parametrize(
    ("deed", "by", "made_by", "outcome"),
    [
        (_rename, "committee", "committee", None),
        (_rename, "secretariat", "committee", None),
        (_rename, "committee", "secretariat", NotFound),
        (_terms, "committee", "secretariat", NotFound),
        (_drop, "committee", "secretariat", NotFound),
        (_drop, "committee", "committee", None),
        (_adopt, "committee", "committee", Forbidden),
        (_adopt, "secretariat", "committee", None),
        (_rename, "admin", "committee", Forbidden),
        (_terms, "reviewer_bb", "committee", Forbidden),
        (_drop, "officer", "committee", Forbidden),
    ],
)
def test_members_change_their_own_and_the_secretariat_any(
    app: Flask, world: World, deed: Deed, by: str, made_by: str, outcome: type[Exception] | None
) -> None:
    scenario_id = make(world, made_by)
    if outcome is None:
        with open_work(world.actor(by), NOW) as work:
            deed(work, scenario_id, 1)
        assert version_of(scenario_id) == 2
    else:
        with pytest.raises(outcome), open_work(world.actor(by), NOW) as work:
            deed(work, scenario_id, 1)


def test_an_old_page_changes_nothing_and_a_dropped_scenario_is_gone(app: Flask, world: World) -> None:
    scenario_id = make(world)
    secretariat = world.actor("secretariat")
    for deed in (_rename, _terms, _adopt, _drop):
        with pytest.raises(Stale), open_work(secretariat, NOW) as work:
            deed(work, scenario_id, 2)
    with open_work(secretariat, NOW) as work:
        _drop(work, scenario_id, 1)
    with pytest.raises(NotFound):
        get_scenario(db.session(), secretariat, scenario_id)
    assert make(world) != scenario_id  # its name is free again


@pytest.mark.parametrize(
    ("ceiling", "reason", "meets", "places"),
    [
        (11 * MILLION, "", False, ["reason", "terms"]),
        (10 * MILLION, WHY, True, ["reason"]),
        (10 * MILLION, WHY, False, []),
    ],
)
def test_adopting_tells_everything_that_stands_against_it(
    app: Flask, world: World, ceiling: int, reason: str, meets: bool, places: list[str]
) -> None:
    scenario_id, secretariat = make(world), world.actor("secretariat")
    with open_work(secretariat, NOW) as work:
        change_terms(work, scenario_id, 1, Terms(ceiling))
    found: list[str] = []
    try:
        with open_work(secretariat, NOW) as work:
            adopt_scenario(work, scenario_id, 2, reason, meets=lambda _session, _call: meets)
    except Refused as refusal:
        found = [p.place for p in refusal.problems]
    assert found == places
    stored = db.session().get_one(Scenario, scenario_id)
    assert (stored.adopted_for is None) is bool(places)
    assert json.loads(stored.content)["ceiling"] == f"{ceiling // 100}.00"
