"""The ranked list of the ranking book; of a recorded call, the list of its projects."""

from __future__ import annotations

from typing import Literal

from app.calls.facts import PlanStructure
from app.decisions.facts import VERDICT_NAMES
from app.figures.facts import Basis, BookLine
from app.figures.pen import Pen
from app.figures.queries import RankingBook
from app.portfolio.facts import Standing
from app.portfolio.reasons import STANDING_NAMES, NameOf, names_in, why, why_in_short
from reports.document import Column, Table

RANKED = "ranked"
LINES = "lines"
_STYLES = {Standing.IN: "in", Standing.OUT: "out", Standing.UNSCORED: "grey", Standing.RECORDED: ""}


def guideline_in_stage(plan: PlanStructure, guideline: str, pen: Pen) -> str:
    """A guideline in a narrow column, and what summaries match it by: a bare "3.1" Excel would take for a number."""
    stage = plan.stage_of.get(guideline, "")
    return f"{guideline} {pen.name(plan.name('stages', stage))}".strip()


def amount_columns(key: str, title: str, *, total: bool = True, meaning: str = "") -> list[Column]:
    """One amount twice: in baht to the satang for the workbook, in million baht for paper."""
    how: Literal["sum"] | None = "sum" if total else None
    return [
        Column(key, title, "money", 18, how, excel_only=True, meaning=meaning),
        Column(f"{key}_million", title, "million", 17, how, pdf_only=True),
    ]


def ranked_table(book: RankingBook, pen: Pen) -> Table:
    """Every project of the call that passed screening, or was recorded, in its order."""
    page = book.page
    recorded = page.basis is Basis.RECORDED
    columns = [
        Column("number", pen("เลขที่", "Number"), "text", 16),
        Column("title", pen("โครงการ", "Project"), "long_text", 36),
        Column("agency", pen("หน่วยงาน", "Agency"), "long_text", 26, excel_only=True),
        Column("ministry", pen("กระทรวง", "Ministry"), "long_text", 24, excel_only=True),
        Column("place", pen("หน่วยงาน (กระทรวง)", "Agency (ministry)"), "long_text", 30, pdf_only=True),
        Column("stage", pen("ช่วงห่วงโซ่", "Stage"), "text", 13, excel_only=True),
        Column("guideline", pen("แนวทาง", "Guideline"), "text", 18),
    ]
    if not recorded:
        columns.insert(0, Column("rank", pen("ลำดับ", "Rank"), "int", 8))
        columns += _score_columns(pen)
    columns += amount_columns("requested", pen("วงเงิน", "Amount") if recorded else pen("ขอรับ", "Requested"))
    if not recorded:
        columns += _standing_columns(pen)
    if page.basis is Basis.APPROVED:
        columns.append(Column("verdict", pen("มติ", "Decision"), "text", 13))
        columns += amount_columns("approved", pen("เห็นชอบ", "Approved"))
    columns += _flag_columns(pen, page.basis)
    carry = ["requested_million"] + (["approved_million"] if page.basis is Basis.APPROVED else [])
    title, question = (
        pen("บัญชีจัดลำดับ", "Ranked list"),
        pen("โครงการใดอยู่ในกรอบวงเงิน และเพราะเหตุใด", "Which projects fit the ceiling, and why?"),
    )
    if recorded:
        title = pen("บัญชีโครงการ", "List of projects")
        question = pen("โครงการใดอยู่ในเอกสาร วงเงินเท่าใด", "Which projects were published, with what amounts?")
    name_of = names_in(page.call.plan, (b.line.entry for b in page.lines))
    return Table(
        RANKED,
        title,
        tuple(columns),
        tuple(_row(book, pen, line, name_of) for line in page.lines),
        question=question,
        carry_forward=tuple(carry),
        row_styles=tuple(_STYLES[line.line.standing] for line in page.lines),
        landscape=True,
    )


def _score_columns(pen: Pen) -> list[Column]:
    scores = pen("คะแนน (เต็ม 100)", "Score (of 100)")
    spread = pen("ส่วนเบี่ยงเบนมาตรฐานของคะแนนผู้พิจารณา", "Sample standard deviation over reviewers")
    return [
        Column("mean", pen("เฉลี่ย", "Mean"), "score", 11, group=scores),
        Column("spread", pen("กระจาย", "Spread"), "score", 11, group=scores, meaning=spread),
        Column(
            "reviews",
            pen("ผู้ให้", "By"),
            "int",
            8,
            group=scores,
            meaning=pen("จำนวนผู้พิจารณาที่ส่งคะแนน", "Reviews handed in"),
        ),
    ]


def _standing_columns(pen: Pen) -> list[Column]:
    taken = pen(
        "ผลรวมที่ขอของโครงการในกรอบจนถึงลำดับนี้", "Sum asked for by the projects within, down to this rank"
    )
    return [
        *amount_columns("cumulative", pen("สะสมในกรอบ", "Taken so far"), total=False, meaning=taken),
        Column("standing", pen("ตามลำดับ", "By rank"), "text", 12, excel_only=True),
        Column("why", pen("เหตุผล", "Why"), "long_text", 36, excel_only=True),
        Column("stands", pen("ตามลำดับ", "By rank"), "long_text", 22, pdf_only=True),
    ]


def _flag_columns(pen: Pen, basis: Basis) -> list[Column]:
    """What the summaries count and add: out of sight."""
    why_there = pen("ซ่อนไว้ ใช้ในสูตรของแผ่นงานสรุป", "Hidden; the summaries' formulas use it")
    columns = []
    if basis is not Basis.RECORDED:
        title = pen("ในกรอบ (1/0)", "Within (1/0)")
        columns.append(Column("is_in", title, "int", 10, "sum", meaning=why_there, hidden=True))
        title, product = pen("ขอรับในกรอบ", "Requested within"), "={requested}*{is_in}"
        columns.append(
            Column("in_amount", title, "money", 18, "sum", formula=product, meaning=why_there, hidden=True)
        )
    if basis is Basis.APPROVED:
        title = pen("เห็นชอบ (1/0)", "Approved (1/0)")
        columns.append(Column("is_approved", title, "int", 10, "sum", meaning=why_there, hidden=True))
    return columns


def _row(book: RankingBook, pen: Pen, b: BookLine, name_of: NameOf) -> dict[str, object]:
    line, entry, plan = b.line, b.line.entry, book.page.call.plan
    agency, ministry = pen.name(entry.agency), pen.name(entry.ministry)
    within = line.standing is Standing.IN
    approved = b.approved if b.verdict else None
    return {
        "rank": line.rank,
        "number": entry.number,
        "title": pen.name(entry.title),
        "agency": agency,
        "ministry": ministry,
        "place": f"{agency} ({ministry})",
        "stage": pen.name(plan.name("stages", entry.stage)),
        "guideline": guideline_in_stage(plan, entry.guideline, pen),
        "mean": line.mean,
        "spread": line.spread,
        "reviews": entry.panel.count,
        "requested": entry.requested,
        "requested_million": entry.requested,
        "cumulative": b.cumulative,
        "cumulative_million": b.cumulative,
        "standing": pen.name(STANDING_NAMES[line.standing]),
        "why": why(line, pen.language, name_of),
        "stands": why_in_short(line, pen.language, name_of),
        "verdict": pen.name(VERDICT_NAMES[b.verdict]) if b.verdict else "",
        "approved": approved,
        "approved_million": approved,
        "is_in": int(within),
        "in_amount": line.granted,
        "is_approved": int(b.approved > 0),
    }
