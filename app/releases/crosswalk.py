"""A release in the shape of eMENSCR, the national system of monitoring and evaluation (NESDC).

Officials enter a project there in forms M1 to M5 and have it approved in M7; progress goes into M6. Which of our fields goes
into which form is the table `MAPPING`, printed with the file. It is this system's own reading of the forms: the NESDC
publishes no file format, so columns bear our names, and the mapping is to be held beside the forms in force before anything
is copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.kernel.clock import BUDDHIST_OFFSET
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.monitoring.states import PROJECT_STATES
from app.releases.facts import PublicProject, PublicYear
from app.releases.words import labels_of, title_of


@dataclass(frozen=True, slots=True)
class FormTable:
    """The rows of one form. `kinds` are those of the printing house: text, int, money, date."""

    form: str
    title: Text
    columns: tuple[tuple[str, str, str], ...]  # (key, Thai title, kind)
    rows: tuple[tuple[Any, ...], ...]


MAPPING: tuple[tuple[str, str, str, str], ...] = (
    # form, what it asks for, our field, note
    ("M1", "ความสอดคล้องกับแผน", "stage, guideline, strategy, focus_area", "ยุทธศาสตร์ชาติและแผนแม่บทต้องเลือกในระบบปลายทาง"),
    ("M2", "ข้อมูลทั่วไป", "number, id, title, lead, agencies, fiscal_year, ends_on, state", "ผู้รับผิดชอบเป็นชื่อหน่วยงาน ไม่ใช่บุคคล"),
    ("M3", "ตัวชี้วัดและค่าเป้าหมาย", "indicators", "หลักการและเหตุผลและวัตถุประสงค์ไม่อยู่ในข้อมูลเผยแพร่ กรอกจากข้อเสนอ"),
    ("M4", "กิจกรรมและระยะเวลา", "milestones", "หนึ่งขั้นงานเป็นหนึ่งกิจกรรม น้ำหนักเป็นร้อยละ"),
    ("M5", "งบประมาณ", "money", "วงเงินตามแผนที่ใช้บังคับ แยกหน่วยงานและงบรายจ่าย และแผนรายไตรมาส"),
    ("M6", "ผลการเบิกจ่ายรายไตรมาส", "money.committed, money.disbursed", "จากรายงานที่รับรองแล้วเท่านั้น ไม่รวมใน M1-M5"),
    ("M7", "การอนุมัติ", "meeting, approved", "มติและวงเงินที่ได้รับความเห็นชอบ ผู้อนุมัติต้องอนุมัติในระบบปลายทางเอง"),
)  # fmt: skip

_KEY = (("fiscal_year", "ปีงบประมาณ", "int"), ("number", "เลขที่โครงการ", "text"))
_QUARTERS = tuple((f"q{n}_baht", f"ไตรมาส {n}", "money") for n in range(1, 5))


def form_tables(year: PublicYear) -> tuple[FormTable, ...]:
    """The forms M1 to M7 of every project of a year."""
    names = {(n.kind, n.code): n.name.th for n in year.names}
    agencies = {a.code: a for a in year.agencies}

    def named(kind: str, code: str) -> str:
        return f"{code} {names.get((kind, code), '')}".strip()

    def quarters(months: Sequence[int]) -> tuple[int, ...]:
        return tuple(sum(months[n : n + 3]) for n in range(0, 12, 3))

    def each(make: Any) -> tuple[tuple[Any, ...], ...]:
        return tuple((year.fiscal_year, p.number, *row) for p in year.projects for row in make(p))

    def general(p: PublicProject) -> list[tuple[Any, ...]]:
        lead = agencies[p.lead]
        others = "; ".join(agencies[code].name.th for code in p.agencies if code != p.lead)
        began = f"1/10/{year.fiscal_year - 1}"
        ended = f"{p.ends_on.day}/{p.ends_on.month}/{p.ends_on.year + BUDDHIST_OFFSET}"
        told = (p.id, p.title.th, p.title.en, lead.name.th, lead.ministry.th, others)
        return [(*told, began, ended, PROJECT_STATES[p.state].th)]

    return (
        FormTable(
            "M1",
            Text("ความสอดคล้องกับแผน", "Which plans it serves"),
            (
                *_KEY,
                ("plan", "แผนงานบูรณาการ", "text"),
                ("stage", "เป้าหมาย (ช่วง)", "text"),
                ("guideline", "แนวทาง", "text"),
                ("strategy", "ยุทธศาสตร์ (แผนพัฒนารัฐบาลดิจิทัล)", "text"),
                ("focus_area", "ด้านสำคัญ", "text"),
            ),
            each(
                lambda p: [
                    (
                        title_of(year).th,
                        *(
                            named(kind, getattr(p, kind))
                            for kind in ("stage", "guideline", "strategy", "focus_area")
                        ),
                    )
                ]
            ),
        ),
        FormTable(
            "M2",
            Text("ข้อมูลทั่วไป", "General"),
            (
                *_KEY,
                ("id", "รหัสโครงการ", "text"),
                ("title_th", "ชื่อโครงการ", "text"),
                ("title_en", "ชื่อโครงการ (อังกฤษ)", "text"),
                ("lead", "หน่วยงานรับผิดชอบ", "text"),
                ("ministry", "กระทรวง", "text"),
                ("partners", "หน่วยงานร่วม", "text"),
                ("begins", "เริ่ม (พ.ศ.)", "text"),
                ("ends", "สิ้นสุด (พ.ศ.)", "text"),
                ("state", "สถานะ", "text"),
            ),
            each(general),
        ),
        FormTable(
            "M3",
            Text("ตัวชี้วัด", "Indicators"),
            (
                *_KEY,
                ("position", "ลำดับ", "int"),
                ("indicator", "ตัวชี้วัด", "text"),
                ("unit", "หน่วย", "text"),
                ("baseline", "ค่าฐาน", "text"),
                ("target", "ค่าเป้าหมาย", "text"),
                *((f"q{n}", f"เป้าหมายไตรมาส {n}", "text") for n in range(1, 5)),
            ),
            each(
                lambda p: [
                    (i.position, i.name, i.unit, i.baseline, i.target, *i.planned) for i in p.indicators
                ]
            ),
        ),
        FormTable(
            "M4",
            Text("กิจกรรม", "Activities"),
            (
                *_KEY,
                ("position", "ลำดับ", "int"),
                ("activity", "กิจกรรม", "text"),
                ("agency", "หน่วยงาน", "text"),
                ("due_on", "แล้วเสร็จตามแผน", "date"),
                ("weight", "น้ำหนัก (ร้อยละ)", "int"),
            ),
            each(
                lambda p: [
                    (m.position, m.title, agencies[m.agency].name.th, m.due_on, m.weight)
                    for m in p.milestones
                ]
            ),
        ),
        FormTable(
            "M5",
            Text("งบประมาณ", "Budget"),
            (
                *_KEY,
                ("agency", "หน่วยงาน", "text"),
                ("category", "งบรายจ่าย", "text"),
                ("allotted_baht", "วงเงินตามแผน", "money"),
                *_QUARTERS,
                ("carried_baht", "กันไว้เบิกเหลื่อมปี", "money"),
            ),
            each(
                lambda p: [
                    (
                        agencies[m.agency].name.th,
                        named("category", m.category),
                        m.allotted,
                        *quarters(m.planned),
                        sum(m.planned[12:]),
                    )
                    for m in p.money
                ]
            ),
        ),
        FormTable(
            "M6",
            Text("ผลการเบิกจ่าย", "Spending"),
            (
                *_KEY,
                ("agency", "หน่วยงาน", "text"),
                ("category", "งบรายจ่าย", "text"),
                ("committed_baht", "ก่อหนี้ผูกพัน", "money"),
                *_QUARTERS,
                ("later_baht", "หลังสิ้นปี", "money"),
            ),
            each(
                lambda p: [
                    (
                        agencies[m.agency].name.th,
                        named("category", m.category),
                        sum(m.committed),
                        *quarters(m.disbursed),
                        sum(m.disbursed[12:]),
                    )
                    for m in p.money
                ]
            ),
        ),
        FormTable(
            "M7",
            Text("การอนุมัติ", "Approval"),
            (
                *_KEY,
                ("meeting", "การประชุมครั้งที่", "text"),
                ("held_on", "วันที่ประชุม", "date"),
                ("approved_baht", "วงเงินที่ได้รับความเห็นชอบ", "money"),
            ),
            each(
                lambda p: [
                    (
                        year.meeting.number if year.meeting else "",
                        year.meeting.held_on if year.meeting else None,
                        p.approved,
                    )
                ]
            ),
        ),
    )


def build_crosswalk(year: PublicYear, sha256: str) -> bytes:
    """The crosswalk as a workbook: the mapping first, then a sheet for each form."""
    import io

    from reports import write_workbook  # imported late: the printing house
    from reports.document import Column, Document, Kind, Table

    def kind_of(kind: str) -> Kind:
        return kind  # type: ignore[return-value]

    mapping = Table(
        "mapping",
        "ตารางเทียบกับ eMENSCR",
        (
            Column("form", "แบบ", width=8),
            Column("asks", "สิ่งที่แบบถาม", width=30),
            Column("field", "ช่องข้อมูลของระบบนี้", width=40),
            Column("note", "หมายเหตุ", "long_text", width=70),
        ),
        MAPPING,
        sheet="ตารางเทียบ",
    )
    sheets = tuple(
        Table(
            form.form.lower(),
            f"{form.form} {form.title.th}",
            tuple(
                Column(key, title, kind_of(kind), 34 if kind == "text" and key not in ("number",) else 16)
                for key, title, kind in form.columns
            ),
            form.rows,
            sheet=form.form,
        )
        for form in form_tables(year)
    )
    document = Document(
        title=f"ข้อมูลสำหรับ eMENSCR: {title_of(year).th}",
        language="th",
        blocks=(mapping, *sheets),
        made_at=year.gathered_at,
        label=" · ".join(label.th for label in labels_of(year)),
        identifier=sha256[:12],
        sha256=sha256,
    )
    out = io.BytesIO()
    write_workbook(document, out)
    return out.getvalue()
