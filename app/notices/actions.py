"""What is done in notices: letters are written once, sent once as far as can be known, and chosen by their readers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, update

from app.identity.facts import Actor
from app.identity.models import User
from app.identity.rules import Permission, require
from app.kernel.db import insert_into
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import Work
from app.notices.facts import KINDS, Fault, Kind, Letterhead, MailState, News
from app.notices.letters import write_letter
from app.notices.models import Mail, UnwantedMail
from app.notices.news import read_news
from app.notices.queries import find_untold, get_unwanted
from app.notices.review_reminders import list_all_reminders
from app.notices.rules import KIND_OF, LATEST_SENDING, is_too_late, is_wanted, kinds_for

TOPIC = "notify"
SEND = "send_mail"


def hear(work: Work[Actor], payload: Mapping[str, Any], letterhead: Letterhead) -> int:
    """Write to everybody an event concerns; returns how many letters were written.

    `payload` is that of a promise of `TOPIC`; with its number as "promise", hearing it again writes nothing again.
    """
    ids = [
        f"{key}={value}"
        for key, value in sorted(payload.items())
        if key not in ("event", "promise") and not isinstance(value, list)
    ]
    key = ":".join([str(payload["event"]), str(payload.get("promise", "")), *ids])
    return write_news(
        work, {news.key or key: news for news in read_news(work.session, payload, work.now)}, letterhead
    )


def remind(work: Work[Actor], letterhead: Letterhead) -> int:
    """Write every reminder that is due and not written yet; returns how many letters were written."""
    return write_news(work, list_all_reminders(work.session, work.now), letterhead)


def write_news(work: Work[Actor], told: Mapping[str, News], letterhead: Letterhead) -> int:
    """One letter for each person told, in the person's language; those written before stay as they are."""
    count = 0
    for key, (news, person) in find_untold(work.session, told).items():
        letter, kind = write_letter(news, person, letterhead), KIND_OF[news.event]
        wanted = is_wanted(person, kind)
        row_id = work.session.scalar(
            insert_into(work.session, Mail)
            .values(
                key=key,
                user_id=person.actor.id,
                address=person.email,
                kind=kind.value,
                language=person.language,
                subject=letter.subject,
                body=letter.body,
                state=(MailState.WAITING if wanted else MailState.UNWANTED).value,
                created_at=work.now,
                attempts=0,
                error="",
            )
            .on_conflict_do_nothing(index_elements=["key"])  # another runner may be writing the same
            .returning(Mail.id)
        )
        if row_id is not None:
            count += 1
            if wanted:
                work.promise(SEND, {"mail": row_id})
    return count


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An e-mail on its way out."""

    id: int
    key: str
    name: Text
    address: str
    kind: Kind
    language: str
    subject: str
    body: str


def begin_sending(work: Work[Actor], mail_id: int) -> Outgoing | None:
    """Take an e-mail out to send it; None when it is not to be sent, or not any more."""
    mail = work.session.get(Mail, mail_id)
    if mail is None or mail.state != MailState.WAITING:
        return None
    person = work.session.get_one(User, mail.user_id)
    if person.disabled_at is not None:
        fail_mail(work, mail_id, Fault.DISABLED)
        return None
    if is_too_late(mail.created_at, work.now):
        fail_mail(work, mail_id, Fault.TOO_LATE)
        return None
    mail.attempts += 1
    return Outgoing(
        mail.id,
        mail.key,
        Text(person.name_th, person.name_en),
        mail.address,
        Kind(mail.kind),
        mail.language,
        mail.subject,
        mail.body,
    )


def note_sent(work: Work[Actor], mail_id: int) -> None:
    """The mail server has taken it over."""
    mail = work.session.get_one(Mail, mail_id)
    mail.state, mail.sent_at, mail.error = MailState.SENT.value, work.now, ""


def note_delay(work: Work[Actor], mail_id: int, words: str) -> None:
    """It could not be handed in this time; why, in the server's words."""
    work.session.get_one(Mail, mail_id).error = words[:1000]


def fail_mail(work: Work[Actor], mail_id: int, words: str) -> None:
    """It will not be sent: a `Fault`, or the server's words."""
    mail = work.session.get_one(Mail, mail_id)
    mail.state, mail.error = MailState.FAILED.value, words[:1000]


def give_up_late(work: Work[Actor]) -> None:
    """E-mails that have waited too long are not sent any more, whether or not there is a server."""
    work.session.execute(
        update(Mail)
        .where(Mail.state == MailState.WAITING.value, Mail.created_at < work.now - LATEST_SENDING)
        .values(state=MailState.FAILED.value, error=Fault.TOO_LATE.value)
    )


def set_preferences(work: Work[Actor], wanted: Collection[Kind]) -> None:
    """From now on the actor is told of these kinds by e-mail, and of the official ones."""
    require(work.actor, Permission.USE_ACCOUNT)
    offered = {k for k in kinds_for(work.actor.roles) if KINDS[k].why_always is None}
    before = get_unwanted(work.session, work.actor)
    after = (before - offered) | (offered - set(wanted))
    if after == before:
        return
    work.session.execute(delete(UnwantedMail).where(UnwantedMail.user_id == work.actor.id))
    work.session.add_all(UnwantedMail(user_id=work.actor.id, kind=kind.value) for kind in sorted(after))
    work.audit("choose_mail", f"user:{work.actor.id}", detail={"off": sorted(kind.value for kind in after)})
