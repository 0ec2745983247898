"""What a promise of news amounts to for systems: which event, of which proposal, and who may be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.calls.models import Call
from app.monitoring.models import ProgressRecord
from app.proposals.models import LinkRequest, Proposal, ProposalReturn, Submission
from app.proposals.queries.owners import OWNERS, read_owners
from app.webhooks.facts import EventType, Happening

Payload = Mapping[str, Any]
Data = Mapping[str, str | int]


def read_happenings(session: Session, payload: Payload) -> list[Happening]:
    """The happenings a promise tells of; none for news that concern no system. `payload` is that of a promise of news,
    with its number as "promise"."""
    reader = READERS.get(str(payload["event"]))
    return reader(session, payload) if reader is not None else []


def _of_proposal(
    session: Session,
    payload: Payload,
    type_: EventType,
    proposal_id: int,
    data: Data | None = None,
    *,
    only: frozenset[int] | None = None,
    for_office: bool = True,
    path: str = "",
) -> list[Happening]:
    """`only` narrows who is told to these agencies; `path` leads them elsewhere than to the proposal."""
    row = session.execute(
        select(Proposal.number, Call.fiscal_year, OWNERS)
        .join(Call, Call.id == Proposal.call_id)
        .where(Proposal.id == proposal_id)
    ).first()
    if row is None:
        return []
    return [
        Happening(
            key=f"{payload['event']}:{payload.get('promise', '')}:{proposal_id}",
            type=type_,
            number=row.number,
            fiscal_year=row.fiscal_year,
            agency_ids=read_owners(row.owners) if only is None else only,
            for_office=for_office,
            data=data or {},
            path=path or f"/proposals/{row.number}",
            office_path=f"/filings/{row.number}",
        )
    ]


def _filed(session: Session, payload: Payload) -> list[Happening]:
    row = session.get(Submission, payload["submission"])
    if row is None:
        return []
    data: Data = {"receipt_number": row.receipt_number, "sequence": row.sequence, "sha256": row.sha256}
    return _of_proposal(session, payload, EventType.PROPOSAL_FILED, row.proposal_id, data)


def _withdrawn(session: Session, payload: Payload) -> list[Happening]:
    return _of_proposal(session, payload, EventType.PROPOSAL_WITHDRAWN, payload["proposal"])


def _returned(type_: EventType) -> Callable[[Session, Payload], list[Happening]]:
    def read(session: Session, payload: Payload) -> list[Happening]:
        row = session.get(ProposalReturn, payload["return"])
        if row is None:
            return []
        return _of_proposal(session, payload, type_, row.proposal_id, {"cycle": row.cycle})

    return read


def _signed(session: Session, payload: Payload) -> list[Happening]:
    data: Data = {"scope": str(payload["scope"])}
    return _of_proposal(
        session, payload, EventType.PROPOSAL_SIGNED, payload["proposal"], data, for_office=False
    )


def _link(type_: EventType) -> Callable[[Session, Payload], list[Happening]]:
    def read(session: Session, payload: Payload) -> list[Happening]:
        """A partner is told of what it was asked, the proposal's own agencies of what it answered."""
        row = session.get(LinkRequest, payload["request"])
        if row is None:
            return []
        asked = type_ is EventType.LINK_ASKED
        return _of_proposal(
            session,
            payload,
            type_,
            row.proposal_id,
            {"link": row.id},
            only=frozenset({row.partner_id}) if asked else None,
            for_office=False,
            path=f"/links/{row.id}" if asked else "",
        )

    return read


def _decided(session: Session, payload: Payload) -> list[Happening]:
    found = []
    for proposal_id in payload["proposals"]:
        found += _of_proposal(session, payload, EventType.PROPOSAL_DECIDED, proposal_id)
    return found


def _report(type_: EventType) -> Callable[[Session, Payload], list[Happening]]:
    def read(session: Session, payload: Payload) -> list[Happening]:
        row = session.execute(
            select(ProgressRecord, Call.fiscal_year)
            .join(Call, Call.id == ProgressRecord.call_id)
            .where(ProgressRecord.id == payload["record"])
        ).first()
        if row is None:
            return []
        record: ProgressRecord = row.ProgressRecord
        data: Data = {
            "fiscal_year": row.fiscal_year,
            "kind": record.kind,
            "period": record.period,
            "revision": record.revision,
        }
        path = f"/reports/{record.id}"
        return [
            Happening(
                key=f"{payload['event']}:{payload.get('promise', '')}:{record.id}",
                type=type_,
                number="",
                fiscal_year=row.fiscal_year,
                agency_ids=frozenset({record.agency_id}),
                for_office=True,
                data=data,
                path=path,
                office_path=path,
            )
        ]

    return read


READERS: dict[str, Callable[[Session, Payload], list[Happening]]] = {
    "filed": _filed,
    "withdrawn": _withdrawn,
    "returned": _returned(EventType.PROPOSAL_RETURNED),
    "refiled": _returned(EventType.PROPOSAL_REFILED),
    "recalled": _returned(EventType.PROPOSAL_RECALLED),
    "signed": _signed,
    "link_asked": _link(EventType.LINK_ASKED),
    "link_answered": _link(EventType.LINK_ANSWERED),
    "decided": _decided,
    "sign_report": _report(EventType.REPORT_FILED),
    "accept_report": _report(EventType.REPORT_ACCEPTED),
    "return_report": _report(EventType.REPORT_RETURNED),
}
