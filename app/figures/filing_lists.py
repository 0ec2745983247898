"""Sheets without money: indicators, links, texts, attachments, and the proof of each filing."""

from __future__ import annotations

from app.figures.filing_paper import title_of, working_mark
from app.figures.filing_tables import DIRECTIONS, agency_names, answer_name, partner_name
from app.figures.pen import Pen
from app.figures.queries.own_filings import FilingPaper, FilingsBook
from app.proposals.facts import LINK_KIND_NAMES, Form
from app.proposals.states import STATES
from reports.document import Column, Table


def number_column(pen: Pen) -> Column:
    """The proposal a row belongs to."""
    return Column("number", pen("เลขที่", "Number"), "text", 12)


def position_column(pen: Pen) -> Column:
    """Which of its proposal's rows a row is, from 1."""
    return Column("position", pen("ลำดับ", "No."), "int", 7)


def state_of(paper: FilingPaper, pen: Pen) -> str:
    """The state, and for something that is being written that it was not filed."""
    mark = working_mark(paper)
    return pen.name(mark if mark is not None else STATES[paper.state])


def indicator_sheet(book: FilingsBook, pen: Pen) -> Table:
    """One row for each indicator of each agency."""
    rows = [
        (paper.facts.number, n, names.get(k.agency, k.agency), k.name, k.baseline, k.target, k.unit)
        for paper in book.papers
        for names in (agency_names(paper.facts, pen),)
        for n, k in enumerate(paper.facts.indicators, 1)
    ]
    columns = (
        number_column(pen),
        position_column(pen),
        Column("agency", pen("หน่วยงาน", "Agency"), "text", 30),
        Column("name", pen("ตัวชี้วัด", "Indicator"), "long_text", 60),
        Column("baseline", pen("ค่าฐาน", "Baseline"), "text", 14),
        Column("target", pen("เป้าหมาย", "Target"), "text", 14),
        Column("unit", pen("หน่วยนับ", "Unit"), "text", 14),
    )
    return Table(
        "indicators",
        pen("ตัวชี้วัด", "Indicators"),
        columns,
        tuple(rows),
        question=pen("แต่ละโครงการวัดผลด้วยสิ่งใด", "By what is each project measured?"),
    )


def link_sheet(book: FilingsBook, pen: Pen) -> Table:
    """One row for each link that is claimed, with what the partner said of it."""
    rows = []
    for paper in book.papers:
        if Form.LINK not in paper.facts.integration.forms:
            continue
        names = agency_names(paper.facts, pen)
        for n, link in enumerate(paper.facts.integration.links, 1):
            rows.append(
                (
                    paper.facts.number,
                    n,
                    names.get(link.agency, link.agency),
                    link.name,
                    pen.name(LINK_KIND_NAMES[link.kind]) if link.kind in LINK_KIND_NAMES else "",
                    pen.name(DIRECTIONS[link.direction]) if link.direction in DIRECTIONS else "",
                    partner_name(link, pen),
                    pen.name(book.call.plan.name("platforms", link.channel)) if link.channel else "",
                    answer_name(link, pen),
                )
            )
    columns = (
        number_column(pen),
        position_column(pen),
        Column("agency", pen("หน่วยงานที่ขอเชื่อม", "Claimed by"), "text", 30),
        Column("name", pen("ระบบหรือข้อมูล", "System or data"), "long_text", 44),
        Column("kind", pen("ประเภท", "Kind"), "text", 12),
        Column("direction", pen("ทิศทาง", "Direction"), "text", 16),
        Column("partner", pen("คู่เชื่อม", "Partner"), "long_text", 44),
        Column("channel", pen("ช่องทาง", "Channel"), "text", 24),
        Column("answer", pen("คำตอบของคู่เชื่อม", "The partner's answer"), "text", 26),
    )
    return Table(
        "links",
        pen("การเชื่อมโยง", "Links"),
        columns,
        tuple(rows),
        question=pen("โครงการใดเชื่อมกับหน่วยงานใด", "Which project links with which agency?"),
    )


def text_sheet(book: FilingsBook, pen: Pen) -> Table:
    """What each proposal is for, in its own words."""
    rows = [
        (f.number, title_of(paper, pen), f.rationale, f.objectives, f.outputs)
        for paper in book.papers
        for f in (paper.facts,)
    ]
    columns = (
        number_column(pen),
        Column("title", pen("โครงการ", "Project"), "long_text", 32),
        Column("rationale", pen("หลักการและเหตุผล", "Rationale"), "long_text", 72),
        Column("objectives", pen("วัตถุประสงค์", "Objectives"), "long_text", 48),
        Column("outputs", pen("ผลผลิต", "Outputs"), "long_text", 48),
    )
    return Table(
        "texts",
        pen("หลักการและเหตุผล", "Rationale and outputs"),
        columns,
        tuple(rows),
        question=pen("แต่ละโครงการทำไปเพื่ออะไร และได้สิ่งใด", "Why each project, and what will it yield?"),
    )


def attachment_sheet(book: FilingsBook, pen: Pen) -> Table:
    """The manifest of all attached files."""
    rows = [
        (
            paper.facts.number,
            n,
            pen.name(book.call.plan.name("attachment_kinds", a.kind)),
            a.name,
            a.size,
            a.sha256,
        )
        for paper in book.papers
        for n, a in enumerate(paper.facts.attachments, 1)
    ]
    columns = (
        number_column(pen),
        position_column(pen),
        Column("kind", pen("ชนิดเอกสาร", "Kind"), "text", 32),
        Column("name", pen("ชื่อแฟ้ม", "File name"), "long_text", 44),
        Column("size", pen("ขนาด", "Size"), "int", 14, unit=pen("ไบต์", "bytes")),
        Column("sha256", "SHA-256", "text", 68),
    )
    return Table(
        "attachments",
        pen("เอกสารแนบ", "Attachments"),
        columns,
        tuple(rows),
        question=pen("แฟ้มใดแนบไว้ และพิสูจน์ได้ด้วยค่าแฮชใด", "Which files are attached, proved by which hash?"),
    )


def proof_sheet(book: FilingsBook, pen: Pen) -> Table:
    """Every filing with its receipt and the SHA-256 of what was filed; drafts have none."""
    rows = [
        (
            paper.facts.number,
            title_of(paper, pen),
            state_of(paper, pen),
            paper.receipt_number if paper.has_receipt else "",
            pen.second(paper.filed_at) if paper.has_receipt and paper.filed_at else "",
            pen.name_or_empty(paper.filed_by) if paper.has_receipt else "",
            "" if paper.is_working else paper.sha256,
        )
        for paper in book.papers
    ]
    columns = (
        number_column(pen),
        Column("title", pen("โครงการ", "Project"), "long_text", 44),
        Column("state", pen("สถานะ", "State"), "text", 22),
        Column("receipt", pen("เลขที่ใบรับ", "Receipt number"), "text", 16),
        Column("filed_at", pen("รับไว้เมื่อ (เวลาของระบบ)", "Received (server time)"), "text", 26),
        Column("filed_by", pen("ผู้ยื่น", "Filed by"), "text", 24),
        Column("sha256", pen("SHA-256 ของข้อเสนอที่ยื่น", "SHA-256 of the filing"), "text", 68),
    )
    return Table(
        "proofs",
        pen("หลักฐานการยื่น", "Proof of filing"),
        columns,
        tuple(rows),
        question=pen("ตัวเลขในสมุดนี้มาจากข้อเสนอฉบับใด", "From which filings do these figures come?"),
    )
