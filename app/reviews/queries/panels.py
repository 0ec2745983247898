"""Panels of a call, and what its reviewers can take and know best."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.facts import Actor, Body
from app.identity.queries import list_reviewers
from app.identity.rules import Permission, require
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.reviews.models import Panel, PanelMember, ReviewerProfile


@dataclass(frozen=True, slots=True)
class PanelView:
    """A panel with the ids of its members, in the order they were entered. `body` and `stage` are "" for any."""

    id: int
    call_id: int
    version: int
    name: Text
    body: str
    stage: str
    seats: int
    ended_at: datetime | None
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ProfileView:
    """An active reviewer in a call. `seen` stands for the state of the profile, "" before there is one; the form sends
    it back. `load_limit` None is the round's."""

    id: int
    name: Text
    body: Body
    load_limit: int | None
    guidelines: tuple[str, ...]
    focus_areas: tuple[str, ...]
    seen: str

    @property
    def says_nothing(self) -> bool:
        return not self.guidelines and not self.focus_areas


def read_panels(session: Session, *conditions: object) -> list[PanelView]:
    """Panels with their members, by id. One query."""
    rows = session.execute(
        select(Panel, PanelMember.user_id)
        .outerjoin(PanelMember, PanelMember.panel_id == Panel.id)
        .where(*conditions)  # type: ignore[arg-type]
        .order_by(Panel.id, PanelMember.id)
    ).all()
    members: dict[int, list[int]] = {}
    panels: dict[int, Panel] = {}
    for panel, user_id in rows:
        panels[panel.id] = panel
        members.setdefault(panel.id, []).extend([user_id] if user_id is not None else [])
    return [
        PanelView(
            p.id,
            p.call_id,
            p.version,
            Text(p.name_th, p.name_en),
            p.body,
            p.stage,
            p.seats,
            p.ended_at,
            tuple(members[p.id]),
        )
        for p in panels.values()
    ]


def list_call_panels(session: Session, actor: Actor, call_id: int) -> list[PanelView]:
    """The panels of a call that have not ended."""
    require(actor, Permission.ASSIGN_REVIEWER)
    return read_panels(session, Panel.call_id == call_id, Panel.ended_at.is_(None))


def get_panel(session: Session, actor: Actor, panel_id: int) -> PanelView:
    """One panel, ended or not. Raises `NotFound`."""
    require(actor, Permission.ASSIGN_REVIEWER)
    for panel in read_panels(session, Panel.id == panel_id):
        return panel
    raise NotFound()


def read_profiles(session: Session, call_id: int) -> dict[int, ProfileView]:
    """Every active reviewer with the profile of this call, by body and id. Two queries."""
    kept = {
        p.user_id: p
        for p in session.scalars(select(ReviewerProfile).where(ReviewerProfile.call_id == call_id))
    }
    found: dict[int, ProfileView] = {}
    for user_id, name, body, _ in list_reviewers(session):
        profile = kept.get(user_id)
        found.setdefault(
            user_id,
            ProfileView(
                id=user_id,
                name=name,
                body=body,
                load_limit=profile.load_limit if profile else None,
                guidelines=tuple(json.loads(profile.guidelines)) if profile else (),
                focus_areas=tuple(json.loads(profile.focus_areas)) if profile else (),
                seen=profile.updated_at.isoformat() if profile else "",
            ),
        )
    return found


def list_profiles(session: Session, actor: Actor, call_id: int) -> list[ProfileView]:
    """Every active reviewer with the profile of a call."""
    require(actor, Permission.ASSIGN_REVIEWER)
    return list(read_profiles(session, call_id).values())


def get_profile(session: Session, actor: Actor, call_id: int, user_id: int) -> ProfileView:
    """One active reviewer's profile. Raises `NotFound` for anybody else."""
    require(actor, Permission.ASSIGN_REVIEWER)
    profile = read_profiles(session, call_id).get(user_id)
    if profile is None:
        raise NotFound()
    return profile
