"""What a token of the machine door may be used for. A scope narrows the permissions of the person who made the token;
it never gives more than the person has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from app.identity.facts import Role
from app.kernel.text import Text


class TokenScope(StrEnum):
    """One thing a token is good for."""

    PROPOSALS_READ = "proposals:read"
    PROPOSALS_WRITE = "proposals:write"
    PROPOSALS_FILE = "proposals:file"
    FILINGS_READ = "filings:read"
    MONITORING_READ = "monitoring:read"
    MONITORING_WRITE = "monitoring:write"
    PLANS_CHANGE = "plans:change"


SCOPE_NAMES: dict[TokenScope, Text] = {
    TokenScope.PROPOSALS_READ: Text(
        "อ่านข้อเสนอของหน่วยงาน ใบรับ และการเชื่อมโยงที่ถูกขอให้ยืนยัน",
        "Read the agency's proposals, receipts and the links put to it",
    ),
    TokenScope.PROPOSALS_WRITE: Text("สร้างและแก้ไขร่างข้อเสนอ", "Create and write drafts"),
    TokenScope.PROPOSALS_FILE: Text("ยื่นข้อเสนอ", "File proposals"),
    TokenScope.FILINGS_READ: Text(
        "อ่านข้อเสนอที่ยื่นแล้วทั้งหมด ผลการกลั่นกรอง และมติ", "Read every filing, its screening and decision"
    ),
    TokenScope.MONITORING_READ: Text("อ่านแผนและผลการดำเนินงาน", "Read plans, actuals and progress"),
    TokenScope.MONITORING_WRITE: Text("รายงานผลการเบิกจ่ายและความก้าวหน้า", "Report actuals and progress"),
    TokenScope.PLANS_CHANGE: Text("ขอเปลี่ยนแปลงแผนของโครงการ", "Ask for changes of plans"),
}

_S = TokenScope
SCOPES_OF: Mapping[Role, frozenset[TokenScope]] = {
    Role.OFFICER: frozenset(
        {
            _S.PROPOSALS_READ,
            _S.PROPOSALS_WRITE,
            _S.PROPOSALS_FILE,
            _S.MONITORING_READ,
            _S.MONITORING_WRITE,
            _S.PLANS_CHANGE,
        }
    ),
    Role.CERTIFIER: frozenset({_S.PROPOSALS_READ, _S.PROPOSALS_FILE, _S.MONITORING_READ, _S.PLANS_CHANGE}),
    Role.SECRETARIAT: frozenset({_S.FILINGS_READ, _S.MONITORING_READ}),
}


def scopes_offered(roles: Iterable[Role]) -> list[TokenScope]:
    """What somebody with these roles may give a token, in the order of the scopes."""
    offered = {scope for role in roles for scope in SCOPES_OF.get(role, ())}
    return [scope for scope in TokenScope if scope in offered]


LONGEST_LIFE = 365  # days
LIVES = (30, 90, 180, LONGEST_LIFE)
MOST_TOKENS = 50  # alive at once, of one agency
NOTE_USE_EVERY = timedelta(minutes=5)

RATE_WINDOW = 60  # seconds
RATE_LIMIT = 300  # requests of one token within a window


def window_of(now: datetime) -> tuple[int, int]:
    """The fixed window a moment lies in, as its number since 1970, and the seconds until the next begins."""
    seconds = int(now.timestamp())
    return seconds // RATE_WINDOW, RATE_WINDOW - seconds % RATE_WINDOW


class TokenState(StrEnum):
    """Whether a token still opens anything, and if not why."""

    ALIVE = "alive"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ORPHANED = "orphaned"


TOKEN_STATES: dict[TokenState, Text] = {
    TokenState.ALIVE: Text("ใช้ได้", "In use"),
    TokenState.EXPIRED: Text("หมดอายุ", "Expired"),
    TokenState.REVOKED: Text("ยกเลิกแล้ว", "Revoked"),
    TokenState.ORPHANED: Text("ผู้ออกถูกระงับหรือพ้นหน้าที่", "Its maker was disabled or left"),
}
