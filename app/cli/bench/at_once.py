"""Many people saving in the same instant, round after round, through the production server with two workers."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from pathlib import Path

from flask import Flask

from app.cli.bench.made_up import PASSWORD
from app.cli.bench.measure import p95
from app.cli.bench.timed import HEADER
from app.kernel.config import PROJECT
from app.kernel.lean import dataclass

PORT = 18_735
_BOUNDARY = "made-up-boundary"

# the fields a browser's script sends: of whom, with which version, in which round
Typed = Callable[[int, int, int], Mapping[str, str]]


@dataclass(slots=True)
class Saver:
    """One person at work: the cookie of the sign-in, where their page saves by itself, and the version it holds."""

    number: int
    cookie: str
    address: str
    version: int
    confirmed: Mapping[str, str] = field(
        default_factory=dict
    )  # the fields of the last save that was confirmed


@dataclass(frozen=True, slots=True)
class Taken:
    """One save: the answer's status, and milliseconds in the server and for the client."""

    status: int
    inside: float
    outside: float


@dataclass(frozen=True, slots=True)
class AtOnce:
    """What all saves came to."""

    taken: tuple[Taken, ...]

    @property
    def failed(self) -> int:
        return sum(1 for t in self.taken if t.status != 200)

    @property
    def inside_p95(self) -> float:
        return p95([t.inside for t in self.taken])

    @property
    def outside_p95(self) -> float:
        return p95([t.outside for t in self.taken])

    def __str__(self) -> str:
        inside, outside = (statistics.median(values) for values in zip(*self._times(), strict=True))
        return (
            f"in the server median {inside:.1f} ms, p95 {self.inside_p95:.1f}; with waiting in line median "
            f"{outside:.1f} ms, p95 {self.outside_p95:.1f}; {self.failed} of {len(self.taken)} failed"
        )

    def _times(self) -> list[tuple[float, float]]:
        return [(t.inside, t.outside) for t in self.taken]


def sign_in_as(app: Flask, login: str) -> str:
    """The cookie of a made-up person who has signed in."""
    client = app.test_client()
    answer = client.post("/sign-in", data={"email": f"{login}@made.example", "password": PASSWORD})
    cookie = client.get_cookie("dgi")
    if answer.status_code != 303 or cookie is None:
        raise RuntimeError(f"sign-in of {login} answered {answer.status_code}")
    return cookie.value


def save_at_once(folder: Path, savers: Sequence[Saver], typed: Typed, rounds: int) -> AtOnce:
    """Everybody saves at once, `rounds` times, on the installation in `folder`."""
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--workers",
            "2",
            "--bind",
            f"127.0.0.1:{PORT}",
            "--log-level",
            "error",
            "app.cli.bench.timed:make()",
        ],
        cwd=PROJECT,
        env={**os.environ, "DGI_INSTANCE": str(folder), "DGI_DEMO": "1", "SECRET_KEY": "b" * 64},
    )
    try:
        _wait_for_the_server()
        return AtOnce(tuple(asyncio.run(_rounds(savers, typed, rounds))))
    finally:
        server.terminate()
        server.wait(10)


def _wait_for_the_server() -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/sign-in", timeout=60).read()
            return
        except OSError:  # not listening yet, or listening and still starting
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


async def _rounds(savers: Sequence[Saver], typed: Typed, rounds: int) -> list[Taken]:
    taken: list[Taken] = []
    for round_ in range(rounds):
        taken += await asyncio.gather(*(_save(saver, typed, round_) for saver in savers))
        await asyncio.sleep(0.2)
    return taken


def _multipart(fields: Mapping[str, str]) -> bytes:
    """A form as a browser's script sends it."""
    parts = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    )
    return ("".join(parts) + f"--{_BOUNDARY}--\r\n").encode()


async def _save(saver: Saver, typed: Typed, round_: int) -> Taken:
    fields = typed(saver.number, saver.version, round_)
    body = _multipart(fields)
    head = (
        f"POST {saver.address} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n"
        f"Cookie: dgi={saver.cookie}\r\nContent-Type: multipart/form-data; boundary={_BOUNDARY}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    writer.write(head.encode() + body)
    await writer.drain()
    answer = await reader.read()
    outside = (time.perf_counter() - began) * 1000
    writer.close()
    top, _, content = answer.partition(b"\r\n\r\n")
    lines = top.decode().split("\r\n")
    status = int(lines[0].split()[1])
    headers = dict(line.split(": ", 1) for line in lines[1:])
    if status == 200:
        saver.version, saver.confirmed = json.loads(content)["version"], fields
    return Taken(status, float(headers.get(HEADER, "nan")), outside)
