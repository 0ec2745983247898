"""A filing for reading, whichever desk it lies on: findings by rule, evidence in words, and the filed attachments.

The facts themselves are drawn by `templates/filing/facts.html`, findings by `templates/filing/findings.html`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from flask import Blueprint, current_app, url_for
from werkzeug.wrappers import Response

from app.identity.rules import Permission, Scope, Target, may, scope_of
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.files import Area, FileStore, file_store
from app.kernel.findings import Outcome, worst
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.drafts import SECTIONS
from app.proposals.queries import find_filed, get_filing
from app.reviews.queries import reviewers_of
from app.screening.queries import Override, RunView
from app.screening.rules import ExplainedFinding
from app.web.door import needs
from app.web.downloads import send_download
from app.web.signing import current_actor

blueprint = Blueprint("filing", __name__, url_prefix="/filings")

_ROWS = {
    "integration": Text("การเชื่อมโยงที่ {n}", "link {n}"),
    "indicators": Text("ตัวชี้วัดที่ {n}", "indicator {n}"),
    "budget": Text("รายการที่ {n}", "line {n}"),
}
_PLACE = re.compile(r"(?P<section>[a-z]+)(?:-(?P<row>\d+))?(?:-(?P<field>\w+))?")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where in the filing a finding looked: the words, and the anchor on a page that shows the facts."""

    anchor: str
    words: Text


def evidence(place: str) -> Evidence:
    """The address of a field ("integration-2-partner") as a reader knows it."""
    match = _PLACE.fullmatch(place)
    if match is None or match["section"] not in SECTIONS:
        return Evidence("", Text(place, place))
    section = match["section"]
    words = SECTIONS[section]
    if not match["row"] or section not in _ROWS:
        return Evidence(f"filed-{section}", words)
    row = _ROWS[section].fill(n=match["row"])
    return Evidence(f"filed-{section}-{match['row']}", Text(f"{words.th} {row.th}", f"{words.en}, {row.en}"))


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule of a run: its findings, what they amount to, and the judgements of people beside it."""

    rule: str
    name: Text
    decides: bool
    outcome: Outcome
    basis: Text
    findings: tuple[ExplainedFinding, ...]
    overrides: tuple[Override, ...]


def results_of(run: RunView) -> list[RuleResult]:
    """The findings of a run, by rule in the order of the rulebook."""
    return group_findings(run.findings, run.overrides)


def group_findings(
    findings: Iterable[ExplainedFinding], overrides: Sequence[Override] = ()
) -> list[RuleResult]:
    """Findings by rule in the order they came; a draft that is only tried out has no overrides."""
    grouped: dict[str, list[ExplainedFinding]] = {}
    for finding in findings:
        grouped.setdefault(finding.rule, []).append(finding)
    return [
        RuleResult(
            rule=rule,
            name=found[0].rule_name,
            decides=found[0].decides,
            outcome=worst(f.outcome for f in found),
            basis=found[0].basis,
            findings=tuple(found),
            overrides=tuple(o for o in overrides if o.rule == rule),
        )
        for rule, found in grouped.items()
    ]


def attachment_store() -> FileStore:
    """Where the bytes of attachments lie in this installation."""
    return file_store(current_app.config["DGI"], Area.ATTACHMENTS)


@blueprint.app_template_global("filed_address")
def filed_address(number: str) -> str:
    """Where this reader can read the filed proposal of this number; "" where they may not know more than its name."""
    session, actor = db.session(), current_actor()
    reads_all = scope_of(actor, Permission.READ_FILING) is Scope.ANY
    if not reads_all and not may(actor, Permission.READ_PROPOSAL):
        return ""
    known = find_filed(session, number)
    if known is None:
        return ""
    if may(actor, Permission.READ_PROPOSAL, Target(known.agency_ids)):
        return url_for("agency.proposal", proposal_id=known.id)
    if reads_all:
        return url_for("secretariat.proposal", proposal_id=known.id)
    return ""


@blueprint.get("/<int:proposal_id>/attachments/<int:position>")
@needs(Permission.READ_FILING)
def attachment(proposal_id: int, position: int) -> Response:
    """The n-th attachment as it was filed, always as a download."""
    session = db.session()
    filing = get_filing(session, current_actor(), proposal_id, assigned_to=reviewers_of(session, proposal_id))
    if not 1 <= position <= len(filing.facts.attachments):
        raise NotFound()
    facts = filing.facts.attachments[position - 1]
    data = attachment_store().get(facts.sha256)
    return send_download(data, facts.name, f"attachment-{position}", "application/octet-stream")
