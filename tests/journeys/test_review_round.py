"""The reviews of the demo's FY2567 held by hand, from choosing the reviewers to the locked round and its workbook: the
secretariat and a reviewer of each body at once, each in a browser of their own. What the other reviewers do is done by
the same actions, without a page."""

from __future__ import annotations

import io
import re
import shutil
import threading
from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import openpyxl
import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select
from waitress import create_server

from app.calls.queries import get_call
from app.cli.demo.dice import Dice
from app.cli.demo.people import PASSWORD
from app.identity.facts import SYSTEM
from app.identity.models import User
from app.identity.queries import get_actor
from app.jobs.runner import drain
from app.kernel.db import db
from app.kernel.work import Work, open_work
from app.portfolio.queries import ranked_list
from app.proposals.models import Proposal
from app.reviews.actions import accept_assignment, submit_review
from app.reviews.conflicts import Verdict
from app.reviews.facts import Score
from app.reviews.models import Assignment
from app.reviews.queries import get_round, list_review_records, read_interests
from tests.journeys.looking import follow
from tests.moulds import demo_app, round_mould

BODIES = ("bb", "nesdc", "opdc", "dga")
COMMENT = "ความเห็นประกอบระดับนี้ตามหลักฐานในข้อเสนอ ครบตามจำนวนตัวอักษรที่กำหนด"
SAID = "ขอให้อธิบายระดับที่ต่างกันมากของเกณฑ์แรก"
CONCLUSION = "ผู้พิจารณาเข้าใจขอบเขตต่างกัน ขอคะแนนสุดท้ายจากทุกท่าน"
CHANGED = "ปรับระดับหลังรับฟังในการหารือแล้ว"
STANDS = "พิจารณาประเด็นที่หารือแล้ว ยืนยันคะแนนเดิม"
WHY_CONFLICT = "คู่สมรสเป็นผู้บริหารของหน่วยงานที่เสนอ"


class Round:
    """The served demo and everybody's page."""

    def __init__(self, app: Flask, url: str, browser: Browser):
        self.app, self.url = app, url
        self.pages: dict[str, Page] = {}
        self._browser = browser
        self.secretariat = self.sign_in("secretariat")
        self.committee = self.sign_in("committee")
        self.reviewers = {body: self.sign_in(f"reviewer.{body}") for body in BODIES}
        with app.app_context():
            self.call = get_call(db.session(), 2567)
            emails = db.session.execute(select(User.email, User.id))
            self.ids = {email.removesuffix("@demo.example"): user_id for email, user_id in emails}
            db.session.remove()

    def sign_in(self, login: str) -> Page:
        page = self._browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(f"{self.url}/sign-in")
        page.get_by_label("อีเมล").fill(f"{login}@demo.example")
        page.get_by_label("รหัสผ่าน", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="เข้าสู่ระบบ").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        self.pages[login] = page
        return page

    def move(self, name: str) -> None:
        """The secretariat moves the round on its page."""
        page = self.secretariat
        page.goto(f"{self.url}/secretariat/calls/2567/reviews")
        move = page.locator("details.move", has=page.locator("summary", has_text=name))
        move.locator("summary").click()
        follow(page, move.locator("form button[type=submit], form button:not([type])").first)

    def number_of(self, proposal_id: int) -> str:
        with self.app.app_context():
            number = db.session.get_one(Proposal, proposal_id).number
            db.session.remove()
        return number

    def assignments(self) -> dict[int, dict[str, int]]:
        """Proposal id -> login of a reviewer of this journey -> assignment."""
        logins = {self.ids[f"reviewer.{body}"]: body for body in BODIES}
        found: dict[int, dict[str, int]] = defaultdict(dict)
        with self.app.app_context():
            for a in db.session.scalars(select(Assignment)):
                if a.reviewer_id in logins:
                    found[a.proposal_id][logins[a.reviewer_id]] = a.id
            db.session.remove()
        return found


@pytest.fixture
def round_(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Round]:
    """The demo left where reviewers are to be chosen, served with CSRF protection."""
    shutil.copytree(round_mould(tmp_path_factory), tmp_path / "instance")
    app = demo_app(tmp_path / "instance")
    server = create_server(app, host="127.0.0.1", port=0, threads=8)
    threading.Thread(target=server.run, daemon=True).start()
    held = Round(app, f"http://127.0.0.1:{server.effective_port}", browser)
    yield held
    for page in held.pages.values():
        page.context.close()
    server.close()


def make_panels(held: Round) -> None:
    page = held.secretariat
    for body in BODIES:
        page.goto(f"{held.url}/secretariat/calls/2567/panels/new")
        page.fill("#name_th", f"คณะ {body}")
        page.fill("#name_en", f"Panel {body}")
        page.select_option("#body", body)
        page.fill("#seats", "1")
        for number in ("", "2", "3"):
            page.check(f"input[name=members][value='{held.ids[f'reviewer.{body}{number}']}']")
        follow(page, page.get_by_role("button", name="บันทึกคณะ"))
        expect(page).to_have_url(re.compile("/panels$"))
    expect(page.locator("table.names").first.locator("tbody tr")).to_have_count(4)


def judge_interests(held: Round) -> None:
    """One word on every interest that the registers show and nobody judged, after a preview."""
    page = held.secretariat
    page.goto(f"{held.url}/secretariat/calls/2567/conflicts?state=asked")
    page.check("#scope-all")
    page.check("input[name=word][value=clear]")
    page.fill("#reason", "เป็นเพียงหน่วยงานในกำกับเดียวกันหรือผู้ให้บริการเชื่อมโยงตามหน้าที่")
    follow(page, page.get_by_role("button", name="ดูตัวอย่างก่อนบันทึก"))
    follow(page, page.get_by_role("button", name=re.compile("ยืนยันกับ")))
    expect(page).to_have_url(re.compile(r"/conflicts\?"))


def plan_and_assign(held: Round) -> None:
    """A plan is proposed, looked at, and made the assignments."""
    page = held.secretariat
    page.goto(f"{held.url}/secretariat/calls/2567/assignment-plans")
    page.fill("#seed", "7")
    follow(page, page.get_by_role("button", name="จัดทำแผน"))
    expect(page).to_have_url(re.compile(r"/assignment-plans/\d+"))
    follow(page, page.get_by_role("link", name="ดูตัวอย่างก่อนมอบหมาย"))
    follow(page, page.get_by_role("button", name=re.compile("ยืนยันมอบหมาย")))
    expect(page).to_have_url(re.compile("/assignments"))


def answer(held: Round, body: str, assignment: int, word: str, reason: str = "") -> None:
    page = held.reviewers[body]
    page.goto(f"{held.url}/reviewer/assignments/{assignment}")
    page.check(f"input[name=answer][value={word}]")
    page.fill("#answer_reason", reason)
    follow(page, page.get_by_role("button", name="บันทึกคำตอบ"))


def score_with_keys(page: Page, levels: str) -> None:
    """The digits of the keyboard give the levels, the arrow goes on to the next criterion."""
    page.locator(".criterion input[type=radio]").first.focus()
    for at, level in enumerate(levels):
        if at:
            page.keyboard.press("ArrowRight")
        page.keyboard.press(level)
    for box in page.locator(".criterion textarea").all():
        box.fill(COMMENT)


def wait_until_saved(page: Page) -> None:
    """The page has saved itself."""
    expect(page.locator("[data-saved]")).to_contain_text("บันทึกแล้ว")


def others_score(held: Round, by_hand: set[int]) -> None:
    """Whatever is not done in a browser: accepted and handed in by its reviewer."""
    app, clock = held.app, held.app.config["CLOCK"]
    with app.app_context(), open_work(SYSTEM, clock()) as work:
        actors = {}
        codes = [c.code for c in held.call.rubric.criteria]
        waiting = work.session.scalars(
            select(Assignment)
            .where(Assignment.submitted_at.is_(None), Assignment.state.in_(("given", "accepted")))
            .order_by(Assignment.id)
        ).all()
        interests = read_interests(
            work.session, {a.proposal_id for a in waiting}, {a.reviewer_id for a in waiting}
        )
        for assignment in waiting:
            if assignment.id in by_hand:
                continue
            assert interests.standing(assignment.proposal_id, assignment.reviewer_id).verdict is Verdict.CLEAR
            if assignment.reviewer_id not in actors:
                actors[assignment.reviewer_id] = get_actor(work.session, assignment.reviewer_id)
            own = Work(work.session, actors[assignment.reviewer_id], work.now, work.entries)
            accept_assignment(own, assignment.id)
            quality, dice = Dice(f"quality-{assignment.proposal_id}").between(1, 3), Dice(f"{assignment.id}")
            scores = {code: Score(quality + dice.between(-1, 1), COMMENT) for code in codes}
            submit_review(own, assignment.id, scores, assignment.version)
        db.session.flush()


def rows_of(book: openpyxl.Workbook, sheet: str) -> list[dict[str, object]]:
    rows = [list(row) for row in book[sheet].iter_rows(values_only=True)]
    head = next(n for n, row in enumerate(rows) if "เลขที่" in row)
    names = [str(name).split("\n")[0] for name in rows[head]]
    found = [dict(zip(names, row, strict=True)) for row in rows[head + 1 :]]
    return [row for row in found if row["เลขที่"]]


def compare_with_page(held: Round, data: bytes) -> None:
    """Totals and means computed anew from the workbook's details are those on the page, to the hundredth."""
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    totals: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows_of(book, "รายละเอียดคะแนน"):
        key = str(row["เลขที่"]), str(row["ผู้พิจารณา"])
        totals[key] += Decimal(str(row["น้ำหนัก"])) * Decimal(str(row["ระดับที่ใช้"])) / 4
    panels: dict[str, list[Decimal]] = defaultdict(list)
    for (number, _), total in totals.items():
        panels[number].append(total)
    page = held.committee
    page.goto(f"{held.url}/committee/calls/2567/ranking")
    shown = page.locator("main").inner_text()
    assert len(panels) == 95
    for number, scores in panels.items():
        mean = (sum(scores, Decimal()) / len(scores)).quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert re.search(rf"{number}\b[\s\S]{{0,400}}?\b{mean}\b", shown), (number, mean)


def test_the_review_round_of_fy2567_is_held_by_several_people_at_once(round_: Round) -> None:
    held = round_
    make_panels(held)
    judge_interests(held)
    plan_and_assign(held)
    held.move("เริ่มให้คะแนน")

    # a proposal given to as many of these four as there is, and one of each for the conflict and the rest
    given = held.assignments()
    talked = max(given, key=lambda pid: (len(given[pid]), -pid))
    together = given[talked]
    assert len(together) >= 2
    withdrawing = next(body for body in BODIES if body not in together or len(together) > 2)
    elsewhere = next(pid for pid, own in given.items() if withdrawing in own and pid != talked)

    # all at once: each is in the middle of something when the next goes on
    for body, assignment in together.items():
        answer(held, body, assignment, "accept")
    answer(held, withdrawing, given[elsewhere][withdrawing], "conflict", WHY_CONFLICT)
    expect(held.reviewers[withdrawing].locator("main")).to_contain_text("ถอนตัว")
    for n, body in enumerate(together):
        score_with_keys(
            held.reviewers[body],
            ("000000", "444444", "434343", "343434")[n][: len(held.call.rubric.criteria)],
        )
    for body in together:
        wait_until_saved(held.reviewers[body])
    for body in together:
        page = held.reviewers[body]
        follow(page, page.get_by_role("button", name="ส่งผลคะแนน", exact=True))

    # somebody else is asked where one stepped back
    sec = held.secretariat
    sec.goto(f"{held.url}/secretariat/proposals/{elsewhere}")
    sec.locator("input[name=reviewer]:not([disabled]):not(:checked)").first.check()
    follow(sec, sec.get_by_role("button", name="มอบหมายผู้ที่เลือก"))
    others_score(held, set(together.values()))

    held.move("เริ่มหารือ")
    sec.goto(f"{held.url}/secretariat/calls/2567/discussions")
    # far apart beyond what noise explains: it comes first
    queue = re.findall(r"2567-\d{4}", sec.locator("main").inner_text())
    assert queue[0] == held.number_of(talked)
    sec.goto(f"{held.url}/secretariat/proposals/{talked}/discussion")
    sec.fill("#note", SAID)
    follow(sec, sec.get_by_role("button", name="บันทึกข้อความ"))
    for body, assignment in together.items():
        page = held.reviewers[body]
        page.goto(f"{held.url}/reviewer/assignments/{assignment}/discussion")
        assert SAID in page.locator("main").inner_text()
        page.fill("#note", f"ความเห็นของผู้พิจารณา {body}")
        follow(page, page.get_by_role("button", name="บันทึกข้อความ"))
    sec.goto(f"{held.url}/secretariat/proposals/{talked}/discussion")
    assert f"ความเห็นของผู้พิจารณา {next(iter(together))}" in sec.locator("main").inner_text()
    sec.check("input[name=outcome][value=rescore]")
    sec.fill("#text", CONCLUSION)
    follow(sec, sec.get_by_role("button", name="บันทึกผลการหารือ"))

    held.move("เปิดให้คะแนนสุดท้าย")
    first = next(iter(together))
    for body, assignment in together.items():
        page = held.reviewers[body]
        page.goto(f"{held.url}/reviewer/assignments/{assignment}")
        if body == first:
            score_with_keys(page, "333333"[: len(held.call.rubric.criteria)])
        page.fill("#reason", CHANGED if body == first else STANDS)
    for body in together:
        page = held.reviewers[body]
        wait_until_saved(page)
        follow(page, page.get_by_role("button", name="ส่งคะแนนสุดท้าย"))
    held.move("ปิดรอบพิจารณา")

    with held.app.app_context():
        assert get_round(db.session(), held.call.id).phase == "locked"
        records = list_review_records(db.session(), SYSTEM, held.call.id)
        finals = {r.assignment_id: r for r in records.records if r.finalised_at}
        assert set(finals) == set(together.values())
        assert (finals[together[first]].first_total, finals[together[first]].total) == (0, 7500)
        assert [r.state for r in records.records].count("recused") == 1
        assert [o.text for o in records.outcomes] == [CONCLUSION]
        lines = ranked_list(db.session(), SYSTEM, held.call)
        assert all(line.mean is not None for line in lines)
        db.session.remove()

    page = held.committee
    page.goto(f"{held.url}/committee/papers?call=2567")
    page.select_option("#call", "2567")
    page.check("input[name=format][value=xlsx]")
    page.check("input[name=language][value=th]")
    follow(page, page.get_by_role("button", name="สั่งพิมพ์"))
    with held.app.app_context():
        drain(held.app)
        db.session.remove()
    page.reload()
    with page.expect_download() as download:
        page.locator("main a[href*='/committee/papers/']").first.click()
    compare_with_page(held, Path(download.value.path()).read_bytes())
