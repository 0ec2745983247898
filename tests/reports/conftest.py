"""Small papers to print, with every kind of block and column."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reports import (
    Chart,
    Column,
    Document,
    Fields,
    Heading,
    KeyFigures,
    Memo,
    Paragraph,
    QrCode,
    Series,
    Signature,
    SumIfs,
    Table,
)

MADE_AT = datetime(2022, 12, 9, 9, 30, tzinfo=UTC)
LABEL = "ข้อมูลสังเคราะห์ / SYNTHETIC"
STAGES = ("ต้นน้ำ", "กลางน้ำ", "ปลายน้ำ")

Paper = Callable[..., Document]


def ranked(rows: int, seed: int = 7) -> Table:
    """A ranked list with amounts carried forward; its first column counts from 1."""
    chance = random.Random(seed)
    cells = []
    for place in range(rows):
        asked = chance.randrange(10**8, 3 * 10**10)
        granted = asked if place < rows * 0.7 else 0
        filed = MADE_AT + timedelta(days=place % 30)
        name = f"ระบบเชื่อมโยงฐานข้อมูลน้ำและการเตือนภัยในพื้นที่ซ้ำซาก ระยะที่ {place % 5 + 1}"
        cells.append(
            (place + 1, f"P2566-{place + 1:04d}", name, STAGES[place % 3], 8725, asked, granted, filed)
        )
    return Table(
        "ranked",
        "บัญชีเรียงลำดับข้อเสนอโครงการ",
        (
            Column("no", "ลำดับ", "int", 7),
            Column("code", "รหัส", "text", 13, meaning="รหัสข้อเสนอ"),
            Column("name", "ชื่อข้อเสนอโครงการ", "long_text", 46),
            Column("stage", "ช่วงน้ำ", "text", 10),
            Column("score", "คะแนน", "score", 10),
            Column("asked", "เสนอขอ", "million", 15, total="sum", group="งบประมาณ"),
            Column("granted", "เห็นควรจัดสรร", "money", 17, total="sum", group="งบประมาณ"),
            Column("filed", "วันที่ยื่น", "date", 14, total="count"),
        ),
        tuple(cells),
        note="หมายเหตุ: เรียงตามคะแนน",
        question="ข้อเสนอใดได้รับการจัดสรร",
        sheet="บัญชีเรียงลำดับ",
        carry_forward=("asked", "granted"),
        row_styles=tuple("in" if row[6] else "out" for row in cells),
    )


def by_stage(details: Table) -> Table:
    """A summary whose cells add up the ranked list."""
    rows = []
    for stage in STAGES:
        mine = [row for row in details.values() if row[3] == stage]
        rows.append((stage, len(mine), sum(row[5] for row in mine), sum(row[6] for row in mine)))
    where = (("stage", "stage"),)
    return Table(
        "by_stage",
        "สรุปตามช่วงน้ำ",
        (
            Column("stage", "ช่วงน้ำ", "text", 20),
            Column("n", "จำนวน", "int", 12, "sum", "โครงการ", sumif=SumIfs("ranked", None, where)),
            Column("asked", "เสนอขอ", "million", 20, "sum", sumif=SumIfs("ranked", "asked", where)),
            Column("granted", "จัดสรร", "million", 20, "sum", sumif=SumIfs("ranked", "granted", where)),
        ),
        tuple(rows),
        filters=False,
        row_styles=("upstream", "midstream", "downstream"),
    )


def stage_chart(summary: Table) -> Chart:
    return Chart(
        "การจัดสรรตามช่วงน้ำ",
        "น้ำทั้งสามช่วงได้รับจัดสรรเท่าใด",
        "bar",
        STAGES,
        (Series("จัดสรร", tuple(row[3] for row in summary.values()), "downstream", key="granted"),),
        table="by_stage",
        category_key="stage",
    )


@pytest.fixture
def paper() -> Paper:
    """Makes a committee paper with ``rows`` ranked proposals; keyword arguments change its head."""

    def make(rows: int = 20, **changes: object) -> Document:
        details = ranked(rows)
        summary = by_stage(details)
        document = Document(
            "สรุปผลการพิจารณาจัดสรรงบประมาณ ปีงบประมาณ พ.ศ. 2566",
            "th",
            (
                Memo("สำนักงานทดสอบ โทร 0 2612 6000", "ทส 0301/1234", "9 ธันวาคม 2565",
                     "สรุปผลการพิจารณา", "คณะกรรมการ", enclosures=("บัญชี จำนวน 1 ชุด",)),
                Heading("ข้อเท็จจริง", 2),
                Paragraph("ได้กลั่นกรองความซ้ำซ้อนแล้ว ทั้งหมด 78 โครงการ รหัส P2566-0012", "indent"),
                KeyFigures((("กรอบวงเงิน", "5,523.9110", "ล้านบาท"),)),
                summary,
                stage_chart(summary),
                Signature("นางสาวญาดา น้ำผึ้ง", "ผู้อำนวยการ", "ผู้เสนอ"),
                Signature("นายกตัญญู ตั้งใจ", "เลขานุการ", "ผู้ตรวจ"),
                Heading("บัญชีแนบท้าย", 1),
                details,
            ),
            MADE_AT,
            "นางสาวญาดา น้ำผึ้ง",
            footer="รอบ 2566",
            label=LABEL,
            identifier="R1",
            sha256="ab" * 32,
        )  # fmt: skip
        return replace(document, **changes)  # type: ignore[arg-type]

    return make


@pytest.fixture
def receipt() -> Document:
    """A one-page receipt."""
    return Document(
        "ใบรับข้อเสนอโครงการ",
        "th",
        (
            Fields(
                (
                    ("เลขที่รับ", "R2566-000123"),
                    ("วงเงินที่เสนอขอ", "1,136,361,900.00 บาท"),
                    ("ตัวอักษร", "หนึ่งพันหนึ่งร้อยสามสิบหกล้านสามแสนหกหมื่นหนึ่งพันเก้าร้อยบาทถ้วน"),
                    ("SHA-256", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
                ),
                code=("SHA-256",),
            ),
            QrCode("https://example.go.th/receipts/R2566-000123", "ตรวจสอบใบรับนี้"),
            Paragraph("ใช้เป็นหลักฐานการยื่นได้โดยไม่ต้องลงนาม", "note"),
        ),
        MADE_AT,
        label=LABEL,
    )
