"""The filed proposals of a call: counts by state, filters in the address, paged by number."""

from __future__ import annotations

from flask import render_template, request

from app.calls.queries import get_call
from app.identity.queries import list_agencies
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.thai_text import TextError, search_key
from app.proposals.queries import FilingFilter, count_by_state, list_filings
from app.proposals.states import DRAFT, STATES
from app.reviews.queries.overview import assignment_counts
from app.web.door import needs
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor
from app.web.tags import Options

PER_PAGE = 50
_LONGEST = 100


def wanted_text(typed: str) -> str:
    """What to look for, or "" when it cannot be searched for."""
    try:
        search_key(typed[:_LONGEST])
    except TextError:
        return ""
    return typed[:_LONGEST].strip()


@blueprint.get("/calls/<int:fiscal_year>/proposals")
@needs(Permission.READ_FILING)
def proposals(fiscal_year: int) -> str:
    """Filed proposals, to find by text, state, stage, guideline or ministry."""
    session, actor = db.session(), current_actor()
    call = get_call(session, fiscal_year)
    ministries = {a.ministry_code: a.ministry for a in list_agencies(session)}
    offered = {
        "state": {s: name for s, name in STATES.items() if s != DRAFT},
        "stage": {c.code: c.name for c in call.plan.stages},
        "guideline": {
            c.code: Text(f"{c.code} {c.name.th}", f"{c.code} {c.name.en}") for c in call.plan.guidelines
        },
        "ministry": ministries,
    }
    chosen = {key: v if (v := request.args.get(key, "")) in names else "" for key, names in offered.items()}
    text = wanted_text(request.args.get("q", ""))
    after = request.args.get("after", "")[:20]
    wanted = FilingFilter(text, chosen["state"], chosen["stage"], chosen["guideline"], chosen["ministry"])
    rows = list_filings(session, actor, call.id, wanted, after=after, limit=PER_PAGE + 1)
    shown = rows[:PER_PAGE]
    return render_template(
        "secretariat/proposals.html",
        call=call,
        rows=shown,
        counts=count_by_state(session, call.id),
        assigned=assignment_counts(session, call.id),
        options={key: Options(names.items()).html(chosen[key]) for key, names in offered.items()},
        chosen=chosen,
        text=text,
        started=bool(after),
        following=shown[-1].number if len(rows) > PER_PAGE else None,
    )
