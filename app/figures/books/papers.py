"""The decision book on paper and as a workbook, made from the file alone: the same file prints the same bytes anywhere.

The PDF carries the file itself (PDF/A-3), and so does the workbook on a hidden sheet, so that whoever holds either can have
it replayed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from app.decisions.facts import (
    DUTY_NAMES,
    LEVEL_NAMES,
    PRESENCE_NAMES,
    Duty,
    Level,
    Presence,
)
from app.figures.books.content import WHOLE_FIRST, PrintableContents
from app.figures.books.doubt import certainty_blocks
from app.figures.books.proposal_pages import proposal_pages
from app.figures.books.reading import FrozenBook
from app.figures.books.tables import commitment_blocks, ledger_table, resolution_table, verdict_table
from app.figures.column_meanings import explain_columns
from app.figures.live.coming_alive import come_alive
from app.figures.pen import Pen
from app.figures.ranking_book import (
    COMMITTEE,
    HEAD_OF_HOST,
    HOST,
    HOST_AGENCY,
    list_blocks,
    living_of,
    method_blocks,
    overview_blocks,
)
from app.figures.ranking_words import tell
from app.kernel.money import baht_in_words, format_baht, format_million
from app.portfolio.reasons import BOUND_NAMES, name_limit, names_in
from reports.document import (
    Block,
    Column,
    Document,
    Fields,
    Heading,
    Memo,
    PageBreak,
    Paragraph,
    Signature,
    Table,
)
from reports.paper_blocks import Attachment, Items, Section
from reports.paper_blocks import Contents as TableOfContents

VERIFY = "./dgi verify-book"
_NUMBERS = frozenset({"number", "resolution"})  # columns of digits that are no amounts


def decision_document(
    book: FrozenBook,
    language: str,
    *,
    made_at: datetime | None = None,
    made_by: str = "",
    thai_digits: bool = False,
    on_paper: bool = True,
) -> Document:
    """The paper of a closed meeting, or its workbook, whose sheets hold what stands on a project's page of the paper.
    Without `made_at` it is dated by the closing, so that it can be printed again alike."""
    pen = Pen(language)
    contents, data, head = book.contents, book.data, book.head
    meeting, figures = contents.meeting, contents.figures
    call = figures.page.call
    moment = made_at or meeting.closed_at
    level = pen.name(LEVEL_NAMES[Level(meeting.level)])
    title = pen(f"สมุดมติ {level} ครั้งที่ {meeting.number}", f"Decision book: {level}, meeting {meeting.number}")
    blocks: list[Block] = [
        *_memo(contents, title, moment, pen),
        TableOfContents(),
        Section(pen("สรุปสำหรับผู้บริหาร", "Executive summary")),
        *_under(overview_blocks(figures, pen)),
        *commitment_blocks(contents, pen),
        *certainty_blocks(contents, pen),
        Section(pen("การประชุม", "The meeting")),
        *_meeting(contents, pen),
        *(() if on_paper else (verdict_table(contents, pen), ledger_table(contents, pen))),
        Section(pen("ลำดับ การจัดสรร และมติ", "Ranking, allocation and decisions")),
        *_terms(contents, pen),
        *_how(contents, pen),
        *_under(_lists(contents, pen)),
        *((ledger_table(contents, pen),) if on_paper else ()),
        Section(pen("รายโครงการ", "Project by project")),
        *((verdict_table(contents, pen), *proposal_pages(contents, pen)) if on_paper else ()),
        Section(pen("ภาคผนวก: วิธีจัดทำและการพิสูจน์", "Annex: method and proof")),
        *method_blocks(figures, pen),
        PageBreak(),
        *_proof(contents, head, pen, on_paper=on_paper),
    ]
    alive = come_alive(blocks, living_of(figures), pen)
    name = f"decision-book-{call.fiscal_year}-{meeting.level}-{meeting.ordinal}.json"
    described = pen("สมุดมติทั้งเล่มเพื่อคำนวณซ้ำ", "The whole decision book, to be recomputed")
    return Document(
        title=title,
        language=pen.language,
        blocks=tuple(explain_columns(_roomy(alive, thai_digits and on_paper), pen)),
        made_at=moment,
        made_by=made_by,
        subtitle=pen(
            f"{call.name.th} ปิดการประชุมเมื่อ {pen.moment(meeting.closed_at)}",
            f"{call.name.en}, closed {pen.moment(meeting.closed_at)}",
        ),
        thai_digits=thai_digits,
        label=pen.name_or_empty(call.label),
        identifier=f"DGI-{call.fiscal_year}-BOOK-{head[:8]}",
        sha256=head,
        organisation=pen.name(HOST),
        attachments=(Attachment(name, data, "application/json", described, "Data"),),
    )


def _roomy(blocks: Iterable[Block], thai_digits: bool) -> Iterator[Block]:
    """Thai digits are wider: so are the columns of digits for them, and the widest upright table is laid on its side."""
    for block in blocks:
        if not (thai_digits and isinstance(block, Table)):
            yield block
            continue
        columns = tuple(
            replace(c, width=c.width * 5 / 4) if c.is_number or c.key in _NUMBERS else c
            for c in block.columns
        )
        landscape = True if block.name == "categories" else block.landscape
        yield replace(block, columns=columns, landscape=landscape)


def _memo(contents: PrintableContents, title: str, moment: datetime, pen: Pen) -> Iterator[Block]:
    meeting = contents.meeting
    yield Memo(
        agency=pen.name(HOST_AGENCY),
        number="",
        date=pen.official_day(moment),
        subject=title,
        to=pen.name(COMMITTEE),
        references=(meeting.subject,) if meeting.subject else (),
        enclosures=(
            pen("สมุดมติฉบับข้อมูล (JSON) แนบอยู่ในแฟ้มนี้", "The decision book as data (JSON), attached to this file"),
            pen("สมุดงาน Excel ฉบับเดียวกัน", "The same book as an Excel workbook"),
        ),
    )
    for text in tell(contents.figures, pen):
        yield Paragraph(text, "indent")
    yield Signature("." * 42, pen.name(HEAD_OF_HOST))


def _meeting(contents: PrintableContents, pen: Pen) -> Iterator[Block]:
    m = contents.meeting
    level = pen.name(LEVEL_NAMES[Level(m.level)])
    items = [
        (pen("การประชุม", "Meeting"), pen(f"{level} ครั้งที่ {m.number}", f"{level}, {m.number}")),
        (pen("เรื่อง", "Subject"), m.subject),
        (pen("สถานที่", "Place"), m.place),
        (pen("กำหนดประชุม", "Set for"), pen.moment(m.starts_at)),
        (pen("เปิดประชุม", "Opened"), pen.moment(m.opened_at) if m.opened_at else ""),
        (pen("ปิดประชุม", "Closed"), pen.moment(m.closed_at)),
        (pen("ผู้บันทึกการปิด", "Closed by"), pen.name_or_empty(m.closed_by)),
    ]
    yield Fields(tuple(item for item in items if item[1]))
    yield Table(
        "attendance",
        pen("ผู้เข้าประชุม", "Attendance"),
        (
            Column("name", pen("ชื่อ", "Name"), "text", 26),
            Column("post", pen("ตำแหน่ง", "Post"), "long_text", 34),
            Column("role", pen("หน้าที่", "Role"), "text", 14),
            Column("presence", pen("การเข้าประชุม", "Presence"), "text", 16),
            Column("note", pen("หมายเหตุ", "Note"), "long_text", 22),
        ),
        tuple(
            (
                a.name,
                a.post,
                pen.name(DUTY_NAMES[Duty(a.role)]),
                pen.name(PRESENCE_NAMES[Presence(a.presence)]),
                a.note,
            )
            for a in m.attendance
        ),
        question=pen("ใครเข้าประชุม ในหน้าที่ใด", "Who attended, and in which duty?"),
        sheet=pen("ผู้เข้าประชุม", "Attendance"),
        landscape=False,
    )
    if m.recusals:
        yield Table(
            "recusals",
            pen("การถอนตัว", "Recusals"),
            (
                Column("number", pen("เลขที่", "Number"), "text", 14),
                Column("name", pen("กรรมการ", "Member"), "text", 28),
                Column("note", pen("เหตุ", "Ground"), "long_text", 44),
            ),
            tuple((r.number, r.name, r.note or r.ground) for r in m.recusals),
            question=pen(
                "ใครถอนตัวจากเรื่องใด และเพราะเหตุใด", "Who left the room for what, and on what ground?"
            ),
            sheet=pen("การถอนตัว", "Recusals"),
            landscape=False,
        )


def _terms(contents: PrintableContents, pen: Pen) -> Iterator[Block]:
    """What the list was laid by: the scenario and its terms."""
    terms, plan = contents.terms, contents.figures.page.call.plan
    name_of = names_in(plan, (b.line.entry for b in contents.figures.page.lines))
    million = pen("ล้านบาท", "million baht")
    items = [(pen("กรอบวงเงิน", "Ceiling"), f"{format_million(terms.ceiling)} {million}")]
    if contents.scenario is not None:
        s = contents.scenario
        items += [
            (pen("ฉากทัศน์ที่เลือกใช้", "Adopted scenario"), s.name),
            (
                pen("เลือกใช้เมื่อ", "Adopted"),
                f"{pen.moment(s.adopted_at)} {pen.name_or_empty(s.adopted_by)}".strip(),
            ),
            (pen("เหตุผล", "Reason"), s.reason),
        ]
    if terms.weights:
        rubric = contents.figures.page.call.rubric
        weights = ", ".join(f"{pen.name(c.name)} {terms.weights.get(c.code, 0)}%" for c in rubric.criteria)
        items.append((pen("น้ำหนักเกณฑ์", "Weights"), weights))
    for limit in terms.limits:
        bound = pen.name(BOUND_NAMES[limit.bound])
        items.append(
            (bound, f"{pen.name(name_limit(limit, name_of))} {format_million(limit.amount)} {million}")
        )
    if terms.must_fund:
        items.append((pen("โครงการที่ต้องจัดสรร", "Must be funded"), ", ".join(sorted(terms.must_fund))))
    for one, other in terms.needs:
        items.append((pen("ต้องใช้โครงการอื่น", "Needs another"), f"{one} → {other}"))
    for group in terms.exclusive:
        items.append((pen("เลือกได้หนึ่งโครงการ", "At most one of"), ", ".join(group)))
    yield Fields(tuple(item for item in items if item[1]), pen("เงื่อนไขการจัดสรร", "Terms of the allocation"))


def _under(blocks: Iterable[Block]) -> Iterator[Block]:
    """Blocks under a section: their headings are one level lower."""
    for block in blocks:
        yield replace(block, level=min(block.level + 1, 4)) if isinstance(block, Heading) else block


def _how(contents: PrintableContents, pen: Pen) -> Iterator[Block]:
    """The passes of the allocation, in the order they are made, by the method of the book."""
    reduced = pen(
        " โครงการที่ต้องจัดสรรซึ่งวงเงินเต็มไม่พอ ได้ในวงเงินขั้นต่ำเมื่อเงื่อนไขให้ลดได้",
        "; what must be funded and does not fit whole, with the least it works with where the terms allow that",
    )
    if contents.allocation["method"] == WHOLE_FIRST:
        reduced = ""
    yield Paragraph(
        pen(
            "จัดลำดับตามคะแนนจากมากไปน้อย แล้วจัดสรรเป็นสามรอบตามลำดับนี้",
            "Projects are ranked by their scores, highest first, and taken in three passes:",
        )
    )
    yield Items(
        (
            pen(
                "โครงการที่ต้องจัดสรรและโครงการที่โครงการเหล่านั้นต้องใช้ รวมทั้งโครงการที่ปรับนำเข้า ภายในกรอบวงเงิน",
                "what must be funded, with what it needs, and what was taken by hand, under the ceiling",
            )
            + reduced,
            pen(
                "วงเงินขั้นต่ำของแต่ละกลุ่มตามลำดับที่ประกาศ โดยเลือกโครงการที่ดีที่สุดของกลุ่มจนถึงวงเงินขั้นต่ำ",
                "each floor in the order declared: the best of its group until the floor is reached",
            ),
            pen(
                "โครงการที่เหลือตามลำดับ โครงการใดที่กรอบและเพดานของกลุ่มยังพอ มีโครงการที่ต้องใช้แล้ว และไม่ซ้ำซ้อนกับโครงการที่ได้แล้ว "
                "ให้อยู่ในกรอบ โครงการที่ไม่พอให้ข้ามไปพิจารณาโครงการถัดไป",
                "everybody else in rank order: whatever fits the ceiling and the caps, has what it needs and duplicates "
                "nobody taken; what does not fit is passed over",
            ),
        )
    )


def _lists(contents: PrintableContents, pen: Pen) -> Iterator[Block]:
    """The ranking book's own, but for its departures of decisions: all decisions stand in their place, and the ledger
    tells what departs, beside what was changed by hand. No empty sheet of changes."""
    for block in list_blocks(contents.figures, pen):
        if isinstance(block, Table) and block.name == "departures":
            yield resolution_table(contents, pen)
        elif not (isinstance(block, Table) and block.name == "ledger" and not block.rows):
            yield block


def _proof(contents: PrintableContents, head: str, pen: Pen, *, on_paper: bool) -> Iterator[Block]:
    """How whoever holds this paper can have it recomputed."""
    audit = contents.audit
    names = (
        pen("หัวสายโซ่ของสมุดมติ", "Head of the book's chain"),
        pen("หัวบันทึกการใช้งานก่อนปิด", "Head of the audit log before closing"),
        pen("หัวของสมุดก่อนหน้า", "Head of the book before"),
    )
    total = sum(row.amount for row in contents.decisions)
    items = [
        (names[0], head),
        (
            names[1],
            f"{audit.count:,} · {audit.sha256}" if audit.count else pen("ยังไม่มีรายการ", "No entries yet"),
        ),
        (names[2], audit.previous_book or ""),
        (pen("วงเงินที่เห็นชอบรวม", "Approved in all"), f"{format_baht(total)} {pen('บาท', 'baht')}"),
        (pen("เป็นตัวอักษร", "In words"), baht_in_words(total) if pen.language == "th" else ""),
    ]
    if not on_paper:
        how = pen(
            f"{VERIFY} แฟ้มนี้.xlsx คำนวณซ้ำจากสมุดมติที่อยู่ในแฟ้ม แล้วเทียบทุกแผ่นงานกับสมุดนั้น แฟ้มที่กรอกค่าใหม่จะไม่ตรง",
            f"{VERIFY} this-file.xlsx recomputes the decision book inside this file and compares every sheet with it. A "
            "file typed into differs.",
        )
        items.append((pen("การตรวจซ้ำ", "To verify"), how))
    yield Heading(pen("การพิสูจน์", "Proof"), 2)
    code = names if audit.count else (names[0], names[2])
    yield Fields(tuple(item for item in items if item[1]), code=code)
    yield Paragraph(
        pen(
            f"แฟ้ม JSON ที่แนบอยู่ใน PDF นี้มีทุกอย่างที่มตินี้อาศัย คำสั่ง {VERIFY} แฟ้มนี้.pdf "
            "ตรวจสายโซ่ คำนวณคะแนน ลำดับ และการจัดสรรซ้ำโดยไม่ใช้ฐานข้อมูล และบอกจุดแรกที่ต่างกันหากมี",
            f"The JSON attached to this PDF holds everything these decisions rest on. {VERIFY} this-file.pdf checks its "
            "chain and recomputes scores, ranking and allocation without a database, and names the first difference.",
        )
    )
