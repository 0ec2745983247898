"""`./dgi bench agency`: officers saving at once, a large workbook read, and what bad input does."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask

from app.calls.actions import load_document, open_call
from app.calls.facts import DocumentKind
from app.cli.bench.editors import interleave
from app.cli.bench.made_up import PASSWORD
from app.cli.bench.malformed import check_malformed
from app.cli.bench.measure import Figure, counting, p95, time_calls
from app.cli.bench.timed import HEADER
from app.cli.bench.upload import measure_upload
from app.cli.call_files import DATA, read_toml
from app.identity.actions import add_agency, add_demo_person, add_ministry
from app.identity.facts import SYSTEM, Membership, Role
from app.identity.queries import get_actor, list_agencies
from app.kernel.clock import system_clock
from app.kernel.config import PROJECT, read_config
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import create_proposal, save_section

Say = Callable[[str], object]
OFFICERS, AGENCIES, LINES, ROUNDS = 51, 300, 20, 20  # fifty at once, and one alone
YEAR = 2600
_LONG = "ระบบกลางเชื่อมโยงข้อมูลทะเบียนระหว่างหน่วยงานเพื่อให้ประชาชนไม่ต้องยื่นเอกสารซ้ำ " * 30


@dataclass(frozen=True, slots=True)
class Desk:
    """One officer at work: the cookie of the sign-in and the draft."""

    cookie: str
    proposal_id: int


def measure_agency(say: Say) -> list[Figure]:
    """All figures of the agency's desk; `say` tells the details as they come."""
    with tempfile.TemporaryDirectory(prefix="dgi-bench-") as name:
        folder = Path(name)
        app = _app(folder)
        with app.app_context():
            from app.kernel.schema import upgrade_database

            upgrade_database()
            say(f"making up {OFFICERS} officers of {AGENCIES} agencies, a draft of {LINES} lines each …")
            drafts = _make_up()
            db.session.remove()
            engine = db.engine
        desks = [_sign_in(app, n, proposal_id) for n, proposal_id in enumerate(drafts)]
        return [
            *_alone(app, engine, desks.pop(), say),
            *_at_once(folder, desks, say),
            *measure_upload(app, say),
            *_two_editors(app, say),
            *_malformed(say),
        ]


def _app(folder: Path) -> Flask:
    from app import create_app

    app = create_app(read_config({"DGI_INSTANCE": str(folder), "DGI_DEMO": "1", "SECRET_KEY": "b" * 64}))
    app.config.update(WTF_CSRF_ENABLED=False)
    return app


def _make_up() -> list[int]:
    now = system_clock()
    with open_work(SYSTEM, now) as work:
        ministry = add_ministry(work, "made", Text("กระทรวงสมมุติ", "Made-up Ministry"))
        ids = [
            add_agency(work, f"made-{n}", Text(f"กรมสมมุติที่ {n}", f"Department {n}"), ministry.id).id
            for n in range(AGENCIES)
        ]
        people = [
            add_demo_person(
                work,
                f"officer{n}@made.example",
                Text(f"เจ้าหน้าที่ {n}", f"Officer {n}"),
                PASSWORD,
                [Membership(Role.OFFICER, ids[n])],
            )
            for n in range(OFFICERS)
        ]
        for kind in DocumentKind:
            load_document(work, kind, read_toml(DATA / f"{kind.value}-2567.toml"))
        open_call(
            work,
            {
                **read_toml(DATA / "call-2567.toml"),
                "fiscal_year": YEAR,
                "opens_at": now - timedelta(days=5),
                "closes_at": now + timedelta(days=5),
            },
        )
    drafts = []
    for n, person in enumerate(people):
        with open_work(get_actor(db.session(), person), now) as work:
            proposal_id = create_proposal(work, YEAR, ids[n]).id
            save_section(
                work,
                proposal_id,
                "names",
                {"title_th": f"โครงการสมมุติที่ {n}", "title_en": f"Project {n}", "participants": []},
                1,
            )
            save_section(work, proposal_id, "rationale", dict.fromkeys(TEXTS, _LONG), 1)
            save_section(
                work, proposal_id, "budget", {"rows": [_line(f"made-{n}", k) for k in range(LINES)]}, 1
            )
        drafts.append(proposal_id)
    return drafts


TEXTS = ("rationale", "objectives", "outputs")


def _line(agency: str, n: int) -> dict[str, str]:
    empty = dict.fromkeys(("q2", "q3", "q4", "later1", "later2", "later3", "later4"), "")
    return {
        "agency": agency,
        "category": "capital",
        "item": f"เครื่องคอมพิวเตอร์แม่ข่ายและอุปกรณ์ประกอบรายการที่ {n}",
        "quantity": "2",
        "unit": "ชุด",
        "unit_price": "150000.00",
        "q1": "300000.00",
        **empty,
    }


def _sign_in(app: Flask, n: int, proposal_id: int) -> Desk:
    client = app.test_client()
    answer = client.post("/sign-in", data={"email": f"officer{n}@made.example", "password": PASSWORD})
    cookie = client.get_cookie("dgi")
    if answer.status_code != 303 or cookie is None:
        raise RuntimeError(f"sign-in of officer {n} answered {answer.status_code}")
    return Desk(cookie.value, proposal_id)


def _typed(version: int, round_: int) -> dict[str, str]:
    """The rationale with one more word: what a browser sends when somebody has paused."""
    return {
        "rationale-rationale": f"{_LONG} {round_}",
        "rationale-objectives": _LONG,
        "rationale-outputs": _LONG,
        "version": str(version),
    }


def _alone(app: Flask, engine: object, desk: Desk, say: Say) -> list[Figure]:
    """One officer saving alone: CPU and queries."""
    client = app.test_client()
    client.set_cookie("dgi", desk.cookie)
    version = 2

    def save(n: int) -> None:
        nonlocal version
        answer = client.post(
            f"/agency/proposals/{desk.proposal_id}/rationale/autosave",
            data=_typed(version, n),
            content_type="multipart/form-data",
        )
        if answer.status_code != 200 or answer.json is None:
            raise RuntimeError(f"an autosave answered {answer.status_code}")
        version = answer.json["version"]

    took = time_calls(save, 60)
    with counting(engine) as seen:  # type: ignore[arg-type]
        save(10_000)
    say(f"one autosave alone: {took}, {len(seen)} queries")
    return [Figure("autosave alone, CPU", took.cpu, "ms"), Figure("autosave, queries", len(seen), "")]


INTERLEAVINGS, MALFORMED = 1_000, 10_000


def _two_editors(app: Flask, say: Say) -> list[Figure]:
    """Two officers of one agency in one section, interleaved at random."""
    with app.app_context():
        ids = {a.code: a.id for a in list_agencies(db.session())}
        with open_work(SYSTEM, system_clock()) as work:
            second = add_demo_person(
                work,
                "second@made.example",
                Text("เจ้าหน้าที่คนที่สอง", "Second officer"),
                PASSWORD,
                [Membership(Role.OFFICER, ids["made-0"])],
            )
        db.session.remove()
    clients = [app.test_client() for _ in range(2)]
    for client, email in zip(clients, ("officer0@made.example", "second@made.example"), strict=True):
        if client.post("/sign-in", data={"email": email, "password": PASSWORD}).status_code != 303:
            raise RuntimeError(f"sign-in of {email} failed")

    def new_draft() -> int:
        with app.app_context():
            with open_work(get_actor(db.session(), second), system_clock()) as work:
                made = create_proposal(work, YEAR, ids["made-0"]).id
                save_section(work, made, "budget", {"rows": [_line("made-0", k) for k in range(3)]}, 1)
            db.session.remove()
        return made

    tally = interleave(app, clients, new_draft, INTERLEAVINGS)
    say(
        f"two editors, {INTERLEAVINGS:,} interleavings: {tally.saves:,} saves, {tally.merges:,} brought together, "
        f"{tally.conflicts:,} put to the second, {tally.lost_answers:,} answers lost on the way"
    )
    for line in (*tally.overwritten[:5], *tally.failures[:5]):
        say(f"  {line}")
    return [
        Figure("two editors: texts overwritten silently", len(tally.overwritten), "", 0),
        Figure("two editors: answers of another kind", len(tally.failures), "", 0),
    ]


def _at_once(folder: Path, desks: list[Desk], say: Say) -> list[Figure]:
    """Fifty officers saving in the same instant, round after round, through the production server with two workers."""
    port = 18_735
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "gunicorn",
            "--workers",
            "2",
            "--bind",
            f"127.0.0.1:{port}",
            "--log-level",
            "error",
            "app.cli.bench.timed:make()",
        ],
        cwd=PROJECT,
        env={**os.environ, "DGI_INSTANCE": str(folder), "DGI_DEMO": "1", "SECRET_KEY": "b" * 64},
    )
    try:
        _wait_for(port)
        taken = asyncio.run(_rounds(port, desks))
    finally:
        server.terminate()
        server.wait(10)
    wrong = [status for status, _, _ in taken if status != 200]
    inside = [ms for _, ms, _ in taken]
    outside = [ms for _, _, ms in taken]
    say(
        f"{len(desks)} officers saving at once, {ROUNDS} rounds, two workers: in the server median "
        f"{statistics.median(inside):.1f} ms, p95 {p95(inside):.1f}; with waiting in line median "
        f"{statistics.median(outside):.1f} ms, p95 {p95(outside):.1f}; {len(wrong)} of {len(taken)} failed"
    )
    return [
        Figure("autosave at once, in the server, p95", p95(inside), "ms", 100),
        Figure("autosave at once, with waiting in line, p95", p95(outside), "ms"),
        Figure("autosaves at once that failed", len(wrong), "", 0),
    ]


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5).read()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


async def _rounds(port: int, desks: list[Desk]) -> list[tuple[int, float, float]]:
    """(status, milliseconds in the server, milliseconds for the client) of every save."""
    versions: dict[int, int] = {}
    taken = []
    for round_ in range(ROUNDS):
        answers = await asyncio.gather(*(_save(port, desk, versions, round_) for desk in desks))
        taken += answers
        await asyncio.sleep(0.2)
    return taken


_BOUNDARY = "made-up-boundary"


def _multipart(fields: dict[str, str]) -> bytes:
    """A form as a browser's script sends it."""
    parts = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    )
    return ("".join(parts) + f"--{_BOUNDARY}--\r\n").encode()


async def _save(port: int, desk: Desk, versions: dict[int, int], round_: int) -> tuple[int, float, float]:
    import json

    version = versions.get(desk.proposal_id, 2)
    body = _multipart(_typed(version, 1000 + round_))
    head = (
        f"POST /agency/proposals/{desk.proposal_id}/rationale/autosave HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Cookie: dgi={desk.cookie}\r\nContent-Type: multipart/form-data; boundary={_BOUNDARY}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode() + body)
    await writer.drain()
    answer = await reader.read()
    took = (time.perf_counter() - began) * 1000
    writer.close()
    top, _, content = answer.partition(b"\r\n\r\n")
    lines = top.decode().split("\r\n")
    status = int(lines[0].split()[1])
    headers = dict(line.split(": ", 1) for line in lines[1:])
    if status == 200:
        versions[desk.proposal_id] = json.loads(content)["version"]
    return status, float(headers.get(HEADER, "nan")), took


def _malformed(say: Say) -> list[Figure]:
    """Malformed workbooks through the guard and the limited child."""
    tally = check_malformed(MALFORMED)
    say(
        f"{tally.count:,} malformed workbooks in {tally.seconds:.0f} s (slowest {tally.slowest:.2f} s): {tally.refused:,} "
        f"refused whole; of the others {tally.rows_read:,} rows read and {tally.rows_refused:,} refused, each with its "
        f"number; {tally.marked:,} marked and read again"
    )
    for line in tally.failures[:5]:
        say(f"  {line}")
    return [
        Figure("malformed workbooks: crashes", tally.crashes, "", 0),
        Figure("malformed workbooks: hangs", tally.hangs, "", 0),
        Figure("malformed workbooks: rows mapped wrongly", tally.mismapped, "", 0),
        Figure("malformed workbooks: rows refused without a number", tally.unnumbered, "", 0),
        Figure("malformed workbooks: judged otherwise than they must", tally.misjudged, "", 0),
    ]
