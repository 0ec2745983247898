"""The role x permission x scope table, written out by hand, and the rules of passwords and sign-in."""

from __future__ import annotations

import pytest

from app.identity.facts import NOBODY, SYSTEM, Actor, Body, Membership, Role
from app.identity.rules import (
    PASSWORD_IS_NAME,
    PASSWORD_TOO_LONG,
    PASSWORD_TOO_PLAIN,
    PASSWORD_TOO_SHORT,
    Permission,
    Scope,
    Target,
    is_email,
    may,
    password_problem,
    require,
    scope_of,
    sign_in_is_throttled,
)
from app.kernel.errors import Forbidden, NotFound
from app.kernel.text import Text

P = Permission
OWN, OTHER, ME, SOMEBODY = 7, 8, 1, 2

# Which permissions each role has on: its own agency's things, another agency's, what was given to it, its own account.
EXPECTED: dict[Role, dict[str, set[Permission]]] = {
    Role.OFFICER: {
        "own": {
            P.READ_CALL,
            P.READ_PROPOSAL,
            P.WRITE_PROPOSAL,
            P.FILE_PROPOSAL,
            P.READ_RECEIPT,
            P.ANSWER_LINK,
            P.CONNECT_SYSTEMS,
            P.READ_PROJECT,
            P.REPORT_PROGRESS,
            P.CHANGE_PLAN,
        },
        "other": {P.READ_CALL},
        "mine": {P.READ_CALL, P.USE_ACCOUNT, P.PRINT_PAPERS},
    },
    Role.CERTIFIER: {
        "own": {
            P.READ_CALL,
            P.READ_PROPOSAL,
            P.READ_RECEIPT,
            P.SIGN_PROPOSAL,
            P.FILE_PROPOSAL,
            P.ANSWER_LINK,
            P.CONNECT_SYSTEMS,
            P.READ_PROJECT,
            P.SIGN_REPORT,
            P.CHANGE_PLAN,
        },
        "other": {P.READ_CALL},
        "mine": {P.READ_CALL, P.USE_ACCOUNT, P.PRINT_PAPERS},
    },
    Role.REVIEWER: {
        "own": {P.READ_CALL},
        "other": {P.READ_CALL},
        "mine": {
            P.READ_CALL,
            P.USE_ACCOUNT,
            P.READ_FILING,
            P.ASK_QUESTION,
            P.SCORE_PROPOSAL,
            P.DECLARE_INTEREST,
            P.DISCUSS_PROPOSAL,
        },
    },
    Role.SECRETARIAT: {
        "own": (
            secretariat := {
                P.READ_CALL,
                P.READ_AUDIT,
                P.READ_MAILS,
                P.MANAGE_CALL,
                P.READ_FILING,
                P.READ_RECEIPT,
                P.RETURN_PROPOSAL,
                P.ASK_QUESTION,
                P.RUN_SCREENING,
                P.OVERRIDE_FINDING,
                P.READ_OVERLAPS,
                P.JUDGE_OVERLAP,
                P.READ_LINKAGE,
                P.RECORD_RESULTS,
                P.MANAGE_MONITORING,
                P.READ_PROJECT,
                P.JUDGE_REPORT,
                P.JUDGE_CHANGE,
                P.READ_MONITORING,
                P.PUBLISH_DATA,
                P.ASSIGN_REVIEWER,
                P.READ_REVIEWS,
                P.READ_PORTFOLIO,
                P.MANAGE_SCENARIO,
                P.ADOPT_SCENARIO,
                P.MANAGE_MEETING,
                P.MANAGE_ROUND,
                P.JUDGE_CONFLICT,
                P.DISCUSS_PROPOSAL,
            }
        ),
        "other": secretariat,
        "mine": secretariat | {P.USE_ACCOUNT, P.PRINT_PAPERS, P.CONNECT_SYSTEMS},
    },
    Role.COMMITTEE: {
        "own": (
            committee := {
                P.READ_CALL,
                P.READ_FILING,
                P.READ_REVIEWS,
                P.READ_PORTFOLIO,
                P.READ_LINKAGE,
                P.RECORD_DECISION,
                P.READ_PROJECT,
                P.READ_MONITORING,
            }
        ),
        "other": committee,
        "mine": committee | {P.USE_ACCOUNT, P.PRINT_PAPERS, P.MANAGE_SCENARIO},
    },
    Role.ADMIN: {
        "own": (admin := {P.READ_CALL, P.MANAGE_PEOPLE, P.READ_AUDIT, P.READ_MAILS}),
        "other": admin,
        "mine": admin | {P.USE_ACCOUNT},
    },
}
TARGETS = {
    "own": Target(frozenset({OWN}), frozenset({SOMEBODY})),
    "other": Target(frozenset({OTHER}), frozenset({SOMEBODY})),
    "mine": Target(frozenset({OTHER}), frozenset({ME})),
}


def _actor(*roles: Role) -> Actor:
    body = {Role.REVIEWER: Body.BB}
    return Actor(ME, Text("ก", "A"), tuple(Membership(r, OWN, body.get(r)) for r in roles))


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_table(role: Role, permission: Permission, kind: str) -> None:
    assert may(_actor(role), permission, TARGETS[kind]) is (permission in EXPECTED[role][kind])


@pytest.mark.parametrize("permission", Permission)
def test_nobody_may_nothing_and_the_system_everything(permission: Permission) -> None:
    assert not may(NOBODY, permission)
    assert scope_of(NOBODY, permission) is Scope.NONE
    assert may(SYSTEM, permission, TARGETS["other"])


def test_own_agency_counts_only_in_the_role_that_grants() -> None:
    """A reviewer who is an officer elsewhere owns that agency's proposals, not those of the reviewing body."""
    actor = Actor(
        ME,
        Text("ก", "A"),
        (Membership(Role.REVIEWER, OTHER, Body.BB), Membership(Role.OFFICER, OWN)),
    )
    assert may(actor, P.WRITE_PROPOSAL, TARGETS["own"])
    assert not may(actor, P.WRITE_PROPOSAL, TARGETS["other"])


def test_several_roles_give_the_widest_scope() -> None:
    actor = _actor(Role.REVIEWER, Role.SECRETARIAT)
    assert scope_of(actor, P.READ_FILING) is Scope.ANY
    assert scope_of(_actor(Role.REVIEWER), P.READ_FILING) is Scope.ASSIGNED


def test_without_the_role_forbidden_and_out_of_scope_not_found() -> None:
    with pytest.raises(Forbidden):
        require(_actor(Role.ADMIN), P.READ_PROPOSAL, TARGETS["own"])
    with pytest.raises(NotFound):
        require(_actor(Role.OFFICER), P.READ_PROPOSAL, TARGETS["other"])
    require(_actor(Role.OFFICER), P.READ_PROPOSAL, TARGETS["own"])


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("elevenchars", PASSWORD_TOO_SHORT),
        ("a1" * 101, PASSWORD_TOO_LONG),
        ("Somchai and his dog", PASSWORD_IS_NAME),
        ("abababababab", PASSWORD_TOO_PLAIN),
        ("twelve chars", None),
        ("แม่น้ำไหลลงสู่ทะเล", None),
    ],
)
def test_passwords(password: str, why: Text | None) -> None:
    assert password_problem(password, "somchai@agency.go.th") is why


def test_short_email_names_are_not_looked_for() -> None:
    assert password_problem("a long wise walk", "wis@agency.go.th") is None


@pytest.mark.parametrize(
    ("account", "address", "slow"), [(0, 0, False), (7, 39, False), (8, 0, True), (0, 40, True)]
)
def test_throttle(account: int, address: int, slow: bool) -> None:
    assert sign_in_is_throttled(account, address) is slow


@pytest.mark.parametrize("text", ["a@b.th", "first.last@agency.go.th", "ผู้ใช้@หน่วยงาน.ไทย"])
def test_emails(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text", ["", "a", "a@b", "a@@b.th", "a b@c.th", "a@b..th", "@b.th", "a@b.th\n", "x" * 250 + "@b.th"]
)
def test_not_emails(text: str) -> None:
    assert not is_email(text)
