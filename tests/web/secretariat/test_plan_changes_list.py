"""The list of changes of plans: as long as it may be, in pages, with the same few queries."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask
from sqlalchemy import insert

from app.kernel.db import db
from app.monitoring.models import PlanChange
from tests.monitoring.ongoing import open_projects
from tests.web.desks import browser, queries_of, text_of
from tests.world import NOW, World

LIST = "/secretariat/changes"


def refuse_changes(world: World, project_id: int, ordinals: range) -> None:
    """Changes of a project that were asked for and refused."""
    rows = [
        {
            "project_id": project_id,
            "ordinal": n,
            "kind": "transfer",
            "agency_id": world.agencies["alpha"],
            "state": "refused",
            "version": 1,
            "base": 1,
            "content": "{}",
            "made_at": NOW,
            "asked_at": NOW + timedelta(seconds=n),
            "judged_at": NOW + timedelta(days=1),
        }
        for n in ordinals
    ]
    db.session.execute(insert(PlanChange), rows)
    db.session.commit()


def shown(page: str) -> list[int]:
    return [int(n) for n in re.findall(r'href="/secretariat/changes/\d+">.*?คำขอที่ (\d+)', page)]


def test_every_change_is_reached_page_by_page_with_as_many_queries_for_3_as_for_3000(
    app: Flask, world: World
) -> None:
    (project_id,) = open_projects(world)
    secretariat = browser(app, "secretariat")
    refuse_changes(world, project_id, range(1, 4))
    few = queries_of(secretariat, f"{LIST}?state=refused")
    assert "pager" not in text_of(secretariat.get(f"{LIST}?state=refused"))
    refuse_changes(world, project_id, range(4, 121))
    found, address, pages = [], f"{LIST}?state=refused", 0
    while address:
        page = text_of(secretariat.get(address))
        found += shown(page)
        pages += 1
        following = re.search(r'<a href="([^"]+)" rel="next">', page)
        address = following[1].replace("&amp;", "&") if following else ""
        assert ("กลับหน้าแรกของรายการ" in page) is (pages > 1)
    assert (pages, found) == (3, list(range(120, 0, -1)))
    refuse_changes(world, project_id, range(121, 3001))
    assert queries_of(secretariat, f"{LIST}?state=refused") == few <= 12


def test_a_page_beyond_the_end_or_of_nonsense_is_a_page(app: Flask, world: World) -> None:
    (project_id,) = open_projects(world)
    refuse_changes(world, project_id, range(1, 4))
    secretariat = browser(app, "secretariat")
    beyond = text_of(secretariat.get(f"{LIST}?state=all&before=1"))
    assert (shown(beyond), "กลับหน้าแรกของรายการ" in beyond) == ([], True)
    for before in ("", "x", "-1", "9" * 30):
        assert shown(text_of(secretariat.get(f"{LIST}?state=all&before={before}"))) == [3, 2, 1], before
    assert shown(text_of(secretariat.get(LIST))) == []  # none waits
