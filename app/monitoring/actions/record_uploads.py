"""Filled-in workbooks of reports: who may send one, and what becomes of the report when it is taken in or dropped.
`workbooks.actions` has the rest of their life."""

from __future__ import annotations

from collections.abc import Mapping

from app.identity.facts import Actor
from app.identity.rules import Permission
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.text import Text
from app.kernel.work import Work
from app.monitoring.actions.reporting import own_report, save_report
from app.monitoring.merging import choose, merge_sheet
from app.monitoring.models import ProgressRecord, RecordUpload
from app.monitoring.queries.record_uploads import NOT_BEING_WRITTEN, find_subject
from app.monitoring.report_readings import list_wrong
from app.monitoring.states import WRITABLE
from app.proposals.actions import StoredFile
from app.workbooks.actions import NOT_TAKEN, UNDECIDED, Undecided, end_upload, take_in_hand
from app.workbooks.uploads import UPLOAD_LIFE, parse_result

TOPIC = "read_report_workbook"

CHANGED_SINCE_SEEN = Text(
    "รายงานเปลี่ยนไปหลังจากที่ท่านเปิดหน้านี้ ยังไม่มีสิ่งใดถูกนำเข้า ด้านล่างคือสิ่งที่จะเปลี่ยนเมื่อเทียบกับรายงานล่าสุด กรุณาตรวจอีกครั้ง",
    "The report changed after you opened this page, so nothing was taken in. Below is what would change in the report as "
    "it is now; please look again",
)


def upload_report_workbook(work: Work[Actor], record_id: int, file: StoredFile) -> RecordUpload:
    """A workbook whose bytes are in the store, for a report; reading it is promised. Raises `NotFound`, and `Refused`
    for a report that is not being written or too many workbooks not read yet."""
    record = _writable(work, record_id)
    upload = take_in_hand(work, RecordUpload(record_id=record_id), file, TOPIC)
    work.audit(
        "upload_report_workbook",
        f"report:{record_id}",
        agency_id=record.agency_id,
        after=file.sha256,
        detail={"workbook": upload.id, "size": file.size},
    )
    return upload


def apply_record_upload(
    work: Work[Actor], upload_id: int, seen: int, chosen: Mapping[str, str], otherwise: str = ""
) -> ProgressRecord:
    """Take the whole workbook into the report, or nothing.

    `seen` is the report's version its preview was compared with; `chosen` says "mine" (the workbook) or "theirs" for every
    cell both changed, `otherwise` for those it leaves out. Raises `Stale` where the report has another version by now,
    `Undecided`, `Refused` with every problem of what would come out, `NotFound`.
    """
    upload = _own(work, upload_id)
    record = _writable(work, upload.record_id)
    UPLOAD_LIFE.after(upload.state, "apply")
    if record.version != seen:
        raise Stale(CHANGED_SINCE_SEEN)
    value = parse_result(upload.result or "").values["report"]
    subject = find_subject(work.session, record.id, work.now)
    merged = merge_sheet(value.get("base"), value["cells"], subject.cells)
    sides = {clash.place: chosen.get(clash.place, otherwise) for clash in merged.clashes}
    if not {"mine", "theirs"}.issuperset(sides.values()):
        raise Undecided(UNDECIDED)
    cells = choose(merged, sides)
    if wrong := list_wrong(cells, value["cells"], subject):
        raise Refused(NOT_TAKEN, wrong)
    save_report(work, record.id, cells, seen)
    end_upload(work, upload, "apply")
    upload.record_version = record.version
    work.audit(
        "apply_report_workbook",
        f"report:{record.id}",
        agency_id=record.agency_id,
        after=upload.sha256,
        detail={"workbook": upload_id, "version": record.version},
    )
    return record


def drop_record_upload(work: Work[Actor], upload_id: int) -> None:
    """The person does not want it. Raises `NotFound`, and `Refused` once it is applied or dropped."""
    upload = _own(work, upload_id)
    end_upload(work, upload, "drop")
    work.audit(
        "drop_report_workbook",
        f"report:{upload.record_id}",
        after=upload.sha256,
        detail={"workbook": upload_id},
    )


def _own(work: Work[Actor], upload_id: int) -> RecordUpload:
    upload = work.session.get(RecordUpload, upload_id, with_for_update=True)
    if upload is None:
        raise NotFound()
    own_report(work, upload.record_id, Permission.REPORT_PROGRESS)
    return upload


def _writable(work: Work[Actor], record_id: int) -> ProgressRecord:
    record = own_report(work, record_id, Permission.REPORT_PROGRESS)
    if record.state not in WRITABLE:
        raise Refused(NOT_BEING_WRITTEN)
    return record
