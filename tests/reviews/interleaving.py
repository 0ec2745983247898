"""A small world of reviews in which anything may happen in any order, and what must hold after each thing that did.

Each step is an action as a shell would run it, in a savepoint; the whole interleaving is rolled back at its end, so that
one world serves thousands. What must hold is written here once more, without the rooms' own rules.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import text

from app.calls.queries import get_call
from app.decisions.actions import record_decision
from app.decisions.facts import Verdict
from app.identity.actions import add_demo_person
from app.identity.facts import SYSTEM, Actor, Membership, Role
from app.kernel import audit
from app.kernel.canonical import canonical_json
from app.kernel.db import db
from app.kernel.errors import DomainError
from app.kernel.text import Text
from app.kernel.work import Work, open_work
from app.reviews import actions
from app.reviews.actions.scoring import Saved
from app.reviews.actions.two_pages import RubricChanged
from app.reviews.facts import RoundFacts, Score
from app.reviews.queries.rounds import get_round
from app.reviews.states import ROUND_LIFECYCLE
from tests.reviews.test_rubrics import rubric_two
from tests.world import FISCAL_YEAR, NOW, PASSWORD, World, budget_row, complete_draft, file_proposal

MS = timedelta(milliseconds=1)
REVIEWERS = ("reviewer_bb", "reviewer_dga", "reviewer_alpha")
COMMENT = "ความเห็นที่ยาวพอสำหรับระดับที่ต้องอธิบาย"
WHY = "เหตุผลที่ยาวพอสำหรับทุกกรณี"
RECUSALS = ("recuse", "take_out")  # by the reviewer, by the secretariat
# what a step may change on another's review: nothing of this
SCORED = ("scores", "draft", "notes", "total", "first_total", "submitted_at", "finalised_at", "updated_at")
STANDING = ("given", "accepted")

Rows = dict[int, dict[str, Any]]
Step = tuple[str, Callable[[Work[Actor]], Any], dict[str, Any]]


def moment(value: Any) -> datetime | None:
    """A moment of a raw row: a text on SQLite, a datetime on PostgreSQL."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=NOW.tzinfo) if value is not None and value.tzinfo is None else value


@dataclass
class Page:
    """An open page of a reviewer: what it was opened at, and what it holds."""

    version: int
    name: str


@dataclass
class Stage:
    """What every interleaving begins with."""

    world: World
    actors: Mapping[str, Actor]
    proposals: tuple[int, ...]
    rubrics: Mapping[int, dict[str, int]]  # document id -> criterion -> weight
    codes: tuple[str, ...]
    names: Mapping[int, str]
    assignments: Rows = field(default_factory=dict)
    revisions: int = 0

    @classmethod
    def build(cls, world: World) -> Stage:
        """Three proposals, three reviewers of whom one may be partial to two of them, two rubrics."""
        with open_work(SYSTEM, NOW) as work:
            ends = [Membership(Role.OFFICER, world.agencies["gamma"])]
            world.users["officer_gamma"] = add_demo_person(
                work, World.email("officer_gamma"), Text("ผู้ใช้", "Person"), PASSWORD, ends
            )
        proposals = []
        for agency, by, partner in (
            ("alpha", "officer", "beta"),
            ("beta", "officer_beta", "alpha"),
            ("gamma", "officer_gamma", "beta"),
        ):
            draft = complete_draft(budget={"rows": [budget_row(agency=agency)]})
            draft["integration"]["links"][0]["partner"] = partner
            proposals.append(file_proposal(world, draft, by=by, agency=agency))
        from app.calls.toml_text import write_toml

        with open_work(world.actor("secretariat"), NOW) as work:
            second = actions.offer_rubric(work, write_toml(rubric_two()).encode()).document_id
            first = REVIEWERS[:2]
            given = actions.assign_reviewers(work, proposals[0], [world.users[name] for name in first])
            given += actions.assign_reviewers(work, proposals[1], [world.users[first[0]]])
            # the same ministry: a word clears it, and a later word may take that back
            pair = proposals[2], world.users[first[0]]
            actions.judge_interests(work, *pair, is_conflict=False, reason=WHY)
            given += actions.assign_reviewers(work, pair[0], [pair[1]])
            ids = [(a.id, a.reviewer_id) for a in given]
            actions.set_round(work, world.call_id, RoundFacts(scoring_due_at=NOW + timedelta(hours=2)))
        people = {world.users[name]: name for name in REVIEWERS}
        for assignment_id, reviewer_id in ids:
            with open_work(world.actor(people[reviewer_id]), NOW) as work:
                actions.accept_assignment(work, assignment_id)
        call = get_call(db.session(), FISCAL_YEAR)
        weights = {
            call.rubric_id: {c.code: c.weight for c in call.rubric.criteria},
            second: {c["code"]: c["weight"] for c in rubric_two()["criteria"]},
        }
        names = ("secretariat", "committee", *REVIEWERS)
        stage = cls(
            world=world,
            actors={name: world.actor(name) for name in names},
            proposals=tuple(proposals),
            rubrics=weights,
            codes=tuple(weights[second]),
            names=people,
        )
        stage.assignments = read_rows()
        stage.revisions = db.session.execute(text("SELECT count(*) FROM review_revisions")).scalar_one()
        db.session.rollback()
        return stage


def read_rows() -> Rows:
    """Every assignment with its proposal's state, every column, as it stands in the database."""
    found = db.session.execute(
        text(
            "SELECT a.*, p.state AS proposal_state FROM assignments a JOIN proposals p ON p.id = a.proposal_id ORDER BY a.id"
        )
    ).mappings()
    return {row["id"]: dict(row) for row in found}


def read_round() -> dict[str, Any]:
    row = db.session.execute(text("SELECT * FROM review_rounds")).mappings().first()
    assert row is not None
    return dict(row)


class Interleaving:
    """One run: steps drawn from a seed, each tried and judged."""

    def __init__(self, stage: Stage, seed: int):
        self.stage, self.seed = stage, seed
        self.random = Random(seed)
        self.now = NOW + timedelta(minutes=1)
        self.rows, self.round = dict(stage.assignments), read_round()
        self.pages: dict[int, list[Page]] = {}
        self.log: list[dict[str, Any]] = []  # every save that was accepted, as it must stand in the database
        self.entries = db.session.execute(text("SELECT count(*) FROM audit_entries")).scalar_one()
        self.told: list[str] = []

    def run(self, steps: int) -> dict[str, int]:
        """Take the steps; returns how many of each kind were done. Raises `AssertionError` with the way there."""
        done: dict[str, int] = {}
        for _ in range(steps):
            name, act, facts = self._draw()
            kind = self._take(name, act, facts)
            done[kind] = done.get(kind, 0) + 1
        self._check_end()
        return done

    def holds(self, claim: bool, what: str) -> None:
        """A claim with the way that led to its failure."""
        assert claim, f"{what}\nseed {self.seed}:\n" + "\n".join(self.told)

    # --- what may be done

    def _draw(self) -> Step:
        pick = self.random.random()
        for share, make in (
            (0.56, self._score),
            (0.66, self._answer),
            (0.75, self._give_or_take),
            (0.79, self._judge),
            (0.87, self._move),
            (0.91, self._reopen),
            (0.95, self._set_dates),
            (0.97, self._decide),
            (1.01, self._change_rubric),
        ):
            if pick < share:
                self._let_time_pass()
                return make()
        raise AssertionError

    def _let_time_pass(self) -> None:
        """Mostly a little; sometimes to the edge of a date, a millisecond before it or after it."""
        edges = [
            m
            for m in (
                *(moment(self.round[k]) for k in ("scoring_due_at", "final_due_at")),
                *(moment(r["reopened_until"]) for r in self.rows.values()),
            )
            if m is not None and m + MS > self.now
        ]
        if edges and self.random.random() < 0.12:
            self.now = max(self.now, self.random.choice(edges) + self.random.choice((-MS, timedelta(0), MS)))
        else:
            self.now += timedelta(milliseconds=self.random.randrange(1, 240_000))

    def _seat(self, *, mostly_accepted: bool = False) -> dict[str, Any] | None:
        rows = list(self.rows.values())
        if mostly_accepted and self.random.random() < 0.9:
            rows = [r for r in rows if r["state"] == "accepted" and r["proposal_state"] == "passed"] or rows
        return self.random.choice(rows) if rows else None

    def _sheet(self) -> dict[str, Score]:
        levels = self.random.choice((3, 2, 3, 1, None, 4))
        sheet = {code: Score(levels, COMMENT) for code in self.stage.codes}
        for code in self.random.sample(self.stage.codes, 2):
            sheet[code] = Score(self.random.randrange(5), f"{COMMENT} {self.random.randrange(1000)}")
        return sheet

    def _score(self) -> Step:
        """A page of the reviewer saves, saves by itself, or hands in; it may have been open for long."""
        row = self._seat(mostly_accepted=True)
        if row is None:
            return self._give_or_take()
        pages = self.pages.setdefault(row["id"], [])
        if not pages or self.random.random() < 0.6:
            if len(pages) > 1:
                pages.pop(self.random.randrange(2))
            pages.append(Page(row["version"], f"page{self.random.randrange(10**6)}"))
        page = self.random.choice(pages)
        sheet = self._sheet()
        reason = WHY if self.random.random() < 0.8 else ""
        by = self.stage.names[row["reviewer_id"]]
        facts = {"row": row, "page": page, "sheet": sheet, "reason": reason, "by": by}
        kind = self.random.choice(("save", "autosave", "hand_in", "hand_in"))
        if kind == "hand_in":
            return (
                kind,
                lambda w: actions.submit_review(
                    w, row["id"], sheet, page.version, reason=reason, page=page.name
                ),
                facts,
            )
        cause = "saved" if kind == "save" else "autosaved"
        return (
            kind,
            lambda w: actions.save_review(
                w, row["id"], sheet, page.version, reason=reason, cause=cause, page=page.name
            ),
            facts,
        )

    def _answer(self) -> Step:
        row = self._seat()
        if row is None:
            return self._give_or_take()
        by = self.stage.names[row["reviewer_id"]]
        name = self.random.choices(("accept", "decline", "recuse"), (8, 1, 1))[0]
        act: dict[str, Callable[[Work[Actor]], Any]] = {
            "accept": lambda w: actions.accept_assignment(w, row["id"]),
            "decline": lambda w: actions.decline_assignment(w, row["id"], WHY),
            "recuse": lambda w: actions.declare_conflict(w, row["id"], WHY),
        }
        return name, act[name], {"row": row, "by": by}

    def _give_or_take(self) -> Step:
        row = self._seat()
        proposal = self.random.choice(self.stage.proposals)
        person = self.stage.world.users[self.random.choice(REVIEWERS)]
        name = self.random.choices(("assign", "withdraw", "reassign"), (5, 2, 1))[0]
        if row is None or name == "assign":
            return "assign", lambda w: actions.assign_reviewers(w, proposal, [person]), {"by": "secretariat"}
        if name == "withdraw":
            return name, lambda w: actions.withdraw_assignment(w, row["id"], WHY), {"by": "secretariat"}
        return name, lambda w: actions.reassign_reviewer(w, row["id"], person, WHY), {"by": "secretariat"}

    def _judge(self) -> Step:
        """The secretariat gives its word on a pair, or takes a reviewer out."""
        row = self._seat()
        proposal = self.random.choice(self.stage.proposals)
        person = self.stage.world.users[self.random.choice(REVIEWERS)]
        if row is not None and self.random.random() < 0.6:
            proposal, person = row["proposal_id"], row["reviewer_id"]
        is_conflict = self.random.random() < 0.35
        if row is not None and self.random.random() < 0.2:
            return "take_out", lambda w: actions.recuse_reviewer(w, row["id"], WHY), {"by": "secretariat"}
        return (
            "judge",
            lambda w: actions.judge_interests(w, proposal, person, is_conflict=is_conflict, reason=WHY),
            {"by": "secretariat"},
        )

    def _move(self) -> Step:
        """A move of the round; what is possible is drawn more often, and it does not stay locked for long."""
        possible = [n for n, m in ROUND_LIFECYCLE.moves.items() if self.round["phase"] in m.sources]
        if self.round["phase"] != "locked" and self.random.random() < 0.6:
            wanted = ("begin_scoring", "begin_discussion", "begin_final")
            possible = [n for n in possible if n in wanted] or possible
        name = self.random.choice(possible if self.random.random() < 0.9 else sorted(ROUND_LIFECYCLE.moves))
        version, call_id = self.round["version"], self.stage.world.call_id
        return (
            f"move {name}",
            lambda w: actions.move_round(w, call_id, name, version=version, reason=WHY),
            {"by": "secretariat"},
        )

    def _reopen(self) -> Step:
        row = self._seat(mostly_accepted=True)
        if row is None:
            return self._give_or_take()
        until = self.now + timedelta(minutes=self.random.randrange(-5, 90))
        return "reopen", lambda w: actions.reopen_review(w, row["id"], until, WHY), {"by": "secretariat"}

    def _set_dates(self) -> Step:
        scoring = self.now + timedelta(minutes=self.random.randrange(-5, 120))
        wanted = RoundFacts(
            version=self.round["version"],
            scoring_due_at=self.random.choice((None, scoring)),
            final_due_at=self.random.choice((None, scoring + timedelta(minutes=30))),
        )
        call_id = self.stage.world.call_id
        return "set_dates", lambda w: actions.set_round(w, call_id, wanted), {"by": "secretariat"}

    def _decide(self) -> Step:
        proposal = self.random.choice(self.stage.proposals)
        return (
            "decide",
            lambda w: record_decision(w, proposal, Verdict.DEFERRED, 0, reason=WHY),
            {"by": "committee"},
        )

    def _change_rubric(self) -> Step:
        document = self.random.choice(list(self.stage.rubrics))

        def act(work: Work[Actor]) -> Any:
            call = get_call(work.session, FISCAL_YEAR)
            plan = actions.plan_rubric(work.session, work.actor, call, document)
            return actions.adopt_rubric_version(work, FISCAL_YEAR, document, WHY, plan.token)

        return "change_rubric", act, {"by": "secretariat", "document": document}

    # --- doing it, and what must hold afterwards

    def _take(self, name: str, act: Callable[[Work[Actor]], Any], facts: dict[str, Any]) -> str:
        session = db.session()
        session.expire_all()
        work = Work(session, self.stage.actors[facts["by"]], self.now)
        result: Any = None
        error: DomainError | None = None
        savepoint = session.begin_nested()
        try:
            result = act(work)
            session.flush()
            audit.append(session, work.entries)
            savepoint.commit()
            self.entries += len(work.entries)
        except DomainError as refused:
            savepoint.rollback()
            error = refused
        where = f" {facts['row']['id']}" if "row" in facts else ""
        said = type(error).__name__ if error else "done"
        self.told.append(f"{self.now.isoformat()} {self.round['phase']} {name}{where}: {said}")
        before, self.rows = self.rows, read_rows()
        if name in ("save", "autosave", "hand_in"):
            self._check_scoring(name, before, facts, result, error)
        elif error is not None:
            self.holds(before == self.rows, "what was refused changed something")
        else:
            self._check_other(name, before, facts)
        self._check_rows()
        return f"{name.split()[0]} {'refused' if error else 'done'}"

    def _may_write(self, row: dict[str, Any]) -> bool:
        """Whether the scores of a row may be written now, from first principles."""
        if row["state"] != "accepted" or row["proposal_state"] != "passed" or self.round["phase"] == "locked":
            return False
        until = moment(row["reopened_until"])
        if until is not None and self.now < until:
            return True
        is_in = row["submitted_at"] is not None
        due = {"scoring": "scoring_due_at", "final": "final_due_at"}.get(self.round["phase"])
        if due is None or is_in != (self.round["phase"] == "final"):
            return False
        return self.round[due] is None or self.now < moment(self.round[due])

    def _check_scoring(
        self, name: str, before: Rows, facts: dict[str, Any], result: Any, error: DomainError | None
    ) -> None:
        old, page, sheet = facts["row"], facts["page"], facts["sheet"]
        new = self.rows[old["id"]]
        others = {k: v for k, v in self.rows.items() if k != old["id"]}
        self.holds(others == {k: v for k, v in before.items() if k != old["id"]}, "another's review changed")
        if error is not None:
            self.holds(new == old, "what was refused was written")
            is_fresh = name != "hand_in" and page.version == old["version"]
            if is_fresh and self._may_write(old) and self._is_clear(old):
                self.holds(False, "a save was refused that must be taken")
            if isinstance(error, RubricChanged):
                self.holds(page.version < old["version"], "a fresh page was told of another rubric")
                page.version = error.version
            return
        if new == old:  # the same once more; or a hand-in that was in already
            if isinstance(result, Saved):
                page.version = result.version
            return
        self.holds(self._may_write(old), "something was written that must not be")
        self.holds(self._is_clear(old), "somebody in conflict wrote")
        self.holds(new["version"] == old["version"] + 1, "a save counts one version")
        written = new["scores"] if name == "hand_in" or old["submitted_at"] is None else new["draft"]
        if name == "hand_in":
            content = canonical_json({c: {"level": s.level, "comment": s.comment} for c, s in sheet.items()})
            self.holds(written == content, "what was handed in is not what was sent")
            self.holds(result == new["total"] == self._total(new), "the total is not that of the scores")
            self.holds(new["draft"] is None and new["reopened_until"] is None, "the reopening did not end")
            self.holds(
                new["first_total"] == (old["first_total"] or new["total"]), "the first total is for good"
            )
        else:
            content = canonical_json(
                {c: {"level": s.level, "comment": s.comment} for c, s in result.scores.items()}
            )
            self.holds(written == content, "what was saved is not what was answered")
            for key in ("total", "first_total", "submitted_at", "finalised_at", "reopened_until", "state"):
                self.holds(new[key] == old[key], f"a save changed {key}")
            if old["submitted_at"] is not None:
                self.holds(new["scores"] == old["scores"], "a draft changed what counts")
            if page.version == old["version"]:
                sent = canonical_json({c: {"level": s.level, "comment": s.comment} for c, s in sheet.items()})
                self.holds(content == sent, "a fresh page's scores were not kept as sent")
        page.version = new["version"]
        self.log.append(
            {
                "assignment_id": old["id"],
                "version": new["version"],
                "content": written,
                "total": new["total"] if name == "hand_in" else None,
                "rubric_id": old["rubric_id"],
            }
        )

    def _is_clear(self, row: dict[str, Any]) -> bool:
        """Whether the words on this pair leave the reviewer free: no conflict that was said last, none barring itself."""
        agency = {p: n for p, n in zip(self.stage.proposals, ("alpha", "beta", "gamma"), strict=True)}
        if self.stage.names[row["reviewer_id"]] == "reviewer_alpha" and agency[row["proposal_id"]] == "alpha":
            return False
        said = db.session.execute(
            text(
                "SELECT ground, is_conflict FROM conflict_statements WHERE proposal_id = :p AND user_id = :u ORDER BY id"
            ),
            {"p": row["proposal_id"], "u": row["reviewer_id"]},
        ).all()
        return not any({ground: bool(is_conflict) for ground, is_conflict in said}.values())

    def _total(self, row: dict[str, Any]) -> int:
        weights = self.stage.rubrics[row["rubric_id"]]
        levels = {code: value["level"] for code, value in json.loads(row["scores"]).items()}
        return sum(weight * levels[code] * 25 for code, weight in weights.items())

    def _check_other(self, name: str, before: Rows, facts: dict[str, Any]) -> None:
        """Whatever else was done wrote no scores; a version and a rubric change only together, and only untouched."""
        locked = self.round["phase"] == "locked"
        for key, new in self.rows.items():
            old = before.get(key)
            if old is None:
                self.holds(name in ("assign", "reassign"), "an assignment came from nowhere")
                self.holds(not locked, "something was assigned in a locked round")
                continue
            self.holds(all(new[c] == old[c] for c in SCORED), f"{name} changed scores")
            moved = (new["version"], new["rubric_id"]) != (old["version"], old["rubric_id"])
            if moved:
                self.holds(name == "change_rubric", f"{name} changed a version or a rubric")
                self.holds(old["updated_at"] is None, "a review that was begun changed its rubric")
                self.holds(new["version"] == old["version"] + 1, "going over counts one version")
            elif name == "change_rubric":
                self.holds(old["updated_at"] is not None, "a review that was not begun did not go over")
            if locked and new["state"] != old["state"]:
                self.holds(name in (*RECUSALS, "decline"), f"{name} changed an assignment in a locked round")
                self.holds(
                    name in RECUSALS or old["submitted_at"] is None, "a review that is in was declined"
                )
        self.holds(before.keys() <= self.rows.keys(), "an assignment was lost")
        if name == "change_rubric":
            self.holds(not locked, "the rubric changed in a locked round")
        if name.startswith("move") or name == "set_dates":
            self.round = read_round()

    def _check_rows(self) -> None:
        pairs = [(r["proposal_id"], r["reviewer_id"]) for r in self.rows.values()]
        self.holds(len(pairs) == len(set(pairs)), "a reviewer has a proposal twice")
        for row in self.rows.values():
            if row["submitted_at"] is not None:
                self.holds(row["total"] == self._total(row), "a total is not that of its scores")

    def _check_end(self) -> None:
        """Every accepted save is there, byte for byte and in order; what counts is what is accepted and in."""
        kept = db.session.execute(
            text("SELECT assignment_id, version, content, total, rubric_id FROM review_revisions ORDER BY id")
        ).mappings()
        self.holds(
            [dict(r) for r in kept][self.stage.revisions :] == self.log, "the saves are not as they were"
        )
        from app.reviews.queries.reviews import finished_panels

        panels = finished_panels()
        counted = {r.proposal_id: (r.n, r.total, r.squares) for r in db.session.execute(panels.select())}
        expected: dict[int, list[int]] = {}
        for row in self.rows.values():
            if row["state"] == "accepted" and row["submitted_at"] is not None:
                expected.setdefault(row["proposal_id"], []).append(row["total"])
        self.holds(
            counted == {p: (len(t), sum(t), sum(x * x for x in t)) for p, t in expected.items()},
            "what is counted is not what is accepted and in",
        )
        number = db.session.execute(text("SELECT count(*) FROM audit_entries")).scalar_one()
        self.holds(number == self.entries, "the audit log lacks entries, or has some too many")
        self.holds(
            get_round(db.session(), self.stage.world.call_id).phase == self.round["phase"], "the phase"
        )
