"""The decisions of a meeting: the list as it lies before it, and many decided at once after an exact preview."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from app.calls.queries import CallView
from app.decisions.actions.bulk import CHANGED_MEANWHILE, plan_decisions, record_decisions
from app.decisions.facts import VERDICT_NAMES, Level, Verdict
from app.decisions.models import Meeting
from app.decisions.orders import DecidingOrder, Errand, Plan
from app.decisions.queries import DecisionView, decisions_at
from app.decisions.queries.meetings import list_recusals, meeting_list
from app.decisions.states import OPEN
from app.identity.rules import Permission, may
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from app.kernel.text import Text
from app.kernel.thai_text import search_key
from app.kernel.work import open_work
from app.portfolio.facts import Line, Standing
from app.portfolio.reasons import STANDING_NAMES, names_in, why
from app.web.arrival import arrived
from app.web.committee.desk import blueprint
from app.web.committee.meetings import head_of, meeting_and_call
from app.web.committee.ranking import KINDS, UNDECIDED
from app.web.door import needs
from app.web.forms import Form, Paragraphs, read_id
from app.web.language import count, language, t
from app.web.secretariat.proposals import wanted_text
from app.web.signing import current_actor
from app.web.tags import Options, state_tag, tag

Page = str | Response | tuple[str, int]
HERE, EARLIER = "here", "earlier"
_WHEN = {
    HERE: Text("มติของการประชุมนี้", "Decided in this meeting"),
    EARLIER: Text("มติที่มีอยู่เดิม", "Decided earlier"),
    UNDECIDED: Text("ยังไม่มีมติ", "Not decided"),
}
_NO_ERRAND = Text("กรุณาเลือกสิ่งที่จะทำ", "Choose what to do")


class BulkForm(Form):
    """Why, for all at once."""

    reason = Paragraphs(Text("เหตุผล", "The reason"), longest=2000)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; "" means everything."""

    text: str = ""
    standing: str = ""
    when: str = ""
    verdict: str = ""
    stage: str = ""

    def keeps(self, line: Line, decision: DecisionView | None, meeting_id: int) -> bool:
        """Whether a line is asked for."""
        entry = line.entry
        when = UNDECIDED if decision is None else HERE if decision.meeting_id == meeting_id else EARLIER
        return (
            (not self.standing or line.standing == self.standing)
            and (not self.stage or entry.stage == self.stage)
            and (not self.when or when == self.when)
            and (not self.verdict or (decision is not None and decision.verdict == self.verdict))
            and (not self.text or self._is_found(line))
        )

    def _is_found(self, line: Line) -> bool:
        entry = line.entry
        key = search_key(
            f"{entry.number} {entry.title.th} {entry.title.en} {entry.agency.th} {entry.agency.en}"
        )
        return all(word in key for word in search_key(self.text).split())

    @property
    def query(self) -> dict[str, Any]:
        """The filter as it stands in addresses."""
        parts = {
            "q": self.text,
            "standing": self.standing,
            "when": self.when,
            "verdict": self.verdict,
            "stage": self.stage,
        }
        return {name: value for name, value in parts.items() if value}


def _offered(call: CallView) -> dict[str, dict[str, Text]]:
    return {
        "standing": {s.value: name for s, name in STANDING_NAMES.items() if s is not Standing.RECORDED},
        "when": dict(_WHEN),
        "verdict": {v.value: name for v, name in VERDICT_NAMES.items()},
        "stage": {c.code: c.name for c in call.plan.stages},
    }


def _read_wanted(call: CallView) -> Wanted:
    args = request.args
    chosen = {
        name: value if (value := args.get(name, "")) in names else ""
        for name, names in _offered(call).items()
    }
    return Wanted(wanted_text(args.get("q", "")), **chosen)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was ticked and typed in the form for many, to show it again."""

    picked: frozenset[int] = frozenset()
    errand: str = Errand.FOLLOW.value
    out: str = ""
    reason: str = ""
    scope: str = ""


Row = tuple[object, ...]


def _rows(
    lines: Sequence[Line],
    call: CallView,
    decisions: Mapping[int, DecisionView],
    recused: Mapping[int, str],
    meeting_id: int,
    picked: frozenset[int],
) -> Iterator[Row]:
    """Each line as safe HTML strings, in the order of the template's columns."""
    code = language()
    standings = {s: tag(KINDS[s], name) for s, name in STANDING_NAMES.items()}
    verdicts = {v: state_tag(v.value) for v in Verdict}
    name_of = names_in(call.plan, (line.entry for line in lines))
    for line in lines:
        entry = line.entry
        d = decisions.get(entry.proposal_id)
        note = ""
        if d is not None and d.meeting_id != meeting_id:
            note = t("มติเดิม %s", "earlier: %s") % d.number if d.number else t("มติเดิม", "earlier")
        elif d is not None:
            note = d.number
        yield (
            entry.proposal_id,
            line.rank or "–",
            entry.number,
            escape(entry.title.en or entry.title.th if code == "en" else entry.title.th),
            escape(entry.agency.say(code)),
            format_baht(entry.requested),
            standings[line.standing],
            escape(why(line, code, name_of)),
            format_baht(line.granted) if line.granted else "–",
            verdicts[d.verdict] if d else "–",
            escape(note),
            format_baht(d.amount) if d and d.amount else "–",
            recused.get(entry.proposal_id, ""),
            " checked" if entry.proposal_id in picked else "",
        )


def _recused(meeting_id: int) -> dict[int, str]:
    names: dict[int, list[str]] = {}
    for r in list_recusals(db.session(), meeting_id):
        names.setdefault(r.proposal_id, []).append(r.member)
    return {proposal_id: str(escape(", ".join(who))) for proposal_id, who in names.items()}


@blueprint.get("/meetings/<int:meeting_id>/decisions")
@needs(Permission.READ_PORTFOLIO)
def meeting_decisions(meeting_id: int) -> str:
    """The list before the meeting, with what is decided."""
    return _page(*meeting_and_call(meeting_id))


@blueprint.post("/meetings/<int:meeting_id>/decisions/preview")
@needs(Permission.RECORD_DECISION)
def preview_decisions(meeting_id: int) -> Page:
    """What would be recorded, proposal by proposal; nothing is recorded yet."""
    meeting, call = meeting_and_call(meeting_id)
    order, problems = _read_order()
    picked = _picked()
    if order is not None:
        if request.form.get("scope") == "all":
            wanted, decisions = _read_wanted(call), decisions_at(db.session(), meeting)
            picked = [
                line.entry.proposal_id
                for line in meeting_list(db.session(), current_actor(), call, meeting).lines
                if wanted.keeps(line, decisions.get(line.entry.proposal_id), meeting.id)
            ]
        try:
            plan = plan_decisions(db.session(), current_actor(), call, meeting, order, picked)
        except Refused as refusal:
            problems = _in_place(refusal)
        else:
            return _preview(meeting, call, plan)
    return _page(meeting, call, problems, _typed(picked)), 422


@blueprint.post("/meetings/<int:meeting_id>/decisions")
@needs(Permission.RECORD_DECISION)
def record_many(meeting_id: int) -> Page:
    """Record what was previewed. If anything changed since, record nothing and show the preview anew."""
    meeting, call = meeting_and_call(meeting_id)
    order, problems = _read_order()
    picked = _picked()
    if order is not None:
        try:
            with open_work(current_actor(), arrived()) as work:
                fingerprint = request.form.get("fingerprint", "")
                plan = record_decisions(work, call, meeting_id, order, picked, fingerprint)
        except Stale:
            meeting, call = meeting_and_call(meeting_id)
            plan = plan_decisions(db.session(), current_actor(), call, meeting, order, picked)
            return _preview(meeting, call, plan, is_new=True), 409
        except Refused as refusal:
            problems = _in_place(refusal)
        else:
            flash(t("บันทึกมติแล้ว %s ข้อเสนอ", "Decisions recorded: %s") % count(len(plan.doable)))
            address = url_for(
                "committee.meeting_decisions", meeting_id=meeting_id, **_read_wanted(call).query
            )
            return redirect(address, 303)
    meeting, call = meeting_and_call(meeting_id)
    return _page(meeting, call, problems, _typed(picked)), 422


def _picked() -> list[int]:
    ids = [read_id(typed) for typed in request.form.getlist("pick")]
    if None in ids:
        raise NotFound()
    return list(dict.fromkeys(i for i in ids if i is not None))


def _typed(picked: Sequence[int]) -> Typed:
    words = {name: request.form.get(name, "") for name in ("errand", "out", "reason", "scope")}
    return Typed(frozenset(picked), **words)


def _in_place(refusal: Refused) -> Sequence[Problem]:
    return refusal.problems or [Problem("bulk", refusal.text)]


def _read_order() -> tuple[DecidingOrder | None, Sequence[Problem]]:
    form = BulkForm(request.form)
    if problems := form.problems():
        return None, problems
    errand, out = request.form.get("errand", ""), request.form.get("out", "")
    if errand not in set(Errand):
        return None, [Problem("errand", _NO_ERRAND)]
    verdict = Verdict(out) if out in (Verdict.DEFERRED, Verdict.REJECTED) else None
    return DecidingOrder(Errand(errand), verdict, form.reason.data), ()


def _page(meeting: Meeting, call: CallView, problems: Sequence[Problem] = (), typed: Typed = Typed()) -> str:
    session, actor = db.session(), current_actor()
    allocation = meeting_list(session, actor, call, meeting)
    decisions = decisions_at(session, meeting)
    wanted = _read_wanted(call)
    lines = [
        line
        for line in allocation.lines
        if wanted.keeps(line, decisions.get(line.entry.proposal_id), meeting.id)
    ]
    own = [d for d in decisions.values() if d.meeting_id == meeting.id]
    approved = sum(d.amount for d in decisions.values())
    return render_template(
        "committee/meeting_decisions.html",
        **head_of(meeting, call),
        rows=_rows(lines, call, decisions, _recused(meeting.id), meeting.id, typed.picked),
        number=len(lines),
        all_lines=len(allocation.lines),
        own=len(own),
        undecided=sum(line.entry.proposal_id not in decisions for line in allocation.lines),
        approved=approved,
        left=call.ceiling - approved,
        requested=sum(line.entry.requested for line in lines),
        granted=sum(line.granted for line in lines),
        resolved=sum(d.amount for line in lines if (d := decisions.get(line.entry.proposal_id)) is not None),
        wanted=wanted,
        options={
            name: Options(names.items()).html(getattr(wanted, name)) for name, names in _offered(call).items()
        },
        may_decide=meeting.state == OPEN
        and may(actor, Permission.RECORD_DECISION)
        and not Level(meeting.level).settles_list,
        preview=url_for("committee.preview_decisions", meeting_id=meeting.id, **wanted.query),
        typed=typed,
        problems=problems,
    )


def _in_words(verdict: Verdict, amount: int, number: str) -> Markup:
    money = f" {format_baht(amount)}" if amount else ""
    return Markup("{}{}{}").format(state_tag(verdict.value), money, f" ({number})" if number else "")


def _preview(meeting: Meeting, call: CallView, plan: Plan, *, is_new: bool = False) -> str:
    order = plan.order
    wanted = _read_wanted(call)
    return render_template(
        "committee/meeting_decisions_preview.html",
        **head_of(meeting, call),
        plan=plan,
        title=t("ลงมติตามบัญชี", "Decide as the list says")
        if order.errand is Errand.FOLLOW
        else t("ยืนยันตามมติเดิม", "Confirm the earlier decisions"),
        doable=plan.doable,
        barred=plan.barred,
        in_words=_in_words,
        fields={
            "errand": order.errand.value,
            "out": order.out.value if order.out else "",
            "reason": order.reason,
            "fingerprint": plan.fingerprint,
        },
        confirm=url_for("committee.record_many", meeting_id=meeting.id, **wanted.query),
        back=url_for("committee.meeting_decisions", meeting_id=meeting.id, **wanted.query),
        changed=CHANGED_MEANWHILE if is_new else None,
    )
