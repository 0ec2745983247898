"""Where messages may go, how long they are tried, and when an address is given up."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from app.kernel.text import Text

LONGEST_URL = 500
MOST_ENDPOINTS = 20  # of one agency
PATIENCE = timedelta(days=3)
OVERLAP = timedelta(hours=24)  # an earlier secret signs beside the new one
MOST_RENEWALS = 4  # of a secret within that time
MOST_AGAIN = 500  # messages sent again at once
KEEP_LOG = timedelta(days=90)
FAILURES_ALLOWED = 3  # messages given up one after another, before nothing is sent there any more
_FIRST_WAIT = timedelta(minutes=30)
_LONGEST_WAIT = timedelta(hours=12)
_ATTEMPTS_AT_ONCE = 5  # as the outbox counts them

NOT_HTTPS = Text(
    "ที่อยู่ต้องขึ้นต้นด้วย https:// และเป็นชื่อโดเมนที่เปิดสู่สาธารณะ เช่น https://gdx.example.go.th/dgi",
    "The address must begin with https:// and name a public host, such as https://gdx.example.go.th/dgi",
)
TOO_LONG = Text("ที่อยู่ยาวเกิน 500 ตัวอักษร", "The address is longer than 500 characters")
NOT_PUBLIC = Text(
    "ที่อยู่นี้ชี้ไปยังเครือข่ายภายในหรือไม่มีอยู่ ระบบจึงไม่ส่งข้อความไป",
    "This address leads into a private network or to no host at all, so nothing is sent there",
)

NAME_IS_SLOW = Text(
    "ค้นหาชื่อโดเมนนี้ไม่ได้คำตอบภายใน {n} วินาที จึงยังไม่ได้ลงทะเบียน สิ่งที่กรอกยังอยู่ครบ กรุณาตรวจชื่อโดเมน หรือลองอีกครั้งภายหลัง",
    "Nobody said within {n} seconds where this host is, so nothing was registered. What you typed is kept: check the name,"
    " or try again later",
)

# Reserved ranges that `is_global` of Python 3.11 lets through: they carry, or lead to, an IPv4 address of anybody's choice.
_TUNNELS = tuple(
    ipaddress.ip_network(net)
    for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "192.88.99.0/24")
)


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the open internet: not this host, not its network, not a way round."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if any(ip in net for net in _TUNNELS if net.version == ip.version):
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def url_problem(url: str, *, allows_local: bool) -> Text | None:
    """Why an address is refused for how it is written, or None; whether its host is public is asked when it is known.
    `allows_local` lets a demo on this machine send to http://127.0.0.1."""
    if len(url) > LONGEST_URL:
        return TOO_LONG
    if not url.isascii() or any(letter <= " " or letter in '"<>\\^`{|}\x7f' for letter in url):
        return NOT_HTTPS
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return NOT_HTTPS
    if not host or parts.username is not None or parts.fragment or port == 0:
        return NOT_HTTPS
    if allows_local and parts.scheme == "http" and host == "127.0.0.1":
        return None
    if parts.scheme != "https":
        return NOT_HTTPS
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return None if "." in host.strip(".") else NOT_PUBLIC
    return None if is_public(host) else NOT_PUBLIC


def wait_after(attempts: int) -> timedelta:
    """How long to wait when the outbox has used up its attempts: longer each round, from half an hour to twelve."""
    rounds = max(1, attempts // _ATTEMPTS_AT_ONCE)
    return min(_FIRST_WAIT * (1 << min(rounds - 1, 10)), _LONGEST_WAIT)


def is_given_up(asked_at: datetime, now: datetime) -> bool:
    """Whether a message has been tried for long enough."""
    return now - asked_at > PATIENCE
