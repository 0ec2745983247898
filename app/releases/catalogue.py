"""The metadata of a year's dataset as the government data catalogue asks for it, and as CKAN takes it.

The 14 mandatory items are those the catalogue's own CKAN extension marks as required for every kind of dataset
(ckanext-thai_gdc, ckan_dataset.json): the standard the DGA and the National Statistical Office set for data.go.th and the GD
Catalog. The interval belongs to the update frequency and is counted with its unit.
"""

from __future__ import annotations

from typing import Any

from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.releases.facts import PublicYear
from app.releases.identifiers import short
from app.releases.words import CONTACT, PUBLISHER, labels_of, title_of

STANDARD = "https://gitlab.nectec.or.th/opend/ckanext-thai_gdc"
FILES = ("projects.csv", "lines.csv", "spending.csv", "milestones.csv", "indicators.csv", "changes.csv",
         "agencies.csv", "totals.csv", "dictionary.csv", "data.json", "workbook.xlsx", "package.zip")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the metadata: its field in CKAN, what it is called, and its value ("" where it is not known)."""

    field: str
    name: Text
    value: str | tuple[str, ...]

    @property
    def shown(self) -> str:
        return self.value if isinstance(self.value, str) else ", ".join(self.value)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to send to the catalogue: `verb` of `VERBS`, what it is ("" for the dataset itself), how many bytes."""

    verb: str
    name: str
    size: int


VERBS = {
    "create": Text("สร้าง", "create"),
    "update": Text("ปรับปรุง", "update"),
    "same": Text("ตรงกันแล้ว ไม่ส่ง", "the same already, not sent"),
}
NOT_SET = Text("ยังไม่ได้ตั้งค่า {name} จึงส่งไม่ได้", "{name} is not set, so nothing can be sent")


def mandatory_items(year: PublicYear, email: str, organization: str) -> tuple[Item, ...]:
    """The 14 mandatory items; the update frequency is one of two fields."""
    title = title_of(year)
    about = (
        f"คำขอ รายการที่เสนอ วงเงินที่ได้รับความเห็นชอบ แผนที่ปรับ และผลการใช้จ่ายของ{title.th} "
        "พร้อมขั้นงานและตัวชี้วัด วงเงินเป็นบาทถูกต้องถึงสตางค์"
    )
    notes = " ".join([about, *(label.th for label in labels_of(year))])
    return (
        Item("data_type", Text("ประเภทข้อมูล", "Data type"), "ข้อมูลระเบียน"),
        Item("title", Text("ชื่อชุดข้อมูล", "Title"), title.th),
        Item("owner_org", Text("องค์กร", "Organization"), organization or PUBLISHER.th),
        Item("maintainer", Text("ชื่อผู้ติดต่อ", "Contact"), CONTACT.th),
        Item("maintainer_email", Text("อีเมลผู้ติดต่อ", "Contact e-mail"), email),
        Item(
            "tag_string", Text("คำสำคัญ", "Keywords"), ("งบประมาณ", "รัฐบาลดิจิทัล", "แผนงานบูรณาการ", "การเบิกจ่าย")
        ),
        Item("notes", Text("รายละเอียด", "Description"), notes),
        Item("objective", Text("วัตถุประสงค์", "Objective"), ("พันธกิจหน่วยงาน", "เพื่อการให้บริการประชาชน")),
        Item("update_frequency_unit", Text("หน่วยความถี่ของการปรับปรุง", "Update frequency"), "ไตรมาส"),
        Item("update_frequency_interval", Text("ค่าความถี่ของการปรับปรุง", "Update interval"), "1"),
        Item("geo_coverage", Text("ขอบเขตเชิงภูมิศาสตร์", "Geographic coverage"), "ประเทศ"),
        Item(
            "data_source",
            Text("แหล่งที่มา", "Source"),
            "ระบบคำของบประมาณและติดตามแผนงานบูรณาการรัฐบาลดิจิทัล (DGI-Budget)",
        ),
        Item("data_format", Text("รูปแบบการเก็บข้อมูล", "Formats"), ("CSV", "JSON", "XLS")),
        Item("data_category", Text("หมวดหมู่ตามธรรมาภิบาลข้อมูล", "Category of governance"), "ข้อมูลสาธารณะ"),
        Item("license_id", Text("สัญญาอนุญาต", "Licence"), "Creative Commons Attributions"),
    )


def dataset_name(fiscal_year: int) -> str:
    """What the dataset of a year is called in the catalogue: the same for all its releases."""
    return f"dgi-plan-{fiscal_year}"


def dataset(year: PublicYear, sha256: str, email: str, organization: str, site: str) -> dict[str, Any]:
    """The dataset as CKAN's package_create and package_update take it, without resources."""
    items = {i.field: i.value for i in mandatory_items(year, email, organization)}
    tags = items.pop("tag_string")
    return {
        "name": dataset_name(year.fiscal_year),
        **{key: list(value) if isinstance(value, tuple) else value for key, value in items.items()},
        "tags": [{"name": tag} for tag in tags],
        "url": f"{site}/data/{year.fiscal_year}",
        "version": short(sha256),
        "accessible_condition": "ไม่มี",
        "private": False,
        "state": "active",  # one that was removed there is shown again
        "allow_harvest": "True",
    }
