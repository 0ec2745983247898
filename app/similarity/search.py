"""Finding what may resemble what among many filings: a generous choice, which the comparison then judges.

Texts are weighed by how rare their features are (tf-idf), and what more than one text in twenty says is boilerplate and
counts for nothing. The likeness of two is the cosine of their features. Imported late: numpy, scipy, sparse_dot_topn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import combinations, islice
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack
from sparse_dot_topn import sp_matmul_topn

from app.kernel.lean import dataclass
from app.similarity.features import AT_ONCE, BUCKETS, Counts, count_features
from app.similarity.texts import SearchText

TOP = 10  # candidates of one text
LEAST = 100  # per mille of likeness
MARKED = 1000  # candidates that name the same word for word

_BOILERPLATE = 20  # one text in so many
_FEW = 20  # texts that may say the same however small the corpus is
_MANY = 1000  # texts that say the same say nothing, however large the corpus is
_WIDELY_NAMED = 12  # what more filings name is a common name, such as the civil register
_SPARE = 10  # more than TOP are looked at, so that ties are cut by key
_ROWS_AT_ONCE = 8192
_THREADS = 2
_DUE_AFTER = 20

T = TypeVar("T")
Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that may resemble the one asked for. `likeness` per mille; `MARKED` where it was found by a name."""

    key: int
    likeness: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that may resemble each other, `low` < `high`."""

    low: int
    high: int
    likeness: int


class Index:
    """Texts by key. The weights are those of the texts it was built from; what is added later is weighed by them too,
    until `is_due` says that it should be built anew. Not for two threads at once."""

    def __init__(self, keys: Ints, rows: Any, spoken: npt.NDArray[np.int32]):
        """`rows` is a matrix of texts x features, each row of length one; `spoken` in how many texts each feature
        stands."""
        self._keys = keys
        self._columns = rows.T.tocsr()  # features x texts: which texts say a thing
        self._idf = _inverse_frequency(spoken, len(keys))
        self._row_of = {int(key): row for row, key in enumerate(keys)}
        self._gone = np.zeros(len(keys), np.bool_)
        self._added: dict[int, Any] = {}
        self._added_rows: Any = None
        self._marks: dict[str, set[int]] = {}
        self._marks_of: dict[int, frozenset[str]] = {}

    @classmethod
    def build(cls, texts: Iterable[SearchText]) -> Index:
        """Raises `ValueError` for two texts of one key. The texts are read once and not kept."""
        keys: list[int] = []
        blocks: list[Counts] = []
        marks: dict[int, frozenset[str]] = {}
        spoken = np.zeros(BUCKETS, np.int32)
        for some in _in_blocks(texts, AT_ONCE):
            counts = count_features(some)
            np.add.at(spoken, counts.buckets, 1)
            blocks.append(counts)
            keys += [one.key for one in some]
            marks |= {one.key: one.marks for one in some if one.marks}
        if len(set(keys)) < len(keys):
            raise ValueError("two texts have one key")
        rows = _weigh_blocks(blocks, _inverse_frequency(spoken, len(keys)))
        index = cls(np.array(keys, np.int64), rows, spoken)
        del rows
        for key, some_marks in marks.items():
            index._mark(key, some_marks)
        return index

    def __len__(self) -> int:
        return len(self._row_of) + len(self._added)

    def __contains__(self, key: int) -> bool:
        return key in self._row_of or key in self._added

    @property
    def is_due(self) -> bool:
        """Whether so much was added or taken out that the weights no longer fit."""
        return self.is_due_after(0)

    def is_due_after(self, more: int) -> bool:
        """Whether it would be due with so many more."""
        changed = len(self._added) + int(self._gone.sum()) + more
        return changed > max(_DUE_AFTER, len(self._keys) // 10)

    def add(self, text: SearchText) -> None:
        """Raises `ValueError` for a key that is there already."""
        if text.key in self:
            raise ValueError("a text with this key is there already")
        self._added[text.key] = self._row(text)
        self._added_rows = None
        self._mark(text.key, text.marks)

    def discard(self, key: int) -> None:
        """Take a text out; nothing for one that is not there."""
        row = self._row_of.pop(key, None)
        if row is not None:
            self._gone[row] = True
        if self._added.pop(key, None) is not None:
            self._added_rows = None
        for mark in self._marks_of.pop(key, ()):
            self._marks[mark].discard(key)

    def against(
        self, text: SearchText, leave_out: Collection[int] = (), *, top: int = TOP, least: int = LEAST
    ) -> list[Candidate]:
        """The texts most like this one, best first, ties by key; then those that name the same. The text itself, if it
        is there, and what is left out are not among them."""
        without = {text.key, *leave_out}
        row = self._row(text)
        found = row @ self._columns
        alive = ~self._gone[found.indices]
        keys = self._keys[found.indices[alive]]
        likeness = _per_mille(found.data[alive])
        if self._added:
            if self._added_rows is None:
                self._added_rows = vstack(list(self._added.values()), format="csr")
            keys = np.concatenate((keys, np.fromiter(self._added, np.int64)))
            more = np.asarray((self._added_rows @ row.T).todense()).ravel()
            likeness = np.concatenate((likeness, _per_mille(more)))
        enough = likeness >= least
        keys, likeness = keys[enough], likeness[enough]
        best = np.lexsort((keys, -likeness))[: top + len(without)]
        chosen = [
            Candidate(key, one)
            for key, one in zip(keys[best].tolist(), likeness[best].tolist(), strict=True)
            if key not in without
        ][:top]
        known = without | {one.key for one in chosen}
        named = {key for mark in text.marks for key in self._named(mark, text.key)} - known
        return chosen + [Candidate(key, MARKED) for key in sorted(named)]

    def all_pairs(self, *, top: int = TOP, least: int = LEAST) -> Iterator[Pair]:
        """Each two of which one is among the `top` most like the other, and each two that name the same; every pair
        once, by keys. Of what was added since it was built nothing: build anew first. Raises `ValueError` then."""
        if self._added or self._gone.any():
            raise ValueError("texts were added or taken out; build the index anew")
        texts = len(self._keys)
        rows = self._columns.T.tocsr()
        codes, found = [], []
        for start in range(0, texts, _ROWS_AT_ONCE):
            some = sp_matmul_topn(
                rows[start : start + _ROWS_AT_ONCE],
                self._columns,
                top_n=top + 1 + _SPARE,
                threshold=(least - 1) / 1000,
                n_threads=_THREADS,
            )
            left = np.repeat(np.arange(start, start + some.shape[0]), np.diff(some.indptr))
            codes_here, found_here = _best_of_each(self._keys, left, some.indices, some.data, top, least)
            codes.append(codes_here)
            found.append(found_here)
        del rows
        named = {
            two
            for holders in self._marks.values()
            if 2 <= len(holders) <= _WIDELY_NAMED
            for two in combinations(sorted(holders), 2)
        }
        return self._pairs(codes, found, named)

    def _pairs(self, codes: list[Ints], found: list[Ints], named: set[tuple[int, int]]) -> Iterator[Pair]:
        both = np.concatenate(codes) if codes else np.zeros(0, np.int64)
        likeness = np.concatenate(found) if found else np.zeros(0, np.int64)
        both, first = np.unique(both, return_index=True)
        likeness = likeness[first]
        ordered, texts = np.sort(self._keys).tolist(), len(self._keys)
        # a generator: a million pairs are never all objects at once
        for code, one in zip(both.tolist(), likeness.tolist(), strict=True):
            low, high = ordered[code // texts], ordered[code % texts]
            named.discard((low, high))
            yield Pair(low, high, one)
        for low, high in sorted(named):
            yield Pair(low, high, MARKED)

    def _row(self, text: SearchText) -> Any:
        return _weigh(count_features([text]), self._idf)

    def _mark(self, key: int, marks: frozenset[str]) -> None:
        if marks:
            self._marks_of[key] = marks
        for mark in marks:
            self._marks.setdefault(mark, set()).add(key)

    def _named(self, mark: str, key: int) -> set[int]:
        """Who else names it; nobody when everybody does."""
        holders = self._marks.get(mark, set()) - {key}
        return holders if len(holders) < _WIDELY_NAMED else set()


def _in_blocks(things: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(things)
    while some := list(islice(rest, size)):
        yield some


def _inverse_frequency(spoken: npt.NDArray[np.int32], texts: int) -> Floats:
    """What each feature weighs: the rarer the more, boilerplate nothing."""
    most = min(max(_FEW, texts // _BOILERPLATE), _MANY)
    weight: Floats = (np.log((1 + texts) / (1 + spoken)) + 1).astype(np.float32)
    weight[spoken > most] = 0
    return weight


def _weigh_blocks(blocks: list[Counts], idf: Floats) -> Any:
    """The rows of all blocks; a block is let go of as soon as it is weighed."""
    texts = sum(len(b.sizes) for b in blocks)
    features = sum(int(np.count_nonzero(idf[b.buckets])) for b in blocks)
    data, indices = np.empty(features, np.float32), np.empty(features, np.int32)
    starts = np.zeros(texts + 1, np.int64)
    row = at = 0
    blocks.reverse()
    while blocks:
        some = _weigh(blocks.pop(), idf)
        data[at : at + some.nnz] = some.data
        indices[at : at + some.nnz] = some.indices
        starts[row + 1 : row + 1 + some.shape[0]] = at + some.indptr[1:]
        row, at = row + some.shape[0], at + some.nnz
    return csr_matrix((data, indices, starts.astype(np.int32)), shape=(texts, BUCKETS))


def _weigh(counts: Counts, idf: Floats) -> Any:
    """Weights of some texts, each row of length one; a row of boilerplate alone, or of nothing, stays empty."""
    row = np.repeat(np.arange(len(counts.sizes)), counts.sizes)
    weight = idf[counts.buckets]
    kept = weight != 0
    row, weight = row[kept], weight[kept]
    weight *= 1 + np.log(counts.times[kept].astype(np.float32))
    length = np.sqrt(np.bincount(row, weight * weight, minlength=len(counts.sizes))).astype(np.float32)
    starts = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=len(counts.sizes))))).astype(np.int32)
    return csr_matrix(
        (weight / length[row], counts.buckets[kept], starts), shape=(len(counts.sizes), BUCKETS)
    )


def _per_mille(likeness: Floats) -> Ints:
    return np.minimum(np.rint(likeness * 1000), 1000).astype(np.int64)


def _best_of_each(
    keys: Ints, left: Ints, right: npt.NDArray[np.int32], values: Floats, top: int, least: int
) -> tuple[Ints, Ints]:
    """Of each row on the left the best on the right, ties by key: pairs as one number (rank of the low key x texts +
    rank of the high key), and their likeness."""
    likeness = _per_mille(values)
    kept = (left != right) & (likeness >= least)
    left, right, likeness = left[kept], right[kept], likeness[kept]
    order = np.lexsort((keys[right], -likeness, left))
    left, right, likeness = left[order], right[order], likeness[order]
    place = np.arange(len(left)) - np.searchsorted(left, left)
    left, right, likeness = left[place < top], right[place < top], likeness[place < top]
    rank = np.empty(len(keys), np.int64)
    rank[np.argsort(keys)] = np.arange(len(keys))
    one, other = rank[left], rank[right]
    return np.minimum(one, other) * len(keys) + np.maximum(one, other), likeness
