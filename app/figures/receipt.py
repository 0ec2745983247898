"""The receipt of a filing as a one-page paper an officer can show to a director."""

from __future__ import annotations

from app.calls.facts import ORIGIN_LABELS, Origin
from app.figures.pen import Pen
from app.kernel.clock import format_closing, format_moment
from app.kernel.money import baht_in_words, format_baht
from app.kernel.text import Text
from app.proposals.least import LEAST
from app.proposals.queries import Receipt
from reports.document import Document, Fields, Paragraph, QrCode

PLAN = Text("แผนงานบูรณาการรัฐบาลดิจิทัล", "Digital Government Integrated Budget Plan")
HASH_SHOWN = 16


def verification_url(site_url: str, receipt: Receipt) -> str:
    """Where anybody can check the receipt: its number, and enough of its hash that numbers cannot be tried out."""
    return f"{site_url}/receipts/verify/{receipt.receipt_number}?sha256={receipt.sha256[:HASH_SHOWN]}"


def _due(receipt: Receipt, pen: Pen) -> str:
    if receipt.deadline_at is None:
        return ""
    due = format_closing(receipt.deadline_at, pen.language, "second")
    return due + (pen(" ยื่นในช่วงผ่อนผัน", "; filed in the grace period") if receipt.is_in_grace else "")


def receipt_document(receipt: Receipt, language: str, site_url: str) -> Document:
    """The receipt: number, proposal, agency, server time to the second, total, hash and the verification code.

    It is dated by the filing, so the same receipt prints the same bytes for ever.
    """
    pen = Pen(language)
    hash_name = pen("ค่าแฮช SHA-256 ของข้อมูลที่ยื่น", "SHA-256 of what was filed")
    items = [
        (pen("เลขที่ใบรับ", "Receipt number"), receipt.receipt_number),
        (pen("เลขที่ข้อเสนอ", "Proposal number"), receipt.number),
        (pen("โครงการ", "Project"), pen.name(receipt.title)),
        (pen("หน่วยงานที่ยื่น", "Filed by agency"), pen.name(receipt.agency)),
        (pen("ผู้ยื่น", "Filed by"), pen.name(receipt.submitted_by)),
        (
            pen("แผนงาน", "Plan"),
            pen(
                f"{PLAN.th} ปีงบประมาณ พ.ศ. {receipt.fiscal_year}",
                f"{PLAN.en}, fiscal year {receipt.fiscal_year}",
            ),
        ),
        (
            pen("รับไว้เมื่อ (เวลาของระบบ)", "Received (server time)"),
            format_moment(receipt.submitted_at, language, seconds=True),
        ),
        (pen("ต้องยื่นก่อน (เวลาที่ใช้ตัดสิน)", "Due before (the moment it was judged by)"), _due(receipt, pen)),
        (
            pen(
                f"วงเงินที่ขอปีงบประมาณ {receipt.fiscal_year}", f"Requested for fiscal year {receipt.fiscal_year}"
            ),
            pen(f"{format_baht(receipt.total)} บาท", f"{format_baht(receipt.total)} baht"),
        ),
        (pen("จำนวนเงินเป็นตัวอักษร", "Amount in words"), pen(baht_in_words(receipt.total), "")),
        (
            pen.name(LEAST),
            pen(f"{format_baht(receipt.least)} บาท", f"{format_baht(receipt.least)} baht")
            if receipt.least
            else "",
        ),
        (hash_name, receipt.sha256),
    ]
    label = ORIGIN_LABELS[Origin(receipt.origin)]
    return Document(
        title=pen("ใบรับข้อเสนอโครงการ", "Receipt of a proposal"),
        language=pen.language,
        blocks=(
            Fields(tuple(item for item in items if item[1]), code=(hash_name,)),
            Paragraph(
                pen(
                    "ระบบได้รับข้อเสนอโครงการข้างต้นไว้ครบถ้วนแล้ว ข้อมูลที่ยื่นถูกตรึงไว้ตามค่าแฮชนี้ "
                    "หากแก้ไขแม้แต่อักขระเดียว ค่าแฮชจะเปลี่ยนไป",
                    "The proposal above was received in full. What was filed is frozen under this hash: were a single "
                    "character changed, the hash would differ.",
                )
            ),
            QrCode(
                verification_url(site_url, receipt),
                pen("ตรวจสอบใบรับนี้: สแกน หรือเปิด ", "To check this receipt, scan or open ")
                + verification_url(site_url, receipt),
            ),
        ),
        made_at=receipt.submitted_at,
        label=pen.name_or_empty(label),
        identifier=receipt.receipt_number,
        sha256=receipt.sha256,
        organisation=pen.name(PLAN),
    )
