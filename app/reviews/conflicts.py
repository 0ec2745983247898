"""Conflicts of interest: what is inferred from the registers, what a person said, and what follows.

Grounds follow the Administrative Procedure Act B.E. 2539: section 13 bars whoever is a party; section 16 leaves other
circumstances that may make a person partial to the judgement of a superior. So membership, participation and office bar
by themselves; ministry, link and former agency want a person's word, and hold the reviewer off until it is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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


GROUND_NAMES: dict[Ground, Text] = {
    Ground.DECLARED: Text("ผู้พิจารณาแจ้งเอง", "Declared by the reviewer"),
    Ground.MEMBERSHIP: Text("สังกัดหน่วยงานเจ้าของข้อเสนอ", "Belongs to the lead agency"),
    Ground.PARTICIPATION: Text("สังกัดหน่วยงานร่วมของข้อเสนอ", "Belongs to a participating agency"),
    Ground.OFFICE: Text("ทำหน้าที่อื่นที่เห็นคะแนนทั้งหมดหรือลงมติ", "Holds an office that sees all scores or decides"),
    Ground.MINISTRY: Text("สังกัดกระทรวงเดียวกับหน่วยงานของข้อเสนอ", "Same ministry as an agency of the proposal"),
    Ground.LINK: Text("หน่วยงานของผู้พิจารณายืนยันการเชื่อมโยงกับข้อเสนอ", "The reviewer's agency confirmed a link"),
    Ground.FORMER: Text("เคยสังกัดหน่วยงานของข้อเสนอ", "Worked for an agency of the proposal before"),
}
# these bar by themselves; the others want a person's word
BARRING = frozenset({Ground.DECLARED, Ground.MEMBERSHIP, Ground.PARTICIPATION, Ground.OFFICE})
JUDGED = frozenset({Ground.MINISTRY, Ground.LINK, Ground.FORMER})


@dataclass(frozen=True, slots=True)
class Ties:
    """What ties a reviewer: agencies, their ministries, former agencies (ids); whether another office clashes."""

    agencies: frozenset[int] = frozenset()
    ministries: frozenset[int] = frozenset()
    former: frozenset[int] = frozenset()
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
    if ties.holds_office:
        found.append(Interest(Ground.OFFICE))
    if not found and (ministries := ties.ministries & stake.ministries):
        found.append(Interest(Ground.MINISTRY, ministries))
    if linked := ties.agencies & (stake.linked - stake.agencies):
        found.append(Interest(Ground.LINK, linked))
    if former := ties.former & stake.agencies:
        found.append(Interest(Ground.FORMER, former))
    return found


def judge(ties: Ties, stake: Stake, statements: Iterable[Statement] = ()) -> Standing:
    """Where a reviewer stands. `statements` in the order they were made; the latest on the same evidence counts."""
    said: Mapping[tuple[Ground, str], Statement] = {(s.ground, s.evidence): s for s in statements}
    grounds = []
    for interest in infer(ties, stake):
        word = said.get((interest.ground, interest.evidence))
        if interest.ground in BARRING:
            verdict = Verdict.BARRED
        elif word is None:
            verdict = Verdict.ASKED
        else:
            verdict = Verdict.BARRED if word.is_conflict else Verdict.CLEAR
        grounds.append(Judgement(interest.ground, verdict, interest.ids, interest.evidence, word))
    declared = said.get((Ground.DECLARED, ""))
    if declared is not None and declared.is_conflict:
        grounds.insert(0, Judgement(Ground.DECLARED, Verdict.BARRED, frozenset(), "", declared))
    return Standing(tuple(grounds))
