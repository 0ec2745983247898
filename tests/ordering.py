"""What takes longest begins first: a long test that begins last keeps every other worker waiting for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import pytest

# Where tests are -> about how many seconds of one core. A folder or file that ends here stays with one worker, in its
# order, since its tests share what one of them made; of those that end in `::` each test goes its own way.
LONG = {
    "tests/demo/": 60,
    "tests/law/test_permissions.py::test_every_role_meets": 40,
    "tests/law/test_permissions.py::test_a_drafts_words": 20,
    "tests/law/test_scores_stay_secret.py::test_every": 60,
    "tests/law/test_scores_stay_secret.py::": 15,
    "tests/journeys/test_every_page.py::": 45,
    "tests/journeys/test_whole_loop.py::": 45,
    "tests/journeys/test_review_round.py::": 40,
    "tests/journeys/test_committee_round.py::": 30,
    "tests/journeys/test_extension.py::": 25,
    "tests/journeys/test_main_job.py::": 25,
    "tests/journeys/test_figures.py": 20,
    "tests/journeys/test_together.py::": 20,
    "tests/journeys/test_discussion.py::": 15,
    "tests/journeys/test_meetings.py::": 15,
    "tests/journeys/test_overlaps.py::test_found": 15,
    "tests/journeys/test_revision.py::": 15,
    "tests/journeys/test_rulebooks.py::": 15,
    "tests/journeys/test_screening_desk.py::": 15,
    "tests/journeys/test_workbooks.py::test_pages": 15,
    "tests/journeys/": 0,  # the folder is no unit; the line below is for its tests
    "tests/cli/test_commands.py": 45,
    "tests/reports/test_pdf.py": 40,
    "tests/reports/test_pdf_archive.py": 25,
    "tests/reports/test_pdf_parts.py": 30,
    "tests/web/api/test_document.py": 15,
    "tests/figures/": 110,
}
A_JOURNEY = 5


def unit_of(node_id: str) -> tuple[str, int]:
    """The unit a test belongs to, and the seconds this takes; ("", 0) of a short one."""
    for where, seconds in LONG.items():
        if node_id.startswith(where):
            if "::" in where:
                return node_id, seconds
            return (where, seconds) if seconds else (node_id, A_JOURNEY)
    return "", 0


def long_ones_first(items: Sequence[pytest.Item], workers: int) -> list[pytest.Item]:
    """The tests in the order in which xdist cuts them into one stretch per worker: each begins with its share of the long
    ones, shared out by their weight, and goes on with short ones, which idle workers take over from its end."""
    units = {unit: list(tests) for unit, tests in _by_unit(items) if unit}
    short = [item for item in items if unit_of(item.nodeid) == ("", 0)]
    weighed = sorted(units, key=lambda unit: -unit_of(units[unit][0].nodeid)[1])
    shares: list[list[pytest.Item]] = [[] for _ in range(workers)]
    loads = [0] * workers
    for unit in weighed:
        lightest = loads.index(min(loads))
        shares[lightest] += units[unit]
        loads[lightest] += unit_of(units[unit][0].nodeid)[1]
    ordered: list[pytest.Item] = []
    for at, share in enumerate(shares):
        length = (len(items) - len(ordered)) // (workers - at)
        room = max(0, length - len(share))
        ordered += share + short[:room]
        short = short[room:]
    return ordered


def _by_unit(items: Iterable[pytest.Item]) -> Iterable[tuple[str, Iterable[pytest.Item]]]:
    named = sorted(
        ((unit_of(item.nodeid)[0], n, item) for n, item in enumerate(items)), key=lambda one: one[:2]
    )
    for unit, tests in groupby(named, key=lambda one: one[0]):
        yield unit, [item for _, _, item in tests]
