"""The summary tables of the ranking book, each live over the list of projects or the budget lines."""

from __future__ import annotations

from collections.abc import Callable

from app.figures.facts import Basis, Group
from app.figures.pen import Pen
from app.figures.queries import RankingBook
from app.figures.ranking_list import LINES, RANKED, guideline_in_stage
from reports.document import Column, SumIfs, Table

WATERS = frozenset({"upstream", "midstream", "downstream"})


def stage_table(book: RankingBook, pen: Pen) -> Table:
    """Projects and money by stage of the value chain."""
    return _group_table(
        book,
        pen,
        "stages",
        pen("ช่วงห่วงโซ่คุณค่า", "Stage"),
        pen("แต่ละช่วงมีกี่โครงการ วงเงินเท่าใด", "How many projects and how much money has each stage?"),
        book.page.stages,
        "stage",
    )


def guideline_table(book: RankingBook, pen: Pen) -> Table:
    """Projects and money by guideline of the plan."""
    plan = book.page.call.plan
    return _group_table(
        book,
        pen,
        "guidelines",
        pen("แนวทาง", "Guideline"),
        pen("แต่ละแนวทางมีกี่โครงการ วงเงินเท่าใด", "How many projects and how much money has each guideline?"),
        book.page.guidelines,
        "guideline",
        matched_by=lambda group: guideline_in_stage(plan, group.code, pen),
    )


def ministry_table(book: RankingBook, pen: Pen) -> Table:
    """Projects and money by ministry of the lead agency."""
    return _group_table(
        book,
        pen,
        "ministries",
        pen("กระทรวง", "Ministry"),
        pen("แต่ละกระทรวงมีกี่โครงการ วงเงินเท่าใด", "How many projects and how much money has each ministry?"),
        book.page.ministries,
        "ministry",
    )


def _group_table(
    book: RankingBook,
    pen: Pen,
    name: str,
    title: str,
    question: str,
    groups: tuple[Group, ...],
    key: str,
    matched_by: Callable[[Group], str] | None = None,
) -> Table:
    """The sums of a grouping. `key` is the column of the ranked list that says which group a project is of."""
    basis = book.page.basis
    columns = [Column("name", title, "long_text", 38)]
    if matched_by:
        columns.append(
            Column("matched", pen(f"{title} (สำหรับสูตร)", f"{title} (for formulas)"), "text", 16, hidden=True)
        )

    def add(heading: str, count: str, flag: str | None, amount: str) -> None:
        where = ((key, "matched" if matched_by else "name"),)
        projects, money = pen("โครงการ", "Projects"), pen("วงเงิน", "Amount")
        columns.append(
            Column(count, projects, "int", 10, "sum", group=heading, sumif=SumIfs(RANKED, flag, where))
        )
        columns.append(
            Column(amount, money, "million", 16, "sum", group=heading, sumif=SumIfs(RANKED, amount, where))
        )

    add("" if basis is Basis.RECORDED else pen("ขอรับงบประมาณ", "Requested"), "projects", None, "requested")
    if basis is not Basis.RECORDED:
        add(pen("อยู่ในกรอบตามลำดับ", "Within the ceiling by rank"), "in_projects", "is_in", "in_amount")
    if basis is Basis.APPROVED:
        add(pen("คณะกรรมการเห็นชอบ", "Approved"), "approved_projects", "is_approved", "approved")
    rows = [
        {
            "name": f"{g.code} {pen.name(g.name)}" if matched_by else pen.name(g.name),
            "matched": matched_by(g) if matched_by else "",
            "projects": g.sums.projects,
            "requested": g.sums.requested,
            "in_projects": g.sums.in_projects,
            "in_amount": g.sums.in_amount,
            "approved_projects": g.sums.approved_projects,
            "approved": g.sums.approved,
        }
        for g in groups
    ]
    return Table(
        name,
        pen(f"สรุปตาม{title}", f"By {title.lower()}"),
        tuple(columns),
        tuple(rows),
        question=question,
        sheet=pen(f"ตาม{title}", f"By {title.lower()}"),
        row_styles=tuple(g.code if g.code in WATERS else "" for g in groups),
        landscape=False,
    )


def counted_title(book: RankingBook, pen: Pen) -> str:
    """What the headline counts, as a column heading over amounts as asked for."""
    if book.page.basis is Basis.APPROVED:
        return pen("คำขอของโครงการที่เห็นชอบ", "Asked by approved projects")
    return pen("คำขอของโครงการในกรอบ", "Asked by projects within")


def is_phased(book: RankingBook) -> bool:
    """Whether any money is planned for a quarter; published documents do not say."""
    return any(sum(c.quarters[:4]) for c in book.categories)


def category_table(book: RankingBook, pen: Pen) -> Table:
    """Expenditure categories by quarter."""

    def column(key: str, title: str, group: str = "", *, hidden: bool = False, width: int = 14) -> Column:
        rule = SumIfs(LINES, key, (("category", "name"),))
        return Column(key, title, "million", width, "sum", group=group, sumif=rule, hidden=hidden)

    quarters = pen("แผนการใช้จ่าย", "Planned by quarter")
    year = book.page.call.fiscal_year
    phased, unphased = is_phased(book), any(c.q0 for c in book.categories)
    columns = [
        Column("name", pen("งบรายจ่าย", "Category"), "text", 19),
        *(column(f"q{n}", pen(f"ไตรมาส {n}", f"Q{n}"), quarters, hidden=not phased) for n in range(1, 5)),
        column("q0", pen("ไม่ระบุไตรมาส", "No quarter"), quarters, hidden=not (phased and unphased)),
        column("amount", pen(f"รวมปี {year}", f"Year {year}")),
        column(
            "later",
            pen("ผูกพันปีถัดไป", "Later years"),
            hidden=not any(c.later for c in book.categories),
            width=16,
        ),
    ]
    if book.page.basis is not Basis.RECORDED:
        columns.append(column("counted", counted_title(book, pen), width=20))
    rows = [
        {
            "name": pen.name(c.name),
            **{f"q{n}": c.quarters[n - 1] for n in range(1, 5)},
            "q0": c.q0,
            "amount": c.amount,
            "later": c.later,
            "counted": c.counted,
        }
        for c in book.categories
    ]
    return Table(
        "categories",
        pen("สรุปตามงบรายจ่าย", "By category"),
        tuple(columns),
        tuple(rows),
        question=pen("เงินจะใช้เป็นงบรายจ่ายใด และใช้เมื่อใด", "What is the money spent on, and when?")
        if phased
        else pen("เงินเป็นงบรายจ่ายใด", "What is the money spent on?"),
        sheet=pen("ตามงบรายจ่าย", "By category"),
        landscape=False,
    )


def agency_table(book: RankingBook, pen: Pen) -> Table:
    """Agencies with their own money."""

    def over(value: str) -> SumIfs:
        return SumIfs(LINES, value, (("agency", "name"),))

    led = SumIfs(RANKED, None, (("agency", "name"),))
    columns = [
        Column("name", pen("หน่วยงาน", "Agency"), "long_text", 40),
        Column("ministry", pen("กระทรวง", "Ministry"), "long_text", 34, excel_only=True),
        Column("leads", pen("เป็นเจ้าของโครงการ", "Leads"), "int", 14, sumif=led),
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
        Column("requested", pen("วงเงินของหน่วยงาน", "Own money"), "million", 21, "sum", sumif=over("amount")),
    ]
    if book.page.basis is not Basis.RECORDED:
        title = (
            pen("โครงการที่เห็นชอบ", "Approved projects")
            if book.page.basis is Basis.APPROVED
            else pen("โครงการในกรอบ", "Projects within")
        )
        columns.append(Column("counted_projects", title, "int", 18))
        columns.append(
            Column("counted", counted_title(book, pen), "million", 20, "sum", sumif=over("counted"))
        )
    rows = [
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
    ]
    return Table(
        "agencies",
        pen("สรุปตามหน่วยงาน", "By agency"),
        tuple(columns),
        tuple(rows),
        question=pen("หน่วยงานใดมีวงเงินเท่าใด", "Which agency has how much money?"),
        note=pen(
            "โครงการหนึ่งมีได้หลายหน่วยงาน จึงบวกจำนวนโครงการข้ามหน่วยงานไม่ได้",
            "A project can have several agencies, so the numbers of projects do not add up over agencies.",
        ),
        sheet=pen("ตามหน่วยงาน", "By agency"),
        landscape=False,
    )
