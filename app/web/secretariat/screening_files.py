"""The queue as filtered, as files: a workbook for people, and CSV of the list and of every finding."""

from __future__ import annotations

import io

from flask import request
from werkzeug.wrappers import Response

from app.calls.queries import CallView
from app.figures.facts import MEDIA_TYPES, PaperFormat
from app.figures.pen import Pen
from app.figures.press import print_document
from app.figures.screening_list import finding_table, queue_document, queue_table
from app.identity.queries import list_agencies
from app.identity.rules import Permission
from app.kernel.clock import BANGKOK
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused
from app.kernel.text import Text
from app.screening.casework import NOBODY, STANDING_NAMES, Standing
from app.screening.queries import (
    QueueRow,
    describe_queue,
    find_latest_runs,
    list_screeners,
)
from app.web.arrival import arrived
from app.web.door import needs
from app.web.downloads import send_download
from app.web.language import language
from app.web.secretariat.desk import blueprint
from app.web.secretariat.screening import (
    YES_NO,
    Asked,
    chosen_call,
    read_asked,
    read_queue,
    screened_calls,
)
from app.web.signing import current_actor
from app.web.tags import OUTCOME_NAMES
from reports.document import Table

MOST_IN_A_BOOK = 2_000  # filings whose findings a workbook holds: some seconds of writing
TOO_MANY = Text(
    "สมุดงาน Excel รับได้ไม่เกิน 2,000 เรื่อง กรุณากรองให้แคบลงหรือส่งออกเป็น CSV",
    "A workbook takes at most 2,000 filings; narrow the list, or take CSV.",
)


@blueprint.get("/screening/queue.xlsx")
@needs(Permission.RUN_SCREENING)
def screening_book() -> Response:
    """The list and every finding as a workbook."""
    call, asked, rows = _rows()
    if len(rows) > MOST_IN_A_BOOK:
        raise Refused(TOO_MANY)
    runs = find_latest_runs(db.session(), [row.id for row in rows])
    document = queue_document(
        rows,
        runs,
        call,
        language(),
        chosen=chosen_words(call, asked),
        made_at=arrived(),
        made_by=current_actor().name.say(language()),
    )
    data = print_document(document, PaperFormat.XLSX)
    return _send(data, call, Text("คิวกลั่นกรอง", "screening"), "xlsx", MEDIA_TYPES[PaperFormat.XLSX])


@blueprint.get("/screening/queue.csv")
@needs(Permission.RUN_SCREENING)
def screening_list() -> Response:
    """The list as CSV."""
    call, _, rows = _rows()
    return _send_csv(queue_table(rows, call, Pen(language())), call, Text("คิวกลั่นกรอง", "screening"))


@blueprint.get("/screening/findings.csv")
@needs(Permission.RUN_SCREENING)
def screening_findings() -> Response:
    """One row for each finding, as CSV."""
    call, _, rows = _rows()
    runs = find_latest_runs(db.session(), [row.id for row in rows])
    return _send_csv(finding_table(rows, runs, Pen(language())), call, Text("ผลกลั่นกรองรายข้อ", "findings"))


def _rows() -> tuple[CallView, Asked, list[QueueRow]]:
    session = db.session()
    call = chosen_call(screened_calls(session), request.args.get("call", ""))
    if call is None:
        raise NotFound()
    asked = read_asked(call, request.args)
    queue = read_queue(session, call, asked)
    return call, asked, describe_queue(session, call, [entry.proposal_id for entry in queue.fitting])


def chosen_words(call: CallView, asked: Asked) -> list[Text]:
    """What the list is narrowed to, in words; empty for the whole queue."""
    wanted, words = asked.wanted, []
    if wanted.text:
        words.append(Text(f"“{wanted.text}”", f"“{wanted.text}”"))
    if wanted.standing:
        words.append(STANDING_NAMES[Standing(wanted.standing)])
    if wanted.assignee == NOBODY:
        words.append(Text("ยังไม่มีผู้รับผิดชอบ", "nobody looks after it"))
    elif wanted.assignee:
        name = list_screeners(db.session()).get(int(wanted.assignee), Text("–", "–"))
        words.append(Text(f"ผู้รับผิดชอบ {name.th}", f"looked after by {name.en}"))
    if wanted.rule:
        words.append(next(rule.name for rule in call.rulebook.rules if rule.code == wanted.rule))
    if wanted.outcome:
        words.append(next(name for outcome, name in OUTCOME_NAMES.items() if outcome.value == wanted.outcome))
    if wanted.stage:
        words.append(call.plan.name("stages", wanted.stage))
    if wanted.ministry:
        words.append(
            next(
                (a.ministry for a in list_agencies(db.session()) if a.ministry_code == wanted.ministry),
                Text(wanted.ministry, wanted.ministry),
            )
        )
    for value, name in (
        (wanted.judged, Text("คำวินิจฉัยของเจ้าหน้าที่", "a person's judgement")),
        (wanted.overlaps, Text("ความซ้ำซ้อนที่ยังไม่พิจารณา", "unjudged overlaps")),
    ):
        if value:
            words.append(Text(f"{name.th}: {YES_NO[value].th}", f"{name.en}: {YES_NO[value].en.lower()}"))
    return words


def _send_csv(table: Table, call: CallView, name: Text) -> Response:
    from reports import write_csv  # imported late: the printing house is heavy

    target = io.BytesIO()
    write_csv(table, target)
    return _send(target.getvalue(), call, name, "csv", "text/csv; charset=utf-8")


def _send(data: bytes, call: CallView, name: Text, ending: str, media_type: str) -> Response:
    day = f"{arrived().astimezone(BANGKOK):%Y%m%d}"
    file_name = f"{name.say(language())}-{call.fiscal_year}-{day}.{ending}"
    return send_download(data, file_name, f"{name.en}-{call.fiscal_year}-{day}", media_type)
