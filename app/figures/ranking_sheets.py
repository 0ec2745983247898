"""The long sheets of the workbook: budget lines, filings, and the proof that all agree."""

from __future__ import annotations

from app.figures.facts import Basis
from app.figures.pen import Pen
from app.figures.queries import RankingBook
from app.figures.ranking_list import LINES, RANKED
from app.figures.ranking_summaries import counted_title
from reports.document import Column, SumIfs, Table


def line_table(book: RankingBook, pen: Pen) -> Table:
    """Every budget line of the ranked proposals, as rows for sums and pivots. What nobody uses is hidden."""
    quarters = pen("แผนการใช้จ่าย", "Planned by quarter")
    later = pen("ผูกพันปีถัดไป", "Commitments of later years")
    year = book.page.call.fiscal_year
    used = [any(r.later[n] for r in book.lines) for n in range(4)]

    def money(key: str, title: str, group: str = "", formula: str = "", *, hidden: bool = False) -> Column:
        return Column(key, title, "money", 17, "sum", group=group, formula=formula, hidden=hidden)

    columns = [
        Column("number", pen("เลขที่", "Number"), "text", 12),
        Column("position", pen("รายการที่", "Line"), "int", 7),
        Column("agency", pen("หน่วยงาน", "Agency"), "text", 24),
        Column("category", pen("งบรายจ่าย", "Category"), "text", 13),
        Column("item", pen("รายการ", "Item"), "long_text", 36),
        Column("quantity", pen("จำนวน", "Quantity"), "int", 8),
        Column("unit", pen("หน่วยนับ", "Unit"), "text", 9),
        Column("unit_price", pen("ราคาต่อหน่วย", "Unit price"), "money", 17),
        money("amount", pen(f"วงเงินปี {year}", f"Amount {year}"), formula="={quantity}*{unit_price}"),
        *(money(f"q{n}", pen(f"ไตรมาส {n}", f"Q{n}"), quarters) for n in range(1, 5)),
        money("q0", pen("ไม่ระบุไตรมาส", "No quarter"), quarters, hidden=not any(r.q0 for r in book.lines)),
        *(money(f"later{n}", f"{year + n}", later, hidden=not used[n - 1]) for n in range(1, 5)),
        money(
            "later",
            pen("รวมผูกพัน", "In all"),
            later,
            "={later1}+{later2}+{later3}+{later4}",
            hidden=not any(used),
        ),
    ]
    recorded = book.page.basis is Basis.RECORDED
    if recorded:
        columns.append(Column("source", pen("ที่มา (เล่มและหน้า)", "Source (volume and page)"), "text", 28))
    else:
        columns.append(money("counted", counted_title(book, pen), hidden=True))
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


def filing_table(book: RankingBook, pen: Pen) -> Table:
    """Every filing with the SHA-256 of what was filed: the figures above can be proved from these."""
    filed = [
        (b.line.entry.proposal_id, b.line.entry.number, b.line.entry.title, b.line.entry.submitted_at)
        for b in book.page.lines
    ]
    filed += [(f.id, f.number, f.title, f.submitted_at) for f in book.outside]
    return Table(
        "filings",
        pen("หลักฐานการยื่น", "Proof of filing"),
        (
            Column("number", pen("เลขที่", "Number"), "text", 12),
            Column("title", pen("โครงการ", "Project"), "long_text", 48),
            Column("at", pen("รับไว้เมื่อ (เวลาของระบบ)", "Received (server time)"), "text", 26),
            Column("sha256", pen("SHA-256 ของข้อเสนอที่ยื่น", "SHA-256 of the filing"), "text", 76),
        ),
        tuple(
            (number, pen.name(title), pen.second(at), book.facts.get(proposal_id, ""))
            for proposal_id, number, title, at in sorted(filed, key=lambda row: row[1])
        ),
        question=pen("ตัวเลขในสมุดนี้มาจากข้อเสนอฉบับใด", "From which filings do these figures come?"),
        sheet=pen("หลักฐาน", "Proofs"),
        excel_only=True,
    )
