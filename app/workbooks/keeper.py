"""Keeps the child process: starts it when needed, hands it jobs, and makes of every way to die a refusal.

One child belongs to one process of ours and serves all its threads. It starts on the first job, ends itself after a
quiet while and with us, and is started anew when it is gone. A fork of ours does not use its parent's child.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from app.kernel.config import PROJECT
from app.kernel.lean import dataclass
from app.workbooks.child import FRAME
from app.workbooks.facts import Refusal
from app.workbooks.refusals import refuse

log = logging.getLogger(__name__)

_AT_ONCE = 2
_WAIT_FOR_TURN = 10
_GRACE_SECONDS = 2
_MOST_ANSWER_BYTES = 192 << 20
_TOO_SLOW = {signal.SIGALRM, signal.SIGXCPU}
_TOO_HEAVY = {signal.SIGABRT, signal.SIGKILL}  # how a failed allocation and the system's own killer end it


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What one job may use: address space, processor seconds, seconds by the clock."""

    memory_megabytes: int = 384
    cpu_seconds: int = 12
    wall_seconds: int = 15


class _Gone(Exception):
    """The child is not there any more; nothing of the answer has come."""


class Keeper:
    """Starts and keeps one child process; safe for threads. `at_once` jobs run beside each other, further ones wait;
    `peak_kilobytes` is the most memory any of them took."""

    def __init__(self, at_once: int = _AT_ONCE):
        self._at_once = at_once
        self.peak_kilobytes = 0
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._turn = threading.BoundedSemaphore(at_once)

    def forget(self) -> None:
        """Begin anew in a fork of our process: the child there is not ours."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.returncode = 0  # not ours to wait for
        self._control, self._process = None, None
        self._lock = threading.Lock()
        self._turn = threading.BoundedSemaphore(self._at_once)

    def run(
        self,
        task: str,
        data: bytes,
        settings: Mapping[str, Any],
        limits: ChildLimits,
        hear: Callable[[str, Any], None] = lambda topic, value: None,
    ) -> Refusal | bytes:
        """Have `task` done on `data`. What the child says goes to `hear`; bytes it answers with are returned.

        A refusal, a crash, a hang and running out of memory all come back as a `Refusal`.
        """
        if not self._turn.acquire(timeout=_WAIT_FOR_TURN):
            return refuse("busy")
        try:
            header = json.dumps({"task": task, "settings": settings, "limits": asdict(limits)}).encode()
            request = len(header).to_bytes(4, "big") + header + data
            for _ in range(2):
                with contextlib.suppress(_Gone):
                    return self._run_once(request, limits, hear)
            log.error("the child process that reads workbooks does not answer; does it start by hand?")
            return refuse("unreadable")
        finally:
            self._turn.release()

    def stop(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            self._stop()

    def _run_once(
        self, request: bytes, limits: ChildLimits, hear: Callable[[str, Any], None]
    ) -> Refusal | bytes:
        until = time.monotonic() + limits.wall_seconds + _GRACE_SECONDS
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                child = self._hand_over(theirs)
            ours.settimeout(limits.wall_seconds + _GRACE_SECONDS)
            try:
                with contextlib.suppress(
                    BrokenPipeError, ConnectionResetError
                ):  # it died: the answer says how
                    ours.sendall(request)
                    ours.shutdown(socket.SHUT_WR)
                answer = _Answer(ours, until, hear)
                result = answer.read()
                self.peak_kilobytes = max(self.peak_kilobytes, answer.peak_kilobytes)
                return result
            except TimeoutError:
                return refuse("too_slow")
            except _Gone:
                with self._lock:
                    if self._process is child:
                        self._stop()
                raise

    def _hand_over(self, job: socket.socket) -> subprocess.Popen[bytes] | None:
        """Give `job` to the child, started if need be; returns which child that is. Raises `_Gone`."""
        with self._lock:
            if self._process is not None and self._process.poll() is not None:
                self._stop()
            if self._control is None:
                self._start()
            assert self._control is not None
            try:
                socket.send_fds(self._control, [b"j"], [job.fileno()])
            except OSError:
                self._stop()
                raise _Gone from None
            return self._process

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                [sys.executable, "-E", "-s", "-m", "app.workbooks.child", str(theirs.fileno())],
                cwd=PROJECT,
                env={
                    "PATH": os.defpath,
                    "LC_ALL": "C.UTF-8",
                    "MALLOC_ARENA_MAX": "1",
                    "OPENPYXL_LXML": "False",
                },
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us; it ends when we do
            )
        self._control = ours

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


class _Answer:
    """Reads the frames of one answer."""

    def __init__(self, stream: socket.socket, until: float, hear: Callable[[str, Any], None]):
        self._stream, self._until, self._hear = stream, until, hear
        self._received, self._has_begun = 0, False
        self.peak_kilobytes = 0

    def read(self) -> Refusal | bytes:
        """The bytes answered (empty for a reading); a `Refusal` for every other end. Raises `TimeoutError`, `_Gone`."""
        answer: Refusal | bytes = b""
        while True:
            try:
                letter, length = FRAME.unpack(self._take(FRAME.size))
                payload = self._take(length)
            except (EOFError, ConnectionResetError):
                if not self._has_begun:
                    raise _Gone from None
                return refuse("unreadable")
            except OverflowError:
                return refuse("too_heavy")
            self._has_begun = True
            if letter == b"E":
                self.peak_kilobytes = int(payload)
                return answer
            if letter == b"B":
                answer = payload
                continue
            message = json.loads(payload)
            if letter == b"X":
                return _how_it_died(message["signal"])
            topic, value = message
            if topic == "refused":
                answer = refuse(value["code"], **value["values"])
            elif topic == "broke":
                log.error("the reader of workbooks broke:\n%s", value)
                answer = refuse("unreadable")
            else:
                self._hear(topic, value)

    def _take(self, length: int) -> bytes:
        self._received += length
        if self._received > _MOST_ANSWER_BYTES:
            raise OverflowError
        taken = bytearray()
        while len(taken) < length:
            left = self._until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._stream.settimeout(left)
            part = self._stream.recv(min(length - len(taken), 1 << 20))
            if not part:
                raise EOFError
            taken += part
        return bytes(taken)


def _how_it_died(number: int) -> Refusal:
    log.warning("the reader of workbooks was ended by signal %s", number)
    if number in _TOO_SLOW:
        return refuse("too_slow")
    return refuse("too_heavy" if number in _TOO_HEAVY else "unreadable")


KEEPER = Keeper()
"""The one of this process."""

atexit.register(KEEPER.stop)
os.register_at_fork(after_in_child=KEEPER.forget)
