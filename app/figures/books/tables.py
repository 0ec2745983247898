"""Tables only a decision book has: departures from the computed order, decisions in short, later years' commitments."""

from __future__ import annotations

from collections.abc import Iterator

from app.decisions.facts import VERDICT_NAMES, Verdict
from app.figures.books.content import PrintableContents
from app.figures.pen import Pen
from app.figures.portfolio_charts import commitment_chart
from app.portfolio.facts import Adjusting
from app.portfolio.ledger import DEPARTURE_NAMES
from reports.document import Block, Column, Table


def ledger_table(contents: PrintableContents, pen: Pen) -> Table:
    """Every change by hand, and every decision that is not what the list computed, with who and why."""
    rows: list[tuple[object, ...]] = []
    lines = {b.line.entry.number: b for b in contents.figures.page.lines}
    for change in contents.changes:
        b = lines.get(change.number)
        rows.append(
            (
                change.number,
                pen.name(b.line.entry.title) if b else "",
                b.line.rank if b else None,
                pen.name(DEPARTURE_NAMES[Adjusting(change.kind)]),
                b.line.entry.requested if b else None,
                b.line.granted if b else None,
                change.reason,
                f"{pen.name_or_empty(change.by)} {pen.moment(change.at)}".strip(),
            )
        )
    for row in contents.decisions:
        b = lines.get(row.number)
        if b is None:
            continue
        verdict = Verdict(row.verdict)
        if row.amount == b.line.granted:
            continue
        rows.append(
            (
                row.number,
                pen.name(b.line.entry.title),
                b.line.rank,
                pen(f"มติ: {VERDICT_NAMES[verdict].th}", f"Decision: {VERDICT_NAMES[verdict].en}"),
                b.line.granted,
                row.amount,
                row.reason or row.conditions,
                f"{pen.name_or_empty(row.decided_by)} {pen.moment(row.decided_at)}".strip(),
            )
        )
    return Table(
        "departing",
        pen("บัญชีรายการที่ต่างจากลำดับที่คำนวณ", "Ledger of departures from the computed order"),
        (
            Column("number", pen("เลขที่", "Number"), "text", 13),
            Column("title", pen("โครงการ", "Project"), "long_text", 30),
            Column("rank", pen("ลำดับ", "Rank"), "int", 8),
            Column("kind", pen("การปรับ", "Change"), "text", 18),
            Column("before", pen("เดิม", "Before"), "money", 18),
            Column("after", pen("เป็น", "After"), "money", 18),
            Column("reason", pen("เหตุผล", "Reason"), "long_text", 30),
            Column("by", pen("โดย", "By"), "long_text", 22),
        ),
        tuple(rows),
        question=pen(
            "มติใดต่างจากลำดับที่คำนวณ ใครเป็นผู้ปรับ และเพราะเหตุใด",
            "What departs from the computed order, by whom and why?",
        ),
        sheet=pen("บัญชีส่วนต่าง", "Ledger"),
    )


def resolution_table(contents: PrintableContents, pen: Pen) -> Table:
    """Every decision with its number, conditions and words in full, in the order of the list."""
    decided = {row.number: row for row in contents.decisions}
    rows = []
    for b in contents.figures.page.lines:
        row = decided.get(b.line.entry.number)
        if row is not None:
            said = filter(None, (row.conditions, row.resolution, row.reason))
            rows.append(
                (
                    row.resolution_number,
                    row.number,
                    pen.name(b.line.entry.title),
                    pen.name(VERDICT_NAMES[Verdict(row.verdict)]),
                    row.amount,
                    " · ".join(said),
                )
            )
    return Table(
        "resolutions_on_paper",
        pen("มติรายโครงการ", "Decisions project by project"),
        (
            Column("resolution", pen("มติที่", "Number"), "text", 14),
            Column("number", pen("เลขที่", "Proposal"), "text", 13),
            Column("title", pen("โครงการ", "Project"), "long_text", 36),
            Column("verdict", pen("มติ", "Decision"), "text", 18),
            Column("approved", pen("เห็นชอบ", "Approved"), "million", 15, "sum"),
            Column("said", pen("เงื่อนไข มติ และเหตุผล", "Conditions, text and reason"), "long_text", 56),
        ),
        tuple(rows),
        question=pen(
            "ที่ประชุมมีมติของแต่ละโครงการว่าอย่างไร มีเงื่อนไขหรือเหตุผลใด",
            "What was decided of each project, on what conditions and for what reason?",
        ),
        carry_forward=("approved",),
        pdf_only=True,
        landscape=True,
    )


def verdict_table(contents: PrintableContents, pen: Pen) -> Table:
    """How many projects were decided how, and what that comes to."""
    lines = contents.figures.page.lines
    rows = []
    for verdict in (*Verdict, None):
        of = [b for b in lines if b.verdict == verdict]
        name = pen.name(VERDICT_NAMES[verdict]) if verdict else pen("ยังไม่มีมติ", "Not decided")
        if of or verdict is not None:
            rows.append((name, len(of), sum(b.line.entry.requested for b in of), sum(b.approved for b in of)))
    return Table(
        "verdicts",
        pen("สรุปมติ", "Decisions in short"),
        (
            Column("verdict", pen("มติ", "Decision"), "text", 28),
            Column("projects", pen("โครงการ", "Projects"), "int", 12, "sum"),
            Column("requested", pen("ขอรับ", "Requested"), "money", 22, "sum"),
            Column("approved", pen("เห็นชอบ", "Approved"), "money", 22, "sum"),
        ),
        tuple(rows),
        question=pen("ที่ประชุมมีมติอย่างไร เป็นเงินเท่าใด", "What was decided, and what does it come to?"),
        sheet=pen("สรุปมติ", "Verdicts"),
        filters=False,
        landscape=False,
    )


def commitment_blocks(contents: PrintableContents, pen: Pen) -> Iterator[Block]:
    """What the counted projects commit later years to: nothing but words where they commit to nothing."""
    page = contents.figures.page
    year = page.call.fiscal_year
    stage_of = {b.line.entry.proposal_id: b.line.entry.stage for b in page.lines}
    counted = page.counted
    sums: dict[str, list[int]] = {c.code: [0] * 5 for c in page.call.plan.stages}
    for row in contents.figures.lines:
        if row.proposal_id in counted:
            held = sums[stage_of[row.proposal_id]]
            for at, amount in enumerate((row.amount, *row.later)):
                held[at] += amount
    years = [sum(of) for of in zip(*sums.values(), strict=True)]
    if any(years[1:]):
        yield commitment_chart(years, year, pen)
    names = {c.code: pen.name(c.name) for c in page.call.plan.stages}
    yield Table(
        "commitments",
        pen("ภาระผูกพันหลายปี", "Multi-year commitments"),
        (
            Column("stage", pen("ช่วงห่วงโซ่", "Stage"), "text", 20),
            *(
                Column(f"year{n}", pen(f"ปี {year + n}", f"FY {year + n}"), "million", 16, "sum")
                for n in range(5)
            ),
        ),
        tuple((names[code], *row) for code, row in sums.items()),
        question=pen(
            "โครงการที่เห็นชอบผูกพันงบประมาณปีต่อ ๆ ไปเท่าใด", "What do the projects counted commit later years to?"
        ),
        note=pen("วงเงินตามข้อเสนอที่ยื่น ก่อนปรับลด", "As filed, before cuts"),
        sheet=pen("ผูกพันหลายปี", "Commitments"),
        landscape=False,
    )
