"""Which promise is kept by whom, in which lane, and what is done unasked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask

from app.figures.actions import TOPIC as PRINT_PAPER
from app.jobs.printing import print_paper, tidy
from app.kernel.outbox import Topics


@dataclass(frozen=True, slots=True)
class Errand:
    """A claimed promise; `payload` carries its number as "promise". On the last attempt a failure is final."""

    row_id: int
    topic: str
    payload: Mapping[str, Any]
    is_last: bool


@dataclass(frozen=True, slots=True)
class Chore:
    """Small work nobody promised, done every so many seconds."""

    do: Callable[[Flask], None]
    every: int


Handler = Callable[[Flask, Mapping[str, Any], bool], None]

HANDLERS: dict[str, Handler] = {PRINT_PAPER: print_paper}
CHORES: tuple[Chore, ...] = (Chore(tidy, every=600),)

# A lane keeps its promises one after another, and waits for no other lane: a long paper holds up nothing but papers.
_PAPERS = Topics(only=(PRINT_PAPER,))
_ALL_ELSE = Topics(but=(PRINT_PAPER,))


def lanes_of(app: Flask) -> tuple[Topics, ...]:
    """The lanes of this installation; every topic is in one of them, or rests."""
    return (_PAPERS, _ALL_ELSE)


def kept_here(app: Flask) -> Topics:
    """Everything this installation can keep, for who does it in one lane."""
    return Topics()
