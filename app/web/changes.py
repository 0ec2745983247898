"""What changed between two filings of a proposal, for everybody who may read them; with the questions that were asked
in between and what was answered.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request, url_for

from app.calls.queries import CallView, get_call_by_id
from app.identity.rules import Permission, may
from app.kernel.clock import format_moment
from app.kernel.db import db
from app.kernel.lean import dataclass
from app.kernel.text import Text
from app.proposals.comparing import Comparison, compare_facts
from app.proposals.drafts import SECTIONS
from app.proposals.facts import AgencyRef, ProposalFacts
from app.proposals.queries import (
    FiledVersion,
    Filing,
    agency_directory,
    get_filing,
    list_returns_of_filing,
    list_versions,
    read_version,
)
from app.reviews.queries import find_own_assignment, reviewers_of
from app.web.door import needs
from app.web.forms import read_id
from app.web.signing import current_actor
from app.web.tags import Options

blueprint = Blueprint("changes", __name__, url_prefix="/filings")

_DRAFT_NAME = Text("ร่างที่กำลังแก้ไข (ยังไม่ได้ยื่น)", "The draft as it stands (not filed)")


@dataclass(frozen=True, slots=True)
class Way:
    """The way back from a page to the proposal on the reader's own desk: menu line, and parents as (address, name)."""

    place: str
    parents: tuple[tuple[str, Text], ...]


@blueprint.get("/<int:proposal_id>/changes")
@needs(Permission.READ_FILING)
def show(proposal_id: int) -> str:
    """Two filings compared: `since` and `until` in the address, else the last one with the one before it."""
    session, actor = db.session(), current_actor()
    assigned = reviewers_of(session, proposal_id)
    filing = get_filing(session, actor, proposal_id, assigned_to=assigned)
    call, directory = get_call_by_id(session, filing.call_id), agency_directory(session)
    return changes_page(filing, call, directory, _way(filing))


def changes_page(
    filing: Filing,
    call: CallView,
    directory: Mapping[str, AgencyRef],
    way: Way,
    draft: ProposalFacts | None = None,
) -> str:
    """The page. With `draft`, what the agency has changed and not filed can be compared too."""
    session = db.session()
    versions = list_versions(session, filing.proposal_id)
    since, until = _chosen(len(versions), has_draft=draft is not None)
    is_draft = until > len(versions)
    comparison: Comparison | None = None
    if since < until:
        after = draft if draft is not None and is_draft else read_version(session, filing, until)
        comparison = compare_facts(read_version(session, filing, since), after, call.plan, directory)
    return render_template(
        "filing/changes_page.html",
        call=call,
        filing_=filing,
        way=way,
        versions=versions,
        since=since,
        until=until,
        is_draft=is_draft,
        options=_options(versions, has_draft=draft is not None),
        comparison=comparison,
        returns=[
            r for r in list_returns_of_filing(session, current_actor(), filing) if since <= r.sequence < until
        ],
        sections=SECTIONS,
    )


def _chosen(newest: int, *, has_draft: bool) -> tuple[int, int]:
    """The two versions asked for, as far as they exist; the draft is the one after the newest filing."""
    last = newest + 1 if has_draft else newest
    until = min(read_id(request.args.get("until")) or last, last)
    until = max(until, min(2, last))
    since = read_id(request.args.get("since")) or until - 1
    return max(1, min(since, until - 1)), until


def _options(versions: list[FiledVersion], *, has_draft: bool) -> Options:
    """The versions to choose from."""
    named = [(str(v.sequence), _named(v)) for v in versions]
    return Options([*named, (str(len(versions) + 1), _DRAFT_NAME)] if has_draft else named)


def _named(version: FiledVersion) -> Text:
    at = Text(format_moment(version.submitted_at, "th"), format_moment(version.submitted_at, "en"))
    return Text("ฉบับที่ {n} ยื่น {at}", "Filing {n}, {at}").fill(n=version.sequence, at=at)


def _way(filing: Filing) -> Way:
    """Back to the filing: to the committee's page, the secretariat's, or one's own review."""
    actor, number = current_actor(), Text(filing.number, filing.number)
    if may(actor, Permission.RECORD_DECISION):
        here = url_for("committee.proposal", proposal_id=filing.proposal_id)
        return Way("committee.home", ((url_for("committee.home"), Text("รอบคำขอ", "Calls")), (here, number)))
    if may(actor, Permission.READ_REVIEWS):
        here = url_for("secretariat.proposal", proposal_id=filing.proposal_id)
        return Way(
            "secretariat.calls", ((url_for("secretariat.calls"), Text("รอบคำขอ", "Calls")), (here, number))
        )
    home = url_for("reviewer.home"), Text("งานพิจารณาของฉัน", "My reviews")
    assignment_id = find_own_assignment(db.session(), actor, filing.proposal_id)
    here = url_for("reviewer.review", assignment_id=assignment_id)
    return Way("reviewer.home", (home, (here, number)))
