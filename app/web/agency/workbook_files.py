"""What the pages of workbooks share, whatever these are of: a template sent out, a file taken in, the choices of a preview,
the same file given back marked."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, request
from werkzeug.wrappers import Response

from app.identity.facts import Actor
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.files import Area, FileStore, file_store
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import Work, open_work
from app.proposals.actions import EMPTY, TOO_LARGE, StoredFile, store_file
from app.web.agency.media import BAD_NAME, EXCEL, plain_name
from app.web.arrival import arrived
from app.web.downloads import send_download
from app.web.language import t
from app.web.signing import current_actor
from app.workbooks.actions import require_room
from app.workbooks.facts import Template
from app.workbooks.guard import Limits
from app.workbooks.models import UploadColumns
from app.workbooks.queries import Table, UploadRow, find_marked
from app.workbooks.uploads import signing_key

FEW = 200  # rows and faults shown at first
_CHOOSE_FILE = Text("กรุณาเลือกไฟล์ Excel ที่กรอกแล้ว", "Choose the workbook you have filled in")
_FIELD = "workbook-file"


def workbook_store() -> FileStore:
    """Where workbooks lie in this installation."""
    return file_store(current_app.config["DGI"], Area.WORKBOOKS)


def most_bytes() -> int:
    """How large a workbook may be."""
    return min(Limits().file_bytes, int(current_app.config["DGI"].upload_bytes))


def megabytes() -> int:
    """The same in whole megabytes, for words."""
    return most_bytes() >> 20


def send_template(template: Template, name: str) -> Response:
    """The template, signed, to be saved as `name`."""
    key = signing_key(current_app.config["DGI"].secret_key)
    db.session.rollback()  # a long one takes seconds to write
    from app.workbooks.writing import write_template  # imported late: it loads the writer of workbooks

    return send_download(write_template(template, key, arrived()), name, "template", EXCEL.media_type)


def receive_workbook(table: Table, keep: Callable[[Work[Actor], StoredFile], UploadColumns]) -> int:
    """The id of the workbook in this request, which `keep` puts in its room. Raises `Refused` with the problem at the
    file's field."""
    sent = request.files.get(_FIELD)
    if sent is None or not sent.filename:
        raise _refused(_CHOOSE_FILE)
    name, data = plain_name(sent.filename), sent.stream.read(most_bytes() + 1)
    for is_wrong, why in (
        (not name, BAD_NAME),
        (not data, EMPTY),
        (len(data) > most_bytes(), TOO_LARGE.fill(n=megabytes())),
    ):
        if is_wrong:
            raise _refused(why)
    try:
        require_room(db.session(), table, current_actor().id)
        file = store_file(workbook_store(), name, EXCEL.media_type, data)
        with open_work(current_actor(), arrived()) as work:
            return keep(work, file).id
    except Refused as refusal:
        raise _refused(refusal.text) from refusal


def _refused(why: Text) -> Refused:
    return Refused(why, [Problem(_FIELD, why)])


def read_choices() -> tuple[dict[str, str], str]:
    """What the person chose where both changed the same thing: place -> "mine" or "theirs", and which of them holds for
    all others ("" for none)."""
    if request.form.get("go") == "sheet":
        return {}, "mine"
    named = (
        (name.removeprefix("choice:"), side)
        for name, side in request.form.items()
        if name.startswith("choice:")
    )
    return {place: side for place, side in named if side in ("mine", "theirs")}, ""


def how_many_shown() -> int | None:
    """The most rows and faults to show; None for all."""
    return None if "all" in request.args else FEW


def send_marked(table: Table, row: UploadRow) -> Response:
    """The same workbook with what is to be mended marked in it. Raises `NotFound` where there is none."""
    data = workbook_store().get(find_marked(db.session(), table, row.id))
    name = f"{row.name.removesuffix('.xlsx')} {t('ทำเครื่องหมายแล้ว', 'marked')}.xlsx"
    return send_download(data, name, "marked", EXCEL.media_type)
