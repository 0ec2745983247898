"""What-if: the best that could be had under the same terms, beside the list line by line."""

from __future__ import annotations

import io
from collections.abc import Iterator
from urllib.parse import urlencode

from flask import render_template, request, url_for
from markupsafe import escape
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.money import format_baht, format_million
from app.kernel.text import Text
from app.portfolio.facts import Allocation, Dimension
from app.portfolio.optimum.comparing import (
    CHANGE_NAMES,
    Change,
    Comparison,
    Margin,
    average_score,
    compare,
    margin_of,
    percent_of,
    sums_by,
    value_text,
)
from app.portfolio.optimum.facts import AIM_MEANINGS, AIM_NAMES, AIM_UNITS, STEPS, Aim, Optimum
from app.portfolio.queries.optimum import EXACT_UP_TO, OptimumView, read_optimum
from app.portfolio.reasons import NameOf, names_in, why
from app.web.committee.desk import blueprint
from app.web.committee.scenarios_words import PLAIN, PLAIN_ID, unmet_in_words
from app.web.door import needs
from app.web.downloads import send_download
from app.web.forms import read_id
from app.web.language import language, score, t
from app.web.signing import current_actor
from app.web.tags import Options, tag
from reports.csvs import write_csv
from reports.document import Column, Table

CHANGE_KINDS = {Change.ENTERS: "good", Change.LEAVES: "bad", Change.MORE: "sent", Change.LESS: "warn"}
Row = tuple[object, ...]


def _asked_aim() -> Aim:
    asked = request.args.get("aim", "")
    return Aim(asked) if asked in set(Aim) else Aim.PRODUCT


def _read(call: CallView, *, with_ceilings: bool) -> OptimumView:
    asked = request.args.get("scenario", "")
    return read_optimum(
        db.session(),
        current_actor(),
        call,
        scenario_id=PLAIN_ID if asked == str(PLAIN_ID) else read_id(asked),
        aim=_asked_aim(),
        is_full=request.args.get("proof") == "full",
        with_ceilings=with_ceilings,
    )


@blueprint.get("/calls/<int:fiscal_year>/optimum")
@needs(Permission.READ_PORTFOLIO)
def optimum(fiscal_year: int) -> str:
    """The page of a call."""
    call = get_call(db.session(), fiscal_year)
    view = _read(call, with_ceilings=request.args.get("ceilings") == "11")
    aim, found = _asked_aim(), view.optimum
    said = language()
    allocation = view.allocation
    compared = compare(allocation, found) if allocation and found else None
    name_of = names_in(call.plan, (line.entry for line in allocation.lines)) if allocation else None
    shows_all = request.args.get("lines") == "all"
    scenarios = [(PLAIN_ID, PLAIN.say(said)), *((v.id, v.name) for v in view.scenarios)]
    chosen = view.chosen.id if view.chosen else PLAIN_ID

    def address(asked: Aim = aim, page: str = "optimum", **more: str) -> str:
        query = urlencode({"aim": asked.value, "scenario": chosen, **more})
        return f"{url_for(f'committee.{page}', fiscal_year=fiscal_year)}?{query}"

    return render_template(
        "committee/optimum.html",
        call=call,
        view=view,
        found=found,
        compared=compared,
        proof=_proof(found) if found else None,
        aims=[(a.value, AIM_NAMES[a].say(said), AIM_MEANINGS[a].say(said)) for a in Aim],
        aim=aim,
        aim_name=AIM_NAMES[aim],
        unit=AIM_UNITS[aim],
        options=Options((str(n), Text(name, name)) for n, name in scenarios).html(str(chosen)),
        figures=_figures(compared, found) if compared and found else [],
        both=list(_both(allocation, found, compared)) if allocation and found and compared else [],
        stages=list(_stages(call, allocation, found)) if allocation and found else [],
        rows=list(_rows(compared, name_of, shows_all)) if compared and name_of else [],
        shows_all=shows_all,
        counts=[(CHANGE_NAMES[c], compared.count(c)) for c in Change] if compared else [],
        unmet=unmet_in_words(found.unmet, name_of) if found and name_of else [],
        walk_unmet=unmet_in_words(allocation.unmet, name_of) if allocation and name_of else [],
        steps=list(_steps(view)),
        exact_up_to=EXACT_UP_TO,
        here_url=address(),
        all_url=address(lines="all"),
        full_url=address(proof="full"),
        ceilings_url=address(ceilings="11"),
        csv_url=address(page="optimum_table"),
        contrast_urls=[(AIM_NAMES[a], address(a)) for a in Aim if a is not aim],
    )


def _percent(hundredths: int, *, signed: bool = False) -> str:
    sign = "−" if hundredths < 0 else "+" if signed and hundredths else ""
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d} %"


def _gap(margin: Margin) -> str:
    """In ten-thousandths of a percent, rounded up."""
    return f"{margin.millionths // 10**4}.{margin.millionths % 10**4:04d} %"


def _in_units(found: Optimum, margin: Margin) -> str:
    """The margin in the units of the aim, and where they are points times baht, in baht."""
    if found.aim is Aim.PROJECTS:
        return t(
            f"{margin.value:,} โครงการ", f"{margin.value:,} {'project' if margin.value == 1 else 'projects'}"
        )
    if found.aim is Aim.SCORES:
        points = score(margin.value)
        return t(f"{points} คะแนน", f"{points} points")
    points, in_english = f"{margin.points_baht:,}", "point" if margin.points_baht == 1 else "points"
    if margin.satang is None:
        return t(f"{points} คะแนน × บาท", f"{points} {in_english} × baht")
    baht, mean = format_baht(margin.satang), score(average_score(found.value, found.granted))
    return t(
        f"{points} คะแนน × บาท เท่ากับเงิน {baht} บาทที่คะแนนเฉลี่ย {mean}",
        f"{points} {in_english} × baht: what {baht} baht are worth at the average score of {mean}",
    )


def _proof(found: Optimum) -> tuple[str, str]:
    """How good the answer is known to be: kind of note, and words."""
    margin = margin_of(found)
    if margin is None:
        return "warn", t(
            "หมดเวลาก่อนจะทราบว่าดีได้ถึงเท่าใด จึงยังเรียกว่าดีที่สุดไม่ได้",
            "Time ran out before it was known how good any choice could be, so this is not called the best.",
        )
    gap, units = _gap(margin), _in_units(found, margin)
    if found.is_proven and not margin.value:
        return "good", t(
            "พิสูจน์ถึงหน่วยสุดท้ายแล้วว่าไม่มีทางเลือกอื่นใดได้ค่ามากกว่านี้ตามเงื่อนไขเดียวกัน",
            "Proven to the last unit: under these terms no other choice is worth more.",
        )
    if found.is_proven:
        return "good", t(
            f"พิสูจน์แล้วว่าไม่มีทางเลือกอื่นใดได้ค่ามากกว่านี้ตามเงื่อนไขเดียวกัน เกินหนึ่งในพันล้านส่วน ({units})",
            f"Proven: under these terms no other choice is worth more by over one part in a thousand million ({units}).",
        )
    if found.is_near:
        return "info", t(
            f"พิสูจน์แล้วว่าไม่มีทางเลือกใดได้ค่ามากกว่านี้เกิน {gap} ({units}) การค้นขั้นแรกหยุดเมื่อเหลือไม่เกินหนึ่งในหมื่นส่วน "
            "แต่ยังไม่ได้พิสูจน์ว่าดีที่สุด",
            f"Proven that no choice is worth more than this by over {gap} ({units}). A first search ends where that is one "
            "part in ten thousand or less; this is not proven to be the very best.",
        )
    return "warn", t(
        f"หมดเวลาก่อนพิสูจน์เสร็จ ทางเลือกอื่นอาจได้ค่ามากกว่านี้ได้ถึง {gap} ({units}) จึงยังเรียกว่าดีที่สุดไม่ได้",
        f"Time ran out before the proof: some choice may be worth up to {gap} more ({units}), so this is not called the "
        "best.",
    )


def _figures(compared: Comparison, found: Optimum) -> list[tuple[str, str, str]]:
    gain = percent_of(compared.gain, compared.walk_value)
    return [
        (t("ค่าที่เพิ่มจากบัญชี", "More than the list"), _percent(gain, signed=True), ""),
        (t("เข้า (โครงการ)", "Projects that enter"), f"{compared.count(Change.ENTERS):,}", ""),
        (t("ออก (โครงการ)", "Projects that leave"), f"{compared.count(Change.LEAVES):,}", ""),
        (t("เหลือไม่ได้ใช้", "Left unspent"), format_million(found.left), t("ล้านบาท", "million baht")),
    ]


def _both(allocation: Allocation, found: Optimum, compared: Comparison) -> Iterator[tuple[str, str, str]]:
    """Rows of the table beside each other: what, by the list, by the what-if."""
    aim = found.aim
    yield (
        f"{AIM_NAMES[aim].say(language())} ({AIM_UNITS[aim].say(language())})",
        value_text(aim, compared.walk_value),
        value_text(aim, found.value),
    )
    bound = "–" if found.bound is None else value_text(aim, found.bound, up=True)
    yield t("ค่าสูงสุดที่เป็นไปได้ไม่เกิน", "No choice can exceed"), "", bound
    yield (
        t("โครงการ", "Projects"),
        f"{sum(x.granted > 0 for x in allocation.lines):,}",
        f"{len(found.taken):,}",
    )
    yield (
        t("จัดสรร (ล้านบาท)", "Granted (million baht)"),
        format_million(allocation.granted),
        format_million(found.granted),
    )
    yield (
        t("เหลือ (ล้านบาท)", "Left (million baht)"),
        format_million(allocation.left),
        format_million(found.left),
    )
    if aim is Aim.PRODUCT:
        yield (
            t("คะแนนเฉลี่ยของหนึ่งบาทที่จัดสรร", "Score of the average baht granted"),
            score(average_score(compared.walk_value, allocation.granted)),
            score(average_score(found.value, found.granted)),
        )


def _stages(call: CallView, allocation: Allocation, found: Optimum) -> Iterator[tuple[str, ...]]:
    names = {c.code: c.name for c in call.plan.stages}
    for sums in sums_by(allocation, found.taken, Dimension.STAGE, list(names)):
        yield (
            names[sums.code].say(language()),
            f"{sums.projects:,}",
            f"{sums.projects_now:,}",
            format_million(sums.granted),
            format_million(sums.granted_now),
        )


def _rows(compared: Comparison, name_of: NameOf, shows_all: bool) -> Iterator[Row]:
    """Each line as safe HTML strings, in the order of the template's columns."""
    code = language()
    tags = {change: tag(CHANGE_KINDS[change], name) for change, name in CHANGE_NAMES.items()}
    base = url_for("committee.proposal", proposal_id=0)[:-1]
    for c in compared.lines if shows_all else compared.differing:
        line, entry = c.line, c.line.entry
        yield (
            line.rank,
            f"{base}{entry.proposal_id}",
            escape(entry.title.en or entry.title.th if code == "en" else entry.title.th),
            f"{entry.number} · {escape(entry.agency.say(code) or entry.agency.th)}",
            score(line.mean if entry.calibrated is None else entry.calibrated),
            format_million(entry.requested),
            format_million(line.granted) if line.granted else "–",
            format_million(c.now) if c.now else "–",
            tags[c.change] if c.change else "",
            escape(why(line, code, name_of)),
        )


def _steps(view: OptimumView) -> Iterator[Row]:
    for percent, (allocation, found) in zip(STEPS, view.steps, strict=False):
        compared, margin = compare(allocation, found), margin_of(found)
        yield (
            f"{'−' if percent < 100 else '+' if percent > 100 else ''}{abs(percent - 100)} %",
            format_million(found.terms.ceiling),
            value_text(found.aim, compared.walk_value),
            value_text(found.aim, found.value),
            _percent(percent_of(compared.gain, compared.walk_value), signed=True),
            f"{sum(x.granted > 0 for x in allocation.lines):,} → {len(found.taken):,}",
            f"{format_million(allocation.left)} → {format_million(found.left)}",
            t("ดีที่สุด", "best") if found.is_proven else f"≤ {_gap(margin)}" if margin else "–",
        )


@blueprint.get("/calls/<int:fiscal_year>/optimum.csv")
@needs(Permission.READ_PORTFOLIO)
def optimum_table(fiscal_year: int) -> Response:
    """Every ranked line by the list and by the what-if; no line where there is no what-if."""
    call = get_call(db.session(), fiscal_year)
    view = _read(call, with_ceilings=False)
    said = language()
    found = view.optimum
    lines = compare(view.allocation, found).lines if view.allocation and found else ()
    name_of = names_in(call.plan, (c.line.entry for c in lines))
    baht = t("บาท", "baht")
    table = Table(
        "optimum",
        t("เทียบกับทางเลือกที่ดีที่สุด", "Beside the best choice"),
        (
            Column("rank", t("ลำดับ", "Rank"), "int"),
            Column("number", t("เลขที่", "Number")),
            Column("title", t("โครงการ", "Project")),
            Column("agency", t("หน่วยงาน", "Agency")),
            Column("score", t("คะแนน", "Score"), "score"),
            Column("requested", t("ขอ", "Requested"), "money", unit=baht),
            Column("granted", t("ได้ตามบัญชี", "Granted by the list"), "money", unit=baht),
            Column("now", t("ได้ตามทางเลือก", "Granted by the what-if"), "money", unit=baht),
            Column("change", t("เปลี่ยน", "Change")),
            Column("why", t("เหตุผลตามบัญชี", "Why on the list")),
        ),
        tuple(
            (
                c.line.rank,
                c.line.entry.number,
                c.line.entry.title.say(said) or c.line.entry.title.th,
                c.line.entry.agency.say(said) or c.line.entry.agency.th,
                c.line.mean if c.line.entry.calibrated is None else c.line.entry.calibrated,
                c.line.entry.requested,
                c.line.granted,
                c.now,
                CHANGE_NAMES[c.change].say(said) if c.change else "",
                why(c.line, said, name_of),
            )
            for c in lines
        ),
    )
    target = io.BytesIO()
    write_csv(table, target)
    aim = _asked_aim().value
    name = t(f"เทียบทางเลือก-{aim}-{fiscal_year}.csv", f"what-if-{aim}-{fiscal_year}.csv")
    return send_download(target.getvalue(), name, f"what-if-{aim}-{fiscal_year}", "text/csv")
