"""Thai fiscal years, in the Buddhist era: year N runs from 1 October N-1 to 30 September N."""

from __future__ import annotations

from datetime import datetime

from app.kernel.clock import BANGKOK, BUDDHIST_OFFSET, as_utc

QUARTERS = (1, 2, 3, 4)


def fiscal_year_of(moment: datetime) -> int:
    """The fiscal year (พ.ศ.) a moment falls in, judged in Bangkok."""
    local = as_utc(moment).astimezone(BANGKOK)
    return local.year + BUDDHIST_OFFSET + (1 if local.month >= 10 else 0)
