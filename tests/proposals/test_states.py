"""The proposal's lifecycle: the whole table, by hand, and walks that never leave it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kernel.errors import Refused
from app.proposals.states import (
    APPROVED,
    APPROVED_STATES,
    CONDITIONAL,
    DEFERRED,
    DRAFT,
    FAILED,
    FILED_STATES,
    LIFECYCLE,
    PASSED,
    QUESTIONED,
    RANKED_STATES,
    RECORDED,
    REJECTED,
    RETURNED,
    REVIEWABLE_STATES,
    STATES,
    SUBMITTED,
)

SCREENED = {SUBMITTED, PASSED, QUESTIONED, FAILED}
DECIDED = {APPROVED, CONDITIONAL, DEFERRED, REJECTED}

# move -> (the states it may start from, the state it leads to)
ARROWS = {
    "submit": ({DRAFT}, SUBMITTED),
    "record": ({DRAFT}, RECORDED),
    "withdraw": (SCREENED, DRAFT),
    "return": (SCREENED, RETURNED),
    "refile": ({RETURNED}, SUBMITTED),
    "recall": ({RETURNED}, SUBMITTED),
    "pass": (SCREENED, PASSED),
    "question": (SCREENED, QUESTIONED),
    "fail": (SCREENED, FAILED),
    "approve": (DECIDED | {PASSED}, APPROVED),
    "approve_conditionally": (DECIDED | {PASSED}, CONDITIONAL),
    "defer": (DECIDED | {PASSED}, DEFERRED),
    "reject": (DECIDED | {PASSED}, REJECTED),
}


def test_the_table_has_these_moves_and_no_others() -> None:
    assert LIFECYCLE.moves.keys() == ARROWS.keys()
    assert LIFECYCLE.states == STATES


@pytest.mark.parametrize("move", ARROWS)
@pytest.mark.parametrize("state", STATES)
def test_every_move_from_every_state(state: str, move: str) -> None:
    sources, target = ARROWS[move]
    if state in sources:
        assert LIFECYCLE.after(state, move) == target
    else:
        with pytest.raises(Refused):
            LIFECYCLE.after(state, move)


def test_every_state_can_be_reached_from_a_draft() -> None:
    reached, frontier = {DRAFT}, [DRAFT]
    while frontier:
        state = frontier.pop()
        for sources, target in ARROWS.values():
            if state in sources and target not in reached:
                reached.add(target)
                frontier.append(target)
    assert reached == set(STATES)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sorted(ARROWS)), max_size=12))
def test_a_walk_never_leaves_the_table_nor_undecides(moves: list[str]) -> None:
    state = DRAFT
    for move in moves:
        if state not in LIFECYCLE.moves[move].sources:
            continue
        after = LIFECYCLE.after(state, move)
        assert after in STATES
        assert after != DRAFT or move == "withdraw"
        assert state not in DECIDED or after in DECIDED
        assert state != RECORDED
        state = after


def test_groups_of_states() -> None:
    assert set(STATES) - {DRAFT} == FILED_STATES
    assert {PASSED} == REVIEWABLE_STATES
    assert {APPROVED, CONDITIONAL} == APPROVED_STATES
    assert DECIDED | {PASSED} == RANKED_STATES
