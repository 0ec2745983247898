"""The open data catalogue this installation publishes to, and who answers for the data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field

from app.kernel.lean import dataclass

_ADDRESS = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(?:/[\w./-]*)?", re.ASCII)
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


@dataclass(frozen=True, slots=True)
class CatalogueSettings:
    """A CKAN server with the token and the organisation to publish under, each "" when not told; `email` is the public
    contact for questions about the data."""

    url: str = ""
    token: str = field(default="", repr=False)
    organization: str = ""
    email: str = ""

    @property
    def missing(self) -> list[str]:
        """The settings without which nothing can be sent, by name."""
        told = {
            "DGI_CKAN_URL": self.url,
            "DGI_CKAN_TOKEN": self.token,
            "DGI_CKAN_ORGANIZATION": self.organization,
            "DGI_DATA_EMAIL": self.email,
        }
        return [name for name, value in told.items() if not value]


def read_catalogue_settings(environ: Mapping[str, str], *, is_demo: bool) -> CatalogueSettings:
    """Read DGI_CKAN_URL, DGI_CKAN_TOKEN, DGI_CKAN_ORGANIZATION and DGI_DATA_EMAIL. Raises `ValueError` naming the variable
    for a value that cannot be used: outside a demo the token travels encrypted or not at all."""
    url = environ.get("DGI_CKAN_URL", "").strip().rstrip("/")
    if url and not _ADDRESS.fullmatch(url):
        raise ValueError("DGI_CKAN_URL must be an address like https://catalogue.example.go.th")
    if url.startswith("http://") and not is_demo:
        raise ValueError(
            "DGI_CKAN_URL must begin with https://, because the token travels with every request"
        )
    token = environ.get("DGI_CKAN_TOKEN", "").strip()
    if not token.isascii() or not token.isprintable():
        raise ValueError("DGI_CKAN_TOKEN has characters that no token has")
    email = environ.get("DGI_DATA_EMAIL", "").strip()
    if email and not _EMAIL.fullmatch(email):
        raise ValueError("DGI_DATA_EMAIL must be an e-mail address")
    return CatalogueSettings(url, token, environ.get("DGI_CKAN_ORGANIZATION", "").strip(), email)
