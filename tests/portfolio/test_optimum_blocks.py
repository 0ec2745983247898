"""The what-if by way of its small caps: one cap by itself against every choice there is, and all together against the solver
left alone."""

from __future__ import annotations

import random
from itertools import product
from time import perf_counter

import numpy as np
import pytest

from app.portfolio.optimum import knapsack
from app.portfolio.optimum.blocks import find_blocks
from app.portfolio.optimum.branching import Search
from app.portfolio.optimum.knapsack import fill
from app.portfolio.optimum.stating import Row


def capped(seed: int) -> tuple[np.ndarray, np.ndarray, int, list[list[int]]]:
    dice = random.Random(seed)
    count, unit = dice.randint(1, 9), dice.choice([1, 1000, 10**12 + 39])
    weight = [dice.randint(1, 30) * unit + dice.choice([0, 0, 1]) for _ in range(count)]
    worth = [dice.randint(-(10**9), 2**40) if dice.random() < 0.5 else w // unit for w in weight]
    levels: list[list[int]] = []
    for place in range(count):
        if levels and len(levels[-1]) < 3 and dice.random() < 0.3:
            levels[-1].append(place)
        else:
            levels.append([place])
    return np.array(weight), np.array(worth), dice.randint(0, sum(weight)), levels


@pytest.mark.parametrize("longest", [5000, 8])
def test_a_cap_by_itself_is_filled_as_well_as_can_be(longest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With short lists it is only bounded, and truly."""
    monkeypatch.setattr(knapsack, "_LONGEST", longest)
    exact = 0
    for seed in range(300):
        weight, worth, cap, levels = capped(seed)
        filled = fill(weight, worth, cap, levels, 4)
        best = max(
            sum(int(worth[place]) for place in chosen if place is not None)
            for chosen in product(*[[None, *level] for level in levels])
            if sum(int(weight[place]) for place in chosen if place is not None) <= cap
        )
        assert filled.most >= best, seed
        exact += filled.most == best
        for places in filled.choices:
            assert sum(int(weight[place]) for place in places) <= cap, seed
            assert all(len(set(level) & set(places)) <= 1 for level in levels), seed
    assert exact == 300 or longest < 5000
    assert exact > 200


def medium(seed: int) -> tuple[list[int], list[Row]]:
    """240 choices: a ceiling, caps of eight groups and of one that cuts across them, a floor, levels, needs, a group that
    excludes each other across blocks."""
    dice = random.Random(seed)
    count = 240
    amount = [max(1, round(dice.lognormvariate(16, 1.2))) for _ in range(count)]
    score = [dice.randint(4000, 9000) for _ in range(count)]
    group = [dice.randrange(12) for _ in range(count)]
    side = [dice.randrange(3) for _ in range(count)]

    def held(chosen: list[int], sign: int = 1) -> tuple[tuple[int, int], ...]:
        return tuple((n, sign * amount[n]) for n in chosen)

    rows = [Row(held(list(range(count))), sum(amount) * 45 // 100)]
    for g in range(8):
        inside = [n for n in range(count) if group[n] == g]
        rows.append(Row(held(inside), sum(amount[n] for n in inside) * 35 // 100))
        rows.append(Row(tuple((n, 1) for n in inside[:2]), 1))
    for s, sign, percent in ((0, 1, 42), (1, -1, 46)):
        inside = [n for n in range(count) if side[n] == s]
        rows.append(Row(held(inside, sign), sign * (sum(amount[n] for n in inside) * percent // 100)))
    picked = dice.sample(range(count), 19)
    rows += [Row(((one, 1), (other, -1)), 0) for one, other in zip(picked[:8], picked[8:16], strict=True)]
    rows.append(Row(tuple((n, 1) for n in picked[16:]), 1))
    return [a * s for a, s in zip(amount, score, strict=True)], rows


@pytest.mark.parametrize("seed", [0, 2])
def test_by_way_of_the_caps_the_answer_is_the_solvers_own(seed: int) -> None:
    worth, rows = medium(seed)
    alone = Search(worth, rows, perf_counter() + 60, 10**9).run()  # too few choices to be taken apart
    assert alone.is_proven
    for parts in (10**4, 10**9):
        found = Search(worth, rows, perf_counter() + 60, parts).by_blocks()
        assert found is not None
        assert found.bound is not None
        assert found.value <= alone.value <= found.bound
        assert found.bound - found.value <= found.value // parts
        assert found.is_proven or parts < 10**9
        assert found.chosen is not None
        assert sum(worth[n] for n in found.chosen) == found.value
        for row in rows:
            assert sum(c for n, c in row.parts if n in found.chosen) <= row.most


def test_blocks_share_no_choice_and_keep_the_levels_that_lie_within() -> None:
    rows = medium(0)[1]
    blocks, shared = find_blocks(rows, 240)
    assert len(blocks) == 8
    every = [choice for block in blocks for choice in block.choices]
    assert len(every) == len(set(every))
    assert all(max(map(len, block.levels)) == 2 for block in blocks)
    inside = set(range(len(rows))) - set(shared)
    assert {block.row for block in blocks} < inside
    assert len(inside) == 16
