"""A version of the rules tried out on what was filed: nothing is written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.calls.facts import PriceList, Rulebook
from app.calls.queries import CallView
from app.identity.models import Agency
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.text import Text
from app.proposals.facts import ProposalFacts
from app.proposals.models import Proposal, Submission
from app.proposals.queries import latest_submission, read_facts
from app.proposals.states import DRAFT, FAILED, PASSED, QUESTIONED, RECORDED, RETURNED, SUBMITTED
from app.screening.facts import Circumstances
from app.screening.models import ScreeningRun
from app.screening.queries import gather_circumstances, situation_of
from app.screening.queries.judged import StoredRun, read_runs
from app.screening.rules import screen
from app.screening.trying import Around, Judged, Trial, Tried, compare_runs

_OPEN = frozenset({SUBMITTED, PASSED, QUESTIONED, FAILED})
STAYS_DECIDED = Text("คณะกรรมการมีมติแล้ว ผลเดิมคงอยู่", "Decided by the committee: its result stays")
STAYS_RETURNED = Text("อยู่ระหว่างแก้ไข จะกลั่นกรองเมื่อยื่นใหม่", "Out for revision: screened when it is filed again")


def try_out(
    session: Session,
    call: CallView,
    *,
    rulebook: Rulebook | None = None,
    prices: PriceList | None = None,
    around: Around = Around.THEN,
    rulebooks: Mapping[int, Rulebook] | None = None,
) -> Trial:
    """Screen every filing of a call under another rulebook or price list, against what counts now.

    What counts now is the latest run as it was stored, with the judgements in it. Those are carried over, as a
    rerun would; `rulebooks` are those the runs were made by, where they are at hand. With `Around.THEN` both
    sides know what that run knew; a filing without one, what is known now. The same number of queries for any
    number of filings.
    """
    tried = replace(call, rulebook=rulebook or call.rulebook, prices=prices or call.prices)
    filings = session.execute(
        latest_submission()
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .with_only_columns(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.state,
            Agency.name_th,
            Agency.name_en,
            Submission.id.label("submission_id"),
            Submission.sha256,
            Submission.content,
            Submission.submitted_at,
            Submission.deadline_at,
        )
        .where(Proposal.call_id == call.id, Proposal.state.not_in((DRAFT, RECORDED)))
        .order_by(Proposal.number)
    ).all()
    newest = (
        select(func.max(ScreeningRun.id))
        .join(Proposal, Proposal.id == ScreeningRun.proposal_id)
        .where(Proposal.call_id == call.id)
        .group_by(ScreeningRun.submission_id)
    )
    stored = {run.submission_id: run for run in read_runs(session, newest, rulebooks)}
    facts = {f.submission_id: read_facts(f.sha256, f.content) for f in filings}
    known: dict[int, Circumstances] = {}
    if around is Around.THEN:
        known = {i: Circumstances.from_json(json.loads(run.context)) for i, run in stored.items()}
    asked = {f.submission_id: (f.id, facts[f.submission_id]) for f in filings if f.submission_id not in known}
    if asked:
        known |= gather_circumstances(session, call, asked)
    return Trial(
        tuple(
            _try_one(
                f,
                facts[f.submission_id],
                known[f.submission_id],
                stored.get(f.submission_id),
                call,
                tried,
                around,
            )
            for f in filings
        )
    )


def _try_one(
    filing: Any,
    facts: ProposalFacts,
    known: Circumstances,
    stored: StoredRun | None,
    call: CallView,
    tried: CallView,
    around: Around,
) -> Tried:
    before = stored.judged if stored else None
    overrides = before.overrides if before else {}

    def judge(by: CallView) -> Judged:
        on = situation_of(by, filing.submitted_at, filing.deadline_at, known)
        return Judged(by.rulebook, screen(facts, by.rulebook, on).findings, overrides)

    after = judge(tried)
    change = compare_runs(before, after)
    by_rules = by_circumstances = False
    if around is Around.THEN:
        by_rules = not change.is_empty
    elif before is not None and not change.is_empty:
        present = judge(call)
        by_rules = not compare_runs(present, after).is_empty
        by_circumstances = not compare_runs(before, present).is_empty
    is_returned = filing.state == RETURNED
    return Tried(
        proposal_id=filing.id,
        number=filing.number,
        title=Text(filing.title_th, filing.title_en or filing.title_th),
        agency=Text(filing.name_th, filing.name_en),
        state=filing.state,
        basis=_basis(filing.submission_id, stored, after),
        change=change,
        by_rules=by_rules,
        by_circumstances=by_circumstances,
        stays=None if filing.state in _OPEN else STAYS_RETURNED if is_returned else STAYS_DECIDED,
    )


def _basis(submission_id: int, stored: StoredRun | None, after: Judged) -> str:
    found = [[f.rule, f.outcome, f.reason, list(f.places), dict(f.values)] for f in after.findings]
    judged = {rule: outcome.value for rule, outcome in after.overrides.items()}
    return sha256_text(canonical_json([submission_id, stored.id if stored else None, judged, found]))
