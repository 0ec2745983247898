"""The child process: whatever happens in it becomes a refusal, and nothing of ours is in its hands."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.kernel.config import PROJECT
from app.workbooks.facts import Reading
from app.workbooks.guard import Limits
from app.workbooks.keeper import ChildLimits, Keeper
from app.workbooks.reading import read_workbook
from app.workbooks.writing import write_template
from tests.workbooks.made_up import KEY, MADE, template, with_parts

DATA = write_template(template(20, 1), KEY, MADE)
NO_LIMITS = Limits(1 << 40, 1 << 40, 1 << 30, 1 << 20, 1 << 20, 1 << 20, 1 << 40, 1 << 40)


@pytest.fixture
def keeper() -> Iterator[Keeper]:
    keeper = Keeper()
    yield keeper
    keeper.stop()


def _read(keeper: Keeper, data: bytes = DATA, limits: ChildLimits | None = None) -> Reading:
    return read_workbook(data, template(), KEY, keeper=keeper, child_limits=limits or ChildLimits())


@pytest.fixture(scope="module")
def slow() -> bytes:
    """Takes some seconds to look through, where the guard may go on as long as it likes."""
    return with_parts(DATA, {"docProps/x.xml": b"<x>" + b"<y/>" * 20_000_000 + b"</x>"})


def _code(reading: Reading) -> str:
    assert reading.refusal is not None
    return reading.refusal.code


def _pid(keeper: Keeper) -> int:
    assert keeper._process is not None
    return keeper._process.pid


def test_one_child_serves_many_threads(keeper: Keeper) -> None:
    with ThreadPoolExecutor(8) as threads:
        readings = list(threads.map(lambda _: _read(keeper), range(24)))
    assert all(reading.is_clean and len(reading.sheets["budget"].rows) == 20 for reading in readings)
    assert 0 < keeper.peak_kilobytes < 150_000


@pytest.mark.parametrize(
    "limits",
    [ChildLimits(wall_seconds=1), ChildLimits(cpu_seconds=1)],
    ids=["by the clock", "by the processor"],
)
def test_what_takes_too_long_is_ended(keeper: Keeper, slow: bytes, limits: ChildLimits) -> None:
    begun = time.monotonic()
    reading = read_workbook(slow, template(), KEY, keeper=keeper, child_limits=limits, limits=NO_LIMITS)
    assert _code(reading) == "too_slow"
    assert time.monotonic() - begun < 10
    assert _read(keeper).is_clean


def test_too_much_memory_is_a_refusal(keeper: Keeper) -> None:
    data = with_parts(DATA, {"xl/sharedStrings.xml": b"<sst>" + b"<si/>" * 3_000_000 + b"</sst>"})
    reading = read_workbook(
        data, template(), KEY, keeper=keeper, child_limits=ChildLimits(memory_megabytes=64), limits=NO_LIMITS
    )
    assert _code(reading) == "too_heavy"
    assert _read(keeper).is_clean


def test_a_child_killed_in_the_middle_is_a_refusal_and_the_next_one_is_new(
    keeper: Keeper, slow: bytes
) -> None:
    assert _read(keeper).is_clean
    first = _pid(keeper)

    def kill_the_fork() -> None:
        for _ in range(200):
            time.sleep(0.02)
            forks = Path(f"/proc/{first}/task/{first}/children").read_text().split()
            if forks:
                time.sleep(0.1)
                os.kill(int(forks[0]), signal.SIGSEGV)
                return

    killer = threading.Thread(target=kill_the_fork)
    killer.start()
    reading = read_workbook(slow, template(), KEY, keeper=keeper, limits=NO_LIMITS)
    killer.join()
    assert _code(reading) == "unreadable"
    os.kill(first, signal.SIGKILL)
    assert _read(keeper).is_clean
    assert _pid(keeper) != first


def test_it_holds_no_handle_and_no_secret_of_ours(
    keeper: Keeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "do not tell")
    with open(tmp_path / "database", "w") as ours:
        os.set_inheritable(ours.fileno(), True)
        assert _read(keeper).is_clean
    folder = Path(f"/proc/{_pid(keeper)}/fd")
    until = time.monotonic() + 5
    held: list[str] = []
    while time.monotonic() < until:  # it may still hold the socket of the job just done
        with contextlib.suppress(FileNotFoundError):  # closed while we looked
            held = [os.readlink(handle) for handle in folder.iterdir()]
        if sum(name.startswith("socket:") for name in held) == 1:
            break
    assert {name for name in held if name.startswith("/")} == {"/dev/null"}
    assert sum(name.startswith("socket:") for name in held) == 1
    assert b"do not tell" not in Path(f"/proc/{_pid(keeper)}/environ").read_bytes()


def test_a_fork_of_ours_starts_its_own(keeper: Keeper) -> None:
    program = """
import os, sys
from app.workbooks.keeper import KEEPER
from tests.workbooks.test_keeper import _read
assert _read(KEEPER).is_clean
first = KEEPER._process.pid
pid = os.fork()
clean = _read(KEEPER).is_clean and (KEEPER._process.pid == first) == bool(pid)
if not pid:
    KEEPER.stop()
    os._exit(0 if clean else 1)
sys.exit(0 if clean and os.waitpid(pid, 0)[1] == 0 else 1)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, timeout=60)
    assert done.returncode == 0


def test_ours_ends_at_once_and_takes_it_along() -> None:
    program = """
from app.workbooks.keeper import KEEPER
from tests.workbooks.test_keeper import _read
assert _read(KEEPER).is_clean
print(KEEPER._process.pid, flush=True)
{end}
"""
    for end in ("pass", "import os; os._exit(0)"):
        done = subprocess.run(
            [sys.executable, "-c", program.format(end=end)],
            cwd=PROJECT,
            timeout=30,
            capture_output=True,
            check=True,
        )
        pid = int(done.stdout)
        until = time.monotonic() + 5
        while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                break
            time.sleep(0.02)
        else:
            assert not Path(f"/proc/{pid}").exists()
