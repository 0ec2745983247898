"""The secretariat's desk: calls, filings and their screening, who reviews what.

The committee may read what is filed through the same pages; what only the secretariat does is not offered to it.
"""

from app.web.secretariat import assignments, calls, home, overlaps, proposal, proposals, results, returns
from app.web.secretariat.desk import blueprint, desk

__all__ = [
    "assignments",
    "blueprint",
    "calls",
    "desk",
    "home",
    "overlaps",
    "proposal",
    "proposals",
    "results",
    "returns",
]
