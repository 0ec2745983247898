"""The public site and the open data of five made-up years: requests a core can answer, and seconds to build the files.

In: an application with five followed years. Out: how many requests for a project's page one core answers when the page is kept,
how long it takes when it is not, and what building every file of five years costs. Requests go through the whole application,
from WSGI on, without a network.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import EnvironBuilder

from app.calls.queries import get_call
from app.cli.bench.measure import Figure, time_calls
from app.identity.facts import SYSTEM
from app.kernel.db import db
from app.kernel.work import open_work
from app.monitoring.models import Project
from app.monitoring.queries.projects import list_monitored
from app.proposals.models import Proposal
from app.releases.actions import make_release, publish_release
from app.releases.making import prepare_release

Say = Callable[[str], object]
_KEPT, _FRESH = 2000, 100


def measure_public(app: Flask, project_ids: list[int], say: Say) -> list[Figure]:
    """The figures of the public site and of the open data."""
    seconds, size, years = _build(app, say)
    with app.app_context():
        rows = db.session.execute(
            select(Proposal.number)
            .join(Project, Project.proposal_id == Proposal.id)
            .where(Project.id.in_(project_ids))
        )
        addresses = [f"/plan/{number.partition('-')[0]}/projects/{number}" for (number,) in rows]
        db.session.remove()
    return [
        Figure(f"open data of {years} years, {len(project_ids)} projects", seconds, "s", 10),
        Figure("… size", size / 2**20, "MiB"),
        *_pages(app, addresses, say),
    ]


def _build(app: Flask, say: Say) -> tuple[float, int, int]:
    """Make and publish a release of every year: seconds, bytes, years."""
    config, now = app.config["DGI"], app.config["CLOCK"]()
    spent, size = 0.0, 0
    with app.app_context():
        years = sorted(m.fiscal_year for m in list_monitored(db.session()))
        for year in years:
            call = get_call(db.session(), year)
            began = time.perf_counter()
            prepared = prepare_release(db.session(), SYSTEM, call, config, now)
            took = time.perf_counter() - began
            db.session.rollback()
            spent += took
            size += sum(file.size for file in prepared.files)
            say(
                f"release of {year}: {len(prepared.year.projects)} projects, {prepared.size:,} bytes, {took:.2f} s"
            )
            with open_work(SYSTEM, now) as work:
                release = make_release(work, prepared)
                publish_release(work, release.id, release.version)
        db.session.remove()
    return spent, size, len(years)


def _pages(app: Flask, addresses: list[str], say: Say) -> list[Figure]:
    from app.web.site.frame import pages  # imported late: what it keeps belongs to the running application

    base = EnvironBuilder(headers=[("Accept-Encoding", "gzip")]).get_environ()
    status = ""

    def start(told: str, _headers: Any, _fault: Any = None) -> Any:
        nonlocal status
        status = told

    def ask(address: str) -> None:
        environ: Any = {**base, "PATH_INFO": address}
        body: Any = app.wsgi_app(environ, start)
        for _part in body:
            pass
        if hasattr(body, "close"):
            body.close()
        if not status.startswith("200"):
            raise RuntimeError(f"{address} answered {status}")

    for address in {a.rsplit("/", 1)[0]: a for a in addresses}.values():
        ask(address)  # each year's release is read once
    gc.collect()
    fresh = time_calls(lambda n: ask(addresses[n * 7 % len(addresses)]), _FRESH, between=pages.forget)
    say(f"a project's page, made {fresh}")
    ask(addresses[0])
    kept = time_calls(lambda _n: ask(addresses[0]), _KEPT)
    say(f"a project's page, kept {kept}")
    return [
        Figure("public project page when kept, per core", 1000 / kept.cpu, "requests/s", 500, "higher"),
        Figure("public project page when not kept, p95", fresh.wall_p95, "ms", 50),
    ]
