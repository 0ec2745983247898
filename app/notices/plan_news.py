"""News of changes of plans: what was asked for, and how it was judged; and what the letters say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.kernel.text import Text
from app.monitoring.facts import CAUSE_NAMES, Cause
from app.monitoring.models import PlanChange, Project
from app.monitoring.states import APPROVED, ASKED, CHANGE_STATES, DRAFT, REFUSED
from app.notices.facts import Event, News, Wording
from app.notices.matters import read_matter, read_window
from app.notices.rules import is_old_news

PLAN_WORDINGS: dict[Event, Wording] = {
    Event.PLAN_CHANGE_ASKED: Wording(
        Text("{agency} ขอเปลี่ยนแปลงแผน: {kind}", "{agency} asks for a change of plan: {kind}"),
        Text(
            "{agency} ยื่นคำขอเปลี่ยนแปลงแผนของโครงการ ({kind})",
            "{agency} has asked for a change of a project's plan ({kind}).",
        ),
        Text(
            "กรุณาเทียบกับแผนที่ใช้อยู่ แล้วบันทึกผลการพิจารณา",
            "Please compare it with the plan in force and record the judgement.",
        ),
        "/secretariat/changes",
    ),
    Event.PLAN_CHANGE_JUDGED: Wording(
        Text("ผลการพิจารณาคำขอเปลี่ยนแปลงแผน: {outcome}", "Your change of plan: {outcome}"),
        Text(
            "ฝ่ายเลขานุการพิจารณาคำขอ “{kind}” ของโครงการแล้ว ผลคือ{outcome}",
            "The secretariat has judged the change “{kind}”: {outcome}.",
        ),
        Text(
            "อ่านเหตุผลและแผนที่ใช้อยู่ได้จากหน้าคำขอ",
            "The reason and the plan in force are on the page of the change.",
        ),
        "/agency/projects",
    ),
}
_STATES = {
    Event.PLAN_CHANGE_ASKED: frozenset({ASKED}),
    Event.PLAN_CHANGE_JUDGED: frozenset({APPROVED, REFUSED, DRAFT}),
}
_RETURNED = Text("ส่งคืนให้แก้ไข", "Returned, to be mended")
_PATHS = {
    Event.PLAN_CHANGE_ASKED: "/secretariat/changes/{id}",
    Event.PLAN_CHANGE_JUDGED: "/agency/changes/{id}",
}


def _of_change(session: Session, event: Event, payload: Mapping[str, Any], now: datetime) -> list[News]:
    """Nothing where the change has moved on meanwhile, or it was long ago."""
    change = session.get(PlanChange, payload["plan_change"])
    if change is None or change.state not in _STATES[event] or (change.state == DRAFT and not change.note):
        return []
    if is_old_news(change.judged_at or change.asked_at or change.made_at, now):
        return []
    project = session.get_one(Project, change.project_id)
    found = read_matter(session, project.proposal_id)
    if found is None:
        return []
    matter, call_id = found
    words: dict[str, Text | str] = {
        "agency": matter.lead,
        "kind": CAUSE_NAMES[Cause(change.kind)],
        "outcome": _RETURNED if change.state == DRAFT else CHANGE_STATES[change.state],
    }
    path = _PATHS[event].format(id=change.id)
    return [News(event, read_window(session, call_id).name, matter, words=words, path=path)]


PLAN_READERS: dict[Event, Callable[[Session, Event, Mapping[str, Any], datetime], list[News]]] = (
    dict.fromkeys(_STATES, _of_change)
)
