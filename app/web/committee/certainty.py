"""How sure the list is: chances of being inside the ceiling, expected ranks, and the three bands."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from flask import render_template, request, url_for
from markupsafe import Markup, escape
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call
from app.figures.pen import Pen
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.text import Text
from app.portfolio.certainty import (
    BAND_NAMES,
    CLEAR_IN,
    CLEAR_OUT,
    Band,
    Certainty,
    Chance,
    percent_in_words,
    sampling_error,
)
from app.portfolio.facts import Basis, Line
from app.portfolio.queries.certainty import CertaintyView, read_certainty, read_certainty_under
from app.portfolio.reasons import STANDING_NAMES
from app.web.committee.desk import blueprint
from app.web.committee.ranking import BAND_KINDS, KINDS
from app.web.committee.scenario_asked import AskedScenario, read_asked_scenario
from app.web.door import needs
from app.web.downloads import send_download
from app.web.language import language, score, t
from app.web.signing import current_actor
from app.web.tags import tag
from reports.csvs import write_csv
from reports.document import Column, Table
from reports.intervals import Interval, IntervalPicture, intervals_svg

MOST_DRAWN = 24  # lines of a picture; the table holds all of them
ORDERS: dict[str, Text] = {
    "": Text("ตามบัญชีจัดลำดับ", "As on the ranked list"),
    "chance": Text("ตามโอกาสจากมากไปน้อย", "By chance, highest first"),
}
Row = tuple[object, ...]
Pairs = Sequence[tuple[Line, Chance]]


@blueprint.get("/calls/<int:fiscal_year>/certainty")
@needs(Permission.READ_PORTFOLIO)
def certainty(fiscal_year: int) -> str:
    """The page of a call."""
    session = db.session()
    call = get_call(session, fiscal_year)
    scenario, view = _read(session, call)
    wanted = request.args.get("band", "")
    band = wanted if wanted in BAND_NAMES else ""
    order = "chance" if request.args.get("order") == "chance" else ""
    pairs = pairs_of(view)
    drawn = _nearest(pairs)
    shown = [pair for pair in pairs if not band or pair[1].band == band]
    if order == "chance":
        shown.sort(key=lambda pair: (-pair[1].times_in, pair[1].expected_rank))
    return render_template(
        "committee/certainty.html",
        call=call,
        scenario=scenario,
        view=view,
        found=view.certainty,
        is_calibrated=view.allocation.terms.basis is Basis.CALIBRATED,
        unscored=len(view.allocation.lines) - len(view.lines),
        rows=_rows(shown, view.certainty) if view.certainty else (),
        number=len(shown),
        band=band,
        bands={b.value: name for b, name in BAND_NAMES.items()},
        counts={b.value: view.certainty.count(b) for b in Band} if view.certainty else {},
        order=order,
        orders=ORDERS,
        limits=(CLEAR_IN // 10, CLEAR_OUT // 10),
        errors=[sampling_error(p, view.certainty.draws) for p in (500, CLEAR_IN)] if view.certainty else (),
        drawn=drawn,
        picture=_picture(drawn, view.inside) if drawn else "",
        base=url_for("committee.proposal", proposal_id=0)[:-1],
    )


def _read(session: Session, call: CallView) -> tuple[AskedScenario, CertaintyView]:
    actor = current_actor()
    scenario = read_asked_scenario(session, actor, call)
    if scenario.terms is None:
        return scenario, read_certainty(session, actor, call)
    return scenario, read_certainty_under(session, actor, call, scenario.terms)


def pairs_of(view: CertaintyView) -> list[tuple[Line, Chance]]:
    """Each scored line with its chance, by rank; none where chances are refused."""
    chances = view.chances
    return [(n, chances[n.entry.proposal_id]) for n in view.lines if n.entry.proposal_id in chances]


def bar(per_mille: int) -> Markup:
    """A share as a bar; the number stands beside it."""
    return Markup(
        '<svg class="chance" viewBox="0 0 100 10" width="70" height="9" aria-hidden="true">'
        '<rect width="100" height="10" fill="#d5dbe3"/><rect width="{}.{}" height="10" fill="#155e6e"/></svg>'
    ).format(per_mille // 10, per_mille % 10)


def _rows(pairs: Pairs, found: Certainty) -> Iterator[Row]:
    """Each line as safe HTML strings, in the order of the template's columns."""
    english = language() == "en"
    standings = {s: tag(KINDS[s], name) for s, name in STANDING_NAMES.items()}
    bands = {b: tag(BAND_KINDS[b], name) for b, name in BAND_NAMES.items()}
    for line, chance in pairs:
        entry = line.entry
        yield (
            entry.proposal_id,
            escape(entry.title.en or entry.title.th if english else entry.title.th),
            entry.number,
            escape(entry.agency.en or entry.agency.th if english else entry.agency.th),
            standings[line.standing],
            chance.raw_rank,
            chance.calibrated_rank,
            score(chance.expected_rank),
            chance.low,
            chance.high,
            bar(chance.probability),
            escape(percent_in_words(chance.times_in, found.draws)),
            bands[chance.band],
        )


def _nearest(pairs: Pairs) -> list[tuple[Line, Chance]]:
    """The grey ones that are least sure, by expected rank."""
    grey = sorted(
        (pair for pair in pairs if pair[1].band is Band.GREY), key=lambda pair: abs(500 - pair[1].probability)
    )
    return sorted(grey[:MOST_DRAWN], key=lambda pair: pair[1].expected_rank)


def _picture(pairs: Pairs, inside: int) -> Markup:
    said = language()
    picture = IntervalPicture(
        title=t("โครงการที่ก้ำกึ่ง", "Projects in the grey band"),
        question=t("โครงการใดอยู่ใกล้เส้นจนยังบอกไม่ได้", "Which projects lie too near the line to tell?"),
        rows=tuple(
            Interval(
                f"{line.entry.number} ({_whole_percent(chance)} %)",
                chance.low,
                (chance.expected_rank + 50) // 100,
                chance.high,
            )
            for line, chance in pairs
        ),
        value_name=t("ลำดับคาดหมาย (ช่วง 80 %)", "Expected rank (80 % interval)"),
        line=inside,
        line_name=t(f"มี {inside:,} โครงการในกรอบ", f"{inside:,} projects are within the ceiling"),
        value_kind="int",
    )
    return Markup(intervals_svg(picture, Pen(said).language))  # noqa: S704 (our own drawing)


def _whole_percent(chance: Chance) -> int:
    return (chance.probability + 5) // 10


@blueprint.get("/calls/<int:fiscal_year>/certainty.csv")
@needs(Permission.READ_PORTFOLIO)
def certainty_table(fiscal_year: int) -> Response:
    """The table for a spreadsheet: every scored project, by rank."""
    session = db.session()
    call = get_call(session, fiscal_year)
    _, view = _read(session, call)
    target = io.BytesIO()
    write_csv(_table(view), target)
    title = t("ความแน่นอนของบัญชี", "certainty")
    return send_download(
        target.getvalue(), f"{title}-{fiscal_year}.csv", f"certainty-{fiscal_year}", "text/csv"
    )


def _table(view: CertaintyView) -> Table:
    said = language()
    return Table(
        "certainty",
        t("ความแน่นอนของบัญชี", "How sure the list is"),
        (
            Column("rank", t("ลำดับในบัญชี", "Rank on the list"), "int"),
            Column("number", t("เลขที่", "Number")),
            Column("title", t("โครงการ", "Project")),
            Column("agency", t("หน่วยงาน", "Agency")),
            Column("standing", t("ในบัญชี", "On the list")),
            Column("raw_rank", t("ลำดับตามคะแนนเฉลี่ย", "Rank by raw mean"), "int"),
            Column("calibrated_rank", t("ลำดับตามคะแนนปรับเทียบ", "Rank by calibrated score"), "int"),
            Column("expected_rank", t("ลำดับคาดหมาย", "Expected rank"), "score"),
            Column("low", t("ช่วง 80 % ของลำดับ ต่ำสุด", "80 % interval of ranks, low"), "int"),
            Column("high", t("ช่วง 80 % ของลำดับ สูงสุด", "80 % interval of ranks, high"), "int"),
            Column("probability", t("โอกาสอยู่ในกรอบ (ร้อยละ)", "Chance of being within (percent)"), "percent"),
            Column("times_in", t("อยู่ในกรอบกี่ครั้ง", "Draws within"), "int"),
            Column("draws", t("จากการสุ่ม", "Of draws"), "int"),
            Column("seed", t("เลขตั้งต้นการสุ่ม", "Seed"), "text"),
            Column("band", t("กลุ่ม", "Band")),
        ),
        tuple(
            (
                line.rank,
                line.entry.number,
                line.entry.title.say(said) or line.entry.title.th,
                line.entry.agency.say(said) or line.entry.agency.th,
                STANDING_NAMES[line.standing].say(said),
                chance.raw_rank,
                chance.calibrated_rank,
                chance.expected_rank,
                chance.low,
                chance.high,
                chance.probability * 10,
                chance.times_in,
                found.draws,
                str(found.seed),
                BAND_NAMES[chance.band].say(said),
            )
            for line, chance in pairs_of(view)
            if (found := view.certainty) is not None
        ),
    )
