"""Who reviews what in a call: proposals by reviewers, every assignment with how far it is, how much each reviewer has."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import partial
from urllib.parse import urlencode

from flask import render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call
from app.identity.facts import BODY_NAMES
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.reviews.models import Panel
from app.reviews.queries.overview import Lack, Load, list_loads, list_panels
from app.reviews.queries.roll import (
    HOW_FAR,
    ORDERS,
    HowFar,
    Order,
    RollFilter,
    RollRow,
    count_roll,
    list_roll,
)
from app.reviews.queries.rounds import get_round
from app.reviews.states import ASSIGNMENT_STATES
from app.web.arrival import arrived
from app.web.door import needs
from app.web.downloads import send_download
from app.web.forms import read_id
from app.web.language import language, t
from app.web.secretariat.desk import blueprint
from app.web.secretariat.proposals import wanted_text
from app.web.signing import current_actor
from app.web.tags import Options
from reports.csvs import write_csv
from reports.document import Column, Table

PER_PAGE = 50

LACK_NAMES = {
    Lack.REVIEWERS: Text("ผู้พิจารณายังไม่ครบ", "Reviewers are lacking"),
    Lack.REVIEWS: Text("คะแนนยังส่งไม่ครบ", "Reviews are not in"),
}
EACH = "each"  # the view with a row for every assignment; the other one has a row for every proposal
_OF_EACH = ("work", "state", "body", "panel", "reviewer")
STATE_KINDS = {
    "given": "wait",
    "accepted": "sent",
    "declined": "plain",
    "recused": "warn",
    "withdrawn": "plain",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, and the same as it stands in addresses."""

    wanted: RollFilter
    lack: Lack | None
    order: Order
    query: Mapping[str, str]

    @property
    def is_each(self) -> bool:
        return self.query.get("view") == EACH


def _panels(session: Session, call_id: int) -> list[tuple[str, Text]]:
    rows = session.execute(
        select(Panel.id, Panel.name_th, Panel.name_en).where(Panel.call_id == call_id).order_by(Panel.id)
    )
    return [(str(r.id), Text(r.name_th, r.name_en)) for r in rows]


def read_asked(call: CallView, args: Mapping[str, str]) -> Asked:
    """Filter and order of an address; what is not offered is let go. A filter of assignments asks for their view."""
    offered: dict[str, list[str]] = {
        "work": list(HowFar),
        "state": list(ASSIGNMENT_STATES),
        "body": [b.value for b in BODY_NAMES],
        "stage": [c.code for c in call.plan.stages],
        "lack": list(Lack),
        "sort": [o for o in Order if o is not Order.NUMBER],
    }
    query = {k: str(v) for k, values in offered.items() if (v := args.get(k, "")) in values}
    for key in ("panel", "reviewer"):
        if read_id(args.get(key, "")) is not None:
            query[key] = args[key]
    if text := wanted_text(args.get("q", "")):
        query["q"] = text
    if "lack" in query:
        query = {k: v for k, v in query.items() if k in ("lack", "stage", "q")}
    elif args.get("view") == EACH or any(key in query for key in _OF_EACH):
        query["view"] = EACH
    else:
        query.pop("sort", None)
    return Asked(
        RollFilter(
            text=query.get("q", ""),
            how_far=HowFar(query["work"]) if "work" in query else None,
            state=query.get("state", ""),
            body=query.get("body", ""),
            panel=read_id(query.get("panel", "")),
            reviewer=read_id(query.get("reviewer", "")),
            stage=query.get("stage", ""),
        ),
        Lack(query["lack"]) if "lack" in query else None,
        Order(query.get("sort", Order.NUMBER)),
        query,
    )


def _address(endpoint: str, call: CallView, query: Mapping[str, str], **changes: str | None) -> str:
    kept = {k: v for k, v in {**query, **changes}.items() if v}
    tail = f"?{urlencode(kept)}" if kept else ""
    return url_for(endpoint, fiscal_year=call.fiscal_year) + tail


@blueprint.get("/calls/<int:fiscal_year>/assignments")
@needs(Permission.ASSIGN_REVIEWER)
def assignments(fiscal_year: int) -> str:
    """The overview of a call: its proposals with their seats, or every assignment."""
    session, actor, now = db.session(), current_actor(), arrived()
    call = get_call(session, fiscal_year)
    round_ = get_round(session, call.id)
    asked = read_asked(call, request.args)
    loads = list_loads(session, actor, call.id, round_)
    shared = {
        "call": call,
        "round": round_,
        "asked": asked,
        "address": partial(_address, "secretariat.assignments", call, asked.query),
        "plain": url_for("secretariat.assignments", fiscal_year=call.fiscal_year),
        "counts": count_roll(session, actor, call.id, round_, now),
        "work_names": HOW_FAR,
        "loads": loads,
        "lacks": LACK_NAMES,
        "options": _options(session, call, asked, loads),
        "remind": url_for("secretariat.remind_reviewers", fiscal_year=call.fiscal_year),
        "now": now,
    }
    after = request.args.get("after", "")[:40]
    if asked.is_each:
        last = read_id(request.args.get("last", ""))
        page = list_roll(
            session,
            actor,
            call.id,
            round_,
            now,
            asked.wanted,
            asked.order,
            after=(after, last) if after and last is not None else None,
            limit=PER_PAGE,
        )
        following = page.following and (page.following[0], str(page.following[1]))
        return render_template(
            "secretariat/assignments_each.html",
            rows=page.rows,
            states=ASSIGNMENT_STATES,
            kinds=STATE_KINDS,
            started=bool(after),
            following=following,
            file=_address("secretariat.assignments_list", call, asked.query),
            **shared,
        )
    rows = list_panels(
        session,
        actor,
        call,
        asked.lack,
        text=asked.wanted.text,
        stage=asked.wanted.stage,
        after=after,
        limit=PER_PAGE + 1,
    )
    shown = rows[:PER_PAGE]
    return render_template(
        "secretariat/assignments.html",
        rows=shown,
        lack=asked.lack,
        started=bool(after),
        following=shown[-1].number if len(rows) > PER_PAGE else None,
        **shared,
    )


def _options(session: Session, call: CallView, asked: Asked, loads: list[Load]) -> dict[str, str]:
    offered: dict[str, list[tuple[str, Text]]] = {
        "work": [(w.value, name) for w, name in HOW_FAR.items()],
        "state": list(ASSIGNMENT_STATES.items()),
        "body": [(b.value, name) for b, name in BODY_NAMES.items()],
        "panel": _panels(session, call.id),
        "reviewer": [(str(load.reviewer_id), load.name) for load in loads],
        "stage": [(c.code, c.name) for c in call.plan.stages],
        "sort": [(o.value, name) for o, name in ORDERS.items()],
    }
    return {key: Options(pairs).html(asked.query.get(key, "")) for key, pairs in offered.items()}


@blueprint.get("/calls/<int:fiscal_year>/assignments.csv")
@needs(Permission.ASSIGN_REVIEWER)
def assignments_list(fiscal_year: int) -> Response:
    """Every assignment the filters of the page find, for a spreadsheet."""
    session, now = db.session(), arrived()
    call = get_call(session, fiscal_year)
    asked = read_asked(call, request.args)
    round_ = get_round(session, call.id)
    found = list_roll(session, current_actor(), call.id, round_, now, asked.wanted, asked.order, limit=None)
    target = io.BytesIO()
    write_csv(_table(call, found.rows), target)
    return send_download(target.getvalue(), f"assignments-{fiscal_year}.csv", "assignments", "text/csv")


def _table(call: CallView, rows: tuple[RollRow, ...]) -> Table:
    said = language()
    columns = (
        Column("number", t("เลขที่", "Number")),
        Column("title", t("โครงการ", "Project")),
        Column("agency", t("หน่วยงาน", "Agency")),
        Column("stage", t("ช่วง", "Stage")),
        Column("reviewer", t("ผู้พิจารณา", "Reviewer")),
        Column("body", t("หน่วยงานร่วมพิจารณา", "Body")),
        Column("panel", t("คณะ", "Panel")),
        Column("state", t("การตอบรับ", "Answer")),
        Column("why", t("เหตุผล", "Reason")),
        Column("assigned", t("มอบหมายเมื่อ", "Assigned"), kind="date"),
        Column("answered", t("ตอบเมื่อ", "Answered"), kind="date"),
        Column("saved", t("บันทึกล่าสุด", "Last saved"), kind="date"),
        Column("in", t("ส่งคะแนนเมื่อ", "Handed in"), kind="date"),
        Column("final", t("คะแนนสุดท้ายเมื่อ", "Final score"), kind="date"),
        Column("reopened", t("เปิดให้ถึง", "Reopened until"), kind="date"),
        Column("overdue", t("เลยกำหนด", "Overdue")),
        Column("total", t("คะแนน", "Total"), kind="score"),
        Column("rubric", t("เกณฑ์ฉบับที่", "Rubric version"), kind="int"),
    )
    return Table(
        "assignments",
        t("การมอบหมาย", "Assignments"),
        columns,
        tuple(
            (
                row.number,
                row.title.say(said),
                row.agency.say(said),
                call.plan.name("stages", row.stage).say(said),
                row.reviewer.say(said),
                row.body.say(said),
                row.panel.say(said) if row.panel else "",
                ASSIGNMENT_STATES[row.state].say(said),
                row.answer_reason,
                row.assigned_at,
                row.answered_at,
                row.updated_at,
                row.submitted_at,
                row.finalised_at,
                row.reopened_until if row.is_reopened else None,
                t("ใช่", "yes") if row.is_overdue else "",
                row.total if row.is_in else None,
                row.rubric_version,
            )
            for row in rows
        ),
    )
