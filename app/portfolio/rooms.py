"""What a walk found at every place it came to, so that it can be said where an amount would still have fitted."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import field

from app.kernel.lean import dataclass


@dataclass(slots=True)
class Rooms:
    """What the places a pass came to had before them: the ceiling, and what each cap still held. Both only shrink."""

    places: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    caps: list[tuple[int, ...]] = field(default_factory=list)

    def note(self, place: int, left: int, caps: Iterable[int]) -> None:
        self.places.append(place)
        self.left.append(left)
        self.caps.append(tuple(caps))

    def last_with(self, amount: int, own: int, caps: Iterable[int]) -> int | None:
        """The last place above `own` where the amount still fitted, None for no such place; found by halving."""
        room = bisect_left(self.places, own)
        room = bisect_left(self.left, True, 0, room, key=lambda left: left < amount)
        for at in caps:
            room = bisect_left(self.caps, True, 0, room, key=lambda found, at=at: found[at] < amount)  # type: ignore[misc]
        return self.places[room - 1] if room else None
