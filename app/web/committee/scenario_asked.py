"""Which scenario's terms a page is asked about: `?scenario=`, else the list as it stands."""

from __future__ import annotations

from flask import request
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.calls.queries import CallView
from app.identity.facts import Actor
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.portfolio.facts import Terms
from app.portfolio.queries.scenarios import list_scenarios
from app.web.committee.scenarios_words import PLAIN, PLAIN_ID
from app.web.tags import Options

AS_IT_STANDS = Text("บัญชีที่ใช้อยู่", "The list as it stands")


@dataclass(frozen=True, slots=True)
class AskedScenario:
    """What was asked for. `terms` None is the list as it stands, and `code` None its address; `options` are all there
    are, with this one chosen. `is_alone`: there is nothing else to choose."""

    terms: Terms | None
    code: str | None
    name: Text
    options: Markup
    is_alone: bool


def read_asked_scenario(session: Session, actor: Actor, call: CallView) -> AskedScenario:
    """Of this request; one that is not there is the list as it stands. Two queries. Raises `Forbidden` without
    READ_PORTFOLIO."""
    scenarios = list_scenarios(session, actor, call)
    found: dict[str, tuple[Text, Terms | None]] = {"": (AS_IT_STANDS, None)}
    for scenario in scenarios:
        if not scenario.is_adopted:
            found[str(scenario.id)] = (Text(scenario.name, scenario.name), scenario.terms)
    if any(scenario.is_adopted for scenario in scenarios):
        found[str(PLAIN_ID)] = (PLAIN, Terms(call.ceiling))
    asked = request.args.get("scenario", "")
    code = asked if asked in found else ""
    name, terms = found[code]
    options = Options((key, words) for key, (words, _) in found.items()).html(code)
    return AskedScenario(terms, code or None, name, options, len(found) == 1)
