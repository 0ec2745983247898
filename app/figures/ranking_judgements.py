"""What was judged: findings of screening, decisions of the committee, and what is not on the ranked list."""

from __future__ import annotations

from dataclasses import replace

from app.decisions.facts import VERDICT_NAMES
from app.figures.pen import Pen
from app.figures.queries import RankingBook
from app.figures.ranking_list import amount_columns, guideline_in_stage
from app.figures.rules import departures
from app.kernel.findings import Outcome
from app.portfolio.reasons import STANDING_NAMES
from app.proposals.states import STATES
from reports.document import Column, Table

OUTCOME_WORDS = {
    Outcome.PASSES: ("ผ่าน", "Passes"),
    Outcome.NEEDS_PERSON: ("ต้องมีเจ้าหน้าที่พิจารณา", "Needs a person"),
    Outcome.FAILS: ("ไม่ผ่าน", "Fails"),
}


# characters on a sheet, where the share of a paper's page would leave rows too tall or the page too wide
_FINDINGS_WIDE: dict[str, float] = {"title": 34, "text": 42, "basis": 38}
_DECISIONS_WIDE: dict[str, float] = {
    "number": 12,
    "title": 28,
    "agency": 22,
    "cut": 17,
    "departure": 20,
    "conditions": 20,
    "resolution": 20,
    "reason": 24,
    "by": 14,
}


def _widened(columns: tuple[Column, ...], widths: dict[str, float]) -> tuple[Column, ...]:
    return tuple(replace(column, width=widths.get(column.key, column.width)) for column in columns)


def _outcome(outcome: Outcome, pen: Pen) -> str:
    return pen(*OUTCOME_WORDS[outcome])


def finding_tables(book: RankingBook, pen: Pen) -> list[Table]:
    """All findings for the workbook; for paper, those that are not a plain pass."""
    columns = (
        Column("number", pen("เลขที่", "Number"), "text", 13),
        Column("title", pen("โครงการ", "Project"), "long_text", 28),
        Column("rule", pen("ข้อกำหนด", "Rule"), "long_text", 18),
        Column("weight", pen("ใช้ตัดสิน", "Decides"), "text", 11, excel_only=True),
        Column("outcome", pen("ผล", "Result"), "text", 14),
        Column("text", pen("สิ่งที่พบ", "Finding"), "long_text", 34),
        Column("basis", pen("ฐานอ้างอิง", "Basis"), "long_text", 26, excel_only=True),
        Column("remedy", pen("สิ่งที่จะทำให้ผลเปลี่ยน", "What would change it"), "long_text", 28),
        Column("override", pen("ดุลพินิจ", "Judgement"), "text", 12),
        Column("reason", pen("เหตุผลของดุลพินิจ", "Reason for it"), "long_text", 24),
        Column("by", pen("โดย", "By"), "text", 16),
        Column("at", pen("เมื่อ", "On"), "date", 14, excel_only=True),
    )
    rows, notable = [], []
    for f in book.findings:
        finding, override = f.finding, f.override
        row = (
            f.number,
            pen.name(f.title),
            pen.name(finding.rule_name),
            pen("ใช่", "Yes") if finding.decides else pen("ให้ข้อมูล", "Informs"),
            _outcome(finding.outcome, pen),
            pen.name(finding.text),
            pen.name(finding.basis),
            pen.name_or_empty(finding.remedy),
            _outcome(override.outcome, pen) if override else "",
            override.reason if override else "",
            pen.name(override.by) if override else "",
            override.at if override else None,
        )
        rows.append(row)
        if override or (finding.decides and finding.outcome is not Outcome.PASSES):
            notable.append(row)
    question = pen("ข้อกำหนดใดให้ผลอย่างไร และเพราะเหตุใด", "What did each rule conclude, and why?")
    sheet = pen("ผลกลั่นกรอง", "Findings")
    title = pen("ผลการกลั่นกรองทุกข้อ", "All findings of screening")
    shorter = pen("ผลที่ไม่ผ่าน ต้องพิจารณา หรือมีดุลพินิจ", "Findings that fail, need a person, or were judged")
    return [
        Table(
            "findings",
            title,
            _widened(columns, _FINDINGS_WIDE),
            tuple(rows),
            question=question,
            sheet=sheet,
            excel_only=True,
        ),
        Table("notable", shorter, columns, tuple(notable), question=question, pdf_only=True, landscape=True),
    ]


def decision_tables(book: RankingBook, pen: Pen) -> list[Table]:
    """All decisions for the workbook; for paper, those that depart from the computed list."""
    columns = (
        Column("number", pen("เลขที่", "Number"), "text", 13),
        Column("title", pen("โครงการ", "Project"), "long_text", 30),
        Column("agency", pen("หน่วยงาน", "Agency"), "long_text", 26),
        Column("rank", pen("ลำดับ", "Rank"), "int", 7),
        Column("standing", pen("ตามลำดับ", "By rank"), "text", 11),
        Column("verdict", pen("มติ", "Decision"), "text", 15),
        *amount_columns("requested", pen("ขอรับ", "Requested")),
        *amount_columns("approved", pen("เห็นชอบ", "Approved")),
        Column(
            "cut",
            pen("ต่างจากที่ขอ", "Difference"),
            "money",
            18,
            "sum",
            formula="={requested}-{approved}",
            excel_only=True,
        ),
        Column("departure", pen("ส่วนที่ต่างจากลำดับที่คำนวณ", "Departs from the computed list"), "long_text", 24),
        Column("conditions", pen("เงื่อนไข", "Conditions"), "long_text", 22, excel_only=True),
        Column("resolution", pen("มติที่ประชุม", "Resolution"), "long_text", 24, excel_only=True),
        Column("reason", pen("เหตุผล", "Reason"), "long_text", 26),
        Column("at", pen("วันที่มีมติ", "Decided"), "date", 14, excel_only=True),
        Column("by", pen("ผู้บันทึก", "Recorded by"), "text", 16, excel_only=True),
    )
    rows, departing = [], []
    for b in book.page.lines:
        decision = book.page.decisions.get(b.line.entry.proposal_id)
        if decision is None or b.verdict is None:
            continue
        differs = departures(b)
        row = (
            b.line.entry.number,
            pen.name(b.line.entry.title),
            pen.name(b.line.entry.agency),
            b.line.rank,
            pen.name(STANDING_NAMES[b.line.standing]),
            pen.name(VERDICT_NAMES[b.verdict]),
            b.line.entry.requested,
            b.line.entry.requested,
            b.approved,
            b.approved,
            b.line.entry.requested - b.approved,
            "; ".join(pen.name(text) for text in differs),
            decision.conditions,
            decision.resolution,
            decision.reason,
            decision.decided_at,
            pen.name(decision.decided_by),
        )
        rows.append(row)
        if differs:
            departing.append(row)
    title = pen("มติของคณะกรรมการ", "Decisions of the committee")
    shorter = pen("มติที่ต่างจากลำดับที่คำนวณ", "Decisions that depart from the computed list")
    question = pen(
        "มติใดต่างจากลำดับที่คำนวณ และเพราะเหตุใด", "Which decisions depart from the computed list, and why?"
    )
    of_all = pen(
        "ที่ประชุมมีมติของแต่ละโครงการอย่างไร ต่างจากลำดับที่คำนวณหรือไม่ และเพราะเหตุใด",
        "What was decided of each project, does it depart from the computed list, and why?",
    )
    sheet = pen("มติ", "Decisions")
    return [
        Table(
            "decisions",
            title,
            _widened(columns, _DECISIONS_WIDE),
            tuple(rows),
            question=of_all,
            sheet=sheet,
            excel_only=True,
        ),
        Table(
            "departures", shorter, columns, tuple(departing), question=question, pdf_only=True, landscape=True
        ),
    ]


def outside_table(book: RankingBook, pen: Pen) -> Table:
    """What was filed and is not on the ranked list."""
    plan = book.page.call.plan
    return Table(
        "outside",
        pen("ข้อเสนอที่ไม่อยู่ในบัญชีจัดลำดับ", "Proposals not on the ranked list"),
        (
            Column("number", pen("เลขที่", "Number"), "text", 15),
            Column("title", pen("โครงการ", "Project"), "long_text", 38),
            Column("agency", pen("หน่วยงาน", "Agency"), "long_text", 27),
            Column("ministry", pen("กระทรวง", "Ministry"), "long_text", 24, excel_only=True),
            Column("stage", pen("ช่วงห่วงโซ่", "Stage"), "text", 13, excel_only=True),
            Column("guideline", pen("แนวทาง", "Guideline"), "text", 17, excel_only=True),
            Column("state", pen("สถานะ", "State"), "text", 21),
            Column("total", pen("ขอรับ", "Requested"), "money", 22, "sum"),
        ),
        tuple(
            (
                f.number,
                pen.name(f.title),
                pen.name(f.agency),
                pen.name(f.ministry),
                pen.name(plan.name("stages", f.stage)),
                guideline_in_stage(plan, f.guideline, pen),
                pen.name(STATES[f.state]),
                f.total,
            )
            for f in book.outside
        ),
        question=pen("ข้อเสนอใดไม่ผ่านหรือรอการพิจารณา", "Which proposals failed screening or still wait?"),
        sheet=pen("นอกบัญชี", "Not ranked"),
        landscape=False,
    )
