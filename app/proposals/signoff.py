"""Who must still confirm or sign before a proposal can be filed, in calls that ask for signatures.

Every participant answers its invitation, fills in its part and confirms it; its certifier signs that part; the
certifier of the lead signs the whole. A signature holds for exactly what was signed, so each later change asks for a new
one of whoever signed it.
"""

from __future__ import annotations

from enum import StrEnum

from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.facts import AgencyRef, Form, IntegrationLink, ProposalFacts
from app.proposals.states import DECLINED, INVITED


class Standing(StrEnum):
    """How far a participant has come."""

    NOT_INVITED = "not_invited"
    INVITED = "invited"
    DECLINED = "declined"
    FILLING = "filling"
    CONFIRMED = "confirmed"
    SIGNED = "signed"


STANDING_NAMES = {
    Standing.NOT_INVITED: Text("ยังไม่ได้เชิญ", "Not invited yet"),
    Standing.INVITED: Text("รอตอบรับ", "Invited"),
    Standing.DECLINED: Text("ไม่เข้าร่วม", "Declined"),
    Standing.FILLING: Text("กำลังกรอก", "Filling in"),
    Standing.CONFIRMED: Text("ยืนยันแล้ว รอลงนาม", "Confirmed, not signed"),
    Standing.SIGNED: Text("ลงนามแล้ว", "Signed"),
}

_WAITING = {
    Standing.NOT_INVITED: Text("{agency}: ยังไม่ได้เชิญให้ยืนยันการเข้าร่วม", "{agency}: has not been invited yet"),
    Standing.INVITED: Text("{agency}: ยังไม่ตอบรับคำเชิญ", "{agency}: has not answered the invitation"),
    Standing.DECLINED: Text(
        "{agency}: แจ้งว่าไม่เข้าร่วม กรุณานำออกจากหน่วยงานร่วม",
        "{agency}: declined; take it out of the participants",
    ),
    Standing.FILLING: Text(
        "{agency}: ยังไม่ยืนยันว่าส่วนของตนครบถ้วน", "{agency}: has not confirmed that its part is complete"
    ),
    Standing.CONFIRMED: Text(
        "{agency}: ผู้รับรองยังไม่ลงนามในส่วนของตน", "{agency}: its certifier has not signed its part"
    ),
}
NOT_SIGNED = Text(
    "ผู้รับรองของหน่วยงานหลักยังไม่ลงนามในข้อเสนอฉบับนี้", "The certifier of the lead agency has not signed this text"
)


@dataclass(frozen=True, slots=True)
class PartnerStanding:
    """A participant and how far it has come."""

    agency: AgencyRef
    standing: Standing


def judge_standing(state: str | None, *, is_confirmed: bool, is_signed: bool) -> Standing:
    """How far a participant has come; `state` is that of its invitation, None without one."""
    if state is None:
        return Standing.NOT_INVITED
    if state == INVITED:
        return Standing.INVITED
    if state == DECLINED:
        return Standing.DECLINED
    if not is_confirmed:
        return Standing.FILLING
    return Standing.SIGNED if is_signed else Standing.CONFIRMED


def list_waiting(partners: list[PartnerStanding]) -> list[Problem]:
    """What participants still have to do, one problem each; places are "partners-<code>"."""
    return [
        Problem(f"partners-{p.agency.code}", _WAITING[p.standing].fill(agency=p.agency.name), "partners")
        for p in partners
        if p.standing is not Standing.SIGNED
    ]


def list_unsigned(partners: list[PartnerStanding], *, lead_has_signed: bool) -> list[Problem]:
    """Everything that stands between a complete proposal and its filing where signatures are asked for."""
    waiting = list_waiting(partners)
    return waiting if lead_has_signed else [*waiting, Problem("sign-lead", NOT_SIGNED, "sign")]


def can_be_asked(link: IntegrationLink, facts: ProposalFacts) -> bool:
    """Whether a link can be put to its partner: the proposal claims links at all, the partner is in the register and
    not the claimant itself, and there is nothing left to fill in, so that it reads as a whole sentence."""
    claimant = link.agency or facts.lead.code
    return (
        Form.LINK in facts.integration.forms
        and link.partner is not None
        and link.partner.code != claimant
        and all((link.kind, link.name, link.direction, link.channel))
    )
