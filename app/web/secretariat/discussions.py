"""The queue of discussions of a call: where reviewers differ by more than noise first, and how far each thread is."""

from __future__ import annotations

import io
from collections.abc import Sequence

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.thai_text import search_key
from app.reviews.queries.discussion_queue import (
    FINALS,
    FLAGGED,
    NO_OUTCOME,
    UNANSWERED,
    WITH_OUTCOME,
    WITHIN,
    DiscussionEntry,
    list_discussions,
)
from app.reviews.queries.rounds import get_round
from app.reviews.states import PHASES
from app.reviews.threads import CONCLUSION_NAMES
from app.web.discussions import CONCLUSION_KINDS
from app.web.door import needs
from app.web.downloads import send_download
from app.web.forms import read_id
from app.web.language import count, language, say, t
from app.web.secretariat.desk import blueprint
from app.web.secretariat.proposals import wanted_text
from app.web.signing import current_actor
from app.web.tags import Options
from reports.csvs import write_csv
from reports.document import Column, Table

PER_PAGE = 50
SPREADS = {
    FLAGGED: Text("ต่างกันเกินความคลาดเคลื่อนปกติ", "More than noise explains"),
    WITHIN: Text("อยู่ในความคลาดเคลื่อนปกติ", "Within the noise"),
}
THREADS = {
    NO_OUTCOME: Text("ยังไม่มีผลการหารือ", "No outcome yet"),
    UNANSWERED: Text("ผู้พิจารณาเขียนแล้ว รอฝ่ายเลขานุการ", "A reviewer waits for an answer"),
    FINALS: Text("รอคะแนนสุดท้าย", "Final scores awaited"),
    WITH_OUTCOME: Text("มีผลการหารือแล้ว", "With an outcome"),
    **{code.value: name for code, name in CONCLUSION_NAMES.items()},
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters of the queue, as its address names them."""

    spread: str
    thread: str
    text: str

    @property
    def address(self) -> dict[str, str]:
        """What the address of this list holds."""
        pairs = {"spread": self.spread, "thread": self.thread, "q": self.text}
        return {key: value for key, value in pairs.items() if value}


def _chosen() -> Chosen:
    spread, thread = request.args.get("spread", ""), request.args.get("thread", "")
    return Chosen(
        spread if spread in SPREADS else "",
        thread if thread in THREADS else "",
        wanted_text(request.args.get("q", "")),
    )


def _fitting(entries: Sequence[DiscussionEntry], chosen: Chosen) -> list[DiscussionEntry]:
    key = search_key(chosen.text)
    return [e for e in entries if e.fits(chosen.spread, chosen.thread, key)]


@blueprint.get("/calls/<int:fiscal_year>/discussions")
@needs(Permission.MANAGE_ROUND)
def discussions(fiscal_year: int) -> str:
    """What is to be talked about, first things first."""
    session = db.session()
    call = get_call(session, fiscal_year)
    round_ = get_round(session, call.id)
    chosen = _chosen()
    entries = list_discussions(session, current_actor(), call)
    fitting = _fitting(entries, chosen)
    after = read_id(request.args.get("after"))
    start = next((n for n, e in enumerate(fitting, 1) if e.proposal_id == after), 0)
    shown = fitting[start : start + PER_PAGE]
    flagged = [e for e in entries if e.is_flagged]
    return render_template(
        "secretariat/discussions.html",
        call=call,
        round=round_,
        phase=PHASES[round_.phase],
        entries=shown,
        number=len(fitting),
        whole=len(entries),
        start=start,
        following=shown[-1].proposal_id if start + PER_PAGE < len(fitting) else None,
        is_calibrated=next((e.found.is_calibrated for e in entries if e.found), None),
        figures=[
            (t("ต่างกันเกินความคลาดเคลื่อนปกติ", "Differ by more than noise"), count(len(flagged)), ""),
            (
                t("ในจำนวนนี้ยังไม่มีผลการหารือ", "Of those, without an outcome"),
                count(sum(e.thread.conclusion is None for e in flagged)),
                "",
            ),
            (
                t("ผู้พิจารณารอคำตอบ", "A reviewer waits for an answer"),
                count(sum(e.thread.is_unanswered for e in entries)),
                "",
            ),
            (
                t("รอคะแนนสุดท้าย", "Final scores awaited"),
                count(sum(e.thread.awaits_finals for e in entries)),
                "",
            ),
        ],
        chosen=chosen,
        options={
            "spread": Options(SPREADS.items()).html(chosen.spread),
            "thread": Options(THREADS.items()).html(chosen.thread),
        },
        base=url_for("secretariat.discussion", proposal_id=1).replace("/1/", "/{}/"),
        conclusion_names=CONCLUSION_NAMES,
        conclusion_kinds=CONCLUSION_KINDS,
    )


@blueprint.get("/calls/<int:fiscal_year>/discussions.csv")
@needs(Permission.MANAGE_ROUND)
def discussions_csv(fiscal_year: int) -> Response:
    """The queue as filtered, for a spreadsheet; never what was said in a thread."""
    session = db.session()
    call = get_call(session, fiscal_year)
    entries = _fitting(list_discussions(session, current_actor(), call), _chosen())
    target = io.BytesIO()
    write_csv(_table(call, entries), target)
    name = t(f"คิวหารือ {fiscal_year}.csv", f"discussions-{fiscal_year}.csv")
    return send_download(target.getvalue(), name, f"discussions-{fiscal_year}", "text/csv")


def _table(call: CallView, entries: Sequence[DiscussionEntry]) -> Table:
    said = language()
    points = t("คะแนน", "points")
    columns = (
        Column("number", t("เลขที่", "Number")),
        Column("title", t("โครงการ", "Project")),
        Column("agency", t("หน่วยงาน", "Agency")),
        Column("reviews", t("ผู้พิจารณาที่ส่งแล้ว", "Reviews in"), "int"),
        Column("mean", t("คะแนนเฉลี่ย (คะแนนแรก)", "Mean (first scores)"), "score"),
        Column("spread", f"{t('การกระจาย', 'Spread')} ({points})", "score"),
        Column("adjusted", f"{t('การกระจายเมื่อหักความเข้ม', 'Spread without severity')} ({points})", "score"),
        Column("expected", f"{t('ความคลาดเคลื่อนปกติ', 'Noise explains')} ({points})", "score"),
        Column("probability", t("โอกาสเกิดโดยบังเอิญ (ใน 1,000)", "Chance does this (in 1,000)"), "int"),
        Column("flagged", t("เกินความคลาดเคลื่อนปกติ", "More than noise")),
        Column("why", t("เพราะ", "Why")),
        Column("notes", t("ข้อความในการหารือ", "Notes"), "int"),
        Column("last", t("ข้อความล่าสุด", "Last note"), "date"),
        Column("outcome", t("ผลการหารือ", "Outcome")),
        Column("summary", t("สรุปผลการหารือ", "Summary of the outcome")),
        Column("finals_given", t("คะแนนสุดท้ายที่ส่งแล้ว", "Final scores given"), "int"),
        Column("finals_expected", t("คะแนนสุดท้ายที่รอ", "Final scores asked for"), "int"),
    )
    yes, no = t("เกิน", "yes"), t("ไม่เกิน", "no")
    rows = []
    for e in entries:
        found, thread = e.found, e.thread
        measured: tuple[object, ...] = (None, None, None, None, None, None, "", "")
        if found is not None:
            measured = (
                found.count,
                found.mean,
                found.spread,
                found.adjusted,
                found.expected,
                found.probability,
                yes if found.is_flagged else no,
                found.why.say(said),
            )
        rows.append(
            (
                e.number,
                e.title.say(said),
                e.agency.say(said),
                *measured,
                thread.notes,
                thread.last_at,
                say(CONCLUSION_NAMES[thread.conclusion]) if thread.conclusion else "",
                thread.text,
                thread.finals_given if thread.finals else None,
                len(thread.finals) if thread.finals else None,
            )
        )
    title = t(f"คิวหารือ ปีงบประมาณ {call.fiscal_year}", f"Discussions, fiscal year {call.fiscal_year}")
    return Table("discussions", title, columns, tuple(rows))
