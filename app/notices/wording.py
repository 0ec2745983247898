"""What a letter says. Each event has its subject, what happened and what to do.

No amounts and nothing typed into a draft; the title goes only to who may read the proposal, and never into a subject.
"""

from __future__ import annotations

from datetime import timedelta

from app.kernel.text import Text
from app.notices.account_news import ACCOUNT_WORDING
from app.notices.facts import Event, Wording
from app.notices.plan_news import PLAN_WORDINGS
from app.notices.report_wording import REPORT_WORDINGS
from app.notices.review_wording import REVIEW_WORDINGS

_PROPOSAL = "/agency/proposals/{id}"
_FILING = "/secretariat/proposals/{id}"


WORDINGS: dict[Event, Wording] = {
    **REVIEW_WORDINGS,
    **REPORT_WORDINGS,
    **PLAN_WORDINGS,
    Event.ACCOUNT_CHANGED: ACCOUNT_WORDING,
    Event.INVITED: Wording(
        Text("{number} เชิญหน่วยงานของท่านเข้าร่วมโครงการ", "{number}: your agency is invited to take part"),
        Text(
            "{lead} เชิญ{agency} เข้าร่วมโครงการตามข้อเสนอเลขที่ {number}",
            "{lead} invites {agency} to take part in proposal {number}.",
        ),
        Text(
            "กรุณาตอบรับหรือปฏิเสธคำเชิญ เมื่อตอบรับแล้ว หน่วยงานของท่านจะกรอกการเชื่อมโยง ตัวชี้วัด และงบประมาณในส่วนของตนเอง",
            "Please accept or decline. Once you have accepted, your agency fills in its own links, indicators and "
            "budget.",
        ),
        _PROPOSAL,
    ),
    Event.INVITATION_ANSWERED: Wording(
        Text("{number} {agency} {answer}", "{number}: {agency} {answer}"),
        Text(
            "{agency} {answer} ตามข้อเสนอเลขที่ {number}",
            "{agency} {answer} in proposal {number}.",
        ),
        Text("", ""),
        _PROPOSAL,
    ),
    Event.PART_CONFIRMED: Wording(
        Text("{number} {agency} ยืนยันข้อมูลส่วนของตนแล้ว", "{number}: {agency} has confirmed its part"),
        Text(
            "{agency} กรอกข้อมูลส่วนของตนในข้อเสนอเลขที่ {number} ครบถ้วนและยืนยันแล้ว",
            "{agency} has completed and confirmed its part of proposal {number}.",
        ),
        Text("", ""),
        _PROPOSAL,
    ),
    Event.LINK_ASKED: Wording(
        Text("{number} ขอให้หน่วยงานของท่านยืนยันการเชื่อมโยง", "{number}: your agency is asked to confirm a link"),
        Text(
            "{claimant} ระบุในข้อเสนอเลขที่ {number} ว่าจะเชื่อมโยงข้อมูลหรือระบบกับ{agency}",
            "{claimant} states in proposal {number} that it will link data or a system with {agency}.",
        ),
        Text(
            "กรุณาตรวจรายละเอียด แล้วยืนยันหรือปฏิเสธการเชื่อมโยงนี้ในนามหน่วยงานของท่าน",
            "Please look at the link, and confirm or decline it for your agency.",
        ),
        "/agency/links",
    ),
    Event.LINK_ANSWERED: Wording(
        Text("{number} {agency} {answer}", "{number}: {agency} {answer}"),
        Text(
            "{agency} {answer} ที่ระบุไว้ในข้อเสนอเลขที่ {number}",
            "{agency} {answer} stated in proposal {number}.",
        ),
        Text("", ""),
        _PROPOSAL,
    ),
    Event.SIGNATURE_WANTED: Wording(
        Text("{number} รอการลงนามรับรองของท่าน", "{number}: your signature is wanted"),
        Text(
            "ข้อเสนอเลขที่ {number} ({scope}) พร้อมให้ท่านตรวจและลงนามรับรองแล้ว",
            "Ready for you to check and sign: {scope} of proposal {number}.",
        ),
        Text(
            "กรุณาตรวจสิ่งที่เปลี่ยนไปตั้งแต่ครั้งล่าสุดที่ท่านอ่าน แล้วลงนามรับรอง หรือแจ้งเจ้าหน้าที่ของท่านหากต้องแก้ไข",
            "Please check what has changed since you last read it, and sign; or tell your officers what to mend.",
        ),
        _PROPOSAL,
    ),
    Event.SIGNED: Wording(
        Text("{number} {agency} ลงนามรับรองแล้ว", "{number}: signed by {agency}"),
        Text(
            "ผู้รับรองของ{agency} ลงนามรับรองข้อเสนอเลขที่ {number} ({scope}) แล้ว",
            "The certifier of {agency} has signed {scope} of proposal {number}.",
        ),
        Text(
            "หากแก้ไขข้อมูลหลังจากนี้ ลายมือชื่อจะใช้ไม่ได้และต้องลงนามใหม่",
            "A change made from now on leaves the signature behind, and another is needed.",
        ),
        _PROPOSAL,
    ),
    Event.FILED: Wording(
        Text("{number} ยื่นข้อเสนอแล้ว ใบรับเลขที่ {receipt}", "{number} is filed, receipt {receipt}"),
        Text(
            "{lead} ยื่นข้อเสนอเลขที่ {number} แล้ว เมื่อ {at} ใบรับเลขที่ {receipt}",
            "{lead} filed proposal {number} on {at}. The receipt is {receipt}.",
        ),
        Text(
            "ท่านไม่ต้องดำเนินการใด ใบรับเปิดดูและพิมพ์ได้จากหน้าข้อเสนอ",
            "There is nothing for you to do. The receipt can be opened and printed from the proposal's page.",
        ),
        _PROPOSAL,
    ),
    Event.WITHDRAWN: Wording(
        Text("{number} ถอนข้อเสนอแล้ว กลับเป็นร่าง", "{number} is withdrawn and is a draft again"),
        Text(
            "{lead} ถอนข้อเสนอเลขที่ {number} ที่ยื่นไว้ ขณะนี้ข้อเสนอเป็นร่างและถือว่ายังไม่ได้ยื่น",
            "{lead} has withdrawn proposal {number}. It is a draft again and does not count as filed.",
        ),
        Text(
            "หากต้องการให้ข้อเสนอได้รับการพิจารณา ต้องยื่นอีกครั้งก่อนปิดรับ",
            "To be considered, it must be filed again before the call closes.",
        ),
        _PROPOSAL,
    ),
    Event.RETURNED: Wording(
        Text("{number} ส่งคืนให้แก้ไข ภายใน {by}", "{number} is returned for revision, due {by}"),
        Text(
            "ฝ่ายเลขานุการส่งคืนข้อเสนอเลขที่ {number} ให้แก้ไข ครั้งที่ {cycle}",
            "The secretariat has returned proposal {number} for revision (round {cycle}).",
        ),
        Text(
            "กรุณาตอบคำถามและแก้ไขเฉพาะส่วนที่เปิดให้แก้ โดย{lead} เป็นผู้ยื่นอีกครั้งภายในกำหนด",
            "Please answer the questions and mend only what was opened; {lead} then files again by the date given.",
        ),
        _PROPOSAL,
    ),
    Event.REFILED: Wording(
        Text("{number} ยื่นกลับหลังแก้ไขแล้ว", "{number} is filed again after revision"),
        Text(
            "{lead} ตอบคำถามและยื่นข้อเสนอเลขที่ {number} กลับมาแล้ว (การแก้ไขครั้งที่ {cycle})",
            "{lead} has answered and filed proposal {number} again (round {cycle}).",
        ),
        Text(
            "กรุณาตรวจสิ่งที่เปลี่ยนไปจากฉบับก่อน",
            "Please look at what has changed since the last filing.",
        ),
        _FILING,
    ),
    Event.RECALLED: Wording(
        Text("{number} ไม่ต้องแก้ไขแล้ว ใช้ฉบับที่ยื่นล่าสุด", "{number}: no more to mend, the last filing counts"),
        Text(
            "ฝ่ายเลขานุการเรียกข้อเสนอเลขที่ {number} คืนจากการแก้ไขครั้งที่ {cycle} และให้ใช้ฉบับที่ยื่นล่าสุด",
            "The secretariat has called proposal {number} back from revision (round {cycle}); the last filing counts.",
        ),
        Text(
            "ท่านไม่ต้องดำเนินการใด สิ่งที่แก้ไว้ระหว่างนั้นยังเปิดดูได้ในประวัติของแต่ละส่วน",
            "There is nothing for you to do. What was changed meanwhile is kept in the history of each section.",
        ),
        _PROPOSAL,
    ),
    Event.QUESTION_ASKED: Wording(
        Text("{number} ผู้พิจารณามีคำถาม", "{number}: a reviewer asks a question"),
        Text(
            "ผู้พิจารณาตั้งคำถามเกี่ยวกับข้อเสนอเลขที่ {number} คำถามนี้ยังไม่ได้ส่งถึงหน่วยงาน",
            "A reviewer has asked a question about proposal {number}. It has not reached the agency yet.",
        ),
        Text(
            "กรุณาพิจารณาว่าจะส่งคำถามนี้ให้หน่วยงานตอบหรือไม่",
            "Please decide whether to send it to the agency.",
        ),
        _FILING,
    ),
    Event.EXTENDED: Wording(
        Text("ขยายเวลายื่นข้อเสนอถึง {by}", "More time to file: until {by}"),
        Text(
            "ฝ่ายเลขานุการขยายเวลายื่นข้อเสนอ{whom} ถึง {by} เหตุผล: {reason}",
            "The secretariat has given {whom} until {by} to file. The reason: {reason}",
        ),
        Text(
            "ร่างที่ยังไม่ได้ยื่นแก้ไขและยื่นได้จนถึงเวลาดังกล่าว ข้อเสนอที่ยื่นแล้วไม่ต้องดำเนินการใด",
            "Drafts can be changed and filed until then. Nothing need be done for what is filed.",
        ),
        "/agency/",
    ),
    Event.EXTENSION_ENDED: Wording(
        Text("ยกเลิกการขยายเวลาที่ให้ถึง {was}", "The extension until {was} is ended"),
        Text(
            "ฝ่ายเลขานุการยกเลิกการขยายเวลายื่นข้อเสนอ{whom} ซึ่งเดิมขยายถึง {was}",
            "The secretariat has ended the extension until {was} that it had given {whom}.",
        ),
        Text(
            "ร่างที่ยังไม่ได้ยื่น ต้องยื่นภายในเวลาปิดรับของหน่วยงานท่านตามที่แสดงในระบบ ข้อเสนอที่ยื่นแล้วไม่เปลี่ยนแปลง",
            "A draft must be filed by the closing moment that the system now shows to your agency. "
            "What was filed stays filed.",
        ),
        "/agency/",
    ),
    Event.DRAFTS_DUE: Wording(
        Text(
            "เหลือเวลาไม่ถึง {step} ร่างข้อเสนอ {count} รายการยังไม่ได้ยื่น",
            "Less than {step} left: {count} not filed yet",
        ),
        Text(
            "หน่วยงานของท่านมีร่างข้อเสนอที่ยังไม่ได้ยื่น {count} รายการ ระบบปิดรับ {by}",
            "Your agency has {count} not filed yet. The call closes {by}.",
        ),
        Text(
            "หากต้องการให้ได้รับการพิจารณา กรุณาตรวจและยื่นก่อนปิดรับ ร่างที่ไม่ประสงค์จะยื่นปล่อยไว้ได้",
            "To be considered, a draft must be checked and filed before that. One you do not mean to file may stay.",
        ),
        "/agency/",
    ),
    Event.RETURN_DUE: Wording(
        Text(
            "{number} เหลือเวลาไม่ถึง {step} สำหรับยื่นข้อเสนอที่แก้ไข",
            "{number}: less than {step} left to file the revision",
        ),
        Text(
            "ข้อเสนอเลขที่ {number} ที่ส่งคืนให้แก้ไข ยังไม่ได้ยื่นกลับ",
            "Proposal {number}, returned for revision, has not been filed again yet.",
        ),
        Text(
            "กรุณาตอบคำถาม แก้ไขส่วนที่เปิดให้แก้ แล้วยื่นภายในกำหนด",
            "Please answer the questions, mend what was opened, and file by the date given.",
        ),
        _PROPOSAL,
    ),
}

STEP_NAMES: dict[timedelta, Text] = {
    timedelta(days=3): Text("3 วัน", "3 days"),
    timedelta(hours=24): Text("24 ชั่วโมง", "24 hours"),
    timedelta(hours=1): Text("1 ชั่วโมง", "1 hour"),
}
ANSWERS: dict[str, Text] = {
    "joined": Text("ตอบรับเข้าร่วมโครงการ", "takes part"),
    "declined": Text("ไม่เข้าร่วมโครงการ", "does not take part"),
}
LINK_ANSWERS: dict[str, Text] = {
    "confirmed": Text("ยืนยันการเชื่อมโยง", "confirms the link"),
    "declined": Text("ไม่ยืนยันการเชื่อมโยง", "does not confirm the link"),
}
SCOPES: dict[str, Text] = {
    "filing": Text("ทั้งฉบับ", "the whole"),
    "part": Text("ส่วนของ{agency}", "the part"),
}
EVERYBODY = Text("ให้ทุกหน่วยงาน", "every agency")
ONE_AGENCY = Text("ให้{agency}", "{agency}")


def draft_count(count: int) -> Text:
    """How many drafts, as a sentence needs it."""
    return Text(f"{count:,}", "one draft" if count == 1 else f"{count:,} drafts")
