"""Results of granted projects are recorded: reported anew each time, never edited."""

from __future__ import annotations

from sqlalchemy import select

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.clock import BANGKOK
from app.kernel.errors import NotFound, Refused
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.models import ProjectResult, Proposal, Submission
from app.proposals.queries.filings import latest_submission, read_facts
from app.proposals.queries.results import read_results
from app.proposals.results import (
    GRANTED_STATES,
    NOT_GRANTED,
    ProjectResults,
    list_result_problems,
    results_as_json,
)
from app.proposals.states import DRAFT

NOT_RECORDED = Text(
    "ยังบันทึกผลไม่ได้ กรุณาแก้ไขรายการต่อไปนี้", "The results were not recorded; please mend the following"
)


def record_results(work: Work[Actor], proposal_id: int, results: ProjectResults) -> ProjectResult:
    """Keep a report of what became of a granted project; the latest report counts.

    The same report again changes nothing. Raises `Refused` with every problem, `NotFound` for what was never filed.
    """
    require(work.actor, Permission.RECORD_RESULTS)
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None or proposal.state == DRAFT:
        raise NotFound()
    if proposal.state not in GRANTED_STATES:
        raise Refused(NOT_GRANTED)
    filing = work.session.execute(
        latest_submission()
        .join(Call, Call.id == Proposal.call_id)
        .where(Proposal.id == proposal_id)
        .with_only_columns(Submission.sha256, Submission.content, Call.fiscal_year)
    ).one()
    indicators = read_facts(filing.sha256, filing.content).indicators
    today = work.now.astimezone(BANGKOK).date()
    problems = list_result_problems(results, filing.fiscal_year, indicators, today)
    if problems:
        raise Refused(NOT_RECORDED, problems)
    kept = canonical_json(results_as_json(results))
    latest = work.session.scalars(
        select(ProjectResult)
        .where(ProjectResult.proposal_id == proposal_id)
        .order_by(ProjectResult.id.desc())
    ).first()
    if latest is not None and kept == latest.content and results == read_results(latest):
        return latest
    row = ProjectResult(
        proposal_id=proposal_id,
        as_of=results.as_of,
        granted=results.granted,
        spent=results.spent,
        content=kept,
        source=results.source,
        recorded_at=work.now,
        recorded_by=work.actor.id,
    )
    work.session.add(row)
    work.session.flush()
    work.audit(
        "record_results",
        f"proposal:{proposal_id}",
        agency_id=proposal.lead_agency_id,
        after=sha256_text(kept),
        detail={"result": row.id, "as_of": results.as_of.isoformat(), "spent": results.spent},
    )
    return row
