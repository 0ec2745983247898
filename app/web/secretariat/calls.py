"""Calls and their documents, readable: the window, the plan structure, the rubric and the rulebook in words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.calls import actions
from app.calls.facts import PlanStructure, deadline_of
from app.calls.queries import get_call, list_calls, list_extensions
from app.calls.rules import LONGEST_REASON, extension_problems
from app.identity.queries import list_agencies
from app.identity.rules import Permission, may
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Outcome, Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.queries import count_states_by_call
from app.proposals.states import APPROVED, CONDITIONAL, DEFERRED, REJECTED
from app.screening.actions import screen_call
from app.screening.queries.batches import list_batches
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import Choice, Form, Paragraphs, by_place, read_id
from app.web.language import count, t
from app.web.moments import MONTH_OPTIONS, TypedMoment
from app.web.secretariat.desk import blueprint
from app.web.secretariat.screenings import CAUSES
from app.web.signing import current_actor
from app.web.tags import Options

_EVERY_AGENCY = "all"
_FIELDS = ("agency", "closes_at", "reason")
_DECIDED = frozenset({APPROVED, CONDITIONAL, DEFERRED, REJECTED})
_PLACES = re.compile(r"\{\w+\}")
_LISTS = (
    ("platforms", Text("ระบบกลางและช่องทางการเชื่อมโยง", "Central systems and channels")),
    ("curricula", Text("หลักสูตรกลาง", "Common curricula")),
    ("categories", Text("ประเภทงบรายจ่าย", "Expenditure categories")),
    ("attachment_kinds", Text("ประเภทเอกสารแนบ", "Kinds of attachment")),
)


class ExtensionForm(Form):
    """For whom a call is extended, and why; the new moment is read by `TypedMoment`."""

    agency = Choice(Text("ผู้ที่ขยายเวลาให้", "For whom"), needed=True)
    reason = Paragraphs(Text("เหตุผล", "Reason"), needed=True, longest=LONGEST_REASON)


def in_general(text: Text) -> Text:
    """The wording of a rule with its blanks shown as dots."""
    return Text(_PLACES.sub("…", text.th), _PLACES.sub("…", text.en))


def other_lists(plan: PlanStructure) -> list[tuple[Text, tuple[Text, ...]]]:
    """The lists a form of this plan offers besides its structure."""
    return [(name, tuple(c.name for c in getattr(plan, key))) for key, name in _LISTS if getattr(plan, key)]


@blueprint.get("/calls")
@needs(Permission.READ_CALL)
def calls() -> str:
    """All calls, latest first."""
    return render_template("secretariat/calls.html", calls=list_calls(db.session()), now=arrived())


@blueprint.get("/calls/<int:fiscal_year>")
@needs(Permission.READ_CALL)
def call(fiscal_year: int) -> str:
    """One call and everything it is judged by."""
    return _call(fiscal_year)


def _call(
    fiscal_year: int, typed: Mapping[str, str] | None = None, problems: tuple[Problem, ...] = ()
) -> str:
    session = db.session()
    found = get_call(session, fiscal_year)
    deadline = deadline_of(found, None)
    may_extend = may(current_actor(), Permission.MANAGE_CALL)
    until = TypedMoment.of("closes_at", max(deadline.closes_at, arrived()) + timedelta(days=1))
    return render_template(
        "secretariat/call.html",
        call=found,
        deadline=deadline,
        extensions=list_extensions(session, found.id),
        is_decided=may_extend and _is_decided(session, found.id),
        agency_options=_agency_options(session) if may_extend else None,
        until=TypedMoment.sent("closes_at", typed) if typed is not None else until,
        months=MONTH_OPTIONS,
        typed=typed or {},
        problems=problems,
        documents=[
            (t("โครงสร้างแผน", "Plan structure"), found.plan, found.plan_sha256, None),
            (t("เกณฑ์ให้คะแนน", "Rubric"), found.rubric, found.rubric_sha256, None),
            (
                t("ข้อกำหนดการกลั่นกรอง", "Rulebook"),
                found.rulebook,
                found.rulebook_sha256,
                found.rulebook_id,
            ),
            *(
                [(t("ราคาอ้างอิง", "Reference prices"), found.prices, found.prices_sha256, found.prices_id)]
                if found.prices
                else []
            ),
        ],
        batches=list_batches(session, found.id, 5) if may(current_actor(), Permission.RUN_SCREENING) else [],
        causes=CAUSES,
        lists=other_lists(found.plan),
        in_general=in_general,
        now=arrived(),
    )


def _agency_options(session: Session) -> Options:
    everybody = (_EVERY_AGENCY, Text("ทุกหน่วยงาน", "Every agency"))
    return Options([everybody, *((str(agency.id), agency.name) for agency in list_agencies(session))])


def _is_decided(session: Session, call_id: int) -> bool:
    """Whether the committee has decided on any proposal of the call."""
    return bool(count_states_by_call(session).get(call_id, {}).keys() & _DECIDED)


@blueprint.post("/calls/<int:fiscal_year>/extensions")
@needs(Permission.MANAGE_CALL)
def extend(fiscal_year: int) -> Response | tuple[str, int]:
    """Put the closing moment off, for every agency or for one."""
    form = ExtensionForm(request.form)
    form.agency.offered = {_EVERY_AGENCY, *(str(agency.id) for agency in list_agencies(db.session()))}
    agency_id = read_id(form.agency.data)  # None for every agency
    closes_at, wrong = TypedMoment.sent("closes_at", request.form).read()
    problems = _all_problems(
        (*form.problems(), *wrong), fiscal_year, agency_id, closes_at, form.typed("reason")
    )
    if not problems and closes_at is not None:
        try:
            with open_work(current_actor(), arrived()) as work:
                is_decided = _is_decided(work.session, get_call(work.session, fiscal_year).id)
                actions.extend_call(
                    work, fiscal_year, agency_id, closes_at, form.reason.data, is_decided=is_decided
                )
        except Refused as refusal:
            problems = refusal.problems or (Problem("deadline", refusal.text),)
    if problems:
        return _call(fiscal_year, request.form, problems), 422
    flash(
        t(
            "ขยายเวลาแล้ว กำหนดใหม่มีผลทันทีและแสดงในทุกหน้า",
            "Extended. The new deadline holds at once and stands on every page.",
        )
    )
    return redirect(url_for("secretariat.call", fiscal_year=fiscal_year, _anchor="deadline"), 303)


def _all_problems(
    typed: Sequence[Problem], fiscal_year: int, agency_id: int | None, closes_at: datetime | None, reason: str
) -> tuple[Problem, ...]:
    """What cannot be read and what the rule refuses, told at once, in the order of the fields."""
    places = by_place(typed)
    deadline = deadline_of(get_call(db.session(), fiscal_year), agency_id)
    told = extension_problems(deadline, closes_at, reason, arrived())
    problems = (*typed, *(problem for problem in told if problem.place not in places))
    return tuple(sorted(problems, key=lambda p: _FIELDS.index(p.place.split("-")[0])))


@blueprint.post("/calls/<int:fiscal_year>/extensions/<int:extension_id>/end")
@needs(Permission.MANAGE_CALL)
def end_extension(fiscal_year: int, extension_id: int) -> Response:
    """Let the earlier deadline hold again."""
    with open_work(current_actor(), arrived()) as work:
        if extension_id not in {
            e.id for e in list_extensions(work.session, get_call(work.session, fiscal_year).id)
        }:
            raise NotFound()
        actions.end_extension(work, extension_id)
    flash(t("ยุติการขยายเวลาแล้ว", "The extension is ended."))
    return redirect(url_for("secretariat.call", fiscal_year=fiscal_year, _anchor="deadline"), 303)


@blueprint.post("/calls/<int:fiscal_year>/screen")
@needs(Permission.RUN_SCREENING)
def screen(fiscal_year: int) -> Response:
    """Run the rulebook again over every filing that is not decided yet."""
    with open_work(current_actor(), arrived()) as work:
        rerun = screen_call(work, fiscal_year)
    counts = rerun.counts
    flash(
        t(
            "กลั่นกรองใหม่ %s รายการ: ผ่าน %s ต้องมีเจ้าหน้าที่พิจารณา %s ไม่ผ่าน %s",
            "Screened %s proposals again: %s pass, %s need a person, %s fail",
        )
        % (
            count(sum(counts.values())),
            *(count(counts.get(o, 0)) for o in (Outcome.PASSES, Outcome.NEEDS_PERSON, Outcome.FAILS)),
        )
    )
    if rerun.batch_id is None:
        return redirect(url_for("secretariat.call", fiscal_year=fiscal_year), 303)
    return redirect(url_for("secretariat.batch", batch_id=rerun.batch_id), 303)
