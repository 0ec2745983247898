"""What is asked of releases."""

from app.releases.queries.gathering import gather_year
from app.releases.queries.published import (
    PublishedRow,
    ReleaseFile,
    ReleaseView,
    find_current,
    get_release,
    list_published,
    list_releases,
)

__all__ = [
    "PublishedRow",
    "ReleaseFile",
    "ReleaseView",
    "find_current",
    "gather_year",
    "get_release",
    "list_published",
    "list_releases",
]
