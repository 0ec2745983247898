"""What is said beside every figure: where it comes from, and under which licence it may be used."""

from __future__ import annotations

from app.calls.facts import ORIGIN_LABELS, Origin
from app.kernel.text import Text
from app.releases.facts import PublicYear

PUBLISHER = Text(
    "สำนักงานพัฒนารัฐบาลดิจิทัล (องค์การมหาชน)", "Digital Government Development Agency (Public Organization)"
)
CONTACT = Text(
    "ฝ่ายเลขานุการร่วม แผนงานบูรณาการรัฐบาลดิจิทัล", "Joint secretariat, Digital Government Integrated Budget Plan"
)
LICENCE_NAME = "CC-BY-4.0"
LICENCE = Text("ครีเอทีฟคอมมอนส์แบบแสดงที่มา 4.0", "Creative Commons Attribution 4.0 International")
LICENCE_PATH = "https://creativecommons.org/licenses/by/4.0/"
SYNTHETIC_REPORTS = Text(
    "รายงานผลของปีนี้เป็นข้อมูลสังเคราะห์เพื่อการสาธิต ไม่ใช่การใช้จ่ายจริง",
    "The reports of this year are synthetic, for demonstration; nobody spent this money",
)


def title_of(year: PublicYear) -> Text:
    """What a year's data is called."""
    return Text(
        f"แผนงานบูรณาการรัฐบาลดิจิทัล ปีงบประมาณ {year.fiscal_year}",
        f"Digital Government Integrated Budget Plan, fiscal year {year.fiscal_year} B.E.",
    )


def labels_of(year: PublicYear) -> tuple[Text, ...]:
    """What must stand beside the figures of a year: where its proposals and its reports come from."""
    origin = ORIGIN_LABELS[Origin(year.origin)]
    labels = [] if origin is None else [origin]
    if year.is_synthetic:
        labels.append(SYNTHETIC_REPORTS)
    return tuple(labels)
