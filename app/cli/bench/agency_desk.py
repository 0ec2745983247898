"""`./dgi bench agency`: officers saving at once, a large workbook read, and what bad input does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from flask import Flask

from app.calls.actions import load_document, open_call
from app.calls.facts import DocumentKind
from app.cli.bench import malformed_reports, malformed_rows
from app.cli.bench.at_once import Saver, save_at_once, sign_in_as
from app.cli.bench.editors import interleave
from app.cli.bench.made_up import PASSWORD
from app.cli.bench.malformed import check_malformed
from app.cli.bench.malformed_rows import Paper
from app.cli.bench.measure import Figure, counting, time_calls
from app.cli.bench.upload import measure_upload
from app.cli.call_files import DATA, read_toml
from app.identity.actions import add_agency, add_demo_person, add_ministry
from app.identity.facts import SYSTEM, Membership, Role
from app.identity.queries import get_actor, list_agencies
from app.kernel.clock import system_clock
from app.kernel.config import read_config
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import create_proposal, save_section

Say = Callable[[str], object]
OFFICERS, AGENCIES, LINES, ROUNDS = 51, 300, 20, 20  # fifty at once, and one alone
YEAR = 2600
_LONG = "ระบบกลางเชื่อมโยงข้อมูลทะเบียนระหว่างหน่วยงานเพื่อให้ประชาชนไม่ต้องยื่นเอกสารซ้ำ " * 30


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
        savers = [
            Saver(n, sign_in_as(app, f"officer{n}"), f"/agency/proposals/{draft}/rationale/autosave", 2)
            for n, draft in enumerate(drafts)
        ]
        return [
            *_alone(app, engine, savers.pop(), say),
            *_at_once(folder, savers, say),
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


def _typed(version: int, round_: int) -> dict[str, str]:
    """The rationale with one more word: what a browser sends when somebody has paused."""
    return {
        "rationale-rationale": f"{_LONG} {round_}",
        "rationale-objectives": _LONG,
        "rationale-outputs": _LONG,
        "version": str(version),
    }


def _alone(app: Flask, engine: object, saver: Saver, say: Say) -> list[Figure]:
    """One officer saving alone: CPU and queries."""
    client = app.test_client()
    client.set_cookie("dgi", saver.cookie)

    def save(n: int) -> None:
        answer = client.post(
            saver.address,
            data=_typed(saver.version, n),
            content_type="multipart/form-data",
        )
        if answer.status_code != 200 or answer.json is None:
            raise RuntimeError(f"an autosave answered {answer.status_code}")
        saver.version = answer.json["version"]

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


def _at_once(folder: Path, savers: list[Saver], say: Say) -> list[Figure]:
    """Fifty officers saving in the same instant, round after round, through the production server with two workers."""
    found = save_at_once(folder, savers, lambda _, version, n: _typed(version, 1000 + n), ROUNDS)
    say(f"{len(savers)} officers saving at once, {ROUNDS} rounds, two workers: {found}")
    return [
        Figure("autosave at once, in the server, p95", found.inside_p95, "ms", 100),
        Figure("autosave at once, with waiting in line, p95", found.outside_p95, "ms"),
        Figure("autosaves at once that failed", found.failed, "", 0),
    ]


def _malformed(say: Say) -> list[Figure]:
    """Malformed workbooks through the guard and the limited child, and, of reports, what the room made of them."""
    lines, money, progress = malformed_rows.LINES, malformed_reports.MONEY, malformed_reports.PROGRESS
    return [
        *_broken("malformed workbooks", {lines: MALFORMED}, say),
        *_broken("malformed report workbooks", {money: MALFORMED // 2, progress: MALFORMED // 2}, say),
    ]


def _broken(name: str, counts: Mapping[Paper, int], say: Say) -> list[Figure]:
    tallies = []
    for paper, count in counts.items():
        tally = check_malformed(count, of=paper)
        tallies.append(tally)
        say(
            f"{tally.count:,} {name} of “{paper.template.title.en}” in {tally.seconds:.0f} s (slowest {tally.slowest:.2f} s): "
            f"{tally.refused:,} refused whole; of the others {tally.rows_read:,} rows read and {tally.rows_refused:,} refused, "
            f"each with its number; {tally.marked:,} marked and read again"
        )
        for line in tally.failures[:5]:
            say(f"  {line}")
    return [
        Figure(f"{name}: {what}", sum(getattr(tally, count) for tally in tallies), "", 0)
        for what, count in (
            ("crashes", "crashes"),
            ("hangs", "hangs"),
            ("rows mapped wrongly", "mismapped"),
            ("rows refused without a number", "unnumbered"),
            ("judged otherwise than they must", "misjudged"),
        )
    ]
