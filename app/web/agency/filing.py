"""Check your answers, file, and the receipt on screen and paper."""

from __future__ import annotations

import io
import secrets

from flask import current_app, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from app.figures.receipt import receipt_document
from app.identity.rules import Permission
from app.kernel.canonical import sha256_text
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Outcome, Problem
from app.kernel.money import baht_in_words
from app.kernel.work import open_work
from app.proposals.actions import submit_proposal
from app.proposals.models import Proposal
from app.proposals.queries import (
    get_receipt,
    list_filing_problems,
    list_filing_signatures,
    list_versions,
)
from app.proposals.states import SUBMITTED
from app.screening.actions import screen_proposal, situation_of
from app.screening.rules import screen
from app.web.agency.board import OpenProposal, blueprint, open_for_filing, problem_linker
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import language
from app.web.receipts import verification_code
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]


@blueprint.get("/proposals/<int:proposal_id>/submit")
@needs(Permission.FILE_PROPOSAL)
def submit(proposal_id: int) -> Page:
    """Everything that would be filed, and the button; or what still stands in the way."""
    opened = open_for_filing(proposal_id)
    if not opened.is_draft:
        return redirect(url_for("agency.receipt", proposal_id=proposal_id))
    problems = tuple(
        list_filing_problems(db.session(), opened.view, opened.call, opened.facts, opened.returned)
    )
    return _submit(opened, secrets.token_hex(16), problems)


def _submit(opened: OpenProposal, key: str, problems: tuple[Problem, ...]) -> str:
    call = opened.call
    outcome = screen(opened.facts, call.rulebook, situation_of(call)).outcome
    return render_template(
        "agency/submit.html",
        opened=opened,
        key=key,
        problems=problems,
        link=problem_linker(opened),
        would_fail=not problems and outcome is Outcome.FAILS,
        would_question=not problems and outcome is Outcome.NEEDS_PERSON,
    )


@blueprint.post("/proposals/<int:proposal_id>/submit")
@needs(Permission.FILE_PROPOSAL)
def submit_post(proposal_id: int) -> Page:
    """File and screen in one transaction. A second click or a retry finds the same receipt."""
    opened = open_for_filing(proposal_id)
    key = request.form.get("key", "")
    try:
        with open_work(current_actor(), arrived()) as work:
            # the key is the browser's word, so it is bound to this proposal and to a length we can keep
            submit_proposal(work, proposal_id, sha256_text(f"{proposal_id}:{key}"))
            if work.session.get_one(Proposal, proposal_id).state == SUBMITTED:
                screen_proposal(work, proposal_id)
    except NotFound:
        raise
    except Refused as refusal:
        problems = refusal.problems or (Problem("main", refusal.text),)
        return _submit(opened, key, problems), 422
    return redirect(url_for("agency.receipt", proposal_id=proposal_id), 303)


@blueprint.get("/proposals/<int:proposal_id>/receipt")
@needs(Permission.READ_RECEIPT)
def receipt(proposal_id: int) -> str:
    """Proof of filing, to print and show: of the last filing, or with `sequence` in the address of an earlier one."""
    session, actor = db.session(), current_actor()
    found = get_receipt(session, actor, proposal_id, read_id(request.args.get("sequence")))
    return render_template(
        "agency/receipt.html",
        receipt=found,
        words=baht_in_words(found.total),
        code=verification_code(found),
        versions=list_versions(session, proposal_id),
        signatures=list_filing_signatures(session, found),
        verify_address=f"{current_app.config['DGI'].site_url}{url_for('receipts.ask')}",
    )


@blueprint.get("/proposals/<int:proposal_id>/receipt.pdf")
@needs(Permission.READ_RECEIPT)
def receipt_pdf(proposal_id: int) -> Response:
    """The receipt as a paper."""
    from reports.pdf import write_pdf  # slow to import, wanted here only

    found = get_receipt(db.session(), current_actor(), proposal_id, read_id(request.args.get("sequence")))
    paper = io.BytesIO()
    write_pdf(receipt_document(found, language(), current_app.config["DGI"].site_url), paper)
    paper.seek(0)
    return send_file(
        paper, mimetype="application/pdf", as_attachment=True, download_name=f"{found.receipt_number}.pdf"
    )
