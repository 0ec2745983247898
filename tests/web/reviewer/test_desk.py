"""The scoring desk: what saves itself and what cannot any more, scores once more, notes, evidence, history, the list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.calls.models import Call, CallDocument
from app.decisions.actions import record_decision
from app.decisions.facts import Verdict
from app.identity.facts import SYSTEM
from app.kernel.canonical import sha256_text
from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.actions import withdraw_proposal
from app.reviews.actions import declare_conflict, withdraw_assignment
from app.reviews.models import Assignment, ReviewRevision, ReviewRound
from app.reviews.queries import list_own_assignments, scores_from_json
from app.screening.actions import screen_proposal
from app.similarity.actions import compare_filing
from app.web.reviewer.evidence import RESEMBLES
from app.web.reviewer.home import place_of
from tests.conftest import Backend
from tests.proposals.sent_back import LATER, refile, send_back
from tests.web.desks import (
    GOOD_COMMENT,
    SeparateClient,
    assign,
    browser,
    file_one,
    hand_in,
    queries_of,
    score_form,
    scores,
    text_of,
)
from tests.world import NOW, World, file_proposal

TITLE = "ระบบเชื่อมโยงข้อมูลทดสอบ"
OUTPUT = "ผลผลิต"
TYPED = "ความเห็นที่กำลังพิมพ์อยู่"
MARK = "บันทึกลับ NOTE-MARK-4417"
REASON = "ฟังการหารือแล้วเห็นควรปรับคะแนน"


@pytest.fixture
def app(sqlite_backend: Backend) -> Iterator[Flask]:
    with sqlite_backend.app.app_context():
        yield sqlite_backend.app
        db.session.remove()


@pytest.fixture
def world(sqlite_backend: Backend) -> World:
    return sqlite_backend.world


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return browser(app, "reviewer_bb")


@pytest.fixture
def mine(app: Flask, world: World) -> int:
    return assign(world, file_one(world), "reviewer_bb")[0]


def at(assignment: int) -> str:
    return f"/reviewer/assignments/{assignment}"


def row(assignment: int) -> Assignment:
    db.session.rollback()
    return db.session.get_one(Assignment, assignment)


def set_round(world: World, phase: str, **more: Any) -> None:
    with open_work(world.actor("secretariat"), NOW) as work:
        db.session.add(
            ReviewRound(
                call_id=world.call_id,
                phase=phase,
                names_for="everyone",
                least_bodies=1,
                updated_at=work.now,
                **more,
            )
        )


# --- saving by itself


def test_the_answers_of_saving_by_itself(client: FlaskClient, world: World, mine: int) -> None:
    def send(version: int, page: str, **fields: str) -> Any:
        return client.post(f"{at(mine)}/autosave", data={"version": str(version), "page": page, **fields})

    first = send(1, "a", **{"score-economy": "3", "comment-economy": ""})
    assert (first.status_code, first.json["state"], first.json["version"]) == (200, "saved", 2)
    assert first.json["said"] == "บันทึกแล้ว 10:00 น."
    merged = send(1, "b", **{"score-benefit": "2", "comment-benefit": "", "notes": "จด"})
    assert merged.json["fields"] == {"score-economy": "3"}
    assert merged.json["merged"]
    clash = send(1, "c", **{"score-economy": "1", "comment-economy": ""})
    assert (clash.status_code, clash.json["state"]) == (409, "conflict")
    for version in (0, 77):
        assert send(version, "d", **{"score-economy": "1"}).json["state"] == "refused"
    for field, value in (("score-economy", "9"), ("score-charm", "1"), ("comment-economy", "ก" * 40_001)):
        refused = send(3, "e", **{field: value})
        assert (refused.status_code, refused.json["state"]) == (422, "refused"), field
    long = send(3, "f", **{"score-economy": "3", "comment-economy": "ก" * 4_001})
    assert long.json["state"] == "saved"
    assert [p["place"] for p in long.json["problems"]] == ["comment-economy"]
    kept = row(mine)
    assert scores_from_json(kept.scores)["economy"].comment == "ก" * 4_001
    assert (kept.version, kept.notes) == (4, "จด")
    assert 'id="comment-economy-error"' in text_of(client.get(at(mine)))
    # too long is not handed in, by whatever way
    assert client.post(at(mine), data=score_form(2, "ก" * 4_001, 4) | {"act": "submit"}).status_code == 422


def test_saving_by_itself_is_the_reviewers_alone(app: Flask, world: World, mine: int) -> None:
    for name, status in (("reviewer_dga", 404), ("secretariat", 403), ("committee", 403), ("officer", 403)):
        other = browser(app, name)
        for path in ("autosave", "choose", "restore"):
            assert other.post(f"{at(mine)}/{path}", data=score_form(3)).status_code == status
        assert other.get(f"{at(mine)}/history").status_code == status
    assert row(mine).version == 1
    nobody = SeparateClient(app, app.response_class)
    assert nobody.post(f"{at(mine)}/autosave", data=score_form(3)).status_code == 401


def test_who_is_here(client: FlaskClient, world: World) -> None:
    answer = client.get("/reviewer/session")
    assert answer.json["person"] == world.users["reviewer_bb"]
    assert answer.json["csrf"]


# --- what cannot be saved any more: the typed text comes back, the proposal only to those who may still read it


def _withdrawn(world: World, mine: int) -> None:
    with open_work(world.actor("secretariat"), NOW) as work:
        withdraw_assignment(work, mine, "ปรับภาระงาน")


def _recused(world: World, mine: int) -> None:
    with open_work(world.actor("reviewer_bb"), NOW) as work:
        declare_conflict(work, mine, "พบภายหลัง")


def _decided(world: World, mine: int) -> None:
    with open_work(world.actor("committee"), NOW) as work:
        record_decision(work, row(mine).proposal_id, Verdict.DEFERRED, 0, reason="รอข้อมูล")


def _taken_back(world: World, mine: int) -> None:
    with open_work(world.actor("officer"), NOW) as work:
        withdraw_proposal(work, row(mine).proposal_id)


Change = Callable[[World, int], None]
MEANWHILE: list[tuple[Change, bool, int, str]] = [
    (_withdrawn, False, 422, "ยกเลิกการมอบหมาย"),
    (_recused, False, 422, "ถอนตัว"),
    (lambda w, _: set_round(w, "locked"), True, 422, "รอบพิจารณาปิดแล้ว"),
    (lambda w, _: set_round(w, "scoring", scoring_due_at=NOW), True, 422, "เลยกำหนด"),
    (_decided, True, 422, "ไม่ได้อยู่ระหว่างการพิจารณาให้คะแนนแล้ว"),
    (_taken_back, False, 404, "หน่วยงานถอนข้อเสนอ"),
]


@pytest.mark.parametrize(
    ("meanwhile", "reads", "status", "said"),
    MEANWHILE,
    ids=["withdrawn", "recused", "locked", "late", "decided", "taken back"],
)
def test_what_came_too_late_comes_back_to_be_copied(
    client: FlaskClient, world: World, mine: int, meanwhile: Change, reads: bool, status: int, said: str
) -> None:
    meanwhile(world, mine)
    form = score_form(3) | {"comment-economy": TYPED, "notes": MARK, "reason": ""}
    for act in ("save", "submit", "ask"):
        answer = client.post(at(mine), data=form | {"act": act, "question-text": "ถาม"})
        page = text_of(answer)
        assert answer.status_code == status, act
        if act != "ask" or not reads:
            assert said in page
        assert TYPED in page
        assert MARK in page
        assert (OUTPUT in page) is reads
        assert (TITLE in page) is reads
    answer = client.post(f"{at(mine)}/autosave", data=form)
    if status == 422:
        assert (answer.status_code, answer.json["state"]) == (422, "refused")
        assert said in answer.json["said"]
    chosen = client.post(f"{at(mine)}/choose", data=form | {"opened_version": "1"})
    assert chosen.status_code == 422
    assert TYPED in text_of(chosen)
    assert OUTPUT not in text_of(chosen)
    assert db.session.scalar(select(ReviewRevision.id)) is None


# --- scores once more


def test_a_final_score_opens_over_what_is_in(app: Flask, client: FlaskClient, world: World) -> None:
    proposal_id = file_one(world)
    mine, theirs = assign(world, proposal_id, "reviewer_bb", "reviewer_dga")
    hand_in(world, "reviewer_dga", theirs, scores(1))
    hand_in(world, "reviewer_bb", mine, scores(3, "เห็นแล้วในรอบแรก"))
    assert 'id="rubric"' not in text_of(client.get(at(mine)))
    set_round(world, "final", final_due_at=NOW + timedelta(days=1))
    page = text_of(client.get(at(mine)))
    for shown in ('id="rubric"', "ที่ส่งไว้: ระดับ", 'name="reason"', "25.00", "นับอยู่จนกว่าท่านจะส่งใหม่"):
        assert shown in page
    assert "เปิดให้ให้คะแนนอีกครั้ง" in text_of(client.get("/reviewer/"))
    form = score_form(2, version=2) | {"notes": "", "reason": ""}
    short = client.post(at(mine), data=form | {"act": "submit"})
    assert short.status_code == 422
    assert 'id="reason-error"' in text_of(short)
    assert client.post(f"{at(mine)}/autosave", data=form | {"reason": "ฟัง"}).json["state"] == "saved"
    page = text_of(client.get(at(mine)))
    assert "ฟัง</textarea>" in page
    assert (row(mine).total, row(mine).draft is None) == (7_500, False)
    done = client.post(at(mine), data=form | {"version": "3", "reason": REASON, "act": "submit"})
    assert done.status_code == 303
    kept = row(mine)
    assert (kept.total, kept.first_total, kept.final_reason) == (5_000, 7_500, REASON)
    page = text_of(client.get(f"{at(mine)}/history"))
    for shown in ("ส่งคะแนนสุดท้าย", "ส่งผลคะแนน", "75.00", "50.00", REASON):
        assert shown in page
    # what was handed in first can be brought back as a draft, and counts for nothing until handed in
    assert client.post(f"{at(mine)}/restore", data={"restore": "2", "version": "4"}).status_code == 303
    kept = row(mine)
    assert (kept.total, kept.version) == (5_000, 5)
    assert {s.level for s in scores_from_json(kept.draft or "").values()} == {3}
    for sent in ({"restore": "99", "version": "5"}, {"restore": "", "version": "5"}):
        assert client.post(f"{at(mine)}/restore", data=sent).status_code == 422


@pytest.mark.both_databases
def test_a_stale_or_closed_history_brings_nothing_back(client: FlaskClient, world: World, mine: int) -> None:
    client.post(at(mine), data=score_form(2) | {"act": "save"})
    client.post(at(mine), data=score_form(3, version=2) | {"act": "save"})
    hand_in(world, "reviewer_bb", mine, scores(3))
    assert client.post(f"{at(mine)}/restore", data={"restore": "2", "version": "4"}).status_code == 422
    assert 'name="restore"' not in text_of(client.get(f"{at(mine)}/history"))
    assert row(mine).version == 4


# --- notes, the rubric, evidence


def test_private_notes_are_the_reviewers_alone(app: Flask, client: FlaskClient, world: World) -> None:
    proposal_id = file_one(world)
    mine, theirs = assign(world, proposal_id, "reviewer_bb", "reviewer_dga")
    client.post(at(mine), data=score_form(3) | {"notes": MARK, "act": "submit"})
    assert MARK in text_of(client.get(at(mine)))
    hand_in(world, "reviewer_dga", theirs, scores(2))
    for name, path in (
        ("reviewer_dga", at(theirs)),
        ("secretariat", f"/secretariat/proposals/{proposal_id}"),
        ("committee", f"/committee/proposals/{proposal_id}"),
    ):
        answer = browser(app, name).get(path)
        assert answer.status_code == 200
        assert "75.00" in text_of(answer)
        assert "NOTE-MARK" not in text_of(answer)


def test_a_rubric_changed_in_mid_round_is_told(client: FlaskClient, world: World, mine: int) -> None:
    client.post(at(mine), data=score_form(2) | {"act": "save"})
    assert "ขณะนี้รอบคำขอใช้เกณฑ์" not in text_of(client.get(at(mine)))
    old = db.session.get_one(CallDocument, row(mine).rubric_id)
    content = old.content.replace('"version":1', '"version":2')
    assert content != old.content
    with open_work(SYSTEM, NOW) as work:
        new = CallDocument(
            kind=old.kind,
            code=old.code,
            version=2,
            sha256=sha256_text(content),
            content=content,
            loaded_at=NOW,
        )
        work.session.add(new)
        work.session.flush()
        work.session.execute(update(Call).where(Call.id == world.call_id).values(rubric_id=new.id))
    page = text_of(client.get(at(mine)))
    assert "งานนี้ให้คะแนนตามเกณฑ์ฉบับที่ 1 ขณะนี้รอบคำขอใช้เกณฑ์ฉบับที่ 2 แล้ว" in page
    assert client.post(at(mine), data=score_form(3, version=2) | {"act": "submit"}).status_code == 303


def test_evidence_stands_at_the_top_and_at_each_criterion(client: FlaskClient, mine: int) -> None:
    page = text_of(client.get(at(mine)))
    for anchor in ("filed-integration", "filed-budget", "filed-indicators", "findings", "rule-overlap"):
        assert page.count(f'href="#{anchor}"') >= 2, anchor
        assert f'id="{anchor}"' in page, anchor


def test_likeness_to_another_filing_is_told_without_its_name(
    app: Flask, client: FlaskClient, world: World
) -> None:
    other = file_one(world, agency="beta", title_th="โครงการอื่นที่ผู้พิจารณาไม่ได้รับมอบหมาย")
    proposal_id = file_one(world)
    for one in (other, proposal_id):
        with open_work(SYSTEM, NOW) as work:
            compare_filing(work, one)
    with open_work(SYSTEM, NOW) as work:
        screen_proposal(work, proposal_id)
    (mine,) = assign(world, proposal_id, "reviewer_bb")
    assert "โครงการอื่นที่" in text_of(browser(app, "secretariat").get(f"/secretariat/proposals/{proposal_id}"))
    page = text_of(client.get(at(mine)))
    assert RESEMBLES.th in page
    assert "โครงการอื่นที่" not in page


@pytest.mark.both_databases
def test_the_desk_asks_at_most_twelve_times(client: FlaskClient, world: World) -> None:
    proposal_id = file_one(world)
    mine, theirs = assign(world, proposal_id, "reviewer_bb", "reviewer_dga")
    client.post(at(mine), data=score_form(3) | {"act": "save"})
    send_back(world, proposal_id, message="แก้ไข", sections=("budget",), at=NOW + timedelta(minutes=1))
    refile(world, proposal_id)
    hand_in(world, "reviewer_dga", theirs, scores(2))
    first = queries_of(client, at(mine))
    for _ in range(6):
        assign(world, file_one(world), "reviewer_bb")
    assert queries_of(client, at(mine)) == first <= 12
    hand_in(world, "reviewer_bb", mine, scores(3))
    set_round(world, "final")
    client.post(f"{at(mine)}/autosave", data=score_form(2, version=3) | {"reason": "ฟัง"})
    assert queries_of(client, at(mine)) <= 12
    assert queries_of(client, f"{at(mine)}/history") <= 12
    assert queries_of(client, "/reviewer/") <= 12


# --- what was kept in the browser, and the list


def test_what_a_browser_kept_comes_back_unsaved(client: FlaskClient, mine: int) -> None:
    form = score_form(3) | {"comment-economy": TYPED, "notes": MARK, "look": "1"}
    answer = client.post(at(mine), data=form)
    page = text_of(answer)
    assert answer.status_code == 200
    for shown in (TYPED, MARK, "data-unsaved"):
        assert shown in page
    assert row(mine).version == 1


def test_where_an_assignment_stands_in_the_list(client: FlaskClient, world: World) -> None:
    done, waiting, out = (assign(world, file_proposal(world), "reviewer_bb")[0] for _ in range(3))
    hand_in(world, "reviewer_bb", done, scores(3))
    send_back(world, row(out).proposal_id, message="แก้", sections=("budget",), at=NOW)

    def places(now: Any = LATER) -> list[str]:
        found = {a.id: a for a in list_own_assignments(db.session(), world.actor("reviewer_bb"))}
        return [place_of(found[n], now) for n in (done, waiting, out)]

    assert places() == ["done", "waiting", "paused"]
    set_round(world, "screening", scoring_due_at=LATER, final_due_at=LATER + timedelta(days=1))
    assert places() == ["done", "reading", "paused"]
    for phase, now, expected in (
        ("scoring", LATER - timedelta(milliseconds=1), ["done", "waiting", "paused"]),
        ("scoring", LATER, ["done", "closed", "paused"]),
        ("discussion", LATER, ["done", "closed", "paused"]),
        ("final", LATER, ["again", "closed", "paused"]),
        ("locked", LATER, ["done", "closed", "paused"]),
    ):
        with open_work(SYSTEM, NOW) as work:
            work.session.execute(update(ReviewRound).values(phase=phase))
        assert places(now) == expected, phase
    with open_work(SYSTEM, NOW) as work:
        work.session.execute(update(Assignment).where(Assignment.id == waiting).values(state="declined"))
    assert places()[1] == "ended"
    page = text_of(client.get("/reviewer/"))
    assert "ขอไม่พิจารณา" in page
    assert "ปิดรอบพิจารณา" in page


def test_comments_are_wanted_before_handing_in_and_named(client: FlaskClient, mine: int) -> None:
    page = text_of(client.get(at(mine)))
    assert "ระดับ 0 และ 4 ต้องมีความเห็นอย่างน้อย 20 ตัวอักษรก่อนส่ง" in page
    client.post(at(mine), data=score_form(4) | {"comment-economy": GOOD_COMMENT, "act": "save"})
    page = text_of(client.get(at(mine)))
    assert 'href="#comment-integration"' in page
    assert 'href="#comment-economy"' not in page
