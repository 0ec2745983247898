"""What the doctor says of the place where files are stored, and that asking leaves a server fit to fork."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.cli.doctor import Grade, examine
from app.kernel.config import PROJECT, Bucket, read_config
from app.kernel.schema import upgrade_database
from tests.object_storage import ObjectStorage

FORKED = """
import os, sys
from app import create_app
from app.cli.doctor import examine
from app.kernel.files import Area, file_store
app = create_app()
with app.app_context():
    assert not [s for s in examine(app.config["DGI"]) if "stored files" in s.what]
if os.fork() == 0:  # a worker of a server that loads the application first
    store = file_store(app.config["DGI"], Area.ATTACHMENTS)
    os._exit(0 if store.get(store.put(b"of a worker")) == b"of a worker" else 1)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    environment = {"DGI_INSTANCE": str(tmp_path / "instance"), "SECRET_KEY": "c" * 64}
    app = create_app(read_config({**environment, "SITE_URL": "https://dgi.example"}))
    with app.app_context():
        upgrade_database()
    return app


def said(app: Flask, files: Path | Bucket) -> list[tuple[Grade, str]]:
    with app.app_context():
        found = examine(replace(app.config["DGI"], files=files))
    return [(s.grade, s.what) for s in found if "files" in s.what]


def test_storage_that_works_is_not_mentioned(app: Flask, object_storage: ObjectStorage) -> None:
    assert said(app, app.config["DGI"].instance) == []
    assert said(app, object_storage.bucket(prefix="doctor")) == []
    left = [p for p in (object_storage.folder / "dgi-test").rglob("doctor/**/*") if p.is_file()]
    assert left == []


def test_folder_that_cannot_be_written(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file where the folder should be")
    ((grade, what),) = said(app, tmp_path)
    assert grade is Grade.MISSING
    assert what.startswith("stored files: files cannot be written: ")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"secret_key": "quite-another-secret"}, "refuses the access key"),
        ({"name": "elsewhere"}, "no bucket elsewhere"),
        ({"endpoint": "http://127.0.0.1:9"}, "does not answer"),
    ],
)
def test_bucket_that_cannot_be_used(
    app: Flask, object_storage: ObjectStorage, change: dict[str, str], words: str
) -> None:
    ((grade, what),) = said(app, replace(object_storage.bucket(), **change))
    assert grade is Grade.MISSING
    assert words in what
    assert "secret" not in what


def test_files_sent_unencrypted_to_another_machine_are_unsafe(
    app: Flask, object_storage: ObjectStorage
) -> None:
    bucket = replace(object_storage.bucket(), endpoint="http://storage.invalid")
    assert (Grade.UNSAFE, "files travel to http://storage.invalid unencrypted") in said(app, bucket)


def test_a_server_may_fork_after_the_doctor_looked(tmp_path: Path, object_storage: ObjectStorage) -> None:
    environment = {
        "DGI_INSTANCE": str(tmp_path),
        "PATH": "/usr/bin:/bin",
        **object_storage.settings(prefix="w"),
    }
    subprocess.run([sys.executable, "-c", FORKED], cwd=PROJECT, env=environment, check=True, timeout=60)
