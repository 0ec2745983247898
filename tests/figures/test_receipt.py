"""The receipt on paper: everything a director asks for on one page, and a code that leads to the proof."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pypdfium2

from app.figures.facts import PaperFormat
from app.figures.press import print_document
from app.figures.receipt import receipt_document, verification_url
from app.kernel.text import Text
from app.proposals.queries import Receipt
from reports.document import Fields, QrCode

RECEIPT = Receipt(
    proposal_id=1,
    receipt_number="R2570-0001-1",
    number="2570-0001",
    title=Text("โครงการพัฒนาระบบน้ำและที่ดินที่มีชื่อยาวมากเพื่อการทดสอบการตัดบรรทัดของใบรับ " * 3, "Water " * 30),
    agency=Text("กรมอัลฟา", "Department Alpha"),
    fiscal_year=2570,
    origin="synthetic",
    submitted_at=datetime(2025, 11, 20, 16, 59, 59, tzinfo=UTC),
    submitted_by=Text("นางสาวทดสอบ ระบบ", "Test Person"),
    total=123_456_725,
    sha256="0123456789abcdef" * 4,
)
SITE = "https://dgi.example"


def text_of(language: str) -> list[str]:
    data = print_document(receipt_document(RECEIPT, language, SITE), PaperFormat.PDF)
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(data))]


def test_one_page_says_it_all() -> None:
    (page,) = text_of("th")
    whole = "".join(page.split())  # long values wrap
    for said in (
        "R2570-0001-1",
        "2570-0001",
        "กรมอัลฟา",
        "20 พ.ย. 2568 23:59:59 น.",
        "1,234,567.25 บาท",
        "หนึ่งล้านสองแสนสามหมื่นสี่พันห้าร้อยหกสิบเจ็ดบาทยี่สิบห้าสตางค์",
        "ข้อมูลสังเคราะห์เพื่อการสาธิต",
        RECEIPT.sha256,
        RECEIPT.title.th,
    ):
        assert "".join(said.split()) in whole, said


def test_english_is_complete() -> None:
    (page,) = text_of("en")
    assert "Receipt of a proposal" in page
    assert "1,234,567.25 baht" in page
    assert "Synthetic data for demonstration" in page


def test_a_filing_in_the_grace_says_so() -> None:
    closes_at = datetime(2025, 11, 20, 17, 0, tzinfo=UTC)
    said = {}
    for seconds in (-1, 0):
        receipt = replace(RECEIPT, deadline_at=closes_at, submitted_at=closes_at + timedelta(seconds=seconds))
        (fields, *_rest) = receipt_document(receipt, "en", SITE).blocks
        assert isinstance(fields, Fields)
        said[seconds] = dict(fields.items)["Due before (the moment it was judged by)"]
    assert said == {
        -1: "20 Nov 2568 B.E., 24:00:00",
        0: "20 Nov 2568 B.E., 24:00:00; filed in the grace period",
    }


def test_the_smallest_amount_is_on_it_where_one_is_stated() -> None:
    def told(receipt: Receipt) -> dict[str, str]:
        (fields, *_rest) = receipt_document(receipt, "en", SITE).blocks
        assert isinstance(fields, Fields)
        return dict(fields.items)

    name = "Smallest amount the project still works with"
    assert told(replace(RECEIPT, least=70_000_025))[name] == "700,000.25 baht"
    assert name not in told(RECEIPT)


def test_the_code_leads_to_the_proof() -> None:
    address = verification_url(SITE, RECEIPT)
    assert address == "https://dgi.example/receipts/verify/R2570-0001-1?sha256=0123456789abcdef"
    codes = [b for b in receipt_document(RECEIPT, "th", SITE).blocks if isinstance(b, QrCode)]
    assert [c.data for c in codes] == [address]


def test_the_same_receipt_prints_the_same_bytes() -> None:
    prints = {print_document(receipt_document(RECEIPT, "th", SITE), PaperFormat.PDF) for _ in range(2)}
    assert len(prints) == 1
