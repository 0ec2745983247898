"""A year as tables of open data. Amounts in satang here; files write them as baht, exact to the satang."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from app.kernel.text import Text
from app.monitoring.periods import LAST_MONTH, first_day
from app.releases import columns as c
from app.releases.data_table import DataTable, Names
from app.releases.facts import DIMENSION_NAMES, PublicProject, PublicYear
from app.releases.progress_tables import changes, indicators, milestones
from app.releases.summing import Sums, has_asked, sums_by

_STATE = Text("active ดำเนินการ, closed ปิดแล้ว, cancelled ยกเลิก", "active, closed or cancelled")


def data_tables(year: PublicYear, page: str) -> tuple[DataTable, ...]:
    """Every table of a year; `page` is the address of a project's page, with {year} and {number}."""
    names = Names.of(year)
    return (
        _projects(year, names, page),
        _lines(year, names),
        _spending(year),
        milestones(year, names),
        indicators(year, names),
        changes(year),
        _agencies(year, names),
        _totals(year),
    )


def _projects(year: PublicYear, names: Names, page: str) -> DataTable:
    asked = has_asked(year)

    def row(p: PublicProject) -> tuple[Any, ...]:
        return (
            year.fiscal_year,
            p.id,
            p.number,
            p.continues,
            p.title.th,
            p.title.en,
            *names.agency(p.lead),
            *names.ministry_of(p.lead),
            p.stage,
            p.guideline,
            p.strategy,
            p.focus_area,
            p.state,
            p.asked if asked else None,
            p.recommended,
            p.approved,
            p.allotted,
            p.committed,
            p.disbursed,
            p.ends_on,
            page.format(year=year.fiscal_year, number=p.number),
        )

    return DataTable(
        "projects",
        Text("โครงการ", "Projects"),
        (
            c.YEAR,
            c.ID,
            c.NUMBER,
            c.code("continues", "ต่อเนื่องจาก", "Continues", Text("เลขที่ของปีก่อน", "Number in the year before")),
            c.text("title_th", "ชื่อโครงการ", "Title (Thai)", Text("ตามข้อเสนอที่ได้รับความเห็นชอบ", "As approved")),
            c.text(
                "title_en", "ชื่อโครงการ (อังกฤษ)", "Title", Text("ชื่อภาษาอังกฤษ", "In English"), is_needed=False
            ),
            *c.AGENCY,
            *c.MINISTRY,
            c.code("stage", "ช่วง", "Stage", Text("ช่วงของห่วงโซ่คุณค่า", "Stage of the value chain")),
            c.code("guideline", "แนวทาง", "Guideline", Text("แนวทางของแผน", "Guideline of the plan")),
            c.code(
                "strategy", "ยุทธศาสตร์", "Strategy", Text("ของแผนพัฒนารัฐบาลดิจิทัล", "Of the development plan")
            ),
            c.code(
                "focus_area", "ด้านสำคัญ", "Focus area", Text("ของแผนพัฒนารัฐบาลดิจิทัล", "Of the development plan")
            ),
            c.text("state", "สถานะ", "State", _STATE),
            c.ASKED,
            c.RECOMMENDED,
            c.APPROVED,
            c.ALLOTTED,
            c.COMMITTED,
            c.DISBURSED,
            c.day("ends_on", "สิ้นสุด", "Ends on", Text("ตามแผนที่ใช้บังคับ", "By the plan in force")),
            c.text("page", "หน้าเว็บ", "Page", Text("ที่อยู่ถาวรของโครงการ", "The project's permanent address")),
        ),
        tuple(map(row, year.projects)),
        ("id", "number"),
    )


def _lines(year: PublicYear, names: Names) -> DataTable:
    asked = has_asked(year)
    return DataTable(
        "lines",
        Text("วงเงินตามหน่วยงานและงบรายจ่าย", "Money by agency and category"),
        (c.YEAR, c.ID, c.NUMBER, *c.AGENCY, *c.CATEGORY, *c.MONEY),
        tuple(
            (
                year.fiscal_year,
                p.id,
                p.number,
                *names.agency(m.agency),
                *names.kind("category", m.category),
                m.asked if asked else None,
                m.approved,
                m.allotted,
                sum(m.committed),
                sum(m.disbursed),
            )
            for p in year.projects
            for m in p.money
        ),
        ("number", "agency_code", "category"),
    )


def _spending(year: PublicYear) -> DataTable:
    begins = [first_day(year.fiscal_year, month).isoformat()[:7] for month in range(1, LAST_MONTH + 1)]

    def rows() -> Iterator[tuple[Any, ...]]:
        for p in year.projects:
            for m in p.money:
                for n, amounts in enumerate(zip(m.planned, m.committed, m.disbursed, strict=True)):
                    if any(amounts):
                        yield (
                            year.fiscal_year, p.id, p.number, m.agency, m.category, n + 1, begins[n], *amounts
                        )  # fmt: skip

    return DataTable(
        "spending",
        Text("แผนและผลการใช้จ่ายรายเดือน", "Planned and actual spending by month"),
        (
            c.YEAR,
            c.ID,
            c.NUMBER,
            c.AGENCY[0],
            c.CATEGORY[0],
            c.whole(
                "month",
                "เดือนที่",
                "Month of the year",
                Text("1 คือตุลาคม 13-24 คือเงินกันของปีถัดไป", "1 is October; 13-24 are carried-over money"),
            ),
            c.text(
                "calendar_month", "เดือน", "Calendar month", Text("ค.ศ. รูปแบบ YYYY-MM", "Common Era, YYYY-MM")
            ),
            c.PLANNED,
            c.COMMITTED,
            c.DISBURSED,
        ),
        tuple(rows()),
        ("number", "agency_code", "category", "month"),
    )


def _agencies(year: PublicYear, names: Names) -> DataTable:
    def periods(of: Iterable[int]) -> str:
        return " ".join(map(str, of))

    accepted = Text("เลขงวดที่รายงานได้รับการรับรอง คั่นด้วยช่องว่าง", "Periods whose report was accepted, by spaces")
    return DataTable(
        "agencies",
        Text("หน่วยงาน", "Agencies"),
        (
            c.YEAR,
            *c.AGENCY,
            *c.MINISTRY,
            c.code("months_reported", "เดือนที่รายงานแล้ว", "Months reported", accepted),
            c.code("quarters_reported", "ไตรมาสที่รายงานแล้ว", "Quarters reported", accepted),
        ),
        tuple(
            (
                year.fiscal_year,
                *names.agency(a.code),
                *names.ministry_of(a.code),
                periods(a.months),
                periods(a.quarters),
            )
            for a in year.agencies
        ),
        ("agency_code",),
    )


def _totals(year: PublicYear) -> DataTable:
    # before anything is granted, "0 approved" would be untrue
    is_decided = bool(year.projects)
    counted = Text(
        "จำนวนข้อเสนอหรือโครงการที่มีเงินหรือเป็นหน่วยงานหลัก", "Proposals or projects with money in it, or led by it"
    )

    def row(dimension: Any, s: Sums) -> tuple[Any, ...]:
        granted = (s.count, s.approved, s.allotted, s.committed, s.disbursed) if is_decided else (None,) * 5
        return (
            year.fiscal_year,
            dimension.value,
            s.code,
            s.name.th,
            s.name.en,
            s.asked_count,
            s.asked,
            s.recommended_count,
            s.recommended,
            *granted,
        )

    return DataTable(
        "totals",
        Text("ยอดรวมตามกลุ่ม", "Totals by group"),
        (
            c.YEAR,
            c.text(
                "dimension",
                "กลุ่มตาม",
                "Grouped by",
                Text("stage, guideline, focus_area, ministry, agency", "As named"),
            ),
            c.code("code", "รหัส", "Code", Text("ว่างคือไม่ระบุ", "Empty: not stated")),
            c.code("name_th", "ชื่อ", "Name (Thai)", Text("ชื่อภาษาไทย", "In Thai")),
            c.code("name_en", "ชื่อ (อังกฤษ)", "Name", Text("ชื่อภาษาอังกฤษ", "In English")),
            c.whole("asked_count", "จำนวนคำขอ", "Asked, count", counted, is_needed=False),
            c.ASKED,
            c.whole("recommended_count", "จำนวนที่เสนอ", "Recommended, count", counted, is_needed=False),
            c.RECOMMENDED,
            c.whole("approved_count", "จำนวนโครงการ", "Approved, count", counted, is_needed=False),
            *(
                replace(column, is_needed=False)
                for column in (c.APPROVED, c.ALLOTTED, c.COMMITTED, c.DISBURSED)
            ),
        ),
        tuple(row(dimension, s) for dimension in DIMENSION_NAMES for s in sums_by(year, dimension)),
        ("dimension", "code"),
    )
