"""The papers a person ordered. Nobody else knows of them."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.calls.facts import ORIGIN_LABELS, Origin
from app.calls.models import Call
from app.figures.facts import Failure, FilingChoice, PaperFormat, PaperKind, Step
from app.figures.models import PrintedPaper
from app.figures.states import DONE, EXPIRED, UNFINISHED
from app.identity.facts import Actor
from app.identity.rules import Permission, Target, require
from app.kernel.errors import NotFound, Refused
from app.kernel.files import FileStore
from app.kernel.lean import dataclass
from app.kernel.text import Text

NOT_READY = Text("เอกสารยังพิมพ์ไม่เสร็จ", "The paper is not printed yet")
EXPIRED_PAPER = Text("เอกสารนี้หมดอายุแล้ว กรุณาสั่งพิมพ์ใหม่", "This paper has expired; please order it again")


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper in its orderer's list. `done` of `total` table rows are set; `size` in bytes; `label` is what must stand
    beside the call's figures, such as "synthetic"."""

    id: int
    kind: PaperKind
    fiscal_year: int
    call_name: Text
    label: Text | None
    format: PaperFormat
    language: str
    choice: FilingChoice
    ordered_by: int
    ordered_at: datetime
    state: str
    step: Step
    done: int
    total: int
    finished_at: datetime | None
    expires_at: datetime | None
    size: int | None
    sha256: str | None
    failure: Failure | None

    @property
    def is_unfinished(self) -> bool:
        """Whether there is something to wait for."""
        return self.state in UNFINISHED

    @property
    def file_name(self) -> str:
        """What the file is called on the reader's machine."""
        month = f"-{self.choice.month:02d}" if self.choice.month else ""
        return f"{self.kind.value}-{self.fiscal_year}{month}-{self.language}.{self.format.value}"


_COLUMNS = (PrintedPaper, Call.fiscal_year, Call.name_th, Call.name_en, Call.origin)


def _view(row: Row[PrintedPaper, int, str, str, str]) -> PaperView:
    p = row.PrintedPaper
    return PaperView(
        id=p.id,
        kind=PaperKind(p.kind),
        fiscal_year=row.fiscal_year,
        call_name=Text(row.name_th, row.name_en),
        label=ORIGIN_LABELS[Origin(row.origin)],
        format=PaperFormat(p.format),
        language=p.language,
        choice=FilingChoice.from_json(json.loads(p.choice)),
        ordered_by=p.ordered_by,
        ordered_at=p.ordered_at,
        state=p.state,
        step=Step(p.step),
        done=p.done,
        total=p.total,
        finished_at=p.finished_at,
        expires_at=p.expires_at,
        size=p.size,
        sha256=p.sha256,
        failure=Failure(p.failure) if p.failure else None,
    )


def list_papers(
    session: Session,
    actor: Actor,
    fiscal_year: int | None = None,
    limit: int = 50,
    kinds: Collection[PaperKind] = (),
) -> list[PaperView]:
    """The actor's own papers, of all calls or one, of all kinds or these, latest first. One query. Raises `Forbidden`."""
    require(actor, Permission.PRINT_PAPERS)
    statement = (
        select(*_COLUMNS)
        .join(Call, Call.id == PrintedPaper.call_id)
        .where(PrintedPaper.ordered_by == actor.id)
        .order_by(PrintedPaper.id.desc())
        .limit(limit)
    )
    if fiscal_year is not None:
        statement = statement.where(Call.fiscal_year == fiscal_year)
    if kinds:
        statement = statement.where(PrintedPaper.kind.in_(sorted(kinds)))
    return [_view(row) for row in session.execute(statement)]


def get_paper(session: Session, actor: Actor, paper_id: int) -> PaperView:
    """A paper of the actor's own. Raises `NotFound` for anybody else's."""
    require(actor, Permission.PRINT_PAPERS)
    row = session.execute(
        select(*_COLUMNS).join(Call, Call.id == PrintedPaper.call_id).where(PrintedPaper.id == paper_id)
    ).first()
    if row is None:
        raise NotFound()
    require(
        actor,
        Permission.PRINT_PAPERS,
        Target(user_ids=frozenset({row.PrintedPaper.ordered_by})),
    )
    return _view(row)


def read_paper(paper: PaperView, store: FileStore, now: datetime) -> bytes:
    """The bytes of a finished paper. Raises `Refused` before it is finished and once it has expired."""
    if paper.state == EXPIRED or (paper.expires_at is not None and now >= paper.expires_at):
        raise Refused(EXPIRED_PAPER)
    if paper.state != DONE or paper.sha256 is None:
        raise Refused(NOT_READY)
    return store.get(paper.sha256)
