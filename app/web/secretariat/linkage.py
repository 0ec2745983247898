"""The integration graph of a call, of an agency in it, of a proposal. The committee looks at the same pages; a reviewer
at the links of an assigned proposal alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call_by_id, list_calls
from app.identity.facts import Actor
from app.identity.queries import list_agencies
from app.identity.rules import Permission, may
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.text import Text
from app.linkage.building import agency_key, around, kept, narrowed, proposal_key
from app.linkage.facts import STANDING_NAMES, Finding, Graph, Kind
from app.linkage.findings import list_findings
from app.linkage.measuring import list_hubs
from app.linkage.queries import call_graph, filing_graph
from app.portfolio.facts import Standing as Place
from app.portfolio.queries import ranked_list
from app.proposals.queries import get_filing
from app.proposals.states import DEFERRED, FAILED, PASSED, REJECTED, STATES
from app.reviews.queries import find_own_assignment, reviewers_of
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import read_id
from app.web.linkage import (
    Address,
    by_rule,
    call_options,
    find_marked,
    graph_words,
    mark_of,
    rows_of,
    send_table,
)
from app.web.secretariat.desk import blueprint
from app.web.shell import current_call
from app.web.signing import current_actor
from app.web.tags import Options

OUTSIDE_CEILING = Text("นอกกรอบวงเงิน", "outside the ceiling")
_LOST = (FAILED, DEFERRED, REJECTED)


def chosen_call() -> tuple[CallView, list[CallView]]:
    """The call asked for in the address, else the current one, else the latest; and all of them. Raises `NotFound`
    where there is none."""
    calls = list_calls(db.session())
    asked = read_id(request.args.get("call"))
    current = current_call(calls)
    found = (
        next((c for c in calls if c.fiscal_year == asked), None)
        if asked
        else current or next(iter(calls), None)
    )
    if found is None:
        raise NotFound()
    return found, calls


def list_lost(session: Session, actor: Actor, call: CallView, graph: Graph) -> dict[str, Text]:
    """The proposals of a graph that will not be funded, by key, and why: they failed, were deferred or rejected, or
    lie outside the ceiling."""
    proposals = graph.of_kind(Kind.PROPOSAL)
    lost = {node.key: STATES[node.state] for node in proposals if node.state in _LOST}
    if any(node.state == PASSED for node in proposals):
        lost |= {
            proposal_key(line.entry.proposal_id): OUTSIDE_CEILING
            for line in ranked_list(session, actor, call)
            if line.standing is Place.OUT and line.entry.state == PASSED
        }
    return lost


def addresses(session: Session, call: CallView) -> Address:
    """Where the nodes of a call's graph lead."""
    ids = {agency_key(agency.code): agency.id for agency in list_agencies(session)}
    agencies = url_for("secretariat.linkage_agency", agency_id=0)[:-1]
    proposals = url_for("secretariat.linkage_proposal", proposal_id=0)[:-1]
    others = url_for("secretariat.linkage", call=call.fiscal_year, around="")

    def address(key: str) -> str:
        kind, _, name = key.partition(":")
        if kind == Kind.PROPOSAL:
            return proposals + name
        if kind == Kind.AGENCY:
            return f"{agencies}{ids[key]}?call={call.fiscal_year}" if key in ids else ""
        return others + mark_of(key)

    return address


def menu_place() -> str:
    """The line of the menu to mark: the reader's own desk's."""
    return "secretariat.linkage" if may(current_actor(), Permission.ASSIGN_REVIEWER) else "committee.linkage"


@blueprint.get("/linkage")
@needs(Permission.READ_LINKAGE)
def linkage() -> str:
    """The graph of a call: as a picture, as a table, and what is found in it."""
    return call_page("secretariat.linkage")


def call_page(endpoint: str) -> str:
    """The page of a call's graph, reached through the endpoint of either desk."""
    call, calls = chosen_call()
    session, actor = db.session(), current_actor()
    whole = call_graph(session, actor, call)
    lost = list_lost(session, actor, call, whole)
    shown, chosen, options, focus = _narrowed(whole, call, calls)
    findings = list_findings(whole, lost)
    if len(shown.edges) < len(whole.edges):
        findings = [f for f in findings if shown.nodes.keys() & set(f.proposals)]
    address = addresses(session, call)
    return render_template(
        "linkage/call.html",
        endpoint=endpoint,
        place=endpoint,
        chosen=chosen,
        options=options,
        found=by_rule(findings),
        count=len(findings),
        hubs=list_hubs(shown),
        lost=lost,
        table_url=url_for("secretariat.linkage_table", **_in_address(chosen, call)),
        is_narrowed=any(chosen.values()),
        now=arrived(),
        **graph_words(shown, call, address, out=lost, focus=focus, whole=whole),
    )


def _in_address(chosen: Mapping[str, str], call: CallView) -> dict[str, Any]:
    return {"call": call.fiscal_year, **{key: value for key, value in chosen.items() if value}}


def _narrowed(
    whole: Graph, call: CallView, calls: list[CallView]
) -> tuple[Graph, dict[str, str], dict[str, object], str]:
    """The part of the graph asked for, what was asked for, the lists to choose from, and the node it is about."""
    offered: dict[str, dict[str, Text]] = {
        "ministry": {
            node.group: node.group_name
            for node in sorted(whole.of_kind(Kind.AGENCY), key=lambda n: n.group_name.th)
        },
        "stage": {stage.code: stage.name for stage in call.plan.stages},
        "standing": {standing.value: words for standing, words in STANDING_NAMES.items()},
    }
    chosen = {key: v if (v := request.args.get(key, "")) in names else "" for key, names in offered.items()}
    focus = find_marked(whole, request.args.get("around", "")[:20])
    chosen["around"] = mark_of(focus) if focus else ""
    shown = around(whole, focus) if focus else whole
    shown = narrowed(shown, ministry=chosen["ministry"], stage=chosen["stage"], standing=chosen["standing"])
    options: dict[str, object] = {
        key: Options(names.items()).html(chosen[key]) for key, names in offered.items()
    }
    years = call_options(calls)
    return shown, chosen, options | {"call": years.html(call.fiscal_year)}, focus


@blueprint.get("/linkage.csv")
@needs(Permission.READ_LINKAGE)
def linkage_table() -> Response:
    """The table of a call's graph as CSV, narrowed as the page is."""
    call, calls = chosen_call()
    whole = call_graph(db.session(), current_actor(), call)
    shown = _narrowed(whole, call, calls)[0]
    return send_table(rows_of(shown, lambda _key: ""), call.fiscal_year)


@blueprint.get("/linkage/agencies/<int:agency_id>")
@needs(Permission.READ_LINKAGE)
def linkage_agency(agency_id: int) -> str:
    """What an agency leads, takes part in, and is named in, in a call."""
    session, actor = db.session(), current_actor()
    agency = next((a for a in list_agencies(session) if a.id == agency_id), None)
    if agency is None:
        raise NotFound()
    call, calls = chosen_call()
    whole = call_graph(session, actor, call)
    lost, key = list_lost(session, actor, call, whole), agency_key(agency.code)
    graph = around(whole, key) if key in whole.nodes else Graph({}, ())
    findings = [f for f in list_findings(whole, lost) if _concerns(f, key, graph)]
    return render_template(
        "linkage/agency.html",
        place=menu_place(),
        agency=agency,
        call_options=call_options(calls).html(call.fiscal_year),
        found=[rule for rule in by_rule(findings) if rule.count],
        lost=lost,
        **graph_words(graph, call, addresses(session, call), out=lost, focus=key, whole=whole),
    )


def _concerns(finding: Finding, key: str, graph: Graph) -> bool:
    """Whether a finding is about this agency, its proposals, or links that name it."""
    own = {edge.proposal for edge in graph.edges if edge.agency == key}
    return finding.about == key or any(
        edge.partner == key or edge.agency == key or edge.proposal in own for edge in finding.edges
    )


@blueprint.get("/linkage/proposals/<int:proposal_id>")
@needs(Permission.READ_FILING)
def linkage_proposal(proposal_id: int) -> str:
    """The links of a proposal; for those who see the whole graph, with what others do with the same things."""
    session, actor = db.session(), current_actor()
    assigned = reviewers_of(session, proposal_id)
    filing = get_filing(session, actor, proposal_id, assigned_to=assigned)
    call, key = get_call_by_id(session, filing.call_id), proposal_key(proposal_id)
    sees_all = may(actor, Permission.READ_LINKAGE)
    lost: dict[str, Text] = {}
    findings: list[Finding] = []
    whole = None
    if sees_all:
        whole = call_graph(session, actor, call)
        lost = list_lost(session, actor, call, whole)
        graph, address = around(whole, key), addresses(session, call)
        findings = [f for f in list_findings(whole, lost) if key in f.proposals]
        back = url_for(
            "committee.proposal" if may(actor, Permission.RECORD_DECISION) else "secretariat.proposal",
            proposal_id=proposal_id,
        )
        parents = [(url_for(menu_place(), call=call.fiscal_year), Text("ภาพการบูรณาการ", "Integration graph"))]
    else:
        graph = filing_graph(session, filing, call)
        address = _nowhere
        assignment = find_own_assignment(session, actor, proposal_id)
        back = url_for("reviewer.review", assignment_id=assignment)
        parents = [(url_for("reviewer.home"), Text("งานพิจารณาของฉัน", "My reviews"))]
    return render_template(
        "linkage/proposal.html",
        place=menu_place() if sees_all else "reviewer.home",
        number=filing.number,
        title=filing.facts.title,
        parents=[*parents, (back, Text(filing.number, filing.number))],
        found=[rule for rule in by_rule(findings) if rule.count],
        lost=lost,
        sees_others=sees_all,
        **graph_words(
            graph,
            call,
            address,
            out=lost,
            focus=key,
            whole=whole,
            counted=kept(graph, lambda edge: edge.proposal == key),
        ),
    )


def _nowhere(_key: str) -> str:
    return ""
