"""A proposal of the small world with everything letters can be about, put in as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.calls.models import Call, CallExtension
from app.identity.facts import SYSTEM
from app.kernel.db import db
from app.kernel.outbox import OutboxRow
from app.kernel.work import open_work
from app.notices.actions import hear
from app.notices.facts import Letterhead
from app.notices.models import Mail
from app.proposals.models import (
    LinkRequest,
    Participation,
    Proposal,
    ProposalAgency,
    ProposalQuestion,
    ProposalReturn,
    Submission,
)
from tests.world import NOW, World

SITE = Letterhead("https://dgi.example", "office@dga.example")


def add(row: Any) -> int:
    """Put a row in; returns its id."""
    with open_work(SYSTEM, NOW) as work:
        work.session.add(row)
        work.session.flush()
        return int(row.id)


def change(row_type: Any, row_id: int, **values: Any) -> None:
    with open_work(SYSTEM, NOW) as work:
        row = work.session.get_one(row_type, row_id)
        for name, value in values.items():
            setattr(row, name, value)


def hear_at(world: World, at: datetime, event: str, promise: int = 1, **ids: Any) -> dict[str, Mail]:
    """Tell of an event; returns name in the world -> the letter just written to that person."""
    before = {mail.id for mail in mails()}
    with open_work(SYSTEM, at) as work:
        hear(work, {"event": event, "promise": promise, **ids}, SITE)
    return by_name(world, [mail for mail in mails() if mail.id not in before])


def by_name(world: World, found: list[Mail]) -> dict[str, Mail]:
    names = {user_id: name for name, user_id in world.users.items()}
    assert len({mail.user_id for mail in found}) == len(found), "somebody was written to twice"
    return {names[mail.user_id]: mail for mail in found}


def mails() -> list[Mail]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Mail).order_by(Mail.id)))


def promised(topic: str) -> list[Mapping[str, Any]]:
    """The payloads of what is promised and not kept yet."""
    rows = db.session.scalars(
        select(OutboxRow).where(OutboxRow.topic == topic, OutboxRow.done_at.is_(None)).order_by(OutboxRow.id)
    )
    return [json.loads(row.payload) for row in rows]


def participation(world: World, proposal_id: int, agency: str, state: str = "invited") -> Participation:
    return Participation(
        proposal_id=proposal_id,
        agency_id=world.agencies[agency],
        state=state,
        invited_at=NOW,
        answered_at=None if state == "invited" else NOW,
        content="{}",
        section_versions="{}",
    )


def take_part(world: World, proposal_id: int, agency: str) -> None:
    """The agency is one of the proposal's, as after an invitation."""
    row = ProposalAgency(proposal_id=proposal_id, agency_id=world.agencies[agency], is_lead=False)
    if not db.session.scalar(
        select(ProposalAgency.id).where(
            ProposalAgency.proposal_id == proposal_id, ProposalAgency.agency_id == row.agency_id
        )
    ):
        add(row)


def link_request(
    world: World, proposal_id: int, partner: str, content: str, state: str = "asked"
) -> LinkRequest:
    return LinkRequest(
        proposal_id=proposal_id,
        partner_id=world.agencies[partner],
        link_sha256="a" * 64,
        content=content,
        state=state,
        asked_at=NOW,
        answered_at=NOW if state in ("confirmed", "declined") else None,
        own_money=None,
    )


def latest_submission(proposal_id: int) -> Submission:
    return db.session.scalars(
        select(Submission)
        .where(Submission.proposal_id == proposal_id)
        .order_by(Submission.sequence.desc())
        .limit(1)
    ).one()


def proposal_return(proposal_id: int, due_at: datetime, at: datetime = NOW, cycle: int = 1) -> ProposalReturn:
    return ProposalReturn(
        proposal_id=proposal_id,
        cycle=cycle,
        submission_id=latest_submission(proposal_id).id,
        state="open",
        sections='["budget"]',
        returned_at=at,
        due_at=due_at,
    )


def question(proposal_id: int, **values: Any) -> ProposalQuestion:
    return ProposalQuestion(
        proposal_id=proposal_id,
        section="budget",
        question="ถามลับ",
        asked_as="reviewer",
        asked_at=NOW,
        **values,
    )


def extension(world: World, days: int, agency: str | None = None) -> CallExtension:
    """`days` after the call's own closing moment."""
    closes_at = db.session.get_one(Call, world.call_id).closes_at + timedelta(days=days)
    return CallExtension(
        call_id=world.call_id,
        agency_id=world.agencies[agency] if agency else None,
        closes_at=closes_at,
        reason="น้ำท่วม",
        at=NOW,
    )


def title_of(proposal_id: int) -> str:
    return db.session.get_one(Proposal, proposal_id).title_th


def hear_all(world: World, at: datetime) -> list[Mail]:
    """Keep every promise to tell somebody, as the runner does; returns the letters written."""
    before = {mail.id for mail in mails()}
    with open_work(SYSTEM, at) as work:
        for row in work.session.scalars(
            select(OutboxRow)
            .where(OutboxRow.topic == "notify", OutboxRow.done_at.is_(None))
            .order_by(OutboxRow.id)
        ).all():
            hear(work, {**json.loads(row.payload), "promise": row.id}, SITE)
            row.done_at = at
    return [mail for mail in mails() if mail.id not in before]
