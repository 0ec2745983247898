"""Settings from the environment: safe when nothing is said, and a bad value is named."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app.kernel.config import Bucket, read_config


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
    ("DGI_FILES", "files"),
    ("DGI_FILES", "gs://bucket"),
    ("DGI_FILES", "s3://"),
    ("DGI_FILES", "s3://UPPER"),
    ("DGI_FILES", "s3://bucket/../other"),
    ("DGI_FILES", "s3://bucket/a b"),
    ("DGI_S3_ACCESS_KEY", ""),
    ("DGI_S3_SECRET_KEY", " "),
    ("DGI_S3_ENDPOINT", "s3.example.go.th"),
    ("DGI_S3_ENDPOINT", "https://user:secret@s3.example.go.th"),
]
IN_S3 = {"DGI_FILES": "s3://bucket", "DGI_S3_ACCESS_KEY": "access", "DGI_S3_SECRET_KEY": "secret"}


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_value_that_cannot_be_used_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        read_config({"DGI_INSTANCE": str(tmp_path), "SECRET_KEY": "k", **IN_S3, name: value})


def test_files_lie_in_the_data_folder_another_folder_or_a_bucket(tmp_path: Path) -> None:
    told = {"DGI_INSTANCE": str(tmp_path / "data"), "SECRET_KEY": "k"}
    assert read_config(told).files == tmp_path / "data"
    assert read_config({**told, "DGI_FILES": str(tmp_path / "share")}).files == tmp_path / "share"
    plain = read_config({**told, **IN_S3}).files
    assert plain == Bucket("bucket", "", "", "us-east-1", "access", "secret")
    assert plain.inside("files").prefix == "files"
    more = {"DGI_FILES": "s3://a.b-c/x/y.z/", "DGI_S3_ENDPOINT": "http://[::1]:9000/", "DGI_S3_REGION": "th"}
    full = read_config({**told, **IN_S3, **more}).files
    assert full == Bucket("a.b-c", "x/y.z", "http://[::1]:9000", "th", "access", "secret")
    assert full.inside("files").prefix == "x/y.z/files"


def test_keys_of_the_storage_are_not_in_what_is_logged(tmp_path: Path) -> None:
    config = read_config({"DGI_INSTANCE": str(tmp_path), "SECRET_KEY": "k", **IN_S3})
    assert "'secret'" not in repr(config)
    assert "'access'" not in repr(config)
