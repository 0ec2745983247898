"""Words in pairs, and the worst of several outcomes."""

from __future__ import annotations

from itertools import combinations_with_replacement

import pytest

from app.kernel.findings import Outcome, worst
from app.kernel.text import Text

PASSES, NEEDS_PERSON, FAILS = Outcome


@pytest.mark.parametrize("seen", list(combinations_with_replacement(Outcome, 3)), ids=str)
def test_one_failure_fails_and_one_doubt_needs_a_person(seen: tuple[Outcome, ...]) -> None:
    expected = FAILS if FAILS in seen else NEEDS_PERSON if NEEDS_PERSON in seen else PASSES
    assert worst(seen) is expected
    assert worst(reversed(seen)) is expected


def test_nothing_against_it_passes() -> None:
    assert worst([]) is PASSES


def test_words_are_filled_in_each_language_and_never_filled_twice() -> None:
    words = Text("{who} ขอ {n}", "{who} asks for {n}")
    filled = words.fill(who=Text("กรม {n}", "Department {n}"), n=3)
    assert filled == Text("กรม {n} ขอ 3", "Department {n} asks for 3")
    assert (filled.say("th"), filled.say("en"), filled.say("fr")) == (filled.th, filled.en, filled.th)
    assert Text.from_dict(words.as_dict()) == words
