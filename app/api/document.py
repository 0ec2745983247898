"""The OpenAPI 3.1 document: the declarations of `operations`, printed. What is not declared cannot be served, so the
document tells exactly what is."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from app.api.door import PUBLIC
from app.api.operations import OPERATIONS, PREFIX, Operation, Parameter
from app.api.refusing import TITLES
from app.api.shapes import PROBLEM, things_in
from app.identity.scopes import RATE_LIMIT, SCOPE_NAMES, TokenScope
from app.kernel.text import Text

_JSON, _PROBLEM = "application/json", "application/problem+json"
TAGS: dict[str, Text] = {
    "calls": Text("รอบคำขอและทะเบียน (ไม่ต้องใช้โทเคน)", "Calls and the register, for everybody"),
    "token": Text("โทเคน", "The token"),
    "proposals": Text("ข้อเสนอของหน่วยงาน", "An agency's proposals"),
    "sections": Text("ร่างข้อเสนอทีละส่วน", "Drafts, section by section"),
    "parts": Text("ส่วนของหน่วยงานร่วม", "A participant's own part"),
    "filings": Text("การยื่นและใบรับ", "Filing and receipts"),
    "links": Text("การเชื่อมโยงที่ถูกขอให้ยืนยัน", "Links put to the agency"),
    "projects": Text("การติดตามโครงการ", "Monitoring of projects"),
    "secretariat": Text("สำหรับฝ่ายเลขานุการ", "For the joint secretariat"),
}
_ABOUT = """The machine door of DGI-Budget.

Show a token as `Authorization: Bearer dgi_…`; people make tokens on the page “Connected systems”. A token acts for the
person who made it, within its scopes, for one agency or for the joint secretariat. Cookies are not looked at.

Money is a decimal string of baht with two decimals; times are RFC 3339 in UTC; fiscal years are B.E. Unknown fields are
refused. Lists are paged by `limit` and `cursor`; follow `next`. Every answer carries an ETag: send it back in
`If-None-Match` to be told 304 when nothing has changed. A PUT needs `If-Match` with the ETag that was read. A POST needs
an `Idempotency-Key`: the same request under the same key, within seven days, is answered the same and does nothing.
A token may send {rate} requests a minute; `RateLimit` tells how many are left.
"""
_HEADERS: dict[str, dict[str, Any]] = {
    "ETag": {"description": "The version of the answer", "required": True, "schema": {"type": "string"}},
    "RateLimit": {
        "description": "What is left of the token's rate (draft-ietf-httpapi-ratelimit-headers)",
        "required": True,
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "The token's rate",
        "required": True,
        "schema": {"type": "string"},
    },
}


@lru_cache(maxsize=4)
def write_document(site_url: str) -> dict[str, Any]:
    """The document of this installation; the same object each time, so do not change it."""
    paths: dict[str, dict[str, Any]] = {}
    things = things_in(PROBLEM)
    for operation in OPERATIONS.values():
        paths.setdefault(operation.address, {})[operation.method.lower()] = _operation(operation)
        for shape in (operation.answer, operation.body):
            for name, thing in things_in(shape).items() if shape is not None else ():
                if things.setdefault(name, thing) != thing:
                    raise RuntimeError(f"two shapes are called {name}")
    scopes = ", ".join(scope.value for scope in TokenScope)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "DGI-Budget",
            "version": "1",
            "description": _ABOUT.replace("{rate}", str(RATE_LIMIT)),
        },
        "servers": [{"url": f"{site_url}{PREFIX}"}],
        "tags": [{"name": name, "description": f"{words.en} · {words.th}"} for name, words in TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": {name: things[name].whole() for name in sorted(things)},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": f"A token. Scopes: {scopes}"}
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    is_public, scope = operation.guard is PUBLIC, operation.guard.scope
    about = [operation.about] if operation.about else []
    if scope is not None:
        about.append(f"Scope `{scope.value}`: {SCOPE_NAMES[scope].en.lower()}.")
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": f"{operation.summary.en} · {operation.summary.th}",
        "security": [] if is_public else [{"token": []}],
        "parameters": [
            *(_parameter(p, "path") for p in operation.path),
            *(_parameter(p, "query") for p in operation.query),
            *_headers(operation),
        ],
        "responses": _responses(operation),
    }
    if about:
        described["description"] = " ".join(about)
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {_JSON: {"schema": operation.body.schema()}}}
    return described


def _parameter(parameter: Parameter, where: str) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": where,
        "required": parameter.needed,
        "description": parameter.about,
        "schema": parameter.shape.schema(),
    }


def _headers(operation: Operation) -> list[dict[str, Any]]:
    told = []
    if operation.once:
        told.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "A key of your own for this one request, such as a UUID",
                "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
            }
        )
    if operation.matches:
        told.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "description": "The ETag of the version that was read",
                "schema": {"type": "string"},
            }
        )
    if operation.method == "GET":
        told.append(
            {
                "name": "If-None-Match",
                "in": "header",
                "required": False,
                "description": "An ETag that was told before; 304 when it is still the same",
                "schema": {"type": "string"},
            }
        )
    return told


def _responses(operation: Operation) -> dict[str, Any]:
    is_public = operation.guard is PUBLIC
    rates = {} if is_public else {n: _HEADERS[n] for n in ("RateLimit", "RateLimit-Policy")}
    done: dict[str, Any] = {
        "description": operation.summary.en,
        "headers": {"ETag": _HEADERS["ETag"], **rates},
        "content": {_JSON: {"schema": operation.answer.schema()}},
    }
    if operation.status == 201:
        done["headers"]["Location"] = {
            "description": "Where it is read",
            "required": True,
            "schema": {"type": "string", "format": "uri"},
        }
    if operation.once:
        done["headers"]["Idempotency-Replayed"] = {
            "description": "“true” when this is the kept answer of the same request sent before",
            "required": False,
            "schema": {"type": "string", "enum": ["true"]},
        }
    responses: dict[str, Any] = {str(operation.status): done}
    if operation.method == "GET":
        responses["304"] = {"description": "Nothing has changed", "headers": {"ETag": _HEADERS["ETag"]}}
    for status in _refusals(operation):
        responses[str(status)] = {
            "description": TITLES[status].en,
            "content": {_PROBLEM: {"schema": PROBLEM.schema()}},
        }
    return responses


def _refusals(operation: Operation) -> list[int]:
    """The refusals an operation may answer with."""
    statuses = {400, 422, 500}
    if operation.guard is not PUBLIC:
        statuses |= {401, 403, 429}
    if operation.path:
        statuses.add(404)
    if operation.body is not None:
        statuses |= {404, 409, 413, 415}
    if operation.matches:
        statuses |= {412, 428}
    return sorted(statuses)
