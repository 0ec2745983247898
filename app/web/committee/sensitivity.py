"""What if: the list under other weights, other ceilings, and without each reviewer."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence

from flask import render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from app.calls.queries import get_call
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.money import format_million
from app.kernel.text import Text
from app.portfolio.certainty import percent_in_words, sampling_error
from app.portfolio.facts import Line
from app.portfolio.queries.sensitivity import ReviewerRow, SensitivityView, read_sensitivity
from app.portfolio.reasons import STANDING_NAMES
from app.portfolio.sensitivity import CEILINGS, NEARBY, CeilingStep, Change, WeightShare, WeightShares
from app.web.committee.certainty import bar
from app.web.committee.desk import blueprint
from app.web.committee.ranking import KINDS
from app.web.committee.scenario_asked import read_asked_scenario
from app.web.committee.sensitivity_tables import TABLES, signed_percent
from app.web.door import needs
from app.web.downloads import send_download
from app.web.language import language, t
from app.web.signing import current_actor
from app.web.tags import tag
from reports.csvs import write_csv

MOST_NAMED = 12  # numbers in one cell; the file holds all of them
Row = tuple[object, ...]


@blueprint.get("/calls/<int:fiscal_year>/sensitivity")
@needs(Permission.READ_PORTFOLIO)
def sensitivity(fiscal_year: int) -> str:
    """The page of a call, in four parts."""
    session = db.session()
    call = get_call(session, fiscal_year)
    scenario = read_asked_scenario(session, current_actor(), call)
    view = read_sensitivity(session, current_actor(), call, scenario.terms)
    tried = view.tried
    shows_all = request.args.get("weights") == "all"
    base = url_for("committee.proposal", proposal_id=0)[:-1]
    links = {number: f"{base}{entry.proposal_id}" for number, entry in view.entries.items()}
    pairs = _pairs(view, tried.shares) if tried.shares else []
    samples = tried.shares.samples if tried.shares else 0
    shown = [pair for pair in pairs if shows_all or 0 < pair[1].times_nearby < samples]
    return render_template(
        "committee/sensitivity.html",
        call=call,
        scenario=scenario,
        view=view,
        tried=tried,
        weights=[(view.criteria.get(code, Text(code, code)), w) for code, w in tried.weights.items()],
        nearby=NEARBY,
        shares=tried.shares,
        error=sampling_error(500, samples) if samples else 0,
        core=tried.shares.core if tried.shares else 0,
        outside=tried.shares.outside if tried.shares else 0,
        scored=len(pairs),
        share_rows=_share_rows(shown, tried.shares, base) if tried.shares else (),
        shown=len(shown),
        shows_all=shows_all,
        swaps=list(_swap_rows(view, links)),
        swap_pairs=tried.swaps.pairs if tried.swaps else 0,
        never=tried.swaps.never if tried.swaps else 0,
        steps=[_step_row(step, links) for step in tried.ceilings.steps],
        percents=[signed_percent(percent) for percent in CEILINGS],
        ceiling_rows=list(_ceiling_rows(view, base)),
        odd=sum(row.is_odd for row in tried.ceilings.rows),
        reviewers=[_reviewer_row(row, links) for row in view.reviewers],
    )


def _pairs(view: SensitivityView, shares: WeightShares) -> list[tuple[Line, WeightShare]]:
    found = {share.proposal_id: share for share in shares.shares}
    return [
        (line, found[line.entry.proposal_id])
        for line in view.allocation.lines
        if line.entry.proposal_id in found
    ]


def _share_rows(pairs: Sequence[tuple[Line, WeightShare]], shares: WeightShares, base: str) -> Iterator[Row]:
    """Each line as safe HTML strings, in the order of the template's columns."""
    english = language() == "en"
    standings = {s: tag(KINDS[s], name) for s, name in STANDING_NAMES.items()}
    for line, share in pairs:
        entry = line.entry
        yield (
            line.rank,
            f"{base}{entry.proposal_id}",
            escape(entry.title.en or entry.title.th if english else entry.title.th),
            entry.number,
            standings[line.standing],
            bar(shares.per_mille(share.times_everywhere)),
            percent_in_words(share.times_everywhere, shares.samples),
            bar(shares.per_mille(share.times_nearby)),
            percent_in_words(share.times_nearby, shares.samples),
            share.best,
            share.middle,
            share.worst,
            share.near_best,
            share.near_worst,
        )


def _numbers(numbers: Sequence[str], links: Mapping[str, str]) -> Markup:
    """Numbers as links; where they are many, the first of them and how many more."""
    if not numbers:
        return Markup("–")
    named = Markup(", ").join(
        Markup('<a href="{}">{}</a>').format(links[number], number) for number in numbers[:MOST_NAMED]
    )
    more = len(numbers) - MOST_NAMED
    return named + escape(t(f" และอีก {more:,}", f" and {more:,} more")) if more > 0 else named


def _swap_rows(view: SensitivityView, links: Mapping[str, str]) -> Iterator[Row]:
    said = language()
    names = {code: view.criteria.get(code, Text(code, code)).say(said) for code in view.tried.weights}
    for swap in view.tried.swaps.swaps if view.tried.swaps else ():
        moves = []
        for move in swap.moves:
            amount, giver, taker = _points(move.amount), names[move.giver], names[move.taker]
            moves.append(t(f"{amount} จาก “{giver}” ไป “{taker}”", f"{amount} from “{giver}” to “{taker}”"))
        yield (
            _points(swap.moved),
            _numbers((swap.lower,), links),
            _numbers((swap.upper,), links),
            moves,
            _numbers(swap.enters, links),
            _numbers(swap.leaves, links),
        )


def _points(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _step_row(step: CeilingStep, links: Mapping[str, str]) -> Row:
    change = step.change
    return (
        signed_percent(step.percent),
        format_million(step.ceiling),
        step.count,
        format_million(step.granted),
        _numbers(change.enters, links),
        _numbers(change.leaves, links),
        _numbers(change.amounts, links),
        step.percent == 0,
    )


def _reviewer_row(row: ReviewerRow, links: Mapping[str, str]) -> Row:
    change = row.figures.change or Change((), ())
    lists = (change.enters, change.leaves, change.amounts, row.figures.unscored)
    return (row, *(_numbers(numbers, links) for numbers in lists))


def _ceiling_rows(view: SensitivityView, base: str) -> Iterator[Row]:
    entries = view.entries
    english = language() == "en"
    for row in view.tried.ceilings.rows:
        entry = entries[row.number]
        title = entry.title.en or entry.title.th if english else entry.title.th
        marks = [(granted > 0, 0 < granted < max(row.granted)) for granted in row.granted]
        yield (f"{base}{entry.proposal_id}", title, row.number, marks, row.is_odd)


@blueprint.get("/calls/<int:fiscal_year>/sensitivity/<string:name>.csv")
@needs(Permission.READ_PORTFOLIO)
def sensitivity_table(fiscal_year: int, name: str) -> Response:
    """One of the page's tables for a spreadsheet: weights, swaps, ceilings, at-ceilings or reviewers. Raises `NotFound`
    for another name."""
    session = db.session()
    call = get_call(session, fiscal_year)
    if name not in TABLES:
        raise NotFound()
    scenario = read_asked_scenario(session, current_actor(), call)
    table = TABLES[name](read_sensitivity(session, current_actor(), call, scenario.terms))
    target = io.BytesIO()
    write_csv(table, target)
    return send_download(
        target.getvalue(), f"{table.title}-{fiscal_year}.csv", f"sensitivity-{name}-{fiscal_year}", "text/csv"
    )
