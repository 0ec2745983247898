"""What is asked of calls. Documents are immutable once used, so parsed ones are kept by content hash."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, lru_cache
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Row, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.calls.facts import (
    ORIGIN_LABELS,
    CallWindow,
    Deadline,
    Extension,
    Limits,
    Origin,
    PlanStructure,
    PriceList,
    Rubric,
    Rulebook,
    deadline_of,
)
from app.calls.models import Call, CallDocument, CallExtension
from app.calls.rules import read_plan, read_prices, read_rubric, read_rulebook
from app.identity.models import Agency, User
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text

W = TypeVar("W", bound=CallWindow)


@dataclass(frozen=True, slots=True)
class CallView(CallWindow):
    """A call with its documents parsed. `ceiling` in satang; `is_certified` asks for signatures before a filing."""

    ceiling: int
    reviewers_per_proposal: int
    is_certified: bool
    limits: Limits
    note: Text
    plan: PlanStructure
    plan_sha256: str
    rubric: Rubric
    rubric_sha256: str
    rulebook: Rulebook
    rulebook_sha256: str
    plan_id: int
    rubric_id: int
    rulebook_id: int
    prices: PriceList | None
    prices_sha256: str | None
    prices_id: int | None

    @property
    def label(self) -> Text | None:
        """What must be printed beside every figure of this call, such as "synthetic"."""
        return ORIGIN_LABELS[self.origin]


_READERS: dict[str, Callable[[Any], Any]] = {
    "plan": read_plan,
    "rubric": read_rubric,
    "rulebook": read_rulebook,
    "prices": read_prices,
}


@lru_cache(maxsize=64)
def _parsed(kind: str, sha256: str, content: str) -> Any:
    return _READERS[kind](json.loads(content))


def parse_document(kind: str, sha256: str, content: str) -> PlanStructure | Rubric | Rulebook | PriceList:
    """A stored document as its value; parsed once per process and content."""
    value: PlanStructure | Rubric | Rulebook | PriceList = _parsed(kind, sha256, content)
    return value


_plan, _rubric, _rulebook, _prices = (
    aliased(CallDocument, name=n) for n in ("plan", "rubric", "rulebook", "prices")
)
_extension = aliased(CallExtension, name="extension")
_EXTENSION = (
    _extension.id.label("extension_id"),
    _extension.agency_id.label("extension_agency_id"),
    Agency.name_th.label("extension_agency_th"),
    Agency.name_en.label("extension_agency_en"),
    _extension.closes_at.label("extension_closes_at"),
    _extension.reason.label("extension_reason"),
    _extension.at.label("extension_at"),
)


def _with_extensions(chosen: Any) -> Any:
    """A call's row once for each extension in force, oldest first; once where there is none."""
    return (
        chosen.add_columns(*_EXTENSION)
        .outerjoin(_extension, and_(_extension.call_id == Call.id, _extension.ended_at.is_(None)))
        .outerjoin(Agency, Agency.id == _extension.agency_id)
        .order_by(Call.fiscal_year.desc(), _extension.id)
    )


@cache
def _select() -> Any:
    other = aliased(CallExtension)
    oldest = (
        select(func.min(other.id))
        .where(other.call_id == Call.id, other.ended_at.is_(None))
        .correlate(Call)
        .scalar_subquery()
    )
    # the documents are long: they come with the first of a call's rows alone
    first = or_(_extension.id.is_(None), _extension.id == oldest)
    return (
        _with_extensions(
            select(
                Call.__table__,
                _plan.sha256.label("plan_sha256"),
                _plan.content.label("plan_content"),
                _rubric.sha256.label("rubric_sha256"),
                _rubric.content.label("rubric_content"),
                _rulebook.sha256.label("rulebook_sha256"),
                _rulebook.content.label("rulebook_content"),
                _prices.sha256.label("prices_sha256"),
                _prices.content.label("prices_content"),
            )
        )
        .outerjoin(_plan, and_(_plan.id == Call.plan_id, first))
        .outerjoin(_rubric, and_(_rubric.id == Call.rubric_id, first))
        .outerjoin(_rulebook, and_(_rulebook.id == Call.rulebook_id, first))
        .outerjoin(_prices, and_(_prices.id == Call.prices_id, first))
    )


@cache
def _select_windows() -> Any:
    return _with_extensions(
        select(
            Call.id,
            Call.fiscal_year,
            Call.name_th,
            Call.name_en,
            Call.opens_at,
            Call.closes_at,
            Call.grace_minutes,
            Call.origin,
        )
    )


_Rows = list[Row[*tuple[Any, ...]]]


def _by_call(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[_Rows]:
    return [list(group) for _, group in groupby(rows, key=lambda row: row.id)]


def _window(rows: _Rows) -> dict[str, Any]:
    """What a `CallWindow` holds, from the rows of one call."""
    row = rows[0]
    return {
        "id": row.id,
        "fiscal_year": row.fiscal_year,
        "name": Text(row.name_th, row.name_en),
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "grace_minutes": row.grace_minutes,
        "extensions": tuple(
            Extension(
                r.extension_id,
                r.extension_agency_id,
                Text(r.extension_agency_th, r.extension_agency_en) if r.extension_agency_id else None,
                r.extension_closes_at,
                r.extension_reason,
                r.extension_at,
            )
            for r in rows
            if r.extension_id is not None
        ),
        "origin": Origin(row.origin),
    }


def _view(rows: _Rows) -> CallView:
    row = rows[0]
    return CallView(
        **_window(rows),
        ceiling=row.ceiling,
        reviewers_per_proposal=row.reviewers_per_proposal,
        is_certified=row.is_certified,
        limits=Limits(**json.loads(row.limits)),
        note=Text(row.note_th, row.note_en),
        plan=_parsed("plan", row.plan_sha256, row.plan_content),
        plan_sha256=row.plan_sha256,
        rubric=_parsed("rubric", row.rubric_sha256, row.rubric_content),
        rubric_sha256=row.rubric_sha256,
        rulebook=_parsed("rulebook", row.rulebook_sha256, row.rulebook_content),
        rulebook_sha256=row.rulebook_sha256,
        plan_id=row.plan_id,
        rubric_id=row.rubric_id,
        rulebook_id=row.rulebook_id,
        prices=_parsed("prices", row.prices_sha256, row.prices_content) if row.prices_id else None,
        prices_sha256=row.prices_sha256,
        prices_id=row.prices_id,
    )


def list_calls(session: Session) -> list[CallView]:
    """All calls, latest fiscal year first."""
    return [_view(rows) for rows in _by_call(session.execute(_select()))]


def list_windows(session: Session) -> list[CallWindow]:
    """The windows of all calls, latest fiscal year first."""
    return [CallWindow(**_window(rows)) for rows in _by_call(session.execute(_select_windows()))]


def current_of(windows: Iterable[W], now: datetime, agency_ids: Iterable[int] = ()) -> W | None:
    """The call that takes filings now and closes first, else the next to open, else None.

    Judged for the agencies given, each with the time it was granted; without any, for every agency.
    """
    askers: list[int | None] = list(agency_ids) or [None]

    def order(window: W) -> tuple[bool, datetime]:
        return now < window.opens_at, min(d.closes_at for d in _ahead(window))

    def _ahead(window: W) -> list[Deadline]:
        deadlines = [deadline_of(window, agency_id) for agency_id in askers]
        return [d for d in deadlines if now < d.grace_until]

    return min((w for w in windows if _ahead(w)), key=order, default=None)


def find_current_window(session: Session, now: datetime, agency_ids: Iterable[int] = ()) -> CallWindow | None:
    """`current_of` of all calls."""
    return current_of(list_windows(session), now, agency_ids)


def find_call(session: Session, fiscal_year: int) -> CallView | None:
    rows = list(session.execute(_select().where(Call.fiscal_year == fiscal_year)))
    return _view(rows) if rows else None


def get_call(session: Session, fiscal_year: int) -> CallView:
    """The call of a fiscal year (พ.ศ.). Raises `NotFound`."""
    call = find_call(session, fiscal_year)
    if call is None:
        raise NotFound(
            Text("ไม่พบรอบคำขอปีงบประมาณ {year}", "There is no call for fiscal year {year}").fill(
                year=fiscal_year
            )
        )
    return call


def get_call_by_id(session: Session, call_id: int) -> CallView:
    rows = list(session.execute(_select().where(Call.id == call_id)))
    if not rows:
        raise NotFound()
    return _view(rows)


@dataclass(frozen=True, slots=True)
class ExtensionRow:
    """An extension as its list shows it, in force or ended; `agency` None is every agency."""

    id: int
    agency: Text | None
    closes_at: datetime
    reason: str
    at: datetime
    by: Text | None
    ended_at: datetime | None
    ended_by: Text | None


def list_extensions(session: Session, call_id: int) -> list[ExtensionRow]:
    """Every extension a call was ever given, latest first."""
    by, ended_by = aliased(User), aliased(User)
    rows = session.execute(
        select(CallExtension, Agency, by, ended_by)
        .outerjoin(Agency, Agency.id == CallExtension.agency_id)
        .outerjoin(by, by.id == CallExtension.by)
        .outerjoin(ended_by, ended_by.id == CallExtension.ended_by)
        .where(CallExtension.call_id == call_id)
        .order_by(CallExtension.id.desc())
    )
    return [
        ExtensionRow(
            extension.id,
            _name(agency),
            extension.closes_at,
            extension.reason,
            extension.at,
            _name(person),
            extension.ended_at,
            _name(ender),
        )
        for extension, agency, person, ender in rows
    ]


def _name(row: Agency | User | None) -> Text | None:
    return Text(row.name_th, row.name_en) if row else None


@dataclass(frozen=True, slots=True)
class WindowChange:
    """A moment at which an agency's deadline was set or moved (`agency_id` None: every agency's)."""

    call_id: int
    agency_id: int | None
    at: datetime


def list_window_changes(session: Session) -> list[WindowChange]:
    """When the deadlines of all calls were set, put off or taken back, oldest first; two queries."""
    opened = session.execute(  # by its plan, which a call never changes
        select(Call.id, CallDocument.frozen_at).join(CallDocument, CallDocument.id == Call.plan_id)
    )
    changes = [WindowChange(r.id, None, r.frozen_at) for r in opened]
    for r in session.execute(
        select(CallExtension.call_id, CallExtension.agency_id, CallExtension.at, CallExtension.ended_at)
    ):
        changes += [WindowChange(r.call_id, r.agency_id, at) for at in (r.at, r.ended_at) if at is not None]
    return sorted(changes, key=lambda change: change.at)
