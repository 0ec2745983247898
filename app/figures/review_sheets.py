"""The reviews in the workbook, so that the selection can be defended: every criterion of every review that counts."""

from __future__ import annotations

from collections.abc import Iterable

from app.calls.facts import Rubric
from app.figures.pen import Pen
from app.figures.review_history import (
    EVENT_NAMES,
    assignment_table,
    history_table,
    move_table,
    outcome_table,
    who_cells,
    who_columns,
)
from app.reviews.records import Record, ReviewRecords
from reports.document import Column, Table

DETAILS = "review_details"
SCORES = "scores"


def review_tables(book_rubric: Rubric, records: ReviewRecords, pen: Pen) -> list[Table]:
    """Every sheet about the reviews, in reading order; `book_rubric` is the call's own."""
    return [
        *score_tables(book_rubric, records, pen),
        detail_table(records, pen),
        assignment_table(records, pen),
        history_table(records, pen),
        *([outcome_table(records, pen)] if records.outcomes else []),
        *([move_table(records, pen)] if records.moves else []),
    ]


def score_tables(book_rubric: Rubric, records: ReviewRecords, pen: Pen) -> list[Table]:
    """One row for each review that counts, one column for each criterion, the total recomputed by formula. Reviews of
    another version of the rubric have a sheet of their own, with its weights."""
    return [
        _score_table(rubric, found, pen, name.removeprefix(SCORES))
        for name, rubric, found in scored_by(book_rubric, records)
    ]


def scored_by(book_rubric: Rubric, records: ReviewRecords) -> list[tuple[str, Rubric, list[Record]]]:
    """The sheets of scores: name of the table, the rubric they were given by, and the reviews that count."""
    by_rubric: dict[tuple[str, int], tuple[Rubric, list[Record]]] = {
        (book_rubric.code, book_rubric.version): (book_rubric, [])
    }
    for record in records.counted:
        rubric = records.rubrics[record.rubric_id]
        by_rubric.setdefault((rubric.code, rubric.version), (rubric, []))[1].append(record)
    return [
        (SCORES if not n else f"{SCORES}_v{rubric.version}_{n}", rubric, found)
        for n, (rubric, found) in enumerate(by_rubric.values())
    ]


def _score_table(rubric: Rubric, records: Iterable[Record], pen: Pen, mark: str) -> Table:
    criteria = rubric.criteria
    levels = pen("ระดับคะแนน 0–4 (น้ำหนัก)", "Level 0-4 (weight)")
    keys = {c.code: f"c{n}" for n, c in enumerate(criteria, 1)}
    formula = "=" + "+".join(f"{{{keys[c.code]}}}*{c.weight}/4" for c in criteria)
    columns = (
        *who_columns(pen),
        *(
            Column(
                keys[c.code],
                f"{pen.name(c.name)} ({c.weight})",
                "int",
                12,
                group=levels,
                meaning=pen.name(c.question),
            )
            for c in criteria
        ),
        Column("total", pen("คะแนนรวม", "Total"), "score", 9, formula=formula),
        Column("at", pen("ส่งผลเมื่อ", "Handed in"), "date", 14),
        Column("comments", pen("ความเห็น", "Comments"), "long_text", 84),
    )
    names = {c.code: pen.name(c.name) for c in criteria}
    rows = tuple(
        (
            *who_cells(record, pen),
            *(record.scores[c.code].level if c.code in record.scores else None for c in criteria),
            record.total,
            record.submitted_at,
            "\n".join(
                f"{names[code]}: {record.scores[code].comment}"
                for code in names
                if code in record.scores and record.scores[code].comment
            ),
        )
        for record in records
    )
    version = pen(f" ฉบับที่ {rubric.version}", f" v{rubric.version}") if mark else ""
    return Table(
        f"{SCORES}{mark}",
        pen("คะแนนรายผู้พิจารณา", "Scores by reviewer") + version,
        columns,
        rows,
        question=pen("ผู้พิจารณาแต่ละคนให้คะแนนเกณฑ์ใดเท่าใด", "How did each reviewer score each criterion?"),
        sheet=pen("คะแนน", "Scores") + version,
        excel_only=True,
    )


def detail_table(records: ReviewRecords, pen: Pen) -> Table:
    """One row for each proposal, reviewer and criterion of the reviews that count; the points by formula."""
    first = pen(
        "ระดับที่ให้ครั้งแรก ก่อนเห็นคะแนนของผู้อื่น", "Level of the first hand-in, before others' scores were seen"
    )
    points = pen("น้ำหนัก × ระดับ ÷ 4", "Weight x level / 4")
    columns = (
        *who_columns(pen),
        Column("panel", pen("คณะ", "Panel"), "long_text", 15),
        Column("state", pen("สถานะ", "State"), "text", 12),
        Column("criterion", pen("เกณฑ์", "Criterion"), "long_text", 26),
        Column("weight", pen("น้ำหนัก", "Weight"), "int", 9),
        Column("first_level", pen("ระดับครั้งแรก", "First level"), "int", 9, meaning=first),
        Column("level", pen("ระดับที่ใช้", "Level"), "int", 9),
        Column(
            "points",
            pen("คะแนนถ่วงน้ำหนัก", "Points"),
            "score",
            10,
            formula="={weight}*{level}/4",
            meaning=points,
        ),
        Column("comment", pen("ความเห็น", "Comment"), "long_text", 46),
        Column("rubric", pen("เกณฑ์ฉบับที่", "Rubric version"), "int", 12),
        Column("at", pen("ส่งผลเมื่อ", "Handed in"), "date", 14),
        Column("reason", pen("เหตุผลของคะแนนสุดท้าย", "Reason of the final score"), "long_text", 26),
    )
    states = {cause: pen.name(name) for cause, name in EVENT_NAMES.items()}
    people: dict[int, tuple[object, ...]] = {}
    rows = []
    for row in records.scores():
        record = row.record
        if record.assignment_id not in people:
            state = states["final"] if record.finalised_at else _latest(record, states)
            people[record.assignment_id] = (*who_cells(record, pen), pen.name_or_empty(record.panel), state)
        rows.append(
            (
                *people[record.assignment_id],
                pen.name(row.name),
                row.weight,
                row.first_level,
                row.level,
                row.points,
                row.comment,
                row.version,
                record.submitted_at,
                record.final_reason,
            )
        )
    return Table(
        DETAILS,
        pen("รายละเอียดคะแนนรายเกณฑ์", "Scores by criterion"),
        columns,
        tuple(rows),
        question=pen(
            "ใครให้คะแนนเกณฑ์ใดเท่าใด เพราะเหตุใด และเปลี่ยนจากครั้งแรกหรือไม่",
            "Who gave which level on each criterion, why, and did it change?",
        ),
        sheet=pen("รายละเอียดคะแนน", "Review details"),
        excel_only=True,
    )


def _latest(record: Record, states: dict[str, str]) -> str:
    changed = record.first_total != record.total or record.first_scores != record.scores
    return states["rescored" if changed else "handed_in"]
