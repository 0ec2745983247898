"""Operations: each is declared once, with what it takes, gives and asks of its caller; the declaration serves it and is
printed in the OpenAPI document.

    @get("/proposals/{number}", Text("…", "…"), PROPOSAL, path=(NUMBER,))
    @api_needs(Permission.READ_PROPOSAL, TokenScope.PROPOSALS_READ)
    def read_proposal(asked: Asked) -> Answer: ...
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, g, request

from app.api.door import PUBLIC, Guard, find_caller, guard_of
from app.api.reading import header_problems, query_values, read_body
from app.api.refusing import Refusal
from app.api.shapes import Listed, Maybe, Shape, Thing, Whole, Words
from app.identity.facts import Actor
from app.identity.token_queries import Bearer
from app.kernel.canonical import sha256_text
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.web.arrival import arrived
from app.web.door import by_token

PREFIX = "/api/v1"
blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


@dataclass(frozen=True)
class Parameter:
    """One value in the address or the query."""

    name: str
    shape: Shape
    about: str
    needed: bool = False


NUMBER = Parameter(
    "number",
    Words(20, needed=True, pattern="[0-9]{4}-[0-9]{4,8}"),
    "The number of a proposal, such as 2570-0001",
    needed=True,
)
LIMIT = Parameter("limit", Whole(1, 100), "How many entries at most; 50 unless told")
CURSOR = Parameter(
    "cursor",
    Words(100, needed=True, pattern="[A-Za-z0-9._-]+"),
    "Where to go on, as `next` of the page before has it",
)
FISCAL_YEAR = Parameter("fiscal_year", Whole(2500, 2699), "The fiscal year, B.E.", needed=True)
YEAR_FILTER = Parameter("fiscal_year", Whole(2500, 2699), "Only of this fiscal year, B.E.")


@dataclass(frozen=True)
class Operation:
    """One thing the door does. `once` says that it is a write that carries an Idempotency-Key, `matches` one that
    carries If-Match."""

    name: str
    method: str
    address: str
    summary: Text
    about: str
    tag: str
    answer: Shape
    status: int
    path: tuple[Parameter, ...]
    query: tuple[Parameter, ...]
    body: Thing | None
    guard: Guard
    once: bool = False
    matches: bool = False


OPERATIONS: dict[str, Operation] = {}


@dataclass(frozen=True)
class Asked:
    """A request that was let in and read: its values have the declared shapes."""

    operation: Operation
    now: datetime
    bearer: Bearer | None
    path: dict[str, Any]
    query: dict[str, Any]
    body: Any

    @property
    def caller(self) -> Bearer:
        """Whoever shows the token; only where one is asked for."""
        if self.bearer is None:
            raise RuntimeError("a public operation has no caller")
        return self.bearer

    @property
    def actor(self) -> Actor:
        return self.caller.actor

    @property
    def limit(self) -> int:
        return int(self.query.get("limit", 50))

    @property
    def cursor(self) -> str:
        return str(self.query.get("cursor", ""))


@dataclass(frozen=True)
class Answer:
    """What is answered: a value of the declared shape. `location` is of something new, below `PREFIX`; `text` is the
    value as it was written before, when a kept answer is given again."""

    value: Any = None
    status: int = 200
    location: str = ""
    text: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def written(self) -> str:
        return self.text or write_json(self.value)


View = Callable[[Asked], Answer]


def write_json(value: Any) -> str:
    """A value as it is sent: UTF-8, no spaces, its fields in the declared order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def etag_of(text: str) -> str:
    """The entity tag of a written value."""
    return sha256_text(text)[:32]


def write_moment(at: datetime) -> str:
    """A moment as it is sent: RFC 3339, UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def get(
    address: str,
    summary: Text,
    answer: Shape,
    *,
    tag: str,
    path: tuple[Parameter, ...] = (),
    query: tuple[Parameter, ...] = (),
    about: str = "",
) -> Callable[[View], View]:
    """Declare an operation that reads."""
    return _declare(
        lambda view: Operation(
            view.__name__, "GET", address, summary, about, tag, answer, 200, path, query, None, guard_of(view)
        )
    )


def post(
    address: str,
    summary: Text,
    answer: Shape,
    *,
    tag: str,
    body: Thing,
    path: tuple[Parameter, ...] = (),
    about: str = "",
    status: int = 201,
) -> Callable[[View], View]:
    """Declare a write that may be sent twice and is done once."""
    return _declare(
        lambda view: Operation(
            view.__name__,
            "POST",
            address,
            summary,
            about,
            tag,
            answer,
            status,
            path,
            (),
            body,
            guard_of(view),
            once=True,
        )
    )


def put(
    address: str,
    summary: Text,
    answer: Shape,
    *,
    tag: str,
    body: Thing,
    path: tuple[Parameter, ...] = (),
    about: str = "",
) -> Callable[[View], View]:
    """Declare a write over something that was read before, refused when it has changed since."""
    return _declare(
        lambda view: Operation(
            view.__name__,
            "PUT",
            address,
            summary,
            about,
            tag,
            answer,
            200,
            path,
            (),
            body,
            guard_of(view),
            matches=True,
        )
    )


def _declare(describe: Callable[[View], Operation]) -> Callable[[View], View]:
    def add(view: View) -> View:
        operation = describe(view)
        if operation.name in OPERATIONS:
            raise RuntimeError(f"two operations are called {operation.name}")
        OPERATIONS[operation.name] = operation

        @functools.wraps(view)
        def serve(**values: str) -> Response:
            return _serve(operation, view, values)

        rule = re.sub(r"\{(\w+)\}", r"<\1>", operation.address)
        blueprint.add_url_rule(
            rule, operation.name, by_token(serve), methods=[operation.method], provide_automatic_options=False
        )
        return view

    return add


def _serve(operation: Operation, view: View, values: dict[str, str]) -> Response:
    now, bearer = arrived(), None
    if operation.guard is not PUBLIC:
        g.api_scope = "private"
        try:
            bearer, g.api_headers = find_caller(operation.guard, now)
        except Refusal as refusal:
            g.api_headers = refusal.headers
            raise
    path, wrong = query_values(operation.path, [(name, values[name]) for name in values], "path")
    if wrong:
        raise Refusal(404)
    query, problems = query_values(operation.query, list(request.args.items(multi=True)), "query")
    problems += header_problems(once=operation.once)
    if problems:
        raise Refusal(422, problems=problems)
    if operation.matches and "If-Match" not in request.headers:
        raise Refusal(428)
    body = read_body(operation.body) if operation.body is not None else None
    answer = view(Asked(operation, now, bearer, path, query, body))
    if current_app.testing and not answer.text:
        _hold_to_shape(operation, answer)
    return _respond(operation, answer)


def _hold_to_shape(operation: Operation, answer: Answer) -> None:
    """In tests every answer is held to its declaration."""
    problems: list[Problem] = []
    operation.answer.check(answer.value, "", problems)
    if problems or answer.status != operation.status:
        raise AssertionError(f"{operation.name} answered otherwise than declared: {problems[:5]}")


def _respond(operation: Operation, answer: Answer) -> Response:
    text = answer.written
    response = Response(text, answer.status, content_type="application/json")
    response.set_etag(etag_of(text))
    public = operation.guard is PUBLIC
    response.headers["Cache-Control"] = "public, max-age=60" if public else "private, no-cache"
    if not public:
        response.vary.add("Authorization")
    if answer.location:
        response.headers["Location"] = f"{site_url()}{PREFIX}{answer.location}"
    following = answer.value.get("next") if isinstance(answer.value, dict) else None
    if isinstance(following, str):
        response.headers["Link"] = f'<{following}>; rel="next"'
    response.headers.update(answer.headers)
    if operation.method == "GET":
        response.make_conditional(request)
    return response


@blueprint.after_request
def tell_rate(response: Response) -> Response:
    """The rate's headers stand on every answer to a token, refusals included."""
    response.headers.update(g.get("api_headers", {}))
    return response


def site_url() -> str:
    """Where this site is found from outside."""
    site: str = current_app.config["DGI"].site_url
    return site


def address_of(path: str) -> str:
    """The whole address of something below `PREFIX`."""
    return f"{site_url()}{PREFIX}{path}"


def page_of(name: str, item: Shape) -> Thing:
    """A page of a list: its entries, and the address of the next page or null."""
    return Thing(
        name,
        {
            "items": Listed(item, 100),
            "next": Maybe(Words(2000), about="Address of the next page; null on the last"),
        },
    )


def write_page(asked: Asked, found: Iterable[tuple[str, Any]]) -> Answer:
    """One page of `found`, pairs of cursor and entry, of which up to one more than the limit were looked up."""
    rows = list(found)
    following = None
    if len(rows) > asked.limit:
        rows = rows[: asked.limit]
        again = {**asked.query, "limit": asked.limit, "cursor": rows[-1][0]}
        shown = {k: str(v).lower() if isinstance(v, bool) else v for k, v in again.items()}
        following = f"{site_url()}{request.path}?{urlencode(shown)}"
    return Answer({"items": [entry for _, entry in rows], "next": following})
