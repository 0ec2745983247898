"""Many walks at once are the same walks, one by one: every kind of term, on thousands of small made-up cases."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from app.kernel.text import Text
from app.portfolio.allocation import TAKING, walk
from app.portfolio.facts import Adjusting, Adjustment, Bound, Dimension, Entry, Ground, Limit, Terms
from app.portfolio.many_walks import places_in, taken_in_many, walk_many
from app.proposals.states import PASSED
from app.reviews.facts import Panel
from tests.world import NOW

NAME = Text("ก", "a")
STAGES, GUIDELINES, MINISTRIES = ("upstream", "midstream"), ("1.1", "2.1"), ("mof", "moi", "mot")
BASE = Entry(1, "", NAME, NAME, NAME, "mof", "upstream", "1.1", PASSED, 1, NOW, Panel(1, 50, 2500))
ORDERS = 5


def made_up(dice: random.Random) -> tuple[list[Entry], Terms]:
    """A few entries and terms; each kind of term is there about half of the time."""
    entries = []
    for n in range(1, dice.randint(1, 9) + 1):
        requested = dice.randint(1, 9)
        entries.append(
            replace(
                BASE,
                proposal_id=n,
                number=f"n{n}",
                ministry_code=dice.choice(MINISTRIES),
                stage=dice.choice(STAGES),
                guideline=dice.choice(GUIDELINES),
                requested=requested,
                least=dice.choice((None, dice.randint(1, requested))),
            )
        )
    # some numbers that are not on the list: filings that fell out since the terms were written
    numbers = [*(e.number for e in entries), "x1", "x2"]

    def some(most: int) -> list[str]:
        return dice.sample(numbers, min(dice.randint(0, most), len(numbers)))

    limits = []
    for _ in range(dice.choice((0, dice.randint(1, 4)))):
        dimension = dice.choice(list(Dimension))
        codes = {
            Dimension.STAGE: STAGES,
            Dimension.GUIDELINE: GUIDELINES,
            Dimension.MINISTRY: (*MINISTRIES, "none"),
        }
        limits.append(
            Limit(dimension, dice.choice(codes[dimension]), dice.choice(list(Bound)), dice.randint(0, 20))
        )
    adjustments = {}
    for number in some(3) if dice.random() < 0.5 else ():
        kind = dice.choice(list(Adjusting))
        amount = None if kind is Adjusting.LEAVE else dice.choice((None, 1, 3, 12))
        adjustments[number] = Adjustment(
            kind, 2 if kind is Adjusting.CUT and amount is None else amount, "why"
        )
    return entries, Terms(
        ceiling=dice.randint(0, 30),
        limits=tuple(limits),
        must_fund=frozenset(some(2)) if dice.random() < 0.5 else frozenset(),
        needs=tuple((a, b) for a, b in zip(some(5), some(5), strict=False) if a != b)
        if dice.random() < 0.6
        else (),
        exclusive=tuple(group for _ in range(2) if len(group := tuple(some(3))) > 1)
        if dice.random() < 0.5
        else (),
        partial=dice.random() < 0.5,
        adjustments=adjustments,
    )


def test_every_kind_of_term_as_the_walk_has_it() -> None:
    dice = random.Random(2567)
    seen: set[Ground] = set()
    for case in range(2000):
        entries, terms = made_up(dice)
        orders = np.array([dice.sample(range(len(entries)), len(entries)) for _ in range(ORDERS)])
        granted, taken = walk_many(entries, terms, orders), taken_in_many(entries, terms, orders)
        for row, order in enumerate(orders.tolist()):
            outcomes = walk([entries[at] for at in order], terms)
            seen |= {outcome.ground for outcome in outcomes.values()}
            expected = [outcomes[entry.number] for entry in entries]
            assert granted[row].tolist() == [outcome.granted for outcome in expected], (case, terms)
            assert taken[row].tolist() == [outcome.ground in TAKING for outcome in expected], (case, terms)
    assert seen == set(Ground) - {Ground.UNSCORED, Ground.RECORDED}


@pytest.mark.parametrize("ceiling", [3, 6, 9, 12])
def test_who_waits_is_released_as_deep_as_it_goes(ceiling: int) -> None:
    """n1 needs n2, n2 needs n3, n4 needs n3, too: taking n3 lets them all in, in the order they stand in."""
    entries = [replace(BASE, proposal_id=n, number=f"n{n}", requested=3) for n in range(1, 5)]
    terms = Terms(ceiling, needs=(("n1", "n2"), ("n2", "n3"), ("n4", "n3")))
    orders = np.array([[0, 1, 3, 2], [3, 0, 1, 2], [0, 3, 1, 2], [2, 3, 1, 0]])
    granted = walk_many(entries, terms, orders)
    for row, order in enumerate(orders.tolist()):
        outcomes = walk([entries[at] for at in order], terms)
        assert granted[row].tolist() == [outcomes[e.number].granted for e in entries]
    # with room for two, the one that stood first among those let in is the second
    if ceiling == 6:
        assert granted.tolist() == [[0, 3, 3, 0], [0, 0, 3, 3], [0, 0, 3, 3], [0, 0, 3, 3]]


def test_nothing_to_walk() -> None:
    assert walk_many([], Terms(5), np.empty((3, 0), np.intp)).shape == (3, 0)
    assert walk_many([BASE], Terms(5), np.empty((0, 1), np.intp)).shape == (0, 1)


def test_places_are_the_inverse_of_orders() -> None:
    orders = np.array([[2, 0, 1], [0, 1, 2]])
    assert places_in(orders).tolist() == [[1, 2, 0], [0, 1, 2]]
