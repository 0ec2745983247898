"""HiGHS by its own binding: a programme of columns between 0 and 1 and rows of at most so much, relaxed or in whole numbers.

Everything here is in doubles; whoever calls checks what comes of it in whole numbers. One thread, so that the same programme
gives the same answer. Imported late: numpy, highspy (not scipy, which takes a second to import).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from time import perf_counter
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from app.kernel.lean import dataclass

Numbers = NDArray[np.float64]
PENALTY = 1 << 20  # of a row broken by one; worth and rows are scaled to numbers below it


def engine_name() -> str:
    """HiGHS with its version."""
    return f"HiGHS {highspy.Highs().version()}"  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Columns one after another: those of column k stand at start[k] … start[k+1] of `rows` and `values`."""

    start: NDArray[np.int32]
    rows: NDArray[np.int32]
    values: Numbers
    height: int


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The relaxation's optimum: every column's part of 1, every row's price (at least nothing)."""

    parts: Numbers
    prices: Numbers


@dataclass(frozen=True, slots=True)
class Searched:
    """Whole-number choice (None: none found) and the bound HiGHS gives (None: none). `is_void` where there is no choice,
    `is_best` where it calls its choice optimal within the gap asked for."""

    chosen: NDArray[np.bool_] | None
    bound: float | None
    is_void: bool = False
    is_best: bool = False


class Engine:
    """The programme "most worth, every row at most its `most`", loaded once. `already` is worth had in any case: what is
    proven to one part in so many is the whole."""

    def __init__(self, worth: Numbers, matrix: Matrix, most: Numbers, already: float = 0):
        self.width = self.whole = len(worth)
        programme = highspy.HighsLp()
        programme.num_col_, programme.num_row_ = self.width, matrix.height
        programme.sense_ = highspy.ObjSense.kMaximize
        programme.col_cost_, programme.offset_ = worth, already
        programme.col_lower_, programme.col_upper_ = np.zeros(self.width), np.ones(self.width)
        programme.row_lower_, programme.row_upper_ = np.full(matrix.height, -highspy.kHighsInf), most
        programme.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        programme.a_matrix_.start_ = matrix.start
        programme.a_matrix_.index_ = matrix.rows
        programme.a_matrix_.value_ = matrix.values
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        self._set("output_flag", False)
        self._set("threads", 1)
        self._highs.passModel(programme)

    def _set(self, option: str, value: Any) -> None:
        if self._highs.setOptionValue(option, value) != highspy.HighsStatus.kOk:
            raise AssertionError(f"HiGHS knows no {option}")

    def _until(self, deadline: float) -> None:
        self._set("time_limit", self._highs.getRunTime() + max(0, deadline - perf_counter()))

    def forbid(self, chosen: NDArray[np.bool_]) -> None:
        """Never this choice again."""
        self.add_row(range(self.whole), np.where(chosen, 1, -1), int(chosen.sum()) - 1)

    def add_row(self, columns: Sequence[int], values: NDArray[Any], most: float) -> None:
        """One more row over these columns."""
        across = np.array(columns, dtype=np.int32)
        self._highs.addRow(-highspy.kHighsInf, most, len(across), across, values.astype(np.float64))

    def relax(self, deadline: float) -> Relaxed | None:
        """The relaxation by the simplex method; None where it has no optimum or time ran out."""
        self._until(deadline)
        self._highs.run()
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self._highs.getSolution()
        return Relaxed(np.array(solution.col_value), np.maximum(np.array(solution.row_dual), 0))

    def add_column(self, worth: float, rows: NDArray[np.int32], values: Numbers, largest: float = 1) -> int:
        """One more column between 0 and `largest`; its place."""
        self._highs.addCol(worth, 0, largest, len(rows), rows, values)
        self.width += 1
        return self.width - 1

    def soften(self, rows: Iterable[int]) -> None:
        """These rows may be broken at a price nobody pays in the end, so that there is always something to better."""
        for row in rows:
            self.add_column(
                -PENALTY, np.array([row], dtype=np.int32), np.array([-1], dtype=np.float64), highspy.kHighsInf
            )

    def bind(self, column: int, least: int, most: int) -> None:
        """This column lies between these from now on."""
        self._highs.changeColBounds(column, least, most)

    def look_no_further(self) -> None:
        """The choice to start from is so good that time is better spent on the proof than on looking for others."""
        self._set("mip_heuristic_effort", np.float64(0))

    def start_from(self, chosen: NDArray[np.bool_]) -> None:
        """A choice known to keep the rows, for the search to better."""
        known = highspy.HighsSolution()
        known.col_value = chosen.astype(np.float64).tolist()
        self._highs.setSolution(known)

    def search(self, parts: int | None, deadline: float, more: Sequence[int] = ()) -> Searched:
        """The best choice in whole numbers of the columns it began with and these `more`, to one part in `parts`, or to
        the last (None)."""
        every = np.array([*range(self.whole), *more], dtype=np.int32)
        whole = np.full(len(every), int(highspy.HighsVarType.kInteger), dtype=np.uint8)
        self._highs.changeColsIntegrality(len(every), every, whole)
        self._set("mip_rel_gap", 1 / parts if parts else np.float64(0))
        # starting afresh after columns were fixed costs more here than it brings
        self._set("mip_allow_restart", False)
        self._until(deadline)
        self._highs.run()
        status, info = self._highs.getModelStatus(), self._highs.getInfo()
        if status == highspy.HighsModelStatus.kInfeasible:
            return Searched(None, None, is_void=True)
        bound = info.mip_dual_bound if np.isfinite(info.mip_dual_bound) else None
        if info.primal_solution_status != int(highspy.SolutionStatus.kSolutionStatusFeasible):
            return Searched(None, bound)
        chosen = np.array(self._highs.getSolution().col_value) * 2 > 1
        return Searched(chosen, bound, is_best=status == highspy.HighsModelStatus.kOptimal)
