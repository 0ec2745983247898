"""Who reviews what in a call: proposals by reviewers, and how much each reviewer has."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request

from app.calls.queries import get_call
from app.identity.facts import BODY_NAMES
from app.identity.queries import list_reviewers
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.text import Text
from app.reviews.queries.overview import Lack, Progress, list_panels, progress_by_call, reviewer_loads
from app.web.door import needs
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor

PER_PAGE = 50

LACK_NAMES = {
    Lack.REVIEWERS: Text("ผู้พิจารณายังไม่ครบ", "Reviewers are lacking"),
    Lack.REVIEWS: Text("คะแนนยังส่งไม่ครบ", "Reviews are not in"),
}


@dataclass(frozen=True, slots=True)
class Load:
    """How much a reviewer was given in a call, and how much of it is in."""

    name: Text
    body: Text
    given: int
    done: int


@blueprint.get("/calls/<int:fiscal_year>/assignments")
@needs(Permission.ASSIGN_REVIEWER)
def assignments(fiscal_year: int) -> str:
    """The overview of a call."""
    session = db.session()
    call = get_call(session, fiscal_year)
    asked = request.args.get("lack", "")
    lack = Lack(asked) if asked in list(Lack) else None
    after = request.args.get("after", "")[:20]
    rows = list_panels(session, current_actor(), call, lack, after=after, limit=PER_PAGE + 1)
    given = reviewer_loads(session, call.id)
    loads = [
        Load(name, BODY_NAMES[body], *given.get(user_id, (0, 0)))
        for user_id, name, body, _ in list_reviewers(session)
    ]
    shown = rows[:PER_PAGE]
    return render_template(
        "secretariat/assignments.html",
        call=call,
        rows=shown,
        loads=loads,
        lack=lack,
        lacks=LACK_NAMES,
        progress=progress_by_call(session).get(call.id, Progress()),
        started=bool(after),
        following=shown[-1].number if len(rows) > PER_PAGE else None,
    )
