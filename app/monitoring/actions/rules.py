"""By when a call's projects report, and what its traffic lights go by."""

from __future__ import annotations

import json
from dataclasses import asdict

from sqlalchemy import select

from app.calls.models import Call
from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json, sha256_text
from app.kernel.errors import NotFound, Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.values import freeze_value
from app.kernel.work import Work
from app.monitoring.facts import ReportingRules
from app.monitoring.models import MonitoredCall

DAYS = Text("ต้องเป็นจำนวนวันตั้งแต่ 1 ถึง 90", "A number of days from 1 to 90")
LIGHTS = Text(
    "เกณฑ์สีเหลืองต้องมากกว่า 0 และน้อยกว่าเกณฑ์สีเขียว ซึ่งไม่เกินร้อยละ 100",
    "Amber must be more than 0 and less than green, which is at most 100 percent",
)
NOT_SET = Text("ยังเปลี่ยนเกณฑ์ไม่ได้", "The rules cannot be changed like this")


def list_rule_problems(rules: ReportingRules) -> list[Problem]:
    """What is wrong with rules; places are their names."""
    problems = [
        Problem(name, DAYS) for name in ("month_days", "quarter_days") if not 1 <= getattr(rules, name) <= 90
    ]
    if not 0 < rules.amber < rules.green <= 1000:
        problems.append(Problem("green", LIGHTS))
    return problems


def set_reporting_rules(work: Work[Actor], fiscal_year: int, rules: ReportingRules) -> None:
    """From now on a call's reports are due by these rules; what was handed in stays as it was. Raises `Refused`,
    `NotFound`."""
    require(work.actor, Permission.MANAGE_MONITORING)
    kept = work.session.scalars(
        select(MonitoredCall)
        .join(Call, Call.id == MonitoredCall.call_id)
        .where(Call.fiscal_year == fiscal_year)
        .with_for_update(of=MonitoredCall)
    ).first()
    if kept is None:
        raise NotFound()
    if problems := list_rule_problems(rules):
        raise Refused(NOT_SET, problems)
    content = canonical_json(freeze_value(rules))
    if content == kept.rules:
        return
    before, kept.rules = kept.rules, content
    work.audit(
        "set_reporting_rules",
        f"call:{kept.call_id}",
        before=sha256_text(before),
        after=sha256_text(content),
        detail={"before": json.loads(before), "after": asdict(rules)},
    )
