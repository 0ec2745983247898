"""How long the page of the integration graph takes: a call of 100 proposals with four links each, drawn, measured and
searched for findings on every visit."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from dataclasses import replace

from flask import Flask
from sqlalchemy import select, update

from app.cli.bench.made_up import NOW, PASSWORD, MadeUp, make_up
from app.cli.bench.measure import Figure, counting, time_calls
from app.identity.facts import SYSTEM
from app.kernel.config import read_config
from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.facts import AgencyRef, Answer, Form, IntegrationLink, ProposalFacts, SharedService
from app.proposals.freezing import freeze
from app.proposals.models import Proposal, Submission
from app.proposals.queries import agency_directory, read_facts

Say = Callable[[str], object]
PROPOSALS, LINKS, VISITS = 100, 4, 40
_CHANNELS = ("gdx", "gdx", "direct_api", "linkage_center", "data_go_th")
_ANSWERS = (Answer.CONFIRMED, Answer.CONFIRMED, Answer.ASKED, Answer.NOT_ASKED, Answer.DECLINED)


def measure_graph(say: Say) -> list[Figure]:
    """The figures, in an installation made for them and thrown away."""
    from app import create_app

    with tempfile.TemporaryDirectory(prefix="dgi-bench-") as folder:
        environment = {"DGI_INSTANCE": folder, "DGI_DEMO": "1", "SECRET_KEY": "b" * 64}
        app = create_app(read_config(environment))
        app.config.update(CLOCK=lambda: NOW, WTF_CSRF_ENABLED=False)
        with app.app_context():
            from app.kernel.schema import upgrade_database

            upgrade_database()
        return graph_figures(app, say)


def graph_figures(app: Flask, say: Say) -> list[Figure]:
    """The page of a whole call, as the secretariat opens it, in an installation without calls."""
    with app.app_context():
        say(f"making up {PROPOSALS} proposals with {LINKS} links each …")
        made = make_up(PROPOSALS, 5, 1)
        _link_up(made)
        db.session.remove()
        engine = db.engine
    client = app.test_client()
    client.post("/sign-in", data={"email": "secretariat@made.example", "password": PASSWORD})
    address = f"/secretariat/linkage?call={made.fiscal_year}"

    def visit(_n: int) -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")

    timing = time_calls(visit, VISITS)
    with counting(engine) as seen:
        visit(0)
    size = len(client.get(address).data) // 1024
    say(f"graph page of {PROPOSALS} proposals: {timing}, {size} KiB, {len(seen)} queries")
    return [
        Figure(f"graph page of {PROPOSALS} proposals, p95", timing.wall_p95, "ms", 300),
        Figure("graph page queries", len(seen), "queries", 12),
    ]


def _link_up(made: MadeUp) -> None:
    """Give every filing its links: many to the same registers, as in life; every third builds a service of its own."""
    chance = random.Random("graph")
    directory = agency_directory(db.session())
    agencies = [ref for code, ref in directory.items() if code.startswith("made-")]
    rows = db.session.execute(
        select(Submission.id, Submission.proposal_id, Submission.sha256, Submission.content).where(
            Submission.proposal_id.in_(made.proposal_ids)
        )
    ).all()
    with open_work(SYSTEM, NOW) as work:
        for n, row in enumerate(rows):
            facts = _linked(read_facts(row.sha256, row.content), n, agencies, chance)
            frozen = freeze(facts)
            work.session.execute(
                update(Submission)
                .where(Submission.id == row.id)
                .values(content=frozen.content, sha256=frozen.sha256)
            )
            work.session.execute(
                update(Proposal)
                .where(Proposal.id == row.proposal_id)
                .values(facts_sha256=frozen.sha256, version=Proposal.version + 1)
            )


def _linked(facts: ProposalFacts, n: int, agencies: list[AgencyRef], chance: random.Random) -> ProposalFacts:
    links = []
    for _ in range(LINKS):
        partner = agencies[chance.randrange(len(agencies))]
        links.append(
            IntegrationLink(
                "data",
                f"ทะเบียนข้อมูลเพื่อการให้บริการของ{partner.name.th}",
                chance.choice(("consumes", "consumes", "provides", "both")),
                partner,
                "",
                chance.choice(_CHANNELS),
                "",
                chance.choice(_ANSWERS),
            )
        )
    forms, service = [Form.LINK.value], facts.integration.shared_service
    if n % 3 == 0:
        forms.append(Form.SHARED_SERVICE.value)
        service = SharedService(f"บริการกลางลำดับที่ {n} {facts.title.th}", True, False, tuple(agencies[:6]))
    integration = replace(facts.integration, forms=tuple(forms), links=tuple(links), shared_service=service)
    return replace(facts, integration=integration)
