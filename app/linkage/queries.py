"""What the graph is made from, as far as the actor may know it.

Two views, and nothing between them: the whole graph of a call (READ_LINKAGE), made of what was filed; and an agency's
own, made of the proposals it leads or takes part in, drafts included, and of the links others have put to it. Of
another agency's proposal it shows the link it was asked about, its number and name, as the page to answer on does.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.identity.models import Agency
from app.identity.rules import Permission, may, require
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.linkage.building import build, proposal_key
from app.linkage.facts import Claims, Graph
from app.proposals.facts import (
    AgencyRef,
    Answer,
    Form,
    Integration,
    IntegrationLink,
    ProposalFacts,
    SharedService,
)
from app.proposals.freezing import facts_from_json
from app.proposals.models import LinkRequest, Participation, Proposal, Submission
from app.proposals.queries import (
    DraftView,
    Filing,
    OwnFilter,
    agency_directory,
    draft_facts,
    latest_submission,
    list_draft_facts,
    list_own,
)
from app.proposals.states import DECLINED, DRAFT, JOINED, WITHDRAWN, WRITABLE_STATES

_MOST_KEPT = 1500  # filings
_WORDS = {JOINED: Answer.CONFIRMED, DECLINED: Answer.DECLINED}


@dataclass(frozen=True, slots=True)
class _Stated:
    """The little of a filing that a graph is made from."""

    title: Text
    stage: str
    lead: AgencyRef
    participants: tuple[AgencyRef, ...]
    integration: Integration


# filings never change, so each is read once per process: by the hash of its content
_kept: dict[str, _Stated] = {}


def _stated(facts: ProposalFacts) -> _Stated:
    return _Stated(facts.title, facts.stage, facts.lead, facts.participants, facts.integration)


def call_graph(session: Session, actor: Actor, call: CallView) -> Graph:
    """The graph of everything filed in a call, with what partners say of it now. Four queries at most. Raises
    `Forbidden` without READ_LINKAGE."""
    require(actor, Permission.READ_LINKAGE)
    wanted = (Proposal.call_id == call.id, Proposal.state != DRAFT)
    return build(_filed(session, *wanted), call.plan)


def _filed(session: Session, *wanted: ColumnElement[bool], few: bool = False) -> list[Claims]:
    """What the last filings of the wanted proposals say, with the present word of partners and participants.

    `few` reads their contents at once; many are read only as far as this process has not read them before.
    """
    columns: list[Any] = [Submission.content] if few else []
    rows = session.execute(
        latest_submission()
        .with_only_columns(
            Proposal.id,
            Proposal.number,
            Proposal.state,
            Submission.sha256,
            Submission.id.label("submission_id"),
            *columns,
        )
        .where(*wanted)
    ).all()
    stated = {row.sha256: _kept[row.sha256] for row in rows if row.sha256 in _kept}
    if few:
        stated |= {
            row.sha256: _stated(facts_from_json(json.loads(row.content)))
            for row in rows
            if row.sha256 not in stated
        }
    unread = {row.submission_id: row.sha256 for row in rows if row.sha256 not in stated}
    if unread:
        contents = select(Submission.sha256, Submission.content).where(
            # all of them by the same condition: a list of a thousand ids is more than some databases take
            Submission.id.in_(latest_submission().with_only_columns(Submission.id).where(*wanted))
            if len(unread) > len(rows) // 2
            else Submission.id.in_(unread)
        )
        for sha256, content in session.execute(contents):
            stated[sha256] = _stated(facts_from_json(json.loads(content)))
            _keep(sha256, stated[sha256])
    answers, joined = _answers(session, *wanted), _joined(session, *wanted)
    return [
        _claims(
            row.id, row.number, row.state, stated[row.sha256], answers.get(row.id, {}), joined.get(row.id, {})
        )
        for row in rows
    ]


def _keep(sha256: str, stated: _Stated) -> None:
    while len(_kept) >= _MOST_KEPT:
        _kept.pop(next(iter(_kept)), None)
    _kept[sha256] = stated


def _claims(
    key: int,
    number: str,
    state: str,
    stated: _Stated,
    answers: Mapping[str, str],
    joined: Mapping[str, Answer],
) -> Claims:
    integration = stated.integration
    if answers:
        # a filing keeps what was answered before it; what the partner says since is what holds
        links = tuple(
            replace(link, answer=answers.get(link.sha256, link.answer)) for link in integration.links
        )
        integration = replace(integration, links=links)
    return Claims(
        key, number, stated.title, state, stated.stage, stated.lead, stated.participants, integration, joined
    )


def _answers(session: Session, *wanted: ColumnElement[bool]) -> dict[int, dict[str, str]]:
    """Proposal id -> hash of a link -> its partner's word."""
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for proposal_id, sha256, state in session.execute(
        select(LinkRequest.proposal_id, LinkRequest.link_sha256, LinkRequest.state)
        .join(Proposal, Proposal.id == LinkRequest.proposal_id)
        .where(LinkRequest.state != WITHDRAWN, *wanted)
    ):
        found[proposal_id][sha256] = state
    return found


def _joined(session: Session, *wanted: ColumnElement[bool]) -> dict[int, dict[str, Answer]]:
    """Proposal id -> code of an invited participant -> its word on taking part."""
    found: defaultdict[int, dict[str, Answer]] = defaultdict(dict)
    for proposal_id, code, state in session.execute(
        select(Participation.proposal_id, Agency.code, Participation.state)
        .join(Agency, Agency.id == Participation.agency_id)
        .join(Proposal, Proposal.id == Participation.proposal_id)
        .where(*wanted)
    ):
        found[proposal_id][code] = _WORDS.get(state, Answer.ASKED)
    return found


def filing_graph(session: Session, filing: Filing, call: CallView) -> Graph:
    """The links of one filing alone; the caller has read the filing, so its reader may."""
    return build(_filed(session, Proposal.id == filing.proposal_id), call.plan)


@dataclass(frozen=True, slots=True)
class OwnGraph:
    """What an agency may see of the graph. `own` are the keys of its own proposals; `requests` maps the key of another
    agency's proposal to the links it has put to this one, by id."""

    graph: Graph
    own: frozenset[str]
    requests: Mapping[str, tuple[int, ...]]


def own_graph(session: Session, actor: Actor, call: CallView) -> OwnGraph:
    """The proposals of a call that the actor's agencies lead or take part in, as they were filed or as their drafts
    stand, and the links others have put to these agencies. Raises `Forbidden`."""
    require(actor, Permission.READ_PROPOSAL)
    states = {
        row.id: (row.number, row.state) for row in list_own(session, actor, OwnFilter(call.fiscal_year)).rows
    }
    directory = agency_directory(session)
    claims = _own(session, call, states, directory)
    asked = _asked(session, actor, call, states, directory)
    return OwnGraph(
        build([*claims, *(c for c, _ in asked)], call.plan),
        frozenset(map(proposal_key, states)),
        {proposal_key(c.key): requests for c, requests in asked},
    )


def proposal_graph(session: Session, view: DraftView, call: CallView) -> Graph:
    """One proposal as it was filed or as its draft stands, for whoever got `view` of it."""
    if view.state not in WRITABLE_STATES:
        return build(_filed(session, Proposal.id == view.id, few=True), call.plan)
    facts = draft_facts(session, view, call, agency_directory(session))
    joined = {part.code: _WORDS.get(part.state, Answer.ASKED) for part in view.parts}
    return build([_claims(view.id, view.number, view.state, _stated(facts), {}, joined)], call.plan)


def _own(
    session: Session,
    call: CallView,
    states: Mapping[int, tuple[str, str]],
    directory: Mapping[str, AgencyRef],
) -> list[Claims]:
    """What proposals say, each with its number and state in `states`: written ones as their drafts stand."""
    written = [key for key, (_, state) in states.items() if state in WRITABLE_STATES]
    filed = [key for key, (_, state) in states.items() if state not in WRITABLE_STATES]
    claims = _filed(session, Proposal.id.in_(filed), few=True) if filed else []
    drafts = list_draft_facts(session, written, {call.id: call}, directory) if written else {}
    for key, draft in drafts.items():
        joined = {part.code: _WORDS.get(part.state, Answer.ASKED) for part in draft.parts}
        claims.append(_claims(key, *states[key], _stated(draft.facts), {}, joined))
    return claims


_lead = aliased(Agency)
_NO_SERVICE = SharedService("", None, False, ())


def _asked(
    session: Session,
    actor: Actor,
    call: CallView,
    but: Iterable[int],
    directory: Mapping[str, AgencyRef],
) -> list[tuple[Claims, tuple[int, ...]]]:
    """Others' proposals as far as they have put a link to the actor's agencies: each with the ids of the requests."""
    if not may(actor, Permission.ANSWER_LINK):
        return []
    own, refs = set(but), directory
    found: dict[int, tuple[Claims, tuple[int, ...]]] = {}
    for row in session.execute(
        select(
            LinkRequest.id,
            LinkRequest.proposal_id,
            LinkRequest.content,
            LinkRequest.state,
            LinkRequest.own_money,
            Proposal.number,
            Proposal.title_th,
            Proposal.title_en,
            _lead.code.label("lead"),
        )
        .join(Proposal, Proposal.id == LinkRequest.proposal_id)
        .join(_lead, _lead.id == Proposal.lead_agency_id)
        .where(
            LinkRequest.partner_id.in_(actor.agency_ids),
            LinkRequest.state != WITHDRAWN,
            Proposal.call_id == call.id,
        )
        .order_by(LinkRequest.id)
    ):
        if row.proposal_id in own:
            continue
        claim = json.loads(row.content)
        link = IntegrationLink(
            claim["kind"],
            claim["name"],
            claim["direction"],
            refs[claim["partner"]],
            "",
            claim["channel"],
            claim["agency"],
            row.state,
            row.own_money,
        )
        claims, requests = found.get(row.proposal_id) or (
            Claims(
                row.proposal_id,
                row.number,
                Text(row.title_th, row.title_en),
                "",
                "",
                None,
                (),
                Integration((Form.LINK,), (), "", "", "", "", _NO_SERVICE),
            ),
            (),
        )
        # whoever claims the link is told, as on the page to answer on; nobody else of the proposal
        lead, others = claims.lead, claims.participants
        if not claim["agency"]:
            lead = refs[row.lead]
        elif refs[claim["agency"]] not in others:
            others = (*others, refs[claim["agency"]])
        integration = replace(claims.integration, links=(*claims.integration.links, link))
        claims = replace(claims, lead=lead, participants=others, integration=integration)
        found[row.proposal_id] = claims, (*requests, row.id)
    return list(found.values())
