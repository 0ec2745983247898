"""Whose turn it is: from where a proposal stands to who has to act, and how.

Dry: no database, no clock. `queries.own` gathers the facts for a page of proposals, `whose_turn` judges each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from app.calls.facts import Phase
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.signoff import Standing
from app.proposals.states import (
    DEFERRED,
    DRAFT,
    FAILED,
    PASSED,
    QUESTIONED,
    RETURNED,
    SUBMITTED,
    WRITABLE_STATES,
)


class Party(StrEnum):
    """Who acts. Officers, participants, partners and certifiers belong to an agency of their own."""

    OFFICER = "officer"
    PARTICIPANT = "participant"
    PARTNER = "partner"
    CERTIFIER = "certifier"
    SECRETARIAT = "secretariat"
    REVIEWERS = "reviewers"
    COMMITTEE = "committee"
    NOBODY = "nobody"


PARTY_NAMES = {
    Party.OFFICER: Text("เจ้าหน้าที่หน่วยงานหลัก", "Officer of the lead agency"),
    Party.PARTICIPANT: Text("หน่วยงานร่วม", "Participating agency"),
    Party.PARTNER: Text("หน่วยงานคู่เชื่อม", "Partner of a link"),
    Party.CERTIFIER: Text("ผู้รับรอง", "Certifier"),
    Party.SECRETARIAT: Text("ฝ่ายเลขานุการ", "Secretariat"),
    Party.REVIEWERS: Text("ผู้พิจารณา", "Reviewers"),
    Party.COMMITTEE: Text("คณะกรรมการ", "Committee"),
    Party.NOBODY: Text("ไม่มีผู้ใดต้องทำ", "Nobody"),
}


class Act(StrEnum):
    """What has to be done."""

    FILL_IN = "fill_in"
    FILE = "file"
    REVISE = "revise"
    SETTLE_PARTICIPANTS = "settle_participants"
    MEND = "mend"
    ANSWER_INVITATION = "answer_invitation"
    CONFIRM_PART = "confirm_part"
    ANSWER_LINK = "answer_link"
    SIGN_PART = "sign_part"
    SIGN = "sign"
    CLOSE_RETURN = "close_return"
    SCREEN = "screen"
    JUDGE = "judge"
    ASSIGN = "assign"
    REVIEW = "review"
    DECIDE = "decide"
    NOTHING = "nothing"


ACT_NAMES = {
    Act.FILL_IN: Text("กรอกให้ครบ", "Fill in the rest"),
    Act.FILE: Text("ตรวจทานและยื่น", "Check and file"),
    Act.SETTLE_PARTICIPANTS: Text(
        "เชิญหน่วยงานร่วม หรือนำหน่วยงานที่ไม่เข้าร่วมออก", "Invite participants, or take out those that declined"
    ),
    Act.REVISE: Text("แก้ไขส่วนที่ถูกส่งคืนและยื่นอีกครั้ง", "Revise what was returned and file again"),
    Act.MEND: Text(
        "ถอนกลับมาแก้ไขและยื่นใหม่ได้จนกว่าจะปิดรับ",
        "Withdraw, mend and file it again, if you wish, before the call closes",
    ),
    Act.ANSWER_INVITATION: Text("ตอบรับคำเชิญ", "Answer the invitation"),
    Act.CONFIRM_PART: Text("กรอกและยืนยันส่วนของตน", "Fill in and confirm its part"),
    Act.ANSWER_LINK: Text("ยืนยันการเชื่อมโยง", "Answer the link request"),
    Act.SIGN_PART: Text("ลงนามรับรองส่วนของหน่วยงาน", "Sign the agency's part"),
    Act.SIGN: Text("ลงนามรับรองข้อเสนอ", "Sign the proposal"),
    Act.CLOSE_RETURN: Text("พิจารณาต่อ เพราะพ้นกำหนดแก้ไขแล้ว", "Go on: the time for revising is over"),
    Act.SCREEN: Text("กลั่นกรอง", "Screen it"),
    Act.JUDGE: Text("พิจารณาข้อที่ระบบตัดสินแทนไม่ได้", "Judge what the rules leave open"),
    Act.ASSIGN: Text("มอบหมายผู้พิจารณา", "Assign reviewers"),
    Act.REVIEW: Text("ให้คะแนน", "Score it"),
    Act.DECIDE: Text("มีมติ", "Decide"),
    Act.NOTHING: Text("", ""),
}


@dataclass(frozen=True, slots=True)
class PartFacts:
    """A participant: how far it has come, and how many things its part lacks."""

    agency_id: int
    standing: Standing
    missing: int = 0


@dataclass(frozen=True, slots=True)
class TurnFacts:
    """What a turn depends on.

    `window` is where the lead's own submission window is now; `missing` counts what the lead has to fill in, answers
    to questions of a return included. `asked` are partner agencies that have not answered a link, once for each link.
    In a call that `is_certified` every part and the whole need a signature. `is_due_over` says that the date given for
    revising has passed. `given` and `done` count reviews.
    """

    lead_id: int
    window: Phase = Phase.OPEN
    missing: int = 0
    parts: tuple[PartFacts, ...] = ()
    asked: tuple[int, ...] = ()
    is_certified: bool = False
    is_signed: bool = False
    is_due_over: bool = False
    given: int = 0
    done: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing somebody has to do. `agency_id` is 0 for a party that is no agency; `count` is how many things."""

    party: Party
    act: Act
    agency_id: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything that has to be done now, the lead's own step first. Never empty."""

    steps: tuple[Step, ...]

    @property
    def parties(self) -> frozenset[Party]:
        return frozenset(step.party for step in self.steps)

    def mine(self, officer_of: frozenset[int], certifier_of: frozenset[int]) -> tuple[Step, ...]:
        """The steps of a person who is officer and certifier of these agencies. What is complete may be filed, and a
        link answered, by either."""
        return tuple(step for step in self.steps if _is_open_to(step, officer_of, certifier_of))


def _is_open_to(step: Step, officer_of: frozenset[int], certifier_of: frozenset[int]) -> bool:
    if step.act in (Act.FILE, Act.ANSWER_LINK):
        return step.agency_id in officer_of | certifier_of
    return step.agency_id in (certifier_of if step.party is Party.CERTIFIER else officer_of)


_NOBODY = Turn((Step(Party.NOBODY, Act.NOTHING),))
_STEPS = {
    RETURNED: Step(Party.SECRETARIAT, Act.CLOSE_RETURN),
    SUBMITTED: Step(Party.SECRETARIAT, Act.SCREEN),
    QUESTIONED: Step(Party.SECRETARIAT, Act.JUDGE),
    DEFERRED: Step(Party.COMMITTEE, Act.DECIDE),
}


def whose_turn(state: str, facts: TurnFacts) -> Turn:
    """Who has to act on a proposal in this state, and how."""
    can_be_written = facts.window is not Phase.CLOSED if state == DRAFT else not facts.is_due_over
    if state in WRITABLE_STATES and can_be_written:
        return Turn((*_writing(state, facts), *_answering(facts)))
    step = _of_the_round(state, facts)
    return Turn((step, *_answering(facts))) if step else _NOBODY


def _of_the_round(state: str, facts: TurnFacts) -> Step | None:
    """What comes next for what was filed; None when its round is over."""
    if state == PASSED:
        return _weighing(facts)
    if state == FAILED:
        return Step(Party.OFFICER, Act.MEND, facts.lead_id) if facts.window.accepts else None
    return _STEPS.get(state)


def _writing(state: str, facts: TurnFacts) -> Iterator[Step]:
    """A draft, or a filing that was opened again: what is missing, then signatures, then the filing."""
    if state == RETURNED:
        yield Step(Party.OFFICER, Act.REVISE, facts.lead_id, facts.missing)
    elif facts.missing:
        yield Step(Party.OFFICER, Act.FILL_IN, facts.lead_id, facts.missing)
    if facts.is_certified:
        unsettled = sum(part.standing in (Standing.NOT_INVITED, Standing.DECLINED) for part in facts.parts)
        if unsettled:
            yield Step(Party.OFFICER, Act.SETTLE_PARTICIPANTS, facts.lead_id, unsettled)
    yield from _of_participants(facts)
    if facts.missing or any(part.missing for part in facts.parts):
        return
    if facts.is_certified and any(part.standing is not Standing.SIGNED for part in facts.parts):
        return
    if facts.is_certified and not facts.is_signed:
        yield Step(Party.CERTIFIER, Act.SIGN, facts.lead_id)
    elif state == DRAFT:
        yield Step(Party.OFFICER, Act.FILE, facts.lead_id)


def _of_participants(facts: TurnFacts) -> Iterator[Step]:
    for part in facts.parts:
        if part.standing is Standing.INVITED:
            yield Step(Party.PARTICIPANT, Act.ANSWER_INVITATION, part.agency_id)
        elif part.standing is Standing.FILLING:
            yield Step(Party.PARTICIPANT, Act.CONFIRM_PART, part.agency_id, part.missing)
        elif part.standing is Standing.CONFIRMED and facts.is_certified:
            yield Step(Party.CERTIFIER, Act.SIGN_PART, part.agency_id)


def _answering(facts: TurnFacts) -> Iterator[Step]:
    for agency_id in dict.fromkeys(facts.asked):
        yield Step(Party.PARTNER, Act.ANSWER_LINK, agency_id, facts.asked.count(agency_id))


def _weighing(facts: TurnFacts) -> Step:
    if not facts.given:
        return Step(Party.SECRETARIAT, Act.ASSIGN)
    if facts.done < facts.given:
        return Step(Party.REVIEWERS, Act.REVIEW, count=facts.given - facts.done)
    return Step(Party.COMMITTEE, Act.DECIDE)
