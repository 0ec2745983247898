"""The file of providers: what is understood, and what stops the start, by its place and without its secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.kernel.config import read_config
from app.kernel.provider_settings import find_provider, read_providers
from app.kernel.text import Text

ONE = """
[[provider]]
code = "login"
name = { th = "บัญชีกลาง", en = "Central account" }
issuer = "https://login.example.go.th/realm"
client_id = "dgi"
client_secret = "very secret"
"""


def read(tmp_path: Path, text: str, *, is_demo: bool = False) -> object:
    path = tmp_path / "providers.toml"
    path.write_text(text, encoding="utf-8")
    return read_providers({"DGI_OIDC_FILE": str(path)}, is_demo=is_demo)


def test_without_a_file_there_are_none(tmp_path: Path) -> None:
    assert read_providers({}, is_demo=False) == ()
    assert read_config({"DGI_INSTANCE": str(tmp_path)}).providers == ()


def test_several_providers_and_what_they_allow(tmp_path: Path) -> None:
    more = """
[[provider]]
code = "other"
name = { th = "อื่น", en = "Other" }
issuer = "https://accounts.example.com:8443"
client_id = "x"
client_secret = "y"
hosts = ["keys.example.com", "accounts.example.com:8443"]
second_factor = { amr = ["otp", "mfa"], acr = ["gold"] }
"""
    path = tmp_path / "providers.toml"
    path.write_text(ONE + more, encoding="utf-8")
    config = read_config({"DGI_INSTANCE": str(tmp_path), "DGI_OIDC_FILE": str(path)})
    first, second = config.providers
    assert config.providers_file == path
    assert first.name == Text("บัญชีกลาง", "Central account")
    assert (first.hosts, first.amr, first.acr) == (("login.example.go.th",), frozenset(), frozenset())
    assert second.hosts == ("accounts.example.com:8443", "keys.example.com")
    assert second.origins == ("https://accounts.example.com:8443", "https://keys.example.com")
    assert (second.amr, second.acr) == ({"otp", "mfa"}, {"gold"})
    assert find_provider(config.providers, "other") is second
    assert find_provider(config.providers, "nobody") is None
    assert "very secret" not in repr(config)


@pytest.mark.parametrize("host", ["127.0.0.1:9400", "localhost"])
def test_http_is_for_this_machine_in_a_demo(tmp_path: Path, host: str) -> None:
    text = ONE.replace("https://login.example.go.th/realm", f"http://{host}")
    assert read(tmp_path, text, is_demo=True)
    with pytest.raises(ValueError, match="issuer must begin with https"):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('code = "login"', 'code = "Log in"', "code must be like"),
        ('code = "login"', "", "code must be given"),
        ('code = "login"', "code = 7", "code must be given"),
        ("https://login", "http://login", "must begin with https"),
        ("https://login", "https://user@login", "without user"),
        ("/realm", "/realm?x=1", "without user"),
        ("/realm", "/realm#x", "without user"),
        ("https://login.example.go.th/realm", "https://login.example.go.th:port", "no address"),
        ("https://login.example.go.th/realm", "https://", "must begin with https"),
        ('client_id = "dgi"', "", "client_id must be given"),
        ('client_secret = "very secret"', 'client_secret = " "', "client_secret must be given"),
        (', en = "Central account"', "", "en must be given"),
        ('name = { th = "บัญชีกลาง", en = "Central account" }', 'name = "x"', "name must be like"),
        ('client_id = "dgi"', 'client_id = "dgi"\nroles = "admin"', "unknown settings"),
        ('client_id = "dgi"', 'client_id = "dgi"\nhosts = ["https://x"]', "hosts are names"),
        ('client_id = "dgi"', 'client_id = "dgi"\nhosts = "x"', "must be a list"),
        ('client_id = "dgi"', 'client_id = "dgi"\nsecond_factor = { amr = "otp" }', "must be a list"),
        ('client_id = "dgi"', 'client_id = "dgi"\nsecond_factor = true', "holds lists"),
        ("[[provider]]", "[[provider]]\n[x]", "nothing else"),
        ("[[provider]]", "[[", "cannot be read"),
        (ONE, "", "nothing else"),
        (ONE, ONE + ONE, "same code"),
        (ONE, ONE + ONE.replace('"login"', '"other"'), "same issuer"),
    ],
)
def test_what_cannot_be_used_is_said_without_secrets(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in ONE
    with pytest.raises(ValueError, match=words) as raised:
        read(tmp_path, ONE.replace(old, new))
    assert str(raised.value).startswith("DGI_OIDC_FILE")
    assert "very secret" not in str(raised.value)


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="FileNotFoundError"):
        read_providers({"DGI_OIDC_FILE": str(tmp_path / "none.toml")}, is_demo=False)
