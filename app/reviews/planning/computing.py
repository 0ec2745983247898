"""A plan from start to end: fill the seats, connect the graph."""

from __future__ import annotations

from app.reviews.planning.facts import Seat, Situation

Computed = tuple[tuple[Seat, ...], int, bool]


def compute_plan(situation: Situation, seed: int) -> Computed:
    """The seats of a plan; how many seats were exchanged to connect the graph; and whether it is shown that no plan
    which fills as much is connected."""
    # imported late: the solver takes a second and 60 MiB that no other page should pay for
    from app.reviews.planning.connecting import connect_seats
    from app.reviews.planning.flow import fill_seats

    connected = connect_seats(situation, fill_seats(situation, seed), seed)
    return connected.seats, connected.exchanges, connected.is_proven
