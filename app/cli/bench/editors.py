"""Two editors in one section, interleaved at random through the real pages: is anything overwritten silently?

Each editor holds a form as a browser's script does: it types, saves by itself, sometimes loses the answer, brings other
people's changes in, chooses where two texts meet, opens the page anew. Every text typed is one of a kind. A text that was
saved may leave the draft only by the hand of somebody who has seen it: in the form, or beside their own when choosing.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import field
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from app.kernel.db import db
from app.kernel.lean import dataclass
from app.proposals.models import ProposalDraft

STEPS = 16
_TOKEN = re.compile(r"t\d+t")
_TEXTS = ("rationale", "objectives", "outputs")
_CELLS = ("item", "unit")


@dataclass
class Tally:
    """What the interleavings came to."""

    saves: int = 0
    merges: int = 0
    conflicts: int = 0
    lost_answers: int = 0
    overwritten: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass
class Editor:
    """One open form. `rows` is None in a section of texts."""

    client: FlaskClient
    address: str
    section: str
    page: str
    texts: dict[str, str] = field(default_factory=dict)
    rows: list[dict[str, str]] | None = None
    version: int = 1
    seen: set[str] = field(default_factory=set)

    def sent(self) -> dict[str, str]:
        if self.rows is None:
            fields = {f"{self.section}-{name}": text for name, text in self.texts.items()}
        else:
            fields = {
                f"{self.section}-{n}-{cell}": text
                for n, row in enumerate(self.rows, 1)
                for cell, text in row.items()
            }
        return fields | {"version": str(self.version), "page": self.page}

    def look(self) -> None:
        """Everything in the form has been seen."""
        self.seen |= _tokens(self.texts) | _tokens(self.rows)


def _tokens(value: Any) -> set[str]:
    return set(_TOKEN.findall(json.dumps(value)))


class Pair:
    """Two editors of one section of one draft, and what became of every text."""

    def __init__(self, app: Flask, clients: list[FlaskClient], proposal_id: int, section: str, seed: int):
        self.app, self.proposal_id, self.section = app, proposal_id, section
        self.chance = random.Random(seed)
        self.typed = 0
        address = f"/agency/proposals/{proposal_id}/{section}"
        self.editors = [
            Editor(client, address, section, f"page-{seed}-{n}") for n, client in enumerate(clients)
        ]
        for editor in self.editors:
            self.open(editor)

    def saved(self) -> tuple[dict[str, Any], int]:
        """The section as it stands in the database, and its version."""
        with self.app.app_context():
            kept = db.session.get_one(ProposalDraft, self.proposal_id)
            value = json.loads(kept.content)[self.section], json.loads(kept.section_versions)[self.section]
            db.session.remove()
        return value

    def open(self, editor: Editor) -> None:
        """The page anew."""
        value, editor.version = self.saved()
        if self.section == "budget":
            editor.rows = [dict(row) for row in value["rows"]]
        else:
            editor.texts = {name: value[name] for name in _TEXTS}
        editor.look()

    def type(self, editor: Editor) -> None:
        """A new text in one field, a new row, or a row taken out."""
        self.typed += 1
        token = f"t{self.typed}t"
        if editor.rows is None:
            editor.texts[self.chance.choice(_TEXTS)] = token
        elif not editor.rows or (self.chance.random() < 0.3 and len(editor.rows) < 6):
            editor.rows.insert(self.chance.randint(0, len(editor.rows)), {"item": token, "unit": ""})
        elif self.chance.random() < 0.15:
            editor.rows.pop(self.chance.randrange(len(editor.rows)))
        else:
            self.chance.choice(editor.rows)[self.chance.choice(_CELLS)] = token
        editor.look()

    def save(self, editor: Editor, tally: Tally) -> None:
        """The form saves itself; one answer in eight is lost on the way."""
        before, _ = self.saved()
        answer = editor.client.post(f"{editor.address}/autosave", data=editor.sent())
        self._judge(editor, before, tally)
        tally.saves += 1
        if self.chance.random() < 0.125:
            tally.lost_answers += 1
            return
        if answer.status_code == 409:
            self._choose(editor, tally)
        elif answer.status_code == 200 and answer.json is not None:
            self._hear(editor, answer.json, tally)
        else:
            tally.failures.append(f"{editor.address}: an autosave answered {answer.status_code}")

    def _hear(self, editor: Editor, said: dict[str, Any], tally: Tally) -> None:
        if not said["merged"]:
            editor.version = said["version"]
            return
        tally.merges += 1
        places = said["fields"]
        if said["reload"] or not places:
            if self.chance.random() < 0.5:
                self.open(editor)  # the person presses "show the latest"
            return
        for place, text in places.items():
            if editor.rows is None:
                editor.texts[place.split("-")[1]] = text
            else:
                _, n, cell = place.split("-")
                editor.rows[int(n) - 1][cell] = text
        editor.version = said["version"]
        editor.look()

    def _choose(self, editor: Editor, tally: Tally) -> None:
        tally.conflicts += 1
        page = editor.client.post(editor.address, data=editor.sent())
        if page.status_code != 409:
            tally.failures.append(f"{editor.address}: choosing answered {page.status_code}")
            return
        editor.seen |= set(_TOKEN.findall(re.sub(r"<[^>]+>", "", page.text)))
        hidden = dict(re.findall(r'name="(version|opened_version)" value="(\d*)"', page.text))
        places = dict.fromkeys(unescape(p) for p in re.findall(r'name="(choice:[^"]+)"', page.text))
        choices = {place: self.chance.choice(("mine", "theirs")) for place in places}
        before, _ = self.saved()
        answer = editor.client.post(f"{editor.address}/choose", data=editor.sent() | hidden | choices)
        if answer.status_code != 303:
            tally.failures.append(f"{editor.address}: a choice answered {answer.status_code}")
        self._judge(editor, before, tally)
        self.open(editor)

    def _judge(self, editor: Editor, before: dict[str, Any], tally: Tally) -> None:
        after, _ = self.saved()
        for token in _tokens(before) - _tokens(after) - editor.seen:
            tally.overwritten.append(f"{editor.address} {token}: {before} -> {after}")

    def run(self, tally: Tally) -> None:
        """A random walk of both editors, ending with both forms saved."""
        for _ in range(STEPS):
            editor = self.chance.choice(self.editors)
            dice = self.chance.random()
            if dice < 0.5:
                self.type(editor)
            elif dice < 0.92:
                self.save(editor, tally)
            else:
                self.open(editor)
        for editor in self.editors:
            self.save(editor, tally)


def interleave(
    app: Flask, clients: list[FlaskClient], new_draft: Callable[[], int], times: int, seed: int = 1
) -> Tally:
    """Run `times` interleavings, in sections of texts and in tables by turns."""
    tally = Tally()
    for n in range(times):
        section = "budget" if n % 2 else "rationale"
        Pair(app, clients, new_draft(), section, seed * 1_000_003 + n).run(tally)
    return tally
