"""Made-up panels for the tests of calibration: tables of scores, and random designs that hang together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from hypothesis import strategies as st

from app.reviews.design import Rating

# Shrout & Fleiss 1979, table 2: six targets, four judges
SHROUT_FLEISS = ((9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7))


def ratings(table: Mapping[int, Mapping[int, int]]) -> list[Rating]:
    """Proposal -> reviewer -> hundredths."""
    return [
        Rating(proposal, reviewer, score)
        for proposal, row in table.items()
        for reviewer, score in row.items()
    ]


def shrout_fleiss() -> list[Rating]:
    return [Rating(i, j, 100 * v) for i, row in enumerate(SHROUT_FLEISS) for j, v in enumerate(row)]


def simulate(
    seed: int, proposals: int = 20, reviewers: int = 6, each: int = 3, severity: int = 900, noise: int = 600
) -> list[Rating]:
    """Additive scores with known spreads."""
    dice = np.random.default_rng(seed)
    quality, level = dice.normal(6000, 1000, proposals), dice.normal(0, severity, reviewers)
    return [
        Rating(i, int(j), round(quality[i] + level[j] + dice.normal(0, noise)))
        for i in range(proposals)
        for j in dice.choice(reviewers, each, replace=False)
    ]


@st.composite
def designs(draw: Any) -> list[tuple[int, int]]:
    """Pairs of proposal and reviewer: every reviewer shares a proposal with the next, has at least three, and most
    proposals have two reviews; the keys are in no order."""
    reviewers = draw(st.integers(2, 6))
    pairs = {(n, one) for n in range(reviewers) for one in (n, (n + 1) % reviewers)}
    pairs |= {(reviewers + n, one) for n in range(reviewers) for one in (n, (n + 1) % reviewers)}
    more = draw(
        st.sets(st.tuples(st.integers(0, 2 * reviewers + 2), st.integers(0, reviewers - 1)), max_size=25)
    )
    keys = draw(st.permutations(range(2 * reviewers + 3)))
    return sorted((keys[p], r) for p, r in pairs | more)
