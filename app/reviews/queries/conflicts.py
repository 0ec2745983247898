"""Who is tied to what: the registers and people's words, read together in one query for any number of pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    CompoundSelect,
    Integer,
    String,
    Text,
    bindparam,
    case,
    cast,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from app.identity.facts import CLASHES_WITH_REVIEWING
from app.identity.models import Agency, UserMembership
from app.kernel.db import Moment
from app.kernel.lean import dataclass
from app.proposals.models import LinkRequest, ProposalAgency
from app.reviews.conflicts import Ground, Stake, Standing, Statement, Ties, judge, judge_at_meeting
from app.reviews.models import ConflictStatement, DeclaredTie

Pair = tuple[int, int]  # proposal id, user id

_NO_ID, _NO_TEXT = cast(null(), Integer), cast(null(), String)
_NO_FLAG, _NO_MOMENT = cast(null(), Boolean), cast(null(), Moment)
_OFFICES = [role.value for role in CLASHES_WITH_REVIEWING]


@cache
def _everything() -> CompoundSelect[*tuple[Any, ...]]:
    """Agencies and confirmed links of the proposals, memberships and declared ties of the people, and the words on
    both; written once, because every opened review asks it."""
    proposals: BindParameter[int] = bindparam("proposals", expanding=True)
    people: BindParameter[int] = bindparam("people", expanding=True)

    def row(kind: str, **columns: Any) -> tuple[Any, ...]:
        empty: dict[str, Any] = {
            "id": _NO_ID,
            "proposal_id": _NO_ID,
            "user_id": _NO_ID,
            "agency_id": _NO_ID,
            "ministry_id": _NO_ID,
            "flag": _NO_FLAG,
            "ground": _NO_TEXT,
            "evidence": _NO_TEXT,
            "reason": cast(null(), Text),
            "at": _NO_MOMENT,
            "by": _NO_ID,
        }
        return literal(kind).label("kind"), *(
            column.label(name) for name, column in (empty | columns).items()
        )

    own = select(
        *row(
            "own",
            proposal_id=ProposalAgency.proposal_id,
            agency_id=ProposalAgency.agency_id,
            ministry_id=Agency.ministry_id,
            flag=ProposalAgency.is_lead,
        )
    ).join(Agency, Agency.id == ProposalAgency.agency_id)
    linked = select(*row("link", proposal_id=LinkRequest.proposal_id, agency_id=LinkRequest.partner_id))
    # a reviewer of a body belongs to the agency of the same code, whether or not somebody entered it
    member = select(
        *row(
            "member",
            user_id=UserMembership.user_id,
            agency_id=Agency.id,
            ministry_id=Agency.ministry_id,
            flag=case((UserMembership.role.in_(_OFFICES), True), else_=False),
        )
    ).outerjoin(Agency, (Agency.id == UserMembership.agency_id) | (Agency.code == UserMembership.body))
    tie = select(
        *row("tie", user_id=DeclaredTie.user_id, agency_id=DeclaredTie.agency_id, ground=DeclaredTie.tie)
    )
    word = select(
        *row(
            "word",
            id=ConflictStatement.id,
            proposal_id=ConflictStatement.proposal_id,
            user_id=ConflictStatement.user_id,
            flag=ConflictStatement.is_conflict,
            ground=ConflictStatement.ground,
            evidence=ConflictStatement.evidence,
            reason=ConflictStatement.reason,
            at=ConflictStatement.at,
            by=ConflictStatement.by,
        )
    )
    return union_all(
        own.where(ProposalAgency.proposal_id.in_(proposals)),
        linked.where(LinkRequest.proposal_id.in_(proposals), LinkRequest.state == "confirmed"),
        member.where(UserMembership.user_id.in_(people)),
        tie.where(DeclaredTie.user_id.in_(people), DeclaredTie.ended_at.is_(None)),
        word.where(ConflictStatement.proposal_id.in_(proposals), ConflictStatement.user_id.in_(people)),
    )


@dataclass(frozen=True, slots=True)
class Interests:
    """The ties of some people and the stakes of some proposals, with every word on a pair of them."""

    ties: Mapping[int, Ties]
    stakes: Mapping[int, Stake]
    statements: Mapping[Pair, tuple[Statement, ...]]

    def standing(self, proposal_id: int, user_id: int) -> Standing:
        """Where one person stands before one proposal; both must have been asked for."""
        return judge(
            self.ties.get(user_id, Ties()),
            self.stakes[proposal_id],
            self.statements.get((proposal_id, user_id), ()),
        )

    def standing_at_meeting(self, proposal_id: int, user_id: int) -> Standing:
        """Where somebody who decides stands before one proposal; both must have been asked for."""
        return judge_at_meeting(
            self.ties.get(user_id, Ties()),
            self.stakes[proposal_id],
            self.statements.get((proposal_id, user_id), ()),
        )

    def tied_pairs(self) -> frozenset[Pair]:
        """The pairs for which any ground but an office may be found. All others are clear, and need no judging: there
        are few ties among the thousands of pairs of a call."""
        by_agency: defaultdict[int, set[int]] = defaultdict(set)
        by_ministry: defaultdict[int, set[int]] = defaultdict(set)
        for proposal_id, stake in self.stakes.items():
            for agency in stake.agencies | stake.linked:
                by_agency[agency].add(proposal_id)
            for ministry in stake.ministries:
                by_ministry[ministry].add(proposal_id)
        found = {pair for pair in self.statements if pair[0] in self.stakes}
        for user_id, ties in self.ties.items():
            for agency in ties.agencies | {agency for _, agency in ties.declared}:
                found |= {(proposal_id, user_id) for proposal_id in by_agency[agency]}
            for ministry in ties.ministries:
                found |= {(proposal_id, user_id) for proposal_id in by_ministry[ministry]}
        return frozenset(found)


def read_interests(session: Session, proposal_ids: Collection[int], user_ids: Collection[int]) -> Interests:
    """All that conflicts rest on, for these proposals and people. One query, whatever their number."""
    leads: dict[int, int] = {}
    participants: defaultdict[int, set[int]] = defaultdict(set)
    ministries: defaultdict[int, set[int]] = defaultdict(set)
    linked: defaultdict[int, set[int]] = defaultdict(set)
    ties: dict[int, Ties] = {}
    words: list[tuple[int, Pair, Statement]] = []
    asked = {"proposals": list(proposal_ids) or [-1], "people": list(user_ids) or [-1]}
    for r in session.execute(_everything(), asked):
        if r.kind == "own":
            ministries[r.proposal_id].add(r.ministry_id)
            if r.flag:
                leads[r.proposal_id] = r.agency_id
            else:
                participants[r.proposal_id].add(r.agency_id)
        elif r.kind == "link":
            linked[r.proposal_id].add(r.agency_id)
        elif r.kind == "member":
            before = ties.get(r.user_id, Ties())
            ties[r.user_id] = replace(
                before,
                agencies=before.agencies | ({r.agency_id} - {None}),
                ministries=before.ministries | ({r.ministry_id} - {None}),
                holds_office=before.holds_office or bool(r.flag),
            )
        elif r.kind == "tie":
            before = ties.get(r.user_id, Ties())
            ties[r.user_id] = replace(before, declared=before.declared | {(Ground(r.ground), r.agency_id)})
        else:
            said = Statement(Ground(r.ground), r.evidence, bool(r.flag), r.reason, r.at, r.by)
            words.append((r.id, (r.proposal_id, r.user_id), said))
    statements: defaultdict[Pair, list[Statement]] = defaultdict(list)
    for _, pair, said in sorted(words, key=lambda word: word[0]):
        statements[pair].append(said)
    return Interests(
        ties=ties,
        stakes={
            proposal_id: Stake(
                lead,
                frozenset(participants[proposal_id]),
                frozenset(ministries[proposal_id]),
                frozenset(linked[proposal_id]),
            )
            for proposal_id, lead in leads.items()
        },
        statements={pair: tuple(said) for pair, said in statements.items()},
    )


def find_standing(session: Session, proposal_id: int, user_id: int) -> Standing:
    """Where one person stands before one proposal. One query."""
    return read_interests(session, [proposal_id], [user_id]).standing(proposal_id, user_id)


def find_meeting_standing(session: Session, proposal_id: int, user_id: int) -> Standing:
    """Where somebody who decides stands before one proposal. One query."""
    return read_interests(session, [proposal_id], [user_id]).standing_at_meeting(proposal_id, user_id)
