"""Early warnings beside the naive baseline, and how right they were in the past."""

from __future__ import annotations

from flask import render_template, url_for

from app.calls.queries import get_call
from app.figures.monitoring_words import decimal, percent, tell_evidence, tell_forecast
from app.figures.pen import Pen
from app.identity.rules import Permission
from app.kernel.db import db
from app.monitoring.periods import month_name
from app.monitoring.queries.standing import standing_of
from app.monitoring.queries.track_record import read_track_record
from app.monitoring.returning import REASON_NAMES
from app.monitoring.warning import VERDICT_NAMES, TrackRecord, Verdict
from app.web.arrival import arrived
from app.web.door import needs
from app.web.language import language
from app.web.monitoring.asked import SYNTHETIC, address_of, filter_options, label_of, lead_of, read_choice
from app.web.monitoring.desk import blueprint
from app.web.signing import current_actor

EXAMPLES = 3
KINDS = {Verdict.HIT: "good", Verdict.FALSE_ALARM: "warn", Verdict.MISS: "bad", Verdict.QUIET: "good"}


@blueprint.get("/<int:fiscal_year>/warnings")
@needs(Permission.READ_MONITORING)
def warnings(fiscal_year: int) -> str:
    """The projects expected to miss the year, those not told of, and money that could be returned."""
    session, pen = db.session(), Pen(language())
    call = get_call(session, fiscal_year)
    standing = standing_of(session, current_actor(), fiscal_year, arrived(), read_choice())
    green = standing.monitored.rules.green
    returning = [(p, p.returnable) for p in standing.projects if p.returnable is not None]
    fields = address_of(standing.chosen)
    return render_template(
        "monitoring/warnings.html",
        call=call,
        standing=standing,
        label=label_of(standing),
        lead=lead_of(standing),
        options=filter_options(standing, call),
        fields=fields,
        warned=[
            (p, tell_forecast(p.forecast, green, pen), tell_evidence(p.forecast, green, pen))
            for p in standing.warned
        ],
        sure=sum(p.forecast.is_sure(green) for p in standing.warned),
        shortfall=sum(p.forecast.shortfall for p in standing.warned),
        naive_warned=sum(
            p.forecast.naive is not None and p.forecast.naive * 1000 < p.forecast.case.planned_year * green
            for p in standing.projects
        ),
        refused=[(pen.name(why), projects) for why, projects in standing.refused],
        returning=sorted(returning, key=lambda pair: (-pair[1].amount, pair[0].facts.number)),
        returnable=sum(r.amount for _, r in returning),
        reasons=REASON_NAMES,
        base=url_for("monitoring.project", fiscal_year=fiscal_year, project_id=0)[:-1],
        ending=f"?month={standing.month}",
    )


@blueprint.get("/track-record")
@needs(Permission.READ_MONITORING)
def record() -> str:
    """The warnings made again as of every past month, held against the outcome."""
    found = read_track_record(db.session(), current_actor())
    examples = []
    for verdict in Verdict:
        own = sorted(
            (r for r in found.replays if r.verdict is verdict and r.month == 6),
            key=lambda r: (-r.planned_year, r.fiscal_year, r.project),
        )
        examples += [(r, verdict, month_name(r.fiscal_year, r.month)) for r in own[:EXAMPLES]]
    return render_template(
        "monitoring/record.html",
        found=found,
        whole=_told(found.whole),
        months=[(month_name(2567, m), _told(kept)) for m, kept in found.by_month if kept.cases],
        verdicts=[(verdict, VERDICT_NAMES[verdict], KINDS[verdict]) for verdict in Verdict],
        examples=examples,
        names=VERDICT_NAMES,
        kinds=KINDS,
        synthetic=SYNTHETIC,
    )


def _told(kept: TrackRecord) -> dict[str, object]:
    """A record as a page shows it."""
    return {
        "cases": kept.cases,
        "ours": kept.verdicts,
        "naive": kept.naive_verdicts,
        "within": percent(kept.within, kept.cases),
        "median": kept.median_error,
        "naive_median": kept.naive_median_error,
        "skill": decimal(kept.skill * 100, 0) if kept.skill is not None else "–",
    }
