"""Of every field of a release, why it may be public. A field without a reason here is a fault a test finds."""

from __future__ import annotations

from app.kernel.text import Text

DOCUMENTED = Text("อยู่ในเอกสารงบประมาณและแผนที่เปิดเผยอยู่แล้ว", "Stands in published budget documents and plans")
REGISTER = Text("ทะเบียนหน่วยงานของรัฐเป็นข้อมูลสาธารณะ", "The register of state agencies is public")
SUMS = Text(
    "เป็นจำนวนและยอดรวม ไม่มีชื่อหรือเนื้อหาของข้อเสนอที่ไม่ได้รับความเห็นชอบ",
    "Counts and sums: neither name nor content of a proposal that was not approved",
)
RESOLVED = Text(
    "เผยแพร่หลังการประชุมปิดและมีมติแล้ว เฉพาะโครงการที่ได้รับความเห็นชอบ",
    "Told after the meeting was closed, of approved projects only",
)
PLANNED = Text(
    "แผนที่ใช้บังคับของโครงการที่ใช้เงินแผ่นดิน หน่วยงานรับทราบว่าเปิดเผย",
    "The plan in force of a project that spends public money",
)
ACCEPTED = Text(
    "ตัวเลขจากรายงานที่ผู้รับรองลงนามและฝ่ายเลขานุการรับรองแล้วเท่านั้น",
    "Figures of reports that were signed and accepted, and of no others",
)
FORM = Text("บอกว่าข้อมูลชุดนี้คืออะไรและทำเมื่อใด", "Says what this data is, and when it was made")

WHY: dict[str, Text] = {
    **dict.fromkeys(("PublicName.kind", "PublicName.code", "PublicName.name"), DOCUMENTED),
    **dict.fromkeys(
        ("PublicAgency.code", "PublicAgency.name", "PublicAgency.ministry_code", "PublicAgency.ministry"),
        REGISTER,
    ),
    **dict.fromkeys(("PublicAgency.months", "PublicAgency.quarters"), ACCEPTED),
    **dict.fromkeys(
        ("Tally.phase", "Tally.dimension", "Tally.code", "Tally.count", "Tally.amount"),
        SUMS,
    ),
    **dict.fromkeys(("PublicMeeting.number", "PublicMeeting.held_on"), RESOLVED),
    **dict.fromkeys(
        ("PublicMoney.agency", "PublicMoney.category", "PublicMoney.approved", "PublicMoney.asked"), RESOLVED
    ),
    **dict.fromkeys(("PublicMoney.allotted", "PublicMoney.planned"), PLANNED),
    **dict.fromkeys(("PublicMoney.committed", "PublicMoney.disbursed"), ACCEPTED),
    **dict.fromkeys(
        (
            "PublicMilestone.position",
            "PublicMilestone.agency",
            "PublicMilestone.title",
            "PublicMilestone.due_on",
            "PublicMilestone.weight",
            "PublicIndicator.position",
            "PublicIndicator.agency",
            "PublicIndicator.name",
            "PublicIndicator.unit",
            "PublicIndicator.baseline",
            "PublicIndicator.target",
            "PublicIndicator.aim",
            "PublicIndicator.planned",
            "PublicChange.ordinal",
            "PublicChange.cause",
            "PublicChange.in_force_on",
            "PublicChange.allotted",
            "PublicChange.ends_on",
            "PublicProject.ends_on",
            "PublicProject.milestones",
            "PublicProject.indicators",
            "PublicProject.changes",
        ),
        PLANNED,
    ),
    **dict.fromkeys(
        ("PublicMilestone.percent", "PublicMilestone.done_on", "PublicIndicator.results"), ACCEPTED
    ),
    **dict.fromkeys(
        (
            "PublicProject.number",
            "PublicProject.id",
            "PublicProject.continues",
            "PublicProject.title",
            "PublicProject.lead",
            "PublicProject.agencies",
            "PublicProject.stage",
            "PublicProject.guideline",
            "PublicProject.strategy",
            "PublicProject.focus_area",
            "PublicProject.state",
            "PublicProject.recommended",
            "PublicProject.money",
        ),
        RESOLVED,
    ),
    **dict.fromkeys(
        (
            "PublicYear.format",
            "PublicYear.version",
            "PublicYear.origin",
            "PublicYear.is_synthetic",
            "PublicYear.phase",
            "PublicYear.gathered_at",
        ),
        FORM,
    ),
    **dict.fromkeys(
        (
            "PublicYear.fiscal_year",
            "PublicYear.name",
            "PublicYear.note",
            "PublicYear.plan",
            "PublicYear.ceiling",
            "PublicYear.names",
        ),
        DOCUMENTED,
    ),
    "PublicYear.meeting": RESOLVED,
    "PublicYear.agencies": REGISTER,
    "PublicYear.tallies": SUMS,
    "PublicYear.projects": RESOLVED,
}
