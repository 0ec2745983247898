"""My agencies' proposals as papers: all of a call that were chosen, printed out of sight, or one of them at once."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from app.calls.queries import CallView, list_calls
from app.figures.actions import MOST_FILINGS, order_paper
from app.figures.choosing import words_of
from app.figures.facts import MEDIA_TYPES, FilingChoice, PaperFormat, PaperKind
from app.figures.press import print_document
from app.figures.queries import list_chosen, one_filing
from app.identity.rules import Permission
from app.kernel.db import db
from app.kernel.errors import Refused
from app.kernel.findings import Problem
from app.kernel.text import Text
from app.kernel.work import open_work
from app.proposals.queries import own_kinds
from app.proposals.queries.own import FILED
from app.web.agency.board import blueprint
from app.web.agency.finding import Offered, Wanted, offered_of, read_wanted
from app.web.arrival import arrived
from app.web.door import needs
from app.web.language import language, say, t
from app.web.papers import own_papers, paper_words, send_paper
from app.web.signing import current_actor

Page = str | Response | tuple[str, int]

_CHOOSE_YEAR = Text("กรุณาเลือกปีงบประมาณ", "Choose the fiscal year")


@blueprint.get("/papers")
@needs(Permission.READ_PROPOSAL)
def papers() -> str:
    """Choose what to print, and my papers with how far each is."""
    return _page(request.args)


@blueprint.post("/papers")
@needs(Permission.READ_PROPOSAL)
def order_papers() -> Page:
    """Order the proposals that were chosen as one paper."""
    wanted = _read(request.form, _offered()[0])
    if wanted.year is None:
        return _page(request.form, [Problem("year", _CHOOSE_YEAR)]), 422
    try:
        with open_work(current_actor(), arrived()) as work:
            order_paper(
                work,
                wanted.year,
                PaperKind.OWN_FILINGS,
                request.form.get("format", ""),
                request.form.get("language", ""),
                _choice(wanted),
            )
    except Refused as refusal:
        return _page(request.form, refusal.problems or [Problem("format", refusal.text)]), 422
    flash(t("สั่งพิมพ์แล้ว เอกสารจะรออยู่ในรายการด้านล่าง", "Ordered. The paper will wait in the list below."))
    return redirect(url_for("agency.papers", **wanted.address()), 303)


@blueprint.get("/papers/<int:paper_id>")
@needs(Permission.READ_PROPOSAL)
def printed_paper(paper_id: int) -> Response:
    """A finished paper of mine, as a download."""
    return send_paper(paper_id, {PaperKind.OWN_FILINGS})


@blueprint.get("/proposals/<int:proposal_id>/paper.<any(pdf, xlsx):paper_format>")
@needs(Permission.READ_PROPOSAL)
def proposal_paper(proposal_id: int, paper_format: str) -> Response:
    """One proposal as its page shows it, as a PDF or a workbook."""
    from app.figures.filing_book import filing_document  # loads the printing house

    actor = current_actor()
    book = one_filing(db.session(), actor, proposal_id)
    db.session.rollback()  # setting the pages takes a while and needs no database
    document = filing_document(
        book, PaperFormat(paper_format), language(), made_at=arrived(), made_by=say(actor.name)
    )
    return send_file(
        io.BytesIO(print_document(document, PaperFormat(paper_format))),
        mimetype=MEDIA_TYPES[PaperFormat(paper_format)],
        as_attachment=True,
        download_name=f"{book.papers[0].facts.number}.{paper_format}",
    )


def _choice(wanted: Wanted) -> FilingChoice:
    return FilingChoice(text=wanted.text, state=wanted.state, stage=wanted.stage, side=wanted.side)


def _offered() -> tuple[Offered, Mapping[int, CallView]]:
    """What the filters offer, and the calls by fiscal year."""
    kinds = own_kinds(db.session(), current_actor())
    calls = {call.fiscal_year: call for call in list_calls(db.session())}
    return offered_of(kinds, calls[kinds.years[0]].plan if kinds.years else None), calls


def _read(args: Mapping[str, str], offered: Offered) -> Wanted:
    """What is chosen; the newest year, and what was filed, until something else is."""
    newest = next(iter(offered.years), "")
    return read_wanted({"year": newest, "state": FILED, **args}, offered)


def _page(args: Mapping[str, str], problems: Sequence[Problem] = ()) -> str:
    session, actor = db.session(), current_actor()
    mine = own_papers(PaperKind.OWN_FILINGS)
    offered, calls = _offered()
    wanted, chosen = _read(args, offered), 0
    if wanted.year is not None:
        chosen = len(list_chosen(session, actor, wanted.year, _choice(wanted)))
    return render_template(
        "agency/papers.html",
        wanted=wanted,
        options=offered.options(wanted),
        any_own=bool(offered.years),
        chosen=chosen,
        most=MOST_FILINGS,
        held={p.id: " · ".join(say(w) for w in words_of(p.choice, calls[p.fiscal_year].plan)) for p in mine},
        problems=problems,
        **paper_words(mine, PaperKind.OWN_FILINGS),
    )
