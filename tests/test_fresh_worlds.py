"""What the fixtures promise: no test sees what another wrote, however it ended, and a scene is the same each time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text

from app.identity.actions import note_failed_sign_in
from app.identity.facts import SYSTEM
from app.identity.models import Agency, SignInAttempt
from app.kernel.db import db
from app.kernel.work import open_work
from tests.conftest import Backend
from tests.world import NOW


def attempts() -> int:
    return db.session.scalar(select(func.count()).select_from(SignInAttempt)) or 0


def written() -> None:
    with open_work(SYSTEM, NOW) as work:
        note_failed_sign_in(work, "a@b.th", "10.0.0.1")


def left_open() -> None:
    db.session.execute(text("UPDATE agencies SET name_th = 'x' WHERE id = 1"))


def taken_back() -> None:
    left_open()
    db.session.rollback()


def only_read() -> None:
    attempts()


@pytest.mark.parametrize("ends", [written, left_open, taken_back, only_read])
def test_a_fresh_world_holds_nothing_of_the_last(backend: Backend, ends: Callable[[], None]) -> None:
    for _ in range(2):
        with backend.app.app_context():
            assert attempts() == 0
            assert db.session.scalars(select(Agency.name_th).where(Agency.name_th == "x")).all() == []
            ends()
            if ends is not left_open:
                db.session.remove()
        backend.fresh()
    with backend.app.app_context():
        written()  # and nobody left a lock behind
        assert attempts() == 1
        db.session.remove()


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_number_drawn_and_thrown_away_is_drawn_again(backend: Backend) -> None:
    drawn = []
    for _ in range(2):
        with backend.app.app_context():
            drawn.append(db.session.scalar(text("SELECT nextval('sign_in_attempts_id_seq')")))
            db.session.remove()
        backend.fresh()
    assert drawn[0] == drawn[1]


def test_a_scene_is_built_once_and_begins_anew_each_time(backend: Backend) -> None:
    built = []

    def build() -> list[int]:
        written()
        built.append(attempts())
        return [1]

    for _ in range(3):
        backend.fresh()
        with backend.app.app_context():
            made = backend.begin_with(f"{__name__}.attempts", build)
            made.append(2)  # what a test does with it is its own
            assert attempts() == 1
            written()
            assert (made, attempts()) == ([1, 2], 2)
            db.session.remove()
    assert built == [1]
    backend.fresh()
    with backend.app.app_context():
        assert attempts() == 0
        db.session.remove()
