"""A book of 200 pages for the committee, as the printing house makes it: tables, charts, pages of text, minutes.

In: a made-up document, no database. Out: what it costs by the clock, on the processors and in memory, made by two
processes side by side and by one alone, which must give the same bytes.
"""

from __future__ import annotations

import io
import random
import resource
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from app.cli.bench.measure import Figure
from reports.document import (
    Block,
    Chart,
    Column,
    Document,
    Fields,
    KeyFigures,
    Memo,
    Paragraph,
    Series,
    Table,
)
from reports.paper_blocks import Attachment, Attendance, Beside, Clause, Clauses, Contents, Section

Say = Callable[[str], object]
PROPOSALS, RANKED, LINES = 78, 300, 380
_STAGES = ("ต้นน้ำ", "กลางน้ำ", "ปลายน้ำ")
_AGENCIES = (
    "กรมทรัพยากรน้ำ",
    "กรมชลประทาน",
    "สำนักงานทรัพยากรน้ำแห่งชาติ",
    "กรมอุตุนิยมวิทยา",
    "สถาบันสารสนเทศทรัพยากรน้ำ",
)
_SENTENCES = (
    "โครงการนี้พัฒนาระบบกลางเพื่อเชื่อมโยงฐานข้อมูลน้ำและการเตือนภัยในพื้นที่เสี่ยงซ้ำซาก",
    "โดยกำกับให้ทุกหน่วยงานใช้มาตรฐานข้อมูลเดียวกัน ลดความซ้ำซ้อนของงบประมาณ",
    "และให้ประชาชนเข้าถึงข้อมูลสถานการณ์น้ำได้ง่ายผ่านช่องทางดิจิทัลทั้งในภาวะปกติและภาวะวิกฤต",
    "ผู้พิจารณาเห็นว่าตัวชี้วัดวัดผลได้จริง แต่ควรระบุหน่วยงานรับผิดชอบการบำรุงรักษาหลังสิ้นสุดโครงการให้ชัดเจน",
    "ทั้งนี้ ผลการตรวจความซ้ำซ้อนไม่พบข้อเสนออื่นที่มีกลุ่มเป้าหมายและผลผลิตเดียวกันในปีงบประมาณ พ.ศ. 2567",
)


def measure_paper(say: Say) -> list[Figure]:
    """The figures of the 200-page book."""
    from reports.pdf import write_pdf  # imported late, as all that prints

    document = _book()
    wall, cpu = time.perf_counter(), _cpu()
    apart = io.BytesIO()
    printed = write_pdf(document, apart)
    wall, cpu = time.perf_counter() - wall, _cpu() - cpu
    alone, alone_cpu = io.BytesIO(), _cpu()
    write_pdf(document, alone, workers=0)
    alone_cpu = _cpu() - alone_cpu
    if alone.getvalue() != apart.getvalue():
        raise RuntimeError("one process and two made different books of the same document")
    *makers, binder = (used.peak / 1024 for used in printed.used)
    *making, binding = (used.seconds for used in printed.used)
    say(
        f"a book of {printed.pages} pages, {len(apart.getvalue()) / 2**20:.1f} MiB: {wall:.1f} s by the clock, {cpu:.1f} s of "
        f"processors; making took {', '.join(f'{peak:.0f}' for peak in makers)} MiB, binding {binder:.0f} MiB; by one process "
        f"{alone_cpu:.1f} s of processor and the same bytes"
    )
    return [
        Figure("the committee's book, pages", printed.pages, "", 200, "higher"),
        Figure("… by the clock, for 200 pages", wall * 200 / printed.pages, "s", 12),
        Figure("… most memory of one process", max(*makers, binder), "MiB", 150),
        Figure(
            "… processor of the busiest maker and the binder: the clock of two idle cores",
            max(making) + binding,
            "s",
        ),
        Figure("… processors, all processes", cpu, "s"),
        Figure("… pages per second of processor", printed.pages / cpu, ""),
        Figure("… the same by one process alone", printed.pages / alone_cpu, ""),
    ]


def _cpu() -> float:
    """Seconds of processor of this process and of the children that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def _book() -> Document:
    chance = random.Random(2567)
    ranked = _ranked(chance)
    blocks: list[Block] = [
        Memo(
            "สำนักงานเลขานุการคณะกรรมการ โทร 0 2612 6000",
            "ดศ 0301/1234",
            "9 ธันวาคม 2566",
            "ผลการพิจารณาจัดสรรงบประมาณ",
            "ประธานกรรมการ",
            enclosures=("เล่มผลการพิจารณา จำนวน 1 เล่ม",),
        ),
        *(Paragraph(_text(chance, 4), "indent") for _ in range(4)),
        Contents(),
        *_summary(ranked),
        Section("บัญชีเรียงลำดับข้อเสนอโครงการ"),
        ranked,
        Section("ข้อเสนอรายโครงการ"),
        Paragraph(_text(chance, 3)),
    ]
    for number in range(1, PROPOSALS + 1):
        blocks += _proposal(number, chance)
    blocks += [Section("รายการงบประมาณ"), _lines("annex", LINES, chance), *_minutes(chance)]
    return Document(
        "เล่มผลการพิจารณาจัดสรรงบประมาณ ปีงบประมาณ พ.ศ. 2567",
        "th",
        tuple(blocks),
        datetime(2023, 12, 9, 9, 30, tzinfo=UTC),
        thai_digits=True,
        footer="ฉบับเสนอคณะกรรมการ",
        label="ข้อมูลสังเคราะห์ / SYNTHETIC",
        identifier="BENCH",
        attachments=(
            Attachment(
                "book.json", bytes(chance.randbytes(200_000)), "application/json", "ข้อมูลของเล่ม", "Source"
            ),
        ),
    )


def _text(chance: random.Random, sentences: int) -> str:
    return " ".join(chance.choice(_SENTENCES) for _ in range(sentences))


def _ranked(chance: random.Random) -> Table:
    rows = []
    for place in range(1, RANKED + 1):
        asked = chance.randrange(10**8, 3 * 10**10)
        granted = asked if place < RANKED * 0.7 else 0
        name = f"ระบบเชื่อมโยงฐานข้อมูลน้ำและการเตือนภัยในพื้นที่ซ้ำซาก ระยะที่ {place}"
        agency = chance.choice(_AGENCIES)
        rows.append(
            (place, f"P2567-{place:04d}", name, agency, _STAGES[place % 3], 9900 - 9 * place, asked, granted)
        )
    return Table(
        "ranked",
        "บัญชีเรียงลำดับ",
        (
            Column("no", "ลำดับ", "int", 7),
            Column("code", "รหัส", "text", 13),
            Column("name", "ชื่อข้อเสนอโครงการ", "long_text", 44),
            Column("agency", "หน่วยงาน", "text", 24),
            Column("stage", "ช่วงน้ำ", "text", 10),
            Column("score", "คะแนน", "score", 10),
            Column("asked", "เสนอขอ", "million", 15, total="sum", group="งบประมาณ"),
            Column("granted", "เห็นควรจัดสรร", "million", 15, total="sum", group="งบประมาณ"),
        ),
        tuple(rows),
        carry_forward=("asked", "granted"),
        row_styles=tuple("in" if row[7] else "out" for row in rows),
    )


def _summary(ranked: Table) -> list[Block]:
    rows = ranked.values()
    by_stage: list[tuple[Any, ...]] = [
        (stage, sum(r[6] for r in rows if r[4] == stage), sum(r[7] for r in rows if r[4] == stage))
        for stage in _STAGES
    ]
    series = tuple(
        Series(name, tuple(row[at] for row in by_stage), colour)
        for at, (name, colour) in enumerate((("เสนอขอ", "navy"), ("จัดสรร", "downstream")), 1)
    )
    stages = Chart("การจัดสรรตามช่วงน้ำ", "น้ำทั้งสามช่วงได้รับจัดสรรเท่าใด", "bar", _STAGES, series)
    by_agency = tuple(sum(int(r[7]) for r in rows if r[3] == agency) for agency in _AGENCIES)
    agencies = Chart(
        "การจัดสรรตามหน่วยงาน",
        "หน่วยงานใดได้รับจัดสรรเท่าใด",
        "bar",
        _AGENCIES,
        (Series("จัดสรร", by_agency),),
        horizontal=True,
    )
    figures = (
        ("ข้อเสนอ", str(len(rows)), "โครงการ"),
        ("กรอบวงเงิน", "5,523.9110", "ล้านบาท"),
        ("รายจ่ายผูกพัน", "3", "ปี"),
    )
    columns = (
        Column("stage", "ช่วงน้ำ", "text", 20),
        Column("asked", "เสนอขอ", "million", 20, total="sum"),
        Column("granted", "จัดสรร", "million", 20, total="sum"),
    )
    table = Table("stages", "สรุปตามช่วงน้ำ", columns, tuple(by_stage))
    return [Section("บทสรุปสำหรับผู้บริหาร"), KeyFigures(figures), table, agencies, Beside((stages, stages))]


def _lines(name: str, count: int, chance: random.Random) -> Table:
    rows = tuple(
        (
            n,
            f"ค่าพัฒนาระบบและจัดหาครุภัณฑ์ส่วนที่ {n} สำหรับหน่วยงานในพื้นที่",
            chance.randrange(1, 50),
            chance.randrange(10**6, 10**9),
        )
        for n in range(1, count + 1)
    )
    columns = (
        Column("no", "ที่", "int", 6),
        Column("name", "รายการ", "long_text", 44),
        Column("count", "จำนวน", "int", 9),
        Column("amount", "จำนวนเงิน", "money", 18, total="sum"),
    )
    return Table(name, "รายการงบประมาณ", columns, rows, carry_forward=("amount",) if count > 40 else ())


def _proposal(number: int, chance: random.Random) -> list[Block]:
    fields = (
        ("รหัสข้อเสนอ", f"P2567-{number:04d}"),
        ("หน่วยงาน", chance.choice(_AGENCIES)),
        ("วงเงินที่เสนอขอ", f"{chance.randrange(10**6, 10**8):,}.00 บาท"),
        ("ผลการพิจารณา", "เห็นควรจัดสรรโดยมีเงื่อนไข"),
    )
    return [
        Section(
            f"{number}. ระบบเชื่อมโยงฐานข้อมูลน้ำและการเตือนภัย ระยะที่ {number}", 2, f"ข้อเสนอ P2567-{number:04d}"
        ),
        Fields(fields),
        *(Paragraph(_text(chance, chance.randint(3, 6))) for _ in range(3)),
        _lines(f"lines{number}", chance.randint(6, 14), chance),
        Paragraph(_text(chance, 5)),
        Clauses(tuple(Clause(_text(chance, 1)) for _ in range(3))),
    ]


def _minutes(chance: random.Random) -> list[Block]:
    people = tuple((f"นายสมชาย น้ำใจ {n}", chance.choice(_AGENCIES), "กรรมการ") for n in range(1, 16))
    items = []
    for subject in ("เรื่องที่ประธานแจ้งให้ที่ประชุมทราบ", "รับรองรายงานการประชุม", "เรื่องเพื่อพิจารณา", "เรื่องอื่น ๆ"):
        items.append(Clause(subject))
        for _ in range(4):
            items += [Clause(_text(chance, 4), 2), Clause("เห็นชอบตามที่ฝ่ายเลขานุการเสนอ", 0, "มติที่ประชุม")]
    return [Section("รายงานการประชุม"), Attendance("ผู้มาประชุม", people), Clauses(tuple(items), "ระเบียบวาระที่")]
