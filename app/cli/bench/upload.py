"""A large workbook through the real flow: sent, read by the runner in the limited child, compared, its preview drawn.

In: an application with a database of its own, migrated, and nothing in it that must not be touched. Out: figures with
their goals: five seconds from the file in storage to the preview on the page, 600 megabytes at the most.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median
from threading import Event, Thread

from flask import Flask
from flask.testing import FlaskClient

from app.calls.actions import load_document, open_call
from app.calls.facts import DocumentKind
from app.cli.bench.made_up import PASSWORD
from app.cli.bench.measure import Figure, resident_mib
from app.cli.call_files import DATA, read_toml
from app.identity.actions import add_agency, add_demo_person, add_ministry
from app.identity.facts import SYSTEM, Membership, Role
from app.identity.queries import get_actor
from app.jobs.runner import drain
from app.kernel.clock import system_clock
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import create_proposal, save_section
from app.proposals.queries.uploads import find_subject
from app.proposals.sheets import make_template
from app.workbooks.facts import Template
from app.workbooks.uploads import signing_key
from app.workbooks.writing import write_template

Say = Callable[[str], object]
LINES, YEAR = 5_000, 2598
_SECONDS, _MEGABYTES, _ROUNDS = 5, 600, 3
_EMAIL = "officer@bench.example"


def measure_upload(app: Flask, say: Say) -> list[Figure]:
    """The figures of one workbook of 5,000 lines, of which some six hundred changed, in a draft somebody else changed
    meanwhile; and of one with a fault in every tenth row, which is given back marked."""
    with app.app_context():
        db.session.remove()
        small_id, proposal_id, agency_id, person_id = _make_up()
        small, _ = _fill_in(app, small_id, agency_id, changes=2)
        data, faulty = _fill_in(app, proposal_id, agency_id)
        _change_meanwhile(proposal_id, agency_id, person_id)
        db.session.remove()
    client = _sign_in(app)
    _put_through(
        app, client, small_id, small
    )  # what runs for a while has its templates and dictionary loaded
    say(f"a workbook of {LINES:,} lines, {len(data) / 1024:,.0f} KiB, read, compared and previewed …")
    rounds = [_put_through(app, client, proposal_id, data) for _ in range(_ROUNDS)]
    for read, shown, peak in rounds:
        say(
            f"read and judged {read:.2f} s, preview drawn {shown:.2f} s; {peak:.0f} MiB, worker and child together"
        )
    waited, peak = median(read + shown for read, shown, _ in rounds), max(peak for _, _, peak in rounds)
    marked, listed, heavy = _put_through(app, client, proposal_id, faulty)
    say(
        f"with {LINES // 10:,} faults: read, judged and marked {marked:.2f} s, listed {listed:.2f} s, {heavy:.0f} MiB"
    )
    return [
        Figure("upload of 5,000 rows: to the preview", waited, "s", _SECONDS),
        Figure("upload of 5,000 rows: memory, worker and child", peak, "MiB", _MEGABYTES),
        Figure("upload with 500 faults: to the marked workbook", marked + listed, "s"),
        Figure("upload with 500 faults: memory, worker and child", heavy, "MiB", _MEGABYTES),
    ]


def _make_up() -> tuple[int, int, int, int]:
    """A call that takes so many lines, a small draft and one that has them: (the two, agency, officer)."""
    now = system_clock()
    with open_work(SYSTEM, now) as work:
        ministry = add_ministry(work, "bench", Text("กระทรวงทดลอง", "Ministry of Trials"))
        agency_id = add_agency(work, "bench", Text("กรมทดลอง", "Department of Trials"), ministry.id).id
        person = add_demo_person(
            work, _EMAIL, Text("เจ้าหน้าที่", "Officer"), PASSWORD, [Membership(Role.OFFICER, agency_id)]
        )
        for kind in DocumentKind:
            load_document(work, kind, read_toml(DATA / f"{kind.value}-2567.toml"))
        open_call(
            work,
            {
                **read_toml(DATA / "call-2567.toml"),
                "fiscal_year": YEAR,
                "opens_at": now - timedelta(days=5),
                "closes_at": now + timedelta(days=5),
                "limits": {"lines": LINES},
            },
        )
    officer = get_actor(db.session(), person)
    with open_work(officer, now) as work:
        small_id, proposal_id = (create_proposal(work, YEAR, agency_id).id for _ in range(2))
        for one, lines in ((small_id, 10), (proposal_id, LINES - 50)):
            save_section(work, one, "budget", {"rows": [_line(n) for n in range(lines)]}, 1)
    return small_id, proposal_id, agency_id, person


def _line(n: int) -> dict[str, str]:
    empty = dict.fromkeys(("q2", "q3", "q4", "later2", "later3", "later4"), "")
    return {
        "agency": "bench",
        "category": "capital",
        "item": f"จัดหาเครื่องคอมพิวเตอร์แม่ข่ายพร้อมอุปกรณ์ประกอบสำหรับศูนย์ข้อมูลจังหวัด ชุดที่ {n}",
        "quantity": str(n % 9 + 1),
        "unit": "ชุด",
        "unit_price": f"{1000 + n}.25",
        "q1": f"{n}.00",
        "later1": "5.50",
        **empty,
    }


def _fill_in(app: Flask, proposal_id: int, agency_id: int, changes: int = 50) -> tuple[bytes, bytes]:
    """The template as an officer might send it back, once well and once with faults. `changes` rows are reworded,
    ten times as many repriced at the most, twice as many added, and so many taken out."""
    template = make_template(find_subject(db.session(), proposal_id, agency_id))
    key, now = signing_key(app.config["DGI"].secret_key), system_clock()
    chance = Random(1)
    rows = [dict(row) for row in template.sheets[0].rows]
    for row in chance.sample(rows, min(len(rows), 10 * changes)):
        row["unit_price"] = f"{chance.randrange(10**6)}.75"
    for row in chance.sample(rows, changes):
        row["item"] = f"{row['item']} (ปรับปรุง)"
    for n in range(2 * changes):
        rows.insert(chance.randrange(len(rows)), _line(LINES + n))
    for _ in range(changes):
        del rows[chance.randrange(len(rows))]
    wrong = [{**row, "unit_price": "หนึ่งพัน"} if n % 10 == 0 else row for n, row in enumerate(rows)]
    return tuple(write_template(_with(template, made), key, now) for made in (rows, wrong))  # type: ignore[return-value]


def _with(template: Template, rows: list[dict[str, str]]) -> Template:
    budget, *others = template.sheets
    return replace(template, sheets=(replace(budget, rows=tuple(rows)), *others))


def _change_meanwhile(proposal_id: int, agency_id: int, person_id: int) -> None:
    """Somebody types in the form after the template was downloaded."""
    subject = find_subject(db.session(), proposal_id, agency_id)
    rows = [dict(row) for row in subject.values["budget"]["rows"]]
    for row in rows[::200]:
        row["q4"] = "9.00"
    with open_work(get_actor(db.session(), person_id), system_clock()) as work:
        save_section(work, proposal_id, "budget", {"rows": rows}, subject.versions["budget"])


def _sign_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    answer = client.post("/sign-in", data={"email": _EMAIL, "password": PASSWORD})
    if answer.status_code != 303:
        raise RuntimeError(f"sign-in answered {answer.status_code}")
    return client


def _put_through(
    app: Flask, client: FlaskClient, proposal_id: int, data: bytes
) -> tuple[float, float, float]:
    """Send it, read it, draw its page: (seconds of the runner, seconds of the page, most MiB of all together)."""
    sent = client.post(
        f"/agency/proposals/{proposal_id}/workbook",
        data={"workbook-file": (io.BytesIO(data), "trial.xlsx")},
        content_type="multipart/form-data",
    )
    if sent.status_code != 303:
        raise RuntimeError(f"an upload answered {sent.status_code}")
    with _watching_memory() as peak:
        began = time.perf_counter()
        drain(app)
        read = time.perf_counter() - began
        began = time.perf_counter()
        page = client.get(sent.headers["Location"])
        shown = time.perf_counter() - began
    words = page.get_data(as_text=True)
    if page.status_code != 200 or ("seen-budget" not in words and "marked.xlsx" not in words):
        raise RuntimeError(f"the page of an upload answered {page.status_code} without a preview")
    return read, shown, peak[0]


@contextmanager
def _watching_memory() -> Iterator[list[float]]:
    """The most resident memory of this process and everything it started, MiB, looked at every few milliseconds. What
    they share counts for each of them, so that the sum is never too small."""
    most, done = [0.0], Event()

    def watch() -> None:
        while not done.wait(0.005):
            most[0] = max(most[0], sum(_resident(pid) for pid in _family(str(os.getpid()))))

    watcher = Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def _family(pid: str) -> Iterator[str]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                yield from _family(child)


def _resident(pid: str) -> float:
    with suppress(OSError, KeyError):
        return resident_mib(pid)
    return 0.0
