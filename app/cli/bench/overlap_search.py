"""Searching measured in a process of its own, whose peak of memory is that of the search: prints one line of JSON.

python -m app.cli.bench.overlap_search FILINGS        seconds, peak, planted copies found
python -m app.cli.bench.overlap_search FILINGS exact  how much of the exact search was found
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from app.cli.bench.measure import p95, peak_mib
from app.cli.bench.overlap_texts import Filings, make_filings

_QUERIES = 200
_ROWS = 500


def measure(filings: Filings) -> dict[str, float]:
    """Build and find all pairs, then ask for single new filings. Seconds of making the texts up are taken off; what
    they take of memory is left in."""
    made_up = -time.perf_counter()
    letters = sum(len(text.names) + len(text.prose) for text in filings.texts())
    made_up += time.perf_counter()
    planted = {(min(two), max(two)) for two in filings.copies}
    began = time.perf_counter()
    from app.similarity.search import Index  # what is imported late is paid for, too

    index = Index.build(filings.texts())
    built = time.perf_counter()
    pairs = found = 0
    for pair in index.all_pairs():
        pairs += 1
        found += (pair.low, pair.high) in planted
    done = time.perf_counter()
    peak = peak_mib()
    single = []
    for n in range(_QUERIES):
        # a copy finds its original among all the others, as a new filing would
        text = filings.text(filings.copies[n % len(filings.copies)][0])
        start = time.perf_counter()
        index.against(text)
        single.append((time.perf_counter() - start) * 1000)
    return {
        "letters": letters / filings.count,
        "build": built - began - made_up,
        "seconds": done - began - made_up,
        "peak": peak,
        "pairs": pairs,
        "planted": found / len(planted),
        "one": p95(single),
    }


def measure_exact(filings: Filings) -> dict[str, float]:
    """What share of the pairs of the exact search are found: every likeness of all features that are not boilerplate,
    by a plain sparse product, the ten best of each from the threshold on."""
    import numpy as np

    from app.similarity.features import AT_ONCE, count_features
    from app.similarity.search import LEAST, TOP, Index, _in_blocks, _weigh

    index = Index.build(filings.texts())
    found = {(pair.low, pair.high) for pair in index.all_pairs()}
    from scipy.sparse import vstack

    rows = vstack(
        [_weigh(count_features(some), index._idf) for some in _in_blocks(filings.texts(), AT_ONCE)],
        format="csr",
    )
    columns = rows.T.tocsr()
    exact: set[tuple[int, int]] = set()
    for start in range(0, filings.count, _ROWS):
        likeness = np.rint((rows[start : start + _ROWS] @ columns).toarray() * 1000)
        for n, row in enumerate(likeness, start):
            row[n] = 0
            near = np.flatnonzero(row >= LEAST)
            best: Any = near[np.lexsort((near, -row[near]))][:TOP]
            exact |= {(min(n, m), max(n, m)) for m in best.tolist()}
    return {"exact": len(exact), "recall": len(found & exact) / len(exact)}


if __name__ == "__main__":
    wanted = make_filings(int(sys.argv[1]))
    print(json.dumps(measure_exact(wanted) if sys.argv[2:] == ["exact"] else measure(wanted)))
