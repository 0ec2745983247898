"""Which promise is kept by whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask

from app.figures.actions import TOPIC as PRINT_PAPER
from app.jobs.printing import print_paper, tidy


@dataclass(frozen=True, slots=True)
class Errand:
    """A claimed promise. On the last attempt a failure is final."""

    row_id: int
    topic: str
    payload: Mapping[str, Any]
    is_last: bool


Handler = Callable[[Flask, Mapping[str, Any], bool], None]

HANDLERS: dict[str, Handler] = {PRINT_PAPER: print_paper}
CHORES: tuple[Callable[[Flask], None], ...] = (tidy,)
