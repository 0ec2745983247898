"""Which promise is kept by whom, in which lane, and what is done unasked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask

from app.figures.actions import TOPIC as PRINT_PAPER
from app.jobs.cataloguing import send_to_catalogue
from app.jobs.comparing import compare_draft, compare_filing, let_go
from app.jobs.mailing import drop_late_mail, hear_news, send_mail, write_reminders
from app.jobs.printing import print_paper, tidy
from app.jobs.uploads import forget, read_draft_upload, read_report_upload
from app.jobs.webhooks import forget_old, send_webhook, tell_systems
from app.kernel.lean import dataclass
from app.kernel.outbox import Topics
from app.monitoring.actions.record_uploads import TOPIC as READ_REPORT_WORKBOOK
from app.notices.actions import SEND
from app.notices.actions import TOPIC as NOTIFY
from app.proposals.actions.filing import COMPARE_FILING
from app.proposals.actions.uploading import TOPIC as READ_WORKBOOK
from app.releases.cataloguing import TOPIC as SEND_TO_CATALOGUE
from app.similarity.actions import COMPARE_DRAFT
from app.webhooks.actions import SEND as SEND_WEBHOOK
from app.webhooks.actions import TELL as TELL_SYSTEMS


@dataclass(frozen=True, slots=True)
class Errand:
    """A claimed promise; `payload` carries its number as "promise". On the last attempt a failure is final."""

    row_id: int
    topic: str
    payload: Mapping[str, Any]
    is_last: bool


@dataclass(frozen=True, slots=True)
class Chore:
    """Small work nobody promised, done every so many seconds."""

    do: Callable[[Flask], None]
    every: int


Handler = Callable[[Flask, Mapping[str, Any], bool], None]


def spread_news(app: Flask, payload: Mapping[str, Any], is_last: bool) -> None:
    """What happened is told to people by letter and to systems by message. Either can be done twice."""
    hear_news(app, payload, is_last)
    tell_systems(app, payload, is_last)


HANDLERS: dict[str, Handler] = {
    PRINT_PAPER: print_paper,
    NOTIFY: spread_news,
    SEND: send_mail,
    READ_WORKBOOK: read_draft_upload,
    READ_REPORT_WORKBOOK: read_report_upload,
    COMPARE_FILING: compare_filing,
    COMPARE_DRAFT: compare_draft,
    TELL_SYSTEMS: tell_systems,
    SEND_WEBHOOK: send_webhook,
    SEND_TO_CATALOGUE: send_to_catalogue,
}
CHORES: tuple[Chore, ...] = (
    Chore(tidy, every=600),
    Chore(write_reminders, every=60),
    Chore(drop_late_mail, every=600),
    Chore(forget, every=600),
    Chore(let_go, every=600),
    Chore(forget_old, every=3600),
)

# A lane keeps its promises one after another and waits for no other lane: a long paper holds up nothing but papers,
# a mail server that does not answer nothing but mail, systems that do not answer nothing but messages to systems, and
# whoever waits for a workbook waits for workbooks only. The index of the radar is one lane's own.
_PAPERS = Topics(only=(PRINT_PAPER,))
_POST = Topics(only=(SEND,))
_WORKBOOKS = Topics(only=(READ_WORKBOOK, READ_REPORT_WORKBOOK))
_COMPARING = Topics(only=(COMPARE_FILING, COMPARE_DRAFT))
_MESSAGES = Topics(only=(SEND_WEBHOOK,))
_CATALOGUE = Topics(only=(SEND_TO_CATALOGUE,))
_ALL_ELSE = Topics(
    but=(
        PRINT_PAPER,
        SEND,
        READ_WORKBOOK,
        READ_REPORT_WORKBOOK,
        COMPARE_FILING,
        COMPARE_DRAFT,
        SEND_WEBHOOK,
        SEND_TO_CATALOGUE,
    )
)


def lanes_of(app: Flask) -> tuple[Topics, ...]:
    """The lanes of this installation. Without a mail server e-mails rest in the outbox, until there is one."""
    always = (_PAPERS, _WORKBOOKS, _COMPARING, _MESSAGES, _CATALOGUE, _ALL_ELSE)
    return (*always, _POST) if app.config["DGI"].mail.server else always


def kept_here(app: Flask) -> Topics:
    """Everything this installation can keep, for who does it in one lane."""
    return Topics() if app.config["DGI"].mail.server else Topics(but=(SEND,))
