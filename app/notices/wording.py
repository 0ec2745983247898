"""What a letter says. Each event has its subject, what happened and what to do; the frame round them is one.

No amounts and nothing typed into a draft; the title goes only to who may read the proposal, and never into a subject.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.identity.facts import Role
from app.kernel.clock import format_closing
from app.kernel.text import Text
from app.notices.facts import KINDS, Event, Letter, Letterhead, News, Recipient
from app.notices.rules import KIND_OF, may_read

PREFERENCES = "/account"
_PROPOSAL = "/agency/proposals/{id}"
_FILING = "/secretariat/proposals/{id}"
_LONGEST_SUBJECT = 250
Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one event, and the page where it is seen to. `todo` may be empty."""

    subject: Text
    happened: Text
    todo: Text
    path: str


WORDINGS: dict[Event, Wording] = {
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
            "{scope} ตามข้อเสนอเลขที่ {number} พร้อมให้ท่านตรวจและลงนามรับรอง",
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
            "ผู้รับรองของ{agency} ลงนามรับรอง{scope} ตามข้อเสนอเลขที่ {number} แล้ว",
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
            "กรุณาตอบคำถามและแก้ไขเฉพาะส่วนที่เปิดให้แก้ แล้วให้{lead}ยื่นอีกครั้งภายในกำหนด",
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
    "filing": Text("ข้อเสนอทั้งฉบับ", "the whole"),
    "part": Text("ข้อมูลส่วนของ{agency}", "the part"),
}
EVERYBODY = Text("ให้ทุกหน่วยงาน", "every agency")
ONE_AGENCY = Text("ให้{agency}", "{agency}")


def draft_count(count: int) -> Text:
    """How many drafts, as a sentence needs it."""
    return Text(f"{count:,}", "one draft" if count == 1 else f"{count:,} drafts")


_GREETING = Text("เรียน {name}", "Dear {name},")
_NUMBER = Text("เลขที่ข้อเสนอ: {value}", "Proposal: {value}")
_TITLE = Text("ชื่อโครงการ: {value}", "Title: {value}")
_LEAD = Text("หน่วยงานเจ้าของโครงการ: {value}", "Lead agency: {value}")
_CALL = Text("รอบคำขอ: {value}", "Call: {value}")
_BY = Text("ภายใน: {value} (เวลาประเทศไทย)", "By: {value} (Bangkok time)")
_OPEN = Text("เปิดดูที่", "Open it here:")
_ASK_LEAD = Text(
    "หากมีข้อสงสัย กรุณาสอบถาม{lead} ซึ่งเป็นหน่วยงานเจ้าของโครงการ หรือ{office}",
    "If something is not clear, please ask {lead}, which leads the proposal, or {office}.",
)
_ASK_OFFICE = Text("หากมีข้อสงสัย กรุณาสอบถาม{office}", "If something is not clear, please ask {office}.")
_OFFICE = Text("ฝ่ายเลขานุการ", "the secretariat")
_OFFICE_AT = Text("ฝ่ายเลขานุการ ที่ {address}", "the secretariat at {address}")
_NO_REPLY = Text(
    "ระบบคำของบประมาณบูรณาการรัฐบาลดิจิทัลส่งอีเมลฉบับนี้โดยอัตโนมัติ ไม่มีผู้อ่านอีเมลที่ตอบกลับ",
    "Sent automatically by the digital government budget system; nobody reads replies.",
)
_REPLY = Text(
    "ระบบคำของบประมาณบูรณาการรัฐบาลดิจิทัลส่งอีเมลฉบับนี้โดยอัตโนมัติ อีเมลที่ตอบกลับจะถึงฝ่ายเลขานุการ",
    "Sent automatically by the digital government budget system; replies reach the secretariat.",
)
_CHOOSE = Text(
    "เลือกเรื่องที่ต้องการให้แจ้งทางอีเมลได้ที่ {link}",
    "Choose what you are told by e-mail: {link}",
)


def one_line(text: str) -> str:
    """Text as it can stand in a line or a header: no break, no control character."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def write_letter(news: News, person: Recipient, letterhead: Letterhead) -> Letter:
    """The letter of one person, in the language of the account."""
    language, wording, kind = person.language, WORDINGS[news.event], KIND_OF[news.event]
    values = _values(news, language)

    def say(text: Text, **more: Text | str) -> str:
        return one_line(text.fill(**{**values, **more}).say(language))

    paragraphs = [
        say(_GREETING, name=person.actor.name),
        say(wording.happened),
        "\n".join(_facts(news, person, say)),
        say(wording.todo),
        "\n".join([say(_OPEN), letterhead.site_url + _path(wording.path, news)]),
        _whom_to_ask(news, person, letterhead, say),
    ]
    always = KINDS[kind].why_always
    foot = [
        say(_REPLY if letterhead.reply_to else _NO_REPLY),
        say(always) if always else say(_CHOOSE, link=letterhead.site_url + PREFERENCES),
    ]
    body = "\n\n".join([*(p for p in paragraphs if p), "-- \n" + "\n".join(foot)])
    subject = say(wording.subject)
    if len(subject) > _LONGEST_SUBJECT:
        subject = subject[: _LONGEST_SUBJECT - 1] + "…"
    return Letter(subject, body + "\n")


def _values(news: News, language: str) -> Mapping[str, Any]:
    values: dict[str, Any] = {"call": news.call, **news.words}
    if news.matter is not None:
        values |= {"number": news.matter.number, "lead": news.matter.lead}
    if news.by is not None:
        values["by"] = format_closing(news.by, language)
    return values


def _path(path: str, news: News) -> str:
    return path.format(id=news.matter.id) if news.matter else path


def _facts(news: News, person: Recipient, say: Say) -> list[str]:
    lines = []
    matter = news.matter
    if matter is not None:
        lines.append(say(_NUMBER, value=matter.number))
        if may_read(person, matter) and matter.title.th:
            lines.append(say(_TITLE, value=_title(matter.title)))
        lines.append(say(_LEAD, value=matter.lead))
    lines.append(say(_CALL, value=news.call))
    if news.by is not None:
        lines.append(say(_BY, value=format_closing(news.by, person.language)))
    lines += [one_line(f"- {number} {_title(title).say(person.language)}") for number, title in news.drafts]
    return lines


def _title(title: Text) -> Text:
    """A draft may have no English name yet."""
    return Text(title.th, title.en or title.th)


def _whom_to_ask(news: News, person: Recipient, letterhead: Letterhead, say: Say) -> str:
    """The secretariat; somebody who does not belong to the lead agency asks that first. The secretariat asks nobody."""
    if Role.SECRETARIAT in person.actor.roles and not person.actor.agency_ids:
        return ""
    office = _OFFICE_AT.fill(address=letterhead.reply_to) if letterhead.reply_to else _OFFICE
    if news.matter is None or news.matter.lead_id in person.actor.agency_ids:
        return say(_ASK_OFFICE, office=office)
    return say(_ASK_LEAD, office=office)
