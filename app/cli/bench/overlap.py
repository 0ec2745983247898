"""The overlap radar: how fast and in how little memory it searches, and how well what it finds is judged.

In: filings made up for the purpose, and the labelled set; nothing of this installation is touched. Out: figures with
their goals. Searching is measured in processes of its own, so that a peak of memory is that of the search.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from app.cli.bench.measure import Figure

Say = Callable[[str], object]
PROJECT = Path(__file__).parents[3]
_SOME, _MANY = 10_000, 100_000


def measure_overlap(say: Say) -> list[Figure]:
    """The figures of searching, of the integration graph's page, then those of quality."""
    from app.cli.bench.overlap_graph import measure_graph
    from app.cli.bench.overlap_quality import quality_figures

    return [*speed_figures(say), *measure_graph(say), *quality_figures(say)]


def speed_figures(say: Say) -> list[Figure]:
    """Searching 10,000 filings and 100,000: all pairs, one against all, recall."""
    some = _run(_SOME)
    _tell(_SOME, some, say)
    exact = _run(_SOME, "exact")
    say(f"the exact search over the same features finds {exact['exact']:,.0f} pairs")
    many = _run(_MANY)
    _tell(_MANY, many, say)
    return [
        Figure("one new filing against 10,000, p95", some["one"], "ms", 10),
        Figure("all pairs of 10,000, index included", some["seconds"], "s", 6),
        Figure("… peak memory", some["peak"], "MiB", 500),
        Figure("… recall of the exact search", exact["recall"], "", 0.99, "higher"),
        Figure("… planted near-copies among the candidates", some["planted"], "", 0.99, "higher"),
        Figure("all pairs of 100,000, index included", many["seconds"], "s", 120),
        Figure("… peak memory", many["peak"], "MiB", 1800),
        Figure("… planted near-copies among the candidates", many["planted"], "", 0.99, "higher"),
    ]


def _tell(count: int, found: dict[str, float], say: Say) -> None:
    say(
        f"{count:,} filings of {found['letters']:,.0f} letters: index {found['build']:.1f} s, with all pairs "
        f"{found['seconds']:.1f} s; {found['pairs']:,.0f} candidates; one against all {found['one']:.2f} ms (p95); "
        f"{found['peak']:.0f} MiB"
    )


def _run(count: int, *words: str) -> dict[str, float]:
    out = subprocess.run(
        [sys.executable, "-m", "app.cli.bench.overlap_search", str(count), *words],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, float] = json.loads(out.stdout)
    return found
