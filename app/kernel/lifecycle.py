"""Lifecycle tables: the only moves there are, written as data."""

from __future__ import annotations

from collections.abc import Iterable

from app.kernel.errors import Refused
from app.kernel.lean import dataclass
from app.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Move:
    """One arrow: `name` is the verb, `sources` the states it may start from."""

    name: str
    sources: frozenset[str]
    target: str


class Lifecycle:
    """A table of moves; asks nothing of a database."""

    def __init__(self, states: dict[str, Text], moves: Iterable[Move]):
        self.states = states
        self.moves = {move.name: move for move in moves}
        for move in self.moves.values():
            unknown = ({move.target} | move.sources) - states.keys()
            if unknown:
                raise ValueError(f"move {move.name} names unknown states {sorted(unknown)}")

    def after(self, state: str, move_name: str) -> str:
        """The state after a move; raises `Refused` when the table has no such arrow."""
        move = self.moves[move_name]
        if state not in move.sources:
            raise Refused(
                Text(
                    "ทำรายการนี้ไม่ได้ เพราะขณะนี้สถานะคือ “{state}”",
                    "This cannot be done while the state is “{state}”",
                ).fill(state=self.states[state])
            )
        return move.target
