"""The round of a call: where it is and what may be done next, its dates and limits, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.reviews.actions import move_round, set_round
from app.reviews.actions.rounds import LONGEST_REASON, list_problems
from app.reviews.facts import NAMES_FOR, NamesFor, RoundFacts
from app.reviews.queries.rounds import get_round, list_round_moves
from app.reviews.queries.rubrics import list_rubric_uses
from app.reviews.queries.running import Running, count_running, list_checkpoints
from app.reviews.states import MOVE_NAMES, PHASES, SCORING
from app.web.arrival import arrived
from app.web.door import needs
from app.web.forms import Choice, Form, WholeNumber, by_place, read_id
from app.web.language import count, language, t
from app.web.moments import MONTH_OPTIONS, TypedMoment
from app.web.secretariat.desk import blueprint
from app.web.secretariat.round_path import MEANS, moves_of, path_of
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]

_DATES = {
    "scoring_due_at": Text("ส่งคะแนนก่อน", "Scores are due before"),
    "discussion_due_at": Text("หารือให้เสร็จก่อน", "The discussion ends before"),
    "final_due_at": Text("ส่งคะแนนสุดท้ายก่อน", "Final scores are due before"),
}


class RoundForm(Form):
    """How the round runs, besides its dates."""

    load_limit = WholeNumber(Text("จำนวนเรื่องสูงสุดต่อคน", "The most proposals for one reviewer"), high=10_000)
    least_bodies = WholeNumber(
        Text("จำนวนหน่วยงานอย่างน้อย", "The least number of bodies"), high=10_000, needed=True
    )
    names_for = Choice(
        Text("ผู้ที่เห็นชื่อผู้พิจารณา", "Who reads reviewers' names"),
        needed=True,
        offered=[n.value for n in NamesFor],
    )


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into one of the two forms, to show it again."""

    settings: Mapping[str, str] | None = None
    move: str = ""
    reason: str = ""


@blueprint.get("/calls/<int:fiscal_year>/reviews")
@needs(Permission.MANAGE_ROUND)
def reviews(fiscal_year: int) -> str:
    """The round of a call."""
    return _page(fiscal_year)


@blueprint.post("/calls/<int:fiscal_year>/reviews")
@needs(Permission.MANAGE_ROUND)
def set_reviews(fiscal_year: int) -> Page:
    """Keep the dates and limits, or tell everything that is wrong with them."""
    call = get_call(db.session(), fiscal_year)
    wanted, problems = _read_settings(request.form)
    status = 422
    if not problems:
        try:
            with open_work(current_actor(), arrived()) as work:
                set_round(work, call.id, wanted)
        except Stale as stale:
            problems, status = (Problem("settings", stale.text),), 409
        except Refused as refusal:
            problems = refusal.problems or (Problem("settings", refusal.text),)
        else:
            flash(t("บันทึกกำหนดและเงื่อนไขของรอบแล้ว", "The dates and limits of the round are kept."))
            return redirect(url_for("secretariat.reviews", fiscal_year=fiscal_year), 303)
    return _page(fiscal_year, problems, Typed(settings=request.form)), status


def _read_settings(form: Mapping[str, str]) -> tuple[RoundFacts, tuple[Problem, ...]]:
    """What was typed, and all that is wrong with it: what cannot be read and what the rules refuse, in one go."""
    fields = RoundForm(form)
    problems = list(fields.problems())
    dates: dict[str, datetime | None] = {}
    for name in _DATES:
        typed = TypedMoment.sent(name, form)
        if not (typed.day or typed.month or typed.year or typed.time).strip():
            dates[name] = None
            continue
        dates[name], wrong = typed.read()
        problems += wrong
    least = fields.least_bodies.data
    wanted = RoundFacts(
        version=read_id(form.get("version")) or 0,
        names_for=NamesFor(fields.names_for.data) if not fields.names_for.errors else NamesFor.EVERYONE,
        load_limit=fields.load_limit.data,
        least_bodies=1 if least is None else least,
        scoring_due_at=dates["scoring_due_at"],
        discussion_due_at=dates["discussion_due_at"],
        final_due_at=dates["final_due_at"],
    )
    places = by_place(problems)
    problems += [p for p in list_problems(wanted) if p.place not in places]
    order = [*_DATES, "load_limit", "least_bodies", "names_for"]
    problems.sort(key=lambda p: order.index(p.place.split("-")[0]))
    return wanted, tuple(problems)


@blueprint.post("/calls/<int:fiscal_year>/reviews/move")
@needs(Permission.MANAGE_ROUND)
def move_reviews(fiscal_year: int) -> Page:
    """Take the round to another phase."""
    call = get_call(db.session(), fiscal_year)
    move, reason = request.form.get("move", ""), request.form.get("reason", "")
    problems: Sequence[Problem] = ()
    status = 422
    version = read_id(request.form.get("version")) or 0
    try:
        with open_work(current_actor(), arrived()) as work:
            moved = move_round(work, call.id, move, version=version, reason=reason)
    except Stale as stale:
        problems, status = (Problem("moves", stale.text),), 409
    except Refused as refusal:
        at = {"reason": f"reason-{move}"}
        problems = tuple(Problem(at.get(p.place, p.place), p.text) for p in refusal.problems) or (
            Problem("moves", refusal.text),
        )
    else:
        flash(t("รอบพิจารณาอยู่ที่ขั้น “%s” แล้ว", "The round is now at “%s”.") % PHASES[moved.phase].say(language()))
        return redirect(url_for("secretariat.reviews", fiscal_year=fiscal_year), 303)
    return _page(fiscal_year, problems, Typed(move=move, reason=reason)), status


def _page(fiscal_year: int, problems: Sequence[Problem] = (), typed: Typed | None = None) -> str:
    session, actor, now = db.session(), current_actor(), arrived()
    typed = typed or Typed()
    call = get_call(session, fiscal_year)
    round_ = get_round(session, call.id)
    running = count_running(session, actor, call)
    moves = list_round_moves(session, actor, call.id)
    began = next((m.at for m in moves if m.to_phase == SCORING), running.first_assigned_at)
    values = settings_of(round_) if typed.settings is None else typed.settings
    return render_template(
        "secretariat/reviews.html",
        call=call,
        round=round_,
        phases=PHASES,
        means=MEANS,
        path=path_of(round_),
        moves_now=moves_of(round_, running),
        running=running,
        pace=list_checkpoints(
            session, actor, call.id, running.total.target, began, round_.scoring_due_at, now
        ),
        figures=_figures(running),
        rubrics=list_rubric_uses(session, actor, call.id),
        links=links_of(call),
        history=moves,
        move_names=MOVE_NAMES,
        dates=[(words, TypedMoment.sent(name, values)) for name, words in _DATES.items()],
        months=MONTH_OPTIONS,
        values=values,
        names_for=[(n.value, t(words.th, words.en), "") for n, words in NAMES_FOR.items()],
        typed=typed,
        longest=LONGEST_REASON,
        problems=problems,
        errors=by_place(problems),
        now=now,
    )


def settings_of(round_: RoundFacts) -> dict[str, str]:
    """The settings as they would be typed."""
    values = {
        "version": str(round_.version),
        "load_limit": "" if round_.load_limit is None else str(round_.load_limit),
        "least_bodies": str(round_.least_bodies),
        "names_for": round_.names_for.value,
    }
    for name in _DATES:
        moment = getattr(round_, name)
        if moment is not None:
            shown = TypedMoment.of(name, moment)
            for part in ("day", "month", "year", "time"):
                values[f"{name}-{part}"] = getattr(shown, part)
    return values


def _figures(running: Running) -> list[tuple[str, str, str]]:
    total = running.total
    return [
        (t("ข้อเสนอที่ผ่านการกลั่นกรอง", "Proposals past screening"), count(running.proposals), ""),
        (t("คะแนนครบแล้ว", "With all reviews in"), count(running.complete), t("เรื่อง", "")),
        (t("คะแนนที่ส่งแล้ว/ต้องมี", "Reviews in/needed"), f"{count(total.done)}/{count(total.target)}", ""),
        (t("มีผลการหารือ", "Discussed"), count(running.discussed), t("เรื่อง", "")),
    ]


_LINKS: tuple[tuple[str, Text, Text], ...] = (
    (
        "secretariat.assignments",
        Text("การมอบหมาย", "Assignments"),
        Text(
            "สถานะของทุกการมอบหมาย เปิดให้แก้คะแนน ยกเลิก เตือน",
            "The state of every assignment; reopen, take back, remind",
        ),
    ),
    (
        "secretariat.panels",
        Text("คณะผู้พิจารณา", "Panels"),
        Text(
            "ผู้พิจารณาของแต่ละหน่วยงานหรือช่วง และความเชี่ยวชาญ",
            "Reviewers by body or stage, and what they know best",
        ),
    ),
    (
        "secretariat.assignment_plans",
        Text("แผนการมอบหมาย", "Assignment plans"),
        Text("ให้ระบบเสนอการมอบหมาย แล้วปรับด้วยมือ", "Have assignments proposed, and adjust them by hand"),
    ),
    (
        "secretariat.assignments_file",
        Text("มอบหมายจากแฟ้ม", "Assign from a file"),
        Text("แฟ้ม CSV ตรวจก่อนทำจริง", "A CSV file, tried out before anything changes"),
    ),
    (
        "secretariat.conflicts",
        Text("ผลประโยชน์ทับซ้อน", "Conflicts of interest"),
        Text("เหตุที่ต้องวินิจฉัย และที่แจ้งไว้", "Interests to be judged, and those declared"),
    ),
    (
        "secretariat.calibration",
        Text("การปรับเทียบคะแนน", "Calibration"),
        Text("คะแนนดิบและคะแนนที่ปรับตามความเข้มของผู้พิจารณา", "Raw scores beside calibrated ones"),
    ),
    (
        "secretariat.discussions",
        Text("คิวหารือ", "Discussions"),
        Text("ข้อเสนอที่คะแนนต่างกันมากมาก่อน", "Proposals whose scores differ most come first"),
    ),
    (
        "secretariat.rubric",
        Text("เกณฑ์ให้คะแนน", "Rubric"),
        Text("ฉบับที่ใช้อยู่ และการเปลี่ยนฉบับระหว่างรอบ", "The version in use, and going over to another"),
    ),
    (
        "secretariat.review_scores",
        Text("คะแนนรายเกณฑ์ (CSV)", "Scores by criterion (CSV)"),
        Text(
            "หนึ่งบรรทัดต่อข้อเสนอ ผู้พิจารณา และเกณฑ์ ชุดเดียวกับในสมุดงานของคณะกรรมการ",
            "A row for each proposal, reviewer and criterion, as in the committee's workbook",
        ),
    ),
    (
        "secretariat.score_history",
        Text("ประวัติคะแนน (CSV)", "History of the scores (CSV)"),
        Text("การส่งผลและการเปิดให้แก้ทุกครั้ง พร้อมเหตุผล", "Every hand-in and reopening, with reasons"),
    ),
)


def links_of(call: CallView) -> list[tuple[str, Text, Text]]:
    """The pages of the round: address, name, what is done there."""
    return [
        (url_for(endpoint, fiscal_year=call.fiscal_year), name, help_) for endpoint, name, help_ in _LINKS
    ]
