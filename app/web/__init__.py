"""The pages, by desk.

In: requests. Out: pages; every change of data goes through an action of a room, inside one `open_work`.
Why: a desk holds what one kind of person does, so that "what do I have to do now?" has one place. The shell round
the desks (door, sign-in, language, errors, headers) is written once and nothing gets past it.

A desk's module has a `blueprint` and a `desk` (its menu); both are named here and nowhere else.
"""

from __future__ import annotations

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.routing import IntegerConverter

from app.web import (
    account,
    admin,
    agency,
    arrival,
    assets,
    calendar,
    changes,
    committee,
    door,
    errors,
    filing,
    headers,
    language,
    monitoring,
    project_plans,
    public,
    receipts,
    reviewer,
    secretariat,
    shell,
    signing,
    site,
    tags,
    tokens,
    webhooks,
)

BLUEPRINTS = (
    shell.blueprint,
    assets.blueprint,
    public.blueprint,
    site.blueprint,
    account.blueprint,
    calendar.blueprint,
    filing.blueprint,
    changes.blueprint,
    receipts.blueprint,
    project_plans.blueprint,
    agency.blueprint,
    secretariat.blueprint,
    reviewer.blueprint,
    committee.blueprint,
    monitoring.blueprint,
    admin.blueprint,
    tokens.blueprint,
    webhooks.blueprint,
)
DESKS = (agency.desk, secretariat.desk, reviewer.desk, committee.desk, admin.desk)


class RowId(IntegerConverter):
    """`<int:…>` in an address: plain digits, no larger than a row id can be; anything else is 404."""

    regex = r"[0-9]{1,10}"

    def __init__(self, map: object, *args: object, **kwargs: object):
        super().__init__(map, *args, **{"max": 2**31 - 1, **kwargs})  # type: ignore[arg-type]


def register(app: Flask, *, plain_http: bool, proxies: int) -> None:
    """Put the pages on the app. The order is that of a request: language, door, unreadable input, CSRF."""
    app.url_map.converters["int"] = RowId
    signing.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    language.register(app)
    door.guard(app)
    errors.register(app)
    csrf = CSRFProtect(app)
    for name, guard in door.guards(app).items():
        if guard is door.Machine.TOKEN:  # which takes no cookie, so that nothing can be forged
            csrf.exempt(app.view_functions[name])
    tags.register(app)
    assets.register(app)
    shell.register(app, DESKS)
    headers.register(app, plain_http=plain_http)
    arrival.wrap(app, proxies)
