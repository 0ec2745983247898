"""Projects under way for the tests: FY2569, whose second month it is at `NOW` (20 November 2568).

"one" is alpha's, granted in full (1,000,001.00 baht of capital, October to March); "joint" is alpha's with beta
(2,500.50 baht of beta's own), recorded from documents.
"""

from __future__ import annotations

from datetime import datetime

from app.kernel.work import open_work
from app.monitoring.actions import open_monitoring
from app.monitoring.facts import ReportingRules
from tests.proposals.earlier import LAST_YEAR, decide, file_earlier, record_joint
from tests.world import NOW, World

GRANTED = 1_000_001_00


def open_projects(
    world: World,
    *,
    amount: int = GRANTED,
    joint: bool = False,
    rules: ReportingRules | None = None,
    at: datetime = NOW,
) -> list[int]:
    """Grant `amount` (satang) to one proposal of alpha's in FY2569 and follow it, beside a joint one where asked for;
    returns the projects' ids by number."""
    proposal_id = file_earlier(world)
    decide(world, proposal_id, amount)
    if joint:
        record_joint(world)
    with open_work(world.actor("secretariat"), at) as work:
        return [project.id for project in open_monitoring(work, LAST_YEAR, rules)]
