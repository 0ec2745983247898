"""A version of the rules tried out on a call, and adopted by it after a look at what would change."""

from __future__ import annotations

import io
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.facts import DocumentKind, Origin
from app.calls.queries import CallView, list_calls
from app.calls.rules import LONGEST_REASON
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Outcome, Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.states import STATES
from app.screening.actions.rulebooks import Adoption, adopt_version, plan_adoption
from app.screening.trying import Around, Became, FindingChange, Trial, Tried
from app.web.arrival import arrived
from app.web.door import needs
from app.web.downloads import send_download
from app.web.forms import Form, Paragraphs, by_place
from app.web.language import language, t
from app.web.secretariat.desk import blueprint
from app.web.secretariat.rulebooks import KIND_NAMES
from app.web.signing import current_actor
from app.web.tags import OUTCOME_NAMES, Options
from reports.csvs import write_csv
from reports.document import Column, Table

Page = str | Response | tuple[str, int]

PER_PAGE = 50
BECAME_NAMES = {
    Became.CAME: Text("พบใหม่", "New"),
    Became.GONE: Text("ไม่พบแล้ว", "No longer found"),
    Became.CHANGED: Text("เปลี่ยน", "Changed"),
}
BY_RULES = Text("เพราะข้อกำหนดต่างกัน", "Because the rules differ")
BY_ITSELF = Text(
    "ฉบับที่ใช้อยู่ก็ให้ผลเปลี่ยนอยู่แล้ว เพราะข้อมูลรอบข้างเปลี่ยนหรือยังไม่ได้กลั่นกรองด้วยฉบับนั้น",
    "The version in use would change it too: what is known around it changed, or it was not screened by that version yet",
)
_SHOWS = {
    "changed": Text("ทุกเรื่องที่มีอะไรเปลี่ยน", "Everything that changes"),
    "flips": Text("เฉพาะเรื่องที่ผลสรุปเปลี่ยน", "Only where the conclusion changes"),
}
_YEAR = Text("ปีงบประมาณ {year}", "Fiscal year {year}")
_AROUNDS = {
    Around.THEN: Text("เท่าที่รู้ครั้งล่าสุด", "As known then"),
    Around.NOW: Text("เท่าที่รู้ขณะนี้", "As known now"),
}


class AdoptionForm(Form):
    """Why the call goes over."""

    reason = Paragraphs(Text("เหตุผล", "Reason"), needed=True, longest=LONGEST_REASON)


def _calls() -> list[CallView]:
    """The calls a version can be tried on, the latest first: those that are screened."""
    return [call for call in list_calls(db.session()) if call.origin is not Origin.IMPORTED]


def _chosen(windows: Sequence[CallView]) -> CallView | None:
    """The call of the fiscal year in the address, else the latest. Raises `NotFound` for a year without one."""
    typed = request.args.get("call")
    if not typed:
        return windows[0] if windows else None
    window = next((w for w in windows if str(w.fiscal_year) == typed), None)
    if window is None:
        raise NotFound()
    return window


def _plan(document_id: int, window: CallView | None, around: Around = Around.NOW) -> Adoption:
    if window is None:
        raise NotFound()
    return plan_adoption(db.session(), current_actor(), window, document_id, around)


def _around() -> Around:
    return Around.NOW if request.args.get("around") == Around.NOW else Around.THEN


@blueprint.get("/rulebooks/<int:document_id>/try")
@needs(Permission.MANAGE_CALL)
def try_rulebook(document_id: int) -> str:
    """What the version would change among the filings of a call. Nothing is written."""
    windows = _calls()
    window = _chosen(windows)
    if window is None:
        return render_template("secretariat/rulebook_try.html", plan=None, document_id=document_id)
    around = _around()
    plan = _plan(document_id, window, around)
    show = request.args.get("show", "")
    rows = _rows(plan, show)
    after = request.args.get("after", "")[:20]
    shown = [row for row in rows if row.number > after]
    return render_template(
        "secretariat/rulebook_try.html",
        document_id=document_id,
        version=plan.value,
        kind_name=KIND_NAMES[plan.kind],
        call=plan.call,
        plan=plan,
        call_options=Options((str(w.fiscal_year), _YEAR.fill(year=w.fiscal_year)) for w in windows),
        show_options=Options(_SHOWS.items()),
        show=show if show in _SHOWS else "changed",
        around=around,
        around_options=Options(_AROUNDS.items()),
        rows=shown[:PER_PAGE],
        started=bool(after),
        following=shown[PER_PAGE - 1].number if len(shown) > PER_PAGE else None,
        **_words(),
    )


def _words() -> dict[str, object]:
    return {
        "became_names": BECAME_NAMES,
        "by_rules": BY_RULES,
        "by_itself": BY_ITSELF,
        "outcomes": tuple(Outcome),
    }


def _rows(plan: Adoption, show: str) -> tuple[Tried, ...]:
    changed = plan.trial.changed
    return tuple(row for row in changed if row.change.flips) if show == "flips" else changed


@blueprint.get("/rulebooks/<int:document_id>/try.csv")
@needs(Permission.MANAGE_CALL)
def tried_list(document_id: int) -> Response:
    """Everything that would change, finding by finding, for a spreadsheet."""
    plan = _plan(document_id, _chosen(_calls()), _around())
    target = io.BytesIO()
    write_csv(_table(_rows(plan, request.args.get("show", ""))), target)
    name = f"{plan.value.code}-{plan.value.version}-{plan.call.fiscal_year}.csv"
    return send_download(target.getvalue(), name, "trial", "text/csv")


def _table(rows: Sequence[Tried]) -> Table:
    columns = [
        ("number", t("เลขที่", "Number")),
        ("title", t("โครงการ", "Project")),
        ("agency", t("หน่วยงาน", "Agency")),
        ("state", t("สถานะ", "State")),
        ("now", t("ผลขณะนี้", "Counts now")),
        ("then", t("ผลตามฉบับที่ลอง", "Would be")),
        ("rule", t("ข้อกำหนด", "Rule")),
        ("became", t("สิ่งที่เปลี่ยน", "What becomes of it")),
        ("before", t("ข้อตรวจพบขณะนี้", "Found now")),
        ("after", t("ข้อตรวจพบตามฉบับที่ลอง", "Would be found")),
        ("why", t("เพราะ", "Because")),
        ("stays", t("หมายเหตุ", "Note")),
    ]
    said = language()
    return Table(
        "trial",
        t("ผลการลองใช้", "Trial"),
        tuple(Column(key, title) for key, title in columns),
        tuple(
            (
                row.number,
                row.title.say(said),
                row.agency.say(said),
                STATES[row.state].say(said),
                OUTCOME_NAMES[row.change.before].say(said) if row.change.before else "",
                OUTCOME_NAMES[row.change.after].say(said),
                *_finding_cells(finding, said),
                "; ".join(
                    words.say(said)
                    for holds, words in ((row.by_rules, BY_RULES), (row.by_circumstances, BY_ITSELF))
                    if holds
                ),
                row.stays.say(said) if row.stays else "",
            )
            for row in rows
            for finding in row.change.findings or (None,)
        ),
    )


def _finding_cells(change: FindingChange | None, said: str) -> tuple[str, str, str, str]:
    if change is None:
        return "", "", "", ""
    before = change.before.text.say(said) if change.before else ""
    after = change.after.text.say(said) if change.after else ""
    return change.rule_name.say(said), BECAME_NAMES[change.became].say(said), before, after


@blueprint.get("/rulebooks/<int:document_id>/adopt")
@needs(Permission.MANAGE_CALL)
def adopt_rulebook(document_id: int) -> str:
    """Exactly what adopting the version would do to a call, and the form to do it."""
    return _adoption_page(document_id, _chosen(_calls()))


@blueprint.post("/rulebooks/<int:document_id>/adopt")
@needs(Permission.MANAGE_CALL)
def adopt_rulebook_post(document_id: int) -> Page:
    """The call goes over, if what was looked at still holds."""
    window = _chosen(_calls())
    if window is None:
        raise NotFound()
    form = AdoptionForm(request.form)
    rerun = bool(request.form.get("rerun"))
    problems = form.problems()
    status = 422
    if not problems:
        token = request.form.get("token", "")
        try:
            with open_work(current_actor(), arrived()) as work:
                year = window.fiscal_year
                adopted = adopt_version(work, year, document_id, form.reason.data, token, rerun=rerun)
        except Stale as stale:
            problems, status = (Problem("token", stale.text),), 409
        except Refused as refusal:
            problems = refusal.problems or (Problem("token", refusal.text),)
        else:
            return _adopted(adopted.rerun.batch_id if adopted.rerun else None, adopted.kind, window)
    return _adoption_page(document_id, window, problems, form.typed("reason"), rerun=rerun), status


def _adopted(batch_id: int | None, kind: DocumentKind, window: CallView) -> Response:
    flash(
        t("รอบนี้ใช้%sฉบับใหม่แล้ว", "The call now uses the new version: %s")
        % t(KIND_NAMES[kind].th, KIND_NAMES[kind].en)
    )
    if batch_id is not None:
        return redirect(url_for("secretariat.batch", batch_id=batch_id), 303)
    return redirect(url_for("secretariat.call", fiscal_year=window.fiscal_year, _anchor="documents"), 303)


def _adoption_page(
    document_id: int,
    window: CallView | None,
    problems: Sequence[Problem] = (),
    reason: str = "",
    *,
    rerun: bool = True,
) -> str:
    plan = _plan(document_id, window)
    open_rows = [row for row in plan.trial.rows if row.stays is None]
    return render_template(
        "secretariat/rulebook_adopt.html",
        document_id=document_id,
        version=plan.value,
        kind_name=KIND_NAMES[plan.kind],
        call=plan.call,
        plan=plan,
        rows=[row for row in plan.trial.changed if row.stays is None][:PER_PAGE],
        flips=Trial(tuple(open_rows)).flips,
        touched=len(open_rows),
        changing=sum(not row.change.is_empty for row in open_rows),
        staying=len(plan.trial.rows) - len(open_rows),
        reason=reason,
        rerun=rerun,
        problems=problems,
        errors=by_place(problems),
        longest=LONGEST_REASON,
        **_words(),
    )
