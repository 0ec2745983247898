"""Whose turn it is: a decision table, row by row."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.calls.facts import Phase
from app.proposals.signoff import Standing
from app.proposals.states import STATES
from app.proposals.turns import ACT_NAMES, PARTY_NAMES, Act, PartFacts, Party, TurnFacts, whose_turn

LEAD, ONE, TWO = 1, 2, 3
BARE = TurnFacts(lead_id=LEAD)
NOT_INVITED, INVITED, DECLINED, FILLING, CONFIRMED, SIGNED = (PartFacts(ONE, s) for s in Standing)
JOINED = replace(FILLING, missing=2)
CERTIFIED = replace(BARE, is_certified=True)

# state, what else is known -> (party, act, agency, count) of every step, in order
TABLE: list[tuple[str, TurnFacts, list[tuple[str, str, int, int]]]] = [
    ("draft", replace(BARE, missing=3), [("officer", "fill_in", LEAD, 3)]),
    ("draft", BARE, [("officer", "file", LEAD, 0)]),
    ("draft", replace(BARE, window=Phase.UPCOMING, missing=1), [("officer", "fill_in", LEAD, 1)]),
    ("draft", replace(BARE, window=Phase.GRACE), [("officer", "file", LEAD, 0)]),
    ("draft", replace(BARE, window=Phase.CLOSED, missing=3), [("nobody", "nothing", 0, 0)]),
    # participants: where nothing is signed, the filing waits only for what is missing in it
    ("draft", replace(BARE, parts=(NOT_INVITED,)), [("officer", "file", LEAD, 0)]),
    (
        "draft",
        replace(BARE, parts=(INVITED,)),
        [("participant", "answer_invitation", ONE, 0), ("officer", "file", LEAD, 0)],
    ),
    ("draft", replace(BARE, parts=(JOINED,)), [("participant", "confirm_part", ONE, 2)]),
    (
        "draft",
        replace(BARE, parts=(FILLING,)),
        [("participant", "confirm_part", ONE, 0), ("officer", "file", LEAD, 0)],
    ),
    (
        "draft",
        replace(BARE, missing=1, parts=(JOINED,)),
        [("officer", "fill_in", LEAD, 1), ("participant", "confirm_part", ONE, 2)],
    ),
    ("draft", replace(BARE, parts=(CONFIRMED,)), [("officer", "file", LEAD, 0)]),
    ("draft", replace(BARE, parts=(DECLINED,)), [("officer", "file", LEAD, 0)]),
    # where everything is signed: each participant settled, its part signed, then the whole, then the filing
    ("draft", replace(CERTIFIED, parts=(NOT_INVITED,)), [("officer", "settle_participants", LEAD, 1)]),
    ("draft", replace(CERTIFIED, parts=(DECLINED,)), [("officer", "settle_participants", LEAD, 1)]),
    ("draft", replace(CERTIFIED, parts=(INVITED,)), [("participant", "answer_invitation", ONE, 0)]),
    ("draft", replace(CERTIFIED, parts=(FILLING,)), [("participant", "confirm_part", ONE, 0)]),
    ("draft", replace(CERTIFIED, parts=(CONFIRMED,)), [("certifier", "sign_part", ONE, 0)]),
    ("draft", replace(CERTIFIED, parts=(CONFIRMED,), is_signed=True), [("certifier", "sign_part", ONE, 0)]),
    ("draft", replace(CERTIFIED, parts=(SIGNED,)), [("certifier", "sign", LEAD, 0)]),
    ("draft", replace(CERTIFIED, parts=(SIGNED,), is_signed=True), [("officer", "file", LEAD, 0)]),
    ("draft", CERTIFIED, [("certifier", "sign", LEAD, 0)]),
    ("draft", replace(CERTIFIED, missing=1), [("officer", "fill_in", LEAD, 1)]),
    # a link request is answered beside all else and holds nothing up
    (
        "draft",
        replace(BARE, asked=(TWO, ONE, TWO)),
        [
            ("officer", "file", LEAD, 0),
            ("partner", "answer_link", TWO, 2),
            ("partner", "answer_link", ONE, 1),
        ],
    ),
    ("returned", replace(BARE, missing=2), [("officer", "revise", LEAD, 2)]),
    ("returned", replace(BARE, window=Phase.CLOSED), [("officer", "revise", LEAD, 0)]),
    (
        "returned",
        replace(BARE, parts=(JOINED,)),
        [("officer", "revise", LEAD, 0), ("participant", "confirm_part", ONE, 2)],
    ),
    ("returned", CERTIFIED, [("officer", "revise", LEAD, 0), ("certifier", "sign", LEAD, 0)]),
    ("returned", replace(CERTIFIED, is_signed=True), [("officer", "revise", LEAD, 0)]),
    ("returned", replace(BARE, is_due_over=True), [("secretariat", "close_return", 0, 0)]),
    ("submitted", BARE, [("secretariat", "screen", 0, 0)]),
    (
        "submitted",
        replace(BARE, asked=(ONE,)),
        [("secretariat", "screen", 0, 0), ("partner", "answer_link", ONE, 1)],
    ),
    ("questioned", BARE, [("secretariat", "judge", 0, 0)]),
    ("passed", BARE, [("secretariat", "assign", 0, 0)]),
    ("passed", replace(BARE, given=3, done=1), [("reviewers", "review", 0, 2)]),
    ("passed", replace(BARE, given=3, done=3), [("committee", "decide", 0, 0)]),
    ("failed", BARE, [("officer", "mend", LEAD, 0)]),
    ("failed", replace(BARE, window=Phase.GRACE), [("officer", "mend", LEAD, 0)]),
    ("failed", replace(BARE, window=Phase.CLOSED), [("nobody", "nothing", 0, 0)]),
    ("deferred", BARE, [("committee", "decide", 0, 0)]),
    ("approved", BARE, [("nobody", "nothing", 0, 0)]),
    ("conditional", BARE, [("nobody", "nothing", 0, 0)]),
    ("rejected", BARE, [("nobody", "nothing", 0, 0)]),
    ("recorded", replace(BARE, asked=(ONE,)), [("nobody", "nothing", 0, 0)]),
]


@pytest.mark.parametrize(("state", "facts", "steps"), TABLE, ids=lambda value: str(value)[:40])
def test_the_turn(state: str, facts: TurnFacts, steps: list[tuple[str, str, int, int]]) -> None:
    found = [(s.party.value, s.act.value, s.agency_id, s.count) for s in whose_turn(state, facts).steps]
    assert found == steps


def test_every_state_is_in_the_table() -> None:
    assert {state for state, _, _ in TABLE} == set(STATES)


NONE: frozenset[int] = frozenset()
OF_LEAD, OF_ONE = frozenset({LEAD}), frozenset({ONE})


@pytest.mark.parametrize(
    ("facts", "officer_of", "certifier_of", "acts"),
    [
        (replace(CERTIFIED, parts=(CONFIRMED,), asked=(ONE,)), OF_ONE, NONE, ["answer_link"]),
        (replace(CERTIFIED, parts=(CONFIRMED,), asked=(ONE,)), NONE, OF_ONE, ["sign_part", "answer_link"]),
        (replace(CERTIFIED, parts=(CONFIRMED,), asked=(ONE,)), OF_LEAD, OF_LEAD, []),
        (replace(BARE, missing=1), OF_LEAD, NONE, ["fill_in"]),
        (replace(BARE, missing=1), NONE, OF_LEAD, []),
        (BARE, OF_LEAD, NONE, ["file"]),
        (BARE, NONE, OF_LEAD, ["file"]),
        (CERTIFIED, OF_LEAD, NONE, []),
        (CERTIFIED, NONE, OF_LEAD, ["sign"]),
        (BARE, OF_ONE, OF_ONE, []),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_person_finds_the_steps_of_the_role_held_in_each_agency(
    facts: TurnFacts, officer_of: frozenset[int], certifier_of: frozenset[int], acts: list[str]
) -> None:
    assert [step.act.value for step in whose_turn("draft", facts).mine(officer_of, certifier_of)] == acts


def test_what_others_have_to_do_is_nobodys_here() -> None:
    everybody = frozenset({LEAD, ONE, TWO})
    for state in ("submitted", "questioned", "passed", "deferred", "approved"):
        assert whose_turn(state, BARE).mine(everybody, everybody) == ()


def test_everything_has_words() -> None:
    assert set(PARTY_NAMES) == set(Party)
    assert set(ACT_NAMES) == set(Act)
