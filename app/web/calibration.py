"""The page of calibrated scores beside raw ones, and its files; the secretariat and the committee read the same."""

from __future__ import annotations

import io
from collections.abc import Sequence

from flask import render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.calls.queries import get_call
from app.figures.pen import Pen
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.reviews.queries.calibration import (
    AgreementRow,
    CalibratedRow,
    CalibrationView,
    SeverityRow,
    read_calibration,
)
from app.web.downloads import send_download
from app.web.language import language, t
from app.web.signing import current_actor
from reports.csvs import write_csv
from reports.document import Column, Table
from reports.intervals import Interval, IntervalPicture, intervals_svg

MOST_DRAWN = 24  # lines of a picture; the table holds all of them
MOST_MOVED = 12
ORDERS: dict[str, Text] = {
    "": Text("ตามคะแนนปรับเทียบ", "By calibrated score"),
    "raw": Text("ตามคะแนนเฉลี่ย", "By raw mean"),
    "moved": Text("เลื่อนลำดับมากก่อน", "Moved most first"),
}


@dataclass(frozen=True, slots=True)
class Places:
    """Where the page leads to on one desk: endpoints."""

    page: str
    table: str
    home: str
    proposal: str


def ordered(rows: Sequence[CalibratedRow], order: str) -> list[CalibratedRow]:
    """The rows as asked for; they come by calibrated rank."""
    if order == "raw":
        return sorted(rows, key=lambda r: (r.figures.raw_rank, r.figures.rank, r.proposal.number))
    if order == "moved":
        return sorted(rows, key=lambda r: (-abs(r.figures.moved), r.figures.rank, r.proposal.number))
    return list(rows)


def show_calibration(fiscal_year: int, places: Places) -> str:
    """The page of a call."""
    session = db.session()
    call = get_call(session, fiscal_year)
    view = read_calibration(session, current_actor(), call)
    from app.reviews.agreement import GRADE_NAMES  # imported late: numpy, scipy, which were needed to read

    asked = request.args.get("order", "")
    order = asked if asked in ORDERS else ""
    moved = [r for r in ordered(view.rows, "moved") if r.figures.moved][:MOST_MOVED]
    return render_template(
        "reviews/calibration.html",
        call=call,
        places=places,
        view=view,
        rows=ordered(view.rows, order),
        order=order,
        orders=ORDERS,
        grades=GRADE_NAMES,
        drawn_reviewers=drawn(view.reviewers),
        severity_picture=_severity_picture(drawn(view.reviewers)),
        moved=moved,
        moved_picture=_moved_picture(moved),
        base=url_for(places.proposal, proposal_id=0)[:-1],
    )


def drawn(reviewers: Sequence[SeverityRow]) -> list[SeverityRow]:
    """Those of whom a picture can still be read: where there are many, the strictest and the most lenient."""
    if len(reviewers) <= MOST_DRAWN:
        return list(reviewers)
    half = MOST_DRAWN // 2
    return [*reviewers[:half], *reviewers[-half:]]


def _severity_picture(reviewers: Sequence[SeverityRow]) -> Markup:
    said = language()
    picture = IntervalPicture(
        title=t("ระดับการให้คะแนนของผู้พิจารณา", "Reviewers' severity"),
        question=t(
            "ใครให้คะแนนเข้มหรือผ่อนกว่าคนอื่น", "Who scores more strictly or more leniently than the others?"
        ),
        rows=tuple(
            Interval(r.name.say(said), r.figures.low, r.figures.severity, r.figures.high) for r in reviewers
        ),
        value_name=t(
            "สูงหรือต่ำกว่าผู้พิจารณาโดยเฉลี่ย (ช่วง 95 %)", "Above or below the mean reviewer (95 % interval)"
        ),
        line=0,
        line_name=t("เท่าค่าเฉลี่ย", "The mean"),
    )
    return Markup(intervals_svg(picture, Pen(said).language))  # noqa: S704 (our own drawing)


def _moved_picture(moved: Sequence[CalibratedRow]) -> Markup:
    said = language()
    picture = IntervalPicture(
        title=t("ข้อเสนอที่ลำดับเลื่อนมากที่สุด", "Proposals that move most"),
        question=t("ข้อเสนอใดเลื่อนลำดับมากที่สุดเมื่อปรับเทียบ", "Which proposals does calibration move most?"),
        rows=tuple(
            Interval(
                f"{r.proposal.number} ({r.figures.raw_rank} → {r.figures.rank})",
                r.figures.low,
                r.figures.calibrated,
                r.figures.high,
                r.figures.raw,
            )
            for r in moved
        ),
        value_name=t("คะแนนปรับเทียบ (ช่วง 95 %)", "Calibrated (95 % interval)"),
        before_name=t("คะแนนเฉลี่ย", "Raw mean"),
    )
    return Markup(intervals_svg(picture, Pen(said).language))  # noqa: S704 (our own drawing)


def send_table(fiscal_year: int, name: str) -> Response:
    """One of the page's tables as CSV: proposals, reviewers or agreement. Raises `NotFound` for another name."""
    session = db.session()
    call = get_call(session, fiscal_year)
    if name not in _TABLES:
        raise NotFound()
    view = read_calibration(session, current_actor(), call)
    target = io.BytesIO()
    write_csv(_TABLES[name](view), target)
    titles = {
        "proposals": t("คะแนนปรับเทียบ", "calibrated-scores"),
        "reviewers": t("ระดับการให้คะแนน", "reviewer-severity"),
        "agreement": t("ความสอดคล้องของผู้พิจารณา", "reviewer-agreement"),
    }
    return send_download(
        target.getvalue(),
        f"{titles[name]}-{fiscal_year}.csv",
        f"calibration-{name}-{fiscal_year}",
        "text/csv",
    )


def _proposal_table(view: CalibrationView) -> Table:
    said = language()
    return Table(
        "proposals",
        t("คะแนนปรับเทียบ", "Calibrated scores"),
        (
            Column("number", t("เลขที่", "Number")),
            Column("title", t("โครงการ", "Project")),
            Column("agency", t("หน่วยงาน", "Agency")),
            Column("reviews", t("ผลพิจารณา", "Reviews"), "int"),
            Column("raw", t("คะแนนเฉลี่ย", "Raw mean"), "score"),
            Column("raw_rank", t("ลำดับตามคะแนนเฉลี่ย", "Rank by raw mean"), "int"),
            Column("calibrated", t("คะแนนปรับเทียบ", "Calibrated"), "score"),
            Column("low", t("ช่วง 95 % ต่ำสุด", "95 % interval, low"), "score"),
            Column("high", t("ช่วง 95 % สูงสุด", "95 % interval, high"), "score"),
            Column("rank", t("ลำดับตามคะแนนปรับเทียบ", "Rank by calibrated"), "int"),
            Column("difference", t("ต่าง", "Difference"), "score"),
        ),
        tuple(
            (
                r.proposal.number,
                r.proposal.title.say(said) or r.proposal.title.th,
                r.proposal.agency.say(said) or r.proposal.agency.th,
                r.figures.count,
                r.figures.raw,
                r.figures.raw_rank,
                r.figures.calibrated,
                r.figures.low,
                r.figures.high,
                r.figures.rank,
                r.figures.difference,
            )
            for r in view.rows
        ),
    )


def _reviewer_table(view: CalibrationView) -> Table:
    said = language()
    return Table(
        "reviewers",
        t("ระดับการให้คะแนนของผู้พิจารณา", "Reviewers' severity"),
        (
            Column("reviewer", t("ผู้พิจารณา", "Reviewer")),
            Column("body", t("หน่วยงานร่วมพิจารณา", "Body")),
            Column("reviews", t("ผลพิจารณา", "Reviews"), "int"),
            Column("severity", t("สูงหรือต่ำกว่าค่าเฉลี่ย", "Above or below the mean"), "score"),
            Column("low", t("ช่วง 95 % ต่ำสุด", "95 % interval, low"), "score"),
            Column("high", t("ช่วง 95 % สูงสุด", "95 % interval, high"), "score"),
        ),
        tuple(
            (
                r.name.say(said),
                r.body.say(said) if r.body else "",
                r.figures.count,
                r.figures.severity,
                r.figures.low,
                r.figures.high,
            )
            for r in view.reviewers
        ),
    )


def _agreement_table(view: CalibrationView) -> Table:
    def row(r: AgreementRow) -> tuple[object, ...]:
        a = r.agreement
        figures = (a.single * 10, a.mean * 10, a.reviews, a.severity * 10, a.noise * 10) if a else (None,) * 5
        return (r.name.say(language()), r.weight, *figures)

    return Table(
        "agreement",
        t("ความสอดคล้องของผู้พิจารณา", "Agreement of reviewers"),
        (
            Column("criterion", t("เกณฑ์", "Criterion")),
            Column("weight", t("น้ำหนัก (ร้อยละ)", "Weight (percent)"), "int"),
            Column("single", t("ICC(A,1) (ร้อยละ)", "ICC(A,1) (percent)"), "percent"),
            Column("mean", t("ICC(A,k) (ร้อยละ)", "ICC(A,k) (percent)"), "percent"),
            Column("k", "k", "int"),
            Column("severity", t("ส่วนของความเข้ม (ร้อยละ)", "Share of severity (percent)"), "percent"),
            Column("noise", t("ส่วนของความคลาดเคลื่อน (ร้อยละ)", "Share of noise (percent)"), "percent"),
        ),
        tuple(row(r) for r in view.agreement),
    )


_TABLES = {"proposals": _proposal_table, "reviewers": _reviewer_table, "agreement": _agreement_table}
