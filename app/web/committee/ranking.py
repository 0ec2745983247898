"""The ranked list of a call: every line with its reason, the cut line, and the sums by stage, guideline and ministry.

A thousand lines are shown on one page, so each line is written once as plain strings and the template only lays
them out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from flask import current_app, render_template, request, url_for
from markupsafe import Markup, escape

from app.calls.queries import CallView, get_call
from app.decisions.facts import VERDICT_NAMES, Verdict
from app.figures.facts import BASIS_NAMES, Basis, BookLine
from app.figures.pen import Pen
from app.figures.queries import RankingPage, ranking_page
from app.figures.ranking_charts import stage_chart
from app.figures.rules import departures
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.lean import dataclass
from app.kernel.money import format_million
from app.kernel.text import Text
from app.kernel.thai_text import search_key
from app.portfolio.certainty import BAND_NAMES, Band, Chance, percent_in_words
from app.portfolio.facts import Standing
from app.portfolio.queries import adopted_scenario
from app.portfolio.queries.certainty import read_certainty
from app.portfolio.reasons import STANDING_NAMES, names_in, why
from app.portfolio.rules import TIE_RULES
from app.web.committee.desk import blueprint
from app.web.door import needs
from app.web.language import language, rounding, score, t
from app.web.secretariat.proposals import wanted_text
from app.web.signing import current_actor
from app.web.tags import Options, stage_tag, state_tag, tag
from reports.charts import chart_svg

UNDECIDED = "none"
BAND_KINDS = {Band.CLEAR_IN: "good", Band.GREY: "warn", Band.CLEAR_OUT: "bad"}
KINDS = {Standing.IN: "good", Standing.OUT: "bad", Standing.UNSCORED: "wait", Standing.RECORDED: "sent"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; "" means everything."""

    text: str
    stage: str
    guideline: str
    ministry: str
    standing: str
    verdict: str

    @property
    def is_everything(self) -> bool:
        return not any((self.text, self.stage, self.guideline, self.ministry, self.standing, self.verdict))

    def keeps(self, b: BookLine) -> bool:
        """Whether a line is asked for."""
        entry = b.line.entry
        return (
            (not self.stage or entry.stage == self.stage)
            and (not self.guideline or entry.guideline == self.guideline)
            and (not self.ministry or entry.ministry_code == self.ministry)
            and (not self.standing or b.line.standing == self.standing)
            and (not self.verdict or (b.verdict or UNDECIDED) == self.verdict)
            and (not self.text or self._is_found(b))
        )

    def _is_found(self, b: BookLine) -> bool:
        entry = b.line.entry
        text = f"{entry.number} {entry.title.th} {entry.title.en} {entry.agency.th} {entry.agency.en}"
        key = search_key(text)
        return all(word in key for word in search_key(self.text).split())


def read_wanted(
    call: CallView, page: RankingPage, args: Mapping[str, str]
) -> tuple[Wanted, dict[str, dict[str, Text]]]:
    """The filters of the address, unknown values let go, and what each filter offers."""
    offered = {
        "stage": {c.code: c.name for c in call.plan.stages},
        "guideline": {
            c.code: Text(f"{c.code} {c.name.th}", f"{c.code} {c.name.en}") for c in call.plan.guidelines
        },
        "ministry": {g.code: g.name for g in page.ministries},
        "standing": {s.value: name for s, name in STANDING_NAMES.items()},
        "verdict": {UNDECIDED: Text("ยังไม่มีมติ", "Not decided")}
        | {v.value: name for v, name in VERDICT_NAMES.items()},
    }
    chosen = {key: value if (value := args.get(key, "")) in names else "" for key, names in offered.items()}
    return Wanted(text=wanted_text(args.get("q", "")), **chosen), offered


Row = tuple[object, ...]


def rows_of(
    lines: Sequence[BookLine],
    call: CallView,
    chances: Mapping[int, Chance] = MappingProxyType({}),
    draws: int = 0,
) -> Iterator[Row]:
    """Each line as safe HTML strings, in the order of the template's columns. What people typed is escaped here,
    once per line, and names of agencies once per name. `draws` is out of how many the chances are."""
    code = language()
    english = code == "en"
    stages = {c.code: stage_tag(c.code, c.name) for c in call.plan.stages}
    guidelines = {c.code: escape(c.code) for c in call.plan.guidelines}
    standings = {s: tag(KINDS[s], name) for s, name in STANDING_NAMES.items()}
    verdicts = {v.value: state_tag(v.value) for v in Verdict}
    names: dict[int, str] = {}

    def said(text: Text) -> str:
        kept = names.get(id(text))
        if kept is None:
            kept = names[id(text)] = str(escape(text.en or text.th if english else text.th))
        return kept

    name_of = names_in(call.plan, (b.line.entry for b in lines))
    bands = {band: tag(kind, BAND_NAMES[band]) for band, kind in BAND_KINDS.items()}
    inside = t("โอกาส %s", "%s chance")
    calibrated = t("ปรับเทียบ %s", "calibrated %s")

    def told(chance: Chance | None) -> tuple[str, str]:
        """The band with its probability, and the calibrated rank."""
        if chance is None:
            return "", ""
        percent = escape(
            percent_in_words(chance.times_in, draws)
        )  # "> 99.8 %", as the page of certainty has it
        return f"{bands[chance.band]} {inside % percent}", calibrated % chance.calibrated_rank

    for b in lines:
        line, entry = b.line, b.line.entry
        yield (
            entry.proposal_id,
            line.rank or "–",
            entry.number,
            str(escape(entry.title.en or entry.title.th if english else entry.title.th)),
            said(entry.agency),
            said(entry.ministry),
            stages.get(entry.stage, ""),
            guidelines.get(entry.guideline, ""),
            score(line.mean),
            score(line.spread),
            entry.panel.count,
            format_million(entry.requested),
            "–" if b.cumulative is None else format_million(b.cumulative),
            standings[line.standing],
            *told(chances.get(entry.proposal_id)),
            why(line, code, name_of),
            verdicts[b.verdict] if b.verdict else "",
            format_million(b.approved) if b.approved else "",
            "; ".join(d.say(code) for d in departures(b)) if b.verdict else "",
        )


def links_of(fiscal_year: int) -> list[tuple[str, str]]:
    """The committee's other pages of a call: (address, name)."""
    pages = (
        ("committee.certainty", t("ความแน่นอน", "Certainty")),
        ("committee.sensitivity", t("ความอ่อนไหว", "Sensitivity")),
        ("committee.scenarios", t("ฉากทัศน์", "Scenarios")),
        ("committee.optimum", t("ผลที่ดีที่สุดที่เป็นไปได้", "What-if optimum")),
        ("committee.meetings", t("การประชุมและมติ", "Meetings and decisions")),
        ("committee.charts", t("แผนภูมิ", "Charts")),
        ("committee.calibration", t("คะแนนปรับเทียบ", "Calibrated scores")),
    )
    return [
        (url_for(endpoint, fiscal_year=fiscal_year), name)
        for endpoint, name in pages
        if endpoint in current_app.view_functions
    ]


def cut_after(lines: Iterable[BookLine]) -> int:
    """How many of the lines stand above the cut: before the first that does not fit. 0 when all fit, or none."""
    for position, b in enumerate(lines):
        if b.line.standing is Standing.OUT:
            return position
    return 0


@blueprint.get("/calls/<int:fiscal_year>/ranking")
@needs(Permission.READ_PORTFOLIO)
def ranking(fiscal_year: int) -> str:
    """The ranked list."""
    session = db.session()
    call = get_call(session, fiscal_year)
    page = ranking_page(session, current_actor(), call)
    wanted, offered = read_wanted(call, page, request.args)
    lines = page.lines if wanted.is_everything else [b for b in page.lines if wanted.keeps(b)]
    pen = Pen(language())
    chart = stage_chart(page, pen)
    # nothing recorded is scored, so nothing can be said of chances
    certainty = (
        None
        if page.basis is Basis.RECORDED
        else read_certainty(session, current_actor(), call, page.allocation)
    )
    return render_template(
        "committee/ranking.html",
        call=call,
        page=page,
        rows=rows_of(
            lines,
            call,
            certainty.chances if certainty else MappingProxyType({}),
            certainty.certainty.draws if certainty and certainty.certainty else 0,
        ),
        certainty=certainty,
        band_counts=[
            (tag(kind, BAND_NAMES[band]), certainty.certainty.count(band))
            for band, kind in BAND_KINDS.items()
            if certainty and certainty.certainty
        ],
        shows=links_of(fiscal_year),
        scenario=None if page.basis is Basis.RECORDED else adopted_scenario(session, call.id)[1],
        by_hand=len(page.allocation.terms.adjustments),
        number=len(lines),
        cut=cut_after(lines),
        requested=sum(b.line.entry.requested for b in lines),
        approved=sum(b.approved for b in lines),
        off=[rounding(b.line.entry.requested for b in lines), rounding(b.approved for b in lines)],
        figures=_figures(page),
        is_recorded=page.basis is Basis.RECORDED,
        chart=chart,
        picture=Markup(chart_svg(chart, False, pen.language)),  # noqa: S704 (our own drawing)
        summaries=(
            (t("แนวทาง", "Guideline"), t("ตามแนวทาง", "By guideline"), page.guidelines),
            (t("กระทรวง", "Ministry"), t("ตามกระทรวง", "By ministry"), page.ministries),
        ),
        wanted=wanted,
        options={key: Options(names.items()).html(getattr(wanted, key)) for key, names in offered.items()},
        tie_rules=TIE_RULES,
    )


def _figures(page: RankingPage) -> list[tuple[str, str, str]]:
    head, million = page.headline, t("(ล้านบาท)", "(million baht)")
    basis = BASIS_NAMES[head.basis].say(language())
    figures = [
        (f"{basis[0].upper()}{basis[1:]} {million}", format_million(head.total), ""),
        (t("โครงการ", "Projects"), f"{head.projects:,}", ""),
        (t("หน่วยงาน", "Agencies"), f"{head.agencies:,}", ""),
    ]
    if head.basis is Basis.RECORDED:
        return [*figures, (t("กระทรวง", "Ministries"), f"{head.ministries:,}", "")]
    left = page.call.ceiling - head.total
    return [
        *figures,
        (f"{t('กรอบวงเงิน', 'Ceiling')} {million}", format_million(page.call.ceiling), ""),
        (f"{t('กรอบที่เหลือ', 'Left of the ceiling')} {million}", format_million(left), ""),
    ]
