"""The other process: parses what strangers sent, and holds nothing but that.

Started clean by `keeper` as `python -m app.workbooks.child FD`: no database, no sockets, no secrets, only the control
socket FD. It loads the parsers once and waits. For every job it receives one socket and forks; the fork takes its
limits, reads the job, answers in frames and ends. This process only reaps, and says how a fork died.

A frame is one letter, a length of four bytes, and that many bytes: J a JSON pair [topic, value], B bytes, E the end of
an answer with the most memory it took (kilobytes), X how the fork died (JSON).
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import selectors
import signal
import socket
import struct
import sys
import traceback
from collections.abc import Mapping
from typing import Any

FRAME = struct.Struct(">cI")
IDLE_SECONDS = 900


def _answer(job: socket.socket) -> None:
    """Do one job: a header of JSON, its length before it, then the workbook up to the end of the stream."""
    with job.makefile("rb") as stream:
        header = json.loads(stream.read(int.from_bytes(stream.read(4), "big")))
        _take_limits(header["limits"])
        data = stream.read()

    def frame(letter: bytes, payload: bytes) -> None:
        job.sendall(FRAME.pack(letter, len(payload)) + payload)

    def send(topic: str, value: Any) -> None:
        frame(
            b"J",
            json.dumps([topic, value], ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"),
        )

    from app.workbooks.annotating import annotate_bytes
    from app.workbooks.cells import send_cells
    from app.workbooks.guard_xml import Unacceptable

    try:
        if header["task"] == "read":
            send_cells(data, header["settings"], send)
        else:
            frame(b"B", annotate_bytes(data, header["settings"]))
    except Unacceptable as refusal:
        send("refused", {"code": refusal.code, "values": refusal.values})
    except MemoryError:
        send("refused", {"code": "too_heavy", "values": {}})
    except BaseException:  # a panic of the parser is no Exception; whatever it was, the other side logs it
        send("broke", traceback.format_exc()[-4000:])
    frame(b"E", str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss).encode())


def _take_limits(limits: Mapping[str, int]) -> None:
    """Memory, processor seconds, seconds by the clock; no files, no core. Both times end the process at once."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGALRM, signal.SIGXCPU):  # whatever a server above us does with them
        signal.signal(number, signal.SIG_DFL)
    memory = limits["memory_megabytes"] << 20
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    with contextlib.suppress(ValueError, OSError):  # not every system knows it
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu_seconds"], limits["cpu_seconds"] + 1))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    signal.setitimer(signal.ITIMER_REAL, limits["wall_seconds"])


class _Brood:
    """The forks under way, each with its socket, kept open to say how it died."""

    def __init__(self, control: socket.socket):
        self._control = control
        self._forks: dict[int, socket.socket] = {}
        self._bell, self._rung = os.pipe()
        os.set_blocking(self._bell, False)
        os.set_blocking(self._rung, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._rung, warn_on_full_buffer=False)

    def serve(self) -> None:
        """Until nobody holds the other end any more, or nobody asked for a long time."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(self._bell, selectors.EVENT_READ)
            while True:
                ready = selector.select(IDLE_SECONDS)
                if not ready and not self._forks:
                    return
                self._reap()
                for key, _ in ready:
                    if key.fileobj is self._control and not self._take_job():
                        return

    def _take_job(self) -> bool:
        word, handles, _, _ = socket.recv_fds(self._control, 1, 1)
        if not word:
            return False
        for handle in handles:
            self._fork(socket.socket(fileno=handle))
        return True

    def _fork(self, job: socket.socket) -> None:
        pid = os.fork()
        if pid:
            self._forks[pid] = job
            return
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(self._bell)
            os.close(self._rung)
            self._control.close()
            for other in self._forks.values():
                other.close()
            _answer(job)
            code = 0
        finally:
            os._exit(code)

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._bell, 4096)
        while self._forks:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            with self._forks.pop(pid) as job:
                if status:
                    died = json.dumps(
                        {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}
                    ).encode()
                    job.settimeout(1)
                    with contextlib.suppress(OSError):
                        job.sendall(FRAME.pack(b"X", len(died)) + died)


def main() -> None:
    """Load the parsers, then serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    # openpyxl would load these: one for nothing, one to open pictures of strangers.
    sys.modules["numpy"] = sys.modules["PIL"] = None  # type: ignore[assignment]
    import app.workbooks.annotating
    import app.workbooks.cells  # noqa: F401

    gc.collect()
    gc.freeze()
    _Brood(control).serve()


if __name__ == "__main__":
    main()
