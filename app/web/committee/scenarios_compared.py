"""Two to four scenarios side by side, and the same as a file."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from flask import redirect, render_template, request, url_for
from markupsafe import escape
from werkzeug.wrappers import Response

from app.calls.queries import CallView, get_call
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.lean import dataclass
from app.kernel.money import format_million
from app.kernel.text import Text
from app.portfolio.facts import Entry, Terms
from app.portfolio.quarters import QUARTER_NAMES, RULE
from app.portfolio.queries import CallEntries
from app.portfolio.queries.evidence import filed_quarters
from app.portfolio.queries.scenarios import ScenarioView, list_scenarios
from app.portfolio.reasons import NameOf, names_in, why_in_short
from app.portfolio.side_by_side import (
    MOST_COMPARED,
    ComparedRow,
    Quarters,
    Totals,
    compared_rows,
    totals_by,
    totals_by_quarter,
)
from app.web.committee.desk import blueprint
from app.web.committee.scenarios_words import PLAIN, PLAIN_ID, Laid, Row, lay, terms_in_words, unmet_in_words
from app.web.door import needs
from app.web.downloads import send_download
from app.web.language import language, say, t
from app.web.signing import current_actor
from app.web.tags import stage_tag
from reports.csvs import write_csv
from reports.document import Column, Table


@dataclass(frozen=True, slots=True)
class Chosen:
    """One list to compare; `view` is None for the list by rank alone."""

    id: int
    name: str
    view: ScenarioView | None
    laid: Laid


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was asked for, as far as it can be laid out."""

    call: CallView
    offered: tuple[tuple[int, str], ...]
    chosen: tuple[Chosen, ...]
    rows: tuple[ComparedRow, ...]
    name_of: NameOf

    @property
    def allocated(self) -> tuple[Chosen, ...]:
        return tuple(c for c in self.chosen if c.laid.allocation)


def _wanted() -> list[int]:
    """The scenarios of the address, each once, in its order; as many as stand beside each other."""
    typed = [text for text in request.args.getlist("with") if text.isascii() and text.isdigit()]
    return list(dict.fromkeys(int(text) for text in typed if len(text) <= 10))[:MOST_COMPARED]


def _read(fiscal_year: int) -> Comparison:
    session = db.session()
    call = get_call(session, fiscal_year)
    views = {view.id: view for view in list_scenarios(session, current_actor(), call)}
    entries = CallEntries(session, call)
    chosen = []
    for one in _wanted():
        if one == PLAIN_ID:
            chosen.append(Chosen(one, say(PLAIN), None, lay(entries, Terms(call.ceiling))))
        elif one in views:
            chosen.append(Chosen(one, views[one].name, views[one], lay(entries, views[one].terms)))
    allocations = [c.laid.allocation for c in chosen if c.laid.allocation]
    rows = compared_rows(allocations) if len(allocations) > 1 else []
    return Comparison(
        call,
        (*((view.id, view.name) for view in views.values()), (PLAIN_ID, say(PLAIN))),
        tuple(chosen),
        tuple(rows),
        names_in(call.plan, entries.entries),
    )


@blueprint.get("/calls/<int:fiscal_year>/scenarios/compare")
@needs(Permission.READ_PORTFOLIO)
def compare_scenarios(fiscal_year: int) -> str:
    """Where they differ first, then the totals, then where they agree."""
    found = _read(fiscal_year)
    call = found.call
    differing = [row for row in found.rows if row.differs]
    same = [row for row in found.rows if not row.differs]
    quarters = filed_quarters(db.session(), call.id) if found.rows else {}
    return render_template(
        "committee/scenarios_compared.html",
        call=call,
        found=found,
        offered=[(str(one), name, "") for one, name in found.offered],
        picked=[str(one) for one in _wanted()],
        terms=_terms(found),
        unmet=[unmet_in_words(c.laid.unmet, found.name_of) for c in found.allocated],
        differing=_rows(differing, call, found.name_of, with_reasons=True),
        differ=len(differing),
        same=_rows(same, call, found.name_of, with_reasons=False),
        agree=len(same),
        totals=_totals(found, quarters),
        rule=RULE,
        most=MOST_COMPARED,
    )


@blueprint.get("/calls/<int:fiscal_year>/scenarios/compare.csv")
@needs(Permission.READ_PORTFOLIO)
def compared_scenarios_table(fiscal_year: int) -> Response:
    """Every project with what each list grants it and why. With fewer than two lists it is the page to choose them on."""
    found = _read(fiscal_year)
    if not found.rows:
        return redirect(url_for("committee.compare_scenarios", fiscal_year=fiscal_year))
    code = language()
    columns = [
        Column("differs", t("ต่างกัน", "Differs")),
        Column("number", t("เลขที่", "Number")),
        Column("title", t("โครงการ", "Project")),
        Column("agency", t("หน่วยงาน", "Agency")),
        Column("ministry", t("กระทรวง", "Ministry")),
        Column("stage", t("ช่วง", "Stage")),
        Column("guideline", t("แนวทาง", "Guideline")),
        Column("requested", t("ขอ", "Requested"), "money", unit=t("บาท", "baht")),
    ]
    for at, one in enumerate(found.allocated):
        columns += [
            Column(f"granted_{at}", f"{one.name}: {t('จัดสรร', 'granted')}", "money", unit=t("บาท", "baht")),
            Column(f"why_{at}", f"{one.name}: {t('เหตุผล', 'why')}"),
        ]
    body = []
    for row in found.rows:
        entry = row.entry
        cells: list[object] = [
            t("ต่าง", "yes") if row.differs else "",
            entry.number,
            *(text.say(code) or text.th for text in (entry.title, entry.agency, entry.ministry)),
            found.call.plan.name("stages", entry.stage).say(code),
            entry.guideline,
            entry.requested,
        ]
        for line in row.lines:
            cells += [line.granted, why_in_short(line, code, found.name_of)]
        body.append(tuple(cells))
    target = io.BytesIO()
    write_csv(Table("compared", t("เทียบฉากทัศน์", "Scenarios compared"), tuple(columns), tuple(body)), target)
    name = t("เทียบฉากทัศน์", "scenarios-compared")
    return send_download(
        target.getvalue(), f"{name}-{fiscal_year}.csv", f"scenarios-compared-{fiscal_year}", "text/csv"
    )


def _rows(
    rows: Sequence[ComparedRow], call: CallView, name_of: NameOf, *, with_reasons: bool
) -> Iterator[Row]:
    """Each project as safe HTML strings, its cells one for each list."""
    code = language()
    stages = {c.code: stage_tag(c.code, c.name) for c in call.plan.stages}
    for row in rows:
        entry = row.entry
        cells = []
        for line in row.lines:
            amount = format_million(line.granted) if line.granted else "–"
            # the tie with the line above says nothing of the difference between lists
            said = why_in_short(replace(line, tie=None), code, name_of) if with_reasons else ""
            reason = escape(said)
            cells.append((amount, reason))
        yield (
            entry.proposal_id,
            row.lines[0].rank or "–",
            entry.number,
            escape(entry.title.say(code) or entry.title.th),
            escape(entry.agency.say(code) or entry.agency.th),
            stages.get(entry.stage, ""),
            format_million(entry.requested),
            cells,
        )


def _terms(found: Comparison) -> list[tuple[str, list[list[str]]]]:
    """(label, lines of each list) of everything the terms of any of them say."""
    told = [dict(terms_in_words(c.laid.terms, found.call, found.name_of)) for c in found.allocated]
    labels = dict.fromkeys(label for one in told for label in one)
    return [(label, [one.get(label, []) for one in told]) for label in labels]


Section = tuple[str, str, list[tuple[str, Totals]]]


def _totals(found: Comparison, quarters: Quarters) -> list[Section]:
    """(title, head, [(name, totals)]) for stages, guidelines, ministries and quarters."""
    if not found.rows:
        return []
    plan, rows = found.call.plan, found.rows
    ministries = {row.entry.ministry_code: row.entry.ministry for row in rows}
    guidelines = {c.code: Text(f"{c.code} {c.name.th}", f"{c.code} {c.name.en}") for c in plan.guidelines}

    def group(
        key: Callable[[Entry], str], names: Callable[[str], Text], codes: Sequence[str]
    ) -> list[tuple[str, Totals]]:
        return [(say(names(total.code)) or total.code, total) for total in totals_by(rows, key, codes)]

    stages = group(lambda e: e.stage, lambda code: plan.name("stages", code), [c.code for c in plan.stages])
    by_guideline = group(
        lambda e: e.guideline, lambda code: guidelines.get(code, Text(code, code)), list(guidelines)
    )
    by_ministry = group(
        lambda e: e.ministry_code, ministries.__getitem__, sorted(ministries, key=lambda c: ministries[c].th)
    )
    by_quarter = [
        (say(name), total)
        for name, total in zip(QUARTER_NAMES, totals_by_quarter(rows, quarters), strict=True)
    ]
    return [
        (t("ตามช่วง", "By stage"), t("ช่วง", "Stage"), stages),
        (t("ตามไตรมาส", "By quarter"), t("ไตรมาส", "Quarter"), by_quarter),
        (t("ตามแนวทาง", "By guideline"), t("แนวทาง", "Guideline"), by_guideline),
        (t("ตามกระทรวง", "By ministry"), t("กระทรวง", "Ministry"), by_ministry),
    ]
