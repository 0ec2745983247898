"""One moment's standing: sums to the satang, who may read it, who is late, and the same number of queries for more."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import Executable, select, update

from app.calls.toml_text import FileRefused
from app.figures.monitoring_charts import target_amounts
from app.figures.monitoring_tables import target_rows
from app.identity.facts import SYSTEM
from app.identity.models import Agency
from app.kernel.canonical import sha256_text
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound
from app.kernel.work import open_work
from app.monitoring.actions.targets import load_targets
from app.monitoring.lights import Light
from app.monitoring.models import (
    Actual,
    Allotment,
    MonitoredCall,
    PlannedAmount,
    PlanVersion,
    ProgressRecord,
    Project,
)
from app.monitoring.periods import ReportKind
from app.monitoring.queries.standing import standing_of
from app.monitoring.queries.standing_rows import current_targets, earlier_years
from app.monitoring.queries.standing_views import CallStanding, Choice
from app.monitoring.queries.track_record import read_track_record
from app.monitoring.queries.years import years_standing
from app.monitoring.returning import Reason
from app.monitoring.targets import SpendingClass
from tests.conftest import Backend
from tests.monitoring.accounts import account_month, account_quarter, call_of
from tests.monitoring.ongoing import GRANTED, open_projects
from tests.proposals.earlier import LAST_YEAR
from tests.web.desks import counting
from tests.world import DATA, World

pytestmark = pytest.mark.usefixtures("app")
LATER = datetime(2026, 4, 20, tzinfo=UTC)
TARGETS = DATA.parents[1] / "monitoring" / "data" / "targets-2567.toml"


def standing(chosen: Choice = Choice(), now: datetime = LATER) -> CallStanding:
    return standing_of(db.session(), SYSTEM, LAST_YEAR, now, chosen)


def four_months(world: World) -> tuple[int, int]:
    """ "one" is paid half of what was planned, month by month; beta reports its part of "joint" for one month alone."""
    one, joint = open_projects(world, joint=True)
    call_id = call_of(one)
    for month, paid in enumerate((166_666_67, 166_666_66, 166_666_67, 1), 1):
        account_month(world, call_id, "alpha", month, {(one, "capital"): (paid, paid)})
    account_month(world, call_id, "beta", 1, {(joint, "operations"): (0, 0)})
    return one, joint


def test_sums_are_those_of_the_reports_that_count(world: World) -> None:
    one, joint = four_months(world)
    found = standing(Choice(month=4))
    by_id = {p.facts.id: p for p in found.projects}
    sums = by_id[one].sums
    assert (sums.allotted, sums.planned, sums.spent) == (GRANTED, 1_000_000_00 + 34, 500_000_01)
    assert (by_id[one].money.light, by_id[one].money.share) == (Light.RED, 499)
    # what beta has not reported is not known: the joint project is judged at the month both were accepted of
    assert (by_id[one].upto, by_id[joint].upto) == (4, 1)
    assert found.sums.spent == sum(g.sums.spent for g in found.by_ministry()) == 500_000_01
    assert sum(g.sums.allotted for g in found.by_agency()) == found.sums.allotted
    # what joint's agencies have not reported is no measure for "one"
    assert by_id[one].forecast.group == (sums.spent, sums.planned)
    assert found.of_class(SpendingClass.CAPITAL).spent == 500_000_01
    assert found.of_class(SpendingClass.RECURRENT).spent == 0
    assert [p.spent for p in found.curve.points][:5] == [166_666_67, 333_333_33, 500_000_00, 500_000_01, None]


def test_money_is_of_the_ministry_of_who_spends_it(world: World) -> None:
    four_months(world)
    other = select(Agency.ministry_id).where(Agency.id == world.agencies["gamma"]).scalar_subquery()
    db.session.execute(update(Agency).where(Agency.id == world.agencies["beta"]).values(ministry_id=other))
    db.session.commit()
    found = {g.code: (g.sums.projects, g.sums.allotted) for g in standing(Choice(month=4)).by_ministry()}
    # a joint project's money is not all its lead's
    assert found == {"mof": (2, 2 * GRANTED), "moi": (1, 2500_50)}


def test_it_is_narrowed_by_money_and_by_projects(world: World) -> None:
    one, _ = four_months(world)
    beta = standing(Choice(month=4, agency=world.agencies["beta"]))
    assert (len(beta.projects), beta.sums.allotted) == (1, 2500_50)
    assert [p.facts.id for p in standing(Choice(month=4, category="capital")).projects][:1] == [one]
    assert standing(Choice(text="ไม่มีชื่อนี้")).projects == ()
    first = standing(Choice(month=4, first_plan=True))
    assert first.sums.planned == standing(Choice(month=4)).sums.planned


def test_the_months_most_agencies_reported_are_shown(world: World) -> None:
    one, _ = four_months(world)
    assert (standing().month, standing().latest) == (4, 4)
    account_month(world, call_of(one), "beta", 2, {})
    assert standing(Choice(month=99)).month == 4


def test_who_is_late_is_told_once_it_is_due(world: World) -> None:
    four_months(world)
    late = {(entry.agency.th, entry.kind): entry for entry in standing().late}
    beta = late["กรมเบตา", ReportKind.MONEY]
    assert (beta.period, beta.missing) == (2, 5)  # November to March
    assert late["กรมอัลฟา", ReportKind.PROGRESS].missing == 2
    assert standing(now=datetime(2025, 11, 25, tzinfo=UTC)).late == ()


def test_progress_of_quarters(world: World) -> None:
    one, _ = four_months(world)
    account_quarter(world, one, "alpha", 1, results={1: "3"}, problems="ล่าช้า")
    found = next(p for p in standing(Choice(month=4)).projects if p.facts.id == one)
    assert [a.result for a in found.attained][:1] == ["3"]
    assert found.indicators.light is Light.NONE  # its only target is the year's
    assert found.work.judged.light is Light.NONE


@pytest.mark.parametrize("who", ["officer", "certifier", "reviewer_bb", "admin"])
def test_whole_calls_are_for_the_secretariat_and_the_committee(world: World, who: str) -> None:
    open_projects(world)
    actor = world.actor(who)
    for ask in (
        lambda: standing_of(db.session(), actor, LAST_YEAR, LATER),
        lambda: years_standing(db.session(), actor),
        lambda: read_track_record(db.session(), actor),
    ):
        with pytest.raises(Forbidden):
            ask()


def test_an_agency_reads_its_own_projects(world: World) -> None:
    one, joint = four_months(world)

    def own(who: str) -> set[int]:
        found = standing_of(db.session(), world.actor(who), LAST_YEAR, LATER, own=True)
        return {p.facts.id for p in found.projects} | {entry.agency_id for entry in found.late if False}

    assert own("officer") == {one, joint}
    assert own("officer_beta") == {joint}
    with pytest.raises(NotFound):
        standing_of(db.session(), world.actor("secretariat"), 2511, LATER)


def test_years_side_by_side_agree_with_the_year_alone(world: World) -> None:
    four_months(world)
    (year,) = years_standing(db.session(), SYSTEM, 4)
    assert year.sums == standing(Choice(month=4)).sums
    (unfinished,) = years_standing(db.session(), SYSTEM, 12)  # nobody told of the months after
    assert (unfinished.month, unfinished.sums) == (4, year.sums)


def test_what_is_short_of_the_target_is_rounded_up(world: World) -> None:
    four_months(world)
    with open_work(SYSTEM, LATER) as work:
        load_targets(work, TARGETS.read_bytes().replace(b"fiscal_year = 2567", b"fiscal_year = 2569"))
    rows = {row.spending_class: row for row in target_rows(standing(Choice(month=4)))}
    overall, capital = rows[SpendingClass.OVERALL], rows[SpendingClass.CAPITAL]
    # 93 % of 2,002,502.50 baht are 1,862,327.325
    assert (overall.allotted, overall.now, overall.end) == (2_002_502_50, None, 9300)
    assert overall.missing == 1_862_327_33 - overall.spent
    assert (capital.end, capital.missing) == (None, None)
    kept = current_targets(db.session(), LAST_YEAR)
    assert target_amounts(kept, overall.allotted, 12) == (*[None] * 11, 1_862_327_32)


def test_more_projects_ask_no_more(world: World) -> None:
    open_projects(world)
    standing()
    with counting() as few:
        standing()
    open_projects(world, joint=True)
    standing()
    with counting() as many:
        standing()
    assert len(many) == len(few) <= 10


def test_money_left_at_the_end_could_be_returned(world: World) -> None:
    (one,) = open_projects(world)
    for month in range(1, 13):
        paid = {(one, "capital"): (GRANTED - 1, GRANTED - 1)} if month == 1 else {}
        account_month(world, call_of(one), "alpha", month, paid)
    (found,) = standing(now=datetime(2026, 12, 1, tzinfo=UTC)).projects
    assert found.returnable is not None
    assert (found.returnable.amount, found.returnable.reason) == (1, Reason.LEFT)
    record = read_track_record(db.session(), SYSTEM)
    assert (record.years, record.whole.cases) == ((LAST_YEAR,), 9)  # March was in: each month from the third


def test_the_track_record_is_made_once_and_again_once_something_changed(world: World) -> None:
    (one,) = open_projects(world)
    for month in range(1, 13):
        paid = {(one, "capital"): (GRANTED - 1, GRANTED - 1)} if month == 4 else {}
        account_month(world, call_of(one), "alpha", month, paid)
    first = read_track_record(db.session(), SYSTEM)
    with counting() as asked:
        assert read_track_record(db.session(), SYSTEM) is first
    assert len(asked) == 3
    assert {r.outcome for r in first.replays} == {GRANTED - 1}
    own = Actual.project_id == one, Actual.month == 4
    changes: list[tuple[str, Executable]] = [
        ("money moved between months", update(Actual).where(*own).values(month=5)),
        ("paid more", update(Actual).where(Actual.project_id == one).values(disbursed=GRANTED)),
        ("reported, not made up", update(MonitoredCall).values(origin="filed")),
        (
            "another rule",
            update(MonitoredCall).values(rules='{"month_days":10,"quarter_days":15,"green":1,"amber":1}'),
        ),
    ]
    assert first.is_synthetic
    last = first
    for what, change in changes:
        db.session.execute(change)
        db.session.commit()
        found = read_track_record(db.session(), SYSTEM)
        assert found != last, what
        last = found
    db.session.execute(update(ProgressRecord).where(ProgressRecord.period == 12).values(period=24, version=2))
    db.session.commit()
    assert not last.is_synthetic
    assert read_track_record(db.session(), SYSTEM).years == ()  # its last month is no longer told of


def replan_in_may(project_id: int) -> None:
    """From May on, all is meant to be paid in September."""
    session, at = db.session(), datetime(2026, 5, 10, tzinfo=UTC)
    first = session.scalars(select(PlanVersion).where(PlanVersion.project_id == project_id)).one()
    plan = json.loads(first.content)
    for row in plan["spending"]:
        row["months"] = [*[0] * 11, sum(row["months"]), *[0] * 12]
    first.superseded_at, first.current_for = at, None
    session.flush()
    content = json.dumps(plan)
    own = {"project_id": project_id, "ordinal": 2, "cause": "detail", "current_for": project_id}
    session.add(PlanVersion(**own, content=content, sha256=sha256_text(content), in_force_at=at))
    session.commit()


def test_a_replay_knows_the_plan_of_its_month_and_no_year_but_those_before(world: World) -> None:
    (one,) = open_projects(world)
    for month in range(1, 13):
        account_month(world, call_of(one), "alpha", month, {(one, "capital"): (100_00, 100_00)})
    replan_in_may(one)
    told = {r.month: r.amount for r in read_track_record(db.session(), SYSTEM).replays}
    # under the first plan all was due by March, and nothing more is expected; under the second, nothing is due yet
    assert sorted(told) == [3, 4, 5, 6, 7]
    assert told[7] == 700_00  # its own year would have told how it ends
    assert standing(Choice(month=7)).profile.years == ()


def carry_over(project_id: int, carried: int) -> None:
    """Some of the first month's money is to be spent in the first month after the year."""
    session = db.session()
    session.execute(update(Allotment).where(Allotment.project_id == project_id).values(carried=carried))
    own = PlannedAmount.project_id == project_id, PlannedAmount.month == 1
    row = session.scalars(select(PlannedAmount).where(*own)).one()
    row.amount -= carried
    session.add(
        PlannedAmount(
            project_id=project_id, agency_id=row.agency_id, category=row.category, month=13, amount=carried
        )
    )
    session.commit()


def test_what_the_year_left_stays_what_it_was_when_carried_over_money_is_paid(world: World) -> None:
    (one,) = open_projects(world)
    carry_over(one, 1000_00)
    for month in range(1, 25):
        paid = {1: GRANTED - 1000_00 - 7, 13: 600_00}.get(month, 0)
        account_month(world, call_of(one), "alpha", month, {(one, "capital"): (paid, paid)} if paid else {})
    left = {}
    for month in (12, 13, 23, 24):
        (found,) = standing(Choice(month=month), now=datetime(2028, 1, 1, tzinfo=UTC)).projects
        assert found.returnable is not None, month
        left[month] = found.returnable.amount, found.returnable.reason
    # seven satang short of the year's money; once the months after it are over, what was carried and not paid as well
    assert left == {
        12: (7, Reason.LEFT),
        13: (7, Reason.LEFT),
        23: (7, Reason.LEFT),
        24: (400_07, Reason.LEFT),
    }


def test_the_cabinet_s_targets_are_of_the_year_itself(world: World) -> None:
    (one,) = open_projects(world)
    carry_over(one, 1000_00)
    for month in range(1, 14):
        paid = {1: 500_00, 13: 600_00}.get(month, 0)
        account_month(world, call_of(one), "alpha", month, {(one, "capital"): (paid, paid)} if paid else {})
    found = standing(Choice(month=13), now=datetime(2028, 1, 1, tzinfo=UTC))
    assert found.sums.spent == 1100_00
    assert found.of_class(SpendingClass.OVERALL).spent == 500_00


def test_an_ended_project_counts_in_what_is_expected_with_what_it_spent(world: World) -> None:
    one, joint = open_projects(world, joint=True)
    for month in range(1, 7):
        for agency, project, category in (("alpha", one, "capital"), ("beta", joint, "capital")):
            account_month(world, call_of(one), agency, month, {(project, category): (100_00, 100_00)})
    assert [p.facts.id for p in standing(Choice(month=6)).warned] == [joint, one]  # the larger amount first
    session = db.session()
    ended = {"state": "closed", "ended_at": datetime(2026, 3, 10, tzinfo=UTC)}  # month 6
    session.execute(update(Project).where(Project.id == joint).values(**ended))
    session.commit()
    found = standing(Choice(month=6))
    told = {p.facts.id: p.forecast.amount for p in found.projects}
    assert told[joint] is None
    assert told[one] is not None
    assert found.forecast_total == told[one] + 600_00
    # a month before, it was under way
    before = next(p for p in standing(Choice(month=5)).projects if p.facts.id == joint)
    assert before.forecast.amount is not None
    assert before.returnable is None or before.returnable.reason is not Reason.ENDED


def test_progress_that_was_not_accepted_is_not_known(world: World) -> None:
    one, _ = four_months(world)
    account_quarter(world, one, "alpha", 1, results={1: "3"})
    at_march = next(p for p in standing(Choice(month=6)).projects if p.facts.id == one)
    account_quarter(world, one, "alpha", 2, results={1: "4"})
    later = next(p for p in standing(Choice(month=6)).projects if p.facts.id == one)
    assert (at_march.told, later.told) == (1, 2)
    assert [a.result for a in later.attained][:1] == ["4"]
    assert (at_march.work.due, at_march.work.judged.light) == (0, Light.NONE)


def test_reports_that_came_back_or_wait_to_be_accepted_do_not_count(world: World) -> None:
    one, _ = four_months(world)
    for month, state in ((5, "returned"), (6, "signed")):
        account_month(world, call_of(one), "alpha", month, {})
        own = ProgressRecord.period == month, ProgressRecord.agency_id == world.agencies["alpha"]
        waiting = {"state": state, "current_for": None, "open_for": f"test:{month}"}
        db.session.execute(update(ProgressRecord).where(*own).values(**waiting))
        db.session.commit()
    found = standing(Choice(month=6))
    assert found.latest == 4
    assert {p.facts.id: p.upto for p in found.projects}[one] == 4
    (late,) = (e for e in found.late if e.kind is ReportKind.MONEY and e.agency_id == world.agencies["alpha"])
    assert (late.period, late.missing) == (5, 1)  # what came back is missing; what was signed is handed in


def test_a_cancelled_project_has_no_lights(world: World) -> None:
    one, _ = four_months(world)
    account_quarter(world, one, "alpha", 1, percents={1: 10})
    before = next(p for p in standing(Choice(month=4)).projects if p.facts.id == one)
    assert before.money.light is Light.RED
    db.session.execute(update(Project).where(Project.id == one).values(state="cancelled", ended_at=LATER))
    db.session.commit()
    after = next(p for p in standing(Choice(month=12)).projects if p.facts.id == one)
    assert {after.money.light, after.work.judged.light, after.indicators.light} == {Light.NONE}
    assert after.sums.spent == before.sums.spent


def test_an_earlier_year_counts_by_the_agencies_that_finished_it(world: World) -> None:
    one, joint = open_projects(world, joint=True)
    for month in range(1, 13):
        account_month(world, call_of(one), "alpha", month, {(one, "capital"): (10_00, 10_00)})
    account_month(world, call_of(one), "beta", 1, {(joint, "capital"): (5_00, 5_00)})
    (found,) = earlier_years(db.session(), LAST_YEAR + 1)
    # alpha's in both projects; beta's year is not told to its end, so neither its money nor what it paid is usual
    assert (found.category, found.available, found.spent[-1]) == ("capital", 2 * GRANTED, 120_00)


def test_who_is_late_does_not_hang_on_the_plan_compared_with(world: World) -> None:
    (one,) = open_projects(world)
    carry_over(one, 1000_00)
    after = datetime(2026, 12, 1, tzinfo=UTC)
    late = [standing(Choice(first_plan=first), now=after).late for first in (False, True)]
    assert late[0] == late[1]
    assert {entry.kind: entry.missing for entry in late[0]}[ReportKind.MONEY] == 13


def test_targets_are_kept_in_versions(world: World, backend: Backend) -> None:
    data = TARGETS.read_bytes()
    with open_work(SYSTEM, LATER) as work:
        assert load_targets(work, data).is_new
        assert not load_targets(work, data).is_new
    kept = current_targets(db.session(), 2567)
    assert kept is not None
    told = [(t.spending_class.value, t.quarter, t.percent) for t in kept.targets]
    assert told == [("overall", 4, 9300), ("recurrent", 4, 9800)]
    with open_work(SYSTEM, LATER) as work, pytest.raises(FileRefused):
        load_targets(work, data.replace(b"percent = 93", b"percent = 92"))
    with open_work(world.actor("committee"), LATER) as work, pytest.raises(Forbidden):
        load_targets(work, data)


def test_every_fault_of_a_file_of_targets_is_told_at_once(world: World) -> None:
    data = """
fiscal_year = 67
version = 0
misspelt = 1
[source]
th = "ก"
[[targets]]
class = "overal"
quarter = 5
percent = "93.555"
[[targets]]
class = "overall"
quarter = 2
percent = 50
[[targets]]
class = "overall"
quarter = 2
percent = 60
[[targets]]
class = "overall"
quarter = 3
percent = 40
""".encode()
    with open_work(SYSTEM, LATER) as work, pytest.raises(FileRefused) as refusal:
        load_targets(work, data)
    keys = [fault.key for fault in refusal.value.faults]
    assert sorted(keys) == sorted(
        [
            "fiscal_year",
            "version",
            "misspelt",
            "source",
            "targets[1].class",
            "targets[1].quarter",
            "targets[1].percent",
            "targets[3].quarter",
            "targets",
        ]
    )
