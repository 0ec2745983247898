"""Who else may say who somebody is: OpenID Connect providers, read from the file the environment names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.kernel.lean import dataclass
from app.kernel.text import Text

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_CODE = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?", re.ASCII)
_KNOWN = frozenset({"code", "name", "issuer", "client_id", "client_secret", "hosts", "second_factor"})
VARIABLE = "DGI_OIDC_FILE"


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider people may sign in with.

    `code` stands in addresses. `hosts` are those its endpoints may be at, the issuer's own first. A sign-in whose `amr`
    or `acr` is among `amr` or `acr` here had its second factor there; with neither, ours is asked.
    """

    code: str
    name: Text
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    hosts: tuple[str, ...]
    amr: frozenset[str] = frozenset()
    acr: frozenset[str] = frozenset()

    @property
    def scheme(self) -> str:
        return urlsplit(self.issuer).scheme

    @property
    def origins(self) -> tuple[str, ...]:
        """Where a browser may be sent for this provider, as a content security policy writes it."""
        return tuple(f"{self.scheme}://{host}" for host in self.hosts)


def find_provider(providers: tuple[Provider, ...], code: str) -> Provider | None:
    """The provider of this code."""
    return next((p for p in providers if p.code == code), None)


def read_providers(environ: Mapping[str, str], *, is_demo: bool) -> tuple[Provider, ...]:
    """The providers of the TOML file `DGI_OIDC_FILE`. Raises `ValueError` naming the place, never a secret."""
    place = environ.get(VARIABLE, "").strip()
    if not place:
        return ()
    import tomllib  # imported late: most installations name no file

    try:
        document = tomllib.loads(Path(place).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ValueError(f"{VARIABLE}: {place} cannot be read: {error.__class__.__name__}") from None
    rows = document.get("provider")
    if set(document) != {"provider"} or not isinstance(rows, list):
        raise ValueError(f"{VARIABLE}: the file holds [[provider]] tables and nothing else")
    providers = tuple(_read(row, f"{VARIABLE}, provider {n}", is_demo) for n, row in enumerate(rows, 1))
    for key in ("code", "issuer"):
        if len({getattr(p, key) for p in providers}) < len(providers):
            raise ValueError(f"{VARIABLE}: two providers have the same {key}")
    return providers


def _read(row: Any, place: str, is_demo: bool) -> Provider:
    if not isinstance(row, dict) or set(row) - _KNOWN:
        raise ValueError(f"{place}: unknown settings; known are {', '.join(sorted(_KNOWN))}")
    code = _word(row, "code", place)
    if not _CODE.fullmatch(code):
        raise ValueError(f"{place}: code must be like my-provider")
    name = row.get("name")
    if not isinstance(name, dict):
        raise ValueError(f'{place}: name must be like {{ th = "…", en = "…" }}')
    issuer = _word(row, "issuer", place)
    host = _issuer_host(issuer, place, is_demo)
    more = _words(row, "hosts", place)
    if not all(_HOST.fullmatch(h) for h in more):
        raise ValueError(f"{place}: hosts are names like login.example.go.th, without https://")
    factor = row.get("second_factor", {})
    if not isinstance(factor, dict) or set(factor) - {"amr", "acr"}:
        raise ValueError(f"{place}: second_factor holds lists amr and acr")
    return Provider(
        code=code,
        name=Text(_word(name, "th", f"{place}, name"), _word(name, "en", f"{place}, name")),
        issuer=issuer,
        client_id=_word(row, "client_id", place),
        client_secret=_word(row, "client_secret", place),
        hosts=(host, *(h for h in more if h != host)),
        amr=frozenset(_words(factor, "amr", place)),
        acr=frozenset(_words(factor, "acr", place)),
    )


def _issuer_host(issuer: str, place: str, is_demo: bool) -> str:
    """Host and port of an issuer: https, or http on this machine in a demo; no query, no fragment, no user."""
    try:
        parts = urlsplit(issuer)
        is_port_good = parts.port is None or parts.port > 0
    except ValueError:
        raise ValueError(f"{place}: issuer is no address") from None
    is_here = is_demo and parts.scheme == "http" and parts.hostname in _HERE
    if not (parts.scheme == "https" or is_here) or not parts.hostname or not is_port_good:
        raise ValueError(f"{place}: issuer must begin with https://")
    if parts.query or parts.fragment or "@" in parts.netloc or len(issuer) > 500:
        raise ValueError(f"{place}: issuer must be an address without user, ? and #")
    return parts.netloc


def _word(row: Mapping[str, Any], key: str, place: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError(f"{place}: {key} must be given")
    return value.strip()


def _words(row: Mapping[str, Any], key: str, place: str) -> tuple[str, ...]:
    values = row.get(key, [])
    if not isinstance(values, list) or not all(isinstance(v, str) and v for v in values):
        raise ValueError(f"{place}: {key} must be a list of words")
    return tuple(values)
