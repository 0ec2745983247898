"""What an order for many proposals would do: worked out for the preview, and again before it is carried out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.facts import Severity
from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Outcome, Problem, worst
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.models import Proposal, Submission
from app.proposals.queries import latest_submission, read_facts
from app.screening.actions.casework import NOT_A_SCREENER
from app.screening.actions.overriding import ONLY_INFORMS, conclude_with, require_reason
from app.screening.actions.running import ALREADY_DECIDED, OUT_FOR_REVISION, finding_rows
from app.screening.casework import (
    MOST_AT_ONCE,
    NOT_SCREENED,
    OPEN,
    STANDING_NAMES,
    BulkOrder,
    Errand,
    Plan,
    Standing,
    Step,
    standing_of,
)
from app.screening.models import ScreeningCase
from app.screening.queries import (
    RunView,
    find_latest_runs,
    gather_circumstances,
    list_screeners,
    situation_of,
)
from app.screening.rules import ExplainedFinding, conclude, explain, screen

TOO_MANY = Text(
    "ทำพร้อมกันได้ครั้งละไม่เกิน 1,000 เรื่อง กรุณากรองให้แคบลง",
    "At most 1,000 proposals at once; narrow the list first",
)
NOTHING_CHOSEN = Text("กรุณาเลือกข้อเสนออย่างน้อยหนึ่งเรื่อง", "Choose at least one proposal")
UNATTENDED = Text("ยังไม่มีผู้รับผิดชอบ", "Nobody")
_HAS_IT = Text("อยู่ในความรับผิดชอบของผู้นี้อยู่แล้ว", "This person looks after it already")
_NOBODY_HAS_IT = Text("ยังไม่มีผู้รับผิดชอบอยู่แล้ว", "Nobody looks after it as it is")
_NO_RUN = Text("ยังไม่เคยกลั่นกรอง", "It was never screened")
_NO_RULE = Text("ชุดข้อกำหนดที่ใช้กลั่นกรองเรื่องนี้ไม่มีข้อนี้", "The rulebook it was screened by does not have this rule")
_FINDS_SO = Text("ข้อกำหนดสรุปเช่นนี้อยู่แล้ว", "The rule concludes so by itself")
_JUDGED_SO = Text("มีคำวินิจฉัยเช่นนี้อยู่แล้ว", "It is judged so already")
_REPLACES = Text("แทนคำวินิจฉัยเดิมของ {name}: {outcome}", "Replaces the judgement of {name}: {outcome}")
_RULE_GOES = Text("{rule}: {before} → {after}", "{rule}: {before} → {after}")
_RULE_WORDS = Text("{rule}: รายละเอียดเปลี่ยน", "{rule}: other details")
_RULE_GONE = Text("ไม่มีข้อ {rule} แล้ว", "{rule} is no longer a rule")
_RULE_NEW = Text("ข้อใหม่ {rule}: {after}", "New rule {rule}: {after}")
_UNCHANGED = Text("ผลทุกข้อเหมือนเดิม", "Every rule finds what it found before")


def name_of(outcome: Outcome) -> Text:
    """An outcome as a word."""
    return STANDING_NAMES[Standing(outcome.value)]


@dataclass(frozen=True, slots=True)
class _Subject:
    """A proposal as steps are worked out from it."""

    id: int
    number: str
    title: Text
    agency: Text
    state: str
    assignee_id: int | None

    @property
    def standing(self) -> Standing:
        return standing_of(self.state)

    def step(
        self,
        before: Text,
        after: Text,
        basis: str,
        *,
        bar: Text | None = None,
        remarks: tuple[Text, ...] = (),
        is_same: bool = False,
    ) -> Step:
        return Step(
            self.id, self.number, self.title, self.agency, before, after, basis, bar, remarks, is_same
        )

    def barred(self, before: Text, basis: str, bar: Text) -> Step:
        """A step that cannot be taken: everything stays."""
        return self.step(before, before, basis, bar=bar)


def plan_bulk(
    session: Session, actor: Actor, call: CallView, order: BulkOrder, proposal_ids: Collection[int]
) -> Plan:
    """Exactly what an order would do to these proposals of a call; about ten queries for any number. Nothing is written.

    Ids that are no filing of the call (any more) are let go: a filing taken back is nobody's to see. Raises `Refused`
    for too many, for none, and for an order that says too little; `Forbidden` for whoever may not give it.
    """
    require(actor, Permission.RUN_SCREENING)
    if order.errand is Errand.OVERRIDE:
        require(actor, Permission.OVERRIDE_FINDING)
        require_reason(order.reason)
        _require_rule(call, order)
    if len(set(proposal_ids)) > MOST_AT_ONCE:
        raise Refused(TOO_MANY, [Problem("picked", TOO_MANY)])
    subjects = _subjects(session, call.id, proposal_ids) if proposal_ids else []
    if not subjects:
        raise Refused(NOTHING_CHOSEN, [Problem("picked", NOTHING_CHOSEN)])
    if order.errand in (Errand.ASSIGN, Errand.RELEASE):
        steps = list(_hand_over(list_screeners(session), order, subjects))
    elif order.errand is Errand.RERUN:
        steps = list(_run_again(session, call, subjects))
    else:
        steps = list(_judge(session, order, subjects))
    return Plan(order, tuple(steps))


def _require_rule(call: CallView, order: BulkOrder) -> None:
    rule = next((r for r in call.rulebook.rules if r.code == order.rule), None)
    if rule is None or order.outcome is None:
        raise NotFound()
    if rule.severity is not Severity.DECIDES:
        raise Refused(ONLY_INFORMS, [Problem("override-rule", ONLY_INFORMS)])


def _subjects(session: Session, call_id: int, proposal_ids: Collection[int]) -> list[_Subject]:
    rows = session.execute(
        select(
            Proposal.id,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            Proposal.state,
            Agency.name_th,
            Agency.name_en,
            ScreeningCase.assignee_id,
        )
        .join(Agency, Agency.id == Proposal.lead_agency_id)
        .outerjoin(ScreeningCase, ScreeningCase.proposal_id == Proposal.id)
        .where(
            Proposal.id.in_(proposal_ids), Proposal.call_id == call_id, Proposal.state.not_in(NOT_SCREENED)
        )
        .order_by(Proposal.number)
    )
    return [
        _Subject(
            r.id,
            r.number,
            Text(r.title_th, r.title_en or r.title_th),
            Text(r.name_th, r.name_en),
            r.state,
            r.assignee_id,
        )
        for r in rows
    ]


def _hand_over(people: Mapping[int, Text], order: BulkOrder, subjects: list[_Subject]) -> Iterator[Step]:
    wanted = order.assignee_id if order.errand is Errand.ASSIGN else None
    if order.errand is Errand.ASSIGN and wanted not in people:
        raise Refused(NOT_A_SCREENER, [Problem("assignee", NOT_A_SCREENER)])
    gone = Text("ผู้ที่ออกจากฝ่ายเลขานุการแล้ว", "Somebody no longer of the secretariat")

    def name(user_id: int | None) -> Text:
        return UNATTENDED if user_id is None else people.get(user_id, gone)

    for s in subjects:
        basis, before = f"case {s.assignee_id} {s.state}", name(s.assignee_id)
        if s.assignee_id == wanted:
            yield s.barred(before, basis, _NOBODY_HAS_IT if wanted is None else _HAS_IT)
        elif wanted is not None and s.standing is Standing.DECIDED:
            yield s.barred(before, basis, ALREADY_DECIDED)
        else:
            yield s.step(before, name(wanted), basis)


def _bar_of(standing: Standing) -> Text | None:
    """Why screening has no say any more, or not now."""
    if standing in OPEN:
        return None
    return OUT_FOR_REVISION if standing is Standing.RETURNED else ALREADY_DECIDED


def _basis(subject: _Subject, run: RunView | None) -> str:
    if run is None:
        return f"no run {subject.state}"
    return f"run {run.id} {subject.state} " + canonical_json(
        [[o.rule, o.outcome.value, o.at.isoformat(), o.reason] for o in run.overrides]
    )


def _judge(session: Session, order: BulkOrder, subjects: list[_Subject]) -> Iterator[Step]:
    runs = find_latest_runs(session, [s.id for s in subjects])
    assert order.outcome is not None
    for s in subjects:
        run, before = runs.get(s.id), STANDING_NAMES[s.standing]
        basis = _basis(s, run)
        bar = _bar_of(s.standing) or (_NO_RUN if run is None else None)
        if bar is not None or run is None:
            yield s.barred(before, basis, bar or _NO_RUN)
            continue
        found = [f for f in run.findings if f.rule == order.rule and f.decides]
        if not found:
            yield s.barred(before, basis, _NO_RULE)
            continue
        own = worst(f.outcome for f in found)
        stands = next((o for o in reversed(run.overrides) if o.rule == order.rule), None)
        now = stands.outcome if stands else own
        if now is order.outcome:
            yield s.barred(before, basis, _JUDGED_SO if stands else _FINDS_SO)
            continue
        after = STANDING_NAMES[Standing(conclude_with(run, order.rule, order.outcome).value)]
        remarks = [
            _RULE_GOES.fill(rule=found[0].rule_name, before=name_of(now), after=name_of(order.outcome))
        ]
        if stands:
            remarks.append(_REPLACES.fill(name=stands.by, outcome=name_of(stands.outcome)))
        yield s.step(before, after, basis, remarks=tuple(remarks))


def _run_again(session: Session, call: CallView, subjects: list[_Subject]) -> Iterator[Step]:
    runs = find_latest_runs(session, [s.id for s in subjects])
    filings = {
        r.id: r
        for r in session.execute(
            latest_submission()
            .with_only_columns(
                Proposal.id,
                Submission.id.label("submission_id"),
                Submission.sha256,
                Submission.content,
                Submission.submitted_at,
                Submission.deadline_at,
            )
            .where(Proposal.id.in_([s.id for s in subjects if s.standing in OPEN]))
        )
    }
    facts = {f.submission_id: (f.id, read_facts(f.sha256, f.content)) for f in filings.values()}
    known = gather_circumstances(session, call, facts) if facts else {}
    for s in subjects:
        run, before = runs.get(s.id), STANDING_NAMES[s.standing]
        bar = _bar_of(s.standing)
        if bar is not None:
            yield s.barred(before, _basis(s, run), bar)
            continue
        f = filings[s.id]
        result = screen(
            facts[f.submission_id][1],
            call.rulebook,
            situation_of(call, f.submitted_at, f.deadline_at, known[f.submission_id]),
        )
        kept = {o.rule: o.outcome for o in run.overrides} if run else {}
        after = Standing(conclude(result.findings, call.rulebook, kept).value)
        found = sha256_text(canonical_json([row["content"] for row in finding_rows(0, result.findings)]))
        remarks = tuple(_changes(run, [explain(finding, call.rulebook) for finding in result.findings]))
        is_same = not remarks and after is s.standing
        yield s.step(
            before,
            STANDING_NAMES[after],
            f"{_basis(s, run)} rulebook {call.rulebook_id} {found}",
            remarks=remarks or (_UNCHANGED,),
            is_same=is_same,
        )


def _by_rule(findings: Collection[ExplainedFinding]) -> dict[str, list[ExplainedFinding]]:
    rules: dict[str, list[ExplainedFinding]] = {}
    for finding in findings:
        rules.setdefault(finding.rule, []).append(finding)
    return rules


def _changes(run: RunView | None, findings: list[ExplainedFinding]) -> Iterator[Text]:
    """Rule by rule, what another run would find that this one did not."""
    old, new = _by_rule(run.findings if run else ()), _by_rule(findings)
    for code, found in new.items():
        name, after = found[0].rule_name, worst(f.outcome for f in found)
        if code not in old:
            if run is not None:
                yield _RULE_NEW.fill(rule=name, after=name_of(after))
            continue
        before = worst(f.outcome for f in old[code])
        if before is not after:
            yield _RULE_GOES.fill(rule=name, before=name_of(before), after=name_of(after))
        elif [(f.outcome, f.text) for f in old[code]] != [(f.outcome, f.text) for f in found]:
            yield _RULE_WORDS.fill(rule=name)
    for code, gone in old.items():
        if code not in new:
            yield _RULE_GONE.fill(rule=gone[0].rule_name)
