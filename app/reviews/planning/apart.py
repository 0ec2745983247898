"""A plan computed in a process of its own: `python -m app.reviews.planning.apart < SITUATION > PLAN`, both pickled.

The solver needs numpy, scipy and up to 200 MiB for a thousand proposals; a web worker that did this once would keep
the memory for good. The process ends with its plan, and whatever befalls it befalls nothing else.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

from app.reviews.planning.computing import Computed, compute_plan
from app.reviews.planning.facts import Situation

_LONGEST = 300  # seconds; a thousand proposals take three
_ROOT = Path(__file__).resolve().parents[3]


class PlanFailed(Exception):
    """The process ended without a plan; what it said last is the message."""


def compute_apart(situation: Situation, seed: int) -> Computed:
    """As `compute_plan`, elsewhere. Raises `PlanFailed`."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "app.reviews.planning.apart"],
            input=pickle.dumps((situation, seed)),
            capture_output=True,
            timeout=_LONGEST,
            cwd=_ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PlanFailed(f"no plan within {_LONGEST} s") from error
    if done.returncode != 0:
        raise PlanFailed(done.stderr.decode("utf-8", "replace")[-2000:])
    found: Computed = pickle.loads(done.stdout)  # noqa: S301 - written by the process just started
    return found


if __name__ == "__main__":
    asked, seed_asked = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - written by the process that started this
    sys.stdout.buffer.write(pickle.dumps(compute_plan(asked, seed_asked)))
