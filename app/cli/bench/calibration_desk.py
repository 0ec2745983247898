"""The reviewer's list and desk in a call of 1,000 proposals with five reviews each, and a hundred reviewers saving at
once through the production server: is a score lost?"""

from __future__ import annotations

import gc
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from app.cli.bench.at_once import Saver, save_at_once, sign_in_as
from app.cli.bench.made_up import NOW, PASSWORD, MadeUp, make_up
from app.cli.bench.measure import Figure, counting, time_calls
from app.identity.actions import add_demo_person
from app.identity.facts import SYSTEM, Body, Membership, Role
from app.identity.queries import list_agencies
from app.kernel.clock import system_clock
from app.kernel.config import read_config
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.models import Assignment, ReviewRevision

Say = Callable[[str], object]
PROPOSALS, LINES, REVIEWS, SAVERS, ROUNDS = 1000, 5, 5, 100, 10


def measure_desk(say: Say) -> list[Figure]:
    """The figures of the desk and of saving at once."""
    with tempfile.TemporaryDirectory(prefix="dgi-bench-") as name:
        folder = Path(name)
        app = _app(folder)
        with app.app_context():
            from app.kernel.schema import upgrade_database

            upgrade_database()
            say(
                f"making up {PROPOSALS:,} proposals with {REVIEWS} reviews each, and {SAVERS} more reviewers …"
            )
            made = make_up(PROPOSALS, LINES, REVIEWS)
            given = _more_reviewers(made)
            criteria = _criteria(made)
            db.session.remove()
        return [*_pages(app, made, say), *_at_once(app, folder, given, criteria, say)]


def _app(folder: Path) -> Flask:
    from app import create_app

    app = create_app(read_config({"DGI_INSTANCE": str(folder), "DGI_DEMO": "1", "SECRET_KEY": "b" * 64}))
    app.config.update(CLOCK=lambda: NOW, WTF_CSRF_ENABLED=False)
    return app


def _more_reviewers(made: MadeUp) -> list[int]:
    """A hundred reviewers with one proposal each; the ids of their assignments."""
    with open_work(SYSTEM, NOW) as work:
        body = next(a.id for a in list_agencies(work.session) if a.code == "body")
        pattern = work.session.get_one(Assignment, made.open_assignments[0])
        rows = []
        for n in range(SAVERS):
            person = add_demo_person(
                work,
                f"saver{n}@made.example",
                Text(f"ผู้พิจารณา {n}", f"Reviewer {n}"),
                PASSWORD,
                [Membership(Role.REVIEWER, body, Body.DGA)],
            )
            rows.append(
                Assignment(
                    id=made.proposal_ids[-1 - n] + 50_000,  # an address of a page holds no larger than 2**31
                    proposal_id=made.proposal_ids[-1 - n],
                    reviewer_id=person,
                    body=Body.DGA.value,
                    assigned_at=NOW,
                    state="accepted",
                    rubric_id=pattern.rubric_id,
                )
            )
        work.session.add_all(rows)
        work.session.flush()
        return [row.id for row in rows]


def _criteria(made: MadeUp) -> list[str]:
    from app.calls.queries import get_call_by_id

    return [c.code for c in get_call_by_id(db.session(), made.call_id).rubric.criteria]


def _pages(app: Flask, made: MadeUp, say: Say) -> list[Figure]:
    busy, free = app.test_client(), app.test_client()
    for client, login in ((busy, "reviewer0"), (free, "reviewer6")):
        client.set_cookie("dgi", sign_in_as(app, login))
    with app.app_context():
        engine = db.engine

    def open_(client: object, address: str) -> None:
        answer = client.get(address)  # type: ignore[attr-defined]
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")

    def desk(n: int) -> str:
        return f"/reviewer/assignments/{made.open_assignments[n % len(made.open_assignments)]}"

    gc.collect()
    gc.freeze()  # what the made-up call left in this process is no server's to sweep at every page
    listed = time_calls(lambda _: open_(busy, "/reviewer/"), 40)
    with counting(engine) as list_queries:
        open_(busy, "/reviewer/")
    opened = time_calls(lambda n: open_(free, desk(n)), 60)
    with counting(engine) as desk_queries:
        open_(free, desk(0))
    share = PROPOSALS * REVIEWS // 6
    say(f"the list of a reviewer with about {share} assignments: {listed}, {len(list_queries)} queries")
    say(f"the scoring desk: {opened}, {len(desk_queries)} queries")
    return [
        Figure("the reviewer's list, p95", listed.wall_p95, "ms", 150),
        Figure("the scoring desk, p95", opened.wall_p95, "ms", 150),
    ]


def _at_once(app: Flask, folder: Path, given: list[int], criteria: list[str], say: Say) -> list[Figure]:
    app.config.update(CLOCK=system_clock)  # the server has no other
    savers = [
        Saver(n, sign_in_as(app, f"saver{n}"), f"/reviewer/assignments/{assignment}/autosave", 1)
        for n, assignment in enumerate(given)
    ]

    def typed(number: int, version: int, round_: int) -> Mapping[str, str]:
        """Every person and round has scores and words of its own."""
        fields = {"version": str(version), "page": f"page-{number}"}
        for k, code in enumerate(criteria):
            fields[f"score-{code}"] = str((number + round_ + k) % 5)
            fields[f"comment-{code}"] = f"ความเห็นของผู้พิจารณาคนที่ {number} รอบที่ {round_}"
        return fields

    found = save_at_once(folder, savers, typed, ROUNDS)
    lost = _count_lost(app, savers, given, criteria)
    say(f"{SAVERS} reviewers saving at once, {ROUNDS} rounds, two workers: {found}; {lost} scores lost")
    return [
        Figure("reviewers at once, in the server, p95", found.inside_p95, "ms"),
        Figure("reviewers at once, with waiting in line, p95", found.outside_p95, "ms"),
        Figure("reviewers at once: saves that failed", found.failed, "", 0),
        Figure("reviewers at once: scores lost", lost, "", 0),
    ]


def _count_lost(app: Flask, savers: list[Saver], given: list[int], criteria: list[str]) -> int:
    """Scores and comments that were confirmed and do not stand in the database; every save is a revision as well."""
    lost = 0
    with app.app_context():
        rows = {
            row.id: row
            for row in db.session.execute(
                select(Assignment.id, Assignment.scores, Assignment.version).where(Assignment.id.in_(given))
            )
        }
        kept = db.session.scalars(
            select(ReviewRevision.assignment_id).where(ReviewRevision.assignment_id.in_(given))
        ).all()
        for saver, assignment in zip(savers, given, strict=True):
            stored = json.loads(rows[assignment].scores)
            for code in criteria:
                level, comment = saver.confirmed.get(f"score-{code}"), saver.confirmed.get(f"comment-{code}")
                said = stored.get(code, {"level": None, "comment": ""})
                lost += (str(said["level"]), said["comment"]) != (level, comment)
        lost += abs(len(kept) - ROUNDS * len(given))
        db.session.remove()
    return lost
