"""Calls and their documents, readable: the window, the plan structure, the rubric and the rulebook in words."""

from __future__ import annotations

import re

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.calls.facts import PlanStructure
from app.calls.queries import get_call, list_calls
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.findings import Outcome
from app.kernel.text import Text
from app.kernel.work import open_work
from app.screening.actions import screen_call
from app.web.arrival import arrived
from app.web.door import needs
from app.web.language import count, t
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor

_PLACES = re.compile(r"\{\w+\}")
_LISTS = (
    ("platforms", Text("ระบบกลางและช่องทางการเชื่อมโยง", "Central systems and channels")),
    ("curricula", Text("หลักสูตรกลาง", "Common curricula")),
    ("categories", Text("ประเภทงบรายจ่าย", "Expenditure categories")),
    ("attachment_kinds", Text("ประเภทเอกสารแนบ", "Kinds of attachment")),
)


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
    found = get_call(db.session(), fiscal_year)
    return render_template(
        "secretariat/call.html",
        call=found,
        documents=(
            (t("โครงสร้างแผน", "Plan structure"), found.plan, found.plan_sha256),
            (t("เกณฑ์ให้คะแนน", "Rubric"), found.rubric, found.rubric_sha256),
            (t("ข้อกำหนดการกลั่นกรอง", "Rulebook"), found.rulebook, found.rulebook_sha256),
        ),
        lists=other_lists(found.plan),
        in_general=in_general,
        now=arrived(),
    )


@blueprint.post("/calls/<int:fiscal_year>/screen")
@needs(Permission.RUN_SCREENING)
def screen(fiscal_year: int) -> Response:
    """Run the rulebook again over every filing that is not decided yet."""
    with open_work(current_actor(), arrived()) as work:
        counts = screen_call(work, fiscal_year)
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
    return redirect(url_for("secretariat.call", fiscal_year=fiscal_year), 303)
