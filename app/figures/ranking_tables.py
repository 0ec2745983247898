"""The summary tables and the ranked list of the ranking book: what stands on paper and in the workbook alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from app.decisions.facts import VERDICT_NAMES
from app.figures.facts import STANDING_NAMES, Basis, BookLine, Group
from app.figures.pen import Pen
from app.figures.queries import RankingBook
from app.figures.rules import why
from app.portfolio.facts import Standing
from reports.document import Column, SumIfs, Table

RANKED = "ranked"
LINES = "lines"
_STYLES = {Standing.IN: "in", Standing.OUT: "out", Standing.UNSCORED: "grey", Standing.RECORDED: ""}


def guideline_name(code: str, name: str) -> str:
    """A guideline as summaries and filters know it: its code and name."""
    return f"{code} {name}" if name != code else code


def group_table(
    book: RankingBook,
    pen: Pen,
    name: str,
    title: str,
    question: str,
    groups: Sequence[Group],
    key: str,
) -> Table:
    """The sums of a grouping, live over the ranked list. `key` is the ranked list's column the groups come from."""
    basis = book.page.basis

    def over(value: str | None) -> SumIfs:
        return SumIfs(RANKED, value, ((key, "name"),))

    asked = pen("ขอรับงบประมาณ", "Requested") if basis is not Basis.RECORDED else ""
    columns = [
        Column("name", title, "long_text", 38),
        Column("projects", pen("โครงการ", "Projects"), "int", 10, "sum", group=asked, sumif=over(None)),
        Column(
            "requested",
            pen("วงเงิน", "Amount"),
            "million",
            16,
            "sum",
            group=asked,
            sumif=over("requested"),
        ),
    ]
    if basis is not Basis.RECORDED:
        fits = pen("อยู่ในกรอบตามลำดับ", "Within the ceiling by rank")
        columns += [
            Column(
                "in_projects",
                pen("โครงการ", "Projects"),
                "int",
                10,
                "sum",
                group=fits,
                sumif=over("is_in"),
            ),
            Column(
                "in_amount",
                pen("วงเงิน", "Amount"),
                "million",
                16,
                "sum",
                group=fits,
                sumif=over("in_amount"),
            ),
        ]
    if basis is Basis.APPROVED:
        approved = pen("คณะกรรมการเห็นชอบ", "Approved")
        columns += [
            Column(
                "approved_projects",
                pen("โครงการ", "Projects"),
                "int",
                10,
                "sum",
                group=approved,
                sumif=over("is_approved"),
            ),
            Column(
                "approved",
                pen("วงเงิน", "Amount"),
                "million",
                16,
                "sum",
                group=approved,
                sumif=over("approved"),
            ),
        ]
    rows = []
    for g in groups:
        label = pen.name(g.name)
        s = g.sums
        rows.append(
            {
                "name": guideline_name(g.code, label) if key == "guideline_name" else label,
                "projects": s.projects,
                "requested": s.requested,
                "in_projects": s.in_projects,
                "in_amount": s.in_amount,
                "approved_projects": s.approved_projects,
                "approved": s.approved,
            }
        )
    styles = tuple(g.code if g.code in ("upstream", "midstream", "downstream") else "" for g in groups)
    return Table(
        name,
        pen(f"สรุปตาม{title}", f"By {title.lower()}"),
        tuple(columns),
        tuple(rows),
        question=question,
        sheet=pen(f"ตาม{title}", f"By {title.lower()}"),
        row_styles=styles,
        landscape=False,
    )


def category_table(book: RankingBook, pen: Pen) -> Table:
    """Expenditure categories by quarter, live over the budget lines."""

    def column(key: str, title: str, group: str = "", value: str = "") -> Column:
        rule = SumIfs(LINES, value or key, (("category", "name"),))
        return Column(key, title, "million", 14, "sum", group=group, sumif=rule)

    quarters = pen("แผนการใช้จ่าย", "Planned by quarter")
    year = book.page.call.fiscal_year
    columns = [
        Column("name", pen("งบรายจ่าย", "Category"), "text", 22),
        *(column(f"q{n}", pen(f"ไตรมาส {n}", f"Q{n}"), quarters) for n in range(1, 5)),
        column("q0", pen("ไม่ระบุไตรมาส", "No quarter"), quarters),
        column("amount", pen(f"รวมปี {year}", f"Year {year}")),
        column("later", pen("ผูกพันปีถัดไป", "Later years")),
    ]
    rows = [
        {
            "name": pen.name(c.name),
            "q1": c.q1,
            "q2": c.q2,
            "q3": c.q3,
            "q4": c.q4,
            "q0": c.q0,
            "amount": c.amount,
            "later": c.later,
            "counted": c.counted,
        }
        for c in book.categories
    ]
    if book.page.basis is not Basis.RECORDED:
        columns.append(column("counted", counted_title(book, pen)))
    return Table(
        "categories",
        pen("งบรายจ่ายและไตรมาส", "Expenditure categories by quarter"),
        tuple(columns),
        tuple(rows),
        question=pen(
            "เงินที่ขอรับจะใช้เป็นงบรายจ่ายใด และใช้เมื่อใด",
            "What kind of expenditure is asked for, and when is it spent?",
        ),
        sheet=pen("งบรายจ่ายรายไตรมาส", "By category"),
        landscape=True,
    )


def counted_title(book: RankingBook, pen: Pen) -> str:
    """What the headline counts, as a column heading over amounts as asked for."""
    if book.page.basis is Basis.APPROVED:
        return pen("ที่ขอของโครงการที่เห็นชอบ", "Asked by approved projects")
    return pen("ที่ขอของโครงการในกรอบ", "Asked by projects within")


def agency_table(book: RankingBook, pen: Pen) -> Table:
    """Agencies with their own money, live over the budget lines."""

    def over(value: str) -> SumIfs:
        return SumIfs(LINES, value, (("agency", "name"),))

    columns = [
        Column("name", pen("หน่วยงาน", "Agency"), "long_text", 40),
        Column("ministry", pen("กระทรวง", "Ministry"), "long_text", 30),
        Column(
            "leads",
            pen("เป็นเจ้าของโครงการ", "Leads"),
            "int",
            12,
            sumif=SumIfs(RANKED, None, (("agency", "name"),)),
        ),
        Column(
            "projects",
            pen("ร่วมทั้งหมด", "Takes part"),
            "int",
            12,
            meaning=pen(
                "โครงการที่หน่วยงานเป็นเจ้าของหรือมีวงเงินของตน",
                "Projects the agency leads or has money of its own in",
            ),
        ),
        Column(
            "requested",
            pen("วงเงินของหน่วยงาน", "Own money"),
            "million",
            16,
            "sum",
            sumif=over("amount"),
        ),
    ]
    if book.page.basis is not Basis.RECORDED:
        title = (
            pen("โครงการที่เห็นชอบ", "Approved projects")
            if book.page.basis is Basis.APPROVED
            else pen("โครงการในกรอบ", "Projects within")
        )
        columns += [
            Column("counted_projects", title, "int", 12),
            Column("counted", counted_title(book, pen), "million", 16, "sum", sumif=over("counted")),
        ]
    return Table(
        "agencies",
        pen("สรุปตามหน่วยงาน", "By agency"),
        tuple(columns),
        tuple(
            {
                "name": pen.name(a.name),
                "ministry": pen.name(a.ministry),
                "leads": a.leads,
                "projects": a.projects,
                "requested": a.requested,
                "counted_projects": a.counted_projects,
                "counted": a.counted,
            }
            for a in book.agencies
        ),
        question=pen("หน่วยงานใดมีวงเงินเท่าใด", "Which agency has how much money?"),
        note=pen(
            "โครงการหนึ่งมีได้หลายหน่วยงาน จึงบวกจำนวนโครงการข้ามหน่วยงานไม่ได้",
            "A project can have several agencies, so the numbers of projects do not add up over agencies.",
        ),
        sheet=pen("ตามหน่วยงาน", "By agency"),
        landscape=False,
    )


def _score_columns(pen: Pen) -> list[Column]:
    scores = pen("คะแนน (เต็ม 100)", "Score (of 100)")
    return [
        Column("mean", pen("เฉลี่ย", "Mean"), "score", 9, group=scores),
        Column(
            "spread",
            pen("กระจาย", "Spread"),
            "score",
            9,
            group=scores,
            meaning=pen("ส่วนเบี่ยงเบนมาตรฐานของคะแนนผู้พิจารณา", "Sample standard deviation over reviewers"),
        ),
        Column("reviews", pen("ผู้ให้คะแนน", "Reviews"), "int", 9, group=scores),
    ]


def _amount(key: str, title: str, *, total: bool = True, meaning: str = "") -> list[Column]:
    """One amount twice: in baht to the satang for the workbook, in million baht for paper."""
    how: Literal["sum"] | None = "sum" if total else None
    return [
        Column(key, title, "money", 19, how, excel_only=True, meaning=meaning),
        Column(f"{key}_million", title, "million", 13, how, pdf_only=True),
    ]


def ranked_table(book: RankingBook, pen: Pen) -> Table:
    """The ranked list; of a recorded call, the list of its projects."""
    page = book.page
    recorded = page.basis is Basis.RECORDED
    columns = [
        Column("number", pen("เลขที่", "Number"), "text", 11),
        Column("title", pen("โครงการ", "Project"), "long_text", 38),
        Column("agency", pen("หน่วยงาน", "Agency"), "long_text", 30, excel_only=True),
        Column("ministry", pen("กระทรวง", "Ministry"), "long_text", 28, excel_only=True),
        Column("place", pen("หน่วยงาน (กระทรวง)", "Agency (ministry)"), "long_text", 28, pdf_only=True),
        Column("stage", pen("ช่วงห่วงโซ่", "Stage"), "text", 10),
        Column("guideline", pen("แนวทาง", "Guideline"), "text", 9, pdf_only=True),
        Column("guideline_name", pen("แนวทาง", "Guideline"), "long_text", 34, excel_only=True),
    ]
    if not recorded:
        columns.insert(0, Column("rank", pen("ลำดับ", "Rank"), "int", 7))
        columns += _score_columns(pen)
    asked = pen("วงเงิน", "Amount") if recorded else pen("ขอรับ", "Requested")
    columns += _amount("requested", asked)
    if not recorded:
        columns += _amount(
            "cumulative",
            pen("สะสมในกรอบ", "Taken so far"),
            total=False,
            meaning=pen(
                "ผลรวมที่ขอของโครงการในกรอบจนถึงลำดับนี้",
                "Sum asked for by the projects within, down to this rank",
            ),
        )
        columns += [
            Column("standing", pen("ตามลำดับ", "By rank"), "text", 10),
            Column("why", pen("เหตุผล", "Why"), "long_text", 24),
        ]
    if page.basis is Basis.APPROVED:
        columns.append(Column("verdict", pen("มติ", "Decision"), "text", 13))
        columns += _amount("approved", pen("เห็นชอบ", "Approved"))
    columns += _hidden_columns(pen, page.basis)
    carry = (
        ("requested_million", "approved_million") if page.basis is Basis.APPROVED else ("requested_million",)
    )
    return Table(
        RANKED,
        pen("บัญชีโครงการ", "List of projects") if recorded else pen("บัญชีจัดลำดับ", "Ranked list"),
        tuple(columns),
        tuple(_ranked_row(book, pen, line) for line in page.lines),
        question=pen("โครงการใดอยู่ในเอกสาร วงเงินเท่าใด", "Which projects were published, with what amounts?")
        if recorded
        else pen("โครงการใดอยู่ในกรอบวงเงิน และเพราะเหตุใด", "Which projects fit the ceiling, and why?"),
        sheet=pen("บัญชีโครงการ", "Projects") if recorded else pen("บัญชีจัดลำดับ", "Ranked list"),
        carry_forward=carry,
        row_styles=tuple(_STYLES[line.line.standing] for line in page.lines),
        landscape=True,
    )


def _hidden_columns(pen: Pen, basis: Basis) -> list[Column]:
    """Flags the summaries count and add, and the proof of each filing; for the workbook only."""
    group = pen("สำหรับสูตรและการตรวจสอบ", "For formulas and checks")
    columns = []
    if basis is not Basis.RECORDED:
        columns += [
            Column(
                "is_in",
                pen("ในกรอบ (1/0)", "Within (1/0)"),
                "int",
                10,
                "sum",
                group=group,
                excel_only=True,
            ),
            Column(
                "in_amount",
                pen("ขอรับในกรอบ", "Requested within"),
                "money",
                19,
                "sum",
                group=group,
                formula="={requested}*{is_in}",
                excel_only=True,
            ),
        ]
    if basis is Basis.APPROVED:
        title = pen("เห็นชอบ (1/0)", "Approved (1/0)")
        columns.append(Column("is_approved", title, "int", 10, "sum", group=group, excel_only=True))
    title = pen("SHA-256 ของข้อเสนอที่ยื่น", "SHA-256 of the filing")
    columns.append(Column("facts", title, "text", 68, group=group, excel_only=True))
    return columns


def _ranked_row(book: RankingBook, pen: Pen, b: BookLine) -> dict[str, object]:
    line, entry, plan = b.line, b.line.entry, book.page.call.plan
    agency, ministry = pen.name(entry.agency), pen.name(entry.ministry)
    within = line.standing is Standing.IN
    return {
        "rank": line.rank,
        "number": entry.number,
        "title": pen.name(entry.title),
        "agency": agency,
        "ministry": ministry,
        "place": f"{agency} ({ministry})",
        "stage": pen.name(plan.name("stages", entry.stage)),
        "guideline": entry.guideline,
        "guideline_name": guideline_name(entry.guideline, pen.name(plan.name("guidelines", entry.guideline))),
        "mean": line.mean,
        "spread": line.spread,
        "reviews": entry.panel.count,
        "requested": entry.requested,
        "requested_million": entry.requested,
        "cumulative": b.cumulative,
        "cumulative_million": b.cumulative,
        "standing": pen.name(STANDING_NAMES[line.standing]),
        "why": why(line, pen.language),
        "verdict": pen.name(VERDICT_NAMES[b.verdict]) if b.verdict else "",
        "approved": b.approved if b.verdict else None,
        "approved_million": b.approved if b.verdict else None,
        "is_in": int(within),
        "in_amount": entry.requested if within else 0,
        "is_approved": int(b.approved > 0),
        "facts": book.facts.get(entry.proposal_id, ""),
    }
