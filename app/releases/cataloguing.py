"""Asking for a release to be sent to the catalogue, and noting how it went. The sending itself is a job's: a server may take
minutes to answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.facts import Actor
from app.identity.rules import Permission, require
from app.kernel.canonical import canonical_json
from app.kernel.catalogue_settings import CatalogueSettings
from app.kernel.errors import NotFound, Refused
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.values import freeze_value, thaw_value
from app.kernel.work import Work
from app.releases.catalogue import NOT_SET, Step
from app.releases.models import CatalogueRun, Release

TOPIC = "releases.catalogue"
NOT_SHOWN = Text("ส่งเข้าบัญชีข้อมูลได้เฉพาะชุดที่เผยแพร่อยู่", "Only a published release can be sent to the catalogue")
NOT_CURRENT = Text(
    "มีชุดใหม่กว่าเผยแพร่อยู่ กรุณาส่งชุดนั้น เพราะชุดเดิมจะไปแทนชุดใหม่ในบัญชีข้อมูล",
    "A later release of this year is published; send that one, for this would take its place in the catalogue",
)
WAITING_ALREADY = Text("กำลังส่งอยู่แล้ว", "It is being sent already")
FAULTY = Text(
    "ระบบขัดข้องระหว่างส่ง ผู้ดูแลดูรายละเอียดได้ในบันทึกของระบบ",
    "The system had a fault while sending; the administrator finds more in the log",
)


@dataclass(frozen=True, slots=True)
class RunView:
    """One sending: waiting, done or failed, what was done, and what went wrong."""

    id: int
    state: str
    asked_at: datetime
    ended_at: datetime | None
    steps: tuple[Step, ...]
    why: Text


def list_runs(session: Session, actor: Actor, release_id: int) -> list[RunView]:
    """The sendings of a release, the latest first. Raises `Forbidden` without PUBLISH_DATA."""
    require(actor, Permission.PUBLISH_DATA)
    rows = session.scalars(
        select(CatalogueRun).where(CatalogueRun.release_id == release_id).order_by(CatalogueRun.id.desc())
    )
    return [
        RunView(
            r.id,
            r.state,
            r.asked_at,
            r.ended_at,
            thaw_value(tuple[Step, ...], json.loads(r.steps)),
            Text(r.why_th, r.why_en),
        )
        for r in rows
    ]


def is_overtaken(session: Session, call_id: int, ordinal: int) -> bool:
    """Whether a later release of the call is shown to the public."""
    later = select(Release.id).where(
        Release.call_id == call_id,
        Release.ordinal > ordinal,
        Release.published_at.is_not(None),
        Release.withdrawn_at.is_(None),
    )
    return session.scalar(later.limit(1)) is not None


def ask_catalogue(work: Work[Actor], release_id: int, settings: CatalogueSettings) -> CatalogueRun:
    """Have a published release sent to the catalogue. Raises `Refused` where it is not shown, a later one is, a
    setting is missing, or it is being sent already."""
    require(work.actor, Permission.PUBLISH_DATA)
    release = work.session.get(Release, release_id, with_for_update=True)
    if release is None:
        raise NotFound()
    if release.published_at is None or release.withdrawn_at is not None:
        raise Refused(NOT_SHOWN)
    if is_overtaken(work.session, release.call_id, release.ordinal):
        raise Refused(NOT_CURRENT)
    if missing := settings.missing:
        raise Refused(NOT_SET.fill(name=", ".join(missing)))
    waiting = select(CatalogueRun.id).where(
        CatalogueRun.release_id == release_id, CatalogueRun.state == "waiting"
    )
    if work.session.scalar(waiting) is not None:
        raise Refused(WAITING_ALREADY)
    run = CatalogueRun(
        release_id=release_id, state="waiting", asked_at=work.now, asked_by=work.actor.id, steps="[]"
    )
    work.session.add(run)
    work.session.flush()
    work.promise(TOPIC, {"run": run.id})
    work.audit("send_to_catalogue", f"release:{release_id}", after=release.sha256, detail={"run": run.id})
    return run


def end_run(work: Work[Actor], run_id: int, steps: Sequence[Step], why: Text | None = None) -> None:
    """Note how a sending ended; `why` is what went wrong."""
    run = work.session.get(CatalogueRun, run_id, with_for_update=True)
    if run is None or run.state != "waiting":
        return
    run.state, run.ended_at = "failed" if why else "done", work.now
    run.steps = canonical_json(freeze_value(tuple(steps)))
    run.why_th, run.why_en = (why.th, why.en) if why else ("", "")
    work.audit("end_catalogue_run", f"release:{run.release_id}", detail={"run": run_id, "state": run.state})
