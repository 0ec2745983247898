"""Taking a meeting in hand to change it, or what is prepared for it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm.attributes import flag_modified

from app.decisions.models import Meeting
from app.decisions.states import MEETING_STATES, UNDERWAY
from app.identity.facts import Actor
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.text import Text
from app.kernel.work import Work

NOT_SAVED = Text("ยังไม่ได้บันทึกการประชุม", "The meeting was not saved")
CHANGED_MEANWHILE = Text(
    "มีผู้แก้ไขการประชุมนี้ไปแล้วระหว่างที่ท่านเปิดหน้านี้ กรุณาตรวจแล้วบันทึกอีกครั้ง",
    "Somebody changed this meeting while you had the page open; check and save again",
)
NOT_IN_STATE = Text(
    "แก้ไขไม่ได้แล้ว เพราะการประชุมนี้มีสถานะ “{state}”", "This can no longer be changed: the meeting is “{state}”"
)


def hold_meeting(
    work: Work[Actor], meeting_id: int, expected: int | None, states: Collection[str] = UNDERWAY
) -> Meeting:
    """Lock a meeting to change it, or what is prepared for it: everything under it then has a new version.

    Raises `NotFound`, `Stale` for a form of an earlier version, `Refused` in any other state.
    """
    meeting = work.session.get(Meeting, meeting_id, with_for_update=True, populate_existing=True)
    if meeting is None:
        raise NotFound()
    if expected is not None and meeting.version != expected:
        raise Stale(CHANGED_MEANWHILE)
    if meeting.state not in states:
        raise Refused(NOT_IN_STATE.fill(state=MEETING_STATES[meeting.state]))
    flag_modified(meeting, "subject")  # so that the version counts up, whatever changes under it
    return meeting
