"""A what-if computed in a process of its own: `python -m app.portfolio.optimum.apart < QUESTION > ANSWER`, both pickled.

The solver needs numpy and highspy; a web worker that used it once would keep the memory for good. The process ends with its
answer, and whatever befalls it befalls nothing else.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from app.portfolio.optimum.facts import Optimum, Question

_ROOT = Path(__file__).resolve().parents[3]
_START = 20  # seconds to start and stop on a busy machine


class NoAnswer(Exception):
    """The process ended without an answer; what it said last is the message."""


def answer_apart(question: Question) -> tuple[Optimum, ...]:
    """As `solving.answer`, elsewhere: one ceiling by one process, several by two side by side. Raises `NoAnswer`."""
    if len(question.ceilings) < 2:
        return _ask(question)
    halves = [replace(question, ceilings=question.ceilings[n::2]) for n in range(2)]
    with ThreadPoolExecutor(2) as both:
        even, odd = both.map(_ask, halves)
    return tuple((even, odd)[n % 2][n // 2] for n in range(len(question.ceilings)))


def _ask(question: Question) -> tuple[Optimum, ...]:
    longest = question.seconds * len(question.ceilings) + _START
    try:
        done = subprocess.run(
            [sys.executable, "-m", "app.portfolio.optimum.apart"],
            input=pickle.dumps(question),
            capture_output=True,
            timeout=longest,
            cwd=_ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NoAnswer(f"no answer within {longest} s") from error
    if done.returncode != 0:
        raise NoAnswer(done.stderr.decode("utf-8", "replace")[-2000:])
    found: tuple[Optimum, ...] = pickle.loads(done.stdout)  # noqa: S301 - written by the process just started
    return found


def _main() -> None:
    from app.portfolio.optimum.solving import answer  # imported late: numpy, highspy

    asked = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - written by the process that started this
    # the solver's library writes remarks of its own to standard output; the answer goes where it was to go alone
    with os.fdopen(os.dup(1), "wb") as target:
        os.dup2(2, 1)
        pickle.dump(answer(asked), target)


if __name__ == "__main__":
    _main()
