"""How to begin: the page for people, and the document for their programs."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from app.api.document import TAGS, write_document
from app.api.operations import OPERATIONS, PREFIX, Operation, etag_of, site_url, write_json
from app.identity.scopes import LONGEST_LIFE, RATE_LIMIT, SCOPE_NAMES
from app.web.door import public
from app.webhooks.facts import EVENT_NAMES
from app.webhooks.signatures import TOLERANCE

blueprint = Blueprint("api_page", __name__)


@blueprint.get("/api")
@public
def show() -> str:
    """What the machine door does, with examples to copy."""
    by_tag: dict[str, list[Operation]] = {tag: [] for tag in TAGS}
    for operation in OPERATIONS.values():
        by_tag[operation.tag].append(operation)
    return render_template(
        "api/show.html",
        tags=[(words, by_tag[tag]) for tag, words in TAGS.items() if by_tag[tag]],
        root=f"{site_url()}{PREFIX}",
        scopes=SCOPE_NAMES,
        events=EVENT_NAMES,
        rate=RATE_LIMIT,
        longest=LONGEST_LIFE,
        tolerance=TOLERANCE // 60,
    )


@blueprint.get(f"{PREFIX}/openapi.json")
@public
def document() -> Response:
    """The OpenAPI 3.1 document of everything below."""
    text = write_json(write_document(site_url()))
    answer = Response(text, content_type="application/json")
    answer.set_etag(etag_of(text))
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.make_conditional(request)
    return answer
