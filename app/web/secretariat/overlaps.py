"""Similar proposals: the pairs of a call, two of them side by side, and the judgement on them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call_by_id, list_calls
from app.identity.queries import list_agencies
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused, Stale
from app.kernel.findings import Problem
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.states import FAILED, PASSED, QUESTIONED, RECORDED, RETURNED, SUBMITTED
from app.screening.actions import screen_proposal
from app.similarity.actions import judge_pair
from app.similarity.facts import VERDICT_NAMES, Verdict
from app.similarity.queries import (
    JUDGED,
    UNJUDGED,
    PairCounts,
    PairFilter,
    PairRow,
    PairView,
    WholeSide,
    count_pairs,
    count_uncompared,
    find_current_pair,
    find_neighbours,
    get_pair,
    list_pairs,
    list_verdicts,
)
from app.similarity.rules import WORKING_THRESHOLD
from app.web.arrival import arrived
from app.web.door import needs
from app.web.downloads import send_download
from app.web.forms import Choice, Form, Paragraphs, read_id
from app.web.language import language, t
from app.web.marking import in_reading_order, mark_sides
from app.web.overlaps import GROUND_NAMES, common_items, list_matches, texts_of
from app.web.secretariat.desk import blueprint
from app.web.secretariat.proposals import wanted_text
from app.web.shell import current_call
from app.web.signing import current_actor
from app.web.tags import Options
from reports.csvs import write_csv
from reports.document import Column, Table

Page = str | Response | tuple[str, int]

PER_PAGE = 50
SCREENABLE = frozenset({SUBMITTED, PASSED, QUESTIONED, FAILED})

_YEAR = Text("ปีงบประมาณ {year}", "Fiscal year {year}")
_VERDICTS = {
    UNJUDGED: Text("ยังไม่มีผู้วินิจฉัย", "Not judged"),
    "all": Text("ทุกคู่ ที่ยังไม่วินิจฉัยขึ้นก่อน", "Every pair, unjudged first"),
    JUDGED: Text("วินิจฉัยแล้ว", "Judged"),
    **{verdict.value: name for verdict, name in VERDICT_NAMES.items()},
}
_ACROSS = {
    "": Text("ปีเดียวกันและข้ามปี", "Same year and across years"),
    "same": Text("ปีงบประมาณเดียวกัน", "The same fiscal year"),
    "other": Text("ข้ามปีงบประมาณ", "Across fiscal years"),
}
_LEAST = {
    "": Text("ทุกคู่ที่ต้องพิจารณา", "All that are worth a look"),
    "500": Text("50%", "50%"),
    "700": Text("70%", "70%"),
    "900": Text("90%", "90%"),
}
_CHOICES = (
    (
        Verdict.DUPLICATE,
        Text(
            "ทำสิ่งเดียวกัน จ่ายครั้งเดียวพอ เรื่องที่ให้หลีกทางจะไม่ผ่านการกลั่นกรอง",
            "They do the same; it need be paid for once. The one that gives way fails screening.",
        ),
    ),
    (
        Verdict.COMPLEMENTARY,
        Text("ต่างคนต่างทำคนละส่วนของเรื่องเดียวกัน", "Each does another part of the same thing."),
    ),
    (
        Verdict.CONTINUING,
        Text("เรื่องหนึ่งเป็นงานต่อเนื่องของอีกเรื่อง", "One carries on the work of the other."),
    ),
    (
        Verdict.UNRELATED,
        Text("เพียงใช้ถ้อยคำคล้ายกัน", "They are only worded alike."),
    ),
)


class JudgeForm(Form):
    """What the two proposals are to each other."""

    verdict = Choice(Text("คำวินิจฉัย", "The verdict"), needed=True, offered=[v.value for v in Verdict])
    reason = Paragraphs(Text("เหตุผล", "The reason"), needed=True, longest=4000)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters of a list, as its address names them."""

    call: CallView | None
    calls: Sequence[CallView]
    verdict: str
    across: str
    least: str
    agency: str
    text: str

    @property
    def wanted(self) -> PairFilter:
        return PairFilter(
            text=self.text,
            verdict="" if self.verdict == "all" else self.verdict,
            across={"same": False, "other": True}.get(self.across),
            least=int(self.least) if self.least else WORKING_THRESHOLD,
            agency=self.agency,
        )

    @property
    def address(self) -> dict[str, Any]:
        """What the address of this list holds."""
        return {
            "call": self.call.fiscal_year if self.call else None,
            "verdict": None if self.verdict == UNJUDGED else self.verdict,
            "across": self.across or None,
            "least": self.least or None,
            "agency": self.agency or None,
            "q": self.text or None,
        }


def _chosen() -> Chosen:
    calls = list_calls(db.session())
    asked = read_id(request.args.get("call"))
    call = next((c for c in calls if c.fiscal_year == asked), None)
    return Chosen(
        call=call or current_call(calls) or (calls[0] if calls else None),
        calls=calls,
        verdict=_one_of(_VERDICTS, "verdict") or UNJUDGED,
        across=_one_of(_ACROSS, "across"),
        least=_one_of(_LEAST, "least"),
        agency=request.args.get("agency", "")[:40],
        text=wanted_text(request.args.get("q", "")),
    )


def _one_of(names: dict[str, Text], key: str) -> str:
    asked = request.args.get(key, "")
    return asked if asked in names else ""


@blueprint.get("/overlaps")
@needs(Permission.READ_OVERLAPS)
def overlaps() -> str:
    """The pairs of a call, the likest first."""
    session, actor, chosen = db.session(), current_actor(), _chosen()
    after = request.args.get("after", "")[:30]
    rows = (
        list_pairs(session, actor, chosen.call.id, chosen.wanted, after=after, limit=PER_PAGE + 1)
        if chosen.call
        else []
    )
    shown = rows[:PER_PAGE]
    return render_template(
        "secretariat/overlaps.html",
        call=chosen.call,
        rows=shown,
        counts=count_pairs(session).get(chosen.call.id, PairCounts()) if chosen.call else PairCounts(),
        uncompared=count_uncompared(session, chosen.call.id) if chosen.call else 0,
        options={
            "call": Options((str(c.fiscal_year), _YEAR.fill(year=c.fiscal_year)) for c in chosen.calls).html(
                chosen.call.fiscal_year if chosen.call else ""
            ),
            "verdict": Options(_VERDICTS.items()).html(chosen.verdict),
            "across": Options(_ACROSS.items()).html(chosen.across),
            "least": Options(_LEAST.items()).html(chosen.least),
            "agency": Options((a.code, a.name) for a in list_agencies(session)).html(chosen.agency),
        },
        chosen=chosen,
        ground_names=GROUND_NAMES,
        started=bool(after),
        following=shown[-1].mark if len(rows) > PER_PAGE else None,
    )


@blueprint.get("/overlaps.csv")
@needs(Permission.READ_OVERLAPS)
def overlaps_csv() -> Response:
    """The whole list as it is filtered, for a spreadsheet."""
    chosen = _chosen()
    rows = (
        list_pairs(db.session(), current_actor(), chosen.call.id, chosen.wanted, limit=None)
        if chosen.call
        else []
    )
    year = chosen.call.fiscal_year if chosen.call else ""
    target = io.BytesIO()
    write_csv(_table(rows), target)
    name = t(f"ข้อเสนอที่คล้ายกัน {year}.csv", f"similar-proposals-{year}.csv")
    return send_download(target.getvalue(), name, f"similar-proposals-{year}", "text/csv")


def _table(rows: Sequence[PairRow]) -> Table:
    columns = [Column("likeness", t("ความคล้าย (ร้อยละ)", "Likeness (percent)"), "percent")]
    for key, side in (("later", t("มาทีหลัง", "later")), ("earlier", t("มาก่อน", "earlier"))):
        columns += [
            Column(f"{key}_number", f"{t('เลขที่', 'Number')} ({side})"),
            Column(f"{key}_title", f"{t('โครงการ', 'Project')} ({side})"),
            Column(f"{key}_agency", f"{t('หน่วยงาน', 'Agency')} ({side})"),
            Column(f"{key}_year", f"{t('ปีงบประมาณ', 'Fiscal year')} ({side})"),
            Column(f"{key}_total", f"{t('วงเงิน (บาท)', 'Amount (baht)')} ({side})", "money"),
        ]
    columns += [
        Column("grounds", t("เพราะ", "Because")),
        Column("verdict", t("คำวินิจฉัย", "Verdict")),
        Column("yields", t("ให้หลีกทาง", "Gives way")),
    ]
    said = language()
    return Table(
        "overlaps",
        t("ข้อเสนอที่คล้ายกัน", "Similar proposals"),
        tuple(columns),
        tuple(
            (
                row.score * 10,
                *(
                    value
                    for s in (row.later, row.earlier)
                    for value in (
                        s.number,
                        s.title.say(said),
                        s.agency.say(said),
                        str(s.fiscal_year),
                        s.total,
                    )
                ),
                ", ".join(GROUND_NAMES[ground].say(said) for ground in row.grounds),
                VERDICT_NAMES[Verdict(row.verdict)].say(said) if row.verdict else "",
                row.yields,
            )
            for row in rows
        ),
    )


@blueprint.get("/overlaps/<int:pair_id>")
@needs(Permission.READ_OVERLAPS)
def overlap(pair_id: int) -> str:
    """Two similar proposals side by side."""
    return _page(get_pair(db.session(), current_actor(), pair_id))


@blueprint.post("/overlaps/<int:pair_id>")
@needs(Permission.JUDGE_OVERLAP)
def judge_overlap(pair_id: int) -> Page:
    """Judge a pair; both proposals are screened again in the same step, where screening has a say."""
    session = db.session()
    pair = get_pair(session, current_actor(), pair_id)
    form = JudgeForm(request.form)
    typed = {name: request.form.get(name, "") for name in ("verdict", "yields", "reason")}
    problems: Sequence[Problem] = form.problems()
    status = 422
    if not problems:
        verdict = Verdict(form.verdict.data)
        seen, yields = read_id(request.form.get("seen")), read_id(typed["yields"])
        try:
            with open_work(current_actor(), arrived()) as work:
                judge_pair(work, pair_id, verdict, form.reason.data, yields, seen=seen)
                for side in sorted(pair.sides, key=lambda s: s.proposal_id):
                    if side.state in SCREENABLE:
                        screen_proposal(work, side.proposal_id)
        except Refused as refusal:
            status = 409 if isinstance(refusal, Stale) else 422
            problems = refusal.problems or (Problem("verdict", refusal.text),)
        else:
            flash(t("บันทึกคำวินิจฉัยแล้ว", "The verdict is recorded"))
            return redirect(url_for("secretariat.overlap", pair_id=pair_id, _anchor="judge"), 303)
    return _page(pair, problems, typed), status


def _page(pair: PairView, problems: Sequence[Problem] = (), typed: dict[str, str] | None = None) -> str:
    session, said = db.session(), language()
    verdicts = list_verdicts(session, pair)
    is_whole = request.args.get("full") == "1"
    previous_id, next_id = find_neighbours(session, pair)
    left, right = texts_of(pair.later.facts), texts_of(pair.earlier.facts)
    comparison = in_reading_order(pair.comparison, left)
    newer_id = None
    if not pair.is_latest:
        newer_id = find_current_pair(session, pair.later.proposal_id, pair.earlier.proposal_id)
    return render_template(
        "secretariat/overlap.html",
        call=get_call_by_id(session, pair.later.call_id),
        pair=pair,
        sides=mark_sides(comparison, left, right, whole=is_whole),
        matches=list_matches(comparison, left),
        items=common_items(pair.comparison, pair.later.facts, pair.earlier.facts),
        verdicts=verdicts,
        standing=verdicts[0] if verdicts else None,
        newer_id=newer_id,
        previous_id=previous_id,
        next_id=next_id,
        is_whole=is_whole,
        choices=[(v.value, VERDICT_NAMES[v].say(said), means.say(said)) for v, means in _CHOICES],
        sides_offered=[
            (
                str(side.proposal_id),
                f"{side.number} {side.facts.title.say(said)}",
                side.facts.lead.name.say(said),
            )
            for side in pair.sides
            if side.state != RECORDED  # what was published can no longer give way
        ],
        outlook=[_outlook(side) for side in pair.sides],
        seen=str(verdicts[0].id) if verdicts else "",
        typed=typed or {"verdict": "", "yields": "", "reason": ""},
        problems=problems,
    )


def _outlook(side: WholeSide) -> Text:
    """What a verdict will do to one of the two."""
    if side.state in SCREENABLE:
        words = Text("{number} จะถูกกลั่นกรองใหม่ทันที", "{number} is screened again at once")
    elif side.state == RECORDED:
        words = Text(
            "{number} บันทึกจากเอกสารปีก่อน จึงไม่มีการกลั่นกรอง",
            "{number} was recorded from documents of the past and is not screened",
        )
    elif side.state == RETURNED:
        words = Text(
            "{number} อยู่ระหว่างหน่วยงานแก้ไข จะกลั่นกรองเมื่อยื่นใหม่",
            "{number} is out for revision and is screened when it is filed again",
        )
    else:
        words = Text(
            "{number} คณะกรรมการมีมติแล้ว จึงไม่กลั่นกรองใหม่",
            "The committee has decided on {number}; it is not screened again",
        )
    return words.fill(number=side.number)
