"""`./dgi import-results`: all of a file or nothing, every fault with its line."""

from __future__ import annotations

import pytest
from flask import Flask

from app.cli.import_results import import_results
from app.kernel.db import db
from app.kernel.errors import Forbidden, Refused
from app.kernel.work import open_work
from app.proposals.models import Proposal
from app.proposals.queries import find_results
from tests.proposals.earlier import LAST_YEAR, decide, file_earlier
from tests.world import NOW, World

HEAD = "number,as_of,granted_baht,spent_baht,source,note,indicator,result,reached"
DAY = NOW.date().isoformat()


def project(world: World) -> tuple[int, str]:
    proposal_id = file_earlier(world)
    decide(world, proposal_id, 100_00)
    return proposal_id, db.session.get_one(Proposal, proposal_id).number


def load(world: World, *rows: str, by: str = "secretariat", head: str = HEAD) -> int:
    db.session.rollback()
    with open_work(world.actor(by), NOW) as work:
        return import_results(work, LAST_YEAR, "\n".join([head, *rows]).encode())


def test_a_file_is_recorded_and_again_changes_nothing(app: Flask, world: World) -> None:
    proposal_id, number = project(world)
    rows = (f'{number},{DAY},"๑๐๐.00","93.50",รายงาน GFMIS,ช้ากว่าแผน,1,25,yes',)
    assert load(world, *rows) == load(world, *rows) == 1
    got = find_results(db.session(), [proposal_id])[proposal_id]
    assert (got.granted, got.spent, got.note) == (100_00, 93_50, "ช้ากว่าแผน")
    assert [(k.position, k.result, k.reached) for k in got.indicators] == [(1, "25", True)]
    assert got.indicators[0].target == "5"


FAULTS = [
    ("2569-9999,{d},1,1,แหล่งข้อมูล,,,,", ["2: "], "2569-9999"),
    ("{n},30/9/2567,1,1,แหล่งข้อมูล,,,,", ["2: "], "as_of"),
    ("{n},{d},x,-1,แหล่งข้อมูล,,,,", ["2: ", "2: "], "granted_baht"),
    ("{n},{d},1,2,แหล่งข้อมูล,,,,", ["2: "], "1.00"),
    ("{n},{d},1,1,,,,,", ["2: "], "5"),
    ("{n},{d},1,1,แหล่งข้อมูล,,9,3,yes", ["2: "], "9"),
    ("{n},{d},1,1,แหล่งข้อมูล,,๐,3,yes", ["2: "], "indicator"),
    ("{n},{d},1,1,แหล่งข้อมูล,,1,3,perhaps", ["2: "], "reached"),
    ("{n},{d},1,1,แหล่งข้อมูล,,1,3,yes\n{n},,,,,,1,4,yes", ["3: "], "1"),
    ("{n},{d},1,1,แหล่งข้อมูล,,1,3,yes\n{n},,2,,,,,,", ["3: "], "granted_baht"),
    ("{n},{d},1,1", ["2: "], "4"),
    ('{n},{d},"1', ["2: "], "CSV"),
    ("", ["1"], ""),
]


@pytest.mark.parametrize(("rows", "lines", "says"), FAULTS, ids=lambda v: ascii(v)[:20])
def test_a_bad_file_is_refused_whole(
    app: Flask, world: World, rows: str, lines: list[str], says: str
) -> None:
    proposal_id, number = project(world)
    good_id, good = project(world)
    text = rows.format(n=number, d=DAY)
    more = () if not text else (f"{good},{DAY},1,1,แหล่งข้อมูล,,,,",) if '"' not in text else ()
    with pytest.raises(Refused) as refusal:
        load(world, *([text] if text else []), *more)
    problems = refusal.value.problems
    assert [p.place for p in problems] == [f"line-{line.removesuffix(': ')}" for line in lines]
    assert says in problems[0].text.th
    assert says in problems[0].text.en
    assert find_results(db.session(), [proposal_id, good_id]) == {}


def test_all_faults_at_once_in_order_of_lines(app: Flask, world: World) -> None:
    _, number = project(world)
    with pytest.raises(Refused) as refusal:
        load(world, f"{number},x,1,1,แหล่งข้อมูล,,,,", "2569-9999,x,1,1,,,,,", "one,two")
    assert [p.place for p in refusal.value.problems] == ["line-2", "line-3", "line-4"]


def test_a_missing_column_is_named(app: Flask, world: World) -> None:
    with pytest.raises(Refused) as refusal:
        load(world, head=HEAD.replace(",reached", ""), by="secretariat") if project(world) else None
    assert "reached" in refusal.value.problems[0].text.th


def test_only_the_secretariat(app: Flask, world: World) -> None:
    _, number = project(world)
    with pytest.raises(Forbidden):
        load(world, f"{number},{DAY},1,1,แหล่งข้อมูล,,,,", by="officer")
