"""Lifecycle tables: moves are data, and what the table does not have cannot happen."""

from __future__ import annotations

import pytest

from app.kernel.errors import Refused
from app.kernel.lifecycle import Lifecycle, Move
from app.kernel.text import Text

OPEN, SHUT = "open", "shut"
NAMES = {OPEN: Text("เปิด", "Open"), SHUT: Text("ปิด", "Shut")}
DOOR = Lifecycle(NAMES, [Move("close", frozenset({OPEN}), SHUT), Move("open", frozenset({SHUT}), OPEN)])


@pytest.mark.parametrize(
    ("state", "move", "after"), [(OPEN, "close", SHUT), (SHUT, "open", OPEN), (OPEN, "open", None)]
)
def test_a_move_leads_where_the_table_says_or_nowhere(state: str, move: str, after: str | None) -> None:
    if after is not None:
        assert DOOR.after(state, move) == after
        return
    with pytest.raises(Refused) as refusal:
        DOOR.after(state, move)
    assert NAMES[state].th in refusal.value.text.th
    assert NAMES[state].en in refusal.value.text.en


@pytest.mark.parametrize(
    "move", [Move("lose", frozenset({OPEN}), "lost"), Move("find", frozenset({"lost"}), OPEN)]
)
def test_a_table_cannot_name_states_it_does_not_have(move: Move) -> None:
    with pytest.raises(ValueError, match="lost"):
        Lifecycle(NAMES, [move])
