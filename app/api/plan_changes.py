"""Changes of a project's plan: what was asked for, how far it is and why. They are asked for on the pages, where the plan in
force stands beside what is changed in it."""

from __future__ import annotations

from typing import Any

from app.api.door import api_needs
from app.api.operations import CURSOR, LIMIT, NUMBER, Answer, Asked, get, page_of, write_moment, write_page
from app.api.projects import TAG
from app.api.shapes import Flag, Maybe, Moment, OneOf, Thing, Whole, Words
from app.identity.rules import Permission
from app.identity.scopes import TokenScope
from app.kernel.db import db
from app.kernel.text import Text
from app.monitoring.facts import ASKED_FOR
from app.monitoring.queries import get_project
from app.monitoring.queries.changes import ChangeRow, list_changes
from app.monitoring.queries.numbers import get_project_id
from app.monitoring.states import CHANGE_STATES

PLAN_CHANGE = Thing(
    "PlanChange",
    {
        "ordinal": Whole(1, 10_000, "Of the project, from 1 on"),
        "kind": OneOf(tuple(kind.value for kind in ASKED_FOR)),
        "state": OneOf(tuple(CHANGE_STATES)),
        "is_returned": Flag("Whether the secretariat gave this draft back to be mended"),
        "base": Whole(1, 10_000, "The version of the plan it was made from"),
        "reason": Words(20_000),
        "note": Words(20_000, about="What the secretariat said of it"),
        "asked_at": Maybe(Moment()),
        "judged_at": Maybe(Moment()),
    },
)


def _write(row: ChangeRow) -> dict[str, Any]:
    return {
        "ordinal": row.ordinal,
        "kind": row.kind.value,
        "state": row.state,
        "is_returned": row.is_returned,
        "base": row.base,
        "reason": row.reason,
        "note": row.note,
        "asked_at": write_moment(row.asked_at) if row.asked_at else None,
        "judged_at": write_moment(row.judged_at) if row.judged_at else None,
    }


@get(
    "/projects/{number}/changes",
    Text("คำขอเปลี่ยนแปลงแผนของโครงการ ล่าสุดก่อน", "Changes of a project's plan, the latest first"),
    page_of("PlanChangePage", PLAN_CHANGE),
    tag=TAG,
    path=(NUMBER,),
    query=(LIMIT, CURSOR),
    about="Asked for on the pages. The secretariat's once they were asked for. When one is approved, `plan_version` of the "
    "project moves on.",
)
@api_needs(Permission.READ_PROJECT, TokenScope.MONITORING_READ)
def list_plan_changes(asked: Asked) -> Answer:
    session = db.session()
    project_id = get_project_id(session, asked.path["number"])
    get_project(session, asked.actor, project_id)
    before = int(asked.cursor) if asked.cursor.isdecimal() else 2**31
    rows = list_changes(session, asked.actor, project_id=project_id, most=10_000)
    found = [row for row in rows if row.ordinal < before][: asked.limit + 1]
    return write_page(asked, ((str(row.ordinal), _write(row)) for row in found))
