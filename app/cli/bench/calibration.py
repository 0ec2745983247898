"""`./dgi bench calibration`: assignment, calibration and simulated panels, the reviewer's desk, reviewers saving at once."""

from __future__ import annotations

from collections.abc import Callable

from app.cli.bench.measure import Figure

Say = Callable[[str], object]


def measure_calibration(say: Say) -> list[Figure]:
    """All figures of the reviews; `say` tells the details as they come."""
    from app.cli.bench.calibration_assignment import measure_assignment
    from app.cli.bench.calibration_desk import measure_desk
    from app.cli.bench.calibration_panels import measure_panels

    return [*measure_panels(say), *measure_assignment(say), *measure_desk(say)]
