"""How the application is put together: settings, database, pages, commands."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

from app import api, cli, web
from app.kernel.clock import system_clock
from app.kernel.config import PROJECT, Config, read_config
from app.kernel.db import init_db
from app.web.addresses import LateRule

_FORM_BYTES = 4 * 1024 * 1024  # 200 budget lines of long Thai text, nine bytes a letter as browsers send it
_FORM_PARTS = 10_000


def wire(config: Config | None = None) -> Flask:
    """The application of `config`, or of the environment. Raises `ValueError` for a bad setting."""
    config = config or read_config()
    app = Flask(
        __name__,
        static_folder=None,
        template_folder=str(PROJECT / "templates"),
        instance_path=str(config.instance),
    )
    app.config.update(
        DGI=config,
        CLOCK=system_clock,
        SECRET_KEY=config.secret_key,
        TRUSTED_HOSTS=list(config.trusted_hosts),
        MAX_CONTENT_LENGTH=config.upload_bytes + _FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=_FORM_BYTES,
        MAX_FORM_PARTS=_FORM_PARTS,
        SESSION_COOKIE_NAME="dgi" if config.demo else "__Host-dgi",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=not config.demo,
        WTF_CSRF_SSL_STRICT=False,  # office proxies strip Referer; the __Host- cookie makes it unnecessary
        WTF_CSRF_TIME_LIMIT=None,  # a form is good for as long as the sign-in it was opened in
    )
    app.url_rule_class = LateRule
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    init_db(app, config)
    api.register(app)  # first: the door of the pages walks these routes, too
    web.register(app, plain_http=config.demo, proxies=config.trusted_proxies)
    cli.add_commands(app)
    return app
