"""One proposal: its task list while a draft, what was filed and what became of it afterwards; and the self-check."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.calls.queries import get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.findings import Outcome
from app.proposals.facts import Answer
from app.proposals.queries import (
    DraftView,
    get_draft,
    get_filing,
    is_signed_by_lead,
    judge_partners,
    list_moves,
    list_signatures,
    list_versions,
)
from app.proposals.signoff import STANDING_NAMES
from app.proposals.states import RECORDED, WRITABLE_STATES
from app.screening.actions import situation_of
from app.screening.queries import find_latest_run
from app.screening.rules import explain, screen
from app.web.agency.board import blueprint, lay_open, open_proposal, place_url, section_url
from app.web.agency.withdrawal import may_withdraw
from app.web.door import needs
from app.web.filing import RuleResult, evidence, group_findings, results_of
from app.web.signing import current_actor


@blueprint.get("/proposals/<int:proposal_id>")
@needs(Permission.READ_PROPOSAL)
def proposal(proposal_id: int) -> str:
    """The task list of a draft; for a filed proposal what was filed, the findings and its life so far."""
    view = get_draft(db.session(), current_actor(), proposal_id)
    if view.state not in WRITABLE_STATES:
        return _filed(view)
    opened = lay_open(view)
    session = db.session()
    signatures = list_signatures(session, view.id)
    return render_template(
        "agency/overview.html",
        opened=opened,
        progress=opened.progress,
        section_url=section_url,
        standings=judge_partners(view, opened.facts, signatures),
        standing_names=STANDING_NAMES,
        is_signed=is_signed_by_lead(view, opened.facts, signatures),
        own_parts=[p for p in view.parts if p.agency_id in current_actor().agency_ids],
        unanswered_links=sum(
            1 for link in opened.facts.integration.links if link.partner and link.answer != Answer.CONFIRMED
        ),
        versions=list_versions(session, view.id) if view.submitted_at else [],
    )


def _filed(view: DraftView) -> str:
    session = db.session()
    filing = get_filing(session, current_actor(), view.id, permission=Permission.READ_PROPOSAL)
    # what a finding tells of another agency's filing is for the secretariat alone
    readers = {view.lead_code} if view.lead_agency_id in current_actor().agency_ids else set()
    run, call = find_latest_run(session, view.id, frozenset(readers)), get_call_by_id(session, view.call_id)
    return render_template(
        "agency/filed.html",
        call=call,
        filing=filing,
        run=run,
        results=results_of(run) if run else [],
        evidence=evidence,
        moves=list_moves(session, view.id),
        has_receipt=view.state != RECORDED,
        versions=list_versions(session, view.id) if view.state != RECORDED else [],
        may_withdraw=may_withdraw(view, call),
    )


@blueprint.get("/proposals/<int:proposal_id>/read")
@needs(Permission.READ_PROPOSAL)
def read(proposal_id: int) -> str | Response:
    """The whole draft on one page, for reading and for paper."""
    opened = open_proposal(proposal_id)
    if not opened.is_draft:
        return redirect(url_for("agency.proposal", proposal_id=proposal_id))
    return render_template("agency/read.html", opened=opened)


@blueprint.get("/proposals/<int:proposal_id>/check")
@needs(Permission.READ_PROPOSAL)
def check(proposal_id: int) -> str | Response:
    """The same rules as on filing, run over the draft."""
    opened = open_proposal(proposal_id)
    if not opened.is_draft:
        return redirect(url_for("agency.proposal", proposal_id=proposal_id))
    call = opened.call
    screening = screen(opened.facts, call.rulebook, situation_of(call))
    results: list[RuleResult] = group_findings([explain(f, call.rulebook) for f in screening.findings])
    return render_template(
        "agency/check.html",
        opened=opened,
        results=results,
        outcome=screening.outcome,
        failing=sum(1 for r in results if r.decides and r.outcome is Outcome.FAILS),
        progress=opened.progress,
        evidence=evidence,
        place_url=place_url,
        section_url=section_url,
    )
