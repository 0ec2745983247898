"""The figures of a ranking book in words, as the memo tells them."""

from __future__ import annotations

from datetime import timedelta

from app.calls.facts import deadline_of
from app.figures.facts import Basis
from app.figures.pen import Pen, number_of
from app.figures.queries import RankingBook
from app.figures.rules import departures
from app.kernel.money import baht_in_words, format_baht, format_million
from app.portfolio.facts import Standing


def tell(book: RankingBook, pen: Pen) -> list[str]:
    """The figures in words, as the memo says them."""
    page, call, h = book.page, book.page.call, book.page.headline
    if page.basis is Basis.RECORDED:
        told = [
            pen(
                f"{call.name.th} มีโครงการตามเอกสารงบประมาณที่เผยแพร่ {h.projects:,} โครงการ ของ {h.agencies:,} "
                f"หน่วยงาน ใน {h.ministries:,} กระทรวงหรือเทียบเท่า รวม {len(book.lines):,} รายการ เป็นเงิน "
                f"{format_baht(h.total)} บาท ({baht_in_words(h.total)}) หรือ {format_million(h.total)} ล้านบาท",
                f"The published budget documents of the {call.name.en} show "
                f"{number_of(h.projects, 'project', 'projects')} of "
                f"{number_of(h.agencies, 'agency', 'agencies')} in {h.ministries:,} ministries or equal bodies, "
                f"{number_of(len(book.lines), 'line', 'lines')} in all, for {format_baht(h.total)} baht "
                f"({format_million(h.total)} million baht).",
            ),
            pen(
                "โครงการเหล่านี้บันทึกจากเอกสารที่เผยแพร่ ไม่ได้ยื่นผ่านระบบนี้ จึงไม่มีผลกลั่นกรอง คะแนน และมติ",
                "These projects were recorded from published documents, not filed through this system; there are no "
                "findings, scores or decisions.",
            ),
            pen.name(call.note),
        ]
        return [text for text in told if text]
    return [*_filed_and_ranked(book, pen), *_decided(book, pen), pen.name(call.note), _request(book, pen)]


def _filed_and_ranked(book: RankingBook, pen: Pen) -> list[str]:
    page, call, counts = book.page, book.page.call, book.page.counts
    totals = page.totals
    # the window is half-open: its last day is the one just before it closes
    opened = pen.official_day(call.opens_at)
    closed = pen.official_day(deadline_of(call, None).closes_at - timedelta(seconds=1))
    filed = pen(
        f"ตามที่สำนักงานพัฒนารัฐบาลดิจิทัล (องค์การมหาชน) ในฐานะหน่วยงานเจ้าภาพแผนงาน ได้เปิดรับข้อเสนอ{call.name.th} "
        f"ระหว่างวันที่ {opened} ถึงวันที่ {closed} มีข้อเสนอที่ยื่น {counts.filed:,} โครงการ "
        f"ผ่านการกลั่นกรอง {counts.passed:,} โครงการ ไม่ผ่าน {counts.failed:,} โครงการ"
        + (f" รอเจ้าหน้าที่พิจารณา {counts.questioned:,} โครงการ" if counts.questioned else "")
        + (f" ส่งคืนหน่วยงานแก้ไข {counts.returned:,} โครงการ" if counts.returned else ""),
        f"As host agency of the plan, the Digital Government Development Agency received proposals for the "
        f"{call.name.en} from {opened} to {closed}. {number_of(counts.filed, 'proposal was', 'proposals were')} "
        f"filed; {counts.passed:,} passed screening and {counts.failed:,} failed"
        + (f"; {counts.questioned:,} still need a person" if counts.questioned else "")
        + (f"; {counts.returned:,} are out for revision." if counts.returned else "."),
    )
    out = [b for b in page.lines if b.line.standing is Standing.OUT]
    unscored = sum(b.line.standing is Standing.UNSCORED for b in page.lines)
    ranked = pen(
        f"ข้อเสนอที่ผ่านการกลั่นกรองขอรับงบประมาณรวม {format_million(totals.requested)} ล้านบาท "
        f"จากกรอบวงเงิน {format_million(call.ceiling)} ล้านบาท เมื่อจัดลำดับตามคะแนนเฉลี่ยและจัดสรรตามลำดับ "
        f"มีโครงการอยู่ในกรอบ {totals.in_projects:,} โครงการ รวม {format_million(totals.in_amount)} ล้านบาท "
        f"เกินกรอบ {len(out):,} โครงการ รวม {format_million(sum(b.line.entry.requested for b in out))} ล้านบาท"
        + (f" และยังไม่มีคะแนน {unscored:,} โครงการ" if unscored else ""),
        f"Those that passed ask for {format_million(totals.requested)} million baht against a ceiling of "
        f"{format_million(call.ceiling)} million. Taken in order of their mean scores, "
        f"{number_of(totals.in_projects, 'project fits', 'projects fit')} the ceiling with "
        f"{format_million(totals.in_amount)} million baht, {len(out):,} do not, with "
        f"{format_million(sum(b.line.entry.requested for b in out))} million"
        + (f", and {unscored:,} are not scored yet." if unscored else "."),
    )
    return [filed, ranked]


def _decided(book: RankingBook, pen: Pen) -> list[str]:
    page, h = book.page, book.page.headline
    if page.basis is not Basis.APPROVED:
        return []
    differing = sum(bool(departures(b)) for b in page.lines)
    told = pen(
        f"คณะกรรมการเห็นชอบ {h.projects:,} โครงการ ของ {h.agencies:,} หน่วยงาน ใน {h.ministries:,} กระทรวงหรือเทียบเท่า "
        f"เป็นเงิน {format_baht(h.total)} บาท ({baht_in_words(h.total)}) หรือ {format_million(h.total)} ล้านบาท",
        f"The committee approved {number_of(h.projects, 'project', 'projects')} of "
        f"{number_of(h.agencies, 'agency', 'agencies')} in {h.ministries:,} ministries or equal bodies, for "
        f"{format_baht(h.total)} baht ({format_million(h.total)} million baht).",
    )
    if differing:
        told += pen(
            f" มติ {differing:,} โครงการต่างจากลำดับที่คำนวณ โดยมีเหตุผลประกอบในเอกสารนี้",
            f" {number_of(differing, 'decision departs', 'decisions depart')} from the computed list; the reasons "
            "are given in this paper.",
        )
    return [told]


def _request(book: RankingBook, pen: Pen) -> str:
    if book.page.basis is Basis.APPROVED:
        return pen("จึงเรียนมาเพื่อโปรดทราบ", "Submitted for information.")
    return pen("จึงเรียนมาเพื่อโปรดพิจารณา", "Submitted for consideration.")
