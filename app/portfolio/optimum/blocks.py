"""A programme taken apart at its small caps: a bound far nearer the truth than the relaxation, and a choice near it.

A ministry's cap holds fifty projects, some of them large: the relaxation, which may take 0.38 of a project, promises under
it what nothing can keep. So every small cap becomes a block that is filled by itself, exactly (`knapsack.py`), at prices
for all other rows; the prices come from a master programme that mixes the blocks' good choices (Dantzig and Wolfe 1960),
and are drawn half-way to the best prices known, which calms them (Wentges 1997). Any prices of at least nothing give a
true bound; it is added up in whole numbers. Imported late: numpy, highspy.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.kernel.lean import dataclass
from app.portfolio.optimum.engine import Engine, Matrix, Numbers
from app.portfolio.optimum.knapsack import Filled, fill
from app.portfolio.optimum.stating import Row

PRICE_BITS = 40
_WIDEST = 250  # choices under a cap that make it a block
_WEIGHT_BITS = 62
_WORTH_BITS = 40
_CHOICES = 8  # taken into the master from each filling
_ROUNDS = 40
_LOOSE = 20_000  # a block's choice stays in the mix when it is dearer by less than one part in so many
_CLOSE = 10**6  # prices are good enough when the master is nearer its bound than one part in so many


@dataclass(frozen=True, slots=True)
class Block:
    """A cap (place of its row), its choices, and which of these (as places in `choices`) exclude each other."""

    row: int
    choices: tuple[int, ...]
    levels: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """What a block can be worth at most: the sum of worth times choice."""

    choices: tuple[int, ...]
    worth: tuple[int, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Apart:
    """`top` bounds every choice, `gains` is what each choice adds beyond its prices (both times 2**PRICE_BITS, exact; of
    choices in blocks before their cap's price); `cuts` are the blocks' own bounds. `chosen` are good choices in all
    blocks, `likely` what the relaxation takes of the others once these stand, `doubts` how dear it is to decide
    otherwise (in parts of `top`; 0 where undecided); the cuts' worth is shortened by `shift` bits."""

    top: int
    gains: tuple[int, ...]
    cuts: tuple[Cut, ...]
    blocked: frozenset[int]
    chosen: frozenset[int]
    likely: frozenset[int]
    doubts: Numbers
    shift: int


def find_blocks(rows: Sequence[Row], width: int) -> tuple[list[Block], list[int]]:
    """Small caps that share no choice, the smallest first; and the rows that lie in none of them."""
    owner = [-1] * width
    caps: list[int] = []
    by_size = sorted(range(len(rows)), key=lambda at: (len(rows[at].parts), at))
    for at in by_size:
        parts = rows[at].parts
        if (
            3 < len(parts) <= _WIDEST
            and all(coefficient > 1 and owner[choice] < 0 for choice, coefficient in parts)
            and sum(c for _, c in parts).bit_length() < _WEIGHT_BITS
            and rows[at].most >= 0
        ):
            for choice, _ in parts:
                owner[choice] = len(caps)
            caps.append(at)
    inside: list[list[tuple[int, ...]]] = [[] for _ in caps]
    met: set[int] = set()
    inner = set(caps)
    for at, row in enumerate(rows):
        owners = {owner[choice] for choice, _ in row.parts}
        if row.most == 1 and len(owners) == 1 and -1 not in owners and all(c == 1 for _, c in row.parts):
            together = tuple(choice for choice, _ in row.parts)
            if met.isdisjoint(together):
                met.update(together)
                inside[owners.pop()].append(together)
                inner.add(at)
    blocks = []
    for at, together_in in zip(caps, inside, strict=True):
        choices = tuple(choice for choice, _ in rows[at].parts)
        place = {choice: n for n, choice in enumerate(choices)}
        levels = [tuple(place[choice] for choice in level) for level in together_in]
        levels += [(place[choice],) for choice in choices if choice not in met]
        blocks.append(Block(at, choices, tuple(levels)))
    return blocks, [at for at in range(len(rows)) if at not in inner]


class Decomposition:
    """Worth and rows as of a `Search`, scaled alike: `unit` of worth, `scales` of rows; `prices` of all rows to begin
    with."""

    def __init__(
        self,
        worth: Sequence[int],
        rows: Sequence[Row],
        unit: int,
        scales: Sequence[int],
        prices: Numbers,
        deadline: float,
    ):
        self.worth, self.rows, self.unit, self.deadline = worth, rows, unit, deadline
        self.blocks, self.shared = find_blocks(rows, len(worth))
        self.scales = [scales[at] for at in self.shared]
        self.first = prices[self.shared]
        self.of_choice: list[list[tuple[int, int]]] = [[] for _ in worth]
        for n, at in enumerate(self.shared):
            for choice, coefficient in rows[at].parts:
                self.of_choice[choice].append((n, coefficient))
        self.blocked = frozenset(choice for block in self.blocks for choice in block.choices)
        self.free = [choice for choice in range(len(worth)) if choice not in self.blocked]
        self.caps = [
            np.array([coefficient for _, coefficient in rows[block.row].parts], dtype=np.int64)
            for block in self.blocks
        ]
        self.table = np.zeros((len(self.shared), len(worth)))
        for choice, parts in enumerate(self.of_choice):
            for n, coefficient in parts:
                self.table[n, choice] = coefficient / self.scales[n]
        self.value = np.array(worth, dtype=np.float64) / unit
        self.master = self._master()
        self.columns: dict[tuple[int, tuple[int, ...]], int] = {}

    def run(self) -> Apart | None:
        """None where there are no blocks, or nothing was found before the deadline."""
        if not self.blocks:
            return None
        best: tuple[int, list[int], list[Filled], int] | None = None
        prices, calm = self.first, self.first
        found = None
        for _ in range(_ROUNDS):
            bound = self._bound(prices)
            is_better = best is None or bound[0] < best[0]
            if is_better:
                best, calm = bound, prices
            for n, filled in enumerate(bound[2]):
                for places in filled.choices:
                    if (n, places) not in self.columns:
                        self.columns[n, places] = self._add(n, places)
            found = self.master.relax(self.deadline)
            if found is None:
                return None
            mixed = int((found.parts[: len(self.free)] * self.value[self.free]).sum() * self.unit) + int(
                sum(found.parts[c] * self._worth_of(n, places) for (n, places), c in self.columns.items())
            )
            top = best[0] >> PRICE_BITS  # type: ignore[index]
            if top - mixed <= top // _CLOSE:
                break
            prices = found.prices[: len(self.shared)]
            if is_better:
                prices = (prices + calm) / 2
        return self._settle(best) if best and best[0] >> PRICE_BITS else None

    def _worth_of(self, block: int, places: tuple[int, ...]) -> int:
        return sum(self.worth[self.blocks[block].choices[place]] for place in places)

    def _master(self) -> Engine:
        start, down, values = [0], [], []
        for choice in self.free:
            for n, _ in self.of_choice[choice]:
                down.append(n)
                values.append(self.table[n, choice])
            start.append(len(down))
        most = [self.rows[at].most / scale for at, scale in zip(self.shared, self.scales, strict=True)]
        matrix = Matrix(
            np.array(start, dtype=np.int32),
            np.array(down, dtype=np.int32),
            np.array(values, dtype=np.float64),
            len(self.shared) + len(self.blocks),
        )
        master = Engine(
            self.value[self.free], matrix, np.array([*most, *(1 for _ in self.blocks)], dtype=np.float64)
        )
        master.soften(range(len(self.shared)))
        return master

    def _add(self, block: int, places: tuple[int, ...]) -> int:
        chosen = [self.blocks[block].choices[place] for place in places]
        column = self.table[:, chosen].sum(axis=1)
        held = np.flatnonzero(column)
        return self.master.add_column(
            self.value[chosen].sum(),
            np.array([*held, len(self.shared) + block], dtype=np.int32),
            np.array([*column[held], 1], dtype=np.float64),
        )

    def _bound(self, prices: Numbers) -> tuple[int, list[int], list[Filled], int]:
        """The bound at these prices, what each choice adds beyond them, and how the blocks are filled: exact; and by how
        many bits the blocks' worth was shortened (rounded up)."""
        exact = [
            round(max(0, price) * (self.unit << PRICE_BITS) / scale)
            for price, scale in zip(prices.tolist(), self.scales, strict=True)
        ]
        gains = [
            (worth << PRICE_BITS) - sum(exact[n] * coefficient for n, coefficient in parts)
            for worth, parts in zip(self.worth, self.of_choice, strict=True)
        ]
        top = sum(price * self.rows[at].most for price, at in zip(exact, self.shared, strict=True))
        top += sum(max(0, gains[choice]) for choice in self.free)
        shift = max(0, max(abs(gains[choice]) for choice in self.blocked).bit_length() - _WORTH_BITS)
        filled = []
        for block, weight in zip(self.blocks, self.caps, strict=True):
            short = np.array([-(-gains[choice] >> shift) for choice in block.choices], dtype=np.int64)
            filled.append(fill(weight, short, self.rows[block.row].most, block.levels, _CHOICES))
            top += filled[-1].most << shift
        return top, gains, filled, shift

    def _settle(self, best: tuple[int, list[int], list[Filled], int]) -> Apart | None:
        """One choice for every block, the likeliest first; the rest follows."""
        top, gains, filled, shift = best
        cuts = tuple(
            Cut(block.choices, tuple(-(-gains[c] >> shift) for c in block.choices), full.most)
            for block, full in zip(self.blocks, filled, strict=True)
        )
        relaxed = self.master.relax(self.deadline)
        settled: dict[int, tuple[int, ...]] = {}
        while relaxed is not None and len(settled) < len(self.blocks):
            _, _, column = max(
                (relaxed.parts[c], -c, c) for (n, _), c in self.columns.items() if n not in settled
            )
            block, places = next(key for key, c in self.columns.items() if c == column)
            settled[block] = places
            for (n, other), c in self.columns.items():
                if n == block:
                    self.master.bind(c, int(other == places), int(other == places))
            relaxed = self.master.relax(self.deadline)
        if relaxed is None:
            return None
        parts = relaxed.parts[: len(self.free)]
        dear = self.value - relaxed.prices[: len(self.shared)] @ self.table
        doubts = np.abs(dear) * (self.unit / (top >> PRICE_BITS))
        doubts[np.array(self.free)[np.minimum(parts, 1 - parts) * 10**6 > 1]] = 0
        return Apart(
            top,
            tuple(gains),
            cuts,
            self.blocked,
            frozenset(self.blocks[n].choices[place] for n, places in settled.items() for place in places),
            frozenset(np.array(self.free)[parts * 2 > 1].tolist()),
            doubts,
            shift,
        )

    def mix(self, apart: Apart, known: frozenset[int], parts: int) -> frozenset[int] | None:
        """A choice better than the one `known`, of the blocks' good choices and of what hardly matters one by one."""
        kept, start = [], np.zeros(self.master.width, dtype=np.bool_)
        for (n, places), column in self.columns.items():
            cut = apart.cuts[n]
            is_known = known.intersection(cut.choices) == {cut.choices[place] for place in places}
            short = cut.most - sum(cut.worth[place] for place in places)
            if is_known or (short << apart.shift) * _LOOSE < apart.top:
                kept.append(column)
                start[column] = is_known
                self.master.bind(column, 0, 1)
            else:
                self.master.bind(column, 0, 0)
        for column, choice in enumerate(self.free):
            start[column] = choice in known
            if abs(apart.gains[choice]) * _LOOSE * 10 >= apart.top:
                as_priced = int(apart.gains[choice] > 0)
                if as_priced == (choice in known):
                    self.master.bind(column, as_priced, as_priced)
        self.master.start_from(start)
        found = self.master.search(parts, self.deadline, kept)
        if found.chosen is None:
            return None
        mixed = {choice for column, choice in enumerate(self.free) if found.chosen[column]}
        for (n, places), column in self.columns.items():
            if found.chosen[column]:
                mixed.update(self.blocks[n].choices[place] for place in places)
        return frozenset(mixed)
