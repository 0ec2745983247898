"""A release is made ready outside of any transaction: read, frozen, its files built and kept. Nothing is told of it until
`actions.make_release` notes it, and nobody outside sees it until it is published."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy.orm import Session

from app.calls.facts import deadline_of
from app.calls.queries import CallView
from app.figures.press import book_store
from app.figures.queries import hold_still
from app.identity.facts import Actor
from app.kernel.canonical import canonical_json, sha256_bytes
from app.kernel.config import Config
from app.kernel.errors import Refused
from app.kernel.files import Area, FileStore, file_store
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.values import freeze_value, thaw_value
from app.releases.facts import FORMAT, VERSION, PublicYear
from app.releases.queries.gathering import gather_year
from app.releases.queries.published import ReleaseFile

STILL_OPEN = Text(
    "รอบนี้ยังไม่ปิดรับ จึงยังเปิดเผยยอดคำขอไม่ได้",
    "This call is not closed for every agency yet, so what was asked cannot be told",
)
NOTHING = Text("รอบนี้ยังไม่มีข้อมูลที่เผยแพร่ได้", "There is nothing to publish of this call yet")
OTHER_FORM = Text(
    "ข้อมูลเผยแพร่นี้ทำโดยโปรแกรมรุ่นอื่น โปรแกรมรุ่นนี้อ่านไม่ได้",
    "This release was made by another version of the program; this one cannot read it",
)


@dataclass(frozen=True, slots=True)
class PreparedRelease:
    """A release made ready: what it says, its SHA-256, its size in bytes, and its files, all in the store."""

    call_id: int
    year: PublicYear
    sha256: str
    size: int
    files: tuple[ReleaseFile, ...]


def release_store(config: Config) -> FileStore:
    """Where releases and their files are kept in this installation, for good."""
    return file_store(config, Area.RELEASES)


def gather(session: Session, actor: Actor, call: CallView, config: Config, now: datetime) -> PublicYear:
    """What a release made now would say. Raises `Refused` while the call is open to anybody, or holds nothing."""
    agencies = (None, *(e.agency_id for e in call.extensions))
    last = max(deadline_of(call, agency_id).grace_until for agency_id in agencies)
    if now < last:
        raise Refused(STILL_OPEN)
    hold_still(session)
    year = gather_year(session, actor, call, book_store(config), now)
    if not year.tallies and not year.projects:
        raise Refused(NOTHING)
    return year


def prepare_release(
    session: Session, actor: Actor, call: CallView, config: Config, now: datetime
) -> PreparedRelease:
    """Read what may be told of a call, freeze it, and build its files. Raises as `gather`, and `StorageFault`."""
    from app.releases.datafiles import build_files  # imported late: few requests build files

    year = gather(session, actor, call, config, now)
    data = canonical_json(freeze_value(year)).encode()
    sha256 = sha256_bytes(data)
    store = release_store(config)
    store.put(data)
    files = [
        ReleaseFile(name, store.put(content), len(content))
        for name, content in build_files(year, data, sha256, config.site_url).items()
    ]
    return PreparedRelease(call.id, year, sha256, len(data), tuple(files))


def thaw_release(data: bytes) -> PublicYear:
    """A release from its bytes. Raises `Refused` for one of another version of the program."""
    value = json.loads(data)
    if (value.get("format"), value.get("version")) != (FORMAT, VERSION):
        raise Refused(OTHER_FORM)
    return thaw_value(PublicYear, value)
