"""Proposals with what they wait for, as the agency's home and list show them: rows, outlooks, and both in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from flask import url_for
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import Actor, Role
from app.identity.queries import AgencyName
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.drafts import SECTIONS
from app.proposals.queries import OwnRow
from app.proposals.queries.outlook import QUESTIONS, Missing, Outlook, list_outlooks
from app.proposals.states import PASSED
from app.proposals.turns import ACT_NAMES, PARTY_NAMES, Act, Party, Step
from app.reviews.queries.overview import counts_of
from app.web.agency.finding import MINE

SHORT_SECTIONS = {
    "names": Text("ชื่อและหน่วยงาน", "Names"),
    "plan": Text("แผน", "Plan"),
    "integration": Text("การบูรณาการ", "Integration"),
    "links": Text("การเชื่อมโยง", "Links"),
    "rationale": Text("หลักการและเหตุผล", "Rationale"),
    "indicators": Text("ตัวชี้วัด", "Indicators"),
    "budget": Text("งบประมาณ", "Budget"),
    "attachments": Text("เอกสารแนบ", "Attachments"),
    QUESTIONS: Text("คำตอบของคำถาม", "Answers to questions"),
}
# where a step is done, if not on the page of the proposal itself
_PLACES = {
    Act.FILE: "agency.submit",
    Act.REVISE: "agency.returned",
    Act.SETTLE_PARTICIPANTS: "agency.partners",
    Act.ANSWER_INVITATION: "agency.part",
    Act.CONFIRM_PART: "agency.part",
    Act.SIGN_PART: "agency.sign_part",
    Act.SIGN: "agency.sign",
}
_OF_PARTS = {"agency.part", "agency.sign_part"}
_ORDER = [QUESTIONS, "names", "plan", "integration", "links", *list(SECTIONS)[3:]]


def agencies_in_role(actor: Actor, role: Role) -> frozenset[int]:
    """The agencies for which a person holds this role."""
    return frozenset(m.agency_id for m in actor.memberships if m.role is role and m.agency_id is not None)


@dataclass(frozen=True)
class Line:
    """A proposal with where it stands. `mine` are the steps that are the reader's own."""

    row: OwnRow
    outlook: Outlook
    mine: tuple[Step, ...]
    agencies: Mapping[int, AgencyName]

    @property
    def tasks(self) -> tuple[Step, ...]:
        """The reader's own steps in the proposal itself; links are answered on a page of their own."""
        return tuple(step for step in self.mine if step.act is not Act.ANSWER_LINK)

    @cached_property
    def others(self) -> tuple[Step, ...]:
        """What others have to do."""
        return tuple(step for step in self.outlook.turn.steps if step not in self.mine)

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands between the proposal and its filing."""
        return any(step.act is Act.FILE for step in self.outlook.turn.steps)

    @property
    def total_missing(self) -> int:
        return sum(missing.count for missing in self.outlook.missing)

    @cached_property
    def missing(self) -> list[tuple[Text | None, list[tuple[Text, int]]]]:
        """What is missing: the agency that has to mend it (None for the lead), and its sections with their counts."""
        found: dict[int, list[Missing]] = {}
        for one in sorted(self.outlook.missing, key=lambda m: _ORDER.index(m.section)):
            found.setdefault(one.agency_id, []).append(one)
        lead = self.row.lead_agency_id
        return [
            (
                None if agency_id == lead else self.agencies[agency_id].name,
                [(SHORT_SECTIONS[one.section], one.count) for one in ones],
            )
            for agency_id, ones in sorted(found.items(), key=lambda item: item[0] != lead)
        ]

    def who(self, step: Step) -> Text:
        """Who has to act, an agency by its name."""
        if not step.agency_id:
            return PARTY_NAMES[step.party]
        name = self.agencies[step.agency_id].name
        if step.party is Party.CERTIFIER:
            return Text(f"ผู้รับรอง {name.th}", f"Certifier, {name.en or name.th}")
        return Text(name.th, name.en or name.th)

    def what(self, step: Step) -> Text:
        """What has to be done, and how many things where that is known."""
        words = ACT_NAMES[step.act]
        if not step.count or step.act is Act.SETTLE_PARTICIPANTS:
            return words
        if step.act is Act.REVIEW:
            return Text(f"{words.th} (เหลือ {step.count} คน)", f"{words.en} ({step.count} to come)")
        if step.act is Act.ANSWER_LINK:
            return Text(f"{words.th} {step.count} รายการ", f"{words.en} ({step.count})")
        return Text(f"{words.th} (เหลือ {step.count} เรื่อง)", f"{words.en} ({step.count} left)")

    def url(self, step: Step) -> str:
        """Where the step is done."""
        if step.act is Act.ANSWER_LINK:
            return url_for("agency.links")
        endpoint = _PLACES.get(step.act, "agency.proposal")
        if endpoint in _OF_PARTS:
            return url_for(endpoint, proposal_id=self.row.id, code=self.agencies[step.agency_id].code)
        return url_for(endpoint, proposal_id=self.row.id)

    def is_waited_for(self, who: str) -> bool:
        """Whether this party has to act, or the reader."""
        return bool(self.mine) if who == MINE else Party(who) in self.outlook.turn.parties


def lines_of(
    session: Session,
    actor: Actor,
    rows: Sequence[OwnRow],
    calls: Iterable[CallView],
    agencies: Sequence[AgencyName],
    now: datetime,
) -> list[Line]:
    """The rows with where they stand; as many queries for three of them as for three thousand."""
    reviews = counts_of(session, [row.id for row in rows if row.state == PASSED])
    outlooks = list_outlooks(session, rows, {call.id: call for call in calls}, agencies, now, reviews)
    officer_of = agencies_in_role(actor, Role.OFFICER)
    certifier_of = agencies_in_role(actor, Role.CERTIFIER)
    by_id = {agency.id: agency for agency in agencies}
    return [
        Line(row, outlooks[row.id], outlooks[row.id].turn.mine(officer_of, certifier_of), by_id)
        for row in rows
    ]
