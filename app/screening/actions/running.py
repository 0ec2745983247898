"""Runs of the rulebook over frozen filings; each moves its proposal by the conclusion."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

from sqlalchemy import func, insert, select

from app.calls.queries import CallView, get_call, get_call_by_id
from app.identity.facts import Actor
from app.identity.rules import Permission, may, require
from app.kernel.bulk import without_collecting
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import Forbidden, NotFound, Refused
from app.kernel.findings import Finding, Outcome
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work
from app.proposals.actions import move_proposal
from app.proposals.models import Proposal, Submission
from app.proposals.queries import latest_submission, read_facts, target_of
from app.proposals.states import DRAFT, FAILED, LIFECYCLE, PASSED, QUESTIONED, RETURNED, SUBMITTED
from app.screening.facts import Circumstances
from app.screening.models import ScreeningBatch, ScreeningFinding, ScreeningOverride, ScreeningRun
from app.screening.queries import gather_circumstances, situation_of
from app.screening.rules import Screening, conclude, screen

MOVES = {Outcome.PASSES: "pass", Outcome.NEEDS_PERSON: "question", Outcome.FAILS: "fail"}
_SCREENABLE = frozenset({SUBMITTED, PASSED, QUESTIONED, FAILED})

ALREADY_DECIDED = Text(
    "คณะกรรมการมีมติแล้ว จึงกลั่นกรองใหม่ไม่ได้", "The committee has decided, so screening cannot change"
)
OUT_FOR_REVISION = Text(
    "ข้อเสนอนี้ส่งคืนให้หน่วยงานแก้ไขอยู่ จึงกลั่นกรองไม่ได้จนกว่าจะยื่นใหม่",
    "This proposal is out for revision; it is screened again when the agency has filed it again",
)


def screen_proposal(work: Work[Actor], proposal_id: int) -> ScreeningRun:
    """Run the call's rulebook over the latest filing and move the proposal by the conclusion.

    Called on filing (by the filing agency) and by the secretariat again. Earlier runs stay as they are; overrides
    of the run before are carried over, since they are a person's word on the same filing.
    """
    if not may(work.actor, Permission.RUN_SCREENING):
        require(work.actor, Permission.FILE_PROPOSAL, target_of(work.session, proposal_id))
    proposal = work.session.get(Proposal, proposal_id, with_for_update=True)
    if proposal is None:
        raise NotFound()
    require_screenable(proposal.state)
    if proposal.state != SUBMITTED and not may(work.actor, Permission.RUN_SCREENING):
        raise Forbidden()
    submission = work.session.scalars(
        select(Submission)
        .where(Submission.proposal_id == proposal_id)
        .order_by(Submission.sequence.desc())
        .limit(1)
    ).one()
    call = get_call_by_id(work.session, proposal.call_id)
    facts = read_facts(submission.sha256, submission.content)
    known = gather_circumstances(work.session, call, {submission.id: (proposal_id, facts)})[submission.id]
    result = screen(
        facts, call.rulebook, situation_of(call, submission.submitted_at, submission.deadline_at, known)
    )
    kept = _latest_overrides(work, [submission.id]).get(submission.id, {})
    run = _write_run(work, proposal, submission.id, call, known, result)
    overrides = _copy_overrides(work, kept, run.id)
    concluded = conclude(result.findings, call.rulebook, overrides)
    move_proposal(work, proposal, MOVES[concluded], f"screening run {run.id}")
    return run


def require_screenable(state: str) -> None:
    """Raise `Refused` where screening has no say; what is a draft, or a draft again, is not there to be screened."""
    if state == DRAFT:
        raise NotFound()
    if state == RETURNED:
        raise Refused(OUT_FOR_REVISION)
    if state not in _SCREENABLE:
        raise Refused(ALREADY_DECIDED)


def _write_run(
    work: Work[Actor],
    proposal: Proposal,
    submission_id: int,
    call: CallView,
    known: Circumstances,
    result: Screening,
) -> ScreeningRun:
    run = ScreeningRun(
        proposal_id=proposal.id,
        submission_id=submission_id,
        rulebook_id=call.rulebook_id,
        prices_id=call.prices_id,
        run_at=work.now,
        run_by=work.actor.id,
        outcome=result.outcome.value,
        context=canonical_json(known.as_json()),
    )
    work.session.add(run)
    work.session.flush()
    rows = finding_rows(run.id, result.findings)
    work.session.execute(ScreeningFinding.__table__.insert(), rows)  # type: ignore[attr-defined]
    work.audit(
        "screen_proposal",
        f"proposal:{proposal.id}",
        agency_id=proposal.lead_agency_id,
        after=sha256_text(canonical_json([row["content"] for row in rows])),
        detail={"run": run.id, "outcome": run.outcome},
    )
    return run


@dataclass(frozen=True, slots=True)
class Rerun:
    """A batch and how many filings reached each conclusion; no batch where there was nothing to screen."""

    batch_id: int | None
    counts: dict[Outcome, int]


@without_collecting()
def screen_call(
    work: Work[Actor], fiscal_year: int, *, cause: str = "rerun", only: Collection[int] | None = None
) -> Rerun:
    """Run the call's rulebook again over every filing not yet decided; of the proposals `only` where it is given.

    Earlier runs stay; overrides are carried over. Written in bulk, so a whole call takes about a second. `cause` is
    "rerun", or "adopted" where the call went over to another version of its rules.
    """
    require(work.actor, Permission.RUN_SCREENING)
    call = get_call(work.session, fiscal_year)
    chosen = [] if only is None else [Proposal.id.in_(only)]
    filings = work.session.execute(
        latest_submission()
        .with_only_columns(
            Proposal.id,
            Proposal.state,
            Submission.id.label("submission_id"),
            Submission.sha256,
            Submission.content,
            Submission.submitted_at,
            Submission.deadline_at,
        )
        .where(Proposal.call_id == call.id, Proposal.state.in_(_SCREENABLE), *chosen)
        .order_by(Proposal.id)
        .with_for_update(of=Proposal)  # the committee's decisions wait for the end of the run
    ).all()
    if not filings:
        return Rerun(None, {})
    batch = ScreeningBatch(
        call_id=call.id, rulebook_id=call.rulebook_id, cause=cause, at=work.now, by=work.actor.id
    )
    work.session.add(batch)
    work.session.flush()
    kept = _latest_overrides(work, [f.submission_id for f in filings])
    facts = {f.submission_id: (f.id, read_facts(f.sha256, f.content)) for f in filings}
    known = gather_circumstances(work.session, call, facts)
    results = [
        screen(
            facts[f.submission_id][1],
            call.rulebook,
            situation_of(call, f.submitted_at, f.deadline_at, known[f.submission_id]),
        )
        for f in filings
    ]
    run_ids = work.session.scalars(
        insert(ScreeningRun).returning(ScreeningRun.id, sort_by_parameter_order=True),
        [
            {
                "proposal_id": f.id,
                "submission_id": f.submission_id,
                "rulebook_id": call.rulebook_id,
                "run_at": work.now,
                "run_by": work.actor.id,
                "outcome": result.outcome.value,
                "context": canonical_json(known[f.submission_id].as_json()),
                "prices_id": call.prices_id,
                "batch_id": batch.id,
            }
            for f, result in zip(filings, results, strict=True)
        ],
    ).all()
    rows: list[dict[str, object]] = []
    counts: dict[Outcome, int] = {}
    for f, result, run_id in zip(filings, results, run_ids, strict=True):
        rows += finding_rows(run_id, result.findings)
        overrides = _copy_overrides(work, kept.get(f.submission_id, {}), run_id)
        concluded = conclude(result.findings, call.rulebook, overrides) if overrides else result.outcome
        counts[concluded] = counts.get(concluded, 0) + 1
        if LIFECYCLE.after(f.state, MOVES[concluded]) != f.state:
            proposal = work.session.get_one(Proposal, f.id, with_for_update=True)
            move_proposal(work, proposal, MOVES[concluded], f"screening run {run_id}")
    work.session.execute(ScreeningFinding.__table__.insert(), rows)  # type: ignore[attr-defined]
    work.audit(
        "screen_call",
        f"call:{call.id}",
        after=sha256_text(canonical_json([row["content"] for row in rows])),
        detail={"filings": len(filings), "batch": batch.id},
    )
    return Rerun(batch.id, counts)


def _latest_overrides(
    work: Work[Actor], submission_ids: list[int]
) -> dict[int, dict[str, ScreeningOverride]]:
    """Submission id -> rule -> the override that counts in its latest run."""
    newest = (
        select(func.max(ScreeningRun.id))
        .where(ScreeningRun.submission_id.in_(submission_ids))
        .group_by(ScreeningRun.submission_id)
    )
    found: dict[int, dict[str, ScreeningOverride]] = {}
    for submission_id, override in work.session.execute(
        select(ScreeningRun.submission_id, ScreeningOverride)
        .join(ScreeningOverride, ScreeningOverride.run_id == ScreeningRun.id)
        .where(ScreeningRun.id.in_(newest))
        .order_by(ScreeningOverride.id)
    ):
        found.setdefault(submission_id, {})[override.rule] = override
    return found


def _copy_overrides(
    work: Work[Actor], kept: Mapping[str, ScreeningOverride], run_id: int
) -> dict[str, Outcome]:
    for o in kept.values():
        work.session.add(
            ScreeningOverride(
                run_id=run_id, rule=o.rule, outcome=o.outcome, reason=o.reason, at=o.at, by=o.by
            )
        )
    return {rule: Outcome(o.outcome) for rule, o in kept.items()}


def finding_rows(run_id: int, findings: tuple[Finding, ...]) -> list[dict[str, object]]:
    """Findings as rows of `screening_findings`."""
    return [
        {
            "run_id": run_id,
            "rule": f.rule,
            "outcome": f.outcome.value,
            "content": canonical_json(
                {"reason": f.reason, "places": list(f.places), "values": dict(f.values)}
            )
            if f.places or f.values
            else _plain(f.reason),
        }
        for f in findings
    ]


@lru_cache(maxsize=256)
def _plain(reason: str) -> str:
    """The content of a finding that names nothing: most of them, and few different ones."""
    return canonical_json({"reason": reason, "places": [], "values": {}})
