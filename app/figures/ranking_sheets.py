"""The long tables of the ranking book: budget lines, findings, reviews, decisions and the proof that all agree."""

from __future__ import annotations

from itertools import groupby

from app.decisions.facts import VERDICT_NAMES
from app.figures.facts import STANDING_NAMES, Basis
from app.figures.pen import Pen
from app.figures.queries import RankingBook
from app.figures.ranking_tables import LINES, RANKED, counted_title
from app.figures.rules import departures
from app.kernel.findings import Outcome
from app.proposals.states import STATES
from reports.document import Column, SumIfs, Table

OUTCOME_WORDS = {
    Outcome.PASSES: ("ผ่าน", "Passes"),
    Outcome.NEEDS_PERSON: ("ต้องมีเจ้าหน้าที่พิจารณา", "Needs a person"),
    Outcome.FAILS: ("ไม่ผ่าน", "Fails"),
}


def line_table(book: RankingBook, pen: Pen) -> Table:
    """Every budget line of the ranked proposals, as rows for sums and pivots."""
    quarters = pen("แผนการใช้จ่าย", "Planned by quarter")
    later = pen("ผูกพันปีถัดไป", "Commitments of later years")
    year = book.page.call.fiscal_year

    def money(key: str, title: str, group: str = "", formula: str = "", *, total: bool = True) -> Column:
        return Column(key, title, "money", 18, "sum" if total else None, group=group, formula=formula)

    columns = [
        Column("number", pen("เลขที่", "Number"), "text", 11),
        Column("position", pen("รายการที่", "Line"), "int", 9),
        Column("agency", pen("หน่วยงาน", "Agency"), "text", 36),
        Column("category", pen("งบรายจ่าย", "Category"), "text", 18),
        Column("item", pen("รายการ", "Item"), "long_text", 46),
        Column("quantity", pen("จำนวน", "Quantity"), "int", 10),
        Column("unit", pen("หน่วยนับ", "Unit"), "text", 12),
        money("unit_price", pen("ราคาต่อหน่วย", "Unit price"), total=False),
        money("amount", pen(f"วงเงินปี {year}", f"Amount {year}"), formula="={quantity}*{unit_price}"),
        *(money(f"q{n}", pen(f"ไตรมาส {n}", f"Q{n}"), quarters) for n in range(1, 5)),
        money("q0", pen("ไม่ระบุไตรมาส", "No quarter"), quarters),
        *(money(f"later{n}", f"{year + n}", later) for n in range(1, 5)),
        money("later", pen("รวมผูกพัน", "In all"), later, "={later1}+{later2}+{later3}+{later4}"),
    ]
    recorded = book.page.basis is Basis.RECORDED
    if recorded:
        columns.append(Column("source", pen("ที่มา (เล่มและหน้า)", "Source (volume and page)"), "text", 30))
    else:
        columns.append(money("counted", counted_title(book, pen)))
    categories = {c.code: pen.name(c.name) for c in book.categories}
    agencies: dict[int, str] = {}
    rows = []
    for r in book.lines:
        if r.agency_id not in agencies:
            agencies[r.agency_id] = pen.name(r.agency)
        rows.append(
            (
                r.number,
                r.position,
                agencies[r.agency_id],
                categories[r.category],
                r.item,
                r.quantity,
                r.unit,
                r.unit_price,
                r.amount,
                r.q1,
                r.q2,
                r.q3,
                r.q4,
                r.q0,
                *r.later,
                sum(r.later),
                r.source if recorded else r.counted,
            )
        )
    return Table(
        LINES,
        pen("รายการงบประมาณ", "Budget lines"),
        tuple(columns),
        tuple(rows),
        question=pen(
            "แต่ละโครงการขอรับอะไร เท่าใด และใช้เมื่อใด", "What does each project ask for, how much and when?"
        ),
        sheet=pen("รายการงบประมาณ", "Budget lines"),
        excel_only=True,
    )


def _outcome(outcome: Outcome, pen: Pen) -> str:
    return pen(*OUTCOME_WORDS[outcome])


def finding_tables(book: RankingBook, pen: Pen) -> list[Table]:
    """All findings for the workbook; for paper, those that are not a plain pass."""
    columns = (
        Column("number", pen("เลขที่", "Number"), "text", 11),
        Column("title", pen("โครงการ", "Project"), "long_text", 34),
        Column("rule", pen("ข้อกำหนด", "Rule"), "long_text", 22),
        Column("weight", pen("ใช้ตัดสิน", "Decides"), "text", 10, excel_only=True),
        Column("outcome", pen("ผล", "Result"), "text", 14),
        Column("text", pen("สิ่งที่พบ", "Finding"), "long_text", 44),
        Column("basis", pen("ฐานอ้างอิง", "Basis"), "long_text", 34, excel_only=True),
        Column("remedy", pen("สิ่งที่จะทำให้ผลเปลี่ยน", "What would change it"), "long_text", 36),
        Column("override", pen("ดุลพินิจ", "Judgement"), "text", 14),
        Column("reason", pen("เหตุผลของดุลพินิจ", "Reason for it"), "long_text", 32),
        Column("by", pen("โดย", "By"), "text", 20, excel_only=True),
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
        Table("findings", title, columns, tuple(rows), question=question, sheet=sheet, excel_only=True),
        Table("notable", shorter, columns, tuple(notable), question=question, pdf_only=True, landscape=True),
    ]


def score_table(book: RankingBook, pen: Pen) -> Table:
    """One row for each finished review, one column for each criterion, the total recomputed by formula."""
    criteria = book.page.call.rubric.criteria
    levels = pen("ระดับคะแนน 0–4 (น้ำหนัก)", "Level 0-4 (weight)")
    keys = {c.code: f"c{n}" for n, c in enumerate(criteria, 1)}
    formula = "=" + "+".join(f"{{{keys[c.code]}}}*{c.weight}/4" for c in criteria)
    columns = (
        Column("number", pen("เลขที่", "Number"), "text", 11),
        Column("title", pen("โครงการ", "Project"), "long_text", 38),
        Column("body", pen("หน่วยพิจารณา", "Body"), "text", 18),
        Column("reviewer", pen("ผู้พิจารณา", "Reviewer"), "text", 24),
        *(
            Column(
                keys[c.code],
                f"{pen.name(c.name)} ({c.weight})",
                "int",
                16,
                group=levels,
                meaning=pen.name(c.question),
            )
            for c in criteria
        ),
        Column("total", pen("คะแนนรวม", "Total"), "score", 11, formula=formula),
        Column("at", pen("ส่งผลเมื่อ", "Handed in"), "date", 14),
        Column("comments", pen("ความเห็น", "Comments"), "long_text", 70),
    )
    names = {c.code: pen.name(c.name) for c in criteria}
    rows = []
    for _, group in groupby(book.scores, key=lambda s: (s.number, s.reviewer, s.submitted_at)):
        scores = list(group)
        first, level = scores[0], {s.criterion: s.level for s in scores}
        said = [f"{names.get(s.criterion, s.criterion)}: {s.comment}" for s in scores if s.comment]
        rows.append(
            (
                first.number,
                pen.name(first.title),
                pen.name(first.body),
                pen.name(first.reviewer),
                *(level.get(c.code) for c in criteria),
                first.total,
                first.submitted_at,
                "\n".join(said),
            )
        )
    return Table(
        "scores",
        pen("คะแนนรายผู้พิจารณา", "Scores by reviewer"),
        columns,
        tuple(rows),
        question=pen("ผู้พิจารณาแต่ละคนให้คะแนนเกณฑ์ใดเท่าใด", "How did each reviewer score each criterion?"),
        sheet=pen("คะแนน", "Scores"),
        excel_only=True,
    )


def decision_tables(book: RankingBook, pen: Pen) -> list[Table]:
    """All decisions for the workbook; for paper, those that depart from the computed list."""
    columns = (
        Column("number", pen("เลขที่", "Number"), "text", 11),
        Column("title", pen("โครงการ", "Project"), "long_text", 36),
        Column("agency", pen("หน่วยงาน", "Agency"), "long_text", 26),
        Column("rank", pen("ลำดับ", "Rank"), "int", 7),
        Column("standing", pen("ตามลำดับ", "By rank"), "text", 11),
        Column("verdict", pen("มติ", "Decision"), "text", 15),
        Column("requested", pen("ขอรับ", "Requested"), "money", 18, "sum"),
        Column("approved", pen("เห็นชอบ", "Approved"), "money", 18, "sum"),
        Column("cut", pen("ต่างจากที่ขอ", "Difference"), "money", 18, "sum", formula="={requested}-{approved}"),
        Column("departure", pen("ส่วนที่ต่างจากลำดับที่คำนวณ", "Departs from the computed list"), "long_text", 30),
        Column("conditions", pen("เงื่อนไข", "Conditions"), "long_text", 28, excel_only=True),
        Column("resolution", pen("มติที่ประชุม", "Resolution"), "long_text", 28, excel_only=True),
        Column("reason", pen("เหตุผล", "Reason"), "long_text", 32),
        Column("at", pen("วันที่มีมติ", "Decided"), "date", 14, excel_only=True),
        Column("by", pen("ผู้บันทึก", "Recorded by"), "text", 22, excel_only=True),
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
    sheet = pen("มติ", "Decisions")
    return [
        Table("decisions", title, columns, tuple(rows), question=question, sheet=sheet, excel_only=True),
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
            Column("number", pen("เลขที่", "Number"), "text", 11),
            Column("title", pen("โครงการ", "Project"), "long_text", 36),
            Column("agency", pen("หน่วยงาน", "Agency"), "long_text", 26),
            Column("ministry", pen("กระทรวง", "Ministry"), "long_text", 24, excel_only=True),
            Column("stage", pen("ช่วงห่วงโซ่", "Stage"), "text", 10, excel_only=True),
            Column("guideline", pen("แนวทาง", "Guideline"), "text", 10, excel_only=True),
            Column("state", pen("สถานะ", "State"), "text", 18),
            Column("total", pen("ขอรับ", "Requested"), "money", 18, "sum"),
        ),
        tuple(
            (
                f.number,
                pen.name(f.title),
                pen.name(f.agency),
                pen.name(f.ministry),
                pen.name(plan.name("stages", f.stage)),
                f.guideline,
                pen.name(STATES[f.state]),
                f.total,
            )
            for f in book.outside
        ),
        question=pen("ข้อเสนอใดไม่ผ่านหรือรอการพิจารณา", "Which proposals failed screening or still wait?"),
        sheet=pen("นอกบัญชี", "Not ranked"),
        landscape=False,
    )


def agreement_table(book: RankingBook, pen: Pen) -> Table:
    """The same total reached over every sheet, and how far each way is off: nothing, to the satang."""
    ways = {
        "lines": (LINES, "amount", pen("รายการงบประมาณ", "Budget lines")),
        "stages": ("stages", "requested", pen("ตามช่วงห่วงโซ่", "By stage")),
        "guidelines": ("guidelines", "requested", pen("ตามแนวทาง", "By guideline")),
        "ministries": ("ministries", "requested", pen("ตามกระทรวง", "By ministry")),
        "agencies": ("agencies", "requested", pen("ตามหน่วยงาน", "By agency")),
        "categories": ("categories", "amount", pen("ตามงบรายจ่าย", "By category")),
    }
    page = book.page
    sums = {
        "lines": sum(r.amount for r in book.lines),
        "stages": sum(g.sums.requested for g in page.stages),
        "guidelines": sum(g.sums.requested for g in page.guidelines),
        "ministries": sum(g.sums.requested for g in page.ministries),
        "agencies": sum(a.requested for a in book.agencies),
        "categories": sum(c.amount for c in book.categories),
    }
    ranked = page.totals.requested
    totals, off = pen("ผลรวมที่ขอรับ", "Total requested"), pen("ต่างจากบัญชีโครงการ", "Off the list of projects")
    columns = [
        Column(
            "ranked",
            pen("บัญชีโครงการ", "List of projects"),
            "money",
            20,
            group=totals,
            sumif=SumIfs(RANKED, "requested"),
        ),
        *(
            Column(key, name, "money", 20, group=totals, sumif=SumIfs(table, column))
            for key, (table, column, name) in ways.items()
        ),
        *(
            Column(f"{key}_off", name, "money", 14, group=off, formula=f"=ROUND({{{key}}}-{{ranked}},2)")
            for key, (_, _, name) in ways.items()
        ),
    ]
    row = {"ranked": ranked, **sums, **{f"{key}_off": value - ranked for key, value in sums.items()}}
    return Table(
        "agreement",
        pen("ตรวจสอบความถูกต้องตรงกัน", "Agreement of the sheets"),
        tuple(columns),
        (row,),
        question=pen("ทุกแผ่นงานให้ผลรวมเดียวกันหรือไม่", "Do all sheets give the same total?"),
        sheet=pen("ตรวจสอบ", "Agreement"),
        filters=False,
        excel_only=True,
    )
