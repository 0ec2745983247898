"""Features of texts: runs of four letters, hashed; counted for thousands of texts at a time without a loop over letters.

Letters are folded by one table: no case, no spaces, signs or tone marks, SARA AM as its last stroke, SARA AE as the
SARA E twice it is often typed with; then every letter that is repeated, and every number, stands once. So one spelling
is left of what looks the same, decomposed or misspelt, and what a scanner lost of tones and spaces changes little.
Names give all their runs; prose gives a fixed half of all possible runs, the same for everybody, which estimates the
same likeness at half the cost. Imported late: numpy.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.kernel.lean import dataclass
from app.similarity.texts import SearchText

BITS = 21
BUCKETS = 1 << BITS
AT_ONCE = 1 << (32 - BITS)  # texts whose number and bucket fit together into 32 bits

_DROP, _END = 0, 1
_RUN = 4
_SPREAD = 2654435769  # Knuth's multiplicative hashing: 2^32 divided by the golden ratio
_PROSE_SHARE = 2  # one run in so many
_NAMES_COUNT = 2  # what is said in a name counts as if it were said twice


def _make_table() -> npt.NDArray[np.uint8]:
    table = np.zeros(1 << 16, np.uint8)
    code = 2
    for letter in "abcdefghijklmnopqrstuvwxyz":
        table[[ord(letter), ord(letter.upper())]] = code
        code += 1
    table[[*range(ord("0"), ord("9") + 1), *range(0x0E50, 0x0E5A)]] = code
    code += 1
    for point in range(0x0E01, 0x0E47):
        if chr(point).isalpha() or 0x0E31 <= point <= 0x0E3A:
            table[point] = code
            code += 1
    table[0x0E33] = table[0x0E32]  # น้ำ is นำ with a tone, and นํา decomposed: all of them นา without marks
    table[0x0E41] = table[0x0E40]
    table[ord("\n")] = _END
    rest = np.flatnonzero(table == 0)
    other = rest[[chr(int(p)).isalpha() and not 0xD800 <= p < 0xE000 for p in rest]]
    table[other] = code + other % (256 - code)
    return table


_TABLE = _make_table()


@dataclass(frozen=True, slots=True)
class Counts:
    """Features of some texts, one text after another: `sizes` says how many each has, `buckets` which, in rising order,
    and `times` how often."""

    sizes: npt.NDArray[np.int64]
    buckets: npt.NDArray[np.int32]
    times: npt.NDArray[np.uint8]


def count_features(texts: Sequence[SearchText]) -> Counts:
    """The features of at most `AT_ONCE` texts."""
    pieces: list[bytes] = []
    lengths: list[int] = []
    for one in texts:
        names = f"{one.names}\n".encode("utf-16-le", "surrogatepass") * _NAMES_COUNT
        prose = f"{one.prose}\n".encode("utf-16-le", "surrogatepass")
        pieces += (names, prose)
        lengths += (len(names) // 2, len(prose) // 2)
    codes = _TABLE[np.frombuffer(b"".join(pieces), np.uint16)]
    # even numbers are names, odd ones prose
    part = np.repeat(np.arange(len(lengths), dtype=np.uint32), lengths)
    kept = codes != _DROP
    codes, part = codes[kept], part[kept]
    kept = np.ones(len(codes), np.bool_)
    kept[1:] = codes[1:] != codes[:-1]
    codes, part = codes[kept], part[kept]
    if len(codes) < _RUN:
        return _nothing(len(texts))
    run = codes[: 1 - _RUN].astype(np.uint32)
    broken = codes[: 1 - _RUN] == _END
    for step in range(1, _RUN):
        after = codes[step : len(codes) - _RUN + 1 + step]
        run |= after.astype(np.uint32) << np.uint32(8 * step)
        broken |= after == _END
    bucket = (run * np.uint32(_SPREAD)) >> np.uint32(32 - BITS)
    part = part[: 1 - _RUN]
    taken = ~broken & ((part % 2 == 0) | (bucket % _PROSE_SHARE == 0))
    # sorted as one number, text first, so that equal neighbours are the same feature of the same text
    both, times = np.unique((part[taken] // 2 << np.uint32(BITS)) | bucket[taken], return_counts=True)
    sizes = np.bincount(both >> np.uint32(BITS), minlength=len(texts))
    return Counts(
        sizes,
        (both & np.uint32(BUCKETS - 1)).astype(np.int32),
        np.minimum(times, 255).astype(np.uint8),
    )


def _nothing(texts: int) -> Counts:
    return Counts(np.zeros(texts, np.int64), np.zeros(0, np.int32), np.zeros(0, np.uint8))
