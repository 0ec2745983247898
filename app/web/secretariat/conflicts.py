"""Conflicts of interest in a call: who is tied to what, a word on it for one or for many, and who recuses at the meeting.

A word on many is shown before it is given: exactly which pairs would stand where.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call
from app.identity.facts import BODY_NAMES
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound, Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.actions import WordPlan, give_words, plan_words, recuse_reviewer
from app.reviews.conflicts import GROUND_NAMES, TIE_NAMES, Ground, Verdict
from app.reviews.queries.conflicts import Pair
from app.reviews.queries.register import (
    SITUATIONS,
    Register,
    Situation,
    TiedPair,
    list_ties,
    read_register,
)
from app.reviews.states import ASSIGNMENT_STATES
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import Form, Paragraphs, read_id
from app.web.language import count, language, say, t
from app.web.secretariat.desk import blueprint
from app.web.signing import current_actor
from app.web.tags import Options

PER_PAGE = 50
MOST_AT_ONCE = 1000
COMMITTEE = "committee"
_COMMITTEE_NAME = Text("คณะกรรมการ", "Committee")
KINDS = {
    Situation.PRESSING: "bad",
    Situation.ASKED: "wait",
    Situation.BARRED: "warn",
    Situation.CLEARED: "good",
}
VERDICT_TAGS = {
    Verdict.BARRED: ("warn", Text("พิจารณาไม่ได้", "Barred")),
    Verdict.ASKED: ("wait", Text("รอคำวินิจฉัย", "To be judged")),
    Verdict.CLEAR: ("good", Text("พิจารณาได้", "No conflict")),
}
_WORDS = {
    "conflict": (True, Text("เป็นผลประโยชน์ทับซ้อน", "It is a conflict of interest")),
    "clear": (False, Text("ไม่เป็นผลประโยชน์ทับซ้อน", "It is no conflict of interest")),
}
_NO_WORD = Text("กรุณาเลือกคำวินิจฉัย", "Choose a judgement")
_TOO_MANY = Text("บันทึกได้ครั้งละไม่เกิน {most} รายการ", "At most {most} at once")

Page = Response | tuple[str, int] | str


class WordForm(Form):
    reason = Paragraphs(Text("เหตุผล", "The reason"), longest=2000)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which ties the address asks for; "" is any."""

    state: str = ""
    ground: str = ""
    person: str = ""
    body: str = ""

    def fits(self, pair: TiedPair) -> bool:
        return (
            (not self.state or pair.situation == self.state)
            and (not self.ground or any(g.ground == self.ground for g in pair.standing.grounds))
            and (not self.person or str(pair.user_id) == self.person)
            and (not self.body or (pair.body or COMMITTEE) == self.body)
        )

    @property
    def query(self) -> dict[str, str]:
        asked = {"state": self.state, "ground": self.ground, "person": self.person, "body": self.body}
        return {key: value for key, value in asked.items() if value}


def _offered(register: Register) -> dict[str, dict[str, Text]]:
    tied = {pair.user_id: pair.name for pair in register.pairs}
    return {
        "state": {s.value: name for s, name in SITUATIONS.items()},
        "ground": {g.value: name for g, name in GROUND_NAMES.items() if g is not Ground.OFFICE},
        "person": {str(i): name for i, name in register.people.items() if i in tied},
        "body": {b.value: name for b, name in BODY_NAMES.items()} | {COMMITTEE: _COMMITTEE_NAME},
    }


def read_asked(register: Register) -> Asked:
    offered = _offered(register)
    return Asked(
        **{key: v if (v := request.args.get(key, "")) in names else "" for key, names in offered.items()}
    )


def _address(year: int, asked: Asked, endpoint: str = "secretariat.conflicts", **changes: object) -> str:
    query = {key: value for key, value in {**asked.query, **changes}.items() if value}
    address = url_for(endpoint, fiscal_year=year)
    return f"{address}?{urlencode(query)}" if query else address


@blueprint.get("/calls/<int:fiscal_year>/conflicts")
@needs(Permission.JUDGE_CONFLICT)
def conflicts(fiscal_year: int) -> str:
    """The register of interests of a call: what presses first."""
    return _page(fiscal_year)


def body_name(pair: TiedPair) -> Text:
    return _COMMITTEE_NAME if pair.body is None else BODY_NAMES[pair.body]


@blueprint.post("/calls/<int:fiscal_year>/conflicts/preview")
@needs(Permission.JUDGE_CONFLICT)
def preview_words(fiscal_year: int) -> Page:
    """What one word on the picked pairs would change; nothing is changed yet."""
    session, actor = db.session(), current_actor()
    call = get_call(session, fiscal_year)
    register = read_register(session, actor, call)
    asked, form = read_asked(register), WordForm(request.form)
    picked = _picked()
    if request.form.get("scope") == "all":
        picked = [(p.proposal_id, p.user_id) for p in register.pairs if asked.fits(p)]
    word = _WORDS.get(request.form.get("word", ""))
    problems = list(form.problems())
    if word is None:
        problems.append(Problem("word", _NO_WORD))
    if len(picked) > MOST_AT_ONCE:
        problems.append(Problem("pick", _TOO_MANY.fill(most=MOST_AT_ONCE)))
    if word is not None and not problems:
        try:
            plan = plan_words(session, actor, call.id, picked, is_conflict=word[0], reason=form.reason.data)
        except Refused as refusal:
            problems = list(refusal.problems)
        else:
            return _preview(call, register, asked, plan)
    return _page(fiscal_year, problems, picked=picked, typed=request.form), 422


@blueprint.post("/calls/<int:fiscal_year>/conflicts/judge")
@needs(Permission.JUDGE_CONFLICT)
def judge_pairs(fiscal_year: int) -> Page:
    """Give the word that was previewed. If anything changed since, do nothing and show the preview anew."""
    session, actor = db.session(), current_actor()
    call = get_call(session, fiscal_year)
    asked = read_asked(read_register(session, actor, call))
    form, picked = WordForm(request.form), _picked()
    word = _WORDS.get(request.form.get("word", ""))
    problems = list(form.problems())
    if word is None:
        problems.append(Problem("word", _NO_WORD))
    else:
        is_conflict, reason = word[0], form.reason.data
        try:
            with open_work(actor, arrived()) as work:
                plan = give_words(
                    work,
                    call.id,
                    picked,
                    is_conflict=is_conflict,
                    reason=reason,
                    fingerprint=request.form.get("fingerprint", ""),
                )
        except Stale as stale:
            plan = plan_words(db.session(), actor, call.id, picked, is_conflict=is_conflict, reason=reason)
            register = read_register(db.session(), actor, call)
            return _preview(call, register, asked, plan, changed=stale.text), 409
        except Refused as refusal:
            problems = list(refusal.problems)
        else:
            flash(t("บันทึกคำวินิจฉัยแล้ว %s รายการ", "Recorded: %s") % count(len(plan.doable)))
            return redirect(_address(fiscal_year, asked), 303)
    return _page(fiscal_year, problems, picked=picked, typed=request.form), 422


@blueprint.post("/calls/<int:fiscal_year>/conflicts/<int:assignment_id>/recuse")
@needs(Permission.JUDGE_CONFLICT)
def recuse(fiscal_year: int, assignment_id: int) -> Page:
    """Take a reviewer out of a proposal because of a conflict of interest."""
    form = WordForm(request.form, prefix=f"recuse-{assignment_id}")
    problems = list(form.problems())
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                recuse_reviewer(work, assignment_id, form.reason.data)
        except Refused as refusal:
            problems = [Problem("reason", refusal.text)]
        else:
            flash(
                t(
                    "บันทึกการถอนตัวแล้ว คะแนนของผู้พิจารณานี้ไม่นับอีก กรุณามอบหมายผู้อื่นแทน",
                    "Recused. This reviewer's scores count no more; assign somebody else.",
                )
            )
            return redirect(url_for("secretariat.conflicts", fiscal_year=fiscal_year), 303)
    placed = [Problem(f"recuse-{assignment_id}-{p.place}", p.text) for p in problems]
    return _page(fiscal_year, placed, typed=request.form), 422


def _picked() -> list[Pair]:
    pairs = []
    for typed in request.form.getlist("pick"):
        proposal, _, person = typed.partition("-")
        proposal_id, user_id = read_id(proposal), read_id(person)
        if proposal_id is None or user_id is None:
            raise NotFound()
        pairs.append((proposal_id, user_id))
    return list(dict.fromkeys(pairs))


def _page(
    fiscal_year: int,
    problems: Sequence[Problem] = (),
    *,
    picked: Iterable[Pair] = (),
    typed: Mapping[str, str] | None = None,
) -> str:
    session, actor = db.session(), current_actor()
    call = get_call(session, fiscal_year)
    register = read_register(session, actor, call)
    asked = read_asked(register)
    fitting = [pair for pair in register.pairs if asked.fits(pair)]
    start = min(read_id(request.args.get("start")) or 0, max(len(fitting) - 1, 0))
    shown = fitting[start : start + PER_PAGE]
    offered, ties = _offered(register), list_ties(session, actor)
    tie_notes: dict[tuple[int, Ground, int], list[str]] = {}
    for tie in ties:
        if tie.note:
            tie_notes.setdefault((tie.user_id, tie.tie, tie.agency_id), []).append(tie.note)
    return render_template(
        "secretariat/conflicts.html",
        call=call,
        register=register,
        rows=shown,
        start=start,
        number=len(fitting),
        counts=register.counts(),
        asked=asked,
        options={key: Options(names.items()).html(getattr(asked, key)) for key, names in offered.items()},
        address=lambda **changes: _address(fiscal_year, asked, **changes),
        preview=_address(fiscal_year, asked, "secretariat.preview_words"),
        export=_address(fiscal_year, asked, "secretariat.conflicts_csv"),
        first=_address(fiscal_year, asked) if start else None,
        following=_address(fiscal_year, asked, start=start + PER_PAGE)
        if len(fitting) > start + PER_PAGE
        else None,
        meeting=_meeting(register),
        ties=ties,
        tie_notes=tie_notes,
        picked={f"{proposal_id}-{user_id}" for proposal_id, user_id in picked},
        typed=typed or {},
        problems=problems,
        most=MOST_AT_ONCE,
        words=[(code, say(name), "") for code, (_, name) in _WORDS.items()],
        **_names(),
    )


def _names() -> dict[str, object]:
    return {
        "kinds": KINDS,
        "situations": SITUATIONS,
        "verdict_tags": VERDICT_TAGS,
        "ground_names": GROUND_NAMES,
        "tie_names": TIE_NAMES,
        "states": ASSIGNMENT_STATES,
        "body_name": body_name,
        "said_in": language(),
    }


def _meeting(register: Register) -> list[tuple[Text, list[TiedPair], list[TiedPair]]]:
    """Committee members who are tied: (name, proposals they leave the room for, proposals that want a word first)."""
    rows: dict[int, tuple[Text, list[TiedPair], list[TiedPair]]] = {}
    for pair in sorted(register.pairs, key=lambda p: p.number):
        if pair.body is None and not pair.standing.is_clear:
            row = rows.setdefault(pair.user_id, (pair.name, [], []))
            (row[1] if pair.standing.verdict is Verdict.BARRED else row[2]).append(pair)
    return list(rows.values())


def _preview(
    call: CallView, register: Register, asked: Asked, plan: WordPlan, *, changed: Text | None = None
) -> str:
    known = {(p.proposal_id, p.user_id): p for p in register.pairs}
    steps = [
        (step, known[pair]) for step in plan.steps if (pair := (step.proposal_id, step.user_id)) in known
    ]
    year = call.fiscal_year
    return render_template(
        "secretariat/conflicts_preview.html",
        call=call,
        register=register,
        plan=plan,
        steps=[pair for pair in steps if pair[0].is_possible],
        idle=[pair for pair in steps if not pair[0].is_possible],
        word=say(_WORDS["conflict" if plan.is_conflict else "clear"][1]),
        fields={
            "word": "conflict" if plan.is_conflict else "clear",
            "reason": plan.reason,
            "fingerprint": plan.fingerprint,
        },
        confirm=_address(year, asked, "secretariat.judge_pairs"),
        back=_address(year, asked),
        changed=changed,
        **_names(),
    )
