"""What the sections of a draft hold, field by field: the map by which two values are compared and three are merged.

`SHAPES` follows the order of the form and the shapes in `drafts`; "links" is the links of a participant's part, and
"attachments" the files of a filing as rows. A key no shape names is treated as a line of text under its own name, so
that nothing is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from app.calls.facts import PlanStructure
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.drafts import LATER_KEYS, PART_SECTIONS, QUARTER_KEYS, SECTIONS
from app.proposals.facts import ANSWER_NAMES, DIRECTION_NAMES, FORM_NAMES, LINK_KIND_NAMES, AgencyRef, Answer
from app.proposals.least import LEAST, LEAST_SCOPE

Row = Mapping[str, Any]

UNREAD = "unread"  # the key under which a section keeps what could not be read, by place


class Kind(StrEnum):
    """How a field's value is read."""

    TEXT = "text"
    CODE = "code"
    CODES = "codes"
    FLAG = "flag"
    COUNT = "count"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `names` says where its codes have their names; `weight` what it tells about which row this is."""

    key: str
    name: Text
    kind: Kind = Kind.TEXT
    names: str = ""
    weight: int = 1
    blank_is_zero: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows. `row` names one by its number; `identity` are the fields that tell rows apart, the title first."""

    key: str
    name: Text
    row: Text
    fields: tuple[Field, ...]
    identity: tuple[str, ...]

    @property
    def title(self) -> str:
        """The field whose text a reader knows a row by."""
        return self.identity[0]

    def field(self, key: str) -> Field:
        """The field of this key; an unknown one is a line of text."""
        return next((f for f in self.fields if f.key == key), Field(key, Text(key, key)))

    def place(self, section: str, number: int, key: str = "") -> str:
        """The address of a row, or of one field in it."""
        return f"{section}-{number}-{key}" if key else f"{section}-{number}"

    def cell_name(self, number: int, key: str) -> Text:
        """A field of a row in words, such as "Line 3, unit price"."""
        row, field = self.row.fill(n=number), self.field(key).name
        return Text(f"{row.th} {field.th}", f"{row.en}, {field.en[:1].lower()}{field.en[1:]}")


CHARGES = {
    "yes": Text("ไม่คิดค่าใช้จ่าย", "Free of charge"),
    "no": Text("คิดค่าใช้จ่าย", "Charged"),
}
_CHOICES: Mapping[str, Mapping[str, Text]] = {
    "forms": {form.value: name for form, name in FORM_NAMES.items()},
    "directions": {direction.value: name for direction, name in DIRECTION_NAMES.items()},
    "link_kinds": LINK_KIND_NAMES,
    "charges": CHARGES,
    "answers": {
        answer.value: name for answer, name in ANSWER_NAMES.items() if answer is not Answer.NOT_ASKED
    },
    "own_money": {
        "yes": Text("ขอเงินของตนเองด้วย", "Asks for money of its own"),
        "no": Text("ไม่ขอเงินของตนเอง", "Asks for no money of its own"),
    },
}

_OWNER = Field("agency", Text("หน่วยงาน", "Agency"), Kind.CODE, "agencies")

_LINKS = (
    Field("kind", Text("ประเภท", "Kind"), Kind.CODE, "link_kinds"),
    Field("name", Text("ชื่อระบบหรือข้อมูล", "System or data"), weight=4),
    Field("direction", Text("ทิศทาง", "Direction"), Kind.CODE, "directions"),
    Field("partner", Text("หน่วยงานคู่เชื่อม", "Partner"), Kind.CODE, "agencies", weight=2),
    Field("partner_other", Text("หน่วยงานคู่เชื่อมนอกทะเบียน", "Partner not in the register"), weight=2),
    Field("channel", Text("ช่องทาง", "Channel"), Kind.CODE, "platforms"),
    _OWNER,
    Field("answer", Text("คำตอบของหน่วยงานคู่เชื่อม", "Partner's answer"), Kind.CODE, "answers"),
    Field("own_money", Text("งบประมาณของหน่วยงานคู่เชื่อม", "Partner's budget"), Kind.CODE, "own_money"),
)
_INDICATORS = (
    Field("name", Text("ตัวชี้วัด", "Indicator"), weight=4),
    Field("unit", Text("หน่วยนับ", "Unit")),
    Field("baseline", Text("ค่าฐาน", "Baseline")),
    Field("target", Text("ค่าเป้าหมาย", "Target")),
    _OWNER,
)
_BUDGET = (
    _OWNER,
    Field("category", Text("ประเภทงบรายจ่าย", "Category"), Kind.CODE, "categories"),
    Field("item", Text("รายการ", "Item"), weight=4),
    Field("quantity", Text("จำนวน", "Quantity"), Kind.COUNT),
    Field("unit", Text("หน่วยนับ", "Unit")),
    Field("unit_price", Text("ราคาต่อหน่วย", "Unit price"), Kind.AMOUNT),
    *(
        Field(key, Text(f"ไตรมาส {n}", f"Quarter {n}"), Kind.AMOUNT, blank_is_zero=True)
        for n, key in enumerate(QUARTER_KEYS, 1)
    ),
    *(
        Field(key, Text(f"ผูกพันปีที่ {n}", f"Commitment of year {n}"), Kind.AMOUNT, blank_is_zero=True)
        for n, key in enumerate(LATER_KEYS, 1)
    ),
    Field("source", Text("ที่มา", "Source")),
)
_FILES = (
    Field("name", Text("ชื่อไฟล์", "File name"), weight=4),
    Field("kind", Text("ประเภทเอกสาร", "Kind of document"), Kind.CODE, "attachment_kinds"),
    Field("size", Text("ขนาด (ไบต์)", "Size (bytes)"), Kind.COUNT),
    Field("sha256", Text("SHA-256", "SHA-256")),
)
_LINK_ROW = Text("การเชื่อมโยงที่ {n}", "Link {n}")
_LINK_NAME = Text("การเชื่อมโยง", "Links")
_LINK_IDENTITY = ("name", "partner", "partner_other")

SHAPES: Mapping[str, tuple[Field | Table, ...]] = {
    "names": (
        Field("title_th", Text("ชื่อโครงการภาษาไทย", "Project name in Thai")),
        Field("title_en", Text("ชื่อโครงการภาษาอังกฤษ", "Project name in English")),
        Field("participants", Text("หน่วยงานร่วม", "Participating agencies"), Kind.CODES, "agencies"),
    ),
    "plan": (
        Field("stage", Text("ช่วงของห่วงโซ่คุณค่า", "Value-chain stage"), Kind.CODE, "stages"),
        Field("guideline", Text("แนวทาง", "Guideline"), Kind.CODE, "guidelines"),
        Field("strategy", Text("ยุทธศาสตร์", "Strategy"), Kind.CODE, "strategies"),
        Field("focus_area", Text("ด้านสำคัญ", "Focus area"), Kind.CODE, "focus_areas"),
    ),
    "integration": (
        Field("forms", Text("รูปแบบการบูรณาการ", "Forms of integration"), Kind.CODES, "forms"),
        Table("links", _LINK_NAME, _LINK_ROW, _LINKS, _LINK_IDENTITY),
        Field("curriculum", Text("หลักสูตรกลาง", "Common curriculum"), Kind.CODE, "curricula"),
        Field("curriculum_detail", Text("รายละเอียดการใช้หลักสูตร", "How the curriculum is used")),
        Field("standard", Text("มาตรฐานหรือแนวนโยบาย", "Standard or guideline")),
        Field("standard_scope", Text("ผู้ที่จะใช้มาตรฐาน", "Who will apply the standard")),
        Field("service_name", Text("ระบบหรือบริการกลาง", "Central service")),
        Field("service_free", Text("ค่าใช้จ่ายของผู้ใช้", "Charge to users"), Kind.CODE, "charges"),
        Field("service_all", Text("ใช้ได้ทุกหน่วยงานของรัฐ", "For all government agencies"), Kind.FLAG),
        Field("service_users", Text("หน่วยงานผู้ใช้บริการ", "Agencies that use it"), Kind.CODES, "agencies"),
    ),
    "rationale": (
        Field("rationale", Text("หลักการและเหตุผล", "Rationale")),
        Field("objectives", Text("วัตถุประสงค์", "Objectives")),
        Field("outputs", Text("ผลผลิต", "Outputs")),
    ),
    "links": (Table("rows", _LINK_NAME, _LINK_ROW, _LINKS, _LINK_IDENTITY),),
    "indicators": (
        Table(
            "rows",
            Text("ตัวชี้วัด", "Indicators"),
            Text("ตัวชี้วัดที่ {n}", "Indicator {n}"),
            _INDICATORS,
            ("name", "agency"),
        ),
    ),
    "budget": (
        Table(
            "rows",
            Text("รายการงบประมาณ", "Budget lines"),
            Text("รายการที่ {n}", "Line {n}"),
            _BUDGET,
            ("item", "agency"),
        ),
        Field("least", LEAST, Kind.AMOUNT),
        Field("least_scope", LEAST_SCOPE),
    ),
    "attachments": (
        Table(
            "rows",
            Text("เอกสารแนบ", "Attachments"),
            Text("เอกสารที่ {n}", "Document {n}"),
            _FILES,
            ("name", "kind"),
        ),
    ),
}
SECTION_NAMES: Mapping[str, Text] = {**PART_SECTIONS, **SECTIONS}


def shape_of(section: str, *values: Mapping[str, Any]) -> Iterator[Field | Table]:
    """The fields and tables of a section that any of these values holds, in the order of the form; then the keys no
    shape knows, as lines of text."""
    held = dict.fromkeys(key for value in values for key in value if key != UNREAD)
    for part in SHAPES.get(section, ()):
        if part.key in held:
            del held[part.key]
            yield part
    for key in held:
        yield Field(key, Text(key, key))


def row_keys(table: Table, *rows: Row) -> list[str]:
    """The fields any of these rows holds, in the order of the table, then those it does not know."""
    held = dict.fromkeys(key for row in rows for key in row)
    known = [f.key for f in table.fields if f.key in held]
    return known + [key for key in held if key not in known]


def name_of(place: str) -> Text:
    """What stands at an address such as "budget-3-quantity", in words; the address itself for an unknown one."""
    section, _, rest = place.partition("-")
    parts = SHAPES.get(section, ())
    if match := re.fullmatch(r"([0-9]{1,5})(?:-(\w+))?", rest):
        table = next((part for part in parts if isinstance(part, Table)), None)
        if table is not None:
            n = int(match[1])
            return table.cell_name(n, match[2]) if match[2] else table.row.fill(n=n)
    return next((part.name for part in parts if part.key == rest), Text(place, place))


class Names:
    """Codes in words, by the call's lists and the register; a code neither knows stands for itself."""

    def __init__(self, plan: PlanStructure, directory: Mapping[str, AgencyRef]):
        self._plan = plan
        self._directory = directory

    def name(self, source: str, code: str) -> Text | str:
        """The name of a code; a code that begins with a digit stands before its name, as on the form."""
        if not code:
            return ""
        if source == "agencies":
            agency = self._directory.get(code)
            return agency.name if agency else code
        if source in _CHOICES:
            return _CHOICES[source].get(code, code)
        name = self._plan.name(source, code)
        if code[0].isdigit() and name.th != code:
            return Text(f"{code} {name.th}", f"{code} {name.en}")
        return name
