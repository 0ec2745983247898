"""Assignments as a file: taken home, changed in a spreadsheet, previewed row by row, and carried out or not."""

from __future__ import annotations

import io
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.actions.bulk import CHANGED_MEANWHILE, apply_file
from app.reviews.queries.rounds import get_round
from app.reviews.queries.seat_plan import OUTCOMES, FilePlan, Outcome, list_seats, plan_file
from app.reviews.seat_file import (
    ACTIONS,
    COLUMNS,
    LARGEST_FILE,
    MOST_ROWS,
    FileAction,
    SeatFile,
    read_file,
    read_rows,
)
from app.reviews.states import ASSIGNMENT_STATES
from app.web.arrival import arrived
from app.web.door import needs
from app.web.downloads import send_download
from app.web.forms import by_place
from app.web.language import count, language, t
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor
from reports.csvs import write_csv
from reports.document import Column, Table

Page = str | Response | tuple[str, int]

_NO_FILE = Text("กรุณาเลือกแฟ้ม", "Choose a file")
KINDS = {
    Outcome.GIVE: "good",
    Outcome.GIVE_AGAIN: "sent",
    Outcome.TAKE_BACK: "warn",
    Outcome.NOTHING: "plain",
    Outcome.PROBLEM: "bad",
}


@blueprint.get("/calls/<int:fiscal_year>/assignments/file")
@needs(Permission.ASSIGN_REVIEWER)
def assignments_file(fiscal_year: int) -> str:
    """What the file looks like, the present assignments as one, and the form to send one in."""
    return _form(get_call(db.session(), fiscal_year))


@blueprint.get("/calls/<int:fiscal_year>/assignments/file.csv")
@needs(Permission.ASSIGN_REVIEWER)
def assignments_csv(fiscal_year: int) -> Response:
    """The present assignments, in the very form that is read; sent in as it is, it changes nothing."""
    session, said = db.session(), language()
    call = get_call(session, fiscal_year)
    action = ACTIONS[FileAction.ASSIGN].say(said)
    table = Table(
        "assignments",
        t("การมอบหมาย", "Assignments"),
        (
            *(Column(key, words.say(said)) for key, words in COLUMNS.items()),
            Column("reviewer", t("ผู้พิจารณา", "Reviewer")),
            Column("state", t("สถานะ", "State")),
        ),
        tuple(
            (
                row.number,
                row.email,
                action,
                "",
                row.reviewer.say(said),
                ASSIGNMENT_STATES[row.state].say(said),
            )
            for row in list_seats(session, current_actor(), call.id)
        ),
    )
    target = io.BytesIO()
    write_csv(table, target)
    return send_download(target.getvalue(), f"assignments-file-{fiscal_year}.csv", "assignments", "text/csv")


@blueprint.post("/calls/<int:fiscal_year>/assignments/file")
@needs(Permission.ASSIGN_REVIEWER)
def preview_assignments(fiscal_year: int) -> Page:
    """What the file would do, row by row; nothing is changed yet."""
    session = db.session()
    call = get_call(session, fiscal_year)
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _form(call, [Problem("file", _NO_FILE)]), 422
    try:
        file = read_file(sent.stream.read(LARGEST_FILE + 1))
    except Refused as refusal:
        return _form(call, refusal.problems), 422
    plan = plan_file(session, current_actor(), call.id, file.rows)
    return _preview(call, file, plan)


@blueprint.post("/calls/<int:fiscal_year>/assignments/file/apply")
@needs(Permission.ASSIGN_REVIEWER)
def apply_assignments(fiscal_year: int) -> Page:
    """Do what was previewed. If anything changed since, do nothing and show the preview anew."""
    session = db.session()
    call = get_call(session, fiscal_year)
    try:
        text = request.form.get("content", "")
        file = SeatFile(text, read_rows(text))
    except Refused as refusal:
        return _form(call, refusal.problems), 422
    try:
        with open_work(current_actor(), arrived()) as work:
            plan = apply_file(work, call.id, file.rows, request.form.get("fingerprint", ""))
    except Stale:
        plan = plan_file(session, current_actor(), call.id, file.rows)
        return _preview(call, file, plan, CHANGED_MEANWHILE), 409
    except Refused as refusal:
        plan = plan_file(session, current_actor(), call.id, file.rows)
        return _preview(call, file, plan, refusal.text), 422
    given = len(plan.of(Outcome.GIVE, Outcome.GIVE_AGAIN))
    taken = len(plan.of(Outcome.TAKE_BACK))
    flash(
        t(
            "ทำตามแฟ้มแล้ว มอบหมาย %s รายการ ยกเลิก %s รายการ",
            "Done as in the file. Assigned: %s; taken back: %s",
        )
        % (count(given), count(taken))
        if plan.changes
        else t("ทุกแถวเป็นเช่นนั้นอยู่แล้ว ไม่มีสิ่งใดเปลี่ยน", "Every row was so already; nothing changed")
    )
    return redirect(url_for("secretariat.assignments_file", fiscal_year=fiscal_year), 303)


def _form(call: CallView, problems: Sequence[Problem] = ()) -> str:
    said = language()
    return render_template(
        "secretariat/assignments_file.html",
        call=call,
        round=get_round(db.session(), call.id),
        columns=[words.say(said) for words in COLUMNS.values()],
        actions=[words.say(said) for words in ACTIONS.values()],
        kilobytes=LARGEST_FILE // 1024,
        most=MOST_ROWS,
        problems=problems,
        errors=by_place(problems),
    )


def _preview(call: CallView, file: SeatFile, plan: FilePlan, changed: Text | None = None) -> str:
    return render_template(
        "secretariat/assignments_preview.html",
        call=call,
        plan=plan,
        given=plan.of(Outcome.GIVE, Outcome.GIVE_AGAIN),
        taken=plan.of(Outcome.TAKE_BACK),
        same=plan.of(Outcome.NOTHING),
        notes=file.notes,
        content=file.text,
        actions=ACTIONS,
        outcomes={outcome: (KINDS[outcome], words) for outcome, words in OUTCOMES.items()},
        changed=changed,
    )
