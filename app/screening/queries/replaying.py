"""A run repeated from what was kept with it."""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy.orm import Session

from app.calls.facts import PriceList
from app.calls.models import CallDocument
from app.calls.queries import get_call_by_id, parse_document
from app.kernel.errors import NotFound
from app.proposals.models import Proposal, Submission
from app.proposals.queries import read_facts
from app.screening.facts import Circumstances
from app.screening.models import ScreeningRun
from app.screening.queries.circumstances import situation_of
from app.screening.queries.runs import load_rulebook
from app.screening.rules import Screening, screen


def replay_run(session: Session, run_id: int) -> Screening:
    """The findings of a run, made again: the filing it read, the rulebook and prices it used, and what was known then.

    The very findings that were stored, whatever has changed since. Raises `NotFound`.
    """
    run = session.get(ScreeningRun, run_id)
    if run is None:
        raise NotFound()
    submission = session.get_one(Submission, run.submission_id)
    call = get_call_by_id(session, session.get_one(Proposal, run.proposal_id).call_id)
    known = Circumstances.from_json(json.loads(run.context))
    then = replace(
        situation_of(call, submission.submitted_at, submission.deadline_at, known),
        prices=_load_prices(session, run.prices_id),
    )
    facts = read_facts(submission.sha256, submission.content)
    return screen(facts, load_rulebook(session, run.rulebook_id), then)


def _load_prices(session: Session, prices_id: int | None) -> PriceList | None:
    if prices_id is None:
        return None
    row = session.get_one(CallDocument, prices_id)
    value = parse_document("prices", row.sha256, row.content)
    assert isinstance(value, PriceList)
    return value
