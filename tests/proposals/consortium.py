"""A proposal of several agencies for the tests: its people, its participants' parts, calls that ask for signatures."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from app.calls.models import Call
from app.calls.queries import get_call
from app.identity.actions import add_demo_person
from app.identity.facts import SYSTEM, Membership, Role
from app.kernel.db import db, write_transaction
from app.kernel.outbox import OutboxRow
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.actions import (
    answer_invitation,
    ask_partners,
    confirm_part,
    invite_participants,
    return_proposal,
    save_section,
    sign_part,
    sign_proposal,
)
from app.proposals.drafts import Draft
from app.proposals.facts import ProposalFacts
from app.proposals.freezing import claims_sha256
from app.proposals.models import LinkRequest, ProposalReturn, Submission
from app.proposals.queries import PartView, agency_directory, draft_facts, read_draft
from tests.world import FISCAL_YEAR, NOW, PASSWORD, World, budget_row, complete_draft, write_draft

EVERYBODY = {
    "officer_gamma": (Role.OFFICER, "gamma"),
    "certifier_beta": (Role.CERTIFIER, "beta"),
    "certifier_gamma": (Role.CERTIFIER, "gamma"),
}
LINK = {
    "kind": "data",
    "name": "ฐานข้อมูลทะเบียนราษฎร",
    "direction": "provides",
    "partner": "gamma",
    "partner_other": "",
    "channel": "gdx",
}
PART_ROW = budget_row(agency="beta", quantity="1", unit_price="2500.50", q1="2500.50", q2="")


def gather(world: World) -> World:
    """The small world with officers and certifiers in all three agencies."""
    here = World(world.agencies, dict(world.users), world.call_id)
    with open_work(SYSTEM, NOW) as work:
        for name, (role, agency) in EVERYBODY.items():
            here.users[name] = add_demo_person(
                work,
                World.email(name),
                Text(f"ผู้ใช้ {name}", f"Person {name}"),
                PASSWORD,
                [Membership(role, world.agencies[agency])],
            )
    return here


def certify(certified: bool = True) -> None:
    """The call asks for signatures."""
    with write_transaction():
        db.session.execute(update(Call).values(is_certified=certified))


def joint(*participants: str, **changes: dict[str, Any]) -> Draft:
    """A complete draft with participants, beta when none is named; it links to gamma."""
    draft = complete_draft(names={"participants": list(participants or ("beta",))}, **changes)
    for link in draft["integration"]["links"]:
        link["partner"] = "gamma"
    return draft


def invite(world: World, proposal_id: int, *codes: str, by: str = "officer", note: str = "") -> int:
    with open_work(world.actor(by), NOW) as work:
        return invite_participants(work, proposal_id, codes or ("beta",), note)


def answer(
    world: World,
    proposal_id: int,
    agency: str = "beta",
    *,
    joins: bool = True,
    reason: str = "",
    by: str = "",
    at: datetime = NOW,
) -> None:
    with open_work(world.actor(by or f"officer_{agency}"), at) as work:
        answer_invitation(work, proposal_id, world.agencies[agency], joins=joins, reason=reason)


def write_part(
    world: World,
    proposal_id: int,
    section: str,
    rows: list[dict[str, str]],
    *,
    agency: str = "beta",
    by: str = "",
    version: int | None = None,
) -> int:
    """Save a section of a participant's part; returns its version."""
    if version is None:
        version = part_of(proposal_id, agency).section_versions[section]
    with open_work(world.actor(by or f"officer_{agency}"), NOW) as work:
        return save_section(
            work,
            proposal_id,
            section,
            {"rows": rows},
            version,
            agency_id=world.agencies[agency],
        ).version


def fill_in_part(world: World, proposal_id: int, agency: str = "beta") -> None:
    """A complete part: a link to gamma (of gamma: to beta), an indicator, and a line of 2,500.50 baht."""
    other = "beta" if agency == "gamma" else "gamma"
    write_part(world, proposal_id, "links", [LINK | {"partner": other}], agency=agency)
    indicator = {"name": "ชุดข้อมูลที่ส่ง", "unit": "ชุด", "baseline": "", "target": "3"}
    write_part(world, proposal_id, "indicators", [indicator], agency=agency)
    write_part(world, proposal_id, "budget", [PART_ROW | {"agency": agency}], agency=agency)


def join(world: World, proposal_id: int, agency: str = "beta", *, fill: bool = True) -> None:
    """Invite an agency, let it join and fill in its part."""
    invite(world, proposal_id, agency)
    answer(world, proposal_id, agency)
    if fill:
        fill_in_part(world, proposal_id, agency)


def confirm(
    world: World,
    proposal_id: int,
    agency: str = "beta",
    *,
    by: str = "",
    at: datetime = NOW,
    seen: str | None = None,
) -> None:
    with open_work(world.actor(by or f"officer_{agency}"), at) as work:
        confirm_part(work, proposal_id, world.agencies[agency], seen)


def sign_for_part(
    world: World, proposal_id: int, agency: str = "beta", sha256: str | None = None, *, by: str = ""
) -> None:
    """The participant's certifier signs the part as it stands, or a hash of one's own."""
    sha256 = part_of(proposal_id, agency).sha256 if sha256 is None else sha256
    with open_work(world.actor(by or f"certifier_{agency}"), NOW) as work:
        sign_part(work, proposal_id, world.agencies[agency], sha256)


def sign(world: World, proposal_id: int, sha256: str | None = None, *, by: str = "certifier") -> None:
    """The lead's certifier signs the proposal as it stands, or a hash of one's own."""
    sha256 = claims_sha256(facts_of(proposal_id)) if sha256 is None else sha256
    with open_work(world.actor(by), NOW) as work:
        sign_proposal(work, proposal_id, sha256)


def ask(world: World, proposal_id: int, agency: str = "", *, by: str = "") -> int:
    """Put the links of the lead, or of a participant, to their partners."""
    with open_work(world.actor(by or (f"officer_{agency}" if agency else "officer")), NOW) as work:
        return ask_partners(work, proposal_id, world.agencies[agency] if agency else None)


def begin(world: World, draft: Draft | None = None) -> int:
    """A complete draft of alpha with beta named as a participant; returns its id."""
    return write_draft(world, draft or joint())


def return_for_revision(world: World, proposal_id: int, *sections: str, due_at: datetime) -> None:
    """The secretariat gives a filing back and opens these sections."""
    with open_work(world.actor("secretariat"), NOW) as work:
        return_proposal(
            work, proposal_id, due_at=due_at, sections=sections, message="โปรดแก้ไข", question_ids=()
        )


def facts_of(proposal_id: int) -> ProposalFacts:
    session = db.session()
    view = read_draft(session, proposal_id)
    return draft_facts(session, view, get_call(session, FISCAL_YEAR), agency_directory(session))


def part_of(proposal_id: int, agency: str = "beta") -> PartView:
    return next(p for p in read_draft(db.session(), proposal_id).parts if p.code == agency)


def requests_of(proposal_id: int) -> list[LinkRequest]:
    return list(
        db.session.scalars(
            select(LinkRequest).where(LinkRequest.proposal_id == proposal_id).order_by(LinkRequest.id)
        )
    )


def latest_of(proposal_id: int) -> Submission:
    """The filing that counts."""
    return db.session.scalars(
        select(Submission).where(Submission.proposal_id == proposal_id).order_by(Submission.sequence.desc())
    ).first()  # type: ignore[return-value]


def open_return(proposal_id: int) -> ProposalReturn:
    return db.session.scalars(
        select(ProposalReturn).where(
            ProposalReturn.proposal_id == proposal_id, ProposalReturn.state == "open"
        )
    ).one()


def told(event: str) -> list[dict[str, Any]]:
    """What was promised to be told of an event, in order."""
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.topic == "notify").order_by(OutboxRow.id))
    payloads = [json.loads(row.payload) for row in rows]
    return [p for p in payloads if p["event"] == event]
