"""The screening queue as a file: the list as filtered, and what every rule found, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from app.calls.queries import CallView
from app.figures.pen import Pen
from app.figures.receipt import PLAN
from app.kernel.clock import BANGKOK
from app.kernel.findings import Outcome
from app.kernel.money import format_million
from app.kernel.text import Text
from app.screening.casework import STANDING_NAMES, Standing, standing_of
from app.screening.queries import QueueRow, RunView
from reports.document import Column, Document, Fields, KeyFigures, Table


def queue_table(rows: Sequence[QueueRow], call: CallView, pen: Pen) -> Table:
    """One row for each filing: where it stands, what there is to look at, and who looks after it."""
    columns = (
        Column("number", pen("เลขที่", "Number"), "text", 13),
        Column("title", pen("โครงการ", "Project"), "long_text", 44),
        Column("agency", pen("หน่วยงานหลัก", "Lead agency"), "long_text", 30),
        Column("ministry", pen("กระทรวง", "Ministry"), "long_text", 26),
        Column("stage", pen("ช่วงห่วงโซ่", "Stage"), "text", 12),
        Column("amount", pen("ขอ", "Asked"), "money", 19, "sum", unit=pen("บาท", "baht")),
        Column("standing", pen("ผลการกลั่นกรอง", "Conclusion"), "text", 24),
        Column("fails", pen("ข้อที่ไม่ผ่าน", "Rules that fail"), "long_text", 34),
        Column("person", pen("ข้อที่ต้องมีเจ้าหน้าที่", "Rules that need a person"), "long_text", 34),
        Column("judged", pen("ข้อที่เจ้าหน้าที่วินิจฉัย", "Rules judged by a person"), "int", 13),
        Column("assignee", pen("ผู้รับผิดชอบ", "Looked after by"), "text", 24),
        Column("filed", pen("ยื่นเมื่อ", "Filed"), "text", 20),
    )

    def rules(row: QueueRow, outcome: Outcome) -> str:
        return "; ".join(pen.name(x.name) for x in row.troubles if (x.judged or x.outcome) is outcome)

    return Table(
        "queue",
        pen("คิวกลั่นกรอง", "Screening queue"),
        columns,
        tuple(
            (
                row.number,
                pen.name(row.title),
                pen.name(row.agency),
                pen.name(row.ministry),
                pen.name(call.plan.name("stages", row.stage)) if row.stage else "",
                row.total,
                pen.name(STANDING_NAMES[standing_of(row.state)]),
                rules(row, Outcome.FAILS),
                rules(row, Outcome.NEEDS_PERSON),
                row.judged,
                pen.name_or_empty(row.assignee),
                pen.moment(row.submitted_at),
            )
            for row in rows
        ),
        question=pen(
            "ข้อเสนอใดต้องมีเจ้าหน้าที่พิจารณา และใครรับผิดชอบ",
            "Which filings need a person, and who looks after them?",
        ),
    )


def finding_table(rows: Sequence[QueueRow], runs: Mapping[int, RunView], pen: Pen) -> Table:
    """One row for each finding of the runs that count, with the judgement beside it. Rule and words stand in both
    languages, whatever the language of the file."""
    columns = (
        Column("number", pen("เลขที่", "Number"), "text", 13),
        Column("agency", pen("หน่วยงานหลัก", "Lead agency"), "long_text", 28),
        Column("code", pen("รหัสข้อกำหนด", "Code of the rule"), "text", 14),
        Column("rule_th", pen("ข้อกำหนด (ไทย)", "Rule (Thai)"), "long_text", 28),
        Column("rule_en", pen("ข้อกำหนด (อังกฤษ)", "Rule (English)"), "long_text", 28),
        Column("decides", pen("เป็นข้อชี้ขาด", "Decides"), "text", 12),
        Column("outcome", pen("ผล", "Result"), "text", 24),
        Column("words_th", pen("สิ่งที่พบ (ไทย)", "What was found (Thai)"), "long_text", 48),
        Column("words_en", pen("สิ่งที่พบ (อังกฤษ)", "What was found (English)"), "long_text", 48),
        Column("remedy_th", pen("สิ่งที่จะทำให้ผลเปลี่ยน (ไทย)", "What would change it (Thai)"), "long_text", 36),
        Column("remedy_en", pen("สิ่งที่จะทำให้ผลเปลี่ยน (อังกฤษ)", "What would change it (English)"), "long_text", 36),
        Column("judged", pen("คำวินิจฉัยของเจ้าหน้าที่", "A person's judgement"), "text", 24),
        Column("reason", pen("เหตุผล", "Reason"), "long_text", 40),
        Column("by", pen("โดย", "By"), "text", 22),
        Column("at", pen("วินิจฉัยเมื่อ", "Judged"), "text", 20),
        Column("rulebook", pen("ชุดข้อกำหนด", "Rulebook"), "text", 16),
        Column("run_at", pen("กลั่นกรองเมื่อ", "Screened"), "text", 20),
    )  # fmt: skip
    yes, no = pen("ใช่", "Yes"), pen("ไม่", "No")
    cells: list[tuple[str, ...]] = []
    for row in rows:
        run = runs.get(row.id)
        if run is None:
            continue
        stands = {o.rule: o for o in run.overrides}
        rulebook, run_at = f"{run.rulebook.code} {run.rulebook.version}", pen.second(run.run_at)
        agency = pen.name(row.agency)
        for f in run.findings:
            o, remedy = stands.get(f.rule), f.remedy if f.outcome is not Outcome.PASSES else None
            cells.append(
                (
                    row.number,
                    agency,
                    f.rule,
                    f.rule_name.th,
                    f.rule_name.en,
                    yes if f.decides else no,
                    _word(f.outcome, pen),
                    f.text.th,
                    f.text.en,
                    remedy.th if remedy else "",
                    remedy.en if remedy else "",
                    _word(o.outcome, pen) if o else "",
                    o.reason if o else "",
                    pen.name(o.by) if o else "",
                    pen.moment(o.at) if o else "",
                    rulebook,
                    run_at,
                )
            )
    return Table(
        "findings",
        pen("ผลรายข้อ", "Findings"),
        columns,
        tuple(cells),
        question=pen("แต่ละข้อกำหนดพบสิ่งใดในแต่ละข้อเสนอ", "What did each rule find in each filing?"),
    )


def _word(outcome: Outcome, pen: Pen) -> str:
    return pen.name(STANDING_NAMES[Standing(outcome.value)])


def queue_document(
    rows: Sequence[QueueRow],
    runs: Mapping[int, RunView],
    call: CallView,
    language: str,
    *,
    chosen: Sequence[Text],
    made_at: datetime,
    made_by: str,
) -> Document:
    """The workbook: the list as filtered and every finding. `chosen` says what it was narrowed to. The same rows give
    the same bytes."""
    pen = Pen(language)
    waiting = sum(standing_of(row.state) in (Standing.NEEDS_PERSON, Standing.UNSCREENED) for row in rows)
    items = (
        (pen("รอบคำขอ", "Call"), pen.name(call.name)),
        (pen("เลือกเฉพาะ", "Chosen"), " · ".join(pen.name(word) for word in chosen)),
        (pen("ข้อมูล ณ", "Data as of"), pen.moment(made_at)),
    )
    return Document(
        title=pen(
            f"คิวกลั่นกรอง ปีงบประมาณ {call.fiscal_year}", f"Screening queue, fiscal year {call.fiscal_year}"
        ),
        language=pen.language,
        blocks=(
            KeyFigures(
                (
                    (pen("ข้อเสนอ", "Filings"), f"{len(rows):,}", pen("เรื่อง", "")),
                    (pen("ต้องมีเจ้าหน้าที่พิจารณา", "Need a person"), f"{waiting:,}", pen("เรื่อง", "")),
                    (
                        pen("วงเงินที่ขอ", "Asked"),
                        format_million(sum(row.total for row in rows)),
                        pen("ล้านบาท", "million baht"),
                    ),
                )
            ),
            Fields(tuple(item for item in items if item[1])),
            queue_table(rows, call, pen),
            finding_table(rows, runs, pen),
        ),
        made_at=made_at,
        made_by=made_by,
        label=pen.name_or_empty(call.label),
        identifier=f"DGI-{call.fiscal_year}-SCREENING-{made_at.astimezone(BANGKOK):%Y%m%d-%H%M}",
        organisation=pen.name(PLAN),
    )
