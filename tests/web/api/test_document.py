"""The document tells exactly what is served: every route and nothing else, valid OpenAPI 3.1; and Schemathesis asks what
no table has thought of, with a token of each kind."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from openapi_spec_validator import validate
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from app.api.change_shapes import ASKED_CHANGE
from app.api.operations import OPERATIONS, PREFIX, Answer, Asked, get
from app.api.report_shapes import MONTH_REPORT
from app.api.shapes import Thing
from app.kernel.db import db
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import ask_partners
from app.proposals.models import Proposal
from tests.conftest import Backend
from tests.monitoring.ongoing import open_projects
from tests.monitoring.reports import begin, money_cells, number_of
from tests.web.api.machines import Machine, make_token
from tests.world import NOW, World, complete_draft, file_proposal, write_draft

# who asks -> (made by, of which agency), and the parts of the document they ask
KINDS: dict[str, tuple[tuple[str, str | None] | None, list[str]]] = {
    "agency": (("officer", "alpha"), ["token", "proposals", "sections", "filings", "links", "projects"]),
    "office": (("secretariat", None), ["secretariat", "projects"]),
    "nobody": (None, ["calls"]),
}
# the other sections are declared by the same lines as these two, the budget and the integration
ALIKE = [
    f"{verb}_{section}"
    for verb in ("read", "write")
    for section in ("names", "plan", "rationale", "indicators")
]
ALIKE.append("report_quarter")  # as report_month; and parts as sections
# Every check is on. What is refused although it fits is refused for a reason no shape can tell: there is no such
# proposal, it has changed, it is filed already, its words fit no plan.
SETTINGS = """
seed = 2570

[generation]
max-examples = 2
deterministic = true
no-shrink = true
database = "none"

[phases.stateful]
enabled = false

[checks]
positive_data_acceptance.expected-statuses = ["2xx", 304, 401, 403, 404, 409, 412, 422]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428]
missing_required_header.expected-statuses = [401, 403, 422, 428]

[dictionaries.numbers]
values = NUMBERS

[dictionaries.years]
values = [2570, 2569]

[parameters]
"path.number" = {dictionary = "numbers", probability = 0.8}
"path.fiscal_year" = {dictionary = "years", probability = 0.8}
"""


def document_of(app: Flask) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(Machine(app).client.get(f"{PREFIX}/openapi.json").data)
    return value


def test_the_document_is_valid(app: Flask) -> None:
    document = document_of(app)
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_every_route_is_documented_and_every_operation_exists(sqlite_backend: Backend) -> None:
    app = sqlite_backend.app
    served = {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix(PREFIX)))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(f"{PREFIX}/") and rule.rule != f"{PREFIX}/openapi.json"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    with app.app_context():
        document = document_of(app)
    written = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert served == written
    assert len(served) > 25


def test_an_operation_that_names_no_guard_stops_the_start() -> None:
    def anything(_asked: Asked) -> Answer:
        return Answer({})

    with pytest.raises(RuntimeError, match="anything"):
        get("/anything", Text("ก", "A"), Thing("Anything", {}), tag="calls")(anything)
    assert "anything" not in OPERATIONS


def test_money_is_text_everywhere(app: Flask) -> None:
    """No shape of the document has a number with a fraction."""
    text = json.dumps(document_of(app))
    assert '"number"' not in re.sub(r'"number": \{', "", text).replace('"number",', "").replace(
        '["number"', "["
    )
    assert '"type": "number"' not in text


def test_the_document_is_not_sent_twice(app: Flask) -> None:
    client = Machine(app).client
    first = client.get(f"{PREFIX}/openapi.json")
    again = client.get(f"{PREFIX}/openapi.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_people_find_how_to_begin(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = Machine(app).client
    assert 'href="/api"' in client.get("/").get_data(as_text=True)
    for language, words in (("th", "เริ่มใช้งาน"), ("en", "How to begin")):
        client.post(f"/language/{language}")
        page = client.get("/api").get_data(as_text=True)
        assert words in page
        assert "/proposals/{number}/filings" in page
        (sent,) = re.findall(r"""-d '(\{"rows".*?\})'""", page, re.S)
        problems: list[Problem] = []
        MONTH_REPORT.check(json.loads(sent), "", problems)
        assert problems == []  # the example would be taken
        (sent,) = re.findall(r"""-d '(\{"kind".*?\})'""", page, re.S)
        ASKED_CHANGE.check(json.loads(sent), "", problems)
        assert problems == []


def fill(world: World) -> tuple[dict[str, str], list[str]]:
    """One of everything there is; a token of each kind, and the numbers of a draft and a filing."""
    draft = complete_draft()
    draft["integration"]["links"][0]["partner"] = "alpha"
    draft["budget"]["rows"][0]["agency"] = "beta"
    joint = write_draft(world, draft, by="officer_beta", agency="beta")
    with open_work(world.actor("officer_beta"), NOW) as work:
        ask_partners(work, joint)
    ids = [write_draft(world, complete_draft()), file_proposal(world)]
    (project_id, *_) = open_projects(world)
    begin(world, 1, money_cells(number_of(project_id), "1.00", "1.00"), at=NOW)
    numbers = list(
        db.session().scalars(select(Proposal.number).where(Proposal.id.in_(ids)).order_by(Proposal.id))
    )
    tokens = {
        kind: make_token(world, who[0], agency=who[1])[1] if who else "" for kind, (who, _) in KINDS.items()
    }
    return tokens, [*numbers, number_of(project_id)]


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_args: object) -> None:
        """A thousand lines of requests help nobody."""


@pytest.fixture
def site(sqlite_backend: Backend) -> Iterator[str]:
    """The application on a socket."""
    server = make_server("127.0.0.1", 0, sqlite_backend.app, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(5)
    server.server_close()


@pytest.mark.parametrize("kind", KINDS)
def test_schemathesis_finds_nothing(
    sqlite_backend: Backend, site: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Generated requests, fitting and unfitting: no fault, no status, header or answer the document does not tell of,
    nothing unfitting let in, nothing without a token."""
    monkeypatch.setattr("app.api.door.RATE_LIMIT", 10**9)  # the clock of the tests stands still
    with sqlite_backend.app.app_context():
        tokens, numbers = fill(sqlite_backend.world)
        db.session.remove()
    known = json.dumps(numbers if kind == "agency" else numbers[1:])  # a draft is nothing to the office
    config = SchemathesisConfig.from_str(SETTINGS.replace("NUMBERS", known))
    if tokens[kind]:
        config.projects.default.update(headers={"Authorization": f"Bearer {tokens[kind]}"})
    schema = schemathesis.openapi.from_url(f"{site}{PREFIX}/openapi.json", config=config)
    schema.config.update(base_url=f"{site}{PREFIX}")
    asked, done, faults = 0, 0, []
    beyond = ["report_month", "ask_for_change"] if kind == "office" else []
    chosen = schema.include(tag=KINDS[kind][1]).exclude(operation_id=[*ALIKE, *beyond])
    for event in from_schema(chosen).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            faults.append(str(getattr(event, "value", event)))
        if isinstance(event, events.ScenarioFinished):
            answers = [i.response for i in event.recorder.interactions.values() if i.response]
            asked += len(answers)
            done += sum(1 for answer in answers if answer.status_code < 300)
            faults += [
                f"{node.name} of {event.label}: {node.failure_info.failure.message}"
                for nodes in event.recorder.checks.values()
                for node in nodes
                if node.failure_info
            ]
    print(f"{kind}: {asked} requests, {done} carried out")
    assert not faults, "\n".join(faults[:20])
    assert asked > 50
    assert done > 5
