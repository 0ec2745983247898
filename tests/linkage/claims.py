"""Proposals in few words, for the graph's decision tables."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence

from app.calls.rules import read_plan
from app.kernel.text import Text
from app.linkage.facts import Claims
from app.proposals.facts import AgencyRef, Answer, Form, Integration, IntegrationLink, SharedService
from tests.world import DATA

PLAN = read_plan(tomllib.loads((DATA / "plan-2567.toml").read_text(encoding="utf-8")))
STAGES = [stage.code for stage in PLAN.stages]


def agency(code: str, ministry: str = "m1") -> AgencyRef:
    return AgencyRef(
        code,
        Text(f"กรม{code}", f"Department {code}"),
        ministry,
        Text(f"กระทรวง{ministry}", f"Ministry {ministry}"),
    )


def link(
    name: str,
    partner: str,
    direction: str = "consumes",
    answer: Answer = Answer.NOT_ASKED,
    *,
    channel: str = "gdx",
    kind: str = "data",
    claimant: str = "",
) -> IntegrationLink:
    """A link to a registered agency, or with "!" before the name to a body in no register; "" names nobody."""
    is_outside = partner.startswith("!")
    return IntegrationLink(
        kind,
        name,
        direction,
        None if is_outside or not partner else agency(partner),
        partner[1:] if is_outside else "",
        channel,
        claimant,
        answer,
    )


def claims(
    key: int,
    lead: str,
    *links: IntegrationLink,
    service: str = "",
    users: Sequence[str] = (),
    participants: Sequence[str] = (),
    stage: str = "upstream",
    state: str = "passed",
    forms: Sequence[str] | None = None,
    joined: dict[str, Answer] | None = None,
) -> Claims:
    """A proposal numbered after its key; it claims the forms it has evidence for."""
    found = [*([Form.LINK] if links else []), *([Form.SHARED_SERVICE] if service else [])]
    return Claims(
        key,
        f"2570-{key:04d}",
        Text(f"โครงการ {key}", f"Project {key}"),
        state,
        stage,
        agency(lead),
        tuple(agency(code) for code in participants),
        Integration(
            tuple(found if forms is None else forms),
            links,
            "",
            "",
            "",
            "",
            SharedService(service, True, not users, tuple(agency(code) for code in users)),
        ),
        joined or {},
    )
