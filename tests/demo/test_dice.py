"""The same seed gives the same throws."""

from __future__ import annotations

from app.cli.demo.dice import Dice


def test_same_seed_same_throws() -> None:
    def throws(seed: str) -> list[object]:
        dice = Dice(seed)
        return [dice.below(100), dice.between(5, 9), dice.pick("abc"), dice.some(range(9), 3), dice.bell()]

    assert throws("one") == throws("one")
    assert throws("one") != throws("two")


def test_throws_are_known() -> None:
    # written down once: a Python that threw otherwise would make another demo
    dice = Dice("dgi")
    assert [dice.below(1000) for _ in range(6)] == [518, 561, 51, 605, 235, 315]


def test_bounds() -> None:
    dice = Dice("bounds")
    assert {dice.between(3, 5) for _ in range(200)} == {3, 4, 5}
    assert {dice.below(2) for _ in range(50)} == {0, 1}
    assert sorted(dice.shuffled(range(20))) == list(range(20))
    assert dice.some([1, 2], 5) == [1, 2]
    assert dice.some([1, 2], 0) == []
    assert not any(dice.chance(0) for _ in range(50))
    assert all(dice.chance(100) for _ in range(50))
    assert abs(sum(dice.bell() for _ in range(500)) / 500) < 0.2
