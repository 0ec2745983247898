"""An S3-speaking server of our own, over HTTP on this machine: rclone, which checks every signature."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.kernel.config import Bucket

ACCESS_KEY = "dgi-test-access-key"
SECRET_KEY = "dgi-test-secret-key"


@dataclass(frozen=True)
class ObjectStorage:
    """The running server. What it keeps lies as plain files under `folder`/<bucket>."""

    endpoint: str
    folder: Path

    def bucket(self, name: str = "dgi-test", prefix: str = "") -> Bucket:
        """An empty or existing bucket of this name, with the right keys."""
        (self.folder / name).mkdir(exist_ok=True)
        return Bucket(name, prefix, self.endpoint, "us-east-1", ACCESS_KEY, SECRET_KEY)

    def settings(self, name: str = "dgi-test", prefix: str = "") -> dict[str, str]:
        """The same as an installation is told it."""
        self.bucket(name)
        return {
            "DGI_FILES": f"s3://{name}/{prefix}",
            "DGI_S3_ENDPOINT": self.endpoint,
            "DGI_S3_ACCESS_KEY": ACCESS_KEY,
            "DGI_S3_SECRET_KEY": SECRET_KEY,
        }


@contextmanager
def serve_objects(folder: Path) -> Iterator[ObjectStorage]:
    """Serve `folder` for as long as the block runs, on a free port."""
    command = [Path(sys.executable).with_name("rclone"), "serve", "s3", folder]
    command += ["--config", "", "--addr", "127.0.0.1:0", "--auth-key", f"{ACCESS_KEY},{SECRET_KEY}"]
    environment = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stderr is not None
        said = server.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+", said)
        try:
            assert address, said
            yield ObjectStorage(address[0], folder)
        finally:
            server.terminate()
