"""A template like those the desks hand out: budget lines and indicators of a made-up agency."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl

from app.kernel.text import Text
from app.workbooks.facts import Column, Sheet, Template

KEY = b"k" * 32
MADE = datetime(2027, 1, 4, 3, 0, tzinfo=UTC)

CATEGORIES = (
    ("personnel", Text("งบบุคลากร", "Personnel")),
    ("operations", Text("งบดำเนินงาน", "Operations")),
    ("investment", Text("งบลงทุน", "Investment")),
    ("1-1", Text("งบเงินอุดหนุน", "Grants")),
    ("11", Text("งบรายจ่ายอื่น", "Other expenses")),
)
AGENCIES = (
    ("alpha", Text("กรมอัลฟา", "Alpha Department")),
    ("beta", Text("สำนักงานเบตา", "Beta Office")),
)


def _money(key: str, th: str, en: str, *, needed: bool = False) -> Column:
    return Column(key, Text(th, en), "amount", 17, needed=needed)


BUDGET = Sheet(
    "budget",
    Text("รายการงบประมาณ", "Budget lines"),
    (
        Column("agency", Text("หน่วยงาน", "Agency"), "choice", 24, needed=True, choices=AGENCIES),
        Column("category", Text("งบรายจ่าย", "Category"), "choice", 18, needed=True, choices=CATEGORIES),
        Column(
            "item",
            Text("รายการ", "Item"),
            "long",
            42,
            needed=True,
            longest=1000,
            note=Text("เขียนให้เห็นว่าซื้อหรือจ้างอะไร", "Say what is bought or hired"),
        ),
        Column("quantity", Text("จำนวน", "Quantity"), "quantity", 10, needed=True),
        Column("unit", Text("หน่วยนับ", "Unit"), "text", 12, longest=60),
        _money("unit_price", "ราคาต่อหน่วย (บาท)", "Unit price (baht)", needed=True),
        *(_money(f"q{n}", f"ไตรมาส {n} (บาท)", f"Quarter {n} (baht)") for n in range(1, 5)),
        *(
            _money(f"later{n}", f"ผูกพันปี {2572 + n} (บาท)", f"Commitment {2029 + n} (baht)")
            for n in range(1, 5)
        ),
        Column("remark", Text("หมายเหตุ", "Remark"), "text", 24),
    ),
)
INDICATORS = Sheet(
    "indicators",
    Text("ตัวชี้วัด", "Indicators"),
    (
        Column("name", Text("ชื่อตัวชี้วัด", "Indicator"), "text", 50, needed=True, longest=300),
        Column("unit", Text("หน่วยนับ", "Unit"), "text", 14),
        Column("baseline", Text("ค่าฐาน", "Baseline"), "text", 14),
        Column("target", Text("ค่าเป้าหมาย", "Target"), "text", 14, needed=True),
    ),
    most_rows=200,
)


def budget_row(n: int) -> dict[str, str]:
    """A filled-in line that differs in every cell from its neighbours."""
    price = f"{1000 + n}.{n % 100:02d}"
    return {
        "agency": AGENCIES[n % 2][0],
        "category": CATEGORIES[n % 5][0],
        "item": f"จัดหาเครื่องคอมพิวเตอร์แม่ข่าย ชุดที่ {n}",
        "quantity": str(n + 1),
        "unit": f"ชุด {n % 7}",
        "unit_price": price,
        **{f"q{q}": f"{n * 4 + q}.50" for q in range(1, 5)},
        **{f"later{y}": f"{n * 10 + y}.00" for y in range(1, 5)},
        "remark": f"หมายเหตุ {n}" if n % 3 else "",
    }


def indicator_row(n: int) -> dict[str, str]:
    return {"name": f"ร้อยละของระบบที่เชื่อมโยง {n}", "unit": "ร้อยละ", "baseline": str(n), "target": f"{n}.5"}


def template(lines: int = 0, indicators: int = 0, **identity: str) -> Template:
    """The template of agency alpha with that many lines and indicators filled in."""
    return Template(
        "proposal",
        Text("แบบกรอกรายการงบประมาณและตัวชี้วัด", "Budget lines and indicators"),
        (
            replace(BUDGET, rows=tuple(budget_row(n) for n in range(lines))),
            replace(INDICATORS, rows=tuple(indicator_row(n) for n in range(indicators))),
        ),
        {"call": "2572", "proposal": "2572-0001", "agency": "alpha", "version": "budget:3", **identity},
        {
            "call": Text("ปีงบประมาณ", "Fiscal year"),
            "proposal": Text("เลขที่ข้อเสนอ", "Proposal"),
            "agency": Text("หน่วยงาน", "Agency"),
        },
        (Text("หนึ่งแถวต่อหนึ่งรายการ", "One row for one line"),),
    )


def edited(data: bytes, edit: Callable[[openpyxl.Workbook], None]) -> bytes:
    """The workbook as somebody saved it after changing it."""
    book = openpyxl.load_workbook(BytesIO(data))
    edit(book)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def with_parts(data: bytes, changes: dict[str, bytes | Callable[[bytes], bytes]]) -> bytes:
    """The same zip file with parts replaced, changed or added."""
    target = BytesIO()
    with ZipFile(BytesIO(data)) as source, ZipFile(target, "w", ZIP_DEFLATED) as archive:
        names = source.namelist()
        for name in [*names, *(n for n in changes if n not in names)]:
            old = source.read(name) if name in names else b""
            change = changes.get(name, old)
            archive.writestr(name, change(old) if callable(change) else change)
    return target.getvalue()
