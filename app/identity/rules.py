"""The one role x permission x scope table, and the rules of passwords and sign-in. Default is deny."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from enum import IntEnum, StrEnum

from app.identity.facts import CLASHES_WITH_REVIEWING, STAFF_ROLES, Actor, Role, Step
from app.kernel.errors import Forbidden, NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text


class Permission(StrEnum):
    """What can be done; every route and action names one."""

    USE_ACCOUNT = "use_account"
    MANAGE_PEOPLE = "manage_people"
    READ_AUDIT = "read_audit"
    READ_MAILS = "read_mails"
    READ_CALL = "read_call"
    MANAGE_CALL = "manage_call"
    READ_PROPOSAL = "read_proposal"
    READ_FILING = "read_filing"
    WRITE_PROPOSAL = "write_proposal"
    FILE_PROPOSAL = "file_proposal"
    SIGN_PROPOSAL = "sign_proposal"
    ANSWER_LINK = "answer_link"
    READ_RECEIPT = "read_receipt"
    RETURN_PROPOSAL = "return_proposal"
    ASK_QUESTION = "ask_question"
    RUN_SCREENING = "run_screening"
    OVERRIDE_FINDING = "override_finding"
    READ_OVERLAPS = "read_overlaps"
    JUDGE_OVERLAP = "judge_overlap"
    READ_LINKAGE = "read_linkage"
    RECORD_RESULTS = "record_results"
    ASSIGN_REVIEWER = "assign_reviewer"
    MANAGE_ROUND = "manage_round"
    JUDGE_CONFLICT = "judge_conflict"
    DECLARE_INTEREST = "declare_interest"
    SCORE_PROPOSAL = "score_proposal"
    DISCUSS_PROPOSAL = "discuss_proposal"
    READ_REVIEWS = "read_reviews"
    READ_PORTFOLIO = "read_portfolio"
    MANAGE_SCENARIO = "manage_scenario"
    ADOPT_SCENARIO = "adopt_scenario"
    MANAGE_MEETING = "manage_meeting"
    RECORD_DECISION = "record_decision"
    MANAGE_MONITORING = "manage_monitoring"
    READ_PROJECT = "read_project"
    REPORT_PROGRESS = "report_progress"
    SIGN_REPORT = "sign_report"
    JUDGE_REPORT = "judge_report"
    CHANGE_PLAN = "change_plan"
    JUDGE_CHANGE = "judge_change"
    READ_MONITORING = "read_monitoring"
    PUBLISH_DATA = "publish_data"
    PRINT_PAPERS = "print_papers"
    CONNECT_SYSTEMS = "connect_systems"


class Scope(IntEnum):
    """How far a permission reaches. ANY: every object. OWN: of the actor's agencies (drafts included).
    ASSIGNED: what was given to this reviewer. SELF: the actor's own account and files."""

    NONE = 0
    SELF = 1
    ASSIGNED = 2
    OWN = 3
    ANY = 4


_O, _C, _R, _S, _K, _A = (
    Role.OFFICER,
    Role.CERTIFIER,
    Role.REVIEWER,
    Role.SECRETARIAT,
    Role.COMMITTEE,
    Role.ADMIN,
)

TABLE: dict[Permission, dict[Role, Scope]] = {
    Permission.USE_ACCOUNT: dict.fromkeys(Role, Scope.SELF),
    Permission.MANAGE_PEOPLE: {_A: Scope.ANY},
    Permission.READ_AUDIT: {_A: Scope.ANY, _S: Scope.ANY},
    # that an e-mail was sent, never what it says: that is its reader's own
    Permission.READ_MAILS: {_A: Scope.ANY, _S: Scope.ANY},
    Permission.READ_CALL: dict.fromkeys(Role, Scope.ANY),
    Permission.MANAGE_CALL: {_S: Scope.ANY},
    # a draft is its agency's alone; READ_FILING is for what was filed
    Permission.READ_PROPOSAL: {_O: Scope.OWN, _C: Scope.OWN},
    Permission.READ_FILING: {_S: Scope.ANY, _K: Scope.ANY, _R: Scope.ASSIGNED},
    Permission.WRITE_PROPOSAL: {_O: Scope.OWN},
    Permission.FILE_PROPOSAL: {_O: Scope.OWN, _C: Scope.OWN},
    Permission.SIGN_PROPOSAL: {_C: Scope.OWN},
    # a partner named in a link need not take part in the proposal, and sees the link only
    Permission.ANSWER_LINK: {_O: Scope.OWN, _C: Scope.OWN},
    Permission.READ_RECEIPT: {_O: Scope.OWN, _C: Scope.OWN, _S: Scope.ANY},
    # what reviewers ask reaches the agency only when the secretariat sends it
    Permission.RETURN_PROPOSAL: {_S: Scope.ANY},
    Permission.ASK_QUESTION: {_S: Scope.ANY, _R: Scope.ASSIGNED},
    Permission.RUN_SCREENING: {_S: Scope.ANY},
    Permission.OVERRIDE_FINDING: {_S: Scope.ANY},
    # an officer learns of what resembles a draft through READ_PROPOSAL, and only what that shows of others
    Permission.READ_OVERLAPS: {_S: Scope.ANY},
    Permission.JUDGE_OVERLAP: {_S: Scope.ANY},
    # the graph of a whole call; an agency's own links come with READ_PROPOSAL
    Permission.READ_LINKAGE: {_S: Scope.ANY, _K: Scope.ANY},
    Permission.RECORD_RESULTS: {_S: Scope.ANY},
    Permission.ASSIGN_REVIEWER: {_S: Scope.ANY},
    Permission.MANAGE_ROUND: {_S: Scope.ANY},
    Permission.JUDGE_CONFLICT: {_S: Scope.ANY},
    Permission.DECLARE_INTEREST: {_R: Scope.SELF},
    Permission.SCORE_PROPOSAL: {_R: Scope.ASSIGNED},
    # among reviewers, only those whose own scores are in
    Permission.DISCUSS_PROPOSAL: {_S: Scope.ANY, _R: Scope.ASSIGNED},
    Permission.READ_REVIEWS: {_S: Scope.ANY, _K: Scope.ANY},
    Permission.READ_PORTFOLIO: {_S: Scope.ANY, _K: Scope.ANY},
    # a member may ask "what if?" in scenarios of their own; only the secretariat says which lies before the meeting
    Permission.MANAGE_SCENARIO: {_S: Scope.ANY, _K: Scope.SELF},
    Permission.ADOPT_SCENARIO: {_S: Scope.ANY},
    Permission.MANAGE_MEETING: {_S: Scope.ANY},
    Permission.RECORD_DECISION: {_K: Scope.ANY},
    # granted projects: opened and judged by the secretariat, planned and reported by whoever carries them out
    Permission.MANAGE_MONITORING: {_S: Scope.ANY},
    Permission.READ_PROJECT: {_O: Scope.OWN, _C: Scope.OWN, _S: Scope.ANY, _K: Scope.ANY},
    Permission.REPORT_PROGRESS: {_O: Scope.OWN},
    Permission.SIGN_REPORT: {_C: Scope.OWN},
    Permission.JUDGE_REPORT: {_S: Scope.ANY},
    Permission.CHANGE_PLAN: {_O: Scope.OWN, _C: Scope.OWN},
    Permission.JUDGE_CHANGE: {_S: Scope.ANY},
    # how a whole call stands; an agency's own comes with READ_PROJECT
    Permission.READ_MONITORING: {_S: Scope.ANY, _K: Scope.ANY},
    Permission.PUBLISH_DATA: {_S: Scope.ANY},
    # what a paper may show is asked beside: an agency's own proposals, or the portfolio
    Permission.PRINT_PAPERS: {_O: Scope.SELF, _C: Scope.SELF, _S: Scope.SELF, _K: Scope.SELF},
    # tokens and webhooks, of one's own agency or of the joint secretariat: `tokens.require_side` asks which
    Permission.CONNECT_SYSTEMS: {_O: Scope.OWN, _C: Scope.OWN, _S: Scope.SELF},
}


@dataclass(frozen=True, slots=True)
class Target:
    """What a scope is measured against: the agencies an object belongs to, and the people it was given to
    or made by."""

    agency_ids: frozenset[int] = frozenset()
    user_ids: frozenset[int] = frozenset()


def scope_of(actor: Actor, permission: Permission) -> Scope:
    """The widest scope any of the actor's roles gives; `NONE` when none does. The system may do all."""
    if actor.is_system:
        return Scope.ANY
    row = TABLE[permission]
    return max((row.get(role, Scope.NONE) for role in actor.roles), default=Scope.NONE)


def may(actor: Actor, permission: Permission, target: Target | None = None) -> bool:
    """Whether the actor holds the permission, and, given a target, whether its scope reaches it."""
    if actor.is_system:
        return True
    for role, scope in TABLE[permission].items():
        if role not in actor.roles:
            continue
        if target is None or scope is Scope.ANY:
            return True
        if scope is Scope.OWN and target.agency_ids & _own_agencies(actor, role):
            return True
        if scope in (Scope.ASSIGNED, Scope.SELF) and actor.id in target.user_ids:
            return True
    return False


def _own_agencies(actor: Actor, role: Role) -> frozenset[int]:
    return frozenset(m.agency_id for m in actor.memberships if m.role is role and m.agency_id is not None)


def require(actor: Actor, permission: Permission, target: Target | None = None) -> None:
    """Raise `Forbidden` when no role grants the permission, `NotFound` when the scope does not reach the
    target: another agency's proposal does not exist for this actor."""
    if not may(actor, permission):
        raise Forbidden()
    if target is not None and not may(actor, permission, target):
        raise NotFound()


ROLES_CLASH = Text(
    "ผู้พิจารณาต้องไม่เป็นฝ่ายเลขานุการ กรรมการ หรือผู้ดูแลระบบในบัญชีเดียวกัน เพราะจะเห็นคะแนนทั้งหมด",
    "A reviewer cannot also be secretariat, committee or administrator in one account: that would show all scores",
)


def roles_clash(roles: Iterable[Role]) -> bool:
    """Whether a set of roles breaks the separation of duties of `CLASHES_WITH_REVIEWING`."""
    held = frozenset(roles)
    return Role.REVIEWER in held and bool(held & CLASHES_WITH_REVIEWING)


PASSWORD_LENGTH = 12
PASSWORD_TOO_SHORT = Text("รหัสผ่านต้องยาวอย่างน้อย 12 ตัวอักษร", "The password needs at least 12 characters")
PASSWORD_TOO_LONG = Text("รหัสผ่านยาวเกิน 200 ตัวอักษร", "The password is longer than 200 characters")
PASSWORD_IS_NAME = Text("รหัสผ่านต้องไม่มีชื่ออีเมลของท่าน", "The password must not contain your e-mail name")
PASSWORD_TOO_PLAIN = Text(
    "รหัสผ่านซ้ำตัวอักษรเดิมมากเกินไป กรุณาใช้อย่างน้อย 5 ตัวอักษรที่ต่างกัน",
    "The password repeats too few characters; use at least 5 different ones",
)


def password_problem(password: str, email: str) -> Text | None:
    """Why a password is refused, or None. Length over composition rules, after NIST SP 800-63B section 3.1.1."""
    if len(password) < PASSWORD_LENGTH:
        return PASSWORD_TOO_SHORT
    if len(password) > 200:
        return PASSWORD_TOO_LONG
    name = email.split("@")[0].casefold()
    if len(name) >= 4 and name in password.casefold():
        return PASSWORD_IS_NAME
    if len(set(password)) < 5:
        return PASSWORD_TOO_PLAIN
    return None


SIGN_IN_WINDOW = timedelta(minutes=15)
FAILURES_PER_ACCOUNT = 8
FAILURES_PER_ADDRESS = 40


def sign_in_is_throttled(account_failures: int, address_failures: int) -> bool:
    """Whether sign-in must wait, from failed attempts within the last `SIGN_IN_WINDOW`."""
    return account_failures >= FAILURES_PER_ACCOUNT or address_failures >= FAILURES_PER_ADDRESS


def must_have_second_factor(roles: Iterable[Role], *, is_demo: bool) -> bool:
    """Whether people of these roles sign in with a second factor; in a demo everybody may, and nobody must."""
    return not is_demo and not STAFF_ROLES.isdisjoint(roles)


def step_left(roles: Iterable[Role], *, has_factor: bool, is_demo: bool) -> Step | None:
    """What is left of a sign-in after the password, or after a provider that vouches for no second factor."""
    if has_factor:
        return Step.CODE
    return Step.SET_UP if must_have_second_factor(roles, is_demo=is_demo) else None


SESSION_IDLE = timedelta(hours=2)
SESSION_LONGEST = timedelta(hours=14)
INVITATION_LIFE = timedelta(days=7)
HALF_SESSION_LIFE = timedelta(minutes=15)
PENDING_FACTOR_LIFE = timedelta(hours=1)
VISIT_LIFE = timedelta(minutes=10)

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def is_email(text: str) -> bool:
    """A shape check only; an invitation proves the address."""
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None
