"""The tables of one proposal on paper: budget lines with their sums, links, indicators, and attachments with hashes.

Each table's name ends in the proposal's number, because one paper holds many proposals. A table that fills its section
alone has no title of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from app.calls.facts import PlanStructure
from app.calls.queries import CallView
from app.figures.pen import Pen
from app.figures.queries.own_filings import FilingPaper
from app.kernel.text import Text
from app.proposals.facts import (
    ANSWER_NAMES,
    LINK_KIND_NAMES,
    Answer,
    BudgetLine,
    IntegrationLink,
    ProposalFacts,
)
from reports.document import Column, Table

DIRECTIONS = {
    "provides": Text("ให้แก่", "Provides to"),
    "consumes": Text("รับจาก", "Consumes from"),
    "both": Text("แลกเปลี่ยนกับ", "Exchanges with"),
}
NOT_IN_REGISTER = Text("ไม่อยู่ในทะเบียนหน่วยงาน", "not in the register of agencies")


def agency_names(facts: ProposalFacts, pen: Pen) -> dict[str, str]:
    """Code -> name of the proposal's agencies; "" is the lead, as links and indicators have it."""
    names = {agency.code: pen.name(agency.name) for agency in facts.agencies}
    return names | {"": pen.name(facts.lead.name)}


def money(key: str, title: str, group: str = "", *, width: float = 15) -> Column:
    """An amount in baht, added up at the foot."""
    return Column(key, title, "money", width, "sum", group=group)


def unplanned(line: BudgetLine) -> int:
    """What a line asks for beyond its four quarters, satang: what was recorded from documents has no quarters."""
    return line.amount - sum(line.quarters)


def quarter_columns(pen: Pen, *, with_rest: bool) -> list[Column]:
    """The four quarters, and what has none where there is such."""
    group = pen("แผนการใช้จ่าย", "Planned by quarter")
    columns = [money(f"q{n}", pen(f"ไตรมาส {n}", f"Q{n}"), group) for n in range(1, 5)]
    return [*columns, money("q0", pen("ไม่ระบุไตรมาส", "No quarter"), group)] if with_rest else columns


def _quarters(line: BudgetLine, *, with_rest: bool) -> tuple[int | None, ...]:
    """What the line spends in each quarter; nothing is left empty, as on the page."""
    amounts = (*line.quarters, unplanned(line)) if with_rest else line.quarters
    return tuple(amount or None for amount in amounts)


def category_name(plan: PlanStructure, code: str, pen: Pen) -> str:
    return pen.name(plan.name("categories", code)) if code else "–"


def line_tables(paper: FilingPaper, call: CallView, pen: Pen) -> Iterator[Table]:
    """Every budget line under its number, one table for each agency where there are several."""
    facts = paper.facts
    codes = [agency.code for agency in facts.agencies]
    numbered = list(enumerate(facts.lines, 1))
    if len(codes) == 1 or any(line.agency not in codes for line in facts.lines):
        yield _line_table(paper, call, pen, numbered, "", "")
        return
    names = agency_names(facts, pen)
    for place, code in enumerate(codes, 1):
        of_agency = [(n, line) for n, line in numbered if line.agency == code]
        yield _line_table(paper, call, pen, of_agency, f"-{place}", names[code])


def _line_table(
    paper: FilingPaper,
    call: CallView,
    pen: Pen,
    lines: Iterable[tuple[int, BudgetLine]],
    suffix: str,
    title: str,
) -> Table:
    lines = list(lines)
    with_rest = any(unplanned(line) for line in paper.facts.lines)
    columns = (
        Column("position", "#", "int", 5),
        Column("item", pen("รายการ", "Item"), "long_text", 38),
        Column("category", pen("งบรายจ่าย", "Category"), "text", 14),
        Column("quantity", pen("จำนวน", "Quantity"), "int", 9),
        Column("unit", pen("หน่วยนับ", "Unit"), "text", 10),
        Column("unit_price", pen("ราคาต่อหน่วย", "Unit price"), "money", 15),
        money("amount", pen(f"วงเงินปี {call.fiscal_year}", f"Amount {call.fiscal_year}")),
        *quarter_columns(pen, with_rest=with_rest),
    )
    source = pen("ที่มา", "Source")
    return Table(
        f"lines-{paper.facts.number}{suffix}",
        title,
        columns,
        tuple(
            (
                n,
                f"{line.item or '–'} ({source} {line.source})" if line.source else line.item or "–",
                category_name(call.plan, line.category, pen),
                line.quantity,
                line.unit,
                line.unit_price,
                line.amount,
                *_quarters(line, with_rest=with_rest),
            )
            for n, line in lines
        ),
        filters=False,
        landscape=True,
    )


def _sums(
    paper: FilingPaper, call: CallView, pen: Pen, name: str, title: str, key: Callable[[BudgetLine], str]
) -> Table:
    """The lines added up under the words that `key` gives them, in the order in which they first come."""
    lines = paper.facts.lines
    with_rest = any(unplanned(line) for line in lines)
    rows = []
    for label in dict.fromkeys(key(line) for line in lines):
        of_label = [line for line in lines if key(line) == label]
        quarters = zip(*(_quarters(line, with_rest=with_rest) for line in of_label), strict=True)
        sums = [sum(amount or 0 for amount in of_quarter) or None for of_quarter in quarters]
        rows.append((label, len(of_label), sum(line.amount for line in of_label), *sums))
    columns = (
        Column("label", title, "text", 26),
        Column("lines", pen("รายการ", "Lines"), "int", 8, "sum"),
        money("amount", pen(f"วงเงินปี {call.fiscal_year}", f"Amount {call.fiscal_year}")),
        *quarter_columns(pen, with_rest=with_rest),
    )
    return Table(f"{name}-{paper.facts.number}", title, columns, tuple(rows), filters=False, landscape=True)


def category_sums(paper: FilingPaper, call: CallView, pen: Pen) -> Table:
    """What is asked for in each expenditure category."""
    title = pen("รวมตามงบรายจ่าย", "By expenditure category")
    return _sums(
        paper, call, pen, "categories", title, lambda line: category_name(call.plan, line.category, pen)
    )


def agency_sums(paper: FilingPaper, call: CallView, pen: Pen) -> Table:
    """What each agency asks for."""
    names = agency_names(paper.facts, pen)
    title = pen("รวมตามหน่วยงาน", "By agency")
    return _sums(paper, call, pen, "agencies", title, lambda line: names.get(line.agency, line.agency))


def later_table(paper: FilingPaper, call: CallView, pen: Pen) -> Table:
    """The lines that commit later years."""
    years = max(len(line.later_years) for line in paper.facts.lines)
    rows = []
    for n, line in enumerate(paper.facts.lines, 1):
        later = (*line.later_years, *(0,) * years)[:years]
        if any(later):
            rows.append((n, line.item or "–", *(amount or None for amount in later), sum(later)))
    columns = (
        Column("position", "#", "int", 5),
        Column("item", pen("รายการ", "Item"), "long_text", 34),
        *(money(f"later{n}", f"{call.fiscal_year + n}", width=14) for n in range(1, years + 1)),
        money("later", pen("รวม", "In all")),
    )
    title = pen("ผูกพันงบประมาณปีต่อไป", "Committed in later years")
    return Table(f"later-{paper.facts.number}", title, columns, tuple(rows), filters=False, landscape=True)


def indicator_table(paper: FilingPaper, pen: Pen) -> Table:
    """The indicators with their targets, and whose each is where several agencies have some."""
    facts = paper.facts
    shared = any(k.agency for k in facts.indicators)
    names = agency_names(facts, pen)
    columns = [
        Column("position", "#", "int", 5),
        Column("name", pen("ตัวชี้วัด", "Indicator"), "long_text", 44),
        Column("baseline", pen("ค่าฐาน", "Baseline"), "text", 12),
        Column("target", pen("เป้าหมาย", "Target"), "text", 12),
        Column("unit", pen("หน่วยนับ", "Unit"), "text", 12),
    ]
    if shared:
        columns.append(Column("agency", pen("หน่วยงาน", "Agency"), "text", 20))
    rows = [
        (
            n,
            k.name or "–",
            k.baseline or "–",
            k.target or "–",
            k.unit or "–",
            *((names.get(k.agency, k.agency),) if shared else ()),
        )
        for n, k in enumerate(facts.indicators, 1)
    ]
    return Table(f"indicators-{facts.number}", "", tuple(columns), tuple(rows), filters=False)


def partner_name(link: IntegrationLink, pen: Pen) -> str:
    """The other end of a link, and its ministry; a name typed by hand says that it is one."""
    if link.partner is not None:
        return f"{pen.name(link.partner.name)} ({pen.name(link.partner.ministry)})"
    return f"{link.partner_other} ({pen.name(NOT_IN_REGISTER)})" if link.partner_other else "–"


def link_table(paper: FilingPaper, call: CallView, pen: Pen) -> Table:
    """The links with their partners and what the partners said of them."""
    facts = paper.facts
    links = facts.integration.links
    shared, answered = any(link.agency for link in links), any(link.answer for link in links)
    names = agency_names(facts, pen)
    columns = [
        Column("position", "#", "int", 5),
        Column("name", pen("ระบบหรือข้อมูล", "System or data"), "long_text", 30),
        Column("kind", pen("ประเภท", "Kind"), "text", 10),
        Column("partner", pen("คู่เชื่อม", "Partner"), "long_text", 34),
        Column("channel", pen("ช่องทาง", "Channel"), "text", 16),
    ]
    if shared:
        columns.append(Column("agency", pen("หน่วยงานที่ขอเชื่อม", "Claimed by"), "text", 20))
    if answered:
        columns.append(Column("answer", pen("คำตอบของคู่เชื่อม", "The partner's answer"), "text", 18))
    rows = []
    for n, link in enumerate(links, 1):
        direction = pen.name(DIRECTIONS[link.direction]) if link.direction in DIRECTIONS else ""
        row = [
            n,
            link.name or "–",
            pen.name(LINK_KIND_NAMES[link.kind]) if link.kind in LINK_KIND_NAMES else "–",
            f"{direction} {partner_name(link, pen)}".strip(),
            pen.name(call.plan.name("platforms", link.channel)) if link.channel else "–",
        ]
        if shared:
            row.append(names.get(link.agency, link.agency))
        if answered:
            row.append(answer_name(link, pen))
        rows.append(tuple(row))
    return Table(f"links-{facts.number}", "", tuple(columns), tuple(rows), filters=False)


def answer_name(link: IntegrationLink, pen: Pen) -> str:
    """What the partner said of a link; nothing where there is no registered partner to ask."""
    return pen.name(ANSWER_NAMES[Answer(link.answer)]) if link.partner is not None else "–"


def attachment_table(paper: FilingPaper, call: CallView, pen: Pen) -> Table:
    """The manifest of the attached files: what proves that a file is the one that was filed. Its page is the budget's."""
    columns = (
        Column("position", "#", "int", 5),
        Column("kind", pen("ชนิดเอกสาร", "Kind"), "text", 22),
        Column("name", pen("ชื่อแฟ้ม", "File name"), "long_text", 36),
        Column("size", pen("ขนาด", "Size"), "int", 12, unit=pen("ไบต์", "bytes")),
        Column("sha256", "SHA-256", "text", 52),
    )
    return Table(
        f"attachments-{paper.facts.number}",
        "",
        columns,
        tuple(
            (n, pen.name(call.plan.name("attachment_kinds", a.kind)), a.name, a.size, a.sha256)
            for n, a in enumerate(paper.facts.attachments, 1)
        ),
        filters=False,
        landscape=True,
    )
