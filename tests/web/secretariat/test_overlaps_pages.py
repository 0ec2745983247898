"""Similar proposals on the secretariat's desk: the list with its filters, two side by side, and the judgement."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.identity.facts import SYSTEM
from app.kernel.canonical import canonical_json
from app.kernel.db import db
from app.kernel.work import open_work
from app.proposals.actions import save_section, submit_proposal, withdraw_proposal
from app.proposals.models import Proposal
from app.proposals.queries import read_draft
from app.screening.actions import screen_proposal
from app.screening.models import ScreeningRun
from app.similarity.content import comparison_as_json
from app.similarity.facts import Comparison
from app.similarity.models import OverlapPair, OverlapVerdict
from tests.conftest import Backend, FixedClock
from tests.proposals.earlier import file_earlier
from tests.similarity.scene import LINK, ROADS, WATER, compare_all, draft_of, file, filing_of
from tests.web.desks import browser, queries_of, text_of
from tests.world import FISCAL_YEAR, NOW, World, budget_row, file_proposal

LIST = f"/secretariat/overlaps?call={FISCAL_YEAR}"
WHY = "เซนเซอร์ชุดเดียวกันในแม่น้ำสายเดียวกัน"
ELSE = {
    "names": {"title_th": "พิพิธภัณฑ์เปลือกหอยเสมือนจริง", "title_en": "A virtual museum of shells"},
    "rationale": {
        "rationale": "นักเรียนชายเกาะไม่มีโอกาสชมเปลือกหอยโบราณ",
        "objectives": "ถ่ายภาพสามมิติ",
        "outputs": "ห้องจัดแสดง",
    },
    "budget": {"rows": [budget_row(item="ค่าถ่ายภาพเปลือกหอยสามมิติ", unit="ชิ้น")]},
    "integration": {"links": [LINK | {"name": "ทะเบียนวัตถุพิพิธภัณฑ์"}]},
}
WATER_TH = WATER["names"]["title_th"]


@dataclass(frozen=True)
class Scene:
    """A filing of alpha, its copy by beta, and their pair."""

    first: int
    copy: int
    pair: int

    @property
    def address(self) -> str:
        return f"/secretariat/overlaps/{self.pair}"


@pytest.fixture
def scene(backend: Backend, app: Flask, world: World) -> Scene:
    return backend.begin_with(f"{__name__}.scene", lambda: set_scene(app, world))


def set_scene(app: Flask, world: World) -> Scene:
    first, copy = file(world, WATER), file(world, WATER, "beta")
    file(world, ROADS)
    compare_all(app)
    (pair,) = db.session.scalars(select(OverlapPair.id))
    db.session.rollback()
    return Scene(first, copy, pair)


def state_of(proposal_id: int) -> str:
    db.session.rollback()
    return db.session.scalars(select(Proposal.state).where(Proposal.id == proposal_id)).one()


def verdict_form(
    verdict: str = "duplicate", yields: int | str = "", reason: str = WHY, seen: str = ""
) -> dict[str, str]:
    return {"verdict": verdict, "yields": str(yields), "reason": reason, "seen": seen}


def add_pair(later: int, earlier: int, score: int) -> int:
    """A pair by hand, of the last filings of two proposals."""
    with open_work(SYSTEM, NOW) as work:
        pair = OverlapPair(
            later_id=filing_of(later),
            earlier_id=filing_of(earlier),
            score=score,
            method="by hand",
            content=canonical_json(comparison_as_json(Comparison(score, (), ()))),
            compared_at=NOW,
        )
        work.session.add(pair)
        work.session.flush()
        return pair.id


def refile(world: World, proposal_id: int, outputs: str) -> None:
    """What beta took back is filed again with other outputs."""
    with open_work(world.actor("officer_beta"), NOW + timedelta(minutes=6)) as work:
        view = read_draft(work.session, proposal_id)
        value = view.draft["rationale"] | {"outputs": outputs}
        save_section(work, proposal_id, "rationale", value, view.section_versions["rationale"])
        submit_proposal(work, proposal_id, "again")
        screen_proposal(work, proposal_id)


def listed(page: str) -> list[int]:
    """The pairs a list shows, in its order."""
    return [int(pair) for pair in re.findall(r'<th scope="row"><a href="/secretariat/overlaps/(\d+)"', page)]


def test_nothing_found_is_said(app: Flask, world: World) -> None:
    page = text_of(browser(app, "secretariat", "en").get(LIST))
    assert "No similar proposals were found in this call" in page
    file(world, WATER)
    page = text_of(browser(app, "secretariat", "en").get(LIST))
    assert "1 filings still wait to be compared" in page
    compare_all(app)
    assert "still wait" not in text_of(browser(app, "secretariat", "en").get(LIST))


def test_the_pair_waits_at_home_in_the_list_and_at_the_proposal(
    app: Flask, world: World, scene: Scene
) -> None:
    client = browser(app, "secretariat", "en")
    assert "1 pair of similar proposals waits for a judgement" in text_of(client.get("/secretariat/"))
    page = text_of(client.get(LIST))
    assert listed(page) == [scene.pair]
    assert "1 pairs in this call, 1 not judged" in page
    for words in ("Department Alpha", "Department Beta", f"{FISCAL_YEAR}-0001", f"{FISCAL_YEAR}-0002"):
        assert words in page
    for proposal_id in (scene.first, scene.copy):
        assert f'href="{scene.address}"' in text_of(client.get(f"/secretariat/proposals/{proposal_id}"))
    client.post(scene.address, data=verdict_form("unrelated"))
    assert "similar proposals wait" not in text_of(client.get("/secretariat/"))
    page = text_of(client.get(LIST))
    assert listed(page) == []
    assert "No pair waits for a judgement" in page


def _several(world: World) -> dict[str, int]:
    """Pairs by hand: name -> id. "across" is with last year's; "judged" a duplicate; "weak" below the threshold."""
    file_one = {n: file(world, ROADS if n == "d" else WATER, "beta" if n == "b" else "alpha") for n in "abcd"}
    before = file_earlier(world, draft_of(ROADS, "beta"), by="officer_beta", agency="beta")
    pairs = {
        "ab": add_pair(file_one["b"], file_one["a"], 900),
        "across": add_pair(file_one["d"], before, 600),
        "judged": add_pair(file_one["c"], file_one["a"], 950),
        "weak": add_pair(file_one["c"], file_one["b"], 100),
        "cd": add_pair(file_one["d"], file_one["c"], 400),
    }
    with open_work(world.actor("secretariat"), NOW) as work:
        work.session.add(
            OverlapVerdict(
                low_id=file_one["a"],
                high_id=file_one["c"],
                verdict="duplicate",
                yields_id=file_one["c"],
                reason=WHY,
                at=NOW,
                low_sha256="0" * 64,
                high_sha256="0" * 64,
            )
        )
    return pairs


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["ab", "across", "cd"]),
        ("&verdict=none", ["ab", "across", "cd"]),
        ("&verdict=all", ["ab", "across", "cd", "judged"]),
        ("&verdict=any", ["judged"]),
        ("&verdict=duplicate", ["judged"]),
        ("&verdict=continuing", []),
        ("&verdict=nonsense", ["ab", "across", "cd"]),
        ("&across=same", ["ab", "cd"]),
        ("&across=other", ["across"]),
        ("&across=%27", ["ab", "across", "cd"]),
        ("&least=500", ["ab", "across"]),
        ("&least=900", ["ab"]),
        ("&least=1", ["ab", "across", "cd"]),  # not offered: the working threshold
        ("&agency=beta", ["ab", "across"]),
        ("&agency=alpha&verdict=all", ["ab", "across", "cd", "judged"]),
        ("&agency=gamma", []),
        ("&agency=%27--", []),
        ("&q=แม่น้ำ", ["ab", "cd"]),
        ("&q=อาชญากรรม", ["across", "cd"]),
        ("&q=อาชญากรรม แม่น้ำ", []),
        (f"&q={FISCAL_YEAR}-0002", ["ab"]),
        ("&q=100%25_", []),
        ("&q=%07", ["ab", "across", "cd"]),
        ("&q=" + "x" * 5000, []),
        ("&after=nonsense", ["ab", "across", "cd"]),
        ("&after=0-900-999999999", ["across", "cd"]),
        ("&after=1-0-0&verdict=all", []),
        ("&after=99999999999999999-1-1", ["ab", "across", "cd"]),
    ],
)
def test_the_list_is_narrowed_by_its_address(
    backend: Backend, app: Flask, world: World, query: str, shown: list[str]
) -> None:
    pairs = backend.begin_with(f"{__name__}.several", lambda: _several(world))
    answer = browser(app, "secretariat", "en").get(LIST + query)
    assert answer.status_code == 200
    names = {pair: name for name, pair in pairs.items()}
    assert [names[pair] for pair in listed(text_of(answer))] == shown


@pytest.mark.parametrize("query", ["", "?call=1999", "?call=x", f"?call={2**40}", "?call=-1"])
def test_a_list_without_a_known_call_is_of_the_current_one(
    app: Flask, world: World, scene: Scene, query: str
) -> None:
    answer = browser(app, "secretariat", "en").get(f"/secretariat/overlaps{query}")
    assert listed(text_of(answer)) == [scene.pair]


@pytest.mark.both_databases
def test_the_next_page_begins_where_the_last_ended(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.secretariat.overlaps.PER_PAGE", 1)
    pairs = _several(world)
    client = browser(app, "secretariat", "en")
    address: str | None = f"{LIST}&verdict=all"
    seen = []
    while address:
        page = text_of(client.get(address))
        seen += listed(page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1] if following else None
    assert seen == [pairs[name] for name in ("ab", "across", "cd", "judged")]


@pytest.mark.both_databases
def test_the_list_as_a_file(app: Flask, world: World, scene: Scene) -> None:
    with open_work(SYSTEM, NOW) as work:
        work.session.get_one(Proposal, scene.first).title_th = "=HYPERLINK(1)"
    answer = browser(app, "secretariat", "th").get("/secretariat/overlaps.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    head, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    told = dict(zip(head, row, strict=True))
    assert told["โครงการ (มาก่อน)"] == "'=HYPERLINK(1)"
    assert told["โครงการ (มาทีหลัง)"] == WATER_TH
    assert told["วงเงิน (บาท) (มาก่อน)"] == "1000001.00"
    assert told["หน่วยงาน (มาทีหลัง)"] == "กรมเบตา"
    assert 50 <= float(told["ความคล้าย (ร้อยละ)"]) <= 100


def test_both_sides_carry_the_same_numbers_and_lead_to_each_other(
    app: Flask, world: World, scene: Scene
) -> None:
    page = browser(app, "secretariat", "en").get(scene.address).get_data(as_text=True)
    left = re.findall(r'id="left-(\d+)" href="#right-(\d+)"', page)
    right = re.findall(r'id="right-(\d+)" href="#left-(\d+)"', page)
    assert left
    assert all(one == other for one, other in left + right)
    assert sorted(left) == sorted(right)
    assert len(re.findall(r"<mark>", page)) >= 2 * len(left)
    assert f"<mark>{WATER_TH}</mark>" in page
    assert "เซนเซอร์วัดออกซิเจนละลายน้ำพร้อมทุ่นลอย" in page[page.index('id="items"') :]
    assert "1,000,001.00" in page[page.index('id="items"') :]
    for proposal_id in (scene.first, scene.copy):
        assert f'href="/secretariat/proposals/{proposal_id}"' in page


def test_long_texts_are_shortened_until_asked_for(app: Flask, world: World) -> None:
    draft = draft_of(WATER)
    draft["rationale"]["rationale"] += " ".join(f"เรื่องที่ {n} ของอัลฟาเท่านั้น" for n in range(60))
    file_proposal(world, draft)
    file(world, WATER, "beta")
    compare_all(app)
    pair = db.session.scalars(select(OverlapPair.id)).one()
    client = browser(app, "secretariat", "en")
    short = text_of(client.get(f"/secretariat/overlaps/{pair}"))
    whole = text_of(client.get(f"/secretariat/overlaps/{pair}?full=1"))
    assert ("เรื่องที่ 30 ของอัลฟา" in short, "เรื่องที่ 30 ของอัลฟา" in whole) == (False, True)
    assert ("left-out" in short, "left-out" in whole) == (True, False)


@pytest.mark.parametrize(
    ("verdict", "yields", "states"),
    [
        ("duplicate", "copy", ("passed", "failed")),
        ("duplicate", "first", ("failed", "passed")),
        ("complementary", "", ("passed", "passed")),
        ("continuing", "", ("passed", "passed")),
        ("unrelated", "copy", ("passed", "passed")),  # a choice that only a duplicate needs does no harm
    ],
)
def test_a_verdict_screens_both_again(
    app: Flask, world: World, scene: Scene, verdict: str, yields: str, states: tuple[str, str]
) -> None:
    client = browser(app, "secretariat", "en")
    before = {p: len(_runs(p)) for p in (scene.first, scene.copy)}
    who = {"first": scene.first, "copy": scene.copy, "": ""}[yields]
    answer = client.post(scene.address, data=verdict_form(verdict, who))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{scene.address}#judge")
    assert (state_of(scene.first), state_of(scene.copy)) == states
    assert {p: len(_runs(p)) for p in before} == {p: n + 1 for p, n in before.items()}
    page = text_of(client.get(scene.address))
    assert WHY in page
    assert "Person secretariat" in page
    if verdict == "duplicate":
        loser = scene.copy if yields == "copy" else scene.first
        found = text_of(client.get(f"/secretariat/proposals/{loser}"))
        assert WHY in found[found.index('id="rule-duplicate"') :]


def _runs(proposal_id: int) -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(ScreeningRun.id).where(ScreeningRun.proposal_id == proposal_id)))


@pytest.mark.parametrize(
    ("form", "said"),
    [
        (verdict_form(verdict=""), ["Choose: The verdict"]),
        (verdict_form(verdict="worse"), ["choose again"]),
        (verdict_form("duplicate"), ["Choose which one should give way"]),
        (verdict_form("duplicate", 999), ["Choose which one should give way"]),
        (verdict_form("duplicate", "x"), ["Choose which one should give way"]),
        (verdict_form("unrelated", reason=""), ["Enter: The reason"]),
        (verdict_form("unrelated", reason="สั้น"), ["at least 10 characters"]),
        (verdict_form("unrelated", reason="ย" * 4001), ["too long"]),
        ({}, ["Choose: The verdict", "Enter: The reason"]),
    ],
)
def test_a_verdict_that_lacks_something_keeps_what_was_typed(
    app: Flask, world: World, scene: Scene, form: dict[str, str], said: list[str]
) -> None:
    client = browser(app, "secretariat", "en")
    answer = client.post(scene.address, data=form)
    page = text_of(answer)
    assert answer.status_code == 422
    for words in said:
        assert words in page
    if form.get("reason"):
        assert form["reason"] in page
    assert list(db.session.scalars(select(OverlapVerdict.id))) == []
    assert 'id="error-summary"' in page


@pytest.mark.both_databases
def test_two_who_judge_at_once_do_not_overwrite_each_other(app: Flask, world: World, scene: Scene) -> None:
    client = browser(app, "secretariat", "en")
    client.post(scene.address, data=verdict_form("unrelated", reason="คนละลำน้ำกันทั้งหมด"))
    late = client.post(scene.address, data=verdict_form("duplicate", scene.copy))
    page = text_of(late)
    assert late.status_code == 409
    assert "Somebody judged this pair after you opened the page" in page
    assert WHY in page  # nothing typed is lost
    assert "คนละลำน้ำกันทั้งหมด" in page
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    assert (
        client.post(scene.address, data=verdict_form("duplicate", scene.copy, seen=seen[1])).status_code
        == 303
    )


def test_a_verdict_is_changed_and_the_first_stays_on_record(app: Flask, world: World, scene: Scene) -> None:
    client = browser(app, "secretariat", "en")
    client.post(scene.address, data=verdict_form("duplicate", scene.copy))
    assert state_of(scene.copy) == "failed"
    seen = db.session.scalars(select(OverlapVerdict.id)).one()
    db.session.rollback()
    client.post(scene.address, data=verdict_form("complementary", reason="คนละสาขาของแม่น้ำ", seen=str(seen)))
    assert state_of(scene.copy) == "passed"
    page = text_of(client.get(scene.address))
    assert page.index("คนละสาขาของแม่น้ำ") < page.index(WHY)
    assert "replaced by a later one" in page


def test_a_verdict_on_an_earlier_filing_is_said_to_be_one(
    app: Flask, world: World, scene: Scene, clock: FixedClock
) -> None:
    client = browser(app, "secretariat", "en")
    client.post(scene.address, data=verdict_form("complementary"))
    with open_work(world.actor("officer_beta"), NOW + timedelta(minutes=5)) as work:
        withdraw_proposal(work, scene.copy)
    assert client.get(scene.address).status_code == 404  # a draft again is nobody else's business
    assert listed(text_of(client.get(f"{LIST}&verdict=all"))) == []
    refile(world, scene.copy, "ฉบับที่สอง")
    clock.advance(minutes=10)
    compare_all(app)
    old = text_of(client.get(scene.address))
    (newer,) = listed(text_of(client.get(f"{LIST}&verdict=all")))
    assert f'href="/secretariat/overlaps/{newer}"' in old
    proposal = text_of(client.get(f"/secretariat/proposals/{scene.first}"))
    assert f'href="/secretariat/overlaps/{newer}"' in proposal
    assert f'href="{scene.address}"' not in proposal
    page = text_of(client.get(f"/secretariat/overlaps/{newer}"))
    assert "This verdict was given on an earlier filing of" in page
    assert "Compare the last filings" not in page


def test_a_verdict_stays_within_reach_when_the_last_filing_is_no_longer_alike(
    app: Flask, world: World, scene: Scene, clock: FixedClock
) -> None:
    client = browser(app, "secretariat", "en")
    client.post(scene.address, data=verdict_form("complementary"))
    with open_work(world.actor("officer_beta"), NOW + timedelta(minutes=5)) as work:
        withdraw_proposal(work, scene.copy)
        view = read_draft(work.session, scene.copy)
        for section, value in draft_of(ELSE, "beta").items():
            save_section(work, scene.copy, section, value, view.section_versions[section])
        submit_proposal(work, scene.copy, "again")
        screen_proposal(work, scene.copy)
    clock.advance(minutes=10)
    compare_all(app)
    page = text_of(client.get(f"/secretariat/proposals/{scene.first}"))
    assert f'href="{scene.address}"' in page
    assert "compared in an earlier filing" in page
    assert "do not resemble each other enough to be judged" in text_of(client.get(scene.address))


def test_the_unjudged_before_and_after_are_a_link_away(app: Flask, world: World) -> None:
    pairs = _several(world)
    client = browser(app, "secretariat", "en")

    def beside(name: str) -> tuple[list[str], list[str]]:
        page = text_of(client.get(f"/secretariat/overlaps/{pairs[name]}"))
        return re.findall(r'overlaps/(\d+)" rel="prev"', page), re.findall(
            r'overlaps/(\d+)" rel="next"', page
        )

    ids = {name: str(pair) for name, pair in pairs.items()}
    assert beside("ab") == ([], [ids["across"]])
    assert beside("across") == ([ids["ab"]], [ids["cd"]])
    assert beside("cd") == ([ids["across"]], [])
    assert beside("judged") == ([], [ids["ab"]])


def test_what_was_published_is_not_offered_to_give_way(app: Flask, world: World, scene: Scene) -> None:
    with open_work(SYSTEM, NOW) as work:
        work.session.get_one(Proposal, scene.first).state = "recorded"
    client = browser(app, "secretariat", "en")
    page = text_of(client.get(scene.address))
    assert re.findall(r'name="yields" value="(\d+)"', page) == [str(scene.copy)]
    assert "was recorded from documents of the past" in page
    assert client.post(scene.address, data=verdict_form("duplicate", scene.first)).status_code == 422
    assert client.post(scene.address, data=verdict_form("duplicate", scene.copy)).status_code == 303


@pytest.mark.both_databases
def test_pages_ask_little_and_the_same_whatever_the_number(app: Flask, world: World) -> None:
    pairs = _several(world)
    client = browser(app, "secretariat")
    pages = (
        f"{LIST}&verdict=all",
        f"/secretariat/overlaps/{pairs['ab']}",
        "/secretariat/",
        "/secretariat/proposals/1",
    )
    few = [queries_of(client, page) for page in pages]
    others = [file(world, WATER, "beta") for _ in range(4)]
    for n, other in enumerate(others):
        add_pair(other, 1, 500 + n)
    assert [queries_of(client, page) for page in pages] == few
    assert max(few) <= 12
