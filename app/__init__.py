"""DGI-Budget: a government's integrated budget plan, from an agency's first draft to the last baht spent.

The rooms stand in the order of the process; a later one may know an earlier one, never the other way round:
kernel, workbooks, identity, calls, proposals, linkage, similarity, screening, reviews, portfolio, decisions, monitoring,
notices and webhooks, figures, releases, then the shells web and jobs, api, cli.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.kernel.config import Config


def create_app(config: Config | None = None) -> Flask:
    """The application, wired; it serves, migrates and runs commands. Raises `ValueError` for a bad setting.

    Nothing made while starting is garbage, so the collector rests until the application stands. The wiring is
    imported here, so that importing a dry room does not pull in the pages.
    """
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        from app.wiring import wire

        return wire(config)
    finally:
        if was_collecting:
            gc.enable()
