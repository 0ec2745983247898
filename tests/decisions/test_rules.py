"""What a decision must be: every fault alone, and together."""

from __future__ import annotations

import pytest

from app.decisions.facts import GRANTING, MOVES, VERDICT_NAMES, Verdict
from app.decisions.rules import list_problems
from app.proposals.states import LIFECYCLE, RANKED_STATES

APPROVED, CONDITIONAL, DEFERRED, REJECTED = Verdict
ASKED, CEILING = 1_000, 5_000
REASON, CONDITION = "เหตุผล", "เงื่อนไข"
AMOUNT, WHY, CONDITIONS = "decision-amount", "decision-reason", "decision-conditions"

# verdict, amount, already approved elsewhere, conditions, reason -> places of the problems
TABLE: list[tuple[Verdict, int, int, str, str, list[str]]] = [
    (APPROVED, ASKED, 0, "", "", []),
    (APPROVED, ASKED, CEILING - ASKED, "", "", []),
    (APPROVED, ASKED, CEILING - ASKED + 1, "", "", [AMOUNT]),
    (APPROVED, ASKED + 1, 0, "", "", [AMOUNT]),
    (APPROVED, ASKED + 1, 0, "", REASON, [AMOUNT]),
    (APPROVED, 0, 0, "", REASON, [AMOUNT]),
    (APPROVED, -1, 0, "", REASON, [AMOUNT]),
    (APPROVED, ASKED - 1, 0, "", "", [WHY]),
    (APPROVED, ASKED - 1, 0, "", "  \n", [WHY]),
    (APPROVED, ASKED - 1, 0, "", REASON, []),
    (APPROVED, 1, 0, "", REASON, []),
    (APPROVED, ASKED - 1, CEILING, "", "", [AMOUNT, WHY]),
    (APPROVED, 1, CEILING + 1, "", REASON, [AMOUNT]),
    (CONDITIONAL, ASKED, 0, CONDITION, "", []),
    (CONDITIONAL, ASKED, 0, "", "", [CONDITIONS]),
    (CONDITIONAL, ASKED, 0, " ", "", [CONDITIONS]),
    (CONDITIONAL, ASKED - 1, CEILING, "", "", [AMOUNT, WHY, CONDITIONS]),
    (DEFERRED, 0, 0, "", REASON, []),
    (DEFERRED, 0, 0, "", "", [WHY]),
    (DEFERRED, 0, CEILING + 1, "", REASON, []),
    (REJECTED, 0, 0, "", REASON, []),
    (REJECTED, 0, 0, CONDITION, " ", [WHY]),
]


@pytest.mark.parametrize(("verdict", "amount", "elsewhere", "conditions", "reason", "places"), TABLE)
def test_what_is_wrong_with_a_decision(
    verdict: Verdict, amount: int, elsewhere: int, conditions: str, reason: str, places: list[str]
) -> None:
    problems = list_problems(verdict, amount, ASKED, elsewhere, CEILING, conditions, reason)
    assert [p.place for p in problems] == places
    assert all(p.text.th and p.text.en for p in problems)


def test_what_is_left_is_told_to_the_satang() -> None:
    (problem,) = list_problems(APPROVED, ASKED, ASKED, CEILING - 123, CEILING, "", "")
    assert "1.23 " in problem.text.th
    assert "1.23 " in problem.text.en


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_a_name_and_a_move_from_every_ranked_state(verdict: Verdict) -> None:
    assert VERDICT_NAMES[verdict].th
    for state in RANKED_STATES:
        assert LIFECYCLE.after(state, MOVES[verdict]) == verdict.value
    assert (verdict in GRANTING) is (verdict in (APPROVED, CONDITIONAL))
