"""A filing beside its findings: read, judged rule by rule, noted about, handed on; then the next of the queue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call_by_id
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Outcome, Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.queries import Filing, get_filing
from app.proposals.states import RECORDED
from app.screening.actions import add_note, assign_cases, override_finding, screen_proposal
from app.screening.casework import (
    LONGEST_NOTE,
    OPEN,
    STANDING_NAMES,
    Key,
    key_of,
    read_key,
    standing_of,
    write_key,
)
from app.screening.queries import find_latest_run, get_case, list_screeners
from app.web.arrival import arrived
from app.web.door import needs
from app.web.filing import RuleResult, evidence, results_of
from app.web.forms import Choice, Form, Paragraphs, by_place, read_id
from app.web.language import t
from app.web.secretariat.desk import blueprint
from app.web.secretariat.screening import KINDS, Asked, address_of, read_asked, read_queue
from app.web.signing import current_actor
from app.web.tags import OUTCOME_NAMES, Options

Page = str | Response | tuple[str, int]
_NO_PERSON = Text("กรุณาเลือกผู้รับผิดชอบ", "Choose who looks after it")


class JudgeForm(Form):
    """A person's judgement on the rule whose findings stand beside it."""

    outcome = Choice(Text("ผลการวินิจฉัย", "The judgement"), needed=True, offered=[o.value for o in Outcome])
    reason = Paragraphs(Text("เหตุผล", "The reason"), needed=True, longest=4000)


class NoteForm(Form):
    """A note of the secretariat for itself."""

    note = Paragraphs(Text("บันทึก", "The note"), needed=True, longest=LONGEST_NOTE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a filing stands in the queue as asked for: from 1, 0 when it is not in it; and its neighbours."""

    position: int
    number: int
    before: int | None
    after: int | None
    key: Key | None


@blueprint.get("/screening/<int:proposal_id>")
@needs(Permission.RUN_SCREENING)
def case(proposal_id: int) -> str:
    """The filing and its findings side by side."""
    return _page(proposal_id)


@blueprint.post("/screening/<int:proposal_id>/judge")
@needs(Permission.OVERRIDE_FINDING)
def judge(proposal_id: int) -> Page:
    """Put a judgement beside the findings of one rule."""
    run = find_latest_run(db.session(), proposal_id)
    rule = request.form.get("rule", "")
    if run is None or rule not in {f.rule for f in run.findings if f.decides}:
        raise NotFound()
    prefix = f"judge-{rule}"
    form = JudgeForm(request.form, prefix=prefix)
    problems: Sequence[Problem] = form.problems()
    problems = [Problem(f"{prefix}-{p.place.removeprefix(prefix + '-')}", p.text) for p in problems]
    status = 422
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                override_finding(
                    work,
                    proposal_id,
                    rule,
                    Outcome(form.outcome.data),
                    form.reason.data,
                    run_id=read_id(request.form.get("run")),
                )
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            told = refusal.problems[0].text if refusal.problems else refusal.text
            problems = [Problem(f"{prefix}-reason", told)]
        else:
            flash(t("บันทึกคำวินิจฉัยแล้ว", "The judgement is recorded"))
            return _back(proposal_id, f"rule-{rule}")
    typed = {"rule": rule, "outcome": form.typed("outcome"), "reason": form.typed("reason")}
    return _page(proposal_id, problems, typed), status


@blueprint.post("/screening/<int:proposal_id>/notes")
@needs(Permission.RUN_SCREENING)
def note(proposal_id: int) -> Page:
    """Note something about the filing, for the secretariat alone."""
    form = NoteForm(request.form)
    problems: Sequence[Problem] = form.problems()
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                add_note(work, proposal_id, form.note.data)
        except Refused as refusal:
            problems = refusal.problems
        else:
            flash(t("บันทึกแล้ว", "Noted"))
            return _back(proposal_id, "notes")
    return _page(proposal_id, problems, {"note": form.typed("note")}), 422


@blueprint.post("/screening/<int:proposal_id>/assignee")
@needs(Permission.RUN_SCREENING)
def look_after(proposal_id: int) -> Page:
    """Give the filing to somebody to look after, or to nobody."""
    typed = request.form.get("assignee", "")
    assignee_id = read_id(typed)
    problems: Sequence[Problem] = (Problem("assignee", _NO_PERSON),) if typed and assignee_id is None else ()
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                assign_cases(work, [proposal_id], assignee_id)
        except Refused as refusal:
            problems = refusal.problems
        else:
            flash(
                t("มอบหมายแล้ว", "Handed over")
                if assignee_id is not None
                else t("ยกเลิกผู้รับผิดชอบแล้ว", "Nobody looks after it now")
            )
            return _back(proposal_id, "case")
    return _page(proposal_id, problems), 422


@blueprint.post("/screening/<int:proposal_id>/again")
@needs(Permission.RUN_SCREENING)
def screen_again(proposal_id: int) -> Response:
    """Run the rulebook again over this filing."""
    with open_work(current_actor(), arrived()) as work:
        screen_proposal(work, proposal_id)
    flash(t("กลั่นกรองใหม่แล้ว คำวินิจฉัยเดิมยังอยู่", "Screened again; earlier judgements stand"))
    return _back(proposal_id, "findings")


def _back(proposal_id: int, anchor: str) -> Response:
    """The page again, with the filter, and the place in the queue from which "next" goes on: what was judged may
    stand elsewhere in the queue by now."""
    query = {key: value for key, value in request.args.items() if key != "at"}
    at = read_key(request.form.get("at", ""))
    if at is not None:
        query["at"] = write_key(at)
    address = url_for("secretariat.case", proposal_id=proposal_id)
    return redirect(f"{address}{'?' if query else ''}{urlencode(query)}#{anchor}", 303)


def _place(session: Session, call: CallView, asked: Asked, proposal_id: int) -> Place:
    queue = read_queue(session, call, asked)
    ids = [entry.proposal_id for entry in queue.fitting]
    entry = next((e for e in queue.entries if e.proposal_id == proposal_id), None)
    key = read_key(request.args.get("at", "")) or (key_of(entry, asked.order) if entry else None)
    if key is None:
        return Place(0, len(ids), None, None, None)
    before = [i for k, i in zip(queue.keys, ids, strict=True) if k < key and i != proposal_id]
    after = [i for k, i in zip(queue.keys, ids, strict=True) if k > key and i != proposal_id]
    position = ids.index(proposal_id) + 1 if proposal_id in ids else 0
    return Place(position, len(ids), before[-1] if before else None, after[0] if after else None, key)


def _flags(results: Sequence[RuleResult]) -> dict[str, list[RuleResult]]:
    """Section -> rules that do not pass and looked there."""
    flags: dict[str, list[RuleResult]] = {}
    for result in results:
        if result.outcome is Outcome.PASSES or (not result.decides and result.outcome is Outcome.FAILS):
            continue
        places = {place.split("-")[0] for f in result.findings for place in f.places}
        for section in sorted(places):
            flags.setdefault(section, []).append(result)
    return flags


def _related(filing: Filing, call: CallView) -> list[tuple[str, str]]:
    """Other pages about this filing, those that exist and the reader may open."""
    links = [
        (
            url_for("secretariat.proposal", proposal_id=filing.proposal_id),
            t("ข้อเสนอทั้งหมด ผู้พิจารณา และประวัติ", "The whole proposal, reviewers and history"),
        ),
        (
            url_for("secretariat.proposal_returns", proposal_id=filing.proposal_id),
            t("คำถามและการส่งคืน", "Questions and returns"),
        ),
    ]
    links.append((_similar(filing, call), t("ข้อเสนอที่คล้ายกัน", "Similar proposals")))
    linked = url_for("secretariat.linkage_proposal", proposal_id=filing.proposal_id)
    links.append((linked, t("การเชื่อมโยงของข้อเสนอนี้", "Integration graph of this proposal")))
    return links


def _similar(filing: Filing, call: CallView) -> str:
    """Where the pairs of similar filings stand that this one is in."""
    return url_for("secretariat.overlaps", call=call.fiscal_year, q=filing.number)


def _page(proposal_id: int, problems: Sequence[Problem] = (), typed: Mapping[str, str] | None = None) -> str:
    session, actor = db.session(), current_actor()
    filing = get_filing(session, actor, proposal_id)
    if filing.state == RECORDED:
        raise NotFound()
    call = get_call_by_id(session, filing.call_id)
    run = find_latest_run(session, proposal_id)
    kept = get_case(session, actor, proposal_id)
    people = list_screeners(session)
    asked = read_asked(call, request.args)
    place = _place(session, call, asked, proposal_id)
    results = results_of(run) if run else []
    typed = typed or {}
    tail = f"?{urlencode(asked.query)}" if asked.query else ""
    standing = standing_of(filing.state)
    return render_template(
        "secretariat/case.html",
        call=call,
        filing_=filing,
        run=run,
        standing=standing,
        kinds=KINDS,
        names=STANDING_NAMES,
        troubles=[r for r in results if r.outcome is not Outcome.PASSES and r.decides]
        + [r for r in results if r.outcome is Outcome.NEEDS_PERSON and not r.decides],
        others=[
            r
            for r in results
            if r.outcome is Outcome.PASSES or (not r.decides and r.outcome is Outcome.FAILS)
        ],
        evidence=evidence,
        flags=_flags(results),
        kept=kept,
        me_id=actor.id,
        people=Options((str(user_id), name) for user_id, name in people.items()).html(
            str(kept.assignee_id or "")
        ),
        outcome_options=Options(OUTCOME_NAMES.items()),
        may_judge=standing in OPEN and run is not None,
        asked=asked,
        place_=place,
        at=write_key(place.key) if place.key else "",
        base=url_for("secretariat.screening") + "/",
        tail=tail,
        queue=address_of(call, asked),
        related=_related(filing, call),
        similar=_similar(filing, call),
        typed=typed,
        problems=problems,
        errors=by_place(problems),
    )
