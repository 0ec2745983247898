"""Configuration from the environment, with safe defaults. The table in packaging/operating.md lists every name."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from app.kernel.catalogue_settings import CatalogueSettings, read_catalogue_settings
from app.kernel.lean import dataclass
from app.kernel.mail_settings import MailSettings, read_mail_settings
from app.kernel.provider_settings import Provider, read_providers

PROJECT = Path(__file__).resolve().parents[2]
_BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:/[\w.=-]+)*)/?", re.ASCII)
_ENDPOINT = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(?:/[\w./-]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A place in S3-compatible storage. `prefix` has no slash at either end; `endpoint` is "" for Amazon's own."""

    name: str
    prefix: str
    endpoint: str
    region: str
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)

    def inside(self, folder: str) -> Bucket:
        """The part of this place under one more folder."""
        return replace(self, prefix=f"{self.prefix}/{folder}".lstrip("/"))


@dataclass(frozen=True, slots=True)
class Config:
    """What this installation is told.

    `instance` is the data folder; `files` is where stored files lie, a folder or a bucket; `demo` allows the demo
    people and plain http on this machine; `trusted_hosts` are the host names the site answers to; `providers` are those
    people may sign in with from outside.
    """

    instance: Path
    database_url: str
    secret_key: str
    demo: bool
    port: int
    trusted_hosts: tuple[str, ...]
    site_url: str
    upload_bytes: int
    trusted_proxies: int
    files: Path | Bucket
    mail: MailSettings
    providers: tuple[Provider, ...] = ()
    catalogue: CatalogueSettings = CatalogueSettings()
    providers_file: Path | None = None

    @property
    def database_file(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        if not self.database_url.startswith("sqlite:///"):
            return None
        return Path(self.database_url.removeprefix("sqlite:///"))


def read_config(environ: Mapping[str, str] = os.environ) -> Config:
    """Read the environment. Raises `ValueError` naming the variable for a value that cannot be used."""
    instance = Path(environ.get("DGI_INSTANCE") or PROJECT / "instance").resolve()
    port = _whole_number(environ, "PORT", 8000, 1, 65535)
    demo = environ.get("DGI_DEMO", "") == "1"
    hosts = tuple(h.strip() for h in environ.get("TRUSTED_HOSTS", "").split(",") if h.strip())
    return Config(
        instance=instance,
        database_url=_database_url(environ.get("DATABASE_URL", ""), instance),
        secret_key=environ.get("SECRET_KEY") or _kept_secret(instance),
        demo=demo,
        port=port,
        trusted_hosts=hosts or ("127.0.0.1", "localhost"),
        site_url=environ.get("SITE_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        upload_bytes=_whole_number(environ, "DGI_UPLOAD_MEGABYTES", 20, 1, 1024) * 1024 * 1024,
        trusted_proxies=_whole_number(environ, "DGI_TRUSTED_PROXIES", 0, 0, 8),
        files=_files_place(environ, instance),
        mail=read_mail_settings(environ),
        providers=read_providers(environ, is_demo=demo),
        catalogue=read_catalogue_settings(environ, is_demo=demo),
        providers_file=Path(environ["DGI_OIDC_FILE"].strip()) if environ.get("DGI_OIDC_FILE") else None,
    )


def _whole_number(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ValueError(f"{name} must be a whole number from {low} to {high}, not {text!r}")
    return int(text)


def _database_url(url: str, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / 'dgi.sqlite3'}"
    for plain in ("postgres://", "postgresql://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("DATABASE_URL must begin with sqlite:/// or postgresql://")
    return url


def _files_place(environ: Mapping[str, str], instance: Path) -> Path | Bucket:
    """A folder (the data folder, unless another is named) or a bucket, whose keys must be told too."""
    place = environ.get("DGI_FILES", "").strip()
    if not place.startswith("s3://"):
        if place and not place.startswith("/"):
            raise ValueError("DGI_FILES must be s3://bucket/prefix or a folder that begins with /")
        return Path(place).resolve() if place else instance
    match = _BUCKET.fullmatch(place)
    if match is None or ".." in place:
        raise ValueError(f"DGI_FILES is not an address like s3://bucket/prefix: {place!r}")
    for name in ("DGI_S3_ACCESS_KEY", "DGI_S3_SECRET_KEY"):
        if not environ.get(name, "").strip():
            raise ValueError(f"{name} must be set, because DGI_FILES is in S3 storage")
    endpoint = environ.get("DGI_S3_ENDPOINT", "").strip().rstrip("/")
    if endpoint and not _ENDPOINT.fullmatch(endpoint):
        raise ValueError("DGI_S3_ENDPOINT must be an address like https://s3.example.go.th")
    return Bucket(
        name=match[1],
        prefix=match[2].strip("/"),
        endpoint=endpoint,
        region=environ.get("DGI_S3_REGION", "").strip() or "us-east-1",
        access_key=environ["DGI_S3_ACCESS_KEY"].strip(),
        secret_key=environ["DGI_S3_SECRET_KEY"].strip(),
    )


def _kept_secret(instance: Path) -> str:
    """A random key of this installation, made once and readable by its owner only."""
    path = instance / "secret-key"
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_hex(32))
    return path.read_text().strip()
