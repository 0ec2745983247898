"""The pages of calibrated scores: what each reader sees, what is refused and why, files, and what never appears."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping

import pytest
from flask import Flask
from sqlalchemy import update

from app.calls.queries import get_call
from app.identity.actions import add_demo_person
from app.identity.facts import Body, Membership, Role
from app.identity.rules import Forbidden
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.models import Proposal
from app.reviews.actions import set_round
from app.reviews.facts import NamesFor, RoundFacts, Score
from app.reviews.models import Assignment
from app.reviews.queries.calibration import list_discordant, read_calibration
from tests.conftest import Backend
from tests.web.desks import assign, browser, file_one, hand_in, queries_of, text_of
from tests.world import FISCAL_YEAR, NOW, PASSWORD, World

MARK = "MARKED-COMMENT-7311"
SECRETARIAT = f"/secretariat/calls/{FISCAL_YEAR}/calibration"
COMMITTEE = f"/committee/calls/{FISCAL_YEAR}/calibration"
REVIEWERS = ("reviewer_bb", "reviewer_dga", "reviewer_nesdc")
# levels of each reviewer: the third is two levels stricter, and for once is not
LEVELS: Mapping[str, tuple[int, int, int]] = {
    "หนึ่ง": (4, 4, 2),
    "สอง": (3, 4, 1),
    "สาม": (3, 3, 1),
    "สี่": (2, 3, 1),
    "ห้า": (3, 2, 4),
    "หก": (2, 2, 0),
}


@pytest.fixture
def world(sqlite_backend: Backend) -> Iterator[World]:
    with sqlite_backend.app.app_context():
        add_reviewers(sqlite_backend.world)
        yield sqlite_backend.world
        db.session.remove()


@pytest.fixture
def app(sqlite_backend: Backend) -> Flask:
    return sqlite_backend.app


def add_reviewers(world: World) -> None:
    with open_work(world.actor("admin"), NOW) as work:
        world.users["reviewer_nesdc"] = add_demo_person(
            work,
            World.email("reviewer_nesdc"),
            Text("นงเยาว์ เอกลักษณ์", "Nongyao Unmistakable"),
            PASSWORD,
            [Membership(Role.REVIEWER, world.agencies["gamma"], Body.NESDC)],
        )


def review(world: World, title: str, levels: Mapping[str, int]) -> int:
    """A filing with these levels handed in by these reviewers; returns its id."""
    proposal_id = file_one(world, title_th=title, title_en=f"Title {title}")
    for (name, level), assignment in zip(levels.items(), assign(world, proposal_id, *levels), strict=True):
        codes = [c.code for c in get_call(db.session(), FISCAL_YEAR).rubric.criteria]
        # not all criteria alike, so that criteria differ
        given = {
            c: Score(max(level - (n == 1), 0), f"{MARK} ความเห็นที่ยาวพอสำหรับระดับนี้") for n, c in enumerate(codes)
        }
        hand_in(world, name, assignment, given)
    return proposal_id


def review_all(world: World) -> list[int]:
    return [
        review(world, title, dict(zip(REVIEWERS, levels, strict=True))) for title, levels in LEVELS.items()
    ]


def keep_names(world: World, names_for: NamesFor) -> None:
    with open_work(world.actor("secretariat"), NOW) as work:
        set_round(work, world.call_id, RoundFacts(names_for=names_for))


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_both_desks_show_raw_beside_calibrated(world: World, app: Flask) -> None:
    ids = review_all(world)
    for name, path, proposal in (
        ("secretariat", SECRETARIAT, "/secretariat/proposals/"),
        ("committee", COMMITTEE, "/committee/proposals/"),
    ):
        page = text_of(browser(app, name, "en").get(path))
        assert "The ranked list keeps using the raw means" in page
        assert "Nongyao Unmistakable" in page
        assert "Stricter than the others" in page
        assert "ICC(A,1)" in page
        for title, proposal_id in zip(LEVELS, ids, strict=True):
            assert f"Title {title}" in page
            assert f'href="{proposal}{proposal_id}"' in page
    assert "เข้มกว่าคนอื่น" in text_of(browser(app, "secretariat").get(SECRETARIAT))


def test_figures_of_page_and_file_are_those_of_the_query(world: World, app: Flask) -> None:
    review_all(world)
    view = read_calibration(db.session(), world.actor("secretariat"), get_call(db.session(), FISCAL_YEAR))
    client = browser(app, "secretariat", "en")
    page = text_of(client.get(SECRETARIAT))
    answer = client.get(f"{SECRETARIAT}/proposals.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = table(answer.get_data(as_text=True))
    assert len(rows) == len(view.rows) == len(LEVELS)
    for row, r in zip(rows, view.rows, strict=True):
        f = r.figures
        assert row["Number"] == r.proposal.number
        for column, value in (
            ("Raw mean", f.raw),
            ("Calibrated", f.calibrated),
            ("95 % interval, low", f.low),
        ):
            assert row[column] == f"{value / 100:.2f}"
        assert (int(row["Rank by raw mean"]), int(row["Rank by calibrated"])) == (f.raw_rank, f.rank)
        assert f"{f.raw / 100:.2f} ({f.raw_rank})" in page
        assert f"<strong>{f.calibrated / 100:.2f}</strong>" in page
    people = table(client.get(f"{SECRETARIAT}/reviewers.csv").get_data(as_text=True))
    assert people[0]["Reviewer"] == "Nongyao Unmistakable"
    assert people[0]["Above or below the mean"] == f"{view.reviewers[0].figures.severity / 100:.2f}"
    agreement = table(client.get(f"{SECRETARIAT}/agreement.csv").get_data(as_text=True))
    total = view.agreement[-1].agreement
    assert total is not None
    assert agreement[-1]["ICC(A,1) (percent)"] == f"{total.single / 10:.2f}"
    assert len(agreement) == len(view.agreement) == 7
    assert client.get(f"{SECRETARIAT}/anything.csv").status_code == 404


def test_orders(world: World, app: Flask) -> None:
    review_all(world)
    client = browser(app, "secretariat", "en")
    view = read_calibration(db.session(), world.actor("secretariat"), get_call(db.session(), FISCAL_YEAR))
    for order, key in (
        ("", lambda f: (f.rank, f.raw_rank)),
        ("raw", lambda f: (f.raw_rank, f.rank)),
        ("moved", lambda f: (-abs(f.moved), f.rank)),
    ):
        page = text_of(client.get(SECRETARIAT, query_string={"order": order}))
        page = page[page.index('id="proposals"') :]
        wanted = [
            r.proposal.number for r in sorted(view.rows, key=lambda r: (*key(r.figures), r.proposal.number))
        ]
        assert sorted(wanted, key=page.index) == wanted


def test_names_are_kept_from_the_committee_where_the_round_says_so(world: World, app: Flask) -> None:
    ids = review_all(world)
    keep_names(world, NamesFor.SECRETARIAT)
    client = browser(app, "committee", "en")
    pages = [text_of(client.get(path)) for path in (COMMITTEE, f"{COMMITTEE}/reviewers.csv", SECRETARIAT)]
    for page in pages:
        assert "Nongyao" not in page
        assert "NESDC" not in page
        assert "Reviewer 1 (not named)" in page
    assert "Nongyao" in text_of(browser(app, "secretariat", "en").get(SECRETARIAT))
    call = get_call(db.session(), FISCAL_YEAR)
    odd = {r.proposal_id: r for r in list_discordant(db.session(), world.actor("committee"), call)}[ids[4]]
    assert odd.is_flagged
    assert "Reviewer 3 is" in odd.why.en
    assert "Nongyao" not in odd.why.en + odd.why.th


def test_discordance_reads_the_independent_scores(world: World) -> None:
    ids = review_all(world)
    call, secretariat = get_call(db.session(), FISCAL_YEAR), world.actor("secretariat")
    rows = list_discordant(db.session(), secretariat, call)
    first = rows[0]
    assert (first.proposal_id, first.is_flagged, first.is_calibrated, first.count) == (ids[4], True, True, 3)
    assignment = db.session().get_one(Assignment, first.standout)
    assert assignment.reviewer_id == world.users["reviewer_nesdc"]
    assert "Nongyao Unmistakable is" in first.why.en
    assert "above the others" in first.why.en
    # a final score that agrees after all changes what counts, and not what was found discordant
    with open_work(secretariat, NOW) as work:
        work.session.execute(
            update(Assignment)
            .where(Assignment.id == assignment.id)
            .values(total=assignment.first_total - 3000)
        )
        work.audit("submit_review", f"assignment:{assignment.id}")
    assert list_discordant(db.session(), secretariat, call)[0] == first
    with pytest.raises(Forbidden):
        list_discordant(db.session(), world.actor("reviewer_bb"), call)
    with pytest.raises(Forbidden):
        read_calibration(db.session(), world.actor("officer"), call)


def test_without_calibration_the_raw_spread_is_taken_and_it_is_said(world: World) -> None:
    review(world, "ก", {"reviewer_bb": 4, "reviewer_dga": 1})
    review(world, "ข", {"reviewer_bb": 3, "reviewer_dga": 3})
    rows = list_discordant(db.session(), world.actor("secretariat"), get_call(db.session(), FISCAL_YEAR))
    assert [row.is_calibrated for row in rows] == [False, False]
    assert "severity could not be taken away" in rows[0].why.en
    assert rows[0].standout is None
    assert "no more than noise" in rows[1].why.en


def test_refusal_says_why_and_what_would_change_it(world: World, app: Flask) -> None:
    client = browser(app, "secretariat", "en")
    empty = text_of(client.get(SECRETARIAT))
    assert "No review is in yet" in empty
    assert "The scores cannot be calibrated" in empty
    one = review(world, "ก", {"reviewer_bb": 4, "reviewer_dga": 1})
    review(world, "ข", {"reviewer_nesdc": 3})
    page = text_of(client.get(SECRETARIAT))
    assert "fall into 2 groups" in page
    assert "at least 1 more review " in page
    assert f'href="/secretariat/proposals/{one}"' in page
    assert "3 reviewers have fewer than 3 scores" in page
    assert "<li>Nongyao Unmistakable</li>" in page
    assert 'id="proposals"' not in page  # no calibrated score anywhere
    keep_names(world, NamesFor.SECRETARIAT)
    kept = text_of(browser(app, "committee", "en").get(COMMITTEE))
    assert "Nongyao" not in kept
    assert "(not named)" in kept
    assert "ยังปรับเทียบคะแนนไม่ได้" in text_of(browser(app, "secretariat").get(SECRETARIAT))


def test_what_does_not_count_is_left_out_and_new_reviews_are_seen(world: World, app: Flask) -> None:
    ids = review_all(world)
    call, secretariat = get_call(db.session(), FISCAL_YEAR), world.actor("secretariat")
    assert read_calibration(db.session(), secretariat, call).reviews == 18
    with open_work(secretariat, NOW) as work:
        work.session.execute(
            update(Assignment).where(Assignment.proposal_id == ids[0]).values(state="withdrawn")
        )
        work.session.execute(update(Proposal).where(Proposal.id == ids[1]).values(state="returned"))
        work.audit("withdraw_assignment", f"proposal:{ids[0]}")
    view = read_calibration(db.session(), secretariat, call)
    assert (view.reviews, view.reviewed, view.unreviewed) == (12, 4, 1)
    assert {r.proposal.id for r in view.rows} == set(ids[2:])
    page = text_of(browser(app, "secretariat", "en").get(SECRETARIAT))
    assert "Proposals without a review yet: 1." in page


def test_a_rubric_changed_in_mid_round_is_said(world: World, app: Flask) -> None:
    review_all(world)
    client = browser(app, "secretariat", "en")
    assert "versions of the rubric" not in text_of(client.get(SECRETARIAT))
    with open_work(world.actor("secretariat"), NOW) as work:
        other = get_call(work.session, FISCAL_YEAR).plan_id  # any other document stands for another version
        first = work.session.query(Assignment).order_by(Assignment.id).first()
        assert first is not None
        work.session.execute(update(Assignment).where(Assignment.id == first.id).values(rubric_id=other))
        work.audit("submit_review", f"assignment:{first.id}")
    assert "scored by 2 versions of the rubric" in text_of(client.get(SECRETARIAT))


def test_comments_and_notes_never_enter(world: World, app: Flask) -> None:
    review_all(world)
    with open_work(world.actor("secretariat"), NOW) as work:
        work.session.execute(update(Assignment).values(notes=MARK))
        assert MARK in json.dumps([a.scores for a in work.session.query(Assignment)])
    for name, path in (("secretariat", SECRETARIAT), ("committee", COMMITTEE)):
        client = browser(app, name)
        for end in ("", "?order=moved", "/proposals.csv", "/reviewers.csv", "/agreement.csv", "/nothing.csv"):
            assert MARK not in text_of(client.get(path + end))
    call = get_call(db.session(), FISCAL_YEAR)
    assert MARK not in repr(list_discordant(db.session(), world.actor("secretariat"), call))


def test_formulas_typed_as_titles_are_disarmed(world: World, app: Flask) -> None:
    review_all(world)
    review(world, "=1+1", dict.fromkeys(REVIEWERS, 3))
    rows = table(browser(app, "secretariat").get(f"{SECRETARIAT}/proposals.csv").get_data(as_text=True))
    assert "'=1+1" in [row["โครงการ"] for row in rows]


def test_reviewers_and_officers_are_kept_out(world: World, app: Flask) -> None:
    for name in ("reviewer_bb", "officer", "certifier", "admin"):
        client = browser(app, name)
        for path in (SECRETARIAT, COMMITTEE, f"{SECRETARIAT}/proposals.csv", f"{COMMITTEE}/reviewers.csv"):
            assert client.get(path).status_code in (403, 404)


def test_questions_asked_do_not_grow_with_the_rows(world: World, app: Flask) -> None:
    review_all(world)
    client = browser(app, "secretariat")
    client.get(SECRETARIAT)
    kept = queries_of(client, SECRETARIAT)
    review(world, "ใหม่", dict.fromkeys(REVIEWERS, 3))
    first = queries_of(client, SECRETARIAT)
    review(world, "ใหม่กว่า", dict.fromkeys(REVIEWERS, 2))
    assert queries_of(client, SECRETARIAT) == first <= 12
    assert queries_of(client, SECRETARIAT) == kept == first - 2
