"""Identifiers that last.

A project keeps its identifier over the years it is continued: it is made from the number of its first granted filing. The
form is that of an Open Contracting ID (OCDS: prefix, hyphen, local identifier). The prefix is this system's own and not
registered with the Open Contracting Partnership; whoever installs the system for good registers one and changes it here,
before the first release.
"""

from __future__ import annotations

PREFIX = "ocds-dgibgt"
SHORT = 12
"""Of a release's SHA-256, how many digits an address carries: enough to be one of a kind, short enough to be printed."""


def project_id(first_number: str) -> str:
    """The identifier of the project whose first granted filing had this number."""
    return f"{PREFIX}-{first_number}"


def short(sha256: str) -> str:
    """A release as addresses and citations name it."""
    return sha256[:SHORT]
