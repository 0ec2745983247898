"""How the scores of a call came to be: every assignment, every hand-in and reopening, what discussions came to, and the
phases of the round. On paper, only what changed after it was first handed in."""

from __future__ import annotations

from app.figures.pen import Pen
from app.kernel.text import Text
from app.reviews.facts import Panel
from app.reviews.records import REOPENED, Record, ReviewRecords
from app.reviews.rules import mean_hundredths, spread_hundredths
from app.reviews.states import ASSIGNMENT_STATES, MOVE_NAMES, PHASES
from app.reviews.threads import CONCLUSION_NAMES, Conclusion
from reports.document import Column, Table

EVENT_NAMES = {
    "handed_in": Text("ส่งผลครั้งแรก", "First handed in"),
    "rescored": Text("ให้คะแนนใหม่", "Scored again"),
    "final": Text("คะแนนสุดท้าย", "Final score"),
    REOPENED: Text("เปิดให้แก้คะแนน", "Reopened"),
}


def who_columns(pen: Pen) -> list[Column]:
    """Which proposal, of which body, by whom."""
    return [
        Column("number", pen("เลขที่", "Number"), "text", 12),
        Column("title", pen("โครงการ", "Project"), "long_text", 30),
        Column("body", pen("หน่วยพิจารณา", "Body"), "text", 14),
        Column("reviewer", pen("ผู้พิจารณา", "Reviewer"), "text", 18),
    ]


def who_cells(record: Record, pen: Pen) -> tuple[str, str, str, str]:
    """The cells of `who_columns`."""
    return record.number, pen.name(record.title), pen.name(record.body), pen.name(record.reviewer)


def assignment_table(records: ReviewRecords, pen: Pen) -> Table:
    """Every assignment, those that ended too. Why somebody did not review is for the secretariat to read."""
    columns = (
        *who_columns(pen),
        Column("panel", pen("คณะ", "Panel"), "text", 18),
        Column("state", pen("สถานะ", "State"), "text", 22),
        Column("assigned", pen("มอบหมายเมื่อ", "Assigned"), "date", 14),
        Column("answered", pen("ตอบเมื่อ", "Answered"), "date", 14),
        *([Column("why", pen("เหตุผล", "Reason"), "long_text", 34)] if records.shows_reasons else []),
        Column("first", pen("คะแนนครั้งแรก", "First total"), "score", 10),
        Column("total", pen("คะแนนล่าสุด", "Latest total"), "score", 10),
        Column("counts", pen("นับเป็นคะแนน", "Counts"), "text", 10),
        Column("handed_in", pen("ส่งผลล่าสุดเมื่อ", "Handed in"), "date", 14),
        Column("final", pen("เหตุผลของคะแนนสุดท้าย", "Reason of the final score"), "long_text", 30),
    )
    yes, no = pen("ใช่", "Yes"), pen("ไม่", "No")
    rows = tuple(
        (
            *who_cells(r, pen),
            pen.name_or_empty(r.panel),
            pen.name(ASSIGNMENT_STATES[r.state]),
            r.assigned_at,
            r.answered_at,
            *([r.answer_reason] if records.shows_reasons else []),
            r.first_total,
            r.total,
            yes if r.counts else no,
            r.submitted_at,
            r.final_reason,
        )
        for r in records.records
    )
    return Table(
        "assignments",
        pen("การมอบหมายผู้พิจารณา", "Assignments of reviewers"),
        columns,
        rows,
        question=pen(
            "มอบหมายใคร ใครไม่ได้พิจารณา และคะแนนใดนับ",
            "Who was asked, who did not review, and whose scores count?",
        ),
        sheet=pen("การมอบหมาย", "Assignments"),
        excel_only=True,
    )


def history_table(records: ReviewRecords, pen: Pen) -> Table:
    """Every hand-in and every reopening, in the order they happened; also of reviews that count no more."""
    versions = {rubric_id: rubric.version for rubric_id, rubric in records.rubrics.items()}
    states = {state: pen.name(name) for state, name in ASSIGNMENT_STATES.items()}
    rows = tuple(
        (
            e.at,
            *who_cells(e.record, pen),
            pen.name(EVENT_NAMES[e.cause]),
            e.total,
            e.reason,
            pen.name_or_empty(e.by),
            e.until,
            versions.get(e.rubric_id) if e.rubric_id is not None else None,
            states[e.record.state],
        )
        for e in records.events
    )
    return Table(
        "score_history",
        pen("ประวัติคะแนน", "History of the scores"),
        (
            Column("at", pen("เมื่อ", "On"), "date", 14),
            *who_columns(pen),
            Column("event", pen("เหตุการณ์", "What happened"), "text", 18),
            Column("total", pen("คะแนนรวม", "Total"), "score", 10),
            Column("reason", pen("เหตุผล", "Reason"), "long_text", 40),
            Column("by", pen("เปิดให้โดย", "Reopened by"), "text", 18),
            Column("until", pen("เปิดให้ถึง", "Open until"), "date", 14),
            Column("rubric", pen("เกณฑ์ฉบับที่", "Rubric version"), "int", 12),
            Column("state", pen("สถานะการมอบหมาย", "State of the assignment"), "text", 20),
        ),
        rows,
        question=pen("คะแนนส่งเมื่อใด เปลี่ยนเมื่อใด เพราะเหตุใด", "When was each score given and changed, and why?"),
        sheet=pen("ประวัติคะแนน", "Score history"),
        excel_only=True,
    )


def _panels(records: ReviewRecords, *, first: bool) -> dict[int, Panel]:
    """Proposal id -> its reviews that count: of the first hand-in, or as they stand."""
    totals: dict[int, list[int]] = {}
    for record in records.counted:
        total = record.first_total if first else record.total
        if total is not None:
            totals.setdefault(record.proposal_id, []).append(total)
    return {pid: Panel(len(t), sum(t), sum(x * x for x in t)) for pid, t in totals.items()}


def outcome_table(records: ReviewRecords, pen: Pen) -> Table:
    """What every discussion came to, with mean and spread of the first scores and of those that count. What was said
    in it is not printed."""
    before, now = _panels(records, first=True), _panels(records, first=False)
    none = Panel(0, 0, 0)
    first, last = pen("คะแนนครั้งแรก", "First scores"), pen("คะแนนที่ใช้", "Scores that count")
    rows = tuple(
        (
            o.number,
            pen.name(o.title),
            pen.name(CONCLUSION_NAMES[Conclusion(o.outcome)])
            + ("" if o.is_current else pen(" (มีผลใหม่แทน)", " (replaced later)")),
            o.text,
            mean_hundredths(before.get(o.proposal_id, none)),
            spread_hundredths(before.get(o.proposal_id, none)),
            mean_hundredths(now.get(o.proposal_id, none)),
            spread_hundredths(now.get(o.proposal_id, none)),
            o.at,
            pen.name_or_empty(o.by),
        )
        for o in records.outcomes
    )
    return Table(
        "discussions",
        pen("ผลการหารือ", "Outcomes of discussions"),
        (
            Column("number", pen("เลขที่", "Number"), "text", 13),
            Column("title", pen("โครงการ", "Project"), "long_text", 30),
            Column("outcome", pen("ผลการหารือ", "Outcome"), "long_text", 18),
            Column("text", pen("สรุปผล", "Conclusion"), "long_text", 36),
            Column("first_mean", pen("เฉลี่ย", "Mean"), "score", 9, group=first),
            Column("first_spread", pen("กระจาย", "Spread"), "score", 9, group=first),
            Column("mean", pen("เฉลี่ย", "Mean"), "score", 9, group=last),
            Column("spread", pen("กระจาย", "Spread"), "score", 9, group=last),
            Column("at", pen("บันทึกเมื่อ", "Recorded"), "date", 14),
            Column("by", pen("ผู้บันทึก", "Recorded by"), "text", 16, excel_only=True),
        ),
        rows,
        question=pen(
            "เรื่องใดนำมาหารือเพราะคะแนนต่างกันมาก และได้ผลอย่างไร",
            "What was discussed because the scores differ, and to what end?",
        ),
        sheet=pen("ผลการหารือ", "Discussions"),
        landscape=True,
    )


def changed_table(records: ReviewRecords, pen: Pen) -> Table:
    """For paper: reviews whose total is not the one handed in first, and why."""
    why = {e.record.assignment_id: e.reason for e in records.events if e.cause in ("rescored", "final")}
    rows = tuple(
        (*who_cells(r, pen), r.first_total, r.total, r.final_reason or why.get(r.assignment_id, ""))
        for r in records.counted
        if r.total != r.first_total
    )
    return Table(
        "changed_scores",
        pen("คะแนนที่เปลี่ยนหลังส่งผลครั้งแรก", "Scores that changed after they were first handed in"),
        (
            *who_columns(pen),
            Column("first", pen("ครั้งแรก", "First"), "score", 9),
            Column("total", pen("ที่ใช้", "Counts"), "score", 9),
            Column("reason", pen("เหตุผล", "Reason"), "long_text", 40),
        ),
        rows,
        question=pen("คะแนนใดเปลี่ยน และเพราะเหตุใด", "Which scores changed, and why?"),
        pdf_only=True,
        landscape=True,
    )


def move_table(records: ReviewRecords, pen: Pen) -> Table:
    """When the round went from phase to phase."""
    return Table(
        "round_moves",
        pen("ขั้นตอนของรอบพิจารณา", "Phases of the round"),
        (
            Column("at", pen("เมื่อ", "On"), "date", 14),
            Column("move", pen("การดำเนินการ", "Step"), "text", 26),
            Column("from", pen("จาก", "From"), "text", 22),
            Column("to", pen("เป็น", "To"), "text", 22),
            Column("reason", pen("เหตุผล", "Reason"), "long_text", 40),
            Column("by", pen("โดย", "By"), "text", 18),
        ),
        tuple(
            (
                m.at,
                pen.name(MOVE_NAMES[m.move]),
                pen.name(PHASES[m.from_phase]),
                pen.name(PHASES[m.to_phase]),
                m.reason,
                pen.name_or_empty(m.by),
            )
            for m in records.moves
        ),
        question=pen("แต่ละขั้นเริ่มเมื่อใด", "When did each phase begin?"),
        sheet=pen("ขั้นตอนพิจารณา", "Phases"),
        excel_only=True,
    )
