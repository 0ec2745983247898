"""One proposal on paper: everything its page shows, section by section, with the sums of its budget."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.calls.queries import CallView
from app.figures.filing_tables import (
    agency_sums,
    attachment_table,
    category_sums,
    indicator_table,
    later_table,
    line_tables,
    link_table,
)
from app.figures.pen import Pen
from app.figures.queries.own_filings import FilingPaper
from app.kernel.money import baht_in_words, format_baht
from app.kernel.text import Text
from app.proposals.drafts import SECTIONS
from app.proposals.facts import AgencyRef, Form, Reduced
from app.proposals.least import LEAST, LEAST_SCOPE
from app.proposals.states import DRAFT, STATES
from reports.document import Block, Fields, Heading, PageBreak, Paragraph

NOT_FILED = Text("ร่าง ยังไม่ได้ยื่น", "Draft, not filed")
NOT_REFILED = Text("ฉบับที่กำลังแก้ไข ยังไม่ได้ยื่นอีกครั้ง", "Under revision, not filed again")
NO_NAME = Text("ข้อเสนอที่ยังไม่มีชื่อ", "Proposal without a name yet")


def working_mark(paper: FilingPaper) -> Text | None:
    """What stands over a paper of something that was not filed as it is; None over a filing."""
    if not paper.is_working:
        return None
    return NOT_FILED if paper.state == DRAFT else NOT_REFILED


def title_of(paper: FilingPaper, pen: Pen) -> str:
    """The name of the project, or that it has none yet."""
    return pen.name(paper.facts.title) or pen.name(NO_NAME)


def heading_fields(paper: FilingPaper, call: CallView, pen: Pen) -> Fields:
    """What identifies the filing: number, state, receipt, the hash of what was filed, and what is asked for."""
    facts = paper.facts
    hash_name = pen("SHA-256 ของข้อเสนอที่ยื่น", "SHA-256 of the filing")
    items = [
        (pen("เลขที่ข้อเสนอ", "Proposal number"), facts.number),
        (pen("รอบคำขอ", "Call"), pen.name(call.name)),
        (pen("สถานะ", "State"), pen.name(STATES[paper.state])),
    ]
    if paper.has_receipt and paper.filed_at is not None:
        items += [
            (pen("เลขที่ใบรับ", "Receipt number"), paper.receipt_number),
            (pen("รับไว้เมื่อ (เวลาของระบบ)", "Received (server time)"), pen.second(paper.filed_at)),
            (pen("ผู้ยื่น", "Filed by"), pen.name_or_empty(paper.filed_by)),
        ]
    asked = pen(f"วงเงินที่ขอปีงบประมาณ {call.fiscal_year}", f"Requested for fiscal year {call.fiscal_year}")
    items += [
        (asked, pen(f"{format_baht(facts.total)} บาท", f"{format_baht(facts.total)} baht")),
        (pen("จำนวนเงินเป็นตัวอักษร", "Amount in words"), pen(baht_in_words(facts.total), "")),
    ]
    if not paper.is_working:
        items.append((hash_name, paper.sha256))
    return Fields(tuple(item for item in items if item[1]), code=(hash_name,))


def proposal_blocks(paper: FilingPaper, call: CallView, pen: Pen) -> Iterator[Block]:
    """The sections of the proposal in the order of its page."""

    def section(key: str) -> Heading:
        return Heading(pen.name(SECTIONS[key]), 2)

    facts = paper.facts
    yield section("names")
    yield _names(paper, pen)
    yield section("plan")
    yield _place(paper, call, pen)
    yield section("integration")
    yield from _integration(paper, call, pen)
    yield section("rationale")
    yield from _prose(facts.rationale)
    yield Heading(pen("วัตถุประสงค์", "Objectives"), 3)
    yield from _prose(facts.objectives)
    yield Heading(pen("ผลผลิต", "Outputs"), 3)
    yield from _prose(facts.outputs)
    yield section("indicators")
    if facts.indicators:
        yield indicator_table(paper, pen)
    else:
        yield Paragraph(pen("ไม่มีตัวชี้วัด", "No indicators."))
    yield section("budget")
    if facts.reduced is not None:
        # before the lines, whose pages lie on their side
        yield _least(facts.reduced, pen)
    yield from line_tables(paper, call, pen)
    yield category_sums(paper, call, pen)
    if len(facts.agencies) > 1:
        yield agency_sums(paper, call, pen)
    if facts.later_total:
        yield later_table(paper, call, pen)
    yield section("attachments")
    yield attachment_table(paper, call, pen)


def paper_blocks(papers: Iterable[FilingPaper], call: CallView, pen: Pen) -> Iterator[Block]:
    """Each proposal from a page of its own, under its number and name. Every proposal ends on a page that lies on its
    side, so the next one begins a new page by standing."""
    yield PageBreak()
    for paper in papers:
        mark = working_mark(paper)
        yield Heading(f"{paper.facts.number} {title_of(paper, pen)}")
        if mark is not None:
            yield Heading(pen.name(mark), 2)
        yield heading_fields(paper, call, pen)
        yield from proposal_blocks(paper, call, pen)


def _agency(agency: AgencyRef, pen: Pen) -> str:
    ministry = pen.name(agency.ministry)
    return f"{pen.name(agency.name)} ({ministry})" if ministry else pen.name(agency.name)


def _listed(agencies: Iterable[AgencyRef], pen: Pen) -> str:
    return "; ".join(_agency(agency, pen) for agency in agencies)


def _fields(items: Iterable[tuple[str, str]]) -> Fields:
    return Fields(tuple((name, value or "–") for name, value in items))


def _names(paper: FilingPaper, pen: Pen) -> Fields:
    facts = paper.facts
    items = [
        (pen("ชื่อภาษาไทย", "Name in Thai"), facts.title.th),
        (pen("ชื่อภาษาอังกฤษ", "Name in English"), facts.title.en),
        (pen("หน่วยงานหลัก", "Lead agency"), _agency(facts.lead, pen)),
        (pen("หน่วยงานร่วม", "Participating agencies"), _listed(facts.participants, pen)),
    ]
    if facts.continues is not None:
        earlier = facts.continues
        name, asked = pen.name(earlier.title), format_baht(earlier.asked)
        items.append(
            (
                pen("ต่อเนื่องจากโครงการเดิม", "Continues"),
                pen(
                    f"{earlier.number} {name} ปีงบประมาณ {earlier.fiscal_year} วงเงินที่ขอ {asked} บาท",
                    f"{earlier.number} {name}, fiscal year {earlier.fiscal_year}, {asked} baht asked for",
                ),
            )
        )
    return _fields(items)


def _least(reduced: Reduced, pen: Pen) -> Fields:
    amount = "" if reduced.amount is None else format_baht(reduced.amount)
    return _fields(
        [
            (pen.name(LEAST), pen(f"{amount} บาท", f"{amount} baht") if amount else ""),
            (pen.name(LEAST_SCOPE), reduced.scope),
        ]
    )


def _place(paper: FilingPaper, call: CallView, pen: Pen) -> Fields:
    facts, plan = paper.facts, call.plan

    def coded(key: str, code: str) -> str:
        name = pen.name(plan.name(key, code)) if code else ""
        return f"{code} {name}" if code[:1].isdigit() else name

    return _fields(
        [
            (pen("ช่วงของห่วงโซ่คุณค่า", "Value-chain stage"), coded("stages", facts.stage)),
            (pen("แนวทาง", "Guideline"), coded("guidelines", facts.guideline)),
            (pen("ยุทธศาสตร์", "Strategy"), coded("strategies", facts.strategy)),
            (pen("ด้านสำคัญ", "Focus area"), coded("focus_areas", facts.focus_area)),
        ]
    )


def _integration(paper: FilingPaper, call: CallView, pen: Pen) -> Iterator[Block]:
    i, plan = paper.facts.integration, call.plan
    if not i.forms:
        yield Paragraph(pen("ไม่ได้ระบุรูปแบบการบูรณาการ", "No form of integration is claimed."))
    if Form.LINK in i.forms:
        yield Heading(
            pen("เชื่อมโยงระบบหรือข้อมูลกับหน่วยงานอื่น", "Links its system or data with another agency's"), 3
        )
        yield link_table(paper, call, pen)
    if Form.CURRICULUM in i.forms:
        yield Heading(pen("พัฒนาทักษะดิจิทัลด้วยหลักสูตรกลาง", "Raises digital skills with the common curriculum"), 3)
        yield from _prose(pen.name(plan.name("curricula", i.curriculum)) if i.curriculum else "")
        if i.curriculum_detail:
            yield from _prose(i.curriculum_detail)
    if Form.STANDARD in i.forms:
        yield Heading(
            pen("จัดทำมาตรฐานหรือแนวนโยบายกลาง", "Develops a central standard or policy guideline"), 3
        )
        yield _fields(
            [
                (pen("มาตรฐานหรือแนวนโยบาย", "Standard or guideline"), i.standard),
                (pen("ผู้ที่จะใช้", "Who will apply it"), i.standard_scope),
            ]
        )
    if Form.SHARED_SERVICE in i.forms:
        service = i.shared_service
        free = {True: pen("ไม่คิดค่าใช้จ่าย", "Free of charge"), False: pen("คิดค่าใช้จ่าย", "Charged"), None: ""}
        everybody = pen("ทุกหน่วยงานของรัฐ", "All government agencies")
        yield Heading(
            pen("สร้างระบบหรือบริการกลางให้หลายหน่วยงานใช้", "Builds a central service for several agencies"), 3
        )
        yield _fields(
            [
                (pen("ระบบหรือบริการ", "System or service"), service.name),
                (pen("ค่าใช้จ่ายของผู้ใช้", "Charge to users"), free[service.free]),
                (
                    pen("หน่วยงานผู้ใช้", "Agencies that use it"),
                    everybody if service.all_agencies else _listed(service.users, pen),
                ),
            ]
        )


def _prose(text: str) -> Iterator[Paragraph]:
    for part in text.split("\n"):
        if part.strip():
            yield Paragraph(part.strip())
    if not text.strip():
        yield Paragraph("–")
