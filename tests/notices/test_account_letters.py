"""Whoever's way in is changed is told so, at their own address, whatever they switched off; nobody else is."""

from __future__ import annotations

import json
import re
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from app.identity.facts import SYSTEM
from app.identity.models import User
from app.identity.outside import link_identity
from app.identity.second_factors import reset_second_factor
from app.kernel.db import db
from app.kernel.outbox import OutboxRow
from app.kernel.work import open_work
from app.notices.account_news import CHANGES
from app.notices.actions import hear
from app.notices.models import Mail
from tests.notices.scene import SITE
from tests.world import NOW, World

IDENTITY = Path(__file__).resolve().parents[2] / "app" / "identity"


def heard() -> list[Mail]:
    """Every letter that the promises made so far lead to; heard twice, they are written once."""
    promised = list(db.session.scalars(select(OutboxRow).where(OutboxRow.topic == "notify")))
    for _ in range(2):
        for item in promised:
            with open_work(SYSTEM, NOW) as work:
                hear(work, {**json.loads(item.payload), "promise": item.id}, SITE)
    return list(db.session.scalars(select(Mail).order_by(Mail.id)))


def test_the_owner_is_told_and_nobody_else(app: Flask, world: World) -> None:
    with open_work(world.actor("admin"), NOW) as work:
        reset_second_factor(work, world.users["committee"])
    with open_work(world.actor("officer"), NOW) as work:
        link_identity(work, "https://login.example.go.th", "7301", "central")
        # somebody without a password is written to, too
        work.session.get_one(User, world.users["officer"]).password_hash = None
    first, second = heard()
    assert (first.user_id, first.kind, first.state) == (world.users["committee"], "account", "waiting")
    assert "ผู้ดูแลระบบล้างการยืนยันตัวตนสองขั้น" in first.subject
    assert "20 พ.ย. 2568 10:00 น." in first.body
    assert "https://dgi.example/account" in first.body
    assert "รอบคำขอ" not in first.body
    assert (second.user_id, second.address) == (world.users["officer"], World.email("officer"))
    assert "7301" not in second.subject + second.body


def test_every_change_has_words() -> None:
    told = {
        change
        for path in IDENTITY.glob("*.py")
        for change in re.findall(
            r'note_account_change\(\s*work,[^"]*"(\w+)"', path.read_text(encoding="utf-8")
        )
    }
    assert told == set(CHANGES)
