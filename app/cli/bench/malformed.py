"""Thousands of broken workbooks through the real child process, counted: no crash, no hang, no row in another's place.

In: how many, and a seed. Out: a `Tally`. Case `n` of a seed is always the same workbook, so a failure can be made
again with `make_case`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import field
from random import Random

from app.cli.bench import malformed_sheets as sheets
from app.cli.bench import malformed_zip as files
from app.cli.bench.malformed_rows import KEY, LINES, Must, Paper
from app.kernel.lean import dataclass
from app.workbooks.facts import Reading
from app.workbooks.keeper import ChildLimits, Keeper
from app.workbooks.marking import annotate_workbook
from app.workbooks.reading import read_workbook

_PARALLEL = 3
_LIMITS = ChildLimits(memory_megabytes=512, cpu_seconds=10, wall_seconds=20)
_CRASHES, _HANGS = {"unreadable", "too_heavy", "busy"}, {"too_slow"}
_MOST_FAILURES = 20
_MARK_EVERY = 10

FAMILIES: tuple[tuple[int, Callable[[Random, Paper], sheets.Case]], ...] = (
    (24, sheets.rows),
    (24, sheets.bad_cells),
    (4, sheets.merged),
    (6, sheets.headings),
    (5, sheets.formulas),
    (5, files.cut_off),
    (8, files.flipped),
    (4, files.scrambled_xml),
    (4, files.no_workbook),
    (4, files.forbidden_parts),
    (3, files.declarations),
    (1, files.bombs),
    (2, sheets.claims),
    (4, sheets.misplaced),
    (3, files.odd_zip),
    (3, files.harmless),
    (3, files.foreign),
    (1, sheets.empty),
)
"""How often each family comes, and what makes one of it."""


@dataclass(slots=True)
class Tally:
    """What happened to `count` workbooks, `marked` of which were also given back marked and read once more.

    The counts from `crashes` on must be zero; `failures` tells the first of them.
    """

    count: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    refused: int = 0
    rows_read: int = 0
    rows_refused: int = 0
    marked: int = 0
    families: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)

    crashes: int = 0
    hangs: int = 0
    mismapped: int = 0
    unnumbered: int = 0
    misjudged: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """No crash, no hang, no mis-mapped row, every refused row with its number, nothing judged wrongly."""
        return not (self.crashes or self.hangs or self.mismapped or self.unnumbered or self.misjudged)


def make_case(seed: int, n: int, of: Paper = LINES) -> tuple[str, bytes, Must]:
    """Case `n` of `seed`, made from a template: its family, the workbook, and what must come out."""
    rng = Random(f"{seed}/{n}")
    family = rng.choices([make for _, make in FAMILIES], [weight for weight, _ in FAMILIES])[0]
    return family.__name__, *family(rng, of)


def check_malformed(
    count: int, seed: int = 1, tell: Callable[[int], None] = lambda done: None, of: Paper = LINES
) -> Tally:
    """Read `count` malformed workbooks made from a template and count what went wrong; `tell` hears how many are done."""
    tally = Tally(count=count)
    keeper = Keeper(at_once=_PARALLEL)
    started = time.monotonic()

    def read(data: bytes) -> Reading:
        return read_workbook(data, of.template, KEY, child_limits=_LIMITS, keeper=keeper)

    def one(n: int) -> tuple[int, str, Must, list[Reading | Exception], float]:
        name, data, must = make_case(seed, n, of)
        readings: list[Reading | Exception] = []
        begun = time.monotonic()
        try:
            readings.append(reading := read(data))
            took = time.monotonic() - begun
            if reading.refusal is None and n % _MARK_EVERY == 0:
                marked = annotate_workbook(data, of.template, of.judge(reading, must)[0], keeper=keeper)
                readings.append(read(marked) if isinstance(marked, bytes) else Reading(refusal=marked))
        except Exception as fault:
            readings.append(fault)
            took = time.monotonic() - begun
        return n, name, must, readings, took

    try:
        with ThreadPoolExecutor(_PARALLEL) as threads:
            for done, (n, name, must, readings, took) in enumerate(threads.map(one, range(count)), 1):
                tally.families[name] += 1
                tally.slowest = max(tally.slowest, took)
                tally.marked += len(readings) - 1
                for turn, reading in enumerate(readings):
                    for kind, words in _judge(tally, of, must, reading):
                        setattr(tally, kind, getattr(tally, kind) + 1)
                        if len(tally.failures) < _MOST_FAILURES:
                            again = ", marked and read again" if turn else ""
                            tally.failures.append(f"seed {seed} case {n} ({name}{again}): {kind}: {words}")
                tell(done)
    finally:
        keeper.stop()
    tally.seconds = time.monotonic() - started
    return tally


def _judge(tally: Tally, of: Paper, must: Must, reading: Reading | Exception) -> list[tuple[str, str]]:
    """What is wrong about `reading`, as (name of the count, words)."""
    if isinstance(reading, Exception):
        return [("crashes", repr(reading))]
    if reading.refusal is not None:
        code = reading.refusal.code
        tally.refused += 1
        tally.codes[code] += 1
        if code in _CRASHES:
            return [("crashes", code)]
        if code in _HANGS:
            return [("hangs", code)]
        return [] if must.is_refused or must.either else [("misjudged", f"refused as {code}")]
    if must.is_refused:
        return [("misjudged", "accepted")]
    try:
        faults, in_room = of.judge(reading, must)
        wrong = list(in_room)
    except Exception as fault:
        return [("crashes", repr(fault))]
    tally.rows_refused += len({(fault.sheet, fault.row) for fault in faults if fault.row})
    if must.formulas:
        named = {fault.cell for fault in reading.faults}
        return [] if named == must.formulas else [("misjudged", f"formulas {named} for {must.formulas}")]
    for sheet, rows in must.rows.items():
        found = dict(reading.sheets[sheet].rows) if sheet in reading.sheets else {}
        tally.rows_read += len(found)
        if found.keys() != rows.keys():
            wrong.append(("mismapped", f"rows {sorted(found)} for {sorted(rows)}"))
        for number, row in rows.items():
            got = found.get(number, {})
            if any(got.get(key) != value for key, value in row.items()):
                wrong.append(("mismapped", f"row {number}: {got} for {row}"))
        faulty = {fault.row for fault in reading.faults if fault.sheet == sheet}
        if sheet in must.headless:
            if not faulty:
                wrong.append(("misjudged", "headings accepted"))
        elif faulty != must.faulty.get(sheet, set()):
            kind = "unnumbered" if must.faulty.get(sheet, set()) - faulty else "misjudged"
            wrong.append((kind, f"faults in {sorted(faulty)} for {sorted(must.faulty.get(sheet, set()))}"))
    return wrong
