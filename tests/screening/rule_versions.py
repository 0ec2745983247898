"""Further versions of the rules of the small world's call, as files, for whoever tries what becomes of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from app.calls.models import CallDocument
from app.calls.queries import get_call
from app.calls.toml_text import write_toml
from app.kernel.db import db
from app.kernel.work import open_work
from app.screening.actions.rulebooks import Offered, offer_version
from tests.world import FISCAL_YEAR, NOW, World

Change = Callable[[dict[str, Any]], object]


def rules_in_use() -> dict[str, Any]:
    """The rulebook of the call, as its file holds it."""
    call = get_call(db.session(), FISCAL_YEAR)
    document: dict[str, Any] = json.loads(db.session.get_one(CallDocument, call.rulebook_id).content)
    db.session.rollback()
    return document


def rule_of(document: Mapping[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(rule for rule in document["rules"] if rule["code"] == code)
    return found


def version_file(version: int, *changes: Change) -> bytes:
    """The rulebook in use with another number and these changes."""
    document = rules_in_use()
    document["version"] = version
    for change in changes:
        change(document)
    return write_toml(document, ("code", "version", "title")).encode()


def informs(code: str) -> Change:
    """The rule only informs."""
    return lambda document: rule_of(document, code).update(severity="informs")


def without(code: str) -> Change:
    """The rule is gone."""

    def change(document: dict[str, Any]) -> None:
        document["rules"] = [rule for rule in document["rules"] if rule["code"] != code]

    return change


def parameter(code: str, **values: Any) -> Change:
    return lambda document: rule_of(document, code).setdefault("parameters", {}).update(values)


def wording(code: str, reason: str, th: str, en: str) -> Change:
    return lambda document: rule_of(document, code)["reasons"][reason].update(th=th, en=en)


def offer(world: World, version: int, *changes: Change, by: str = "secretariat") -> Offered:
    data = version_file(version, *changes)
    with open_work(world.actor(by), NOW) as work:
        return offer_version(work, data)
