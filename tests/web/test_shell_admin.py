"""The administrator's desk: inviting, disabling, and the audit log."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from app.identity.actions import add_demo_person
from app.identity.facts import Membership, Role
from app.identity.models import UserMembership
from app.kernel.db import db
from app.kernel.text import Text
from app.kernel.work import open_work
from app.web.audit_words import AUDIT_WORDS
from tests.conftest import Backend, FixedClock, sign_in
from tests.law.test_house import PROJECT
from tests.world import NOW, PASSWORD, World

NEW = "a long walk by the river"


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    sign_in(client, World.email("admin"))
    return client


def _invite(admin: FlaskClient, **changes: str) -> tuple[int, str]:
    data = {"email": "new@agency.go.th", "name_th": "ผู้มา ใหม่", "role": "committee", **changes}
    answer = admin.post("/admin/people/invite", data=data)
    return answer.status_code, answer.text


def _link(page: str) -> str:
    found = re.search(r'id="invitation-link">http://127\.0\.0\.1:8000(/invitations/[^<]+)<', page)
    assert found is not None
    return found[1]


def test_invited_person_comes_in_by_the_link(admin: FlaskClient, backend: Backend) -> None:
    status, page = _invite(admin, role="officer", agency=str(backend.world.agencies["beta"]))
    assert status == 200
    link = _link(page)
    guest = backend.app.test_client()
    assert "new@agency.go.th" in guest.get(link).text
    assert guest.post(link, data={"password": "short", "again": "short"}).status_code == 422
    answer = guest.post(link, data={"password": NEW, "again": NEW})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")
    account = guest.get("/account").text
    assert "ผู้มา ใหม่" in account
    assert "กรมเบตา" in account
    assert guest.get(link).status_code == 404  # used
    sign_in(backend.app.test_client(), "new@agency.go.th", NEW)


def test_invitation_is_shown_once_and_lapses(admin: FlaskClient, backend: Backend, clock: FixedClock) -> None:
    _, page = _invite(admin)
    link = _link(page)
    assert "invitations/" not in admin.get("/admin/people?q=new").text
    clock.advance(days=7, seconds=1)
    answer = backend.app.test_client().get(link)
    assert answer.status_code == 404
    assert "คำเชิญนี้ใช้ไม่ได้แล้ว" in answer.text


def test_renewed_invitation_replaces_the_old_one(admin: FlaskClient, backend: Backend) -> None:
    officer = backend.world.users["officer"]
    first = _link(admin.post(f"/admin/people/{officer}/renew-invitation").text)
    second = _link(admin.post(f"/admin/people/{officer}/renew-invitation").text)
    guest = backend.app.test_client()
    assert guest.get(first).status_code == 404
    assert guest.post(second, data={"password": NEW, "again": NEW}).status_code == 303


def test_reviewer_is_invited_with_a_body(admin: FlaskClient, backend: Backend) -> None:
    status, _ = _invite(admin, role="reviewer", body="bb", agency=str(backend.world.agencies["bb"]))
    assert status == 200
    with backend.app.app_context():
        row = db.session.scalars(select(UserMembership).order_by(UserMembership.id.desc())).first()
        assert row is not None
        assert (row.role, row.body, row.agency_id) == ("reviewer", "bb", backend.world.agencies["bb"])


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        ({"email": "not an address"}, "email", "อีเมลไม่ถูกต้อง"),
        ({"email": World.email("officer")}, "email", "มีผู้ใช้อีเมลนี้แล้ว"),
        ({"email": "a" * 300 + "@b.go.th"}, "email", "ยาวเกินไป"),
        ({"name_th": " "}, "name_th", "กรุณากรอก"),
        ({"name_th": "ก\x07"}, "name_th", "อ่านไม่ได้"),
        ({"role": ""}, "role", "กรุณาเลือก"),
        ({"role": "emperor"}, "role", "ไม่มีในรายการ"),
        ({"role": "officer"}, "agency", "ต้องระบุหน่วยงาน"),
        ({"role": "officer", "agency": "9999"}, "agency", "ไม่มีในรายการ"),
        ({"role": "reviewer"}, "body", "ต้องระบุหน่วยร่วมพิจารณา"),
        ({"role": "reviewer", "body": "imf"}, "body", "ไม่มีในรายการ"),
    ],
)
def test_invitation_refused_at_the_field(
    admin: FlaskClient, changes: dict[str, str], place: str, words: str
) -> None:
    status, page = _invite(admin, name_en="Kept As Typed", **changes)
    assert status == 422
    error = re.search(rf'id="{place}-error">(.*?)</p>', page, re.S)
    assert error is not None
    assert words in error[1]
    assert f'href="#{place}"' in page
    assert "Kept As Typed" in page


def test_everything_wrong_is_said_at_once(admin: FlaskClient) -> None:
    _, page = _invite(admin, email="zz", name_th="", role="officer")
    places = re.findall(r'<a href="#(\w+)">', page.split('class="summary"')[1].split("</div>")[0])
    assert places == ["email", "name_th", "agency"]


def test_disabling_and_enabling(admin: FlaskClient, backend: Backend) -> None:
    officer = backend.world.users["officer"]
    assert admin.post(f"/admin/people/{officer}/disable").status_code == 303
    assert "ระงับ" in admin.get(f"/admin/people/{officer}").text
    assert admin.post(f"/admin/people/{officer}/renew-invitation").status_code == 422
    assert admin.post(f"/admin/people/{officer}/enable").status_code == 303
    sign_in(backend.app.test_client(), World.email("officer"), PASSWORD)
    assert admin.post(f"/admin/people/{backend.world.users['admin']}/disable").status_code == 422


@pytest.mark.both_databases
def test_people_are_found(admin: FlaskClient) -> None:
    assert World.email("officer_beta") in admin.get("/admin/people?q=เบตา").text
    assert World.email("officer_beta") not in admin.get("/admin/people?q=แกมมา").text
    assert World.email("officer") not in admin.get("/admin/people?state=disabled").text
    assert "ไม่พบผู้ใช้" in admin.get("/admin/people?q=qqqq").text


@pytest.mark.both_databases
def test_people_page_asks_the_same_number_of_queries_for_any_number(
    admin: FlaskClient, backend: Backend
) -> None:
    def queries() -> int:
        seen: list[str] = []

        def note(_c: object, _cur: object, statement: str, *_: object) -> None:
            seen.append(statement)

        with backend.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        assert admin.get("/admin/people").status_code == 200
        event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    before = queries()
    with backend.app.app_context(), open_work(backend.world.actor("admin"), NOW) as work:
        for n in range(60):
            name = Text(f"คนที่ {n}", f"Person {n}")
            add_demo_person(work, f"p{n:03}@a.go.th", name, "x", [Membership(Role.COMMITTEE)])
    assert queries() == before <= 12
    first = admin.get("/admin/people").text
    following = re.search(r'href="(/admin/people\?after=[^"]+)" rel="next"', first)
    assert following is not None
    second = admin.get(following[1]).text
    everybody = re.findall(r"[\w.]+@[\w.]+", first + second)
    assert {f"p{n:03}@a.go.th" for n in range(60)} <= set(everybody)


@pytest.mark.both_databases
def test_audit_log_names_who_did_what(admin: FlaskClient, backend: Backend) -> None:
    officer = backend.world.users["officer"]
    admin.post(f"/admin/people/{officer}/disable")
    page = admin.get(f"/admin/audit?subject=user:{officer}").text
    assert "ระงับบัญชี" in page
    assert "disable_person" in page
    assert "ผู้ใช้ admin" in page
    assert "sign_in" not in page


@pytest.mark.both_databases
def test_audit_log_pages_without_gaps(admin: FlaskClient, backend: Backend) -> None:
    with backend.app.app_context(), open_work(backend.world.actor("admin"), NOW) as work:
        for n in range(120):
            work.audit("sign_in", f"mark:{n}")
    seen: list[str] = []
    address: str | None = "/admin/audit"
    while address:
        page = admin.get(address).text
        seen += re.findall(r">mark:(\d+)<", page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else None
    assert seen == [str(n) for n in reversed(range(120))]


def test_every_audited_action_has_words() -> None:
    codes = {
        code
        for path in (PROJECT / "app").rglob("actions.py")
        for code in re.findall(r'work\.audit\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert codes <= AUDIT_WORDS.keys()
