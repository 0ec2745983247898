"""Conflicts of interest: what is inferred from the registers, what a person said, and what follows.

Grounds follow the Administrative Procedure Act B.E. 2539: section 13 bars whoever is a party; section 16 leaves other
circumstances that may make a person partial to the judgement of a superior. So membership, participation and office bar
by themselves; ministry, link and the ties a reviewer declared (former agency, family, money, others) want a person's
word, and hold the reviewer off until it is given.

A word that there is a conflict holds until a person takes it back, also where the registers no longer show what it
rests on: otherwise ending a tie of one's own would undo what the secretariat decided.

At the meeting the same is asked of committee members, except that their office, deciding, is no ground.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from app.kernel.lean import dataclass
from app.kernel.text import Text


class Ground(StrEnum):
    """Why somebody may be partial."""

    DECLARED = "declared"
    MEMBERSHIP = "membership"
    PARTICIPATION = "participation"
    OFFICE = "office"
    MINISTRY = "ministry"
    LINK = "link"
    FORMER = "former"
    FAMILY = "family"
    FINANCIAL = "financial"
    OTHER = "other"
    FOUND = "found"


GROUND_NAMES: dict[Ground, Text] = {
    Ground.DECLARED: Text("ผู้พิจารณาแจ้งเอง", "Declared by the reviewer"),
    Ground.MEMBERSHIP: Text("สังกัดหน่วยงานเจ้าของข้อเสนอ", "Belongs to the lead agency"),
    Ground.PARTICIPATION: Text("สังกัดหน่วยงานร่วมของข้อเสนอ", "Belongs to a participating agency"),
    Ground.OFFICE: Text("ทำหน้าที่อื่นที่เห็นคะแนนทั้งหมดหรือลงมติ", "Holds an office that sees all scores or decides"),
    Ground.MINISTRY: Text("สังกัดกระทรวงเดียวกับหน่วยงานของข้อเสนอ", "Same ministry as an agency of the proposal"),
    Ground.LINK: Text(
        "หน่วยงานต้นสังกัดยืนยันการเชื่อมโยงกับข้อเสนอ", "The person's agency confirmed a link with the proposal"
    ),
    Ground.FORMER: Text("เคยสังกัดหน่วยงานของข้อเสนอ", "Worked for an agency of the proposal before"),
    Ground.FAMILY: Text("มีญาติหรือคู่สมรสในหน่วยงานของข้อเสนอ", "Has family in an agency of the proposal"),
    Ground.FINANCIAL: Text(
        "มีส่วนได้เสียทางการเงินกับหน่วยงานของข้อเสนอ", "Has money at stake with an agency of the proposal"
    ),
    Ground.OTHER: Text("มีความเกี่ยวข้องอื่นกับหน่วยงานของข้อเสนอ", "Has another tie with an agency of the proposal"),
    Ground.FOUND: Text("ฝ่ายเลขานุการพบเหตุ", "Found by the secretariat"),
}
# these bar by themselves; the others want a person's word
BARRING = frozenset({Ground.DECLARED, Ground.MEMBERSHIP, Ground.PARTICIPATION, Ground.OFFICE})
JUDGED = frozenset(Ground) - BARRING
# the ties a reviewer declares with an agency before anything is assigned
TIE_NAMES: dict[Ground, Text] = {
    Ground.FORMER: Text("เคยทำงานในหน่วยงานนี้", "I worked there before"),
    Ground.FAMILY: Text(
        "คู่สมรสหรือญาติทำงานหรือมีส่วนได้เสียในหน่วยงานนี้",
        "My spouse or a relative works there or has an interest in it",
    ),
    Ground.FINANCIAL: Text(
        "มีส่วนได้เสียทางการเงิน เช่น สัญญาจ้าง หุ้น หนี้สิน", "Money is at stake: a contract, shares, a debt"
    ),
    Ground.OTHER: Text("ความเกี่ยวข้องอื่นที่อาจทำให้ไม่เป็นกลาง", "Another tie that may make me partial"),
}


@dataclass(frozen=True, slots=True)
class Ties:
    """What ties a person: agencies and their ministries (ids), ties with agencies as declared (grounds of `TIE_NAMES`
    with ids); whether another office clashes."""

    agencies: frozenset[int] = frozenset()
    ministries: frozenset[int] = frozenset()
    declared: frozenset[tuple[Ground, int]] = frozenset()
    holds_office: bool = False


@dataclass(frozen=True, slots=True)
class Stake:
    """Whose a proposal is: lead, participants, their ministries, and partners of confirmed links (ids)."""

    lead: int
    participants: frozenset[int] = frozenset()
    ministries: frozenset[int] = frozenset()
    linked: frozenset[int] = frozenset()

    @property
    def agencies(self) -> frozenset[int]:
        return self.participants | {self.lead}


@dataclass(frozen=True, slots=True)
class Interest:
    """One inferred interest; `ids` are the agencies or ministries it rests on."""

    ground: Ground
    ids: frozenset[int] = frozenset()

    @property
    def evidence(self) -> str:
        """The key a person's word is about."""
        return f"{self.ground}:{','.join(map(str, sorted(self.ids)))}"


@dataclass(frozen=True, slots=True)
class Statement:
    """A person's word: on a ground and its evidence, whether it is a conflict, and why. `by` is None for the system."""

    ground: Ground
    evidence: str
    is_conflict: bool
    reason: str
    at: datetime
    by: int | None = None


class Verdict(StrEnum):
    """What stands between a reviewer and a proposal."""

    CLEAR = "clear"
    ASKED = "asked"  # inferred, and nobody has given a word yet
    BARRED = "barred"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One ground with what was said of it last; `verdict` is what it comes to."""

    ground: Ground
    verdict: Verdict
    ids: frozenset[int]
    evidence: str
    said: Statement | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A reviewer before a proposal: every ground, and the worst of them."""

    grounds: tuple[Judgement, ...] = ()

    @property
    def verdict(self) -> Verdict:
        found = {g.verdict for g in self.grounds}
        for verdict in (Verdict.BARRED, Verdict.ASKED):
            if verdict in found:
                return verdict
        return Verdict.CLEAR

    @property
    def is_clear(self) -> bool:
        return self.verdict is Verdict.CLEAR

    @property
    def decisive(self) -> Judgement | None:
        """The first ground that holds the reviewer off; None when clear."""
        return (
            next((g for g in self.grounds if g.verdict is self.verdict), None) if not self.is_clear else None
        )


CLEAR = Standing()


def infer(ties: Ties, stake: Stake) -> list[Interest]:
    """What the registers say, worst first. An agency that bars is not counted again under its ministry."""
    found = []
    if stake.lead in ties.agencies:
        found.append(Interest(Ground.MEMBERSHIP, frozenset({stake.lead})))
    if shared := ties.agencies & (stake.participants - {stake.lead}):
        found.append(Interest(Ground.PARTICIPATION, shared))
    belongs = bool(found)
    if ties.holds_office:
        found.append(Interest(Ground.OFFICE))
    if not belongs and (ministries := ties.ministries & stake.ministries):
        found.append(Interest(Ground.MINISTRY, ministries))
    if linked := ties.agencies & (stake.linked - stake.agencies):
        found.append(Interest(Ground.LINK, linked))
    for ground in TIE_NAMES:
        if tied := frozenset(agency for g, agency in ties.declared if g is ground) & stake.agencies:
            found.append(Interest(ground, tied))
    return found


def ids_in(evidence: str) -> frozenset[int]:
    """The agencies or ministries an evidence key names."""
    return frozenset(int(part) for part in evidence.partition(":")[2].split(",") if part)


def judge(ties: Ties, stake: Stake, statements: Iterable[Statement] = ()) -> Standing:
    """Where a person stands. `statements` in the order they were made; the latest on the same evidence counts."""
    said: Mapping[tuple[Ground, str], Statement] = {(s.ground, s.evidence): s for s in statements}
    grounds = []
    declared = said.get((Ground.DECLARED, ""))
    if declared is not None and declared.is_conflict:
        grounds.append(Judgement(Ground.DECLARED, Verdict.BARRED, frozenset(), "", declared))
    inferred = infer(ties, stake)
    for interest in inferred:
        word = said.get((interest.ground, interest.evidence))
        if interest.ground in BARRING:
            verdict = Verdict.BARRED
        elif word is None:
            verdict = Verdict.ASKED
        else:
            verdict = Verdict.BARRED if word.is_conflict else Verdict.CLEAR
        grounds.append(Judgement(interest.ground, verdict, interest.ids, interest.evidence, word))
    known = {(interest.ground, interest.evidence) for interest in inferred}
    for key, word in said.items():
        if word.is_conflict and key not in known and word.ground in JUDGED:
            grounds.append(Judgement(word.ground, Verdict.BARRED, ids_in(word.evidence), word.evidence, word))
    return Standing(tuple(grounds))


def judge_at_meeting(ties: Ties, stake: Stake, statements: Iterable[Statement] = ()) -> Standing:
    """Where somebody who decides stands: as `judge`, but to decide is their office."""
    return judge(replace(ties, holds_office=False), stake, statements)
