"""A real OpenID provider for the tests: Authlib's server part behind real HTTP on this machine.

It knows one client, its secret and its way back, insists on PKCE, and signs ID tokens. It may be told to answer wrongly:
what it signs, what it says of itself, how late it answers.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import AuthorizationCodeMixin
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, Response, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.serving import make_server

from app.identity import oidc
from app.kernel.provider_settings import Provider
from app.kernel.text import Text

CLIENT, SECRET = "dgi-budget", "a secret between two"
NAME = Text("บัญชีทดสอบ", "Test account")


class _Client(ClientMixin):
    def __init__(self, way_back: str, method: str):
        self.way_back, self.method = way_back, method

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return self.way_back

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.way_back

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == self.method

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class _Code(AuthorizationCodeMixin):
    code: str
    redirect_uri: str
    subject: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    scope: str = "openid"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> None:
        return None


@dataclass
class TestProvider:
    """The provider, and what it is told to do. `subject` is who is signed in there; None declines."""

    __test__ = False
    now: Callable[[], datetime]
    way_back: str
    subject: str | None = "7301"
    method: str = "client_secret_basic"
    more_claims: dict[str, Any] = field(default_factory=dict)
    says: dict[str, Any] = field(default_factory=dict)  # replaces parts of the discovery document
    answers: dict[str, Response] = field(default_factory=dict)  # path -> what is answered instead
    delay: float = 0
    key: Any = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    port: int = 0
    asked: list[str] = field(default_factory=list)
    sign: Callable[[dict[str, Any]], str] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def settings(self, **changes: Any) -> Provider:
        """What this installation is told of the provider."""
        known: dict[str, Any] = {
            "code": "test",
            "name": NAME,
            "issuer": self.issuer,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "hosts": (f"127.0.0.1:{self.port}",),
        }
        return Provider(**(known | changes))

    def signed(self, claims: dict[str, Any], *, key: Any = None, kid: str | None = None) -> str:
        """A token as the provider signs it, or by another key under a name."""
        key = key or self.key
        alg = "RS256" if isinstance(key, RSAKey) else "ES256"
        return jwt.encode({"alg": alg, "kid": kid or key.kid}, claims, key, [alg])

    def document(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": [self.method],
            **self.says,
        }


def _application(provider: TestProvider) -> Flask:
    app = Flask("provider")
    codes: dict[str, _Code] = {}
    client = _Client(provider.way_back, provider.method)

    class Grant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]

        def save_authorization_code(self, code: str, request: Any) -> None:
            data = request.payload.data
            codes[code] = _Code(
                code,
                request.payload.redirect_uri,
                request.user,
                data.get("nonce", ""),
                data["code_challenge"],
                data["code_challenge_method"],
            )

        def query_authorization_code(self, code: str, client: Any) -> _Code | None:
            return codes.get(code)

        def delete_authorization_code(self, authorization_code: _Code) -> None:
            del codes[authorization_code.code]

        def authenticate_user(self, authorization_code: _Code) -> str:
            return authorization_code.subject

    class Tokens(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, request: Any) -> bool:
            return False

        def process_token(self, grant: Any, response: Any) -> Any:
            _status, token, _headers = response
            now = int(provider.now().timestamp())
            claims = {
                "iss": provider.issuer,
                "sub": grant.request.user,
                "aud": CLIENT,
                "iat": now,
                "exp": now + 300,
                "nonce": grant.request.authorization_code.nonce,
                **provider.more_claims,
            }
            token["id_token"] = (provider.sign or provider.signed)(claims)
            return token

    server = AuthorizationServer(app, query_client=lambda _id: client, save_token=lambda *_: None)
    server.register_grant(Grant, [Tokens(require_nonce=True), CodeChallenge(required=True)])

    @app.before_request
    def misbehave() -> Response | None:
        provider.asked.append(request.path)
        if provider.delay and request.path != "/authorize":
            time.sleep(provider.delay)
        return provider.answers.get(request.path)

    @app.get("/.well-known/openid-configuration")
    def document() -> dict[str, Any]:
        return provider.document()

    @app.get("/keys")
    def keys() -> Response:
        listed = KeySet([provider.key]).as_dict(private=False)
        return Response(json.dumps(listed), mimetype="application/json")

    @app.get("/authorize")
    def authorize() -> Any:
        if provider.subject is None:
            state = request.args["state"]
            return redirect(f"{provider.way_back}?error=access_denied&state={state}")
        grant = server.get_consent_grant(end_user=provider.subject)
        return server.create_authorization_response(grant=grant, grant_user=provider.subject)

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    return app


@contextmanager
def run_provider(now: Callable[[], datetime], site_url: str, **told: Any) -> Iterator[TestProvider]:
    """The provider on a port of its own, as long as it is needed."""
    oidc._resting.clear()  # a port may have been another provider's
    provider = TestProvider(now, f"{site_url}/sign-in/with/test/return", **told)
    server = make_server("127.0.0.1", 0, _application(provider), threaded=True)
    provider.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
