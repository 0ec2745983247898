"""The solver at work: HiGHS on scaled numbers, everything it says checked or rounded to the safe side in whole numbers.

HiGHS computes in doubles, where a ceiling of 10^13 satang is not exact to the satang. So rows are divided by powers of two
(which loses nothing), a solution is added up again in Python's whole numbers, and one that breaks a row by as little as a
satang is forbidden and the search goes on. What larger programmes leave open is narrowed first: prices, rounded to
fractions, bound every choice in whole numbers, and whatever could not better the best choice known is fixed. The prices are
those of the small caps taken one by one (`blocks.py`), or where there are very many choices, the linear relaxation's.
Imported late: numpy, highspy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil

import numpy as np

from app.kernel.lean import dataclass
from app.portfolio.optimum.blocks import PRICE_BITS, Apart, Cut, Decomposition
from app.portfolio.optimum.engine import Engine, Matrix, Numbers, Relaxed
from app.portfolio.optimum.facts import PRECISION, is_within
from app.portfolio.optimum.stating import Row

_ROW_BITS = 20  # rows are scaled to numbers below 2**20: HiGHS holds them to a millionth
_WORTH_BITS = 17
_MANY = 2000  # choices from which on it pays to narrow first
_CORES = (1000, 4000)  # how many choices nearest the line are tried on the way to a bound
_ROUGH = 10**5  # one part in so many is near enough on the way
_FINE = 10**6  # … for the choice that all else is held against
_FEW = 300  # choices up to which the solver alone is as fast
_WIDER = (
    10**5,
    10**4,
    10**3,
)  # free is what one part in so many of the worth decides: on the way to a good choice
_MOST_TRIES = 50  # solutions that break a row by rounding, before giving up


@dataclass(frozen=True, slots=True)
class Found:
    """The best choice found (None: none found), and what no choice can exceed (None: not known). `is_void` where no
    choice keeps all rows, `is_proven` where none is better, to one part in `PRECISION` of the largest worth."""

    chosen: frozenset[int] | None
    value: int
    bound: int | None
    is_void: bool = False
    is_proven: bool = False


class Search:
    """The best of choices 0 … n-1 by `worth`, keeping `rows`, until `deadline` (of `perf_counter`) or until no choice can
    be better by more than one part in `parts`."""

    def __init__(self, worth: Sequence[int], rows: Sequence[Row], deadline: float, parts: int = PRECISION):
        self.worth = worth
        self.rows = rows
        self.deadline = deadline
        self.parts = parts
        self.of_choice: list[list[tuple[int, int]]] = [[] for _ in worth]
        for at, row in enumerate(rows):
            for choice, coefficient in row.parts:
                self.of_choice[choice].append((at, coefficient))

    def run(self) -> Found:
        everything = range(len(self.worth))
        if _FEW < len(self.worth) <= _MANY and (found := self.by_blocks()) is not None:
            return found
        prices = self._relax() if len(self.worth) > _MANY else None
        if prices is None:
            return self._solve(everything, ())
        top, gains, likely = prices
        bound = top >> PRICE_BITS
        best = self._first(gains, likely, bound)
        if best is None or best.chosen is None:
            return self._solve(everything, ())
        if is_within(best.value, bound, self.parts):
            return Found(best.chosen, best.value, bound, is_proven=is_within(best.value, bound))
        return self._rest(top, gains, range(len(gains)), best)

    def by_blocks(self) -> Found | None:
        """By way of the small caps; None where there are none, or no good choice came of it."""
        matrix, scales, most = self._matrix(range(len(self.worth)), [row.most for row in self.rows])
        unit = _unit(max(map(abs, self.worth)), _WORTH_BITS)
        relaxed = self._relaxed(matrix, most, unit)
        if relaxed is None or not any(self.worth):
            return None
        taking = Decomposition(self.worth, self.rows, unit, scales, relaxed.prices, self.deadline)
        apart = taking.run()
        best = self._near(apart) if apart else None
        if apart is None or best is None or best.chosen is None:
            return None
        bound = apart.top >> PRICE_BITS
        if is_within(best.value, bound, self.parts):
            return Found(best.chosen, best.value, bound, is_proven=is_within(best.value, bound))
        if self.parts <= _ROUGH // 10:
            # not so near by way of the caps: without them the solver is as soon there
            alone = self._solve(range(len(self.worth)), ())
            better = alone if alone.chosen is not None and alone.value > best.value else best
            bound = bound if alone.bound is None else max(better.value, min(bound, alone.bound))
            return Found(better.chosen, better.value, bound, is_proven=is_within(better.value, bound))
        mixed = taking.mix(apart, best.chosen, _FINE)
        if mixed is not None and self._keeps(mixed):
            value = sum(self.worth[choice] for choice in mixed)
            best = max(best, Found(mixed, value, None), key=lambda found: found.value)
        priced = [choice for choice in range(len(self.worth)) if choice not in apart.blocked]
        return self._rest(apart.top, apart.gains, priced, best, apart.cuts)

    def _rest(
        self, top: int, gains: Sequence[int], priced: Iterable[int], best: Found, cuts: Sequence[Cut] = ()
    ) -> Found:
        """The best of all, given a bound with the gains of its `priced` choices, and a good choice: whoever of them cannot
        better that is fixed where the bound has it."""
        assert best.chosen is not None
        bound, room = top >> PRICE_BITS, top - (best.value << PRICE_BITS)
        ones = [choice for choice in priced if gains[choice] >= room]
        fixed = {choice for choice in priced if abs(gains[choice]) >= room}
        free = [choice for choice in range(len(gains)) if choice not in fixed]
        last = self._solve(free, ones, cuts=cuts, start=best.chosen)
        better = last.chosen is not None and last.value > best.value
        value, chosen = (last.value, last.chosen) if better else (best.value, best.chosen)
        # nothing better lies outside what was left open
        inner = best.value if last.is_void else last.bound
        bound = bound if inner is None else min(bound, max(inner, value))
        return Found(
            chosen, value, bound, is_proven=last.is_void or last.is_proven or is_within(value, bound)
        )

    def _near(self, apart: Apart) -> Found | None:
        """A good choice: the blocks as settled, free what hardly matters one by one."""
        best = None
        for wider in _WIDER:
            free = [
                choice
                for choice, doubt in enumerate(apart.doubts.tolist())
                if doubt * wider < 1 and choice not in apart.blocked
            ]
            ones = apart.chosen | apart.likely.difference(free)
            found = self._solve(free, ones, parts=_ROUGH // 2)
            if found.chosen is not None and (best is None or found.value > best.value):
                best = found
            if best is not None and is_within(
                best.value, apart.top >> PRICE_BITS, min(self.parts, _ROUGH // 10)
            ):
                break
        return best

    def _first(self, gains: Sequence[int], likely: frozenset[int], bound: int) -> Found | None:
        """A good choice: only those nearest the line are free, the others lie where the relaxation has them."""
        nearest = sorted(
            range(len(gains)),
            key=lambda choice: (abs(gains[choice]) // max(1, abs(self.worth[choice])), choice),
        )
        best = None
        for size in _CORES:
            free = sorted(nearest[:size])
            found = self._solve(free, likely.difference(free), parts=min(self.parts, _ROUGH))
            if found.chosen is not None and (best is None or found.value > best.value):
                best = found
            if best is not None and is_within(best.value, bound, min(self.parts, _ROUGH // 10)):
                break
        return best

    def _relax(self) -> tuple[int, list[int], frozenset[int]] | None:
        """The linear relaxation: a bound on every choice, what each choice adds to it beyond its price (both times
        2**PRICE_BITS, exact), and the choices it takes for more than half; None where it has no solution."""
        free = range(len(self.worth))
        matrix, scales, most = self._matrix(free, [row.most for row in self.rows])
        unit = _unit(max(map(abs, self.worth)), _WORTH_BITS)
        found = self._relaxed(matrix, most, unit)
        if found is None:
            return None
        # a price is rounded to a fraction; any price of at least nothing gives a true bound
        prices = [
            round(price * (unit << PRICE_BITS) / scale)
            for price, scale in zip(found.prices.tolist(), scales, strict=True)
        ]
        gains = [
            (worth << PRICE_BITS) - sum(prices[at] * coefficient for at, coefficient in parts)
            for worth, parts in zip(self.worth, self.of_choice, strict=True)
        ]
        top = sum(price * row.most for price, row in zip(prices, self.rows, strict=True))
        top += sum(gain for gain in gains if gain > 0)
        return top, gains, frozenset(np.flatnonzero(found.parts * 2 > 1).tolist())

    def _relaxed(self, matrix: Matrix, most: Numbers, unit: int) -> Relaxed | None:
        return Engine(np.array(self.worth, dtype=np.float64) / unit, matrix, most).relax(self.deadline)

    def _matrix(self, free: Sequence[int], most: Sequence[int]) -> tuple[Matrix, list[int], Numbers]:
        """The rows over the free choices, scaled by powers of two."""
        largest = [abs(value) for value in most]
        for choice in free:
            for at, coefficient in self.of_choice[choice]:
                largest[at] = max(largest[at], abs(coefficient))
        scales = [_unit(value, _ROW_BITS) for value in largest]
        start, down, values = [0], [], []
        for choice in free:
            for at, coefficient in self.of_choice[choice]:
                down.append(at)
                values.append(coefficient / scales[at])
            start.append(len(down))
        matrix = Matrix(
            np.array(start, dtype=np.int32),
            np.array(down, dtype=np.int32),
            np.array(values, dtype=np.float64),
            len(most),
        )
        scaled = np.array(
            [value / scale for value, scale in zip(most, scales, strict=True)], dtype=np.float64
        )
        return matrix, scales, scaled

    def _solve(
        self,
        free: Sequence[int],
        ones: Iterable[int],
        parts: int | None = None,
        cuts: Sequence[Cut] = (),
        start: frozenset[int] | None = None,
    ) -> Found:
        """The best over the free choices, `ones` chosen and the others not, to one part in `parts`. `cuts` are known of
        every choice; `start` is a choice to better."""
        parts = parts or self.parts
        is_exact = parts >= PRECISION
        ones = frozenset(ones)
        base = sum(self.worth[choice] for choice in ones)
        most = [row.most for row in self.rows]
        for choice in ones:
            for at, coefficient in self.of_choice[choice]:
                most[at] -= coefficient
        if not free:
            fits = all(value >= 0 for value in most)
            return Found(ones, base, base, is_proven=True) if fits else Found(None, 0, None, True)
        matrix, _, scaled = self._matrix(free, most)
        unit = _unit(max([abs(self.worth[choice]) for choice in free]), _WORTH_BITS)
        worth = np.array([self.worth[choice] for choice in free], dtype=np.float64) / unit
        engine = Engine(worth, matrix, scaled, base / unit)
        place = {choice: column for column, choice in enumerate(free)}
        for cut in cuts:
            left = cut.most - sum(w for c, w in zip(cut.choices, cut.worth, strict=True) if c in ones)
            parts_in = [(place[c], w) for c, w in zip(cut.choices, cut.worth, strict=True) if c in place]
            scale = _unit(max(1, abs(left), *(abs(w) for _, w in parts_in)), _ROW_BITS)
            engine.add_row([c for c, _ in parts_in], np.array([w for _, w in parts_in]) / scale, left / scale)
        if start is not None:
            engine.start_from(np.array([choice in start for choice in free]))
            engine.look_no_further()
        for _ in range(_MOST_TRIES):
            result = engine.search(None if is_exact else parts, self.deadline)
            if result.is_void:
                return Found(None, 0, None, True)
            bound = None if result.bound is None else ceil(result.bound * unit)
            if result.chosen is None:
                return Found(None, 0, bound)
            chosen = ones.union(free[column] for column in np.flatnonzero(result.chosen).tolist())
            if self._keeps(chosen):
                value = sum(self.worth[choice] for choice in chosen)
                is_best = result.is_best and is_exact
                if is_best:
                    # the solver calls two values equal that differ by a millionth of the unit
                    bound = value + max(0, ceil(unit / 10**6) - 1)
                bound = None if bound is None else max(bound, value)
                return Found(chosen, value, bound, is_proven=is_best or is_within(value, bound))
            engine.forbid(result.chosen)
        return Found(None, 0, None)

    def _keeps(self, chosen: frozenset[int]) -> bool:
        held = [0] * len(self.rows)
        for choice in chosen:
            for at, coefficient in self.of_choice[choice]:
                held[at] += coefficient
        return all(value <= row.most for value, row in zip(held, self.rows, strict=True))


def _unit(largest: int, bits: int) -> int:
    """The power of two that brings a number below 2**bits."""
    return 1 << max(0, int(largest).bit_length() - bits)
