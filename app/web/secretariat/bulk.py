"""Orders for many filings: first a preview of exactly what would change, then the same or nothing."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.facts import Severity
from app.calls.queries import CallView
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Outcome, Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.screening.actions import CHANGED_MEANWHILE, carry_out, plan_bulk
from app.screening.casework import STANDING_NAMES, BulkOrder, Errand, Plan
from app.screening.queries import list_screeners
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.language import count, t
from app.web.secretariat.desk import blueprint
from app.web.secretariat.proposal import OverrideForm
from app.web.secretariat.screening import (
    KINDS,
    Asked,
    Typed,
    address_of,
    chosen_call,
    queue_page,
    read_asked,
    read_queue,
    screened_calls,
    with_query,
)
from app.web.signing import current_actor

_NO_ERRAND = Text("กรุณาเลือกสิ่งที่จะทำ", "Choose what to do")
_NO_PERSON = Text("กรุณาเลือกผู้รับผิดชอบ", "Choose who looks after them")
_FIELDS = ("errand", "scope", "assignee-to", "override-rule", "override-outcome", "override-reason")
_KIND_OF = {STANDING_NAMES[standing]: kind for standing, kind in KINDS.items()}

Page = Response | tuple[str, int] | str


@blueprint.post("/screening/preview")
@needs(Permission.RUN_SCREENING)
def preview_bulk() -> Page:
    """What would change, proposal by proposal; nothing is changed yet."""
    calls = screened_calls(db.session())
    call = chosen_call(calls, request.args.get("call", ""))
    if call is None:
        raise NotFound()
    asked = read_asked(call, request.args)
    order, problems = _read_order(call)
    if order is not None:
        if request.form.get("scope") == "all":
            picked = [entry.proposal_id for entry in read_queue(db.session(), call, asked).fitting]
        else:
            picked = _picked()
        try:
            plan = plan_bulk(db.session(), current_actor(), call, order, picked)
        except Refused as refusal:
            problems = _in_place(refusal)
        else:
            return _preview(call, asked, plan)
    typed = Typed(frozenset(_picked()), {name: request.form.get(name, "") for name in _FIELDS})
    return queue_page(calls, call, problems, typed), 422


@blueprint.post("/screening/carry-out")
@needs(Permission.RUN_SCREENING)
def carry_out_bulk() -> Page:
    """Do what was previewed. If anything changed since, do nothing and show the preview anew."""
    calls = screened_calls(db.session())
    call = chosen_call(calls, request.args.get("call", ""))
    if call is None:
        raise NotFound()
    asked, picked = read_asked(call, request.args), _picked()
    order, problems = _read_order(call)
    if order is not None:
        try:
            with open_work(current_actor(), arrived()) as work:
                plan = carry_out(work, call, order, picked, request.form.get("fingerprint", ""))
        except Stale:
            return _preview(
                call, asked, plan_bulk(db.session(), current_actor(), call, order, picked), is_new=True
            ), 409
        except Refused as refusal:
            problems = _in_place(refusal)
        else:
            flash(_said(plan))
            return redirect(address_of(call, asked), 303)
    typed = Typed(frozenset(picked), {name: request.form.get(name, "") for name in _FIELDS})
    return queue_page(calls, call, problems, typed), 422


def _picked() -> list[int]:
    ids = [read_id(typed) for typed in request.form.getlist("pick")]
    if None in ids:
        raise NotFound()
    return list(dict.fromkeys(i for i in ids if i is not None))


def _in_place(refusal: Refused) -> Sequence[Problem]:
    """What is refused, at the field of the queue's page it is about."""
    places = {"assignee": "assignee-to"}
    if not refusal.problems:
        return [Problem("bulk", refusal.text)]
    return [Problem(places.get(p.place, p.place), p.text) for p in refusal.problems]


def _read_order(call: CallView) -> tuple[BulkOrder | None, Sequence[Problem]]:
    errand = request.form.get("errand", "")
    if errand not in list(Errand):
        return None, [Problem("bulk", _NO_ERRAND)]
    if errand == Errand.ASSIGN:
        assignee_id = read_id(request.form.get("assignee-to"))
        if assignee_id is None:
            return None, [Problem("assignee-to", _NO_PERSON)]
        return BulkOrder(Errand.ASSIGN, assignee_id=assignee_id), ()
    if errand == Errand.OVERRIDE:
        form = OverrideForm(request.form, prefix="override")
        form.rule.offered = {r.code for r in call.rulebook.rules if r.severity is Severity.DECIDES}
        if problems := form.problems():
            return None, problems
        return BulkOrder(
            Errand.OVERRIDE,
            rule=form.rule.data,
            outcome=Outcome(form.outcome.data),
            reason=form.reason.data,
        ), ()
    return BulkOrder(Errand(errand)), ()


def _titles(order: BulkOrder) -> str:
    return {
        Errand.ASSIGN: t("มอบหมายผู้รับผิดชอบ", "Give to somebody to look after"),
        Errand.RELEASE: t("ยกเลิกผู้รับผิดชอบ", "Take away from whoever looks after them"),
        Errand.RERUN: t("กลั่นกรองใหม่", "Screen again"),
        Errand.OVERRIDE: t("วินิจฉัยข้อเดียวกันทุกเรื่อง", "Judge one rule the same for all"),
    }[order.errand]


def _said(plan: Plan) -> str:
    done, left = len(plan.doable), len(plan.barred)
    words = {
        Errand.ASSIGN: t("มอบหมายแล้ว %s เรื่อง", "Handed over: %s"),
        Errand.RELEASE: t("ยกเลิกผู้รับผิดชอบแล้ว %s เรื่อง", "Taken away: %s"),
        Errand.RERUN: t("กลั่นกรองใหม่แล้ว %s เรื่อง", "Screened again: %s"),
        Errand.OVERRIDE: t("บันทึกคำวินิจฉัยแล้ว %s เรื่อง", "Judged: %s"),
    }[plan.order.errand] % count(done)
    rest = t(" อีก %s เรื่องคงเดิมตามที่แจ้งในตัวอย่าง", ". Left as they were, as the preview said: %s")
    return words + (rest % count(left) if left else "")


def _preview(call: CallView, asked: Asked, plan: Plan, *, is_new: bool = False) -> str:
    order = plan.order
    fields = {"errand": order.errand.value, "fingerprint": plan.fingerprint}
    if order.assignee_id is not None:
        fields["assignee-to"] = str(order.assignee_id)
    if order.outcome is not None:
        fields |= {
            "override-rule": order.rule,
            "override-outcome": order.outcome.value,
            "override-reason": order.reason,
        }
    people = list_screeners(db.session()) if order.assignee_id is not None else {}
    return render_template(
        "secretariat/bulk.html",
        call=call,
        plan=plan,
        title=_titles(order),
        moved=[step for step in plan.doable if not step.is_same],
        same=[step for step in plan.doable if step.is_same],
        barred=plan.barred,
        rule=next((r.name for r in call.rulebook.rules if r.code == order.rule), None),
        person=people.get(order.assignee_id) if order.assignee_id is not None else None,
        outcome=order.outcome,
        kind_of=_KIND_OF,
        fields=fields,
        confirm=with_query(url_for("secretariat.carry_out_bulk"), call, asked),
        back=address_of(call, asked),
        changed=CHANGED_MEANWHILE if is_new else None,
    )
