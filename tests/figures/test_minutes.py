"""The minutes in official form: what is recorded stands in them word for word, on the page and on paper."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pypdfium2
import pytest

from app.decisions.facts import OWN_WORD, Duty, ItemKind, Level, Presence, Verdict
from app.decisions.queries.meetings import ItemView, MemberView, RecusalView
from app.decisions.queries.minutes import MinutesRecords, Resolution
from app.figures.facts import PaperFormat
from app.figures.minutes import Minutes, hour, long_day, minutes_document, minutes_of
from app.figures.press import print_document
from app.kernel.text import Text

OPENED = datetime(2023, 1, 26, 6, 35, tzinfo=UTC)
CLOSED = datetime(2023, 1, 26, 9, 5, tzinfo=UTC)


def member(
    n: int, name: str, duty: Duty, presence: Presence, note: str = "", post: str = "ตำแหน่งทดสอบ"
) -> MemberView:
    return MemberView(n, None, name, post, duty, presence, note)


def resolution(n: int, verdict: Verdict, amount: int, **words: str) -> Resolution:
    texts = {"conditions": "", "resolution": "", "reason": ""} | words
    return Resolution(
        f"1/2567-4.{n}",
        f"2567-{n:04d}",
        Text("โครงการที่ปรึกษากู้ข้อมูลน้ำใต้ดิน", "Project"),
        Text("กรมทรัพยากรน้ำ", "Department"),
        123_456_725,
        verdict,
        amount,
        **texts,
    )


RECORDS = MinutesRecords(
    meeting_id=1,
    level=Level.COMMITTEE,
    number="1/2567",
    subject="",
    place="ทำเนียบรัฐบาล",
    starts_at=datetime(2023, 1, 26, 6, 30, tzinfo=UTC),
    opened_at=OPENED,
    closed_at=CLOSED,
    quorum_note="",
    state="closed",
    fiscal_year=2567,
    call=Text("แผนงานบูรณาการรัฐบาลดิจิทัล ปีงบประมาณ พ.ศ. 2567", "Plan"),
    origin="synthetic",
    members=(
        member(1, "นายวิชาญ ผู้นำ", Duty.CHAIR, Presence.PRESENT, post="รองนายกรัฐมนตรี"),
        member(2, "นางกนกวรรณ ศรีสุข", Duty.MEMBER, Presence.REPRESENTED, "นายสมชาย แทนได้"),
        member(3, "นายไม่มา สักครั้ง", Duty.MEMBER, Presence.ABSENT, "ติดราชการ"),
        member(4, "นางสาวจดเก่ง ว่องไว", Duty.SECRETARY, Presence.PRESENT),
        member(5, "นายรับเชิญ ทั่วไป", Duty.ATTENDEE, Presence.PRESENT),
    ),
    items=(
        ItemView(1, 1, ItemKind.INFORM, "เรื่องที่ประธานแจ้งให้ที่ประชุมทราบ", "แจ้งเรื่องที่หนึ่ง\nแจ้งเรื่องที่สอง", "รับทราบ"),
        ItemView(2, 2, ItemKind.MATTERS, "เรื่องสืบเนื่อง", "", ""),
        ItemView(3, 3, ItemKind.CONSIDER, "เรื่องเพื่อพิจารณา", "", ""),
        ItemView(4, 4, ItemKind.CONSIDER, "เรื่องพิจารณาอื่น", "", "เห็นชอบตามเสนอ"),
    ),
    recusals=(
        RecusalView(1, 2, None, "นางกนกวรรณ ศรีสุข", 1, "2567-0001", Text("ก", "a"), "membership", ""),
        RecusalView(2, 2, None, "นางกนกวรรณ ศรีสุข", 2, "2567-0002", Text("ก", "a"), "membership", ""),
        RecusalView(3, 1, None, "นายวิชาญ ผู้นำ", 2, "2567-0002", Text("ก", "a"), OWN_WORD, "เคยเป็นที่ปรึกษา"),
    ),
    resolutions=(
        resolution(1, Verdict.APPROVED, 123_456_725),
        resolution(2, Verdict.CONDITIONAL, 100, conditions="ใช้ GDX", reason="ปรับลดตามกรอบ"),
        resolution(3, Verdict.REJECTED, 0, reason="ไม่สอดคล้อง"),
    ),
    carried=4,
    undecided=1,
)


def test_what_is_recorded_is_what_is_said() -> None:
    minutes = minutes_of(RECORDS)
    assert (minutes.title, minutes.number, minutes.when, minutes.place) == (
        "รายงานการประชุมคณะกรรมการจัดทำงบประมาณรายจ่ายบูรณาการ",
        "ครั้งที่ 1/2567",
        "เมื่อวันพฤหัสบดีที่ 26 มกราคม 2566 เวลา 13.30 น.",
        "ณ ทำเนียบรัฐบาล",
    )
    assert [name for name, *_ in minutes.present] == [
        "นายวิชาญ ผู้นำ",
        "นายสมชาย แทนได้ (แทน นางกนกวรรณ ศรีสุข)",
        "นางสาวจดเก่ง ว่องไว",
    ]
    assert minutes.absent == (("นายไม่มา สักครั้ง", "ตำแหน่งทดสอบ", "ติดราชการ"),)
    assert [name for name, *_ in minutes.attendees] == ["นายรับเชิญ ทั่วไป"]
    assert (minutes.began, minutes.ended) == ("เริ่มประชุมเวลา 13.35 น.", "เลิกประชุมเวลา 16.05 น.")
    inform, matters, consider, other = minutes.items
    assert (inform.paragraphs, inform.resolution) == (("แจ้งเรื่องที่หนึ่ง", "แจ้งเรื่องที่สอง"), "รับทราบ")
    assert (matters.paragraphs, matters.resolution) == (("ไม่มี",), "")
    assert consider.paragraphs == (
        "ที่ประชุมพิจารณาข้อเสนอโครงการในแผนงานบูรณาการรัฐบาลดิจิทัล ปีงบประมาณ พ.ศ. 2567 รวม 3 โครงการ",
        "ข้อเสนออีก 4 โครงการเป็นไปตามมติที่มีอยู่เดิม",
        "ข้อเสนออีก 1 โครงการยังไม่มีมติ",
        "นางกนกวรรณ ศรีสุข ไม่อยู่ในที่ประชุมระหว่างการพิจารณาข้อเสนอเลขที่ 2567-0001, 2567-0002 "
        "(สังกัดหน่วยงานเจ้าของข้อเสนอ)",
        "นายวิชาญ ผู้นำ ไม่อยู่ในที่ประชุมระหว่างการพิจารณาข้อเสนอเลขที่ 2567-0002 (แจ้งขอถอนตัว: เคยเป็นที่ปรึกษา)",
    )
    assert consider.resolution == (
        "เห็นชอบ 1 โครงการ วงเงิน 1,234,567.25 บาท เห็นชอบโดยมีเงื่อนไข 1 โครงการ วงเงิน 1.00 บาท ไม่เห็นชอบ 1 โครงการ"
    )
    assert [i.lists_resolutions for i in minutes.items] == [False, False, True, False]
    assert other.resolution == "เห็นชอบตามเสนอ"
    assert (minutes.secretary[0], minutes.chair) == (
        "นางสาวจดเก่ง ว่องไว",
        ("นายวิชาญ ผู้นำ", "รองนายกรัฐมนตรี"),
    )


CHANGES = [
    ({"state": "open", "closed_at": None}, lambda m: m.is_draft and m.ended.endswith("....")),
    ({"opened_at": None}, lambda m: m.began.endswith("....")),
    ({"quorum_note": "เหตุเร่งด่วน"}, lambda m: m.began.endswith("โดยไม่ครบองค์ประชุม เนื่องจากเหตุเร่งด่วน")),
    ({"subject": "คณะทำงานพิเศษ"}, lambda m: m.title == "รายงานการประชุมคณะทำงานพิเศษ"),
    ({"members": ()}, lambda m: m.present == () and m.chair == ("", "")),
    ({"resolutions": ()}, lambda m: not any(i.lists_resolutions for i in m.items)),
]


@pytest.mark.parametrize(("changes", "holds"), CHANGES)
def test_what_is_missing_is_left_to_fill_in(changes: dict[str, object], holds: object) -> None:
    minutes = minutes_of(replace(RECORDS, **changes))  # type: ignore[arg-type]
    assert holds(minutes)  # type: ignore[operator]


def _paper(minutes: Minutes) -> str:
    data = print_document(minutes_document(minutes, CLOSED), PaperFormat.PDF)
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(io.BytesIO(data))]
    return "".join("".join(pages).split())


def test_every_word_of_the_paper_extracts_exactly_with_thai_digits() -> None:
    paper = _paper(minutes_of(RECORDS))
    for words in (
        "รายงานการประชุมคณะกรรมการจัดทำงบประมาณรายจ่ายบูรณาการ",
        "ครั้งที่ ๑/๒๕๖๗",
        "เมื่อวันพฤหัสบดีที่ ๒๖ มกราคม ๒๕๖๖ เวลา ๑๓.๓๐ น. ณ ทำเนียบรัฐบาล",
        "ผู้มาประชุม",
        "ผู้ไม่มาประชุม",
        "ผู้เข้าร่วมประชุม",
        "เริ่มประชุมเวลา ๑๓.๓๕ น.",
        "ระเบียบวาระที่ ๑",
        "เรื่องที่ประธานแจ้งให้ที่ประชุมทราบ",
        "ระเบียบวาระที่ ๔",
        "มติที่ประชุม",
        "โครงการที่ปรึกษากู้ข้อมูลน้ำใต้ดิน",
        "๑,๒๓๔,๕๖๗.๒๕",
        "เลิกประชุมเวลา ๑๖.๐๕ น.",
        "ผู้จดรายงานการประชุม",
        "ผู้ตรวจรายงานการประชุม",
        "ข้อมูลสังเคราะห์เพื่อการสาธิต",
    ):
        assert "".join(words.split()) in paper, words
    assert "(ร่าง)" not in paper
    assert "(ร่าง)" in _paper(minutes_of(replace(RECORDS, state="open")))


def test_days_and_hours_are_of_bangkok() -> None:
    late = datetime(2023, 1, 26, 17, 30, tzinfo=UTC)
    assert (long_day(late), hour(late)) == ("วันศุกร์ที่ 27 มกราคม 2566", "00.30 น.")
