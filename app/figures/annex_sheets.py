"""The annex sheets of the workbook: each project on a line, budget by category, quarter and agency, overlaps, links, and
how the list departs from the computed order."""

from __future__ import annotations

from collections import Counter, defaultdict

from app.figures.facts import Basis
from app.figures.pen import Pen
from app.figures.queries import RankingBook
from app.figures.ranking_list import LINES, guideline_in_stage
from app.figures.ranking_summaries import counted_title
from app.kernel.findings import Outcome
from app.linkage.facts import KIND_NAMES, RELATION_NAMES, STANDING_NAMES
from app.portfolio.ledger import DEPARTURE_NAMES
from app.proposals.facts import ANSWER_NAMES
from app.similarity.facts import VERDICT_NAMES, Verdict
from reports.document import Block, Column, SumIfs, Table

DETAILS = "details"


def annex_blocks(book: RankingBook, pen: Pen) -> list[Block]:
    """Every annex sheet there is something for. Departures always have theirs: an empty one says that there are none."""
    annexes = book.annexes
    recorded = book.page.basis is Basis.RECORDED
    tables = [detail_table(book, pen), budget_table(book, pen)]
    if not recorded:
        tables.append(departure_table(book, pen))
    if annexes.overlaps is not None and not recorded:
        tables.append(overlap_table(book, pen))
    if annexes.graph is not None and annexes.graph.edges:
        tables.append(graph_table(book, pen))
    return [*tables]


def filed_quarters(book: RankingBook) -> dict[str, tuple[int, int, int, int, int]]:
    """Number -> what the project's budget lines ask for in each quarter, and without one; satang."""
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0] * 5)
    for r in book.lines:
        for at, amount in enumerate((r.q1, r.q2, r.q3, r.q4, r.q0)):
            sums[r.number][at] += amount
    return {number: (a, b, c, d, e) for number, (a, b, c, d, e) in sums.items()}


def detail_table(book: RankingBook, pen: Pen) -> Table:
    """One row for each ranked or recorded project with everything that can be counted about it."""
    plan = book.page.call.plan
    quarters = filed_quarters(book)
    by_category: defaultdict[str, Counter[str]] = defaultdict(Counter)
    lines: Counter[str] = Counter()
    later: Counter[str] = Counter()
    for r in book.lines:
        by_category[r.number][r.category] += r.amount
        lines[r.number] += 1
        later[r.number] += sum(r.later)
    agencies = Counter(share.proposal_id for share in book.page.shares)
    troubles = Counter(
        f.number for f in book.findings if f.finding.decides and f.finding.outcome is not Outcome.PASSES
    )
    overlaps: Counter[str] = Counter()
    for pair in book.annexes.overlaps or ():
        overlaps.update((pair.later.number, pair.earlier.number))
    links: Counter[str] = Counter()
    if book.annexes.graph:
        numbers = {key: node.number for key, node in book.annexes.graph.nodes.items() if node.number}
        links.update(numbers.get(edge.proposal, "") for edge in book.annexes.graph.links)
    used = [c for c in book.categories if c.amount]
    categories = pen("งบรายจ่ายตามที่ยื่น", "By category, as filed")
    filed = pen("รายไตรมาสตามที่ยื่น", "By quarter, as filed")
    unphased = any(parts[4] for parts in quarters.values())
    columns = [
        Column("number", pen("เลขที่", "Number"), "text", 13),
        Column("title", pen("โครงการ", "Project"), "long_text", 40),
        Column("agency", pen("หน่วยงานหลัก", "Lead agency"), "long_text", 28),
        Column("ministry", pen("กระทรวง", "Ministry"), "long_text", 26),
        Column("stage", pen("ช่วงห่วงโซ่", "Stage"), "text", 13),
        Column("guideline", pen("แนวทาง", "Guideline"), "text", 18),
        Column("agencies", pen("หน่วยงานร่วม", "Agencies"), "int", 10),
        Column("lines", pen("รายการ", "Lines"), "int", 9, "sum"),
        Column("reviews", pen("ผู้ให้คะแนน", "Reviews"), "int", 12),
        Column("troubles", pen("ข้อที่ไม่ผ่านหรือให้พิจารณา", "Findings to look at"), "int", 13),
        *([Column("overlaps", pen("คู่ที่คล้าย", "Similar pairs"), "int", 10)] if book.annexes.overlaps is not None else []),
        *([Column("links", pen("การเชื่อมโยง", "Links"), "int", 13)] if book.annexes.graph is not None else []),
        Column("requested", pen("ขอรับ", "Requested"), "money", 18, "sum"),
        *(Column(f"c_{c.code}", pen.name(c.name), "money", 18, "sum", group=categories) for c in used),
        *(Column(f"f{n}", pen(f"ไตรมาส {n}", f"Q{n}"), "money", 17, "sum", group=filed) for n in range(1, 5)),
        Column("f5", pen("ไม่ระบุ", "No quarter"), "money", 17, "sum", group=filed, hidden=not unphased),
        Column("later", pen("ผูกพันปีถัดไป", "Later years"), "money", 17, "sum"),
    ]  # fmt: skip
    rows = []
    for b in book.page.lines:
        entry = b.line.entry
        rows.append(
            {
                "number": entry.number,
                "title": pen.name(entry.title),
                "agency": pen.name(entry.agency),
                "ministry": pen.name(entry.ministry),
                "stage": pen.name(plan.name("stages", entry.stage)),
                "guideline": guideline_in_stage(plan, entry.guideline, pen),
                "agencies": agencies[entry.proposal_id],
                "lines": lines[entry.number],
                "reviews": entry.panel.count,
                "troubles": troubles[entry.number],
                "overlaps": overlaps[entry.number],
                "links": links[entry.number],
                "requested": entry.requested,
                **{f"c_{c.code}": by_category[entry.number][c.code] for c in used},
                **{f"f{n}": amount for n, amount in enumerate(quarters.get(entry.number, (0,) * 5), 1)},
                "later": later[entry.number],
            }
        )
    return Table(
        DETAILS,
        pen("รายละเอียดรายโครงการ", "Details of each project"),
        tuple(columns),
        tuple(rows),
        question=pen(
            "แต่ละโครงการขออะไร ใช้เมื่อใด และมีเรื่องใดต้องดู",
            "What does each project ask for, when is it spent, and what is there to look at?",
        ),
        sheet=pen("รายโครงการ", "Details"),
        excel_only=True,
    )


def budget_table(book: RankingBook, pen: Pen) -> Table:
    """Money by agency, expenditure category and quarter, added up from the budget lines."""
    where = (("agency", "agency"), ("category", "category"))
    recorded = book.page.basis is Basis.RECORDED

    def money(key: str, title: str, group: str = "", *, hidden: bool = False) -> Column:
        rule = SumIfs(LINES, key, where)
        return Column(key, title, "money", 18, "sum", group=group, sumif=rule, hidden=hidden)

    quarters = pen("แผนการใช้จ่าย", "Planned by quarter")
    columns = [
        Column("agency", pen("หน่วยงาน", "Agency"), "long_text", 40),
        Column("ministry", pen("กระทรวง", "Ministry"), "long_text", 30),
        Column("category", pen("งบรายจ่าย", "Category"), "text", 20),
        *(money(f"q{n}", pen(f"ไตรมาส {n}", f"Q{n}"), quarters) for n in range(1, 5)),
        money("q0", pen("ไม่ระบุไตรมาส", "No quarter"), quarters, hidden=not any(r.q0 for r in book.lines)),
        money("amount", pen("รวมทั้งปี", "Year")),
        money("later", pen("ผูกพันปีถัดไป", "Later years")),
        *([] if recorded else [money("counted", counted_title(book, pen))]),
    ]
    sums: dict[tuple[int, str], list[int]] = {}
    for r in book.lines:
        found = sums.setdefault((r.agency_id, r.category), [0] * 8)
        for at, amount in enumerate((r.q1, r.q2, r.q3, r.q4, r.q0, r.amount, sum(r.later), r.counted)):
            found[at] += amount
    keys = ("q1", "q2", "q3", "q4", "q0", "amount", "later", "counted")
    order = {c.code: n for n, c in enumerate(book.categories)}
    names = {c.code: pen.name(c.name) for c in book.categories}
    rows = [
        {
            "agency": pen.name(agency.name),
            "ministry": pen.name(agency.ministry),
            "category": names[category],
            **dict(zip(keys, sums[agency.agency_id, category], strict=True)),
        }
        for agency in book.agencies
        for category in sorted((c for a, c in sums if a == agency.agency_id), key=order.__getitem__)
    ]
    return Table(
        "budget",
        pen("งบประมาณตามงบรายจ่าย ไตรมาส และหน่วยงาน", "Budget by category, quarter and agency"),
        tuple(columns),
        tuple(rows),
        question=pen(
            "หน่วยงานใดใช้งบรายจ่ายใด ในไตรมาสใด", "Which agency spends on what, and in which quarter?"
        ),
        sheet=pen("งบ ไตรมาส หน่วยงาน", "Budget"),
        excel_only=True,
    )


def departure_table(book: RankingBook, pen: Pen) -> Table:
    """Every departure of the list from its computed order, with who and why."""
    columns = (
        Column("number", pen("เลขที่", "Number"), "text", 13),
        Column("title", pen("โครงการ", "Project"), "long_text", 36),
        Column("agency", pen("หน่วยงาน", "Agency"), "long_text", 28),
        Column("rank", pen("ลำดับ", "Rank"), "int", 8),
        Column("kind", pen("การปรับ", "Change"), "text", 24),
        Column("requested", pen("ขอรับ", "Requested"), "money", 18, "sum"),
        Column("before", pen("ตามที่คำนวณ", "As computed"), "money", 18, "sum"),
        Column("after", pen("ตามที่ปรับ", "As changed"), "money", 18, "sum"),
        Column("change", pen("ต่าง", "Difference"), "money", 18, "sum", formula="={after}-{before}"),
        Column("least", pen("ขั้นต่ำที่ทำงานได้", "Least it works with"), "money", 18),
        Column("reason", pen("เหตุผล", "Reason"), "long_text", 44),
        Column("by", pen("โดย", "By"), "text", 22),
        Column("at", pen("เมื่อ", "On"), "date", 14),
    )
    rows = tuple(
        (
            d.number,
            pen.name(d.title),
            pen.name(d.agency),
            d.rank,
            pen.name(DEPARTURE_NAMES[d.kind]),
            d.requested,
            d.before,
            d.after,
            d.change,
            d.least,
            d.reason,
            pen.name(d.by),
            d.at,
        )
        for d in book.annexes.departures
    )
    return Table(
        "ledger",
        pen("ส่วนที่ต่างจากลำดับที่คำนวณ", "Departures from the computed order"),
        columns,
        rows,
        question=pen(
            "ใครปรับโครงการใด เพราะเหตุใด และโครงการใดขยับตาม",
            "Who changed which project, why, and which projects moved because of it?",
        ),
        sheet=pen("ส่วนที่ปรับ", "Departures"),
        excel_only=True,
    )


def overlap_table(book: RankingBook, pen: Pen) -> Table:
    """Pairs of filings that resemble each other, with what a person judged them to be."""
    sides = {"later": pen("ฉบับหลัง", "The later"), "earlier": pen("ฉบับก่อน", "The earlier")}
    columns = [
        Column("score", pen("ความคล้าย", "Likeness"), "percent", 10, unit=pen("ร้อยละ", "per cent")),
        *(
            column
            for side, group in sides.items()
            for column in (
                Column(f"{side}_number", pen("เลขที่", "Number"), "text", 13, group=group),
                Column(f"{side}_title", pen("โครงการ", "Project"), "long_text", 34, group=group),
                Column(f"{side}_agency", pen("หน่วยงาน", "Agency"), "long_text", 26, group=group),
                Column(f"{side}_year", pen("ปี", "Year"), "text", 8, group=group),
                Column(f"{side}_total", pen("วงเงิน", "Amount"), "money", 18, group=group),
            )
        ),
        Column("verdict", pen("คำวินิจฉัย", "Judged"), "text", 16),
        Column("yields", pen("ให้หลีกทาง", "Gives way"), "text", 14),
    ]
    rows = []
    for pair in book.annexes.overlaps or ():
        row: dict[str, object] = {
            "score": pair.score * 10,
            "verdict": pen.name(VERDICT_NAMES[Verdict(pair.verdict)])
            if pair.verdict
            else pen("ยังไม่มีผู้วินิจฉัย", "Not judged yet"),
            "yields": pair.yields,
        }
        for name, side in (("later", pair.later), ("earlier", pair.earlier)):
            row |= {
                f"{name}_number": side.number,
                f"{name}_title": pen.name(side.title),
                f"{name}_agency": pen.name(side.agency),
                f"{name}_year": str(side.fiscal_year),
                f"{name}_total": side.total,
            }
        rows.append(row)
    return Table(
        "overlaps",
        pen("คู่ข้อเสนอที่คล้ายกัน", "Pairs of proposals that resemble each other"),
        tuple(columns),
        tuple(rows),
        question=pen(
            "ข้อเสนอใดอาจซ้ำซ้อนกัน และวินิจฉัยว่าอย่างไร", "Which proposals may overlap, and what was judged?"
        ),
        sheet=pen("ความซ้ำซ้อน", "Overlaps"),
        excel_only=True,
    )


def graph_table(book: RankingBook, pen: Pen) -> Table:
    """Every edge of the graph of links, one on a line."""
    graph = book.annexes.graph
    assert graph is not None
    columns = (
        Column("number", pen("เลขที่", "Number"), "text", 13),
        Column("proposal", pen("โครงการ", "Project"), "long_text", 34),
        Column("agency", pen("ฝ่ายที่ระบุ", "Said by"), "long_text", 28),
        Column("relation", pen("ความสัมพันธ์", "Relation"), "text", 18),
        Column("thing", pen("สิ่งที่เชื่อม", "What is linked"), "long_text", 36),
        Column("kind", pen("ชนิด", "Kind"), "text", 14),
        Column("partner", pen("คู่เชื่อม", "Partner"), "long_text", 28),
        Column("through", pen("ผ่าน", "Through"), "long_text", 24),
        Column("answer", pen("คำตอบของคู่เชื่อม", "Partner's answer"), "text", 26),
        Column("standing", pen("สถานะ", "Standing"), "text", 16),
    )

    def name(key: str) -> str:
        node = graph.nodes.get(key)
        return pen.name(node.name) if node else ""

    rows = []
    for edge in graph.edges:
        proposal, thing = graph.nodes.get(edge.proposal), graph.nodes.get(edge.thing)
        rows.append(
            (
                proposal.number if proposal else "",
                name(edge.proposal),
                name(edge.agency),
                pen.name(RELATION_NAMES[edge.relation]),
                name(edge.thing),
                pen.name(KIND_NAMES[thing.kind]) if thing else "",
                name(edge.partner),
                name(edge.through),
                pen.name(ANSWER_NAMES[edge.answer]) if edge.is_link else "",
                pen.name(STANDING_NAMES[edge.standing]) if edge.is_link else "",
            )
        )
    return Table(
        "graph",
        pen("การเชื่อมโยงทั้งหมด", "All links"),
        columns,
        tuple(rows),
        question=pen(
            "โครงการใดเชื่อมกับใคร ด้วยข้อมูลหรือระบบใด และคู่เชื่อมยืนยันหรือไม่",
            "Which project links with whom, by what, and does the partner confirm it?",
        ),
        sheet=pen("การเชื่อมโยง", "Links"),
        excel_only=True,
    )
