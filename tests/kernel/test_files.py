"""Stored files: named by their content alone, kept once, and nothing outside the folder is reached."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel.errors import NotFound
from app.kernel.files import FileStore

CONTENT = b"%PDF-1.7 \x00\xff"
KEY = hashlib.sha256(CONTENT).hexdigest()

NOT_KEYS = [
    "",
    "..",
    "../secret",
    "/etc/passwd",
    "../" * 21 + "x",
    KEY.upper(),
    KEY[:-1],
    KEY + "0",
    KEY[:-1] + "/",
    KEY[:-1] + "\x00",
    KEY[:-1] + "\n",
    KEY[:-1] + "g",
    KEY[:-1] + "๑",
    "." * 64,
    "/" * 64,
]


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


def files(store: FileStore) -> list[Path]:
    return [path for path in store.folder.rglob("*") if path.is_file()]


def test_what_is_put_is_got_under_its_hash(store: FileStore) -> None:
    assert store.put(CONTENT) == KEY
    assert store.get(KEY) == CONTENT
    assert store.put(b"") == hashlib.sha256(b"").hexdigest()


def test_the_same_bytes_are_kept_once(store: FileStore) -> None:
    store.put(CONTENT)
    (path,) = files(store)
    made = path.stat().st_mtime_ns
    store.put(CONTENT)
    assert files(store) == [path]
    assert path.stat().st_mtime_ns == made


def test_an_unknown_key_is_not_found(store: FileStore) -> None:
    with pytest.raises(NotFound):
        store.get(KEY)


@pytest.mark.parametrize("key", NOT_KEYS, ids=ascii)
def test_what_is_no_key_is_not_found(store: FileStore, tmp_path: Path, key: str) -> None:
    (tmp_path / "secret").write_text("secret")
    store.put(CONTENT)
    with pytest.raises(NotFound):
        store.get(key)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_come_back(store: FileStore, data: bytes) -> None:
    assert store.get(store.put(data)) == data


def test_nothing_half_written_is_left_behind(store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr("app.kernel.files.os.fsync", full)
    with pytest.raises(OSError, match="no space"):
        store.put(CONTENT)
    with pytest.raises(NotFound):
        store.get(KEY)
    assert files(store) == []
