"""The production entrance: `gunicorn app.wsgi`. It refuses to start on anything `./dgi doctor` calls unsafe."""

from __future__ import annotations

import gc

from app import create_app
from app.cli.doctor import refuse_if_unsafe

application = create_app()
with application.app_context():
    refuse_if_unsafe(application.config["DGI"])
gc.freeze()  # what stands now stays: collections while serving need not walk it
