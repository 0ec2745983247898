"""The what-if optimiser against every choice there is, tried one by one; and against the walk, which never beats it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from app.kernel.text import Text
from app.portfolio.allocation import TAKING, allocate, amounts_of, must_take, walk
from app.portfolio.facts import Adjusting, Adjustment, Bound, Dimension, Entry, Ground, Limit, Terms
from app.portfolio.optimum.apart import answer_apart
from app.portfolio.optimum.branching import Search
from app.portfolio.optimum.comparing import Change, Margin, compare, margin_of, value_text
from app.portfolio.optimum.facts import (
    NEAR,
    Aim,
    Optimum,
    Question,
    ceilings_around,
    floor_shortfalls,
    score_of,
    value_of,
)
from app.portfolio.optimum.solving import optimise
from app.portfolio.optimum.stating import Row, is_allowed
from app.portfolio.rules import rank
from app.proposals.states import PASSED
from app.reviews.facts import Panel
from tests.world import NOW

NAME = Text("ก", "a")
STAGES, GUIDELINES, MINISTRIES = ("upstream", "midstream"), ("1", "2"), ("a", "b", "c")


def panel(*totals: int) -> Panel:
    return Panel(len(totals), sum(totals), sum(t * t for t in totals))


BASE = Entry(1, "P1", NAME, NAME, NAME, "a", "upstream", "1", PASSED, 100, NOW, panel(5000))


def entry(number: int, score: int, asked: int, **changes: object) -> Entry:
    changes = {
        "proposal_id": number,
        "number": f"P{number}",
        "panel": panel(score),
        "requested": asked,
    } | changes
    return replace(BASE, **changes)  # type: ignore[arg-type]


def small_case(seed: int) -> tuple[list[Entry], Terms]:
    """Up to seven entries with constraints of every kind; amounts as small as 1 and as odd as 10**12 + 39."""
    dice = random.Random(seed)
    unit = dice.choice([1, 1, 100, 10**12 + 39])
    entries = []
    for n in range(1, dice.randint(2, 7) + 1):
        asked = dice.randint(1, 12) * unit + dice.choice([0, 0, 1])
        entries.append(
            entry(
                n,
                dice.choice([0, 2500, 5000, 5001, 7500, 10_000]),
                asked,
                stage=dice.choice(STAGES),
                guideline=dice.choice(GUIDELINES),
                ministry_code=dice.choice(MINISTRIES),
                least=dice.randint(1, asked) if dice.random() < 0.4 else None,
            )
        )
    numbers = [e.number for e in entries]
    whole = sum(e.requested for e in entries)

    def limit(bound: Bound) -> Limit:
        dimension, codes = dice.choice(
            [(Dimension.STAGE, STAGES), (Dimension.GUIDELINE, GUIDELINES), (Dimension.MINISTRY, MINISTRIES)]
        )
        return Limit(dimension, dice.choice(codes), bound, dice.randint(0, whole * 2 // 3))

    def pair() -> tuple[str, ...]:
        return tuple(dice.sample([*numbers, "P99"], 2))

    adjustments = {}
    for number in numbers:
        if dice.random() < 0.2:
            kind = dice.choice(list(Adjusting))
            amount = dice.randint(1, 12) * unit if kind is Adjusting.CUT else None
            adjustments[number] = Adjustment(kind, amount, "ทดสอบ")
    needs = []
    for _ in range(dice.choice([0, 0, 1, 2])):
        one, other = pair()
        # whoever is needed stands later in the list: no circle
        if one != "P99" and (other == "P99" or one < other):
            needs.append((one, other))
    return rank(entries), Terms(
        dice.randint(0, whole),
        limits=tuple(limit(dice.choice(list(Bound))) for _ in range(dice.choice([0, 1, 2, 3]))),
        must_fund=frozenset(n for n in [*numbers, "P99"] if dice.random() < 0.12),
        needs=tuple(needs),
        exclusive=tuple(pair() for _ in range(dice.choice([0, 0, 1, 2]))),
        partial=dice.random() < 0.6,
        adjustments=adjustments,
    )


def every_choice(ordered: Sequence[Entry], terms: Terms, aim: Aim) -> tuple[int, ...]:
    """The best (floors' shortfalls below nothing, value) of all choices there are, from the terms alone."""
    forced, left = {}, terms.ceiling
    for e in ordered:
        why = must_take(ordered, terms).get(e.number)
        if why is not None:
            levels_of = amounts_of(e, terms)[:1] if why[0] is Ground.TAKEN else amounts_of(e, terms)
            forced[e.number] = next((amount for amount in levels_of if amount <= left), 0)
            left -= forced[e.number]
    levels = []
    for e in ordered:
        adjustment = terms.adjustments.get(e.number)
        if e.number in forced:
            levels.append([forced[e.number]])
        elif adjustment is not None and adjustment.kind is Adjusting.LEAVE:
            levels.append([0])
        else:
            levels.append([0, *amounts_of(e, terms)])
    grid = np.array(np.meshgrid(*[np.array(v, dtype=np.int64) for v in levels], indexing="ij"))
    amounts = grid.reshape(len(ordered), -1)
    taken, free = amounts > 0, np.array([e.number not in forced for e in ordered])
    place = {e.number: at for at, e in enumerate(ordered)}
    good = amounts.sum(axis=0) <= terms.ceiling
    for limit in terms.limits:
        inside = np.array([limit.holds_for(e) for e in ordered])
        if limit.bound is Bound.CAP and inside.any():
            good &= (amounts[inside].sum(axis=0) <= limit.amount) | ~taken[inside & free].any(axis=0)
    for one, other in terms.needs:
        if one in place and free[place[one]]:
            good &= ~taken[place[one]] | (taken[place[other]] if other in place else False)
    for group in terms.exclusive:
        at = [place[n] for n in set(group) if n in place]
        if at:
            good &= (taken[at].sum(axis=0) <= 1) | ~(taken[at] & free[at][:, None]).any(axis=0)
    amounts, taken = amounts[:, good], taken[:, good]
    keys = []
    for limit in terms.limits:
        if limit.bound is Bound.FLOOR:
            inside = np.array([limit.holds_for(e) for e in ordered])
            keys.append(-np.maximum(0, limit.amount - amounts[inside].sum(axis=0)))
    scores = np.array([score_of(e, terms.basis) for e in ordered], dtype=np.int64)[:, None]
    worth = {Aim.PRODUCT: scores * amounts, Aim.SCORES: scores * taken, Aim.PROJECTS: taken.astype(np.int64)}
    keys.append(worth[aim].sum(axis=0))
    return tuple(int(n) for n in max(zip(*keys, strict=True)))


def goodness(ordered: Sequence[Entry], terms: Terms, aim: Aim, taken: dict[str, int]) -> tuple[int, ...]:
    floors = [limit for limit in terms.limits if limit.bound is Bound.FLOOR]
    missed = floor_shortfalls(ordered, floors, taken)
    return (*(-n for n in missed), value_of(aim, ordered, terms.basis, taken))


def walked(ordered: Sequence[Entry], terms: Terms) -> dict[str, int]:
    return {n: o.granted for n, o in walk(ordered, terms).items() if o.ground in TAKING}


@pytest.mark.parametrize("start", range(0, 1000, 250))
def test_the_optimum_is_the_best_of_all_choices_and_the_walk_is_one_of_them(start: int) -> None:
    for seed in range(start, start + 250):
        ordered, terms = small_case(seed)
        aim = list(Aim)[seed % 3]
        found = optimise(ordered, terms, aim, 20)
        best = every_choice(ordered, terms, aim)
        assert is_allowed(ordered, terms, found.taken), seed
        assert goodness(ordered, terms, aim, dict(found.taken)) == best, seed
        assert found.is_proven, seed
        assert found.bound is not None
        assert found.bound >= found.value == best[-1], seed
        assert [u.short for u in found.unmet] == [-n for n in best[:-1] if n], seed
        by_walk = walked(ordered, terms)
        assert is_allowed(ordered, terms, by_walk), seed
        assert goodness(ordered, terms, aim, by_walk) <= best, seed


ENTRIES = [entry(1, 9000, 60), entry(2, 8000, 50), entry(3, 8000, 50)]
ALONE = Terms(100)


@pytest.mark.parametrize(
    ("terms", "aim", "taken"),
    [
        (ALONE, Aim.PRODUCT, {"P2": 50, "P3": 50}),  # the walk takes P1 and nothing else fits
        (replace(ALONE, must_fund=frozenset({"P1"})), Aim.PRODUCT, {"P1": 60}),
        # what must be funded is not stopped by a cap, and leaves nothing under it for others
        (
            Terms(
                200,
                must_fund=frozenset({"P1"}),
                limits=(Limit(Dimension.STAGE, "upstream", Bound.CAP, 50),),
            ),
            Aim.PRODUCT,
            {"P1": 60},
        ),
        (
            replace(ALONE, adjustments={"P2": Adjustment(Adjusting.LEAVE, None, "x")}),
            Aim.PRODUCT,
            {"P1": 60},
        ),
        (replace(ALONE, exclusive=(("P2", "P3"),)), Aim.PRODUCT, {"P1": 60}),
        (replace(ALONE, needs=(("P2", "P1"),)), Aim.PRODUCT, {"P1": 60}),
        # equal in score and amount: the better ranked
        (Terms(50), Aim.SCORES, {"P2": 50}),
        # out of reach: as near as can be, before the aim counts
        (
            Terms(60, limits=(Limit(Dimension.MINISTRY, "a", Bound.FLOOR, 80),)),
            Aim.PRODUCT,
            {"P1": 60},
        ),
    ],
)
def test_what_the_terms_mean(terms: Terms, aim: Aim, taken: dict[str, int]) -> None:
    assert dict(optimise(rank(ENTRIES), terms, aim, 20).taken) == taken


@pytest.mark.parametrize("aim", Aim)
def test_of_equals_the_better_ranked_are_taken(aim: Aim) -> None:
    """Forty that ask one of two amounts at one of two scores: whom the solver picks of equals is not left to it."""
    dice = random.Random(11)
    listed = [
        entry(n, dice.choice([6000, 7000]), dice.choice([20, 30]), ministry_code=dice.choice(MINISTRIES))
        for n in range(1, 41)
    ]
    ordered = rank(listed)
    for ceiling in range(300, 700, 50):
        terms = Terms(ceiling, limits=(Limit(Dimension.MINISTRY, "a", Bound.CAP, ceiling // 4),))
        taken = optimise(ordered, terms, aim, 20).taken
        for code in MINISTRIES:
            for score, asked in product([6000, 7000], [20, 30]):
                equals = [
                    e
                    for e in ordered
                    if (e.ministry_code, e.panel.total, e.requested) == (code, score, asked)
                ]
                inside = [e.number in taken for e in equals]
                assert inside == sorted(inside, reverse=True), (ceiling, code, score, asked)


def test_the_order_entries_come_in_changes_nothing() -> None:
    ordered, terms = small_case(7)
    question = Question(tuple(ordered), terms, Aim.PRODUCT, (terms.ceiling,), 20)
    (one,) = answer_apart(question)
    (other,) = answer_apart(replace(question, entries=tuple(reversed(ordered))))
    assert one.taken == other.taken
    assert one.solver.startswith("HiGHS 1.")


def larger_case(count: int) -> tuple[list[Entry], Terms]:
    dice = random.Random(count)
    entries = [
        entry(n, dice.randint(3000, 9900), dice.randint(10**7, 10**11), ministry_code=dice.choice(MINISTRIES))
        for n in range(1, count + 1)
    ]
    half = sum(e.requested for e in entries) // 2
    return rank(entries), Terms(half, limits=(Limit(Dimension.MINISTRY, "a", Bound.CAP, half // 5),))


@pytest.mark.parametrize("count", [300, 2500])
def test_bound_and_value_of_a_large_call_are_a_ten_thousandth_apart_at_most(count: int) -> None:
    ordered, terms = larger_case(count)
    found = optimise(ordered, terms, Aim.PRODUCT, 60, NEAR)
    assert is_allowed(ordered, terms, found.taken)
    assert found.bound is not None
    assert 0 <= found.bound - found.value <= found.value // NEAR
    assert goodness(ordered, terms, Aim.PRODUCT, walked(ordered, terms))[-1] <= found.value


def test_without_time_the_walk_stands_and_nothing_is_called_proven() -> None:
    ordered, terms = larger_case(300)
    found = optimise(ordered, terms, Aim.PRODUCT, 0)
    assert found.is_walk
    assert not found.is_proven
    assert found.taken == walked(ordered, terms)


def test_a_solution_that_breaks_a_row_by_one_satang_is_not_taken() -> None:
    """Two amounts that miss the ceiling by 1 of 10**14: less than a double can hold beside them."""
    amounts = (10**14 + 1, 10**14)
    row = Row(tuple(enumerate(amounts)), 2 * 10**14)
    found = Search([3, 2], [row], _far()).run()
    assert found.chosen == {0}
    assert found.value == 3


def _far() -> float:
    from time import perf_counter

    return perf_counter() + 20


def test_the_comparison_says_who_enters_who_leaves_and_whose_amount_changes() -> None:
    # the walk: P1 60, P4 with its least 10, P5 for 20; better: P2 and P3, P5 with all it asks left out
    ordered = rank([*ENTRIES, entry(4, 7000, 40, least=10)])
    terms = Terms(140, partial=True)
    found = optimise(ordered, terms, Aim.PRODUCT, 20)
    compared = compare(allocate(ordered, terms), found)
    assert {c.line.entry.number: (c.change, c.line.granted, c.now) for c in compared.differing} == {
        "P1": (Change.LEAVES, 60, 0),
        "P3": (Change.ENTERS, 0, 50),
        "P4": (Change.MORE, 10, 40),
    }
    assert compared.walk_value == 60 * 9000 + 50 * 8000 + 10 * 7000
    assert compared.gain == 50 * 8000 + 40 * 7000 - 60 * 9000 - 10 * 7000


def test_eleven_ceilings_stand_two_percent_apart_around_the_ceiling() -> None:
    assert ceilings_around(1000) == (900, 920, 940, 960, 980, 1000, 1020, 1040, 1060, 1080, 1100)


@pytest.mark.parametrize(
    ("aim", "value", "over", "is_proven", "margin"),
    [
        # 2,000,000.00 baht at 75.00: a thousand-millionth of that is 1,500 hundredths of a point times satang
        (Aim.PRODUCT, 7500 * 2 * 10**8, 0, True, Margin(1500, 1, 1, 1)),
        (Aim.PRODUCT, 7500 * 2 * 10**8, 0, False, Margin(0, 0, 0, 0)),
        (Aim.PRODUCT, 7500 * 2 * 10**8, 75 * 10**6 + 1, False, Margin(75 * 10**6 + 1, 51, 7501, 10_001)),
        (Aim.SCORES, 15_000, 1, False, Margin(1, 67, 1, None)),
        (Aim.PROJECTS, 850, 0, True, Margin(0, 0, 0, None)),
        (Aim.PROJECTS, 850, None, False, None),
    ],
)
def test_the_margin_is_rounded_up_and_a_proof_is_no_finer_than_its_measure(
    aim: Aim, value: int, over: int | None, is_proven: bool, margin: Margin | None
) -> None:
    bound = None if over is None else value + over
    found = Optimum(aim, Terms(2 * 10**8), {"P1": 2 * 10**8}, value, bound, is_proven, (), False, "HiGHS", 1)
    assert margin_of(found) == margin


def test_a_value_is_rounded_down_and_a_bound_up() -> None:
    assert value_text(Aim.PRODUCT, 123 * 10**10 + 1) == "123.00"
    assert value_text(Aim.PRODUCT, 123 * 10**10 + 1, up=True) == "123.01"
    assert value_text(Aim.PRODUCT, 123 * 10**10, up=True) == "123.00"
    assert value_text(Aim.SCORES, 12_345, up=True) == "123.45"
    assert value_text(Aim.PROJECTS, 1234, up=True) == "1,234"
