"""The queue of discussions and the thread of a proposal: what stands there, what is kept, what others never read."""

from __future__ import annotations

import csv
import io

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.kernel.db import db
from app.kernel.work import open_work
from app.reviews.actions.discussing import record_outcome
from app.reviews.facts import NamesFor
from app.reviews.models import DiscussionNote, DiscussionOutcome
from app.reviews.threads import Conclusion
from tests.conftest import Backend
from tests.law.routes import ROUTES, list_people
from tests.law.things import enter, make_things, words_of
from tests.reviews.discussed import at_phase, discussed, finalise, say
from tests.web.desks import browser, hand_in, queries_of, scores, text_of
from tests.world import NOW, World, give

QUEUE = "/secretariat/calls/2570/discussions"


def _thread(proposal_id: int) -> str:
    return f"/secretariat/proposals/{proposal_id}/discussion"


def _conclude(
    world: World, proposal_id: int, conclusion: Conclusion, text: str, seen: int | None = None
) -> int:
    with open_work(world.actor("secretariat"), NOW) as work:
        return record_outcome(work, proposal_id, conclusion, text, seen=seen)


def _numbers(page: str) -> list[str]:
    """The numbers of the proposals in the queue, in order."""
    return [part.split("<")[0] for part in page.split('<th scope="row"><span class="aside">')[1:]]


def _agreeing(world: World, n: int) -> int:
    """A proposal whose two reviewers agree."""
    proposal_id, given = discussed(world, "scoring", title_th=f"เรื่องที่เห็นตรงกัน {n}")
    with open_work(world.actor("secretariat"), NOW) as work:
        from app.reviews.models import Assignment

        for assignment_id in given:
            row = work.session.get_one(Assignment, assignment_id)
            row.total = row.first_total = 5000 + n * 500
    return proposal_id


@pytest.mark.both_databases
def test_the_queue_puts_first_where_reviewers_part_by_more_than_noise(
    sqlite_backend: Backend,
) -> None:
    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        for n in range(8):
            _agreeing(world, n)
        proposal_id, _ = discussed(world, title_th="เรื่องที่เห็นต่าง")
        say(world, "reviewer_bb", proposal_id, "ขอให้ทบทวน")
        secretariat = browser(sqlite_backend.app, "secretariat")
        page = text_of(secretariat.get(QUEUE))
        assert _numbers(page)[0] == "2570-0009"
        assert len(_numbers(page)) == 9
        row = page.split('<tr class="is-flagged">')[1].split("</tr>")[0]
        for said in ("เกินปกติ", "เพราะอะไร", "ความคลาดเคลื่อน", "1 ข้อความ", "รอคำตอบ", _thread(proposal_id)):
            assert said in row, said
        for query, expected in (
            ("spread=flagged", ["2570-0009"]),
            ("spread=within", [f"2570-000{n}" for n in range(1, 9)]),
            ("thread=unanswered", ["2570-0009"]),
            ("thread=recorded", []),
            ("spread=flagged&thread=none", ["2570-0009"]),
            ("thread=nonsense&q=เห็นต่าง", ["2570-0009"]),
            ("q=2570-0003", ["2570-0003"]),
            ("q=ไม่มีเรื่องนี้", []),
        ):
            assert sorted(_numbers(text_of(secretariat.get(f"{QUEUE}?{query}")))) == expected, query
        assert "ไม่มีเรื่องที่ตรงตามที่กรอง" in text_of(secretariat.get(f"{QUEUE}?thread=meeting"))
        _conclude(world, proposal_id, Conclusion.RESCORE, "ขอคะแนนสุดท้าย")
        db.session.rollback()
        page = text_of(secretariat.get(f"{QUEUE}?thread=finals"))
        assert _numbers(page) == ["2570-0009"]
        assert "คะแนนสุดท้าย 0 จาก 2 คน" in page
        assert _numbers(text_of(secretariat.get(f"{QUEUE}?thread=rescore"))) == ["2570-0009"]
        table = list(csv.reader(io.StringIO(text_of(secretariat.get(f"{QUEUE}.csv?spread=flagged")))))
        assert [row[0] for row in table[1:]] == ["2570-0009"]
        assert table[1][-4:] == ["ขอคะแนนสุดท้ายจากผู้พิจารณา", "ขอคะแนนสุดท้าย", "0", "2"]
        assert "ขอให้ทบทวน" not in str(table)


@pytest.mark.both_databases
def test_the_queue_is_paged_and_asks_the_same_however_long(
    sqlite_backend: Backend, monkeypatch: object
) -> None:
    from app.web.secretariat import discussions

    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        secretariat = browser(sqlite_backend.app, "secretariat")
        assert "ยังไม่มีเรื่องให้หารือ" in text_of(secretariat.get(QUEUE))
        proposal_id, _ = discussed(world)
        say(world, "reviewer_bb", proposal_id, "หนึ่ง")
        secretariat.get(QUEUE)  # what follows from the scores is kept from now on
        few = queries_of(secretariat, QUEUE), queries_of(secretariat, _thread(proposal_id))
        for n in range(4):
            other, _ = discussed(world, title_th=f"อีกเรื่อง {n}")
            say(world, "reviewer_dga", other, f"ข้อความ {n}")
            say(world, "reviewer_dga", proposal_id, f"อีกข้อความ {n}")
            _conclude(world, other, Conclusion.RESCORE, "ขอคะแนนสุดท้าย")
        secretariat.get(QUEUE)
        many = queries_of(secretariat, QUEUE), queries_of(secretariat, _thread(proposal_id))
        assert few == many
        assert max(many) <= 12
        monkeypatch.setattr(discussions, "PER_PAGE", 2)  # type: ignore[attr-defined]
        seen: list[str] = []
        path: str | None = QUEUE
        while path:
            page = text_of(secretariat.get(path))
            seen += _numbers(page)
            path = (
                page.split('rel="next"')[0].rsplit('href="', 1)[1].rstrip('" ')
                if 'rel="next"' in page
                else None
            )
        assert sorted(seen) == [f"2570-000{n}" for n in range(1, 6)]


def test_a_thread_whose_reviewers_left_stays_in_the_queue(sqlite_backend: Backend) -> None:
    from app.reviews.actions import declare_conflict

    world = sqlite_backend.world
    with sqlite_backend.app.app_context():
        proposal_id, given = discussed(world)
        say(world, "reviewer_bb", proposal_id, "ก่อนถอนตัว")
        with open_work(world.actor("reviewer_dga"), NOW) as work:
            declare_conflict(work, given[1], "ญาติทำงานอยู่")
        secretariat = browser(sqlite_backend.app, "secretariat")
        page = text_of(secretariat.get(QUEUE))
        assert _numbers(page) == ["2570-0001"]
        assert "เหลือคะแนนที่นับไม่ถึงสองคน" in page
        assert "จึงยังเทียบกันไม่ได้" in text_of(secretariat.get(_thread(proposal_id)))
        assert secretariat.get(f"{QUEUE}.csv").status_code == 200


def _post(client: FlaskClient, path: str, **fields: str) -> tuple[int, str]:
    answer = client.post(path, data=fields)
    return answer.status_code, text_of(answer)


def test_notes_and_outcome_are_recorded_and_nothing_typed_is_lost(app: Flask, world: World) -> None:
    proposal_id, _ = discussed(world)
    path = _thread(proposal_id)
    client = browser(app, "secretariat")
    status, page = _post(client, path, act="note", note="", outcome="", text="")
    assert status == 422
    assert 'href="#note"' in page
    status, page = _post(client, path, act="note", note="ก" * 4001, outcome="meeting", text="ยังไม่ส่ง")
    assert status == 422
    assert "ก" * 4001 in page
    assert "ยังไม่ส่ง" in page
    status, _ = _post(client, path, act="note", note="บอกผู้พิจารณา")
    assert status == 303
    # the note is kept, and the outcome that was not sent yet stays on the page
    status, page = _post(client, path, act="note", note="อีกข้อความ", outcome="meeting", text="ยังไม่ส่ง")
    assert status == 200
    assert "ยังไม่ส่ง</textarea>" in page
    assert 'value="meeting" checked' in page
    status, page = _post(client, path, act="outcome", outcome="", text="สรุปไว้ก่อน", note="ค้างไว้")
    assert status == 422
    assert 'href="#outcome"' in page
    assert "สรุปไว้ก่อน</textarea>" in page
    assert "ค้างไว้</textarea>" in page
    status, page = _post(client, path, act="outcome", outcome="stands", text=" ", note="")
    assert status == 422
    assert 'href="#text"' in page
    assert _post(client, path, act="outcome", outcome="wrong", text="สรุป")[0] == 422
    # the Enter key presses the first button, though only the outcome was filled in
    status, _ = _post(client, path, act="note", note="", outcome="meeting", text="ตกลงกันไม่ได้", seen="")
    assert status == 303
    status, page = _post(client, path, act="outcome", outcome="stands", text="คงเดิม", seen="")
    assert status == 409
    assert "มีผู้บันทึกผลการหารือของข้อเสนอนี้ไปแล้ว" in page
    assert "คงเดิม</textarea>" in page
    db.session.rollback()
    (outcome,) = db.session.query(DiscussionOutcome)
    assert _post(client, path, act="outcome", outcome="stands", text="คงเดิม", seen=str(outcome.id))[0] == 303
    page = text_of(client.get(path))
    assert "ผลที่บันทึกไว้ก่อนหน้า 1 ครั้ง" in page
    note = db.session.query(DiscussionNote).first()
    assert note is not None
    assert _post(client, path, act="take_back", id=str(note.id))[0] == 303
    page = text_of(client.get(path))
    assert "บอกผู้พิจารณา" not in page
    assert "ผู้เขียนถอนข้อความนี้แล้ว" in page
    for wrong in ("", "x", "99999"):
        assert _post(client, path, act="take_back", id=wrong)[0] == 404
    assert client.get(_thread(9999)).status_code == 404


def test_outside_the_discussion_it_is_read_only(app: Flask, world: World) -> None:
    proposal_id, _ = discussed(world)
    say(world, "reviewer_bb", proposal_id, "พูดไว้แล้ว")
    client = browser(app, "secretariat")
    for phase, why in (("scoring", "ยังไม่ถึงขั้นหารือ"), ("locked", "รอบพิจารณาปิดแล้ว")):
        at_phase(world, phase)
        page = text_of(client.get(_thread(proposal_id)))
        assert why in page
        assert "พูดไว้แล้ว" in page
        assert 'name="act"' not in page
        status, page = _post(client, _thread(proposal_id), act="note", note="ช้าไป")
        assert status == 422
        assert why in page
    db.session.rollback()
    assert db.session.query(DiscussionNote).count() == 1


def test_reviews_stand_side_by_side_with_comments_and_totals(app: Flask, world: World) -> None:
    proposal_id, given = discussed(world)
    page = text_of(browser(app, "secretariat").get(_thread(proposal_id)))
    for said in ("75.00", "25.00", "2 ระดับ", "ความเห็น 1 ข้อ", "ความเห็นที่ยาวพอ", "ผู้ใช้ reviewer_bb"):
        assert said in page, said
    _conclude(world, proposal_id, Conclusion.RESCORE, "ขอคะแนนสุดท้าย")
    at_phase(world, "final")
    finalise(world, "reviewer_dga", given[1], 2)
    page = text_of(browser(app, "secretariat").get(_thread(proposal_id)))
    finals = page.split("outcome-head")[-1]
    for said in ("25.00", "50.00", "หารือกันแล้วเห็นพ้องกัน", "รอ"):
        assert said in finals, said


@pytest.mark.both_databases
def test_the_committee_reads_the_outcome_and_both_totals_but_never_the_thread(
    app: Flask, world: World
) -> None:
    proposal_id, given = discussed(world, names_for=NamesFor.SECRETARIAT)
    committee = browser(app, "committee")
    path = f"/committee/proposals/{proposal_id}"
    assert "หลังการหารือ" not in text_of(committee.get(path))
    say(world, "reviewer_dga", proposal_id, "ถ้อยคำในวงหารือ")
    first = _conclude(world, proposal_id, Conclusion.MEETING, "สรุปครั้งแรก")
    _conclude(world, proposal_id, Conclusion.RESCORE, "สรุปครั้งหลัง", first)
    at_phase(world, "final", NamesFor.SECRETARIAT)
    finalise(world, "reviewer_dga", given[1], 2)
    page = text_of(committee.get(path))
    told = page.split('id="discussed"')[1].split("<h2")[0]
    for said in ("ขอคะแนนสุดท้าย", "สรุปครั้งแรก", "สรุปครั้งหลัง", "25.00", "50.00", "+25.00", "ผู้พิจารณาคนที่ 2"):
        assert said in told, said
    assert "reviewer_dga" not in told
    assert "ถ้อยคำในวงหารือ" not in page
    assert queries_of(committee, path) <= 12


def test_a_review_that_counts_no_more_is_not_among_the_committees(app: Flask, world: World) -> None:
    from app.reviews.actions import declare_conflict

    proposal_id, given = discussed(world)
    with open_work(world.actor("reviewer_dga"), NOW) as work:
        declare_conflict(work, given[1], "ญาติทำงานอยู่")
    page = text_of(browser(app, "committee").get(f"/committee/proposals/{proposal_id}"))
    assert "ส่งคะแนนแล้ว 1 จาก 1 คน" in page
    assert "25.00" not in page.split('id="reviews"')[1].split('id="findings"')[0]


def test_what_is_said_reaches_nobody_else(sqlite_backend: Backend) -> None:
    """A marked note stands in no page or file but the thread's own, for whoever it may be: not the queue, the log, the
    committee, the agency, an unassigned or conflicted reviewer, or one whose own scores are not in."""
    marker, world = "วงหารือลับXYZZY", sqlite_backend.world
    with sqlite_backend.app.app_context():
        things = make_things(sqlite_backend)
        filed, mine = things.ids["filed"]["own"], things.ids["assignment"]["own"]
        hand_in(world, "reviewer_bb", mine, scores(3))
        (silent,) = give(world, filed, "reviewer_dga")  # accepted, and not scored
        at_phase(world, "discussion")
        say(world, "reviewer_bb", filed, marker)
        say(world, "secretariat", filed, f"{marker} ตอบ")
        browsers = {name: enter(sqlite_backend, world, name) for _role, name in list_people()}
        db.session.remove()
    assert marker in words_of(browsers["secretariat"].get(_thread(filed)))
    assert marker in words_of(browsers["reviewer_bb"].get(f"/reviewer/assignments/{mine}/discussion"))
    own = {"secretariat": "secretariat.discussion", "reviewer_bb": "reviewer.discussion"}
    for name, client in browsers.items():
        for endpoint, (method, _who, objects) in ROUTES.items():
            if method != "GET" or endpoint in ("assets.file", own.get(name)):
                continue
            for assignment_id in {mine, silent}:
                values = {
                    key: filed
                    if key == "proposal_id"
                    else assignment_id
                    if key == "assignment_id"
                    else things.value(kind, "own")
                    for key, kind in objects.items()
                }
                with sqlite_backend.app.test_request_context():
                    address = sqlite_backend.app.url_for(endpoint, **values)
                assert marker not in words_of(client.get(address)), f"{address} tells {name}"
                if "assignment_id" not in objects:
                    break
