"""A release sent to the open data catalogue, as somebody asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.calls.models import Call
from app.identity.facts import SYSTEM
from app.kernel.db import db
from app.kernel.errors import DomainError
from app.kernel.files import StorageFault
from app.kernel.text import Text
from app.kernel.work import open_work
from app.releases.catalogue import Step
from app.releases.cataloguing import FAULTY, end_run
from app.releases.ckan import CatalogueFault
from app.releases.making import release_store, thaw_release
from app.releases.models import CatalogueRun, Release
from app.releases.queries import get_release
from app.releases.sending import parcel, send


def send_to_catalogue(app: Flask, payload: Mapping[str, Any], is_last: bool) -> None:
    """Send, and note how it went; a fault of the server is an answer, too. Sending twice sends what is missing."""
    config, store = app.config["DGI"], release_store(app.config["DGI"])
    session = db.session()
    row = session.execute(
        select(Release.id, Release.withdrawn_at, Call.fiscal_year)
        .join(CatalogueRun, CatalogueRun.release_id == Release.id)
        .join(Call, Call.id == Release.call_id)
        .where(CatalogueRun.id == payload["run"], CatalogueRun.state == "waiting")
    ).first()
    if row is None or row.withdrawn_at is not None:
        return
    release = get_release(session, SYSTEM, row.id)
    session.rollback()
    done: list[Step] = []
    why: Text | None = None
    try:
        year = thaw_release(store.get(release.sha256))
        sent = parcel(year, release.sha256, release.files, config.catalogue, config.site_url)
        send(sent, config.catalogue, store.get, done.append)
    except (CatalogueFault, DomainError, StorageFault) as fault:
        why = fault.text
    except Exception:
        if is_last:
            _end(app, payload["run"], done, FAULTY)
        raise
    _end(app, payload["run"], done, why)


def _end(app: Flask, run_id: int, done: list[Step], why: Text | None) -> None:
    with open_work(SYSTEM, app.config["CLOCK"]()) as work:
        end_run(work, run_id, done, why)
