"""Every route x method x role x (own, other, unknown) object, against a table written by hand.

The table does not read the application's own permission table: it says anew who may do what. A route that is not in it
fails the test, so nothing is added without being judged.
"""

from __future__ import annotations

import pytest

from app.kernel.db import db
from tests.conftest import Backend
from tests.law.routes import ANY, BODIES, REACH, ROUTES, list_people
from tests.law.things import enter, make_things, words_of
from tests.world import complete_draft, write_draft


def _expected(who: dict[str, str] | str | None, role: str, name: str, side: str, has_object: bool) -> str:
    if who is None:
        return "in"
    if name == "visitor" or isinstance(who, str):
        return "sign in"  # and where a token is asked for, no session is one
    if role not in who:
        return "forbidden"
    if not has_object:
        return "in"
    if side == "unknown":
        return "not found"
    reach = who[role]
    return "in" if reach == ANY or side in REACH.get((name, reach), set()) else "not found"


def _seen(status: int, location: str) -> str:
    if status == 401 or "/sign-in" in location:
        return "sign in"
    return {403: "forbidden", 404: "not found"}.get(status, "in" if status < 500 else f"fault {status}")


def test_every_route_is_judged(sqlite_backend: Backend) -> None:
    routes = {rule.endpoint for rule in sqlite_backend.app.url_map.iter_rules()}
    assert routes == set(ROUTES)


def test_every_route_answers_only_its_method(sqlite_backend: Backend) -> None:
    for rule in sqlite_backend.app.url_map.iter_rules():
        assert rule.methods is not None
        assert rule.methods - {"HEAD", "OPTIONS"} == {ROUTES[rule.endpoint][0]}, rule.endpoint


def test_every_role_meets_every_route(backend: Backend) -> None:
    """Nobody gets in where the table does not say so, and everybody does where it does."""
    backend.app.config["WTF_CSRF_ENABLED"] = False
    wrong = []
    with backend.app.app_context():
        things = make_things(backend)
        browsers = {name: enter(backend, backend.world, name) for _role, name in list_people()}
        db.session.remove()
    for endpoint, (method, who, objects) in ROUTES.items():
        if who is None or endpoint == "account.sign_out":
            continue
        has_object = any(not kind.startswith("=") for kind in objects.values())
        for side in ("unknown", "other", "own") if has_object else ("own",):
            values = {key: things.value(kind, side) for key, kind in objects.items()}
            with backend.app.test_request_context():
                address = backend.app.url_for(endpoint, **values)
            for role, name in list_people():
                answer = browsers[name].open(address, method=method, data=BODIES.get(endpoint))
                seen = _seen(answer.status_code, answer.headers.get("Location", ""))
                expected = _expected(who, role, name, side, has_object)
                if seen != expected:
                    wrong.append(f"{method} {address} ({side}) as {name}: {seen}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_another_proposals_attachment_is_not_found_through_ones_own(backend: Backend) -> None:
    with backend.app.app_context():
        things = make_things(backend)
        officer = enter(backend, backend.world, "officer")
        db.session.remove()
    own, other = things.ids["draft"]["own"], things.ids["attachment"]["other"]
    backend.app.config["WTF_CSRF_ENABLED"] = False
    assert officer.post(f"/agency/proposals/{own}/attachments/{other}/remove").status_code == 404


def test_signed_out_cookie_is_dead(backend: Backend) -> None:
    """A copy of the cookie taken before signing out opens nothing afterwards."""
    backend.app.config["WTF_CSRF_ENABLED"] = False
    with backend.app.app_context():
        browser = enter(backend, backend.world, "officer")
        db.session.remove()
    copy = backend.app.test_client()
    with browser.session_transaction() as cookie:
        token = cookie["_user_id"]
    with copy.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert copy.get("/agency/").status_code == 200
    browser.post("/sign-out")
    assert copy.get("/agency/").status_code == 302


@pytest.mark.parametrize("name", ["officer", "secretariat", "committee", "reviewer_bb", "admin"])
def test_door_counts_the_same_for_head(sqlite_backend: Backend, name: str) -> None:
    """HEAD goes through the same door as GET."""
    with sqlite_backend.app.app_context():
        browser = enter(sqlite_backend, sqlite_backend.world, name)
        db.session.remove()
    for endpoint, (method, who, objects) in ROUTES.items():
        if method == "GET" and who is not None and not objects:
            with sqlite_backend.app.test_request_context():
                address = sqlite_backend.app.url_for(endpoint)
            assert browser.head(address).status_code == browser.get(address).status_code, address


def test_a_drafts_words_reach_nobody_but_its_own_agency(backend: Backend) -> None:
    """A marked text typed in every free field of a draft stands in no page of anybody else, on any address."""
    marker = "ลับเฉพาะXYZZY"
    with backend.app.app_context():
        things = make_things(backend)
        draft = complete_draft()
        draft["names"] |= {"title_th": marker, "title_en": marker}
        draft["rationale"] = dict.fromkeys(draft["rationale"], marker)
        draft["budget"]["rows"][0]["item"] = marker
        things.ids["draft"]["marked"] = marked = write_draft(backend.world, draft)
        browsers = {name: enter(backend, backend.world, name) for _role, name in list_people()}
        db.session.remove()
    assert marker in browsers["officer"].get(f"/agency/proposals/{marked}").get_data(as_text=True)
    for name, browser in browsers.items():
        if name in ("officer", "certifier"):
            continue
        for endpoint, (method, _who, objects) in ROUTES.items():
            if method != "GET" or endpoint == "assets.file":
                continue
            values = {
                key: marked if key == "proposal_id" else things.value(kind, "own")
                for key, kind in objects.items()
            }
            with backend.app.test_request_context():
                address = backend.app.url_for(endpoint, **values)
            for ask in (address, f"{address}?text={marker[:4]}&q={marker[:4]}&next=/"):
                assert marker not in words_of(browser.get(ask)), f"{ask} shows a draft to {name}"
