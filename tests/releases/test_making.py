"""A release says what stands in the rooms, to the satang, and nothing more; and it stays what it was."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import current_app
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from app.calls.actions import extend_call
from app.calls.facts import deadline_of
from app.calls.queries import get_call
from app.decisions.facts import Verdict
from app.identity.facts import SYSTEM
from app.kernel.canonical import canonical_json, sha256_bytes
from app.kernel.db import db
from app.kernel.errors import Forbidden, Refused, Stale
from app.kernel.values import freeze_value
from app.kernel.work import open_work
from app.monitoring.models import Allotment, Project
from app.releases import facts as public
from app.releases.actions import publish_release, withdraw_release
from app.releases.facts import Dimension, Phase
from app.releases.making import STILL_OPEN, prepare_release, release_store, thaw_release
from app.releases.models import Release
from app.releases.queries import find_current, list_published
from app.releases.reasons import WHY
from app.releases.summing import sums_by, total
from app.releases.tables import data_tables
from tests.monitoring.ongoing import GRANTED, open_projects
from tests.proposals.earlier import LAST_YEAR, decide, file_earlier
from tests.releases.publishing import make, prepare, publish, report
from tests.world import FISCAL_YEAR, NOW, World, file_proposal

pytestmark = pytest.mark.usefixtures("app")


def test_every_sum_is_that_of_the_rooms(world: World) -> None:
    first, _ = open_projects(world, joint=True)
    report(world, 1, first, "500,000.25", "300,000.10")
    report(world, 2, first, "0", "1.15")
    year = prepare(world).year
    session = db.session()
    approved = session.scalar(select(func.sum(Project.approved)))
    allotted = session.scalar(select(func.sum(Allotment.amount)))
    whole = total(year)
    assert (whole.count, whole.approved, whole.allotted) == (2, approved, allotted)
    assert (whole.committed, whole.disbursed) == (500_000_25, 300_001_25)
    assert year.phase is Phase.SPENT
    for dimension in Dimension:
        groups = sums_by(year, dimension)
        assert sum(s.approved for s in groups) == approved, dimension
        assert sum(s.disbursed for s in groups) == whole.disbursed, dimension
        assert sum(s.asked or 0 for s in groups) == whole.asked == GRANTED, dimension
    alpha = next(a for a in year.agencies if a.code == "alpha")
    assert alpha.months == (1, 2)


def test_every_file_adds_up_to_the_satang(world: World) -> None:
    first, _ = open_projects(world, amount=333_333_33, joint=True)
    report(world, 1, first, "333,333.33", "100,000.01")
    prepared = prepare(world)
    store = release_store(current_app.config["DGI"])
    files = {file.name: store.get(file.sha256) for file in prepared.files}
    whole = total(prepared.year)

    def summed(name: str, column: str, content: bytes) -> int:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
        return int(sum(Decimal(row[column]) for row in rows) * 100)

    for name in ("projects.csv", "lines.csv"):
        assert summed(name, "approved_baht", files[name]) == whole.approved
        assert summed(name, "disbursed_baht", files[name]) == whole.disbursed == 100_000_01
    assert summed("spending.csv", "planned_baht", files["spending.csv"]) == whole.allotted
    tables = json.loads(files["data.json"])["tables"]
    assert sum(int(Decimal(row["allotted_baht"]) * 100) for row in tables["projects"]) == whole.allotted
    with zipfile.ZipFile(io.BytesIO(files["package.zip"])) as package:
        assert package.read("lines.csv") == files["lines.csv"]
        assert sha256_bytes(package.read("release.json")) == prepared.sha256
    assert files["projects.csv"].startswith(b"\xef\xbb\xbf")
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(files["workbook.xlsx"])).sheet_names
    titles = [table.title.th for table in data_tables(prepared.year, "")]
    assert sheets[1:-1] == titles  # none is cut


def test_the_same_release_gives_the_same_bytes(world: World) -> None:
    open_projects(world)
    first, second = prepare(world), prepare(world)
    assert first == second
    data = release_store(current_app.config["DGI"]).get(first.sha256)
    assert thaw_release(data) == first.year
    assert canonical_json(freeze_value(first.year)).encode() == data


def test_what_was_not_approved_is_a_number(world: World) -> None:
    for verdict, amount in ((Verdict.REJECTED, 0), (Verdict.DEFERRED, 0), (Verdict.APPROVED, GRANTED)):
        decide(world, file_earlier(world), amount, verdict)
    file_earlier(world)
    year = prepare(world).year
    assert year.phase is Phase.ASKED
    assert (year.projects, year.meeting) == ((), None)
    assert (total(year).asked_count, total(year).asked) == (4, 4 * GRANTED)
    (totals,) = (table for table in data_tables(year, "") if table.name == "totals")
    told = [column.name for column in totals.columns]
    for row in totals.rows:  # nobody was granted nothing: it is not decided yet
        assert dict(zip(told, row, strict=True))["approved_baht"] is None


def test_a_year_recorded_from_documents_does_not_say_that_its_amounts_were_asked_for(world: World) -> None:
    open_projects(world)
    year = prepare(world).year
    for recorded, asked in ((year, GRANTED), (replace(year, tallies=()), None)):
        for table in data_tables(recorded, "")[:2]:
            place = [column.name for column in table.columns].index("asked_baht")
            assert {row[place] for row in table.rows} == {asked}, table.name


def test_nothing_is_told_of_a_call_that_is_open_to_anybody(world: World) -> None:
    """What others asked for must not be known to an agency that may still file."""
    file_proposal(world)
    deadline = deadline_of(get_call(db.session(), FISCAL_YEAR), None)
    db.session.rollback()
    longer = deadline.closes_at + timedelta(days=2)
    with open_work(world.actor("secretariat"), NOW) as work:
        beta = world.agencies["beta"]
        extend_call(work, FISCAL_YEAR, beta, longer, "เหตุไฟไหม้สำนักงาน", is_decided=False)
    last = longer + (deadline.grace_until - deadline.closes_at)
    for at in (NOW, deadline.grace_until, last - timedelta(seconds=1)):
        with pytest.raises(Refused) as refusal:
            prepare(world, FISCAL_YEAR, at)
        assert refusal.value.text == STILL_OPEN, at
    assert total(prepare(world, FISCAL_YEAR, last).year).asked_count == 1


def test_only_the_secretariat_publishes(world: World) -> None:
    open_projects(world)
    release_id = make(world)
    for who in ("officer", "certifier", "reviewer_bb", "committee", "admin"):
        with open_work(world.actor(who), NOW) as work, pytest.raises(Forbidden):
            publish_release(work, release_id, 1)
        session, actor = db.session(), world.actor(who)
        with pytest.raises(Forbidden):
            prepare_release(session, actor, get_call(session, LAST_YEAR), current_app.config["DGI"], NOW)


def test_a_release_is_shown_from_its_publication_to_its_withdrawal(world: World) -> None:
    open_projects(world)
    first = make(world)
    assert list_published(db.session()) == []
    with open_work(world.actor("secretariat"), NOW) as work:
        publish_release(work, first, 1)
    second = publish(world, at=NOW + timedelta(days=1), note="เพิ่มรายงานเดือนตุลาคม")
    rows = list_published(db.session())
    current = find_current(rows, LAST_YEAR)
    assert [row.ordinal for row in rows] == [2, 1]
    assert current is not None
    assert (current.ordinal, current.note) == (2, "เพิ่มรายงานเดือนตุลาคม")
    with open_work(world.actor("secretariat"), NOW) as work:
        withdraw_release(work, second, 2, "ยอดของหน่วยงานหนึ่งไม่ถูกต้อง")
    current = find_current(list_published(db.session()), LAST_YEAR)
    assert current is not None
    assert current.ordinal == 1


def test_what_cannot_be_done_with_a_release(world: World) -> None:
    open_projects(world)
    first = make(world)
    second = publish(world, at=NOW + timedelta(hours=1))
    actor = world.actor("secretariat")
    with open_work(actor, NOW) as work, pytest.raises(Refused):
        publish_release(work, first, 1)  # a later one is out
    with open_work(actor, NOW) as work, pytest.raises(Refused):
        publish_release(work, second, 2)
    with open_work(actor, NOW) as work, pytest.raises(Refused):
        withdraw_release(work, second, 2, "สั้น")
    with open_work(actor, NOW) as work, pytest.raises(Refused):
        withdraw_release(work, first, 1, "ไม่เคยเผยแพร่มาก่อน")
    with open_work(actor, NOW) as work, pytest.raises(Stale):
        withdraw_release(work, second, 1, "ยอดของหน่วยงานหนึ่งไม่ถูกต้อง")
    with open_work(SYSTEM, NOW) as work:
        assert work.session.get_one(Release, second).withdrawn_at is None


def test_every_field_has_a_reason_why_it_may_be_public() -> None:
    named = {
        f"{kind.__name__}.{field.name}"
        for kind in vars(public).values()
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == public.__name__
        for field in fields(kind)
    }
    assert named == set(WHY)
