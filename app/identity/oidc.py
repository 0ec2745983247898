"""OpenID Connect: a browser is sent to a provider with state, nonce and PKCE, and comes back with a code.

The code is exchanged for an ID token whose signature, issuer, audience, nonce and times are checked. Nothing is taken
from it but who it is about, issuer and subject, and how they signed in: no name, no e-mail, no role. What the provider
says of itself and its keys are asked anew each time, so that keys may change at any moment; nothing is kept.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from app.identity.fetching import Answer, ProviderFault, Trouble, fetch
from app.kernel.lean import dataclass
from app.kernel.provider_settings import Provider

SCOPE = "openid"
# signatures whose check needs no secret: "none" and HMAC are not among them
ALGORITHMS = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
    "Ed25519",
)
_KEY_KINDS = frozenset({"RSA", "EC", "OKP"})
_LEEWAY = 60  # seconds a provider's clock may differ
_LONGEST_SUBJECT = 255
# a provider that does not answer holds whoever asks for seconds: it is not asked again at once
RESTS = timedelta(seconds=30)
_resting: dict[str, tuple[datetime, Trouble]] = {}  # issuer -> until when, in this process


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider says of itself, as far as it is needed."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    takes_secret_in_body: bool
    names_itself: bool


@dataclass(frozen=True, slots=True)
class Claims:
    """Who came back: the subject at this issuer, and whether the provider asked for a second factor as agreed."""

    issuer: str
    subject: str
    has_second_factor: bool


def derived(secret_key: str, purpose: str, state: str) -> str:
    """A value that belongs to one visit and need not be kept: nonce and PKCE verifier (43 letters or more)."""
    return hmac.new(secret_key.encode(), f"oidc:{purpose}:{state}".encode(), sha256).hexdigest()


def discover(provider: Provider, now: datetime) -> Metadata:
    """Ask a provider what it says of itself. Raises `ProviderFault`, also when it says to be another issuer; one that was
    silent a moment ago is not asked again."""
    until, trouble = _resting.get(provider.issuer, (now, Trouble.DOWN))
    if now < until:
        raise ProviderFault(trouble, f"{provider.code}: silent a moment ago, not asked again yet")
    try:
        metadata = _discover(provider)
    except ProviderFault as fault:
        if fault.trouble in (Trouble.DOWN, Trouble.SLOW):
            _resting[provider.issuer] = (now + RESTS, fault.trouble)
        raise
    _resting.pop(provider.issuer, None)
    return metadata


def _discover(provider: Provider) -> Metadata:
    address = provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
    found = _json(_get(provider, address), address)
    if found.get("issuer") != provider.issuer:
        raise ProviderFault(Trouble.BAD_ANSWER, f"{provider.code}: the document is of another issuer")
    methods = found.get("token_endpoint_auth_methods_supported")
    takes_basic = not isinstance(methods, list) or "client_secret_basic" in methods
    return Metadata(
        _endpoint(provider, found, "authorization_endpoint"),
        _endpoint(provider, found, "token_endpoint"),
        _endpoint(provider, found, "jwks_uri"),
        takes_secret_in_body=not takes_basic,
        names_itself=found.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(provider: Provider, found: Mapping[str, Any], name: str) -> str:
    """An address of the document, only if it lies at one of the hosts the settings name."""
    address = found.get(name)
    if not isinstance(address, str) or not address.isascii() or not address.isprintable() or " " in address:
        raise ProviderFault(Trouble.BAD_ANSWER, f"{provider.code}: no {name}")
    if not any(address.startswith(f"{origin}/") for origin in provider.origins):
        raise ProviderFault(Trouble.BAD_ANSWER, f"{provider.code}: {name} is at a host that was not named")
    return address


def _get(provider: Provider, address: str) -> Answer:
    return fetch("GET", address, provider.hosts, provider.scheme)


def _json(answer: Answer, address: str) -> dict[str, Any]:
    if answer.status >= 500:
        raise ProviderFault(Trouble.DOWN, f"{address}: status {answer.status}")
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if answer.status != 200 or not isinstance(found, dict):
        raise ProviderFault(Trouble.BAD_ANSWER, f"{address}: status {answer.status}, no object")
    return found


class _Line:
    """The session that Authlib's client speaks through: our own bounded requests instead of a library's."""

    def __init__(self, provider: Provider):
        self.provider = provider

    def post(self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> _Said:
        url, headers, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        answer = fetch("POST", url, self.provider.hosts, self.provider.scheme, headers, body.encode())
        if answer.status >= 500:
            raise ProviderFault(Trouble.DOWN, f"{url}: status {answer.status}")
        return _Said(answer)


class _Said:
    """An answer as Authlib's client reads it."""

    def __init__(self, answer: Answer):
        self.status_code = answer.status
        self._body = answer.body

    def json(self) -> Any:
        return json.loads(self._body)

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise ValueError(f"status {self.status_code}")


def _client(provider: Provider, metadata: Metadata, redirect_uri: str) -> Any:
    from authlib.oauth2.client import OAuth2Client  # imported late: only signing in from outside needs it

    return OAuth2Client(
        _Line(provider),
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        token_endpoint_auth_method="client_secret_post"
        if metadata.takes_secret_in_body
        else "client_secret_basic",
        scope=SCOPE,
        redirect_uri=redirect_uri,
        code_challenge_method="S256",
    )


def address_to_visit(
    provider: Provider, metadata: Metadata, state: str, *, secret_key: str, redirect_uri: str, language: str
) -> str:
    """Where the browser goes: the provider's page with this visit's state, nonce and challenge."""
    address, _state = _client(provider, metadata, redirect_uri).create_authorization_url(
        metadata.authorization_endpoint,
        state=state,
        code_verifier=derived(secret_key, "verifier", state),
        nonce=derived(secret_key, "nonce", state),
        ui_locales=language,
    )
    return str(address)


def redeem(
    provider: Provider,
    metadata: Metadata,
    code: str,
    state: str,
    *,
    secret_key: str,
    redirect_uri: str,
    now: datetime,
) -> Claims:
    """Exchange the code and read who came. Raises `ProviderFault`: a token that does not prove it is no token."""
    from authlib.common.errors import AuthlibBaseError

    try:
        answer = _client(provider, metadata, redirect_uri).fetch_token(
            metadata.token_endpoint,
            grant_type="authorization_code",
            code=code,
            code_verifier=derived(secret_key, "verifier", state),
        )
    except AuthlibBaseError as error:
        raise ProviderFault(Trouble.BAD_ANSWER, f"{provider.code}: {error.error!r:.60}") from None
    except (ValueError, TypeError, RecursionError) as error:
        detail = f"{provider.code}: token answer, {error.__class__.__name__}"
        raise ProviderFault(Trouble.BAD_ANSWER, detail) from None
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise ProviderFault(Trouble.BAD_TOKEN, f"{provider.code}: no ID token")
    keys = _json(_get(provider, metadata.jwks_uri), metadata.jwks_uri)
    return _read_token(provider, token, keys, derived(secret_key, "nonce", state), now)


def _read_token(provider: Provider, token: str, keys: Mapping[str, Any], nonce: str, now: datetime) -> Claims:
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jws import JWSRegistry

    try:
        read = jwt.decode(token, _key_set(keys), registry=JWSRegistry(algorithms=list(ALGORITHMS)))
        claims = CodeIDToken(
            read.claims,
            read.header,
            {
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
            {"nonce": nonce, "client_id": provider.client_id},
        )
        claims.validate(now=int(now.timestamp()), leeway=_LEEWAY)
    except JoseError as error:
        raise ProviderFault(Trouble.BAD_TOKEN, f"{provider.code}: {error!r:.200}") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        # keys and claims of shapes no library foresaw
        detail = f"{provider.code}: unreadable, {error.__class__.__name__}"
        raise ProviderFault(Trouble.BAD_TOKEN, detail) from None
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
        raise ProviderFault(Trouble.BAD_TOKEN, f"{provider.code}: no usable subject")
    return Claims(provider.issuer, subject, _vouches(provider, claims))


def _key_set(document: Mapping[str, Any]) -> Any:
    """The keys that check signatures; secrets among them, and kinds we do not know, are passed over."""
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet, import_key

    listed, keys = document.get("keys"), []
    for key in listed if isinstance(listed, list) else ():
        if isinstance(key, dict) and key.get("kty") in _KEY_KINDS and key.get("use", "sig") == "sig":
            with suppress(JoseError, ValueError, TypeError, KeyError, AttributeError):
                keys.append(import_key(key))
    return KeySet(keys)


def _vouches(provider: Provider, claims: Mapping[str, Any]) -> bool:
    """Whether the claims name a way of signing in that the settings accept as a second factor."""
    amr = claims.get("amr")
    ways = {way for way in amr if isinstance(way, str)} if isinstance(amr, list) else set()
    acr = claims.get("acr")
    return bool(ways & provider.amr) or (isinstance(acr, str) and acr in provider.acr)
