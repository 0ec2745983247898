"""The draft of a meeting's minutes in the official Thai form (Regulation of the Office of the Prime Minister on
Correspondence B.E. 2526, form 11): the same words on the page and on paper. Minutes are written in Thai, whatever
language their reader reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from app.calls.facts import ORIGIN_LABELS, Origin
from app.decisions.facts import (
    DUTY_NAMES,
    GRANTING,
    HERE,
    LEVEL_NAMES,
    VERDICT_NAMES,
    Duty,
    ItemKind,
    Presence,
    Verdict,
)
from app.decisions.queries.meetings import ItemView, MemberView, RecusalView
from app.decisions.queries.minutes import MinutesRecords, Resolution
from app.decisions.states import CLOSED
from app.figures.pen import THAI_MONTHS
from app.kernel.clock import BANGKOK, BUDDHIST_OFFSET, as_utc
from app.kernel.lean import dataclass
from app.kernel.money import format_baht
from reports.document import Column, Document, Fields, Heading, Paragraph, Signature, Table
from reports.paper_blocks import Attendance, Clause, Clauses

AGENDA_WORD = "ระเบียบวาระที่"
RESOLVED = "มติที่ประชุม"
NOTHING = "ไม่มี"
_BLANK = "........................................"
_WEEKDAYS = ["จันทร์", "อังคาร", "พุธ", "พฤหัสบดี", "ศุกร์", "เสาร์", "อาทิตย์"]

Person = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class MinuteItem:
    """An item as it was taken: its title, paragraphs of what was said, and what was resolved. `lists_resolutions` is the
    item under which the resolutions on proposals stand."""

    title: str
    paragraphs: tuple[str, ...]
    resolution: str
    lists_resolutions: bool = False


@dataclass(frozen=True, slots=True)
class Minutes:
    """The minutes in words. People are (name, post, duty or reason)."""

    title: str
    number: str
    when: str
    place: str
    present: tuple[Person, ...]
    absent: tuple[Person, ...]
    attendees: tuple[Person, ...]
    began: str
    items: tuple[MinuteItem, ...]
    resolutions: tuple[Resolution, ...]
    ended: str
    secretary: tuple[str, str]
    chair: tuple[str, str]
    is_draft: bool
    label: str


def long_day(moment: datetime) -> str:
    """The Bangkok day as minutes say it: วันพฤหัสบดีที่ 26 มกราคม 2566."""
    local = as_utc(moment).astimezone(BANGKOK)
    day = _WEEKDAYS[local.weekday()]
    return f"วัน{day}ที่ {local.day} {THAI_MONTHS[local.month - 1]} {local.year + BUDDHIST_OFFSET}"


def hour(moment: datetime) -> str:
    """The Bangkok time as minutes say it: 13.30 น."""
    return as_utc(moment).astimezone(BANGKOK).strftime("%H.%M น.")


def _came(m: MemberView) -> str:
    return f"{m.note} (แทน {m.name})" if m.presence is Presence.REPRESENTED else m.name


def _people(members: Iterable[MemberView], duties: frozenset[Duty]) -> tuple[Person, ...]:
    return tuple(
        (_came(m), m.post, DUTY_NAMES[m.duty].th) for m in members if m.duty in duties and m.presence in HERE
    )


def _signs(members: Iterable[MemberView], duty: Duty) -> tuple[str, str]:
    """Who signs: whoever holds the duty and came, else a line to fill in."""
    return next(((m.name, m.post) for m in members if m.duty is duty and m.presence in HERE), ("", ""))


def _sums(resolutions: Iterable[Resolution]) -> list[str]:
    """How many were decided how: "เห็นชอบ 2 โครงการ วงเงิน 1,000.00 บาท"."""
    kept = list(resolutions)
    said = []
    for verdict in Verdict:
        those = [r for r in kept if r.verdict is verdict]
        if those:
            amount = f" วงเงิน {format_baht(sum(r.amount for r in those))} บาท" if verdict in GRANTING else ""
            said.append(f"{VERDICT_NAMES[verdict].th} {len(those):,} โครงการ{amount}")
    return said


def _left(recusals: Iterable[RecusalView]) -> list[str]:
    """Who left for what, one sentence for each person and reason, in the order of the first proposal."""
    grouped: dict[tuple[int, str, str], tuple[str, list[str]]] = {}
    for r in recusals:
        why = f"{r.ground_name.th}: {r.note}" if r.note else r.ground_name.th
        grouped.setdefault((r.member_id, r.ground, r.note), (f"{r.member}|{why}", []))[1].append(r.number)
    said = []
    for words, numbers in grouped.values():
        member, _, why = words.partition("|")
        said.append(f"{member} ไม่อยู่ในที่ประชุมระหว่างการพิจารณาข้อเสนอเลขที่ {', '.join(numbers)} ({why})")
    return said


def _considered(records: MinutesRecords) -> tuple[list[str], str]:
    """What is said by itself under the item for consideration, and its resolution where nobody wrote one."""
    if records.level.settles_list and not records.resolutions:
        listed = f"ตามฉากทัศน์ “{records.scenario}”" if records.scenario else "ตามลำดับคะแนนภายใต้กรอบวงเงิน"
        said = [
            f"ที่ประชุมพิจารณารายการข้อเสนอโครงการใน{records.call.th} เพื่อเสนอคณะกรรมการ",
            *_left(records.recusals),
        ]
        return said, f"เห็นชอบรายการ{listed} และให้เสนอคณะกรรมการพิจารณา"
    sums = _sums(records.resolutions)
    said = [f"ที่ประชุมพิจารณาข้อเสนอโครงการใน{records.call.th} รวม {len(records.resolutions):,} โครงการ"]
    if records.carried:
        said.append(f"ข้อเสนออีก {records.carried:,} โครงการเป็นไปตามมติที่มีอยู่เดิม")
    if records.undecided:
        said.append(f"ข้อเสนออีก {records.undecided:,} โครงการยังไม่มีมติ")
    return [*said, *_left(records.recusals)], " ".join(sums)


def _item(item: ItemView, records: MinutesRecords, lists: bool) -> MinuteItem:
    paragraphs = [line.strip() for line in item.text.split("\n") if line.strip()]
    resolution = item.resolution.strip()
    if lists:
        said, summed = _considered(records)
        paragraphs += said
        resolution = "\n".join(part for part in (resolution, summed) if part)
    if not paragraphs and not resolution:
        paragraphs = [NOTHING]
    return MinuteItem(item.title, tuple(paragraphs), resolution, lists and bool(records.resolutions))


def minutes_of(records: MinutesRecords) -> Minutes:
    """The minutes of a meeting, written from its records."""
    members = records.members
    considered = next((i.id for i in records.items if i.kind is ItemKind.CONSIDER), None)
    place = f"ณ {records.place}" if records.place else ""
    began = f"เริ่มประชุมเวลา {hour(records.opened_at) if records.opened_at else _BLANK}"
    if records.quorum_note:
        began += f" โดยไม่ครบองค์ประชุม เนื่องจาก{records.quorum_note}"
    label = ORIGIN_LABELS[Origin(records.origin)]
    return Minutes(
        title=f"รายงานการประชุม{records.subject or LEVEL_NAMES[records.level].th}",
        number=f"ครั้งที่ {records.number}",
        when=f"เมื่อ{long_day(records.starts_at)} เวลา {hour(records.starts_at)}",
        place=place,
        present=_people(members, frozenset({Duty.CHAIR, Duty.MEMBER, Duty.SECRETARY})),
        absent=tuple(
            (m.name, m.post, m.note)
            for m in members
            if m.presence is Presence.ABSENT and m.duty is not Duty.ATTENDEE
        ),
        attendees=_people(members, frozenset({Duty.ATTENDEE})),
        began=began,
        items=tuple(_item(i, records, i.id == considered) for i in records.items),
        resolutions=records.resolutions,
        ended=f"เลิกประชุมเวลา {hour(records.closed_at) if records.closed_at else _BLANK}",
        secretary=_signs(members, Duty.SECRETARY),
        chair=_signs(members, Duty.CHAIR),
        is_draft=records.state != CLOSED,
        label=label.th if label else "",
    )


def remark(r: Resolution) -> str:
    """Conditions, reason and the text of a resolution, for one cell."""
    parts = (("เงื่อนไข: ", r.conditions), ("เหตุผล: ", r.reason), ("", r.resolution))
    return " ".join(f"{name}{' '.join(text.split())}" for name, text in parts if text.strip())


def _table(resolutions: tuple[Resolution, ...]) -> Table:
    return Table(
        name="resolutions",
        title="มติที่ประชุมรายข้อเสนอ",
        columns=(
            Column("number", "มติที่", width=27),
            Column("proposal", "ข้อเสนอ", "long_text", width=70),
            Column("requested", "วงเงินที่ขอ", "money", width=38, unit="บาท", total="sum"),
            Column("amount", "วงเงินที่เห็นชอบ", "money", width=38, unit="บาท", total="sum"),
            Column("verdict", "มติ", "long_text", width=100),
        ),
        rows=tuple(
            (
                r.number,
                f"{r.proposal} {r.title.th} ({r.agency.th})",
                r.requested,
                r.amount or None,
                f"{VERDICT_NAMES[r.verdict].th} {remark(r)}".strip(),
            )
            for r in resolutions
        ),
        filters=False,
        carry_forward=("requested", "amount"),
        landscape=True,
    )


def minutes_document(minutes: Minutes, made_at: datetime) -> Document:
    """The minutes as a paper, in Thai digits. The same minutes printed at the same moment are the same bytes."""
    blocks: list[Attendance | Clauses | Fields | Heading | Paragraph | Signature | Table] = [
        Paragraph(" ".join(part for part in (minutes.when, minutes.place) if part))
    ]
    for title, people in (
        ("ผู้มาประชุม", minutes.present),
        ("ผู้ไม่มาประชุม", minutes.absent),
        ("ผู้เข้าร่วมประชุม", minutes.attendees),
    ):
        if people:
            blocks.append(Attendance(title, people))
    blocks.append(Paragraph(minutes.began))
    for n, item in enumerate(minutes.items, 1):
        clauses = [Clause(item.title, 1)]
        clauses += [Clause(text, 0) for text in item.paragraphs]
        if item.resolution:
            clauses += [
                Clause(text, 0, RESOLVED if first else "")
                for first, text in ((i == 0, line) for i, line in enumerate(item.resolution.split("\n")))
                if text.strip()
            ]
        blocks.append(Clauses(tuple(clauses), AGENDA_WORD, first=n))
        if item.lists_resolutions:
            blocks.append(_table(minutes.resolutions))
    blocks += [
        Paragraph(minutes.ended),
        Signature(minutes.secretary[0] or _BLANK, minutes.secretary[1], "ผู้จดรายงานการประชุม"),
        Signature(minutes.chair[0] or _BLANK, minutes.chair[1], "ผู้ตรวจรายงานการประชุม"),
    ]
    return Document(
        title=minutes.title,
        subtitle=minutes.number + (" (ร่าง)" if minutes.is_draft else ""),
        language="th",
        blocks=tuple(blocks),
        made_at=made_at,
        thai_digits=True,
        label=minutes.label,
        cover=True,
    )
