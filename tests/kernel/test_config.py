"""Settings from the environment: safe when nothing is said, and a bad value is named."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app.kernel.config import read_config


def test_nothing_said_is_safe(tmp_path: Path) -> None:
    config = read_config({"DGI_INSTANCE": str(tmp_path)})
    assert config.database_url == f"sqlite:///{tmp_path / 'dgi.sqlite3'}"
    assert config.database_file == tmp_path / "dgi.sqlite3"
    assert config.demo is False
    assert config.trusted_hosts == ("127.0.0.1", "localhost")
    assert (config.port, config.trusted_proxies) == (8000, 0)


def test_the_secret_is_made_once_and_is_its_owners_only(tmp_path: Path) -> None:
    first = read_config({"DGI_INSTANCE": str(tmp_path)}).secret_key
    assert len(first) == 64
    assert read_config({"DGI_INSTANCE": str(tmp_path)}).secret_key == first
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600
    assert read_config({"DGI_INSTANCE": str(tmp_path), "SECRET_KEY": "given"}).secret_key == "given"


URLS = {
    "postgres://u@h/d": "postgresql+psycopg://u@h/d",
    "postgresql://u@h/d": "postgresql+psycopg://u@h/d",
    "postgresql+psycopg://u@h/d": "postgresql+psycopg://u@h/d",
    "sqlite:////data/x.sqlite3": "sqlite:////data/x.sqlite3",
}


@pytest.mark.parametrize(("given", "used"), URLS.items())
def test_database_addresses(tmp_path: Path, given: str, used: str) -> None:
    config = read_config({"DGI_INSTANCE": str(tmp_path), "DATABASE_URL": given})
    assert config.database_url == used
    assert (config.database_file is None) is used.startswith("postgresql")


BAD = [
    ("PORT", "0"),
    ("PORT", "65536"),
    ("PORT", "eighty"),
    ("PORT", "-1"),
    ("PORT", "๘๐๐๐"),
    ("DGI_UPLOAD_MEGABYTES", "0"),
    ("DGI_TRUSTED_PROXIES", "9"),
    ("DATABASE_URL", "mysql://h/d"),
]


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_value_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        read_config({"DGI_INSTANCE": str(tmp_path), "SECRET_KEY": "k", name: value})
