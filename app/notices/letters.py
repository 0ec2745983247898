"""The frame of a letter: greeting, what happened, which proposal, what to do by when, where, whom to ask, why it came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.identity.facts import Role
from app.kernel.clock import format_closing
from app.kernel.config import Config
from app.kernel.text import Text
from app.notices.facts import KINDS, Letter, Letterhead, News, Recipient
from app.notices.rules import KIND_OF, may_read
from app.notices.wording import WORDINGS

PREFERENCES = "/account"
_LONGEST_SUBJECT = 250
Say = Callable[..., str]

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


def letterhead_of(config: Config) -> Letterhead:
    """The letterhead of this installation."""
    reply_to = config.mail.reply_to
    return Letterhead(config.site_url, reply_to.address if reply_to else "")


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
    return news.path or (path.format(id=news.matter.id) if news.matter else path)


def _facts(news: News, person: Recipient, say: Say) -> list[str]:
    lines = []
    matter = news.matter
    if matter is not None:
        lines.append(say(_NUMBER, value=matter.number))
        if may_read(person, matter) and matter.title.th:
            lines.append(say(_TITLE, value=_title(matter.title)))
        lines.append(say(_LEAD, value=matter.lead))
    if news.call.th:
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
