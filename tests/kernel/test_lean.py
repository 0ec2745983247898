"""The lean `dataclass` makes what Python's own makes, and leaves Python what it does not make itself."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, asdict, field, fields, replace
from typing import Any

import pytest

from app.kernel.lean import dataclass


def _kinds(decorate: Callable[..., Any]) -> dict[str, Any]:
    """The same classes made by a decorator, their namespaces alike."""

    @decorate(frozen=True, slots=True)
    class Empty:
        """Nothing."""

    @decorate(frozen=True, slots=True)
    class One:
        """A field."""

        a: int

    @decorate(frozen=True, slots=True)
    class Many:
        a: int
        b: str = "b"
        c: list[int] = field(default_factory=list)
        secret: str = field(default="", repr=False)
        note: str = field(default="", compare=False)
        key: tuple[int, ...] = field(default=(), hash=False)

        @property
        def double(self) -> int:
            return self.a * 2

    @decorate(frozen=True, slots=True)
    class More(Many):
        """With another field, and words of its own."""

        d: tuple[int, ...] = ()

        def __str__(self) -> str:
            return f"more of {self.d}"

    @decorate(frozen=True, slots=True)
    class Own:
        """Equal when the first letter is."""

        a: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own) and self.a[:1] == other.a[:1]

        def __repr__(self) -> str:
            return "own"

    @decorate(frozen=True, slots=True)
    class Counted:
        """Its hash is its own."""

        a: int

        def __hash__(self) -> int:
            return 7

    made = {kind.__name__: kind for kind in (Empty, One, Many, More, Own, Counted)}
    for kind in made.values():
        kind.__qualname__ = kind.__name__
    return made


LEAN, PYTHONS = _kinds(dataclass), _kinds(dataclasses.dataclass)

CALLS: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    ("no field", lambda k: k["Empty"]()),
    ("one", lambda k: k["One"](3)),
    ("by name", lambda k: k["One"](a=3)),
    ("missing", lambda k: k["One"]()),
    ("too many", lambda k: k["One"](1, 2)),
    ("unknown", lambda k: k["One"](a=1, z=2)),
    ("defaults", lambda k: k["Many"](1)),
    ("a default made anew", lambda k: k["Many"](1).c is k["Many"](1).c),
    ("a default given", lambda k: k["Many"](1, c=[1, 2])),
    ("unseen", lambda k: k["Many"](1, "x", [], "hush", "note", (1,))),
    ("inherited", lambda k: k["More"](1, d=(4,))),
    ("own words", lambda k: str(k["More"](1, d=(4,)))),
    ("own repr", lambda k: k["Own"]("a")),
    ("property", lambda k: k["Many"](4).double),
    ("equal", lambda k: k["Many"](1) == k["Many"](1)),
    ("not equal", lambda k: k["Many"](1) == k["Many"](2)),
    ("equal but for what is not compared", lambda k: k["Many"](1, note="a") == k["Many"](1, note="b")),
    ("another kind", lambda k: k["Many"](1) == k["More"](1)),
    ("nothing equal to nothing", lambda k: k["Empty"]() == k["Empty"]()),
    ("nothing of another kind", lambda k: k["Empty"]() == ()),
    ("own equality", lambda k: k["Own"]("ab") == k["Own"]("ac")),
    ("hash", lambda k: hash(k["One"](3))),
    ("hash of none", lambda k: hash(k["Empty"]())),
    ("hash of a list", lambda k: hash(k["Many"](1))),
    ("own hash", lambda k: hash(k["Counted"](1))),
    ("hash beside own equality", lambda k: hash(k["Own"]("ab"))),
    ("a set", lambda k: len({k["One"](1), k["One"](1), k["One"](2)})),
    ("replace", lambda k: replace(k["More"](1, d=(4,)), a=2)),
    ("replace what is not there", lambda k: replace(k["One"](1), z=2)),
    ("asdict", lambda k: asdict(k["More"](1, c=[2]))),
    ("fields", lambda k: [(f.name, f.type, f.default, f.init) for f in fields(k["More"])]),
    ("slots", lambda k: (k["Many"].__slots__, k["More"].__slots__)),
    ("copy", lambda k: copy.copy(k["More"](1, c=[2]))),
    ("deep copy", lambda k: copy.deepcopy(k["More"](1, c=[2]))),
    ("matching", lambda k: k["Many"].__match_args__),
    ("setting", lambda k: setattr(k["One"](1), "a", 2)),
    ("deleting", lambda k: delattr(k["One"](1), "a")),
    ("words of the class", lambda k: k["One"].__doc__),
]


def _outcome(call: Callable[[dict[str, Any]], Any], kinds: dict[str, Any]) -> str:
    try:
        return repr(call(kinds))
    except (TypeError, FrozenInstanceError) as error:
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize(("_name", "call"), CALLS, ids=[name for name, _ in CALLS])
def test_the_lean_one_does_as_pythons(_name: str, call: Callable[[dict[str, Any]], Any]) -> None:
    expected = _outcome(call, PYTHONS).replace(f"{_kinds.__qualname__}.<locals>.", "")
    assert _outcome(call, LEAN).replace(f"{_kinds.__qualname__}.<locals>.", "") == expected
    assert (
        _outcome(call, LEAN).replace(f"{_kinds.__qualname__}.<locals>.", "") == expected
    )  # and the second time


@dataclass(frozen=True, slots=True)
class Sent:
    """What another process is handed."""

    a: int
    b: tuple[str, ...] = ()


def test_it_is_handed_to_another_process() -> None:
    sent = Sent(1, ("x",))
    assert pickle.loads(pickle.dumps(sent)) == sent


def test_nothing_is_compiled_before_it_is_called() -> None:
    @dataclass(frozen=True, slots=True)
    class Late:
        """Not yet asked for."""

        a: int

    def files() -> list[str]:
        return [getattr(Late, name).__code__.co_filename for name in ("__init__", "__eq__", "__hash__")]

    assert "<string>" not in files()
    assert {Late(1), Late(1)} == {Late(1)}
    assert files() == ["<string>"] * 3


def test_one_written_by_a_parent_serves_its_child() -> None:
    class Child(Sent):
        """No dataclass itself."""

        def __init__(self, a: int) -> None:
            super().__init__(a, ("child",))

    assert (Child(1).b, Child(2).a) == (("child",), 2)


@pytest.mark.parametrize(
    "options", [{"frozen": True}, {"slots": True}, {"frozen": True, "slots": True, "eq": False}]
)
def test_other_kinds_are_pythons(options: dict[str, bool]) -> None:
    @dataclass(**options)
    class Other:
        a: int

    assert Other.__init__.__code__.co_filename == "<string>"
    assert Other(1).a == 1


def test_a_field_that_is_no_plain_argument_is_refused() -> None:
    with pytest.raises(TypeError, match=r"Odd\.b is no plain argument"):

        @dataclass(frozen=True, slots=True)
        class Odd:
            a: int
            b: int = field(default=0, init=False)
