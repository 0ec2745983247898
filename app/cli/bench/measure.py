"""Measuring: CPU beside wall time, queries per page, and a figure with its goal."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Literal

from sqlalchemy import Engine, event

from app.kernel.lean import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. `goal` None is a figure without a goal, told for context."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    better: Literal["lower", "higher"] = "lower"

    @property
    def holds(self) -> bool:
        if self.goal is None:
            return True
        return self.value <= self.goal if self.better == "lower" else self.value >= self.goal

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "holds": self.holds}


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of repeated calls."""

    cpu: float
    cpu_p95: float
    wall: float
    wall_p95: float

    def __str__(self) -> str:
        return f"CPU {self.cpu:8.2f} ms (p95 {self.cpu_p95:.2f})   wall {self.wall:8.2f} ms (p95 {self.wall_p95:.2f})"


def time_calls(
    call: Callable[[int], object], times: int, warm: int = 3, between: Callable[[], object] = int
) -> Timing:
    """Call with 0, 1, 2 … after `warm` uncounted calls; medians and p95 of CPU and wall time.

    `between` is done before each call, untimed.
    """
    for n in range(warm):
        between()
        call(n)
    cpu, wall = [], []
    gc.collect()
    for n in range(warm, warm + times):
        between()
        w, c = time.perf_counter(), time.process_time()
        call(n)
        cpu.append((time.process_time() - c) * 1000)
        wall.append((time.perf_counter() - w) * 1000)
    return Timing(statistics.median(cpu), p95(cpu), statistics.median(wall), p95(wall))


def p95(values: list[float]) -> float:
    """What 95 in a hundred do not exceed."""
    return sorted(values)[min(len(values) - 1, round(0.95 * len(values)))]


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """The statements sent while inside, without transaction control."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT", "RELEASE")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def peak_mib(pid: str = "self") -> float:
    """Peak resident memory of a process so far, MiB."""
    return _status(pid, "VmHWM")


def resident_mib(pid: str | int) -> float:
    """Resident memory of a process now, MiB."""
    return _status(str(pid), "VmRSS")


def _status(pid: str, key: str) -> float:
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) / 1024
    raise KeyError(key)
