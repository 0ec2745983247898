"""Made-up filings for searching: any number, always the same, one in a hundred a near-copy of an earlier one.

The words are those of the FY2565 budget lines and of the demo's subjects and wording. Titles, items and half of the
prose are the set phrases every filing uses; the rest is cut from the same sources and put together anew, so that a
filing has words of its own, as frequent and as rare as words are.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from app.kernel.lean import dataclass
from app.similarity.texts import SearchText

# read from the files, because what measures memory loads nothing it does not measure
DEMO = Path(__file__).parents[1] / "demo"
REGISTER = Path(__file__).parents[1] / "register.toml"
SEED = "dgi-overlap"
OWN_WORDS = 45
_COPIES = 100  # one filing in so many is a near-copy
_REWORDED = 10  # one word in so many of a copy is another one


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a filing is made of."""

    subject: int
    agency: int
    own: tuple[int, ...]
    dice: int


@dataclass(frozen=True, slots=True)
class Filings:
    """`count` filings; `copies` are pairs (copy, original)."""

    count: int
    copies: tuple[tuple[int, int], ...]

    def texts(self) -> Iterator[SearchText]:
        """One text after another, keys from 0; none is kept."""
        original = dict(self.copies)
        for key in range(self.count):
            yield _write(key, _plan(key, original.get(key)))

    def text(self, key: int) -> SearchText:
        return _write(key, _plan(key, dict(self.copies).get(key)))


def make_filings(count: int) -> Filings:
    """The same for the same count."""
    chance = Random(f"{SEED}-{count}")
    copied = sorted(chance.sample(range(count // 10, count), count // _COPIES))
    originals = set(range(count)) - set(copied)
    return Filings(
        count, tuple((key, chance.choice([k for k in _near(key, count) if k in originals])) for key in copied)
    )


def _near(key: int, count: int) -> range:
    return range(max(0, key - count // 10), key)


@lru_cache(maxsize=8)
def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _subjects() -> tuple[tuple[str, str], ...]:
    """(kind, name) of each subject of the demo."""
    return tuple((s["kind"], s["th"]) for s in _read(DEMO / "subjects.toml")["subjects"])


@lru_cache(maxsize=1)
def _agencies() -> tuple[str, ...]:
    return tuple(a["th"] for a in _read(REGISTER)["agencies"])


@lru_cache(maxsize=1)
def _sources() -> tuple[str, ...]:
    with open(DEMO / "fy2565_dgi_budget_lines.csv", encoding="utf-8") as file:
        items = [row["item"] for row in csv.DictReader(file)]
    paragraphs = [text for group in _read(DEMO / "wording.toml")["rationale"].values() for text in group]
    return (*items, *(name for _, name in _subjects()), *paragraphs)


@lru_cache(maxsize=1)
def _words() -> tuple[str, ...]:
    """Some thousands of pieces of five to twelve letters."""
    chance = Random(SEED)
    found = set()
    for text in _sources():
        for _ in range(6):
            at = 0
            while at < len(text):
                end = at + chance.randint(5, 12)
                found.add(text[at:end].strip())
                at = end
    ordered = sorted(w for w in found if len(w) > 3 and "{" not in w and "}" not in w)
    chance.shuffle(ordered)
    return tuple(ordered)


def _plan(key: int, original: int | None) -> _Plan:
    chance = Random(f"{SEED}-{key}")
    words = len(_words())
    # a few words are everybody's, most are rare
    own = tuple(int(words * chance.random() ** 2) for _ in range(OWN_WORDS))
    plan = _Plan(
        chance.randrange(len(_subjects())), chance.randrange(len(_agencies())), own, chance.getrandbits(32)
    )
    if original is None:
        return plan
    copied = _plan(original, None)
    mixed = tuple(
        mine if chance.randrange(_REWORDED) == 0 else theirs
        for mine, theirs in zip(own, copied.own, strict=True)
    )
    return replace(copied, agency=plan.agency, own=mixed, dice=plan.dice)


def _write(key: int, plan: _Plan) -> SearchText:
    chance, pieces, words = Random(plan.dice), _read(DEMO / "wording.toml"), _words()
    (kind, subject), agency = _subjects()[plan.subject], _agencies()[plan.agency]
    own = [words[n] for n in plan.own]
    system = "".join(own[:6])
    title = chance.choice(pieces["titles"][kind])["th"].format(subject=subject, agency=agency)
    items = [line[1] for line in chance.sample(pieces["lines"]["common"], 4)]
    main = pieces["main_line"][kind][1].format(subject=system)
    values = {"subject": subject, "agency": agency, "partners": agency, "n": chance.randrange(99)}
    paragraphs = [
        chance.choice(pieces["rationale"][part]).format(**values) for part in ("opening", kind, "closing")
    ]
    aim = "".join(own[6:])
    return SearchText(
        key, "\n".join((f"{title}: {system}", main, *items)), "\n".join((*paragraphs, aim)), frozenset()
    )
