"""Work on thousands of values at once."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collecting() -> Iterator[None]:
    """Pause Python's search for cyclic rubbish while many values are made and kept: it would look through all of them
    again and again, a fifth of the time, and find nothing. Counting of references goes on. Seconds long, no more."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
