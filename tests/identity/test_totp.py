"""The second factor in the database: codes of RFC 6238 taken once, recovery codes, sealed secrets, guesses counted."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.identity import codes, second_factors
from app.identity.actions import note_failed_sign_in
from app.identity.codes import matching_step, read_code, step_of
from app.identity.facts import NOBODY, SYSTEM, Role, Step
from app.identity.models import RecoveryCode, SecondFactor
from app.identity.rules import must_have_second_factor, step_left
from app.identity.sealing import seal, unseal
from app.identity.second_factors import Verdict
from app.kernel.db import db
from app.kernel.errors import Forbidden, NotFound, Refused
from app.kernel.work import open_work
from tests.conftest import Backend
from tests.world import NOW, World

KEY = "k" * 64
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890", RFC 6238 appendix B


def code_at(secret: str, moment: datetime) -> str:
    import pyotp

    return pyotp.TOTP(secret).at(int(moment.timestamp()))


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_of_the_standard(second: int, code: str) -> None:
    """Appendix B of RFC 6238, SHA-1, the last six of its eight digits."""
    moment = datetime.fromtimestamp(second, UTC)
    assert matching_step(RFC_SECRET, code, moment, after=0) == second // 30


@pytest.mark.parametrize(
    ("seconds", "is_taken"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)]
)
def test_a_step_early_or_late_is_taken(seconds: int, is_taken: bool) -> None:
    code = code_at(RFC_SECRET, NOW + timedelta(seconds=seconds))
    assert (matching_step(RFC_SECRET, code, NOW, after=0) is not None) == is_taken


def test_no_step_is_taken_twice() -> None:
    code, step = code_at(RFC_SECRET, NOW), step_of(NOW)
    assert matching_step(RFC_SECRET, code, NOW, after=step - 1) == step
    assert matching_step(RFC_SECRET, code, NOW, after=step) is None


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123456", "123456"),
        (" 123 456\n", "123456"),
        ("123-456", "123456"),
        ("123\u2013456", "123456"),
        ("\u200b123456", "123456"),
        ("๑๒๓๔๕๖", "123456"),
        ("１２３４５６", "123456"),
        ("ABCD-efgh", "abcdefgh"),
        ("12345๖", "123456"),
        ("", ""),
        ("12345ก", ""),
        ("123456;", ""),
        ("1" * 101, ""),
        ("²23456", "223456"),
    ],
)
def test_codes_as_people_type_them(typed: str, read: str) -> None:
    assert read_code(typed) == read


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "-12345", "12345\u00b2"])
def test_what_is_no_code_matches_nothing(code: str) -> None:
    assert matching_step(RFC_SECRET, code, NOW, after=0) is None


def test_a_new_secret_is_long_and_new() -> None:
    one, other = codes.new_secret(), codes.new_secret()
    assert len(one) == len(other) == 32
    assert one != other
    assert codes.is_recovery_code(read_code(codes.show_recovery_code(codes.new_recovery_code())))
    address = codes.enrolment_address(one, "a@b.go.th")
    assert address.startswith("otpauth://totp/DGI-Budget:a%40b.go.th?")
    assert f"secret={one}" in address


@pytest.mark.parametrize("is_demo", [True, False])
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("has_factor", [True, False])
def test_who_is_asked_for_what(role: Role, has_factor: bool, is_demo: bool) -> None:
    staff = role not in (Role.OFFICER, Role.CERTIFIER)
    expected = Step.CODE if has_factor else Step.SET_UP if staff and not is_demo else None
    assert step_left([role], has_factor=has_factor, is_demo=is_demo) is expected
    assert must_have_second_factor([Role.OFFICER, role], is_demo=is_demo) == (staff and not is_demo)


def test_a_seal_belongs_to_its_key_and_place() -> None:
    sealed = seal(KEY, "second-factor:1", "secret")
    assert "secret" not in sealed
    assert unseal(KEY, "second-factor:1", sealed) == "secret"
    assert unseal(KEY, "second-factor:2", sealed) is None
    assert unseal("x" * 64, "second-factor:1", sealed) is None
    assert unseal(KEY, "second-factor:1", sealed[:-6] + "AAAAAA") is None
    assert unseal(KEY, "second-factor:1", "") is None
    assert seal(KEY, "second-factor:1", "secret") != sealed


def set_up(world: World, who: str = "officer", at: datetime = NOW) -> tuple[str, list[str]]:
    """Give somebody a second factor; returns its secret and recovery codes. The code of `at` is used up with it."""
    user_id = world.users[who]
    with open_work(world.actor(who), at) as work:
        second_factors.begin_set_up(work, user_id, KEY, replaces=False)
    secret = second_factors.find_pending(db.session(), user_id, KEY, at)
    assert secret is not None
    with open_work(world.actor(who), at) as work:
        given = second_factors.confirm_set_up(
            work, user_id, code_at(secret, at), KEY, session_id=0, replaces=False
        )
    assert given is not None
    return secret, given


def try_one(
    world: World, code: str, at: datetime, who: str = "officer", address: str = "10.0.0.1"
) -> Verdict:
    with open_work(NOBODY, at) as work:
        return second_factors.try_code(work, world.users[who], code, KEY, address)


def test_set_up_asked_and_never_replayed(app: Flask, world: World) -> None:
    secret, given = set_up(world)
    assert len(set(given)) == 10
    kept = db.session.get_one(SecondFactor, world.users["officer"])
    assert secret not in (kept.secret or "")
    assert kept.pending is None
    hashes = set(db.session.scalars(select(RecoveryCode.code_sha256)))
    assert not any(code in hashes or code.replace("-", "") in hashes for code in given)
    assert try_one(world, code_at(secret, NOW), NOW) is Verdict.WRONG  # confirmed it
    later = NOW + timedelta(seconds=30)
    code = code_at(secret, later)
    assert try_one(world, code, later) is Verdict.TAKEN
    assert try_one(world, code, later) is Verdict.WRONG
    assert try_one(world, code_at(secret, NOW), later) is Verdict.WRONG  # an earlier step
    state = second_factors.get_factor_state(db.session(), world.users["officer"])
    assert (state.set_up_at, state.codes_left) == (NOW, 10)


def test_recovery_codes_are_good_once_and_for_their_owner(app: Flask, world: World) -> None:
    _, given = set_up(world)
    _, others = set_up(world, "admin")
    assert try_one(world, others[0], NOW) is Verdict.WRONG
    assert try_one(world, f" {given[0].upper()} ", NOW) is Verdict.TAKEN
    assert try_one(world, given[0], NOW) is Verdict.WRONG
    with open_work(world.actor("officer"), NOW) as work:
        renewed = second_factors.renew_recovery_codes(work)
    assert try_one(world, given[1], NOW) is Verdict.WRONG
    assert try_one(world, renewed[1], NOW) is Verdict.TAKEN
    assert second_factors.get_factor_state(db.session(), world.users["officer"]).codes_left == 9


def test_guesses_are_counted_with_wrong_passwords(app: Flask, world: World) -> None:
    secret, given = set_up(world)
    with open_work(NOBODY, NOW) as work:
        for _ in range(3):
            note_failed_sign_in(work, World.email("officer"), "10.0.0.2")
    for _ in range(5):
        assert try_one(world, "000000", NOW) is Verdict.WRONG
    later = NOW + timedelta(seconds=30)
    assert try_one(world, code_at(secret, later), later) is Verdict.TOO_MANY
    assert try_one(world, given[0], later) is Verdict.TOO_MANY
    after = NOW + timedelta(minutes=15, seconds=31)
    assert try_one(world, code_at(secret, after), after) is Verdict.TAKEN


def test_nothing_is_taken_of_somebody_without_one(app: Flask, world: World) -> None:
    assert try_one(world, "000000", NOW) is Verdict.WRONG
    assert not second_factors.has_second_factor(db.session(), world.users["officer"])
    assert second_factors.get_factor_state(db.session(), world.users["officer"]).set_up_at is None


def test_pending_secret_lapses_and_opens_nothing(app: Flask, world: World) -> None:
    user_id = world.users["officer"]
    with open_work(world.actor("officer"), NOW) as work:
        second_factors.begin_set_up(work, user_id, KEY, replaces=False)
    secret = second_factors.find_pending(db.session(), user_id, KEY, NOW)
    assert secret is not None
    assert not second_factors.has_second_factor(db.session(), user_id)
    assert try_one(world, code_at(secret, NOW), NOW) is Verdict.WRONG
    late = NOW + timedelta(hours=1, seconds=1)
    assert second_factors.find_pending(db.session(), user_id, KEY, late) is None
    with open_work(world.actor("officer"), late) as work:
        confirmed = second_factors.confirm_set_up(
            work, user_id, code_at(secret, late), KEY, session_id=0, replaces=False
        )
    assert confirmed is None


def test_one_in_use_is_replaced_only_by_whoever_showed_it(app: Flask, world: World) -> None:
    secret, _ = set_up(world)
    user_id = world.users["officer"]
    with pytest.raises(Refused), open_work(world.actor("officer"), NOW) as work:
        second_factors.begin_set_up(work, user_id, KEY, replaces=False)
    with open_work(world.actor("officer"), NOW) as work:
        second_factors.begin_set_up(work, user_id, KEY, replaces=True)
    pending = second_factors.find_pending(db.session(), user_id, KEY, NOW)
    assert pending not in (None, secret)
    code = code_at(pending or "", NOW)
    with open_work(world.actor("officer"), NOW) as work:
        assert second_factors.confirm_set_up(work, user_id, code, KEY, session_id=0, replaces=False) is None
        assert second_factors.confirm_set_up(work, user_id, code, KEY, session_id=0, replaces=True)


def test_reset_is_the_administrators(app: Flask, world: World) -> None:
    set_up(world)
    user_id = world.users["officer"]
    with pytest.raises(Forbidden), open_work(world.actor("secretariat"), NOW) as work:
        second_factors.reset_second_factor(work, user_id)
    with pytest.raises(NotFound), open_work(world.actor("admin"), NOW) as work:
        second_factors.reset_second_factor(work, 2**31 - 1)
    with open_work(SYSTEM, NOW) as work:
        second_factors.reset_second_factor(work, user_id)
    assert not second_factors.has_second_factor(db.session(), user_id)
    assert db.session.scalar(select(RecoveryCode.id)) is None


def test_secrets_of_another_key_are_noticed(app: Flask, world: World) -> None:
    assert not second_factors.any_sealed_otherwise(db.session(), KEY)
    secret, _ = set_up(world)
    assert not second_factors.any_sealed_otherwise(db.session(), KEY)
    assert second_factors.any_sealed_otherwise(db.session(), "x" * 64)
    later = NOW + timedelta(seconds=30)
    with open_work(NOBODY, later) as work:
        code = code_at(secret, later)
        taken = second_factors.try_code(work, world.users["officer"], code, "x" * 64, "")
    assert taken is Verdict.WRONG


def at_once(backend: Backend, codes: list[str], at: datetime) -> list[Verdict]:
    """Several browsers that send their codes at the same moment."""
    gate = threading.Barrier(len(codes))

    def send(code: str) -> Verdict:
        with backend.app.app_context():
            gate.wait(20)
            verdict = try_one(backend.world, code, at)
            db.session.remove()
            return verdict

    with ThreadPoolExecutor(len(codes)) as pool:
        return list(pool.map(send, codes))


def test_one_code_sent_at_once_from_several_browsers_is_taken_once(backend: Backend) -> None:
    with backend.app.app_context():
        secret, given = set_up(backend.world)
        db.session.remove()
    later = NOW + timedelta(seconds=30)
    assert at_once(backend, [code_at(secret, later)] * 3, later).count(Verdict.TAKEN) == 1
    assert at_once(backend, [given[0]] * 3, later).count(Verdict.TAKEN) == 1


def test_guesses_sent_at_once_are_counted_one_after_the_other(backend: Backend) -> None:
    with backend.app.app_context():
        set_up(backend.world)
        db.session.remove()
    verdicts = at_once(backend, [f"{n:06d}" for n in range(12)], NOW)
    assert (verdicts.count(Verdict.WRONG), verdicts.count(Verdict.TOO_MANY)) == (8, 4)
