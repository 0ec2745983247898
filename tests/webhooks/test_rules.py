"""Where messages may go, how long they are tried; and what a receiver must refuse."""

from __future__ import annotations

import base64
import html
import re
from datetime import timedelta
from pathlib import Path

import pytest

from app.webhooks.rules import PATIENCE, is_given_up, is_public, url_problem, wait_after
from app.webhooks.signatures import (
    TOLERANCE,
    NotGenuine,
    check_message,
    derive_secret,
    read_secret,
    show_secret,
    sign_message,
)
from tests.world import NOW

SECRET = derive_secret("key", 1, 1)
BODY = b'{"type":"test"}'
AT = 1_700_000_000


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("203.150.0.1", True),
        ("2001:44b8::1", True),
        ("8.8.8.8", True),
        ("127.0.0.1", False),
        ("127.1.2.3", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),  # where clouds keep their keys
        ("100.64.0.1", False),
        ("192.0.2.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False),  # this host through NAT64
        ("2002:7f00:1::", False),  # and through 6to4
        ("2001:0:53aa::1", False),  # and through Teredo
        ("ff02::1", False),
        ("localhost", False),
        ("", False),
        ("1.2.3", False),
    ],
)
def test_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://hooks.example.go.th", True),
        ("https://hooks.example.go.th:8443/dgi?token=1", True),
        ("https://203.150.0.1/dgi", True),
        ("http://hooks.example.go.th", False),
        ("ftp://hooks.example.go.th", False),
        ("https://127.0.0.1/", False),
        ("https://[::1]/", False),
        ("https://10.0.0.1/", False),
        ("https://localhost/", False),
        ("https://intranet/", False),
        ("https://user:word@example.go.th/", False),
        ("https://example.go.th/#part", False),
        ("https://example.go.th:0/", False),
        ("https://example.go.th:99999/", False),
        ("https://example.go.th/a b", False),
        ("https://example.go.th/\r\nX: 1", False),
        ("https://ตัวอย่าง.ไทย/", False),  # as people read it; xn--… is how it is written
        ("https://xn--72c1a1bt4awk9o.xn--o3cw4h/", True),
        ("https://example.go.th\\@10.0.0.1/", False),
        ("https://[", False),
        ("https://", False),
        ("", False),
        ("https://example.go.th/" + "a" * 500, False),
    ],
)
def test_urls(url: str, good: bool) -> None:
    assert (url_problem(url, allows_local=False) is None) is good


def test_only_a_demo_sends_to_itself_and_only_there() -> None:
    assert url_problem("http://127.0.0.1:9000/x", allows_local=True) is None
    assert url_problem("http://127.0.0.1:9000/x", allows_local=False) is not None
    assert url_problem("http://127.0.0.2/", allows_local=True) is not None
    assert url_problem("https://127.0.0.1/", allows_local=True) is not None


def test_waits_grow_and_end() -> None:
    waits = [wait_after(n) for n in (5, 10, 15, 20, 25, 30, 500)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(minutes=30), timedelta(hours=12))
    assert not is_given_up(NOW, NOW + PATIENCE)
    assert is_given_up(NOW, NOW + PATIENCE + timedelta(seconds=1))


def test_a_message_is_signed_as_standard_webhooks_has_it() -> None:
    """The value its reference libraries are tested with."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = sign_message(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_genuine_message_is_taken_once() -> None:
    headers, seen = sign_message(SECRET, "msg_1", AT, BODY), dict[str, int]()
    assert check_message(SECRET, headers, BODY, AT + 3, seen) == "msg_1"
    with pytest.raises(NotGenuine, match="already"):
        check_message(SECRET, headers, BODY, AT + 4, seen)
    # when it is forgotten, it is too old
    with pytest.raises(NotGenuine, match="too old"):
        check_message(SECRET, headers, BODY, AT + TOLERANCE + 1, seen)


@pytest.mark.parametrize(
    "changed",
    [
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(AT + 1)},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "٣"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1," + "!" * 44},
        {"webhook-signature": "v2," + base64.b64encode(b"x" * 32).decode()},
    ],
)
def test_a_changed_message_is_refused(changed: dict[str, str]) -> None:
    headers = sign_message(SECRET, "msg_1", AT, BODY) | changed
    with pytest.raises(NotGenuine):
        check_message(SECRET, headers, BODY, AT, {})


def test_a_message_with_another_body_secret_or_age_is_refused() -> None:
    headers = sign_message(SECRET, "msg_1", AT, BODY)
    for secret, body, now in (
        (SECRET, BODY + b" ", AT),
        (derive_secret("key", 1, 2), BODY, AT),
        (SECRET, BODY, AT + TOLERANCE + 1),
        (SECRET, BODY, AT - TOLERANCE - 1),
    ):
        with pytest.raises(NotGenuine):
            check_message(secret, headers, body, now, {})
    for name in headers:
        with pytest.raises(NotGenuine, match="missing"):
            check_message(SECRET, {k: v for k, v in headers.items() if k != name}, BODY, AT, {})


def test_while_secrets_change_either_signature_will_do() -> None:
    earlier, other = derive_secret("key", 1, 2), derive_secret("key", 1, 3)
    headers = sign_message(SECRET, "msg_1", AT, BODY, [earlier])
    alone = [sign_message(s, "msg_1", AT, BODY)["webhook-signature"] for s in (SECRET, earlier)]
    assert headers["webhook-signature"] == " ".join(alone)
    for secret in (SECRET, earlier):
        assert check_message(secret, headers, BODY, AT, {}) == "msg_1"
    with pytest.raises(NotGenuine):
        check_message(other, headers, BODY, AT, {})


def test_secrets_are_shown_and_read() -> None:
    assert read_secret(show_secret(SECRET)) == SECRET
    assert derive_secret("key", 1, 1) != derive_secret("key", 2, 1)
    assert derive_secret("key", 1, 1) != derive_secret("key2", 1, 1)
    with pytest.raises(ValueError, match="not a webhook secret"):
        read_secret("nothing")


def test_the_example_of_the_page_believes_what_is_sent_and_nothing_sent_again() -> None:
    """What /api tells receivers to write, run as it stands there."""
    page = Path("templates/api/show.html").read_text("utf-8")
    code = page[page.index("import base64") : page.index("</code>", page.index("import base64"))]
    code = re.sub(r"\{\{ t\(.*?\) \}\}", "…", html.unescape(code)).replace(
        "{{ tolerance * 60 }}", str(TOLERANCE)
    )
    told: dict[str, object] = {}
    exec(code.replace("time.time()", str(AT)), told)
    is_genuine = told["is_genuine"]
    headers = sign_message(SECRET, "msg_1", AT, BODY)
    assert callable(is_genuine)
    assert is_genuine(show_secret(SECRET), headers, BODY) is True
    assert is_genuine(show_secret(SECRET), headers, BODY) is False
    both = sign_message(derive_secret("key", 1, 2), "msg_both", AT, BODY, [SECRET])
    assert is_genuine(show_secret(SECRET), both, BODY) is True
    assert is_genuine(show_secret(SECRET), sign_message(SECRET, "msg_2", AT - 301, BODY), BODY) is False
    assert is_genuine(show_secret(SECRET), headers | {"webhook-id": "msg_3"}, BODY) is False
