"""Budget lines and indicators as sheets of a workbook, and back by the very rules of the form.

In: one agency's part of a proposal as it stands (`Subject`), or what a returned workbook says. Out: the template to
fill in; the section values a clean workbook amounts to, or every fault at its cell; and what became of them beside
whatever was saved since the template was made.
Why: whoever fills in a sheet is told the same as whoever types, no more and no less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.drafts import LATER_KEYS, PART_SECTIONS, QUARTER_KEYS, SECTIONS
from app.proposals.facts import AgencyRef
from app.proposals.merging import Merged, merge_section
from app.proposals.sections import Ground, read_section, show_section
from app.proposals.sections.reading import BUDGET_FIELDS, INDICATOR_FIELDS, UNIT_LENGTH
from app.workbooks.facts import Column, Fault, RawSheet, Reading, Sheet, Template, merge_faults
from app.workbooks.uploads import Judged, Value

KIND = "lines-and-indicators"
FIELDS = {"budget": BUDGET_FIELDS, "indicators": INDICATOR_FIELDS}
SHEETS = tuple(FIELDS)
"""The sections that have a sheet."""
SAME = ("call", "proposal", "agency")
"""In what a returned workbook must be of the same making; of an older version it may be."""

_NAMES = {
    "call": Text("รอบคำขอ", "Call"),
    "proposal": Text("เลขที่ข้อเสนอ", "Proposal"),
    "title": Text("ชื่อโครงการ", "Project"),
    "agency": Text("หน่วยงาน", "Agency"),
    "made_of": Text("ทำจากร่าง", "Made from the draft"),
}
_TITLE = Text("รายการงบประมาณและตัวชี้วัด ข้อเสนอ {number}", "Budget lines and indicators of proposal {number}")
_INSTRUCTIONS = (
    Text(
        "หนึ่งแถวต่อหนึ่งรายการ กรอกไม่ครบก็นำเข้าได้ ระบบจะบันทึกเป็นร่าง และบอกสิ่งที่ขาดก่อนยื่น",
        "One row for one line. Rows may be incomplete: they are saved as a draft, and you are told what is missing "
        "before filing.",
    ),
    Text(
        "แผ่นงานที่นำเข้าแทนรายการทั้งหมดของหน่วยงานในส่วนนั้น แถวที่ลบออกจากแผ่นงานคือรายการที่ตัดออก",
        "A sheet stands for all rows the agency has in that section: a row deleted here is a line taken out.",
    ),
    Text(
        "ผลรวมสี่ไตรมาสต้องเท่ากับ จำนวน × ราคาต่อหน่วย ปีที่ผูกพันนับแยกจากวงเงินปีนี้",
        "The four quarters must add up to quantity × unit price; commitments of later years are counted apart.",
    ),
)
_GONE = Text(
    "คอลัมน์ “{heading}” หายไป หากนำเข้า ข้อมูลที่กรอกไว้ในคอลัมน์นี้จะหายทั้งหมด กรุณานำคอลัมน์กลับมา",
    "Column “{heading}” is gone, and everything filled in there would go with it; please put it back",
)
_SHUT = Text(
    "แผ่นงาน “{sheet}” ไม่ได้นำเข้า เพราะขณะนี้ส่วนนี้ไม่ได้เปิดให้แก้ไข",
    "Sheet “{sheet}” is left out, because that section cannot be changed just now",
)
_THEIR_OWN = Text(
    "หน่วยงานที่เลือกได้คือหน่วยงานหลักและหน่วยงานร่วมที่ยังไม่ได้ตอบรับ หน่วยงานร่วมที่ตอบรับแล้วกรอกรายการของตนเอง",
    "Lines may be of the lead agency and of participants that have not joined; those that have fill in their own",
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a workbook is of: an agency's lines and indicators in a proposal.

    `ground` is what they are read against, `values` and `versions` the sections that may be written now, as saved.
    """

    call: Text
    fiscal_year: int
    number: str
    title: Text
    agency: AgencyRef
    is_lead: bool
    ground: Ground
    values: Mapping[str, Value]
    versions: Mapping[str, int]

    def name(self, section: str) -> Text:
        """A section as its own form calls it."""
        return SECTIONS[section] if self.is_lead else PART_SECTIONS[section]


def make_template(subject: Subject) -> Template:
    """The workbook to fill in, with what is there already."""
    return Template(
        KIND,
        _TITLE.fill(number=subject.number),
        tuple(_sheet(section, value, subject) for section, value in subject.values.items()),
        {
            "call": str(subject.fiscal_year),
            "proposal": subject.number,
            "title": subject.title.th or subject.title.en or "–",
            "agency": _in_both(subject.agency.name),
            "version": " ".join(f"{section}:{version}" for section, version in subject.versions.items()),
            "made_of": _in_both(_said_versions(subject)),
        },
        _NAMES,
        _INSTRUCTIONS,
    )


def columns_of(section: str, subject: Subject) -> tuple[Column, ...]:
    """The columns of a section's sheet, with the lists, limits and years of the call."""
    return tuple(_budget_columns(subject) if section == "budget" else _indicator_columns(subject))


def judge_reading(reading: Reading, subject: Subject) -> Judged:
    """Judge what was read of a workbook (that was not refused) as the form would."""
    values: dict[str, Value] = {}
    found: list[Fault] = []
    for section, raw in reading.sheets.items():
        sent, numbers = _sent(section, raw, subject.ground)
        judged = read_section(section, sent, subject.ground)
        if len(judged.shown["rows"]) != len(numbers):
            raise AssertionError("the form counts other rows than the sheet")
        found += _lost_columns(section, raw, subject)
        found += (_fault(section, problem, numbers, raw) for problem in judged.problems)
        values[section] = judged.value
    faults = _in_order(merge_faults(reading.faults, found))
    came_from = read_versions(reading.identity)
    remarks = [*reading.remarks]
    remarks += (_SHUT.fill(sheet=subject.name(s)) for s in came_from if s not in subject.values)
    if subject.is_lead and any(fault.column == "agency" for fault in faults):
        remarks.append(_THEIR_OWN)
    return Judged({} if faults else values, faults, tuple(remarks), came_from)


def read_versions(identity: Mapping[str, str]) -> dict[str, int]:
    """Section -> its version, of what a workbook says about itself."""
    parts = (part.partition(":") for part in identity.get("version", "").split())
    return {section: int(version) for section, _, version in parts if section in FIELDS}


def bring_in(section: str, came_from: Value | None, sheet: Value, present: Value) -> Merged:
    """What a sheet makes of a section: `came_from` is the section its template was made from, None where that is not
    known; then the sheet stands for all of it. What a sheet has no place for stays as it is."""
    base = present if came_from is None else came_from
    return merge_section(section, base, sheet | _not_on_sheets(section, base), present)


def _not_on_sheets(section: str, value: Value) -> Value:
    """What a section says beside its rows, and what could not be read of it."""
    beside = {key: kept for key, kept in value.items() if key not in ("rows", "unread")}
    places = {f"{section}-{key}" for key in beside}
    unread = {place: typed for place, typed in value.get("unread", {}).items() if place in places}
    return beside | {"unread": unread} if unread else beside


def list_wrong(section: str, value: Value, ground: Ground) -> tuple[Problem, ...]:
    """What the form would not take of a value as a whole, such as too many rows once two people's are together. What
    was typed and could not be read before is no reason: it is kept as it is."""
    shown = show_section(section, value)
    sent = {
        f"{section}-{n}-{field}": row.get(field, "")
        for n, row in enumerate(shown["rows"], 1)
        for field in FIELDS[section]
    }
    unread = value.get("unread", {})
    return tuple(p for p in read_section(section, sent, ground).problems if p.place not in unread)


def _said_versions(subject: Subject) -> Text:
    named = [(subject.name(section), version) for section, version in subject.versions.items()]
    return Text(
        " · ".join(f"{name.th} ฉบับที่ {version}" for name, version in named),
        " · ".join(f"{name.en} version {version}" for name, version in named),
    )


def _in_both(name: Text) -> str:
    return f"{name.th} / {name.en}" if name.en and name.en != name.th else name.th


def _sheet(section: str, value: Value, subject: Subject) -> Sheet:
    """A section's rows; what could not be read stands in its cell as it was typed."""
    rows = [{field: row.get(field, "") for field in FIELDS[section]} for row in value["rows"]]
    for place, typed in value.get("unread", {}).items():
        number, _, field = place.removeprefix(f"{section}-").partition("-")
        if number.isdigit():
            rows[int(number) - 1][field] = typed
    limits = subject.ground.limits
    most = limits.lines if section == "budget" else limits.indicators
    return Sheet(section, SECTIONS[section], columns_of(section, subject), tuple(rows), most)


def _budget_columns(subject: Subject) -> Iterator[Column]:
    ground, year = subject.ground, subject.fiscal_year
    agencies = tuple((code, ground.directory[code].name) for code in ground.agencies)
    only = (
        Text("เว้นว่างได้ หมายถึงหน่วยงานนี้", "May be left blank: it means this agency")
        if len(agencies) == 1
        else None
    )
    yield Column("agency", Text("หน่วยงาน", "Agency"), "choice", 30, True, agencies, note=only)
    categories = tuple((c.code, c.name) for c in ground.plan.categories)
    yield Column("category", Text("ประเภทงบรายจ่าย", "Category"), "choice", 18, True, categories)
    yield Column("item", Text("รายการ", "Item"), "text", 46, True, longest=ground.limits.short)
    whole = Text("จำนวนเต็มตั้งแต่ 1", "A whole number from 1")
    yield Column("quantity", Text("จำนวน", "Quantity"), "quantity", 11, True, note=whole)
    yield Column("unit", Text("หน่วยนับ", "Unit"), "text", 13, True, longest=UNIT_LENGTH)
    yield Column("unit_price", Text("ราคาต่อหน่วย (บาท)", "Unit price (baht)"), "amount", 19, True)
    sums = Text("สี่ไตรมาสรวมกัน = จำนวน × ราคาต่อหน่วย", "The four quarters = quantity × unit price")
    for n, key in enumerate(QUARTER_KEYS, 1):
        name = Text(f"ไตรมาส {n} (บาท)", f"Quarter {n} (baht)")
        yield Column(key, name, "amount", 18, note=sums)
    for n, key in enumerate(LATER_KEYS, 1):
        name = Text(f"ผูกพันปี {year + n} (บาท)", f"Commitment FY {year + n} (baht)")
        yield Column(key, name, "amount", 18)


def _indicator_columns(subject: Subject) -> Iterator[Column]:
    short = subject.ground.limits.short
    yield Column("name", Text("ชื่อตัวชี้วัด", "Indicator"), "text", 60, True, longest=short)
    yield Column("unit", Text("หน่วยนับ", "Unit"), "text", 18, True, longest=UNIT_LENGTH)
    yield Column("baseline", Text("ค่าฐาน", "Baseline"), "text", 22, longest=short)
    yield Column("target", Text("ค่าเป้าหมาย", "Target"), "text", 22, True, longest=short)


def _sent(section: str, raw: RawSheet, ground: Ground) -> tuple[dict[str, str], list[int]]:
    """The rows as a browser would send them, and the sheet's own number of each.

    Rows the form would drop are left out here, so that both count alike: an agency alone makes no line.
    """
    sent: dict[str, str] = {}
    numbers: list[int] = []
    telling = [field for field in FIELDS[section] if field != "agency"]
    for number, cells in raw.rows:
        if not any(cells.get(field, "").strip() for field in telling):
            continue
        numbers.append(number)
        row = {field: cells.get(field, "") for field in FIELDS[section]}
        if section == "budget" and not row["agency"] and len(ground.agencies) == 1:
            row["agency"] = ground.agencies[0]
        sent |= {f"{section}-{len(numbers)}-{field}": text for field, text in row.items()}
    return sent, numbers


def _in_order(faults: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """As a reader goes through the workbook: sheet by sheet, row by row, field by field."""
    fields = {(section, field): n for section, of in FIELDS.items() for n, field in enumerate(of)}
    sheets = {section: n for n, section in enumerate(SHEETS)}
    return tuple(
        sorted(
            faults,
            key=lambda f: (sheets.get(f.sheet, -1), f.row, fields.get((f.sheet, f.column or ""), -1)),
        )
    )


def _lost_columns(section: str, raw: RawSheet, subject: Subject) -> Iterator[Fault]:
    """Columns that are not in the sheet although something was filled in there: rows bear no numbers by which what
    they held could be kept."""
    if not raw.headings:
        return
    for column in columns_of(section, subject):
        if column.key in raw.headings or column.needed:
            continue
        if any(row.get(column.key) for row in subject.values[section]["rows"]):
            yield Fault(section, 0, column.key, _GONE.fill(heading=column.heading))


def _fault(section: str, problem: Problem, numbers: list[int], raw: RawSheet) -> Fault:
    """A problem of the form at its cell. The form's words begin with the number of the line, which the sheet's row
    says already."""
    _, digits, field = (*problem.place.split("-", 2), "")[:3]
    if not digits.isdigit():
        return Fault(section, 0, None, problem.text)
    th, en = (text.partition(": ")[2] or text for text in (problem.text.th, problem.text.en))
    row, letters = numbers[int(digits) - 1], dict(zip(raw.headings, raw.letters, strict=False))
    cell = f"{letters[field]}{row}" if field in letters else ""
    return Fault(section, row, field, Text(th, en[:1].upper() + en[1:]), cell)
