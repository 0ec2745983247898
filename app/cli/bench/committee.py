"""`./dgi bench committee`: how sure the list is, the optimum, scenarios, what is printed for the meeting, and
whether every way out tells the same amounts."""

from __future__ import annotations

from collections.abc import Callable

from app.cli.bench.measure import Figure

Say = Callable[[str], object]


def measure_committee(say: Say) -> list[Figure]:
    """All figures of the committee's table; `say` tells the details as they come."""
    from app.cli.bench.committee_agreement import measure_agreement
    from app.cli.bench.committee_certainty import measure_certainty
    from app.cli.bench.committee_optimum import measure_optimum
    from app.cli.bench.committee_paper import measure_paper
    from app.cli.bench.committee_scenarios import measure_scenarios
    from app.cli.bench.committee_workbook import measure_workbook

    parts = (
        measure_optimum,
        measure_certainty,
        measure_scenarios,
        measure_workbook,
        measure_paper,
        measure_agreement,
    )
    return [figure for measure in parts for figure in measure(say)]
