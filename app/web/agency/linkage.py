"""What an agency may see of the integration graph: its own proposals with their links, drafts included, and the links
others have put to it. Another agency's proposal is a number, a name and that link, as on the page to answer on.
"""

from __future__ import annotations

from flask import render_template, request, url_for

from app.calls.queries import get_call_by_id, list_calls
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.linkage.building import proposal_key
from app.linkage.facts import Kind
from app.linkage.findings import OWN_RULES, list_findings
from app.linkage.queries import OwnGraph, own_graph, proposal_graph
from app.proposals.facts import Answer
from app.proposals.queries import get_draft
from app.proposals.states import WRITABLE_STATES
from app.web.agency.board import blueprint
from app.web.door import needs
from app.web.forms import read_id
from app.web.linkage import Address, by_rule, call_options, graph_words
from app.web.shell import current_call
from app.web.signing import current_actor


def _addresses(own: OwnGraph) -> Address:
    """Own proposals lead to their own graph, others' to the link they have put to the agency."""
    proposals = {
        node.key: url_for("agency.proposal_linkage", proposal_id=int(node.key.partition(":")[2]))
        for node in own.graph.of_kind(Kind.PROPOSAL)
        if node.key in own.own
    }
    asked = {
        key: url_for("agency.link", request_id=requests[0]) if len(requests) == 1 else url_for("agency.links")
        for key, requests in own.requests.items()
    }
    known = proposals | asked
    return lambda key: known.get(key, "")


@blueprint.get("/linkage")
@needs(Permission.READ_PROPOSAL)
def linkage() -> str:
    """Everything of a call that my agencies are part of."""
    session, actor = db.session(), current_actor()
    calls = list_calls(session)
    asked = read_id(request.args.get("call"))
    current = current_call(calls) or next(iter(calls), None)
    call = next((c for c in calls if c.fiscal_year == asked), None) if asked else current
    if call is None:
        raise NotFound()
    own = own_graph(session, actor, call)
    return render_template(
        "linkage/own.html",
        options=call_options(calls).html(call.fiscal_year),
        found=by_rule(
            (f for f in list_findings(own.graph, rules=OWN_RULES) if own.own & set(f.proposals)), OWN_RULES
        ),
        waiting=sum(edge.answer == Answer.ASKED for edge in own.graph.links if edge.proposal in own.requests),
        others=len(own.requests),
        lost={},
        **graph_words(own.graph, call, _addresses(own)),
    )


@blueprint.get("/proposals/<int:proposal_id>/linkage")
@needs(Permission.READ_PROPOSAL)
def proposal_linkage(proposal_id: int) -> str:
    """The links of one proposal of my agency, as it was filed or as its draft stands."""
    session = db.session()
    view = get_draft(session, current_actor(), proposal_id)
    call, key = get_call_by_id(session, view.call_id), proposal_key(proposal_id)
    graph = proposal_graph(session, view, call)
    return render_template(
        "linkage/own_proposal.html",
        view=view,
        is_draft=view.state in WRITABLE_STATES,
        found=by_rule(list_findings(graph, rules=OWN_RULES), OWN_RULES),
        lost={},
        **graph_words(graph, call, lambda _key: "", focus=key),
    )
