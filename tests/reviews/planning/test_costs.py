"""What an assignment costs: decision tables."""

from __future__ import annotations

import random

import pytest

from app.kernel.text import Text
from app.reviews.planning.changes import weigh_change, weigh_changes, weigh_removal
from app.reviews.planning.costs import (
    FEWER_BODIES,
    LOAD,
    SAME_BODY,
    TABLE,
    Match,
    again_points,
    bodies_short,
    load_points,
    match,
    seat_price,
)
from app.reviews.planning.facts import Seat, Situation, Subject
from app.reviews.planning.flow import fill_seats
from app.reviews.planning.reckoning import reckon
from tests.reviews.planning.cases import panel, random_situation, reviewer, subjects


@pytest.mark.parametrize(
    ("guideline", "focus", "knows", "areas", "expected"),
    [
        ("1.1", "", "1.1 2.1", "", Match.GUIDELINE),
        ("1.1", "3", "1.1", "3", Match.GUIDELINE),
        ("1.1", "3", "2.1", "3", Match.FOCUS),
        ("1.1", "3", "", "", Match.NONE),
        ("", "", "", "", Match.NONE),
        ("1.1", "", "2.1", "3", Match.NONE),
    ],
)
def test_match(guideline: str, focus: str, knows: str, areas: str, expected: Match) -> None:
    subject = Subject(1, "", "", guideline, focus)
    assert match(reviewer(1, guidelines=knows, focus=areas), subject) is expected


@pytest.mark.parametrize(
    ("bodies", "points"),
    [({}, 0), ({"bb": 1, "dga": 1}, 0), ({"bb": 2}, 6), ({"bb": 3}, 18), ({"bb": 2, "dga": 2}, 12)],
)
def test_a_body_that_comes_again_costs_more_each_time(bodies: dict[str, int], points: int) -> None:
    assert again_points(bodies) == points


@pytest.mark.parametrize(
    ("bodies", "unfilled", "least", "short"),
    [
        ({"bb": 3}, 0, 2, 1),
        ({"bb": 2}, 1, 2, 0),  # the empty seat may yet bring one
        ({"bb": 2}, 1, 3, 1),
        ({"bb": 1}, 0, 4, 0),  # one seat, one body
        ({"bb": 1, "dga": 1}, 0, 2, 0),
        ({}, 3, 3, 0),
        ({}, 0, 2, 0),
    ],
)
def test_bodies_short_of_what_the_round_wants(
    bodies: dict[str, int], unfilled: int, least: int, short: int
) -> None:
    assert bodies_short(bodies, unfilled, least) == short


@pytest.mark.parametrize(
    ("nth", "share", "price"),
    [
        (1, 5, 0),
        (5, 5, 0),
        (6, 5, LOAD),
        (7, 5, 2 * LOAD),
        (41, 40, LOAD),
        (44, 40, LOAD),
        (45, 40, 2 * LOAD),
        (1000, 40, 20 * LOAD),
        (1, 0, LOAD),
    ],
)
def test_a_seat_above_the_even_share_costs_by_the_tenth(nth: int, share: int, price: int) -> None:
    assert seat_price(nth, share) == price


def test_prices_never_fall_as_a_load_grows() -> None:
    for share in (0, 1, 9, 10, 57):
        prices = [seat_price(n, share) for n in range(1, 200)]
        assert prices == sorted(prices)
        assert load_points(199, share) == sum(prices)


def test_the_table_tells_every_number_that_counts() -> None:
    told = " ".join(line.points.en for line in TABLE)
    for number in (0, 4, 10, SAME_BODY, FEWER_BODIES, LOAD):
        assert str(number) in told


def test_every_change_costs_what_the_plan_then_costs_more() -> None:
    """Replacing, adding and taking out, against adding up the plan before and after."""
    weighed = 0
    for n in range(60):
        situation = random_situation(random.Random(n), several=n % 2 == 0)
        seats = fill_seats(situation, n)
        before = reckon(situation, seats).cost.total
        for subject in situation.subjects:
            own = [s for s in seats if s.proposal == subject.id]
            for seat in [*own, None]:
                rest = tuple(s for s in seats if s != seat)
                instead = seat.reviewer if seat else None
                if seat is not None:
                    gone = weigh_removal(situation, seats, subject.id, seat.reviewer)
                    assert reckon(situation, rest).cost.total - before == gone.points, f"case {n}"
                for change in weigh_changes(situation, seats, subject.id, instead):
                    assert sum(p.points for p in change.parts) == change.points
                    assert change.reviewer is not None
                    if change.refusal is not None:
                        continue
                    weighed += 1
                    put = Seat(subject.id, change.reviewer.id, seat.panel if seat else None)
                    after = reckon(situation, tuple(sorted((*rest, put), key=lambda s: s[:2])))
                    assert after.cost.total - before == change.points, f"case {n}: {change}"
    assert weighed > 200


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (1, "On this proposal already"),
        (2, "Has a conflict of interest in this proposal"),
        (3, "Has an interest in this proposal that must be judged first"),
        (4, "At the limit of 1 proposals already"),
        (5, "No longer an active reviewer"),
        (6, None),
        (7, None),
    ],
)
def test_why_somebody_cannot_be_put_on_a_proposal(who: int, refusal: str | None) -> None:
    people = (
        *(reviewer(n) for n in (1, 2, 3)),
        reviewer(4, limit=1),
        reviewer(5, active=False),
        reviewer(6),
        reviewer(7),
    )
    situation = Situation(
        subjects(2),
        people,
        (panel(1, *range(1, 8)),),
        kept=(Seat(102, 4),),
        barred=frozenset({(101, 2)}),
        asked=frozenset({(101, 3)}),
        declined=frozenset({(101, 7)}),
    )
    change = weigh_change(situation, (Seat(101, 1),), 101, who, None)
    assert (change.refusal.en if change.refusal else None) == refusal
    said = " ".join(c.en for c in change.consequences)
    assert ("Declined or was taken off" in said) == (who == 7)


def test_a_change_says_that_the_graph_falls_apart_or_comes_together() -> None:
    people = tuple(reviewer(n) for n in range(1, 4))
    situation = Situation(subjects(2), people, (panel(2, 1, 2, 3),))
    joined = (Seat(101, 1), Seat(101, 2), Seat(102, 2), Seat(102, 3))
    assert "fall into 2 groups" in weigh_removal(situation, joined, 101, 2).consequences[-1].en
    apart = (Seat(101, 1), Seat(102, 2), Seat(102, 3))
    (change,) = [c for c in weigh_changes(situation, apart, 101, None) if c.reviewer and c.reviewer.id == 3]
    assert "go from 2 to 1" in change.consequences[-1].en
    assert weigh_removal(situation, apart, 101, 1).consequences[-1].en.startswith("The seat would be empty")


def test_a_person_outside_the_panel_is_offered_and_told_so() -> None:
    situation = Situation(subjects(1), (reviewer(1), reviewer(2), reviewer(3)), (panel(1, 1, 2, number=9),))
    found = {
        c.reviewer.id: " ".join(t.en for t in c.consequences)
        for c in weigh_changes(situation, (Seat(101, 1, 9),), 101, 1)
        if c.reviewer
    }
    assert "Not in the panel" in found[3]
    assert "Not in the panel" not in found[2]


@pytest.mark.parametrize(
    ("situation", "why", "remedy"),
    [
        (Situation(subjects(1), (), (panel(1),)), "no reviewers", "Add reviewers"),
        (Situation(subjects(1), (reviewer(1),), (panel(2, 1),)), "1 on this proposal already", "too small"),
        (
            Situation(
                subjects(1),
                (reviewer(1), reviewer(2)),
                (panel(1, 1, 2),),
                barred=frozenset({(101, 1), (101, 2)}),
            ),
            "2 in conflict",
            "without an interest",
        ),
        (
            Situation(subjects(1), (reviewer(1),), (panel(1, 1),), asked=frozenset({(101, 1)})),
            "to be judged",
            "Record your word",
        ),
        (
            Situation(subjects(2), (reviewer(1, limit=1),), (panel(1, 1),)),
            "1 at their limit",
            "Raise the limit",
        ),
        (
            Situation(subjects(1), (reviewer(1),), (panel(1, 1),), declined=frozenset({(101, 1)})),
            "declined",
            "without an interest",
        ),
    ],
    ids=["empty panel", "too small", "conflict", "asked", "limit", "declined"],
)
def test_an_empty_seat_is_explained(situation: Situation, why: str, remedy: str) -> None:
    seats = fill_seats(situation, 1)
    (lack,) = reckon(situation, seats).lacking
    assert why in lack.why.en
    assert remedy in lack.remedy.en
    assert isinstance(lack.why, Text)


def test_a_seat_left_empty_by_hand_says_who_is_free() -> None:
    situation = Situation(subjects(1), (reviewer(1),), (panel(1, 1),))
    (lack,) = reckon(situation, ()).lacking
    assert ("1 still free" in lack.why.en, "by hand" in lack.remedy.en) == (True, True)


def test_what_cannot_stand_counts_for_nothing() -> None:
    people = (reviewer(1), reviewer(2, limit=1), reviewer(3, active=False), reviewer(4), reviewer(5))
    situation = Situation(
        subjects(2),
        people,
        (panel(3, 1, 2, 3, 4, 5),),
        kept=(Seat(101, 5),),
        barred=frozenset({(101, 1)}),
        asked=frozenset({(101, 4)}),
    )
    plan = (
        *(Seat(101, n) for n in (1, 2, 3, 4, 5)),
        Seat(102, 2),
        Seat(999, 1),
        Seat(102, 77),
    )
    found = reckon(situation, plan)
    assert found.seats == (Seat(101, 2),)
    assert [(f.seat.proposal, f.seat.reviewer) for f in found.faults] == [
        (101, 1),
        (101, 3),
        (101, 4),
        (102, 2),
        (999, 1),
        (102, 77),
    ]
    assert [(one.kept, one.planned) for one in found.loads] == [(0, 0), (0, 1), (0, 0), (0, 0), (1, 0)]
