"""A scenario taken up to be changed: whose it is, and that nobody changed it meanwhile."""

from __future__ import annotations

from sqlalchemy.orm.attributes import flag_modified

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.text import Text
from app.kernel.work import Work
from app.portfolio.models import Scenario
from app.portfolio.queries.scenarios import owners

STALE = Text(
    "มีผู้แก้ไขฉากทัศน์นี้หลังจากที่ท่านเปิดหน้า กรุณาตรวจแล้วบันทึกอีกครั้ง",
    "Somebody changed this scenario after you opened the page; look at it and save again",
)
FIXED = Text(
    "ฉากทัศน์ที่เคยเสนอเป็นบัญชีแก้ไขไม่ได้ กรุณาทำสำเนาแล้วแก้ไขสำเนา",
    "A scenario that was adopted is not changed any more; copy it and change the copy",
)


def open_scenario(
    work: Work[Actor], scenario_id: int, version: int, permission: Permission = Permission.MANAGE_SCENARIO
) -> Scenario:
    """The scenario, locked. Raises `Forbidden`; `NotFound` when it was dropped or is another's; `Stale` when its version
    is not the one the page was made from."""
    require(work.actor, permission)
    scenario = work.session.get(Scenario, scenario_id, with_for_update=True)
    if scenario is None or scenario.dropped_at is not None:
        raise NotFound()
    require(work.actor, permission, owners(scenario.created_by))
    if scenario.version != version:
        raise Stale(STALE)
    return scenario


def open_for_change(work: Work[Actor], scenario_id: int, version: int) -> Scenario:
    """The same, and raises `Refused` for a scenario that was adopted."""
    scenario = open_scenario(work, scenario_id, version)
    if scenario.adopted_at is not None:
        raise Refused(FIXED)
    return scenario


def touch(work: Work[Actor], scenario: Scenario) -> None:
    """Count a change: the next version, even where two changes share one moment or lie in other tables."""
    scenario.updated_at = work.now
    flag_modified(scenario, "updated_at")
    work.session.flush()
