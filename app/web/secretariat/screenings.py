"""What was screened when: what a rerun changed, and the runs of one proposal against each other."""

from __future__ import annotations

import json

from flask import render_template, request, url_for

from app.calls.queries import get_call, get_call_by_id
from app.identity.rules import Permission
from app.kernel.clock import format_moment
from app.kernel.db import db
from app.kernel.findings import Outcome
from app.kernel.text import Text
from app.proposals.queries import get_filing
from app.screening.facts import Circumstances
from app.screening.queries.batches import RunRow, list_runs, read_batch
from app.screening.trying import compare_runs
from app.web.door import needs
from app.web.forms import read_id
from app.web.secretariat.adopting import BECAME_NAMES, PER_PAGE
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor
from app.web.tags import Options

CAUSES = {
    "rerun": Text("กลั่นกรองใหม่", "Screened again"),
    "adopted": Text("กลั่นกรองใหม่เมื่อเปลี่ยนฉบับ", "Screened again on going over to another version"),
}
_AROUND = {
    "peers": Text("ราคาของรายการเดียวกันในข้อเสนออื่น", "what other proposals ask for the same items"),
    "past": Text("ผลของโครงการเดิม", "the results of the project it continues"),
    "overlaps": Text("ข้อเสนอที่คล้ายกันและคำวินิจฉัย", "similar proposals and the verdicts on them"),
    "committed": Text("ภาระผูกพันของโครงการเดิม", "the commitments of the project it continues"),
    "answers": Text("คำตอบของหน่วยงานคู่เชื่อม", "the answers of partners"),
}
_RUN = Text(
    "ครั้งที่ {n} · {at} · ข้อกำหนด {rulebook} ฉบับที่ {version}",
    "Run {n} · {at} · rules {rulebook} version {version}",
)


@blueprint.get("/screenings/<int:batch_id>")
@needs(Permission.RUN_SCREENING)
def batch(batch_id: int) -> str:
    """Which conclusions and findings a rerun changed, against each proposal's run before it."""
    session = db.session()
    found = read_batch(session, batch_id)
    show = request.args.get("show", "")
    rows = [row for row in found.changed if row.change.flips] if show == "flips" else list(found.changed)
    after = request.args.get("after", "")[:20]
    shown = [row for row in rows if row.number > after]
    return render_template(
        "secretariat/screening_batch.html",
        call=get_call(session, found.row.fiscal_year),
        batch=found,
        causes=CAUSES,
        show=show,
        rows=shown[:PER_PAGE],
        started=bool(after),
        following=shown[PER_PAGE - 1].number if len(shown) > PER_PAGE else None,
        became_names=BECAME_NAMES,
        outcomes=tuple(Outcome),
    )


@blueprint.get("/proposals/<int:proposal_id>/screenings")
@needs(Permission.RUN_SCREENING)
def proposal_runs(proposal_id: int) -> str:
    """Every run of a proposal, and two of them compared: `since` and `until` in the address, else the last two."""
    session = db.session()
    filing = get_filing(session, current_actor(), proposal_id)
    runs = list_runs(session, proposal_id)
    since, until = _chosen(runs)
    change = compare_runs(since.stored.judged, until.stored.judged) if since and until else None
    return render_template(
        "secretariat/proposal_runs.html",
        call=get_call_by_id(session, filing.call_id),
        filing_=filing,
        runs=runs,
        since=since,
        until=until,
        change=change,
        around=_around(since, until) if since and until else [],
        options=Options((str(run.id), _name(n, run)) for n, run in enumerate(runs, 1)),
        became_names=BECAME_NAMES,
        back=url_for("secretariat.proposal", proposal_id=proposal_id),
    )


def _name(n: int, run: RunRow) -> Text:
    at = Text(format_moment(run.run_at, "th"), format_moment(run.run_at, "en"))
    return _RUN.fill(n=n, at=at, rulebook=run.rulebook, version=run.version)


def _chosen(runs: list[RunRow]) -> tuple[RunRow | None, RunRow | None]:
    if len(runs) < 2:
        return None, None
    found = {run.id: run for run in runs}
    until = found.get(read_id(request.args.get("until")) or 0) or runs[-1]
    others = [run for run in runs if run is not until]
    earlier = [run for run in others if run.id < until.id]
    since = found.get(read_id(request.args.get("since")) or 0)
    if since is None or since is until:
        since = (earlier or others)[-1]
    return since, until


def _around(since: RunRow, until: RunRow) -> list[Text]:
    """What was known around the proposal differently in the two runs."""
    before, after = (Circumstances.from_json(json.loads(run.stored.context)) for run in (since, until))
    return [name for key, name in _AROUND.items() if getattr(before, key) != getattr(after, key)]
