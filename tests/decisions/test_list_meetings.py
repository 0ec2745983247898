"""The secretariat's meeting settles the list to recommend; the committee's and the board's decide."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.calls.queries import get_call_by_id
from app.decisions.actions import close_meeting, record_decision
from app.decisions.actions.bulk import plan_decisions
from app.decisions.facts import Level, Verdict
from app.decisions.models import DecisionBook, Meeting
from app.decisions.orders import DecidingOrder, Errand
from app.decisions.queries.meetings import meeting_terms
from app.decisions.queries.minutes import read_minutes
from app.figures.books.closing import make_book
from app.figures.books.papers import decision_document
from app.figures.books.reading import thaw_book
from app.figures.minutes import minutes_of
from app.figures.press import book_store
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.work import open_work
from app.portfolio.actions.adopting import adopt_scenario
from app.portfolio.actions.keeping import create_scenario
from app.proposals.models import Proposal
from app.proposals.states import PASSED
from app.web.committee.scenarios_adopting import has_open_meeting
from tests.conftest import Backend
from tests.decisions.held import hold, version
from tests.figures.small_round import hold_round
from tests.world import FISCAL_YEAR, NOW, World

LATER = NOW + timedelta(hours=1)

# level, whether it decides proposals, whether it closes with proposals that have no decision, whether the list may change
LEVELS = [
    (Level.SECRETARIAT, False, True, True),
    (Level.COMMITTEE, True, False, False),
    (Level.BOARD, True, False, False),
]


def _refused(attempt: object) -> bool:
    try:
        attempt()  # type: ignore[operator]
    except Refused:
        db.session().rollback()
        return True
    return False


def _adopt(world: World, name: str) -> int:
    with open_work(world.actor("secretariat"), LATER) as work:
        scenario = create_scenario(work, FISCAL_YEAR, name, "")
        work.session.flush()
        adopt_scenario(work, scenario.id, scenario.version, "เสนอคณะกรรมการ", meets=has_open_meeting)
        return scenario.id


@pytest.mark.parametrize(("level", "decides", "closes_undecided", "list_may_change"), LEVELS)
def test_what_a_meeting_of_each_level_does(
    sqlite_backend: Backend, level: Level, decides: bool, closes_undecided: bool, list_may_change: bool
) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        made = hold_round(world)
        meeting_id = hold(world, level)

        def decide() -> None:
            with open_work(world.actor("committee"), NOW) as work:
                record_decision(work, made.small, Verdict.REJECTED, 0, reason="เหตุผล")

        def decide_many() -> None:
            session = db.session()
            meeting, call = session.get_one(Meeting, meeting_id), get_call_by_id(session, world.call_id)
            order = DecidingOrder(Errand.FOLLOW, Verdict.DEFERRED, "เหตุผล")
            plan_decisions(session, world.actor("committee"), call, meeting, order, [made.shared])

        def close() -> None:
            expected = version(meeting_id)
            with open_work(world.actor("secretariat"), LATER) as work:
                close_meeting(work, meeting_id, expected)

        assert _refused(decide_many) is not decides
        assert _refused(decide) is not decides
        assert _refused(lambda: _adopt(world, "ร่าง")) is not list_may_change
        assert _refused(close) is not closes_undecided
        db.session.remove()


def test_the_list_adopted_while_the_secretariat_meets_is_what_it_recommends(sqlite_backend: Backend) -> None:
    world, config = sqlite_backend.world, sqlite_backend.app.config["DGI"]
    with sqlite_backend.app.app_context():
        made = hold_round(world)
        meeting_id = hold(world, Level.SECRETARIAT)
        adopted = _adopt(world, "รายการฝ่ายเลขานุการ")
        session = db.session()
        meeting, call = session.get_one(Meeting, meeting_id), get_call_by_id(session, world.call_id)
        assert meeting.scenario_id is None
        assert meeting_terms(session, call, meeting).to_json()
        expected = version(meeting_id)
        with open_work(world.actor("secretariat"), LATER) as work:
            close_meeting(
                work, meeting_id, expected, lambda work, one: make_book(work, one, book_store(config))
            )
        session = db.session()
        assert session.get_one(Meeting, meeting_id).scenario_id == adopted
        assert session.get_one(Proposal, made.small).state == PASSED
        minutes = minutes_of(read_minutes(session, world.actor("secretariat"), meeting_id))
        resolved = [item.resolution for item in minutes.items if item.resolution]
        assert resolved == ["เห็นชอบรายการตามฉากทัศน์ “รายการฝ่ายเลขานุการ” และให้เสนอคณะกรรมการพิจารณา"]
        sha256 = session.query(DecisionBook.sha256).scalar()
        book = thaw_book(book_store(config).get(sha256))
        assert book.contents.decisions == ()
        assert book.contents.scenario is not None
        assert book.contents.scenario.name == "รายการฝ่ายเลขานุการ"
        assert decision_document(book, "th").blocks
        db.session.remove()
