"""Stored files: named by their content alone, kept once, given out unchanged or not at all; in a folder and in S3."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.kernel.config import Bucket, read_config
from app.kernel.errors import NotFound
from app.kernel.files import Area, FileStore, StorageFault, file_store
from tests.object_storage import SECRET_KEY, ObjectStorage

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


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | Bucket:
    """An empty place of each kind; the bucket is on a server over HTTP."""
    if request.param == "folder":
        return tmp_path / "files"
    storage: ObjectStorage = request.getfixturevalue("object_storage")
    return storage.bucket(prefix=f"{tmp_path.name}/{request.node.name[:20].strip('[]_')}")


@pytest.fixture
def store(place: Path | Bucket) -> FileStore:
    return FileStore(place)


@pytest.fixture
def kept(place: Path | Bucket, request: pytest.FixtureRequest) -> Callable[[], list[Path]]:
    """The files as the place keeps them, looked at from outside."""
    if isinstance(place, Path):
        folder = place
    else:
        folder = request.getfixturevalue("object_storage").folder / place.name / place.prefix
    return lambda: sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_is_put_is_got_under_its_hash(store: FileStore, kept: Callable[[], list[Path]]) -> None:
    assert store.put(CONTENT) == KEY
    assert store.get(KEY) == CONTENT
    assert store.put(b"") == hashlib.sha256(b"").hexdigest()
    assert store.get(hashlib.sha256(b"").hexdigest()) == b""
    assert KEY in [path.name for path in kept()]
    assert [path.read_bytes() for path in kept() if path.name == KEY] == [CONTENT]


def test_the_same_bytes_are_kept_once(store: FileStore, kept: Callable[[], list[Path]]) -> None:
    store.put(CONTENT)
    before = kept()
    assert store.put(CONTENT) == KEY
    assert kept() == before
    assert len(before) == 1


def test_a_folder_leaves_alone_what_it_has(tmp_path: Path) -> None:
    FileStore(tmp_path).put(CONTENT)
    (path,) = [p for p in tmp_path.rglob("*") if p.is_file()]
    made = path.stat()
    FileStore(tmp_path).put(CONTENT)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == (made.st_mtime_ns, made.st_ino)


def test_an_unknown_key_is_not_found(store: FileStore) -> None:
    with pytest.raises(NotFound):
        store.get(KEY)


def test_removed_is_gone_and_removing_again_is_nothing(store: FileStore) -> None:
    store.put(CONTENT)
    store.remove(KEY)
    with pytest.raises(NotFound):
        store.get(KEY)
    store.remove(KEY)


@pytest.mark.parametrize("key", NOT_KEYS, ids=ascii)
def test_what_is_no_key_is_not_found(tmp_path: Path, key: str) -> None:
    (tmp_path / "secret").write_text("secret")
    store = FileStore(tmp_path / "files")
    store.put(CONTENT)
    for deed in (store.get, store.remove):
        with pytest.raises(NotFound):
            deed(key)
    assert (tmp_path / "secret").exists()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_bytes_come_back(store: FileStore, data: bytes) -> None:
    assert store.get(store.put(data)) == data


def test_large_files_come_back(store: FileStore) -> None:
    data = os.urandom(1024) * 20 * 1024
    assert store.get(store.put(data)) == data


@pytest.mark.parametrize("at", [0, len(CONTENT) // 2, len(CONTENT) - 1])
def test_one_changed_byte_is_an_error_and_putting_again_mends_it(
    store: FileStore, kept: Callable[[], list[Path]], at: int, caplog: pytest.LogCaptureFixture
) -> None:
    store.put(CONTENT)
    (path,) = kept()
    changed = bytearray(CONTENT)
    changed[at] ^= 1
    path.write_bytes(changed)
    with pytest.raises(StorageFault, match=KEY):
        store.get(KEY)
    assert KEY in caplog.text
    store.put(CONTENT)
    assert store.get(KEY) == CONTENT


def test_a_file_cut_short_in_its_folder_is_an_error(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    store.put(CONTENT)
    (path,) = [p for p in tmp_path.rglob("*") if p.is_file()]
    path.write_bytes(b"")
    with pytest.raises(StorageFault):
        store.get(KEY)


def test_nothing_half_written_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    store = FileStore(tmp_path)
    monkeypatch.setattr("app.kernel.files.os.fsync", full)
    with pytest.raises(StorageFault, match="No space left"):
        store.put(CONTENT)
    with pytest.raises(NotFound):
        store.get(KEY)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_bytes_are_on_disk_before_their_name_and_the_name_before_put_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    sync, rename = os.fsync, Path.replace

    def note_sync(handle: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        done.append(f"sync {'folder' if path.is_dir() else 'file'} {path.name}")
        sync(handle)

    def note_rename(draft: Path, target: Path) -> Path:
        done.append(f"name {target.name}")
        return rename(draft, target)

    monkeypatch.setattr("app.kernel.files.os.fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_rename)
    FileStore(tmp_path / "files").put(CONTENT)
    draft = next(i for i, said in enumerate(done) if said.startswith(f"sync file .{KEY}"))
    assert done[draft + 1 :] == [f"name {KEY}", f"sync folder {KEY[:2]}"]
    assert set(done[:draft]) == {"sync folder files", f"sync folder {tmp_path.name}"}


def test_trying_out_leaves_nothing(store: FileStore, kept: Callable[[], list[Path]]) -> None:
    store.try_out()
    assert kept() == []


BROKEN = {
    "wrong secret": ({"secret_key": "not-the-secret-key"}, "SignatureDoesNotMatch"),
    "unknown key": ({"access_key": "nobody-knows-this-key"}, "InvalidAccessKeyId"),
    "no such bucket": ({"name": "no-such-bucket"}, "no bucket no-such-bucket"),
    "nobody there": ({"endpoint": "http://127.0.0.1:9"}, "does not answer"),
}


@pytest.mark.parametrize(("change", "said"), BROKEN.values(), ids=BROKEN.keys())
def test_a_bucket_that_cannot_be_used_is_said_without_secrets(
    object_storage: ObjectStorage, change: dict[str, str], said: str
) -> None:
    store = FileStore(replace(object_storage.bucket(), **change))
    for deed in (store.try_out, lambda: store.put(CONTENT), lambda: store.get(KEY)):
        with pytest.raises(StorageFault, match=said) as fault:
            deed()
        assert SECRET_KEY not in str(fault.value)
        assert "not-the-secret-key" not in str(fault.value)


def test_areas_of_one_installation_keep_apart(
    tmp_path: Path, object_storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for environment in ({}, object_storage.settings(prefix="areas")):
        config = read_config({"DGI_INSTANCE": str(tmp_path), "SECRET_KEY": "k" * 64, **environment})
        file_store(config, Area.PAPERS).put(CONTENT)
        for area in (Area.ATTACHMENTS, Area.WORKBOOKS):
            with pytest.raises(NotFound):
                file_store(config, area).get(KEY)
        assert file_store(config, Area.PAPERS).get(KEY) == CONTENT
    assert (tmp_path / "papers" / KEY[:2] / KEY).read_bytes() == CONTENT
    assert (object_storage.folder / "dgi-test" / "areas" / "papers" / KEY[:2] / KEY).exists()
