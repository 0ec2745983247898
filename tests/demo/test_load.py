"""The demo, loaded into both databases: the figures, the states, and something to do for everybody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Flask
from pypdfium2 import PdfDocument
from sqlalchemy import func, select

from app.calls.facts import Phase
from app.calls.queries import CallView, get_call, list_calls
from app.cli.demo.loader import load_demo
from app.cli.demo.people import PASSWORD, PEOPLE
from app.decisions.models import Decision, DecisionBook
from app.identity.actions import password_matches
from app.identity.facts import SYSTEM, Actor
from app.identity.models import Agency
from app.identity.queries import find_user_by_email, get_actor
from app.kernel.audit import AuditEntry, verify
from app.kernel.db import db
from app.kernel.findings import Outcome
from app.linkage.facts import Kind, Rule
from app.linkage.facts import Standing as LinkStanding
from app.linkage.findings import list_findings as findings_of
from app.linkage.measuring import shape_of
from app.linkage.queries import call_graph
from app.portfolio.facts import Standing
from app.portfolio.queries import ranked_list
from app.proposals.models import Attachment, Proposal, ProposalAgency, ProposalMove, Submission
from app.proposals.queries import (
    OwnFilter,
    agency_directory,
    count_by_state,
    draft_facts,
    find_receipt_by_number,
    get_filing,
    list_asked_links,
    list_filing_problems,
    list_filing_signatures,
    list_own,
    list_partner_standings,
    list_pending_of_call,
    list_returns,
    list_returns_of_call,
    read_draft,
)
from app.reviews.models import Assignment
from app.screening.actions import finding_rows
from app.screening.models import ScreeningFinding, ScreeningOverride, ScreeningRun
from app.screening.queries import list_findings, replay_run
from app.similarity.queries import count_uncompared, list_pairs
from app.web.filing import attachment_store
from tests.demo.conftest import LOADED_AT as NOW


def _person(login: str) -> Actor:
    user = find_user_by_email(db.session(), f"{login}@demo.example")
    assert user is not None
    return get_actor(db.session(), user.id)


def _call(year: int) -> CallView:
    return get_call(db.session(), year)


def test_three_calls(demo: Flask) -> None:
    assert [(c.fiscal_year, c.phase(NOW)) for c in list_calls(db.session())] == [
        (2571, Phase.OPEN),
        (2567, Phase.CLOSED),
        (2565, Phase.CLOSED),
    ]


def test_open_window_runs_by_bangkok_midnights(demo: Flask) -> None:
    call = _call(2571)
    assert call.opens_at == datetime(2026, 2, 24, 17, 0, tzinfo=UTC)
    assert call.closes_at == datetime(2026, 3, 6, 17, 0, tzinfo=UTC)


def test_fy2565_is_the_published_lines(demo: Flask) -> None:
    lines = ranked_list(db.session(), SYSTEM, _call(2565))
    assert len(lines) == 34
    assert sum(line.entry.requested for line in lines) == 113_636_190_000
    assert {line.standing for line in lines} == {Standing.RECORDED}


def test_fy2567_agrees_with_the_published_frame(demo: Flask) -> None:
    call = _call(2567)
    agreed = (
        select(func.count(), func.sum(Decision.amount))
        .join(Proposal, Proposal.id == Decision.proposal_id)
        .where(Proposal.call_id == call.id, Decision.superseded_at.is_(None), Decision.amount > 0)
    )
    assert db.session.execute(agreed).one() == (78, 552_391_100_000)
    agencies = (
        select(func.count(ProposalAgency.agency_id.distinct()))
        .join(Proposal, Proposal.id == ProposalAgency.proposal_id)
        .where(
            Proposal.call_id == call.id,
            Proposal.state.in_(["approved", "conditional"]),
            ProposalAgency.amount > 0,
        )
    )
    assert db.session.scalar(agencies) == 51
    states = count_by_state(db.session(), call.id)
    assert sum(states.values()) == 113
    assert states["approved"] + states["conditional"] == 78
    assert states["failed"] == 18
    assert states["deferred"] + states["rejected"] == 17
    assert states.keys() == {"approved", "conditional", "failed", "deferred", "rejected"}


def test_fy2567_allocation_and_decision_agree(demo: Flask) -> None:
    lines = ranked_list(db.session(), SYSTEM, _call(2567))
    inside = {line.entry.number for line in lines if line.standing is Standing.IN}
    granted = {line.entry.number for line in lines if line.entry.state in ("approved", "conditional")}
    assert inside == granted
    assert len(lines) == 95


def test_fy2567_happened_at_its_own_dates(demo: Flask) -> None:
    call = _call(2567)
    own = Proposal.call_id == call.id
    filed = select(func.min(Submission.submitted_at), func.max(Submission.submitted_at)).join(
        Proposal, Proposal.id == Submission.proposal_id
    )
    first, last = db.session.execute(filed.where(own)).one()
    assert call.opens_at <= first < last < call.closes_at
    decided = select(Decision.decided_at).join(Proposal, Proposal.id == Decision.proposal_id).where(own)
    assert {at.date().isoformat() for at in db.session.scalars(decided)} == {"2023-01-26"}
    scored = (
        select(Assignment.submitted_at)
        .join(Proposal, Proposal.id == Assignment.proposal_id)
        .where(own, Assignment.state == "accepted")
    )
    moments = list(db.session.scalars(scored))
    assert len(moments) == 3 * 95
    assert all(at is not None and at.year in (2022, 2023) for at in moments)


def test_fy2567_doubts_were_judged_by_a_person(demo: Flask) -> None:
    judged = (
        select(ScreeningOverride.outcome, func.count())
        .group_by(ScreeningOverride.outcome)
        .order_by(ScreeningOverride.outcome)
    )
    assert [tuple(row) for row in db.session.execute(judged)] == [("fails", 3), ("passes", 12)]


def test_every_run_can_be_replayed_to_the_byte(demo: Flask) -> None:
    session = db.session()
    runs = session.execute(select(ScreeningRun.id, ScreeningRun.outcome)).all()
    assert len(runs) > 113
    columns = (ScreeningFinding.rule, ScreeningFinding.outcome, ScreeningFinding.content)
    for run_id, outcome in runs:
        kept = session.execute(
            select(*columns).where(ScreeningFinding.run_id == run_id).order_by(ScreeningFinding.id)
        )
        replayed = replay_run(session, run_id)
        assert [tuple(row) for row in kept] == [
            (row["rule"], row["outcome"], row["content"]) for row in finding_rows(run_id, replayed.findings)
        ]
        assert replayed.outcome == outcome


def test_every_kind_of_doubt_is_there_to_be_seen(demo: Flask) -> None:
    found = {(f.finding.rule, f.finding.outcome) for f in list_findings(db.session(), _call(2567).id)}
    doubtful = {rule for rule, outcome in found if outcome is Outcome.NEEDS_PERSON}
    assert doubtful >= {
        "form-1",
        "integration",
        "cloud",
        "indicators",
        "commitments",
        "readiness",
        "reference-prices",
        "peer-prices",
    }


def test_open_call_has_every_state(demo: Flask) -> None:
    states = count_by_state(db.session(), _call(2571).id)
    assert states.keys() == {"draft", "passed", "questioned", "failed", "returned"}
    assert all(count >= 2 for state, count in states.items() if state != "returned")


def test_one_proposal_is_out_for_revision_one_came_back_and_one_question_waits(demo: Flask) -> None:
    session, call = db.session(), _call(2571)
    secretariat = _person("secretariat")
    (out,) = list_returns_of_call(session, secretariat, call.id)
    assert (out.asked, out.answered) == (2, 0)
    assert timedelta(days=3) < out.due_at - NOW < timedelta(days=6)
    assert out.proposal_id in {row.id for row in list_own(session, _person("officer")).rows}
    (waiting,) = list_pending_of_call(session, secretariat, call.id)
    assert (waiting.pending, waiting.state) == (1, "passed")
    again = select(ProposalMove.proposal_id).where(ProposalMove.move == "refile")
    came_back = get_filing(session, secretariat, db.session.scalars(again).one())
    assert came_back.state == "passed"
    assert list_returns(session, secretariat, came_back.proposal_id)[0].answered == 2


def test_officers_find_drafts_and_filings(demo: Flask) -> None:
    call = _call(2571)
    for login in ("officer", "officer2"):
        states = {
            row.state for row in list_own(db.session(), _person(login), OwnFilter(call.fiscal_year)).rows
        }
        assert {"draft", "passed"} <= states
    assert {row.fiscal_year for row in list_own(db.session(), _person("officer")).rows} == {2565, 2567, 2571}


def test_a_draft_of_the_first_officer_continues_what_was_granted(demo: Flask) -> None:
    rows = db.session.scalars(select(Proposal).where(Proposal.continues_id.is_not(None))).all()
    (draft,) = rows
    source = db.session.get_one(Proposal, draft.continues_id)
    assert (draft.state, draft.call_id) == ("draft", _call(2571).id)
    assert (source.state, source.call_id) == ("approved", _call(2567).id)
    assert draft.lead_agency_id == source.lead_agency_id in _person("officer").agency_ids


def test_each_named_reviewer_has_work_begun_and_work_waiting(demo: Flask) -> None:
    call = _call(2571)
    for body in ("bb", "nesdc", "opdc", "dga"):
        own = list(
            db.session.scalars(
                select(Assignment)
                .join(Proposal, Proposal.id == Assignment.proposal_id)
                .where(Proposal.call_id == call.id, Assignment.reviewer_id == _person(f"reviewer.{body}").id)
            )
        )
        assert any(a.submitted_at for a in own)
        assert any(a.submitted_at is None for a in own)
    assert db.session.scalar(
        select(func.count())
        .select_from(Assignment)
        .where(Assignment.submitted_at.is_(None), Assignment.updated_at.is_not(None))
    )


def test_secretariat_has_filings_to_assign(demo: Flask) -> None:
    call = _call(2571)
    waiting = select(func.count(Proposal.id)).where(
        Proposal.call_id == call.id,
        Proposal.state == "passed",
        Proposal.id.not_in(select(Assignment.proposal_id)),
    )
    assert (db.session.scalar(waiting) or 0) >= 3


def test_demo_people_can_sign_in_and_the_one_who_left_cannot(demo: Flask) -> None:
    session = db.session()
    assert password_matches(find_user_by_email(session, PEOPLE[0].email), PASSWORD)
    for person in PEOPLE:
        user = find_user_by_email(session, person.email)
        assert user is not None
        assert user.is_demo
        assert user.disabled_at is None
    left = find_user_by_email(session, "left@demo.example")
    assert left is not None
    assert not password_matches(left, PASSWORD)


def test_filings_carry_a_readable_synthetic_attachment(demo: Flask) -> None:
    attachment = db.session.scalars(select(Attachment).order_by(Attachment.id).limit(1)).one()
    document = PdfDocument(attachment_store().get(attachment.sha256))
    text = document[0].get_textpage().get_text_range()
    assert text.startswith("SYNTHETIC DOCUMENT")
    assert "proposal 2567-" in text


def test_the_book_names_the_audit_log_it_was_closed_on(demo: Flask) -> None:
    book = db.session.scalars(select(DecisionBook)).one()
    at = db.session.get_one(AuditEntry, book.audit_seq)
    assert at.sha256 == book.audit_sha256
    closed, kept = (db.session.get_one(AuditEntry, book.audit_seq + n) for n in (1, 2))
    assert (closed.action, kept.action, kept.after_sha256) == ("close_meeting", "keep_book", book.sha256)


def test_resolutions_are_numbered_down_the_ranked_list(demo: Flask) -> None:
    listed = [line.entry.proposal_id for line in ranked_list(db.session(), SYSTEM, _call(2567))]
    numbers = {
        d.proposal_id: d.number
        for d in db.session.scalars(select(Decision))
        if d.number.startswith("1/2567-")
    }
    assert [int(numbers[proposal_id].rpartition(".")[2]) for proposal_id in listed] == list(range(1, 96))


def test_audit_chain_is_whole(demo: Flask) -> None:
    verdict = verify(db.session())
    assert verdict.fault is None
    assert verdict.head.count > 2000


def test_second_load_changes_nothing(demo: Flask) -> None:
    count = select(func.count()).select_from(AuditEntry)
    before, said = db.session.scalar(count), []
    assert load_demo(NOW, said.append).open_year is None
    assert "nothing changed" in said[0]
    assert db.session.scalar(count) == before


def test_the_lines_are_there_once_whoever_imported_them(demo: Flask) -> None:
    assert len(ranked_list(db.session(), SYSTEM, _call(2565))) == 34


def test_every_filing_of_the_open_call_is_signed_by_all_its_agencies(demo: Flask) -> None:
    session, call = db.session(), _call(2571)
    filed = session.scalars(
        select(Proposal.id).where(Proposal.call_id == call.id, Proposal.submitted_at.is_not(None))
    ).all()
    assert call.is_certified
    assert len(filed) > 20
    for proposal_id in filed:
        agencies = session.scalars(
            select(ProposalAgency.agency_id).where(ProposalAgency.proposal_id == proposal_id)
        ).all()
        number = session.get_one(Proposal, proposal_id).number
        latest = session.scalars(
            select(Submission.receipt_number)
            .where(Submission.proposal_id == proposal_id)
            .order_by(Submission.sequence.desc())
        ).first()
        receipt = find_receipt_by_number(session, latest or "")
        assert receipt is not None
        signed = list_filing_signatures(session, receipt)
        assert sorted(s.agency_id for s in signed) == sorted(agencies), number
        assert [s.scope for s in signed].count("filing") == 1


def test_earlier_calls_ask_for_no_signatures(demo: Flask) -> None:
    assert not any(_call(year).is_certified for year in (2565, 2567))


def test_one_filing_was_withdrawn_and_filed_again(demo: Flask) -> None:
    moves = select(ProposalMove.proposal_id).where(ProposalMove.move == "withdraw")
    withdrawn = db.session.scalars(moves).one()
    filings = select(Submission.sequence).where(Submission.proposal_id == withdrawn)
    assert sorted(db.session.scalars(filings)) == [1, 2]
    assert withdrawn in {row.id for row in list_own(db.session(), _person("officer2")).rows}


def test_the_named_people_have_something_to_answer_confirm_and_sign(demo: Flask) -> None:
    """An invitation, a part to fill in, links to confirm, a part and a proposal to sign."""
    session, call = db.session(), _call(2571)
    dbd = session.scalars(select(Agency.id).where(Agency.code == "dbd")).one()
    waiting: dict[str, int] = {}
    for row in list_own(session, _person("officer"), OwnFilter(call.fiscal_year, state="draft")).rows:
        view = read_draft(session, row.id)
        facts = draft_facts(session, view, call, agency_directory(session))
        for found in list_partner_standings(session, view, facts):
            if found.agency.code == "dbd":
                waiting[found.standing] = waiting.get(found.standing, 0) + 1
        if row.lead_agency_id == dbd and not list_filing_problems(session, view, call, facts, None)[1:]:
            waiting["sign"] = waiting.get("sign", 0) + 1
    assert {"invited", "filling", "confirmed", "sign"} <= waiting.keys()
    asked = list_asked_links(session, _person("officer"))
    assert sum(link.is_waiting for link in asked) >= 2
    assert any(link.state == "confirmed" for link in asked)


def test_the_leads_see_participants_at_every_stage(demo: Flask) -> None:
    session, call = db.session(), _call(2571)
    standings = set()
    for row in list_own(session, _person("officer"), OwnFilter(call.fiscal_year, state="draft")).rows:
        view = read_draft(session, row.id)
        facts = draft_facts(session, view, call, agency_directory(session))
        standings |= {found.standing for found in list_partner_standings(session, view, facts)}
    assert {"invited", "declined", "filling", "confirmed", "signed"} <= standings


def test_filings_of_all_three_calls_were_compared(demo: Flask) -> None:
    session = db.session()
    years = {call.id: call.fiscal_year for call in list_calls(session)}
    assert {years[call_id]: count_uncompared(session, call_id) for call_id in years} == dict.fromkeys(
        (2565, 2567, 2571), 0
    )
    found = {
        (row.later.fiscal_year, row.earlier.fiscal_year)
        for call_id in years
        for row in list_pairs(session, SYSTEM, call_id, limit=None)
    }
    assert {(2567, 2567), (2571, 2567)} <= found
    runs = session.execute(
        select(ScreeningFinding.rule, func.count())
        .join(ScreeningRun, ScreeningRun.id == ScreeningFinding.run_id)
        .where(ScreeningFinding.rule == "overlap", ScreeningFinding.outcome == "needs_person")
        .group_by(ScreeningFinding.rule)
    ).all()
    assert [rule for rule, _ in runs] == ["overlap"]


def test_the_graph_of_fy2567_has_something_of_every_kind_to_show(demo: Flask) -> None:
    graph = call_graph(db.session(), SYSTEM, _call(2567))
    links = shape_of(graph).links
    assert links[LinkStanding.CONFIRMED] > 100
    assert links[LinkStanding.CLAIMED] > 30
    assert links[LinkStanding.DECLINED] >= 3
    lost = [
        node.key for node in graph.of_kind(Kind.PROPOSAL) if node.state in ("failed", "deferred", "rejected")
    ]
    found = findings_of(graph, lost)
    assert {finding.rule for finding in found} == set(Rule)
    assert any(f.rule is Rule.UNMET and f.weight >= 3 for f in found)
    assert any(f.rule is Rule.TWICE and "แลกเปลี่ยนข้อมูลสุขภาพ" in f.text.th for f in found)


def test_the_graph_of_fy2565_holds_what_the_documents_say_and_no_more(demo: Flask) -> None:
    graph = call_graph(db.session(), SYSTEM, _call(2565))
    shape = shape_of(graph)
    assert (shape.proposals, shape.agencies, shape.all_links) == (34, 24, 0)
    assert findings_of(graph) == []
