"""The ranking book as a document for the printing house: memo, figures in words, charts, tables, method."""

from __future__ import annotations

from datetime import datetime

from app.figures.annex_sheets import annex_blocks, filed_quarters
from app.figures.column_meanings import explain_columns
from app.figures.facts import Basis
from app.figures.live.coming_alive import Living, come_alive
from app.figures.pen import Pen
from app.figures.queries import RankingBook
from app.figures.ranking_charts import guideline_chart, ministry_chart, spending_chart, stage_chart
from app.figures.ranking_judgements import decision_tables, finding_tables, outside_table
from app.figures.ranking_list import ranked_table
from app.figures.ranking_sheets import agreement_table, filing_table, line_table
from app.figures.ranking_summaries import (
    agency_table,
    category_table,
    guideline_table,
    ministry_table,
    stage_table,
)
from app.figures.ranking_words import tell
from app.figures.review_history import changed_table
from app.figures.review_sheets import review_tables, scored_by
from app.kernel.money import format_million
from app.kernel.text import Text
from app.portfolio.rules import TIE_RULES
from reports.document import (
    Block,
    Document,
    Fields,
    Heading,
    KeyFigures,
    Memo,
    PageBreak,
    Paragraph,
    Signature,
)

HOST_AGENCY = Text(
    "สำนักงานพัฒนารัฐบาลดิจิทัล (องค์การมหาชน) หน่วยงานเจ้าภาพแผนงาน",
    "Digital Government Development Agency (Public Organization), host agency of the plan",
)
HOST = Text("สำนักงานพัฒนารัฐบาลดิจิทัล (องค์การมหาชน)", "Digital Government Development Agency")
HEAD_OF_HOST = Text("ผู้อำนวยการสำนักงานพัฒนารัฐบาลดิจิทัล", "President, Digital Government Development Agency")
COMMITTEE = Text(
    "ประธานคณะกรรมการจัดทำงบประมาณรายจ่ายบูรณาการ (รองนายกรัฐมนตรี)",
    "Chair of the committee on integrated budget expenditure (Deputy Prime Minister)",
)


def ranking_document(
    book: RankingBook, language: str, *, made_at: datetime | None = None, made_by: str = ""
) -> Document:
    """The paper for the committee. Without `made_at` it is dated by its data, so it can be printed again alike."""
    pen = Pen(language)
    page = book.page
    call = page.call
    recorded = page.basis is Basis.RECORDED
    moment = made_at or book.as_of
    title = (
        pen(f"บัญชีโครงการตามเอกสารงบประมาณ {call.name.th}", f"Projects as published: {call.name.en}")
        if recorded
        else pen(f"บัญชีจัดลำดับข้อเสนอ {call.name.th}", f"Ranking book: {call.name.en}")
    )
    blocks: list[Block] = [
        Memo(
            agency=pen.name(HOST_AGENCY),
            number="",
            date=pen.official_day(moment),
            subject=title,
            to=pen.name(COMMITTEE),
            enclosures=(
                pen(
                    "สมุดงาน Excel ฉบับเดียวกัน (รายการงบประมาณ ผลกลั่นกรอง และคะแนนทุกรายการ)",
                    "The same book as an Excel workbook (every budget line, finding and score)",
                ),
            ),
        ),
        *(Paragraph(text, "indent") for text in tell(book, pen)),
        Signature(_dots(), pen.name(HEAD_OF_HOST)),
        PageBreak(),
        *overview_blocks(book, pen),
        *list_blocks(book, pen),
        Heading(pen("วิธีจัดทำและที่มา", "Method and sources")),
        *method_blocks(book, pen),
    ]
    return Document(
        title=title,
        language=pen.language,
        blocks=tuple(explain_columns(come_alive(blocks, living_of(book), pen), pen)),
        made_at=moment,
        made_by=made_by,
        subtitle=pen(f"ข้อมูล ณ {pen.moment(book.as_of)}", f"Data as of {pen.moment(book.as_of)}"),
        label=pen.name_or_empty(call.label),
        identifier=f"DGI-{call.fiscal_year}-{'LIST' if recorded else 'RANK'}-{book.sha256[:8]}",
        sha256=book.sha256,
        organisation=pen.name(HOST),
    )


def living_of(book: RankingBook) -> Living:
    """What the workbook calculates from."""
    page = book.page
    scored = scored_by(page.call.rubric, book.reviews)
    return Living(
        page.allocation,
        page.call.plan,
        tuple(rubric for _, rubric, _ in scored),
        tuple(name for name, _, _ in scored),
        filed_quarters(book),
        counts_fitting=page.basis is Basis.FITTING,
    )


def _dots() -> str:
    return "." * 42


def overview_blocks(book: RankingBook, pen: Pen) -> list[Block]:
    """The few figures to see first, then the money by stage, guideline, ministry, agency and category."""
    blocks: list[Block] = [
        Heading(pen("ภาพรวม", "Overview")),
        *(KeyFigures(items) for items in key_figures(book, pen)),
        stage_chart(book.page, pen),
        stage_table(book, pen),
        PageBreak(),
        guideline_chart(book.page, pen),
        guideline_table(book, pen),
        ministry_chart(book, pen),
        ministry_table(book, pen),
        agency_table(book, pen),
        Heading(pen("งบรายจ่ายและแผนการใช้จ่าย", "Expenditure and plan of spending")),
        spending_chart(book, pen),
        category_table(book, pen),
    ]
    return blocks


def list_blocks(book: RankingBook, pen: Pen) -> list[Block]:
    """The ranked list, the decisions, what screening found, the reviews, and the proofs."""
    page = book.page
    if page.basis is Basis.RECORDED:
        return [
            Heading(pen("โครงการและรายการ", "Projects and lines")),
            ranked_table(book, pen),
            line_table(book, pen),
            *annex_blocks(book, pen),
            filing_table(book, pen),
            agreement_table(book, pen),
        ]
    blocks: list[Block] = [
        Heading(pen("ลำดับและการจัดสรร", "Rank and allocation")),
        ranked_table(book, pen),
        line_table(book, pen),
    ]
    if page.decisions:
        blocks += [
            Heading(pen("มติของคณะกรรมการ", "Decisions of the committee")),
            *decision_tables(book, pen),
        ]
    blocks += [
        Heading(pen("ผลการกลั่นกรอง", "Screening")),
        outside_table(book, pen),
        *finding_tables(book, pen),
    ]
    changed = changed_table(book.reviews, pen)
    if changed.rows or book.reviews.outcomes:
        blocks.append(Heading(pen("การพิจารณาให้คะแนน", "Reviews")))
    if book.reviews.records:
        blocks += review_tables(page.call.rubric, book.reviews, pen)
    if changed.rows:
        blocks.append(changed)
    blocks += [
        *annex_blocks(book, pen),
        filing_table(book, pen),
        agreement_table(book, pen),
    ]
    return blocks


def key_figures(book: RankingBook, pen: Pen) -> list[tuple[tuple[str, str, str], ...]]:
    """Rows of at most four figures: what came in, what was weighed, what was decided."""
    page, h, counts = book.page, book.page.headline, book.page.counts
    million, projects = pen("ล้านบาท", "million baht"), pen("โครงการ", "projects")
    agencies = pen("หน่วยงาน", "agencies")
    if page.basis is Basis.RECORDED:
        return [
            (
                (pen("วงเงินรวม", "Total"), format_million(h.total), million),
                (pen("โครงการตามเอกสาร", "Published projects"), f"{h.projects:,}", projects),
                (pen("หน่วยงาน", "Agencies"), f"{h.agencies:,}", agencies),
                (pen("กระทรวง", "Ministries"), f"{h.ministries:,}", pen("กระทรวง", "ministries")),
            ),
        ]
    totals = page.totals
    rows: list[tuple[tuple[str, str, str], ...]] = [
        (
            (pen("ยื่นข้อเสนอ", "Filed"), f"{counts.filed:,}", projects),
            (pen("ผ่านการกลั่นกรอง", "Passed screening"), f"{counts.passed:,}", projects),
            (pen("ไม่ผ่าน", "Failed"), f"{counts.failed:,}", projects),
            (pen("รอเจ้าหน้าที่พิจารณา", "Need a person"), f"{counts.questioned:,}", projects),
            *(
                [(pen("ส่งคืนแก้ไข", "Out for revision"), f"{counts.returned:,}", projects)]
                if counts.returned
                else []
            ),
        ),
        (
            (pen("กรอบวงเงิน", "Ceiling"), format_million(page.call.ceiling), million),
            (pen("ขอรับงบประมาณ", "Requested"), format_million(totals.requested), million),
            (pen("อยู่ในกรอบตามลำดับ", "Within the ceiling"), f"{totals.in_projects:,}", projects),
            (pen("วงเงินในกรอบ", "Amount within"), format_million(totals.in_amount), million),
        ),
    ]
    if page.basis is Basis.APPROVED:
        rows.append(
            (
                (pen("เห็นชอบ", "Approved"), f"{h.projects:,}", projects),
                (pen("หน่วยงานที่ได้รับ", "Agencies served"), f"{h.agencies:,}", agencies),
                (pen("วงเงินที่เห็นชอบ", "Amount approved"), format_million(h.total), million),
                (pen("คงเหลือในกรอบ", "Ceiling left"), format_million(page.call.ceiling - h.total), million),
            )
        )
    return rows


def method_blocks(book: RankingBook, pen: Pen) -> list[Block]:
    """How the figures were made, and from which versions of which documents."""
    call, recorded = book.page.call, book.page.basis is Basis.RECORDED
    hashes = (
        pen("ค่าแฮชของโครงสร้างแผน", "Hash of the plan structure"),
        pen("ค่าแฮชของเกณฑ์ให้คะแนน", "Hash of the rubric"),
        pen("ค่าแฮชของข้อกำหนดกลั่นกรอง", "Hash of the rulebook"),
        pen("ค่าแฮชของข้อมูลในเอกสารนี้", "Hash of the data of this paper"),
    )
    plan = (pen("โครงสร้างแผน", "Plan structure"), _version(call.plan.title, call.plan.version, pen))
    data = [
        (
            pen("การปัดเศษ", "Rounding"),
            pen(
                "บนกระดาษและหน้าจอ จำนวนเงินเป็นล้านบาทมีทศนิยม 4 ตำแหน่ง แต่ละจำนวนปัดเศษจากยอดจริงที่ละเอียดถึงสตางค์ "
                "(ครึ่งหนึ่งขึ้นไปปัดขึ้น) โครงการหนึ่งจึงพิมพ์ตัวเลขเดียวกันทุกแห่ง หากตัวเลขในตารางรวมกันไม่เท่ายอดรวม "
                "จะแสดงผลต่างในบรรทัด “ปัดเศษ” เหนือยอดรวม ส่วน Excel เก็บยอดจริงถึงสตางค์โดยไม่ปัดเศษ",
                "On paper and on screen, amounts in million baht have four decimals, each rounded half up from its exact "
                "satang, so a project bears one figure everywhere. Where the figures of a table do not add up to their "
                "total, a line “Rounding” above the total makes up the difference. Excel holds exact amounts, unrounded",
            ),
        ),
        (
            pen("ที่มาของข้อมูล", "Origin of the data"),
            pen.name_or_empty(call.label) or pen("ยื่นผ่านระบบ", "Filed here"),
        ),
        (pen("ข้อมูล ณ", "Data as of"), pen.moment(book.as_of)),
        (hashes[3], book.sha256),
    ]
    if recorded:
        items = [plan, (hashes[0], call.plan_sha256), *data]
    else:
        items = [
            (
                pen("การจัดลำดับ", "Ranking"),
                pen(
                    "คะแนนเฉลี่ยของผู้พิจารณาจากมากไปน้อย คะแนนเต็ม 100 คำนวณจากระดับ 0–4 คูณน้ำหนักเกณฑ์",
                    "Mean score of the reviewers, highest first; of 100 points, from levels 0-4 times the weights",
                ),
            ),
            (pen("เมื่อคะแนนเท่ากัน", "Ties"), _ties(pen)),
            (
                pen("การจัดสรร", "Allocation"),
                pen(
                    "เดินตามลำดับลงมา โครงการใดขอไม่เกินกรอบที่เหลือให้อยู่ในกรอบ โครงการที่เกินให้ข้ามไปพิจารณาโครงการถัดไป",
                    "Walk down the rank; whatever fits what is left of the ceiling is taken, what does not is passed over",
                ),
            ),
            (pen("ชื่อผู้พิจารณา", "Reviewers' names"), _names(book, pen)),
            plan,
            (hashes[0], call.plan_sha256),
            (pen("เกณฑ์ให้คะแนน", "Rubric"), _version(call.rubric.title, call.rubric.version, pen)),
            (hashes[1], call.rubric_sha256),
            (pen("ข้อกำหนดกลั่นกรอง", "Rulebook"), _version(call.rulebook.title, call.rulebook.version, pen)),
            (hashes[2], call.rulebook_sha256),
            *data,
        ]
    return [Fields(tuple(items), code=hashes)]


def _names(book: RankingBook, pen: Pen) -> str:
    """What this copy shows of the reviewers, because another reader's may differ."""
    shown = (
        pen("แสดงชื่อ ตามสิทธิ์ของผู้สั่งพิมพ์", "Shown, as whoever ordered this paper may read them")
        if book.reviews.shows_names
        else pen(
            "ไม่แสดง รอบพิจารณานี้เปิดเผยชื่อต่อฝ่ายเลขานุการเท่านั้น",
            "Kept; this round tells them to the secretariat alone",
        )
    )
    if book.reviews.shows_reasons:
        return shown + pen(
            " ฉบับฝ่ายเลขานุการ มีเหตุผลของผู้ที่ไม่ได้พิจารณา",
            "; the secretariat's copy, with the reasons of those who did not review",
        )
    return shown


def _version(title: Text, version: int, pen: Pen) -> str:
    return pen(f"{title.th} ฉบับที่ {version}", f"{title.en}, version {version}")


def _ties(pen: Pen) -> str:
    return pen("ตัดสินตามลำดับ: ", "In this order: ") + ", ".join(pen.name(rule) for rule in TIE_RULES)
