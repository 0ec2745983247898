"""`./dgi compare`: says what it found in both languages, screens again whom it is news to, and knows no other call."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from app.identity.facts import SYSTEM
from app.kernel.db import db
from app.kernel.work import open_work
from app.screening.models import ScreeningRun
from app.similarity.models import ComparedFiling, OverlapPair
from tests.similarity.scene import ROADS, WATER, compare_all, file
from tests.world import FISCAL_YEAR, NOW, World


def run(app: Flask, year: int) -> tuple[int, str]:
    db.session.rollback()
    result = app.test_cli_runner().invoke(args=["compare", "--call", str(year)])
    db.session.expire_all()
    return result.exit_code, result.output


@pytest.mark.parametrize("compared", [False, True])
def test_a_call_is_compared_as_often_as_one_likes(app: Flask, world: World, compared: bool) -> None:
    copies = [file(world, WATER), file(world, WATER, "beta")]
    file(world, ROADS)
    if compared:
        compare_all(app)
    for _ in range(2):
        code, said = run(app, FISCAL_YEAR)
        assert code == 0
        assert "พบ 1 คู่" in said
        assert "Compared 3 filings of fiscal year 2570; similar pairs: 1" in said
    assert db.session.scalar(select(func.count()).select_from(OverlapPair)) == 1
    for proposal_id in copies:
        runs = select(func.count()).select_from(ScreeningRun).where(ScreeningRun.proposal_id == proposal_id)
        assert db.session.scalar(runs) == 2


def test_what_was_lost_comes_back(app: Flask, world: World) -> None:
    file(world, WATER), file(world, WATER, "beta")
    compare_all(app)
    with open_work(SYSTEM, NOW) as work:
        work.session.execute(delete(OverlapPair))
        work.session.execute(delete(ComparedFiling))
    assert run(app, FISCAL_YEAR)[0] == 0
    assert db.session.scalar(select(func.count()).select_from(OverlapPair)) == 1
    assert db.session.scalar(select(func.count()).select_from(ComparedFiling)) == 2


def test_an_unknown_call_is_said_to_be_unknown(app: Flask, world: World) -> None:
    code, said = run(app, 2500)
    assert code == 2
    assert "2500" in said
