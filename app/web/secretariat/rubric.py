"""The rubric of a call: its versions, offering another as a file, and going over to it in the middle of the round."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.facts import Criterion, Rubric
from app.calls.queries import get_call
from app.calls.rules import LONGEST_REASON
from app.calls.toml_text import LARGEST_FILE, FileFault, FileRefused, write_toml
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.actions import adopt_rubric_version, offer_rubric, plan_rubric
from app.reviews.queries.rubrics import (
    list_rubric_changes,
    list_rubric_uses,
    list_rubrics,
    read_rubric_document,
)
from app.web.arrival import arrived
from app.web.door import needs
from app.web.downloads import send_download
from app.web.forms import Form, Paragraphs, by_place
from app.web.language import count, t
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]

_NO_FILE = Text("กรุณาเลือกแฟ้ม", "Choose a file")
_SEE_BELOW = Text(
    "แฟ้มนี้ยังใช้ไม่ได้ ดูจุดที่ต้องแก้ {count} จุดในตาราง ฉบับเดิมทุกฉบับยังอยู่ครบ",
    "The file cannot be used as it stands; places to mend, listed below: {count}. Every version there was is as it was.",
)
# the order in which a file is written for people to go on with
_KEYS = (
    *("code", "version", "comment_levels", "comment_length", "title"),
    *("weight", "name", "question", "anchors", "th", "en", "criteria"),
)


class AdoptionForm(Form):
    """Why the call goes over."""

    reason = Paragraphs(Text("เหตุผล", "Reason"), needed=True, longest=LONGEST_REASON)


@blueprint.get("/calls/<int:fiscal_year>/rubric")
@needs(Permission.MANAGE_CALL)
def rubric(fiscal_year: int) -> str:
    """The versions there are, which reviews stand under which, and the form to offer another."""
    return _page(fiscal_year)


@blueprint.post("/calls/<int:fiscal_year>/rubric")
@needs(Permission.MANAGE_CALL)
def offer_rubric_post(fiscal_year: int) -> Page:
    """Take a file in as a version, or tell everything that is wrong with it."""
    get_call(db.session(), fiscal_year)
    sent = request.files.get("rubric-file")
    if sent is None or not sent.filename:
        return _page(fiscal_year, [Problem("rubric-file", _NO_FILE)]), 422
    data = sent.stream.read(LARGEST_FILE + 1)
    try:
        with open_work(current_actor(), arrived()) as work:
            offered = offer_rubric(work, data)
    except FileRefused as refusal:
        problem = Problem("rubric-file", _SEE_BELOW.fill(count=len(refusal.faults)))
        return _page(fiscal_year, [problem], refusal.faults, sent.filename[:120]), 422
    told = (
        t(
            "รับไว้เป็น %s ฉบับที่ %d แล้ว ยังไม่มีรอบใดใช้จนกว่าจะนำไปใช้",
            "Kept as %s version %d. No call uses it until it is adopted.",
        )
        if offered.is_new
        else t("เนื้อหานี้มีอยู่แล้ว (%s ฉบับที่ %d)", "This content was there already (%s version %d).")
    )
    flash(told % (offered.code, offered.version))
    return redirect(
        url_for("secretariat.adopt_rubric", fiscal_year=fiscal_year, document_id=offered.document_id), 303
    )


def _page(
    fiscal_year: int,
    problems: Sequence[Problem] = (),
    faults: Sequence[FileFault] = (),
    file_name: str = "",
) -> str:
    session, actor = db.session(), current_actor()
    call = get_call(session, fiscal_year)
    return render_template(
        "secretariat/rubric.html",
        call=call,
        versions=list_rubrics(session),
        uses=list_rubric_uses(session, actor, call.id),
        changes=list_rubric_changes(session, call.id),
        kilobytes=LARGEST_FILE // 1024,
        problems=problems,
        errors=by_place(problems),
        faults=faults,
        file_name=file_name,
    )


@blueprint.get("/rubrics/<int:document_id>/file.toml")
@needs(Permission.MANAGE_CALL)
def rubric_file(document_id: int) -> Response:
    """A version as a file, to go on from: read again, it is the same version."""
    version, document = read_rubric_document(db.session(), document_id)
    data = write_toml(document, _KEYS).encode()
    return send_download(data, f"{version.code}-{version.version}.toml", "rubric", "application/toml")


@dataclass(frozen=True, slots=True)
class ChangedCriterion:
    """A criterion in both versions; None where a version is without it."""

    before: Criterion | None
    after: Criterion | None

    @property
    def kind(self) -> str:
        """same, weight (nothing else), words, new or gone."""
        if self.before is None:
            return "new"
        if self.after is None:
            return "gone"
        if self.before == self.after:
            return "same"
        words = ("name", "question", "anchors")
        return "words" if any(getattr(self.before, w) != getattr(self.after, w) for w in words) else "weight"


def compare_rubrics(before: Rubric, after: Rubric) -> list[ChangedCriterion]:
    """The criteria of two versions side by side, in the order of the new one, what is gone last."""
    old = {c.code: c for c in before.criteria}
    new = {c.code: c for c in after.criteria}
    return [ChangedCriterion(old.get(code), new.get(code)) for code in dict.fromkeys((*new, *old))]


@blueprint.get("/calls/<int:fiscal_year>/rubric/<int:document_id>")
@needs(Permission.MANAGE_CALL)
def adopt_rubric(fiscal_year: int, document_id: int) -> str:
    """Exactly what adopting the version would do to the round, and the form to do it."""
    return _adoption_page(fiscal_year, document_id)


@blueprint.post("/calls/<int:fiscal_year>/rubric/<int:document_id>")
@needs(Permission.MANAGE_CALL)
def adopt_rubric_post(fiscal_year: int, document_id: int) -> Page:
    """The call goes over, if what was looked at still holds."""
    form = AdoptionForm(request.form)
    problems, status = form.problems(), 422
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                plan = adopt_rubric_version(
                    work, fiscal_year, document_id, form.reason.data, request.form.get("token", "")
                )
        except Stale as stale:
            problems, status = (Problem("effect", stale.text),), 409
        except Refused as refusal:
            problems = refusal.problems or (Problem("effect", refusal.text),)
        else:
            flash(
                t(
                    "รอบนี้ใช้เกณฑ์ฉบับที่ %d แล้ว ย้ายการพิจารณาที่ยังไม่เริ่ม %s รายการ คงเดิม %s รายการ",
                    "The call now uses version %d. Reviews not begun that went over: %s; kept with theirs: %s.",
                )
                % (plan.value.version, count(plan.untouched), count(plan.begun + plan.done))
            )
            return redirect(url_for("secretariat.rubric", fiscal_year=fiscal_year), 303)
    return _adoption_page(fiscal_year, document_id, problems, form.typed("reason")), status


def _adoption_page(
    fiscal_year: int, document_id: int, problems: Sequence[Problem] = (), reason: str = ""
) -> str:
    session = db.session()
    call = get_call(session, fiscal_year)
    plan = plan_rubric(session, current_actor(), call, document_id)
    return render_template(
        "secretariat/rubric_adopt.html",
        call=call,
        plan=plan,
        criteria=compare_rubrics(call.rubric, plan.value),
        reason=reason,
        longest=LONGEST_REASON,
        problems=problems,
        errors=by_place(problems),
    )
